/* One table says where each placeholder comes from; one function knows sentences. */
#include "draft/phrase.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_COLUMNS 200

/* Placeholders that are fields of the incident, in the order of trust. */
static const struct {
	const char *name, *fields[4];
	bool defang;
} field_rows[] = {
	{ "host", { "host.name", "host.ip", "source.ip", NULL }, false },
	{ "user", { "person.id", "user.name", "user.email", NULL }, false },
	{ "src_ip", { "source.ip", NULL }, false },
	{ "dst_ip", { "destination.ip", NULL }, false },
	{ "dst_host", { "destination.domain", "url.domain", "dns.question.name", NULL }, true },
	{ "dst_port", { "destination.port", NULL }, false },
	{ "file", { "file.name", "file.path", "email.attachments.file.name", NULL }, false },
	{ "subject", { "email.subject", NULL }, false },
	{ "sender", { "email.from.address", NULL }, false },
	{ "url", { "url.full", "url.original", NULL }, true },
	{ "page", { "url.path", "url.full", "file.path", NULL }, false },
	{ "signature", { "rule.name", "threat.name", NULL }, false },
	{ "event_count", { "event.count", NULL }, false },
	{ "cve", { "vulnerability.id", NULL }, false },
	{ "service", { "service.name", NULL }, false },
};

const char *phrase_label(const struct notice *notice, const char *section, const char *name)
{
	const char *text = node_get_text(node_get(notice->form_text, section), name);

	return text ? text : name;
}

const char *phrase_class(const struct incident *i)
{
	static const unsigned order[] = { CLASS_PROTECTED, CLASS_SECRET, CLASS_SAME_INTRANET,
					  CLASS_OTHER_DEFENCE, CLASS_COMPANY_WEB };

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		if (i->classes & order[k])
			return class_word(order[k]);
	return "unknown";
}

const struct strlist *phrase_bases(const struct incident *i)
{
	return i->decided || !i->bases_now.n ? &i->bases : &i->bases_now;
}

const char *phrase_wording(const struct incident *i)
{
	if (!i->decided && i->certainty != CERTAINTY_POINTED_OUT)
		return "suspected";
	return certainty_word(i->certainty);
}

bool phrase_ticked(const struct incident *i)
{
	return i->decided && i->boxes.n && i->certainty == CERTAINTY_CONFIRMED;
}

const struct node *phrase_issue(const struct notice *notice, const struct draft_issue *issue)
{
	static const char *const parts[] = { "follow_up", "correction", "withdrawal" };

	return node_get(notice->phrases, parts[issue->kind]);
}

void phrase_issue_mark(const struct notice *notice, const struct draft_issue *issue, struct text *out)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", issue->n);
	phrase_fill(node_get_text(phrase_issue(notice, issue), "title_mark"), out, "n", number, (const char *)NULL);
}

void phrase_lines(const char *text, struct text *out)
{
	struct slice rest = slice_of(text);

	while (rest.len) {
		size_t end = slice_find_byte(rest, '\n', 0);

		escape_terminal(slice_cut(rest, 0, end), out);
		if (end >= rest.len)
			break;
		text_add_char(out, '\n');
		rest = slice_cut(rest, end + 1, rest.len);
	}
}

const struct node *phrase_agency_box(const struct notice *notice, const char *agency)
{
	const struct node *boxes = node_get(notice_form_field(notice, "measures"), "boxes");

	for (size_t k = 0; agency && k < node_count(boxes); k++) {
		const struct node *inner = node_get(node_item(boxes, k), "boxes");

		for (size_t n = 0; n < node_count(inner); n++)
			if (node_has(node_get(node_item(inner, n), "id"), agency))
				return node_item(boxes, k);
	}
	return NULL;
}

