/*
 * A room: a feed and those who are in it. Whatever happens there is an event; it is proposed, the
 * order decides when it is applied, and only room_apply() writes a feed.
 */
#ifndef SERVER_CORE_ROOM_ROOM_H
#define SERVER_CORE_ROOM_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"
#include "server/core/base/settings.h"
#include "server/core/base/place_set.h"
#include "server/core/base/time.h"
#include "server/core/client/nick.h"
#include "server/core/feed/event.h"
#include "server/core/feed/feed.h"
#include "server/core/wire/framing.h"

struct chat;
struct client;
struct user;

struct room {
	char name[NICK_MAX + 1]; /* as room_name_read() makes it, and a NUL */
	struct nick_hash name_hash;
	const char *password; /* heap, or NULL: none is asked for */
	char *topic;    /* heap, or NULL */
	uint32_t slow;      /* seconds between two lines of one person; 0: the rate alone counts */
	uint32_t slow_set;  /* what the settings said of that last */
	uint32_t replay;    /* messages shown to one who comes */
	bool is_hidden;
	bool is_for_operators;
	bool topic_is_open; /* anybody in it may set the topic */
	bool is_configured; /* else somebody has made it with /join */
	bool is_new;        /* it is being configured for the first time */
	bool is_held;       /* since the last check nothing may be said: budget was used up */
	int64_t ends_at;    /* when it ends unless somebody is in it then, in usec; 0: never */
	char history_fault[128]; /* why the history can't be written, for operators; "": it can */

	struct feed feed;
	struct render_caches caches;
	uint32_t index;     /* among the rooms, from 0 */
	uint32_t serial;    /* no other room ever had it, of this index neither */
	struct place_set members; /* the clients that get its lines */
	uint64_t owed_at;   /* work.served (context.h) when all of them were owed something last */
	uint32_t online;    /* members who are announced */
	int64_t budget;     /* bytes that may still be said before the slowest must catch up */
	uint64_t durable;   /* records from this ID on may not be seen yet; 0: all may be */
	int64_t checked_at; /* is_held: when its readers were last checked, in usec */
	int64_t held_ms;    /* for which they have held it back since the check before */
	size_t slowest;     /* bytes that the slowest of those it waits for is behind */
};

/*
 * A room with its feed, for a number of places of clients, and the texts of the settings
 * copied; heap. NULL: no memory.
 */
struct room *room_create(const struct room_settings *settings, uint32_t places, struct time now);
void room_destroy(struct room *room); /* NULL is fine */

/* Sets the topic; of length 0: there is none. 0, or -1 when there is no memory. */
int room_set_topic(struct room *room, struct slice topic);

/* The ID of the first record that nobody may see yet; the next that there will be, if all may. */
uint64_t room_visible(const struct room *room);

/*
 * Proposes SAID or ACTION of a client. Text of which nothing visible is left once it is safe is
 * dropped.
 */
void room_say(struct chat *chat, struct client *client, enum event_kind kind, const char *text,
	size_t len);

/* The same for a line of a user without a connection. */
void room_say_as(struct chat *chat, struct room *room, struct user *user, struct slice text);

/*
 * Propose that a client joins, that it is called nick instead of who, or that a user leaves,
 * with or without a reason.
 */
void room_join(struct chat *chat, struct client *client);
void room_rename(struct chat *chat, struct client *client, struct slice who, struct slice nick);
void room_leave(struct chat *chat, struct room *room, struct user *user, struct slice who,
	struct slice reason);

/* Proposes that a client leaves its room for another, to which it is moved when that is applied. */
void room_part(struct chat *chat, struct client *client);

/* Proposes a topic for a client's room; empty: none. */
void room_propose_topic(struct chat *chat, struct client *client, struct slice topic);

/* Proposes a notice of the server's, to one room; printf(3)'s format. */
void room_notice(struct chat *chat, struct room *room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Applies an event that the order has put at this ID, which is the feed's next or higher: what
 * people can see changes, and the line stands in the feed. An event that was applied before, or
 * whose author has left since, changes nothing.
 */
void room_apply(struct chat *chat, struct room *room, uint64_t id, const struct event *event);

#endif
