/*
 * The loop (loop.h): one thread, one poll(). A turn, always in this order:
 *
 *	1. accept the connections that the last poll() announced, a bounded number
 *	2. wait for an event or the nearest deadline; with neither, sleep
 *	3. hear what a shared log says, read from every ready place, a bounded number of bytes,
 *	   and tell the log what is asked of it
 *	4. append what was said to the history, before anyone sees it
 *	5. send to every place that is owed something, once
 *	6. deadlines; then close what is to be closed, and see what each place waits for now
 *
 * Descriptors are closed in step 6 alone, and the caller acts on the requests right after it: all
 * there is can be handed over then. Accepting comes after that, so a client that arrives when
 * another has just left finds the place free, and a new descriptor never meets an old event.
 */
#include "server/shell/loop.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/shell/host.h"
#include "server/shell/polls.h"
#include "server/shell/signals.h"

enum {
	POLL_SIGNALS,
	POLL_LOG_SINK,
	POLL_EXTRA,
	POLL_DISK,
	POLL_CLUSTER,
	POLL_OTHERS, /* how many there are before the acceptor's */

	ACCEPT_MAX = 256, /* connections in a turn */
};

#define STOP_WAIT (2 * TIME_SECOND)
#define STOP_STEP (20 * TIME_MS)

int loop_init(struct loop *loop, struct listeners *listeners)
{
	size_t own = POLL_OTHERS + acceptor_polls(listeners);

	loop->extra_fd = -1;
	loop->extra_at = TIME_NEVER;
	loop->now = host_now();
	loop->again = true; /* a new history gets its header at once */
	if (polls_init(&loop->polls, own, chat_places(loop->chat)) < 0 ||
		places_init(&loop->places, loop->chat, &loop->polls) < 0) {
		loop_finish(loop);
		return -1;
	}
	loop->polls.list[POLL_LOG_SINK].events = POLLOUT;
	acceptor_init(&loop->acceptor, listeners, loop->polls.list + POLL_OTHERS, loop->log);
	return 0;
}

