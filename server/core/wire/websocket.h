/*
 * WebSocket frames (RFC 6455): taken apart as they come from a browser, and made for one.
 *
 * Text is handed on as it comes, never gathered; of a message nothing is held. A control frame
 * that is not whole takes memory until it is.
 */
#ifndef SERVER_CORE_WIRE_WEBSOCKET_H
#define SERVER_CORE_WIRE_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/base/utf8.h"

enum {
	WEBSOCKET_MESSAGE_MAX = 64 * 1024, /* bytes from a browser, over all its fragments */
	WEBSOCKET_RUN_MAX = 1024,          /* bytes of text that are handed on at once */
	WEBSOCKET_CONTROL_MAX = 125,       /* bytes that a control frame carries (5.5) */
	WEBSOCKET_REASON_MAX = 123,        /* of them the reason of a close frame */
	WEBSOCKET_MASK_LEN = 4,
	WEBSOCKET_HEAD_MAX = 14,           /* with a mask */
	WEBSOCKET_PUT_HEAD_MAX = 10,       /* without */
	WEBSOCKET_PUT_CONTROL_MAX = 2 + WEBSOCKET_CONTROL_MAX,
};

/* Close codes (7.4.1); from 4000 on they are our own. */
enum websocket_code {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_GOING_AWAY = 1001,
	WEBSOCKET_PROTOCOL_ERROR = 1002,
	WEBSOCKET_UNSUPPORTED_DATA = 1003,
	WEBSOCKET_NO_CODE = 1005, /* a close frame without a code; never sent */
	WEBSOCKET_INVALID_DATA = 1007,
	WEBSOCKET_TOO_BIG = 1009,
	WEBSOCKET_INTERNAL_ERROR = 1011,
	WEBSOCKET_TRY_AGAIN_LATER = 1013,
	WEBSOCKET_KICKED = 4001,
	WEBSOCKET_BANNED = 4003,
	WEBSOCKET_RESUMED_ELSEWHERE = 4008,
	WEBSOCKET_WRONG_PASSWORD = 4010,
	WEBSOCKET_IDLE = 4011,
};

enum websocket_event {
	WEBSOCKET_MORE,  /* the input is used up */
	WEBSOCKET_TEXT,  /* a run of a message, perhaps its last (ends) */
	WEBSOCKET_PING,  /* to be answered with a pong of these bytes */
	WEBSOCKET_CLOSE, /* the peer closes: code, which is to be sent back, and its reason */
	WEBSOCKET_FAIL,  /* the peer is to be closed with this code and reason */
};

/* The payload of a control frame. */
struct websocket_control {
	uint8_t len;
	uint8_t bytes[WEBSOCKET_CONTROL_MAX];
};

/* All zero is a peer that has sent nothing yet. An idle one costs no more than this. */
struct websocket {
	uint8_t head[2];      /* the first bytes of a frame's head */
	uint8_t mask[WEBSOCKET_MASK_LEN];
	uint8_t head_len;     /* bytes of the head that have come */
	bool in_frame : 1;    /* the head is whole, left bytes of payload are to come */
	bool in_message : 1;  /* a text message has begun and not ended */
	bool ended : 1;       /* closed or failed: whatever comes is dropped */
	struct utf8 utf8;     /* of the message */
	uint8_t mask_at;      /* the byte of the mask that comes next, modulo 4 */
	uint32_t message_len; /* the payloads of its frames so far, announced ones included */
	uint64_t left;        /* of the frame; while the head comes, what is known of its length */
	struct websocket_control *control; /* heap: of a control frame what has come, or NULL */
	struct websocket_control *pong;    /* heap: what answers the last ping, or NULL */
};

/* What an event brings. */
struct websocket_span {
	uint8_t bytes[WEBSOCKET_RUN_MAX]; /* TEXT, PING, CLOSE */
	size_t len;
	bool ends;                /* TEXT: the message ends with this run, which may be empty */
	enum websocket_code code; /* CLOSE, FAIL */
	const char *reason;       /* FAIL: a constant; "" otherwise */
};

/*
 * Takes bytes from *in, short of stop, up to the next event and moves *in after them. A run of text
 * holds one LF at most, as its last byte, so that a line that ends there need not be given back.
 * Text is valid UTF-8, but may be cut within a code point. Pongs are dropped. After CLOSE and FAIL
 * all input is dropped. An unmasked close frame, which a front end that reloads sends in the place
 * of a browser's frame, is taken for WEBSOCKET_GOING_AWAY.
 */
enum websocket_event websocket_next(struct websocket *w, const uint8_t **in, const uint8_t *stop,
	struct websocket_span *span);

/* Frees what is held. */
void websocket_finish(struct websocket *w);

/*
 * Each writes to out and returns the length. Frames for a browser have no mask and are never
 * fragments.
 */
size_t websocket_put_text_head(uint8_t out[WEBSOCKET_PUT_HEAD_MAX], uint64_t len);
size_t websocket_put_ping(uint8_t out[WEBSOCKET_PUT_CONTROL_MAX]);
/* len is at most WEBSOCKET_CONTROL_MAX. */
size_t websocket_put_pong(uint8_t out[WEBSOCKET_PUT_CONTROL_MAX], const uint8_t *bytes, size_t len);
/*
 * A reason, in UTF-8, that is longer than WEBSOCKET_REASON_MAX is cut before a code point. With
 * WEBSOCKET_NO_CODE the frame is empty.
 */
size_t websocket_put_close(uint8_t out[WEBSOCKET_PUT_CONTROL_MAX], enum websocket_code code,
	struct slice reason);

#endif
