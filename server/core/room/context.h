/*
 * All that one chat server knows, as the modules of the core share it. Things that belong to one
 * room stands in struct room, what belongs to one connection in struct client; the rest is here.
 */
#ifndef SERVER_CORE_ROOM_CONTEXT_H
#define SERVER_CORE_ROOM_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/stamp.h"
#include "server/core/base/deadlines.h"
#include "server/core/base/log.h"
#include "server/core/base/place_set.h"
#include "server/core/base/settings.h"
#include "server/core/base/setup.h"
#include "server/core/base/time.h"
#include "server/core/client/client.h"
#include "server/core/client/persona.h"
#include "server/core/client/session.h"
#include "server/core/feed/order.h"
#include "server/core/room/ban.h"
#include "server/core/room/bots.h"
#include "server/core/room/claims.h"
#include "server/core/room/delivery.h"
#include "server/core/room/invitation.h"
#include "server/core/room/rooms.h"

enum {
	CLIENTS_REFUSALS = 64, /* newcomers who can be told at the same time why they can't stay */
	/* connections that speak HTTP, those that are making room included */
	CLIENTS_WEB = 128,
	CHAT_HOSTS = 4096,     /* counts of clients by their host's hash: few share one by chance */
	CHAT_MOVES = 2,        /* of connections at a time: one makes room, another takes it */
	CHAT_CHECKS = 20,      /* clients dealt with in a millisecond, for what may wait */
};

struct share;

struct counters {
	uint64_t lines;      /* of people, in the feed */
	uint64_t private;    /* private messages */
	uint64_t bytes_in, bytes_out;
	uint64_t connects;
	uint64_t refused;    /* newcomers: full, banned, too many from one host */
	uint64_t strangers;  /* closed for not being chat */
	uint64_t requests;   /* answered over HTTP */
	uint64_t errors;     /* "!!!" lines */
	uint64_t missed;     /* lines that somebody was told to have missed */
	uint64_t lagged;     /* times that a reader was given up waiting for */
	uint64_t history_lost; /* lines that the history file lacks */
	uint32_t peak;       /* clients at the same time */
};

/*
 * The places that something is to be done about: a turn costs what is in here, not what could be.
 */
struct work {
	struct place_set owed;    /* there may be something to send to them */
	uint64_t served;          /* how often one of them was asked for, from 1 */
	struct place_set changed; /* they may want something else of the shell than it knows */
	struct place_set waiting; /* they have input, or its end, that waits */
	struct place_set blocked; /* their last send fell short */
	struct deadlines deadlines;
};

/* A connection goes on at another place. */
struct place_move {
	uint32_t from, to;
};

struct chat {
	struct settings settings; /* a copy of our own */
	struct clients clients;
	struct sessions sessions;
	struct bans bans;
	struct claims claims;
	struct bots bots;
	struct rooms rooms;
	struct invitations invitations;
	struct order order;
	struct personas people; /* of all nodes, with a shared log */
	struct share *share;  /* heap; NULL: there is none */
	char share_fault[160]; /* what is wrong with its log, for operators; "": nothing */
	struct log *log;
	chat_random *random;
	struct time now;       /* of the turn that is being served */
	struct time started;
	struct stamp stamp;
	struct delivery_plan plan;  /* of the client that is being sent to */
	struct counters counters;
	uint64_t appended;     /* lines in all feeds, as of when this program began */
	char *page;            /* heap: the page, unpacked, once somebody needed it; else NULL */
	char *text;            /* heap: room to make one private line in */
	char *clean;           /* heap: room to make one text safe in */
	size_t text_size, clean_size;
	uint32_t client_count; /* connected and not leaving */
	uint32_t hosts[CHAT_HOSTS]; /* the same, by the hash of their host: none has more */
	uint32_t turn;         /* the client whose waiting input is taken up first */
	struct work work;
	int64_t checked_at;    /* when readers were last checked (backpressure.h), in usec */
	int64_t search_left;   /* bytes of feeds that may still be looked through in this turn */
	int64_t wake;          /* no deadline but those in work is earlier, in usec */
	struct place_move moves[CHAT_MOVES]; /* of connections, that the shell is to make */
	uint32_t moves_count;
	bool may_hold_tokens;  /* somebody who is here may have one */
	bool stopping;         /* an operator has asked for the end, with stop_text */
	bool closing;          /* the end has been announced: all leave when that is applied */
	const char *stop_text; /* heap, or NULL */
	const char *motd;      /* of /motd: heap; NULL: that of the settings counts */
	uint64_t store_changes; /* how often something changed that the store has */
	int64_t clock_offset;  /* seconds from the monotonic clock to the time of day */
};

