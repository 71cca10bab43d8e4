/* Which report an incident is at: from what was issued, what waits, and whether anything changed since. */
#include "draft/draft.h"

#include "model/json.h"

#include <json-c/json.h>
#include <string.h>

static const char *const kind_words[] = { "report", "correction", "withdrawal" };

const char *draft_issue_word(enum draft_kind kind)
{
	return kind_words[kind];
}

static enum draft_kind kind_of(struct json_object *o)
{
	const char *word = json_object_get_string(json_member(o, "kind"));

	for (int k = ISSUE_CORRECTION; k <= ISSUE_WITHDRAWAL; k++)
		if (word && strcmp(word, kind_words[k]) == 0)
			return (enum draft_kind)k;
	return ISSUE_REPORT;
}

void draft_issue_of_report(struct json_object *report, struct draft_issue *out)
{
	*out = (struct draft_issue){ kind_of(report), json_object_get_int64(json_member(report, "serial")),
				     json_object_get_int(json_member(report, "n")), true };
}

void draft_issue_of(const struct draft_input *input, struct draft_issue *issue)
{
	const struct incident *i = input->incident;
	size_t n = input->reports ? json_object_array_length(input->reports) : 0;
	struct json_object *last = n ? json_object_array_get_idx(input->reports, n - 1) : NULL;
	struct json_object *pending = json_member(i->work, "pending");
	int issued = 0;

	for (size_t k = 0; k < n; k++)
		issued += kind_of(json_object_array_get_idx(input->reports, k)) == ISSUE_REPORT;
	*issue = (struct draft_issue){ ISSUE_REPORT, (int64_t)n + 1, issued + 1, false };
	if (pending) {
		issue->kind = kind_of(pending);
		issue->n = json_object_get_int(json_member(pending, "of"));
	} else if (last && !json_object_get_boolean(json_member(i->work, "changed"))) {
		draft_issue_of_report(last, issue);
	}
}

size_t draft_calls(const struct incident *i, const struct draft_issue *issue, const char *window, bool answered)
{
	struct json_object *calls = json_member(i->work, "calls");
	size_t n = 0;

	for (size_t k = 0; k < json_count(calls); k++) {
		struct json_object *call = json_object_array_get_idx(calls, k);

		n += json_object_get_boolean(json_member(call, "answered")) == answered &&
		     json_object_get_int64(json_member(call, "serial")) == issue->serial &&
		     (!window || strcmp(json_member_text(call, "window"), window) == 0);
	}
	return n;
}

bool draft_was_told(const struct incident *i, const struct draft_issue *issue, const char *window)
{
	static const char *const lists[] = { "calls", "sent" };

	for (size_t l = 0; l < 2; l++) {
		struct json_object *list = json_member(i->work, lists[l]);

		for (size_t k = 0; k < json_count(list); k++) {
			struct json_object *one = json_object_array_get_idx(list, k);

			if (json_object_get_int64(json_member(one, "serial")) < issue->serial &&
			    (l || json_object_get_boolean(json_member(one, "answered"))) &&
			    strcmp(json_member_text(one, "window"), window) == 0)
				return true;
		}
	}
	return false;
}

struct json_object *draft_sending(const struct incident *i, const char *window, int64_t serial)
{
	struct json_object *sent = json_member(i->work, "sent");

	for (size_t k = 0; k < json_count(sent); k++) {
		struct json_object *one = json_object_array_get_idx(sent, k);

		if (json_object_get_int64(json_member(one, "serial")) == serial &&
		    strcmp(json_member_text(one, "window"), window) == 0)
			return one;
	}
	return NULL;
}

bool draft_item_is_known(const struct notice *notice, const char *item)
{
	return item && (strcmp(item, "addressee") == 0 || notice_form_field(notice, item));
}

static const char *quote_in(const struct node *boxes, const char *id)
{
	for (size_t k = 0; k < node_count(boxes); k++) {
		const struct node *box = node_item(boxes, k);
		const char *have = node_get_text(box, "id"), *inner;

		if (have && strcmp(have, id) == 0)
			return node_get_text(box, "quote");
		inner = quote_in(node_get(box, "boxes"), id);
		if (inner)
			return inner;
	}
	return NULL;
}

const char *draft_box_quote(const struct notice *notice, const char *id)
{
	const struct node *fields = node_get(node_get(notice->profile, "form"), "fields");
	const char *quote = NULL;

	for (size_t k = 0; !quote && k < node_count(fields); k++)
		quote = quote_in(node_get(node_item(fields, k), "boxes"), id);
	return quote;
}
