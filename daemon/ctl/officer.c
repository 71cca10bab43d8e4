/* Commands of the officer: requests to the daemon, or to the same code here when none runs. */
#include "ctl/ctl.h"

#include "base/clock.h"
#include "base/escape.h"
#include "model/json.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options that become members of the request: s text, l list (may be repeated), b flag, r number. */
static const struct option request_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "status", required_argument, NULL, 's' },
	{ "clause", required_argument, NULL, 's' },
	{ "class", required_argument, NULL, 'l' },
	{ "fact", required_argument, NULL, 'l' },
	{ "box", required_argument, NULL, 'l' },
	{ "certainty", required_argument, NULL, 's' },
	{ "information", required_argument, NULL, 's' },
	{ "nothing-stored", required_argument, NULL, 's' },
	{ "confirmer", required_argument, NULL, 's' },
	{ "reason", required_argument, NULL, 's' },
	{ "approver", required_argument, NULL, 's' },
	{ "text", required_argument, NULL, 's' },
	{ "item", required_argument, NULL, 's' },
	{ "release", required_argument, NULL, 's' },
	{ "form", required_argument, NULL, 's' },
	{ "window", required_argument, NULL, 's' },
	{ "with", required_argument, NULL, 'l' },
	{ "number", required_argument, NULL, 's' },
	{ "person", required_argument, NULL, 's' },
	{ "to", required_argument, NULL, 's' },
	{ "next", required_argument, NULL, 's' },
	{ "at", required_argument, NULL, 's' },
	{ "how", required_argument, NULL, 's' },
	{ "agency", required_argument, NULL, 's' },
	{ "asset", required_argument, NULL, 's' },
	{ "host", required_argument, NULL, 's' },
	{ "user", required_argument, NULL, 's' },
	{ "file", required_argument, NULL, 's' },
	{ "url", required_argument, NULL, 's' },
	{ "signature", required_argument, NULL, 's' },
	{ "src", required_argument, NULL, 's' },
	{ "dst", required_argument, NULL, 's' },
	{ "subject", required_argument, NULL, 's' },
	{ "sender", required_argument, NULL, 's' },
	{ "informant", required_argument, NULL, 's' },
	{ "informant-ref", required_argument, NULL, 's' },
	{ "contact-at", required_argument, NULL, 's' },
	{ "nearest", required_argument, NULL, 's' },
	{ "from-subcontractor", required_argument, NULL, 's' },
	{ "revision", required_argument, NULL, 'r' },
	{ "output", required_argument, NULL, 'o' },
	{ "leak", no_argument, NULL, 'b' },
	{ "loss", no_argument, NULL, 'b' },
	{ "destruction", no_argument, NULL, 'b' },
	{ "exception", no_argument, NULL, 'b' },
	{ "annotate", no_argument, NULL, 'b' },
	{ "no-answer", no_argument, NULL, 'b' },
	{ "force", no_argument, NULL, 'b' },
	{ "withdraw", no_argument, NULL, 'b' },
	{ "drill", no_argument, NULL, 'b' },
	{ "with-evidence", no_argument, NULL, 'b' },
	{ 0 },
};

static const char *output_path;		/* --output */

static void list_add(struct json_object *request, const char *name, const char *word)
{
	struct json_object *list = NULL;

	if (!json_object_object_get_ex(request, name, &list)) {
		list = json_object_new_array();
		json_object_object_add(request, name, list);
	}
	json_object_array_add(list, json_text(slice_of(word)));
}

static struct json_object *number_read(const char *name, const char *text)
{
	uint64_t n;

	if (slice_to_u64(slice_of(text), &n) && n <= UINT32_MAX)
		return json_object_new_int64((int64_t)n);
	ctl_fail(0, "--%s: '%s' is not a number", name, text);
	return NULL;
}

