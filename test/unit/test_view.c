/*
 * The screen: what the view draws is fed to a small terminal, and that is looked at. The terminal
 * knows what the view may use and fails the test at anything else. It takes code points to be as
 * wide as one of four families of terminals does.
 */
#include "client/core/view.h"
#include "test/unit/unit.h"

#include <stdlib.h>

#include "client/core/layout.h"
#include "client/core/render.h"
#include "proto/text.h"

enum { WIDTH_MAX = 200, HEIGHT_MAX = 60, CELL = 128 };

enum family {
	FAMILY_SUM,     /* each code point by itself: xterm, screen, st, urxvt, VTE, foot, mosh */
	FAMILY_JOINED,  /* what follows a ZWJ takes nothing: tmux, konsole */
	FAMILY_CLUSTER, /* skin tones take nothing, VS16 makes wide: kitty */
	FAMILY_MARKS,   /* marks that join nothing take a column each: mlterm */
	FAMILIES,
};

/* A cell holds what was put there; the second column of a wide one is empty. */
struct terminal {
	enum family family;
	size_t width, height;
	char cells[HEIGHT_MAX][WIDTH_MAX][CELL];
	size_t x, y;
	bool wraps, hidden, pending, asked;
	size_t scrolled;
	uint32_t last;      /* the code point before */
	size_t last_x;      /* … and its cell, */
	int last_width;     /* … and its columns */
};

static void clear_row(struct terminal *t, size_t y)
{
	memset(t->cells[y], 0, sizeof(t->cells[y]));
}

static void terminal_begin(struct terminal *t, size_t width, size_t height)
{
	*t = (struct terminal){ .width = width, .height = height };
}

static void line_feed(struct terminal *t)
{
	t->pending = false;
	if (t->y + 1 < t->height) {
		t->y++;
		return;
	}
	memmove(t->cells[0], t->cells[1], (t->height - 1) * sizeof(t->cells[0]));
	clear_row(t, t->height - 1);
	t->scrolled++;
}

static bool is_regional(uint32_t code)
{
	return code >= 0x1f1e6 && code <= 0x1f1ff;
}

/* The columns that a code point takes behind the one before; 0: it is part of its cell. */
static int columns_of(struct terminal *t, uint32_t code)
{
	int width = text_width(code);
	bool tone = code >= 0x1f3fb && code <= 0x1f3ff;

	if (is_regional(code) && is_regional(t->last) && t->family == FAMILY_CLUSTER)
		return 0;
	if (is_regional(code))
		return t->family == FAMILY_CLUSTER ? 2 : 1;
	if (t->family == FAMILY_JOINED && t->last == 0x200d && width == 2)
		return 0;
	if (t->family == FAMILY_CLUSTER && tone && t->last_width == 2)
		return 0;
	if (t->family == FAMILY_CLUSTER && code == 0xfe0f && t->last_width == 1)
		return -1;
	if (t->family == FAMILY_MARKS && (code == 0x200d || (code >= 0xe0020 && code < 0xe0080)))
		return 1;
	return width;
}

static void append_to_cell(struct terminal *t, const char *s, size_t len)
{
	char *cell = t->cells[t->y][t->last_x];
	size_t used = strlen(cell);

	CHECK(used + len < CELL);
	memcpy(cell + used, s, len);
	cell[used + len] = '\0';
}

static void put_code(struct terminal *t, const char *s, size_t len, uint32_t code)
{
	int columns = columns_of(t, code);

	t->last = is_regional(code) && is_regional(t->last) ? 0 : code;
	if (columns <= 0) {
		append_to_cell(t, s, len);
		if (columns < 0 && ++t->x >= t->width) {
			t->x = t->width - 1;
			t->pending = true;
		}
		return;
	}
	if (t->pending || t->x + (size_t)columns > t->width) {
		CHECK(t->wraps); /* nothing that is drawn may be lost at the margin */
		t->x = 0;
		line_feed(t);
	}
	memcpy(t->cells[t->y][t->x], s, len);
	t->cells[t->y][t->x][len] = '\0';
	t->last_x = t->x;
	t->last_width = columns;
	if (columns == 2)
		t->cells[t->y][t->x + 1][0] = '\0';
	t->x += (size_t)columns;
	t->pending = t->x >= t->width;
	if (t->pending)
		t->x = t->width - 1;
}

static void erase_below(struct terminal *t)
{
	for (size_t x = t->x; x < t->width; x++)
		memset(t->cells[t->y][x], 0, CELL);
	for (size_t y = t->y + 1; y < t->height; y++)
		clear_row(t, y);
}

