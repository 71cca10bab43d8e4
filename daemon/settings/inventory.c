/*
 * Reading inventory.yaml. Sections and their keys are one table; departments and contracts are
 * read before what refers to them, whatever their order in the file. Looking up: inventory_find.c.
 */
#include "settings/inventory_find.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "settings/yaml.h"

#include <stdlib.h>
#include <string.h>

struct loader {
	struct yaml *yaml;
	struct problems *problems;
	struct inventory *inv;
	struct map *seen; /* "kind name" -> the node where it stood first */
	struct strlist departments, contracts;
	size_t cap_departments, cap_systems, cap_people, cap_sites, cap_contracts;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char *text_of(struct loader *l, const struct node *map, const char *key)
{
	const struct node *node = node_get(map, key);

	if (node && node->kind != NODE_SCALAR)
		node_error(l->problems, l->yaml, node, "'%s' is one word or sentence", key);
	return mem_strdup(node_text(node));
}

/* Never NULL, so that reading goes on to the next fault. */
static char *text_needed(struct loader *l, const struct node *map, const char *what,
			 const char *key)
{
	char *text = text_of(l, map, key);

	if (text && text[0])
		return text;
	node_error(l->problems, l->yaml, map, "a %s without '%s'", what, key);
	free(text);
	return mem_strdup("");
}

static void list_of(struct loader *l, const struct node *map, const char *key, struct strlist *out)
{
	const struct node *list = node_get(map, key);

	for (size_t i = 0; i < node_count(list); i++) {
		const struct node *item = node_item(list, i);

		if (node_text(item) && item->text.len)
			strlist_add(out, item->text.at);
		else
			node_error(l->problems, l->yaml, item, "'%s' is a list of words", key);
	}
}

static bool word_find(const char *const *words, size_t n, const char *word, size_t *out)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0) {
			*out = i;
			return true;
		}
	return false;
}

static void word_error(struct loader *l, const struct node *node, const char *what,
		       const char *const *words, size_t n)
{
	char hint[BOTH_MAX];

	node_error(l->problems, l->yaml, node, "unknown %s '%s'%s", what, node->text.at,
		   problem_hint(words, n, node->text.at, hint));
}

static enum implicated defence_of(struct loader *l, const struct node *map, bool may_be_unknown)
{
	static const char *const words[] = { "yes", "true", "no", "false", "unknown" };
	static const enum implicated values[] = { IMPLICATED_YES, IMPLICATED_YES, IMPLICATED_NO,
						  IMPLICATED_NO, IMPLICATED_UNKNOWN };
	const struct node *node = node_get(map, "defence");
	size_t n = may_be_unknown ? COUNT(words) : COUNT(words) - 1, i;

	if (node_is_null(node))
		return IMPLICATED_UNKNOWN;
	if (node->kind == NODE_SCALAR && word_find(words, n, node->text.at, &i))
		return values[i];
	node_error(l->problems, l->yaml, node,
		   may_be_unknown ? "'defence' is yes, no or unknown" : "'defence' is yes or no");
	return IMPLICATED_UNKNOWN;
}

/* One name belongs to one entry; case does not tell names apart. node is where it stands. */
static void name_once(struct loader *l, const char *kind, struct slice name,
		      const struct node *node)
{
	struct text key = { 0 };
	const struct node *first;

	text_addf(&key, "%s ", kind);
	text_add_slice(&key, name);
	for (size_t i = 0; i < key.len; i++)
		if (key.at[i] >= 'A' && key.at[i] <= 'Z')
			key.at[i] += 'a' - 'A';
	first = map_get(l->seen, text_slice(&key));
	if (first)
		node_error(l->problems, l->yaml, node,
			   "%s '%s' stands already in line %d; keep one of them", kind,
			   node->text.at, first->line);
	else
		map_put(l->seen, text_slice(&key), (void *)node);
	text_clear(&key);
}

static void names_once(struct loader *l, const char *kind, const struct node *list)
{
	for (size_t i = 0; i < node_count(list); i++)
		if (node_text(node_item(list, i)))
			name_once(l, kind, node_item(list, i)->text, node_item(list, i));
}

