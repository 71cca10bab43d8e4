/* From the fields of a finding to what is ours: a row for each field, a function for each kind. */
#include "judge/entity.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define VALUE_SHOWN_MAX 100

struct search {
	const struct judge *judge;
	const struct inventory *inv;
	const struct finding *finding;
	enum subject subject;
	struct entities *out;
};

static struct entity *entity_add(struct search *s, const char *kind, struct slice value,
				 enum standing standing, int line, const char *why, const char *whose)
{
	struct entities *out = s->out;

	out->at = mem_grow(out->at, &out->cap, out->n + 1, sizeof(*out->at));
	out->at[out->n] = (struct entity){ .kind = kind, .value = value, .standing = standing,
					   .line = line, .why = why, .whose = whose };
	return &out->at[out->n++];
}

static enum implicated person_defence(const struct search *s, const struct person *person)
{
	const struct department *department = inventory_department(s->inv, person->department);

	if (person->defence != IMPLICATED_UNKNOWN || !department)
		return person->defence;
	return department->defence;
}

static const struct person *owner_find(const struct search *s, const char *owner)
{
	for (size_t i = 0; owner && i < s->inv->n_people; i++)
		if (strcmp(s->inv->people[i].id, owner) == 0)
			return &s->inv->people[i];
	return owner ? inventory_user(s->inv, slice_of(owner)) : NULL;
}

/* Clauses on persons: the owner or the department of the host serves as well (R2). */
static bool person_of_system_add(struct search *s, const char *kind, struct slice value,
				 const struct system_entry *system)
{
	const struct person *owner = owner_find(s, system->owner);
	const struct department *department = inventory_department(s->inv, system->department);
	struct entity *entity;

	if (owner && person_defence(s, owner) == IMPLICATED_YES)
		entity = entity_add(s, kind, value, STANDING_YES, system->line,
				    "has the owner '%s', who is defence", system->owner);
	else if (department && department->defence == IMPLICATED_YES)
		entity = entity_add(s, kind, value, STANDING_YES, system->line,
				    "belongs to '%s', which is defence", system->department);
	else
		return false;
	entity->classes = system->classes;
	entity->system = system;
	return true;
}

/* company_web beside none: our site, and no defence department's system. */
static enum standing standing_of_classes(unsigned classes, enum subject subject)
{
	if (classes & CLASS_ANY_DEFENCE ||
	    (classes & CLASS_COMPANY_WEB && subject == SUBJECT_WEBSITE))
		return STANDING_YES;
	if (classes & CLASS_NONE)
		return STANDING_NONE;
	return classes & CLASS_COMPANY_WEB ? STANDING_OTHER : STANDING_UNKNOWN;
}

static void system_add(struct search *s, const char *kind, struct slice value,
		       const struct system_entry *system)
{
	struct entity *entity;

	if (s->subject == SUBJECT_PERSON && person_of_system_add(s, kind, value, system))
		return;
	entity = entity_add(s, kind, value, standing_of_classes(system->classes, s->subject),
			    system->line, NULL, NULL);
	entity->classes = system->classes;
	entity->system = system;
}

static void site_add(struct search *s, const char *kind, struct slice value,
		     const struct site *site)
{
	struct entity *entity;

	entity = entity_add(s, kind, value, standing_of_classes(CLASS_COMPANY_WEB, s->subject),
			    site->line, "is of our site '%s'", site->label);
	entity->classes = CLASS_COMPANY_WEB;
	entity->site = site;
}

static void person_add(struct search *s, const char *kind, struct slice value,
		       const struct person *person)
{
	static const struct {
		enum standing standing;
		const char *why;
	} rows[] = {
		[IMPLICATED_UNKNOWN] = { STANDING_UNKNOWN, "is in the ledger without yes or no" },
		[IMPLICATED_YES] = { STANDING_YES, "is defence" },
		[IMPLICATED_NO] = { STANDING_NONE, "is not defence, in words" },
	};
	enum implicated defence = person_defence(s, person);
	enum standing standing = rows[defence].standing;

	if (standing == STANDING_YES && s->subject != SUBJECT_PERSON)
		standing = STANDING_OTHER;
	entity_add(s, kind, value, standing, person->line, rows[defence].why, NULL);
}

static bool value_is_empty(struct slice value)
{
	return !value.len || slice_is(value, "-");
}

static void address_look(struct search *s, struct slice value)
{
	const struct system_entry *system = inventory_address(s->inv, value);
	const struct site *site = inventory_site_host(s->inv, value);
	unsigned char address[16];

	if (!address_parse(value, address))
		return;
	if (system)
		system_add(s, "address", value, system);
	else if (site)
		site_add(s, "address", value, site);
	else if (address_is_local(address))
		return;
	else if (!s->judge->config->n_networks)
		entity_add(s, "address", value, STANDING_UNKNOWN, 0,
			   "is not in the inventory, and no networks are listed", NULL);
	else if (config_is_inside(s->judge->config, address))
		entity_add(s, "address", value, STANDING_UNKNOWN, 0, "is not in the inventory", NULL);
}