static struct json_object *request_read(int argc, char **argv)
{
	struct json_object *request = json_object_new_object(), *number;
	int opt, which = 0;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "c:o:", request_options, &which)) != -1) {
		const char *name = strchr("slbr", opt) ? request_options[which].name : NULL;

		switch (opt) {
		case 'c': ctl_config_path = optarg; break;
		case 'j': ctl_json = true; break;
		case 'o': output_path = optarg; break;
		case 's': json_object_object_add(request, name, json_text(slice_of(optarg))); break;
		case 'l': list_add(request, name, optarg); break;
		case 'b': json_object_object_add(request, name, json_object_new_boolean(1)); break;
		case 'r':
			if ((number = number_read(name, optarg)))
				json_object_object_add(request, name, number);
			else
				opt = '?';
			break;
		default: ctl_bad_option(argv); opt = '?'; break;
		}
		if (opt == '?') {
			json_object_put(request);
			return NULL;
		}
	}
	return request;
}

static size_t count(struct json_object *o, const char *name)
{
	return json_count(json_member(o, name));
}

static void print_safe(const char *text)
{
	struct text safe = { 0 };

	escape_terminal(slice_of(text), &safe);
	fputs(safe.at ? safe.at : "", stdout);
	text_clear(&safe);
}

/* The officer reads one zone: Japan's, whatever offset the log had. */
static const char *time_here(const char *text, char out[48])
{
	bool has_offset;
	int64_t time;
	size_t used;
	int offset;

	strcpy(out, "-");
	if (text && time_parse_iso(slice_of(text), &time, &offset, &has_offset, &used) && has_offset) {
		time_format_rfc3339(time - time % NS_PER_S, OFFSET_JST, out);
		out[10] = ' ';
		strcpy(out + 19, " JST");
	}
	return out;
}

static void incident_print(struct json_object *i)
{
	char first[48];

	printf("%-7s %s  r%lld  %-9s %s  ", ctl_text(i, "level"), ctl_text(i, "id"),
	       (long long)json_object_get_int64(json_member(i, "revision")), ctl_text(i, "status"),
	       time_here(ctl_text(i, "first"), first));
	for (size_t k = 0; k < count(i, "clauses"); k++)
		printf("%s%s", k ? "," : "",
		       json_object_get_string(json_object_array_get_idx(json_member(i, "clauses"), k)));
	printf("  ");
	print_safe(ctl_text(i, "title"));
	for (size_t k = 0; k < count(i, "assets") && k < 4; k++) {
		printf(k ? "," : "  [");
		print_safe(json_object_get_string(json_object_array_get_idx(json_member(i, "assets"), k)));
	}
	printf("%s\n", count(i, "assets") ? "]" : "");
}

static int incident_list_print(struct json_object *answer)
{
	struct json_object *list = json_member(answer, "incidents");

	for (size_t k = 0; k < count(answer, "incidents"); k++) {
		struct json_object *i = json_object_array_get_idx(list, k);

		if (ctl_json)
			printf("%s\n", json_line(i));
		else
			incident_print(i);
	}
	if (!ctl_json && !count(answer, "incidents"))
		printf(localised("no incidents\n"));
	return EXIT_DONE;
}

/* What comes next, in words that need no manual. */
static const struct { const char *word, *ja, *en, *command; } steps[] = {
	{ "ack", "受領を記録する", "acknowledge", "sokuhoctl incident ack %s" },
	{ "decide", "自社の防衛部門システムに当たるかを判断する", "decide whether it is ours",
	  "sokuhoctl incident decide %s --class K --certainty suspected|confirmed" },
	{ "phone", "緊急窓口に電話する（手順を表示）", "phone the window first",
	  "sokuhoctl draft export %s --form phone" },
	{ "sent", "様式を送り、記録する", "send the form, then record it", "sokuhoctl incident sent %s" },
	{ "second_person", "取りやめには二人目の同意が要る。提案した者とは別の者が、自分のアカウントで行う",
	  "a second person, not the one who proposed it, must agree from an account of his own",
	  "sokuhoctl incident dismiss %s --reason TEXT" },
	{ "close", "終わったら閉じる", "close it when all is done", "sokuhoctl incident close %s --reason TEXT" },
	{ "none", "この事案ですることはない", "nothing is left to do", NULL },
};

/* As one word of the shell. */
static void option_print(const char *option, const char *value)
{
	struct text word = { 0 };

	for (const char *at = value; *at; at++) {
		if (*at == '\'')
			text_add(&word, "'\\'");
		text_add_char(&word, *at);
	}
	printf(" %s '", option);
	print_safe(word.at ? word.at : "");
	printf("'");
	text_clear(&word);
}