static void references_check(struct loader *l, const char *what, const struct node *list,
			     const struct strlist *known)
{
	const char *const *names = (const char *const *)known->at;

	for (size_t i = 0; i < node_count(list); i++) {
		const char *name = node_text(node_item(list, i));

		if (name && !strlist_has(known, name))
			word_error(l, node_item(list, i), what, names, known->n);
	}
}

static void department_read(struct loader *l, const struct node *node)
{
	struct inventory *inv = l->inv;
	struct department *d;

	inv->departments = mem_grow(inv->departments, &l->cap_departments, inv->n_departments + 1,
				    sizeof(*inv->departments));
	d = &inv->departments[inv->n_departments++];
	*d = (struct department){ .name = text_needed(l, node, "department", "name"),
				  .defence = defence_of(l, node, false),
				  .line = node->line };
	strlist_add(&l->departments, d->name);
	names_once(l, "department", node_get(node, "name"));
}

static void contract_prime_read(struct loader *l, const struct node *node, struct contract *c)
{
	static const char *const keys[] = { "name", "day", "night" };
	const struct node *prime = node_get(node, "prime");

	if (!node_is_null(prime) && prime->kind != NODE_MAP)
		node_error(l->problems, l->yaml, prime, "'prime' has the keys name, day and night");
	node_check_keys(l->yaml, prime, "prime", keys, COUNT(keys), l->problems);
	c->prime_name = text_of(l, prime, "name");
	c->prime_day = text_of(l, prime, "day");
	c->prime_night = text_of(l, prime, "night");
	if (c->sub && !c->prime_name)
		node_warning(l->problems, l->yaml, node,
			     "contract '%s' is a subcontract; say in 'prime' whom to call, day and "
			     "night",
			     c->label);
}

static void contract_read(struct loader *l, const struct node *node)
{
	static const char *const roles[] = { "prime", "sub" };
	const struct node *role = node_get(node, "role");
	struct inventory *inv = l->inv;
	struct contract *c;
	size_t i = 0;

	inv->contracts = mem_grow(inv->contracts, &l->cap_contracts, inv->n_contracts + 1,
				  sizeof(*inv->contracts));
	c = &inv->contracts[inv->n_contracts++];
	*c = (struct contract){ .label = text_needed(l, node, "contract", "label"),
				.body = text_of(l, node, "body"),
				.office = text_of(l, node, "office"),
				.officer = text_of(l, node, "officer"),
				.line = node->line };
	if (!node_text(role))
		node_warning(l->problems, l->yaml, node,
			     "contract '%s' without role (prime or sub) counts as prime", c->label);
	else if (!word_find(roles, COUNT(roles), node_text(role), &i))
		word_error(l, role, "role", roles, COUNT(roles));
	c->sub = i == 1;
	contract_prime_read(l, node, c);
	strlist_add(&l->contracts, c->label);
	names_once(l, "contract", node_get(node, "label"));
}

static unsigned classes_of(struct loader *l, const struct node *node)
{
	const struct node *list = node_get(node, "classes");
	const char *words[CLASS_COUNT];
	unsigned classes = 0;

	for (size_t i = 0; i < CLASS_COUNT; i++)
		words[i] = class_word(1u << i);
	for (size_t i = 0; i < node_count(list); i++) {
		const struct node *item = node_item(list, i);
		unsigned bit = 0;

		if (item->kind != NODE_SCALAR)
			node_error(l->problems, l->yaml, item, "'classes' is a list of words");
		else if (!class_parse(item->text.at, &bit))
			word_error(l, item, "class", words, CLASS_COUNT);
		classes |= bit;
	}
	if (classes & CLASS_NONE && classes & CLASS_ANY_DEFENCE)
		node_error(l->problems, l->yaml, list,
			   "class 'none' says that it is not ours to report; no class but "
			   "company_web can stand beside it");
	return classes;
}

/* An address is the same in every way of writing it. */
static void address_once(struct loader *l, const unsigned char address[16], const struct node *node)
{
	struct text hex = { 0 };

	for (size_t i = 0; i < 16; i++)
		text_addf(&hex, "%02x", address[i]);
	name_once(l, "address", text_slice(&hex), node);
	text_clear(&hex);
}

static void addresses_check(struct loader *l, const struct node *list)
{
	for (size_t i = 0; i < node_count(list); i++) {
		const struct node *item = node_item(list, i);
		unsigned char address[16];

		if (!node_text(item))
			continue;
		if (address_parse(item->text, address))
			address_once(l, address, item);
		else
			node_error(l->problems, l->yaml, item,
				   "'%s' is not an address; networks such as 192.0.2.0/24 belong "
				   "to 'networks'",
				   item->text.at);
	}
}

