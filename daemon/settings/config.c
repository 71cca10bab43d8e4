/*
 * sokuhod.yaml: the rows of every setting, and the checks that look at more than one of them.
 * How rows are read, defaulted and printed is in setting.c.
 */
#include "settings/config.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "base/mem.h"
#include "model/record.h"
#include "settings/setting.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#ifndef SOKUHO_DATA_DIR
#define SOKUHO_DATA_DIR "/usr/local/share/sokuhod/rules"
#endif

#define TEXT_MAX 500
#define DAY 86400
#define YEAR (365 * DAY)

#define AT(type, field) offsetof(struct type, field)
#define ROW(name, kind, at, min, max, standard, meaning)                                       \
	{ name, kind, at, min, max, standard, meaning, NULL, NULL, 0, 0 }
#define WORD(name, at, standard, words, meaning)                                               \
	{ name, SETTING_WORD, at, 0, 0, standard, meaning, words, NULL, 0, 0 }
#define SECTION(name, offset, rows)                                                            \
	{ name, SETTING_SECTION, offset, 0, 0, NULL, NULL, NULL, rows, 0, 0 }
#define END { .name = NULL }

static const char *const source_kinds[] = { "file", "journal", "pipe", "socket", NULL };
static const char *const target_kinds[] = { "journal", "mail", "exec", NULL };
static const char *const levels[] = { "review", "urgent", "report", NULL };

static const struct setting company_rows[] = {
	ROW("name", SETTING_TEXT, AT(company_conf, name), 0, TEXT_MAX, NULL,
	    "form (1): the company's name"),
	ROW("office", SETTING_TEXT, AT(company_conf, office), 0, TEXT_MAX, NULL,
	    "form (1): the office or plant"),
	END
};

static const struct setting contact_rows[] = {
	ROW("department", SETTING_TEXT, AT(contact_conf, department), 0, TEXT_MAX, NULL,
	    "form (2): the department that answers"),
	ROW("name", SETTING_TEXT, AT(contact_conf, name), 0, TEXT_MAX, NULL,
	    "form (2): the person in charge"),
	ROW("phone", SETTING_TEXT, AT(contact_conf, phone), 0, TEXT_MAX, NULL,
	    "form (3): the number with extension"),
	END
};

static const struct setting logsource_rows[] = {
	ROW("category", SETTING_TEXT, AT(source_conf, logsource_category), 0, 100, NULL,
	    "Sigma logsource of every line of the source"),
	ROW("product", SETTING_TEXT, AT(source_conf, logsource_product), 0, 100, NULL,
	    "Sigma logsource of every line of the source"),
	ROW("service", SETTING_TEXT, AT(source_conf, logsource_service), 0, 100, NULL,
	    "Sigma logsource of every line of the source"),
	END
};

static const struct setting source_rows[] = {
	ROW("name", SETTING_NAME, AT(source_conf, name), 0, 64, NULL, "unique name of the source"),
	WORD("kind", AT(source_conf, kind), "file", source_kinds,
	     "file, journal, pipe or socket"),
	ROW("path", SETTING_PATHS, AT(source_conf, path), 0, 0, NULL, "files, with wildcards; the pipe or socket; a journal's directory"),
	ROW("rotated", SETTING_PATHS, AT(source_conf, rotated), 0, 0, NULL,
	    "where the files go when they are rotated"),
	ROW("format", SETTING_NAME, AT(source_conf, format), 0, 32, "auto",
	    "format of the lines, or auto"),
	WORD("encoding", AT(source_conf, encoding), "auto", encoding_names,
	     "encoding of the bytes, or auto: decided line by line"),
	ROW("timezone", SETTING_ZONE, AT(source_conf, timezone), 0, 64, "Asia/Tokyo",
	    "zone of times that carry none"),
	ROW("start", SETTING_START, AT(source_conf, start), 0, 16, "end",
	    "where the first reading begins"),
	SECTION("logsource", 0, logsource_rows),
	ROW("silent_after", SETTING_SILENCE, AT(source_conf, silent_after), 0, 16, "learn",
	    "a longer pause is told: a duration, learn or off"),
	ROW("matches", SETTING_TEXTS, AT(source_conf, matches), 0, 0, NULL,
	    "journal: FIELD=value, all fields must match; + between alternatives"),
	ROW("namespace", SETTING_NAME, AT(source_conf, namespace), 0, 64, NULL, "journal: the namespace"),
	ROW("columns", SETTING_TEXTS, AT(source_conf, columns), 0, 0, NULL,
	    "delimited: the names of the columns in their order"),
	ROW("delimiter", SETTING_TEXT, AT(source_conf, delimiter), 1, 3, ",",
	    "delimited: what stands between cells; \\t for a tab"),
	END
};

