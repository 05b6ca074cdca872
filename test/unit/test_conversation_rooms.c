/*
 * Conversations in several rooms: who sees what of which, and what nobody outside does.
 */
#include <string.h>

#include "test/unit/converse.h"
#include "test/unit/unit.h"

/* A room that all may enter, one with a password, one hidden, one of both, one for operators. */
static const struct room_settings rooms_set[] = {
	{ .name = "tea", .feed_bytes = 256 * 1024, .replay = 10, .topic_is_open = true },
	{ .name = "vault", .password = "sesame", .feed_bytes = 256 * 1024, .replay = 10 },
	{ .name = "attic", .feed_bytes = 256 * 1024, .replay = 10, .is_hidden = true },
	{ .name = "crypt", .password = "bones", .feed_bytes = 256 * 1024, .replay = 10,
		.is_hidden = true },
	{ .name = "bridge", .feed_bytes = 256 * 1024, .replay = 10, .is_for_operators = true },
};

static struct settings with_rooms(void)
{
	struct settings settings = converse_settings;

	settings.rooms = rooms_set;
	settings.room_count = sizeof(rooms_set) / sizeof(rooms_set[0]);
	return settings;
}

#define CONVERSE_ROOMS(rows) do { \
		struct settings settings_ = with_rooms(); \
		CONVERSE(&settings_, rows); \
	} while (0)

static void test_greeting(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === chatd: you are #1, 1 of 8 online, room lobby, /help for help",
		"b visits tea",
		"b < === chatd: you are #2, 2 of 8 online, room tea, /help for help",
		"b > hello",
		"b < *** #2 joined (1 online) --STAMP",
		"b < [#2]: hello --STAMP",
		"c visits tea",
		"c < === chatd: you are #3, 3 of 8 online, room tea, /help for help",
		"c < [#2]: hello --STAMP",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

/* Only the visible ones count. */
static void test_greeting_alone(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === chatd: you are #1, 1 of 8 online, /help for help",
		"b visits attic",
		"b < === chatd: you are #2, 2 of 8 online, room attic, /help for help",
	};
	struct settings settings = with_rooms();

	settings.rooms = &rooms_set[2];
	settings.room_count = 2;
	CONVERSE(&settings, rows);
}

