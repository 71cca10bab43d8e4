#ifndef SOKUHO_DRAFT_PHRASE_H
#define SOKUHO_DRAFT_PHRASE_H

#include "draft/draft.h"

/*
 * Phrases with {placeholders}, filled from the incident, the configuration and the inventory. What has no evidence
 * prints the profile's word for unknown, never nothing and never a guess.
 */
struct phrase_context {
	const struct draft_input *input;
	bool masked;			/* names that may tell what is protected are not printed */
	struct strlist missing;		/* subjects of sentences that were left out */
};

/* The profile's word for unknown (確認中). */
const char *phrase_unknown(const struct phrase_context *context);
/* Appends the value of a placeholder; false (and nothing appended) when there is no evidence. */
bool placeholder_value(const struct phrase_context *context, const char *name, struct text *out);
/* Sentences without any evidence are left out and their subjects added to context->missing. */
void phrase_render(struct phrase_context *context, const char *phrase, struct text *out);
/* A template with its own small vocabulary: pairs of name and value, NULL at the end. */
void phrase_fill(const char *template, struct text *out, ...);
/* Text of SECTION.NAME in form-text.ja.yaml; the name itself when the profile lacks it. */
const char *phrase_label(const struct notice *notice, const char *section, const char *name);
/* Bases in effect: a person's, else those of the suspicion. */
const struct strlist *phrase_bases(const struct incident *incident);
/* confirmed only by a named person, else suspected or pointed_out. */
const char *phrase_wording(const struct incident *incident);
/* A named person decided, and boxes of the form are established. */
bool phrase_ticked(const struct incident *incident);
/* Is a name that may tell what is protected left out? */
void phrase_context_init(struct phrase_context *context, const struct draft_input *input);
/* What the phrases say of a follow-up, a correction or a withdrawal, and the mark that heads it, such as 第2報. */
const struct node *phrase_issue(const struct notice *notice, const struct draft_issue *issue);
void phrase_issue_mark(const struct notice *notice, const struct draft_issue *issue, struct text *out);
/* Text that people wrote: escaped line by line. */
void phrase_lines(const char *text, struct text *out);
/* The box of ⑥ that holds the box of this agency, NULL when there is none. */
const struct node *phrase_agency_box(const struct notice *notice, const char *agency);
/* One recorded measure in words: the state of the isolation, the agency that was told, or what a person wrote. */
void phrase_measure(const struct notice *notice, struct json_object *measure, struct text *out);
/* protected secret same_intranet other_defence company_web unknown: the strictest that holds. */
const char *phrase_class(const struct incident *incident);

#endif