void phrase_measure(const struct notice *notice, struct json_object *m, struct text *out)
{
	const char *how = json_member_text(m, "how"), *agency = json_member_text(m, "agency");
	const struct node *box = phrase_agency_box(notice, agency);
	const char *template = box ? node_get_text(node_get(notice->phrases, "text_form_measures"),
						   node_get_text(box, "mark")) : NULL;
	struct text said = { 0 };

	escape_terminal(slice_of(json_member_text(m, "text")), &said);
	if (how)
		text_add(out, node_get_text(node_get(node_get(notice->phrases, "isolation_states"), how), "state"));
	else if (template)
		phrase_fill(template, out, "agency", said.len ? said.at : draft_box_quote(notice, agency),
			    (const char *)NULL);
	else
		text_add_slice(out, text_slice(&said));
	text_clear(&said);
}

void phrase_context_init(struct phrase_context *c, const struct draft_input *input)
{
	const struct node *masking = node_get(input->notice->phrases, "masking");

	*c = (struct phrase_context){ .input = input,
				      .masked = node_has(node_get(masking, "asset_classes"),
							 phrase_class(input->incident)) };
}

const char *phrase_unknown(const struct phrase_context *c)
{
	const char *text = node_get_text(c->input->notice->phrases, "unknown");

	return text ? text : "";
}

static const struct named_value *field(const struct incident *i, const char *name)
{
	for (size_t k = 0; k < i->n_fields; k++)
		if (strcmp(i->fields[k].name, name) == 0 && i->fields[k].len)
			return &i->fields[k];
	return NULL;
}

static void add_value(struct slice value, bool defang, struct text *out)
{
	struct text clean = { 0 };

	/* one line, no controls, no turned direction, no brace that could look like a placeholder */
	escape_terminal(value, &clean);
	value = utf8_cut(text_slice(&clean), VALUE_COLUMNS);
	if (defang)
		escape_defang(value, out);
	else
		text_add_slice(out, value);
	text_clear(&clean);
}

static void add_time(int64_t time, struct text *out)
{
	struct civil c;

	time_to_civil(time, OFFSET_JST, &c);
	text_addf(out, "%d年%d月%d日 %02d時%02d分", c.year, c.month, c.day, c.hour, c.minute);
}

static bool add_joined(const struct strlist *list, struct text *out)
{
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			text_add(out, "、");
		add_value(slice_of(list->at[i]), false, out);
	}
	return list->n > 0;
}

static bool add_product(const struct incident *i, struct text *out)
{
	const struct named_value *product = field(i, "observer.product"), *vendor = field(i, "observer.vendor");

	if (!product)
		product = vendor;
	if (!product)
		return false;
	add_value((struct slice){ product->value, product->len }, false, out);
	return true;
}

static bool add_text(const char *text, struct text *out)
{
	if (text && text[0])
		add_value(slice_of(text), false, out);
	return text && text[0];
}

/* A member of an object in the officer's work, such as told.informant; NULL when nobody said it. */
static const char *work_text(const struct incident *i, const char *object, const char *name)
{
	return json_member_text(object ? json_member(i->work, object) : i->work, name);
}

/* "none" only with a named person, a method and a system that does not hold it by the inventory. */
static bool add_state(const struct phrase_context *c, struct text *out)
{
	const struct node *states = node_get(c->input->notice->phrases, "protected_states");
	const struct incident *i = c->input->incident;
	const char *confirmer = work_text(i, "nothing_stored", "confirmer");
	struct text who = { 0 }, method = { 0 };

	if (i->classes & CLASS_PROTECTED || !confirmer)
		return add_text(node_get_text(states, i->classes & CLASS_PROTECTED ? "stored" :
									     "unconfirmed"), out);
	add_text(confirmer, &who);
	add_text(work_text(i, "nothing_stored", "method"), &method);
	phrase_fill(node_get_text(states, "none"), out, "confirmer", who.at, "method", method.at,
		    (const char *)NULL);
	text_clear(&who);
	text_clear(&method);
	return true;
}

