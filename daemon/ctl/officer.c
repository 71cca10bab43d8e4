/* Commands of the officer: requests to the daemon, or to the same code here when none runs. */
#include "ctl/ctl.h"

#include "base/escape.h"
#include "model/json.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options that become members of the request; name: member, text or flag. */
static const struct option request_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "status", required_argument, NULL, 's' },
	{ "clause", required_argument, NULL, 's' },
	{ "class", required_argument, NULL, 's' },
	{ "fact", required_argument, NULL, 's' },
	{ "certainty", required_argument, NULL, 's' },
	{ "information", required_argument, NULL, 's' },
	{ "reason", required_argument, NULL, 's' },
	{ "text", required_argument, NULL, 's' },
	{ "item", required_argument, NULL, 's' },
	{ "form", required_argument, NULL, 's' },
	{ "revision", required_argument, NULL, 'r' },
	{ "leak", no_argument, NULL, 'b' },
	{ "loss", no_argument, NULL, 'b' },
	{ "destruction", no_argument, NULL, 'b' },
	{ "exception", no_argument, NULL, 'b' },
	{ "annotate", no_argument, NULL, 'b' },
	{ 0 },
};

static struct json_object *request_read(int argc, char **argv)
{
	struct json_object *request = json_object_new_object();
	int opt, which = 0;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "c:", request_options, &which)) != -1) {
		const char *name = opt == 'c' || opt == '?' ? NULL : request_options[which].name;

		switch (opt) {
		case 'c': ctl_config_path = optarg; break;
		case 'j': ctl_json = true; break;
		case 's': json_object_object_add(request, name, json_text(slice_of(optarg))); break;
		case 'b': json_object_object_add(request, name, json_object_new_boolean(1)); break;
		case 'r':
			json_object_object_add(request, name, json_object_new_int64(atoll(optarg)));
			break;
		default: json_object_put(request); return NULL;
		}
	}
	return request;
}

static struct json_object *get(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value;
}

