/*
 * Flow: who does not read delays the others for at most a second, costs nothing, and is told the
 * exact number of lines missed.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#include <stdlib.h>

#include "proto/message.h"
#include "proto/text.h"

enum {
	LINES = 1000, /* of 1,000 bytes: many times the feed */
	LINE = 4 + 1 + 1000 + 3 + STAMP_LEN + 1 - 1, /* "[a]: ", text, " --STAMP", LF */
	STEP = 10, /* ms */
};

static void begin(struct converse *c)
{
	struct settings settings = converse_settings;

	settings.feed_bytes = 64 * 1024;
	settings.max_clients = 40;
	settings.announce_max = 0;
	converse_begin(c, &settings);
	converse_row(c, "a enters");
	converse_row(c, "r enters");
}

static void talk(struct converse *c, int from, int to)
{
	char line[1100];

	for (int i = from; i < to; i++) {
		int len = snprintf(line, sizeof(line), "%01000d\n", i);

		converse_send(c, "a", line, (size_t)len);
	}
	converse_row(c, "wait 0");
}

static int64_t ms_since(const struct converse *c, int64_t start)
{
	return (c->now.usec - start) / TIME_MS;
}

/* Takes off what a reader has received: the lines from..to-1, whole and in order. */
static bool takes_all(struct converse *c, const char *name, int *from, int to)
{
	struct message m;
	const char *line;
	uint64_t number;
	size_t len;

	while (*from < to && (line = converse_line(c, name, &len)) != NULL) {
		message_parse(line, len, &m);
		if (m.kind != MESSAGE_SAID || !text_number(m.text, m.text_len, LINES, &number) ||
			number != (uint64_t)*from) {
			unit_print("got", line, len < 60 ? len : 60);
			CHECK(!"every line, in order");
			return true;
		}
		++*from;
	}
	return *from == to;
}

/* Lets time pass until the reader has got everything; returns how long it took, in ms. */
static int64_t until_all(struct converse *c, int from, int to)
{
	int64_t start = c->now.usec;

	while (!takes_all(c, "r", &from, to) && ms_since(c, start) < 100000)
		converse_row(c, "wait %d", STEP);
	return ms_since(c, start);
}

/* What one who did not read is told at last: its lines and the gaps add up. */
static void check_gaps(struct converse *c, const char *name, int total)
{
	struct message m;
	const char *line;
	uint64_t next = 0, number;
	size_t len;
	int gaps = 0;

	while ((line = converse_line(c, name, &len)) != NULL) {
		message_parse(line, len, &m);
		if (m.kind == MESSAGE_SAID && text_number(m.text, m.text_len, LINES, &number)) {
			CHECK_INT(number, next % LINES);
			next++;
		} else if (sscanf(line, "=== you missed %" SCNu64 " lines\n", &number) == 1) {
			next += number;
			gaps++;
		} else {
			unit_print("what is this", line, len);
			CHECK(!"a line or a gap");
		}
	}
	CHECK_INT(next, total);
	CHECK(gaps > 0);
}

static void test_stalled(void)
{
	struct converse c;
	int64_t delay;

	begin(&c);
	converse_row(&c, "s enters");
	converse_row(&c, "s stalls");
	talk(&c, 0, LINES);
	delay = until_all(&c, 0, LINES);
	CHECK(delay > 0 && delay <= 1000 + STEP);
	/* Once given up, it holds nobody back any more. */
	talk(&c, 0, LINES);
	CHECK_INT(until_all(&c, 0, LINES), 0);
	converse_row(&c, "s reads");
	converse_row(&c, "a forgets");
	check_gaps(&c, "s", 2 * LINES);
	converse_row(&c, "a > again");
	converse_row(&c, "all < [a]: again --STAMP");
	CHECK(converse_end(&c));
}

/* The readers s0, s1 and so on, none of whom takes anything. */
static void enter_stalled(struct converse *c, int count)
{
	for (int i = 0; i < count; i++) {
		converse_row(c, "s%d enters", i);
		converse_row(c, "s%d stalls", i);
	}
}

/* In the end they read: each is told what it has missed of total lines, or has missed nothing. */
static void let_read(struct converse *c, int count, int total, bool missed)
{
	for (int i = 0; i < count; i++) {
		const char *name = c->people[i + 2].name;
		int from = 0;

		converse_row(c, "s%d reads", i);
		if (missed)
			check_gaps(c, name, total);
		else
			CHECK(takes_all(c, name, &from, total));
	}
}

/* Ten of them cost no more than one. */
static void test_ten_stalled(void)
{
	struct converse c;

	begin(&c);
	enter_stalled(&c, 10);
	talk(&c, 0, LINES);
	CHECK(until_all(&c, 0, LINES) <= 1000 + STEP);
	converse_row(&c, "a forgets");
	let_read(&c, 10, LINES, true);
	CHECK(converse_end(&c));
}

