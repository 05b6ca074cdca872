/*
 * The line being typed. The rule: nothing that is typed is lost without a key that brings it back,
 * and nothing that is secret is kept.
 */
#include "client/core/prompt.h"

#include <string.h>

#include "client/core/complete.h"
#include "client/core/piece.h"
#include "proto/text.h"

void prompt_init(struct prompt *p, size_t max)
{
	*p = (struct prompt){ .line.max = max };
}

void prompt_finish(struct prompt *p)
{
	edit_finish(&p->line);
	recall_finish(&p->recall);
	buffer_finish(&p->search);
	buffer_finish(&p->before);
	buffer_finish(&p->paste);
	buffer_finish(&p->stem);
	buffer_finish(&p->query);
	buffer_finish(&p->answer);
	buffer_finish(&p->place);
	buffer_finish(&p->label);
}

/* Whom what is typed is for: somebody, or a room of several. */
static void make_label(struct prompt *p)
{
	const struct buffer *name = p->query.len ? &p->query : &p->place;

	p->label.len = 0;
	if (!name->len)
		return;
	buffer_text(&p->label, p->query.len ? "[" : "");
	buffer_append(&p->label, name->data, name->len);
	buffer_text(&p->label, p->query.len ? "] > " : "> ");
	buffer_append(&p->label, "", 1);
}

void prompt_query(struct prompt *p, const char *who, size_t len)
{
	p->query.len = 0;
	buffer_append(&p->query, who, len);
	make_label(p);
}

void prompt_in_room(struct prompt *p, const char *name, size_t len)
{
	p->place.len = 0;
	buffer_append(&p->place, name, len);
	make_label(p);
}

void prompt_answer_to(struct prompt *p, const char *who, size_t len)
{
	p->answer.len = 0;
	buffer_append(&p->answer, who, len);
}

void prompt_put_line(const struct prompt *p, struct buffer *out)
{
	const char *text = edit_text(&p->line);

	if (p->query.len && p->line.text.len && text[0] != '/') {
		buffer_text(out, "/msg ");
		buffer_append(out, p->query.data, p->query.len);
		buffer_text(out, " ");
	}
	buffer_append(out, text, p->line.text.len);
}

/* The text that was typed may have been secret. */
static void forget_line(struct prompt *p)
{
	edit_reset(&p->line);
	buffer_wipe(&p->line.text);
	buffer_wipe(&p->line.killed);
}

void prompt_ask_password(struct prompt *p, bool secret, bool asking)
{
	if (secret != p->secret) {
		p->secret = secret;
		p->mode = PROMPT_TYPING;
		p->answered = false;
		forget_line(p);
	}
	if (asking && p->answered) {
		p->answered = false;
		forget_line(p);
	}
}

void prompt_sent(struct prompt *p)
{
	if (p->secret) {
		p->answered = true;
		forget_line(p);
		return;
	}
	if (p->mode == PROMPT_TYPING)
		recall_add(&p->recall, edit_text(&p->line), p->line.text.len);
	p->mode = PROMPT_TYPING;
	p->paste.len = 0;
	edit_reset(&p->line);
}

static enum prompt_action bell_unless(bool done)
{
	return done ? PROMPT_NOTHING : PROMPT_BELL;
}

static bool is_ctrl(const struct key *key, uint32_t letter)
{
	return key->code == KEY_CTRL && key->ch == letter;
}

/* "/r " becomes what it stands for, so that one sees to whom the line goes. */
static bool expand_answer(struct prompt *p)
{
	struct buffer text = { 0 };
	bool is_answer = p->line.cursor == 2 && p->answer.len &&
		memcmp(edit_text(&p->line), "/r", 2) == 0;

	if (is_answer) {
		buffer_text(&text, "/msg ");
		buffer_append(&text, p->answer.data, p->answer.len);
		buffer_text(&text, " ");
		edit_replace_left(&p->line, 0, text.data, text.len);
		buffer_finish(&text);
	}
	return is_answer;
}

static enum prompt_action insert_char(struct prompt *p, uint32_t ch)
{
	char text[4];

	if (ch == ' ' && expand_answer(p))
		return PROMPT_NOTHING;
	return bell_unless(edit_insert(&p->line, text, text_encode(text, ch), true) == 0);
}

static enum prompt_action show_recalled(struct prompt *p, const struct recall_line *line)
{
	if (!line)
		return PROMPT_BELL;
	edit_set(&p->line, line->text, line->len);
	return PROMPT_NOTHING;
}

