/*
 * Memory that cannot be had: a conversation is held again and again, and each time another of the
 * core's allocations fails. It ends the client that it was for, if that can't be told, and nobody
 * else notices.
 */
#include <stdlib.h>
#include <string.h>

#include "server/core/chat.h"
#include "test/unit/unit.h"

/* Which allocation fails, counted from 1, and how many behind it; 0 for none. */
static unsigned long fails, fails_for, allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool is_refused(void)
{
	allocations++;
	return fails != 0 && allocations >= fails && allocations - fails < fails_for;
}

void *__wrap_malloc(size_t size)
{
	return is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return is_refused() ? NULL : __real_realloc(memory, size);
}

enum {
	HEARD_MAX = 256 * 1024,
	STEP_MS = 100,
	CUT = 7, /* who takes little takes so many bytes at once */
};

struct person {
	int place; /* -1: not connected */
	bool came;
	bool fin, reset;
	bool slow;
	const char *says; /* not yet received */
	size_t says_len;
	char last_activity[HEARD_MAX];
	size_t len;
};

enum { ANN, BOB, CYD, OPE, PEOPLE };

static const char *const names[PEOPLE] = { "ann", "bob", "cyd", "ope" };

struct stage {
	struct chat *chat;
	struct log log;
	struct settings settings;
	struct time now;
	struct person people[PEOPLE];
};

static void fill_random(void *buffer, size_t len)
{
	memset(buffer, 7, len);
}

static bool has(const char *bytes, size_t len, const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i + size <= len; i++)
		if (memcmp(bytes + i, text, size) == 0)
			return true;
	return false;
}

static bool has_heard(const struct person *p, const char *text)
{
	return has(p->last_activity, p->len, text);
}

static void come(struct stage *s, int who)
{
	struct person *p = &s->people[who];
	struct address from = { .family = ADDRESS_V4, .bytes = { 192, 0, 2, (uint8_t)who } };

	*p = (struct person){ .came = true };
	p->place = chat_connect(s->chat, &from, who == OPE, NULL);
}

static bool receive(struct stage *s, struct person *p)
{
	size_t len = p->says_len < CHAT_READ_MAX ? p->says_len : CHAT_READ_MAX;

	if ((chat_wants(s->chat, (uint32_t)p->place) & CHAT_READ) == 0)
		return false;
	if (len > 0) {
		uint32_t from, to;

		chat_receive(s->chat, (uint32_t)p->place, (const uint8_t *)p->says, len);
		if (chat_moved(s->chat, &from, &to))
			p->place = (int)to;
		p->says += len;
		p->says_len -= len;
		return true;
	}
	if (!p->fin && !p->reset)
		return false;
	chat_end(s->chat, (uint32_t)p->place, p->reset ? CHAT_RESET : CHAT_FIN);
	p->fin = p->reset = false;
	return true;
}

static bool send(struct stage *s, struct person *p)
{
	struct iovec iov[CHAT_IOV];
	int count = chat_output(s->chat, (uint32_t)p->place, iov);
	size_t most = p->slow ? CUT : SIZE_MAX, all = 0;

	for (int i = 0; i < count && most > 0; i++) {
		size_t len = iov[i].iov_len < most ? iov[i].iov_len : most;

		if (p->len + len > sizeof(p->last_activity))
			abort();
		memcpy(p->last_activity + p->len, iov[i].iov_base, len);
		p->len += len;
		most -= len;
		all += len;
	}
	if (count > 0)
		chat_sent(s->chat, (uint32_t)p->place, all);
	return all > 0;
}

static bool settle(struct stage *s, struct person *p)
{
	unsigned wants = chat_wants(s->chat, (uint32_t)p->place);

	if (wants & (CHAT_FREE | CHAT_DONE)) {
		chat_release(s->chat, (uint32_t)p->place);
		p->place = -1;
	} else if (wants & CHAT_SHUT) {
		p->fin = true;
	}
	return wants & (CHAT_FREE | CHAT_SHUT);
}

static bool turn(struct stage *s)
{
	static bool (*const steps[])(struct stage *, struct person *) = { receive, send, settle };
	bool moved = false;

	for (int step = 0; step < 3; step++) {
		for (int i = 0; i < PEOPLE; i++) {
			struct person *p = &s->people[i];

			if (p->came && p->place >= 0 && steps[step](s, p))
				moved = true;
		}
		if (step == 0)
			chat_resume_input(s->chat);
		if (step == 1)
			chat_tick(s->chat);
	}
	return moved;
}

static void wait(struct stage *s, int ms)
{
	for (; ms > 0; ms -= STEP_MS) {
		while (turn(s))
			;
		s->now.usec += STEP_MS * TIME_MS;
		chat_turn(s->chat, s->now);
	}
}

