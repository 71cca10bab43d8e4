/*
 * Whom to call. The contracting body of the contract decides the window, the calendar only which of its numbers
 * comes first: all numbers are always shown, the fallback below. A subcontractor calls its prime.
 */
#include "draft/window.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct windows {
	const struct notice *notice;
	const struct config *config;
	int64_t at;
	bool open;
	const char *why;
};

static void windows_open(struct windows *w, const struct notice *notice, const struct config *config,
			 int64_t at)
{
	*w = (struct windows){ .notice = notice, .config = config, .at = at };
	w->open = calendar_is_open(notice, config, at, &w->why);
}

static const char *label(const struct windows *w, const char *name)
{
	return phrase_label(w->notice, "labels", name);
}

static bool is_night(const struct node *phone)
{
	const char *when = node_get_text(phone, "when");

	return when && strcmp(when, "night_holiday") == 0;
}

static void phone_text(const struct windows *w, const struct node *phone, struct text *out)
{
	const char *when = node_get_text(phone, "when"), *quote = node_get_text(phone, "extensions_quote");
	const char *line = node_get_text(phone, "line_quote");
	const char *hours = is_night(phone) ? "night" :
			    when && strcmp(when, "unstated") == 0 ? "unstated" : "office_hours";
	struct text extensions = { 0 };

	for (size_t i = 0; !quote && i < node_count(node_get(phone, "extensions")); i++)
		text_addf(&extensions, "%s%s", i ? "、" : "",
			  node_text(node_item(node_get(phone, "extensions"), i)));
	text_addf(out, "    %s%s", node_get_text(phone, "number"), quote || extensions.len ? " " : "");
	if (quote)
		text_add(out, quote);
	else if (extensions.len)
		phrase_fill(label(w, "extension"), out, "extensions", extensions.at, (const char *)NULL);
	if (line)
		text_addf(out, " %s", line);
	text_addf(out, "（%s）\n", label(w, hours));
	text_clear(&extensions);
}

/* What fits the hour first; the others below. */
static void window_phones(const struct windows *w, const struct node *window, struct text *out)
{
	const struct node *phones = notice_phones(w->notice, window);

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < node_count(phones); i++)
			if ((is_night(node_item(phones, i)) != w->open) == (pass == 0))
				phone_text(w, node_item(phones, i), out);
}

static void window_entry(const struct windows *w, const struct node *window, struct text *out)
{
	const char *body = node_get_text(window, "body_quote"), *desk = node_get_text(window, "desk_quote");
	const char *condition = node_get_text(window, "condition_corrected");

	if (condition)
		text_addf(out, "  %s：", condition);
	else
		text_add(out, "  ");
	text_addf(out, "%s%s%s\n", body ? body : "", body ? " " : "", desk ? desk : "");
	window_phones(w, window, out);
}

bool draft_windows_confirmed(const struct config *config, int64_t at)
{
	const char *date = config->windows_verified_on;
	int64_t day;
	struct err err;

	return date && time_parse_argument(date, OFFSET_JST, &day, &err) == 0 && at - day < 366 * 86400 * NS_PER_S;
}

static void hours_line(const struct windows *w, struct text *out)
{
	const char *date = w->config->windows_verified_on;

	if (w->open)
		text_add(out, label(w, "now_open"));
	else
		phrase_fill(label(w, "now_closed"), out, "why",
			    w->why ? phrase_label(w->notice, "why_names", w->why) : label(w, "why_hours"),
			    (const char *)NULL);
	text_addf(out, "\n%s", label(w, "printed"));
	if (date)
		phrase_fill(label(w, draft_windows_confirmed(w->config, w->at) ? "verified" : "verified_old"), out, "date", date,
			    (const char *)NULL);
	else
		text_add(out, label(w, "unverified"));
	text_add_char(out, '\n');
}

static int unknown_body(const struct windows *w, const char *body, struct err *err)
{
	const struct node *list = node_get(w->notice->profile, "windows");
	const char *ids[64];
	size_t n = 0;

	for (; n < node_count(list) && n < 64; n++)
		ids[n] = node_get_text(node_item(list, n), "id");
	err_set(err, ERR_USAGE, "unknown body '%.64s'; `sokuhoctl window` lists all", body);
	err_hint(err, ids, n, body);
	return ERR_USAGE;
}

/* A body by its id or by its name as the notice prints it. */
static const struct node *body_find(const struct notice *notice, const char *body)
{
	const struct node *list = node_get(notice->profile, "windows");

	for (size_t i = 0; i < node_count(list); i++)
		if (node_has(node_get(node_item(list, i), "body_quote"), body))
			return node_item(list, i);
	return notice_window(notice, body);
}

