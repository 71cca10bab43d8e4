#ifndef SOKUHO_MATCH_BOOK_H
#define SOKUHO_MATCH_BOOK_H

#include "base/map.h"
#include "match/prefilter.h"

/*
 * While a prefilter is made: the literals of all needs, how often each stands in a MB of a sample, and what it costs to look for
 * a need or to ask it of a line. Costs are microseconds per MB, measured once on one machine; only their order matters.
 */
#define COST_RUN 40.0
#define COST_PATTERN 1000.0		/* to compile it takes the library the time of a few MB, and all of them are a second pass over the text */
#define COST_LINE 12000.0
#define RUN_GOOD 16			/* bytes of a run that are worth a probe */
#define ASKED_LITERALS 400		/* are asked of a line in the time in which it is decoded */
#define EXCERPTS 16			/* of the sample */

/* Numbers of reasons; see prefilter_state.h. */
struct reason_list {
	unsigned *at;
	size_t n, cap;
};

void reason_list_add(struct reason_list *list, unsigned reason);
void reason_list_join(struct reason_list *list, const struct reason_list *more);

struct literal {
	char *bytes;
	size_t len;
	bool nocase;
	unsigned bounds;
	double per_mb, finds_per_mb;	/* where its bounds hold, and wherever it stands */
	bool sure;			/* the choice before looked for it */
	struct reason_list reasons;
};
/* Do the bounds of one that ends there hold? */
bool literal_stands(const struct literal *literal, struct slice block, size_t end);
/* Its last byte says of most that it does not stand there; only where it may is the other asked. */
static inline bool literal_may_be_at(const struct literal *literal, struct slice text, size_t at)
{
	return at < text.len && text.len - at >= literal->len &&
	       !((text.at[at + literal->len - 1] ^ literal->bytes[literal->len - 1]) & ~0x20);
}
bool literal_is_at(const struct literal *literal, struct slice text, size_t at);

/* Literals by their first bytes in lower case, at most four, in chains. */
#define GRAM 4
#define SLOTS 65536

struct grams {
	unsigned first[SLOTS];		/* literal + 1; 0: none */
	struct link {			/* by literal: the next of the chain, and what says of most that they do not stand there */
		unsigned next;
		unsigned char len, last;
	} *links;
	uint64_t is[SLOTS / 64];	/* a bit each: is there any? Small enough to stay near the processor */
	bool lengths[GRAM + 1];
	double per_find;		/* what one find in the excerpts is in a MB */
};
unsigned grams_slot(uint32_t gram, size_t len);
uint32_t gram_next(uint32_t gram, char c);
void grams_enter(struct grams *grams, const struct literal *literal, unsigned id);

/* Literals by their bytes and patterns by their text, while choosing. */
struct book {
	struct map *index;		/* key to index + 1 */
	struct literal *at;
	size_t n, cap;
	struct map *patterns;		/* text to double, lines in a MB, of those that were looked for once */
	struct map *known;		/* struct need * to struct known: rules share much of what they need */
	double lines_per_mb;
	double candidate;		/* cost of one, by the length of lines */
};

struct known {
	double cost, asked, share;	/* < 0: not yet */
	bool collected;
	size_t wanted;			/* by so many rules in the choice before */
	unsigned group;			/* + 1; 0: not looked for yet */
};
struct known *book_known(struct book *book, const struct need *need);
size_t book_find(struct book *book, const struct need *need, bool add);
/* The literals of a need. */
void book_collect(struct book *book, const struct need *need);
void book_measure(struct book *book, struct slice sample);
/* How often each literal stands in a MB of the sample. Much quicker than to make a database for it. */
void book_count(struct book *book, struct slice sample);
/* The sample is counted in excerpts from all over it, of at most so many bytes each. */
struct slice book_excerpt(struct slice sample, size_t i, size_t bytes);
/* What it costs to look for a need; the parts that are looked for are chosen the same way again when they are placed. */
double book_cost(struct book *book, const struct need *need, enum prefilter_mode mode);
/* About which share of lines holds it, as if its parts had nothing to do with each other; patterns pass for held. */
double book_share(struct book *book, const struct need *need);
/* How many literals are asked for until one line is spared the decoding. */
double book_asking(struct book *book, const struct need *need);

/* Of a long `all` only the longest parts are looked at: one suffices. */
struct considered {
	struct need *const *parts;
	size_t n;
	struct need *longest[NEED_PARTS_MAX];
};
void considered_take(const struct need *all, struct considered *out);

#endif
