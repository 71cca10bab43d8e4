# daemon/judge
libsokuho_a_SOURCES += \
	%D%/answer.c \
	%D%/entity.c \
	%D%/entity.h \
	%D%/identify.c \
	%D%/implicated.c \
	%D%/implicated.h \
	%D%/judge.c \
	%D%/judge.h \
	%D%/state.h \
	%D%/table.c \
	%D%/table.h
