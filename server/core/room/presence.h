/*
 * Coming and going: the newcomer who is greeted, announced and, in the end, gone; and the one who
 * lost the connection and is waited for.
 */
#ifndef SERVER_CORE_ROOM_PRESENCE_H
#define SERVER_CORE_ROOM_PRESENCE_H

#include <stddef.h>

#include "server/core/room/room.h"
#include "server/core/wire/sniff.h"

enum {
	PRESENCE_ANNOUNCE_MS = 2000, /* a silent newcomer is announced after so long */
	PRESENCE_AUTH_MS = 60000,    /* the password has to come within this time */
	PRESENCE_OWED_MS = 30000,    /* one who leaves takes some of what it is owed, or is closed */
	PRESENCE_LINGER_MS = 2000,   /* one who has got it all ends its side, or is closed */
};

/* How somebody leaves. */
enum leaving {
	LEAVING_WISH,   /* with /quit */
	LEAVING_LOST,   /* its connection ended: one with a token may come back */
	LEAVING_THROWN, /* the server's or an operator's doing */
};

/* A new connection is in the client: into the room, or to the door if there is a password. */
void presence_connect(struct room *room, struct client *client, const struct address *from,
	bool is_operator);

/* Into the room: the greeting, the replay, and from then on the feed. */
void presence_enter(struct room *room, struct client *client);

/* The message of the day, as answers. */
void presence_motd(struct room *room, struct client *client);

/* The room is told that it is here, unless it knows. */
void presence_announce(struct room *room, struct client *client);

/*
 * It is about to be known by its number, if it has no nick. Nobody is called #3 while there is
 * another #3: the one who is waited for has left, for the room, and joins anew if it comes back.
 */
void presence_take_number(struct room *room, const struct client *client);

/*
 * Out of the room: it is said (with the text as the reason, if there is one), the client gets what
 * it is owed and is closed. Nothing is freed here.
 */
void presence_leave(struct room *room, struct client *client, enum leaving how, const char *text,
	size_t len);

/* Not chat: out without a word to the room. */
void client_reject(struct room *room, struct client *client, const struct alien *alien);

/* A client of those for refusals: gets one line and is closed. */
void presence_refuse(struct room *room, struct client *client, const struct address *from,
	const char *text);

/* The same for one who has left and been sent all: it only ends. */
void client_linger(struct room *room, struct client *client);

/* One who is LEAVING has been sent something: it is given time for the rest, or to end. */
void client_drain(struct room *room, struct client *client);

/* The one who was waited for in vain has left. */
void session_expire(struct room *room, struct session *session);

#endif
