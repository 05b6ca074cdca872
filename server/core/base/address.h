/*
 * Where a peer is: an address and a port as plain memory, so that the core can log it, count it,
 * ban it and hand it over without knowing a socket.
 */
#ifndef SERVER_CORE_BASE_ADDRESS_H
#define SERVER_CORE_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/base/codec.h"

enum address_family {
	ADDRESS_NONE, /* not known, as for PROXY UNKNOWN */
	ADDRESS_V4,   /* an IPv4-mapped IPv6 address is stored as this */
	ADDRESS_V6,
	ADDRESS_UNIX, /* a unix socket: every peer is the same */
};

struct address {
	uint8_t family;
	uint8_t bytes[16]; /* network order; V4 uses the first 4 */
	bool is_front_end; /* whose it is could not be told: one host to nobody */
	uint16_t port;     /* host order */
};

/* "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535" or so, and a NUL. */
enum { ADDRESS_TEXT_MAX = 64 };

/* An address with as many leading bits of it as count. */
struct prefix {
	uint8_t family;
	uint8_t bits;
	uint8_t bytes[16]; /* zero after the bits */
};

/* Sets family and bytes from those of an IPv6 address, which may be a mapped IPv4 one. */
void address_set_v6(struct address *a, const uint8_t bytes[16]);

/* Writes it, or reads it (codec.h). */
void address_serialize(struct address *a, struct codec *p);

/* Writes "127.0.0.1:53124", "[::1]:53124", "unix" or "unknown"; out has ADDRESS_TEXT_MAX bytes. */
size_t address_text(char *out, const struct address *a);

/* Writes the address alone, without a port: "127.0.0.1", "::1". */
size_t address_host_text(char *out, const struct address *a);

/* Whether a peer is a program of this machine, as a front end or a tunnel's end may be. */
bool address_is_loopback(const struct address *a);

/* Whether they are the same, with their ports. */
bool address_equal(const struct address *a, const struct address *b);

/* Whether two are one host for --max-per-host: the same IPv4 address, the same IPv6 /64. */
bool address_same_host(const struct address *a, const struct address *b);

/* A number that is the same for all of one host. */
uint32_t address_host_hash(const struct address *a);

/*
 * Parses "192.0.2.7", "192.0.2.0/24", "2001:db8::/32"; false if it is none. Clears excess bits. An
 * IPv4-mapped IPv6 address becomes the IPv4 one.
 */
bool prefix_parse(struct prefix *p, const char *text, size_t len);

/*
 * Parses "192.0.2.7:53124" or "[2001:db8::7]:53124", as address_text()
 * writes it, to prefix_of() it.
 */
bool prefix_parse_peer(struct prefix *p, const char *text, size_t len);

/* The one address as a prefix: all bits of IPv4, 64 of IPv6 (a single host has them all). */
void prefix_of(struct prefix *p, const struct address *a);

/* Writes "192.0.2.7" (all bits) or "192.0.2.0/24"; out has ADDRESS_TEXT_MAX bytes. */
size_t prefix_text(char *out, const struct prefix *p);

bool prefix_covers(const struct prefix *p, const struct address *a);
bool prefix_contains(const struct prefix *p, const struct prefix *part);
bool prefix_equal(const struct prefix *a, const struct prefix *b);

/* Whether programs of this machine are among those it covers. */
bool prefix_has_loopback(const struct prefix *p);

#endif
