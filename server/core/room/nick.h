/*
 * What a nick may be (docs/protocol.md). Whether it is free is the room's to say.
 */
#ifndef SERVER_CORE_ROOM_NICK_H
#define SERVER_CORE_ROOM_NICK_H

#include <stddef.h>

/* NULL if it may be one, else what is wrong with it, as a clause: "a nick …". */
const char *nick_fault(const char *nick, size_t len);

#endif
