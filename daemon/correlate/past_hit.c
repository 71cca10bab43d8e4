/* Kept of hits: the fields are chosen, then copied into one block. */
#include "correlate/past_hit.h"

#include "base/clock.h"
#include "base/ecs.h"
#include "base/mem.h"
#include "correlate/group.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct chosen {
	size_t n;
	struct {
		struct slice name, value;
		int rank;			/* ecs_rank() of the name */
		bool number;
	} at[PAST_HIT_FIELDS_MAX];
};

/* By the first letter of the name. */
static bool is_kept(struct slice name)
{
	enum { LETTERS = 'z' - 'a' + 1, HEADS = 2 };
	static const char *const heads[LETTERS][HEADS] = {
		['a' - 'a'] = { "asset.id", "attack." },	 ['d' - 'a'] = { "destination.", "dns." },
		['e' - 'a'] = { "event.", "email." },		 ['f' - 'a'] = { "file." },
		['h' - 'a'] = { "host." },			 ['n' - 'a'] = { "network.direction" },
		['o' - 'a'] = { "observer." },			 ['p' - 'a'] = { "process.", "person.id" },
		['r' - 'a'] = { "rule." },			 ['s' - 'a'] = { "source." },
		['t' - 'a'] = { "threat." },			 ['u' - 'a'] = { "url.", "user." },
	};

	if (!name.len || name.at[0] < 'a' || name.at[0] > 'z')
		return false;
	for (size_t i = 0; i < HEADS && heads[name.at[0] - 'a'][i]; i++)
		if (slice_starts(name, slice_of(heads[name.at[0] - 'a'][i])))
			return true;
	return false;
}

static void choose(struct chosen *c, int rank, struct slice name, struct slice value, bool number)
{
	if (!value.len || c->n == PAST_HIT_FIELDS_MAX)
		return;
	c->at[c->n].rank = rank;
	c->at[c->n].name = name;
	c->at[c->n].value = slice_cut(value, 0, VALUE_MAX);
	c->at[c->n++].number = number;
}

/* Most values are pieces of the line, which is kept anyhow. */
static bool is_of_line(const struct evidence *e, struct slice value)
{
	return (uintptr_t)value.at >= (uintptr_t)e->raw &&
	       (uintptr_t)value.at + value.len <= (uintptr_t)e->raw + e->raw_len;
}

static struct past_hit *past_hit_new(const struct evidence *e, enum verdict verdict, const struct chosen *c)
{
	size_t size = sizeof(struct past_hit) + c->n * sizeof(struct named_value) + evidence_room(e), known;
	const char *const *names = ecs_names(&known);
	struct past_hit *hit;
	char *room;

	for (size_t i = 0; i < c->n; i++)
		size += (c->at[i].rank < 0 ? c->at[i].name.len + 1 : 0) +
			(is_of_line(e, c->at[i].value) ? 0 : c->at[i].value.len + 1);
	hit = mem_realloc(NULL, size);
	room = (char *)&hit->fields[c->n];
	evidence_place(&hit->evidence, e, &room);
	hit->verdict = verdict;
	hit->n_fields = c->n;
	for (size_t i = 0; i < c->n; i++) {
		struct slice value = c->at[i].value;
		int rank = c->at[i].rank;

		hit->fields[i] = (struct named_value){
			rank < 0 ? slice_place(c->at[i].name, &room) : (char *)names[rank],
			is_of_line(e, value) ? hit->evidence.raw + (value.at - e->raw) : slice_place(value, &room),
			value.len, c->at[i].number, (short)rank,
		};
	}
	return hit;
}

struct past_hit *past_hit_of_record(const struct record *r, const struct strlist *names, const struct lookup *paths)
{
	struct chosen chosen;
	struct past_hit *hit;
	struct evidence e;

	chosen.n = 0;
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].normal && is_kept(r->fields[i].name))
			choose(&chosen, ecs_rank_hashed(r->fields[i].name, r->fields[i].hash), r->fields[i].name,
			       r->fields[i].value, r->fields[i].type == VALUE_NUMBER);
	for (size_t i = 0; i < names->n; i++) {
		struct lookup_walk walk = { 0 };

		choose(&chosen, ecs_rank(slice_of(names->at[i])), slice_of(names->at[i]),
		       correlation_value(r, names->at[i], paths ? &paths[i] : NULL, &walk), false);
	}
	evidence_of(r, &e);
	hit = past_hit_new(&e, verdict_of(record_value(r, "verdict")), &chosen);
	free(e.bytes);
	return hit;
}

struct past_hit *past_hit_of_finding(const struct finding *f)
{
	static const struct evidence nowhere = { .time = TIME_NONE, .raw = "" };
	struct chosen chosen;

	chosen.n = 0;
	for (size_t i = 0; i < f->n_fields; i++)
		choose(&chosen, f->fields[i].rank, slice_of(f->fields[i].name), (struct slice){ f->fields[i].value, f->fields[i].len },
		       f->fields[i].number);
	return past_hit_new(f->n_evidence ? &f->evidence[0] : &nowhere, f->verdict, &chosen);
}

struct finding *past_hit_finding(const struct past_hit *hit)
{
	struct finding *f = finding_new();

	f->verdict = hit->verdict;
	for (size_t i = 0; i < hit->n_fields; i++)
		finding_add_ranked(f, hit->fields[i].rank, slice_of(hit->fields[i].name), (struct slice){ hit->fields[i].value, hit->fields[i].len },
				  hit->fields[i].number);
	finding_keep_evidence(f, &hit->evidence);
	return f;
}
