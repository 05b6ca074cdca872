/*
 * What a log has to say, as data.
 */
#ifndef SERVER_CORE_NATS_JS_EVENT_H
#define SERVER_CORE_NATS_JS_EVENT_H

#include <stdint.h>

#include "proto/slice.h"

enum js_event_kind {
	JS_UP,        /* it can be reached, and takes what it is given */
	JS_DOWN,
	JS_ANSWERED,  /* request `id`: answer, with seq or payload */
	JS_MESSAGE,   /* of a stream: seq, ns, key, payload */
	JS_GAP,       /* a stream has nothing before seq any more */
	JS_REPLACED,  /* a stream is another one than before, from 1 on */
	JS_CAUGHT_UP, /* all was handed out that the stream had when it was looked at */
	JS_TOLD,      /* payload, to all nodes */
	JS_ASKED,     /* payload, to this node: to be answered to `reply` */
	JS_NAMESAKE,  /* another node has this one's name */
};

enum js_answer {
	JS_STORED,   /* seq */
	JS_CONFLICT, /* seq */
	JS_NO_ROOM,
	JS_NOBODY,
	JS_TIMEOUT,
	JS_REPLIED,  /* payload */
};

/* In place of the index of a stream: the one of keys. */
#define JS_STATE UINT32_MAX

struct js_event {
	enum js_event_kind kind;
	uint32_t stream;
	uint64_t id;
	enum js_answer answer;
	uint64_t seq;
	int64_t ns; /* since 1970 */
	struct slice key, reply, payload;
};

#endif
