/*
 * What an upgrade hands over (handover.h). Descriptors keep their numbers over an exec, so a number
 * is all there is to say of each.
 */
#include "server/shell/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "server/shell/host.h"

static const char magic[16] = "chatd upgrade 1";

enum { LISTENERS_MAX = 65536, PATH_BYTES_MAX = 4096 };

static void save_bool(struct pack *p, bool value)
{
	pack_number(p, value, 1);
}

static bool load_bool(struct unpack *u)
{
	return unpack_limited(u, 1, 1) == 1;
}

static void save_text(struct pack *p, const char *text)
{
	pack_bytes(p, text, text != NULL ? strlen(text) : 0);
}

/* On the heap; NULL for an empty text. */
static char *load_text(struct unpack *u)
{
	size_t len;
	const uint8_t *bytes = unpack_bytes(u, PATH_BYTES_MAX, &len);
	char *text = len > 0 ? strndup((const char *)bytes, len) : NULL;

	if (len > 0 && text == NULL)
		u->failed = true;
	return text;
}

static void save_fd(struct pack *p, int fd)
{
	pack_number(p, (uint64_t)fd, 4);
}

static int load_fd(struct unpack *u)
{
	return (int)unpack_limited(u, 4, INT32_MAX);
}

static void save_listeners(const struct listeners *all, struct pack *p)
{
	pack_number(p, all->count, 4);
	for (size_t i = 0; i < all->count; i++) {
		const struct listener *l = &all->items[i];

		save_fd(p, l->fd);
		save_bool(p, l->proxy);
		save_bool(p, l->operator);
		save_text(p, l->path);
		pack_number(p, (uint64_t)l->device, 8);
		pack_number(p, (uint64_t)l->inode, 8);
	}
}

static void load_listeners(struct listeners *all, struct unpack *u)
{
	uint64_t count = unpack_limited(u, 4, LISTENERS_MAX);

	for (; count > 0 && !u->failed; count--) {
		struct listener l = { .fd = load_fd(u) };

		l.proxy = load_bool(u);
		l.operator = load_bool(u);
		l.path = load_text(u);
		l.device = (dev_t)unpack_number(u, 8);
		l.inode = (ino_t)unpack_number(u, 8);
		if (listeners_adopt(all, &l) < 0) {
			free(l.path);
			u->failed = true;
		}
	}
}

static void save_history(const struct history *h, struct pack *p)
{
	save_bool(p, h->fd >= 0);
	if (h->fd < 0)
		return;
	save_fd(p, h->fd);
	save_text(p, h->path);
	pack_number(p, h->next, 8);
	pack_number(p, h->lost, 8);
	pack_number(p, h->torn, 8);
	save_bool(p, h->header);
	save_bool(p, h->dirty);
	save_bool(p, h->failing);
	pack_number(p, (uint64_t)h->sync_at, 8);
	pack_number(p, (uint64_t)h->retry_at, 8);
}

/* The path that goes on to count, whatever the options say now, is kept among them. */
static void load_history(struct history *h, struct options *o, struct log *log, struct unpack *u)
{
	bool any = load_bool(u);
	int fd = any ? load_fd(u) : -1;
	char *path = any ? load_text(u) : NULL;

	if ((path == NULL) != (o->history == NULL) ||
		(path != NULL && strcmp(path, o->history) != 0))
		log_line(log, LOG_AT_WARNING, "history has changed: that needs a restart");
	free(o->history);
	o->history = path;
	if (!any)
		return;
	*h = (struct history){ .fd = fd, .path = path, .sync = o->sync };
	h->next = unpack_number(u, 8);
	h->lost = unpack_number(u, 8);
	h->torn = unpack_number(u, 8);
	h->header = load_bool(u);
	h->dirty = load_bool(u);
	h->failing = load_bool(u);
	h->sync_at = (int64_t)unpack_number(u, 8);
	h->retry_at = (int64_t)unpack_number(u, 8);
}

static void save_seats(const struct loop *loop, struct pack *p)
{
	for (uint32_t i = 0; i < loop->top; i++) {
		const struct connection *c = &loop->connections[i];

		if (c->fd < 0)
			continue;
		pack_number(p, i, 4);
		save_fd(p, c->fd);
		save_bool(p, c->blocked);
		save_bool(p, c->shut);
		save_bool(p, c->ended);
		save_bool(p, c->reset);
	}
	pack_number(p, chat_places(loop->chat), 4);
}

