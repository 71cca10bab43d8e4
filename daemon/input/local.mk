# daemon/input
libsokuho_a_SOURCES += \
	%D%/input.c \
	%D%/input.h \
	%D%/position.c \
	%D%/position.h \
	%D%/scan.c \
	%D%/state.h \
	%D%/tail.c \
	%D%/tail.h \
	%D%/watch.c \
	%D%/watch.h
