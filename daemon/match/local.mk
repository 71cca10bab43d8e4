# daemon/match
libsokuho_a_SOURCES += \
	%D%/condition.c \
	%D%/condition.h \
	%D%/rule.c \
	%D%/rule.h \
	%D%/ruleset.c \
	%D%/ruleset.h \
	%D%/search.c \
	%D%/search.h
