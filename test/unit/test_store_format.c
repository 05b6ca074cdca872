/*
 * The text of the store: what is written is read back the same, and nothing in it is trusted.
 */
#include "server/core/room/store_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

#define HEAD "=== chatd store 1\n"
#define DIGEST "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"

/* Before all that ends in these tests. */
static const struct time now = { .usec = TIME_SECOND, .time = 1666200000 };

static int read_text(struct store *s, const char *text, size_t len, struct store_skipped *skipped)
{
	return store_read(s, (struct slice){ text, len }, now, skipped);
}

static void check_text(const struct store *s, const char *want)
{
	size_t len = 0;
	char *text = store_text(s, now, &len);

	CHECK(text != NULL);
	CHECK_TEXT(text, len, want);
	free(text);
}

static void test_comes_back_the_same(void)
{
	static const char text[] = HEAD
		"ban 192.0.2.7 1666207445 alice: spam: and more of it\n"
		"ban 192.0.2.0/24 0 #3: \n"
		"ban 2001:db8::/32 1666207445 ?: \xc3\xa4\n"
		"claim alice " DIGEST " 1666137600\n"
		"claim \xd0\xb0\xd0\xbd\xd0\xbd\xd0\xb0 " DIGEST " 0\n"
		"topic lobby: Tea at five\n"
		"slow lobby 5\n"
		"topic tea: \n"
		"slow coffee 4294967295\n"
		"motd: Welcome\n"
		"motd: \n"
		"motd:   to tea\n";
	struct store_skipped skipped;
	struct store s = { .motd = NULL };

	CHECK_INT(read_text(&s, text, sizeof(text) - 1, &skipped), 0);
	CHECK_INT(skipped.count, 0);
	CHECK_INT(s.bans.count, 3);
	CHECK_INT(s.bans.list[0].until, INT64_C(7446) * TIME_SECOND);
	CHECK_TEXT(s.bans.list[0].reason, 20, "spam: and more of it");
	CHECK_TEXT(s.bans.list[1].by, 2, "#3");
	CHECK(s.bans.list[1].reason == NULL && s.bans.list[1].until == TIME_NEVER);
	CHECK_TEXT(s.bans.list[2].by, 0, "");
	CHECK_INT(s.claims.list[0].key[1], 1);
	CHECK_INT(s.claims.list[0].key[31], 255);
	CHECK_TEXT(s.motd, strlen(s.motd), "Welcome\n\n  to tea");
	check_text(&s, text);
	store_finish(&s);
	check_text(&s, HEAD);
}

static void test_skips_what_it_cannot_read(void)
{
	static const char *const lines[] = {
		"", "?", "ban", "ban ", "ban 192.0.2.7", "ban 192.0.2.7 0 alice", "ban x 0 a: b",
		"ban 192.0.2.7 -1 a: b", "ban 192.0.2.7 0 1 a: b", "ban 192.0.2.7 0 : c",
		"ban 192.0.2.7 0 a:c", "ban 192.0.2.7 0 123456789012345678901234567890123: c",
		"ban 192.0.2.7 9223372036854775808 a: b", "ban 192.0.2.7 0 a: \x1b[2J",
		"claim alice " DIGEST, "claim alice " DIGEST " x", "claim alice " DIGEST "0 1",
		"claim alice 00 1", "claim #3 " DIGEST " 1", "claim a:b " DIGEST " 1", "claim  " DIGEST " 1",
		"claim alice 0g0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff 1",
		"topic tea", "topic : x", "topic tea:x", "slow tea", "slow tea x", "slow tea 4294967296",
		"motd:", "motd:x", "motd", "MOTD: x", "=== chatd store 1", "ban\t192.0.2.7 0 a: b",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct store_skipped skipped;
		struct store s = { .motd = NULL };
		char text[256];

		snprintf(text, sizeof(text), HEAD "slow tea 1\n%s\nslow tea 2\n", lines[i]);
		CHECK_INT(read_text(&s, text, strlen(text), &skipped), 0);
		CHECK_INT(skipped.count, 1);
		CHECK_INT(skipped.first, 3);
		if (skipped.count != 1)
			unit_print("line", lines[i], strlen(lines[i]));
		CHECK_INT(s.room_count, 1);
		CHECK_INT(s.rooms[0].slow, 2);
		CHECK_INT(s.bans.count + s.claims.count, 0);
		store_finish(&s);
	}
}

