/*
 * Takes telnet out of a server's bytes: a listener with ",telnet" speaks it from its first byte
 * on, and so do other servers that are meant for telnet(1).
 */
#ifndef CLIENT_CORE_INBOUND_H
#define CLIENT_CORE_INBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/buffer.h"
#include "proto/telnet.h"

/* All zero is a connection on which nothing has come. */
struct inbound {
	bool has_begun;
	bool is_telnet; /* its first byte was an IAC, with which no text begins */
	struct telnet telnet;
};

/* Leaves the text of what has come, in its place; returns its length. Answers go to out. */
size_t inbound_take(struct inbound *i, uint8_t *bytes, size_t len, struct buffer *out);

#endif
