/* Where a field of a Sigma rule is found in a record. */
#include "check.h"

#include "base/mem.h"
#include "match/aliases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char data[] =
	"fields:\n"
	"  - logsource: {product: windows}\n"
	"    under: [Event.EventData, winlog.event_data]\n"
	"    map:\n"
	"      Imphash: {field: Hashes, part: hash, of: IMPHASH}\n"
	"      ProcessId: [{field: NewProcessId, part: decimal}, process.pid]\n"
	"      SubjectUserName: {field: User, part: user}\n"
	"      SubjectDomainName: {field: User, part: domain}\n"
	"  - logsource: {category: antivirus}\n"
	"    map: {Signature: [rule.name]}\n"
	"  - logsource: {category: image_load, product: windows}\n"
	"    map: {Image: [process.executable]}\n";

static struct aliases *load(const char *text, struct problems *problems)
{
	char path[] = "/tmp/sokuho-aliases-XXXXXX";
	struct aliases *aliases;

	check_file(path, text);
	aliases = aliases_load(path, problems);
	unlink(path);
	return aliases;
}

/* All values that the field has, joined by commas. */
static char *values(const struct aliases *aliases, const struct logsource *logsource,
		    const char *field, const struct record *r)
{
	struct lookup lookup = { 0 };
	struct lookup_walk walk = { 0 };
	struct text out = { 0 };
	const struct field *found;

	aliases_resolve(aliases, logsource, field, &lookup);
	while ((found = lookup_next(&lookup, r, &walk))) {
		if (out.len)
			text_add_char(&out, ',');
		text_add_slice(&out, found->value);
	}
	lookup_clear(&lookup);
	return text_take(&out);
}

static void test_fields_are_found_by_the_logsource_of_the_rule(void **state)
{
	static const struct logsource windows = { "process_creation", "windows", NULL };
	static const struct logsource loads = { "image_load", "windows", NULL };
	static const struct logsource antivirus = { "antivirus", NULL, NULL }, linux_ = { NULL, "linux", NULL };
	static const struct { const struct logsource *logsource; const char *field, *want; } cases[] = {
		{ &windows, "Image", "c:\\a.exe" },		/* under Event.EventData */
		{ &windows, "image", "c:\\a.exe" },
		{ &linux_, "Image", "" },
		{ &windows, "Flat", "one,two" },		/* as logged, all values */
		{ &windows, "Both", "logged" },			/* before the alias */
		{ &windows, "Imphash", "0AB1" },
		{ &windows, "ProcessId", "7876" },
		{ &windows, "SubjectUserName", "SYSTEM" },
		{ &windows, "SubjectDomainName", "NT AUTHORITY" },
		{ &antivirus, "Signature", "Win.Test" },
		{ &loads, "Signature", "Signer" },		/* the signer there, not the malware */
		{ NULL, "Signature", "" },
		{ &windows, "Plain", "" },
	};
	static const struct { const char *name, *value; } fields[] = {
		{ "Event.EventData.Image", "c:\\a.exe" }, { "process.executable", "other" },
		{ "Flat", "one" }, { "Flat", "two" }, { "Both", "logged" },
		{ "Event.EventData.Both", "nested" }, { "rule.name", "Win.Test" },
		{ "Event.EventData.Signature", "Signer" },
		{ "Event.EventData.Hashes", "SHA1=FF,MD5=00, IMPHASH=0AB1" },
		{ "winlog.event_data.NewProcessId", "0x1Ec4" }, { "process.pid", "1" },
		{ "Event.EventData.User", "NT AUTHORITY\\SYSTEM" },
	};
	struct problems problems = { 0 };
	struct aliases *aliases = load(data, &problems);
	struct record r = { .arena = arena_new() };

	(void)state;
	assert_non_null(aliases);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		record_add(&r, slice_of(fields[i].name), slice_of(fields[i].value), VALUE_STRING, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *have = values(aliases, cases[i].logsource, cases[i].field, &r);

		if (strcmp(have, cases[i].want) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].field, have, cases[i].want);
		free(have);
	}
	aliases_free(aliases);
	arena_free(r.arena);
	problems_clear(&problems);
}

static void test_a_part_that_is_not_there_leads_to_the_next_name(void **state)
{
	static const struct logsource windows = { NULL, "windows", NULL };
	struct problems problems = { 0 };
	struct aliases *aliases = load(data, &problems);
	struct record r = { .arena = arena_new() };
	char *have;

	(void)state;
	record_add(&r, SLICE("NewProcessId"), SLICE("12"), VALUE_STRING, false);
	record_add(&r, SLICE("process.pid"), SLICE("34"), VALUE_NUMBER, true);
	record_add(&r, SLICE("User"), SLICE("root"), VALUE_STRING, false);
	have = values(aliases, &windows, "ProcessId", &r);	/* 12 is not hexadecimal */
	assert_string_equal(have, "34");
	free(have);
	have = values(aliases, &windows, "SubjectDomainName", &r);
	assert_string_equal(have, "");
	free(have);
	have = values(aliases, &windows, "SubjectUserName", &r);
	assert_string_equal(have, "root");
	free(have);
	aliases_free(aliases);
	arena_free(r.arena);
	problems_clear(&problems);
}

static void test_faults_are_said(void **state)
{
	static const struct { const char *text, *word; } cases[] = {
		{ "fields: []\n", "`fields` is missing" },
		{ "fields:\n  - logsource: {products: x}\n    map: {a: b}\n", "did you mean 'product'" },
		{ "fields:\n  - logsource: {product: x}\n    map: {a: {field: b, part: half}}\n", "part 'half'" },
		{ "fields:\n  - logsource: {product: x}\n    map: {a: {field: b, part: hash}}\n", "needs `of`" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = { 0 };

		assert_null(load(cases[i].text, &problems));
		assert_true(problems.n > 0);
		assert_non_null(strstr(problems.at[0].text, cases[i].word));
		problems_clear(&problems);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_found_by_the_logsource_of_the_rule),
		cmocka_unit_test(test_a_part_that_is_not_there_leads_to_the_next_name),
		cmocka_unit_test(test_faults_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