/* The host of a record is one of ours, known or not. */
static void host_look(struct search *s, struct slice value)
{
	const struct system_entry *system = inventory_host(s->inv, value);
	const struct site *site = inventory_site_host(s->inv, value);
	unsigned char address[16];

	if (value_is_empty(value))
		return;
	if (address_parse(value, address)) {
		address_look(s, value);
		return;
	}
	if (!site)
		site = inventory_site_domain(s->inv, value);
	if (system)
		system_add(s, "host", value, system);
	/* A class of its own counts before the site's; clauses on sites cover what has none. */
	if (site && (!system || !system->classes ||
		     (s->subject == SUBJECT_WEBSITE && !(system->classes & CLASS_ANY_DEFENCE))))
		site_add(s, "host", value, site);
	else if (!system)
		entity_add(s, "host", value, STANDING_UNKNOWN, 0, "is not in the inventory", NULL);
}

/* The address of a host that the inventory names is that host again. */
static void host_address_look(struct search *s, struct slice value)
{
	bool named = inventory_address(s->inv, value) != NULL, known = false;

	for (size_t i = 0; i < s->out->n && !known; i++)
		known = strcmp(s->out->at[i].kind, "host") == 0 && s->out->at[i].line;
	if (named || !known)
		address_look(s, value);
}

static void asset_look(struct search *s, struct slice value)
{
	const struct system_entry *system = inventory_system(s->inv, value);

	if (system)
		system_add(s, "asset", value, system);
	else
		host_look(s, value);
}

/* Accounts of machines (PC001$) are no persons. */
static void user_look(struct search *s, struct slice value)
{
	const struct person *person = inventory_user(s->inv, value);

	if (value_is_empty(value) || value.at[value.len - 1] == '$')
		return;
	if (person)
		person_add(s, "user", value, person);
	else if (s->subject == SUBJECT_PERSON)
		entity_add(s, "user", value, STANDING_UNKNOWN, 0, "is not in the ledger", NULL);
}

static void mail_look(struct search *s, struct slice value)
{
	size_t cursor = 0;
	struct slice address;

	while (mail_next(value, &cursor, &address)) {
		const struct person *person = inventory_mail(s->inv, address);

		if (person)
			person_add(s, "mailbox", address, person);
		else if (s->subject == SUBJECT_PERSON &&
			 inventory_owns_domain(s->inv, mail_part_domain(address)))
			entity_add(s, "mailbox", address, STANDING_UNKNOWN, 0,
				   "is not in the ledger", NULL);
	}
}

/* Full names only: www of somebody else is not our www. */
static bool system_has_name(const struct system_entry *system, struct slice name)
{
	for (size_t i = 0; i < system->hosts.n; i++)
		if (slice_is_nocase(name, system->hosts.at[i]))
			return true;
	return false;
}

static void domain_look(struct search *s, struct slice value)
{
	const struct site *site = inventory_site_domain(s->inv, value);
	const struct system_entry *system = inventory_host(s->inv, value);
	unsigned char address[16];

	if (address_parse(value, address)) {
		address_look(s, value);
		return;
	}
	if (system && system_has_name(system, value))
		system_add(s, "domain", value, system);
	if (site)
		site_add(s, "domain", value, site);
}

/* scheme://user@host:port/path to host. */
static void url_look(struct search *s, struct slice value)
{
	size_t scheme = slice_find(value, SLICE("://"), 0), end = 0, at;
	struct slice host;

	if (scheme == value.len)
		return;
	host = slice_cut(value, scheme + 3, value.len);
	while (end < host.len && !strchr("/?#\\", host.at[end]))
		end++;
	host = slice_cut(host, 0, end);
	while ((at = slice_find_byte(host, '@', 0)) < host.len)
		host = slice_cut(host, at + 1, host.len);
	if (host.len && host.at[0] == '[')
		host = slice_cut(host, 0, slice_find_byte(host, ']', 0) + 1);
	else
		host = slice_cut(host, 0, slice_find_byte(host, ':', 0));
	domain_look(s, host);
}

/* The same folder on a host that the site does not name is not the site. */
static bool site_is_elsewhere(const struct search *s, const struct site *site)
{
	size_t n;
	const struct named_value *hosts = finding_values(s->finding, "host.name", &n);

	for (size_t i = 0; i < n; i++)
		if (inventory_site_host(s->inv, (struct slice){ hosts[i].value, hosts[i].len }) == site)
			return false;
	return n && site->hosts.n;
}

static void path_look(struct search *s, struct slice value)
{
	const struct site *site = inventory_site_path(s->inv, value);

	if (site && !site_is_elsewhere(s, site))
		site_add(s, "path", value, site);
}

