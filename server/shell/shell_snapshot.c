/*
 * What an upgrade hands over (handover.h). Descriptors keep their numbers over an exec, so a number
 * is all there is to say of each. Each part has one function for both ways (codec.h).
 */
#include "server/shell/shell_snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "server/shell/host.h"
#include "server/shell/random.h"

static const char version[] = "chatd upgrade 4";

enum { LISTENERS_MAX = 65536, PATH_BYTES_MAX = 4096 };

static int serialize_fd(int fd, struct codec *p)
{
	fd = (int)codec_number(p, (uint64_t)fd, 4, INT32_MAX);
	return p->reading && p->failed ? -1 : fd;
}

static void serialize_listener(struct listener *l, struct codec *p)
{
	l->fd = serialize_fd(l->fd, p);
	l->proxy = codec_flag(p, l->proxy);
	l->is_operator = codec_flag(p, l->is_operator);
	l->path = codec_text(p, l->path, PATH_BYTES_MAX);
	l->device = (dev_t)codec_number(p, (uint64_t)l->device, 8, UINT64_MAX);
	l->inode = (ino_t)codec_number(p, (uint64_t)l->inode, 8, UINT64_MAX);
}

static void serialize_listeners(struct listeners *all, struct codec *p)
{
	uint64_t count = codec_number(p, all->count, 4, LISTENERS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct listener l = { .fd = -1 };

		if (!p->reading)
			l = all->items[i];
		serialize_listener(&l, p);
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

static void serialize_history(struct server *s, struct codec *p)
{
	struct history *h = &s->history;
	char *path = codec_text(p, (char *)h->path, PATH_BYTES_MAX);

	if (p->reading) {
		keep_path(&s->options, path, &s->log);
		history_init(h);
		h->path = path;
		h->sync = s->options.sync;
	}
	if (path == NULL)
		return;
	h->fd = serialize_fd(h->fd, p);
	h->next = codec_number(p, h->next, 8, UINT64_MAX);
	h->lost = codec_number(p, h->lost, 8, UINT64_MAX);
	h->torn = codec_number(p, h->torn, 8, UINT64_MAX);
	h->header = codec_flag(p, h->header);
	h->dirty = codec_flag(p, h->dirty);
	h->failing = codec_flag(p, h->failing);
	h->sync_at = codec_time(p, h->sync_at);
	h->retry_at = codec_time(p, h->retry_at);
}

/* The next place with a connection, from here on; the number of places when there is none. */
static uint32_t serialize_place(const struct loop *loop, uint32_t place, struct codec *p)
{
	uint32_t end = chat_places(loop->chat);

	while (!p->reading && place < end && (place >= loop->top || loop->connections[place].fd < 0))
		place++;
	place = (uint32_t)codec_number(p, place, 4, end);
	return p->failed ? end : place;
}

/* All but blocked: each is offered what it is owed, and so the core learns who takes it slowly. */
static void serialize_seats(struct loop *loop, struct codec *p)
{
	uint32_t place = 0;

	while ((place = serialize_place(loop, place, p)) < chat_places(loop->chat)) {
		struct connection *c = &loop->connections[place];
		int fd = serialize_fd(c->fd, p);

		if (p->reading)
			loop_seat(loop, place, fd);
		c->shut = codec_flag(p, c->shut);
		c->ended = codec_flag(p, c->ended);
		c->reset = codec_flag(p, c->reset);
		c->spared = codec_flag(p, c->spared);
		place++;
	}
}

/* handshake: NULL when reading. Whoever waits is given the whole time again. */
static void serialize_guest(struct handshakes *handshakes, struct handshake *handshake, struct time now,
	struct codec *p)
{
	struct newcomer n = { .fd = -1 };
	const void *bytes = NULL;
	size_t len = 0;

	if (handshake != NULL) {
		n = (struct newcomer){ .fd = handshake->fd, .is_operator = handshake->is_operator,
			.from = handshake->from };
		bytes = handshake->bytes;
		len = handshake->len;
	}
	n.fd = serialize_fd(n.fd, p);
	n.is_operator = codec_flag(p, n.is_operator);
	n.from.family = (uint8_t)codec_number(p, n.from.family, 1, ADDRESS_UNIX);
	codec_array(p, n.from.bytes, sizeof(n.from.bytes));
	n.from.port = (uint16_t)codec_number(p, n.from.port, 2, UINT16_MAX);
	bytes = codec_bytes(p, bytes, &len, PROXY_HEADER_MAX - 1);
	if (!p->reading || p->failed)
		return;
	handshake = handshakes_enter(handshakes, &n, now);
	if (handshake == NULL)
		return;
	if (len > 0)
		memcpy(handshake->bytes, bytes, len);
	handshake->len = len;
}

static void serialize_guests(struct handshakes *handshakes, struct time now, struct codec *p)
{
	for (int i = 0; i < HANDSHAKES_MAX; i++) {
		struct handshake *handshake = p->reading || handshakes->list == NULL ? NULL : &handshakes->list[i];

		if (codec_flag(p, handshake != NULL && handshake->fd >= 0))
			serialize_guest(handshakes, handshake, now, p);
	}
}

void shell_snapshot_save(struct server *s, struct codec *p)
{
	codec_version(p, version);
	codec_time(p, host_now().usec);
	serialize_listeners(&s->listeners, p);
	serialize_history(s, p);
	chat_save(s->chat, p);
	serialize_seats(&s->loop, p);
	serialize_guests(&s->loop.acceptor.handshakes, s->loop.now, p);
	codec_add_checksum(p);
}

int shell_snapshot_load(struct server *s, struct codec *p, int64_t *begin, struct error *error)
{
	const char *why = "it is damaged, or memory is out";
	struct settings *settings = &s->options.settings;

	if (codec_check(p))
		codec_version(p, version);
	else
		p->failed = true;
	if (p->failed)
		return error_set(error, ERROR_START, "the state is none that this chatd can read");
	*begin = codec_time(p, 0);
	serialize_listeners(&s->listeners, p);
	serialize_history(s, p);
	if (!p->failed)
		s->chat = chat_load(p, settings, &s->log, random_fill, host_now(), &why);
	if (s->chat == NULL || loop_init(&s->loop, s->chat, &s->log, &s->log_sink, &s->listeners,
				       &s->history) < 0)
		return error_set(error, ERROR_START, "the state cannot be taken over: %s", why);
	serialize_seats(&s->loop, p);
	serialize_guests(&s->loop.acceptor.handshakes, s->loop.now, p);
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

void shell_snapshot_keep(const struct server *s, bool on)
{
	const struct handshake *list = s->loop.acceptor.handshakes.list;

	for (size_t i = 0; i < s->listeners.count; i++)
		keep(s->listeners.items[i].fd, on);
	for (uint32_t i = 0; i < s->loop.top; i++)
		keep(s->loop.connections[i].fd, on);
	for (int i = 0; list != NULL && i < HANDSHAKES_MAX; i++)
		keep(list[i].fd, on);
	keep(s->history.fd, on);
}
