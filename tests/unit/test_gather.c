/* Findings that belong together, and what of them must be told. */
#include "check.h"

#include "base/clock.h"
#include "base/mem.h"
#include "correlate/gather.h"

#include <stdlib.h>
#include <string.h>

#define HOUR (3600 * NS_PER_S)

static struct finding *make(const char *fact, const char *asset, int64_t time, enum level level,
			    const char *clause, uint64_t offset)
{
	struct finding *f = finding_new();

	f->fact = finding_keep(f, fact);
	f->asset_id = finding_keep(f, asset);
	f->rule = finding_keep(f, "r");
	f->rule_id = finding_keep(f, "id");
	f->rule_title = finding_keep(f, "t");
	f->time = time;
	f->level = level;
	f->implicated = IMPLICATED_YES;
	strlist_add(&f->clauses, clause);
	strlist_add(&f->rules, "r");
	strlist_add(&f->assets, asset);
	strlist_add(&f->labels, asset);
	finding_keep_evidence(f, &(struct evidence){ .file = (char *)"/a/path", .source = (char *)"s", .stream = 1,
					    .offset = offset, .raw = (char *)"line", .raw_len = 4 });
	return f;
}

static unsigned add(struct gather *g, struct finding *f, struct incident **in, struct incident **merged)
{
	unsigned told = gather_add(g, f, in, merged);

	finding_free(f);
	return told;
}

static void test_findings_join_within_a_day_and_open_anew_after(void **state)
{
	struct gather *g = gather_new();
	struct incident *a, *b, *merged, **list;

	(void)state;
	assert_int_equal(add(g, make("infection", "pc1", 0, LEVEL_REPORT, "4", 1), &a, &merged),
			 1u << ALERT_OPENED);
	assert_int_equal(add(g, make("infection", "pc1", 20 * HOUR, LEVEL_REPORT, "4", 2), &b, &merged), 0);
	assert_ptr_equal(a, b);
	assert_int_equal(a->n_findings, 2);
	assert_int_equal(a->revision, 2);
	add(g, make("infection", "pc1", 43 * HOUR, LEVEL_REPORT, "4", 3), &b, &merged);
	assert_ptr_equal(a, b);			/* within a day of the last one */
	add(g, make("infection", "pc1", 68 * HOUR, LEVEL_REPORT, "4", 4), &b, &merged);
	assert_ptr_not_equal(a, b);
	add(g, make("communication", "pc1", 0, LEVEL_REPORT, "1-ke", 5), &b, &merged);
	add(g, make("infection", "PC1", 1, LEVEL_REPORT, "4", 6), &b, &merged);
	assert_ptr_equal(a, b);			/* names compare caselessly */
	assert_int_equal(gather_list(g, &list), 3);
	free(list);
	gather_free(g);
}

static void test_a_hit_after_the_end_opens_an_incident_that_names_the_old(void **state)
{
	struct gather *g = gather_new();
	struct incident *a, *b, *merged;

	(void)state;
	add(g, make("infection", "pc1", 0, LEVEL_REPORT, "4", 1), &a, &merged);
	free(a->status);
	a->status = mem_strdup("dismissed");
	assert_int_equal(add(g, make("infection", "pc1", HOUR, LEVEL_REPORT, "4", 2), &b, &merged),
			 1u << ALERT_OPENED);
	assert_ptr_not_equal(a, b);
	assert_int_equal(b->links.n, 1);
	assert_string_equal(b->links.at[0], a->id);
	assert_int_equal(a->n_findings, 1);
	add(g, make("infection", "pc1", 2 * HOUR, LEVEL_REPORT, "4", 3), &merged, &a);
	assert_ptr_equal(merged, b);
	gather_free(g);
}

static void test_nothing_that_comes_later_lowers_an_incident(void **state)
{
	struct gather *g = gather_new();
	struct incident *in, *merged;
	enum level highest = LEVEL_RECORD;

	(void)state;
	for (uint64_t k = 1; k < 200; k++) {
		enum level level = (enum level)(k * 7919 % 4);
		struct finding *f = make("infection", "pc1", (int64_t)k, level, "4", k);

		f->implicated = (enum implicated)(k % 3);
		add(g, f, &in, &merged);
		highest = level > highest ? level : highest;
		if (in)
			assert_int_equal(in->level, highest);
	}
	assert_int_equal(highest, LEVEL_REPORT);
	gather_free(g);
}

static void test_record_level_opens_nothing(void **state)
{
	struct gather *g = gather_new();
	struct incident *in, *merged;

	(void)state;
	assert_int_equal(add(g, make("infection", "pc1", 0, LEVEL_RECORD, "4", 1), &in, &merged), 0);
	assert_null(in);
	gather_free(g);
}

static void test_the_id_knows_key_time_and_bytes_but_no_path(void **state)
{
	struct gather *g = gather_new(), *h = gather_new();
	struct finding *f = make("infection", "pc1", 5, LEVEL_REVIEW, "4", 1);
	struct incident *a, *b, *merged;

	(void)state;
	add(g, make("infection", "pc1", 5, LEVEL_REVIEW, "4", 77), &a, &merged);
	strcpy(f->evidence[0].file, "/other");
	f->evidence[0].stream = 9;
	add(h, f, &b, &merged);
	assert_string_equal(a->id, b->id);
	assert_int_equal(strncmp(a->id, "I19700101-", 10), 0);
	add(g, make("infection", "pc2", 5, LEVEL_REVIEW, "4", 78), &b, &merged);
	assert_string_not_equal(a->id, b->id);
	gather_free(g);
	gather_free(h);
}

