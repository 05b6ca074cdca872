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
		"all nothing",
		/* Whose name comes next is never known by a number. */
		"a > /nick ann",
		"a < *** ann joined (1 online) --STAMP",
		"all nothing",
		"c connects",
		"c forgets",
		"c > /join vault",
		"c < === password:",
		"all nothing",
		"c > sesame",
		"c < === room vault: 1 online",
		"c > /rooms",
		"c < === 4 rooms:",
		"c < === lobby: 1 online, up to 1",
		"c < === tea: 1 online, up to 1",
		"c < === vault (you) (password): 1 online, up to 0",
		"c < === bridge: 0 online, up to 0",
		"c > /join vault",
		"c < === room vault: 1 online",
		"all nothing",
		"wait 2000",
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
		/* One who asks is there, though the room has not heard of it yet. */
		"mallory connects",
		"mallory forgets",
		"mallory > /rooms",
		"mallory < === 4 rooms:",
		"mallory < === lobby (you): 2 online, up to 5 - In the lobby",
		"mallory < === tea: 0 online, up to 3 - Tea at five",
		"mallory < === vault (password)",
		"mallory < === bridge: 0 online, up to 0",
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

/* All that somebody outside hears who sends a line about a room; the room's name is left out. */
static void ask(char *heard, size_t size, const char *before, const char *room, const char *after)
{
	struct settings settings = with_rooms();
	struct converse c;
	const char *line;
	size_t len, at = 0;

	converse_begin(&c, &settings);
	converse_row(&c, "boss operates");
	converse_row(&c, "boss > /nick boss");
	converse_row(&c, "boss > /join attic");
	converse_row(&c, "boss > the secret");
	converse_row(&c, "mallory enters");
	converse_row(&c, "all forgets");
	converse_row(&c, "mallory > /%s%s%s", before, room, after);
	while ((line = converse_line(&c, "mallory", &len)) != NULL && at + len < size) {
		memcpy(heard + at, line, len);
		at += len;
	}
	heard[at] = '\0';
	for (char *word; (word = strstr(heard, room)) != NULL;)
		memmove(word, word + strlen(room), strlen(word + strlen(room)) + 1);
	converse_row(&c, "all forgets");
	CHECK(converse_end(&c));
}