/* A control sequence; s is behind ESC [. Returns its length. */
static size_t control(struct terminal *t, const char *s)
{
	size_t n = 0, at = 0;
	bool private = s[0] == '?';

	at += private;
	for (; s[at] >= '0' && s[at] <= ';'; at++)
		n = s[at] == ';' ? 0 : n * 10 + (size_t)(s[at] - '0');
	switch (s[at]) {
	case 'A':
		t->y -= n < t->y ? n : t->y;
		t->pending = false;
		break;
	case 'B':
		CHECK(t->y + n < t->height || n == t->height); /* … to the last row, wherever it is */
		t->y = t->y + n < t->height ? t->y + n : t->height - 1;
		t->pending = false;
		break;
	case 'G':
		CHECK(n > 0 && n <= t->width);
		t->x = n - 1;
		t->pending = false;
		break;
	case 'L':
		CHECK(t->y + n <= t->height && t->x == 0);
		memmove(t->cells[t->y + n], t->cells[t->y],
			(t->height - t->y - n) * sizeof(t->cells[0]));
		for (size_t y = t->y; y < t->y + n; y++)
			clear_row(t, y);
		break;
	case 'n':
		CHECK(n == 6);
		t->asked = true;
		break;
	case 'C':
		t->x += n ? n : 1;
		if (t->x >= t->width)
			t->x = t->width - 1;
		t->pending = false;
		break;
	case 'H':
		t->x = t->y = 0;
		t->pending = false;
		break;
	case 'J':
		CHECK(n == 0);
		erase_below(t);
		break;
	case 'K':
		CHECK(n == 0 || n == 2);
		for (size_t x = n ? 0 : t->x; x < t->width; x++)
			memset(t->cells[t->y][x], 0, CELL);
		break;
	case 'm':
		break;
	case 'h':
	case 'l':
		CHECK(private && (n == 7 || n == 25));
		if (n == 7)
			t->wraps = s[at] == 'h';
		else
			t->hidden = s[at] == 'l';
		break;
	default:
		CHECK(!"a sequence that is known");
	}
	return at + 1;
}

static void feed(struct terminal *t, const struct buffer *bytes)
{
	for (size_t at = 0; at < bytes->len;) {
		const char *s = bytes->data + at;
		uint32_t code;

		if (*s == '\r' || *s == '\b') {
			CHECK(*s == '\r' || t->x > 0);
			t->x = *s == '\r' ? 0 : t->x - 1;
			t->pending = false;
			at++;
		} else if (*s == '\n') {
			line_feed(t);
			at++;
		} else if (*s == '\033') {
			CHECK(s[1] == '[');
			at += 2 + control(t, s + 2);
		} else {
			size_t len = text_decode(s, bytes->len - at, &code, NULL);

			CHECK((unsigned char)*s >= ' ');
			put_code(t, s, len, code);
			at += len;
			continue;
		}
		t->last = 0;
	}
	CHECK(!t->wraps && !t->hidden);
}

static bool is_wide(const char *cell)
{
	uint32_t code;

	return *cell && text_decode(cell, strlen(cell), &code, NULL) && text_width(code) == 2;
}

/* A row without the blanks at its end. */
static const char *row(const struct terminal *t, size_t y)
{
	static char text[WIDTH_MAX * CELL];
	size_t len = 0, end = 0;

	for (size_t x = 0; x < t->width; x++) {
		const char *cell = t->cells[y][x];

		if (!*cell && x && is_wide(t->cells[y][x - 1]))
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", *cell ? cell : " ");
		if (*cell && *cell != ' ')
			end = len;
	}
	text[end] = '\0';
	return text;
}

/* Everything that a test needs. */
struct stage {
	struct terminal terminal;
	struct view view;
	struct scrollback scrollback;
	struct prompt prompt;
	struct footer footer;
	struct buffer pending;
	struct buffer out;
	const char *status;
	size_t stale; /* items that were drawn at this width, but before it was another one */
};

static void stage_begin(struct stage *s, size_t width, size_t height)
{
	memset(s, 0, sizeof(*s));
	terminal_begin(&s->terminal, width, height);
	view_init(&s->view, (struct look){ PALETTE_256, false }, width, height);
	prompt_init(&s->prompt, 1024);
	s->status = "";
}

static void stage_end(struct stage *s)
{
	view_finish(&s->view);
	scrollback_finish(&s->scrollback);
	prompt_finish(&s->prompt);
	footer_finish(&s->footer);
	buffer_finish(&s->pending);
	buffer_finish(&s->out);
}

/* Paints until nothing is left to paint; returns the bytes that took. */
static size_t paint(struct stage *s)
{
	size_t bytes = 0;
	bool again;

	do {
		s->out.len = 0;
		footer_fill(&s->footer, &s->prompt, &s->pending, s->status);
		view_paint(&s->view, &s->scrollback, &s->footer, &s->out);
		feed(&s->terminal, &s->out);
		bytes += s->out.len;
		if (s->terminal.asked)
			view_cursor_is(&s->view, s->terminal.y, s->terminal.x);
		again = s->terminal.asked || s->scrollback.fresh;
		s->terminal.asked = false;
	} while (again);
	return bytes;
}

static void say(struct stage *s, const char *who, const char *text)
{
	scrollback_add(&s->scrollback, &(struct message){ .kind = MESSAGE_SAID, .who = who,
		.who_len = strlen(who), .text = text, .text_len = strlen(text) },
		"Wed Oct 19 21:24:05 2022");
}

