/*
 * What a node knows of the others, and of the log that they share (feed/shared_log.h). The files
 * of this layer make of what happens here requests to that log, and of what it says events here.
 * With no log chat->share is NULL, and none of this runs.
 */
#ifndef SERVER_CORE_SHARE_SHARE_H
#define SERVER_CORE_SHARE_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "server/core/client/persona.h"
#include "server/core/feed/shared_log.h"
#include "server/core/room/context.h"
#include "server/core/share/entries.h"
#include "server/core/share/line.h"
#include "server/core/share/nick_keys.h"
#include "server/core/share/nodes.h"

enum {
	SHARE_MARKS = 512,        /* lines whose digest is kept, for those who are behind */
	SHARE_PATIENCE_MS = 2000, /* a line that is not said by then is told to wait */
	SHARE_BEAT_MS = 1000,     /* between what a node tells the others */
	SHARE_AWAY_MS = 5000,     /* without a beat the people of a node are away */
	SHARE_DEAD_MS = 35000,    /* and after this they have left */
	SHARE_FILL_MS = 30000,    /* newcomers wait for what was said before at most so long */
};

/* What a request was for: struct log_request's purpose. */
enum purpose {
	PURPOSE_NONE,
	PURPOSE_LINE,     /* note: the event's kind */
	PURPOSE_NICK,     /* note: struct wish's bytes */
	PURPOSE_UNWANTED, /* the same of one who waits for it no more */
	PURPOSE_RECORD,
	PURPOSE_END,      /* of a person elsewhere */
	PURPOSE_TAKE,     /* the record of one who is fetched from another node */
	PURPOSE_ASK,      /* note: the question's bytes (question.h) */
};

struct share_room {
	uint32_t serial; /* the room's, whose index another may get; 0: none */
	uint64_t next;   /* number of the line that comes next */
	uint64_t offset; /* an ID is a number of the log and this (numbering.h) */
	uint64_t offset_seq; /* number of its key; 0: it has none */
	bool is_replaced; /* by a log that begins at 1, whose offset is not known yet */
	bool has_lines;  /* some have come since this program began */
	uint32_t joining, leaving; /* of ours, on their way to the log */
	bool is_behind;  /* not all has come that there was at the start */
	struct mark marks[SHARE_MARKS]; /* of the last lines: a ring, by number */
};

struct share {
	struct shared_log log;
	struct log_figures figures;
	struct nick_keys keys;
	struct entries entries;
	struct nodes nodes;
	struct share_room **rooms; /* heap, by index */
	uint32_t room_count;
	uint32_t questions; /* number of the last that was asked */
	uint64_t incarnation;
	uint64_t puts;      /* that were ever asked */
	uint64_t state_seq; /* what all of the log's state that came so far goes up to */
	int64_t beat_at, checked_at; /* in usec */
	uint64_t disagrees_since; /* ID of a line that another node has otherwise; 0: none */
	int64_t down_since; /* without is_up, in usec */
	int64_t fill_until; /* usec: until then newcomers wait for rooms that are behind */
	bool is_up;
	bool is_behind;     /* not all of the state has come yet */
	bool has_changed;   /* records may have to be put */
	char node[NODE_MAX];
	uint8_t node_len;
	const char *fault;  /* why this node has to end */
};

struct share *share_create(struct slice node, uint64_t incarnation);
void share_destroy(struct share *share); /* NULL is fine */

/* What is known of a room's log; NULL: no memory. */
struct share_room *share_room(struct chat *chat, uint32_t index);

/*
 * Whether lines that had been said in a room are still to come; and whether that is so of any
 * room soon after the start, when newcomers would be shown them as if they were said now.
 */
bool share_is_behind(const struct chat *chat, const struct room *room);
bool share_is_filling(const struct chat *chat);

/* Whether the log could not be reached for longer than anybody is left to wait without a word. */
bool share_is_down(const struct chat *chat);

/* Records may have to be put, now that something about somebody is different. */
static inline void share_changed(struct chat *chat)
{
	if (chat->share != NULL)
		chat->share->has_changed = true;
}

/* The room with an index, or the first if there is none any more; and the name of one. */
struct room *share_room_of(const struct chat *chat, uint32_t index);
struct slice share_room_name(const struct room *room);

/* A room that was made with /join ends: so does its log. */
void share_end_room(struct chat *chat, const struct room *room);

/* Adds a request of a purpose; false when there is no memory. note may be empty. */
bool share_request(struct chat *chat, const struct log_request *request);

/* One of ours: their user, and their client if they have one; NULL if they are gone. */
struct user *share_user(struct chat *chat, const struct persona *person, struct client **client);

/* This node, as the author of what it says itself. NULL: no memory. */
struct persona *share_self(struct chat *chat);

/*
 * Something of theirs has been on its way since now; it is no more. A message changes no record,
 * and to look at all of them for each line would cost as much as to send it.
 */
void share_depart(struct chat *chat, struct persona *person);
void share_arrive(struct chat *chat, struct persona *person);
void share_arrive_said(struct chat *chat, struct persona *person);

/* Takes back the last of what was on its way for them, telling them why if they are here. */
void share_refuse(struct chat *chat, struct persona *person, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Somebody elsewhere who is not known yet: they get a user id of this node. NULL: no memory. They
 * are called otherwise from here on; nothing is left of them but who said what.
 */
struct persona *share_add_person(struct chat *chat, struct person_id id);
void share_rename(struct chat *chat, struct persona *person, struct slice nick);
void share_forget(struct chat *chat, struct persona *person);

/* Names a put that was never asked before: writes it to out (LOG_MSG_ID_MAX bytes). */
size_t share_put_msg_id(struct chat *chat, char *out);

/* One elsewhere is in another room from here on; index: or PERSON_NOWHERE. */
void share_move(struct chat *chat, struct persona *person, uint32_t index);

/* One elsewhere counts among those who are online, or does not any more. */
void share_count(struct chat *chat, struct persona *person, bool counts);

#endif
