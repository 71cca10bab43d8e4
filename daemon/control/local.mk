# daemon/control
libsokuho_a_SOURCES += \
	%D%/control.c \
	%D%/control.h \
	%D%/decide.c \
	%D%/life.c \
	%D%/request.h \
	%D%/server.c \
	%D%/show.c \
	%D%/work.c
