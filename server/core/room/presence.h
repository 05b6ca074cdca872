/*
 * Coming and going: the newcomer who is greeted, announced and, in the end, gone; and the one who
 * lost the connection and is waited for.
 */
#ifndef SERVER_CORE_ROOM_PRESENCE_H
#define SERVER_CORE_ROOM_PRESENCE_H

#include <stddef.h>

#include "server/core/base/newcomer.h"
#include "server/core/room/context.h"

enum {
	PRESENCE_ANNOUNCE_MS = 2000, /* a silent newcomer is announced after so long */
	PRESENCE_AUTH_MS = 60000,    /* the password has to come within this time */
	/* one who leaves takes some of what it is owed, or is closed */
	PRESENCE_OWED_MS = 30000,
	/* a browser that has been silent for so long is asked if it is there */
	PRESENCE_PING_MS = 30000,
	PRESENCE_PONG_MS = 20000,    /* and is not if it does not answer for as long */
	/* a room that was made with /join ends this long after the last left */
	PRESENCE_EMPTY_S = 3600,
	/* one who is refused may show for so long that it comes back */
	PRESENCE_RETURN_MS = 1000,
	PRESENCE_LINGER_MS = 2000,   /* one who has got it all ends its side, or is closed */
};

/* How somebody leaves. */
enum leaving {
	LEAVING_WISH,   /* with /quit */
	LEAVING_LOST,   /* its connection ended: a session is kept for one that has a token */
	LEAVING_THROWN, /* the server's or an operator's doing */
};

/*
 * A WebSocket is closed with this code when its client has left, if none has been given before. Of
 * others nothing happens.
 */
void client_close_with(struct client *client, enum websocket_code code);

/* A new connection: into the client's room, or asked for the password if there is one. */
void presence_connect(struct chat *chat, struct client *client, const struct address *from,
	unsigned how);

/* Into the room: the greeting, the replay, and from then on the feed. */
void presence_enter(struct chat *chat, struct client *client);

/* The message of the day, as answers. */
void presence_motd(struct chat *chat, struct client *client);

/* The room is told that it is here, unless it knows. */
void presence_announce(struct chat *chat, struct client *client);

/*
 * It is about to be known by its number, if it has no nick. Nobody is called #3 while there is
 * another #3: the session with that number has left, as far as the room is told, and joins again if
 * it comes back.
 */
void presence_take_number(struct chat *chat, const struct client *client);

/*
 * Out of the room: it is said (with the text as the reason, if there is one) unless a session is
 * kept, and the client gets what it is owed and is closed; what it asked for is dropped. Nothing
 * is freed here.
 */
void presence_leave(struct chat *chat, struct client *client, enum leaving how, const char *text,
	size_t len);

/* One who has been told why goes; the room hears the reason, or how. */
void presence_throw_out(struct chat *chat, struct client *client, enum websocket_code code,
	struct slice reason);

/* The same for one who is kicked, and is told so here. */
void presence_kick(struct chat *chat, struct client *client, struct slice reason);

/* Closes whom a ban covers, but for operators: nobody locks themselves out. */
void presence_close_banned(struct chat *chat, const struct ban *ban);

/* The room, if it knows that it is here, is told that it leaves the room, for another one. */
void presence_part(struct chat *chat, struct client *client);

/* The same for good: the user that it was until now leaves, for a reason or for none. */
void presence_leave_room(struct chat *chat, struct client *client, struct slice reason);

/* It is in another room from now on, owed what is said there next; the room does not know yet. */
void presence_move(struct chat *chat, struct client *client, struct room *room);

/* Makes a room as /join does, which ends if nobody comes; NULL: no memory. */
struct room *presence_make_room(struct chat *chat, const char *name);

/*
 * Somebody has left a room, perhaps as the last: one that was made with
 * /join ends some time after.
 */
void presence_left_room(struct chat *chat, struct room *room);

/* Not chat: out without a word to the room. */
void client_reject(struct chat *chat, struct client *client, const struct alien *alien);

/* Sends one line to a refused connection, which is in no room and at a place for refusals. */
void presence_refuse(struct chat *chat, struct client *client, struct room *room, const char *text);

/* A connection that is not a client: it is owed nothing of a room's feed, only its own lines. */
void client_stand_aside(struct chat *chat, struct client *client, struct room *room);

/* Its listener says that it speaks telnet: no need to wait for its first IAC. */
void presence_begin_telnet(struct chat *chat, struct client *client);

/* A client that has left and been sent all: only its close is awaited. */
void client_linger(struct chat *chat, struct client *client);

/* One who is LEAVING has been sent something: it is given time for the rest, or to end. */
void client_drain(struct chat *chat, struct client *client);

/* A session whose user has not come back in time has left. */
void session_expire(struct chat *chat, struct session *session);

#endif
