#ifndef SOKUHO_SETTINGS_INVENTORY_H
#define SOKUHO_SETTINGS_INVENTORY_H

#include "model/words.h"
#include "settings/config.h"

/*
 * inventory.yaml: what the company owns and for whom it works. Unknown is not "no": only the
 * class `none` (a person's `defence: no`) says that something is not ours to report.
 */
struct department {
	char *name;
	enum implicated defence;
	int line;
};

struct system_entry {
	char *id;			/* the asset's id in findings */
	char *label;			/* what people call it; must not tell what is protected */
	struct strlist hosts;		/* names, compared caselessly, short or full */
	struct strlist addresses;
	struct network *networks;
	size_t n_networks;
	unsigned classes;		/* enum asset_class bits; 0: not said */
	char *owner, *department;
	struct strlist contracts;	/* labels of contracts */
	char *introduced;		/* date */
	int line;
};

struct person {
	char *id;
	struct strlist users, mail;
	char *department;
	enum implicated defence;
	int line;
};

struct site {
	char *label;
	struct strlist domains, hosts, document_roots;
	int line;
};

struct contract {
	char *label;
	char *body;			/* id of a window: atla, gsdf, ... */
	char *office;			/* 担当課等 */
	bool sub;			/* role: sub; else prime */
	char *prime_name, *prime_day, *prime_night;
	char *officer;			/* contracting officer */
	int line;
};

struct inventory_index;			/* tables for looking up, kept by this room */

struct inventory {
	char *file;			/* NULL: none configured */
	struct department *departments;
	size_t n_departments;
	struct system_entry *systems;
	size_t n_systems;
	struct person *people;
	size_t n_people;
	struct site *sites;
	size_t n_sites;
	struct contract *contracts;
	size_t n_contracts;
	struct strlist freemail;	/* domains that are nobody's own */
	struct inventory_index *index;
};

/* NULL path gives an empty inventory. NULL after errors, which are in problems. */
struct inventory *inventory_load(const char *path, struct problems *problems);
/* Domains of providers (rules/freemail.yaml), which an address in the ledger does not make ours. */
void inventory_load_freemail(struct inventory *inventory, const char *path, struct problems *problems);
void inventory_free(struct inventory *inventory);

/*
 * Each returns NULL when nothing is known. The closest entry counts (full name before short name,
 * address before network, longer prefix before shorter), among equals the first of the file. An
 * entry of `mail` that begins with @ stands for everybody at that domain.
 */
const struct system_entry *inventory_host(const struct inventory *inv, struct slice name);
const struct system_entry *inventory_address(const struct inventory *inv, struct slice address);
const struct system_entry *inventory_at(const struct inventory *inv, const unsigned char address[16]);
const struct person *inventory_user(const struct inventory *inv, struct slice user);
const struct person *inventory_mail(const struct inventory *inv, struct slice address);
const struct site *inventory_site_domain(const struct inventory *inv, struct slice domain);
const struct site *inventory_site_path(const struct inventory *inv, struct slice path);
const struct site *inventory_site_host(const struct inventory *inv, struct slice host);
const struct department *inventory_department(const struct inventory *inv, const char *name);
const struct contract *inventory_contract(const struct inventory *inv, const char *label);
const struct system_entry *inventory_system(const struct inventory *inv, struct slice id);
/* Is it, or the domain above it, a domain of a site or of a person's mail (free mail apart)? */
bool inventory_owns_domain(const struct inventory *inv, struct slice domain);
/*
 * For tests of rules: `name: class` where name is a host, an address, a mail domain or a site.
 */
int inventory_add_test(struct inventory *inv, const char *name, const char *class_name,
		       struct err *err);

#endif
