/*
 * The loop (loop.h): one thread, one poll(). A turn, always in this order:
 *
 *	1. wait for an event or the nearest deadline; with neither, sleep
 *	2. signals
 *	3. read from every ready place, a bounded number of bytes
 *	4. append what was said to the history, before anyone sees it
 *	5. send to every place that is owed something, once
 *	6. deadlines; then close what is to be closed, and see what each place waits for now
 *	7. accept newcomers, a bounded number, last: whoever comes when another has just left
 *	   finds the place free, and a new descriptor never meets an old event
 *
 * Nothing is freed before step 6, and an upgrade comes right behind it. POLLOUT is asked for only
 * after a send fell short, POLLIN only while the core wants to read; a place that waits for neither
 * has fd -1 in the array, so that an error on it cannot wake us again and again.
 */
#include "server/shell/loop.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/shell/host.h"
#include "server/shell/polls.h"
#include "server/shell/signals.h"

enum {
	POLL_SIGNALS,
	POLL_LOG_SINK,
	POLL_TRIAL,
	POLL_OTHERS, /* how many there are before the acceptor's */

	ACCEPT_MAX = 256, /* newcomers in a turn */
};

#define STOP_WAIT (2 * TIME_SECOND)
#define STOP_STEP (20 * TIME_MS)

int loop_init(struct loop *loop, struct chat *chat, struct log *log, struct log_sink *log_sink,
	struct listeners *listeners, struct history *history)
{
	uint32_t places = chat_places(chat);
	size_t acceptor = acceptor_polls(listeners);
	size_t count = POLL_OTHERS + acceptor + places;

