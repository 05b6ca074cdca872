/*
 * The face of the core: everything that chatd decides, without a descriptor, a clock or stdio.
 * Bytes and the time come in; bytes to send, what to wait for and when to wake come out.
 *
 * The shell numbers its connections as the core does: by the index of their place, 0 to
 * chat_places() - 1. The first max_clients places are clients (index + 1 is the #SLOT that people
 * see); after them are a few places for newcomers who are being refused, so that the line which
 * tells them so is delivered like any other, and then places for connections that speak HTTP.
 *
 * A turn of the shell:
 *	chat_connect              newcomers, greeted at once
 *	chat_turn                 the time
 *	chat_receive / chat_end   for each place with input
 *	chat_resume_input         input that had to wait
 *	chat_feed                 what was said, for the history, before anyone sees it
 *	chat_output / chat_sent   for each place of chat_next_owed()
 *	chat_tick                 deadlines
 *	chat_wants                for each place of chat_next_changed(); CHAT_FREE: close the
 *	                          descriptor, then chat_release
 */
#ifndef SERVER_CORE_CHAT_H
#define SERVER_CORE_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "server/core/base/address.h"
#include "server/core/base/codec.h"
#include "server/core/base/log.h"
#include "server/core/base/newcomer.h"
#include "server/core/base/settings.h"
#include "server/core/base/setup.h"
#include "server/core/base/time.h"
#include "server/core/base/web_profile.h"
#include "server/core/feed/feed.h"

struct chat;
struct feed;
struct event;
struct proposal;
struct store;

/* The events a place waits for. A place in use that wants nothing is muted for now. */
enum chat_wants {
	CHAT_READ = 1,  /* input may be handed to chat_receive() */
	CHAT_WRITE = 2, /* chat_output() has something */
	CHAT_SHUT = 4,  /* all is sent: end our sending side, then read on to the peer's end */
	CHAT_FREE = 8,  /* close the descriptor at once, then chat_release() */
	CHAT_DONE = 16, /* with CHAT_SHUT: chat_detach(), or close it and chat_release() */
};

enum chat_end {
	CHAT_FIN,   /* the peer has ended its sending side: what it left is a last line */
	CHAT_RESET, /* the connection is gone */
};

enum {
	CHAT_REFUSALS = 64,    /* places for those who are told why they can't stay */
	CHAT_WEB = 128,        /* places for connections that speak HTTP */
	CHAT_IOV = 9,          /* pieces that chat_output() returns at most */
	CHAT_READ_MAX = 16384, /* bytes that one chat_receive() takes at most */
};

/* Makes a chat. NULL: no memory. */
struct chat *chat_create(const struct chat_setup *setup);
void chat_destroy(struct chat *chat); /* NULL is fine */

/*
 * Takes over what can change while it runs; max_clients and feed_bytes are ignored, and max_message
 * is what the feed has room for at most. 0, or -1 with nothing changed: no memory.
 */
int chat_set(struct chat *chat, const struct settings *settings);

/*
 * For an upgrade: all that the chat knows, as bytes (after a turn, look at p->failed), and a chat
 * made from them: NULL with *why, a reason for people. Places keep their numbers, and which are in
 * use stands in what chat_wants() says of them. max_clients and feed_bytes come from the state.
 */
void chat_save(struct chat *chat, struct codec *p);
struct chat *chat_load(struct codec *p, const struct chat_setup *setup, const char **why);

/* A turn begins, at this time: it is now for all that follows. */
void chat_turn(struct chat *chat, struct time now);

uint32_t chat_places(const struct chat *chat);

/* How many lines have been said in all rooms, and by the rooms, since this program began. */
uint64_t chat_lines(const struct chat *chat);

/* How many clients are connected now, those who are leaving not counted. */
uint32_t chat_clients(const struct chat *chat);

/*
 * Whether a newcomer can be told if it has to be refused. If not, newcomers have to wait: until the
 * turn after this one, which chat_deadline() asks for.
 */
bool chat_may_connect(const struct chat *chat);

/*
 * A newcomer: returns its place, or -1 when not even a refusal fits (see above), and the descriptor
 * should be closed. how: bits of enum chat_newcomer; room: the name of the one it comes into, NULL
 * or "" for the first.
 */
int chat_connect(struct chat *chat, const struct address *from, unsigned how, const char *room);

/* The same through a listener for HTTP; the profile is copied. */
int chat_connect_web(struct chat *chat, const struct address *from,
	const struct web_profile *profile);

/*
 * Input of a place that wants CHAT_READ; len <= CHAT_READ_MAX. All of it is taken; what must
 * wait (rate, unread answers, slow readers) is kept, and CHAT_READ not wanted until it is used.
 */
void chat_receive(struct chat *chat, uint32_t place, const uint8_t *bytes, size_t len);
void chat_end(struct chat *chat, uint32_t place, enum chat_end how);

/*
 * To be asked after each chat_receive() and chat_sent(), until it says no: whether a connection
 * goes on at another place because of that, which is free, as its own is then.
 */
bool chat_moved(struct chat *chat, uint32_t *from, uint32_t *to);