/* What TAB completes where the line stands: rooms after the command that goes to one. */
static const struct roster *candidates(const struct prompt *p, const struct roster *roster)
{
	struct piece line = { edit_text(&p->line), p->line.cursor };

	return p->rooms && piece_begins(line, "/join ") ? p->rooms : roster;
}

static void begin_completing(struct prompt *p)
{
	p->stem_start = complete_word(edit_text(&p->line), p->line.cursor);
	p->stem.len = 0;
	buffer_append(&p->stem, edit_text(&p->line) + p->stem_start,
		p->line.cursor - p->stem_start);
}

/* TAB again goes on to the next candidate, and after the last back to what was typed. */
static enum prompt_action complete(struct prompt *p, const struct roster *people, bool backwards)
{
	struct completion c = { .names = candidates(p, people) };
	bool again = p->completing;
	struct buffer word = { 0 };
	size_t count;

	if (!again)
		begin_completing(p);
	c.word = (struct piece){ p->stem.data, p->stem.len };
	c.first = p->stem_start == 0;
	count = complete_count(&c);
	if (!count)
		return c.names == p->rooms ? PROMPT_ASK_ROOMS : PROMPT_BELL;
	if (!again)
		p->candidate = backwards ? count - 1 : 0;
	else
		p->candidate = (p->candidate + (backwards ? count : 1)) % (count + 1);
	p->completing = true;
	if (p->candidate < count)
		complete_put(&c, p->candidate, &word);
	else
		buffer_append(&word, p->stem.data, p->stem.len);
	edit_replace_left(&p->line, p->stem_start, word.data, word.len);
	buffer_finish(&word);
	return c.names == p->rooms && !again ? PROMPT_ASK_ROOMS : PROMPT_NOTHING;
}

static void begin_search(struct prompt *p)
{
	p->mode = PROMPT_SEARCHING;
	p->search.len = 0;
	p->failing = false;
	p->found = p->recall.count;
	p->before.len = 0;
	buffer_append(&p->before, edit_text(&p->line), p->line.text.len);
}

typedef bool edit_function(struct edit *e);

/* The keys that edit the line. */
static const struct {
	enum key_code code;
	uint32_t ch;
	edit_function *op;
} ops[] = {
	{ KEY_LEFT, 0, edit_left },
	{ KEY_CTRL, 'B', edit_left },
	{ KEY_RIGHT, 0, edit_right },
	{ KEY_CTRL, 'F', edit_right },
	{ KEY_WORD_LEFT, 0, edit_word_left },
	{ KEY_ALT, 'b', edit_word_left },
	{ KEY_WORD_RIGHT, 0, edit_word_right },
	{ KEY_ALT, 'f', edit_word_right },
	{ KEY_HOME, 0, edit_home },
	{ KEY_CTRL, 'A', edit_home },
	{ KEY_END, 0, edit_end },
	{ KEY_CTRL, 'E', edit_end },
	{ KEY_BACKSPACE, 0, edit_erase_left },
	{ KEY_DELETE, 0, edit_erase_right },
	{ KEY_CTRL, 'D', edit_erase_right },
	{ KEY_ALT_BACKSPACE, 0, edit_kill_word_left },
	{ KEY_CTRL, 'W', edit_kill_blank_word_left },
	{ KEY_ALT, 'd', edit_kill_word_right },
	{ KEY_CTRL, 'U', edit_kill_left },
	{ KEY_CTRL, 'K', edit_kill_right },
	{ KEY_CTRL, 'T', edit_transpose },
	{ KEY_CTRL, '_', edit_undo },
};

static enum prompt_action edit_key(struct prompt *p, const struct key *key)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		if (key->code == ops[i].code && key->ch == ops[i].ch) {
			(void)ops[i].op(&p->line);
			return PROMPT_NOTHING;
		}
	}
	if (is_ctrl(key, 'Y'))
		return bell_unless(edit_yank(&p->line));
	if (key->code == KEY_CHAR)
		return insert_char(p, key->ch);
	return PROMPT_NOTHING;
}

/* The keys that mean the same wherever one is. */
static enum prompt_action leave_key(struct prompt *p, const struct key *key)
{
	if (is_ctrl(key, 'C') && p->line.text.len && !p->secret) {
		edit_set(&p->line, "", 0);
		return PROMPT_DROPPED;
	}
	if (is_ctrl(key, 'C') || (is_ctrl(key, 'D') && !p->line.text.len))
		return PROMPT_LEAVE;
	if (is_ctrl(key, 'Z'))
		return PROMPT_SUSPEND;
	if (key->code == KEY_ALT && key->ch >= '1' && key->ch <= '9' && !p->secret) {
		p->room = key->ch - '0';
		return PROMPT_ROOM;
	}
	return is_ctrl(key, 'L') ? PROMPT_REDRAW : PROMPT_NOTHING;
}

