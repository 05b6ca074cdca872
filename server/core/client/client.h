/*
 * Clients: the connections, and the table of their slots. A newcomer gets the lowest free slot and
 * nobody else's ever moves: an index or a pointer means the same client until it is released.
 *
 * A client is all that an idle connection costs, so it is kept small; what most never need (telnet,
 * an unfinished line, waiting input, unread answers, an ignore list) is on the heap.
 *
 * After the places of clients there are some for connections that are none: those who are told why
 * they can't stay, and those that speak HTTP.
 */
#ifndef SERVER_CORE_CLIENT_CLIENT_H
#define SERVER_CORE_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/base/address.h"
#include "server/core/base/index.h"
#include "server/core/base/place_set.h"
#include "server/core/client/http_peer.h"
#include "server/core/client/member.h"
#include "server/core/client/outbox.h"
#include "server/core/client/user.h"
#include "server/core/wire/wire.h"

/* Times of which little depends, in quarters of a second. */
#define CLIENT_STEP (250 * INT64_C(1000))

enum client_state {
	CLIENT_FREE,
	CLIENT_AUTH,    /* has not given the room's password yet */
	CLIENT_HERE,    /* in a room */
	CLIENT_LEAVING, /* no longer in a room; gets what it is owed */
	CLIENT_GONE,    /* to be closed and released */
	CLIENT_HTTP,    /* not a client yet, if ever: speaks HTTP */
	CLIENT_REFUSED, /* told that there is no place for it; may show that one is its own */
};

/* Long answers that are given as fast as they are read. */
enum client_listing { LIST_NONE, LIST_WHO, LIST_BANS, LIST_SEARCH, LIST_ROOMS, LIST_KINDS };

/*
 * A /resume that is not done. With SENT it is answered when all that had come on the old connection
 * has been dealt with; without, at once, and those lines are said as the rate allows.
 */
struct resumption {
	struct wire wire; /* the old connection's, with what waits on it */
	uint64_t last;    /* ID that it goes on after, if it has_last; may be still to come */
	uint64_t sent;
	uint32_t dropped; /* lines that waited and were not carried out */
	int64_t until;    /* with a shared log: other nodes are waited for, in usec */
	uint8_t token[TOKEN_BYTES]; /* is_waiting: what it has shown */
	bool has_last;
	bool has_sent;   /* with SENT */
	bool is_waiting; /* until the holder of its token is done, or a node has answered */
	bool answered;
};

enum {
	SEARCH_SHOWN = 20,      /* lines that /search shows */
	SEARCH_BYTES = 1 << 20, /* of a feed, looked through in a turn */
	SEARCH_NAMES = 1024,    /* whose sameness is remembered */
};

/* Names that lines begin with, and whether each is that of the person who is looked for. */
struct search_names {
	struct {
		char name[NICK_MAX];
		uint8_t len; /* 0: none yet */
		bool is_same;
	} list[SEARCH_NAMES];
};

/* A /search that is under way. */
struct search {
	struct search_names *names; /* heap; NULL: none yet */
	uint64_t at, end; /* IDs that are still to be looked through */
	uint64_t found;   /* number of lines */
	uint64_t newest[SEARCH_SHOWN]; /* their IDs, a ring */
	uint64_t told;    /* of these */
	uint32_t who_len; /* 0: anybody's lines */
	uint32_t text_len;
	char bytes[];     /* who, and the text in small letters */
};

/* A /join that is not done. */
struct move {
	struct room *room; /* where it goes */
	uint64_t last;     /* ID that it goes on after there, if has_last; may be still to come */
	uint64_t until;    /* what was said before it, where it is, goes out first */
	int64_t due;       /* asks: when patience or a pause ends, in usec */
	uint8_t tries;     /* wrong passwords */
	bool has_last;
	bool asks;         /* the next line is the password */
	bool is_pausing;   /* a wrong one is answered at due */
	bool is_leaving;   /* its leave is proposed */
	bool is_gone;      /* and applied, at until */
};

/* A line that is acted on when what its client proposed before is applied. */
struct held_line {
	bool whole;
	bool is_said;  /* a message or an action, and counted among those dealt with */
	size_t len;    /* of the line */
	size_t kept;   /* of its bytes that are here */
	char bytes[];
};

/*
 * The task of a place, which is on the heap: one thing at a time, and input waits meanwhile.
 */
enum client_task { TASK_NONE, TASK_RESUME, TASK_SEARCH, TASK_LINE, TASK_MOVE, TASK_HTTP };

