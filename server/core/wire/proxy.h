/*
 * The PROXY protocol, versions 1 and 2 (haproxy's doc/proxy-protocol.txt): what a TLS terminator
 * in front sends ahead of a connection, to say whose it really is.
 */
#ifndef SERVER_CORE_WIRE_PROXY_H
#define SERVER_CORE_WIRE_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/base/address.h"

enum {
	/* A header of version 1, CR LF included; the protocol's own limit. */
	PROXY_V1_MAX = 107,

	/* A header of version 2 with all its extras. The protocol has no limit but 65,551. */
	PROXY_HEADER_MAX = 4096,
};

enum proxy_status {
	PROXY_MORE,  /* good so far, but not whole */
	PROXY_FROM,  /* the connection is from this address */
	PROXY_LOCAL, /* no address: the terminator's own connection, or one it can't tell about */
	PROXY_BAD,   /* no header; reason says why */
};

struct proxy {
	struct address from; /* FROM */
	bool is_own;         /* LOCAL: the terminator's own, as for a health check */
	size_t used;         /* FROM, LOCAL: bytes of the header; what follows is the client's */
	const char *reason;  /* BAD: a constant */
};

/*
 * Parses all that has come so far, from the first byte of the connection on. Never MORE for
 * PROXY_HEADER_MAX bytes. The destination address and the extras (TLVs) are checked for their
 * form and dropped; the CRC32c is verified where there is one.
 */
enum proxy_status proxy_parse(struct proxy *p, const uint8_t *bytes, size_t len);

#endif