static enum prompt_action type_key(struct prompt *p, const struct key *key,
	const struct roster *roster)
{
	struct edit *e = &p->line;
	enum prompt_action action = leave_key(p, key);

	if (action != PROMPT_NOTHING)
		return action;
	if (key->code == KEY_TAB || key->code == KEY_BACK_TAB)
		return complete(p, roster, key->code == KEY_BACK_TAB);
	p->completing = false;
	if (key->code == KEY_ENTER && !text_is_blank(edit_text(e), e->text.len))
		return PROMPT_SEND;
	if (key->code == KEY_ENTER)
		edit_reset(e);
	else if (key->code == KEY_UP || is_ctrl(key, 'P'))
		return show_recalled(p, recall_older(&p->recall, edit_text(e), e->text.len));
	else if (key->code == KEY_DOWN || is_ctrl(key, 'N'))
		return show_recalled(p, recall_newer(&p->recall));
	else if (is_ctrl(key, 'R'))
		begin_search(p);
	else
		return edit_key(p, key);
	return PROMPT_NOTHING;
}

static enum prompt_action password_key(struct prompt *p, const struct key *key)
{
	enum prompt_action action = leave_key(p, key);

	if (action != PROMPT_NOTHING)
		return action;
	if (key->code == KEY_ENTER)
		return p->line.text.len ? PROMPT_SEND : PROMPT_NOTHING;
	return edit_key(p, key);
}

/* Looks for the text from the place on where the last find was, or before that. */
static enum prompt_action search(struct prompt *p, size_t from)
{
	const struct recall_line *line = recall_search(&p->recall, p->search.data, p->search.len,
		&from);

	p->failing = !line && p->search.len;
	if (!line)
		return p->search.len ? PROMPT_BELL : PROMPT_NOTHING;
	p->found = from;
	edit_set(&p->line, line->text, line->len);
	return PROMPT_NOTHING;
}

static void end_search(struct prompt *p, bool keep)
{
	p->mode = PROMPT_TYPING;
	if (!keep)
		edit_set(&p->line, p->before.data, p->before.len);
}

static enum prompt_action search_key(struct prompt *p, const struct key *key,
	const struct roster *roster)
{
	char text[TEXT_GROWTH * 4];

	if (key->code == KEY_CHAR) {
		buffer_append(&p->search, text, text_clean(text, text, text_encode(text, key->ch)));
		return search(p, p->found < p->recall.count ? p->found + 1 : p->found);
	}
	if (key->code == KEY_BACKSPACE) {
		while (p->search.len && (p->search.data[--p->search.len] & 0xc0) == 0x80)
			continue;
		return search(p, p->recall.count);
	}
	if (is_ctrl(key, 'R'))
		return search(p, p->found);
	if (key->code == KEY_ESCAPE || is_ctrl(key, 'C') || is_ctrl(key, 'G')) {
		end_search(p, false);
		return PROMPT_NOTHING;
	}
	end_search(p, true);
	return type_key(p, key, roster);
}

static enum prompt_action ask_key(struct prompt *p, const struct key *key)
{
	bool yes = key->code == KEY_ENTER || (key->code == KEY_CHAR && (key->ch | 32) == 'y');
	bool no = key->code == KEY_ESCAPE || (key->code == KEY_CHAR && (key->ch | 32) == 'n') ||
		is_ctrl(key, 'C');

	if (yes && !p->paste_too_long)
		return PROMPT_PASTE;
	if (no || yes) {
		p->mode = PROMPT_TYPING;
		p->paste.len = 0;
		return PROMPT_NOTHING;
	}
	if (is_ctrl(key, 'Z'))
		return PROMPT_SUSPEND;
	return is_ctrl(key, 'L') ? PROMPT_REDRAW : PROMPT_BELL;
}

static void begin_paste(struct prompt *p)
{
	p->mode = PROMPT_PASTING;
	p->completing = false;
	p->paste.len = 0;
	p->paste_too_large = false;
	p->paste_left_out = 0;
}

/* Which of the pasted lines is the first that can't be said: 0, or its number. */
static size_t find_too_long(const struct prompt *p)
{
	size_t number = 1;

	for (size_t at = 0; at < p->paste.len; number++) {
		const char *line = p->paste.data + at;
		size_t len = (size_t)((const char *)memchr(line, '\n', p->paste.len - at) - line);

		/* One that begins with a slash is said with another before it. */
		if (len + (line[0] == '/') > p->line.max)
			return number;
		at += len + 1;
	}
	return 0;
}

