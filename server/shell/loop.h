/*
 * The loop: everything that waits, waits here.
 */
#ifndef SERVER_SHELL_LOOP_H
#define SERVER_SHELL_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/chat.h"
#include "server/core/base/log.h"
#include "server/shell/connection.h"
#include "server/shell/acceptor.h"
#include "server/shell/batching.h"
#include "server/shell/history.h"
#include "server/shell/log_sink.h"
#include "server/shell/systemd.h"
#include "server/shell/upgrade.h"

struct loop {
	struct chat *chat;
	struct log *log;
	struct log_sink *log_sink;
	struct history *history;

	/* To be set behind loop_init(). */
	struct systemd *systemd;
	const struct upgrade *trial; /* waited for */
	void (*reload)(void *owner, struct time now);
	void (*upgrade)(void *owner, bool asked, struct time now); /* or a trial is under way */
	void *owner;

	struct connection *connections; /* of each place */
	uint32_t top; /* no place from here on has a connection */

	struct pollfd *polls; /* all of them: signals, log sink, trial, the acceptor's, places */
	struct pollfd *place_polls; /* of each place, index for index; in polls */
	struct acceptor acceptor;
	struct batching batching;

	struct time now;
	bool upgrade_asked;
	bool again; /* there is more to do that no event will tell of */
	int64_t look_at; /* when to see who is still there, in usec */
	bool stopping;
	int64_t stop_at; /* then: when to go, whatever is owed, in usec */
	uint8_t input[CHAT_READ_MAX];
};

/*
 * Takes memory for a chat's places and a list of listeners, which all outlive the loop, as does
 * the history. 0, or -1 when there is none.
 */
int loop_init(struct loop *loop, struct chat *chat, struct log *log, struct log_sink *log_sink,
	struct listeners *listeners, struct history *history);
void loop_finish(struct loop *loop); /* closes the connections */

/* Puts a connection into a place that the core has given. */
void loop_seat(struct loop *loop, uint32_t place, int fd);

/* Goes round until the server is to end, which is an orderly stop. */
void loop_run(struct loop *loop);

#endif
