# contrib: five-minute start, the test runner, and the bundled day of logs
EXTRA_DIST += \
	.ci/run \
	%D%/debian-packages.sh \
	%D%/demo/expected.yaml \
	%D%/demo/inventory.yaml \
	%D%/demo/logs/access.log \
	%D%/demo/logs/antivirus.cef.log \
	%D%/demo/logs/clamd.log \
	%D%/demo/logs/eve.json \
	%D%/demo/logs/maillog.log \
	%D%/demo/logs/messages.log \
	%D%/demo/make-demo.py \
	%D%/demo/sokuhod.yaml \
	%D%/nxlog/sokuhod.conf \
	%D%/quickstart \
	%D%/rsyslog/50-sokuhod-omuxsock.conf \
	%D%/rsyslog/50-sokuhod-receive.conf \
	%D%/rsyslog/logrotate.conf \
	%D%/suricata/sokuhod.yaml \
	%D%/run-tests