static void type(struct stage *s, const char *text)
{
	edit_insert(&s->prompt.line, text, strlen(text), false);
}

static void check_screen(const struct stage *s, size_t x, size_t y, const char *const *rows,
	const char *what)
{
	size_t i = 0;

	for (; rows[i]; i++)
		unit_check_bytes(row(&s->terminal, i), strlen(row(&s->terminal, i)), rows[i],
			strlen(rows[i]), __FILE__, __LINE__, what);
	for (; i < s->terminal.height; i++)
		CHECK_TEXT(row(&s->terminal, i), strlen(row(&s->terminal, i)), "");
	CHECK_INT(s->terminal.x, x);
	CHECK_INT(s->terminal.y, y);
}

#define CHECK_SCREEN(s, x, y, ...) \
	check_screen((s), (x), (y), (const char *const[]){ __VA_ARGS__, NULL }, __func__)

static void test_messages_above_the_line(void)
{
	struct stage s;

	stage_begin(&s, 40, 8);
	paint(&s);
	CHECK_SCREEN(&s, 2, 0, ">");
	say(&s, "alice", "hello");
	type(&s, "typed");
	paint(&s);
	CHECK_SCREEN(&s, 7, 1, "21:24 [alice]: hello", "> typed");
	for (int i = 0; i < 10; i++)
		say(&s, "al", "x");
	edit_left(&s.prompt.line);
	paint(&s);
	CHECK_SCREEN(&s, 6, 7, "21:24 [al]: x", "21:24 [al]: x", "21:24 [al]: x", "21:24 [al]: x",
		"21:24 [al]: x", "21:24 [al]: x", "21:24 [al]: x", "> typed");
	stage_end(&s);
}

static void test_nothing_is_drawn_twice(void)
{
	struct stage s;

	stage_begin(&s, 40, 8);
	say(&s, "alice", "hello");
	type(&s, "typed");
	CHECK(paint(&s) > 0);
	CHECK_INT(paint(&s), 0);
	edit_left(&s.prompt.line);
	CHECK(paint(&s) > 0);
	CHECK_INT(paint(&s), 0);
	stage_end(&s);
}

static void test_the_line_wraps(void)
{
	struct stage s;

	stage_begin(&s, 10, 8);
	say(&s, "al", "x");
	type(&s, "12345678");
	paint(&s);
	/* The cursor needs a place of its own. */
	CHECK_SCREEN(&s, 0, 3, "21:24 [al", "]: x", "> 12345678", "");
	edit_left(&s.prompt.line);
	paint(&s);
	CHECK_SCREEN(&s, 9, 2, "21:24 [al", "]: x", "> 12345678");
	edit_end(&s.prompt.line);
	type(&s, "90你好");
	paint(&s);
	CHECK_SCREEN(&s, 6, 3, "21:24 [al", "]: x", "> 12345678", "90你好");
	type(&s, "你好");
	paint(&s);
	CHECK_SCREEN(&s, 0, 4, "21:24 [al", "]: x", "> 12345678", "90你好你好");
	for (int i = 0; i < 4; i++)
		edit_left(&s.prompt.line);
	type(&s, "x"); /* now a wide one does not fit at the end of the row */
	paint(&s);
	CHECK_SCREEN(&s, 3, 3, "21:24 [al", "]: x", "> 12345678", "90x你好你", "好");
	stage_end(&s);
}

static void test_a_line_higher_than_the_screen(void)
{
	struct stage s;
	char digits[101];

	for (int i = 0; i < 100; i++)
		digits[i] = (char)('0' + i / 10);
	digits[100] = '\0';
	stage_begin(&s, 10, 4);
	say(&s, "al", "x");
	type(&s, digits);
	paint(&s);
	CHECK_SCREEN(&s, 2, 3, "6677777777", "7788888888", "8899999999", "99");
	stage_end(&s);
}

static void test_rows_hang(void)
{
	static const struct {
		size_t width;
		const char *who;
		const char *text;
		const char *rows[8];
	} table[] = {
		{ 40, "alice", "one two three four five six seven",
			{ "21:24 [alice]: one two three four five", "               six seven" } },
		{ 30, "alice", "one two three four five six",
			{ "21:24 [alice]: one two three", "               four five six" } },
		{ 20, "alice", "one two three",
			{ "21:24 [alice]: one", "      two three" } },
		{ 20, "al", "你好你好你好你好",
			{ "21:24 [al]: 你好你好", "      你好你好" } },
		{ 20, "al", "你好x你好",
			{ "21:24 [al]: 你好x你", "      好" } },
		{ 20, "al", "0123456789abcdefghijklmno",
			{ "21:24 [al]: 01234567", "      89abcdefghijk", "      lmno" } },
		{ 20, "al", "x   y        z",
			{ "21:24 [al]: x   y", "      z" } },
		{ 20, "al", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301 x",
			{ "21:24 [al]: e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301",
				"      x" } },
		{ 10, "al", "one two", { "21:24 [al", "]: one two" } },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct stage s;
		size_t y = 0;

		stage_begin(&s, table[i].width, 10);
		say(&s, table[i].who, table[i].text);
		paint(&s);
		for (; table[i].rows[y]; y++)
			CHECK_TEXT(row(&s.terminal, y), strlen(row(&s.terminal, y)),
				table[i].rows[y]);
		CHECK_TEXT(row(&s.terminal, y), strlen(row(&s.terminal, y)), ">");
		stage_end(&s);
	}
}