static void test_moving(void)
{
	static const char *const rows[] = {
		"alice enters",
		"bob enters",
		"carol enters",
		"all forgets",
		"alice > /join tea",
		"alice < === room tea: 1 online",
		"alice < *** alice joined (1 online) --STAMP",
		"bob < *** alice left (2 online) --STAMP",
		"carol < *** alice left (2 online) --STAMP",
		"alice > all mine",
		"alice < [alice]: all mine --STAMP",
		"bob > is she gone?",
		"bob < [bob]: is she gone? --STAMP",
		"carol < [bob]: is she gone? --STAMP",
		"all nothing",
		"bob > /join #Tea",
		"bob < === room tea: 2 online",
		"bob < [alice]: all mine --STAMP",
		"bob < *** bob joined (2 online) --STAMP",
		"alice < *** bob joined (2 online) --STAMP",
		"carol < *** bob left (1 online) --STAMP",
		"bob > hi",
		"bob < [bob]: hi --STAMP",
		"alice < [bob]: hi --STAMP",
		"all nothing",
		/* Private lines, and nicks, know no rooms. */
		"carol > /msg alice psst",
		"carol < [you -> alice]: psst --STAMP",
		"alice < [carol -> you]: psst --STAMP",
		"carol > /nick Bob",
		"carol < !!! the nick Bob is taken",
		"carol > /who",
		"carol < === 1 online:",
		"carol < === carol (you) since STAMP, idle 0 s",
		"carol > /who tea",
		"carol < === 2 online:",
		"carol < === alice since STAMP, idle 0 s",
		"carol < === bob since STAMP, idle 0 s",
		"carol > /who *",
		"carol < === 3 online:",
		"carol < === alice since STAMP, idle 0 s, room tea",
		"carol < === bob since STAMP, idle 0 s, room tea",
		"carol < === carol (you) since STAMP, idle 0 s, room lobby",
		/* Back, with all that was said since. */
		"alice > /join lobby 4",
		"alice < === room lobby: 2 online",
		"alice < [bob]: is she gone? --STAMP",
		"alice < *** bob left (1 online) --STAMP",
		"alice < *** alice joined (2 online) --STAMP",
		"carol < *** alice joined (2 online) --STAMP",
		"bob < *** alice left (1 online) --STAMP",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

/* What was said before is seen before it goes. */
static void test_in_one_piece(void)
{
	static const char *const rows[] = {
		"alice enters",
		"alice >> one\n/join tea\ntwo\n/join lobby\nthree\n",
		"alice < [alice]: one --STAMP",
		"alice < === room tea: 1 online",
		"alice < *** alice joined (1 online) --STAMP",
		"alice < [alice]: two --STAMP",
		"alice < === room lobby: 1 online",
		"alice < [alice]: one --STAMP",
		"alice < *** alice joined (1 online) --STAMP",
		"alice < [alice]: three --STAMP",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

/* One who begins with /join is not announced where it does not stay. */
static void test_first_line(void)
{
	static const char *const rows[] = {
		"bob enters",
		"a connects",
		"a forgets",
		"a > /join tea",
		"a < === room tea: 1 online",
		"a < *** #2 joined (1 online) --STAMP",
		"all nothing",
		"c connects",
		"c forgets",
		"c > /join vault",
		"c < === password:",
		"all nothing",
		"c > sesame",
		"c < === room vault: 1 online",
		"c < *** #3 joined (1 online) --STAMP",
		"all nothing",
		"d connects",
		"d forgets",
		"d > /join nowhere",
		"d < !!! no such room",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

static void test_again(void)
{
	static const char *const rows[] = {
		"alice enters",
		"alice > one",
		"alice > /join vault",
		"alice > sesame",
		"alice forgets",
		"alice > two",
		"alice forgets",
		/* Where it is, it is let in without a word to anybody. */
		"alice > /join vault",
		"alice < === room vault: 1 online",
		"alice < [alice]: two --STAMP",
		"alice > /join vault 1",
		"alice < === room vault: 1 online",
		"alice < [alice]: two --STAMP",
		"alice > /join vault 2",
		"alice < === room vault: 1 online",
		"alice > /join vault 3",
		"alice < === room vault: 1 online",
		"alice < !!! line 3 has not been said yet, the last is 2",
		"alice < [alice]: two --STAMP",
		"alice > /join vault x",
		"alice < !!! /join takes the number of the last line you have seen",
		"alice > /join",
		"alice < !!! usage: /join ROOM[/WORD] [ID]",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

static void test_password(void)
{
	static const char *const rows[] = {
		"alice enters",
		"bob enters",
		"all forgets",
		"alice > /join vault",
		"alice < === password:",
		/* The room that it is in goes on. */
		"bob > hello",
		"alice < [bob]: hello --STAMP",
		"bob < [bob]: hello --STAMP",
		"alice > wrong",
		"all nothing",
		"wait 1000",
		"alice < !!! wrong password",
		"alice < === password:",
		"alice > /who",
		"all nothing",
		"wait 2000",
		"alice < !!! wrong password",
		"alice < === password:",
		"alice > sesame ",
		"wait 3999",
		"all nothing",
		"wait 1",
		"alice < !!! wrong password",
		"alice > here still",
		"alice < [alice]: here still --STAMP",
		"bob < [alice]: here still --STAMP",
		"alice > /join vault",
		"alice < === password:",
		"alice > sesame",
		"alice < === room vault: 1 online",
		"alice < *** alice joined (1 online) --STAMP",
		"bob < *** alice left (1 online) --STAMP",
		"bob > /join vault",
		"bob < === password:",
		"wait 60000",
		"bob < !!! no password was given",
		"bob > /join vault",
		"bob < === password:",
		"bob ends",
		"bob closed",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

/* The text typed in telnet does not show. */
static void test_password_telnet(void)
{
	static const char *const rows[] = {
		"alice telnets",
		"alice > /nick alice",
		"alice forgets",
		"alice > /join vault",
		"alice < === password:\r",
		"alice < \xff\xfb\x01" "!!! wrong password\r",
		"alice nothing",
	};
	struct settings settings = with_rooms();
	struct converse c;

	converse_begin(&c, &settings);
	converse_rows(&c, rows, 5);
	converse_row(&c, "alice > no");
	converse_row(&c, "wait 1000");
	converse_row(&c, "%s", rows[5]);
	converse_row(&c, "alice < === password:\r");
	converse_row(&c, "alice > sesame");
	converse_row(&c, "alice < \xff\xfc\x01=== room vault: 1 online\r");
	converse_row(&c, "alice < *** alice joined (1 online) --STAMP\r");
	CHECK(converse_end(&c));
}

/* The operator takes the password away while somebody is asked for it. */
static void test_password_taken_away(void)
{
	struct room_settings open[sizeof(rooms_set) / sizeof(rooms_set[0])];
	struct settings settings = with_rooms();
	struct converse c;

	memcpy(open, rooms_set, sizeof(open));
	for (unsigned i = 0; i < settings.room_count; i++)
		open[i].password = NULL;
	converse_begin(&c, &settings);
	converse_row(&c, "alice enters");
	converse_row(&c, "alice > /join vault");
	converse_row(&c, "alice < === password:");
	settings.rooms = open;
	CHECK_INT(converse_set(&c, &settings), 0);
	converse_row(&c, "wait 0");
	converse_row(&c, "alice < === room vault: 1 online");
	converse_row(&c, "alice < *** alice joined (1 online) --STAMP");
	converse_row(&c, "alice > hello");
	converse_row(&c, "alice < [alice]: hello --STAMP");
	converse_row(&c, "log forgets");
	CHECK(converse_end(&c));
}

static void test_listing(void)
{
	static const char *const rows[] = {
		"alice enters",
		"alice > one",
		"alice > /topic nothing",
		"alice forgets",
		"alice > /join tea",
		"alice > /topic Tea at five",
		"alice forgets",
		"alice > /rooms",
		"alice < === 4 rooms:",
		"alice < === lobby: 0 online, up to 3",
		"alice < === tea (you): 1 online, up to 2 - Tea at five",
		"alice < === vault (password)",
		"alice < === bridge: 0 online, up to 0",
		"op operates",
		"op > /rooms",
		"op forgets",
		"op > /topic In the lobby",
		"op forgets",
		"op > /rooms",
		"op < === 6 rooms:",
		"op < === lobby (you): 1 online, up to 5 - In the lobby",
		"op < === tea: 1 online, up to 2 - Tea at five",
		"op < === vault (password): 0 online, up to 0",
		"op < === attic: 0 online, up to 0",
		"op < === crypt (password): 0 online, up to 0",
		"op < === bridge: 0 online, up to 0",
		"alice > /join vault",
		"alice > sesame",
		"alice forgets",
		"alice > /rooms",
		"alice < === 4 rooms:",
		"alice < === lobby: 1 online, up to 5 - In the lobby",
		"alice < === tea: 0 online, up to 3 - Tea at five",
		"alice < === vault (you) (password): 1 online, up to 1",
		"alice < === bridge: 0 online, up to 0",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

static void test_topic(void)
{
	static const char *const rows[] = {
		"alice enters",
		"alice > /topic",
		"alice < === there is no topic",
		"alice > /topic Mine",
		"alice < !!! operators set the topic here",
		"alice > /join tea",
		"alice forgets",
		"alice > /topic Tea  at five",
		"alice < *** alice set the topic: Tea  at five --STAMP",
		"alice > /topic",
		"alice < === topic: Tea  at five",
		"bob enters",
		"alice forgets",
		"bob > /join tea",
		"bob < === room tea: 2 online",
		"bob < === topic: Tea  at five",
		"bob < *** bob joined (2 online) --STAMP",
		"alice < *** bob joined (2 online) --STAMP",
		"c visits tea",
		"c < === chatd: you are #3, 3 of 8 online, room tea, /help for help",
		"c < === topic: Tea  at five",
		"alice > /topic -",
		"all < *** alice removed the topic --STAMP",
		"alice > /topic",
		"alice < === there is no topic",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

static void test_topic_length(void)
{
	char topic[1025];
	struct settings settings = with_rooms();
	struct converse c;

	settings.max_message = 2048;
	memset(topic, 'x', sizeof(topic));
	converse_begin(&c, &settings);
	converse_row(&c, "op operates");
	converse_row(&c, "op > /nick op");
	converse_row(&c, "op forgets");
	converse_row(&c, "op > /topic %.1024s", topic);
	converse_row(&c, "op < *** op set the topic: %.1024s --STAMP", topic);
	converse_row(&c, "op > /topic %.1025s", topic);
	converse_row(&c, "op < !!! a topic has at most 1024 bytes");
	CHECK(converse_end(&c));
}

static const struct unit_test tests[] = {
	{ "the greeting names the room", test_greeting },
	{ "if there is more than one to know of", test_greeting_alone },
	{ "going from room to room", test_moving },
	{ "all in one piece", test_in_one_piece },
	{ "/join as the first line", test_first_line },
	{ "/join where one is", test_again },
	{ "a room with a password", test_password },
	{ "which is not shown in telnet", test_password_telnet },
	{ "the password is taken away", test_password_taken_away },
	{ "/rooms", test_listing },
	{ "/topic", test_topic },
	{ "a topic's length", test_topic_length },
};

UNIT_MAIN(tests)
