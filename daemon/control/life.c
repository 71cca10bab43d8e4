/* How incidents begin by a person's hand, and how they end, begin again, join and part. */
#include "control/request.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "draft/draft.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4000
#define LIST_MAX 50

static void status_set(struct incident *i, const char *status)
{
	free(i->status);
	i->status = mem_strdup(status);
}

static bool was_sent(const struct incident *i)
{
	struct json_object *sent = work_get(i, "sent");

	return sent && json_object_array_length(sent) > 0;
}

int incident_close(struct request *r, struct incident *i)
{
	if (i->level == LEVEL_REPORT && !i->drill && !was_sent(i) && !request_flag(r, "force"))
		return err_set(r->err, ERR_USAGE,
			       "no report of '%s' has been sent; dismiss it if there is nothing to report, "
			       "or close it with --force", i->id);
	if (work_get(i, "pending") && !request_flag(r, "force"))
		return err_set(r->err, ERR_USAGE, "a correction waits to be phoned and sent");
	status_set(i, "closed");
	return 0;
}

/* Report level on a protected or secret system (or one whose class nobody knows): a second named person. */
static bool needs_second(const struct incident *i)
{
	return i->level == LEVEL_REPORT && !i->drill &&
	       (!i->classes || i->classes & (CLASS_PROTECTED | CLASS_SECRET));
}

int incident_dismiss(struct request *r, struct incident *i)
{
	struct json_object *first = work_get(i, "dismissal"), *entry;

	if (needs_second(i) && first && json_number(first, "uid") == r->uid)
		return err_set(r->err, ERR_PERM,
			       "'%s' was proposed for dismissal by %s; a second named person must agree",
			       i->id, json_member_text(first, "by"));
	if (needs_second(i) && !first) {
		entry = work_stamp(r);
		json_object_object_add(entry, "reason", json_text(slice_of(request_text(r, "reason"))));
		work_set(i, "dismissal", entry);
		json_object_object_add(r->out, "waiting", json_object_new_string("second_person"));
		return 0;
	}
	status_set(i, "dismissed");
	return 0;
}

int incident_reopen(struct request *r, struct incident *i)
{
	if (strcmp(i->status, "merged") == 0)
		return err_set(r->err, ERR_USAGE, "'%s' is part of '%s' now; act on that one", i->id,
			       i->merged_into ? i->merged_into : "?");
	if (strcmp(i->status, "open") == 0 && !work_get(i, "dismissal"))
		return err_set(r->err, ERR_USAGE, "'%s' is open", i->id);
	work_set(i, "dismissal", NULL);
	status_set(i, "open");
	return 0;
}

/* ------------------------------------------------------------ by hand */

static void finding_text(struct request *r, struct finding *f, const char *member, const char *field)
{
	const char *text = request_text(r, member);

	if (text && text[0] && strlen(text) <= TEXT_MAX)
		finding_add_field(f, slice_of(field), slice_of(text), false);
}

static int hand_times(struct request *r, struct finding *f)
{
	const char *at = request_text(r, "at");

	f->time = r->control->now() / NS_PER_S * NS_PER_S;
	f->utc_offset = OFFSET_JST;
	return at ? time_parse_argument(at, OFFSET_JST, &f->time, r->err) : 0;
}

/* The evidence of what a person entered is the person's own words. */
static void hand_evidence(struct request *r, struct finding *f)
{
	const char *text = request_text(r, "text");
	struct evidence e = { .file = (char *)"incident new", .source = r->actor, .format = (char *)"hand",
			      .line = 1, .offset = (uint64_t)r->control->now(), .time = f->time,
			      .utc_offset = f->utc_offset, .raw = (char *)(text ? text : ""),
			      .raw_len = text ? strlen(text) : 0 };

	finding_keep_evidence(f, &e);
}

