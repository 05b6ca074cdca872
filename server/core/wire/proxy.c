/*
 * The PROXY protocol. A header is refused at the first byte that can't belong to one, so that a
 * client which comes without a terminator in front is told apart at once.
 */
#include "server/core/wire/proxy.h"

#include <stdbool.h>
#include <string.h>

#include "proto/text.h"

static const uint8_t v1_signature[] = { 'P', 'R', 'O', 'X', 'Y', ' ' };
static const uint8_t v2_signature[] = { '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T',
	'\n' };

/* Version 2. */
enum {
	V2_HEAD = 16, /* signature, version and command, family and protocol, length */
	V2_INET = 12,
	V2_INET6 = 36,
	V2_UNIX = 216,
	TLV_HEAD = 3,
	TLV_CRC32C = 3,
	CRC_LEN = 4,
};

static enum proxy_status bad(struct proxy *p, const char *reason)
{
	p->reason = reason;
	return PROXY_BAD;
}

static uint16_t get_16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Takes the next word of a line of version 1, up to a space or the end; false if it is empty. */
static bool take_word(const char **line, const char *end, const char **word, size_t *len)
{
	const char *space = *line < end ? memchr(*line, ' ', (size_t)(end - *line)) : NULL;

	*word = *line;
	*len = (size_t)((space != NULL ? space : end) - *line);
	*line = space != NULL ? space + 1 : end;
	return *len > 0;
}

static bool take_address(const char **line, const char *end, enum address_family family,
	struct address *a)
{
	struct prefix prefix;
	const char *word;
	size_t len;

	if (!take_word(line, end, &word, &len) || memchr(word, '/', len) != NULL ||
		!prefix_parse(&prefix, word, len))
		return false;
	a->family = prefix.family;
	memcpy(a->bytes, prefix.bytes, sizeof(a->bytes));
	/* An IPv6 address may be an IPv4 one, mapped, but not written as one. */
	return (family == ADDRESS_V6) == (memchr(word, ':', len) != NULL);
}

static bool take_port(const char **line, const char *end, uint16_t *port)
{
	const char *word;
	size_t len;
	uint64_t number;

	if (!take_word(line, end, &word, &len) || !text_number(word, len, UINT16_MAX, &number) ||
		(len > 1 && word[0] == '0'))
		return false;
	*port = (uint16_t)number;
	return true;
}

/* "TCP4 192.0.2.7 192.0.2.1 53124 8000", or TCP6, or "UNKNOWN" and anything. */
static enum proxy_status parse_v1_line(struct proxy *p, const char *line, const char *end)
{
	struct address to;
	const char *word;
	size_t len;
	enum address_family family;

	if (!take_word(&line, end, &word, &len))
		return bad(p, "no protocol family");
	if (len == 7 && memcmp(word, "UNKNOWN", 7) == 0)
		return PROXY_LOCAL;
	if (len == 4 && memcmp(word, "TCP4", 4) == 0)
		family = ADDRESS_V4;
	else if (len == 4 && memcmp(word, "TCP6", 4) == 0)
		family = ADDRESS_V6;
	else
		return bad(p, "unknown protocol family");
	if (!take_address(&line, end, family, &p->from) ||
		!take_address(&line, end, family, &to))
		return bad(p, "malformed address");
	if (!take_port(&line, end, &p->from.port) || !take_port(&line, end, &to.port) ||
		end[-1] == ' ' || line != end)
		return bad(p, "malformed port");
	return PROXY_FROM;
}

static enum proxy_status parse_v1(struct proxy *p, const uint8_t *bytes, size_t len)
{
	size_t limit = len < PROXY_V1_MAX ? len : PROXY_V1_MAX;
	const uint8_t *lf = memchr(bytes, '\n', limit);

	if (lf == NULL)
		return len < PROXY_V1_MAX ? PROXY_MORE : bad(p, "line too long");
	if (lf[-1] != '\r')
		return bad(p, "line does not end with CR LF");
	p->used = (size_t)(lf + 1 - bytes);
	return parse_v1_line(p, (const char *)bytes + sizeof(v1_signature),
		(const char *)lf - 1);
}

