# daemon/input
libsokuho_a_SOURCES += \
	%D%/feed.c \
	%D%/feed.h \
	%D%/journal.c \
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