static const struct setting target_rows[] = {
	ROW("name", SETTING_NAME, AT(target_conf, name), 0, 64, NULL, "unique name of the target"),
	WORD("kind", AT(target_conf, kind), NULL, target_kinds,
	     "journal, mail or exec"),
	WORD("level", AT(target_conf, level), "review", levels,
	     "least level that is told: review, urgent or report"),
	ROW("url", SETTING_TEXT, AT(target_conf, url), 0, TEXT_MAX, NULL,
	    "mail: smtp://host:port or smtps://host:port"),
	ROW("from", SETTING_TEXT, AT(target_conf, from), 0, 254, NULL, "mail: sender"),
	ROW("to", SETTING_TEXTS, AT(target_conf, to), 0, 0, NULL, "mail: receivers"),
	ROW("username", SETTING_TEXT, AT(target_conf, username), 0, 254, NULL,
	    "mail: logon name at the server"),
	ROW("password_file", SETTING_PATH, AT(target_conf, password_file), 0, 0, NULL,
	    "mail: file with the password in its first line"),
	ROW("starttls", SETTING_BOOL, AT(target_conf, starttls), 0, 0, "false",
	    "mail: refuse to send without STARTTLS"),
	ROW("command", SETTING_TEXTS, AT(target_conf, command), 0, 0, NULL,
	    "exec: program and arguments; the incident comes on stdin"),
	ROW("timeout", SETTING_DURATION, AT(target_conf, timeout), 1, 600, "30s",
	    "give up one sending after"),
	END
};

static const struct setting alerts_rows[] = {
	ROW("max_per_minute", SETTING_COUNT, AT(alerts_conf, max_per_minute), 1, 1000, "10",
	    "more than this fold into one"),
	ROW("alert_max_age", SETTING_DURATION, AT(alerts_conf, max_age), 60, YEAR, "24h",
	    "older incidents go into one summary"),
	END
};

static const struct setting response_rows[] = {
	ROW("acknowledged", SETTING_DURATION, AT(response_conf, acknowledged), 1, YEAR, NULL,
	    "target of the company from the detection to the receipt"),
	ROW("decided", SETTING_DURATION, AT(response_conf, decided), 1, YEAR, NULL,
	    "the same to the first decision"),
	ROW("phoned", SETTING_DURATION, AT(response_conf, phoned), 1, YEAR, NULL,
	    "the same to the first answered call"),
	ROW("sent", SETTING_DURATION, AT(response_conf, sent), 1, YEAR, NULL,
	    "the same to the first sending"),
	END
};

static const struct setting storage_rows[] = {
	ROW("directory", SETTING_PATH, AT(storage_conf, directory), 0, 0, "/var/lib/sokuhod",
	    "database and audit chain"),
	ROW("socket", SETTING_PATH, AT(storage_conf, socket), 0, 107, "/run/sokuhod/control.sock",
	    "where sokuhoctl speaks to the daemon"),
	ROW("keep_record", SETTING_DURATION, AT(storage_conf, keep_record), DAY, 20LL * YEAR, "30d",
	    "counts of record level"),
	ROW("keep_review", SETTING_DURATION, AT(storage_conf, keep_review), DAY, 20LL * YEAR, "1y",
	    "closed incidents of review level"),
	ROW("max_mib", SETTING_COUNT, AT(storage_conf, max_mib), 16, 1048576, "4096",
	    "size of the database in MiB that is warned of"),
	END
};

