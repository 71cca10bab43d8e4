# daemon/draft
libsokuho_a_SOURCES += \
	%D%/calendar.c \
	%D%/calendar.h \
	%D%/detail.c \
	%D%/detail.h \
	%D%/draft.h \
	%D%/form.c \
	%D%/html.c \
	%D%/issue.c \
	%D%/outside.c \
	%D%/phone.c \
	%D%/phrase.c \
	%D%/phrase.h \
	%D%/text.c \
	%D%/title.c \
	%D%/window.c \
	%D%/window.h
