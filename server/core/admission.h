/*
 * Admission: whether a newcomer may come in, and what one that may not is told.
 */
#ifndef SERVER_CORE_ADMISSION_H
#define SERVER_CORE_ADMISSION_H

#include <stdbool.h>

#include "server/core/base/newcomer.h"
#include "server/core/room/context.h"

/* Why somebody can't come in. */
struct refusal {
	enum websocket_code code;
	bool is_for_now; /* no place is free, but it may hold one already: readmission.h */
	char why[64 + BAN_TEXT_MAX];
};

/*
 * Whether this address has reached its limit, not counting `others` that are on their way in.
 */
bool admission_is_crowded(const struct chat *chat, const struct address *from, uint32_t others);

/*
 * Whether a client from there may come into a room now; if not, *refusal
 * says why. others: as above.
 */
bool admission_allows(struct chat *chat, const struct room *room, const struct address *from,
	uint32_t others, struct refusal *refusal);

/*
 * The room that a listener leads to, by its name, NULL or "" for the first. NULL: it is gone, or
 * for operators, and who comes is none (how: as for chat_connect()).
 */
struct room *admission_room(const struct chat *chat, const char *name, unsigned how);

/* Whether a client from there might come in if another, who is connected, were gone. */
bool admission_allows_for(struct chat *chat, const struct client *other,
	const struct address *from);

/*
 * Tells a connection at a place that is no client's why it can't come into a room. Where others
 * have tokens it may then show for a moment that a place is its own (readmission.h).
 */
void admission_refuse(struct chat *chat, struct client *client, struct room *room,
	const struct refusal *refusal);

void admission_log_refusal(struct chat *chat, const struct address *from, const char *why);

/* A newcomer who speaks lines: returns the place of its client or of its refusal; NULL: neither. */
struct client *admission_connect(struct chat *chat, const struct address *from, unsigned how,
	const char *room_name);

/*
 * A place for one that is owed a line but is not a client; NULL when all are taken. After the last
 * of them nobody is let in until a tick has made room, which this asks for.
 */
struct client *admission_take_place(struct chat *chat);

/*
 * Those who were refused are given time to end in good order, unless there are no places left: then
 * half of them, the first that came, have had their line, and must do with that.
 */
void admission_make_room(struct chat *chat);

#endif
