# daemon/replay
libsokuho_a_SOURCES += \
	%D%/crew.c \
	%D%/crew.h \
	%D%/pump.c \
	%D%/pump.h \
	%D%/reader.c \
	%D%/reader.h \
	%D%/replay.c \
	%D%/replay.h \
	%D%/ruletest.c \
	%D%/ruletest.h \
	%D%/summary.c \
	%D%/summary.h