/* The options that are known already. */
static void next_options(struct json_object *answer, const char *next)
{
	const char *window = ctl_text(answer, "next_window"), *to = ctl_text(answer, "next_to");

	if (strcmp(next, "sent") == 0) {
		option_print("--window", window);
		option_print("--to", to ? to : "送付先");
	} else if (strcmp(next, "phone") == 0) {
		option_print("--window", window);
	}
	printf("\n");
	if (count(answer, "next_with"))
		printf("  同じ窓口への速報がほかに%zu件。1回の電話で続けて伝えるには、次を付ける / in the same call:\n   ",
		       count(answer, "next_with"));
	for (size_t k = 0; k < count(answer, "next_with"); k++)
		printf(" --with %s", json_object_get_string(json_object_array_get_idx(json_member(answer, "next_with"), k)));
	printf("%s", count(answer, "next_with") ? "\n" : "");
}

static void next_print(struct json_object *answer)
{
	const char *next = ctl_text(answer, "next"), *id = ctl_text(json_member(answer, "incident"), "id");

	for (size_t k = 0; next && k < sizeof(steps) / sizeof(steps[0]); k++) {
		if (strcmp(steps[k].word, next) != 0)
			continue;
		printf("  次 / next: %s / %s\n", steps[k].ja, steps[k].en);
		if (!steps[k].command)
			continue;
		printf("    ");
		printf(steps[k].command, id);
		next_options(answer, next);
	}
}

/* What a decision has made of it, since a command without options confirms. */
static void decision_print(struct json_object *i)
{
	struct json_object *bases = json_member(i, "bases");

	printf("  判断 / decided: %s %s", ctl_text(i, "certainty"), ctl_text(i, "fact"));
	for (size_t k = 0; k < json_count(bases); k++)
		printf("%s%s", k ? ", " : "  根拠 / bases: ", json_object_get_string(json_object_array_get_idx(bases, k)));
	printf("\n");
}

/* Times are all of one zone and form, so that text compares. */
static void clocks_print(struct json_object *clocks, struct json_object *targets)
{
	static const struct { const char *name, *ja; } rows[] = {
		{ "first_seen", "事象 / first seen" }, { "detected", "検知 / detected" },
		{ "alerted", "通報 / alerted" },       { "acknowledged", "受領 / acknowledged" },
		{ "decided", "判断 / decided" },       { "phoned", "電話 / phoned" },
		{ "sent", "送付 / sent" },
	};

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		const char *at = ctl_text(clocks, rows[k].name), *target = ctl_text(targets, rows[k].name);

		char here[48], wanted[48];

		printf("  %s: %s", rows[k].ja, time_here(at, here));
		if (target)
			printf("  社内目標 / target %s%s", time_here(target, wanted),
			       at && strcmp(here, wanted) > 0 ? "（超過 / late）" : "");
		printf("\n");
	}
}

static int incident_show_print(struct json_object *answer)
{
	struct json_object *i = json_member(answer, "incident"), *reasons = json_member(i, "reasons");

	if (ctl_json) {
		printf("%s\n", json_line(i));
		return EXIT_DONE;
	}
	incident_print(i);
	for (size_t k = 0; k < count(i, "reasons"); k++) {
		printf("%s", localised("  because "));
		print_safe(json_object_get_string(json_object_array_get_idx(reasons, k)));
		printf("\n");
	}
	clocks_print(json_member(answer, "clocks"), json_member(answer, "targets"));
	printf(localised("  findings: %zu\n"), count(answer, "findings"));
	printf("%s", localised("  evidence:\n"));
	for (size_t k = 0; k < count(i, "evidence"); k++) {
		struct json_object *e = json_object_array_get_idx(json_member(i, "evidence"), k);

		printf("    ");
		print_safe(ctl_text(e, "file"));
		printf(":%s  ", ctl_text(e, "line"));
		print_safe(ctl_text(e, "raw"));
		printf("\n");
	}
	next_print(answer);
	return EXIT_DONE;
}

