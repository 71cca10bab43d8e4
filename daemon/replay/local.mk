# daemon/replay
libsokuho_a_SOURCES += \
	%D%/reader.c \
	%D%/reader.h \
	%D%/replay.c \
	%D%/replay.h \
	%D%/ruletest.c \
	%D%/ruletest.h \
	%D%/summary.c \
	%D%/summary.h
