# The library that daemon, tests and fuzz targets share, and the two programs.
include daemon/base/local.mk
include daemon/model/local.mk
include daemon/settings/local.mk
include daemon/input/local.mk
include daemon/decode/local.mk
include daemon/match/local.mk
include daemon/correlate/local.mk
include daemon/judge/local.mk
include daemon/store/local.mk
include daemon/alert/local.mk
include daemon/draft/local.mk
include daemon/replay/local.mk
include daemon/control/local.mk
include daemon/ctl/local.mk
include daemon/render/local.mk
include daemon/man/local.mk

libsokuho_a_SOURCES += %D%/batch.c %D%/batch.h %D%/look.c %D%/chooser.c %D%/chooser.h %D%/cost.c %D%/cost.h \
	%D%/pipeline.c %D%/pipeline.h %D%/settle.c %D%/settle.h %D%/content.c

libsokuho_a_SOURCES += %D%/pulse.c %D%/pulse.h %D%/warning.c %D%/warning.h

sbin_PROGRAMS += sokuhod
sokuhod_SOURCES = %D%/main.c %D%/columns.c %D%/columns.h %D%/live.c %D%/live.h %D%/service.c %D%/service.h %D%/outbox.c %D%/outbox.h
sokuhod_LDADD = libsokuho.a $(LIBS_ALL)

EXTRA_DIST += %D%/README.md
