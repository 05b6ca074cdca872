/*
 * A host and perhaps a port, as Host, Origin and options name them: "chat.example.org:8080".
 */
#ifndef SERVER_CORE_WIRE_AUTHORITY_H
#define SERVER_CORE_WIRE_AUTHORITY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/slice.h"

struct authority {
	struct slice host; /* in the text that was parsed, without the brackets of "[::1]" */
	bool is_address;   /* host is an IPv4 or IPv6 address, not a name */
	bool has_port;
	uint16_t port;
};

/*
 * Parses HOST, HOST:PORT, [V6] or [V6]:PORT (RFC 3986, 3.2, without user information); false if
 * it is none, or has no host. A colon with nothing after it names no port.
 */
bool authority_parse(struct authority *a, struct slice text);

/* Whether two hosts are one; ASCII case does not count. */
bool authority_same_host(const struct authority *a, const struct authority *b);

#endif