/* After an action: the incident in one line, what the action has to say, and what comes next. */
static int incident_action_print(struct json_object *answer)
{
	const char *text = ctl_text(answer, "text");

	if (ctl_json) {
		printf("%s\n", json_line(json_member(answer, "incident")));
		return EXIT_DONE;
	}
	if (text) {
		fputs(text, stdout);	/* composed and escaped by the draft itself */
		return EXIT_DONE;
	}
	incident_print(json_member(answer, "incident"));
	if (json_member(answer, "answer") && ctl_text(json_member(answer, "incident"), "decided_by"))
		decision_print(json_member(answer, "incident"));
	if (json_member(answer, "tries"))
		printf("  呼出し %s 回目 / call number %s without an answer\n", ctl_text(answer, "tries"),
		       ctl_text(answer, "tries"));
	if (json_member(answer, "alerted") && !json_object_get_boolean(json_member(answer, "alerted")))
		printf("  デーモンが動いていないため、通報はしていない / no daemon runs: nobody was alerted\n");
	if (json_object_get_boolean(json_member(answer, "joined")))
		printf("  同じ機器の事案に加えた。判断は変わらない / joined the incident of the same system; its decision stands\n");
	next_print(answer);
	return EXIT_DONE;
}

static int draft_print(struct json_object *answer)
{
	const char *text = ctl_text(answer, "text");

	if (ctl_json) {
		printf("%s\n", json_line(answer));
		return EXIT_DONE;
	}
	fputs(text ? text : "", stdout);	/* composed and escaped by the draft itself */
	return EXIT_DONE;
}

static int draft_export_print(struct json_object *answer)
{
	return ctl_form_write(answer, output_path);
}

/* The document of an incident is what `show --json` prints. */
static int document_export_print(struct json_object *answer)
{
	json_object_object_add(answer, "form", json_object_new_string("json"));
	return ctl_form_write(answer, output_path);
}

static int incident_export_print(struct json_object *answer)
{
	return ctl_archive_write(answer, output_path);
}

/* 1 when the chain is broken, as design section 5 has it. */
static int verify_print(struct json_object *answer)
{
	size_t n = count(answer, "faults");

	if (ctl_json) {
		printf("%s\n", json_line(answer));
		return n ? EXIT_WRONG : EXIT_DONE;
	}
	for (size_t k = 0; k < n; k++)
		printf("%s\n", json_object_get_string(json_object_array_get_idx(json_member(answer, "faults"), k)));
	printf("%s / %s: %s entries, head %s\n", n ? "監査記録に異常がある" : "監査記録に異常はない",
	       n ? "the chain is broken" : "the chain is whole", ctl_text(answer, "entries"),
	       ctl_text(answer, "head"));
	return n ? EXIT_WRONG : EXIT_DONE;
}

/* JSON lines with --json, else a record to be printed. */
static int audit_print(struct json_object *answer)
{
	struct json_object *list = json_member(answer, "audit");

	for (size_t k = 0; k < count(answer, "audit"); k++) {
		struct json_object *e = json_object_array_get_idx(list, k);

		if (ctl_json) {
			printf("%s\n", json_line(e));
			continue;
		}
		printf("%s  %s  %s  %s  %s\n    ", ctl_text(e, "number"), ctl_text(e, "time"),
		       ctl_text(e, "actor") ? ctl_text(e, "actor") : "sokuhod", ctl_text(e, "action"),
		       ctl_text(e, "incident") ? ctl_text(e, "incident") : "-");
		print_safe(json_member(e, "detail") ? json_line(json_member(e, "detail")) : "");
		printf("\n    %s\n", ctl_text(e, "hash"));
	}
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
	{ "incident", "new", "incident.new", { 0 }, incident_action_print },
	{ "incident", "decide", "incident.decide", { "id" }, incident_action_print },
	{ "incident", "approve", "incident.approve", { "id" }, incident_action_print },
	{ "incident", "ack", "incident.ack", { "id" }, incident_action_print },
	{ "incident", "handover", "incident.handover", { "id" }, incident_action_print },
	{ "incident", "note", "incident.note", { "id", "text" }, incident_action_print },
	{ "incident", "measure", "incident.measure", { "id", "kind" }, incident_action_print },
	{ "incident", "phone", "incident.phone", { "id" }, incident_action_print },
	{ "incident", "sent", "incident.sent", { "id" }, incident_action_print },
	{ "incident", "correct", "incident.correct", { "id" }, incident_action_print },
	{ "incident", "dismiss", "incident.dismiss", { "id" }, incident_action_print },
	{ "incident", "merge", "incident.merge", { "id", "into" }, incident_action_print },
	{ "incident", "split", "incident.split", { "id" }, incident_action_print },
	{ "incident", "close", "incident.close", { "id" }, incident_action_print },
	{ "incident", "reopen", "incident.reopen", { "id" }, incident_action_print },
	{ "incident", "export", "incident.export", { "id" }, incident_export_print },
	{ "draft", "show", "draft.show", { "id" }, draft_print },
	{ "draft", "set", "draft.set", { "id", "item", "text" }, incident_action_print },
	{ "draft", "export", "draft.show", { "id" }, draft_export_print },
	{ "audit", "verify", "audit.verify", { 0 }, verify_print },
	{ "audit", "export", "audit.export", { "id" }, audit_print },
	{ "alert", "test", "alert.test", { 0 }, plain_print },
};

