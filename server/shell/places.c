/*
 * The descriptors at the core's places (places.h). Only places_settle() closes one, so within a
 * turn no descriptor is given to somebody else. POLLOUT is asked for only after a send fell short,
 * POLLIN only while the core wants to read; a place that waits for neither is not waited for at
 * all, so that an error on it cannot wake us again and again. Each walk goes to those places alone
 * that have had an event, or that the core names.
 */
#include "server/shell/places.h"

#include <stdlib.h>
#include <unistd.h>

int places_init(struct places *p, struct chat *chat, struct polls *polls)
{
	uint32_t count = chat_places(chat);

	p->chat = chat;
	p->polls = polls;
	p->top = 0;
	p->check_at = TIME_NEVER;
	p->connections = malloc(count * sizeof(*p->connections));
	if (p->connections == NULL || place_set_init(&p->sent, count) < 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		p->connections[i] = (struct connection){ .fd = -1 };
	return 0;
}

void places_finish(struct places *p)
{
	for (uint32_t i = 0; p->connections != NULL && i < p->top; i++)
		if (p->connections[i].fd >= 0)
			close(p->connections[i].fd);
	free(p->connections);
	place_set_finish(&p->sent);
	p->connections = NULL;
}

void places_seat(struct places *p, uint32_t place, int fd)
{
	p->connections[place] = (struct connection){ .fd = fd };
	if (place >= p->top)
		p->top = place + 1;
}

/* Moves a connection to a place that the core has given it. */
static void move(struct places *p, uint32_t from, uint32_t to)
{
	struct connection *c = &p->connections[from];

	polls_drop(p->polls, from, c->fd);
	places_seat(p, to, c->fd);
	p->connections[to] = *c;
	place_set_add(&p->sent, to);
	c->fd = -1;
}

uint32_t places_follow(struct places *p, uint32_t place)
{
	uint32_t from, to, now = place;

	while (chat_moved(p->chat, &from, &to)) {
		move(p, from, to);
		places_watch(p, to);
		now = from == place ? to : now;
	}
	return now;
}

unsigned places_watch(struct places *p, uint32_t place)
{
	struct connection *c = &p->connections[place];
	unsigned wants = chat_wants(p->chat, place);
	short events = 0;

	if ((wants & CHAT_SHUT) && !c->shut)
		connection_shut(c);
	if ((wants & (CHAT_READ | CHAT_SHUT)) && !c->ended)
		events |= POLLIN;
	if ((wants & CHAT_WRITE) && c->blocked)
		events |= POLLOUT;
	polls_set(p->polls, place, c->fd, wants & CHAT_FREE ? 0 : events);
	return wants;
}

static void end_place(struct places *p, uint32_t place, enum chat_end how)
{
	p->connections[place].ended = true;
	chat_end(p->chat, place, how);
}

static void read_place(struct places *p, uint32_t place)
{
	struct connection *c = &p->connections[place];
	ssize_t n = connection_read(c, p->input, sizeof(p->input));

	if (n == CONNECTION_NOTHING)
		return;
	if (n <= 0)
		end_place(p, place, n == 0 ? CHAT_FIN : CHAT_RESET);
	else if (!c->shut)
		chat_receive(p->chat, place, p->input, (size_t)n);
	places_follow(p, place);
}

uint32_t places_read(struct places *p)
{
	uint32_t count = 0, i;
	size_t at = 0;
	short events;

	while (polls_next(p->polls, &at, &i, &events)) {
		struct connection *c = &p->connections[i];

		/* The next read or send meets the error and handles it. */
		if ((events & ~POLLIN) && c->blocked) {
			c->blocked = false;
			chat_retry(p->chat, i);
		}
		if ((events & ~POLLOUT) && !c->ended &&
			(places_watch(p, i) & (CHAT_READ | CHAT_SHUT))) {
			read_place(p, i);
			count++;
		}
	}
	return count;
}

uint32_t places_send_one(struct places *p, uint32_t place, struct time now)
{
	struct iovec iov[CHAT_IOV];
	int count = chat_output(p->chat, place, iov);
	ssize_t n;

	if (count == 0)
		return 0;
	if (p->check_at == TIME_NEVER)
		p->check_at = now.usec + CONNECTION_CHECK;
	place_set_add(&p->sent, place);
	n = connection_send(&p->connections[place], iov, count);
	if (n >= 0)
		chat_sent(p->chat, place, (size_t)n);
	else
		chat_hangup(p->chat, place);
	places_follow(p, place);
	return 1;
}

uint32_t places_send(struct places *p, struct time now)
{
	uint32_t sends = 0;

	for (uint32_t i = 0; chat_next_owed(p->chat, &i); i++) {
		struct connection *c = &p->connections[i];

		if (c->fd < 0 || c->blocked)
			continue;
		sends += places_send_one(p, i, now);
		if (c->blocked)
			places_watch(p, i);
	}
	/* A slow reader is judged by what it reads, not by what kernels buffer. */
	for (uint32_t i = 0; chat_next_throttling(p->chat, &i); i++)
		chat_unsent(p->chat, i, connection_unread(&p->connections[i]));
	return sends;
}

void places_check(struct places *p, struct time now)
{
	if (now.usec < p->check_at)
		return;
	p->check_at = TIME_NEVER;
	for (uint32_t i = 0; (i = place_set_next(&p->sent, i)) < p->sent.size; i++) {
		struct connection *c = &p->connections[i];

		if (c->fd >= 0 && !c->ended && connection_is_dead(c))
			end_place(p, i, CHAT_RESET);
		else if (c->fd >= 0 && !c->ended && connection_unsent(c) > 0)
			p->check_at = now.usec + CONNECTION_CHECK;
		else
			place_set_remove(&p->sent, i);
	}
}

static void close_place(struct places *p, uint32_t place)
{
	struct connection *c = &p->connections[place];

	polls_drop(p->polls, place, c->fd);
	close(c->fd);
	c->fd = -1;
	chat_release(p->chat, place);
}

/*
 * A client that has said that it leaves. If its system has not taken everything yet, to close now
 * would reset the connection as soon as the peer sends more, and lose the rest: the connection
 * goes on at an anonymous place. True if it was closed.
 */
static bool detach(struct places *p, uint32_t place)
{
	struct connection *c = &p->connections[place];
	int other = connection_unsent(c) > 0 ? chat_detach(p->chat, place) : -1;

	if (other < 0) {
		close_place(p, place);
		return true;
	}
	move(p, place, (uint32_t)other);
	return false;
}

unsigned places_settle(struct places *p)
{
	unsigned result = 0;

	for (uint32_t i = 0; chat_next_changed(p->chat, &i); i++) {
		unsigned wants;

		if (p->connections[i].fd < 0)
			continue;
		wants = places_watch(p, i);
		if (wants & CHAT_DONE) {
			if (detach(p, i))
				result |= PLACES_CLOSED;
		} else if (wants & CHAT_FREE) {
			close_place(p, i);
			result |= PLACES_CLOSED;
		}
	}
	while (p->top > 0 && p->connections[p->top - 1].fd < 0)
		p->top--;
	if (chat_has_owed(p->chat))
		result |= PLACES_AGAIN;
	return result;
}

bool places_are_owed(struct places *p)
{
	for (uint32_t i = 0; i < p->top; i++) {
		const struct connection *c = &p->connections[i];
		unsigned wants = c->fd >= 0 ? chat_wants(p->chat, i) : 0;

		/* One that is only read from is a WebSocket that its peer is still to close. */
		if ((wants & CHAT_WRITE) || wants == CHAT_READ ||
			(c->fd >= 0 && connection_unsent(c) > 0))
			return true;
	}
	return false;
}
