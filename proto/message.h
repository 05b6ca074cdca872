/*
 * The lines that go to a client, both ways: the server writes them, chatc and the tests parse
 * them (docs/protocol.md).
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"

enum message_kind {
	MESSAGE_SAID,     /* [who]: text --STAMP */
	MESSAGE_ACTION,   /* * who text --STAMP */
	MESSAGE_EVENT,    /* *** text --STAMP */
	MESSAGE_RECEIVED, /* [who -> you]: text --STAMP */
	MESSAGE_SENT,     /* [you -> who]: text --STAMP */
	MESSAGE_ANSWER,   /* === text */
	MESSAGE_ERROR,    /* !!! text */
	MESSAGE_OTHER,    /* none of these: a server that is not chatd */
};

/* A parsed line. Text, who and stamp point into it. */
struct message {
	enum message_kind kind;
	const char *who; /* NULL where the kind has none */
	size_t who_len;
	const char *text;
	size_t text_len;
	const char *stamp; /* STAMP_LEN bytes; NULL where the kind has none */
	bool tagged;       /* it came as "@ID EPOCH line" */
	uint64_t id;
	int64_t time; /* EPOCH: seconds since 1970, UTC */
};

enum {
	/* What message_end() writes after a text that is stamped. */
	MESSAGE_END_LEN = 3 + STAMP_LEN + 1,

	/* What message_begin() and message_end() write at most, beside the text. */
	MESSAGE_FRAME_MAX = 2 + 7 + WHO_MAX + 3 + 3 + STAMP_LEN + 1,

	/* "@18446744073709551615 -9223372036854775808 ". */
	MESSAGE_TAG_MAX = 1 + 20 + 1 + 20 + 1,
};

/* Whether lines of this kind end with a stamp. */
bool message_is_stamped(enum message_kind kind);

/*
 * A line is written in three steps, so that its text can be put straight where it belongs:
 * begin, the text, end. Each returns how many bytes it wrote; out is not terminated.
 * who: for the kinds that have one. stamp: STAMP_LEN bytes, for the kinds that have one.
 * message_end() writes the LF too.
 */
size_t message_begin(char *out, enum message_kind kind, const char *who, size_t who_len);
size_t message_end(char *out, enum message_kind kind, const char *stamp);

/* Writes "@ID EPOCH " (at most MESSAGE_TAG_MAX bytes) and returns its length. */
size_t message_tag(char *out, uint64_t id, int64_t time);

/* Whether a line without its end is the event that somebody joined or left. */
bool message_is_presence(const char *line, size_t len);

/* Parses a line without its end. Never fails: what is nothing else is MESSAGE_OTHER. */
void message_parse(const char *line, size_t len, struct message *m);

#endif