/* Sorted by name, as the fields of a finding are; turn: which is looked at first, and gives the reason. */
#define LOOKS 15
static const struct {
	const char *field;
	void (*look)(struct search *s, struct slice value);
	unsigned turn;
} looks[LOOKS] = {
	{ "asset.id", asset_look, 1 },	       { "destination.domain", domain_look, 11 },
	{ "destination.ip", address_look, 4 }, { "email.from.address", mail_look, 7 },
	{ "email.to.address", mail_look, 8 },  { "file.path", path_look, 13 },
	{ "host.ip", host_address_look, 2 },   { "host.name", host_look, 0 },
	{ "source.domain", domain_look, 12 },  { "source.ip", address_look, 3 },
	{ "url.domain", domain_look, 9 },      { "url.full", url_look, 10 },
	{ "url.path", path_look, 14 },	       { "user.email", mail_look, 6 },
	{ "user.name", user_look, 5 },
};

void entities_find(const struct judge *judge, const struct finding *f, enum subject subject,
		   struct entities *out)
{
	struct search s = { judge, judge->inventory, f, subject, out };
	struct {
		size_t row, first, n;
	} found[LOOKS] = { 0 };

	*out = (struct entities){ 0 };
	for (size_t i = 0, k = 0; i < f->n_fields && k < LOOKS;) {
		int order = strcmp(f->fields[i].name, looks[k].field);

		if (order == 0) {
			if (!found[looks[k].turn].n++)
				found[looks[k].turn].first = i;
			found[looks[k].turn].row = k;
		}
		i += order <= 0;
		k += order > 0;
	}
	for (size_t t = 0; t < LOOKS; t++)
		for (size_t i = found[t].first; i < found[t].first + found[t].n; i++)
			looks[found[t].row].look(&s, slice_trim((struct slice){ f->fields[i].value, f->fields[i].len }));
}

void entities_clear(struct entities *entities)
{
	free(entities->at);
	*entities = (struct entities){ 0 };
}

static void classes_describe(unsigned classes, struct text *out)
{
	const char *between = "is ";

	for (unsigned bit = 1; bit < 1u << CLASS_COUNT; bit <<= 1)
		if (classes & bit) {
			text_add(out, between);
			text_add(out, class_word(bit));
			between = ", ";
		}
	if (!classes)
		text_add(out, "has no class");
}

void entity_describe(const struct judge *judge, const struct entity *e, struct text *out)
{
	const char *file = judge->inventory->file, *slash = file ? strrchr(file, '/') : NULL;

	text_add(out, e->kind);
	text_add(out, " '");
	text_add_slice(out, slice_cut(e->value, 0, VALUE_SHOWN_MAX));
	text_add(out, "' ");
	if (!e->why)
		classes_describe(e->classes, out);
	else if (e->whose)
		text_addf(out, e->why, e->whose);
	else
		text_add(out, e->why);
	if (e->line)
		text_addf(out, " (%s:%d)", slash ? slash + 1 : file ? file : "inventory", e->line);
}

bool finding_has_own_address(const struct judge *judge, const struct finding *f, const char *field)
{
	unsigned char address[16];
	size_t n;
	const struct named_value *values = finding_values(f, field, &n);

	for (size_t i = 0; i < n; i++) {
		struct slice value = { values[i].value, values[i].len };

		if (address_parse(value, address) &&
		    (config_is_inside(judge->config, address) || inventory_address(judge->inventory, value)))
			return true;
	}
	return false;
}

bool address_is_local(const unsigned char address[16])
{
	static const struct network local[] = {
		{ { [10] = 0xff, [11] = 0xff, [12] = 127 }, 104 },
		{ { [10] = 0xff, [11] = 0xff, [12] = 169, [13] = 254 }, 112 },
		{ { [10] = 0xff, [11] = 0xff, [12] = 224 }, 100 },
		{ { [10] = 0xff, [11] = 0xff, [12] = 255, 255, 255, 255 }, 128 },
		{ { [10] = 0xff, [11] = 0xff }, 128 },
		{ { 0 }, 127 }, /* :: and ::1 */
		{ { 0xfe, 0x80 }, 10 },
		{ { 0xff }, 8 },
	};

	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		if (network_has(&local[i], address))
			return true;
	return false;
}

bool mail_next(struct slice value, size_t *cursor, struct slice *address)
{
	while (*cursor < value.len) {
		size_t from = *cursor, to = from, open;

		while (to < value.len && value.at[to] != ',' && value.at[to] != ';')
			to++;
		*cursor = to + 1;
		*address = slice_trim(slice_cut(value, from, to));
		open = slice_find_byte(*address, '<', 0);
		if (open < address->len)
			*address = slice_cut(*address, open + 1,
					     slice_find_byte(*address, '>', open));
		if (slice_find_byte(*address, '@', 0) < address->len)
			return true;
	}
	return false;
}

struct slice mail_part_domain(struct slice address)
{
	return slice_cut(address, slice_find_byte(address, '@', 0) + 1, address.len);
}
