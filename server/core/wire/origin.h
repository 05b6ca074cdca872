/*
 * Which pages may open a WebSocket here, and under which names we answer at all.
 */
#ifndef SERVER_CORE_WIRE_ORIGIN_H
#define SERVER_CORE_WIRE_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/slice.h"
#include "server/core/wire/authority.h"

/* Words of an option that may be given several times; the memory is the caller's. */
struct origin_list {
	const struct slice *items;
	size_t count;
};

/*
 * Whether a page of this origin may connect to a request's host (NULL: it has none): because it is
 * from there, or because it stands in the list, as "scheme://host[:port]", "null", or "*" for all
 * but "null". A host without a port is compared by name alone.
 */
bool origin_is_allowed(struct slice origin, const struct authority *host,
	const struct origin_list *list);

/* Whether a word may stand in such a list. */
bool origin_is_valid(struct slice word);

/*
 * Whether a listener on a loopback address or a unix socket answers requests for a host: an IP
 * address, localhost or a name below it, or a name in the list. A page elsewhere whose name has
 * been made to mean 127.0.0.1 (DNS rebinding) thus reaches nothing.
 */
bool origin_is_local_host(const struct authority *host, const struct origin_list *list);

#endif
