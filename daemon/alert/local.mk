# daemon/alert
libsokuho_a_SOURCES += \
	%D%/alert.c \
	%D%/alert.h \
	%D%/exec.c \
	%D%/journal.c \
	%D%/mail.c \
	%D%/sender.h