static int hand_meaning(struct request *r, struct finding *f)
{
	const struct notice *notice = r->control->content->notice;
	const char *clause = request_text(r, "clause");
	struct strlist facts = { 0 };
	const char *fact;
	int rc = 0;

	if (clause && strcmp(clause, "none") == 0)
		clause = NULL;
	if (clause && strcmp(clause, "analogous") != 0 && !notice_clause(notice, clause))
		return err_set(r->err, ERR_USAGE, "unknown clause '%.40s'; 1-a to 4, analogous or none", clause);
	request_words(r, "fact", 12, &facts);
	fact = facts.n ? facts.at[0] : clause ? notice_clause_fact(notice, clause) : NULL;
	if (!fact)
		rc = err_set(r->err, ERR_USAGE, "no clause with a fact of its own is named: give --fact, a fact of "
			     "the notice profile");
	else if (!notice_has_fact(notice, fact))
		rc = notice_unknown(notice, "fact", fact, r->err);
	else
		f->fact = finding_keep(f, fact);
	if (rc == 0 && clause)
		strlist_add(&f->clauses, clause);
	strlist_clear(&facts);
	return rc;
}

static struct finding *hand_finding(struct request *r)
{
	static const struct { const char *member, *field; } fields[] = {
		{ "host", "host.name" },   { "user", "user.name" },	 { "file", "file.path" },
		{ "url", "url.full" },	   { "signature", "rule.name" }, { "src", "source.ip" },
		{ "dst", "destination.ip" }, { "subject", "email.subject" }, { "sender", "email.from.address" },
	};
	const struct inventory *inventory = r->control->content->inventory;
	const char *host = request_text(r, "host"), *asset = request_text(r, "asset");
	const struct system_entry *system = asset ? inventory_system(inventory, slice_of(asset)) :
					    host ? inventory_host(inventory, slice_of(host)) : NULL;
	struct finding *f;

	if (asset && !system) {
		err_set(r->err, ERR_USAGE, "the inventory has no system '%.64s'; --host names a computer", asset);
		return NULL;
	}
	f = finding_new();
	if (hand_meaning(r, f) < 0 || hand_times(r, f) < 0 ||
	    !request_need(r, "text", TEXT_MAX, "what happened, in your words")) {
		finding_free(f);
		return NULL;
	}
	for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++)
		finding_text(r, f, fields[k].member, fields[k].field);
	f->rule = finding_keep(f, "by-hand");
	f->rule_id = finding_keep(f, "by-hand");
	f->rule_title = finding_keep(f, "by hand");
	strlist_add(&f->rules, "by-hand");
	f->shows = SHOWS_EVENT;
	f->cap = LEVEL_REPORT;
	f->severity = finding_keep(f, "high");
	if (system || host) {
		f->asset_id = finding_keep(f, system ? system->id : host);
		finding_add_field(f, SLICE("asset.id"), slice_of(f->asset_id), false);
	}
	hand_evidence(r, f);
	judge_finding(r->control->content->judge, f);
	if (f->level < LEVEL_URGENT) {
		f->level = LEVEL_URGENT;
		strlist_add(&f->reasons, "level urgent: a person entered it");
	}
	return f;
}

/* Who told us, and what the form says of it: phrases take it from here. */
static void hand_told(struct request *r, struct incident *i)
{
	static const char *const members[] = { "informant", "informant-ref", "contact-at",
					       "from-subcontractor", "nearest", "text" };
	struct json_object *told = json_object_new_object();

	for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++)
		if (request_text(r, members[k]))
			json_object_object_add(told, members[k],
					       json_text(slice_of(request_text(r, members[k]))));
	work_set(i, "told", told);
}

/* A drill has a series of ids of its own, and a key that no log line can have. */
static int drill_mark(struct request *r, struct incident *i)
{
	struct incident *there = NULL;
	struct text key = { 0 };

	i->drill = true;
	i->id[0] = 'D';
	text_addf(&key, "drill|%s|%s", i->id, i->key);
	free(i->key);
	i->key = text_take(&key);
	if (store_get_incident(r->control->store, i->id, &there, r->err) < 0)
		return 0;
	incident_free(there);
	return err_set(r->err, ERR_USAGE, "this drill is there already: '%s'", i->id);
}

