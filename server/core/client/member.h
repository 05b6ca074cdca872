/*
 * A member: a user in a room. It is a cursor in the room's feed and how that is to be read out.
 */
#ifndef SERVER_CORE_CLIENT_MEMBER_H
#define SERVER_CORE_CLIENT_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

struct room;

struct member {
	struct room *room;    /* not NULL in use; who is not a client is owed nothing of it */
	uint64_t cursor;      /* ID of the next record it gets */
	uint64_t replay_end;  /* records before it are a replay, of messages only; 0: no replay */
	uint64_t own_end;     /* ID after the last line that it said */
	uint64_t tagged_from; /* records from here on are tagged; 0: none */
	uint32_t replay_back; /* at replay_end go back this many records, once; 0: no */
	uint32_t unread_bytes; /* bytes sent that the peer was not seen to read */
	uint16_t grace;        /* ms for which it may still hold the room back */
	bool announced;        /* the room knows that it is here */
	bool lagging;          /* it reads too slowly to be waited for */
};

#endif