/* At different moments, each costs a second at most, once. */
static void test_stalled_one_by_one(void)
{
	struct converse c;

	begin(&c);
	enter_stalled(&c, 10);
	for (int i = 0; i < 10; i++) {
		converse_row(&c, "s%d reads", i);
		converse_row(&c, "all forgets");
	}
	for (int i = 0; i < 10; i++) {
		converse_row(&c, "s%d stalls", i);
		talk(&c, 0, LINES);
		CHECK(until_all(&c, 0, LINES) <= 1000 + STEP);
		talk(&c, 0, LINES);
		CHECK_INT(until_all(&c, 0, LINES), 0);
		for (int j = i + 1; j < 10; j++)
			converse_row(&c, "s%d forgets", j);
	}
	converse_row(&c, "a forgets");
	for (int i = 0; i < 10; i++) {
		converse_row(&c, "s%d reads", i);
		check_gaps(&c, c.people[i + 2].name, 2 * LINES * (10 - i));
	}
	CHECK(converse_end(&c));
}

/* How some take what they are sent, and how many they are. */
struct trickle {
	int readers;
	size_t bytes;
	int each; /* ms */
};

/* Lets the others talk meanwhile; returns how long they took, in ms. */
static int64_t trickle(struct trickle t, bool alive)
{
	struct converse c;
	int64_t start, delay;
	int from = 0;

	begin(&c);
	enter_stalled(&c, t.readers);
	start = c.now.usec;
	talk(&c, 0, LINES);
	while (!takes_all(&c, "r", &from, LINES) && ms_since(&c, start) < 100000) {
		converse_row(&c, "wait %d", t.each);
		for (int i = 0; i < t.readers; i++)
			converse_take(&c, c.people[i + 2].name, t.bytes);
	}
	delay = ms_since(&c, start);
	converse_row(&c, "a forgets");
	let_read(&c, t.readers, LINES, !alive);
	CHECK(converse_end(&c));
	return delay;
}

/* Who takes less than 16 KiB a second costs a second in all, and so do ten of them. */
static void test_trickling(void)
{
	static const struct trickle dead[] = {
		{ 1, 10, 10 }, { 1, 80, 10 }, { 1, 150, 10 }, { 1, 163, 10 }, { 1, 16383, 1000 },
		{ 10, 10, 10 }, { 10, 150, 10 }, { 10, 163, 10 },
	};

	for (size_t i = 0; i < sizeof(dead) / sizeof(dead[0]); i++)
		CHECK(trickle(dead[i], false) <= 1000 + dead[i].each);
}

/* Who takes as much is waited for, for as long as it needs for almost a megabyte. */
static void test_slow_but_alive(void)
{
	static const struct trickle alive[] = {
		{ 1, 170, 10 }, { 1, 16384, 950 }, { 1, 50000, 950 }, { 1, 1000, 10 },
		{ 10, 170, 10 }, { 10, 1000, 10 },
	};

	for (size_t i = 0; i < sizeof(alive) / sizeof(alive[0]); i++) {
		int64_t rate = (int64_t)alive[i].bytes * 1000 / alive[i].each;

		CHECK(trickle(alive[i], true) > 900 * INT64_C(1000000) / rate);
	}
}

/* One who has been slow, but alive, and then takes nothing at all: a second from then on. */
static void test_alive_no_more(void)
{
	struct converse c;

	begin(&c);
	enter_stalled(&c, 1);
	talk(&c, 0, LINES);
	for (int i = 0; i < 1000; i++) {
		converse_row(&c, "wait 10");
		converse_take(&c, "s0", 200);
	}
	CHECK(until_all(&c, 0, LINES) <= 1000 + STEP);
	converse_row(&c, "a forgets");
	let_read(&c, 1, LINES, true);
	CHECK(converse_end(&c));
}

/* Who keeps up again gets its second back. */
static void test_earned_back(void)
{
	struct converse c;
	int64_t first, second;

	begin(&c);
	converse_row(&c, "s enters");
	converse_row(&c, "s stalls");
	talk(&c, 0, LINES);
	first = until_all(&c, 0, LINES);
	converse_row(&c, "s reads");
	check_gaps(&c, "s", LINES);
	talk(&c, 0, 100);
	CHECK_INT(until_all(&c, 0, 100), 0);
	converse_row(&c, "s forgets");
	converse_row(&c, "s stalls");
	talk(&c, 0, LINES);
	second = until_all(&c, 0, LINES);
	CHECK(first > 900 && first <= 1000 + STEP);
	CHECK(second > 900 && second <= 1000 + STEP);
	converse_row(&c, "s reads");
	converse_row(&c, "a forgets");
	check_gaps(&c, "s", LINES);
	CHECK(converse_end(&c));
}