/* With the first room alone (rooms_plan.h makes the others). 0, or -1 when there is no memory. */
int chat_init(struct chat *chat, const struct chat_setup *setup);
void chat_finish(struct chat *chat);

/* Whether somebody is in a room, comes back to it, or is on the way. */
bool chat_room_is_used(const struct chat *chat, const struct room *room);

/* Ends a room that is not used. */
void chat_end_room(struct chat *chat, struct room *room);

/* Makes text and clean large enough for the settings. 0, or -1 when there is no memory. */
int chat_fit(struct chat *chat);

/* There was no memory for a client: it is dropped at the next tick, and nobody else. */
void chat_fail_client(struct chat *chat, struct client *client);

/* Something may have to be sent to a client, or to all members of a room. */
void chat_owe(struct chat *chat, struct client *client);
void chat_owe_room(struct chat *chat, struct room *room);

/* It may want something else of the shell. */
void chat_change(struct chat *chat, struct client *client);

/* Both. */
void chat_touch(struct chat *chat, struct client *client);

/* Input, or its end, waits with a client: it is looked at in each turn. */
void chat_await(struct chat *chat, struct client *client);

/* Puts a client into a room's members, and out of those of another. */
void chat_enter(struct chat *chat, struct client *client, struct room *room);

/* A client has come, or leaves: counts it. */
void chat_count(struct chat *chat, const struct client *client, bool comes);

/* Frees a place, whatever was to be done about it. */
void chat_free_client(struct chat *chat, struct client *client);

/* Has the shell move a connection between two places. */
void chat_move_connection(struct chat *chat, const struct client *from, const struct client *to);

/*
 * Moves one that is not in a room (any more, or yet) to a place that has been taken for it, with
 * its connection and all that it has, and frees its own.
 */
void chat_move_client(struct chat *chat, struct client *from, struct client *to);

/* Sees to it that the next tick comes at this time. */
void chat_wake_at(struct chat *chat, int64_t usec);

/* The same, and that it looks at a client. */
void chat_wake_client(struct chat *chat, struct client *client, int64_t usec);

/*
 * The same, or a little later where there are many: what may wait is done for several together, so
 * that it takes fewer turns. 1,000 wait for 50 ms at most, 10,000 for half a second.
 */
void chat_wake_client_about(struct chat *chat, struct client *client, int64_t usec);

/* What newcomers are shown; NULL or "": nothing. */
const char *chat_motd(const struct chat *chat);

/* The stamp of now. */
const char *chat_stamp(struct chat *chat);

/* The same for what depends so little on time that many share a deadline, CLIENT_STEP by step. */
void chat_wake_in_step(struct chat *chat, struct client *client, int64_t usec);

/* The rate of one client, as it is set. */
struct rate chat_rate(const struct chat *chat);

/* A line of a client has come: the next may when the rates of the server and of its room allow. */
void chat_charge(const struct chat *chat, struct client *client, bool is_said);

/* Rates have changed: lines that came before delay it no more than under these they could. */
void chat_reset_rate(const struct chat *chat, struct client *client);

/* One iterator: the next client after `after` (NULL: the first) that is in a room; NULL: none. */
struct client *chat_next_client(const struct chat *chat, const struct client *after);

#endif
