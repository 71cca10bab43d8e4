#ifndef SOKUHO_JUDGE_TABLE_H
#define SOKUHO_JUDGE_TABLE_H

#include "judge/judge.h"

/* The decision table: cells, overrides and rows without clause, found as its head says. */
struct table;

/* notice is a loan. Faults of the data go to problems; NULL then. */
struct table *table_new(const struct notice *notice, struct problems *problems);
void table_free(struct table *table);

/* What a rule's hit counts as before a person looks; suspected for a clause without a row. */
enum certainty table_default_certainty(const struct table *table, const char *clause);
/* Leak, loss, destruction: confirmed by a named person only. */
bool table_fact_is_personal(const struct table *table, const char *fact);

/* The outputs whose words are the notice's own (stated) or ours (reading). */
enum output { OUTPUT_BASES, OUTPUT_BOX, OUTPUT_TIMING, OUTPUT_CODE, OUTPUT_COUNT };
extern const char *const output_words[OUTPUT_COUNT];

/* The union over all classes and facts of a question. Words are loans from the table. */
struct answer {
	const char *applies, *box_mode, *timing;
	struct strlist bases, boxes, codes, why;
	struct strlist rows; /* 1-ke/protected/suspected, O03 ... */
	bool stated[OUTPUT_COUNT];
};

void table_answer(const struct table *table, const struct judge_question *question,
		  struct answer *out);
void answer_clear(struct answer *answer);

#endif
