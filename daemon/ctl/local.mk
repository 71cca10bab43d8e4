# daemon/ctl: sokuhoctl, a program of its own
bin_PROGRAMS += sokuhoctl
sokuhoctl_SOURCES = \
	%D%/archive.c \
	%D%/ask.c \
	%D%/content.c \
	%D%/cost.c \
	%D%/ctl.c \
	%D%/ctl.h \
	%D%/form.c \
	%D%/judge.c \
	%D%/main.c \
	%D%/officer.c \
	%D%/replay.c \
	%D%/rules.c
sokuhoctl_LDADD = libsokuho.a $(LIBS_ALL)