static void test_what_stands_above_the_line(void)
{
	struct stage s;

	stage_begin(&s, 20, 6);
	say(&s, "al", "x");
	buffer_text(&s.pending, "a line that is longer than the screen\n");
	s.status = "reconnecting in 4 s, and so on";
	type(&s, "typed");
	paint(&s);
	CHECK_SCREEN(&s, 7, 4, "21:24 [al]: x", "  a line that is lon", "reconnecting in 4 s,",
		" and so on", "> typed");
	s.pending.len = 0;
	s.status = "";
	say(&s, "al", "y");
	paint(&s);
	CHECK_SCREEN(&s, 7, 2, "21:24 [al]: x", "21:24 [al]: y", "> typed");
	stage_end(&s);
}

static void test_without_room_the_line_comes_first(void)
{
	struct stage s;

	stage_begin(&s, 20, 2);
	buffer_text(&s.pending, "1\n2\n3\n");
	s.status = "a status";
	type(&s, "typed");
	paint(&s);
	CHECK_SCREEN(&s, 7, 1, "a status", "> typed");
	stage_end(&s);
	stage_begin(&s, 3, 1);
	s.status = "a status";
	type(&s, "typed");
	paint(&s);
	CHECK_SCREEN(&s, 1, 0, "d");
	stage_end(&s);
	stage_begin(&s, 1, 1);
	type(&s, "你x");
	paint(&s);
	stage_end(&s);
}

/* A terminal that wraps again what has become too wide, as most do, or one that cuts it. */
static void resize(struct stage *s, size_t width, size_t height, bool rewraps)
{
	static struct terminal old;
	size_t last = 0, cursor_row = 0;

	old = s->terminal;
	s->stale = 0;
	for (size_t i = 0; i < s->scrollback.count; i++)
		if (scrollback_at(&s->scrollback, i)->drawn_width == width)
			s->stale = i + 1;
	for (size_t y = 0; y < old.height; y++)
		if (*row(&old, y) || y == old.y)
			last = y;
	terminal_begin(&s->terminal, width, height);
	for (size_t y = 0; y <= last; y++) {
		size_t end = 0;

		if (y == old.y)
			cursor_row = s->terminal.scrolled + s->terminal.y +
				(rewraps ? old.x / width : 0);
		for (size_t x = 0; x < old.width; x++)
			if (old.cells[y][x][0])
				end = x + 1;
		for (size_t x = 0; x < end; x++) {
			size_t to = x;

			if (rewraps && x && x % width == 0)
				line_feed(&s->terminal);
			to = rewraps ? x % width : x;
			if (to < width)
				memcpy(s->terminal.cells[s->terminal.y][to], old.cells[y][x], CELL);
		}
		if (y < last)
			line_feed(&s->terminal);
	}
	s->terminal.y = cursor_row - s->terminal.scrolled;
	s->terminal.x = rewraps ? old.x % width : old.x < width ? old.x : width - 1;
	view_set_reflow(&s->view, rewraps ? REFLOW_WRAP : REFLOW_CUT, true);
	view_resize(&s->view, width, height);
}

static void test_after_resizing_all_is_drawn_again(void)
{
	for (int rewraps = 0; rewraps <= 1; rewraps++) {
		struct stage s;

		stage_begin(&s, 40, 8);
		say(&s, "al", "one two three four");
		say(&s, "al", "five");
		type(&s, "typed");
		paint(&s);
		resize(&s, 24, 8, rewraps);
		paint(&s);
		CHECK_SCREEN(&s, 7, 3, "21:24 [al]: one two", "            three four",
			"21:24 [al]: five", "> typed");
		resize(&s, 60, 5, rewraps);
		paint(&s);
		CHECK_SCREEN(&s, 7, 2, "21:24 [al]: one two three four", "21:24 [al]: five",
			"> typed");
		resize(&s, 60, 2, rewraps);
		paint(&s);
		CHECK_SCREEN(&s, 7, 1, "21:24 [al]: five", "> typed");
		/* What was scrolled off is the terminal's, which brings it back or does not. */
		resize(&s, 60, 5, rewraps);
		paint(&s);
		CHECK_SCREEN(&s, 7, 1, "21:24 [al]: five", "> typed");
		stage_end(&s);
	}
}

