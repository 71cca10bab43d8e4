#ifndef SOKUHO_CTL_CTL_H
#define SOKUHO_CTL_CTL_H

#include "base/japanese.h"
#include "pipeline.h"

#include <getopt.h>
#include <json-c/json_object.h>

/* Exit codes of design section 5. */
enum exit_code { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_COULD_NOT = 3 };

/*
 * One command of sokuhoctl. Add one: write its function, add one row in main.c. argv[0] is the command's name. usage: its
 * arguments in full, where `arguments` is not.
 */
struct command {
	const char *name, *arguments, *summary;
	int (*run)(int argc, char **argv);
	const char *usage;
};

int ctl_check(int argc, char **argv);
int ctl_replay(int argc, char **argv);
int ctl_explain(int argc, char **argv);
int ctl_judge(int argc, char **argv);
int ctl_rules(int argc, char **argv);
/* For `rules lint --cost`; returns the exit code. */
int ctl_rule_costs(const struct content *content, const char *sample, bool any_logsource);
int ctl_inventory(int argc, char **argv);
int ctl_status(int argc, char **argv);
int ctl_reload(int argc, char **argv);
int ctl_alert(int argc, char **argv);
int ctl_incident(int argc, char **argv);
int ctl_draft(int argc, char **argv);
int ctl_window(int argc, char **argv);
int ctl_audit(int argc, char **argv);

/* What every command takes: -c FILE and --json. */
extern const char *ctl_config_path;
extern bool ctl_json;
/* What getopt_long() has just refused, in words of ours (opterr is 0); returns EXIT_USAGE. */
int ctl_bad_option(char **argv);
/* How the command is called, on standard error; returns EXIT_USAGE. */
int ctl_usage(const char *command);
/* -c and --json, anything else by `other` (NULL: nothing else). False after a usage error. */
enum { CTL_JSON = 256 };		/* --json; a command's own long options begin after it */
extern const struct option ctl_plain_options[];
bool ctl_options(int argc, char **argv, const struct option *longs,
		 bool (*other)(int opt, const char *value, void *context), void *context);
/* "error: sentence" on standard error, in that language; returns code. */
int ctl_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
int ctl_fail_err(int code, const struct err *err);
/* Prints problems on standard error. */
extern bool ctl_denied;			/* among them was a file that may not be read: instead of EXIT_USAGE, EXIT_COULD_NOT */
void ctl_print_problems(const struct problems *problems);
/* The same as JSON: kind (error or warning), file, line, col (null: not known), text. */
struct json_object *ctl_problems_json(const struct problems *problems);
/* One line on standard output. */
void ctl_print_json(struct json_object *object_take);
/* Loads, prints every problem; NULL after errors (then EXIT_USAGE is right). */
struct content *ctl_load(const struct content_options *options);
void ctl_flush(struct text *out);	/* to standard output */
/* The exit code for an error. */
int ctl_exit_of(const struct err *err);
/* A request to the daemon, or run here when no daemon holds the state. NULL after printing the error; *code set. */
struct json_object *ctl_request(struct json_object *request_take, int *code);
/* A draft in the form that the request named, to a file or standard output. */
int ctl_form_write(struct json_object *answer, const char *path);
/* The sheet as PDF, by the renderer process. Appends to out. */
int ctl_render_pdf(struct json_object *sheet, struct text *out, struct err *err);
/* One archive of drafts, evidence, audit extract and manifest. */
int ctl_archive_write(struct json_object *answer, const char *path);
/* Questions on a terminal for what `incident new` was not told; -1 after printing why it cannot go on. */
int ctl_ask_new(struct json_object *request);
const char *ctl_text(struct json_object *object, const char *name);

#endif
