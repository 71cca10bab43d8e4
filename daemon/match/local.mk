# daemon/match
libsokuho_a_SOURCES += \
	%D%/aliases.c \
	%D%/aliases.h \
	%D%/condition.c \
	%D%/condition.h \
	%D%/condition_tree.h \
	%D%/foreign.c \
	%D%/foreign.h \
	%D%/rule.c \
	%D%/rule.h \
	%D%/ruleset.c \
	%D%/ruleset.h \
	%D%/search.c \
	%D%/search_items.h \
	%D%/search.h \
	%D%/value.c \
	%D%/value.h