/* A hidden room is, to those outside, like one that there is not. */
static void test_hidden(void)
{
	static const char *const lines[][2] = {
		{ "join ", "" }, { "join ", " 1" }, { "join #", "" }, { "join ", "/" },
		{ "join ", "/aeaqcaibaeaqcaib" }, { "who ", "" }, { "msg ", " hello" },
		{ "ignore ", "" }, { "unignore ", "" }, { "search ", "" }, { "search ", ": secret" },
		{ "kick ", "" }, { "ban ", "" }, { "slow ", "" }, { "resume 1 ", "" },
		{ "replay ", "" }, { "help ", "" }, { "invite ", "" }, { "quiet ", "" },
		{ "topic ", "" }, { "nick ", "" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char hidden[1000], none[1000];

		ask(hidden, sizeof(hidden), lines[i][0], "attic", lines[i][1]);
		ask(none, sizeof(none), lines[i][0], "cella", lines[i][1]);
		CHECK_TEXT(hidden, strlen(hidden), none);
	}
}

static void test_outside(void)
{
	static const char *const rows[] = {
		"boss operates",
		"boss > /nick boss",
		"boss > /join attic",
		"boss > /topic Old things",
		"boss > /join vault",
		"boss > /topic Gold",
		"boss > the treasure",
		"mallory enters",
		"all forgets",
		"mallory > /rooms",
		"mallory < === 4 rooms:",
		"mallory < === lobby (you): 1 online, up to 3",
		"mallory < === tea: 0 online, up to 0",
		"mallory < === vault (password)",
		"mallory < === bridge: 0 online, up to 0",
		"mallory > /who *",
		"mallory < === 1 online:",
		"mallory < === mallory (you) since STAMP, idle 0 s, room lobby",
		"mallory > /who vault",
		"mallory < !!! room vault has a password",
		"mallory > /who attic",
		"mallory < !!! no such room",
		"mallory > /join attic",
		"mallory < !!! no such room",
		"mallory > /join bridge",
		"mallory < !!! room bridge is for operators",
		"mallory > /search treasure",
		"mallory < === 0 found",
		"mallory > /join crypt/aeaqcaibaeaqcaib",
		"mallory < !!! no such invitation",
		"mallory > /join vault/aeaqcaibaeaqcaib",
		"mallory < !!! no such invitation",
		"mallory > /join nowhere/aeaqcaibaeaqcaib",
		"mallory < !!! no such invitation",
		/* The hidden one with a password opens to its name and that. */
		"mallory > /join crypt",
		"mallory < === password:",
		"mallory > bones",
		"mallory < === room crypt: 1 online",
		"mallory < *** mallory joined (1 online) --STAMP",
		"mallory > /rooms",
		"mallory < === 5 rooms:",
		"mallory < === lobby: 0 online, up to 4",
		"mallory < === tea: 0 online, up to 0",
		"mallory < === vault (password)",
		"mallory < === crypt (you) (password): 1 online, up to 1",
		"mallory < === bridge: 0 online, up to 0",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

static void test_operators(void)
{
	static const char *const rows[] = {
		"boss operates",
		"boss > /nick boss",
		"boss > /join bridge",
		"boss > /invite",
		"boss > /resume",
		"boss forgets",
		"boss > who is there?",
		"boss < @2 EPOCH [boss]: who is there? --STAMP",
		"boss resets",
		"eve connects",
		"eve forgets",
		"eve > /resume 1 01010101010101010101010101010101",
		"eve < !!! unknown or expired token: the room where you were is for operators",
		"eve resets",
		"boss operates",
		"boss forgets",
		"boss > /resume 1 01010101010101010101010101010101",
		"boss < === room bridge",
		"boss < === resume 1 01010101010101010101010101010101",
		"boss < @2 EPOCH [boss]: who is there? --STAMP",
		"mallory visits bridge",
		"mallory < !!! the room of this address is closed",
		"mallory closed",
		/* What the server says it says everywhere. */
		"alice enters",
		"bob visits tea",
		"all forgets",
		"boss > /announce Tea is ready",
		"alice < *** announcement: Tea is ready --STAMP",
		"bob < *** announcement: Tea is ready --STAMP",
		"boss < @3 EPOCH *** announcement: Tea is ready --STAMP",
		"all nothing",
		"boss > /kick alice",
		"boss < === alice was kicked",
		"alice < !!! you were kicked",
		"alice closed",
		"stop",
		"bob < *** server shutting down --STAMP",
		"boss < @4 EPOCH *** server shutting down --STAMP",
		"all closed",
	};
	CONVERSE_ROOMS(rows);
}

static void test_invitations(void)
{
	static const char *const rows[] = {
		"boss operates",
		"boss > /nick boss",
		"boss > /join attic",
		"boss forgets",
		"boss > /invite",
		"boss < === invitation attic/aeaqcaibaeaqcaib, 60 minutes, 1 uses",
		"boss > /invite 2 2",
		"boss < === invitation attic/aibaeaqcaibaeaqc, 2 minutes, 2 uses",
		"alice enters",
		"bob enters",
		"carol enters",
		"all forgets",
		"alice > /join attic/aeaqcaibaeaqcaic",
		"alice < !!! no such invitation",
		"alice > /join vault/aeaqcaibaeaqcaib",
		"alice < !!! no such invitation",
		"alice > /join #Attic/aeaqcaibaeaqcaib",
		"alice < === room attic: 2 online",
		"alice < *** alice joined (2 online) --STAMP",
		"boss < *** alice joined (2 online) --STAMP",
		"all forgets",
		"bob > /join attic/aeaqcaibaeaqcaib",
		"bob < !!! no such invitation",
		"bob > /join attic/aibaeaqcaibaeaqc",
		"bob < === room attic: 3 online",
		"all forgets",
		"wait 120000",
		"carol > /join attic/aibaeaqcaibaeaqc",
		"carol < !!! no such invitation",
		"carol > /invite 0",
		"carol < !!! /invite takes a number of minutes from 1 to 1000000",
		"carol > /invite 1 0",
		"carol < !!! /invite takes a number of uses from 1 to 1000000",
		"carol > /invite 1 1000001",
		"carol < !!! /invite takes a number of uses from 1 to 1000000",
		"boss > /join bridge",
		"boss forgets",
		"boss > /invite",
		"boss < !!! room bridge is for operators",
	};
	struct settings settings = with_rooms();
	struct converse c;

	converse_begin(&c, &settings);
	converse_rows(&c, ROWS(rows));
	converse_row(&c, "all forgets");
	for (int i = 0; i < 100; i++)
		converse_row(&c, "carol > /invite");
	converse_row(&c, "carol forgets");
	converse_row(&c, "carol > /invite");
	converse_row(&c, "carol < !!! too many invitations");
	converse_row(&c, "wait 3600000");
	converse_row(&c, "all forgets");
	converse_row(&c, "carol > /invite 1000000 1000000");
	converse_row(&c, "carol forgets");
	converse_row(&c, "all nothing");
	CHECK(converse_end(&c));
}

static void test_made_by_people(void)
{
	static const char *const rows[] = {
		"alice enters",
		"alice > /join a/b",
		"alice < !!! no such invitation",
		"alice > /join all",
		"alice < !!! the name of a room must not be a reserved word, or look like one",
		"alice > /join Attic",
		"alice < !!! no such room",
		"alice > /join den",
		"alice < === room den: 1 online",
		"alice < *** alice joined (1 online) --STAMP",
		"alice > mine",
		"alice < [alice]: mine --STAMP",
		"bob enters",
		"bob > /join #Den",
		"bob < === room den: 2 online",
		"bob < [alice]: mine --STAMP",
		"all forgets",
		"bob > /join den2",
		"bob forgets",
		"alice < *** bob left (1 online) --STAMP",
		"alice > /join den3",
		"alice < !!! no more rooms (6 of 6)",
		"alice nothing",
	};
	struct settings settings = with_rooms();

	settings.max_rooms = 8;
	CONVERSE(&settings, rows);
}

/* The hidden ones count in neither number, for those who may not know of them. */
static void test_no_more(void)
{
	static const char *const rows[] = {
		"op operates",
		"alice enters",
		"op > /join den",
		"all forgets",
		"op > /join den2",
		"op < !!! no more rooms (7 of 7)",
		"alice > /join den2",
		"alice < !!! no more rooms (5 of 5)",
		"alice > /join attic",
		"alice < !!! no more rooms (5 of 5)",
		"alice > /join you",
		"alice < !!! no more rooms (5 of 5)",
		"alice > /join crypt",
		"alice > bones",
		"alice forgets",
		"alice > /join den2",
		"alice < !!! no more rooms (6 of 6)",
		"all nothing",
	};
	struct settings settings = with_rooms();

	settings.max_rooms = 7;
	CONVERSE(&settings, rows);
}

/* One is back in the room where one was, with IDs as they are there. */
static void test_resume(void)
{
	static const char *const rows[] = {
		"alice enters",
		"bob enters",
		"alice > /join vault",
		"alice > sesame",
		"bob > /join vault",
		"bob > sesame",
		"alice > /resume",
		"all forgets",
		"alice resets",
		"bob > while away",
		"bob < [bob]: while away --STAMP",
		"a connects",
		"a forgets",
		"a > /resume 2 01010101010101010101010101010101 0",
		"a < === room vault",
		"a < === resume 2 01010101010101010101010101010101",
		"a < === said 0 of 0",
		"a < @3 EPOCH [bob]: while away --STAMP",
		"a > back",
		"a < @4 EPOCH [alice]: back --STAMP",
		"bob < [alice]: back --STAMP",
		"all nothing",
		/* From a connection that still holds, and through a listener of that room. */
		"b visits tea",
		"wait 2000",
		"b forgets",
		"b > /resume 4 01010101010101010101010101010101",
		"b < === room vault",
		"b < === resume 4 01010101010101010101010101010101",
		"a < !!! you have come back on another connection",
		"a closed",
		"all nothing",
		/* It stays tagged where it goes. */
		"b > /join tea",
		"b < === room tea: 1 online",
		"b < @3 EPOCH *** alice joined (1 online) --STAMP",
		"bob < *** alice left (1 online) --STAMP",
		"b > hi",
		"b < @4 EPOCH [alice]: hi --STAMP",
		"b resets",
		"c visits tea",
		"c forgets",
		"c > /resume 3 01010101010101010101010101010101",
		"c < === resume 3 01010101010101010101010101010101",
		"c < @4 EPOCH [alice]: hi --STAMP",
		"c > /resume 1 ff010101010101010101010101010101",
		"c < !!! unknown or expired token",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

/* The one who is elsewhere now has left the room where it showed its token. */
static void test_resume_leaves(void)
{
	static const char *const rows[] = {
		"alice enters",
		"alice > /join tea",
		"alice > /resume",
		"bob enters",
		"all forgets",
		"alice resets",
		"c connects",
		"wait 2000",
		"bob < *** #1 joined (2 online) --STAMP",
		"c forgets",
		"c > /resume 1 01010101010101010101010101010101",
		"c < === room tea",
		"c < === resume 1 01010101010101010101010101010101",
		"bob < *** #1 left (1 online) --STAMP",
		"all nothing",
		"bob > /who tea",
		"bob < === 1 online:",
		"bob < === alice since STAMP, idle 0 s",
	};
	CONVERSE_ROOMS(rows);
}

/* Each person's next line comes when it is due, in that room alone. */
static void test_slow(void)
{
	static const char *const rows[] = {
		"boss operates",
		"boss > /nick boss",
		"boss > /join tea",
		"alice visits tea",
		"alice > /nick alice",
		"bob enters",
		"all forgets",
		"boss > /slow 5",
		"boss < === one line of each person every 5 s",
		"alice >> one\ntwo\n/ping\nthree\n",
		"alice < [alice]: one --STAMP",
		"boss < [alice]: one --STAMP",
		"bob >> one\ntwo\n",
		"bob < [bob]: one --STAMP",
		"bob < [bob]: two --STAMP",
		"boss > mine",
		"boss < [boss]: mine --STAMP",
		"alice < [boss]: mine --STAMP",
		"wait 4999",
		"all nothing",
		"wait 1",
		"alice < [alice]: two --STAMP",
		"boss < [alice]: two --STAMP",
		"boss > /slow 0",
		"boss < === lines are as frequent as they come",
		"alice < === pong",
		"alice < [alice]: three --STAMP",
		"boss < [alice]: three --STAMP",
		"boss > /slow x",
		"boss < !!! /slow takes a number of seconds, at most 86400",
		"boss > /slow 86401",
		"boss < !!! /slow takes a number of seconds, at most 86400",
		"alice > /slow 1",
		"alice < !!! /slow is for operators",
		"all nothing",
	};
	CONVERSE_ROOMS(rows);
}

/* A room that people made ends an hour after the last one left, and not before. */
static void test_end(void)
{
	static const char *const rows[] = {
		"alice enters",
		"alice > /join den",
		"alice > mine",
		"wait 7200000",
		"alice forgets",
		"alice > /join lobby",
		"alice forgets",
		"wait 3599000",
		"alice > /join den",
		"alice < === room den: 1 online",
		"alice < [alice]: mine --STAMP",
		"alice > /quit",
		"alice forgets",
		"wait 3599000",
		"alice enters",
		"alice > /rooms",
		"alice < === 2 rooms:",
		"alice < === lobby (you): 1 online, up to 5",
		"alice < === den: 0 online, up to 5",
		"wait 1000",
		"alice > /rooms",
		"alice < === 1 rooms:",
		"alice < === lobby (you): 1 online, up to 5",
		"alice > /join den",
		"alice < === room den: 1 online",
		"alice < *** alice joined (1 online) --STAMP",
	};
	struct settings settings = converse_settings;

	settings.max_rooms = 2;
	CONVERSE(&settings, rows);
}

/* One who reads nothing holds up the room that it is in, and no other. */
static void test_stalled(void)
{
	struct settings settings = with_rooms();
	struct converse c;

	converse_begin(&c, &settings);
	converse_row(&c, "sleeper visits tea");
	converse_row(&c, "talker visits tea");
	converse_row(&c, "alice enters");
	converse_row(&c, "bob enters");
	converse_row(&c, "wait 2000");
	converse_row(&c, "sleeper stalls");
	/* Half of what the feed holds waits for the sleeper. */
	for (int i = 0; i < 150; i++)
		converse_row(&c, "talker > %01000d", i);
	converse_row(&c, "all forgets");
	converse_row(&c, "talker > held back");
	converse_row(&c, "talker nothing");
	for (int i = 0; i < 200; i++) {
		converse_row(&c, "alice > %01000d", i);
		converse_row(&c, "alice < [alice]: %01000d --STAMP", i);
		converse_row(&c, "bob < [alice]: %01000d --STAMP", i);
	}
	/* And its own way into another room waits until it reads. */
	converse_row(&c, "sleeper > /join lobby");
	converse_row(&c, "alice > /who tea");
	converse_row(&c, "alice < === 2 online:");
	converse_row(&c, "all forgets");
	converse_row(&c, "wait 2000");
	converse_row(&c, "talker forgets");
	converse_row(&c, "talker > on it goes");
	converse_row(&c, "talker < [#2]: on it goes --STAMP");
	converse_row(&c, "sleeper reads");
	converse_row(&c, "alice < *** #1 joined (3 online) --STAMP");
	converse_row(&c, "talker < *** #1 left (1 online) --STAMP");
	converse_row(&c, "all forgets");
	CHECK(converse_end(&c));
}

/* New settings: what changes, what begins, what ends. */
static void test_settings(void)
{
	static struct room_settings changed[] = {
		{ .name = "tea", .password = "leaf", .feed_bytes = 64 * 1024, .replay = 1, .slow = 3 },
		{ .name = "milk", .feed_bytes = 64 * 1024, .replay = 10 },
	};
	struct settings settings = with_rooms();
	struct converse c;

	converse_begin(&c, &settings);
	converse_row(&c, "alice visits tea");
	converse_row(&c, "bob visits attic");
	converse_row(&c, "carol enters");
	converse_row(&c, "alice > one");
	converse_row(&c, "all forgets");
	converse_row(&c, "log forgets");
	settings.rooms = changed;
	settings.room_count = 2;
	CHECK_INT(converse_set(&c, &settings), 0);
	converse_row(&c, "wait 0");
	converse_row(&c, "log < the feed of room tea has changed: that needs a restart");
	converse_row(&c, "log < room vault ends");
	converse_row(&c, "log < room attic is gone from the settings, and in use: that needs a "
		"restart");
	converse_row(&c, "log < room crypt ends");
	converse_row(&c, "log < room bridge ends");
	converse_row(&c, "carol > /rooms");
	converse_row(&c, "carol < === 3 rooms:");
	converse_row(&c, "carol < === lobby (you): 1 online, up to 1");
	converse_row(&c, "carol < === tea (password)");
	converse_row(&c, "carol < === milk: 0 online, up to 0");
	converse_row(&c, "bob > still here");
	converse_row(&c, "bob < *** #2 joined (1 online) --STAMP");
	converse_row(&c, "bob < [#2]: still here --STAMP");
	converse_row(&c, "bob > /join milk");
	CHECK_INT(converse_set(&c, &settings), 0);
	converse_row(&c, "bob forgets");
	converse_row(&c, "bob > /join attic");
	converse_row(&c, "bob < !!! no such room");
	converse_row(&c, "all forgets");
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
	{ "a hidden room is none", test_hidden },
	{ "what is seen from outside", test_outside },
	{ "a room for operators", test_operators },
	{ "invitations", test_invitations },
	{ "rooms that people make", test_made_by_people },
	{ "no more of them", test_no_more },
	{ "/resume into a room", test_resume },
	{ "/resume out of another", test_resume_leaves },
	{ "/slow", test_slow },
	{ "the end of a room", test_end },
	{ "a stalled reader", test_stalled },
	{ "new settings", test_settings },
};

UNIT_MAIN(tests)
