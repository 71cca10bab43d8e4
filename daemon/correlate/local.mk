# daemon/correlate
libsokuho_a_SOURCES += \
	%D%/correlation.c \
	%D%/correlation.h \
	%D%/gather.c \
	%D%/gather.h \
	%D%/group.c \
	%D%/group.h \
	%D%/window.c \
	%D%/window.h
