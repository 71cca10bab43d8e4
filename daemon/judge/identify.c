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

static bool is_own_address(const struct judge *judge, struct slice text)
{
	unsigned char address[16];

	return address_parse(text, address) && (config_is_inside(judge->config, address) ||
						inventory_address(judge->inventory, text));
}

/* One way of writing for each address. */
static struct slice address_text(const unsigned char address[16], char out[ID_MAX])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = memcmp(address, mapped, sizeof(mapped)) == 0;

	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? address + 12 : address, out, ID_MAX);
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
static struct slice asset_of_address(const struct judge *judge, struct slice text, char out[ID_MAX])
{
	const struct system_entry *system = inventory_address(judge->inventory, text);
	unsigned char address[16];

	if (system)
		return slice_of(system->id);
	return address_parse(text, address) ? address_text(address, out) : SLICE("");
}

static struct slice asset_of_host(const struct judge *judge, struct slice host,
				  const struct record *record, char out[ID_MAX])
{
	const struct system_entry *system = inventory_host(judge->inventory, host);
	struct slice id = asset_of_address(judge, host, out);

	if (system || id.len)
		return system ? slice_of(system->id) : id;
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

/* Our end of the connection; of two of ours the source. */
static struct slice own_end(const struct judge *judge, const struct record *record)
{
	static const char *const ends[] = { "source.ip", "destination.ip" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct slice end = record_value(record, ends[i]);

		if (is_own_address(judge, end))
			return end;
	}
	return SLICE("");
}

/* A network product tells of others: its own name never stands for the affected host. */
static struct slice asset_of_network(const struct judge *judge, const struct record *record,
				     char out[ID_MAX])
{
	struct slice end = own_end(judge, record), host = host_of(record), id;

	id = asset_of_address(judge, end.len ? end : record_value(record, "source.ip"), out);
	if (id.len || !host.len ||
	    slice_equal_nocase(host, record_value(record, "observer.hostname")))
		return id;
	return asset_of_host(judge, host, record, out);
}

static struct slice asset_of_record(const struct judge *judge, const struct record *record,
				    char out[ID_MAX])
{
	struct slice host = host_of(record), address = record_value(record, "host.ip");

	if (record_find(record, "observer.type"))
		return asset_of_network(judge, record, out);
	if (host.len)
		return asset_of_host(judge, host, record, out);
	if (!address.len)
		address = own_end(judge, record);
	return asset_of_address(judge, address, out);
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

		while ((field = record_next(record, hash, name, &cursor)))
			persons_of_value(judge, field->value, fields[i].mail, &persons);
	}
	if (persons.n)
		record_unset(record, "person.id");
	for (size_t i = 0; i < persons.n; i++)
		record_add_copy(record, SLICE("person.id"),
				(struct slice){ persons.at[i], persons.len[i] }, VALUE_STRING,
				true);
}

static void direction_identify(const struct judge *judge, struct record *record)
{
	static const char *const words[2][2] = { { "external", "inbound" },
						 { "outbound", "internal" } };
	unsigned char from[16], to[16];
	bool in_from, in_to;

	if (!address_parse(record_value(record, "source.ip"), from) ||
	    !address_parse(record_value(record, "destination.ip"), to))
		return;
	in_from = config_is_inside(judge->config, from) || address_is_local(from);
	in_to = config_is_inside(judge->config, to) || address_is_local(to);
	record_set(record, "network.direction", slice_of(words[in_from][in_to]));
}

void judge_identify(const struct judge *judge, struct record *record)
{
	char buffer[ID_MAX];
	struct slice asset = asset_of_record(judge, record, buffer);

	if (asset.len)
		record_set(record, "asset.id", asset);
	person_identify(judge, record);
	direction_identify(judge, record);
}