/* Somebody outside told us, or a subcontractor did: nothing of it is established by ourselves. */
static void certainty_default(struct request *r)
{
	const char *word = request_text(r, "informant") ? "pointed_out" : "suspected";

	if (!request_text(r, "certainty"))
		json_object_object_add(r->in, "certainty", json_object_new_string(word));
}

static int hand_store(struct request *r, struct incident *i, const struct finding *f, unsigned told)
{
	struct store *store = r->control->store;
	bool is_new;

	if (store_begin(store, r->err) < 0)
		return r->err->kind;
	if (store_put_incident(store, i, r->err) < 0 ||
	    store_put_finding(store, f, i->id, r->control->now(), &is_new, r->err) < 0 ||
	    request_audit(r, "incident.new", i->id, r->in) < 0 ||
	    (told && r->control->tell &&
	     r->control->tell(r->control->context, i, told, r->err) < 0) ||
	    store_commit(store, r->err) < 0) {
		store_rollback(store);
		return r->err->kind;
	}
	return 0;
}

/* The words of the request are tried on an incident of its own before the live ones are touched. */
static int hand_try(struct request *r, const struct finding *f)
{
	struct gather *gather = gather_new();
	struct incident *i, *merged;
	int rc;

	gather_add(gather, f, &i, &merged);
	rc = incident_decide(r, i);
	json_object_object_del(r->out, "answer");
	gather_free(gather);
	return rc;
}

/* A further word on an incident that is there changes no decision on it; that is for decide. */
static int hand_incident(struct request *r, struct incident *i, bool opened, bool drill)
{
	if (!opened) {
		work_set(i, "changed", json_object_new_boolean(true));
		if (!work_get(i, "told"))
			hand_told(r, i);
		return 0;
	}
	i->detected = r->control->now();
	if (drill && drill_mark(r, i) < 0)
		return r->err->kind;
	hand_told(r, i);
	return incident_decide(r, i);
}

static int hand_gather(struct request *r, const struct finding *f, struct gather *gather, bool drill)
{
	struct incident *live, *merged, *copy;
	unsigned told = gather_add(gather, f, &live, &merged);
	bool opened = told & 1u << ALERT_OPENED;
	int rc;

	copy = incident_dup(live, r->err);
	rc = hand_incident(r, copy, opened, drill);
	if (rc == 0) {
		request_title(r, copy);
		rc = hand_store(r, copy, f, told);
	}
	if (rc == 0) {
		json_object_object_add(r->out, "alerted", json_object_new_boolean(r->control->tell != NULL));
		json_object_object_add(r->out, "joined", json_object_new_boolean(!opened));
		answer_describe(r, copy);
		request_adopt(live, copy);
	} else if (gather == r->control->gather && r->control->lost) {
		r->control->lost(r->control->context, r->err);	/* the finding is in the live incident already */
	}
	incident_free(copy);
	return rc;
}

static int each_taken(struct incident *incident, void *context)
{
	struct err err;
	struct incident *copy = incident_dup(incident, &err);

	if (copy)
		gather_take_incident(context, copy);
	return 0;
}

/* What the daemon would have in memory, from the store; a drill joins nothing. */
static struct gather *gather_stored(struct request *r, bool drill)
{
	struct gather *gather = gather_new();

	if (!drill)
		store_each_incident(r->control->store, "open", each_taken, gather, r->err);
	return gather;
}

int incident_new_by_hand(struct request *r)
{
	bool drill = request_flag(r, "drill"), live = r->control->gather && !drill;
	struct finding *f = hand_finding(r);
	struct gather *gather;
	int rc;

	if (!f)
		return r->err->kind;
	certainty_default(r);
	rc = hand_try(r, f);
	if (rc == 0) {
		gather = live ? r->control->gather : gather_stored(r, drill);
		rc = hand_gather(r, f, gather, drill);
		if (!live)
			gather_free(gather);
	}
	finding_free(f);
	return rc;
}

/* ------------------------------------------------------------ joining and parting */

