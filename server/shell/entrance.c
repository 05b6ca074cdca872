/*
 * Where newcomers come in (entrance.h).
 */
#include "server/shell/entrance.h"

#include <errno.h>
#include <string.h>

/* In ticks. */
#define STARVED_WAIT MOMENT_SECOND

enum { PAUSE_CLIENTS = 1000 }; /* for each so many, newcomers may wait a millisecond for others */

size_t entrance_polls(const struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++)
		if (listeners->items[i].proxy)
			return listeners->count + LOBBY_GUESTS;
	return listeners->count;
}

void entrance_init(struct entrance *e, struct listeners *listeners, struct pollfd *polls,
	struct log *log)
{
	*e = (struct entrance){ .listeners = listeners, .polls = polls, .log = log };
	lobby_init(&e->lobby, polls + listeners->count, log);
}

void entrance_finish(struct entrance *e)
{
	lobby_finish(&e->lobby);
}

void entrance_watch(struct entrance *e)
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
static void starve(struct entrance *e, int error, struct moment now)
{
	e->open_at = now.ticks + STARVED_WAIT;
	if (!e->starved)
		log_line(e->log, LOG_AT_ERROR, "accept: %s: newcomers have to wait",
			strerror(error));
	e->starved = true;
}

/* One from this listener's queue; false if there is nobody in it, or nothing left for him. */
static bool accept_from(struct entrance *e, const struct listener *listener,
	struct newcomer *newcomer, struct moment now)
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
	newcomer->operator = listener->operator;
	if (listener->proxy) {
		lobby_enter(&e->lobby, newcomer, now);
		newcomer->fd = -1;
	}
	return true;
}

/* The pause is over: whether anybody has come is seen when they are let in. */
static void reopen(struct entrance *e)
{
	e->open_at = 0;
	for (size_t i = 0; i < e->listeners->count; i++)
		e->polls[i].revents = POLLIN;
}

bool entrance_next(struct entrance *e, struct newcomer *newcomer, struct moment now)
{
	*newcomer = (struct newcomer){ .fd = -1 };
	if (e->open_at != 0 && now.ticks >= e->open_at)
		reopen(e);
	for (size_t i = 0; i < e->listeners->count; i++) {
		if (e->polls[i].revents == 0)
			continue;
		if (accept_from(e, &e->listeners->items[i], newcomer, now))
			return true;
		e->polls[i].revents = 0;
	}
	return lobby_next(&e->lobby, newcomer, now);
}

void entrance_crowded(struct entrance *e, uint32_t clients, struct moment now)
{
	int64_t pause = clients / PAUSE_CLIENTS * MOMENT_MS;

	if (now.ticks - e->came_at < pause)
		e->open_at = now.ticks + pause;
	e->came_at = now.ticks;
}

void entrance_relieve(struct entrance *e)
{
	e->open_at = 0;
}

int64_t entrance_deadline(const struct entrance *e, struct moment now)
{
	int64_t next = lobby_deadline(&e->lobby);

	if (e->open_at > now.ticks && e->open_at < next)
		next = e->open_at;
	return next;
}

void entrance_close(struct entrance *e)
{
	for (size_t i = 0; i < e->listeners->count; i++)
		e->polls[i].fd = -1;
	listeners_close(e->listeners);
	lobby_finish(&e->lobby);
}