static int verb_run(const struct verb *verb, struct json_object *request, int argc, char **argv)
{
	struct json_object *answer;
	int code, at = optind + 1;

	json_object_object_add(request, "command", json_object_new_string(verb->command));
	for (size_t i = 0; i < 3 && verb->members[i] && at < argc; i++, at++)
		json_object_object_add(request, verb->members[i], json_text(slice_of(argv[at])));
	if (at < argc) {
		json_object_put(request);
		return ctl_fail(EXIT_USAGE, "%s %s: '%s' is one argument too many", verb->group, verb->name,
				argv[at]);
	}
	/* before it is asked for: the chain would tell of an export that never was */
	if (verb->print == incident_export_print && !output_path) {
		json_object_put(request);
		return ctl_fail(EXIT_USAGE, "where to? --output FILE.tar.gz");
	}
	if (strcmp(verb->command, "incident.new") == 0 && ctl_ask_new(request) < 0) {
		json_object_put(request);
		return EXIT_USAGE;
	}
	answer = ctl_request(request, &code);
	if (!answer)
		return code;
	code = verb->print(answer);
	json_object_put(answer);
	return code;
}

/* One form of a draft is no draft. */
static const struct verb *export_verb(const struct verb *verb, struct json_object *request)
{
	static const struct verb document = { "draft", "export", "incident.show", { "id" }, document_export_print };
	const char *form = ctl_text(request, "form");

	return verb->print == draft_export_print && form && strcmp(form, "json") == 0 ? &document : verb;
}

static int group_run(const char *group, int argc, char **argv)
{
	struct json_object *request = request_read(argc, argv);
	const char *word = request && optind < argc ? argv[optind] : NULL;

	for (size_t i = 0; word && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].group, group) == 0 && strcmp(verbs[i].name, word) == 0)
			return verb_run(export_verb(&verbs[i], request), request, argc, argv);
	json_object_put(request);
	return ctl_usage(group);
}

int ctl_incident(int argc, char **argv)
{
	return group_run("incident", argc, argv);
}

int ctl_draft(int argc, char **argv)
{
	return group_run("draft", argc, argv);
}

int ctl_audit(int argc, char **argv)
{
	return group_run("audit", argc, argv);
}

int ctl_alert(int argc, char **argv)
{
	return group_run("alert", argc, argv);
}

static int single(const char *command, int argc, char **argv)
{
	struct json_object *request = request_read(argc, argv), *answer, *daemon = NULL;
	int code;

	if (!request || optind != argc) {
		json_object_put(request);
		return ctl_usage(command);
	}
	json_object_object_add(request, "command", json_object_new_string(command));
	answer = ctl_request(request, &code);
	if (!answer)
		return code;
	plain_print(answer);
	if (json_object_object_get_ex(answer, "daemon", &daemon) && !daemon)
		code = ctl_fail(EXIT_COULD_NOT, "no daemon runs on this state; this is what it left");
	json_object_put(answer);
	return code;
}

int ctl_status(int argc, char **argv)
{
	return single("status", argc, argv);
}

int ctl_reload(int argc, char **argv)
{
	return single("reload", argc, argv);
}
