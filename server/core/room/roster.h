/*
 * The roster: who is here, by nick, number or id, and what each is called.
 */
#ifndef SERVER_CORE_ROOM_ROSTER_H
#define SERVER_CORE_ROOM_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/room/context.h"

/* A client's nick, or "#SLOT": writes it to who (WHO_MAX bytes) and returns its length. */
size_t roster_who(const struct chat *chat, const struct client *client, char *who);

/*
 * The person called so, by nick or #SLOT; NULL if nobody here is. A number also finds one who has
 * not been announced yet: only its owner, whose greeting names it, can have told it.
 */
struct client *roster_find(const struct chat *chat, const char *who, size_t len);

/* As roster_find(), for a word that client has typed: it is told if there is nobody. */
struct client *roster_find_or_tell(struct chat *chat, struct client *client, const char *who,
	size_t len);

/* Ignore lists that have people without their nicks get these, as far as they are known. */
void roster_name_ignored(struct chat *chat);

struct client *roster_by_id(const struct chat *chat, uint32_t user_id);

/* The client of an event's author; NULL if it has none here. */
struct client *roster_author(const struct chat *chat, const struct event *event);

/*
 * Whether a nick that a client asks for is that of somebody else, or of a session, or looks like it
 * (nick_same()): then the client is told.
 */
bool roster_refuse_taken(struct chat *chat, struct client *client, struct slice nick);

/* Whether an ignored person was ignored under a nick, in any spelling that is the same. */
bool roster_is_ignored_as(const struct ignored *one, struct slice nick);

/* A user goes by its nick from now on: it is ignored by those who ignore that nick. */
void roster_ignore_nick(struct chat *chat, const struct user *user);

#endif