/* What the shell had written above is left alone. */
static void test_resizing_leaves_what_is_not_ours(void)
{
	struct stage s;
	struct buffer shell = { 0 };

	stage_begin(&s, 40, 10);
	buffer_text(&shell, "$ ls\r\nfile\r\n$ chatc\r\n");
	feed(&s.terminal, &shell);
	say(&s, "al", "one two three four five");
	type(&s, "typed");
	paint(&s);
	resize(&s, 24, 10, true);
	paint(&s);
	CHECK_SCREEN(&s, 7, 6, "$ ls", "file", "$ chatc", "21:24 [al]: one two",
		"            three four", "            five", "> typed");
	/* Nor when rows of the footer have become several. */
	resize(&s, 40, 10, true);
	s.status = "a status that takes most of a row";
	type(&s, " and a line of two rows, for once");
	paint(&s);
	CHECK_SCREEN(&s, 0, 6, "$ ls", "file", "$ chatc", "21:24 [al]: one two three four five",
		"a status that takes most of a row", "> typed and a line of two rows, for once", "");
	resize(&s, 24, 10, true);
	paint(&s);
	CHECK_SCREEN(&s, 16, 9, "$ ls", "file", "$ chatc", "21:24 [al]: one two",
		"            three four", "            five", "a status that takes most",
		" of a row", "> typed and a line of tw", "o rows, for once");
	buffer_finish(&shell);
	stage_end(&s);
}

/* tmux may leave the cursor above its line: nothing but the footer is erased then. */
static void test_a_cursor_that_strays(void)
{
	struct stage s;

	stage_begin(&s, 40, 6);
	for (int i = 0; i < 6; i++)
		say(&s, "al", "one two three");
	type(&s, "typed");
	paint(&s);
	resize(&s, 30, 6, true);
	view_set_reflow(&s.view, REFLOW_TMUX, true);
	s.terminal.y = 2;
	s.terminal.x = 26;
	say(&s, "al", "four");
	paint(&s);
	CHECK_SCREEN(&s, 7, 5, "21:24 [al]: one two three", "21:24 [al]: one two three",
		"21:24 [al]: one two three", "21:24 [al]: one two three", "21:24 [al]: four", "> typed");
	stage_end(&s);
}

/* The screen has become lower meanwhile, and tmux has dropped what was below the cursor. */
static void test_rows_that_tmux_has_dropped(void)
{
	struct stage s;

	stage_begin(&s, 40, 6);
	for (int i = 0; i < 6; i++)
		say(&s, "al", i < 5 ? "one" : "the last one");
	type(&s, "typed");
	paint(&s);
	resize(&s, 30, 6, true);
	view_set_reflow(&s.view, REFLOW_TMUX, true);
	clear_row(&s.terminal, 5);
	s.terminal.height = 5;
	s.terminal.y = 4;
	s.terminal.x = 24;
	view_resize(&s.view, 30, 5);
	say(&s, "al", "four");
	paint(&s);
	CHECK_SCREEN(&s, 7, 4, "21:24 [al]: one", "21:24 [al]: one", "21:24 [al]: the last one",
		"21:24 [al]: four", "> typed");
	stage_end(&s);
}

/* It has strayed no farther than to the end of the status line: all of the footer is there. */
static void test_a_cursor_that_strays_within_the_footer(void)
{
	struct stage s;

	stage_begin(&s, 40, 5);
	for (int i = 0; i < 6; i++)
		say(&s, "al", "one two three");
	s.status = "status";
	type(&s, "typed");
	paint(&s);
	resize(&s, 30, 5, true);
	view_set_reflow(&s.view, REFLOW_TMUX, true);
	s.terminal.y = 3;
	s.terminal.x = 6;
	say(&s, "al", "four");
	paint(&s);
	CHECK_SCREEN(&s, 7, 4, "21:24 [al]: one two three", "21:24 [al]: one two three",
		"21:24 [al]: four", "status", "> typed");
	stage_end(&s);
}

static void test_clearing_draws_what_fits(void)
{
	struct stage s;

	stage_begin(&s, 40, 3);
	for (int i = 0; i < 5; i++)
		say(&s, "al", i < 4 ? "x" : "last");
	paint(&s);
	view_clear(&s.view);
	paint(&s);
	CHECK_SCREEN(&s, 2, 2, "21:24 [al]: x", "21:24 [al]: last", ">");
	scrollback_clear(&s.scrollback);
	view_clear(&s.view);
	paint(&s);
	CHECK_SCREEN(&s, 2, 0, ">");
	stage_end(&s);
}