static const struct setting limits_rows[] = {
	ROW("line_max", SETTING_SIZE, AT(limits_conf, line_max), 1024, 16777216, "1MiB",
	    "longer lines are cut"),
	ROW("open_files", SETTING_COUNT, AT(limits_conf, open_files), 16, 1000000, "1000",
	    "log files held open at once"),
	ROW("look_every", SETTING_DURATION, AT(limits_conf, look_every), 1, 3600, "10s",
	    "names and sizes are looked at where no notification comes"),
	ROW("groups_max", SETTING_COUNT, AT(limits_conf, groups_max), 100, 10000000, "100000",
	    "open correlation groups"),
	ROW("hits_max", SETTING_COUNT, AT(limits_conf, hits_max), 1000, 100000000, "200000",
	    "hits that they hold in all"),
	ROW("lateness", SETTING_DURATION, AT(limits_conf, lateness), 0, DAY, "10m",
	    "later records are judged alone"),
	END
};

static const struct setting list_rows[] = {
	ROW("name", SETTING_NAME, AT(list_conf, name), 0, 64, NULL, "as in %name% of a Sigma rule"),
	ROW("values", SETTING_TEXTS, AT(list_conf, values), 0, 0, NULL,
	    "what stands for it; `*` and `?` are wild"),
	END
};

static const struct setting office_hours_rows[] = {
	ROW("from", SETTING_HOUR, AT(config, office_from), 0, 0, NULL,
	    "office hours of the windows; default as the calendar file"),
	ROW("to", SETTING_HOUR, AT(config, office_to), 0, 0, NULL,
	    "office hours of the windows; default as the calendar file"),
	END
};

static const struct setting notice_rows[] = {
	ROW("profile", SETTING_NAME, AT(config, profile), 0, 64, "r2-4608", "the notice profile"),
	ROW("windows", SETTING_PATH, AT(config, windows), 0, 0, NULL,
	    "file with numbers of windows that the site confirmed"),
	ROW("holidays", SETTING_PATH, AT(config, holidays), 0, 0, NULL,
	    "CSV of the holidays as the Cabinet Office publishes it"),
	ROW("exercise_phone", SETTING_TEXT, AT(config, exercise_phone), 0, 64, NULL,
	    "number that a drill calls"),
	ROW("windows_verified_on", SETTING_DATE, AT(config, windows_verified_on), 0, 0, NULL,
	    "when the windows were last called to check the numbers"),
	SECTION("office_hours", 0, office_hours_rows),
	END
};

static const struct setting config_rows[] = {
	SECTION("company", AT(config, company), company_rows),
	SECTION("contact", AT(config, contact), contact_rows),
	SECTION("notice", 0, notice_rows),
	{ "networks", SETTING_NETWORKS, AT(config, networks), 0, 0, NULL,
	  "the company's own ranges; none: the private ones", NULL, NULL,
	  AT(config, n_networks), 0 },
	{ "sources", SETTING_SECTIONS, AT(config, sources), 0, 0, NULL, NULL, NULL, source_rows,
	  AT(config, n_sources), sizeof(struct source_conf) },
	{ "targets", SETTING_SECTIONS, AT(config, targets), 0, 0, NULL, NULL, NULL, target_rows,
	  AT(config, n_targets), sizeof(struct target_conf) },
	{ "lists", SETTING_SECTIONS, AT(config, lists), 0, 0, NULL, NULL, NULL, list_rows,
	  AT(config, n_lists), sizeof(struct list_conf) },
	SECTION("alerts", AT(config, alerts), alerts_rows),
	SECTION("response", AT(config, response), response_rows),
	SECTION("storage", AT(config, storage), storage_rows),
	SECTION("limits", AT(config, limits), limits_rows),
	ROW("data_directory", SETTING_PATH, AT(config, data_directory), 0, 0, NULL,
	    "shipped rules and notice profiles; default $SOKUHO_DATA_DIR, else as installed"),
	ROW("rules", SETTING_PATHS, AT(config, rules), 0, 0, NULL, "directories of site rules"),
	ROW("inventory", SETTING_PATH, AT(config, inventory), 0, 0, NULL, "path of inventory.yaml"),
	END
};

struct config *config_default(void)
{
	const char *directory = getenv("SOKUHO_DATA_DIR");
	struct config *config = mem_zalloc(sizeof(*config));

	setting_rows_default(config_rows, config);
	if (!directory || !directory[0])
		directory = SOKUHO_DATA_DIR;
	config->data_directory = mem_strdup(directory);
	return config;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->n_sources; i++)
		strlist_clear(&config->sources[i].logsource);
	setting_rows_clear(config_rows, config);
	free(config->file);
	free(config);
}

