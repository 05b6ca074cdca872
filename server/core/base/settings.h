/*
 * The settings that the core needs, as the operator has chosen them (chatd.8 tells what each
 * means). Filled by the options; the core keeps a copy. All but max_clients and feed_bytes can be
 * changed while it runs, with chat_set().
 */
#ifndef SERVER_CORE_BASE_SETTINGS_H
#define SERVER_CORE_BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"

enum {
	SETTINGS_CLIENTS = 256,
	SETTINGS_FEED = 1 << 20,
	SETTINGS_REPLAY = 10,
	SETTINGS_RATE = 10,
	SETTINGS_BURST = 40,
	SETTINGS_ANNOUNCE_MAX = 50,
	SETTINGS_CLAIMS = 1000,

	SETTINGS_SLOW_MAX = 24 * 3600, /* seconds between two lines of one person */

	/* The longest name of a server, password and motd, in bytes. */
	SETTINGS_NAME_MAX = 64,
	SETTINGS_PASSWORD_MAX = 512,
	SETTINGS_MOTD_MAX = 8192,
};

#define SETTINGS_LOBBY "lobby"

/* The page that a web listener shows: constant bytes. */
struct settings_page {
	struct slice gzip; /* bytes NULL: there is none */
	size_t len;        /* of it, unpacked */
	const char *policy; /* its Content-Security-Policy, up to the name frame-ancestors */
};

/* A room besides the first, which the plain settings are for. */
struct room_settings {
	const char *name;     /* as room_name_read() makes it */
	const char *password; /* NULL for none */
	size_t feed_bytes;
	uint32_t replay;      /* messages shown to a newcomer */
	uint32_t slow;        /* seconds between two lines of a person; 0: the rate alone counts */
	bool is_hidden;
	bool is_for_operators;
	bool topic_is_open;   /* anybody in it may set the topic */
};

struct settings {
	uint32_t max_clients;
	uint32_t max_message;  /* bytes */
	uint32_t rate;         /* lines a second; 0 for no limit */
	uint32_t burst;        /* lines */
	uint32_t max_per_host; /* 0 for no limit */
	uint32_t max_per_host_local; /* the same for this machine's own addresses */
	size_t feed_bytes;
	uint32_t replay;       /* messages shown to a newcomer */
	uint32_t idle_timeout; /* seconds; 0 for none */
	uint32_t max_claims;   /* nicks that may be claimed at a time */
	bool has_store;        /* what is claimed outlives a restart */
	uint32_t announce_max; /* people online above which nobody's coming and going is said */
	bool quiet;            /* no message text in the log */
	const char *name;              /* of the server, in the greeting; NULL: "chatd" */
	const char *motd;              /* text with LF between lines; NULL for none */
	const char *password;          /* NULL for none */
	const char *operator_password; /* NULL: nobody can become an operator with /op */
	/* Words with an LF after each; NULL for none. */
	const char *web_hosts;   /* names under which a local web listener answers */
	const char *web_origins; /* pages that may connect */
	const char *web_frames;  /* pages that may show the page in a frame */
	const char *bots;        /* lines "NAME TOKEN [ROOM]": who may say something over HTTP */
	struct settings_page page;
	const char *lobby;       /* name of the first room; NULL: SETTINGS_LOBBY */
	const struct room_settings *rooms; /* those besides it */
	size_t room_count;
	uint32_t max_rooms;      /* at a time; those that are configured may be more */
};

/* Copies settings with their texts. 0, or -1 when there is no memory (to is then unchanged). */
int settings_copy(struct settings *to, const struct settings *from);

/* Frees the texts of a copy. */
void settings_finish(struct settings *s);

/* The first room as the plain settings have it; its texts are theirs. */
struct room_settings settings_first_room(const struct settings *s);

/* How many rooms there can be at a time. */
size_t settings_rooms_most(const struct settings *s);

/* Replaces one text of a copy by another (NULL for none). 0, or -1 when there is no memory. */
int settings_set_text(const char **text, const char *value, size_t len);

/* Sets what was no text yet to a copy, on the heap. 0, or -1 when there is no memory: to NULL. */
int settings_copy_text(const char **text, const char *value);

#endif