/* Of an item that reaches above the screen, the rows that stand on it are drawn again. */
static void test_what_fits_of_an_item_is_drawn_again(void)
{
	struct stage s;

	stage_begin(&s, 24, 6);
	say(&s, "al", "one two three four five six");
	say(&s, "al", "1 2 3 4 5 6 7 8 9 10 11 12");
	say(&s, "bo", "end");
	type(&s, "typed");
	paint(&s);
	view_clear(&s.view);
	paint(&s);
	CHECK_SCREEN(&s, 7, 5, "            five six", "21:24 [al]: 1 2 3 4 5 6",
		"            7 8 9 10 11", "            12", "21:24 [bo]: end", "> typed");
	for (int rewraps = 0; rewraps <= 1; rewraps++) {
		resize(&s, 23, 6, rewraps);
		paint(&s);
		CHECK_SCREEN(&s, 7, 4, "            five six", "21:24 [al]: 1 2 3 4 5 6",
			"      7 8 9 10 11 12", "21:24 [bo]: end", "> typed");
		resize(&s, 24, 6, rewraps);
		paint(&s);
		CHECK_SCREEN(&s, 7, 5, "            five six", "21:24 [al]: 1 2 3 4 5 6",
			"            7 8 9 10 11", "            12", "21:24 [bo]: end", "> typed");
	}
	stage_end(&s);
}

/* Of an item that reaches above the screen only what stands on it is laid out again. */
static void test_the_rest_of_an_item_is_drawn_again(void)
{
	for (int rewraps = 0; rewraps <= 1; rewraps++) {
		struct stage s;

		stage_begin(&s, 24, 4);
		say(&s, "al", "one two three four five six seven eight nine ten");
		paint(&s);
		CHECK_SCREEN(&s, 2, 3, "            five six", "            seven eight",
			"            nine ten", ">");
		resize(&s, 30, 4, rewraps);
		paint(&s);
		CHECK_SCREEN(&s, 2, 2, "            five six seven", "            eight nine ten",
			">");
		resize(&s, 26, 4, rewraps);
		paint(&s);
		CHECK_SCREEN(&s, 2, 2, "            five six seven", "            eight nine ten",
			">");
		/* On an empty screen there is more of it. */
		view_clear(&s.view);
		paint(&s);
		CHECK_SCREEN(&s, 2, 3, "            four five six", "            seven eight",
			"            nine ten", ">");
		/* One that was never drawn comes whole, so that its beginning scrolls off. */
		resize(&s, 26, 3, rewraps);
		say(&s, "al", "1 2 3 4 5 6 7 8 9 10 11 12 13 14");
		s.terminal.scrolled = 0;
		paint(&s);
		CHECK_SCREEN(&s, 2, 2, "            8 9 10 11 12", "            13 14", ">");
		CHECK_INT(s.terminal.scrolled, 3);
		stage_end(&s);
	}
}

static void test_hiding_takes_the_footer_away(void)
{
	struct stage s;

	stage_begin(&s, 20, 5);
	say(&s, "al", "x");
	s.status = "status";
	type(&s, "a line that wraps over rows");
	paint(&s);
	edit_home(&s.prompt.line);
	paint(&s);
	s.out.len = 0;
	view_hide(&s.view, &s.out);
	feed(&s.terminal, &s.out);
	CHECK_SCREEN(&s, 0, 1, "21:24 [al]: x");
	paint(&s);
	CHECK_SCREEN(&s, 2, 2, "21:24 [al]: x", "status", "> a line that wraps", "over rows");
	stage_end(&s);
}

static const char *const doubtful[] = {
	"\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "1\ufe0f\u20e3",
	"\u2764\ufe0f", "\u231a\ufe0e", "\U0001f44d\U0001f3fd", "\u1100\u1161\u11a8", "\ud55c",
	"\u0915\u094d\u0937\u093f", "\u0e01\u0e33", "\u0644\u0627", "\u00ad", "\u200b", "\U0001fae8",
	"\u4dc0", "a\u0301", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
	"\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f937\U0001f3fd\u200d\u2642\ufe0f", "\U0001f1e9",
	"\u261d\U0001f3fd", "\U0001f575\ufe0f", "\u2764\ufe0f\u200d\U0001f525", "a\u200d", "\u4f60",
};

enum { DOUBTFUL = sizeof(doubtful) / sizeof(*doubtful) };

static void repeat(struct buffer *b, const char *text, size_t times)
{
	b->len = 0;
	while (times--)
		buffer_text(b, text);
}

/* No family of terminals wraps a row by itself, which would begin at the first column. */
static void test_no_row_is_forged(void)
{
	struct buffer text = { 0 };

	for (size_t i = 0; i < FAMILIES * DOUBTFUL; i++) {
		for (size_t times = 8; times < 20; times++) {
			struct stage s;

			stage_begin(&s, 40, 40);
			s.terminal.family = (enum family)(i % FAMILIES);
			repeat(&text, doubtful[i / FAMILIES], times);
			buffer_text(&text, "xxx11:59\u00a0[bob]:\u00a0I\u00a0resign");
			buffer_append(&text, "", 1);
			say(&s, "mallory", text.data);
			say(&s, "bob", "real");
			paint(&s);
			for (size_t y = 1; y < s.terminal.y; y++)
				CHECK(row(&s.terminal, y)[0] == ' ' ||
					strcmp(row(&s.terminal, y), "21:24 [bob]: real") == 0);
			CHECK_TEXT(row(&s.terminal, s.terminal.y),
				strlen(row(&s.terminal, s.terminal.y)), ">");
			stage_end(&s);
		}
	}
	buffer_finish(&text);
}

