/* Finding things in a notice profile. No word of the notice stands here. */
#include "settings/notice.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct node *root_of(const char *directory, const char *file, struct yaml **yaml,
				  const char *schema, struct problems *problems)
{
	char path[4096];
	const char *found;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	*yaml = yaml_load(path, problems);
	if (!*yaml)
		return NULL;
	if ((*yaml)->n != 1) {
		problem_add(problems, PROBLEM_ERROR, path, 1, 1, "one YAML document is wanted here");
		return NULL;
	}
	found = node_get_text((*yaml)->documents[0], "schema");
	if (!found || strcmp(found, schema) != 0) {
		problem_add(problems, PROBLEM_ERROR, path, 1, 1, "schema is '%s', '%s' is wanted",
			    found ? found : "missing", schema);
		return NULL;
	}
	return (*yaml)->documents[0];
}

struct notice *notice_load(const char *data_directory, const char *profile,
			   struct problems *problems)
{
	struct notice *n = mem_zalloc(sizeof(*n));
	struct text directory = { 0 };
	size_t errors = problems->errors;

	text_addf(&directory, "%s/notice/%s", data_directory, profile);
	n->directory = text_take(&directory);
	n->profile = root_of(n->directory, "profile.yaml", &n->profile_file,
			     "sokuhod.notice-profile/1", problems);
	n->table = root_of(n->directory, "decision-table.yaml", &n->table_file,
			   "sokuhod.decision-table/1", problems);
	n->phrases = root_of(n->directory, "phrases.ja.yaml", &n->phrases_file,
			     "sokuhod.phrases/1", problems);
	n->calendar = root_of(n->directory, "office-calendar.yaml", &n->calendar_file,
			      "sokuhod.office-calendar/1", problems);
	n->form_text = root_of(n->directory, "form-text.ja.yaml", &n->form_text_file,
			       "sokuhod.form-text/1", problems);
	if (problems->errors == errors)
		return n;
	notice_free(n);
	return NULL;
}

void notice_free(struct notice *n)
{
	if (!n)
		return;
	yaml_free(n->profile_file);
	yaml_free(n->table_file);
	yaml_free(n->phrases_file);
	yaml_free(n->calendar_file);
	yaml_free(n->form_text_file);
	notice_free_site(n);
	free(n->directory);
	free(n);
}

static const struct node *entry_with_id(const struct node *list, const char *id)
{
	for (size_t i = 0; id && i < node_count(list); i++) {
		const char *have = node_get_text(node_item(list, i), "id");

		if (have && strcmp(have, id) == 0)
			return node_item(list, i);
	}
	return NULL;
}

const struct node *notice_clause(const struct notice *n, const char *clause)
{
	return entry_with_id(node_get(n->profile, "clauses"), clause);
}

void notice_clause_label(const struct notice *n, const char *clause, struct text *out)
{
	const char *label = node_get_text(notice_clause(n, clause), "label");
	size_t digits;

	if (!label) {
		const char *words = node_get_text(n->phrases, "form_text_analogous");

		text_add(out, strcmp(clause, "analogous") == 0 && words ? words : clause);
		return;
	}
	digits = strspn(label, "0123456789");
	text_addf(out, "第%.*s項%s", (int)digits, label, label + digits);
}

const char *notice_clause_fact(const struct notice *n, const char *clause)
{
	return node_get_text(notice_clause(n, clause), "fact");
}

const char *notice_fact_label(const struct notice *n, const char *fact)
{
	const char *ja = node_get_text(entry_with_id(node_get(n->profile, "facts"), fact), "ja");

	return ja ? ja : fact;
}

bool notice_has_fact(const struct notice *n, const char *fact)
{
	return entry_with_id(node_get(n->profile, "facts"), fact) != NULL;
}

int notice_unknown(const struct notice *n, const char *kind, const char *name, struct err *err)
{
	bool is_fact = strcmp(kind, "fact") == 0;
	const struct node *list = node_get(n->profile, is_fact ? "facts" : "clauses");
	struct text all = { 0 };
	const char *ids[64];
	size_t count = 0;

	for (size_t i = 0; i < node_count(list) && count < 64; i++)
		if (node_get_text(node_item(list, i), "id"))
			ids[count++] = node_get_text(node_item(list, i), "id");
	if (strlist_nearest(ids, count, name) >= 0) {
		err_set(err, ERR_USAGE, is_fact ? "unknown fact '%.40s'" : "unknown clause '%.40s'", name);
		err_hint(err, ids, count, name);
		return ERR_USAGE;
	}
	for (size_t i = 0; i < count; i++)
		text_addf(&all, "%s%s", i ? " " : "", ids[i]);
	err_set(err, ERR_USAGE, is_fact ? "unknown fact '%.40s'; one of %s" : "unknown clause '%.40s'; one of %s", name,
		all.at ? all.at : "");
	text_clear(&all);
	return ERR_USAGE;
}

void notice_unknown_at(const struct notice *n, const char *kind, const char *name, const struct yaml *yaml,
		       const struct node *node, struct problems *problems)
{
	char both[BOTH_MAX];
	struct err err;

	notice_unknown(n, kind, name, &err);
	node_error(problems, yaml, node, "%s", problem_err(&err, both));
}

const char *notice_basis_label(const struct notice *n, const char *basis)
{
	const struct node *entry = entry_with_id(node_get(n->profile, "report_bases"), basis);
	const char *label = node_get_text(entry, "citation_quote");

	return label ? label : basis;
}

const char *notice_basis_short(const struct notice *n, const char *basis)
{
	const char *label = notice_basis_label(n, basis), *at = strstr(label, "第");

	return at ? at : label;
}

const struct node *notice_window(const struct notice *n, const char *id)
{
	return entry_with_id(node_get(n->profile, "windows"), id);
}

const struct node *notice_fallback(const struct notice *n)
{
	return node_get(n->profile, "fallback_window");
}

const struct node *notice_form_field(const struct notice *n, const char *id)
{
	return entry_with_id(node_get(node_get(n->profile, "form"), "fields"), id);
}

const struct node *notice_basis(const struct notice *n, const char *basis)
{
	return entry_with_id(node_get(n->profile, "report_bases"), basis);
}

bool notice_basis_has_box(const struct notice *n, const char *basis)
{
	const struct node *boxes = node_get(notice_form_field(n, "kind"), "boxes");

	for (size_t i = 0; i < node_count(boxes); i++)
		if (node_has(node_get(node_item(boxes, i), "basis"), basis))
			return true;
	return false;
}

bool notice_body_is_first(const struct notice *n, const char *body)
{
	const char *first = node_get_text(node_item(node_get(n->profile, "windows"), 0), "id");

	return body && first && strcmp(body, first) == 0;
}