/* Of two that are the same only one could ever be found. */
static void network_once(struct loader *l, const struct network *network, const struct node *node)
{
	struct text key = { 0 };

	for (unsigned i = 0; i < network->prefix; i++)
		text_add_char(&key, network->address[i / 8] >> (7 - i % 8) & 1 ? '1' : '0');
	name_once(l, "network", text_slice(&key), node);
	text_clear(&key);
}

static void networks_read(struct loader *l, const struct node *list, struct system_entry *s)
{
	size_t cap = 0;

	for (size_t i = 0; i < node_count(list); i++) {
		const struct node *item = node_item(list, i);
		const char *text = node_text(item);
		char both[BOTH_MAX];

		s->networks = mem_grow(s->networks, &cap, s->n_networks + 1, sizeof(*s->networks));
		if (text && network_parse(text, &s->networks[s->n_networks]))
			network_once(l, &s->networks[s->n_networks++], item);
		else
			node_error(l->problems, l->yaml, item,
				   "'%s' is not a network such as 192.0.2.0/24 or 2001:db8::/32",
				   text ? text : problem_both("(a list)", NULL, both));
	}
}

static void introduced_check(struct loader *l, const struct node *node, const char *introduced)
{
	struct err err;
	int64_t time;

	if (introduced && time_parse_argument(introduced, OFFSET_JST, &time, &err) < 0)
		node_error(l->problems, l->yaml, node_get(node, "introduced"),
			   "'%s' is not a date such as 2026-04-01", introduced);
}

static void system_read(struct loader *l, const struct node *node)
{
	struct inventory *inv = l->inv;
	struct system_entry *s;

	inv->systems = mem_grow(inv->systems, &l->cap_systems, inv->n_systems + 1,
				sizeof(*inv->systems));
	s = &inv->systems[inv->n_systems++];
	*s = (struct system_entry){ .id = text_needed(l, node, "system", "id"),
				    .label = text_of(l, node, "label"),
				    .classes = classes_of(l, node),
				    .owner = text_of(l, node, "owner"),
				    .department = text_of(l, node, "department"),
				    .introduced = text_of(l, node, "introduced"),
				    .line = node->line };
	if (!s->label)
		s->label = mem_strdup(s->id);
	list_of(l, node, "hosts", &s->hosts);
	list_of(l, node, "addresses", &s->addresses);
	list_of(l, node, "contracts", &s->contracts);
	networks_read(l, node_get(node, "networks"), s);
	addresses_check(l, node_get(node, "addresses"));
	introduced_check(l, node, s->introduced);
	names_once(l, "system", node_get(node, "id"));
	names_once(l, "host", node_get(node, "hosts"));
	references_check(l, "department", node_get(node, "department"), &l->departments);
	references_check(l, "contract", node_get(node, "contracts"), &l->contracts);
}

static void person_read(struct loader *l, const struct node *node)
{
	struct inventory *inv = l->inv;
	struct person *p;

	inv->people = mem_grow(inv->people, &l->cap_people, inv->n_people + 1,
			       sizeof(*inv->people));
	p = &inv->people[inv->n_people++];
	*p = (struct person){ .id = text_needed(l, node, "person", "id"),
			      .department = text_of(l, node, "department"),
			      .defence = defence_of(l, node, true),
			      .line = node->line };
	list_of(l, node, "users", &p->users);
	list_of(l, node, "mail", &p->mail);
	for (size_t i = 0; i < p->mail.n; i++)
		if (!strchr(p->mail.at[i], '@'))
			node_error(l->problems, l->yaml, node_get(node, "mail"),
				   "'%s' is not a mail address", p->mail.at[i]);
	names_once(l, "person", node_get(node, "id"));
	names_once(l, "user", node_get(node, "users"));
	names_once(l, "mail", node_get(node, "mail"));
	references_check(l, "department", node_get(node, "department"), &l->departments);
}