void config_print_settings(struct text *out)
{
	setting_rows_print(config_rows, "", out);
}

static const struct node *node_or(const struct node *map, const char *key)
{
	const struct node *node = node_get(map, key);

	return node ? node : map;
}

static void logsource_fill(struct source_conf *source)
{
	const struct { const char *key, *value; } parts[] = {
		{ "category", source->logsource_category },
		{ "product", source->logsource_product },
		{ "service", source->logsource_service },
	};
	struct text pair = { 0 };

	for (size_t i = 0; i < 3; i++) {
		if (!parts[i].value)
			continue;
		text_reset(&pair);
		text_addf(&pair, "%s=%s", parts[i].key, parts[i].value);
		strlist_add(&source->logsource, pair.at);
	}
	text_clear(&pair);
}

/* What belongs to one kind of source only. */
static void check_source_kind(const struct setting_file *file, const struct source_conf *source,
			      const struct node *node, const char *name)
{
	bool is_file = strcmp(source->kind, "file") == 0, is_journal = strcmp(source->kind, "journal") == 0;
	size_t paths = source->path.n;

	if (is_file && !paths)
		node_error(file->problems, file->yaml, node,
			   "source '%s': kind file needs 'path:', a file or a list of files", name);
	else if (!is_file && !is_journal && paths != 1)
		node_error(file->problems, file->yaml, node, "source '%s': kind %s needs one 'path:'", name,
			   source->kind);
	else if (is_journal && (paths > 1 || (paths && source->namespace)))
		node_error(file->problems, file->yaml, node_or(node, "path"),
			   "source '%s': kind journal takes one directory as 'path:', or a 'namespace:', or neither",
			   name);
	if (!is_journal && (source->matches.n || source->namespace))
		node_error(file->problems, file->yaml, node_or(node, source->matches.n ? "matches" : "namespace"),
			   "source '%s': matches and namespace are for kind journal", name);
	if (!is_file && source->rotated.n)
		node_error(file->problems, file->yaml, node_or(node, "rotated"),
			   "source '%s': 'rotated:' is for kind file", name);
	for (size_t i = 0; i < source->matches.n; i++)
		if (strcmp(source->matches.at[i], "+") != 0 && !strchr(source->matches.at[i], '='))
			node_error(file->problems, file->yaml, node_or(node, "matches"),
				   "source '%s': match '%s' is not FIELD=value", name, source->matches.at[i]);
}

char source_delimiter(const struct source_conf *source)
{
	const char *text = source->delimiter ? source->delimiter : ",";

	return strcmp(text, "\\t") == 0 ? '\t' : text[0];
}

/* The column before `at` of the same name; at: none. '-' names what is of no use. */
static size_t same_column(const struct strlist *columns, size_t at)
{
	for (size_t i = 0; i < at && strcmp(columns->at[at], "-") != 0; i++)
		if (strcasecmp(columns->at[i], columns->at[at]) == 0)
			return i;
	return at;
}

static void check_column_names(const struct setting_file *file, const struct strlist *columns, const struct node *list,
			       const char *source)
{
	if (columns->n > RECORD_FIELDS_MAX)
		node_error(file->problems, file->yaml, list, "source '%s': %zu columns, but a record holds at most %d fields",
			   source, columns->n, RECORD_FIELDS_MAX);
	for (size_t i = 0; i < columns->n && i < RECORD_FIELDS_MAX; i++) {
		const struct node *item = node_item(list, i);
		size_t same = same_column(columns, i);

		if (!columns->at[i][strspn(columns->at[i], " ")])
			node_error(file->problems, file->yaml, item,
				   "source '%s': column %zu has no name; name it '-' where it is of no use", source, i + 1);
		else if (same < i)
			node_warning(file->problems, file->yaml, item, "source '%s': columns %zu and %zu are both named '%s'",
				     source, same + 1, i + 1, columns->at[i]);
	}
}