static bool add_isolation(const struct phrase_context *c, struct text *out)
{
	const struct node *states = node_get(c->input->notice->phrases, "isolation_states");
	struct json_object *list = NULL, *how = NULL;
	const char *state = "unknown";

	json_object_object_get_ex(c->input->incident->work, "measures", &list);
	for (size_t k = 0; list && k < json_object_array_length(list); k++)
		if (json_object_object_get_ex(json_object_array_get_idx(list, k), "how", &how))
			state = json_object_get_string(how);
	return add_text(node_get_text(node_get(states, state), "state"), out);
}

/* Placeholders whose evidence is what a person told us. */
static const struct { const char *name, *object, *member; } told_rows[] = {
	{ "informant", "told", "informant" },	      { "informant_ref", "told", "informant-ref" },
	{ "time_contact", "told", "contact-at" },     { "company_sub", "told", "from-subcontractor" },
	{ "free_text", "told", "text" },	      { "nearest_clause", "told", "nearest" },
	{ "next_time", NULL, "next" },
};

static bool add_dept(const struct phrase_context *c, struct text *out)
{
	const struct named_value *user = field(c->input->incident, "user.name");
	const struct person *person =
		user ? inventory_user(c->input->inventory, (struct slice){ user->value, user->len }) : NULL;
	const struct system_entry *host = c->input->incident->assets.n ?
		inventory_system(c->input->inventory, slice_of(c->input->incident->assets.at[0])) : NULL;

	return add_text(person && person->department ? person->department :
			host ? host->department : NULL, out);
}

static bool add_pair(const char *a, const char *b, struct text *out)
{
	bool first = add_text(a, out);

	if (first && b && b[0])
		text_add(out, " ");
	return add_text(b, out) || first;
}

static bool add_bases(const struct phrase_context *c, struct text *out)
{
	const struct strlist *bases = phrase_bases(c->input->incident);

	for (size_t k = 0; k < bases->n; k++)
		text_addf(out, "%s%s", k ? "、" : "", notice_basis_label(c->input->notice, bases->at[k]));
	return bases->n > 0;
}

/* Those that are not simply a field. */
static bool value_special(const struct phrase_context *c, const char *name, struct text *out)
{
	const struct incident *i = c->input->incident;
	const struct named_value *start;
	bool has;
	size_t used;
	int64_t time;
	int offset;

	if (strcmp(name, "time") == 0) {
		add_time(i->first, out);
		return true;
	}
	if (strcmp(name, "time_first") == 0) {
		start = field(i, "event.start");
		if (!start || !time_parse_iso((struct slice){ start->value, start->len }, &time, &offset,
					      &has, &used) || !has)
			return false;
		add_time(time, out);
		return true;
	}
	for (size_t k = 0; k < sizeof(told_rows) / sizeof(told_rows[0]); k++)
		if (strcmp(told_rows[k].name, name) == 0)
			return add_text(work_text(i, told_rows[k].object, told_rows[k].member), out);
	if (strcmp(name, "isolation_state") == 0)
		return add_isolation(c, out);
	if (strcmp(name, "protected_label") == 0)
		return add_text(phrase_label(c->input->notice, "protected_labels",
					     i->classes & CLASS_SECRET ||
					     (i->information && strcmp(i->information, "secret") == 0) ?
						     "secret" : "other"), out);
	if (strcmp(name, "company") == 0)
		return add_pair(c->input->config->company.name, c->input->config->company.office, out);
	if (strcmp(name, "contact_name") == 0)
		return add_pair(c->input->config->contact.department, c->input->config->contact.name, out);
	if (strcmp(name, "contact_phone") == 0)
		return add_text(c->input->config->contact.phone, out);
	if (strcmp(name, "basis") == 0)
		return add_bases(c, out);
	if (strcmp(name, "asset_label") == 0)
		return add_text(incident_label(i), out);
	if (strcmp(name, "dept") == 0)
		return add_dept(c, out);
	if (strcmp(name, "product") == 0)
		return add_product(i, out);
	if (strcmp(name, "host_count") == 0 && (i->host_count || i->assets.n)) {
		text_addf(out, "%zu", i->host_count ? i->host_count : i->assets.n);
		return true;
	}
	if (strcmp(name, "evidence_count") == 0) {
		text_addf(out, "%zu", i->evidence_total);
		return true;
	}
	if (strcmp(name, "evidence_sources") == 0)
		return add_joined(&i->formats, out);
	if (strcmp(name, "contract") == 0)
		return add_joined(&i->contracts, out);
	if (strcmp(name, "protected_state") == 0)
		return add_state(c, out);
	if (strcmp(name, "fact_label") == 0)
		return add_text(notice_fact_label(c->input->notice, i->fact), out);
	return false;
}

