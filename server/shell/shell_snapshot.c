/*
 * The snapshot that an upgrade hands over (shell_snapshot.h). Descriptors keep their numbers across
 * an exec, so a number is all that is written of each. Each part has one function for writing and
 * reading (codec.h); where a form has changed, that function reads the old one as well.
 */
#include "server/shell/shell_snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "server/shell/host.h"
#include "server/shell/random.h"

static const char form[] = "chatd upgrade";

enum {
	VERSION_1_0 = 4, /* of chatd 1.0.0 */
	VERSION,         /* a listener's kind is a set of bits */

	LISTENERS_MAX = 65536,
	PATH_BYTES_MAX = 4096,
};

enum { LISTENER_PROXY = 1, LISTENER_OPERATOR = 2, LISTENER_TELNET = 4, LISTENER_WEB = 8,
	LISTENER_KINDS = 15 };

/* The first is what a flag was before. */
enum { NEWCOMER_OPERATOR = 1, NEWCOMER_TELNET = 2, NEWCOMER_WEB = 4, NEWCOMER_CHECK = 8,
	NEWCOMER_KINDS = 15 };

static int serialize_fd(int fd, struct codec *p)
{
	fd = (int)codec_number(p, (uint64_t)fd, 4, INT32_MAX);
	return p->reading && p->failed ? -1 : fd;
}

static void serialize_kind(struct listener *l, unsigned version, struct codec *p)
{
	uint64_t kind = (l->proxy ? LISTENER_PROXY : 0) | (l->is_operator ? LISTENER_OPERATOR : 0) |
		(l->telnet ? LISTENER_TELNET : 0) | (l->is_web ? LISTENER_WEB : 0);

	if (version == VERSION_1_0) {
		l->proxy = codec_flag(p, l->proxy);
		l->is_operator = codec_flag(p, l->is_operator);
		return;
	}
	kind = codec_number(p, kind, 4, LISTENER_KINDS);
	l->proxy = (kind & LISTENER_PROXY) != 0;
	l->is_operator = (kind & LISTENER_OPERATOR) != 0;
	l->telnet = (kind & LISTENER_TELNET) != 0;
	l->is_web = (kind & LISTENER_WEB) != 0;
	web_profile_serialize(&l->web, p);
}

static void serialize_listener(struct listener *l, unsigned version, struct codec *p)
{
	l->fd = serialize_fd(l->fd, p);
	serialize_kind(l, version, p);
	l->path = codec_text(p, l->path, PATH_BYTES_MAX);
	l->device = (dev_t)codec_number(p, (uint64_t)l->device, 8, UINT64_MAX);
	l->inode = (ino_t)codec_number(p, (uint64_t)l->inode, 8, UINT64_MAX);
}

static void serialize_listeners(struct listeners *all, unsigned version, struct codec *p)
{
	uint64_t count = codec_number(p, all->count, 4, LISTENERS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct listener l = { .fd = -1 };

		if (!p->reading)
			l = all->items[i];
		serialize_listener(&l, version, p);
		if (p->reading && (p->failed || listeners_adopt(all, &l) < 0)) {
			free(l.path);
			p->failed = true;
		}
	}
}

/* A file stays where it is, whatever the options say now; they get its path. */
static void keep_path(char **option, char *path, const char *name, struct log *log)
{
	if ((path == NULL) != (*option == NULL) || (path != NULL && strcmp(path, *option) != 0))
		log_line(log, LOG_AT_WARNING, "%s has changed: that needs a restart", name);
	free(*option);
	*option = path;
}

/*
 * A write under way is finished before; a change that is not written yet is a change for the
 * other program. A store that the snapshot does not name could have anything in it.
 */
static void serialize_store(const struct shell_parts *s, unsigned version, struct codec *p)
{
	struct store_file *f = s->store;
	bool changed = store_file_is_changed(f);
	char *path = version == VERSION_1_0 ? NULL : codec_text(p, f->path, PATH_BYTES_MAX);

	if (version != VERSION_1_0)
		changed = codec_flag(p, changed);
	if (!p->reading)
		return;
	keep_path(&s->options->store, path, "store", s->log);
	s->options->settings.has_store = path != NULL;
	if (path != NULL && (f->path = strdup(path)) == NULL)
		p->failed = true;
	if (changed)
		store_file_change(f, s->loop->now.usec);
}