/* Letters and digits are parts of words, and a quote is one already. */
static void check_columns(const struct setting_file *file, const struct source_conf *source, const struct node *node,
			  const char *name)
{
	bool delimited = source->format && strcmp(source->format, "delimited") == 0;
	char delimiter = source_delimiter(source);

	if (delimited && !source->columns.n)
		node_error(file->problems, file->yaml, node, "source '%s': format delimited needs 'columns:', their names in order",
			   name);
	if (!delimited && source->columns.n)
		node_error(file->problems, file->yaml, node_or(node, "columns"), "source '%s': 'columns:' is for format delimited",
			   name);
	check_column_names(file, &source->columns, node_or(node, "columns"), name);
	if ((source->delimiter && strlen(source->delimiter) > 1 && strcmp(source->delimiter, "\\t") != 0) ||
	    isalnum((unsigned char)delimiter) || delimiter == '"')
		node_error(file->problems, file->yaml, node_or(node, "delimiter"),
			   "source '%s': the delimiter is one byte that is no letter, digit or quote, or \\t", name);
}

static void check_source(const struct setting_file *file, struct source_conf *source,
			 const struct node *node)
{
	const char *name = source->name ? source->name : "?";

	logsource_fill(source);
	if (!source->name && node_is_null(node_get(node, "name")))
		node_error(file->problems, file->yaml, node, "a source without name; add 'name:'");
	check_source_kind(file, source, node, name);
	check_columns(file, source, node, name);
}

static void check_sources(const struct setting_file *file, struct config *config,
			  const struct node *list)
{
	for (size_t i = 0; i < config->n_sources; i++) {
		struct source_conf *source = &config->sources[i];

		if (list->items[i]->kind == NODE_MAP)
			check_source(file, source, list->items[i]);
		for (size_t k = 0; k < i && source->name; k++)
			if (config->sources[k].name &&
			    strcmp(config->sources[k].name, source->name) == 0) {
				node_error(file->problems, file->yaml,
					   node_or(list->items[i], "name"),
					   "two sources are named '%s' (first in line %d)",
					   source->name, node_or(list->items[k], "name")->line);
				break;
			}
	}
}

/* What one kind of target cannot do without. */
static const struct {
	const char *kind, *key;
} target_needs[] = {
	{ "mail", "url" }, { "mail", "from" }, { "mail", "to" }, { "exec", "command" },
};

static bool mail_is_address(const char *text)
{
	const char *at = strchr(text, '@');

	return at && at != text && at[1] && !strchr(at + 1, '@') && !strpbrk(text, " \t<>,;\"");
}

static void check_mail(const struct setting_file *file, const struct target_conf *target,
		       const struct node *node)
{
	const char *name = target->name ? target->name : "?";
	const struct node *to = node_get(node, "to");

	if (target->url && strncmp(target->url, "smtp://", 7) != 0 &&
	    strncmp(target->url, "smtps://", 8) != 0)
		node_error(file->problems, file->yaml, node_or(node, "url"),
			   "target '%s': url '%s' must begin with smtp:// or smtps://", name,
			   target->url);
	if (target->from && !mail_is_address(target->from))
		node_error(file->problems, file->yaml, node_or(node, "from"),
			   "target '%s': from '%s' is no mail address", name, target->from);
	for (size_t i = 0; i < node_count(to); i++) {
		const char *text = node_text(node_item(to, i));

		if (text && !mail_is_address(text))
			node_error(file->problems, file->yaml, node_item(to, i),
				   "target '%s': to '%s' is no mail address", name, text);
	}
	if (target->password_file && !target->starttls && target->url && strncmp(target->url, "smtp://", 7) == 0)
		node_warning(file->problems, file->yaml, node_or(node, "password_file"),
			     "target '%s': the password travels in clear text; set "
			     "'starttls: true' or use smtps://", name);
	if (!target->username != !target->password_file)
		node_error(file->problems, file->yaml, node,
			   "target '%s': username and password_file go together", name);
}

