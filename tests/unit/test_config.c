/* sokuhod.yaml: defaults, every type of value, and faults with their places. */
#include "check.h"

#include "base/clock.h"
#include "settings/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static char folder[] = "/tmp/sokuho-config-XXXXXX";
static char path[64];

static int folder_make(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/sokuhod.yaml", folder);
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static struct config *load(const char *yaml, struct problems *problems)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(yaml, file);
	fclose(file);
	return config_load(path, problems);
}

static struct config *load_good(const char *yaml)
{
	struct problems problems = { 0 };
	struct config *config = load(yaml, &problems);

	check_no_problems(&problems);
	assert_non_null(config);
	return config;
}

static void test_defaults_are_a_usable_configuration(void **state)
{
	struct config *config = config_default();

	(void)state;
	assert_null(config->file);
	assert_null(config->company.name);
	assert_int_equal(config->n_sources, 0);
	assert_int_equal(config->alerts.max_per_minute, 10);
	assert_int_equal(config->alerts.max_age, 86400 * NS_PER_S);
	assert_string_equal(config->storage.directory, "/var/lib/sokuhod");
	assert_string_equal(config->storage.socket, "/run/sokuhod/control.sock");
	assert_int_equal(config->storage.keep_record, 30 * 86400 * NS_PER_S);
	assert_int_equal(config->storage.keep_review, 365 * 86400 * NS_PER_S);
	assert_int_equal(config->limits.line_max, 1048576);
	assert_int_equal(config->limits.groups_max, 100000);
	assert_int_equal(config->limits.lateness, 600 * NS_PER_S);
	assert_string_equal(config->profile, "r2-4608");
	config_free(config);
}

static void test_data_directory_comes_from_the_environment_unless_the_file_names_one(void **state)
{
	const char *before = getenv("SOKUHO_DATA_DIR");
	char *kept = before ? strdup(before) : NULL, want[64];
	struct config *config;

	(void)state;
	setenv("SOKUHO_DATA_DIR", "/somewhere/rules", 1);
	config = config_default();
	assert_string_equal(config->data_directory, "/somewhere/rules");
	config_free(config);
	config = load_good("data_directory: ./mine\n");
	snprintf(want, sizeof(want), "%s/mine", folder);
	assert_string_equal(config->data_directory, want);
	config_free(config);
	unsetenv("SOKUHO_DATA_DIR");
	config = config_default();
	assert_true(config->data_directory[0] == '/');
	config_free(config);
	if (kept)
		setenv("SOKUHO_DATA_DIR", kept, 1);
	free(kept);
}

static void test_company_and_notice_are_read_as_written(void **state)
{
	struct config *config = load_good("company: {name: 株式会社サンプル製作所, office: 第一事業所}\n"
					  "contact: {department: 情報管理課, name: ~, phone: （未記入）}\n"
					  "notice:\n"
					  "  profile: r9-1\n"
					  "  windows_verified_on: 2026-04-01\n"
					  "  office_hours: {from: \"08:30\", to: \"17:15\"}\n");

	(void)state;
	assert_string_equal(config->file, path);
	assert_string_equal(config->company.name, "株式会社サンプル製作所");
	assert_string_equal(config->company.office, "第一事業所");
	assert_null(config->contact.name);
	assert_string_equal(config->contact.phone, "（未記入）");
	assert_string_equal(config->profile, "r9-1");
	assert_string_equal(config->windows_verified_on, "2026-04-01");
	assert_string_equal(config->office_from, "08:30");
	assert_string_equal(config->office_to, "17:15");
	config_free(config);
}

static void test_sources_are_read_over_their_defaults(void **state)
{
	struct config *config = load_good(
		"sources:\n"
		"  - {name: a, path: logs/messages}\n"
		"  - name: b\n"
		"    kind: file\n"
		"    path: [/var/log/eve*.json, more/x]\n"
		"    rotated: /var/log/old/eve*\n"
		"    format: json\n"
		"    timezone: '+09:00'\n"
		"    start: 24h\n"
		"    logsource: {product: linux, service: sshd}\n");
	struct source_conf *a, *b;
	char want[64];

	(void)state;
	assert_int_equal(config->n_sources, 2);
	a = &config->sources[0];
	b = &config->sources[1];
	snprintf(want, sizeof(want), "%s/logs/messages", folder);
	assert_string_equal(a->path.at[0], want);
	assert_string_equal(a->kind, "file");
	assert_string_equal(a->format, "auto");
	assert_string_equal(a->encoding, "auto");
	assert_string_equal(a->timezone, "Asia/Tokyo");
	assert_string_equal(a->start, "end");
	assert_int_equal(b->path.n, 2);
	assert_string_equal(b->path.at[0], "/var/log/eve*.json");
	assert_string_equal(b->rotated.at[0], "/var/log/old/eve*");
	assert_string_equal(b->timezone, "+09:00");
	assert_string_equal(b->start, "24h");
	assert_null(b->logsource_category);
	assert_string_equal(b->logsource_service, "sshd");
	assert_int_equal(b->logsource.n, 2);
	assert_string_equal(b->logsource.at[0], "product=linux");
	config_free(config);
}

