/* A rule file: any bytes give a rule or problems, and a rule can be tried on a record. */
#include "fuzz.h"

#include "base/mem.h"
#include "match/rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems problems = { 0 };
	struct yaml *yaml = yaml_parse("fuzz", (struct slice){ (const char *)data, size }, &problems);

	for (size_t i = 0; yaml && i < yaml->n; i++) {
		struct rule *rule = rule_load(yaml, yaml->documents[i], &(struct rule_context){ 0 }, &problems);
		struct record r = { .arena = arena_new(), .raw = SLICE("a line") };
		struct hit hit;

		record_add(&r, SLICE("user.name"), SLICE("root"), VALUE_STRING, true);
		if (rule && !problems.errors)
			rule_matches(rule, &r, &hit);
		rule_free(rule);
		arena_free(r.arena);
	}
	yaml_free(yaml);
	problems_clear(&problems);
	return 0;
}
