#ifndef SOKUHO_MODEL_FINDING_H
#define SOKUHO_MODEL_FINDING_H

#include "base/str.h"
#include "model/words.h"

struct record;

/* Where a line stands, and its bytes: its texts are one block that `raw` begins, or loans. */
struct evidence {
	char *file;			/* for people */
	char *source;
	uint64_t stream, line, offset;
	unsigned generation;
	int64_t time;
	int utc_offset;
	bool zone_assumed;
	char *format;
	char *raw;			/* at most EVIDENCE_RAW_MAX bytes, NUL-terminated */
	size_t raw_len;
	char *bytes;			/* hex, as they stand in the file, where that is not `raw`; or NULL */
};
#define EVIDENCE_RAW_MAX 8192
#define FINDING_EVIDENCE_MAX 50

/* One named value: a block that the name begins, owned where it is not a finding's. Values are bytes. */
struct named_value {
	char *name;
	char *value;
	size_t len;
	bool number;
	short rank;			/* ecs_rank() of the name */
};

/*
 * What one record, or one completed correlation, says: one for each (record, fact). The first
 * part is filled by match and correlate, the second by judge. All that it holds are pieces of its arena: texts are set to
 * finding_keep(), lists are added to, nothing of it is freed before the finding is.
 */
struct finding {
	struct arena *arena;
	int64_t time;
	int utc_offset;
	char *rule, *rule_id, *rule_title;	/* the most specific of `rules` */
	struct strlist rules;
	struct strlist clauses;		/* best first, at most three */
	char *fact;
	enum shows shows;
	enum verdict verdict;
	enum level cap;			/* notice.level, LEVEL_REPORT when there is none */
	bool correlated;
	char *severity;			/* Sigma's level */
	struct strlist incident_by;	/* fields of the incident key; empty: fact + asset.id */
	int64_t within;			/* ns; 0: 24 h */
	char *exception;		/* id of the filter that suppressed it, or NULL */
	char *asset_id, *person_id;
	bool waits, settled;		/* a later line may settle the verdict; one did, or its time is over */
	bool own_origin;		/* our own host is where it came from */
	size_t host_count;		/* spread: how many hosts; else 0 */
	struct named_value *fields;	/* sorted by name; ECS */
	size_t n_fields, cap_fields;
	struct evidence *evidence;	/* [0] completed it */
	size_t n_evidence, cap_evidence;

	/* judge */
	enum certainty certainty;
	enum level level;
	enum implicated implicated;
	unsigned classes;		/* of the implicated assets; 0: unknown */
	struct strlist assets;		/* ids */
	struct strlist labels;		/* of the assets, for people */
	struct strlist contracts;	/* labels in the inventory */
	struct strlist bases, boxes;	/* candidates, from the confirmed cell where one is */
	struct strlist bases_now;	/* from the suspected cell: what the draft uses meanwhile */
	char *box_mode;			/* all, any_of, none */
	char *timing;
	struct strlist reasons;
};

struct named_value named_value_new(struct slice name, struct slice value, bool number);
struct named_value named_value_copy(const struct named_value *value);
void named_values_free(struct named_value *values, size_t n);

struct finding *finding_new(void);
void finding_free(struct finding *finding);
struct finding *finding_copy(const struct finding *finding);
/* A copy that lives as long as the finding; NULL in, NULL out. */
char *finding_keep(struct finding *finding, const char *text);
/* Keeps fields sorted by name, then value; the same pair is kept once. rank: ecs_rank(name). */
void finding_add_field(struct finding *finding, struct slice name, struct slice value,
		       bool number);
void finding_add_ranked(struct finding *finding, int rank, struct slice name, struct slice value, bool number);
/* In place of the first value of a field that is there. */
void finding_set_field(struct finding *finding, const char *name, const char *value);
/* All *n values of a name, NULL when there is none; and the first. */
const struct named_value *finding_values(const struct finding *finding, const char *name, size_t *n);
const struct named_value *finding_field(const struct finding *finding, const char *name);
/* A copy of where the record stands; of evidence. Beyond FINDING_EVIDENCE_MAX nothing is added. */
void finding_add_evidence(struct finding *finding, const struct record *record);
void finding_keep_evidence(struct finding *finding, const struct evidence *evidence);
/* Where the record stands: loans, but for `bytes`, which are the caller's. */
void evidence_of(const struct record *record, struct evidence *out);
void evidence_copy(struct evidence *to, const struct evidence *from);
void evidence_clear(struct evidence *evidence);
/* How much room its texts take; and a copy whose texts stand there, `raw` first. *room moves on. */
size_t evidence_room(const struct evidence *evidence);
void evidence_place(struct evidence *to, const struct evidence *from, char **room);
/* Identity of a hit: stream, generation, offset and rule id, as hex; stable over restarts. */
void finding_key(const struct finding *finding, char out[33]);

#endif