static void load_seats(struct loop *loop, struct unpack *u)
{
	uint32_t end = chat_places(loop->chat);
	uint32_t place;

	while ((place = (uint32_t)unpack_limited(u, 4, end)) < end && !u->failed) {
		struct connection *c = &loop->connections[place];

		loop_seat(loop, place, load_fd(u));
		c->blocked = load_bool(u);
		c->shut = load_bool(u);
		c->ended = load_bool(u);
		c->reset = load_bool(u);
	}
}

static void save_guests(const struct lobby *lobby, struct pack *p)
{
	for (int i = 0; lobby->guests != NULL && i < LOBBY_GUESTS; i++) {
		const struct guest *guest = &lobby->guests[i];

		if (guest->fd < 0)
			continue;
		save_bool(p, true);
		save_fd(p, guest->fd);
		save_bool(p, guest->operator);
		pack_number(p, guest->from.family, 1);
		pack_bytes(p, guest->from.bytes, sizeof(guest->from.bytes));
		pack_number(p, guest->from.port, 2);
		pack_bytes(p, guest->bytes, guest->len);
	}
	save_bool(p, false);
}

/* They are given the whole time again. */
static void load_guests(struct lobby *lobby, struct moment now, struct unpack *u)
{
	for (int i = 0; load_bool(u) && i < LOBBY_GUESTS; i++) {
		struct newcomer n = { .fd = load_fd(u) };
		const uint8_t *bytes;
		size_t len;

		n.operator = load_bool(u);
		n.from.family = (uint8_t)unpack_limited(u, 1, ADDRESS_UNIX);
		unpack_exactly(u, n.from.bytes, sizeof(n.from.bytes));
		n.from.port = (uint16_t)unpack_number(u, 2);
		bytes = unpack_bytes(u, PROXY_HEADER_MAX - 1, &len);
		lobby_enter(lobby, &n, now);
		if (u->failed || lobby->guests == NULL)
			return;
		if (len > 0)
			memcpy(lobby->guests[i].bytes, bytes, len);
		lobby->guests[i].len = len;
	}
}

void handover_save(const struct server *s, struct pack *p)
{
	size_t start = p->len;

	pack_bytes(p, magic, sizeof(magic));
	pack_number(p, (uint64_t)host_now().ticks, 8);
	save_listeners(&s->listeners, p);
	save_history(&s->history, p);
	chat_save(s->chat, p);
	save_seats(&s->loop, p);
	save_guests(&s->loop.entrance.lobby, p);
	if (!p->failed)
		pack_number(p, pack_hash(p->bytes + start, p->len - start), 8);
}

/* Whether these are the bytes that another chatd has saved; leaves the hash out of them. */
static bool is_whole(const struct pack *state, struct unpack *u)
{
	struct unpack hash = { .bytes = state->bytes, .len = state->len };
	size_t len;
	const uint8_t *bytes;

	if (state->len < 8)
		return false;
	hash.at = state->len - 8;
	*u = (struct unpack){ .bytes = state->bytes, .len = hash.at };
	bytes = unpack_bytes(u, sizeof(magic), &len);
	return len == sizeof(magic) && memcmp(bytes, magic, len) == 0 &&
		unpack_number(&hash, 8) == pack_hash(state->bytes, u->len);
}

int handover_load(struct server *s, const struct pack *state, int64_t *begin,
	struct fault *fault)
{
	const char *why = "it is damaged, or memory is out";
	struct settings *settings = &s->options.settings;
	struct unpack u;

	if (!is_whole(state, &u))
		return fault_set(fault, FAULT_START, "the state is none that this chatd can read");
	*begin = (int64_t)unpack_number(&u, 8);
	load_listeners(&s->listeners, &u);
	load_history(&s->history, &s->options, &s->log, &u);
	if (!u.failed)
		s->chat = chat_load(&u, settings, &s->log, host_random, host_now(), &why);
	if (s->chat == NULL || loop_init(&s->loop, s->chat, &s->log, &s->journal, &s->listeners,
				       &s->history) < 0)
		return fault_set(fault, FAULT_START, "the state cannot be taken over: %s", why);
	load_seats(&s->loop, &u);
	load_guests(&s->loop.entrance.lobby, s->loop.now, &u);
	if (u.failed)
		return fault_set(fault, FAULT_START, "the state cannot be taken over: %s", why);
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