/* Cut anywhere: what is whole is read, and nothing else is made of it. */
static void test_survives_a_cut(void)
{
	static const char text[] = HEAD "ban 192.0.2.7 0 a: b\nclaim alice " DIGEST
		" 7\ntopic tea: x\n";

	for (size_t len = 0; len < sizeof(text); len++) {
		struct store_skipped skipped;
		struct store s = { .motd = NULL };

		CHECK_INT(read_text(&s, text, len, &skipped), 0);
		CHECK(skipped.count <= 1 && s.bans.count <= 1 && s.claims.count <= 1);
		store_finish(&s);
	}
}

static void test_limits(void)
{
	struct store_skipped skipped;
	struct store s = { .motd = NULL };
	char text[STORE_LINE_MAX + 64];

	for (size_t len = STORE_TEXT_MAX - 1; len <= STORE_TEXT_MAX + 1; len++) {
		int head = snprintf(text, sizeof(text), HEAD "topic tea: ");

		memset(text + head, 'x', len);
		text[(size_t)head + len] = '\n';
		CHECK_INT(read_text(&s, text, (size_t)head + len + 1, &skipped), 0);
		CHECK_INT(skipped.count, len > STORE_TEXT_MAX);
	}
	for (size_t len = STORE_MOTD_MAX - 1; len <= STORE_MOTD_MAX + 1; len++) {
		int head = snprintf(text, sizeof(text), HEAD "motd: ");

		store_finish(&s);
		memset(text + head, 'x', len);
		text[(size_t)head + len] = '\n';
		CHECK_INT(read_text(&s, text, (size_t)head + len + 1, &skipped), 0);
		CHECK_INT(skipped.count, len > STORE_MOTD_MAX);
	}
	store_finish(&s);
}

static void test_origins(void)
{
	static const struct {
		const char *text;
		enum store_origin want;
	} cases[] = {
		{ "", STORE_EMPTY },
		{ HEAD, STORE_OURS },
		{ HEAD "ban", STORE_OURS },
		{ "=== chatd store 1", STORE_NEWER },
		{ "=== chatd store 2\n", STORE_NEWER },
		{ "=== chatd store 1\r\n", STORE_NEWER },
		{ "=== chatd history 1, next @1\n", STORE_FOREIGN },
		{ "=== chatd stor", STORE_FOREIGN },
		{ "\n", STORE_FOREIGN },
		{ "root:x:0:0:root:/root:/bin/bash\n", STORE_FOREIGN },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_INT(store_origin(cases[i].text, strlen(cases[i].text)), cases[i].want);
}

/* What has ended is not kept, and what was used after now, by a clock that was ahead, is used now. */
static void test_forgets_what_has_ended(void)
{
	static const char text[] = HEAD "ban 192.0.2.7 1666200000 a: b\nban 192.0.2.8 1 a: b\n"
		"ban 192.0.2.9 1666200001 a: b\nclaim alice " DIGEST " 1666200001\n";
	struct store_skipped skipped;
	struct store s = { .motd = NULL };
	struct store view;
	char *later;
	size_t len;

	CHECK_INT(read_text(&s, text, sizeof(text) - 1, &skipped), 0);
	CHECK_INT(skipped.count, 0);
	CHECK_INT(s.bans.count, 1);
	CHECK_INT(s.claims.list[0].used, now.time);
	view = s;
	view.claims.count = 0;
	later = store_text(&view, (struct time){ 2 * TIME_SECOND, now.time + 1 }, &len);
	CHECK_TEXT(later, len, HEAD);
	free(later);
	store_finish(&s);
}

static const struct unit_test tests[] = {
	{ "comes back the same", test_comes_back_the_same },
	{ "skips what it cannot read", test_skips_what_it_cannot_read },
	{ "survives a cut", test_survives_a_cut },
	{ "limits", test_limits },
	{ "forgets what has ended", test_forgets_what_has_ended },
	{ "what a file is taken for", test_origins },
};

UNIT_MAIN(tests)