static void serialize_history(struct history *h, unsigned version, struct codec *p)
{
	h->fd = serialize_fd(h->fd, p);
	h->next = codec_number(p, h->next, 8, UINT64_MAX);
	h->lost = codec_number(p, h->lost, 8, UINT64_MAX);
	h->torn = codec_number(p, h->torn, 8, UINT64_MAX);
	h->header = codec_flag(p, h->header);
	h->dirty = codec_flag(p, h->dirty);
	h->failing = codec_flag(p, h->failing);
	h->sync_at = codec_time(p, h->sync_at);
	h->retry_at = codec_time(p, h->retry_at);
	if (version != VERSION_1_0)
		h->size = (off_t)codec_number(p, (uint64_t)h->size, 8, INT64_MAX);
}

/* The one of the first room, as a snapshot has had it before there were others. */
static void serialize_first_history(const struct shell_parts *s, unsigned version,
	struct codec *p)
{
	const char *lobby = s->options->lobby != NULL ? s->options->lobby : SETTINGS_LOBBY;
	struct room_history *h = histories_of(s->histories, lobby);
	char *path = codec_text(p, h != NULL ? h->path : NULL, PATH_BYTES_MAX);

	if (p->reading) {
		h = path != NULL ? histories_adopt(s->histories, path, lobby) : NULL;
		p->failed = p->failed || (path != NULL && h == NULL);
		keep_path(&s->options->history, path, "history", s->log);
	}
	if (h != NULL)
		serialize_history(&h->history, version, p);
}

/* Those of the other rooms, each after a flag. */
static void serialize_histories(const struct shell_parts *s, struct codec *p)
{
	const char *lobby = s->options->lobby != NULL ? s->options->lobby : SETTINGS_LOBBY;
	struct histories *all = s->histories;
	size_t i = 0;

	for (;;) {
		struct room_history *h = NULL;
		char *path, *name;

		while (!p->reading && i < all->count && strcmp(all->items[i].name, lobby) == 0)
			i++;
		if (!codec_flag(p, !p->reading && i < all->count))
			return;
		if (!p->reading)
			h = &all->items[i++];
		path = codec_text(p, h != NULL ? h->path : NULL, PATH_BYTES_MAX);
		name = codec_text(p, h != NULL ? h->name : NULL, NICK_MAX);
		if (p->reading) {
			h = path != NULL && name != NULL ? histories_adopt(all, path, name) : NULL;
			free(path);
			free(name);
		}
		p->failed = p->failed || h == NULL;
		if (h == NULL)
			return;
		serialize_history(&h->history, VERSION, p);
	}
}

/* The next place with a connection, from here on; the number of places when there is none. */
static uint32_t serialize_place(const struct places *places, uint32_t place, uint32_t end,
	struct codec *p)
{
	while (!p->reading && place < end &&
		(place >= places->top || places->connections[place].fd < 0))
		place++;
	place = (uint32_t)codec_number(p, place, 4, end);
	return p->failed ? end : place;
}

/* Not blocked: every place is offered what it is owed, so that the core learns which are slow. */
static void serialize_places(struct places *places, unsigned version, struct codec *p)
{
	uint32_t place = 0, end = chat_places(places->chat);

	/* It had none for the web. */
	if (version == VERSION_1_0)
		end -= CHAT_WEB;
	while ((place = serialize_place(places, place, end, p)) < end) {
		struct connection *c = &places->connections[place];
		int fd = serialize_fd(c->fd, p);

		if (p->reading)
			places_seat(places, place, fd);
		c->shut = codec_flag(p, c->shut);
		c->ended = codec_flag(p, c->ended);
		c->reset = codec_flag(p, c->reset);
		c->spared = codec_flag(p, c->spared);
		place++;
	}
}

/* handshake: NULL when reading. It gets the whole time again. */
static void serialize_handshake(struct handshakes *all, struct handshake *handshake,
	unsigned version, struct time now, struct codec *p)
{
	struct newcomer n = { .fd = -1 };
	const void *bytes = NULL;
	size_t len = 0;
	uint64_t kind;

	if (handshake != NULL) {
		n = (struct newcomer){ .fd = handshake->fd, .is_operator = handshake->is_operator,
			.telnet = handshake->telnet, .is_web = handshake->is_web,
			.web = handshake->web, .from = handshake->from };
		bytes = handshake->bytes;
		len = handshake->len;
	}
	n.fd = serialize_fd(n.fd, p);
	kind = (n.is_operator ? NEWCOMER_OPERATOR : 0) | (n.telnet ? NEWCOMER_TELNET : 0) |
		(n.is_web ? NEWCOMER_WEB : 0) |
		(handshake != NULL && handshake->is_check ? NEWCOMER_CHECK : 0);
	kind = codec_number(p, kind, 1, NEWCOMER_KINDS);
	n.is_operator = (kind & NEWCOMER_OPERATOR) != 0;
	n.telnet = (kind & NEWCOMER_TELNET) != 0;
	n.is_web = (kind & NEWCOMER_WEB) != 0;
	if (version != VERSION_1_0)
		web_profile_serialize(&n.web, p);
	address_serialize(&n.from, p);
	bytes = codec_bytes(p, bytes, &len, PROXY_HEADER_MAX - 1);
	if (!p->reading || p->failed)
		return;
	handshake = handshakes_enter(all, &n, now);
	if (handshake == NULL)
		return;
	handshake->is_check = (kind & NEWCOMER_CHECK) != 0;
	if (len > 0)
		memcpy(handshake->bytes, bytes, len);
	handshake->len = len;
}