/* Did a named person let this one out? */
static bool is_released(const struct incident *i, const char *name)
{
	struct json_object *list = NULL, *item = NULL;

	json_object_object_get_ex(i->work, "released", &list);
	for (size_t k = 0; list && k < json_object_array_length(list); k++)
		if (json_object_object_get_ex(json_object_array_get_idx(list, k), "item", &item) &&
		    strcmp(json_object_get_string(item), name) == 0)
			return true;
	return false;
}

static bool is_masked(const struct phrase_context *c, const char *name)
{
	return c->masked && !is_released(c->input->incident, name) &&
	       node_has(node_get(node_get(c->input->notice->phrases, "masking"), "placeholders"), name);
}

bool placeholder_value(const struct phrase_context *c, const char *name, struct text *out)
{
	const struct incident *i = c->input->incident;

	for (size_t r = 0; r < sizeof(field_rows) / sizeof(field_rows[0]); r++) {
		if (strcmp(field_rows[r].name, name) != 0)
			continue;
		for (size_t k = 0; k < 4 && field_rows[r].fields[k]; k++) {
			const struct named_value *v = field(i, field_rows[r].fields[k]);

			if (!v)
				continue;
			if (is_masked(c, name))
				text_add(out, node_get_text(node_get(c->input->notice->phrases, "masking"),
							    "text"));
			else
				add_value((struct slice){ v->value, v->len }, field_rows[r].defang, out);
			return true;
		}
		if (strcmp(name, "event_count") != 0)
			return false;
		text_addf(out, "%zu", i->n_findings);
		return true;
	}
	return value_special(c, name, out);
}

/* What the officer reads for a subject: the head of the placeholder's description in the profile. */
static void subject_of(const struct phrase_context *c, const char *name, struct text *out)
{
	const char *text = node_get_text(node_get(c->input->notice->phrases, "placeholders"), name);
	static const char *const ends[] = { "。", "（", "(" };
	size_t len;

	if (!text)
		text = node_get_text(node_get(c->input->notice->phrases, "extra_placeholders"), name);
	if (!text)
		text = name;
	len = strlen(text);
	for (size_t i = 0; i < 3; i++) {
		const char *at = strstr(text, ends[i]);

		if (at && (size_t)(at - text) < len)
			len = (size_t)(at - text);
	}
	text_add_bytes(out, text, len);
}

static bool next_placeholder(struct slice text, size_t from, size_t *begin, size_t *end)
{
	*begin = slice_find_byte(text, '{', from);
	*end = slice_find_byte(text, '}', *begin);
	return *end < text.len;
}

static char *name_at(struct slice text, size_t begin, size_t end)
{
	return slice_dup(slice_cut(text, begin + 1, end));
}

/* 「{time_first}頃、」 and 「{time_first}頃から、」 without evidence are one phrase. */
static size_t time_phrase_end(struct slice text, size_t end)
{
	static const char *const tails[] = { "頃から、", "頃、" };

	for (size_t i = 0; i < 2; i++)
		if (slice_starts(slice_cut(text, end + 1, text.len), slice_of(tails[i])))
			return end + 1 + strlen(tails[i]);
	return 0;
}

