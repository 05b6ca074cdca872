/*
 * Several nodes are one room: conversations over a model of the log that they share.
 */
#include "server/core/room/context.h"
#include "test/unit/nodes.h"
#include "test/unit/unit.h"

#include <string.h>

static void test_lines(void)
{
	static const char *const rows[] = {
		"a alice connects",
		"a alice < === chatd: you are #1, 1 of 8 online, /help for help",
		"a alice > /nick alice",
		"a alice < *** alice joined (1 online) --STAMP",
		"b bob connects",
		"b bob < === chatd: you are #1, 1 of 8 online, /help for help",
		"b bob > /nick bob",
		"b bob < *** bob joined (2 online) --STAMP",
		"a alice < *** bob joined (2 online) --STAMP",
		"b bob > hello",
		"b bob < [bob]: hello --STAMP",
		"a alice < [bob]: hello --STAMP",
		"a alice > /me waves",
		"a alice < * alice waves --STAMP",
		"b bob < * alice waves --STAMP",
		"b bob > /who",
		"b bob < === 2 online:",
		"b bob < === bob (you) since STAMP, idle 0 s",
		"b bob < === alice since STAMP, idle 0 s",
		"b bob > /nick Alice",
		"b bob < !!! the nick Alice is taken",
		"b bob > /nick robert",
		"b bob < *** bob is now robert --STAMP",
		"a alice < *** bob is now robert --STAMP",
		"a alice > /resume 0",
		"a alice < === resume 0 01010101010101010101010101010101",
		"a alice < @1 EPOCH *** alice joined (1 online) --STAMP",
		"a alice < @2 EPOCH *** bob joined (2 online) --STAMP",
		"a alice < @3 EPOCH [bob]: hello --STAMP",
		"a alice < @4 EPOCH * alice waves --STAMP",
		"a alice < @5 EPOCH *** bob is now robert --STAMP",
		"b bob > /quit",
		"b bob closed",
		"a alice < @6 EPOCH *** robert left (1 online) --STAMP",
	};

	NODES(2, rows);
}

/* Two people in a room, who know of each other. */
#define MEET "a alice enters", "b bob enters", "a alice forgets", "b bob forgets"

static void test_private(void)
{
	static const char *const rows[] = {
		MEET,
		"a alice > /msg bob psst",
		"a alice < [you -> bob]: psst --STAMP",
		"b bob < [alice -> you]: psst --STAMP",
		"b bob > /r what",
		"b bob < [you -> alice]: what --STAMP",
		"a alice < [bob -> you]: what --STAMP",
		"a alice > /ignore bob",
		"a alice < === you ignore bob from now on",
		"b bob > /msg alice heard?",
		"b bob < [you -> alice]: heard? --STAMP",
		"b bob > hello",
		"b bob < [bob]: hello --STAMP",
		"a alice nothing",
		"b bob > /nick rob",
		"b bob < *** bob is now rob --STAMP",
		"a alice < *** bob is now rob --STAMP",
		"b bob > hello",
		"b bob < [rob]: hello --STAMP",
		"a alice nothing",
		"a alice > /ignore",
		"a alice < === you ignore rob",
		"a alice > /unignore rob",
		"a alice < === you see what rob says again",
		"b bob > hello",
		"b bob < [rob]: hello --STAMP",
		"a alice < [rob]: hello --STAMP",
		"a alice > /msg nobody hello",
		"a alice < !!! nobody here is called nobody",
	};

	NODES(2, rows);
}