void loop_finish(struct loop *loop)
{
	places_finish(&loop->places);
	acceptor_finish(&loop->acceptor);
	polls_finish(&loop->polls);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When to wake without an event, in usec; TIME_NEVER: never. */
static int64_t deadline(const struct loop *loop)
{
	int64_t next = chat_deadline(loop->chat);

	next = earlier(next, histories_deadline(loop->histories));
	next = earlier(next, acceptor_deadline(&loop->acceptor, loop->now));
	next = earlier(next, loop->places.check_at);
	next = earlier(next, loop->extra_at);
	next = earlier(next, cluster_deadline(loop->cluster));
	if (loop->stopping) {
		next = earlier(next, loop->stop_at);
		next = earlier(next, loop->now.usec + STOP_STEP);
	}
	return next;
}

/* For polls_wait(), in usec; -1 for ever. */
static int64_t timeout(const struct loop *loop)
{
	int64_t next = deadline(loop);

	if (loop->again || next <= loop->now.usec)
		return 0;
	return next == TIME_NEVER ? -1 : next - loop->now.usec;
}

/* The place of a new connection, or -1. */
static int seat(struct loop *loop, const struct newcomer *n)
{
	unsigned how = (n->is_operator ? CHAT_OPERATOR : 0u) | (n->telnet ? CHAT_TELNET : 0u);
	int place = n->is_web ? chat_connect_web(loop->chat, &n->from, &n->web)
			      : chat_connect(loop->chat, &n->from, how, n->web.room);

	if (place < 0) {
		close(n->fd);
		return -1;
	}
	places_seat(&loop->places, (uint32_t)place, n->fd);
	/*
	 * Bytes that came with the header are kept by the core where they have
	 * to wait for the greeting.
	 */
	if (n->len > 0) {
		chat_receive(loop->chat, (uint32_t)place, n->bytes, n->len);
		place = (int)places_follow(&loop->places, (uint32_t)place);
		loop->again = true;
	}
	return place;
}

/*
 * Step 1. New connections are greeted at once, which saves a turn, but only when all have been
 * accepted: a client that has seen its greeting may leave and come back, and must find the place
 * free. If one has sent something with its PROXY header, none is sent anything yet: the turn that
 * follows writes the history first.
 */
static void accept_newcomers(struct loop *loop)
{
	int places[ACCEPT_MAX], count = 0;
	struct newcomer n;

	for (int i = 0; i < ACCEPT_MAX && chat_may_connect(loop->chat); i++) {
		int place;

		if (!acceptor_next(&loop->acceptor, &n, loop->now))
			break;
		place = n.fd < 0 ? -1 : seat(loop, &n);
		if (place >= 0)
			places[count++] = place;
	}
	for (int i = 0; i < count; i++) {
		uint32_t place = (uint32_t)places[i];

		if (!loop->again)
			places_send_one(&loop->places, place, loop->now);
		if (places_watch(&loop->places, place) & (CHAT_WRITE | CHAT_FREE))
			loop->again = true;
	}
}

/* Step 2. Returns the signals that came. */
static unsigned wait(struct loop *loop)
{
	acceptor_watch(&loop->acceptor, chat_may_connect(loop->chat));
	loop->polls.list[POLL_SIGNALS].fd = signals_fd();
	loop->polls.list[POLL_LOG_SINK].fd = log_sink_wait_fd(loop->log_sink);
	loop->polls.list[POLL_EXTRA].fd = loop->extra_fd;
	loop->polls.list[POLL_DISK].fd = disk_fd(loop->disk);
	loop->polls.list[POLL_CLUSTER] = cluster_poll(loop->cluster);
	polls_wait(&loop->polls, timeout(loop));
	loop->now = host_now();
	chat_turn(loop->chat, loop->now);
	loop->again = false;
	return loop->polls.list[POLL_SIGNALS].revents != 0 ? signals_take() : 0;
}

/* Step 3. Returns how often it polled again. */
static uint32_t read_places(struct loop *loop)
{
	struct places *places = &loop->places;
	bool more = places_read(places) > 0;
	uint32_t extra_polls = 0, wait_for = batching_wait(&loop->batching);

	for (; more && loop->batching.extra_polls && extra_polls < BATCHING_ROUNDS; extra_polls++)
		more = polls_wait(&loop->polls, wait_for) > 0 && places_read(places) > 0;
	chat_resume_input(loop->chat);
	return extra_polls;
}

/* Step 4. */
static void write_history(struct loop *loop)
{
	if (loop->polls.list[POLL_DISK].revents != 0)
		disk_receive(loop->disk);
	histories_append(loop->histories, loop->chat, loop->now.usec);
}

/* Step 5. */
static void send_places(struct loop *loop, uint32_t extra_polls)
{
	uint64_t lines = chat_lines(loop->chat);
	struct batching_counts turn = { .lines = (uint32_t)(lines - loop->lines),
		.extra_polls = extra_polls, .polled = (uint32_t)loop->polls.count };

	loop->lines = lines;
	turn.sends = places_send(&loop->places, loop->now);
	batching_turn(&loop->batching, &turn);
}

/* Step 6. */
static void settle(struct loop *loop)
{
	unsigned settled;

	places_check(&loop->places, loop->now);
	chat_tick(loop->chat);
	settled = places_settle(&loop->places);
	if (settled & PLACES_CLOSED)
		acceptor_relieve(&loop->acceptor);
	if (settled & PLACES_AGAIN)
		loop->again = true;
}

/* Tries once more to write what a full disk has kept out of the history. */
static void end(struct loop *loop)
{
	uint64_t left;

	loop->over = true;
	histories_hurry(loop->histories);
	write_history(loop);
	left = histories_left(loop->histories, loop->chat);
	if (left > 0)
		log_line(loop->log, LOG_AT_ERROR,
			"the last %" PRIu64 " lines are not in the history", left);
}

/* Whether an operator has asked for it, with /shutdown. */
static bool is_told_to_stop(const struct loop *loop)
{
	const char *text;
	size_t len;

	return chat_stopping(loop->chat, &text, &len);
}

static unsigned requests(struct loop *loop, unsigned signals)
{
	unsigned asked = 0;

	if ((signals & SIGNALS_STOP) || is_told_to_stop(loop))
		asked |= LOOP_STOP;
	if (signals & SIGNALS_RELOAD)
		asked |= LOOP_RELOAD;
	if (signals & SIGNALS_UPGRADE)
		asked |= LOOP_UPGRADE;
	/* The caller's changes may be due at once. */
	if (asked != 0)
		loop->again = true;
	return asked;
}

unsigned loop_turn(struct loop *loop)
{
	unsigned signals;
	uint32_t extra_polls;

	accept_newcomers(loop);
	log_sink_write(loop->log_sink, loop->log);
	signals = wait(loop);
	if (loop->stopping && (signals & SIGNALS_STOP)) {
		end(loop);
		return 0;
	}
	cluster_receive(loop->cluster, loop->polls.list[POLL_CLUSTER].revents, loop->now);
	extra_polls = read_places(loop);
	cluster_send(loop->cluster, loop->now);
	write_history(loop);
	send_places(loop, extra_polls);
	settle(loop);
	/* Once more, with what came due. */
	cluster_send(loop->cluster, loop->now);
	if (!loop->stopping)
		return requests(loop, signals);
	if ((!places_are_owed(&loop->places) && histories_are_settled(loop->histories)) ||
		loop->now.usec >= loop->stop_at)
		end(loop);
	return 0;
}

void loop_stop(struct loop *loop)
{
	const char *text = NULL;
	size_t len = 0;

	loop->stopping = true;
	loop->stop_at = loop->now.usec + STOP_WAIT;
	loop->again = true;
	acceptor_close(&loop->acceptor);
	chat_stopping(loop->chat, &text, &len);
	chat_shutdown(loop->chat, text, len);
}