static void test_only_news_are_told(void **state)
{
	struct gather *g = gather_new();
	struct incident *in, *merged;
	struct finding *f;

	(void)state;
	add(g, make("infection", "pc1", 0, LEVEL_REVIEW, "4", 1), &in, &merged);
	assert_int_equal(add(g, make("infection", "pc1", 1, LEVEL_REVIEW, "4", 2), &in, &merged), 0);
	assert_int_equal(add(g, make("infection", "pc1", 2, LEVEL_REPORT, "1-a", 3), &in, &merged),
			 1u << ALERT_LEVEL | 1u << ALERT_CLAUSE);
	assert_string_equal(in->clauses.at[0], "1-a");
	assert_int_equal(add(g, make("infection", "pc1", 3, LEVEL_REVIEW, "4", 4), &in, &merged), 0);
	assert_int_equal(in->level, LEVEL_REPORT);	/* nothing lowers it */
	f = make("infection", "pc1", 4, LEVEL_REPORT, "1-a", 5);
	strlist_add(&f->assets, "pc9");
	strlist_add(&f->labels, "pc9");
	assert_int_equal(add(g, f, &in, &merged), 1u << ALERT_ASSET);
	gather_free(g);
}

/* Labels go in step with the assets, also when two of these are called the same. */
static void test_every_asset_keeps_its_label(void **state)
{
	static const char *const assets[] = { "pc1", "pc2", "pc3" }, *const labels[] = { "端末", "端末", "受付" };
	struct gather *g = gather_new();
	struct incident *in, *merged;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct finding *f = make("infection", "pc1", (int64_t)i, LEVEL_REPORT, "4", i);

		strlist_clear(&f->assets);
		strlist_clear(&f->labels);
		strlist_add(&f->assets, assets[i]);
		strlist_add(&f->labels, labels[i]);
		add(g, f, &in, &merged);
	}
	assert_int_equal(in->assets.n, 3);
	assert_int_equal(in->labels.n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(in->labels.at[i], labels[i]);
	gather_free(g);
}

static void test_a_correlation_joins_its_members_and_merges_the_later(void **state)
{
	struct gather *g = gather_new();
	struct incident *a, *b, *in, *merged, **list;
	struct finding *f;

	(void)state;
	add(g, make("infection", "pc1", 0, LEVEL_REVIEW, "4", 1), &a, &merged);
	add(g, make("infection", "pc2", 10, LEVEL_REVIEW, "4", 2), &b, &merged);
	f = make("infection", "pc3", 20, LEVEL_REPORT, "3-a", 3);
	f->correlated = true;
	finding_keep_evidence(f, &a->evidence[0]);
	finding_keep_evidence(f, &b->evidence[0]);
	add(g, f, &in, &merged);
	assert_ptr_equal(in, a);
	assert_ptr_equal(merged, b);
	assert_string_equal(b->status, "merged");
	assert_string_equal(b->merged_into, a->id);
	assert_string_equal(a->clauses.at[0], "3-a");
	assert_int_equal(gather_list(g, &list), 1);
	free(list);
	f = make("spread", "pc1", 30, LEVEL_REPORT, "4", 4);	/* another fact is another incident */
	f->correlated = true;
	f->evidence[0].offset = 1;
	add(g, f, &in, &merged);
	assert_ptr_not_equal(in, a);
	gather_free(g);
}

static void test_a_decision_of_a_person_stands(void **state)
{
	struct gather *g = gather_new();
	struct finding *f = make("infection", "pc1", 1, LEVEL_REPORT, "1-a", 2);
	struct incident *in, *merged;

	(void)state;
	add(g, make("infection", "pc1", 0, LEVEL_REVIEW, "4", 1), &in, &merged);
	in->decided = true;
	in->certainty = CERTAINTY_CONFIRMED;
	strlist_add(&in->boxes, "ア");
	strlist_add(&f->boxes, "ウ");
	f->certainty = CERTAINTY_SUSPECTED;
	assert_int_equal(add(g, f, &in, &merged), 1u << ALERT_LEVEL);
	assert_int_equal(in->certainty, CERTAINTY_CONFIRMED);
	assert_int_equal(in->boxes.n, 1);
	assert_string_equal(in->clauses.at[0], "4");
	gather_free(g);
}

static void test_old_incidents_leave_memory(void **state)
{
	struct gather *g = gather_new();
	struct incident *in, *merged;
	char id[32];

	(void)state;
	add(g, make("infection", "pc1", 0, LEVEL_REVIEW, "4", 1), &in, &merged);
	strcpy(id, in->id);
	gather_forget(g, 0);
	assert_non_null(gather_find(g, id));
	gather_forget(g, 1);
	assert_null(gather_find(g, id));
	gather_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings_join_within_a_day_and_open_anew_after),
		cmocka_unit_test(test_record_level_opens_nothing),
		cmocka_unit_test(test_the_id_knows_key_time_and_bytes_but_no_path),
		cmocka_unit_test(test_only_news_are_told),
		cmocka_unit_test(test_a_hit_after_the_end_opens_an_incident_that_names_the_old),
		cmocka_unit_test(test_nothing_that_comes_later_lowers_an_incident),
		cmocka_unit_test(test_every_asset_keeps_its_label),
		cmocka_unit_test(test_a_correlation_joins_its_members_and_merges_the_later),
		cmocka_unit_test(test_a_decision_of_a_person_stands),
		cmocka_unit_test(test_old_incidents_leave_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
