# daemon/control
libsokuho_a_SOURCES += \
	%D%/control.c \
	%D%/control.h \
	%D%/server.c
