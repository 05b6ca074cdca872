/*
 * Addresses and prefixes. inet_ntop(3) and inet_pton(3) are arithmetic on memory: no resolver.
 */
#include "server/core/base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"

enum { V4_BITS = 32, V6_BITS = 128, V6_HOST_BITS = 64, MAPPED = 12 };

static unsigned family_bits(uint8_t family)
{
	return family == ADDRESS_V4 ? V4_BITS : family == ADDRESS_V6 ? V6_BITS : 0;
}

/* IPv4-mapped (RFC 4291, 2.5.5.2): MAPPED bytes, and after them an IPv4 address. */
static bool is_mapped(const uint8_t bytes[16])
{
	static const uint8_t mapped[MAPPED] = { [10] = 0xff, [11] = 0xff };

	return memcmp(bytes, mapped, MAPPED) == 0;
}

void address_set_v6(struct address *a, const uint8_t bytes[16])
{
	bool is_v4 = is_mapped(bytes);

	a->family = is_v4 ? ADDRESS_V4 : ADDRESS_V6;
	memset(a->bytes, 0, sizeof(a->bytes));
	memcpy(a->bytes, is_v4 ? bytes + MAPPED : bytes, is_v4 ? 4 : 16);
}

/* inet_ntop(3) for our families; out has ADDRESS_TEXT_MAX bytes. */
static void host_text(char *out, uint8_t family, const uint8_t *bytes)
{
	const char *word = "unknown";

	if (family == ADDRESS_V4 || family == ADDRESS_V6)
		word = inet_ntop(family == ADDRESS_V4 ? AF_INET : AF_INET6, bytes, out,
			ADDRESS_TEXT_MAX);
	else if (family == ADDRESS_UNIX)
		word = "unix";
	if (word != out)
		snprintf(out, ADDRESS_TEXT_MAX, "%s", word != NULL ? word : "unknown");
}

size_t address_host_text(char *out, const struct address *a)
{
	host_text(out, a->family, a->bytes);
	return strlen(out);
}

void address_serialize(struct address *a, struct codec *p)
{
	a->family = (uint8_t)codec_number(p, a->family, 1, ADDRESS_UNIX);
	codec_array(p, a->bytes, sizeof(a->bytes));
	a->port = (uint16_t)codec_number(p, a->port, 2, UINT16_MAX);
	a->is_front_end = p->version >= 5 && codec_flag(p, a->is_front_end);
}

size_t address_text(char *out, const struct address *a)
{
	char host[ADDRESS_TEXT_MAX];

	host_text(host, a->family, a->bytes);
	if (a->family == ADDRESS_V4)
		return (size_t)snprintf(out, ADDRESS_TEXT_MAX, "%.45s:%u", host, a->port);
	if (a->family == ADDRESS_V6)
		return (size_t)snprintf(out, ADDRESS_TEXT_MAX, "[%.45s]:%u", host, a->port);
	return (size_t)snprintf(out, ADDRESS_TEXT_MAX, "%.45s", host);
}

/* Whether two addresses have their first bits in common. */
static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && a->port == b->port &&
		memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool address_same_host(const struct address *a, const struct address *b)
{
	struct prefix p;

	if ((a->family != ADDRESS_V4 && a->family != ADDRESS_V6) || a->is_front_end)
		return false;
	prefix_of(&p, a);
	return prefix_covers(&p, b);
}

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
uint32_t address_host_hash(const struct address *a)
{
	uint32_t hash = 2166136261;
	struct prefix p;

	prefix_of(&p, a);
	for (unsigned i = 0; i < p.bits / 8u; i++)
		hash = (hash ^ p.bytes[i]) * 16777619;
	return hash ^ hash >> 15;
}

/* A mapped prefix becomes the IPv4 one, as addresses do. */
static void unmap(struct prefix *p)
{
	if (p->family != ADDRESS_V6 || p->bits < 8 * MAPPED || !is_mapped(p->bytes))
		return;
	p->family = ADDRESS_V4;
	p->bits = (uint8_t)(p->bits - 8 * MAPPED);
	memmove(p->bytes, p->bytes + MAPPED, sizeof(p->bytes) - MAPPED);
}

