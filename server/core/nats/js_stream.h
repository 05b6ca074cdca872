/*
 * One stream: made where it is absent, compared where it is there, and followed from a number on.
 */
#ifndef SERVER_CORE_NATS_JS_STREAM_H
#define SERVER_CORE_NATS_JS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/nats/js_api.h"
#include "server/core/nats/js_event.h"
#include "server/core/nats/js_io.h"

enum js_step {
	JS_RESTS,      /* to be looked at, at the time `at` */
	JS_LOOKS,      /* its state is asked for */
	JS_CREATES,    /* it is asked to be made */
	JS_SUBSCRIBES, /* a consumer is asked to be made */
	JS_FOLLOWS,    /* messages come */
};

struct js_stream {
	uint32_t index;  /* in events: JS_STATE for that of keys */
	char *texts;     /* heap: the following; NULL: there is no such room now */
	struct slice room;          /* as it is called by those who ask */
	struct slice name, subject; /* of the stream; the last word is > where messages have keys */
	bool wanted;     /* there is somebody to follow it */
	bool may_take;   /* messages may be handed out */
	uint64_t next;   /* number of the message that is needed next */

	enum js_step step;
	int64_t at;      /* usec: when the step is to be taken, or has failed */
	uint64_t asked;  /* number of the answer that is waited for */
	bool is_known;   /* looked at since the link came up, and as it should be */
	bool unbounded;  /* to be made without a limit of its own */
	const char *difference; /* why it can't be used; NULL: it can */
	struct js_info info;

	uint64_t sid;      /* of its consumer; 0: there is none */
	uint64_t consumed; /* messages of this consumer */
	bool is_short;     /* it has fewer messages than were read */
	int64_t short_since; /* is_short: usec */
	bool caught_up;    /* all was handed out that was there when it was looked at */
	bool has_gap, is_replaced, tells_end; /* to be said */
	uint64_t gap_told; /* up to which number a gap was said */
};

/*
 * A stream of the lines of a room, or of keys (index JS_STATE). 0, or -1:
 * no memory, and no stream.
 */
int js_stream_init(struct js_stream *s, uint32_t index, const struct js_io *io, struct slice room);
void js_stream_finish(struct js_stream *s);

/* Deletes the stream of a room, if the link is up. */
void js_stream_delete(struct js_io *io, struct slice room);

/* Its consumer, if it has one, is given up, and it is looked at again at a time. */
void js_stream_rest(struct js_stream *s, struct js_io *io, int64_t at);

/* The link is gone, and all that hung on it. */
void js_stream_reset(struct js_stream *s);

struct js_stream_rules {
	uint32_t replicas;
	bool only_looks; /* changes nothing */
};

/* Does what is due while the link is up. */
void js_stream_tick(struct js_stream *s, struct js_io *io, const struct js_stream_rules *rules,
	int64_t now);

/* An answer to what was asked last; its result. */
enum js_result js_stream_answer(struct js_stream *s, struct js_io *io, const struct nats_op *op,
	const struct js_stream_rules *rules, int64_t now);

/* What comes for its consumer. True: *event is a message; `has_gap` set: look at it again. */
bool js_stream_receive(struct js_stream *s, struct js_io *io, const struct nats_op *op,
	struct js_event *event, int64_t now);

/* What else there is to say. */
bool js_stream_next(struct js_stream *s, struct js_event *event);

int64_t js_stream_deadline(const struct js_stream *s);

#endif
