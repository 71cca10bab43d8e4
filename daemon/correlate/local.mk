# daemon/correlate
libsokuho_a_SOURCES += \
	%D%/correlation.c \
	%D%/correlation.h \
	%D%/gather.c \
	%D%/gather.h \
	%D%/group.c \
	%D%/group.h \
	%D%/past_hit.c \
	%D%/past_hit.h \
	%D%/window.c \
	%D%/window.h
