# daemon/match
libsokuho_a_SOURCES += \
	%D%/aliases.c \
	%D%/aliases.h \
	%D%/book.c \
	%D%/book.h \
	%D%/choice.c \
	%D%/condition.c \
	%D%/condition.h \
	%D%/condition_tree.h \
	%D%/cover.c \
	%D%/engine.h \
	%D%/exception.c \
	%D%/exception.h \
	%D%/foreign.c \
	%D%/foreign.h \
	%D%/needs.c \
	%D%/needs.h \
	%D%/place.c \
	%D%/prefilter.c \
	%D%/prefilter.h \
	%D%/prefilter_state.h \
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
