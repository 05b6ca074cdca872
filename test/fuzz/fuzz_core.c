/*
 * The whole core, driven by operations: the first byte of each says which and on which place, the
 * bytes behind it are its arguments. Whatever is done to it, what it sends are whole, safe lines.
 */
#include "test/fuzz/room.h"

enum operation {
	CONNECT,
	RECEIVE, /* a length and so many bytes */
	SEND,
	SEND_PART, /* how many bytes */
	END,
	WAIT, /* tenths of a second */
	TURN,
	OTHER,
	OPERATIONS,
};

struct input {
	const uint8_t *bytes, *end;
};

static uint8_t next_byte(struct input *in)
{
	return in->bytes < in->end ? *in->bytes++ : 0;
}

/* wrapped: a browser sends it as a message, else as it is. */
static void receive(struct fuzz_room *r, uint32_t place, bool wrapped, struct input *in)
{
	size_t len = next_byte(in);

	if (len > (size_t)(in->end - in->bytes))
		len = (size_t)(in->end - in->bytes);
	if (r->places[place].is_browser && wrapped)
		room_receive_message(r, place, in->bytes, len);
	else if (len > 0)
		room_receive(r, place, in->bytes, len);
	in->bytes += len;
}

static void end(struct fuzz_room *r, uint32_t place, uint8_t how)
{
	struct room_place *p = &r->places[place];

	if (!p->taken || p->ended)
		return;
	if (how % 2 == 0 && !(chat_wants(r->chat, place) & CHAT_READ))
		return;
	p->ended = true;
	chat_end(r->chat, place, how % 2 == 0 ? CHAT_FIN : CHAT_RESET);
}

/* Another program goes on with the state, behind a turn. */
static void upgrade(struct fuzz_room *r)
{
	struct codec p = { 0 };
	const char *why;

	room_settle(r);
	chat_save(r->chat, &p);
	MUST(!p.failed);
	chat_destroy(r->chat);
	codec_rewind(&p);
	r->chat = chat_load(&p, &(struct chat_setup){ &r->settings, &r->log, room_random, r->now },
		&why);
	MUST(r->chat != NULL);
	codec_finish(&p);
}

static void do_other(struct fuzz_room *r, uint32_t place, uint8_t what)
{
	uint32_t at = place;

	switch (what % 5) {
	case 0:
		upgrade(r);
		break;
	case 1:
		if (r->places[place].taken)
			chat_hangup(r->chat, place);
		break;
	case 3:
		room_browse(r, (uint8_t)place);
		break;
	case 2:
		if (r->places[place].taken && chat_next_throttling(r->chat, &at) &&
			at == place)
			chat_unsent(r->chat, place, what);
		break;
	default:
		r->settings.password = what & 0x80 ? "door" : NULL;
		r->settings.rate = what & 0x40 ? 0 : 10;
		r->settings.idle_timeout = what & 0x20 ? 5 : 0;
		MUST(chat_set(r->chat, &r->settings) == 0);
	}
}

static void pass(struct fuzz_room *r, uint8_t tenths)
{
	r->now.usec += (int64_t)tenths * 100 * TIME_MS;
	r->now.time = 1666214645 + r->now.usec / TIME_SECOND;
	chat_turn(r->chat, r->now);
}

static void operate(struct fuzz_room *r, struct input *in)
{
	uint8_t byte = next_byte(in);
	/* Those who are refused have a place behind the clients'. */
	uint32_t place = byte / OPERATIONS % (ROOM_CLIENTS + 1);

	switch ((enum operation)(byte % OPERATIONS)) {
	case CONNECT:
		room_connect(r, (uint8_t)place, byte & 0x80);
		break;
	case RECEIVE:
		receive(r, place, byte & 0x80, in);
		break;
	case SEND:
		room_send(r, place, SIZE_MAX);
		break;
	case SEND_PART:
		room_send(r, place, next_byte(in));
		break;
	case END:
		end(r, place, next_byte(in));
		break;
	case WAIT:
		pass(r, next_byte(in));
		break;
	case TURN:
		chat_resume_input(r->chat);
		room_settle(r);
		break;
	default:
		do_other(r, place, next_byte(in));
	}
}

/* Everybody is gone, and nothing of them is left. */
static void leave(struct fuzz_room *r)
{
	for (uint32_t i = 0; i < ROOM_PLACES; i++)
		end(r, i, CHAT_RESET);
	for (int i = 0; i < 50 && chat_is_owing(r->chat); i++) {
		pass(r, 10);
		chat_resume_input(r->chat);
		room_settle(r);
	}
	MUST(!chat_is_owing(r->chat) && chat_clients(r->chat) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size > 0 ? data + size : data };
	struct fuzz_room room;

	room_begin(&room);
	while (in.bytes < in.end)
		operate(&room, &in);
	leave(&room);
	room_end(&room);
	return 0;
}
