/*
 * The shared log, as the core sees it: what is asked of it, as data, and how it answers. Lines of
 * a room go to a log that numbers them from 1 on, without gaps; a key has one value, with a number
 * that grows with each change of any key; nodes can be asked something, and all be told something.
 *
 * Requests are taken one at a time, in order, and stay in memory until they are answered, so that
 * one which was not can be asked again, by the next program too:
 *
 *	LOG_LINE   put payload at the end of room `to`         STORED or FULL
 *	LOG_PUT    set key `to`; no payload deletes it         STORED, CONFLICT or FULL
 *	LOG_ASK    ask node `to`                               REPLIED, NOBODY or TIMEOUT
 *	LOG_REPLY  answer a question, named by `to`            -
 *	LOG_TELL   tell all nodes, this one too; may be lost   -
 *	LOG_END    end the log of room `to`; may be lost       -
 *
 * LINE and PUT are repeated with the same bytes under the same msg_id until the log has answered,
 * however long that takes: a msg_id is stored once. Of the lines of one person there is never more
 * than one among the requests, so their order is kept. REPLY, TELL and END are done with as soon as
 * they are taken.
 */
#ifndef SERVER_CORE_FEED_SHARED_LOG_H
#define SERVER_CORE_FEED_SHARED_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"

enum log_request_kind {
	LOG_LINE,
	LOG_PUT,
	LOG_ASK,
	LOG_REPLY,
	LOG_TELL,
	LOG_END,
	LOG_REQUESTS,
};

enum log_answer {
	LOG_STORED,   /* with its number: now, or before under the same msg_id */
	LOG_CONFLICT, /* the key is not at the expected number, but at this one */
	LOG_FULL,     /* there is no room; nothing is stored */
	LOG_NOBODY,   /* no node of this name is there */
	LOG_TIMEOUT,  /* no answer: it may have heard the question or not */
	LOG_REPLIED,  /* with a payload */
};

/* LOG_PUT: whatever the key's number is. 0: the key must never have been set. */
#define LOG_ANY UINT64_MAX

/* In place of a room's index: the keys. */
#define LOG_STATE UINT32_MAX

enum {
	LOG_KEY_MAX = 96,      /* bytes of a key: letters, digits, '-' and '_', with '.' between */
	LOG_MSG_ID_MAX = 96,   /* the same characters */
	LOG_REPLY_TO_MAX = 128,
	LOG_ASK_MS = 3000,     /* a node that has not answered after so long is a TIMEOUT */
};

/* How the log goes, for people to see. */
struct log_figures {
	uint32_t in_flight;  /* requests that are not answered yet */
	uint64_t behind;     /* lines that are known to be there and were not handed in */
	uint64_t reconnects; /* times that the connection was made again */
};

struct log_request {
	struct log_request *next;
	uint64_t id; /* the answer names it; grows */
	enum log_request_kind kind;
	uint32_t room;     /* LINE: index of the room whose name is in `to` */
	uint64_t expected; /* PUT: the key's number, or LOG_ANY */
	struct slice to;   /* room, key, node, or reply_to of chat_log_asked() */
	struct slice msg_id; /* LINE, PUT */
	struct slice payload;
	bool taken;

	/* What the core remembers of it, for when it is answered. */
	uint8_t purpose;
	uint32_t user_id;
	struct slice note;
	uint64_t parked; /* answered, but this much of the state has to be known first; 0: no */

	char bytes[]; /* of the slices */
};

/* The requests that are not answered yet, in order. All zero is empty. */
struct shared_log {
	struct log_request *first, **end; /* heap */
	uint64_t last_id;
	uint32_t count;
};

/*
 * Adds a copy of a request, whose next, id and taken are not looked at, and returns its id; 0
 * when there is no memory.
 */
uint64_t shared_log_add(struct shared_log *log, const struct log_request *request);

/*
 * The oldest that has not been taken, or NULL. It is valid until it is answered: REPLY and TELL
 * until the next call.
 */
const struct log_request *shared_log_take(struct shared_log *log);

/* The one with an id, or NULL; and takes it out. */
struct log_request *shared_log_find(const struct shared_log *log, uint64_t id);
void shared_log_remove(struct shared_log *log, uint64_t id);

/* All are to be taken once more: another program asks from here on. */
void shared_log_restart(struct shared_log *log);

void shared_log_finish(struct shared_log *log);

#endif
