/*
 * Slots: the places for connections. A newcomer gets the lowest free one and nobody's ever moves:
 * whoever holds an index or a pointer holds the same client until it is released.
 *
 * A client is all that an idle client costs, so it is kept small; what most clients never need
 * (telnet, an unfinished line, waiting input, unread answers, an ignore list) is on the heap.
 */
#ifndef SERVER_CORE_CLIENT_CLIENT_H
#define SERVER_CORE_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"
#include "proto/line.h"
#include "proto/telnet.h"
#include "server/core/base/address.h"
#include "server/core/client/nick.h"
#include "server/core/client/outbox.h"

enum client_state {
	CLIENT_FREE,
	CLIENT_AUTH,    /* has not given the room's password yet */
	CLIENT_HERE,    /* in the room */
	CLIENT_LEAVING, /* no longer in the room; gets what it is owed */
	CLIENT_GONE,    /* to be closed and released */
};

/* Long answers that are given as fast as they are read. */
enum client_listing { LIST_NONE, LIST_WHO, LIST_BANS };

enum {
	IGNORES_MAX = 256,
	TOKEN_BYTES = TOKEN_LEN / 2,
};

struct client {
	/* What the client is owed: seen by every turn. */
	uint64_t cursor;      /* ID of the next record it gets */
	uint64_t until;       /* LEAVING: records from here on are none of its business */
	uint64_t replay_end;  /* records before it are a replay, of messages only; 0: no replay */
	uint64_t tagged_from; /* records from here on are tagged; 0: none */
	struct outbox outbox;
	uint32_t replay_back; /* at replay_end go back so many records, once; 0: no */
	uint32_t unread_bytes;     /* bytes sent that the peer was not seen to read */
	uint16_t grace;   /* ms for which it may still hold the room back */
	uint8_t state;        /* enum client_state */
	bool crlf : 1;        /* lines go out with CR LF */
	bool blocked : 1;     /* its last send fell short */
	bool lagging : 1;     /* too slow to be waited for */
	bool deaf : 1;        /* its connection takes nothing any more */
	bool ended : 1;       /* its input has ended */
	bool eof : 1;         /* telnet's EOF came: its input ends there, if not its connection */
	bool announced : 1;   /* the room knows that it is here */
	bool identified : 1;      /* its first line has come: it is no alien */
	bool is_operator : 1;
	bool has_token : 1;
	bool pausing : 1;     /* DOOR: a wrong password is answered at due */
	bool failed : 1;      /* there was no memory for it: it has to go */
	bool shut : 1;        /* LEAVING: it has been sent all, its peer is to end too */
	bool quits : 1;       /* LEAVING: … or is done with when its system has it all */
	uint8_t tries;    /* wrong passwords */
	uint8_t list;     /* enum client_listing: a long answer that is not at its end */
	uint8_t nick_len; /* 0: none */
	uint8_t *waiting; /* input that has to wait */
	uint16_t ignored_count; /* of the list below */
	struct nick_hash nick_hash;
	uint32_t list_next;     /* where the long answer goes on */

	uint32_t user_id; /* of the person: kept through renames and /resume; never 0 in use */
	uint32_t since;  /* when it came, seconds since 1970 */
	uint64_t own_end; /* the ID after the last line that it said */
	int64_t last_activity;   /* when its last line came (or it did), in usec */
	union {
		int64_t tat; /* HERE: up to when its lines have used up its rate, in usec */
		int64_t due;  /* DOOR, LEAVING: when patience or a pause ends, in usec */
	};

	struct line line;
	struct telnet *telnet; /* NULL until it sends an IAC */
	uint32_t waiting_len, waiting_at;
	uint32_t *ignored; /* serials */
	uint32_t last_sender; /* user_id of the last who wrote to it privately; 0: nobody */
	uint8_t token[TOKEN_BYTES];
	char nick[NICK_MAX];
	struct address from;
};

struct clients {
	struct client *list;  /* heap, count of them */
	uint32_t max;       /* places for clients; those behind are for refusals */
	uint32_t count;
	uint32_t top;       /* all from here on are free */
	uint32_t used;      /* in use among the first max */
	uint32_t next_user_id;
	uint64_t *occupied; /* a bit for each */
};

/* 0, or -1 when there is no memory. */
int clients_init(struct clients *s, uint32_t max, uint32_t refusals);
void clients_finish(struct clients *s);

/*
 * The lowest free client among the clients' (refusal: behind them), zeroed but for a new user_id;
 * NULL when all are taken.
 */
struct client *clients_take(struct clients *s, bool refusal);

/* Whether clients_take() would find none. */
bool clients_full(const struct clients *s, bool refusal);

/* A certain free place, as for a client that comes from another program; NULL if it is taken. */
struct client *clients_take_place(struct clients *s, uint32_t i);

/* Frees what the client holds and the client itself. */
void clients_release(struct clients *s, struct client *client);

uint32_t clients_index(const struct clients *s, const struct client *client);

/* Frees what a client holds on the heap; it can still be sent what its cursor owes it. */
void client_forget_input(struct client *client);

/* nick in NFC, at most NICK_MAX bytes. */
void client_set_nick(struct client *client, const char *nick, size_t len);

bool client_ignores(const struct client *client, uint32_t user_id);

/* 0, or -1 when the list is full or memory is out. */
int client_ignore(struct client *client, uint32_t user_id);
void client_unignore(struct client *client, uint32_t user_id);

#endif