static void site_read(struct loader *l, const struct node *node)
{
	struct inventory *inv = l->inv;
	struct site *s;

	inv->sites = mem_grow(inv->sites, &l->cap_sites, inv->n_sites + 1, sizeof(*inv->sites));
	s = &inv->sites[inv->n_sites++];
	*s = (struct site){ .label = text_needed(l, node, "site", "label"), .line = node->line };
	list_of(l, node, "domains", &s->domains);
	list_of(l, node, "hosts", &s->hosts);
	list_of(l, node, "document_roots", &s->document_roots);
	names_once(l, "site", node_get(node, "label"));
	names_once(l, "domain", node_get(node, "domains"));
}

/* In the order of reading: what is referred to comes first. */
static const struct section {
	const char *name, *one;
	void (*read)(struct loader *l, const struct node *node);
	const char *keys[12];
} sections[] = {
	{ "departments", "department", department_read, { "name", "defence" } },
	{ "contracts",
	  "contract",
	  contract_read,
	  { "label", "body", "office", "role", "prime", "officer" } },
	{ "systems",
	  "system",
	  system_read,
	  { "id", "label", "hosts", "addresses", "networks", "classes", "owner", "department",
	    "contracts", "introduced" } },
	{ "people", "person", person_read, { "id", "users", "mail", "department", "defence" } },
	{ "sites", "site", site_read, { "label", "domains", "hosts", "document_roots" } },
};

static void section_read(struct loader *l, const struct section *section, const struct node *list)
{
	size_t n_keys = 0;

	if (node_is_null(list))
		return;
	if (list->kind != NODE_LIST) {
		node_error(l->problems, l->yaml, list, "'%s' is a list of entries", section->name);
		return;
	}
	while (n_keys < COUNT(section->keys) && section->keys[n_keys])
		n_keys++;
	for (size_t i = 0; i < list->n; i++) {
		const struct node *node = list->items[i];

		if (node->kind != NODE_MAP) {
			node_error(l->problems, l->yaml, node, "a %s has keys such as '%s: ...'",
				   section->one, section->keys[0]);
			continue;
		}
		node_check_keys(l->yaml, node, section->one, section->keys, n_keys, l->problems);
		section->read(l, node);
	}
}

/* A host of a site without a class of its own is a web server of ours (design section 6). */
static void site_hosts_classify(struct inventory *inv)
{
	for (size_t i = 0; i < inv->n_systems; i++)
		for (size_t k = 0; k < inv->systems[i].hosts.n && !inv->systems[i].classes; k++)
			if (inventory_site_host(inv, slice_of(inv->systems[i].hosts.at[k])))
				inv->systems[i].classes = CLASS_COMPANY_WEB;
}

static void document_read(struct loader *l)
{
	const char *names[COUNT(sections)];
	const struct node *root = l->yaml->documents[0];

	if (l->yaml->n > 1)
		node_error(l->problems, l->yaml, l->yaml->documents[1],
			   "one YAML document is wanted here");
	if (node_is_null(root))
		return;
	if (root->kind != NODE_MAP) {
		node_error(l->problems, l->yaml, root,
			   "an inventory has the sections departments, systems, people, sites and "
			   "contracts");
		return;
	}
	for (size_t i = 0; i < COUNT(sections); i++)
		names[i] = sections[i].name;
	node_check_keys(l->yaml, root, "the inventory", names, COUNT(names), l->problems);
	for (size_t i = 0; i < COUNT(sections); i++)
		section_read(l, &sections[i], node_get(root, sections[i].name));
}

struct inventory *inventory_load(const char *path, struct problems *problems)
{
	struct loader l = { .problems = problems, .inv = mem_zalloc(sizeof(struct inventory)) };
	size_t errors = problems->errors;

	if (path) {
		l.inv->file = mem_strdup(path);
		l.yaml = yaml_load(path, problems);
		l.seen = map_new();
		if (l.yaml && l.yaml->n)
			document_read(&l);
		map_free(l.seen, NULL);
		strlist_clear(&l.departments);
		strlist_clear(&l.contracts);
		yaml_free(l.yaml);
	}
	if (problems->errors != errors) {
		inventory_free(l.inv);
		return NULL;
	}
	inventory_index_build(l.inv);
	site_hosts_classify(l.inv);
	return l.inv;
}