/* CRC-32C (RFC 3720, appendix B.4) over a header in which the sum itself counts as zero. */
static uint32_t crc32c(const uint8_t *bytes, size_t len, size_t sum_at)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= i >= sum_at && i < sum_at + CRC_LEN ? 0 : bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static bool sum_is_right(const uint8_t *bytes, size_t len, size_t sum_at)
{
	const uint8_t *sum = bytes + sum_at;

	return crc32c(bytes, len, sum_at) ==
		((uint32_t)get_16(sum) << 16 | get_16(sum + 2));
}

/* The extras that begin at byte `at` of a header of len bytes. */
static enum proxy_status check_extras(struct proxy *p, const uint8_t *bytes, size_t len, size_t at)
{
	while (at < len) {
		if (len - at < TLV_HEAD || len - at - TLV_HEAD < get_16(bytes + at + 1))
			return bad(p, "malformed extras");
		size_t value_len = get_16(bytes + at + 1);
		if (bytes[at] == TLV_CRC32C &&
			(value_len != CRC_LEN || !sum_is_right(bytes, len, at + TLV_HEAD)))
			return bad(p, "wrong checksum");
		at += TLV_HEAD + value_len;
	}
	return PROXY_FROM;
}

/* The addresses of a whole header of version 2. */
static enum proxy_status parse_v2_addresses(struct proxy *p, const uint8_t *bytes, size_t len)
{
	const uint8_t *block = bytes + V2_HEAD;
	size_t block_len = len - V2_HEAD;
	size_t need;

	switch (bytes[13]) {
	case 0x00: /* the terminator can't tell */
		return PROXY_LOCAL;
	case 0x11:
		need = V2_INET;
		break;
	case 0x21:
		need = V2_INET6;
		break;
	case 0x31:
		need = V2_UNIX;
		break;
	default:
		return bad(p, "not a stream of a known address family");
	}
	if (block_len < need)
		return bad(p, "too short for its addresses");
	if (need == V2_INET) {
		p->from.family = ADDRESS_V4;
		memcpy(p->from.bytes, block, 4);
		p->from.port = get_16(block + 8);
	} else if (need == V2_INET6) {
		address_set_v6(&p->from, block);
		p->from.port = get_16(block + 32);
	} else {
		p->from.family = ADDRESS_UNIX;
	}
	return check_extras(p, bytes, len, V2_HEAD + need);
}

static enum proxy_status parse_v2(struct proxy *p, const uint8_t *bytes, size_t len)
{
	if (len <= sizeof(v2_signature))
		return PROXY_MORE;
	if (bytes[12] >> 4 != 2)
		return bad(p, "unknown version");
	if ((bytes[12] & 15) > 1)
		return bad(p, "unknown command");
	if (len < V2_HEAD)
		return PROXY_MORE;
	p->used = V2_HEAD + (size_t)get_16(bytes + 14);
	if (p->used > PROXY_HEADER_MAX)
		return bad(p, "header too long");
	if (len < p->used)
		return PROXY_MORE;
	p->is_own = (bytes[12] & 15) == 0;
	return p->is_own ? PROXY_LOCAL : parse_v2_addresses(p, bytes, p->used);
}

/* Whether the bytes are the signature, or as much of it as there is of them. */
static bool begins(const uint8_t *bytes, size_t len, const uint8_t *signature, size_t size)
{
	return memcmp(bytes, signature, len < size ? len : size) == 0;
}

enum proxy_status proxy_parse(struct proxy *p, const uint8_t *bytes, size_t len)
{
	*p = (struct proxy){ 0 };
	if (len == 0)
		return PROXY_MORE;
	if (begins(bytes, len, v1_signature, sizeof(v1_signature)))
		return len < sizeof(v1_signature) ? PROXY_MORE : parse_v1(p, bytes, len);
	if (begins(bytes, len, v2_signature, sizeof(v2_signature)))
		return parse_v2(p, bytes, len);
	return bad(p, "no PROXY header");
}
