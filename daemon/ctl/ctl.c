/* What the commands share: messages, loading, and the way to the daemon or past it. */
#include "ctl/ctl.h"

#include "base/clock.h"
#include "base/escape.h"
#include "control/control.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *ctl_config_path;
bool ctl_json, ctl_denied;

const struct option ctl_plain_options[] = { { "json", no_argument, NULL, CTL_JSON }, { 0 } };

int ctl_bad_option(char **argv)
{
	return ctl_fail(EXIT_USAGE, "unknown option, or one without its value: '%s'", argv[optind - 1]);
}

bool ctl_options(int argc, char **argv, const struct option *longs,
		 bool (*other)(int opt, const char *value, void *context), void *context)
{
	int opt;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		if (opt == 'c')
			ctl_config_path = optarg;
		else if (opt == CTL_JSON)
			ctl_json = true;
		else if (opt == '?' ? ctl_bad_option(argv) : !other || !other(opt, optarg, context))
			return false;
	}
	return true;
}

static int fail(int code, const char *sentence)
{
	struct text safe = { 0 };

	escape_terminal(slice_of(sentence), &safe);
	fprintf(stderr, "%s: %s\n", localised("error"), safe.at ? safe.at : "");
	text_clear(&safe);
	return code;
}

int ctl_fail(int code, const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), localised(format), args);
	va_end(args);
	return fail(code, text);
}

int ctl_fail_err(int code, const struct err *err)
{
	return fail(code, japanese_is_asked() && err->japanese[0] ? err->japanese : err->text);
}

void ctl_print_problems(const struct problems *problems)
{
	struct text out = { 0 };

	ctl_denied = ctl_denied || problems->denied;
	problems_print(problems, japanese_is_asked(), &out);
	if (out.len)
		fputs(out.at, stderr);
	text_clear(&out);
}

static struct json_object *place_json(int n)
{
	return n > 0 ? json_object_new_int(n) : NULL;
}

struct json_object *ctl_problems_json(const struct problems *problems)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->at[i];
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "kind", json_object_new_string(
				p->kind == PROBLEM_ERROR ? "error" : "warning"));
		json_object_object_add(o, "file", json_text_or_null(p->file));
		json_object_object_add(o, "line", place_json(p->line));
		json_object_object_add(o, "col", place_json(p->col));
		json_object_object_add(o, "text", json_text_or_null(p->text));
		json_object_object_add(o, "text_ja", json_text_or_null(p->japanese));
		json_object_array_add(list, o);
	}
	return list;
}

void ctl_print_json(struct json_object *object)
{
	printf("%s\n", json_line(object));
	json_object_put(object);
}

struct content *ctl_load(const struct content_options *options)
{
	struct problems problems = { 0 };
	struct content *content = content_load(options, &problems);

	ctl_print_problems(&problems);
	problems_clear(&problems);
	return content;
}

void ctl_flush(struct text *out)
{
	if (out->len)
		fwrite(out->at, 1, out->len, stdout);
	text_reset(out);
}

int ctl_exit_of(const struct err *err)
{
	return err->kind == ERR_USAGE || err->kind == ERR_CONFIG || err->kind == ERR_STALE ?
		       EXIT_USAGE : EXIT_COULD_NOT;
}

const char *ctl_text(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value ? json_object_get_string(value) : NULL;
}

/*
 * No daemon answers: take the state lock and run the same code. Only a new incident makes a state where none is; to
 * look or to decide takes one.
 */
static struct json_object *request_here(struct json_object *request, struct err *err)
{
	struct content_options options = { .config_path = ctl_config_path };
	struct control control = { .content = ctl_load(&options), .now = clock_now };
	struct json_object *answer = NULL;
	bool makes = strcmp(ctl_text(request, "command"), "incident.new") == 0;

	if (!control.content)
		err_set(err, ERR_CONFIG, "no daemon runs, and without one the content must be whole");
	else if ((makes || store_exists(control.content->config->storage.directory, err) == 0) &&
		 store_open(control.content->config->storage.directory, &control.store, err) == 0)
		answer = control_handle(&control, (long)getuid(), request);
	store_close(control.store);
	content_free(control.content);
	return answer;
}

/* To the daemon, which knows its content: only the way to it is read here. */
static struct json_object *request_send(struct json_object *request, struct err *err)
{
	const char *path = config_find_path(ctl_config_path);
	struct problems problems = { 0 };
	struct config *config = path ? config_load_storage(path, &problems) : config_default();
	struct json_object *answer = NULL;

	ctl_print_problems(&problems);
	problems_clear(&problems);
	if (!config)
		err_set(err, ERR_CONFIG, "without the section storage of '%s' the daemon is not found", path);
	else if (control_call(config->storage.socket, request, &answer, err) < 0 && err->kind == ERR_MISSING)
		answer = request_here(request, err);
	config_free(config);
	return answer;
}

static int answer_code(struct json_object *answer)
{
	const char *kind = ctl_text(answer, "kind");
	struct json_object *ok = NULL;

	json_object_object_get_ex(answer, "ok", &ok);
	if (json_object_get_boolean(ok))
		return EXIT_DONE;
	fail(0, japanese_is_asked() && ctl_text(answer, "error_ja") ? ctl_text(answer, "error_ja") : ctl_text(answer, "error"));
	return kind && (strcmp(kind, "usage") == 0 || strcmp(kind, "stale") == 0 ||
			strcmp(kind, "config") == 0) ? EXIT_USAGE : EXIT_COULD_NOT;
}

struct json_object *ctl_request(struct json_object *request, int *code)
{
	struct err err = { 0 };
	struct json_object *answer = request_send(request, &err);

	json_object_put(request);
	*code = answer ? answer_code(answer) : ctl_fail_err(ctl_exit_of(&err), &err);
	if (*code == EXIT_DONE)
		return answer;
	json_object_put(answer);
	return NULL;
}