static void merge_into(struct incident *into, const struct incident *from)
{
	incident_absorb(into, from);
	strlist_join(&into->links, &from->links, LIST_MAX);
	strlist_add_once(&into->links, from->id);
	for (size_t k = 0; k < from->n_evidence && into->n_evidence < INCIDENT_EVIDENCE_MAX; k++) {
		into->evidence = mem_grow(into->evidence, &into->cap_evidence, into->n_evidence + 1,
					  sizeof(*into->evidence));
		evidence_copy(&into->evidence[into->n_evidence++], &from->evidence[k]);
	}
	work_set(into, "changed", json_object_new_boolean(true));
	into->approved = false;
	into->revision++;
}

static int merge_check(struct request *r, const struct incident *from, const struct incident *into)
{
	if (strcmp(from->id, into->id) == 0)
		return err_set(r->err, ERR_USAGE, "an incident cannot become part of itself");
	if (from->drill != into->drill)
		return err_set(r->err, ERR_USAGE, "a drill and a real incident never become one");
	if (strcmp(from->status, "open") != 0 || strcmp(into->status, "open") != 0)
		return err_set(r->err, ERR_USAGE, "both must be open: '%s' is %s, '%s' is %s", from->id,
			       from->status, into->id, into->status);
	if (was_sent(from))
		return err_set(r->err, ERR_USAGE, "a report of '%s' went out; merge the other one into it",
			       from->id);
	return 0;
}

static int merge_store(struct request *r, struct incident *from, struct incident *into)
{
	struct store *store = r->control->store;

	if (store_begin(store, r->err) < 0)
		return r->err->kind;
	if (store_put_incident(store, from, r->err) < 0 || store_put_incident(store, into, r->err) < 0 ||
	    store_move_findings(store, from->id, into->id, NULL, r->err) < 0 ||
	    request_audit(r, "incident.merge", into->id, r->in) < 0 ||
	    request_audit(r, "incident.merge", from->id, r->in) < 0 || store_commit(store, r->err) < 0) {
		store_rollback(store);
		return r->err->kind;
	}
	return 0;
}

int incident_merge(struct request *r)
{
	struct incident *from = NULL, *into = NULL, *from2 = NULL, *into2 = NULL;
	bool owned_from = false, owned_into = false;
	int rc = request_incident(r, "id", &from, &owned_from);

	if (rc == 0)
		rc = request_incident(r, "into", &into, &owned_into);
	if (rc == 0)
		rc = request_revision(r, from);
	if (rc == 0)
		rc = merge_check(r, from, into);
	if (rc == 0) {
		from2 = incident_dup(from, r->err);
		into2 = incident_dup(into, r->err);
		merge_into(into2, from2);
		status_set(from2, "merged");
		free(from2->merged_into);
		from2->merged_into = mem_strdup(into2->id);
		from2->revision++;
		request_title(r, into2);
		rc = merge_store(r, from2, into2);
	}
	if (rc == 0) {
		answer_describe(r, into2);
		if (!owned_from)
			request_adopt(from, from2);
		if (!owned_into)
			request_adopt(into, into2);
	}
	incident_free(from2);
	incident_free(into2);
	if (owned_from)
		incident_free(from);
	if (owned_into)
		incident_free(into);
	return rc;
}

static void split_name(struct request *r, struct incident *part, const char *asset)
{
	char now[32], sum[11];
	struct slice parts[3] = { slice_of(part->id), slice_of(asset), { now, 0 } };

	parts[2].len = (size_t)snprintf(now, sizeof(now), "%lld", (long long)r->control->now());
	hash_sha256_hex(parts, 3, 5, sum);
	memcpy(strchr(part->id, '-') + 1, sum, sizeof(sum));
}

/* Takes entry k out of both lists, which go in step. */
static void asset_remove(struct incident *i, size_t k)
{
	struct strlist assets = { 0 }, labels = { 0 };

	for (size_t n = 0; n < i->assets.n; n++)
		if (n != k) {
			strlist_add(&assets, i->assets.at[n]);
			strlist_add(&labels, n < i->labels.n ? i->labels.at[n] : i->assets.at[n]);
		}
	strlist_clear(&i->assets);
	strlist_clear(&i->labels);
	i->assets = assets;
	i->labels = labels;
}

