/*
 * The room: all that the core knows, and the few ways in which anything is said in it. Every text
 * that a person controls passes through room_say(), room_event() or room_tell_text(), and they
 * make it safe.
 */
#ifndef SERVER_CORE_ROOM_ROOM_H
#define SERVER_CORE_ROOM_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"
#include "proto/stamp.h"
#include "server/core/client/session.h"
#include "server/core/room/ban.h"
#include "server/core/wire/framing.h"
#include "server/core/feed/feed.h"
#include "server/core/base/log.h"
#include "server/core/base/time.h"
#include "server/core/base/settings.h"
#include "server/core/client/client.h"

enum {
	ROOM_REFUSALS = 64, /* newcomers who can be told at the same time why they can't stay */
	ROOM_CHECKS = 20,    /* clients looked at in a millisecond, for what may wait */
};

/* Fills a buffer with random bytes that nobody can guess. */
typedef void chat_random(void *buffer, size_t len);

struct counters {
	uint64_t lines;      /* of people, in the feed */
	uint64_t private;    /* private messages */
	uint64_t bytes_in, bytes_out;
	uint64_t connects;
	uint64_t refused;    /* newcomers: full, banned, too many from one host */
	uint64_t strangers;  /* closed for not being chat */
	uint64_t errors;     /* "!!!" lines */
	uint64_t missed;     /* lines that somebody was told to have missed */
	uint64_t lagged;     /* times that a reader was given up waiting for */
	uint64_t history_lost; /* lines that the history file lacks */
	uint32_t peak;       /* clients at the same time */
};

struct room {
	struct settings settings; /* a copy of our own */
	struct feed feed;
	struct clients clients;
	struct bans bans;
	struct sessions sessions;
	struct render_caches caches;
	struct log *log;
	chat_random *random;
	struct time now;     /* of the call that is being served */
	struct time started;
	struct stamp stamp;
	struct counters counters;
	char *text;            /* heap: room to make one private line in */
	char *clean;           /* heap: room to make one text safe in */
	size_t text_size, clean_size;
	uint32_t client_count;     /* connected and not leaving */
	uint32_t online;       /* announced */
	uint32_t turn;         /* the client whose waiting input is taken up first */
	uint32_t blocked;      /* clients whose last send fell short */
	int64_t wake;          /* no deadline of a client or an session is earlier, in usec */
	int64_t budget;        /* bytes that may still be said before the slowest must catch up */
	uint64_t durable;      /* records from this ID on may not be seen yet; 0: all may be */
	int64_t backpressure_at;       /* when the flow was last looked at, in usec */
	struct client *heir;     /* while input is moved: to whom */
	uint32_t not_inherited; /* lines of it that were not moved */
	bool waiting;          /* some client may have input, or its end, waiting */
	bool stopping;         /* an operator has asked for the end, with stop_text */
	const char *stop_text; /* heap, or NULL */
	char history_fault[128]; /* why the history can't be written, for operators; "": it can */
};

/* 0, or -1 when there is no memory. */
int room_init(struct room *room, const struct settings *settings, struct log *log,
	chat_random *random, struct time now);
void room_finish(struct room *room);

/* Makes text and clean large enough for the settings. 0, or -1 when there is no memory. */
int room_fit(struct room *room);

/* There was no memory for a client: it is dropped at the next tick, and nobody else. */
void room_fail(struct room *room, struct client *client);

/* Sees to it that chat_tick() comes at this time. */
void room_wake_at(struct room *room, int64_t usec);

/*
 * The same, or a little later where there are many: each tick extra_polls at everybody, so what may
 * wait is done for several together. 1,000 wait for 50 ms at most, 10,000 for half a second.
 */
void room_wake_about(struct room *room, int64_t usec);

/* To one who is an operator now: what operators have been told and still holds. */
void room_tell_operator(struct room *room, struct client *client);

/* The ID of the first record that nobody may see yet; the next that there will be, if all may. */
uint64_t room_visible(const struct room *room);

/* The ID before which a private line to a client stands in what it gets, said now. */
uint64_t room_place(const struct room *room, const struct client *client);

/* The stamp of now. */
const char *room_stamp(struct room *room);

/* A client's nick, or "#SLOT": writes it to who (WHO_MAX bytes) and returns its length. */
size_t room_who(const struct room *room, const struct client *client, char *who);

/*
 * The person called so, by nick or #SLOT; NULL if nobody here is. A number finds also who has not
 * been announced yet: whoever knows it was told by its owner, whose greeting names it.
 */
struct client *room_find(const struct room *room, const char *who, size_t len);

/* Somebody else here with a nick that is the same (nick_same()) as one that client asks for. */
const struct client *room_namesake(const struct room *room, const struct client *client,
	const char *nick, size_t len);

/* As room_find(), for a word that client has typed: it is told if there is nobody. */
struct client *room_person(struct room *room, struct client *client, const char *who, size_t len);

struct client *room_by_id(const struct room *room, uint32_t user_id);

/*
 * Says something to everyone: SAID or ACTION of a person. False if nothing was left of the text
 * and so nothing was said.
 */
bool room_say(struct room *room, struct client *client, enum message_kind kind, const char *text,
	size_t len);

/* An event of the room; printf(3)'s format. */
void room_event(struct room *room, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * One line to one client: an answer or an error, its place in the stream being here. A client for
 * which there is no memory loses its connection.
 */
void room_answer(struct room *room, struct client *client, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void room_error(struct room *room, struct client *client, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with any kind and text; who as for message_begin(). */
void room_tell_text(struct room *room, struct client *client, enum message_kind kind,
	const char *who, size_t who_len, const char *text, size_t len);

/* Bytes as they are (telnet). */
void room_tell_raw(struct room *room, struct client *client, const void *bytes, size_t len);

/* A line of the log about a client: "client #1 (alice) WHAT. TIME: STAMP"; printf(3)'s format. */
void room_log(struct room *room, const struct client *client, enum log_priority priority,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
