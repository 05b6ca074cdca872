/*
 * Where newcomers come in (acceptor.h).
 */
#include "server/shell/acceptor.h"

#include <errno.h>
#include <string.h>

/* In usec. */
#define STARVED_WAIT TIME_SECOND

enum { PAUSE_CLIENTS = 1000 }; /* for each so many, newcomers may wait a millisecond for others */

size_t acceptor_polls(const struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++)
		if (listeners->items[i].proxy)
			return listeners->count + HANDSHAKES_MAX;
	return listeners->count;
}

void acceptor_init(struct acceptor *e, struct listeners *listeners, struct pollfd *polls,
	struct log *log)
{
	*e = (struct acceptor){ .listeners = listeners, .polls = polls, .log = log };
	handshakes_init(&e->handshakes, polls + listeners->count, log);
}

void acceptor_finish(struct acceptor *e)
{
	handshakes_finish(&e->handshakes);
}

void acceptor_watch(struct acceptor *e)
{
	for (size_t i = 0; i < e->listeners->count; i++)
		e->polls[i].fd = e->open_at == 0 ? e->listeners->items[i].fd : -1;
}

/* Whether accept() failed because of one newcomer, who is gone, and the next may be fine. */
static bool is_of_newcomer(int error)
{
	static const int errors[] = { ECONNABORTED, EINTR, EPROTO, EPERM, ENETDOWN, EHOSTUNREACH,
		ENETUNREACH, ENOPROTOOPT, EOPNOTSUPP, ETIMEDOUT };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (error == errors[i])
			return true;
	return false;
}

/* No descriptor or no memory: newcomers stay in the kernel's queue until somebody has left. */
static void starve(struct acceptor *e, int error, struct time now)
{
	e->open_at = now.usec + STARVED_WAIT;
	if (!e->starved)
		log_line(e->log, LOG_AT_ERROR, "accept: %s: newcomers have to wait",
			strerror(error));
	e->starved = true;
}

/* One from this listener's queue; false if there is nobody in it, or nothing left for him. */
static bool accept_from(struct acceptor *e, const struct listener *listener,
	struct newcomer *newcomer, struct time now)
{
	int fd = listener_accept(listener, &newcomer->from);

	if (fd < 0 && is_of_newcomer(errno))
		return true;
	if (fd < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			e->starved = false;
		else
			starve(e, errno, now);
		return false;
	}
	newcomer->fd = fd;
	newcomer->is_operator = listener->is_operator;
	newcomer->telnet = listener->telnet;
	newcomer->is_web = listener->is_web;
	newcomer->web = listener->web;
	if (listener->proxy) {
		handshakes_enter(&e->handshakes, newcomer, now);
		newcomer->fd = -1;
	}
	return true;
}

/* The pause is over: whether anybody has come is seen when they are let in. */
static void reopen(struct acceptor *e)
{
	e->open_at = 0;
	for (size_t i = 0; i < e->listeners->count; i++)
		e->polls[i].revents = POLLIN;
}

bool acceptor_next(struct acceptor *e, struct newcomer *newcomer, struct time now)
{
	*newcomer = (struct newcomer){ .fd = -1 };
	if (e->open_at != 0 && now.usec >= e->open_at)
		reopen(e);
	for (size_t i = 0; i < e->listeners->count; i++) {
		if (e->polls[i].revents == 0)
			continue;
		if (accept_from(e, &e->listeners->items[i], newcomer, now))
			return true;
		e->polls[i].revents = 0;
	}
	return handshakes_next(&e->handshakes, newcomer, now);
}

void acceptor_crowded(struct acceptor *e, uint32_t clients, struct time now)
{
	int64_t pause = clients / PAUSE_CLIENTS * TIME_MS;

	if (now.usec - e->came_at < pause)
		e->open_at = now.usec + pause;
	e->came_at = now.usec;
}

void acceptor_relieve(struct acceptor *e)
{
	e->open_at = 0;
}

int64_t acceptor_deadline(const struct acceptor *e, struct time now)
{
	int64_t next = handshakes_deadline(&e->handshakes);

	if (e->open_at > now.usec && e->open_at < next)
		next = e->open_at;
	return next;
}

void acceptor_close(struct acceptor *e)
{
	for (size_t i = 0; i < e->listeners->count; i++)
		e->polls[i].fd = -1;
	listeners_close(e->listeners);
	handshakes_finish(&e->handshakes);
}