int window_text(const struct notice *notice, const struct config *config, const char *body,
		int64_t at, struct text *out, struct err *err)
{
	const struct node *list = node_get(notice->profile, "windows"), *one = NULL;
	struct windows w;

	windows_open(&w, notice, config, at);
	if (body && !(one = body_find(notice, body)))
		return unknown_body(&w, body, err);
	hours_line(&w, out);
	for (size_t i = 0; i < node_count(list); i++)
		if (!one || one == node_item(list, i))
			window_entry(&w, node_item(list, i), out);
	window_entry(&w, notice_fallback(notice), out);
	return 0;
}

static void add_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, text ? json_object_new_string(text) : NULL);
}

static struct json_object *entry_json(const struct windows *w, const struct node *window)
{
	struct json_object *o = json_object_new_object(), *phones = json_object_new_array();
	const struct node *list = notice_phones(w->notice, window);

	add_text(o, "id", node_get_text(window, "id"));
	add_text(o, "body", node_get_text(window, "body_quote"));
	add_text(o, "desk", node_get_text(window, "desk_quote"));
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < node_count(list); i++) {
			const struct node *phone = node_item(list, i), *ext = node_get(phone, "extensions");
			struct json_object *one, *extensions;

			if ((is_night(phone) != w->open) != (pass == 0))
				continue;
			one = json_object_new_object();
			extensions = json_object_new_array();
			add_text(one, "number", node_get_text(phone, "number"));
			for (size_t k = 0; k < node_count(ext); k++)
				json_object_array_add(extensions,
						      json_object_new_string(node_text(node_item(ext, k))));
			json_object_object_add(one, "extensions", extensions);
			add_text(one, "when", node_get_text(phone, "when"));
			json_object_array_add(phones, one);
		}
	json_object_object_add(o, "phones", phones);
	return o;
}

struct json_object *window_json(const struct notice *notice, const struct config *config,
				const char *body, int64_t at, struct err *err)
{
	const struct node *list = node_get(notice->profile, "windows"), *only = NULL;
	struct json_object *o, *windows;
	struct windows w;

	windows_open(&w, notice, config, at);
	if (body && !(only = body_find(notice, body))) {
		unknown_body(&w, body, err);
		return NULL;
	}
	o = json_object_new_object();
	windows = json_object_new_array();
	json_object_object_add(o, "open", json_object_new_boolean(w.open));
	add_text(o, "why", w.why);
	add_text(o, "verified_on", config->windows_verified_on);
	for (size_t i = 0; i < node_count(list); i++)
		if (!only || only == node_item(list, i))
			json_object_array_add(windows, entry_json(&w, node_item(list, i)));
	json_object_object_add(o, "windows", windows);
	json_object_object_add(o, "fallback", entry_json(&w, notice_fallback(notice)));
	return o;
}

/* The prime of a subcontract is called in place of a window. */
static void prime_entry(const struct windows *w, const struct contract *c, struct text *out)
{
	text_addf(out, "  %s", label(w, "sub"));
	escape_terminal(slice_of(c->prime_name ? c->prime_name : ""), out);
	text_add_char(out, '\n');
	if (!c->prime_day && !c->prime_night) {
		text_addf(out, "    %s\n", label(w, "sub_unknown"));
		return;
	}
	for (int pass = 0; pass < 2; pass++) {
		bool day = w->open == (pass == 0);
		const char *number = day ? c->prime_day : c->prime_night;

		if (!number)
			continue;
		text_add(out, "    ");
		escape_terminal(slice_of(number), out);
		text_addf(out, "（%s）\n", label(w, day ? "prime_day" : "prime_night"));
	}
}

/* Bases for which the notice names no window: the step of the call that asks about it lists them. */
static bool needs_question(const struct draft_input *input)
{
	const struct node *steps = node_get(node_get(input->notice->phrases, "phone_script"), "steps");
	const struct strlist *bases = phrase_bases(input->incident);

	for (size_t i = 0; i < node_count(steps); i++)
		for (size_t k = 0; k < bases->n; k++)
			if (node_has(node_get(node_item(steps, i), "also_for"), bases->at[k]))
				return true;
	return false;
}

static const struct contract *contract_at(const struct draft_input *input, size_t k)
{
	return inventory_contract(input->inventory, input->incident->contracts.at[k]);
}

