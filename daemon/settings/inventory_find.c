/*
 * Looking things up in the inventory. Every record passes here, so names go through hash tables
 * and only networks are compared one by one, the longest prefix first. A table holds the place in
 * the inventory's array plus one, because 0 is what an empty map answers.
 *
 * Names come in a full and a short form (pc001.example.jp, pc001; CORP\tanaka, tanaka). The two
 * forms meet when one of the sides has only the short one; two different full names never do. A short
 * form that several entries share is the one's that may concern the notice: unknown never becomes no.
 */
#include "settings/inventory_find.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define FOLD_MAX 320

/* Names as written, and the short forms of those written in full. */
struct names {
	struct map *written, *shortened;
};

struct ranged {
	struct network network;
	size_t system;
};

struct inventory_index {
	struct names hosts, site_hosts, users;
	struct map *addresses, *mail, *domains, *mail_domains;
	struct ranged *ranges;
	size_t n_ranges, cap_ranges;
};

/* Lower case without the dot of the root; false for what is too long to be a name. */
static bool name_fold(struct slice in, char out[FOLD_MAX], struct slice *folded)
{
	in = slice_trim(in);
	if (in.len && in.at[in.len - 1] == '.')
		in.len--;
	if (!in.len || in.len > FOLD_MAX)
		return false;
	for (size_t i = 0; i < in.len; i++)
		out[i] = in.at[i] >= 'A' && in.at[i] <= 'Z' ? (char)(in.at[i] + 32) : in.at[i];
	*folded = (struct slice){ out, in.len };
	return true;
}

static struct slice host_short(struct slice name)
{
	unsigned char address[16];

	return address_parse(name, address) ? name
					    : slice_cut(name, 0, slice_find_byte(name, '.', 0));
}

static struct slice user_short(struct slice name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.at[i - 1] == '\\')
			return slice_cut(name, i, name.len);
	return slice_cut(name, 0, slice_find_byte(name, '@', 0));
}

static void map_put_first(struct map *map, struct slice key, size_t place)
{
	if (key.len && !map_get(map, key))
		map_put(map, key, (void *)(uintptr_t)(place + 1));
}

/* 0 when it is not there, else the place plus one. */
static size_t map_place(const struct map *map, struct slice key)
{
	return (size_t)(uintptr_t)map_get(map, key);
}

static void names_put(struct names *names, struct slice (*shorten)(struct slice), const char *name,
		      size_t place)
{
	char buffer[FOLD_MAX];
	struct slice full;

	if (!name_fold(slice_of(name), buffer, &full))
		return;
	map_put_first(names->written, full, place);
	map_put_first(names->shortened, shorten(full), place);
}

static size_t names_place(const struct names *names, struct slice (*shorten)(struct slice),
			  struct slice name)
{
	char buffer[FOLD_MAX];
	struct slice full, brief;
	size_t place;

	if (!map_count(names->written) || !name_fold(name, buffer, &full))
		return 0;
	place = map_place(names->written, full);
	if (place)
		return place;
	brief = shorten(full);
	return map_place(brief.len == full.len ? names->shortened : names->written, brief);
}

static void map_put_folded(struct map *map, struct slice key, size_t place)
{
	char buffer[FOLD_MAX];
	struct slice folded;

	if (name_fold(key, buffer, &folded))
		map_put_first(map, folded, place);
}

static size_t map_place_folded(const struct map *map, struct slice key)
{
	char buffer[FOLD_MAX];
	struct slice folded;

	return map_count(map) && name_fold(key, buffer, &folded) ? map_place(map, folded) : 0;
}

static void names_init(struct names *names)
{
	names->written = map_new();
	names->shortened = map_new();
}

static void names_clear(struct names *names)
{
	map_free(names->written, NULL);
	map_free(names->shortened, NULL);
}

static struct slice mail_domain(struct slice address)
{
	return slice_cut(address, slice_find_byte(address, '@', 0) + 1, address.len);
}

static int range_compare(const void *a, const void *b)
{
	const struct ranged *x = a, *y = b;

	if (x->network.prefix != y->network.prefix)
		return x->network.prefix > y->network.prefix ? -1 : 1;
	return (x->system > y->system) - (x->system < y->system);
}