static void test_targets_numbers_and_paths_are_read(void **state)
{
	struct config *config = load_good(
		"targets:\n"
		"  - {name: j, kind: journal}\n"
		"  - {name: m, kind: mail, level: urgent, url: 'smtp://mx.example.jp:25',\n"
		"     from: a@example.jp, to: [b@example.jp, c@example.jp], username: u,\n"
		"     password_file: secret, starttls: true, timeout: 5s}\n"
		"  - {name: e, kind: exec, command: [/usr/local/bin/call, -x]}\n"
		"limits: {line_max: 64KiB, lateness: 0s}\n"
		"storage: {directory: state, max_mib: 100}\n"
		"inventory: inventory.yaml\n"
		"rules: [rules.d]\n");
	char want[64];

	(void)state;
	assert_int_equal(config->n_targets, 3);
	assert_string_equal(config->targets[0].level, "review");
	assert_int_equal(config->targets[0].timeout, 30 * NS_PER_S);
	assert_int_equal(config->targets[1].to.n, 2);
	assert_true(config->targets[1].starttls);
	assert_int_equal(config->targets[1].timeout, 5 * NS_PER_S);
	snprintf(want, sizeof(want), "%s/secret", folder);
	assert_string_equal(config->targets[1].password_file, want);
	assert_string_equal(config->targets[2].command.at[1], "-x");
	assert_int_equal(config->limits.line_max, 65536);
	assert_int_equal(config->limits.lateness, 0);
	snprintf(want, sizeof(want), "%s/state", folder);
	assert_string_equal(config->storage.directory, want);
	snprintf(want, sizeof(want), "%s/inventory.yaml", folder);
	assert_string_equal(config->inventory, want);
	snprintf(want, sizeof(want), "%s/rules.d", folder);
	assert_string_equal(config->rules.at[0], want);
	config_free(config);
}

static void test_own_networks_decide_what_is_inside(void **state)
{
	struct config *config = load_good("networks: [198.51.100.0/24, '2001:db8::/32']\n");
	static const struct { const char *address; bool inside; } cases[] = {
		{ "198.51.100.7", true }, { "198.51.101.7", false },
		{ "2001:db8::1", true }, { "2001:db9::1", false },
	};
	unsigned char bytes[16];

	(void)state;
	assert_int_equal(config->n_networks, 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(address_parse(slice_of(cases[i].address), bytes));
		assert_int_equal(config_is_inside(config, bytes), cases[i].inside);
	}
	config_free(config);
}

static void test_an_empty_file_gives_the_defaults(void **state)
{
	struct config *config = load_good("# nothing yet\n");

	(void)state;
	config_free(config);
}

