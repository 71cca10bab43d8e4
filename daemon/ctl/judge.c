/* judge: one question to the decision table. */
#include "ctl/ctl.h"

#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

enum { OPT_CLAUSE = CTL_JSON + 1, OPT_CLASS, OPT_CERTAINTY, OPT_FACT, OPT_INFORMATION, OPT_LEAK, OPT_LOSS,
       OPT_DESTRUCTION };

static bool judge_option(int opt, const char *value, void *context)
{
	struct judge_question *q = context;
	unsigned bit;

	switch (opt) {
	case OPT_CLAUSE: q->clause = value; return true;
	case OPT_CLASS:
		if (strcmp(value, "unknown") == 0)
			return true;
		if (!class_parse(value, &bit)) {
			ctl_fail(0, "unknown class '%s'; one of protected same_intranet other_defence "
				    "secret company_web none unknown", value);
			return false;
		}
		q->classes |= bit;
		return true;
	case OPT_CERTAINTY:
		if (certainty_parse(value, &q->certainty))
			return true;
		ctl_fail(0, "unknown certainty '%s'; one of confirmed suspected pointed_out", value);
		return false;
	case OPT_FACT: strlist_add(&q->facts, value); return true;
	case OPT_INFORMATION: q->information = value; return true;
	case OPT_LEAK: q->leak = true; return true;
	case OPT_LOSS: q->loss = true; return true;
	case OPT_DESTRUCTION: q->destruction = true; return true;
	default: return false;
	}
}

static void answer_print(const struct content *content, struct json_object *answer)
{
	struct json_object *list = NULL;

	if (ctl_json) {
		printf("%s\n", json_line(answer));
		return;
	}
	json_object_object_get_ex(answer, "bases", &list);
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		printf("%s\n", notice_basis_label(content->notice, json_object_get_string(
								 json_object_array_get_idx(list, i))));
	json_object_object_foreach(answer, key, value)
		printf("%s: %s\n", key, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
}

int ctl_judge(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, CTL_JSON },
		{ "clause", required_argument, NULL, OPT_CLAUSE },
		{ "class", required_argument, NULL, OPT_CLASS },
		{ "certainty", required_argument, NULL, OPT_CERTAINTY },
		{ "fact", required_argument, NULL, OPT_FACT },
		{ "information", required_argument, NULL, OPT_INFORMATION },
		{ "leak", no_argument, NULL, OPT_LEAK },
		{ "loss", no_argument, NULL, OPT_LOSS },
		{ "destruction", no_argument, NULL, OPT_DESTRUCTION },
		{ 0 },
	};
	struct judge_question question = { 0 };
	struct content_options options = { 0 };
	struct json_object *answer;
	struct content *content;
	int code = EXIT_DONE;
	struct err err;

	if (!ctl_options(argc, argv, longs, judge_option, &question) || optind != argc) {
		ctl_usage("judge", "[--clause C] --class K... --certainty X [--fact F]... "
				   "[--information protected|secret] [--leak] [--loss] [--destruction]");
		strlist_clear(&question.facts);
		return EXIT_USAGE;
	}
	options.config_path = ctl_config_path;
	content = ctl_load(&options);
	answer = content ? judge_answer(content->judge, &question, &err) : NULL;
	if (answer)
		answer_print(content, answer);
	else
		code = content ? ctl_fail(EXIT_USAGE, "%s", err.text) : EXIT_USAGE;
	json_object_put(answer);
	strlist_clear(&question.facts);
	content_free(content);
	return code;
}