static void index_system(struct inventory_index *index, const struct system_entry *s, size_t place)
{
	unsigned char address[16];

	for (size_t i = 0; i < s->hosts.n; i++)
		names_put(&index->hosts, host_short, s->hosts.at[i], place);
	for (size_t i = 0; i < s->addresses.n; i++)
		if (address_parse(slice_of(s->addresses.at[i]), address))
			map_put_first(index->addresses, (struct slice){ (char *)address, 16 },
				      place);
	for (size_t i = 0; i < s->n_networks; i++) {
		index->ranges = mem_grow(index->ranges, &index->cap_ranges, index->n_ranges + 1,
					 sizeof(*index->ranges));
		index->ranges[index->n_ranges++] = (struct ranged){ s->networks[i], place };
	}
}

static bool domain_is_freemail(const struct inventory *inv, struct slice domain)
{
	for (size_t i = 0; i < inv->freemail.n; i++)
		if (slice_is_nocase(domain, inv->freemail.at[i]))
			return true;
	return false;
}

static void index_person(struct inventory_index *index, const struct inventory *inv, size_t place)
{
	const struct person *p = &inv->people[place];

	for (size_t i = 0; i < p->users.n; i++)
		names_put(&index->users, user_short, p->users.at[i], place);
	for (size_t i = 0; i < p->mail.n; i++) {
		map_put_folded(index->mail, slice_of(p->mail.at[i]), place);
		if (!domain_is_freemail(inv, mail_domain(slice_of(p->mail.at[i]))))
			map_put_folded(index->mail_domains, mail_domain(slice_of(p->mail.at[i])), place);
	}
}

static void index_site(struct inventory_index *index, const struct site *site, size_t place)
{
	for (size_t i = 0; i < site->hosts.n; i++)
		names_put(&index->site_hosts, host_short, site->hosts.at[i], place);
	for (size_t i = 0; i < site->domains.n; i++) {
		map_put_folded(index->domains, slice_of(site->domains.at[i]), place);
		map_put_folded(index->mail_domains, slice_of(site->domains.at[i]), place);
	}
}

static int system_rank(const struct system_entry *s)
{
	return s->classes & CLASS_ANY_DEFENCE ? 0 : s->classes & CLASS_NONE ? 2 : 1;
}

static int person_rank(const struct person *p)
{
	return p->defence == IMPLICATED_YES ? 0 : p->defence == IMPLICATED_NO ? 2 : 1;
}

void inventory_index_build(struct inventory *inv)
{
	struct inventory_index *index = mem_zalloc(sizeof(*index));

	names_init(&index->hosts);
	names_init(&index->site_hosts);
	names_init(&index->users);
	index->addresses = map_new();
	index->mail = map_new();
	index->domains = map_new();
	index->mail_domains = map_new();
	for (int rank = 0; rank < 3; rank++) {
		for (size_t i = 0; i < inv->n_systems; i++)
			if (system_rank(&inv->systems[i]) == rank)
				index_system(index, &inv->systems[i], i);
		for (size_t i = 0; i < inv->n_people; i++)
			if (person_rank(&inv->people[i]) == rank)
				index_person(index, inv, i);
	}
	for (size_t i = 0; i < inv->n_sites; i++)
		index_site(index, &inv->sites[i], i);
	if (index->n_ranges)
		qsort(index->ranges, index->n_ranges, sizeof(*index->ranges), range_compare);
	inventory_index_free(inv->index);
	inv->index = index;
}

void inventory_index_free(struct inventory_index *index)
{
	if (!index)
		return;
	names_clear(&index->hosts);
	names_clear(&index->site_hosts);
	names_clear(&index->users);
	map_free(index->addresses, NULL);
	map_free(index->mail, NULL);
	map_free(index->domains, NULL);
	map_free(index->mail_domains, NULL);
	free(index->ranges);
	free(index);
}

const struct system_entry *inventory_host(const struct inventory *inv, struct slice name)
{
	size_t place = inv->index ? names_place(&inv->index->hosts, host_short, name) : 0;

	return place ? &inv->systems[place - 1] : NULL;
}