static void check_target(const struct setting_file *file, const struct target_conf *target,
			 const struct node *node)
{
	const char *name = target->name ? target->name : "?";

	if (node_is_null(node_get(node, "name")))
		node_error(file->problems, file->yaml, node, "a target without name; add 'name:'");
	if (node_is_null(node_get(node, "kind")))
		node_error(file->problems, file->yaml, node,
			   "target '%s': without kind; add 'kind: journal', mail or exec", name);
	if (!target->kind)
		return;
	for (size_t i = 0; i < sizeof(target_needs) / sizeof(target_needs[0]); i++)
		if (strcmp(target_needs[i].kind, target->kind) == 0 &&
		    !node_count(node_get(node, target_needs[i].key)))
			node_error(file->problems, file->yaml, node,
				   "target '%s': kind %s needs '%s:'", name, target->kind,
				   target_needs[i].key);
	if (strcmp(target->kind, "mail") == 0)
		check_mail(file, target, node);
	if (target->command.n && target->command.at[0][0] != '/')
		node_error(file->problems, file->yaml, node_or(node, "command"),
			   "target '%s': '%s' must be the whole path of the program", name,
			   target->command.at[0]);
}

static void check_targets(const struct setting_file *file, const struct config *config,
			  const struct node *list)
{
	for (size_t i = 0; i < config->n_targets; i++) {
		const struct target_conf *target = &config->targets[i];

		if (list->items[i]->kind == NODE_MAP)
			check_target(file, target, list->items[i]);
		for (size_t k = 0; k < i && target->name; k++)
			if (config->targets[k].name &&
			    strcmp(config->targets[k].name, target->name) == 0) {
				node_error(file->problems, file->yaml,
					   node_or(list->items[i], "name"),
					   "two targets are named '%s' (first in line %d)",
					   target->name, node_or(list->items[k], "name")->line);
				break;
			}
	}
}

static void check_office_hours(const struct setting_file *file, const struct config *config,
			       const struct node *root)
{
	const struct node *node = node_get(node_get(root, "notice"), "office_hours");

	if (!config->office_from != !config->office_to)
		node_error(file->problems, file->yaml, node,
			   "notice.office_hours: from and to go together");
	else if (config->office_from && strcmp(config->office_from, config->office_to) >= 0)
		node_error(file->problems, file->yaml, node,
			   "notice.office_hours: from '%s' must be before to '%s'",
			   config->office_from, config->office_to);
}

static void config_read(const struct setting_file *file, const struct node *root,
			struct config *config)
{
	if (node_is_null(root))
		return;
	if (root->kind != NODE_MAP) {
		node_error(file->problems, file->yaml, root,
			   "the settings are a map of sections such as 'company:' and 'sources:'");
		return;
	}
	setting_rows_read(file, "", config_rows, root, config);
	check_sources(file, config, node_get(root, "sources"));
	check_targets(file, config, node_get(root, "targets"));
	check_office_hours(file, config, root);
}

/* Only what leads to the daemon and its state: faults elsewhere are not ours to judge. */
static void storage_read(const struct setting_file *file, const struct node *root,
			 struct config *config)
{
	const struct node *storage = node_get(root, "storage");

	if (storage && !node_is_null(storage))
		setting_rows_read(file, "storage", storage_rows, storage, &config->storage);
}

const char *config_find_path(const char *given)
{
	return given || (access(SOKUHO_CONF, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) ? given : SOKUHO_CONF;
}

typedef void reading(const struct setting_file *file, const struct node *root, struct config *config);

static struct config *file_read(const char *path, reading *read, struct problems *problems)
{
	const char *slash = strrchr(path, '/');
	size_t errors = problems->errors;
	struct setting_file file = { .problems = problems };
	struct config *config;
	struct yaml *yaml;
	char *directory;

	yaml = yaml_load(path, problems);
	if (!yaml)
		return NULL;
	directory = slash ? mem_strndup(path, slash == path ? 1 : (size_t)(slash - path)) :
			    mem_strdup(".");
	config = config_default();
	config->file = mem_strdup(path);
	file.yaml = yaml;
	file.directory = directory;
	if (yaml->n > 1)
		node_error(problems, yaml, yaml->documents[1],
			   "the settings are one YAML document; take the second '---' out");
	if (yaml->n)
		read(&file, yaml->documents[0], config);
	free(directory);
	yaml_free(yaml);
	if (problems->errors == errors)
		return config;
	config_free(config);
	return NULL;
}

struct config *config_load(const char *path, struct problems *problems)
{
	return file_read(path, config_read, problems);
}

struct config *config_load_storage(const char *path, struct problems *problems)
{
	return file_read(path, storage_read, problems);
}
