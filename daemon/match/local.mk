# daemon/match
libsokuho_a_SOURCES += \
	%D%/aliases.c \
	%D%/aliases.h \
	%D%/condition.c \
	%D%/condition.h \
	%D%/condition_tree.h \
	%D%/engine.h \
	%D%/exception.c \
	%D%/exception.h \
	%D%/foreign.c \
	%D%/foreign.h \
	%D%/needs.c \
	%D%/needs.h \
	%D%/prefilter.c \
	%D%/prefilter.h \
	%D%/rule.c \
	%D%/rule.h \
	%D%/ruleset.c \
	%D%/ruleset.h \
	%D%/search.c \
	%D%/search_items.h \
	%D%/search.h \
	%D%/value.c \
	%D%/value.h
if HYPERSCAN
libsokuho_a_SOURCES += %D%/engine_hyperscan.c
else
libsokuho_a_SOURCES += %D%/engine_none.c
endif
EXTRA_libsokuho_a_SOURCES = %D%/engine_hyperscan.c %D%/engine_none.c
