/* A finding written over another one's object is the same JSON as one of its own. */
#include "check.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static unsigned seed = 1;

static unsigned any(unsigned below)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % below;
}

/* Now and then none; short and long ones, ones that are no UTF-8, the same ones again. */
static const char *any_text(void)
{
	static const char *const texts[] = { "", "a", "web1", "\xff\xfe", "\xe9\x98\xb2\xe8\xa1\x9b", "a/\"b\"\\\n",
					     "a text that is longer than those which stood in its place before it came" };
	unsigned i = any(8);

	return i < 7 ? texts[i] : NULL;
}

static void any_list(struct strlist *list)
{
	for (unsigned n = any(3); n; n--) {
		const char *text = any_text();

		strlist_add(list, text ? text : "-");
	}
}

static struct finding *any_finding(void)
{
	struct finding *f = finding_new();

	f->time = any(4) ? (int64_t)any(1000000) * NS_PER_S * 1000 : TIME_NONE;
	f->utc_offset = any(2) ? 540 : 0;
	f->rule = finding_keep(f, any_text());
	f->rule_id = finding_keep(f, any_text());
	f->fact = finding_keep(f, any_text());
	f->exception = finding_keep(f, any_text());
	any_list(&f->rules);
	any_list(&f->clauses);
	any_list(&f->reasons);
	any_list(&f->assets);
	f->verdict = (enum verdict)any(2);
	for (unsigned n = any(3); n; n--)
		finding_add_field(f, slice_of(any(2) ? "host.name" : "process.pid"), slice_of(any(2) ? "17" : "x"), any(2));
	for (unsigned n = any(3); n; n--) {
		struct evidence e = { .file = (char *)any_text(), .source = (char *)any_text(), .line = any(3), .offset = any(1000) };

		finding_keep_evidence(f, &e);
	}
	return f;
}

static void test_a_finding_written_over_another_is_as_new(void **state)
{
	struct json_object *used = json_object_new_object();

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct finding *f = any_finding();
		struct json_object *fresh = finding_to_json(f);

		finding_set_json(used, f);
		assert_string_equal(json_line(used), json_line(fresh));
		json_object_put(fresh);
		finding_free(f);
	}
	json_object_put(used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_finding_written_over_another_is_as_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