static void say(struct stage *s, int who, const char *text)
{
	struct person *p = &s->people[who];

	if (p->place >= 0) {
		p->says = text;
		p->says_len = strlen(text);
	}
	wait(s, STEP_MS);
}

static void upgrade(struct stage *s)
{
	struct codec state = { 0 };
	struct chat *next = NULL;
	const char *why;

	chat_save(s->chat, &state);
	if (!state.failed) {
		codec_rewind(&state);
		next = chat_load(&state,
			&(struct chat_setup){ &s->settings, &s->log, fill_random, s->now }, &why);
	}
	codec_finish(&state);
	if (next == NULL)
		return;
	chat_destroy(s->chat);
	s->chat = next;
}

/* Loses the connection and comes back with the token, of the bytes of fill_random(). */
static void come_back(struct stage *s, int who)
{
	if (s->people[who].place < 0)
		return;
	s->people[who].reset = true;
	wait(s, STEP_MS);
	come(s, who);
	say(s, who, "/resume 0 07070707070707070707070707070707\r\n");
}

/* More than the rate allows at once. */
static const char many[] = "m1\nm2\nm3\nm4\nm5\nm6\nm7\nm8\nm9\n";

/* A conversation in which the core takes memory for all that it ever takes it for. */
static void converse(struct stage *s)
{
	for (int i = 0; i < PEOPLE; i++)
		come(s, i);
	for (int i = 0; i < PEOPLE; i++) {
		char nick[16];

		snprintf(nick, sizeof(nick), "/nick %s\n", names[i]);
		say(s, i, nick);
	}
	s->people[BOB].slow = true;
	say(s, ANN, "unfini");
	say(s, BOB, "\xff\xfb\x01with telnet\n");
	say(s, ANN, "shed\n");
	say(s, CYD, "/ignore bob\n/resume\r\n");
	say(s, BOB, "to be ignored\n");
	say(s, ANN, "/msg cyd psst\n");
	say(s, OPE, "/ban 198.51.100.1\n/bans\n/who\n/motd new\n");
	say(s, ANN, many);
	upgrade(s);
	say(s, BOB, many);
	come_back(s, CYD);
	say(s, CYD, "here again\n");
	say(s, OPE, "/kick nobody\n/announce soon\n");
	upgrade(s);
	wait(s, 5000);
}

/* Memory is back: who is there still hears everybody, and there is a place for the others. */
static void check_room(struct stage *s)
{
	fails = 0;
	for (int i = 0; i < PEOPLE; i++) {
		if (s->people[i].place >= 0)
			continue;
		come(s, i);
		wait(s, STEP_MS);
	}
	for (int i = 0; i < PEOPLE; i++) {
		char line[16];

		snprintf(line, sizeof(line), "last %d\n", i);
		say(s, i, line);
		wait(s, 2000);
		CHECK(s->people[i].place >= 0);
		for (int j = 0; j < PEOPLE; j++) {
			snprintf(line, sizeof(line), "]: last %d --", i);
			/* Cyd may well ignore Bob. */
			CHECK(has_heard(&s->people[j], line) || (i == BOB && j == CYD));
		}
	}
	s->people[ANN].reset = true;
	say(s, OPE, "/shutdown now\n");
}

static void begin(struct stage *s)
{
	s->settings = (struct settings){
		.max_clients = PEOPLE,
		.max_message = MESSAGE_DEFAULT,
		.rate = 10,
		.burst = 5,
		.feed_bytes = 64 * 1024,
		.replay = SETTINGS_REPLAY,
		.announce_max = SETTINGS_ANNOUNCE_MAX,
		.motd = "welcome\nall\n",
	};
	s->now = (struct time){ 1000 * TIME_SECOND, 1666214645 };
	memset(s->people, 0, sizeof(s->people));
	fails = 0;
	if (log_init(&s->log, false) < 0)
		abort();
	s->chat = chat_create(&(struct chat_setup){ &s->settings, &s->log, fill_random, s->now });
	if (s->chat == NULL)
		abort();
	allocations = 0;
}

static bool is_logged(const struct stage *s, const char *text)
{
	const char *log;
	size_t len = log_pending(&s->log, &log);

	return has(log, len, text);
}

static void finish(struct stage *s)
{
	chat_destroy(s->chat);
	log_finish(&s->log);
}

static struct stage stage;