static size_t count(struct json_object *o, const char *name)
{
	struct json_object *list = get(o, name);

	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

static void print_safe(const char *text)
{
	struct text safe = { 0 };

	escape_terminal(slice_of(text), &safe);
	fputs(safe.at ? safe.at : "", stdout);
	text_clear(&safe);
}

static void incident_print(struct json_object *i)
{
	printf("%-7s %s  r%lld  %-9s %.19s  ", ctl_text(i, "level"), ctl_text(i, "id"),
	       (long long)json_object_get_int64(get(i, "revision")), ctl_text(i, "status"),
	       ctl_text(i, "first") ? ctl_text(i, "first") : "-");
	for (size_t k = 0; k < count(i, "clauses"); k++)
		printf("%s%s", k ? "," : "",
		       json_object_get_string(json_object_array_get_idx(get(i, "clauses"), k)));
	printf("  ");
	print_safe(ctl_text(i, "title"));
	for (size_t k = 0; k < count(i, "assets") && k < 4; k++) {
		printf(k ? "," : "  [");
		print_safe(json_object_get_string(json_object_array_get_idx(get(i, "assets"), k)));
	}
	printf("%s\n", count(i, "assets") ? "]" : "");
}

static int incident_list_print(struct json_object *answer)
{
	struct json_object *list = get(answer, "incidents");

	for (size_t k = 0; k < count(answer, "incidents"); k++) {
		struct json_object *i = json_object_array_get_idx(list, k);

		if (ctl_json)
			printf("%s\n", json_line(i));
		else
			incident_print(i);
	}
	if (!ctl_json && !count(answer, "incidents"))
		printf("no incidents\n");
	return EXIT_DONE;
}

static int incident_show_print(struct json_object *answer)
{
	struct json_object *i = get(answer, "incident"), *reasons = get(i, "reasons");

	if (ctl_json) {
		printf("%s\n", json_line(i));
		return EXIT_DONE;
	}
	incident_print(i);
	for (size_t k = 0; k < count(i, "reasons"); k++) {
		printf("  because ");
		print_safe(json_object_get_string(json_object_array_get_idx(reasons, k)));
		printf("\n");
	}
	printf("  findings: %zu\n", count(answer, "findings"));
	printf("  evidence:\n");
	for (size_t k = 0; k < count(i, "evidence"); k++) {
		struct json_object *e = json_object_array_get_idx(get(i, "evidence"), k);

		printf("    %s:%s  ", ctl_text(e, "file"), ctl_text(e, "line"));
		print_safe(ctl_text(e, "raw"));
		printf("\n");
	}
	return EXIT_DONE;
}

static int incident_action_print(struct json_object *answer)
{
	return incident_show_print(answer);
}

static int draft_print(struct json_object *answer)
{
	const char *text = ctl_text(answer, "text");

	fputs(text ? text : "", stdout);	/* composed and escaped by the draft itself */
	return EXIT_DONE;
}

static int plain_print(struct json_object *answer)
{
	printf("%s\n", json_object_to_json_string_ext(
			       answer, ctl_json ? JSON_C_TO_STRING_PLAIN : JSON_C_TO_STRING_PRETTY));
	return EXIT_DONE;
}

static const struct verb {
	const char *group, *name, *command;
	const char *members[3];		/* positional arguments by name */
	int (*print)(struct json_object *answer);
} verbs[] = {
	{ "incident", "list", "incident.list", { 0 }, incident_list_print },
	{ "incident", "show", "incident.show", { "id" }, incident_show_print },
	{ "incident", "decide", "incident.decide", { "id" }, incident_action_print },
	{ "incident", "approve", "incident.approve", { "id" }, incident_action_print },
	{ "incident", "ack", "incident.ack", { "id" }, incident_action_print },
	{ "incident", "note", "incident.note", { "id", "text" }, incident_action_print },
	{ "incident", "close", "incident.close", { "id" }, incident_action_print },
	{ "incident", "dismiss", "incident.dismiss", { "id" }, incident_action_print },
	{ "incident", "reopen", "incident.reopen", { "id" }, incident_action_print },
	{ "draft", "show", "draft.show", { "id" }, draft_print },
	{ "draft", "set", "draft.set", { "id", "item", "text" }, plain_print },
	{ "alert", "test", "alert.test", { 0 }, plain_print },
};

static int verb_run(const struct verb *verb, struct json_object *request, int argc, char **argv)
{
	struct json_object *answer;
	int code, at = optind + 1;

	json_object_object_add(request, "command", json_object_new_string(verb->command));
	for (size_t i = 0; i < 3 && verb->members[i] && at < argc; i++, at++)
		json_object_object_add(request, verb->members[i], json_text(slice_of(argv[at])));
	answer = ctl_request(request, &code);
	if (!answer)
		return code;
	code = verb->print(answer);
	json_object_put(answer);
	return code;
}

static int group_run(const char *group, const char *usage, int argc, char **argv)
{
	struct json_object *request = request_read(argc, argv);
	const char *form = request ? ctl_text(request, "form") : NULL;
	const char *word = request && optind < argc ? argv[optind] : NULL;

	/* export writes the same text; other forms come with the form renderer */
	if (word && strcmp(group, "draft") == 0 && strcmp(word, "export") == 0) {
		if (form && strcmp(form, "json") == 0) {
			ctl_json = true;
			return verb_run(&verbs[1], request, argc, argv);
		}
		if (form && strcmp(form, "text") != 0) {
			json_object_put(request);
			return ctl_fail(EXIT_USAGE, "--form %s is not available yet; text or json", form);
		}
		word = "show";
	}
	for (size_t i = 0; word && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].group, group) == 0 && strcmp(verbs[i].name, word) == 0)
			return verb_run(&verbs[i], request, argc, argv);
	json_object_put(request);
	ctl_usage(group, usage);
	return EXIT_USAGE;
}

int ctl_incident(int argc, char **argv)
{
	return group_run("incident",
			 "list [--status S] | show ID | decide ID [--clause C] [--class K] [--fact F] "
			 "[--certainty X] [--leak|--loss|--destruction] [--exception --reason TEXT] | "
			 "approve ID | ack ID | note ID TEXT | close|dismiss|reopen ID --reason TEXT",
			 argc, argv);
}

int ctl_draft(int argc, char **argv)
{
	return group_run("draft", "show ID [--annotate] | set ID ITEM TEXT | export ID [--form text|json]",
			 argc, argv);
}

int ctl_alert(int argc, char **argv)
{
	return group_run("alert", "test", argc, argv);
}

static int single(const char *command, int argc, char **argv)
{
	struct json_object *request = request_read(argc, argv), *answer;
	int code;

	if (!request || optind != argc) {
		json_object_put(request);
		ctl_usage(command, "");
		return EXIT_USAGE;
	}
	json_object_object_add(request, "command", json_object_new_string(command));
	answer = ctl_request(request, &code);
	if (!answer)
		return code;
	plain_print(answer);
	json_object_put(answer);
	return EXIT_DONE;
}

int ctl_status(int argc, char **argv)
{
	return single("status", argc, argv);
}

int ctl_reload(int argc, char **argv)
{
	return single("reload", argc, argv);
}
