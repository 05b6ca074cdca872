/*
 * Admission: whether a newcomer comes in, and what one is told that does not.
 */
#ifndef SERVER_CORE_ADMISSION_H
#define SERVER_CORE_ADMISSION_H

#include "server/core/base/newcomer.h"
#include "server/core/room/context.h"

/* A newcomer: returns the place of its client or of its refusal; NULL when there is neither. */
struct client *admission_connect(struct chat *chat, const struct address *from, unsigned how);

/*
 * A place for one that is owed a line but is not a client; NULL when all are taken. After the last of
 * them nobody is let in until a tick has made room, which this asks for.
 */
struct client *admission_take_place(struct chat *chat);

/*
 * Those who were refused are given time to end in good order, unless there are no places left: then
 * half of them, the first that came, have had their line, and must do with that.
 */
void admission_make_room(struct chat *chat);

#endif
