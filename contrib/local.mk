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
	%D%/quickstart \
	%D%/run-tests