void draft_addressees(const struct draft_input *input, struct strlist *out)
{
	const char *first = node_get_text(node_item(node_get(input->notice->profile, "windows"), 0), "id");

	if (input->incident->drill) {
		strlist_add(out, WINDOW_EXERCISE);
		return;
	}
	for (int pass = 0; pass < 2; pass++)
		for (size_t k = 0; k < input->incident->contracts.n; k++) {
			const struct contract *c = contract_at(input, k);

			if (c && c->body && !c->sub && notice_window(input->notice, c->body) &&
			    notice_body_is_first(input->notice, c->body) == (pass == 0))
				strlist_add_once(out, c->body);
		}
	for (size_t k = 0; k < input->incident->contracts.n; k++) {
		const struct contract *c = contract_at(input, k);
		struct text prime = { 0 };

		if (!c || !c->sub)
			continue;
		text_addf(&prime, WINDOW_PRIME "%s", c->label);
		strlist_add_once(out, prime.at);
		text_clear(&prime);
	}
	if (!out->n && first)
		strlist_add(out, first);
}

const struct contract *window_prime(const struct draft_input *input, const char *window)
{
	size_t head = strlen(WINDOW_PRIME);

	return strncmp(window, WINDOW_PRIME, head) == 0 ? inventory_contract(input->inventory, window + head) :
							  NULL;
}

void window_name(const struct draft_input *input, const char *window, struct text *out)
{
	const struct contract *prime = window_prime(input, window);
	const struct node *node = strcmp(window, WINDOW_FALLBACK) == 0 ? notice_fallback(input->notice) :
									 notice_window(input->notice, window);
	const char *body = node_get_text(node, "body_quote"), *desk = node_get_text(node, "desk_quote");

	if (strcmp(window, WINDOW_EXERCISE) == 0)
		text_add(out, phrase_label(input->notice, "labels", "exercise"));
	else if (prime)
		escape_terminal(slice_of(prime->prime_name), out);
	else
		text_addf(out, "%s%s%s", body ? body : "", body && desk ? " " : "", desk ? desk : "");
}

static void exercise_entry(const struct windows *w, struct text *out)
{
	const char *phone = w->config->exercise_phone;

	text_addf(out, "  %s\n    ", label(w, "exercise"));
	if (phone && phone[0])
		escape_terminal(slice_of(phone), out);
	else
		text_add(out, label(w, "exercise_unknown"));
	text_add_char(out, '\n');
}

/* One addressee with its numbers; what fits the hour comes first. */
void window_print(const struct draft_input *input, const char *window, struct text *out)
{
	const struct contract *prime = window_prime(input, window);
	struct windows w;

	windows_open(&w, input->notice, input->config, input->now);
	if (strcmp(window, WINDOW_EXERCISE) == 0)
		exercise_entry(&w, out);
	else if (prime)
		prime_entry(&w, prime, out);
	else if (strcmp(window, WINDOW_FALLBACK) == 0)
		window_entry(&w, notice_fallback(input->notice), out);
	else if (notice_window(input->notice, window))
		window_entry(&w, notice_window(input->notice, window), out);
}

void window_hours(const struct draft_input *input, struct text *out)
{
	struct windows w;

	windows_open(&w, input->notice, input->config, input->now);
	hours_line(&w, out);
}

const struct node *window_first_phone(const struct draft_input *input, const struct node *window)
{
	const struct node *phones = notice_phones(input->notice, window);
	bool open = calendar_is_open(input->notice, input->config, input->now, NULL);

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < node_count(phones); i++)
			if ((is_night(node_item(phones, i)) != open) == (pass == 0))
				return node_item(phones, i);
	return NULL;
}

bool window_is_named(const struct draft_input *input)
{
	for (size_t k = 0; k < input->incident->contracts.n; k++) {
		const struct contract *c = contract_at(input, k);

		if (c && (c->sub || notice_window(input->notice, c->body)))
			return true;
	}
	return false;
}

int draft_windows(const struct draft_input *input, struct text *out, struct err *err)
{
	struct strlist list = { 0 };
	bool window = false;

	(void)err;
	window_hours(input, out);
	draft_addressees(input, &list);
	if (!input->incident->drill && !window_is_named(input))
		text_addf(out, "  %s\n", phrase_label(input->notice, "labels", "contract_unknown"));
	for (size_t k = 0; k < list.n; k++) {
		window_print(input, list.at[k], out);
		window = window || notice_window(input->notice, list.at[k]);
	}
	if (window)
		window_print(input, WINDOW_FALLBACK, out);
	if (window && needs_question(input))
		text_addf(out, "  %s\n", phrase_label(input->notice, "labels", "other_basis"));
	strlist_clear(&list);
	return 0;
}
