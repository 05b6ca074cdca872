/*
 * The shell's half of an upgrade's snapshot, damaged: listeners, the history, connections, and
 * those that wait for a PROXY header. (The core's half lies in its middle and is left alone:
 * fuzz_snapshot.c.) It is refused in a line, or makes a server that is whole and whose own snapshot
 * is the same.
 */
#include "server/shell/server.h"
#include "server/shell/shell_snapshot.h"
#include "test/fuzz/damage.h"
#include "test/fuzz/room.h"

enum {
	FD = 100000, /* and on: descriptors are only numbers here, and nobody's */
	HANDSHAKES = 3,
	CHECKSUM = 8, /* bytes at the end */
	BEGIN = 31, /* bytes at the beginning up to the first listener: the form, and the time */
};

static char path[] = "/nowhere/history", other[] = "/nowhere/other", store[] = "/nowhere/store";

static struct shell_parts parts(struct server *s)
{
	return (struct shell_parts){
		.options = &s->options,
		.log = &s->log,
		.listeners = &s->listeners,
		.histories = &s->histories,
		.store = &s->store,
		.chat = &s->chat,
		.loop = &s->loop,
	};
}

static void begin(struct server *s, char **argv)
{
	struct error error;

	*s = (struct server){ .argc = 6, .argv = argv };
	MUST(options_read(&s->options, s->argc, s->argv, &error) == 0);
	MUST(log_init(&s->log, false) == 0);
	store_file_init(&s->store, &s->log);
	s->loop.log = &s->log;
	s->loop.log_sink = &s->log_sink;
	s->loop.histories = &s->histories;
	s->histories.log = &s->log;
}

/* As a server ends, but for its descriptors, which are no real ones, and its sockets' files. */
static void end(struct server *s)
{
	struct handshakes *handshakes = &s->loop.acceptor.handshakes;

	for (size_t i = 0; i < s->listeners.count; i++) {
		free(s->listeners.items[i].path);
		s->listeners.items[i].path = NULL;
		s->listeners.items[i].fd = -1;
	}
	for (uint32_t i = 0; i < s->loop.places.top; i++)
		s->loop.places.connections[i].fd = -1;
	for (int i = 0; handshakes->list != NULL && i < HANDSHAKES_MAX; i++)
		handshakes->list[i].fd = -1;
	for (size_t i = 0; i < s->histories.count; i++)
		s->histories.items[i].history.fd = -1;
	loop_finish(&s->loop);
	histories_finish(&s->histories);
	store_file_finish(&s->store);
	chat_destroy(s->chat);
	listeners_close(&s->listeners);
	options_finish(&s->options);
	log_finish(&s->log);
}

static void add_listeners(struct server *s)
{
	static const char socket[] = "/nowhere/socket";
	struct listener all[] = {
		{ .fd = FD },
		{ .fd = FD + 1, .proxy = true },
		{ .fd = FD + 2, .is_operator = true, .path = malloc(sizeof(socket)), .device = 7,
			.inode = UINT32_MAX },
	};

	MUST(all[2].path != NULL);
	memcpy(all[2].path, socket, sizeof(socket));
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		MUST(listeners_adopt(&s->listeners, &all[i]) == 0);
}

static void add_handshakes(struct server *s)
{
	static const char header[] = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2";

	for (int i = 0; i < HANDSHAKES; i++) {
		struct newcomer n = { .fd = FD + 50 + i, .is_operator = i == 1,
			.from = { .family = ADDRESS_V4, .bytes = { 192, 0, 2, 9 }, .port = 5 } };
		struct handshake *handshake = handshakes_enter(&s->loop.acceptor.handshakes, &n, s->loop.now);

		MUST(handshake != NULL);
		handshake->len = sizeof(header) / HANDSHAKES * (size_t)i;
		memcpy(handshake->bytes, header, handshake->len);
	}
}

static void add_history(struct server *s, const char *file, const char *room, int fd)
{
	struct room_history *h = histories_adopt(&s->histories, file, room);

	MUST(h != NULL);
	h->history.fd = fd;
	h->history.next = 3;
	h->history.lost = 1;
	h->history.torn = 2;
	h->history.header = h->history.dirty = h->history.failing = true;
	h->history.sync_at = TIME_SECOND;
	h->history.retry_at = 2 * TIME_SECOND;
}

/* A server with something of everything. */
static void populate(struct server *s, struct fuzz_room *r)
{
	add_listeners(s);
	add_history(s, path, "lobby", FD + 9);
	add_history(s, other, "tea", FD + 10);
	MUST((s->store.path = strdup(store)) != NULL);
	store_file_change(&s->store, 0);
	s->chat = r->chat;
	s->loop.chat = s->chat;
	MUST(loop_init(&s->loop, &s->listeners) == 0);
	for (uint32_t i = 0; i < ROOM_CLIENTS; i++) {
		MUST(room_connect(r, (uint8_t)i, i == 0) == (int)i);
		room_receive(r, i, (const uint8_t *)"hello\n", 6);
		places_seat(&s->loop.places, i, FD + 20 + (int)i);
		s->loop.places.connections[i].blocked = i == 1;
		s->loop.places.connections[i].shut = s->loop.places.connections[i].ended = i == 2;
		s->loop.places.connections[i].reset = s->loop.places.connections[i].spared = i == 3;
	}
	add_handshakes(s);
}

