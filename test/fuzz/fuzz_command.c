/*
 * Commands: each line is one, of an operator in a room with somebody else, who both read what
 * comes of it.
 */
#include "test/fuzz/room.h"

static void say(struct fuzz_room *r, uint32_t place, const void *bytes, size_t len)
{
	room_receive(r, place, bytes, len);
}

/* One who was sent away goes. */
static void go(struct fuzz_room *r, uint32_t place)
{
	struct room_place *p = &r->places[place];

	if (!p->taken || p->ended || !(chat_wants(r->chat, place) & CHAT_SHUT))
		return;
	p->ended = true;
	chat_end(r->chat, place, CHAT_FIN);
}

/* Both have read everything, and may speak again. */
static void read_all(struct fuzz_room *r)
{
	for (int i = 0; i < 3; i++) {
		for (uint32_t place = 0; place < ROOM_PLACES; place++) {
			while (r->places[place].taken &&
				(chat_wants(r->chat, place) & CHAT_WRITE))
				room_send(r, place, SIZE_MAX);
			go(r, place);
		}
		r->now.usec += TIME_SECOND;
		chat_turn(r->chat, r->now);
		chat_resume_input(r->chat);
		room_settle(r);
	}
}

/* Who is missing comes in, unless everybody is banned by now. */
static void enter(struct fuzz_room *r)
{
	static const char alice[] = "/nick alice\n", bob[] = "/nick bob\n/msg alice hi\n";

	for (int i = 0; i < 2 && chat_clients(r->chat) < 2; i++) {
		int place = room_connect(r, (uint8_t)(1 + i), true);

		MUST(place >= 0);
		if (place == 0)
			say(r, 0, alice, sizeof(alice) - 1);
		else
			say(r, (uint32_t)place, bob, sizeof(bob) - 1);
	}
	read_all(r);
}

/* Two rooms beside the first, and people may make one more. */
static void add_rooms(struct fuzz_room *r)
{
	static const struct room_settings others[] = {
		{ .name = "tea", .feed_bytes = 16 * 1024, .replay = 3, .topic_is_open = true },
		{ .name = "vault", .feed_bytes = 16 * 1024, .password = "x", .is_hidden = true },
	};

	r->settings.rooms = others;
	r->settings.room_count = sizeof(others) / sizeof(others[0]);
	r->settings.max_rooms = 4;
	MUST(chat_set(r->chat, &r->settings) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *at = data, *end = size > 0 ? data + size : data;
	struct fuzz_room room;

	room_begin(&room);
	add_rooms(&room);
	room.settings.rate = 0;
	MUST(chat_set(room.chat, &room.settings) == 0);
	while (at < end) {
		const uint8_t *lf = memchr(at, '\n', (size_t)(end - at));
		const uint8_t *next = lf != NULL ? lf + 1 : end;

		enter(&room);
		say(&room, 0, "/", 1);
		for (; at < next; at += CHAT_READ_MAX)
			say(&room, 0, at, (size_t)(next - at) < CHAT_READ_MAX ?
				(size_t)(next - at) : (size_t)CHAT_READ_MAX);
		if (lf == NULL)
			say(&room, 0, "\n", 1);
		at = next;
		read_all(&room);
	}
	room_end(&room);
	return 0;
}
