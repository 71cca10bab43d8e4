/*
 * What a site knows better than the notice of 2020: numbers of windows (YAML, as the profile writes them) and the holidays
 * as the Cabinet Office publishes them (CSV, UTF-8 or CP932). A year of which the table has a day goes by the table.
 */
#include "settings/notice.h"

#include "base/escape.h"
#include "base/mem.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (1 << 20)
#define DAYS_MAX 5000

static bool when_is_good(const struct node *when)
{
	return node_has(when, "office_hours") || node_has(when, "night_holiday") || node_has(when, "unstated");
}

static const char *phones_checked(const struct notice *n, const struct node *entry)
{
	const char *id = node_get_text(entry, "id");
	const struct node *phones = node_get(entry, "phones");

	if (!id || (!notice_window(n, id) && strcmp(id, "fallback") != 0))
		return "id is not a window of the profile, nor fallback";
	for (size_t k = 0; k < node_count(phones); k++)
		if (!node_get_text(node_item(phones, k), "number") || !when_is_good(node_get(node_item(phones, k), "when")))
			return "a phone has number and when (office_hours, night_holiday or unstated)";
	return node_count(phones) ? NULL : "phones is missing";
}

static void windows_load(struct notice *n, const char *path, struct problems *problems)
{
	const struct node *list;

	n->site_file = yaml_load(path, problems);
	if (!n->site_file)
		return;
	n->site_windows = n->site_file->n ? node_get(n->site_file->documents[0], "windows") : NULL;
	list = n->site_windows;
	if (!node_count(list))
		problem_add(problems, PROBLEM_ERROR, path, 1, 1, "a list 'windows' is wanted here");
	for (size_t k = 0; k < node_count(list); k++) {
		const char *fault = phones_checked(n, node_item(list, k));

		if (fault)
			node_error(problems, n->site_file, node_item(list, k), "%s", fault);
	}
}

const struct node *notice_phones(const struct notice *n, const struct node *window)
{
	const char *id = node_get_text(window, "id");

	for (size_t k = 0; id && k < node_count(n->site_windows); k++)
		if (node_has(node_get(node_item(n->site_windows, k), "id"), id))
			return node_get(node_item(n->site_windows, k), "phones");
	return node_get(window, "phones");
}

/* ------------------------------------------------------------ holidays */

/* The whole file as UTF-8; what is none is taken for CP932. */
static int file_text(const char *path, struct text *out, struct err *err)
{
	FILE *file = fopen(path, "re");
	char *bytes = mem_zalloc(FILE_BYTES_MAX), *at = bytes;
	size_t n = file ? fread(bytes, 1, FILE_BYTES_MAX, file) : 0, left;
	iconv_t converter;
	char block[4096];
	int rc = 0;

	if (!file)
		rc = err_set(err, ERR_CONFIG, "cannot be opened: %s", strerror(errno));
	else if (n == FILE_BYTES_MAX)
		rc = err_set(err, ERR_LIMIT, "is larger than 1 MiB");
	else if (utf8_valid((struct slice){ bytes, n }))
		text_add_bytes(out, bytes, n);
	else if ((converter = iconv_open("UTF-8", "CP932")) != (iconv_t)-1) {
		for (left = n; rc == 0 && left;) {
			char *to = block;
			size_t room = sizeof(block);

			if (iconv(converter, &at, &left, &to, &room) == (size_t)-1 && errno != E2BIG)
				rc = err_set(err, ERR_CONFIG, "is neither UTF-8 nor CP932");
			text_add_bytes(out, block, sizeof(block) - room);
		}
		iconv_close(converter);
	}
	if (file)
		fclose(file);
	free(bytes);
	return rc;
}

/* 2026/11/23,勤労感謝の日 */
static bool holiday_parse(const char *line, struct holiday *out)
{
	char name[128];

	if (sscanf(line, "%4d%*1[-/]%2d%*1[-/]%2d,%127[^,\r\n]", &out->year, &out->month, &out->day, name) != 4 ||
	    out->month < 1 || out->month > 12 || out->day < 1 || out->day > 31)
		return false;
	out->name = mem_strdup(name);
	return true;
}

static void holidays_load(struct notice *n, const char *path, struct problems *problems)
{
	struct text text = { 0 };
	struct holiday day;
	size_t cap = 0;
	char both[BOTH_MAX];
	struct err err;
	int number = 0;
	size_t errors = problems->errors;

	if (file_text(path, &text, &err) < 0)
		problem_add(problems, PROBLEM_ERROR, path, 0, 0, "%s", problem_err(&err, both));
	for (char *save = NULL, *line = text.at ? strtok_r(text.at, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		number++;
		if (holiday_parse(line, &day) && n->n_holidays < DAYS_MAX) {
			n->holidays = mem_grow(n->holidays, &cap, n->n_holidays + 1, sizeof(day));
			n->holidays[n->n_holidays++] = day;
		} else if (number > 1 && line[strspn(line, " \r")]) {
			problem_add(problems, PROBLEM_ERROR, path, number, 1, "a line is YEAR/MONTH/DAY,NAME");
		}
	}
	if (!n->n_holidays && problems->errors == errors)
		problem_add(problems, PROBLEM_ERROR, path, 0, 0, "there is no holiday in it");
	text_clear(&text);
}

const char *notice_holiday(const struct notice *n, int year, int month, int day, bool *known)
{
	const char *name = NULL;

	*known = false;
	for (size_t k = 0; k < n->n_holidays; k++) {
		const struct holiday *h = &n->holidays[k];

		*known = *known || h->year == year;
		if (h->year == year && h->month == month && h->day == day)
			name = h->name;
	}
	return name;
}

void notice_load_site(struct notice *n, const char *windows, const char *holidays, struct problems *problems)
{
	if (windows)
		windows_load(n, windows, problems);
	if (holidays)
		holidays_load(n, holidays, problems);
}

void notice_free_site(struct notice *n)
{
	yaml_free(n->site_file);
	for (size_t k = 0; k < n->n_holidays; k++)
		free(n->holidays[k].name);
	free(n->holidays);
}