struct client {
	struct member member;
	struct user user;
	struct wire wire;
	struct outbox outbox;
	union { /* heap, by task; to be read by the functions below */
		struct resumption *resumption;
		struct search *search;
		struct held_line *line; /* only with an order from outside */
		struct move *move;
		struct http_peer *http;
	} task_of;
	union {
		/* AUTH, HERE: when its last line came (or it did), in usec */
		int64_t last_activity;
		uint64_t until;        /* LEAVING: it is sent the feed up to here, not included */
	};
	union {
		int64_t tat; /* HERE: theoretical arrival time of its lines (rate.h), in usec */
		/* AUTH, LEAVING, HTTP, REFUSED: when patience or a pause ends, in usec */
		int64_t due;
	};
	uint32_t list_next;   /* where the long answer goes on */
	struct address from;
	uint8_t state : 4;    /* enum client_state */
	uint8_t task : 4;     /* enum client_task */
	uint8_t list : 4;     /* enum client_listing: a long answer that is not at its end */
	uint8_t tries : 4;    /* AUTH: wrong passwords; HERE: wrong keys of claims */
	bool blocked : 1;     /* its last send fell short */
	bool deaf : 1;        /* its connection takes nothing any more */
	bool ended : 1;       /* its input has ended */
	bool eof : 1;         /* telnet's EOF came: its input ends there, if not its connection */
	bool is_adrift : 1;   /* HERE: the shared log does not take what is in flight for now */
	bool joining : 1;     /* HERE: its joining is proposed */
	bool is_moving : 1;   /* HERE: it has left a room, and its joining the next is on its way */
	bool pausing : 1;     /* AUTH: a wrong password is answered at due */
	bool failed : 1;      /* there was no memory for it: it has to go */
	bool shut : 1;        /* LEAVING: it has been sent all, its peer is to end too */
	bool quits : 1;       /* LEAVING: or is done with as soon as its system has it all */
	bool is_framed : 1;   /* lines go out to it in WebSocket frames */
	bool is_reader : 1;   /* it came where nothing can be said */
	bool is_pinged : 1;   /* WebSocket: it has been asked whether it is there */
	bool close_sent : 1;  /* WebSocket: nothing goes out any more */
	bool close_heard : 1; /* WebSocket: the peer closed it first, with close_code */
	uint16_t list_room;   /* LIST_WHO: index of the room and one; 0: of all */
	uint16_t close_code;  /* WebSocket: with which it is closed; 0: not known yet */
};

struct clients {
	struct client *list;  /* heap, count of them */
	uint32_t max;       /* places for clients */
	uint32_t refusals;  /* then those for refusals; the rest is for HTTP */
	uint32_t count;
	uint32_t top;       /* all from here on are free */
	uint32_t used;      /* in use among the first max */
	uint32_t next_user_id;
	struct place_set free;
	struct index users; /* of those that are HERE */
	struct place_set ignorers; /* those that may have a list of ignored people */
};

/* 0, or -1 when there is no memory. */
int clients_init(struct clients *clients, uint32_t max, uint32_t refusals, uint32_t http);
void clients_finish(struct clients *clients);

enum client_range { CLIENTS_SLOTS, CLIENTS_REFUSED, CLIENTS_HTTP };

/* The lowest free place of a range, zeroed but for a new user_id; NULL when all are taken. */
struct client *clients_take(struct clients *clients, enum client_range range);

/* Whether clients_take() would find none. */
bool clients_full(const struct clients *clients, enum client_range range);

/* A certain free place, as for a client that comes from another program; NULL if it is taken. */
struct client *clients_take_place(struct clients *clients, uint32_t i);

/* Frees what the client holds and the client itself. */
void clients_release(struct clients *clients, struct client *client);

/* To be said when the user of a client that is HERE has got an id, a token, a nick or ignores. */
void clients_note_user(struct clients *clients, const struct client *client);

/*
 * One walk over the clients that are HERE and may have a key; *at is 0 at
 * the start. NULL at the end.
 */
struct client *clients_next_with(const struct clients *clients, uint32_t hash, uint32_t *at);

uint32_t clients_index(const struct clients *clients, const struct client *client);

/* What it is busy with, or NULL. */
static inline struct resumption *client_resumption(const struct client *client)
{
	return client->task == TASK_RESUME ? client->task_of.resumption : NULL;
}

static inline struct search *client_search(const struct client *client)
{
	return client->task == TASK_SEARCH ? client->task_of.search : NULL;
}

static inline struct held_line *client_held_line(const struct client *client)
{
	return client->task == TASK_LINE ? client->task_of.line : NULL;
}

static inline struct move *client_move(const struct client *client)
{
	return client->task == TASK_MOVE ? client->task_of.move : NULL;
}

static inline struct http_peer *client_http(const struct client *client)
{
	return client->task == TASK_HTTP ? client->task_of.http : NULL;
}

/* Begins a task, whose memory is the client's from now on; one before it is ended. */
void client_begin_resumption(struct client *client, struct resumption *resumption);
void client_begin_search(struct client *client, struct search *search);
void client_hold_line(struct client *client, struct held_line *line);
void client_begin_move(struct client *client, struct move *move);
void client_begin_http(struct client *client, struct http_peer *peer);

/* Ends what it is busy with, done or not, and frees that. */
void client_end_task(struct client *client);

/* Frees what its input holds on the heap; it can still be sent what its cursor owes it. */
void client_forget_input(struct client *client);

#endif
