#ifndef SOKUHO_SETTINGS_CONFIG_H
#define SOKUHO_SETTINGS_CONFIG_H

#include "base/err.h"
#include "base/problem.h"
#include "base/str.h"

/*
 * sokuhod.yaml as structs. Everything has a default, so a NULL path gives a usable
 * configuration ("built-in defaults"). Rows in config.c name every setting once: parser,
 * defaults, `sokuhod --print-settings` and the manual check read them.
 */

/* Where a network of the company lies: an address and a prefix length, v4 or v6. */
struct network {
	unsigned char address[16];	/* v4 as ::ffff:a.b.c.d */
	unsigned prefix;		/* of 128 */
};
/* "192.0.2.0/24", "2001:db8::/32" or a single address. */
bool network_parse(const char *text, struct network *out);
bool network_has(const struct network *network, const unsigned char address[16]);
/* An address in text form; false when it is none. */
bool address_parse(struct slice text, unsigned char out[16]);
/* RFC 1918, RFC 4193, loopback and link-local. */
bool address_is_private(const unsigned char address[16]);

struct company_conf {
	char *name, *office;		/* form ① */
};

struct contact_conf {
	char *department, *name, *phone;	/* form ② ③ */
};

struct source_conf {
	char *name;
	char *kind;			/* file */
	struct strlist path, rotated;	/* globs */
	char *format;			/* auto or a format's name */
	char *encoding;			/* auto, or the name of an encoding */
	char *timezone;			/* default Asia/Tokyo */
	char *start;			/* end, beginning, or a duration like 24h */
	struct strlist matches;		/* journal: FIELD=value */
	char *namespace;		/* journal; NULL: the system's */
	struct strlist columns;		/* delimited: names in their order */
	char *delimiter;		/* delimited: one byte, or \t */
	char *silent_after;		/* a duration, learn or off */
	struct strlist logsource;	/* "product=linux" "service=sshd" "category=..." */
	char *logsource_category, *logsource_product, *logsource_service;
};

struct target_conf {
	char *kind;			/* journal, mail, exec */
	char *name;
	char *level;			/* least level: review urgent report */
	char *url;			/* mail: smtp://host:25 or smtps://... */
	char *from;
	struct strlist to;
	char *username, *password_file;
	bool starttls;
	struct strlist command;		/* exec: argv */
	int64_t timeout;		/* ns */
};

struct alerts_conf {
	long max_per_minute;
	int64_t max_age;		/* alert_max_age */
};

/* The company's own targets, from the detection on; 0: none. The notice counts no hours. */
struct response_conf {
	int64_t acknowledged, decided, phoned, sent;
};

struct storage_conf {
	char *directory;		/* /var/lib/sokuhod */
	char *socket;			/* /run/sokuhod/control.sock */
	int64_t keep_record, keep_review;
	long max_mib;
};

/* Values that stand for %name% in rules with the modifier `expand`. */
struct list_conf {
	char *name;
	struct strlist values;
};

struct limits_conf {
	long line_max;			/* bytes */
	long open_files;		/* held open at once */
	int64_t look_every;		/* ns */
	long groups_max;		/* open correlation groups */
	long hits_max;			/* hits that they hold in all */
	int64_t lateness;		/* ns */
};

struct config {
	char *file;			/* NULL: built-in defaults */
	struct company_conf company;
	struct contact_conf contact;
	struct network *networks;
	size_t n_networks;
	struct source_conf *sources;
	size_t n_sources;
	struct target_conf *targets;
	size_t n_targets;
	struct list_conf *lists;
	size_t n_lists;
	struct alerts_conf alerts;
	struct response_conf response;
	struct storage_conf storage;
	struct limits_conf limits;
	char *data_directory;		/* shipped rules and notice profiles */
	struct strlist rules;		/* directories of site rules */
	char *inventory;		/* path, NULL: none */
	char *profile;			/* notice profile id */
	char *office_from, *office_to;	/* office hours of the windows, HH:MM; NULL: as the calendar file */
	char *windows, *holidays;	/* the site's own numbers and days; NULL: none */
	char *exercise_phone;		/* whom a drill calls; no window of the notice is called in a drill */
	char *windows_verified_on;	/* when somebody last called to check the numbers */
};

/* The byte between cells of a delimited source. */
char source_delimiter(const struct source_conf *source);
/*
 * Relative paths inside are resolved against the file's directory. NULL after errors, which are
 * in problems. config_default() takes SOKUHO_DATA_DIR from the environment into account.
 */
struct config *config_load(const char *path, struct problems *problems);
struct config *config_default(void);
/* The section `storage` alone, whatever the rest of the file says; everything else is the default. */
struct config *config_load_storage(const char *path, struct problems *problems);
/* The file to read: as given, else SOKUHO_CONF unless it is not there: NULL (built-in defaults). */
const char *config_find_path(const char *given);
void config_free(struct config *config);
/* Is the address the company's own: inside `networks`, or private where none are listed? */
bool config_is_inside(const struct config *config, const unsigned char address[16]);
/* Every setting: "section.name  type  default", one per line, for --print-settings. */
void config_print_settings(struct text *out);

#endif