/* Classes and contracts go with the assets, as the inventory has them; where it has none, they stay. */
static void belongings_set(struct request *r, struct incident *i)
{
	struct strlist contracts = { 0 };
	unsigned classes = 0;

	for (size_t k = 0; k < i->assets.n; k++) {
		const struct system_entry *system =
			inventory_system(r->control->content->inventory, slice_of(i->assets.at[k]));

		for (size_t n = 0; system && n < system->contracts.n; n++)
			strlist_add_once(&contracts, system->contracts.at[n]);
		classes |= system ? system->classes : 0;
	}
	if (classes)
		i->classes = classes;
	strlist_clear(&i->contracts);
	i->contracts = contracts;
}

/* The part keeps one asset and what was decided; the work on it begins anew. It knows where it came from. */
static struct incident *split_part(struct request *r, const struct incident *whole, size_t k)
{
	struct incident *part = incident_dup(whole, r->err);
	struct text key = { 0 };

	split_name(r, part, whole->assets.at[k]);
	text_addf(&key, "%s|split=%s", whole->key ? whole->key : "", part->id);
	free(part->key);
	part->key = text_take(&key);
	for (size_t n = whole->assets.n; n-- > 0;)
		if (n != k)
			asset_remove(part, n);
	json_object_put(part->work);
	part->work = NULL;
	part->approved = part->acknowledged = false;
	part->revision = 1;
	strlist_clear(&part->notes);
	strlist_clear(&part->links);
	strlist_add(&part->links, whole->id);
	return part;
}

static size_t findings_of(struct request *r, const char *id)
{
	struct json_object *list = store_findings(r->control->store, id, r->err);
	size_t n = json_object_array_length(list);

	json_object_put(list);
	return n;
}

static int split_store(struct request *r, struct incident *whole, struct incident *part, const char *asset)
{
	struct store *store = r->control->store;
	int rc = store_begin(store, r->err);

	if (rc < 0)
		return rc;
	rc = store_move_findings(store, whole->id, part->id, asset, r->err);
	whole->n_findings = findings_of(r, whole->id);
	part->n_findings = findings_of(r, part->id);
	if (rc < 0 || store_put_incident(store, whole, r->err) < 0 ||
	    store_put_incident(store, part, r->err) < 0 ||
	    request_audit(r, "incident.split", whole->id, r->in) < 0 ||
	    request_audit(r, "incident.split", part->id, r->in) < 0 || store_commit(store, r->err) < 0) {
		store_rollback(store);
		return r->err->kind;
	}
	return 0;
}

int incident_split(struct request *r)
{
	const char *asset = request_text(r, "asset");
	struct incident *i, *whole = NULL, *part = NULL;
	size_t k = 0;
	bool owned;
	int rc = request_incident(r, "id", &i, &owned);

	if (rc < 0)
		return rc;
	while (asset && k < i->assets.n && strcmp(i->assets.at[k], asset) != 0)
		k++;
	rc = request_revision(r, i);
	if (rc == 0 && (!asset || k == i->assets.n || i->assets.n < 2 || strcmp(i->status, "open") != 0))
		rc = err_set(r->err, ERR_USAGE, "split ID --asset A: the incident is open and A is one of "
			     "its two or more assets");
	if (rc == 0) {
		whole = incident_dup(i, r->err);
		part = split_part(r, i, k);
		asset_remove(whole, k);
		belongings_set(r, part);
		belongings_set(r, whole);
		strlist_add_once(&whole->links, part->id);
		work_set(whole, "changed", json_object_new_boolean(true));
		whole->revision++;
		request_title(r, whole);
		request_title(r, part);
		rc = split_store(r, whole, part, asset);
	}
	if (rc == 0) {
		answer_describe(r, part);
		if (!owned) {
			request_adopt(i, whole);
			gather_take_incident(r->control->gather, part);
			part = NULL;
		}
	}
	incident_free(whole);
	incident_free(part);
	if (owned)
		incident_free(i);
	return rc;
}
