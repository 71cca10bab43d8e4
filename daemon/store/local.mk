# daemon/store
libsokuho_a_SOURCES += \
	%D%/schema.c \
	%D%/schema.h \
	%D%/store.c \
	%D%/store.h