/*
 * Once a turn, before or after the input of the ready places: takes up input that had to wait, as
 * far as it may. When there is more to do that no event announces, chat_deadline() says so.
 */
void chat_resume_input(struct chat *chat);

/*
 * The events a place waits for; may bring chat_deadline() nearer, so ask for that afterwards. They
 * change only at places that chat_next_changed() names, but for one thing: CHAT_READ may be
 * withdrawn from all of a room at once, without a word, so it is to be asked for before reading.
 */
unsigned chat_wants(struct chat *chat, uint32_t place);

/*
 * Two walks over the places that something has happened to: to those that may be owed something,
 * and those that may want something else than before. *place is 0 at the start, one more for the
 * next; false at the end. A place is named once, until something happens to it again.
 */
bool chat_next_owed(struct chat *chat, uint32_t *place);
bool chat_next_changed(struct chat *chat, uint32_t *place);

/* Whether chat_next_owed() would name any. */
bool chat_has_owed(const struct chat *chat);

/* A place that took less than it was offered takes bytes again: both walks name it. */
void chat_retry(struct chat *chat, uint32_t place);

/*
 * The bytes a place is owed: up to CHAT_IOV pieces; returns their number, 0 for nothing. Valid
 * until the next call of anything but chat_sent(). The shell then says with chat_sent() how much
 * of it the kernel took, or with chat_hangup() that the peer will never take any more.
 */
int chat_output(struct chat *chat, uint32_t place, struct iovec iov[CHAT_IOV]);
void chat_sent(struct chat *chat, uint32_t place, size_t len);
void chat_hangup(struct chat *chat, uint32_t place);

/*
 * Flow: one walk over the places whose reading holds their room back. Of each the shell says
 * once a turn, before chat_tick(), for how many of the bytes that the kernel has for it the peer
 * has made no room yet, since what counts is what is read at the other end. chat_deadline() sees
 * to it that a turn comes.
 */
bool chat_next_throttling(const struct chat *chat, uint32_t *place);
void chat_unsent(struct chat *chat, uint32_t place, size_t bytes);

/*
 * One that is CHAT_DONE, but has not taken all yet: its connection goes on in the place that is
 * returned, until it ends its side or some seconds are over, and its own is released. -1: there is
 * none.
 */
int chat_detach(struct chat *chat, uint32_t place);

/* The connection of this place is closed; it may be given to a newcomer. */
void chat_release(struct chat *chat, uint32_t place);

/* When the next turn is needed, in usec; TIME_NEVER for never. */
int64_t chat_deadline(const struct chat *chat);

/* Once a turn, after the sends: deadlines and backpressure. */
void chat_tick(struct chat *chat);

/*
 * An order from outside: from here on, what happens in a room is proposed. The caller takes each
 * proposal (the caller frees it; NULL: there is none), has a log elsewhere put it in its place, and
 * applies what that log gives back: in the order of its IDs, once or more.
 * Tests use these; the shell goes by chat_log.h.
 */
void chat_order_externally(struct chat *chat);
struct proposal *chat_take_proposal(struct chat *chat);
void chat_apply(struct chat *chat, uint32_t room, uint64_t id, const struct event *event);

/*
 * What outlives a restart (room/store_format.h): how often it has changed; the text of it, *len
 * bytes on the heap, or NULL: no memory; and at the start, before the first client, what was read,
 * which is moved.
 */
uint64_t chat_store_changes(const struct chat *chat);
char *chat_store_text(const struct chat *chat, size_t *len);
void chat_store_load(struct chat *chat, struct store *store);

/*
 * The rooms have indices below this, the first 0; chat_room_name() is NULL for one that there is
 * not. A room keeps its index as long as it exists.
 */
uint32_t chat_rooms(const struct chat *chat);
const char *chat_room_name(const struct chat *chat, uint32_t room);

/* The index of a room by its name; -1: there is none. */
int chat_find_room(const struct chat *chat, const char *name);

/* Its feed: read by the history, filled by it on start (before the first client); NULL: no room. */
struct feed *chat_feed(struct chat *chat, uint32_t room);

/*
 * Before a turn's sends: records of a room from this ID on may not be seen yet, since they are not
 * on disk; 0: all may be seen. Answers to those who have none of their own lines among them go out
 * before.
 */
void chat_set_durable(struct chat *chat, uint32_t room, uint64_t id);

/*
 * The history of a room can't be written, or can again: said to the operators and counted. reason:
 * text.
 */
void chat_history_failed(struct chat *chat, uint32_t room, const char *reason);
void chat_history_works(struct chat *chat, uint32_t room, uint64_t lost);

/*
 * "*** server shutting down" is said, and everyone gets what they are owed. The shell goes on with
 * its turns for as long as chat_is_owing(), or its patience.
 */
void chat_shutdown(struct chat *chat, const char *text, size_t len);
bool chat_is_owing(const struct chat *chat);

/* Whether an operator has asked for a shutdown, and with what text. */
bool chat_stopping(const struct chat *chat, const char **text, size_t *len);

#endif
