# daemon/settings
libsokuho_a_SOURCES += \
	%D%/config.c \
	%D%/config.h \
	%D%/inventory.c \
	%D%/inventory.h \
	%D%/inventory_find.c \
	%D%/inventory_find.h \
	%D%/network.c \
	%D%/notice.c \
	%D%/notice.h \
	%D%/site.c \
	%D%/setting.c \
	%D%/setting.h \
	%D%/yaml.c \
	%D%/yaml.h
