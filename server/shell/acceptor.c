/*
 * New connections (acceptor.h). An error of one connection never keeps the next from being
 * accepted; a lack of descriptors or memory leaves them in the kernel's queue.
 */
#include "server/shell/acceptor.h"

#include <errno.h>
#include <string.h>

/* In usec. */
#define STARVED_WAIT TIME_SECOND

size_t acceptor_polls(const struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++)
		if (listeners->items[i].proxy)
			return listeners->count + HANDSHAKES_MAX;
	return listeners->count;
}

void acceptor_init(struct acceptor *a, struct listeners *listeners, struct pollfd *polls,
	struct log *log)
{
	*a = (struct acceptor){ .listeners = listeners, .polls = polls, .log = log };
	handshakes_init(&a->handshakes, polls + listeners->count, log);
}

void acceptor_finish(struct acceptor *a)
{
	handshakes_finish(&a->handshakes);
}

void acceptor_watch(struct acceptor *a, bool may_accept)
{
	for (size_t i = 0; i < a->listeners->count; i++)
		a->polls[i].fd = may_accept && a->open_at == 0 ? a->listeners->items[i].fd : -1;
}

/* Whether accept() failed because of this connection alone, and the next may succeed. */
static bool is_of_connection(int error)
{
	static const int errors[] = { ECONNABORTED, EINTR, EPROTO, EPERM, ENETDOWN, EHOSTUNREACH,
		ENETUNREACH, ENOPROTOOPT, EOPNOTSUPP, ETIMEDOUT };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (error == errors[i])
			return true;
	return false;
}

/* No descriptor or no memory: connections stay in the kernel's queue until another has closed. */
static void starve(struct acceptor *a, int error, struct time now)
{
	a->open_at = now.usec + STARVED_WAIT;
	if (!a->starved)
		log_line(a->log, LOG_AT_ERROR, "accept: %s: newcomers have to wait",
			strerror(error));
	a->starved = true;
}

/* One from this listener's queue; false if it is empty, or no descriptor is left. */
static bool accept_from(struct acceptor *a, const struct listener *listener,
	struct newcomer *newcomer, struct time now)
{
	int fd = listener_accept(listener, &newcomer->from);

	if (fd < 0 && is_of_connection(errno))
		return true;
	if (fd < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			a->starved = false;
		else
			starve(a, errno, now);
		return false;
	}
	newcomer->fd = fd;
	newcomer->is_operator = listener->is_operator;
	newcomer->telnet = listener->telnet;
	newcomer->is_web = listener->is_web;
	newcomer->web = listener->web;
	if (listener->proxy) {
		handshakes_enter(&a->handshakes, newcomer, now);
		newcomer->fd = -1;
	}
	return true;
}

/* The pause is over: accept() tells whether anything is in the queues. */
static void reopen(struct acceptor *a)
{
	a->open_at = 0;
	for (size_t i = 0; i < a->listeners->count; i++)
		a->polls[i].revents = POLLIN;
}

bool acceptor_next(struct acceptor *a, struct newcomer *newcomer, struct time now)
{
	*newcomer = (struct newcomer){ .fd = -1 };
	if (a->open_at != 0 && now.usec >= a->open_at)
		reopen(a);
	for (size_t i = 0; i < a->listeners->count; i++) {
		if (a->polls[i].revents == 0)
			continue;
		if (accept_from(a, &a->listeners->items[i], newcomer, now))
			return true;
		a->polls[i].revents = 0;
	}
	return handshakes_next(&a->handshakes, newcomer, now);
}

void acceptor_relieve(struct acceptor *a)
{
	a->open_at = 0;
}

int64_t acceptor_deadline(const struct acceptor *a, struct time now)
{
	int64_t next = handshakes_deadline(&a->handshakes);

	if (a->open_at > now.usec && a->open_at < next)
		next = a->open_at;
	return next;
}

void acceptor_close(struct acceptor *a)
{
	for (size_t i = 0; i < a->listeners->count; i++)
		a->polls[i].fd = -1;
	listeners_close(a->listeners);
	handshakes_finish(&a->handshakes);
}