static void test_kick(void)
{
	static const char *const rows[] = {
		MEET,
		"a oscar operates",
		"a oscar < === chatd: you are #2, 2 of 8 online, /help for help",
		"a oscar > /who",
		"a oscar < === 3 online:",
		"a oscar < === alice since STAMP, idle 0 s, from 192.0.2.1:5000, on a",
		"a oscar < === #2 (you) since STAMP, idle 0 s, from 192.0.2.2:5001, on a",
		"a oscar < === bob since STAMP, idle 0 s, on b",
		"a oscar > /kick bob enough",
		"a oscar < *** bob left (enough) --STAMP",
		"a oscar < === bob was kicked",
		"b bob < !!! you were kicked: enough",
		"b bob closed",
		"a alice < *** bob left (enough) --STAMP",
		"b eve connects 198.51.100.7",
		"b eve < === chatd: you are #1, 1 of 8 online, /help for help",
		"b eve > /nick eve",
		"b eve < *** eve joined (2 online) --STAMP",
		"a alice < *** eve joined (2 online) --STAMP",
		"a oscar < *** eve joined (2 online) --STAMP",
		/* Their node knows the address. */
		"a oscar > /ban eve 60 noise",
		"a oscar < *** eve left (noise) --STAMP",
		"a oscar < === eve is banned",
		"b eve < !!! you were banned until Wed Oct 19 22:24:06 2022: noise",
		"b eve closed",
		"a alice < *** eve left (noise) --STAMP",
		"a oscar > /bans",
		"a oscar < === 1 banned:",
		"a oscar < === 198.51.100.7 until Wed Oct 19 22:24:06 2022, by #2: noise",
	};

	NODES(2, rows);
}

/* What somebody has heard, line by line, with tags: the same as another has. */
static void check_same(struct cluster *k)
{
	size_t a_len, b_len;
	const char *a, *b;

	do {
		a = converse_line(&k->nodes[0], "alice", &a_len);
		b = converse_line(&k->nodes[1], "bob", &b_len);
		if (a != NULL && b != NULL)
			CHECK(a_len == b_len && memcmp(a, b, a_len) == 0);
	} while (a != NULL && b != NULL);
	CHECK(a == NULL && b == NULL);
}

