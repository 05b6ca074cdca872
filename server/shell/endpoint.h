/*
 * Where to listen, as written after --listen:
 *	HOST:PORT  [V6]:PORT  PORT  *:PORT  unix:PATH
 * each with ",proxy", ",operator", ",telnet" and ",room=NAME" after it or not, or with ",web"
 * (",readonly", ",forwarded=ADDR[/BITS]") or ",metrics". Text only; listener.h opens them.
 */
#ifndef SERVER_SHELL_ENDPOINT_H
#define SERVER_SHELL_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/base/web_profile.h"
#include "server/shell/error.h"

/* As systemd has it (FileDescriptorName=), with a NUL. */
enum { ENDPOINT_WORDS_MAX = 256 };

enum endpoint_kind {
	ENDPOINT_LOOPBACK, /* PORT: the loopback addresses of both families */
	ENDPOINT_ANY,      /* *:PORT: all addresses of both families */
	ENDPOINT_HOST,     /* an address, or a name and all the addresses it has */
	ENDPOINT_UNIX,
};

struct endpoint {
	enum endpoint_kind kind;
	char *name; /* HOST: the host; UNIX: the path; heap. Else NULL */
	uint16_t port; /* 0: the kernel chooses one */
	bool proxy;    /* connections begin with a PROXY header */
	bool is_operator; /* its clients are operators */
	bool telnet;   /* connections speak telnet from their first byte on */
	bool is_web;   /* connections speak HTTP, as the profile says */
	struct web_profile web; /* its room counts for every kind of listener */
};

struct endpoints {
	struct endpoint *items; /* heap */
	size_t count;
};

/*
 * Parses text; label names the option or the line of a file in the error. 0, or -1 with *error and
 * nothing to finish.
 */
int endpoint_parse(struct endpoint *e, const char *text, const char *label, struct error *error);
void endpoint_finish(struct endpoint *e);

/*
 * Parses the words in the name of a socket that is handed over, separated by commas; unknown words
 * are ignored. 0, or -1 with *error. There is nothing to finish.
 */
int endpoint_parse_words(struct endpoint *e, struct slice words, const char *label,
	struct error *error);

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

#endif