/* Where the core's half begins. */
static size_t find_room(const struct codec *p, struct chat *chat, size_t *len)
{
	struct codec room = { 0 };
	size_t at = 0;

	chat_save(chat, &room);
	MUST(!room.failed && room.len <= p->len);
	while (memcmp(p->bytes + at, room.bytes, room.len) != 0)
		MUST(++at + room.len <= p->len);
	*len = room.len;
	codec_finish(&room);
	return at;
}

/* Makes the changes that the input tells; the checksum is taken off before. */
static void change(struct codec *p, struct chat *chat, const uint8_t *data, size_t size)
{
	size_t room_len, room = find_room(p, chat, &room_len);
	size_t shell = p->len - CHECKSUM - room_len;

	p->len -= CHECKSUM;
	for (; size >= DAMAGE; data += DAMAGE, size -= DAMAGE) {
		size_t at = damage_at(data) % shell;

		at += at < room ? 0 : room_len;
		if (at < p->len)
			damage(p, at, data);
	}
}

static void check_error(const struct error *error)
{
	MUST(error->status == ERROR_START);
	MUST(text_is_clean(error->text, strlen(error->text)));
}

static void check_whole(const struct server *s)
{
	const struct handshake *list = s->loop.acceptor.handshakes.list;
	uint32_t places = chat_places(s->chat);

	for (size_t i = 0; i < s->listeners.count; i++)
		MUST(s->listeners.items[i].fd >= 0);
	for (size_t i = 0; i < s->histories.count; i++)
		MUST(s->histories.items[i].path != NULL && s->histories.items[i].name != NULL &&
			s->histories.items[i].history.fd >= 0);
	MUST((s->options.history == NULL) == (histories_of(&s->histories, "lobby") == NULL));
	MUST((s->options.store == NULL) == (s->store.path == NULL));
	MUST(s->loop.places.top <= places);
	for (uint32_t i = 0; i < places; i++) {
		MUST(i < s->loop.places.top || s->loop.places.connections[i].fd < 0);
		/* Or the core would not learn which clients are slow. */
		MUST(!s->loop.places.connections[i].blocked);
	}
	for (int i = 0; list != NULL && i < HANDSHAKES_MAX; i++)
		MUST(list[i].fd < 0 || list[i].len < PROXY_HEADER_MAX);
	MUST(s->options.settings.max_clients == ROOM_CLIENTS);
}

/* What is handed over without a change is handed on as it is, but for the time. */
static void check_same(struct server *s, const struct codec *p, bool changed)
{
	struct shell_parts shell = parts(s);
	struct codec again = { 0 };

	shell_snapshot_save(&shell, &again);
	MUST(!again.failed);
	MUST(changed || (again.len == p->len + CHECKSUM &&
		memcmp(again.bytes + BEGIN, p->bytes + BEGIN, p->len - BEGIN) == 0));
	codec_finish(&again);
}

static void load(struct codec *p, char **argv, bool changed, bool checked)
{
	struct error error = { 0 };
	struct server s;
	struct shell_parts shell = parts(&s);
	int64_t when;

	begin(&s, argv);
	if (shell_snapshot_load(&shell, p, &when, &error) < 0) {
		MUST(changed);
		check_error(&error);
	} else {
		MUST(checked || !changed);
		check_whole(&s);
		check_same(&s, p, changed);
	}
	end(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "chatd", message[] = "-b64", history[] = "--history";
	static char kept[] = "--store";
	char *argv[] = { name, message, history, path, kept, store, NULL };
	struct codec p = { 0 }, good = { 0 };
	struct fuzz_room room;
	struct server old;
	struct shell_parts shell = parts(&old);
	size_t len;
	bool changed;

	room_begin(&room);
	begin(&old, argv);
	populate(&old, &room);
	shell_snapshot_save(&shell, &p);
	MUST(!p.failed);
	codec_array(&good, p.bytes, p.len);
	change(&p, old.chat, data, size);
	len = p.len;
	changed = len + CHECKSUM != good.len || memcmp(p.bytes, good.bytes, len) != 0;

	/* With the checksum that it had, then with one of its own. */
	codec_array(&p, good.bytes + good.len - CHECKSUM, CHECKSUM);
	load(&p, argv, changed, false);
	p.len = len;
	p.reading = p.failed = false;
	codec_add_checksum(&p);
	load(&p, argv, changed, true);

	room.chat = NULL; /* the server's */
	end(&old);
	room_end(&room);
	codec_finish(&good);
	codec_finish(&p);
	return 0;
}
