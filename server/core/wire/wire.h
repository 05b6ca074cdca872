/*
 * The wire: what a client's bytes mean as lines, whatever its transport does to them. It holds what
 * an unfinished line needs, the state of telnet once an IAC has come, and input that has to wait.
 *
 * A wire can be moved, unfinished line and waiting input included: it knows nothing of its client.
 */
#ifndef SERVER_CORE_WIRE_WIRE_H
#define SERVER_CORE_WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/line.h"
#include "proto/telnet.h"
#include "server/core/wire/sniff.h"
#include "server/core/wire/websocket.h"

/* Input that waits: what lies between at and len of it. */
struct backlog {
	uint32_t at, len;
	uint8_t bytes[];
};

/* All zero is a wire on which nothing has come yet. */
struct wire {
	struct line line;
	union {
		struct telnet *telnet;       /* heap; NULL until the peer sends an IAC */
		struct websocket *websocket; /* is_websocket: heap */
	};
	struct backlog *backlog; /* heap; NULL while nothing waits */
	uint32_t heard_at;       /* WebSocket: when its last byte came, in quarters of a second */
	bool is_websocket;       /* lines come in messages; else as they are */
	bool identified;         /* its first line has come: it is not sniffed any more */
	bool crlf;               /* lines to this peer end with CR LF */
};

enum wire_status {
	WIRE_MORE,  /* the input is used up */
	WIRE_LINE,  /* a line */
	WIRE_LONG,  /* a line over the limit: its length and its beginning are known */
	WIRE_OUT,   /* bytes to answer the peer with */
	WIRE_END,   /* telnet's EOF: what came after it does not count */
	WIRE_ALIEN, /* this is not chat: event.alien says what it looks like */
	WIRE_PING,  /* to be answered with a pong of event.span.frame's bytes */
	WIRE_CLOSE, /* the peer closes the WebSocket: event.span.frame.code */
	WIRE_FAIL,  /* it is to be closed, with that code and reason */
	WIRE_NOMEM,
};

struct wire_event {
	struct line_view line; /* valid until the next call */
	const struct alien *alien;
	const uint8_t *out;
	size_t out_len;
	union {
		struct telnet_span telnet; /* out lies in it */
		struct websocket_span frame;
	} span;
};

/*
 * To be called with each piece of input before wire_next() takes from it: the first IAC makes a
 * telnet client of its peer. 0, or -1 when there is no memory.
 */
int wire_look(struct wire *w, const uint8_t *in, const uint8_t *end);

/*
 * Takes bytes from *in, short of end, up to the next event and moves *in past them. max:
 * the longest line in bytes.
 */
enum wire_status wire_next(struct wire *w, size_t max, const uint8_t **in, const uint8_t *end,
	struct wire_event *event);

/* Ends the line without LF, as at the end of the input: LINE or LONG for what there is, or MORE. */
enum wire_status wire_end(struct wire *w, size_t max, struct wire_event *event);

/* The line of the last event is not looked at any more: frees what it held. */
void wire_release(struct wire *w);

/*
 * A new wire's peer speaks telnet from its first byte on. Returns the bytes to send, at most
 * TELNET_ANSWER_MAX; 0 when there is no memory.
 */
size_t wire_begin_telnet(struct wire *w, uint8_t *out);

/* Whether the peer negotiates telnet options. */
bool wire_is_telnet(const struct wire *w);

/*
 * Offers to echo what is typed, so that the peer shows nothing of it, or takes that back. Returns
 * the bytes to send, TELNET_ANSWER_MAX at most; 0 for none.
 */
size_t wire_offer_echo(struct wire *w, bool on, uint8_t *out);

/* Input that has to wait, after what waits already. 0, or -1 when there is no memory. */
int wire_put_off(struct wire *w, const void *bytes, size_t len);

/* Takes all that waits out of the wire: the caller frees it. NULL: nothing waits. */
struct backlog *wire_take_backlog(struct wire *w);

/* Puts back what was taken, with at moved on; frees it if nothing is left. */
void wire_return_backlog(struct wire *w, struct backlog *backlog);

/* Moves a wire: *from is as new afterwards. */
void wire_move(struct wire *to, struct wire *from);

/* Lines come in WebSocket messages from now on. 0, or -1 when there is no memory. */
int wire_begin_websocket(struct wire *w);

/*
 * Keeps the bytes of a ping for the pong, instead of those before. 0, or -1
 * when there is no memory.
 */
int wire_keep_pong(struct wire *w, const uint8_t *bytes, size_t len);
bool wire_has_pong(const struct wire *w);

/* The frame of the pong that was kept; returns its length. */
size_t wire_take_pong(struct wire *w, uint8_t frame[WEBSOCKET_PUT_CONTROL_MAX]);

/* Whether a WebSocket's peer may still close it: not after its close frame, or what is no frame. */
bool wire_awaits_close(const struct wire *w);

/* Takes what comes from a peer whose lines do not count any more: only its close frame does. */
void wire_skip(struct wire *w, const uint8_t *in, const uint8_t *end);

/* Frees what its input holds; what the peer speaks stays known. */
void wire_forget(struct wire *w);

/* The same, and it is as new. */
void wire_finish(struct wire *w);

#endif
