/*
 * What an upgrade hands over (handover.h). Descriptors keep their numbers over an exec, so a number
 * is all there is to say of each. Each part has one function for both ways (pack.h).
 */
#include "server/shell/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "server/shell/host.h"

static const char version[] = "chatd upgrade 4";

enum { LISTENERS_MAX = 65536, PATH_BYTES_MAX = 4096 };

static int carry_fd(int fd, struct pack *p)
{
	fd = (int)pack_number(p, (uint64_t)fd, 4, INT32_MAX);
	return p->reading && p->failed ? -1 : fd;
}

static void carry_listener(struct listener *l, struct pack *p)
{
	l->fd = carry_fd(l->fd, p);
	l->proxy = pack_flag(p, l->proxy);
	l->operator = pack_flag(p, l->operator);
	l->path = pack_text(p, l->path, PATH_BYTES_MAX);
	l->device = (dev_t)pack_number(p, (uint64_t)l->device, 8, UINT64_MAX);
	l->inode = (ino_t)pack_number(p, (uint64_t)l->inode, 8, UINT64_MAX);
}

static void carry_listeners(struct listeners *all, struct pack *p)
{
	uint64_t count = pack_number(p, all->count, 4, LISTENERS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct listener l = { .fd = -1 };

		if (!p->reading)
			l = all->items[i];
		carry_listener(&l, p);
		if (p->reading && (p->failed || listeners_adopt(all, &l) < 0)) {
			free(l.path);
			p->failed = true;
		}
	}
}

/* The path that goes on to count, whatever the options say now, is kept among them. */
static void keep_path(struct options *o, char *path, struct log *log)
{
	if ((path == NULL) != (o->history == NULL) ||
		(path != NULL && strcmp(path, o->history) != 0))
		log_line(log, LOG_AT_WARNING, "history has changed: that needs a restart");
	free(o->history);
	o->history = path;
}

static void carry_history(struct server *s, struct pack *p)
{
	struct history *h = &s->history;
	char *path = pack_text(p, (char *)h->path, PATH_BYTES_MAX);

	if (p->reading) {
		keep_path(&s->options, path, &s->log);
		history_init(h);
		h->path = path;
		h->sync = s->options.sync;
	}
	if (path == NULL)
		return;
	h->fd = carry_fd(h->fd, p);
	h->next = pack_number(p, h->next, 8, UINT64_MAX);
	h->lost = pack_number(p, h->lost, 8, UINT64_MAX);
	h->torn = pack_number(p, h->torn, 8, UINT64_MAX);
	h->header = pack_flag(p, h->header);
	h->dirty = pack_flag(p, h->dirty);
	h->failing = pack_flag(p, h->failing);
	h->sync_at = pack_time(p, h->sync_at);
	h->retry_at = pack_time(p, h->retry_at);
}

/* The next place with a connection, from here on; the number of places when there is none. */
static uint32_t carry_place(const struct loop *loop, uint32_t place, struct pack *p)
{
	uint32_t end = chat_places(loop->chat);

	while (!p->reading && place < end && (place >= loop->top || loop->connections[place].fd < 0))
		place++;
	place = (uint32_t)pack_number(p, place, 4, end);
	return p->failed ? end : place;
}

/* All but blocked: each is offered what it is owed, and so the core learns who takes it slowly. */
static void carry_seats(struct loop *loop, struct pack *p)
{
	uint32_t place = 0;

	while ((place = carry_place(loop, place, p)) < chat_places(loop->chat)) {
		struct connection *c = &loop->connections[place];
		int fd = carry_fd(c->fd, p);

		if (p->reading)
			loop_seat(loop, place, fd);
		c->shut = pack_flag(p, c->shut);
		c->ended = pack_flag(p, c->ended);
		c->reset = pack_flag(p, c->reset);
		c->spared = pack_flag(p, c->spared);
		place++;
	}
}

/* guest: NULL when reading. Whoever waits is given the whole time again. */
static void carry_guest(struct lobby *lobby, struct guest *guest, struct moment now,
	struct pack *p)
{
	struct newcomer n = { .fd = -1 };
	const void *bytes = NULL;
	size_t len = 0;

	if (guest != NULL) {
		n = (struct newcomer){ .fd = guest->fd, .operator = guest->operator,
			.from = guest->from };
		bytes = guest->bytes;
		len = guest->len;
	}
	n.fd = carry_fd(n.fd, p);
	n.operator = pack_flag(p, n.operator);
	n.from.family = (uint8_t)pack_number(p, n.from.family, 1, ADDRESS_UNIX);
	pack_array(p, n.from.bytes, sizeof(n.from.bytes));
	n.from.port = (uint16_t)pack_number(p, n.from.port, 2, UINT16_MAX);
	bytes = pack_bytes(p, bytes, &len, PROXY_HEADER_MAX - 1);
	if (!p->reading || p->failed)
		return;
	guest = lobby_enter(lobby, &n, now);
	if (guest == NULL)
		return;
	if (len > 0)
		memcpy(guest->bytes, bytes, len);
	guest->len = len;
}

static void carry_guests(struct lobby *lobby, struct moment now, struct pack *p)
{
	for (int i = 0; i < LOBBY_GUESTS; i++) {
		struct guest *guest = p->reading || lobby->guests == NULL ? NULL : &lobby->guests[i];

		if (pack_flag(p, guest != NULL && guest->fd >= 0))
			carry_guest(lobby, guest, now, p);
	}
}

void handover_save(struct server *s, struct pack *p)
{
	pack_version(p, version);
	pack_time(p, host_now().ticks);
	carry_listeners(&s->listeners, p);
	carry_history(s, p);
	chat_save(s->chat, p);
	carry_seats(&s->loop, p);
	carry_guests(&s->loop.entrance.lobby, s->loop.now, p);
	pack_seal(p);
}

int handover_load(struct server *s, struct pack *p, int64_t *begin, struct error *error)
{
	const char *why = "it is damaged, or memory is out";
	struct settings *settings = &s->options.settings;

	if (pack_unseal(p))
		pack_version(p, version);
	else
		p->failed = true;
	if (p->failed)
		return error_set(error, ERROR_START, "the state is none that this chatd can read");
	*begin = pack_time(p, 0);
	carry_listeners(&s->listeners, p);
	carry_history(s, p);
	if (!p->failed)
		s->chat = chat_load(p, settings, &s->log, host_random, host_now(), &why);
	if (s->chat == NULL || loop_init(&s->loop, s->chat, &s->log, &s->log_sink, &s->listeners,
				       &s->history) < 0)
		return error_set(error, ERROR_START, "the state cannot be taken over: %s", why);
	carry_seats(&s->loop, p);
	carry_guests(&s->loop.entrance.lobby, s->loop.now, p);
	if (p->failed)
		return error_set(error, ERROR_START, "the state cannot be taken over: %s", why);
	/* What cannot change while it runs is as it was, whatever the options say now. */
	settings->max_clients = chat_places(s->chat) - CHAT_REFUSALS;
	settings->feed_bytes = chat_feed(s->chat)->size;
	s->loop.again = true;
	return 0;
}

static void keep(int fd, bool keep)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

void handover_keep(const struct server *s, bool on)
{
	const struct guest *guests = s->loop.entrance.lobby.guests;

	for (size_t i = 0; i < s->listeners.count; i++)
		keep(s->listeners.items[i].fd, on);
	for (uint32_t i = 0; i < s->loop.top; i++)
		keep(s->loop.connections[i].fd, on);
	for (int i = 0; guests != NULL && i < LOBBY_GUESTS; i++)
		keep(guests[i].fd, on);
	keep(s->history.fd, on);
}
