/* Silence, lines that nobody can read, clocks that jump: told once, and once more when it is over. */
#include "check.h"

#include "base/clock.h"
#include "pulse.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define MINUTE (60 * NS_PER_S)
#define HOUR (60 * MINUTE)
#define START (INT64_C(1790000000) * NS_PER_S)

static struct text told;

static void on_warn(void *context, enum warning warning, const char *source, const char *sentence)
{
	(void)context;
	assert_true(strlen(sentence) > 5);
	text_addf(&told, "%s:%s ", source, warning_word(warning));
}

static struct pulse *fresh(void)
{
	text_reset(&told);
	return pulse_new(on_warn, NULL);
}

static struct source_conf source;
static struct config config = { .sources = &source, .n_sources = 1 };

static void configure(const char *silent_after)
{
	source.name = (char *)"fw";
	source.silent_after = (char *)(uintptr_t)silent_after;
}

static void line(struct pulse *p, int64_t time, int64_t now, const char *format)
{
	struct record r = { .time = time, .format = format, .stream = 1 };

	pulse_line(p, "fw", &r, 1, 0, now);
}

static void check_told(const char *want)
{
	assert_string_equal(told.at ? told.at : "", want);
}

static void test_a_set_silence_is_told_once_and_its_end(void **state)
{
	struct pulse *p = fresh();

	(void)state;
	configure("15m");
	line(p, START, START, "syslog");
	pulse_look(p, &config, START + 14 * MINUTE);
	check_told("");
	pulse_look(p, &config, START + 15 * MINUTE);
	pulse_look(p, &config, START + 50 * MINUTE);
	check_told("fw:silent ");
	line(p, START + HOUR, START + HOUR, "syslog");
	line(p, START + HOUR, START + HOUR, "syslog");
	check_told("fw:silent fw:heard ");
	pulse_free(p);
}

static void test_a_source_that_never_spoke_is_silent_too(void **state)
{
	struct pulse *p = fresh();

	(void)state;
	configure("15m");
	pulse_look(p, &config, START);
	pulse_look(p, &config, START + 16 * MINUTE);
	check_told("fw:silent ");
	pulse_free(p);
}

static void test_the_rhythm_of_a_source_is_learned(void **state)
{
	struct pulse *p = fresh();
	int64_t now = START;

	(void)state;
	configure("learn");
	pulse_look(p, &config, now);
	/* office days with a pause of 14 hours, and a weekend of 62 */
	for (int day = 0; day < 12; day++) {
		for (int i = 0; i < 60; i++, now += 10 * MINUTE) {
			line(p, now, now, "syslog");
			pulse_look(p, &config, now);
		}
		now += (day % 5 == 4 ? 62 : 14) * HOUR;
		if (day >= 5)	/* a weekend was seen */
			pulse_look(p, &config, now);
	}
	if (strstr(told.at ? told.at : "", "silent") && strcmp(told.at, "fw:silent fw:heard ") != 0)
		fail_msg("told: %s", told.at);
	text_reset(&told);
	line(p, now, now, "syslog");
	text_reset(&told);
	pulse_look(p, &config, now + 100 * HOUR);
	check_told("");
	pulse_look(p, &config, now + 200 * HOUR);
	check_told("fw:silent ");
	pulse_free(p);
}

static void test_off_is_off_and_the_first_day_is_for_learning(void **state)
{
	static const struct { const char *set; int64_t after; } cases[] = { { "off", 9000 * HOUR }, { "learn", 23 * HOUR } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pulse *p = fresh();

		configure(cases[i].set);
		line(p, START, START, "syslog");
		line(p, START + MINUTE, START + MINUTE, "syslog");
		pulse_look(p, &config, START + cases[i].after);
		check_told("");
		pulse_free(p);
	}
}

static void test_a_restart_neither_repeats_nor_forgets(void **state)
{
	struct pulse *p = fresh();
	struct json_object *saved;

	(void)state;
	configure("15m");
	line(p, START, START, "syslog");
	pulse_look(p, &config, START + 20 * MINUTE);
	check_told("fw:silent ");
	saved = pulse_save(p);
	pulse_free(p);
	p = fresh();
	pulse_restore(p, saved, START + HOUR);
	pulse_look(p, &config, START + 2 * HOUR);
	check_told("");
	line(p, START, START + 3 * HOUR, "syslog");
	check_told("fw:heard ");
	json_object_put(saved);
	/* nobody listened while we were away: that is no silence */
	saved = pulse_save(p);
	pulse_free(p);
	p = fresh();
	pulse_restore(p, saved, START + 100 * HOUR);
	pulse_look(p, &config, START + 100 * HOUR + MINUTE);
	check_told("");
	json_object_put(saved);
	pulse_free(p);
}

static void test_lines_that_are_not_recognised_any_more(void **state)
{
	struct pulse *p = fresh();

	(void)state;
	configure("off");
	for (int i = 0; i < 400; i++)
		line(p, START, START, "syslog");
	for (int i = 0; i < 600; i++)
		line(p, START, START, NULL);
	check_told("fw:undecoded ");
	for (int i = 0; i < 400; i++)
		line(p, START, START, i % 10 ? "syslog" : NULL);
	check_told("fw:undecoded fw:decoded ");
	pulse_free(p);
	/* a source of which nothing was ever recognised is not told */
	p = fresh();
	for (int i = 0; i < 1000; i++)
		line(p, START, START, NULL);
	check_told("");
	pulse_free(p);
}

static void test_clocks_that_jump(void **state)
{
	static const struct { int64_t by; const char *want; } cases[] = {
		{ HOUR, "fw:clock fw:clock_good " }, { -2 * HOUR, "fw:clock fw:clock_good " }, { 5 * MINUTE, "" },
		{ -5 * MINUTE, "" },
	};

	(void)state;
	configure("off");
	for (size_t c = 0; c < 4; c++) {
		struct pulse *p = fresh();
		int64_t now = START;

		for (int i = 0; i < 50; i++, now += NS_PER_S)
			line(p, now, now, "syslog");
		for (int i = 0; i < 50; i++, now += NS_PER_S)
			line(p, now + cases[c].by, now, "syslog");
		for (int i = 0; i < 50; i++, now += NS_PER_S)
			line(p, now, now, "syslog");
		if (strcmp(told.at ? told.at : "", cases[c].want) != 0)
			fail_msg("%d: %s", (int)c, told.at);
		pulse_free(p);
	}
	/* one host among many: its lines do not stand in a row */
	{
		struct pulse *p = fresh();

		for (int i = 0; i < 500; i++)
			line(p, i % 3 ? START : START - 5 * HOUR, START, "syslog");
		check_told("");
		pulse_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_set_silence_is_told_once_and_its_end),
		cmocka_unit_test(test_a_source_that_never_spoke_is_silent_too),
		cmocka_unit_test(test_the_rhythm_of_a_source_is_learned),
		cmocka_unit_test(test_off_is_off_and_the_first_day_is_for_learning),
		cmocka_unit_test(test_a_restart_neither_repeats_nor_forgets),
		cmocka_unit_test(test_lines_that_are_not_recognised_any_more),
		cmocka_unit_test(test_clocks_that_jump),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	text_clear(&told);
	return rc;
}
