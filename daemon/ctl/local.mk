# daemon/ctl: sokuhoctl, a program of its own
bin_PROGRAMS += sokuhoctl
sokuhoctl_SOURCES = \
	%D%/content.c \
	%D%/ctl.c \
	%D%/ctl.h \
	%D%/main.c \
	%D%/officer.c \
	%D%/replay.c
sokuhoctl_LDADD = libsokuho.a $(LIBS_ALL)
