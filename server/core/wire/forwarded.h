/*
 * Where a request comes from, as the front ends before us say in X-Forwarded-For.
 */
#ifndef SERVER_CORE_WIRE_FORWARDED_H
#define SERVER_CORE_WIRE_FORWARDED_H

#include <stddef.h>

#include "proto/slice.h"
#include "server/core/base/address.h"

enum forwarded_status {
	FORWARDED_NONE, /* nobody is named but front ends: the peer's own address counts */
	FORWARDED_FROM, /* *from is the address, port 0 */
	FORWARDED_BAD,  /* a word that counts is not an address */
};

/*
 * Reads the fields of a request whose peer is trusted, from the right, past the addresses that
 * trusted covers. Words further to the left are the client's own and are not looked at.
 */
enum forwarded_status forwarded_parse(struct address *from, struct slice fields,
	const struct prefix *trusted, size_t count);

#endif
