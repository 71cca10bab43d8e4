/*
 * Identity over products: every record learns which host it is about, which person, and which way
 * the connection went, before rules and correlations look at it.
 */
#include "judge/entity.h"

#include "base/map.h"

#include <arpa/inet.h>
#include <string.h>

#define ID_MAX	    255
#define PERSONS_MAX 16

/* What a value is as an address; read once. */
struct address {
	struct slice text;
	bool is, inside;		/* is it one at all, and of `networks`? */
	unsigned char at[16];
	const struct system_entry *system;
};

static void address_read(const struct judge *judge, struct slice text, struct address *out)
{
	out->text = slice_trim(text);
	out->is = address_parse(out->text, out->at);
	out->inside = out->is && config_is_inside(judge->config, out->at);
	out->system = out->is ? inventory_at(judge->inventory, out->at) : NULL;
}

/* One way of writing for each address; inet_pton() takes v4 in that way only. */
static struct slice address_text(const struct address *address, char out[ID_MAX])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = memcmp(address->at, mapped, sizeof(mapped)) == 0;

	if (v4 && address->text.at[0] != '[' && !memchr(address->text.at, ':', address->text.len))
		return address->text;
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? address->at + 12 : address->at, out, ID_MAX);
	return slice_of(out);
}

static struct slice lower(struct slice text, char out[ID_MAX])
{
	text = slice_cut(text, 0, ID_MAX);
	for (size_t i = 0; i < text.len; i++)
		out[i] = text.at[i] >= 'A' && text.at[i] <= 'Z' ? (char)(text.at[i] + 32)
								: text.at[i];
	return (struct slice){ out, text.len };
}

/* Empty when it is no address. */
static struct slice asset_of_address(const struct address *address, char out[ID_MAX])
{
	if (address->system)
		return slice_of(address->system->id);
	return address->is ? address_text(address, out) : SLICE("");
}

static struct slice asset_of_host(const struct judge *judge, struct slice host,
				  const struct record *record, char out[ID_MAX])
{
	const struct system_entry *system = inventory_host(judge->inventory, host);
	struct address address;

	address_read(judge, host, &address);
	if (system || address.is)
		return system ? slice_of(system->id) : asset_of_address(&address, out);
	system = inventory_address(judge->inventory, record_value(record, "host.ip"));
	if (system)
		return slice_of(system->id);
	return lower(slice_cut(host, 0, slice_find_byte(host, '.', 0)), out);
}

static struct slice host_of(const struct record *record)
{
	struct slice host = record_value(record, "host.name");

	return slice_is(host, "-") ? SLICE("") : host;
}

/* The ends of a connection. */
enum { FROM, TO, ENDS };

/* Our end; of two of ours the source; NULL: none. */
static const struct address *own_end(const struct address ends[ENDS])
{
	for (size_t i = 0; i < ENDS; i++)
		if (ends[i].inside || ends[i].system)
			return &ends[i];
	return NULL;
}

/* A network product tells of others: its own name never stands for the affected host. */
static struct slice asset_of_network(const struct judge *judge, const struct record *record,
				     const struct address ends[ENDS], char out[ID_MAX])
{
	const struct address *own = own_end(ends);
	struct slice host = host_of(record), id = asset_of_address(own ? own : &ends[FROM], out);

	if (id.len || !host.len ||
	    slice_equal_nocase(host, record_value(record, "observer.hostname")))
		return id;
	return asset_of_host(judge, host, record, out);
}

static struct slice asset_of_record(const struct judge *judge, const struct record *record,
				    const struct address ends[ENDS], char out[ID_MAX])
{
	struct slice host = host_of(record), ip = record_value(record, "host.ip");
	const struct address *own;
	struct address address;

	if (record_find(record, "observer.type"))
		return asset_of_network(judge, record, ends, out);
	if (host.len)
		return asset_of_host(judge, host, record, out);
	if (ip.len) {
		address_read(judge, ip, &address);
		return asset_of_address(&address, out);
	}
	own = own_end(ends);
	return own ? asset_of_address(own, out) : SLICE("");
}

/* An entry such as @example.jp is no single person. */
static bool is_one_person(const struct person *person)
{
	return person && (person->users.n || person->mail.n != 1 || person->mail.at[0][0] != '@');
}

