/*
 * Several nodes are one room: conversations over a model of the log that they share.
 */
#include "test/unit/nodes.h"
#include "test/unit/unit.h"

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

static const struct unit_test tests[] = {
	{ "lines are everywhere", test_lines },
};

UNIT_MAIN(tests)