/* A short stall loses nothing, and is waited for no longer than it lasts. */
static void test_short_stall(void)
{
	struct converse c;
	int from = 0;

	begin(&c);
	converse_row(&c, "s enters");
	converse_row(&c, "s stalls");
	talk(&c, 0, LINES);
	converse_row(&c, "wait 900");
	converse_row(&c, "s reads");
	CHECK(until_all(&c, 0, LINES) <= 50);
	CHECK(takes_all(&c, "s", &from, LINES));
	converse_row(&c, "a forgets");
	CHECK(converse_end(&c));
}

/* Within half a feed nobody is waited for at all, and nothing is lost. */
static void test_within_the_feed(void)
{
	struct converse c;
	int from = 0;

	begin(&c);
	converse_row(&c, "s enters");
	converse_row(&c, "s stalls");
	talk(&c, 0, 28);
	CHECK_INT(until_all(&c, 0, 28), 0);
	converse_row(&c, "wait 100000");
	converse_row(&c, "s reads");
	CHECK(takes_all(&c, "s", &from, 28));
	converse_row(&c, "a forgets");
	CHECK(converse_end(&c));
}

/* One who asks for a long replay, or resumes from far back, and stalls, is not waited for. */
static void test_stalled_in_a_replay(void)
{
	static const char *const asks[] = { "/replay 1000", "/resume 0" };

	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		struct converse c;

		begin(&c);
		talk(&c, 0, 60);
		CHECK_INT(until_all(&c, 0, 60), 0);
		converse_row(&c, "s enters");
		converse_row(&c, "s stalls");
		converse_row(&c, "s > %s", asks[i]);
		talk(&c, 0, LINES);
		CHECK(until_all(&c, 0, LINES) <= 1000 + STEP);
		converse_row(&c, "s reads");
		converse_row(&c, "all forgets");
		CHECK(converse_end(&c));
	}
}

/* Who has ended its side and still reads is waited for as anybody. */
static void test_leaving(void)
{
	struct converse c;
	int from = 0;

	begin(&c);
	converse_row(&c, "s enters");
	converse_row(&c, "s stalls");
	talk(&c, 0, 30);
	converse_row(&c, "s ends");
	talk(&c, 30, LINES);
	for (int i = 0; i < 10; i++) {
		converse_row(&c, "wait 100");
		converse_take(&c, "s", 4000);
	}
	converse_row(&c, "s reads");
	CHECK(takes_all(&c, "s", &from, 30));
	converse_row(&c, "s closed");
	converse_row(&c, "wait 0");
	converse_row(&c, "all forgets");
	CHECK(converse_end(&c));
}

/* The smallest feed, and texts that grow as much as any: who is alive misses nothing. */
static void test_smallest_feed(void)
{
	struct settings settings = converse_settings;
	struct converse c;
	char bad[1000];
	const char *line;
	size_t len;
	int said = 0;

	memset(bad, 0x80, sizeof(bad));
	settings.feed_bytes = FEED_LINES_MIN * feed_line_max(MESSAGE_DEFAULT);
	settings.replay = 0;
	settings.max_clients = 40;
	converse_begin(&c, &settings);
	converse_row(&c, "s enters");
	converse_row(&c, "a enters");
	converse_row(&c, "s stalls");
	for (int i = 0; i < 20; i++) {
		converse_row(&c, "a > %.*s", 1000, bad);
		converse_row(&c, "b%d connects", i);
		converse_row(&c, "b%d > /nick b\n/quit %.*s", i, 990, bad);
		/* 20 KB a second. */
		for (int j = 0; j < 10; j++) {
			converse_row(&c, "wait 10");
			converse_take(&c, "s", 200);
		}
	}
	converse_row(&c, "s reads");
	converse_row(&c, "wait 1000");
	while ((line = converse_line(&c, "s", &len)) != NULL) {
		CHECK(strncmp(line, "=== you missed", 14) != 0);
		said += line[0] == '[';
	}
	CHECK_INT(c.people[0].place, 0);
	CHECK(said > 0);
	for (size_t i = 0; i < c.count; i++)
		converse_row(&c, "%s forgets", c.people[i].name);
	CHECK(converse_end(&c));
}

/* What a slow reader takes counts to the last byte, however often it is looked at. */
static void test_looked_at_often(void)
{
	struct converse c;
	int from = 0;

	begin(&c);
	converse_row(&c, "s enters");
	converse_row(&c, "s stalls");
	talk(&c, 0, 100);
	for (int i = 0; i < 5000; i++) {
		/* 18 KB a second, in pieces that are worth less than a millisecond each. */
		converse_take(&c, "s", 9);
		converse_take(&c, "s", 9);
		converse_row(&c, "wait 1");
	}
	converse_row(&c, "s reads");
	CHECK(takes_all(&c, "s", &from, 100));
	converse_row(&c, "all forgets");
	CHECK(converse_end(&c));
}

