/*
 * What the operator has chosen, as far as the core needs it (chatd.8 tells what each means).
 * Filled by the options; the core copies what it keeps. Everything but max_clients and feed_bytes
 * can be changed while it runs, with chat_set().
 */
#ifndef CHAT_SETTINGS_H
#define CHAT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SETTINGS_CLIENTS = 256,
	SETTINGS_FEED = 1 << 20,
	SETTINGS_REPLAY = 10,
	SETTINGS_RATE = 10,
	SETTINGS_BURST = 40,
	SETTINGS_ANNOUNCE_MAX = 50,
};

struct settings {
	uint32_t max_clients;
	uint32_t max_message;  /* bytes */
	uint32_t rate;         /* lines a second; 0 for no limit */
	uint32_t burst;        /* lines */
	uint32_t max_per_host; /* 0 for no limit */
	size_t feed_bytes;
	uint32_t replay;       /* messages shown to a newcomer */
	uint32_t idle_timeout; /* seconds; 0 for none */
	uint32_t announce_max; /* people online above which nobody's coming and going is said */
	bool quiet;            /* no message text in the log */
	const char *name;              /* of the server, in the greeting */
	const char *motd;              /* text with LF between lines; NULL for none */
	const char *password;          /* NULL for none */
	const char *operator_password; /* NULL: nobody can become an operator with /op */
};

#endif
