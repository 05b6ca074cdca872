/*
 * The loop: one poll() for everything that a server waits for. Its caller owns the `while`:
 *
 *	while (!loop.over)
 *		requests = loop_turn(&loop);
 */
#ifndef SERVER_SHELL_LOOP_H
#define SERVER_SHELL_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "server/core/base/log.h"
#include "server/core/base/time.h"
#include "server/core/chat.h"
#include "server/shell/acceptor.h"
#include "server/shell/batching.h"
#include "server/shell/cluster.h"
#include "server/shell/histories.h"
#include "server/shell/log_sink.h"
#include "server/shell/places.h"
#include "server/shell/polls.h"

/* What a turn asks of the loop's caller, which does it before the next turn. */
enum loop_requests {
	LOOP_STOP = 1,    /* end in an orderly way: loop_stop() */
	LOOP_RELOAD = 2,  /* read the configuration again */
	LOOP_UPGRADE = 4, /* replace the program */
};

struct loop {
	/* The caller's, set before loop_init(); they outlive the loop. */
	struct chat *chat;
	struct log *log;
	struct log_sink *log_sink;
	struct histories *histories;
	struct disk *disk;
	struct cluster *cluster;

	/* Another descriptor and time to wait for, the caller's; set before a turn. */
	int extra_fd;      /* -1: none */
	int64_t extra_at;  /* usec; TIME_NEVER: none */

	struct polls polls; /* its own are for signals, log sink, extra, disk, cluster and the
			     * acceptor */
	struct acceptor acceptor;
	struct places places;
	struct batching batching;
	uint64_t lines;  /* chat_lines() at the last turn's end */

	struct time now;
	bool again;      /* there is more to do that no event will announce */
	bool stopping;
	int64_t stop_at; /* while stopping: when to end, whatever is still owed, in usec */
	bool over;       /* stopped: all is sent, or it took too long */
};

/* Takes memory for the chat's places and the listeners. 0, or -1 for no memory. */
int loop_init(struct loop *loop, struct listeners *listeners);
void loop_finish(struct loop *loop); /* closes the connections */

/*
 * Waits for an event or a deadline and does what there is to do. Returns requests as bits. After it
 * nothing is half done and no place is about to be freed, so a snapshot can be taken.
 */
unsigned loop_turn(struct loop *loop);

/* Closes the listeners and says goodbye; the loop is over when everybody has taken what is owed. */
void loop_stop(struct loop *loop);

#endif
