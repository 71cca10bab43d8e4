# daemon/input
libsokuho_a_SOURCES += \
	%D%/input.c \
	%D%/input.h \
	%D%/tail.c \
	%D%/tail.h \
	%D%/watch.c \
	%D%/watch.h