/* What all of them last_activity who are still there, each line once. */
static void check_heard(const struct stage *s, int gone)
{
	static const struct {
		int from;
		const char *text;
	} lines[] = {
		{ ANN, "[ann]: unfinished --" }, { BOB, "[bob]: with telnet --" },
		{ ANN, "[ann]: m1 --" }, { ANN, "[ann]: m9 --" }, { BOB, "[bob]: m9 --" },
	};

	for (size_t l = 0; l < sizeof(lines) / sizeof(lines[0]); l++)
		for (int i = 0; i < PEOPLE; i++)
			if (i != gone && i != CYD && lines[l].from != gone)
				CHECK(has_heard(&s->people[i], lines[l].text));
}

/* Each allocation fails once: returns false when there are not so many. */
static bool fails_once(unsigned long which)
{
	struct stage *s = &stage;
	int gone = PEOPLE, count = 0;

	begin(s);
	fails = which;
	fails_for = 1;
	converse(s);
	if (allocations < which) {
		finish(s);
		return false;
	}
	for (int i = 0; i < PEOPLE; i++)
		if (s->people[i].place < 0) {
			gone = i;
			count++;
		}
	CHECK(count <= 1);
	CHECK_INT(is_logged(s, "out of memory"), count);
	check_heard(s, gone);
	check_room(s);
	finish(s);
	return true;
}

static void test_one_fails(void)
{
	unsigned long which = 0;

	while (fails_once(which + 1) && unit_failures == 0)
		which++;
	printf("# %lu allocations\n", which);
	CHECK(which > 50);
}

/* There is none for a while, from each moment on. */
static void test_all_fail(void)
{
	unsigned long which = 1;

	for (bool reached = true; reached && unit_failures == 0; which++) {
		struct stage *s = &stage;

		begin(s);
		fails = which;
		fails_for = 20;
		converse(s);
		reached = allocations >= which;
		check_room(s);
		finish(s);
	}
	CHECK(which > 50);
}

static const char handshake[] = "GET /ws HTTP/1.1\r\n"
	"Host: a\r\n"
	"Connection: Upgrade\r\n"
	"Upgrade: websocket\r\n"
	"Sec-WebSocket-Version: 13\r\n"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	"\r\n";

/* Frames, none with a zero in it: /nick ann, half of "hi!", a ping, the rest, /resume. */
static const char frames[] =
	"\x81\x89\x01\x01\x01\x01\x2e\x6f\x68\x62\x6a\x21\x60\x6f\x6f"
	"\x01\x82\x01\x01\x01\x01\x69\x68"
	"\x89\x81\x01\x01\x01\x01\x79"
	"\x80\x81\x01\x01\x01\x01\x20"
	"\x81\x87\x01\x01\x01\x01\x2e\x73\x64\x72\x74\x6c\x64";

/* Somebody at a browser, for whom allocations fail: they are told by a close code. */
static bool browser_is_told(unsigned long which, unsigned *told)
{
	static const char close[] = { '\x88', 2 + 13, 1011 >> 8, (char)(1011 & 0xff) };
	struct stage *s = &stage;
	struct person *p = &s->people[ANN];
	struct address from = { .family = ADDRESS_V4, .bytes = { 192, 0, 2, 1 } };
	struct web_profile profile = { 0 };
	bool switched, closed;

	begin(s);
	come(s, BOB);
	p->came = true;
	p->place = chat_connect_web(s->chat, &from, &profile);
	fails = which;
	fails_for = 1;
	say(s, ANN, handshake);
	say(s, ANN, frames);
	say(s, BOB, "hello\n");
	wait(s, 5000);
	switched = has_heard(p, "HTTP/1.1 101 ");
	closed = p->len > 17 && memcmp(p->last_activity + p->len - 17, close, 4) == 0;
	CHECK(p->place < 0 ? closed == switched : !closed);
	CHECK(has_heard(&s->people[BOB], "]: hello --"));
	*told += closed;
	finish(s);
	return allocations >= which;
}

static void test_browser(void)
{
	unsigned told = 0;

	for (unsigned long which = 1; browser_is_told(which, &told) && unit_failures == 0; which++)
		;
	CHECK(told >= 3);
}

/* None for the chat itself: nothing is made, and nothing is left. */
static void test_no_chat(void)
{
	struct stage *s = &stage;
	unsigned long most;

	begin(s);
	finish(s);
	allocations = 0;
	begin(s);
	most = allocations;
	finish(s);
	for (unsigned long which = 1; which <= most; which++) {
		allocations = 0;
		fails = which;
		fails_for = 1;
		CHECK(chat_create(&(struct chat_setup){ &s->settings, &s->log, fill_random,
			s->now }) == NULL);
	}
	fails = 0;
}

static const struct unit_test tests[] = {
	{ "one allocation fails", test_one_fails },
	{ "all fail for a while", test_all_fail },
	{ "none for one at a browser", test_browser },
	{ "none for the room", test_no_chat },
};

UNIT_MAIN(tests)
