/*
 * An event: something that happened in a room, as data. It says who and what; the ID and the line
 * that people see come when it is applied.
 */
#ifndef SERVER_CORE_FEED_EVENT_H
#define SERVER_CORE_FEED_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/slice.h"

enum event_kind {
	EVENT_SAID,   /* text is a message */
	EVENT_ACTION, /* text is what the author does */
	EVENT_JOIN,
	EVENT_LEAVE,  /* text is the reason, if there is one */
	EVENT_RENAME, /* text is the new nick, who the old one */
	EVENT_NOTICE, /* the server's own; text is all there is to say */
	EVENT_TOPIC,  /* text is the topic; empty: there is none any more */
	EVENT_KINDS,
};

struct event {
	enum event_kind kind;
	uint32_t author; /* user id; 0: the server */
	uint32_t number; /* of the author's events, from 1: one that comes twice counts once */
	uint32_t said;   /* SAID, ACTION: lines of its author dealt with, this one too */
	uint32_t slot;   /* of the author's client here, from 1, for a quick look; 0: not known */
	uint32_t online; /* JOIN, LEAVE: 1 + those online after it, as its node counted; or 0 */
	bool is_remote;  /* its author is on another node */
	bool is_old;     /* it happened before this program began */
	bool silent;     /* changes who is who, but is not a line: no ID is used */
	int64_t time;    /* seconds since 1970, UTC */
	struct slice who; /* what the author is called */
	struct slice text;
};

#endif
