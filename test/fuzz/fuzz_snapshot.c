/*
 * The state that a program hands to its successor, damaged: a real one, of a room in which there
 * is something of everything, with changes that the input tells. It is refused, or makes a room
 * that goes on as any other does.
 */
#include "test/fuzz/damage.h"
#include "test/fuzz/room.h"

static void say(struct fuzz_room *r, uint32_t place, const char *lines)
{
	room_receive(r, place, (const uint8_t *)lines, strlen(lines));
	room_settle(r);
}

static void send_all(struct fuzz_room *r, uint32_t place)
{
	for (int i = 0; i < 100 && (chat_wants(r->chat, place) & CHAT_WRITE); i++)
		room_send(r, place, SIZE_MAX);
}

/* One who comes over WebSocket, with half a message and a ping that is to be answered. */
static void populate_browser(struct fuzz_room *r)
{
	static const uint8_t frames[] = "\x01\x83\0\0\0\0abc\x89\x82\0\0\0\0hi\x89\x84\0\0\0\0cu";
	int place = room_browse(r, 4);

	MUST(place == 3);
	room_receive_message(r, 3, (const uint8_t *)"/nick web", 9);
	room_settle(r);
	room_send(r, 3, 140);
	room_receive_message(r, 3, (const uint8_t *)"/replay 2", 9);
	room_receive(r, 3, frames, sizeof(frames) - 1);
}

/* An operator, one who is tagged and ignores, a telnet client, and one who is waited for. */
static void populate(struct fuzz_room *r)
{
	for (uint8_t i = 0; i < ROOM_CLIENTS; i++)
		room_connect(r, i, i == 0);
	say(r, 3, "/nick d\n/resume\n");
	say(r, 0, "/nick a\nhello\n/motd welcome\n/ban 198.51.100.0/24 5\n");
	say(r, 1, "/nick b\r\n/ignore a\r\n/resume\r\n/msg a psst\r\n");
	say(r, 2, "\xff\xfb\x1f\xff\xfd\x03hi\nhalf a l");
	send_all(r, 0);
	send_all(r, 1);
	room_send(r, 2, 50);
	r->places[3].ended = true;
	chat_end(r->chat, 3, CHAT_RESET);
	room_settle(r);
	populate_browser(r);
	room_connect(r, 5, false); /* is refused: full */
	for (int i = 0; i < ROOM_MESSAGE; i++)
		say(r, 0, "and so on, more than may be said at once\n");
	say(r, 0, "this has to wait\nand this\n");
}

/* The size of the room stands at the beginning: a large one only takes time. */
static bool is_small(struct codec p)
{
	size_t len = 0;

	codec_rewind(&p);
	codec_bytes(&p, NULL, &len, 64);
	codec_number(&p, 0, 4, 64);
	codec_number(&p, 0, 8, 1 << 18);
	return !p.failed;
}

static void turn(struct fuzz_room *r, struct chat *chat)
{
	static const uint8_t lines[] = "/who\nhello\n/r hello\n/resume 1\n/ignore\n";

	for (uint32_t i = 0; i < chat_places(chat); i++) {
		struct iovec iov[CHAT_IOV];
		uint32_t from, to;

		if (chat_wants(chat, i) & CHAT_READ)
			chat_receive(chat, i, lines, sizeof(lines) - 1);
		while (chat_moved(chat, &from, &to))
			continue;
		for (int n = 0; n < 4 && (chat_wants(chat, i) & CHAT_WRITE); n++) {
			int count = chat_output(chat, i, iov);
			size_t all = 0;

			for (int j = 0; j < count; j++)
				all += iov[j].iov_len;
			MUST(count == 0 || all > 0);
			if (count > 0)
				chat_sent(chat, i, n % 2 == 0 ? all / 2 : all);
			while (chat_moved(chat, &from, &to))
				continue;
		}
	}
	chat_resume_input(chat);
	chat_tick(chat);
	for (uint32_t i = 0; i < chat_places(chat); i++)
		if (chat_wants(chat, i) & CHAT_FREE)
			chat_release(chat, i);
}

/* It goes on for a while, then it is told to stop, and everybody goes. */
static void go_on(struct fuzz_room *r, struct chat *chat)
{
	const char *bytes;

	for (int i = 0; i < 20; i++) {
		r->now.usec += TIME_SECOND;
		r->now.time++;
		chat_turn(r->chat, r->now);
		if (i == 10)
			chat_shutdown(chat, "", 0);
		for (uint32_t place = 0; i == 15 && place < chat_places(chat); place++)
			chat_end(chat, place, CHAT_RESET);
		turn(r, chat);
		log_written(&r->log, log_pending(&r->log, &bytes));
	}
	MUST(chat_clients(chat) == 0 && !chat_is_owing(chat));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_room room;
	struct codec p = { 0 };
	struct chat *chat = NULL;
	bool damaged = false;
	const char *why;

	room_begin(&room);
	populate(&room);
	chat_save(room.chat, &p);
	MUST(!p.failed);
	for (; size >= DAMAGE; data += DAMAGE, size -= DAMAGE, damaged = true)
		damage(&p, damage_at(data) % p.len, data);
	if (is_small(p)) {
		codec_rewind(&p);
		chat = chat_load(&p,
			&(struct chat_setup){ &room.settings, &room.log, room_random, room.now },
			&why);
		MUST(chat != NULL || damaged);
	}
	if (chat != NULL)
		go_on(&room, chat);
	chat_destroy(chat);
	codec_finish(&p);
	room_end(&room);
	return 0;
}