static struct slice person_of_user(const struct judge *judge, struct slice user, char out[ID_MAX])
{
	const struct person *person = inventory_user(judge->inventory, user);
	size_t from = user.len;

	if (is_one_person(person))
		return slice_of(person->id);
	if (!user.len || slice_is(user, "-") || user.at[user.len - 1] == '$')
		return SLICE("");
	while (from > 0 && user.at[from - 1] != '\\')
		from--;
	user = slice_cut(user, from, user.len);
	return lower(slice_cut(user, 0, slice_find_byte(user, '@', 0)), out);
}

/* People outside have no identity; which domains are ours is known only where some are listed. */
static struct slice person_of_mail(const struct judge *judge, struct slice address,
				   char out[ID_MAX])
{
	const struct inventory *inv = judge->inventory;
	const struct person *person = inventory_mail(inv, address);
	size_t at = slice_find_byte(address, '@', 0);

	if (is_one_person(person))
		return slice_of(person->id);
	if ((inv->n_people || inv->n_sites) &&
	    !inventory_owns_domain(inv, mail_part_domain(address)))
		return SLICE("");
	return lower(slice_cut(address, 0, at), out);
}

struct persons {
	char at[PERSONS_MAX][ID_MAX];
	size_t len[PERSONS_MAX];
	size_t n;
};

static void persons_add(struct persons *persons, struct slice id)
{
	if (!id.len || persons->n == PERSONS_MAX)
		return;
	id = slice_cut(id, 0, ID_MAX);
	for (size_t i = 0; i < persons->n; i++)
		if (slice_equal(id, (struct slice){ persons->at[i], persons->len[i] }))
			return;
	memcpy(persons->at[persons->n], id.at, id.len);
	persons->len[persons->n++] = id.len;
}

static void persons_of_value(const struct judge *judge, struct slice value, bool mail,
			     struct persons *out)
{
	struct slice address;
	char id[ID_MAX];
	size_t cursor = 0;

	if (!mail)
		persons_add(out, person_of_user(judge, slice_trim(value), id));
	while (mail && mail_next(value, &cursor, &address))
		persons_add(out, person_of_mail(judge, address, id));
}

/* The first of these fields that names somebody; a mail may have several receivers. */
static void person_identify(const struct judge *judge, struct record *record)
{
	static const struct {
		const char *field;
		bool mail;
	} fields[] = {
		{ "user.name", false },
		{ "user.email", true },
		{ "email.to.address", true },
		{ "email.from.address", true },
	};
	struct persons persons;

	persons.n = 0;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && !persons.n; i++) {
		struct slice name = slice_of(fields[i].field);
		uint64_t hash = hash_bytes_nocase(name);
		const struct field *field;
		size_t cursor = 0;

		while (record_may_have(record, hash) && (field = record_next(record, hash, name, &cursor)))
			persons_of_value(judge, field->value, fields[i].mail, &persons);
	}
	if (persons.n)
		record_unset(record, "person.id");
	for (size_t i = 0; i < persons.n; i++)
		record_add_copy(record, SLICE("person.id"),
				(struct slice){ persons.at[i], persons.len[i] }, VALUE_STRING,
				true);
}

static void direction_identify(const struct address ends[ENDS], struct record *record)
{
	static const char *const words[2][2] = { { "external", "inbound" },
						 { "outbound", "internal" } };
	bool in[ENDS];

	for (size_t i = 0; i < ENDS; i++) {
		if (!ends[i].is)
			return;
		in[i] = ends[i].inside || address_is_local(ends[i].at);
	}
	record_set(record, "network.direction", slice_of(words[in[FROM]][in[TO]]));
}

void judge_identify(const struct judge *judge, struct record *record)
{
	struct address ends[ENDS];
	char buffer[ID_MAX];
	struct slice asset;

	address_read(judge, record_value(record, "source.ip"), &ends[FROM]);
	address_read(judge, record_value(record, "destination.ip"), &ends[TO]);
	asset = asset_of_record(judge, record, ends, buffer);
	if (asset.len)
		record_set(record, "asset.id", asset);
	person_identify(judge, record);
	direction_identify(ends, record);
}