static const char *time_phrase(const struct phrase_context *c)
{
	const struct node *rules = node_get(c->input->notice->phrases, "placeholder_rules");
	static char text[128];

	/* the rule's text quotes it: 「（発生の時刻は確認中）」 */
	for (size_t i = 0; i < node_count(rules); i++) {
		const char *rule = node_text(node_item(rules, i));
		const char *from = rule ? strstr(rule, "「（") : NULL;
		const char *to = from ? strstr(from, "）」") : NULL;

		if (to && (size_t)(to - from) < sizeof(text) - 8) {
			snprintf(text, sizeof(text), "%.*s）", (int)(to - from) - 3, from + 3);
			return text;
		}
	}
	return "";
}

static void sentence_add(const struct phrase_context *c, struct slice s, struct text *out)
{
	size_t at = 0, begin, end;

	while (next_placeholder(s, at, &begin, &end)) {
		char *name = name_at(s, begin, end);
		struct text value = { 0 };
		size_t whole;

		text_add_slice(out, slice_cut(s, at, begin));
		at = end + 1;
		if (placeholder_value(c, name, &value)) {
			text_add_slice(out, text_slice(&value));
		} else if (strcmp(name, "time_first") == 0 && (whole = time_phrase_end(s, end))) {
			text_add(out, time_phrase(c));
			at = whole;
		} else {
			text_add(out, phrase_unknown(c));
		}
		text_clear(&value);
		free(name);
	}
	text_add_slice(out, slice_cut(s, at, s.len));
}

/* Does any placeholder of the sentence have evidence? Without placeholders: yes. */
static bool sentence_has_evidence(struct phrase_context *c, struct slice s)
{
	size_t at = 0, begin, end, n = 0;
	bool known = false;

	while (next_placeholder(s, at, &begin, &end)) {
		char *name = name_at(s, begin, end);
		struct text value = { 0 };

		n++;
		known = known || placeholder_value(c, name, &value);
		at = end + 1;
		text_clear(&value);
		free(name);
	}
	if (n && !known)
		for (at = 0; next_placeholder(s, at, &begin, &end); at = end + 1) {
			char *name = name_at(s, begin, end);
			struct text subject = { 0 };

			subject_of(c, name, &subject);
			strlist_add_once(&c->missing, subject.at);
			text_clear(&subject);
			free(name);
		}
	return !n || known;
}

void phrase_render(struct phrase_context *c, const char *phrase, struct text *out)
{
	struct slice rest = slice_trim(slice_of(phrase)), stop = SLICE("。");

	while (rest.len) {
		size_t end = slice_find(rest, stop, 0);
		struct slice sentence;

		end = end < rest.len ? end + stop.len : rest.len;
		/* a closing bracket after the stop belongs to the sentence */
		if (slice_starts(slice_cut(rest, end, rest.len), SLICE("」")))
			end += 3;
		sentence = slice_cut(rest, 0, end);
		rest = slice_cut(rest, end, rest.len);
		if (sentence_has_evidence(c, sentence))
			sentence_add(c, sentence, out);
	}
}

void phrase_fill(const char *template, struct text *out, ...)
{
	struct slice s = slice_of(template);
	size_t at = 0, begin, end;

	while (next_placeholder(s, at, &begin, &end)) {
		char *name = name_at(s, begin, end);
		const char *key;
		va_list args;

		text_add_slice(out, slice_cut(s, at, begin));
		va_start(args, out);
		while ((key = va_arg(args, const char *))) {
			const char *value = va_arg(args, const char *);

			if (strcmp(key, name) == 0 && value)
				text_add(out, value);
		}
		va_end(args);
		at = end + 1;
		free(name);
	}
	text_add_slice(out, slice_cut(s, at, s.len));
}
