/*
 * Requests over a link that are answered to an inbox, each under a number of its own, and the
 * numbers of subscriptions.
 */
#ifndef SERVER_CORE_NATS_JS_IO_H
#define SERVER_CORE_NATS_JS_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "server/core/nats/link.h"

enum {
	JS_ID_LEN = 16,                       /* characters that nobody else has */
	JS_INBOX_LEN = sizeof("_INBOX..") - 1 + JS_ID_LEN,
	JS_NUMBER_MAX = 20,
	JS_PREFIX_MAX = 48,                   /* of all subjects: "chatd.NAME." */

	JS_SID_INBOX = 1,
	JS_SID_NODE,
	JS_SID_TELL,
	JS_SID_OWN, /* those of consumers are greater */
};

struct js_io {
	struct link link;
	char inbox[JS_INBOX_LEN]; /* with a '.' at its end */
	char prefix[JS_PREFIX_MAX];
	size_t prefix_len;
	uint64_t last_number;
	uint64_t last_sid;
};

/* A number as text, in out; and of an answer's subject: 0 if it is not in the inbox. */
struct slice js_number_text(char out[JS_NUMBER_MAX], uint64_t number);
uint64_t js_number_of(const struct js_io *io, struct slice subject);

/* Asks the API for verb, such as "STREAM.INFO.", of a stream. Returns the number of the answer. */
uint64_t js_call(struct js_io *io, const char *verb, struct slice stream, struct slice payload);

/* Sends without an answer; name: text. */
void js_send(struct js_io *io, struct slice subject, struct slice payload);

/* The part of the inbox to which a subscription is sent: after the inbox, "c." and the number. */
struct slice js_deliver_text(char out[JS_NUMBER_MAX + 2], uint64_t sid);

struct slice js_text(const char *text);

#endif