void prompt_limit(struct prompt *p, size_t max)
{
	if (max == p->line.max)
		return;
	p->line.max = max;
	if (p->mode == PROMPT_ASKING)
		p->paste_too_long = find_too_long(p);
}

/*
 * Makes whole lines of what was pasted: the first goes on from what stands before the cursor,
 * the last goes on with what stands after it. Empty ones are left out.
 */
static void assemble(struct prompt *p)
{
	struct buffer whole = { 0 };
	struct edit *e = &p->line;
	char *clean;

	buffer_append(&whole, edit_text(e), e->cursor);
	buffer_append(&whole, p->paste.data, p->paste.len);
	buffer_append(&whole, edit_text(e) + e->cursor, e->text.len - e->cursor);
	buffer_text(&whole, "\n");
	p->paste.len = 0;
	p->paste_lines = 0;
	for (size_t at = 0; at < whole.len && !whole.failed;) {
		const char *line = whole.data + at;
		size_t len = (size_t)((const char *)memchr(line, '\n', whole.len - at) - line);

		at += len + 1;
		clean = buffer_reserve(&p->paste, TEXT_GROWTH * len + 1);
		if (!clean)
			break;
		len = text_clean(clean, line, len);
		if (text_is_blank(clean, len))
			continue;
		clean[len] = '\n';
		p->paste.len += len + 1;
		p->paste_lines++;
	}
	buffer_finish(&whole);
	p->paste_too_long = find_too_long(p);
}

/* How many of the lines of a paste are not blank, up to two; *lone: the last of them. */
static size_t count_lines(const struct buffer *paste, struct piece *lone)
{
	struct buffer clean = { 0 };
	size_t count = 0;

	*lone = (struct piece){ "", 0 };
	for (size_t at = 0; at < paste->len && count < 2;) {
		const char *line = paste->data + at;
		const char *end = memchr(line, '\n', paste->len - at);
		size_t len = end ? (size_t)(end - line) : paste->len - at;
		char *room = buffer_reserve(&clean, TEXT_GROWTH * len + 1);

		if (!room)
			break;
		if (!text_is_blank(room, text_clean(room, line, len))) {
			*lone = (struct piece){ line, len };
			count++;
		}
		at += len + 1;
	}
	buffer_finish(&clean);
	return count;
}

/* A paste of one line is typed text. */
static enum prompt_action insert_paste(struct prompt *p, struct piece text)
{
	p->paste_left_out = text.len ? edit_insert(&p->line, text.s, text.len, false) : 0;
	p->paste.len = 0;
	return bell_unless(p->paste_left_out == 0);
}

static enum prompt_action end_paste(struct prompt *p)
{
	struct buffer *paste = &p->paste;
	struct piece lone;

	p->mode = PROMPT_TYPING;
	if (p->paste_too_large) {
		p->paste_left_out = paste->len;
		paste->len = 0;
		return PROMPT_BELL;
	}
	while (paste->len && paste->data[paste->len - 1] == '\n')
		paste->len--;
	if (p->secret || !paste->len || !memchr(paste->data, '\n', paste->len))
		return insert_paste(p, (struct piece){ paste->data, paste->len });
	if (count_lines(paste, &lone) < 2)
		return insert_paste(p, lone);
	assemble(p);
	p->mode = PROMPT_ASKING;
	return PROMPT_NOTHING;
}

static enum prompt_action paste_key(struct prompt *p, const struct key *key)
{
	char text[4];
	size_t len;

	if (key->code == KEY_PASTE_END)
		return end_paste(p);
	if (key->code == KEY_CTRL) { /* Ctrl-C: its end will not come */
		p->mode = PROMPT_TYPING;
		p->paste.len = 0;
		return PROMPT_NOTHING;
	}
	len = text_encode(text, key->ch);
	if (p->paste.len + len <= PROMPT_PASTE_MAX)
		buffer_append(&p->paste, text, len);
	else
		p->paste_too_large = true;
	return PROMPT_NOTHING;
}

enum prompt_action prompt_key(struct prompt *p, const struct key *key, const struct roster *roster)
{
	p->paste_left_out = 0;
	if (key->code == KEY_PASTE_BEGIN) {
		begin_paste(p);
		return PROMPT_NOTHING;
	}
	switch (p->mode) {
	case PROMPT_SEARCHING:
		return search_key(p, key, roster);
	case PROMPT_PASTING:
		return paste_key(p, key);
	case PROMPT_ASKING:
		return ask_key(p, key);
	default:
		return p->secret ? password_key(p, key) : type_key(p, key, roster);
	}
}