static void serialize_handshakes(struct handshakes *all, unsigned version, struct time now,
	struct codec *p)
{
	for (int i = 0; i < HANDSHAKES_MAX; i++) {
		struct handshake *handshake = NULL;

		if (!p->reading && all->list != NULL && all->list[i].fd >= 0)
			handshake = &all->list[i];
		if (codec_flag(p, handshake != NULL))
			serialize_handshake(all, handshake, version, now, p);
	}
}

void shell_snapshot_save(const struct shell_parts *s, struct codec *p)
{
	codec_version(p, form, VERSION_1_0, VERSION);
	codec_time(p, host_now().usec);
	serialize_listeners(s->listeners, VERSION, p);
	serialize_first_history(s, VERSION, p);
	serialize_histories(s, p);
	serialize_store(s, VERSION, p);
	chat_save(*s->chat, p);
	serialize_places(&s->loop->places, VERSION, p);
	serialize_handshakes(&s->loop->acceptor.handshakes, VERSION, s->loop->now, p);
	codec_add_checksum(p);
}

/* The middle: 0, or -1 with *why unless it is the snapshot that is damaged. */
static int load_chat(const struct shell_parts *s, struct codec *p, const char **why)
{
	if (p->failed)
		return -1;
	*s->chat = chat_load(p,
		&(struct chat_setup){ &s->options->settings, s->log, random_fill, host_now() },
		why);
	if (*s->chat == NULL)
		return -1;
	s->loop->chat = *s->chat;
	return loop_init(s->loop, s->listeners);
}

int shell_snapshot_load(const struct shell_parts *s, struct codec *p, int64_t *began,
	struct error *error)
{
	const char *why = "it is damaged, or out of memory";
	struct settings *settings = &s->options->settings;
	unsigned version = VERSION;

	if (codec_check(p))
		version = codec_version(p, form, VERSION_1_0, VERSION);
	else
		p->failed = true;
	if (p->failed)
		return error_set(error, ERROR_START, "this chatd cannot read the snapshot");
	*began = codec_time(p, 0);
	serialize_listeners(s->listeners, version, p);
	serialize_first_history(s, version, p);
	if (version != VERSION_1_0)
		serialize_histories(s, p);
	serialize_store(s, version, p);
	if (load_chat(s, p, &why) == 0) {
		serialize_places(&s->loop->places, version, p);
		serialize_handshakes(&s->loop->acceptor.handshakes, version, s->loop->now, p);
	}
	if (*s->chat == NULL || s->loop->polls.list == NULL || p->failed)
		return error_set(error, ERROR_START, "cannot take over the snapshot: %s", why);
	/*
	 * Options that cannot change while the server runs stay as they were,
	 * whatever the file says now.
	 */
	settings->max_clients = chat_places(*s->chat) - CHAT_REFUSALS - CHAT_WEB;
	settings->feed_bytes = chat_feed(*s->chat, 0)->size;
	return 0;
}

static void keep(int fd, bool keep)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

void shell_snapshot_keep(const struct shell_parts *s, bool on)
{
	const struct handshake *list = s->loop->acceptor.handshakes.list;
	const struct places *places = &s->loop->places;

	for (size_t i = 0; i < s->listeners->count; i++)
		keep(s->listeners->items[i].fd, on);
	for (uint32_t i = 0; i < places->top; i++)
		keep(places->connections[i].fd, on);
	for (int i = 0; list != NULL && i < HANDSHAKES_MAX; i++)
		keep(list[i].fd, on);
	for (size_t i = 0; i < s->histories->count; i++)
		keep(s->histories->items[i].history.fd, on);
}