static void test_faults_are_told_with_place_and_help(void **state)
{
	static const struct { const char *yaml, *place, *words; } cases[] = {
		{ "compny: {name: a}\n", ":1:1:", "did you mean 'company'" },
		{ "company: {nam: a}\n", ":1:11:", "unknown key 'nam' in company; did you mean 'name'" },
		{ "sources:\n  - {name: a, path: x, formt: json}\n", ":2:24:", "'format'" },
		{ "company: text\n", ":1:10:", "company: 'text' is not right" },
		{ "alerts: {max_per_minute: 0}\n", ":1:26:", "outside 1..1000" },
		{ "alerts: {max_per_minute: many}\n", ":1:26:", "whole number" },
		{ "alerts: {max_per_minute: 1KiB}\n", ":1:26:", "whole number" },
		{ "alerts: {max_per_minute: -1}\n", ":1:26:", "whole number" },
		{ "limits: {lateness: 25h}\n", ":1:20:", "outside 0s..86400s" },
		{ "limits: {lateness: 10}\n", ":1:20:", "a duration such as" },
		{ "limits: {line_max: 1GiB}\n", ":1:20:", "KiB or MiB" },
		{ "limits: {line_max: 99999999999999999999}\n", ":1:20:", "KiB or MiB" },
		{ "networks: [192.0.2.0/33]\n", ":1:12:", "192.0.2.0/33" },
		{ "sources: [{path: x}]\n", ":1:11:", "without name" },
		{ "sources: [{name: 'a b', path: x}]\n", ":1:18:", "letters, digits" },
		{ "sources: [{name: a}]\n", ":1:11:", "needs 'path:'" },
		{ "sources:\n  - {name: a, path: x}\n  - {name: a, path: y}\n", ":3:12:",
		  "two sources are named 'a' (first in line 2)" },
		{ "sources: [{name: a, kind: journal, path: x, namespace: y}]\n", ":1:42:", "or a 'namespace:'" },
		{ "sources: [{name: a, kind: journal, matches: [_UID]}]\n", ":1:45:", "not FIELD=value" },
		{ "sources: [{name: a, kind: pipe}]\n", ":1:11:", "needs one 'path:'" },
		{ "sources: [{name: a, path: x, matches: [A=b]}]\n", ":1:39:", "for kind journal" },
		{ "sources: [{name: a, kind: socket, path: x, rotated: y}]\n", ":1:53:", "for kind file" },
		{ "sources: [{name: a, path: x, silent_after: soon}]\n", ":1:44:", "learn, off" },
		{ "sources: [{name: a, kind: fiel, path: x}]\n", ":1:27:", "did you mean 'file'" },
		{ "sources: [{name: a, path: x, timezone: Asia/Toky}]\n", ":1:40:", "Asia/Toky" },
		{ "sources: [{name: a, path: x, start: never}]\n", ":1:37:", "beginning" },
		{ "sources: [{name: a, path: x, encoding: EBCDIC}]\n", ":1:40:", "UTF-8" },
		{ "sources: {name: a}\n", ":1:10:", "a list of maps" },
		{ "sources: [a]\n", ":1:11:", "a list of maps" },
		{ "targets: [{name: a}]\n", ":1:11:", "without kind" },
		{ "targets: [{kind: journal}]\n", ":1:11:", "without name" },
		{ "targets: [{name: a, kind: mial}]\n", ":1:27:", "did you mean 'mail'" },
		{ "targets: [{name: a, kind: journal, level: record}]\n", ":1:43:",
		  "unknown word 'record'" },
		{ "targets: [{name: a, kind: mail, from: a@b, to: a@b}]\n", ":1:11:", "'url:'" },
		{ "targets: [{name: a, kind: mail, url: 'smtp://h', to: a@b}]\n", ":1:11:", "'from:'" },
		{ "targets: [{name: a, kind: mail, url: 'smtp://h', from: a@b}]\n", ":1:11:", "'to:'" },
		{ "targets: [{name: a, kind: mail, url: 'http://h', from: a@b, to: a@b}]\n", ":1:38:",
		  "smtp://" },
		{ "targets: [{name: a, kind: mail, url: 'smtp://h', from: a@b, to: [a@b, b]}]\n",
		  ":1:71:", "no mail address" },
		{ "targets: [{name: a, kind: mail, url: 'smtp://h', from: \"a@b\\r\\nX: y\", to: a@b}]\n",
		  ":1:56:", "one line of text" },
		{ "targets: [{name: a, kind: exec}]\n", ":1:11:", "'command:'" },
		{ "targets: [{name: a, kind: exec, command: call}]\n", ":1:42:", "whole path" },
		{ "targets: [{name: a, kind: journal, starttls: yes}]\n", ":1:46:", "true or false" },
		{ "targets:\n  - {name: a, kind: journal}\n  - {name: a, kind: journal}\n", ":3:12:",
		  "two targets" },
		{ "notice: {profile: ../../etc}\n", ":1:19:", "letters" },
		{ "notice: {windows_verified_on: 2026-02-30}\n", ":1:31:", "a date" },
		{ "notice: {office_hours: {from: '08:30'}}\n", ":1:24:", "go together" },
		{ "notice: {office_hours: {from: '8:30', to: '17:15'}}\n", ":1:31:", "HH:MM" },
		{ "notice: {office_hours: {from: '17:15', to: '08:30'}}\n", ":1:24:", "before" },
		{ "- a\n", ":1:1:", "map of sections" },
		{ "company: {}\n---\ncompany: {}\n", ":3:1:", "one YAML document" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = { 0 };
		struct text text = { 0 };
		char place[128];

		assert_null(load(cases[i].yaml, &problems));
		problems_print(&problems, false, &text);
		snprintf(place, sizeof(place), "%s%s", path, cases[i].place);
		if (!text.at || !strstr(text.at, place) || !strstr(text.at, cases[i].words))
			fail_msg("case %zu %s wants '%s' and '%s', but says: %s", i, cases[i].yaml,
				 cases[i].place, cases[i].words, text.at ? text.at : "nothing");
		text_clear(&text);
		problems_clear(&problems);
	}
}

static void test_a_password_in_clear_text_is_warned_of(void **state)
{
	static const struct { const char *url, *more; bool warned; } cases[] = {
		{ "smtp://h", "username: u, password_file: p", true },
		{ "smtp://h", "username: u, password_file: p, starttls: true", false },
		{ "smtps://h", "username: u, password_file: p", false },
		{ "smtp://h", "timeout: 5s", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = { 0 };
		struct text yaml = { 0 };
		struct config *config;

		text_addf(&yaml, "targets:\n  - {name: a, kind: mail, from: a@b, to: a@b, url: '%s', %s}\n", cases[i].url,
			  cases[i].more);
		config = load(yaml.at, &problems);
		assert_non_null(config);
		assert_int_equal(problems.n, cases[i].warned);
		if (cases[i].warned) {
			assert_int_equal(problems.at[0].line, 2);
			assert_int_equal(problems.at[0].kind, PROBLEM_WARNING);
			assert_non_null(strstr(problems.at[0].text, "target 'a': the password"));
		}
		config_free(config);
		text_clear(&yaml);
		problems_clear(&problems);
	}
}

static void test_all_faults_are_told_in_one_run(void **state)
{
	struct problems problems = { 0 };

	(void)state;
	assert_null(load("company: {nam: a}\nlimits: {lateness: x}\nnetworks: [y]\n", &problems));
	assert_int_equal(problems.errors, 3);
	problems_clear(&problems);
}

static void test_a_delimited_source_names_its_columns(void **state)
{
	struct problems problems = { 0 };
	struct config *config;

	(void)state;
	config = load("sources: [{name: a, path: x, format: delimited, columns: [日付, user_name], delimiter: '\\t'}]\n", &problems);
	assert_non_null(config);
	assert_int_equal(problems.n, 0);
	assert_int_equal(config->sources[0].columns.n, 2);
	assert_string_equal(config->sources[0].columns.at[1], "user_name");
	assert_int_equal(source_delimiter(&config->sources[0]), '\t');
	config_free(config);
	config = load("sources: [{name: a, path: x, format: delimited, columns: [b]}]\n", &problems);
	assert_non_null(config);
	assert_int_equal(source_delimiter(&config->sources[0]), ',');
	config_free(config);
	problems_clear(&problems);
}

/* In place of the system's: what it answers for the file that is found by itself. */
static int found_errno;
int access(const char *name, int mode)
{
	if (strcmp(name, SOKUHO_CONF) != 0)
		return faccessat(AT_FDCWD, name, mode, 0);
	errno = found_errno;
	return found_errno ? -1 : 0;
}

static void test_only_a_configuration_that_is_not_there_is_replaced_by_the_defaults(void **state)
{
	static const struct { int found; bool defaults; } cases[] = {
		{ 0, false }, { ENOENT, true }, { ENOTDIR, true }, { EACCES, false }, { EIO, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		found_errno = cases[i].found;
		assert_int_equal(config_find_path(NULL) == NULL, cases[i].defaults);
	}
	assert_string_equal(config_find_path("mine.yaml"), "mine.yaml");
}

static void test_a_missing_file_is_told(void **state)
{
	struct problems problems = { 0 };

	(void)state;
	assert_null(config_load("/nonexistent/sokuhod.yaml", &problems));
	assert_int_equal(problems.errors, 1);
	problems_clear(&problems);
}

static void test_print_settings_names_every_setting_once_with_type_and_default(void **state)
{
	static const char *const wants[] = {
		"company.name  ", "contact.phone  ", "sources[].timezone  ",
		"sources[].logsource.category  ", "targets[].password_file  ", "networks  ",
		"notice.office_hours.from  ", "inventory  ", "limits.lateness  ",
	};
	struct text text = { 0 };

	(void)state;
	config_print_settings(&text);
	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		const char *at = strstr(text.at, wants[i]);

		if (!at || (at != text.at && at[-1] != '\n'))
			fail_msg("no line for '%s' in:\n%s", wants[i], text.at);
	}
	assert_non_null(strstr(text.at, "duration   10m "));
	text_clear(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_are_a_usable_configuration),
		cmocka_unit_test(
			test_data_directory_comes_from_the_environment_unless_the_file_names_one),
		cmocka_unit_test(test_company_and_notice_are_read_as_written),
		cmocka_unit_test(test_sources_are_read_over_their_defaults),
		cmocka_unit_test(test_targets_numbers_and_paths_are_read),
		cmocka_unit_test(test_own_networks_decide_what_is_inside),
		cmocka_unit_test(test_an_empty_file_gives_the_defaults),
		cmocka_unit_test(test_faults_are_told_with_place_and_help),
		cmocka_unit_test(test_a_password_in_clear_text_is_warned_of),
		cmocka_unit_test(test_all_faults_are_told_in_one_run),
		cmocka_unit_test(test_a_delimited_source_names_its_columns),
		cmocka_unit_test(test_only_a_configuration_that_is_not_there_is_replaced_by_the_defaults),
		cmocka_unit_test(test_a_missing_file_is_told),
		cmocka_unit_test(test_print_settings_names_every_setting_once_with_type_and_default),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