static void clear_excess(struct prefix *p)
{
	for (unsigned bit = p->bits; bit < 8 * sizeof(p->bytes); bit++)
		p->bytes[bit / 8] &= (uint8_t)~(0x80u >> bit % 8);
}

bool prefix_parse(struct prefix *p, const char *text, size_t len)
{
	const char *slash = memchr(text, '/', len);
	size_t host_len = slash != NULL ? (size_t)(slash - text) : len;
	char host[ADDRESS_TEXT_MAX];
	uint64_t bits;

	if (host_len >= sizeof(host) || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(host, text, host_len);
	host[host_len] = '\0';
	*p = (struct prefix){ .family = ADDRESS_V4 };
	if (inet_pton(AF_INET, host, p->bytes) != 1) {
		p->family = ADDRESS_V6;
		if (inet_pton(AF_INET6, host, p->bytes) != 1)
			return false;
	}
	bits = family_bits(p->family);
	if (slash != NULL && !text_number(slash + 1, len - host_len - 1, bits, &bits))
		return false;
	p->bits = (uint8_t)bits;
	unmap(p);
	clear_excess(p);
	return true;
}

void prefix_of(struct prefix *p, const struct address *a)
{
	unsigned bits = family_bits(a->family);

	*p = (struct prefix){ .family = a->family };
	p->bits = (uint8_t)(bits > V6_HOST_BITS ? V6_HOST_BITS : bits);
	memcpy(p->bytes, a->bytes, sizeof(p->bytes));
	clear_excess(p);
}

size_t prefix_text(char *out, const struct prefix *p)
{
	char host[ADDRESS_TEXT_MAX];

	host_text(host, p->family, p->bytes);
	if (p->bits == family_bits(p->family))
		return (size_t)snprintf(out, ADDRESS_TEXT_MAX, "%.45s", host);
	return (size_t)snprintf(out, ADDRESS_TEXT_MAX, "%.45s/%u", host, p->bits);
}

bool prefix_covers(const struct prefix *p, const struct address *a)
{
	return p->family == a->family && !a->is_front_end &&
		same_bits(p->bytes, a->bytes, p->bits);
}

bool prefix_contains(const struct prefix *p, const struct prefix *part)
{
	return p->family == part->family && p->bits <= part->bits &&
		same_bits(p->bytes, part->bytes, p->bits);
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->bits == b->bits && prefix_contains(a, b);
}

bool prefix_parse_peer(struct prefix *p, const char *text, size_t len)
{
	size_t end = len;
	uint64_t port;
	struct address a = { .family = ADDRESS_NONE };

	while (end > 0 && text[end - 1] != ':')
		end--;
	if (end < 2 || !text_number(text + end, len - end, UINT16_MAX, &port))
		return false;
	end--;
	if (text[0] == '[' && text[end - 1] == ']') {
		text++;
		end -= 2;
	}
	if (!prefix_parse(p, text, end) || memchr(text, '/', end) != NULL)
		return false;
	a.family = p->family;
	memcpy(a.bytes, p->bytes, sizeof(a.bytes));
	prefix_of(p, &a);
	return true;
}

bool address_is_loopback(const struct address *a)
{
	static const uint8_t loopback[16] = { [15] = 1 };

	return (a->family == ADDRESS_V4 && a->bytes[0] == 127) ||
		(a->family == ADDRESS_V6 && memcmp(a->bytes, loopback, sizeof(loopback)) == 0);
}

bool prefix_has_loopback(const struct prefix *p)
{
	static const struct prefix v4 = { ADDRESS_V4, 8, { 127 } };
	static const struct prefix v6 = { ADDRESS_V6, 128, { [15] = 1 } };

	return prefix_contains(p, &v4) || prefix_contains(&v4, p) || prefix_contains(p, &v6);
}
