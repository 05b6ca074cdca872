/*
 * Telling one client: answers, errors, private lines, each in its place in the client's
 * stream; and telling the log about a client. Every text that a person controls is made safe.
 */
#ifndef SERVER_CORE_ROOM_TELL_H
#define SERVER_CORE_ROOM_TELL_H

#include <stddef.h>

#include "proto/message.h"
#include "proto/slice.h"
#include "server/core/room/context.h"

/* "client #4294967295 (nick)" and a NUL. */
enum { CLIENT_TEXT_MAX = 80 };

/*
 * One line, an answer or an error; printf(3)'s format. A client for which there is no memory loses
 * its connection.
 */
void tell_answer(struct chat *chat, struct client *client, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void tell_error(struct chat *chat, struct client *client, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with any kind and text; who as for message_begin(). */
void tell_text(struct chat *chat, struct client *client, enum message_kind kind, struct slice who,
	struct slice text);

/* Bytes as they are (telnet). */
void tell_bytes(struct chat *chat, struct client *client, const void *bytes, size_t len);

/* The ID before which a private line to a client stands in what it gets, said now. */
uint64_t tell_place(const struct client *client);

/* To one who is an operator now: what operators have been told and still holds. */
void tell_operator_state(struct chat *chat, struct client *client);

/* The topic of the client's room, if it has one. */
void tell_topic(struct chat *chat, struct client *client);

/* A line to every operator. */
void tell_operators(struct chat *chat, const char *text);

/* "client #1 (alice)": writes it to out, CLIENT_TEXT_MAX bytes, and returns its length. */
size_t describe_client(const struct chat *chat, const struct client *client, char *out);

/* A line of the log about a client: "client #1 (alice) WHAT. TIME: STAMP"; printf(3)'s format. */
void log_client(struct chat *chat, const struct client *client, enum log_priority priority,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
