# daemon/draft
libsokuho_a_SOURCES += \
	%D%/calendar.c \
	%D%/calendar.h \
	%D%/draft.h \
	%D%/form.c \
	%D%/phrase.c \
	%D%/phrase.h \
	%D%/title.c \
	%D%/window.c