const struct system_entry *inventory_address(const struct inventory *inv, struct slice text)
{
	unsigned char address[16];

	return address_parse(slice_trim(text), address) ? inventory_at(inv, address) : NULL;
}

const struct system_entry *inventory_at(const struct inventory *inv, const unsigned char address[16])
{
	size_t place;

	if (!inv->index)
		return NULL;
	place = map_place(inv->index->addresses, (struct slice){ (const char *)address, 16 });
	if (place)
		return &inv->systems[place - 1];
	for (size_t i = 0; i < inv->index->n_ranges; i++)
		if (network_has(&inv->index->ranges[i].network, address))
			return &inv->systems[inv->index->ranges[i].system];
	return NULL;
}

const struct person *inventory_user(const struct inventory *inv, struct slice user)
{
	size_t place = inv->index ? names_place(&inv->index->users, user_short, user) : 0;

	return place ? &inv->people[place - 1] : inventory_mail(inv, user);
}

const struct person *inventory_mail(const struct inventory *inv, struct slice address)
{
	size_t place, at = slice_find_byte(address, '@', 0);

	if (!inv->index || at == address.len)
		return NULL;
	place = map_place_folded(inv->index->mail, address);
	if (!place)
		place = map_place_folded(inv->index->mail, slice_cut(address, at, address.len));
	return place ? &inv->people[place - 1] : NULL;
}

const struct site *inventory_site_domain(const struct inventory *inv, struct slice domain)
{
	size_t place = inv->index ? map_place_folded(inv->index->domains, domain) : 0;

	return place ? &inv->sites[place - 1] : NULL;
}

const struct site *inventory_site_host(const struct inventory *inv, struct slice host)
{
	size_t place = inv->index ? names_place(&inv->index->site_hosts, host_short, host) : 0;

	return place ? &inv->sites[place - 1] : NULL;
}

bool inventory_owns_domain(const struct inventory *inv, struct slice domain)
{
	while (inv->index && domain.len) {
		if (map_place_folded(inv->index->mail_domains, domain))
			return true;
		domain = slice_cut(domain, slice_find_byte(domain, '.', 0) + 1, domain.len);
	}
	return false;
}

static char path_byte(char c)
{
	if (c == '\\')
		return '/';
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Is path the folder or below it? Both kinds of slashes, caseless as Windows is. */
static bool path_is_below(struct slice path, struct slice folder)
{
	while (folder.len > 1 && path_byte(folder.at[folder.len - 1]) == '/')
		folder.len--;
	if (!folder.len || path.len < folder.len)
		return false;
	for (size_t i = 0; i < folder.len; i++)
		if (path_byte(path.at[i]) != path_byte(folder.at[i]))
			return false;
	return path.len == folder.len || path_byte(path.at[folder.len]) == '/' ||
	       path_byte(folder.at[folder.len - 1]) == '/';
}

const struct site *inventory_site_path(const struct inventory *inv, struct slice path)
{
	for (size_t i = 0; i < inv->n_sites; i++)
		for (size_t k = 0; k < inv->sites[i].document_roots.n; k++)
			if (path_is_below(path, slice_of(inv->sites[i].document_roots.at[k])))
				return &inv->sites[i];
	return NULL;
}

const struct department *inventory_department(const struct inventory *inv, const char *name)
{
	for (size_t i = 0; name && i < inv->n_departments; i++)
		if (strcmp(inv->departments[i].name, name) == 0)
			return &inv->departments[i];
	return NULL;
}

const struct contract *inventory_contract(const struct inventory *inv, const char *label)
{
	for (size_t i = 0; label && i < inv->n_contracts; i++)
		if (strcmp(inv->contracts[i].label, label) == 0)
			return &inv->contracts[i];
	return NULL;
}

const struct system_entry *inventory_system(const struct inventory *inv, struct slice id)
{
	for (size_t i = 0; i < inv->n_systems; i++)
		if (slice_is(id, inv->systems[i].id))
			return &inv->systems[i];
	return NULL;
}
