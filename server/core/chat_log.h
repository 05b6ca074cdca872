/*
 * The face of the core towards a shared log (feed/shared_log.h): with it several servers, the
 * nodes, are one. The shell's part takes requests, and hands in what the log says, in the order
 * in which the log says it.
 *
 * A node begins with what its history has, and is told the lines after that: chat_log_next() says
 * from which number on, at the start, and whenever lines stopped coming.
 */
#ifndef SERVER_CORE_CHAT_LOG_H
#define SERVER_CORE_CHAT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/feed/shared_log.h"

struct chat;

/*
 * From here on this is the node of that name (1 to 32 of a-z, 0-9 and '-'), before the first
 * client; what happens waits until the log is up. incarnation: differs from that of every
 * node before, and grows with time. A chat that was loaded goes on with its own. 0, or -1
 * when there is no memory.
 */
int chat_share(struct chat *chat, struct slice node, uint64_t incarnation);

/* The next request, or NULL; valid until it is answered (REPLY, TELL: until the next call). */
const struct log_request *chat_take_request(struct chat *chat);

/* A request is answered: seq for STORED and CONFLICT, payload for REPLIED. */
void chat_log_answer(struct chat *chat, uint64_t id, enum log_answer answer, uint64_t seq,
	struct slice payload);

/* A line of a room: its number, when the log took it, in ns since 1970. Repeats change nothing. */
void chat_log_line(struct chat *chat, uint32_t room, uint64_t seq, int64_t ns,
	struct slice payload);

/* A key was set, to nothing if it was deleted. First all that are set, then each change. */
void chat_log_state(struct chat *chat, struct slice key, uint64_t seq, struct slice payload);

/* What a node has told all; and a question to this node, to be answered with a LOG_REPLY. */
void chat_log_tell(struct chat *chat, struct slice payload);
void chat_log_asked(struct chat *chat, struct slice reply_to, struct slice payload);

/* Another node has this one's name: this one has to end. */
void chat_log_namesake(struct chat *chat);

/*
 * Whether the log can be reached and takes what it is given. It is down until this says otherwise.
 */
void chat_log_status(struct chat *chat, bool up);

/* How the log goes: as often as that changes. */
void chat_log_set_figures(struct chat *chat, const struct log_figures *figures);

/* All has been handed in that a room (or LOG_STATE) had when the node asked for it. */
void chat_log_caught_up(struct chat *chat, uint32_t room);

/* A room's lines before this number are gone from the log. */
void chat_log_gap(struct chat *chat, uint32_t room, uint64_t first);

/* A room's log is another one than before, which begins at 1: its next lines get IDs after ours. */
void chat_log_replaced(struct chat *chat, uint32_t room);

/*
 * Indexes of rooms lie below this; the name of one, which has its own log: of no
 * length if there is none.
 */
uint32_t chat_log_rooms(const struct chat *chat);
struct slice chat_log_room(const struct chat *chat, uint32_t room);

/* The number of the line that a room needs next; and whether it may be given more now. */
uint64_t chat_log_next(struct chat *chat, uint32_t room);
bool chat_log_may_take(const struct chat *chat, uint32_t room);

/* Why this node has to end, as text for its operator: another has its name. NULL: it need not. */
const char *chat_log_fault(const struct chat *chat);

#endif
