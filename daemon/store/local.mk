# daemon/store
libsokuho_a_SOURCES += \
	%D%/audit.c \
	%D%/database.h \
	%D%/schema.c \
	%D%/schema.h \
	%D%/store.c \
	%D%/store.h