/* What is typed is there to its end, with the cursor behind it, also after each key. */
static void test_the_cursor_is_where_the_text_ends(void)
{
	struct buffer text = { 0 };

	for (size_t i = 0; i < FAMILIES * DOUBTFUL; i++) {
		struct stage s;
		const char *end;

		stage_begin(&s, 40, 40);
		s.terminal.family = (enum family)(i % FAMILIES);
		for (size_t times = 0; times < 25; times++) {
			type(&s, doubtful[i / FAMILIES]);
			paint(&s);
			CHECK_INT(s.terminal.x, s.view.shown.cursor_column);
		}
		type(&s, " THE END");
		paint(&s);
		end = row(&s.terminal, s.terminal.y);
		CHECK(strlen(end) >= 3 && strcmp(end + strlen(end) - 3, "END") == 0);
		CHECK_INT(s.terminal.x, s.view.shown.cursor_column);
		CHECK(!*s.terminal.cells[s.terminal.y][s.terminal.x]);
		CHECK_TEXT(s.terminal.cells[s.terminal.y][s.terminal.x - 1], 1, "D");
		/* The same after a key in the middle, and after all is erased again. */
		edit_word_left(&s.prompt.line);
		type(&s, "x");
		paint(&s);
		CHECK_TEXT(s.terminal.cells[s.terminal.y][s.terminal.x - 1], 1, "x");
		CHECK_TEXT(s.terminal.cells[s.terminal.y][s.terminal.x], 1, "E");
		edit_end(&s.prompt.line);
		while (edit_erase_left(&s.prompt.line))
			paint(&s);
		CHECK_SCREEN(&s, 2, 0, ">");
		stage_end(&s);
	}
	buffer_finish(&text);
}

/* Only what changes is drawn. */
static void test_a_key_costs_what_it_shows(void)
{
	char text[791];
	struct stage s;
	size_t most = 0;

	memset(text, 'x', 790);
	text[790] = '\0';
	stage_begin(&s, 80, 24);
	s.status = "alice, tea, 3 online";
	type(&s, text);
	paint(&s);
	for (int i = 0; i < 100; i++) {
		size_t bytes;

		edit_insert(&s.prompt.line, "y", 1, true);
		bytes = paint(&s);
		most = bytes > most ? bytes : most;
	}
	CHECK(most <= 10);
	CHECK(edit_erase_left(&s.prompt.line) && paint(&s) <= 10);
	edit_home(&s.prompt.line);
	paint(&s);
	edit_end(&s.prompt.line);
	CHECK(paint(&s) <= 32);
	edit_left(&s.prompt.line);
	CHECK(paint(&s) <= 10);
	stage_end(&s);
}

static void test_a_message_costs_what_it_shows(void)
{
	char text[791];
	struct stage s;

	memset(text, 'x', 790);
	text[790] = '\0';
	for (size_t before = 0; before < 30; before += 5) {
		stage_begin(&s, 80, 24);
		s.status = "alice, tea, 3 online";
		type(&s, text);
		for (size_t i = 0; i < before; i++)
			say(&s, "al", "before");
		paint(&s);
		say(&s, "alice", "hello");
		CHECK(paint(&s) <= strlen("21:24 [alice]: hello") + 200);
		size_t top = s.terminal.y - s.view.shown.cursor_row;
		CHECK_TEXT(row(&s.terminal, top), strlen(row(&s.terminal, top)), s.status);
		CHECK_TEXT(row(&s.terminal, top - 1), strlen(row(&s.terminal, top - 1)),
			"21:24 [alice]: hello");
		CHECK_INT(strlen(row(&s.terminal, top + 1)), 80);
		stage_end(&s);
	}
}

/* How many rows above the footer are of items that were drawn whole at this width. */
static size_t rows_drawn_whole(const struct stage *s)
{
	size_t rows = 0;

	for (size_t i = s->scrollback.count; i-- > s->stale;) {
		const struct item *item = scrollback_at(&s->scrollback, i);
		struct layout l;

		if (item->drawn_from || item->drawn_width != s->terminal.width)
			break;
		layout_begin(&l, NULL, s->terminal.width);
		render_item(&l, item, &s->view.look);
		layout_end(&l);
		rows += l.rows;
	}
	return rows;
}

/*
 * What was drawn whole looks as on an empty screen of the same size where all is drawn at once,
 * from the footer up as far as both screens go. Returns how many rows that were.
 */
static size_t check_against_fresh(const struct stage *s, struct stage *fresh)
{
	size_t top = s->terminal.y - s->view.shown.cursor_row, fresh_top, rows = rows_drawn_whole(s);

	view_finish(&fresh->view);
	view_init(&fresh->view, s->view.look, s->terminal.width, s->terminal.height);
	view_clear(&fresh->view);
	terminal_begin(&fresh->terminal, s->terminal.width, s->terminal.height);
	fresh->status = s->status;
	edit_set(&fresh->prompt.line, edit_text(&s->prompt.line), s->prompt.line.text.len);
	paint(fresh);
	fresh_top = fresh->terminal.y - fresh->view.shown.cursor_row;
	if (rows > top)
		rows = top;
	if (rows > fresh_top)
		rows = fresh_top;
	for (size_t i = 1; i <= rows; i++) {
		char got[WIDTH_MAX * CELL];

		snprintf(got, sizeof(got), "%s", row(&s->terminal, top - i));
		CHECK_TEXT(got, strlen(got), row(&fresh->terminal, fresh_top - i));
	}
	return rows;
}

