/*
 * Whom to call. The contracting body of the contract decides the window, the calendar only which of its numbers
 * comes first: all numbers are always shown, the fallback below. A subcontractor calls its prime.
 */
#include "draft/phrase.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

struct windows {
	const struct notice *notice;
	const struct config *config;
	struct yaml *file;
	const struct node *labels;
	bool open;
	const char *why;
};

static int windows_open(struct windows *w, const struct notice *notice,
			const struct config *config, int64_t at, struct err *err)
{
	struct problems problems = { 0 };
	struct text path = { 0 };

	*w = (struct windows){ .notice = notice, .config = config };
	text_addf(&path, "%s/form-text.ja.yaml", notice->directory);
	w->file = yaml_load(path.at, &problems);
	text_clear(&path);
	if (!w->file || w->file->n != 1) {
		err_set(err, ERR_CONFIG, "%s: %s", problems.n ? problems.at[0].file : "form-text.ja.yaml",
			problems.n ? problems.at[0].text : "one document is wanted here");
		problems_clear(&problems);
		yaml_free(w->file);
		return err->kind;
	}
	problems_clear(&problems);
	w->labels = w->file->documents[0];
	w->open = calendar_is_open(notice->calendar, config, at, &w->why);
	return 0;
}

static const char *label(const struct windows *w, const char *name)
{
	return phrase_label(w->labels, "labels", name);
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
	text_addf(out, "    %s", node_get_text(phone, "number"));
	if (quote)
		text_addf(out, " %s", quote);
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
	const struct node *phones = node_get(window, "phones");

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

static void hours_line(const struct windows *w, struct text *out)
{
	if (w->open) {
		text_addf(out, "%s\n", label(w, "now_open"));
	} else {
		phrase_fill(label(w, "now_closed"), out, "why", w->why ? w->why : label(w, "why_hours"),
			    (const char *)NULL);
		text_add_char(out, '\n');
	}
	if (w->config->windows_verified_on)
		phrase_fill(label(w, "verified"), out, "date", w->config->windows_verified_on,
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
	int near;

	for (; n < node_count(list) && n < 64; n++)
		ids[n] = node_get_text(node_item(list, n), "id");
	near = strlist_nearest(ids, n, body);
	return err_set(err, ERR_USAGE, "unknown body '%.64s'%s%s%s; `sokuhoctl window` lists all", body,
		       near >= 0 ? "; did you mean '" : "", near >= 0 ? ids[near] : "",
		       near >= 0 ? "'?" : "");
}

int window_text(const struct notice *notice, const struct config *config, const char *body,
		int64_t at, struct text *out, struct err *err)
{
	struct windows w;
	const struct node *list = node_get(notice->profile, "windows");
	int rc = windows_open(&w, notice, config, at, err);

	if (rc < 0)
		return rc;
	if (body && !notice_window(notice, body)) {
		rc = unknown_body(&w, body, err);
	} else {
		hours_line(&w, out);
		for (size_t i = 0; i < node_count(list); i++)
			if (!body || strcmp(body, node_get_text(node_item(list, i), "id")) == 0)
				window_entry(&w, node_item(list, i), out);
		window_entry(&w, notice_fallback(notice), out);
	}
	yaml_free(w.file);
	return rc;
}

static void add_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, text ? json_object_new_string(text) : NULL);
}

static struct json_object *entry_json(const struct windows *w, const struct node *window)
{
	struct json_object *o = json_object_new_object(), *phones = json_object_new_array();
	const struct node *list = node_get(window, "phones");

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
	const struct node *list = node_get(notice->profile, "windows");
	struct json_object *o, *windows;
	struct windows w;

	if (windows_open(&w, notice, config, at, err) < 0)
		return NULL;
	if (body && !notice_window(notice, body)) {
		unknown_body(&w, body, err);
		yaml_free(w.file);
		return NULL;
	}
	o = json_object_new_object();
	windows = json_object_new_array();
	json_object_object_add(o, "open", json_object_new_boolean(w.open));
	add_text(o, "why", w.why);
	add_text(o, "verified_on", config->windows_verified_on);
	for (size_t i = 0; i < node_count(list); i++)
		if (!body || strcmp(body, node_get_text(node_item(list, i), "id")) == 0)
			json_object_array_add(windows, entry_json(&w, node_item(list, i)));
	json_object_object_add(o, "windows", windows);
	json_object_object_add(o, "fallback", entry_json(&w, notice_fallback(notice)));
	yaml_free(w.file);
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

static bool needs_question(const struct incident *i)
{
	const struct strlist *bases = i->decided || !i->bases_now.n ? &i->bases : &i->bases_now;

	for (size_t k = 0; k < bases->n; k++)
		if (strncmp(bases->at[k], "s12-1-", 6) == 0 && strncmp(bases->at[k], "s12-1-i", 7) != 0)
			return true;
	return false;
}

/* Bodies of the contracts, the agency's own first. */
static void bodies_of(const struct draft_input *input, struct strlist *bodies)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < input->incident->contracts.n; i++) {
			const struct contract *c =
				inventory_contract(input->inventory, input->incident->contracts.at[i]);
			bool atla = c && c->body && strcmp(c->body, "atla") == 0;

			if (c && c->body && !c->sub && atla == (pass == 0))
				strlist_add_once(bodies, c->body);
		}
}

int draft_windows(const struct draft_input *input, struct text *out, struct err *err)
{
	const struct incident *i = input->incident;
	struct strlist bodies = { 0 };
	bool sub = false;
	struct windows w;

	if (windows_open(&w, input->notice, input->config, input->now, err) < 0)
		return err->kind;
	hours_line(&w, out);
	for (size_t k = 0; k < i->contracts.n; k++) {
		const struct contract *c = inventory_contract(input->inventory, i->contracts.at[k]);

		if (c && c->sub) {
			prime_entry(&w, c, out);
			sub = true;
		}
	}
	bodies_of(input, &bodies);
	if (!bodies.n && !sub) {
		text_addf(out, "  %s\n", label(&w, "contract_unknown"));
		strlist_add(&bodies, "atla");
	}
	for (size_t k = 0; k < bodies.n; k++)
		if (notice_window(input->notice, bodies.at[k]))
			window_entry(&w, notice_window(input->notice, bodies.at[k]), out);
	if (bodies.n) {
		window_entry(&w, notice_fallback(input->notice), out);
		if (needs_question(i))
			text_addf(out, "  %s\n", label(&w, "other_basis"));
	}
	strlist_clear(&bodies);
	yaml_free(w.file);
	return 0;
}
