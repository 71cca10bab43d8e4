# daemon/man
dist_man_MANS += \
	%D%/sokuho-rules.5 \
	%D%/sokuhoctl.1 \
	%D%/sokuhod.8 \
	%D%/sokuhod.yaml.5