static void test_late_and_twice(void)
{
	static const char *const rows[] = { MEET, "a alice > /resume", "b bob > /resume", "a alice forgets",
		"b bob forgets", "log late 3", "log twice", "a alice > one\ntwo\nthree\n/nick al\nfour",
		"b bob > /me says one\ntwo\n/nick alice", "a alice > five" };
	struct cluster k;

	nodes_begin(&k, 2, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		nodes_row(&k, rows[i]);
	check_same(&k);
	CHECK(nodes_end(&k));
}

/*
 * A message makes no node look at everybody's record. Carol's is forgotten here, so that a look would
 * put it again, as it would after an upgrade, which this test therefore does without.
 */
static void test_records_at_a_message(void)
{
	struct cluster k;
	struct persona *carol;

	nodes_begin(&k, 2, NULL);
	k.nodes[0].upgrades = false;
	nodes_row(&k, "a alice enters");
	nodes_row(&k, "a carol enters");
	nodes_row(&k, "a alice forgets");
	carol = personas_by_user(&k.nodes[0].chat->people, 2);
	CHECK(carol != NULL && carol->recorded != 0);
	if (carol == NULL)
		return;
	carol->recorded = 0;
	nodes_row(&k, "a alice > hello");
	nodes_row(&k, "a alice < [alice]: hello --STAMP");
	CHECK_INT(carol->recorded, 0);
	nodes_row(&k, "a alice > /nick al");
	nodes_row(&k, "a alice < *** alice is now al --STAMP");
	CHECK(carol->recorded != 0);
	nodes_row(&k, "a carol forgets");
	CHECK(nodes_end(&k));
}

static void test_down(void)
{
	static const char *const rows[] = {
		MEET,
		"b bob > before",
		"b bob < [bob]: before --STAMP",
		"a alice < [bob]: before --STAMP",
		"a down",
		"a alice > waits",
		"wait 1900",
		"a alice nothing",
		"wait 200",
		"a alice < === not said yet: the other servers can't be reached",
		"a alice > /who",
		"a alice < === 2 online:",
		"a alice < === alice (you) since STAMP, idle 0 s",
		"a alice < === bob since STAMP, idle 2 s",
		"a alice > /search before",
		"a alice < === @3 [bob]: before --STAMP",
		"a alice < === 1 found",
		"a alice > also waits",
		"a alice nothing",
		"a carol connects",
		"a carol < === chatd: you are #2, 2 of 8 online, /help for help",
		"a carol < [bob]: before --STAMP",
		"a carol > /nick carol",
		"a carol < !!! nicks can't be taken now: the other servers can't be reached",
		"a carol > /ping",
		"a carol < === pong",
		"wait 3000",
		"a alice nothing",
		/* Their joining is on its way by now: a nick is refused at once, and a line waits. */
		"a carol > /nick carol",
		"a carol < !!! nicks can't be taken now: the other servers can't be reached",
		"a carol > hello",
		"wait 1000",
		"a carol < === not said yet: the other servers can't be reached",
		"a up",
		"wait 100",
		"a alice < [alice]: waits --STAMP",
		"a alice < === back after 7 s",
		"a alice < *** #2 joined (3 online) --STAMP",
		"a alice < [alice]: also waits --STAMP",
		"a alice < [#2]: hello --STAMP",
		"a carol < [alice]: waits --STAMP",
		"a carol < *** #2 joined (3 online) --STAMP",
		"a carol < === back after 4 s",
		"a carol < [alice]: also waits --STAMP",
		"a carol < [#2]: hello --STAMP",
		"b bob < [alice]: waits --STAMP",
		"b bob < *** #2 joined (3 online) --STAMP",
		"b bob < [alice]: also waits --STAMP",
		"b bob < [#2]: hello --STAMP",
	};

	NODES(2, rows);
}

/* What waits with somebody is said in order, once, and hinders no question; also when they come back. */
static void test_many_wait(void)
{
	static const char *const rows[] = {
		MEET,
		"b bob > /resume",
		"b bob < === resume 2 01010101010101010101010101010101",
		"b down",
		"b bob > 1",
		"wait 2000",
		"b bob < === not said yet: the other servers can't be reached",
		"b bob > 2\n3",
		"b bob > /ping",
		"b bob < === pong",
		"b bobby connects",
		"b bobby < === chatd: you are #2, 2 of 8 online, /help for help",
		"b bobby > /resume 2 01010101010101010101010101010101 3",
		"b bob < !!! you have come back on another connection",
		"b bob closed",
		"b up",
		"b bobby < === back after 2 s",
		"b bobby < === resume 2 01010101010101010101010101010101",
		"b bobby < === said 3 of 3",
		"b bobby < @3 EPOCH [bob]: 1 --STAMP",
		"b bobby < @4 EPOCH [bob]: 2 --STAMP",
		"b bobby < @5 EPOCH [bob]: 3 --STAMP",
		"a alice < [bob]: 1 --STAMP",
		"a alice < [bob]: 2 --STAMP",
		"a alice < [bob]: 3 --STAMP",
		"a down",
		"a alice > /me 1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17",
		"wait 2000",
		"a alice < === not said yet: the other servers can't be reached",
		"a alice > 18",
		"a up",
		"a alice < * alice 1 --STAMP",
		"a alice < === back after 2 s",
		"a alice < [alice]: 2 --STAMP",
		"a alice < [alice]: 3 --STAMP",
		"a alice < [alice]: 4 --STAMP",
		"a alice < [alice]: 5 --STAMP",
		"a alice < [alice]: 6 --STAMP",
		"a alice < [alice]: 7 --STAMP",
		"a alice < [alice]: 8 --STAMP",
		"a alice < [alice]: 9 --STAMP",
		"a alice < [alice]: 10 --STAMP",
		"a alice < [alice]: 11 --STAMP",
		"a alice < [alice]: 12 --STAMP",
		"a alice < [alice]: 13 --STAMP",
		"a alice < [alice]: 14 --STAMP",
		"a alice < [alice]: 15 --STAMP",
		"a alice < [alice]: 16 --STAMP",
		"a alice < [alice]: 17 --STAMP",
		"a alice < [alice]: 18 --STAMP",
		"b bobby forgets",
	};

	NODES(2, rows);
}

static void test_full(void)
{
	static const char *const rows[] = {
		MEET,
		"log full",
		"a alice > lost",
		"a alice < !!! not said: the log is full",
		"log empty",
		"a alice > found",
		"a alice < [alice]: found --STAMP",
		"b bob < [alice]: found --STAMP",
	};

	NODES(2, rows);
}

static void test_death(void)
{
	static const char *const rows[] = {
		MEET,
		"wait 3000",
		"b dies",
		"wait 4500",
		"a alice > /who",
		"a alice < === 2 online:",
		"a alice < === alice (you) since STAMP, idle 0 s",
		"a alice < === bob since STAMP, idle 7 s",
		"wait 1600",
		"a alice > /who",
		"a alice < === 1 online:",
		"a alice < === alice (you) since STAMP, idle 0 s",
		"a alice > /nick bob",
		"a alice < !!! the nick bob is taken",
		"wait 28000",
		"a alice nothing",
		"wait 2500",
		"a alice < *** bob left (1 online) --STAMP",
		"c carol enters",
		"a alice < *** carol joined (2 online) --STAMP",
		"a alice > /nick bob",
		"a alice < *** alice is now bob --STAMP",
		"c carol < *** alice is now bob --STAMP",
	};

	NODES(3, rows);
}

static void test_resume(void)
{
	static const char *const rows[] = {
		MEET,
		"b bob > /resume",
		"b bob < === resume 2 01010101010101010101010101010101",
		"b bob > one",
		"b bob < @3 EPOCH [bob]: one --STAMP",
		"a alice < [bob]: one --STAMP",
		"b bob > /ignore alice",
		"b bob < === you ignore alice from now on",
		"b bob resets",
		"a alice > two",
		"a alice < [alice]: two --STAMP",
		"a bobby connects",
		"a bobby < === chatd: you are #2, 2 of 8 online, /help for help",
		"a bobby < [bob]: one --STAMP",
		"a bobby < [alice]: two --STAMP",
		"a bobby > /resume 3 01010101010101010101010101010101 2",
		"a bobby < === resume 3 01010101010101010101010101010101",
		"a bobby < === said 1 of 2",
		"a bobby > two",
		"a bobby < @5 EPOCH [bob]: two --STAMP",
		"a alice < [bob]: two --STAMP",
		"a bobby > /who",
		"a bobby < === 2 online:",
		"a bobby < === alice since STAMP, idle 0 s",
		"a bobby < === bob (you) since STAMP, idle 0 s",
		"wait 40000",
		"a alice nothing",
	};

	NODES(2, rows);
}

static void test_resume_of_the_living(void)
{
	static const char *const rows[] = {
		MEET,
		"b bob > /resume",
		"b bob < === resume 2 01010101010101010101010101010101",
		"a bobby connects",
		"a bobby < === chatd: you are #2, 2 of 8 online, /help for help",
		"a bobby > /resume 2 01010101010101010101010101010101 0",
		"a bobby < === resume 2 01010101010101010101010101010101",
		"a bobby < === said 0 of 0",
		"b bob < !!! you have come back on another connection",
		"b bob closed",
		"a bobby > back",
		"a bobby < @3 EPOCH [bob]: back --STAMP",
		"a alice < [bob]: back --STAMP",
	};

	NODES(2, rows);
}

static void test_resume_from_the_dead(void)
{
	static const char *const rows[] = {
		MEET,
		"b bob > /resume",
		"b bob < === resume 2 01010101010101010101010101010101",
		"wait 1500",
		"b bob > one",
		"b bob < @3 EPOCH [bob]: one --STAMP",
		"a alice < [bob]: one --STAMP",
		"b dies",
		"wait 7000",
		"a bobby connects",
		"a bobby < === chatd: you are #2, 2 of 8 online, /help for help",
		"a bobby < [bob]: one --STAMP",
		"a bobby > /resume 2 01010101010101010101010101010101 2",
		"a bobby < === resume 2 01010101010101010101010101010101",
		"a bobby < === said 1 of 2",
		"a bobby < @3 EPOCH [bob]: one --STAMP",
		"a bobby > two",
		"a bobby < @4 EPOCH [bob]: two --STAMP",
		"a alice < [bob]: two --STAMP",
		"wait 60000",
		"a alice nothing",
		"a alice > /who",
		"a alice < === 2 online:",
		"a alice < === alice (you) since STAMP, idle 0 s",
		"a alice < === bob since STAMP, idle 60 s",
	};

	NODES(2, rows);
}

static void test_nick_race(void)
{
	static const char *const rows[] = {
		"log late 2",
		"a one connects",
		"a one forgets",
		"b two connects",
		"b two forgets",
		"a one > /nick same",
		"b two > /nick same",
		"a one < *** same joined (1 online) --STAMP",
		"b two < *** same joined (1 online) --STAMP",
		"b two < !!! the nick same is taken",
		"a one > /quit",
		"a one closed",
		"b two < *** same left (0 online) --STAMP",
		"wait 1000",
		"b two > /nick same",
		"b two < *** same joined (1 online) --STAMP",
	};

	NODES(2, rows);
}

static void test_settings(void)
{
	static const char *const rows[] = {
		MEET,
		"a oscar operates",
		"a oscar forgets",
		"a oscar > /ban 192.0.2.0/24 60 spam",
		"a oscar < === 192.0.2.0/24 is banned for 60 minutes",
		"a oscar < *** alice left (spam) --STAMP",
		"a oscar < *** bob left (spam) --STAMP",
		"a alice < !!! you were banned until Wed Oct 19 22:24:06 2022: spam",
		"b bob < *** alice left (spam) --STAMP",
		"b bob < !!! you were banned until Wed Oct 19 22:24:06 2022: spam",
		"b eve operates 198.51.100.1",
		"b eve forgets",
		"b eve > /bans",
		"b eve < === 1 banned:",
		"b eve < === 192.0.2.0/24 until Wed Oct 19 22:24:06 2022, by #2: spam",
		"b eve > /unban 192.0.2.0/24",
		"b eve < === 192.0.2.0/24 is no longer banned",
		"a oscar > /bans",
		"a oscar < === 0 banned",
		"a oscar > /motd Be kind",
		"a oscar < === newcomers see it from now on",
		"b fred connects 198.51.100.2",
		"b fred < === chatd: you are #2, 2 of 8 online, /help for help",
		"b fred < === Be kind",
		"a oscar > /announce tea",
		"a oscar < *** announcement: tea --STAMP",
		"b eve < *** announcement: tea --STAMP",
		"b fred < *** announcement: tea --STAMP",
		"a oscar > /topic Tea at five",
		"a oscar < *** #2 joined (1 online) --STAMP",
		"a oscar < *** #2 set the topic: Tea at five --STAMP",
		"b eve < *** #2 joined (1 online) --STAMP",
		"b eve < *** #2 set the topic: Tea at five --STAMP",
		"b fred < *** #2 joined (1 online) --STAMP",
		"b fred < *** #2 set the topic: Tea at five --STAMP",
		"b fred > /topic",
		"b fred < === topic: Tea at five",
	};

	NODES(2, rows);
}

static void test_one_ends(void)
{
	static const char *const rows[] = {
		MEET,
		"b bob > /resume",
		"b bob < === resume 2 01010101010101010101010101010101",
		"b carol enters",
		"a alice < *** carol joined (3 online) --STAMP",
		"b stop",
		"b bob < *** server shutting down --STAMP",
		"b bob closed",
		"b carol < *** server shutting down --STAMP",
		"b carol closed",
		"a alice < *** carol left (1 online) --STAMP",
		"a bobby connects",
		"a bobby forgets",
		"a bobby > /resume 3 01010101010101010101010101010101 0",
		"a bobby < === resume 3 01010101010101010101010101010101",
		"a bobby < === said 0 of 0",
		"a bobby < @4 EPOCH *** carol left (1 online) --STAMP",
		"a bobby > back",
		"a bobby < @5 EPOCH [bob]: back --STAMP",
		"a alice < [bob]: back --STAMP",
	};

	NODES(2, rows);
}

static void test_another_log(void)
{
	static const char *const rows[] = {
		MEET,
		"a alice > /resume",
		"a alice < === resume 2 01010101010101010101010101010101",
		"a alice > one",
		"a alice < @3 EPOCH [alice]: one --STAMP",
		"b bob < [alice]: one --STAMP",
		"log replaced",
		"b bob > two",
		"a alice < @4 EPOCH [bob]: two --STAMP",
		"b bob < [bob]: two --STAMP",
		"c carol connects",
		"c carol < === chatd: you are #1, 1 of 8 online, /help for help",
		"c carol < [alice]: one --STAMP",
		"c carol < [bob]: two --STAMP",
		"c carol > /nick carol",
		"a alice < @5 EPOCH *** carol joined (3 online) --STAMP",
		"b bob < *** carol joined (3 online) --STAMP",
		"c carol < *** carol joined (3 online) --STAMP",
	};

	NODES(3, rows);
}

static void test_gap(void)
{
	static const char *const rows[] = {
		MEET,
		"a alice > /resume",
		"a alice < === resume 2 01010101010101010101010101010101",
		"a down",
		"b bob > one",
		"b bob < [bob]: one --STAMP",
		"b bob > two",
		"b bob < [bob]: two --STAMP",
		"b bob > three",
		"b bob < [bob]: three --STAMP",
		"log gap 5",
		"a up",
		"a alice < === you missed 2 lines",
		"a alice < @5 EPOCH [bob]: three --STAMP",
	};

	NODES(2, rows);
}

static void test_fork(void)
{
	static const char *const rows[] = {
		MEET,
		"a oscar operates",
		"b eve operates",
		"a oscar forgets",
		"b eve forgets",
		"b forks",
		"a alice > one",
		"a alice < [alice]: one --STAMP",
		"a oscar < [alice]: one --STAMP",
		"b bob < [alice]: one --STAMP",
		"b eve < [alice]: one --STAMP",
		"wait 1500",
		"a oscar < === nodes a and b disagree since 3",
		"b eve < === nodes a and b disagree since 3",
		"wait 400",
		"a oscar nothing",
		/* Operators who come later are told as well. */
		"a olga operates",
		"a olga < === chatd: you are #3, 3 of 8 online, /help for help",
		"a olga < === nodes a and b disagree since 3",
		"a olga < [alice]: one --STAMP",
	};

	NODES(2, rows);
}

static const struct unit_test tests[] = {
	{ "lines are everywhere", test_lines },
	{ "private messages", test_private },
	{ "a kick", test_kick },
	{ "late and twice", test_late_and_twice },
	{ "a message changes no record", test_records_at_a_message },
	{ "the log can't be reached", test_down },
	{ "many lines wait", test_many_wait },
	{ "the log is full", test_full },
	{ "a node dies", test_death },
	{ "coming back on another node", test_resume },
	{ "and leaving one that lives", test_resume_of_the_living },
	{ "and one that is dead", test_resume_from_the_dead },
	{ "two want one nick", test_nick_race },
	{ "bans, topics and the rest", test_settings },
	{ "one node ends", test_one_ends },
	{ "the log is another one", test_another_log },
	{ "lines are gone from the log", test_gap },
	{ "copies of the log differ", test_fork },
};

UNIT_MAIN(tests)