/* One call after another: compilers differ in which argument they work out first. */
static void resize_at_random(struct stage *s)
{
	size_t width = 14 + (size_t)(rand() % 60);
	size_t height = 8 + (size_t)(rand() % 20);

	resize(s, width, height, rand() & 1);
}

/*
 * Whatever happens in whatever order, after each paint the line that is typed is right, and the
 * screen is what a fresh draw would make of it.
 */
static void test_anything_at_any_time(void)
{
	static const char *const texts[] = { "a", "bc ", "你", "e\u0301", "👍🏽", "a longer text " };
	struct stage s, fresh;
	size_t compared = 0;

	srand(1);
	stage_begin(&s, 40, 12);
	stage_begin(&fresh, 40, 12);
	for (int i = 0; i < 3000; i++) {
		char want[2 * WIDTH_MAX * CELL], got[2 * WIDTH_MAX * CELL];
		size_t len = 0, got_len = 0;
		const char *text = texts[rand() % 6];

		switch (rand() % 8) {
		case 0:
		case 1:
			say(&s, "somebody", text);
			say(&fresh, "somebody", text);
			break;
		case 2:
			s.status = s.status[0] ? "" : "reconnecting in 4 s";
			break;
		case 3:
			resize_at_random(&s);
			break;
		case 4:
			edit_left(&s.prompt.line);
			break;
		case 5:
			if (s.prompt.line.text.len > 40)
				edit_kill_left(&s.prompt.line);
			break;
		default:
			if (s.prompt.line.text.len < 60) /* so that it always fits */
				type(&s, text);
		}
		paint(&s);
		compared += check_against_fresh(&s, &fresh);
		/* The footer ends the screen: its rows one behind the other are the line. */
		CHECK(s.view.shown.rows <= s.terminal.height);
		size_t top = s.terminal.y - s.view.shown.cursor_row;
		for (size_t y = top; y < top + s.view.shown.rows; y++)
			got_len += (size_t)snprintf(got + got_len, sizeof(got) - got_len, "%s",
				row(&s.terminal, y));
		len = (size_t)snprintf(want, sizeof(want), "%s> %.*s", s.status,
			(int)s.prompt.line.text.len,
			s.prompt.line.text.data ? s.prompt.line.text.data : "");
		for (size_t in = 0, out = 0; ; in++) { /* blanks are lost at the ends of rows */
			while (in < len && want[in] == ' ')
				in++;
			while (out < got_len && got[out] == ' ')
				out++;
			if (in >= len || out >= got_len || want[in] != got[out]) {
				CHECK(in >= len && out >= got_len);
				if (unit_failures) {
					unit_print("got", got, got_len);
					unit_print("want", want, len);
				}
				break;
			}
			out++;
		}
		if (unit_failures)
			break;
	}
	CHECK(compared > 10000);
	stage_end(&s);
	stage_end(&fresh);
}

static const struct unit_test tests[] = {
	{ "messages above the line", test_messages_above_the_line },
	{ "nothing is drawn twice", test_nothing_is_drawn_twice },
	{ "the line wraps", test_the_line_wraps },
	{ "a line higher than the screen", test_a_line_higher_than_the_screen },
	{ "rows hang", test_rows_hang },
	{ "what stands above the line", test_what_stands_above_the_line },
	{ "without room the line comes first", test_without_room_the_line_comes_first },
	{ "after resizing all is drawn again", test_after_resizing_all_is_drawn_again },
	{ "resizing leaves what is not ours", test_resizing_leaves_what_is_not_ours },
	{ "a cursor that strays", test_a_cursor_that_strays },
	{ "rows that tmux has dropped", test_rows_that_tmux_has_dropped },
	{ "a cursor that strays within the footer",
		test_a_cursor_that_strays_within_the_footer },
	{ "clearing draws what fits", test_clearing_draws_what_fits },
	{ "what fits of an item is drawn again", test_what_fits_of_an_item_is_drawn_again },
	{ "the rest of an item is drawn again", test_the_rest_of_an_item_is_drawn_again },
	{ "hiding takes the footer away", test_hiding_takes_the_footer_away },
	{ "no row is forged", test_no_row_is_forged },
	{ "the cursor is where the text ends", test_the_cursor_is_where_the_text_ends },
	{ "a key costs what it shows", test_a_key_costs_what_it_shows },
	{ "a message costs what it shows", test_a_message_costs_what_it_shows },
	{ "anything at any time", test_anything_at_any_time },
};

UNIT_MAIN(tests)
