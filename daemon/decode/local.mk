# daemon/decode
libsokuho_a_SOURCES += \
	%D%/access.c \
	%D%/cef.c \
	%D%/decode.c \
	%D%/decode.h \
	%D%/format.c \
	%D%/format.h \
	%D%/json.c \
	%D%/operation.c \
	%D%/operation.h \
	%D%/product.c \
	%D%/product.h \
	%D%/stamp.c \
	%D%/stamp.h \
	%D%/syslog.c \
	%D%/text.c \
	%D%/words.c