void inventory_load_freemail(struct inventory *inv, const char *path, struct problems *problems)
{
	struct yaml *yaml = yaml_load(path, problems);

	if (!yaml)
		return;
	node_strings(yaml->n ? node_get(yaml->documents[0], "domains") : NULL, &inv->freemail);
	if (!inv->freemail.n)
		problem_add(problems, PROBLEM_ERROR, path, 1, 1, "`domains` is missing");
	yaml_free(yaml);
	inventory_index_build(inv);
}

static void system_clear(struct system_entry *s)
{
	free(s->id);
	free(s->label);
	strlist_clear(&s->hosts);
	strlist_clear(&s->addresses);
	free(s->networks);
	free(s->owner);
	free(s->department);
	strlist_clear(&s->contracts);
	free(s->introduced);
}

static void person_clear(struct person *p)
{
	free(p->id);
	strlist_clear(&p->users);
	strlist_clear(&p->mail);
	free(p->department);
}

static void site_clear(struct site *s)
{
	free(s->label);
	strlist_clear(&s->domains);
	strlist_clear(&s->hosts);
	strlist_clear(&s->document_roots);
}

static void contract_clear(struct contract *c)
{
	free(c->label);
	free(c->body);
	free(c->office);
	free(c->prime_name);
	free(c->prime_day);
	free(c->prime_night);
	free(c->officer);
}

void inventory_free(struct inventory *inv)
{
	if (!inv)
		return;
	for (size_t i = 0; i < inv->n_departments; i++)
		free(inv->departments[i].name);
	for (size_t i = 0; i < inv->n_systems; i++)
		system_clear(&inv->systems[i]);
	for (size_t i = 0; i < inv->n_people; i++)
		person_clear(&inv->people[i]);
	for (size_t i = 0; i < inv->n_sites; i++)
		site_clear(&inv->sites[i]);
	for (size_t i = 0; i < inv->n_contracts; i++)
		contract_clear(&inv->contracts[i]);
	free(inv->departments);
	free(inv->systems);
	free(inv->people);
	free(inv->sites);
	free(inv->contracts);
	strlist_clear(&inv->freemail);
	inventory_index_free(inv->index);
	free(inv->file);
	free(inv);
}

/* Arrays that grow by one without a kept capacity: tests name a handful. */
static void *one_more(void *array, size_t n, size_t size)
{
	char *more = mem_realloc(array, (n + 1) * size);

	memset(more + n * size, 0, size);
	return more;
}

/* Everybody with an address at this domain, and the domain itself where it is a web site. */
static void test_domain_add(struct inventory *inv, const char *name, unsigned class_bit)
{
	struct person *p;
	struct text at = { 0 };

	text_addf(&at, "@%s", name);
	inv->people = one_more(inv->people, inv->n_people, sizeof(*inv->people));
	p = &inv->people[inv->n_people++];
	p->id = mem_strdup(at.at);
	p->defence = class_bit & CLASS_ANY_DEFENCE ? IMPLICATED_YES
		     : class_bit & CLASS_NONE	   ? IMPLICATED_NO
						   : IMPLICATED_UNKNOWN;
	strlist_add(&p->mail, at.at);
	text_clear(&at);
	if (class_bit != CLASS_COMPANY_WEB)
		return;
	inv->sites = one_more(inv->sites, inv->n_sites, sizeof(*inv->sites));
	inv->sites[inv->n_sites].label = mem_strdup(name);
	strlist_add(&inv->sites[inv->n_sites++].domains, name);
}

int inventory_add_test(struct inventory *inv, const char *name, const char *class_name,
		       struct err *err)
{
	struct system_entry *s;
	struct network network;
	unsigned class_bit;

	if (!class_parse(class_name, &class_bit))
		return err_set(err, ERR_CONFIG,
			       "unknown class '%s' of '%s'; one of protected, same_intranet, "
			       "other_defence, secret, company_web, none is wanted",
			       class_name, name);
	inv->systems = one_more(inv->systems, inv->n_systems, sizeof(*inv->systems));
	s = &inv->systems[inv->n_systems++];
	s->id = mem_strdup(name);
	s->label = mem_strdup(name);
	s->classes = class_bit;
	if (network_parse(name, &network)) {
		s->networks = mem_dup(&network, sizeof(network));
		s->n_networks = 1;
	} else {
		strlist_add(&s->hosts, name);
		if (strchr(name, '.'))
			test_domain_add(inv, name, class_bit);
	}
	inventory_index_build(inv);
	return 0;
}
