/*
 * A log on a NATS JetStream cluster, seen from one node of several that share it: a stream of lines
 * for each of some rooms, one stream for keys, questions between nodes, and words to all of them.
 * Bytes and the time come in; events, bytes to send and when to wake come out.
 *
 *	js_set_stream   once a turn and after each event: what is to be followed, and from where
 *	js_next         what the log says, until there is nothing more
 *	js_request      what it is asked
 *	js_tick         once a turn, at its end; then the bytes in io.link.out are to go
 *
 * The shell's part is that of link.h.
 */
#ifndef SERVER_CORE_NATS_JETSTREAM_H
#define SERVER_CORE_NATS_JETSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/nats/js_event.h"
#include "server/core/nats/js_io.h"
#include "server/core/nats/js_requests.h"
#include "server/core/nats/js_stream.h"

enum {
	JS_NAME_MAX = 32,      /* of a node, or of what is shared: a-z, 0-9 and '-' */
	JS_WHY_MAX = 160,
};

struct js_settings {
	struct link_settings link;
	struct slice node, share; /* names */
	uint32_t replicas;
	bool only_looks;   /* to see whether all would go well: nothing is changed */
	bool asks_name;    /* whether another node has this name, before it is ready */
	const char *id;    /* JS_ID_LEN letters and digits that nobody else has */
};

struct js_figures {
	uint32_t in_flight;  /* lines and keys that are not stored yet */
	uint64_t behind;     /* lines that are known to be there and are not read */
	uint64_t reconnects;
};

struct jetstream {
	const struct js_settings *settings;
	struct js_io io;
	struct js_requests requests;
	struct js_stream state;
	struct js_stream *streams; /* heap, by index */
	uint32_t count;
	bool state_read;  /* all keys were read once: then lines are followed */
	uint32_t ups;     /* of the link, as was seen last */
	bool is_up;       /* as was told */
	bool is_held;     /* `op` is to be looked at again */
	bool name_is_known;   /* whether another node has the name */
	uint64_t name_asked;  /* number of the answer that says so; 0: none is waited for */
	int64_t name_until;   /* usec: for how long */
	struct nats_op op;
	int64_t lacking_since; /* usec: answers say that JetStream is lacking; or TIME_NEVER */
	char why[JS_WHY_MAX];  /* of the last answer that said no: plain text */
	char fault[JS_WHY_MAX]; /* of js_fault() */
};

/* 0, or -1 for no memory. The settings are used until js_finish(). */
int js_init(struct jetstream *js, const struct js_settings *settings);
void js_finish(struct jetstream *js);

/*
 * The stream of that index is that of a room of this name (of no length: of none), which wants
 * messages from number next on, when it may take any. 0, or -1 for no memory.
 */
int js_set_stream(struct jetstream *js, uint32_t index, struct slice room, uint64_t next,
	bool may_take);

/* Whether a request can be taken on now. */
bool js_may_request(const struct jetstream *js);

/*
 * Takes on a request (js_requests.h), whose subject has one piece: of LINE the room's
 * index, else the key, node or subject. One that wants no answer is lost while the link is not
 * up. 0, or -1: no memory.
 */
int js_request(struct jetstream *js, const struct js_request *request, uint32_t stream,
	int64_t now);

/* The next event; its texts are valid until the next call. */
bool js_next(struct jetstream *js, struct js_event *event, int64_t now);

void js_tick(struct jetstream *js, int64_t now);
int64_t js_deadline(const struct jetstream *js);

/* All streams are there and as they should be (only_looks: or absent), and the keys are read. */
bool js_is_ready(const struct jetstream *js);

/* Why this log can't be used, as plain text until the next call; NULL: it can, for all we know. */
const char *js_fault(struct jetstream *js, int64_t now);

void js_figures(const struct jetstream *js, struct js_figures *figures);

#endif
