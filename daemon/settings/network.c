/*
 * Addresses and networks. v4 is kept as v4-mapped v6 (::ffff:a.b.c.d), so that one comparison of
 * bits serves both.
 */
#include "settings/config.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#define V4_PREFIX 96

static const struct network private_networks[] = {
	{ { [10] = 0xff, [11] = 0xff, [12] = 10 }, V4_PREFIX + 8 },
	{ { [10] = 0xff, [11] = 0xff, [12] = 172, [13] = 16 }, V4_PREFIX + 12 },
	{ { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 168 }, V4_PREFIX + 16 },
	{ { [10] = 0xff, [11] = 0xff, [12] = 127 }, V4_PREFIX + 8 },
	{ { [10] = 0xff, [11] = 0xff, [12] = 169, [13] = 254 }, V4_PREFIX + 16 },
	{ { [15] = 1 }, 128 },
	{ { 0xfc }, 7 },
	{ { 0xfe, 0x80 }, 10 },
};

/* Brackets (as in URLs) and a zone (fe80::1%eth0) belong to the notation, not to the address. */
static struct slice address_bare(struct slice text)
{
	if (text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']')
		text = slice_cut(text, 1, text.len - 1);
	if (slice_find_byte(text, ':', 0) < text.len)
		text = slice_cut(text, 0, slice_find_byte(text, '%', 0));
	return text;
}

bool address_parse(struct slice text, unsigned char out[16])
{
	unsigned char bytes[16] = { [10] = 0xff, [11] = 0xff };
	char buffer[INET6_ADDRSTRLEN];

	text = address_bare(text);
	if (!text.len || text.len >= sizeof(buffer) || memchr(text.at, '\0', text.len))
		return false;
	memcpy(buffer, text.at, text.len);
	buffer[text.len] = '\0';
	if (inet_pton(AF_INET, buffer, bytes + 12) != 1 && inet_pton(AF_INET6, buffer, bytes) != 1)
		return false;
	memcpy(out, bytes, sizeof(bytes));
	return true;
}

bool network_parse(const char *text, struct network *out)
{
	struct slice whole = slice_of(text);
	size_t slash = slice_find_byte(whole, '/', 0);
	struct slice address = slice_cut(whole, 0, slash);
	bool v6 = slice_find_byte(address, ':', 0) < address.len;
	struct network network;
	uint64_t prefix = v6 ? 128 : 32;

	if (!address_parse(address, network.address))
		return false;
	if (slash < whole.len && (whole.len - slash > 4 ||
				  !slice_to_u64(slice_cut(whole, slash + 1, whole.len), &prefix)))
		return false;
	if (prefix > (v6 ? 128u : 32u))
		return false;
	network.prefix = (unsigned)prefix + (v6 ? 0 : V4_PREFIX);
	*out = network;
	return true;
}

static uint64_t eight(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return be64toh(word);
}

bool network_has(const struct network *network, const unsigned char address[16])
{
	uint64_t high = eight(network->address) ^ eight(address), low = eight(network->address + 8) ^ eight(address + 8);

	if (network->prefix <= 64)
		return !network->prefix || high >> (64 - network->prefix) == 0;
	return !high && low >> (128 - network->prefix) == 0;
}

bool address_is_private(const unsigned char address[16])
{
	for (size_t i = 0; i < sizeof(private_networks) / sizeof(private_networks[0]); i++)
		if (network_has(&private_networks[i], address))
			return true;
	return false;
}

bool config_is_inside(const struct config *config, const unsigned char address[16])
{
	for (size_t i = 0; i < config->n_networks; i++)
		if (network_has(&config->networks[i], address))
			return true;
	return !config->n_networks && address_is_private(address);
}