	*loop = (struct loop){
		.chat = chat,
		.log = log,
		.log_sink = log_sink,
		.history = history,
		.now = host_now(),
		.look_at = TIME_NEVER,
	};
	loop->polls = malloc(count * sizeof(*loop->polls));
	loop->connections = calloc(places, sizeof(*loop->connections));
	if (loop->polls == NULL || loop->connections == NULL) {
		loop_finish(loop);
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		loop->polls[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	for (uint32_t i = 0; i < places; i++)
		loop->connections[i] = (struct connection){ .fd = -1 };
	loop->polls[POLL_LOG_SINK].events = POLLOUT;
	acceptor_init(&loop->acceptor, listeners, loop->polls + POLL_OTHERS, log);
	loop->place_polls = loop->polls + POLL_OTHERS + acceptor;
	return 0;
}

void loop_finish(struct loop *loop)
{
	for (uint32_t i = 0; loop->connections != NULL && i < loop->top; i++)
		if (loop->connections[i].fd >= 0)
			close(loop->connections[i].fd);
	acceptor_finish(&loop->acceptor);
	free(loop->connections);
	free(loop->polls);
	loop->connections = NULL;
	loop->polls = NULL;
}

void loop_seat(struct loop *loop, uint32_t place, int fd)
{
	loop->connections[place] = (struct connection){ .fd = fd };
	if (place >= loop->top)
		loop->top = place + 1;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When to wake without an event, in usec; TIME_NEVER: never. */
static int64_t deadline(const struct loop *loop)
{
	int64_t next = chat_deadline(loop->chat);

	next = earlier(next, history_deadline(loop->history));
	next = earlier(next, acceptor_deadline(&loop->acceptor, loop->now));
	next = earlier(next, upgrade_deadline(loop->trial));
	next = earlier(next, systemd_deadline(loop->systemd));
	next = earlier(next, loop->look_at);
	if (loop->stopping) {
		next = earlier(next, loop->stop_at);
		next = earlier(next, loop->now.usec + STOP_STEP);
	}
	return next;
}

/* For poll(): -1 for ever; never earlier than the deadline. */
static int timeout(const struct loop *loop)
{
	int64_t next = deadline(loop);
	int64_t wait;

	if (loop->again || next <= loop->now.usec)
		return 0;
	if (next == TIME_NEVER)
		return -1;
	wait = (next - loop->now.usec + 999) / 1000;
	return wait < INT_MAX ? (int)wait : INT_MAX;
}

static size_t poll_all(struct loop *loop, int milliseconds)
{
	size_t count = (size_t)(loop->place_polls - loop->polls) + loop->top;

	return polls_wait(loop->polls, count, milliseconds);
}

/* 1 */
static void wait(struct loop *loop)
{
	acceptor_watch(&loop->acceptor);
	loop->polls[POLL_SIGNALS].fd = signals_fd();
	loop->polls[POLL_LOG_SINK].fd = log_sink_wait_fd(loop->log_sink);
	loop->polls[POLL_TRIAL].fd = upgrade_fd(loop->trial);
	poll_all(loop, timeout(loop));
	loop->now = host_now();
	loop->again = false;
}

/* By an operator, with /shutdown. */
static bool is_told_to_stop(const struct loop *loop)
{
	const char *text;
	size_t len;

	return chat_stopping(loop->chat, &text, &len);
}

static void stop(struct loop *loop)
{
	const char *text = NULL;
	size_t len = 0;

	systemd_stopping(loop->systemd);
	loop->stopping = true;
	loop->stop_at = loop->now.usec + STOP_WAIT;
	acceptor_close(&loop->acceptor);
	chat_stopping(loop->chat, &text, &len);
	chat_shutdown(loop->chat, text, len, loop->now);
}

/* 2. False: end at once. */
static bool obey(struct loop *loop)
{
	unsigned signals = loop->polls[POLL_SIGNALS].revents != 0 ? signals_take() : 0;

	if (loop->stopping)
		return !(signals & SIGNALS_STOP);
	if (signals & SIGNALS_RELOAD)
		loop->reload(loop->owner, loop->now);
	if (signals & SIGNALS_UPGRADE)
		loop->upgrade_asked = true;
	if ((signals & SIGNALS_STOP) || is_told_to_stop(loop))
		stop(loop);
	return true;
}

/* Asks the core what a place wants now, and has poll() wait for just that. Returns it. */
static unsigned watch(struct loop *loop, uint32_t place)
{
	struct connection *c = &loop->connections[place];
	struct pollfd *p = &loop->place_polls[place];
	unsigned wants = chat_wants(loop->chat, place);

	if ((wants & CHAT_SHUT) && !c->shut)
		connection_shut(c);
	p->events = 0;
	if ((wants & (CHAT_READ | CHAT_SHUT)) && !c->ended)
		p->events |= POLLIN;
	if ((wants & CHAT_WRITE) && c->blocked)
		p->events |= POLLOUT;
	p->fd = p->events != 0 && !(wants & CHAT_FREE) ? c->fd : -1;
	return wants;
}

static void end_place(struct loop *loop, uint32_t place, enum chat_end how)
{
	loop->connections[place].ended = true;
	chat_end(loop->chat, place, how, loop->now);
}

static void read_place(struct loop *loop, uint32_t place)
{
	struct connection *c = &loop->connections[place];
	ssize_t n = connection_read(c, loop->input, sizeof(loop->input));

	if (n == CONNECTION_NOTHING)
		return;
	if (n <= 0)
		end_place(loop, place, n == 0 ? CHAT_FIN : CHAT_RESET);
	else if (!c->shut)
		chat_receive(loop->chat, place, loop->input, (size_t)n, loop->now);
}

/* Reads from every place that poll() named, once; returns how many there were. */
static uint32_t read_ready(struct loop *loop)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < loop->top; i++) {
		struct pollfd *p = &loop->place_polls[i];

		if (p->fd < 0 || p->revents == 0)
			continue;
		/* An error is met, and taken, by whichever of the two comes next. */
		if (p->revents & ~POLLIN)
			loop->connections[i].blocked = false;
		if (p->revents & ~POLLOUT && p->events & POLLIN) {
			read_place(loop, i);
			watch(loop, i);
			count++;
		}
		p->revents = 0;
	}
	return count;
}

/* 3 */
static void read_places(struct loop *loop)
{
	const struct feed *feed = chat_feed(loop->chat);
	uint64_t before = feed->next;
	bool more = read_ready(loop) > 0;
	uint32_t extra_polls = 0;

	for (; more && loop->batching.extra_polls && extra_polls < BATCHING_ROUNDS; extra_polls++)
		more = poll_all(loop, 0) > 0 && read_ready(loop) > 0;
	chat_resume_input(loop->chat, loop->now);
	batching_turn(&loop->batching, (uint32_t)(feed->next - before), extra_polls,
		chat_clients(loop->chat));
}

/* 4 */
static void write_history(struct loop *loop)
{
	struct history *h = loop->history;

	switch (history_append(h, chat_feed(loop->chat), loop->now.usec)) {
	case HISTORY_SAME:
		break;
	case HISTORY_FAILED:
		chat_history_failed(loop->chat, strerror(h->error), loop->now);
		break;
	case HISTORY_WORKS:
		chat_history_works(loop->chat, h->lost, loop->now);
		break;
	}
}

/* The last of it. What a disk that is full has kept from being written is tried once more. */
static void end_history(struct loop *loop)
{
	uint64_t left;

	history_hurry(loop->history);
	write_history(loop);
	left = history_left(loop->history, chat_feed(loop->chat));
	if (left > 0)
		log_line(loop->log, LOG_AT_ERROR, "the last %" PRIu64 " lines are not in the history",
			left);
}

static void send_place(struct loop *loop, uint32_t place)
{
	struct iovec iov[CHAT_IOV];
	int count = chat_output(loop->chat, place, iov);
	ssize_t n;

	if (count == 0)
		return;
	if (loop->look_at == TIME_NEVER)
		loop->look_at = loop->now.usec + CONNECTION_LOOK * TIME_SECOND;
	n = connection_send(&loop->connections[place], iov, count);
	if (n >= 0)
		chat_sent(loop->chat, place, (size_t)n, loop->now);
	else
		chat_hangup(loop->chat, place);
}

/* 5 */
static void send_places(struct loop *loop)
{
	for (uint32_t i = 0; i < loop->top; i++) {
		const struct connection *c = &loop->connections[i];

		if (c->fd < 0)
			continue;
		if (!c->blocked)
			send_place(loop, i);
		/* What counts for a slow reader is what it reads, not what kernels buffer. */
		if (chat_is_throttling(loop->chat, i))
			chat_unsent(loop->chat, i, connection_unread(c));
	}
}

/* Once a minute, as long as anything is sent: who has not answered for too long is gone. */
static void look_after(struct loop *loop)
{
	loop->look_at = TIME_NEVER;
	for (uint32_t i = 0; i < loop->top; i++) {
		struct connection *c = &loop->connections[i];

		if (c->fd < 0 || c->ended)
			continue;
		if (connection_is_dead(c))
			end_place(loop, i, CHAT_RESET);
		else if (connection_unsent(c) > 0)
			loop->look_at = loop->now.usec + CONNECTION_LOOK * TIME_SECOND;
	}
}

static void close_place(struct loop *loop, uint32_t place)
{
	close(loop->connections[place].fd);
	loop->connections[place].fd = -1;
	loop->place_polls[place].fd = -1;
	acceptor_relieve(&loop->acceptor);
	chat_release(loop->chat, place);
}

/*
 * One who has said that it leaves. If its system has not taken all yet, to close now would be to
 * reset it should it send more, and to lose that: it goes on in a place of nobody's.
 */
static void part(struct loop *loop, uint32_t place)
{
	struct connection *c = &loop->connections[place];
	int other = connection_unsent(c) > 0 ? chat_detach(loop->chat, place, loop->now) : -1;

	if (other < 0) {
		close_place(loop, place);
		return;
	}
	loop_seat(loop, (uint32_t)other, c->fd);
	loop->connections[other] = *c;
	c->fd = -1;
	loop->place_polls[place].fd = -1;
}

/* 6. Returns how many connections have not yet taken all that they are owed. */
static uint32_t settle(struct loop *loop)
{
	uint32_t owed = 0;
	uint32_t top = 0;

	if (loop->now.usec >= loop->look_at)
		look_after(loop);
	chat_tick(loop->chat, loop->now);
	for (uint32_t i = 0; i < loop->top; i++) {
		const struct connection *c = &loop->connections[i];
		unsigned wants;

		if (c->fd < 0)
			continue;
		wants = watch(loop, i);
		if (wants & CHAT_DONE) {
			part(loop, i);
			continue;
		}
		if (wants & CHAT_FREE) {
			close_place(loop, i);
			continue;
		}
		top = i + 1;
		if ((wants & CHAT_WRITE) && !c->blocked)
			loop->again = true;
		if (loop->stopping && ((wants & CHAT_WRITE) || connection_unsent(c) > 0))
			owed++;
	}
	loop->top = top;
	if (!loop->stopping && is_told_to_stop(loop))
		loop->again = true;
	return owed;
}

/* A newcomer's place, or -1. */
static int seat(struct loop *loop, const struct newcomer *n)
{
	int place = chat_connect(loop->chat, &n->from, n->is_operator, loop->now);

	if (place < 0) {
		close(n->fd);
		return -1;
	}
	loop_seat(loop, (uint32_t)place, n->fd);
	/* What came with the header is kept by the core where it has to wait for the greeting. */
	if (n->len > 0) {
		chat_receive(loop->chat, (uint32_t)place, n->bytes, n->len, loop->now);
		loop->again = true;
	}
	return place;
}

/*
 * 7. Newcomers are greeted at once, since a turn for that would look at everybody again, but only
 * when all are in: one who has seen its greeting may go and come back, and must find the place
 * free. If one has said something already the history has to have it first: the next turn.
 */
static void seat_newcomers(struct loop *loop)
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
	if (count > 0 && count < ACCEPT_MAX)
		acceptor_crowded(&loop->acceptor, chat_clients(loop->chat), loop->now);
	for (int i = 0; i < count; i++) {
		uint32_t place = (uint32_t)places[i];

		if (!loop->again)
			send_place(loop, place);
		if (watch(loop, place) & (CHAT_WRITE | CHAT_FREE))
			loop->again = true;
	}
}

/* Nothing is half done here, and no place about to be freed: all there is can be handed over. */
static void upgrade(struct loop *loop)
{
	bool asked = loop->upgrade_asked;

	loop->upgrade_asked = false;
	if (!loop->stopping && (asked || loop->trial->trial != 0))
		loop->upgrade(loop->owner, asked, loop->now);
}

void loop_run(struct loop *loop)
{
	uint32_t owed;

	write_history(loop);
	do {
		log_sink_write(loop->log_sink, loop->log);
		wait(loop);
		if (!obey(loop))
			break;
		read_places(loop);
		write_history(loop);
		send_places(loop);
		owed = settle(loop);
		upgrade(loop);
		seat_newcomers(loop);
		systemd_tick(loop->systemd, chat_clients(loop->chat), loop->now.usec);
	} while (!loop->stopping || (owed > 0 && loop->now.usec < loop->stop_at));
	end_history(loop);
}
