#ifndef SOKUHO_SETTINGS_NOTICE_H
#define SOKUHO_SETTINGS_NOTICE_H

#include "settings/yaml.h"

/*
 * A notice profile: DATA/notice/PROFILE/{profile,decision-table,phrases.ja,form-text.ja,office-calendar}.yaml.
 * What the law says is data; here is only how to find it. Clause ids as in design section 1.
 */
/* A day off by the site's own table. */
struct holiday {
	int year, month, day;
	char *name;
};

struct notice {
	char *directory;
	struct yaml *profile_file, *table_file, *phrases_file, *calendar_file, *form_text_file;
	const struct node *profile, *table, *phrases, *calendar, *form_text;	/* the documents' roots */
	struct yaml *site_file;		/* what the site knows better: site.c */
	const struct node *site_windows;
	struct holiday *holidays;
	size_t n_holidays;
};

/* NULL after errors, which are in problems. */
struct notice *notice_load(const char *data_directory, const char *profile,
			   struct problems *problems);
void notice_free(struct notice *notice);

/* The clause's node in the profile (id label quote fact scope exception ...), NULL if unknown. */
const struct node *notice_clause(const struct notice *notice, const char *clause);
/* 第3項(1)ケ; for `analogous` the notice's words. Appends to out. */
void notice_clause_label(const struct notice *notice, const char *clause, struct text *out);
/* The clause's own fact, NULL if the clause is unknown. */
const char *notice_clause_fact(const struct notice *notice, const char *clause);
/* 悪意のあるコードへの感染; the id itself when unknown. */
const char *notice_fact_label(const struct notice *notice, const char *fact);
bool notice_has_fact(const struct notice *notice, const char *fact);
/* ERR_USAGE with the nearest name of that kind (clause or fact), or all of them where none is near. */
int notice_unknown(const struct notice *notice, const char *kind, const char *name, struct err *err);
/* The same as a fault at a node. */
void notice_unknown_at(const struct notice *notice, const char *kind, const char *name, const struct yaml *yaml,
		       const struct node *node, struct problems *problems);
/* 情報セキュリティ基準第12(1)イ(ア) */
const char *notice_basis_label(const struct notice *notice, const char *basis);
/* 第12(1)イ(ア): without the instrument's name. */
const char *notice_basis_short(const struct notice *notice, const char *basis);
/* Window by id (atla ...), NULL when unknown. notice_fallback() always exists. */
const struct node *notice_window(const struct notice *notice, const char *id);
const struct node *notice_fallback(const struct notice *notice);

/* A field of the form by its id (company contact phone kind detail measures contracts), NULL when unknown. */
const struct node *notice_form_field(const struct notice *notice, const char *id);
/* A basis by id, NULL when unknown. */
const struct node *notice_basis(const struct notice *notice, const char *basis);
/* Does a box of the form stand for this basis? The form is made for these. */
bool notice_basis_has_box(const struct notice *notice, const char *basis);
/* The body of the table's first row, whose contracts come first: 防衛装備庁 in the profile of 2020. */
bool notice_body_is_first(const struct notice *notice, const char *body);

/* The site's own numbers of windows and table of holidays; NULL: none. Faults go to problems. */
void notice_load_site(struct notice *notice, const char *windows, const char *holidays,
		      struct problems *problems);
void notice_free_site(struct notice *notice);
/* The phones of a window: the site's where it has some, else the profile's. */
const struct node *notice_phones(const struct notice *notice, const struct node *window);
/* By the site's table; known: the table has days of this year, so that NULL means a working day. */
const char *notice_holiday(const struct notice *notice, int year, int month, int day, bool *known);

#endif
