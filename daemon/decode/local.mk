# daemon/decode
libsokuho_a_SOURCES += \
	%D%/access.c \
	%D%/audit.c \
	%D%/cef.c \
	%D%/decode.c \
	%D%/delimited.c \
	%D%/decode.h \
	%D%/decoder_data.h \
	%D%/format.c \
	%D%/format.h \
	%D%/json.c \
	%D%/kv.c \
	%D%/leef.c \
	%D%/operation.c \
	%D%/operation.h \
	%D%/product.c \
	%D%/product.h \
	%D%/product_data.h \
	%D%/stamp.c \
	%D%/stamp.h \
	%D%/syslog.c \
	%D%/text.c \
	%D%/through.c \
	%D%/through.h \
	%D%/words.c \
	%D%/xml.c
