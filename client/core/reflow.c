/*
 * Rows after a change of width. The rule: where terminals may differ the answer is a range, and who
 * erases goes by its lower end, so that what is not ours is never touched.
 *
 * Measured with xterm 379, urxvt 9.30, st 0.9, mlterm 3.9.0, VTE 0.70.6, tmux 3.3a, screen 4.9.0,
 * kitty 0.26.5, alacritty 0.11.0 and konsole 22.12.3. There is no standard for it. Where a wide
 * character does not fit in the last column tmux makes two lines of one, also above the screen, and
 * leaves the cursor as many rows too high.
 */
#include "client/core/reflow.h"

#include <string.h>

void bounds_add(struct bounds *sum, struct bounds more)
{
	sum->fewest += more.fewest;
	sum->most += more.most;
}

static size_t rows_of(size_t columns, size_t width)
{
	return columns > width ? (columns + width - 1) / width : 1;
}

/* The same if each row but the last leaves a column free. */
static size_t most_rows_of(size_t columns, size_t width)
{
	size_t rows = rows_of(columns, width);

	while (width > 1 && columns + rows - 1 > rows * width)
		rows++;
	return rows;
}

struct bounds reflow_rows(enum reflow how, const struct extent *line, size_t width)
{
	if (how == REFLOW_CUT)
		return (struct bounds){ line->rows, line->rows };
	return (struct bounds){ rows_of(line->fewest, width),
		line->wide ? most_rows_of(line->most, width) : rows_of(line->most, width) };
}

struct bounds reflow_cursor(enum reflow how, const struct extent *line, size_t column,
	size_t width)
{
	struct bounds rows = { 0, 0 };

	if ((how != REFLOW_WRAP && how != REFLOW_TMUX) || column < width)
		return rows;
	rows.most = rows.fewest = column / width;
	/* After the last column of all, a terminal may leave it at the end of the row. */
	if (column % width == 0 && column >= line->fewest)
		rows.fewest--;
	if (line->wide)
		rows.most += (column + rows.most) / width > rows.most;
	return rows;
}

static const struct {
	unsigned type;
	enum reflow how;
} answers[] = {
	{ 1, REFLOW_CUT },     /* mosh; kitty says so, too: see its version */
	{ 24, REFLOW_CUT },    /* mlterm */
	{ 41, REFLOW_CUT },    /* xterm */
	{ 61, REFLOW_WRAP },   /* VTE since 0.72 */
	{ 65, REFLOW_WRAP },   /* VTE */
	{ 83, REFLOW_WRAP },   /* screen */
	{ 84, REFLOW_TMUX },
	{ 85, REFLOW_CUT },    /* urxvt */
};

bool reflow_of_answer(unsigned type, unsigned version, enum reflow *how)
{
	enum {
		KITTY_FIRST = 4000,
		KONSOLE_OLD = 115,
		ALACRITTY_FIRST = 100,
	};

	if (type == 1 && version >= KITTY_FIRST) {
		*how = REFLOW_WRAP; /* foot, too: its version 1.13.1 is 11301 */
		return true;
	}
	if (type == 0 && version >= ALACRITTY_FIRST) {
		*how = version == KONSOLE_OLD ? REFLOW_OTHERS : REFLOW_WRAP;
		return true;
	}
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		if (answers[i].type == type) {
			*how = answers[i].how;
			return true;
		}
	}
	return false;
}

enum reflow reflow_of_term(const char *term)
{
	static const char *const wrapping[] = { "screen", "alacritty", "xterm-kitty", "foot" };

	for (size_t i = 0; i < sizeof(wrapping) / sizeof(*wrapping); i++)
		if (strncmp(term, wrapping[i], strlen(wrapping[i])) == 0)
			return REFLOW_WRAP;
	if (strncmp(term, "tmux", 4) == 0)
		return REFLOW_TMUX;
	return strncmp(term, "konsole", 7) == 0 ? REFLOW_OTHERS : REFLOW_CUT;
}
