#ifndef SOKUHO_JUDGE_ENTITY_H
#define SOKUHO_JUDGE_ENTITY_H

#include "judge/state.h"

/*
 * Those entities of a finding that are ours: hosts, addresses, users, mailboxes, domains and
 * paths, looked up in the inventory, both ends of a connection alike (own_entity of the table).
 */
enum standing {
	STANDING_YES,	  /* a defence department's or our site, as the clause asks */
	STANDING_UNKNOWN, /* not in the inventory, or without a class */
	STANDING_NONE,	  /* "not ours to report", in words */
	STANDING_OTHER,	  /* known, but the clause's words do not cover it */
};

struct entity {
	const char *kind;   /* host, address, user ... */
	struct slice value; /* a loan from the finding */
	enum standing standing;
	unsigned classes; /* enum asset_class bits */
	const struct system_entry *system;
	const struct site *site;
	int line;      /* in the inventory, 0: not there */
	/* "is protected": with %s for `whose`; NULL: the classes of its system */
	const char *why, *whose;
};

struct entities {
	struct entity *at;
	size_t n, cap;
};

void entities_find(const struct judge *judge, const struct finding *finding, enum subject subject,
		   struct entities *out);
void entities_clear(struct entities *entities);
/* "host 'pc001' is protected (inventory.yaml:12)"; appends to out. */
void entity_describe(const struct judge *judge, const struct entity *entity, struct text *out);
/* Inventory or networks: is one of the values of this field an address of ours? */
bool finding_has_own_address(const struct judge *judge, const struct finding *finding,
			     const char *field);
/* Loopback, link-local, multicast and the like: names no machine and never leaves its network. */
bool address_is_local(const unsigned char address[16]);

/* Fields with mail addresses hold one, several, or `Name <address>`: start with *cursor = 0. */
bool mail_next(struct slice value, size_t *cursor, struct slice *address);
struct slice mail_part_domain(struct slice address);

#endif
