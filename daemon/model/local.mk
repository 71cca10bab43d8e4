# daemon/model
libsokuho_a_SOURCES += \
	%D%/finding.c \
	%D%/finding.h \
	%D%/hit.h \
	%D%/incident.c \
	%D%/incident.h \
	%D%/json.c \
	%D%/json.h \
	%D%/lookup.c \
	%D%/lookup.h \
	%D%/record.c \
	%D%/record.h \
	%D%/rule.h \
	%D%/words.c \
	%D%/words.h
