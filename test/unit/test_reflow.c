/*
 * What terminals make of rows when their width changes: the sums, at the places where one is off.
 */
#include "client/core/reflow.h"
#include "test/unit/unit.h"

static void test_rows_of_a_line(void)
{
	static const struct {
		enum reflow how;
		struct extent line;
		size_t width;
		size_t fewest, most;
	} table[] = {
		{ REFLOW_CUT, { 1, 80, 80, true }, 20, 1, 1 },
		{ REFLOW_CUT, { 3, 200, 200, false }, 20, 3, 3 },
		{ REFLOW_WRAP, { 1, 39, 39, false }, 40, 1, 1 },
		{ REFLOW_WRAP, { 1, 40, 40, false }, 40, 1, 1 },
		{ REFLOW_WRAP, { 1, 41, 41, false }, 40, 2, 2 },
		{ REFLOW_WRAP, { 1, 0, 0, false }, 40, 1, 1 },
		{ REFLOW_WRAP, { 1, 80, 80, false }, 40, 2, 2 },
		{ REFLOW_WRAP, { 1, 80, 80, true }, 40, 2, 3 },  /* one may not fit at a margin */
		{ REFLOW_WRAP, { 1, 79, 79, true }, 40, 2, 2 },
		{ REFLOW_WRAP, { 1, 38, 42, true }, 40, 1, 2 },  /* of a width that is not sure */
		{ REFLOW_WRAP, { 3, 200, 200, false }, 100, 2, 2 }, /* wrapped by the terminal before */
		{ REFLOW_OTHERS, { 1, 41, 41, false }, 40, 2, 2 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct bounds rows = reflow_rows(table[i].how, &table[i].line, table[i].width);

		CHECK_INT(rows.fewest, table[i].fewest);
		CHECK_INT(rows.most, table[i].most);
	}
}

static void test_the_row_of_the_cursor(void)
{
	static const struct {
		enum reflow how;
		size_t columns; /* of the line */
		size_t column;
		size_t width;
		size_t fewest, most;
	} table[] = {
		{ REFLOW_CUT, 78, 78, 39, 0, 0 },
		{ REFLOW_OTHERS, 78, 78, 39, 0, 0 },
		{ REFLOW_WRAP, 78, 38, 39, 0, 0 },
		{ REFLOW_WRAP, 78, 39, 39, 1, 1 },
		{ REFLOW_WRAP, 79, 78, 39, 2, 2 },
		{ REFLOW_WRAP, 78, 78, 39, 1, 2 }, /* after the end of a full row */
		{ REFLOW_WRAP, 77, 77, 39, 1, 1 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct extent line = { 1, table[i].columns, table[i].columns, false };
		struct bounds rows = reflow_cursor(table[i].how, &line, table[i].column,
			table[i].width);

		CHECK_INT(rows.fewest, table[i].fewest);
		CHECK_INT(rows.most, table[i].most);
	}
}

static void test_who_terminals_say_they_are(void)
{
	static const struct {
		unsigned type, version;
		bool known;
		enum reflow how;
	} table[] = {
		{ 84, 0, true, REFLOW_TMUX },       /* tmux */
		{ 83, 40900, true, REFLOW_WRAP },   /* screen */
		{ 65, 7000, true, REFLOW_WRAP },    /* VTE */
		{ 41, 379, true, REFLOW_CUT },      /* xterm */
		{ 85, 95, true, REFLOW_CUT },       /* urxvt */
		{ 1, 10, true, REFLOW_CUT },        /* mosh */
		{ 1, 4000, true, REFLOW_WRAP },     /* kitty */
		{ 1, 11301, true, REFLOW_WRAP },    /* foot */
		{ 0, 115, true, REFLOW_OTHERS },    /* konsole */
		{ 0, 1100, true, REFLOW_WRAP },     /* alacritty */
		{ 77, 1, false, REFLOW_CUT },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		enum reflow how = REFLOW_CUT;

		CHECK_INT(reflow_of_answer(table[i].type, table[i].version, &how), table[i].known);
		CHECK_INT(how, table[i].how);
	}
	CHECK_INT(reflow_of_term("tmux-256color"), REFLOW_TMUX);
	CHECK_INT(reflow_of_term("xterm-256color"), REFLOW_CUT);
}

static const struct unit_test tests[] = {
	{ "rows of a line", test_rows_of_a_line },
	{ "the row of the cursor", test_the_row_of_the_cursor },
	{ "who terminals say they are", test_who_terminals_say_they_are },
};

UNIT_MAIN(tests)