/* Where a slow reader leaves little to be said, everybody's turn comes. */
static void test_turns(void)
{
	struct converse c;

	begin(&c);
	converse_row(&c, "s enters");
	converse_row(&c, "s stalls");
	for (int i = 0; i < 4; i++)
		converse_row(&c, "t%d enters", i);
	for (int i = 0; i < 4; i++) {
		static char lines[400000];

		for (size_t j = 0; j < sizeof(lines); j++)
			lines[j] = j % 1000 == 999 ? '\n' : 'x';
		converse_send(&c, c.people[3 + i].name, lines, sizeof(lines));
	}
	for (int i = 0; i < 80; i++) {
		converse_row(&c, "wait 100");
		converse_take(&c, "s", 10000);
	}
	/* A fourth would be 200,000 bytes; what is read at once makes it uneven. */
	for (int i = 0; i < 4 && !c.upgrades; i++)
		CHECK(c.people[3 + i].said.at > 100000);
	converse_row(&c, "all resets");
	for (size_t i = 0; i < c.count; i++)
		converse_row(&c, "%s forgets", c.people[i].name);
	CHECK(converse_end(&c));
}

/* How many lines it was told to have missed, in one go or in several; then comes *line. */
static uint64_t take_gap(struct converse *c, const char *name, const char **line, size_t *len)
{
	uint64_t sum = 0, missed;

	while ((*line = converse_line(c, name, len)) != NULL &&
		sscanf(*line, "=== you missed %" SCNu64 " lines%*c\n", &missed) == 1)
		sum += missed;
	return sum;
}

/* Private lines keep their places around the gap. */
static void test_private_in_the_gap(void)
{
	struct converse c;
	struct message m;
	uint64_t after;
	const char *line;
	size_t len;

	begin(&c);
	converse_row(&c, "s enters");
	converse_row(&c, "s stalls");
	talk(&c, 0, 200);
	converse_row(&c, "wait 5000");
	converse_row(&c, "a > /msg s psst");
	talk(&c, 200, 400);
	converse_row(&c, "all forgets");
	converse_row(&c, "s reads");
	CHECK_INT(take_gap(&c, "s", &line, &len), 200);
	CHECK(line != NULL);
	message_parse(line, len, &m);
	CHECK_TEXT(m.text, m.text_len, "psst");
	after = take_gap(&c, "s", &line, &len);
	CHECK(after > 100);
	for (; line != NULL; line = converse_line(&c, "s", &len))
		after++;
	CHECK_INT(after, 200);
	CHECK(converse_end(&c));
}

/* One who ignores another, and is tagged, is told of gaps as exactly: IDs tell. */
static void test_gaps_of_framings(void)
{
	struct converse c;
	uint64_t last, id = 0;
	const char *line;
	size_t len;
	int heard = 0;

	begin(&c);
	converse_row(&c, "s enters");
	converse_row(&c, "s > /ignore r\n/resume\r");
	converse_row(&c, "s forgets");
	converse_row(&c, "s stalls");
	talk(&c, 0, 100);
	converse_row(&c, "wait 5000");
	for (int i = 0; i < 200; i++)
		converse_row(&c, "%s > %01000d", i % 2 ? "r" : "a", i);
	converse_row(&c, "s reads");
	last = take_gap(&c, "s", &line, &len);
	for (; line != NULL; line = converse_line(&c, "s", &len)) {
		CHECK(sscanf(line, "@%" SCNu64 " %*d [a]: ", &id) == 1);
		CHECK(id % 2 == 1 && id > last && id <= last + 2);
		last = id;
		heard++;
	}
	CHECK_INT(id, 299);
	CHECK(heard > 20);
	converse_row(&c, "all forgets");
	CHECK(converse_end(&c));
}

static const struct unit_test tests[] = {
	{ "one who stalls", test_stalled },
	{ "ten who stall", test_ten_stalled },
	{ "stalled one by one", test_stalled_one_by_one },
	{ "who trickles", test_trickling },
	{ "who is slow but alive", test_slow_but_alive },
	{ "who was alive", test_alive_no_more },
	{ "the second is earned back", test_earned_back },
	{ "a short stall", test_short_stall },
	{ "within half a feed", test_within_the_feed },
	{ "stalled in a replay", test_stalled_in_a_replay },
	{ "one who has ended its side", test_leaving },
	{ "the smallest feed", test_smallest_feed },
	{ "looked at often", test_looked_at_often },
	{ "everybody's turn comes", test_turns },
	{ "private lines in a gap", test_private_in_the_gap },
	{ "gaps in every framing", test_gaps_of_framings },
};

UNIT_MAIN(tests)
