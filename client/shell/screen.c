/*
 * Brings what is to be seen to the terminal. The rule: while the terminal has not taken all that it
 * is owed, nothing more is drawn, so what is drawn is always of now.
 */
#include "client/shell/screen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/core/render.h"
#include "client/core/terminal_type.h"
#include "client/shell/clock.h"

/* How long an answer of the terminal may take, over a slow line too. */
enum { ANSWER_MSEC = 1000 };

/*
 * After a resize nothing is drawn for a while. tmux tells of one up to 250 msec late when several
 * come in a row, and what is drawn before that is cut.
 */
enum { CALM_MSEC = 300 };

/* Plain: how soon after a line people begin to type the next one. */
enum { TYPING_MSEC = 300 };

static enum palette choose_palette(const struct options *o)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (o->color == COLOR_NEVER || (o->color == COLOR_AUTO && no_color && *no_color))
		return PALETTE_NONE;
	if (getenv("COLORTERM") || (term && (strstr(term, "256color") || strstr(term, "direct"))))
		return PALETTE_256;
	return PALETTE_8;
}

/* Terminals of an ordinary type say in their own ways who they are. */
static bool knows_links(void)
{
	static const char *const signs[] = {
		"VTE_VERSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WEZTERM_PANE", "WT_SESSION",
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (getenv(signs[i]))
			return true;
	return false;
}

int screen_open(struct screen *s, const struct options *o, struct log *log)
{
	const char *term = getenv("TERM");
	struct terminal_type type = terminal_type_of(term);
	struct look look = { choose_palette(o), type.links || knows_links() };

	*s = (struct screen){
		.log = log, .may_ring = o->bell != BELL_OFF, .wait_until = INT64_MAX,
		.has_bar = o->status_line, .notifies = o->notify,
	};
	s->plain = o->plain || !type.draws;
	screen_line_typed(s);
	view_init(&s->view, look, 0, 0);
	view_set_reflow(&s->view, reflow_of_term(term ? term : ""), false);
	return terminal_open(&s->terminal, type, s->plain);
}

void screen_finish(struct screen *s)
{
	view_finish(&s->view);
	footer_finish(&s->footer);
	buffer_finish(&s->bar);
	buffer_finish(&s->title);
	buffer_finish(&s->waiting);
	terminal_finish(&s->terminal);
}

void screen_begin(struct screen *s)
{
	(void)terminal_begin(&s->terminal);
	if (s->hidden)
		terminal_hide(&s->terminal, true);
	screen_measure(s);
	view_forget(&s->view);
}

void screen_end(struct screen *s)
{
	screen_hurry(s);
	if (!s->plain)
		view_hide(&s->view, &s->terminal.owed);
	(void)terminal_flush(&s->terminal);
	terminal_restore();
}

void screen_measure(struct screen *s)
{
	size_t width, height;

	terminal_size(&s->terminal, &width, &height);
	view_resize(&s->view, width, height);
	lookback_resize(&s->lookback, s->view.width, s->view.height);
	if (s->view.resized)
		s->calm_at = clock_msec() + CALM_MSEC;
}

void screen_line_typed(struct screen *s)
{
	s->margin_until = clock_msec() + TYPING_MSEC;
}

void screen_hurry(struct screen *s)
{
	view_stop_waiting(&s->view);
	s->calm_at = 0;
	s->lookback.open = false;
	terminal_alternate(&s->terminal, false);
}

/*
 * A page up. Where that shows the first line of the room that is kept the server is asked for more,
 * and only after these come the lines of the room where one was before.
 */
static void page_up(struct screen *s, struct session *session)
{
	struct lookback_source from = { &session->scrollback, &s->view.look };
	struct lookback *l = &s->lookback;
	size_t here = scrollback_here(&session->scrollback);
	bool must_wait = l->open && l->more == LOOKBACK_MORE_ASKED &&
		lookback_reaches(l, &from, here);

	session->scrollback.keeps = true;
	l->goes_on = must_wait || !lookback_up(l, &from);
	if (must_wait || !l->open || !lookback_reaches(l, &from, here))
		return;
	if (session_ask_older(session))
		lookback_set_more(l, LOOKBACK_MORE_ASKED);
	else if (lookback_reaches(l, &from, 0))
		lookback_set_more(l, LOOKBACK_MORE_NONE);
}

/* The lines that were asked for have come. */
static void take_older(struct screen *s, struct session *session)
{
	lookback_set_more(&s->lookback, LOOKBACK_MORE_UNKNOWN);
	if (s->lookback.goes_on)
		page_up(s, session);
}

/* A key while looking back, or one that begins it. False: it is for the line. */
static bool look_back(struct screen *s, struct session *session, const struct key *key)
{
	struct lookback_source from = { &session->scrollback, &s->view.look };

	if (key->code == KEY_PAGE_UP) {
		page_up(s, session);
		return true;
	}
	if (key->code == KEY_PAGE_DOWN) {
		lookback_down(&s->lookback, &from);
		return true;
	}
	if (!s->lookback.open)
		return false;
	s->lookback.open = false;
	return key->code == KEY_ESCAPE || (key->code == KEY_CHAR && key->ch == 'q');
}

bool screen_key(struct screen *s, struct session *session, const struct key *key)
{
	enum reflow reflow;

	switch (key->code) {
	case KEY_DEVICE:
		if (reflow_of_answer(key->ch, key->more, &reflow))
			view_set_reflow(&s->view, reflow, true);
		return true;
	case KEY_CURSOR:
		view_cursor_is(&s->view, key->ch - 1, key->more ? key->more - 1 : 0);
		return true;
	default:
		return look_back(s, session, key);
	}
}

void screen_clear(struct screen *s)
{
	view_clear(&s->view);
}

/* Logs what has been added since it was last called. */
static void log_added(struct screen *s, const struct scrollback *scrollback)
{
	uint64_t added = scrollback->added - s->logged;
	struct buffer text = { 0 };

	s->logged = scrollback->added;
	if (s->log->fd < 0)
		return;
	for (size_t i = added < scrollback->count ? scrollback->count - (size_t)added : 0;
		i < scrollback->count; i++)
		render_log(&text, scrollback_at(scrollback, i));
	log_write(s->log, text.data, text.len);
	buffer_finish(&text);
}

/*
 * What the person has just typed stands there already. What they may have begun to type since, and
 * only the terminal knows of, is left on a row of its own.
 */
static void print(struct screen *s, struct session *session)
{
	struct buffer *out = &s->terminal.owed;
	struct scrollback *scrollback = &session->scrollback;
	bool at_margin = clock_msec() < s->margin_until;

	for (size_t i = scrollback->count - scrollback->fresh; i < scrollback->count; i++) {
		const struct item *item = scrollback_at(scrollback, i);

		if (item->echo || (item->own && item->kind == MESSAGE_OTHER))
			continue;
		if (!at_margin)
			buffer_text(out, "\n");
		at_margin = true;
		render_plain(out, item);
	}
	scrollback->fresh = 0;
	if (s->asked != session->asking)
		buffer_text(out, session->asking ? "password: " : "\n");
	s->asked = session->asking;
	if (s->hidden != session->secret)
		terminal_hide(&s->terminal, session->secret);
	s->hidden = session->secret;
}

/* The title of the window: "chatc", and what the status line tells, mentions first. */
static void put_title(struct screen *s, const struct session *session)
{
	struct buffer title = { 0 };

	if (session->attention.mentions)
		buffer_format(&title, "(%" PRIu64 ") ", session->attention.mentions);
	buffer_text(&title, "chatc: ");
	status_put(&title, identity_name(&session->identity), &session->place, 0,
		session->state == SESSION_DOWN ? "not connected" : "");
	if (title.len != s->title.len || memcmp(title.data, s->title.data, title.len) != 0) {
		terminal_title(&s->terminal, title.data, title.len);
		buffer_finish(&s->title);
		s->title = title;
	} else {
		buffer_finish(&title);
	}
}

/* Tells the terminal of a mention that came while it had no focus: OSC 9, and 777 of urxvt. */
static void notify(struct screen *s, struct session *session)
{
	const struct scrollback *scrollback = &session->scrollback;
	const struct item *item = NULL;

	for (size_t i = scrollback->count; i-- > 0 && !item;)
		if (scrollback_at(scrollback, i)->mention)
			item = scrollback_at(scrollback, i);
	session->attention.notify = false;
	if (s->notifies && item)
		terminal_notify(&s->terminal, item_who(item), item->who_len, item_text(item),
			item->text_len);
}

static void fill_footer(struct screen *s, const struct session *session,
	const struct prompt *prompt, const char *status)
{
	s->waiting.len = 0;
	buffer_append(&s->waiting, session->pending.lines.data, session->pending.lines.len);
	buffer_append(&s->waiting, session->held.data, session->held.len);
	footer_fill(&s->footer, prompt, &s->waiting, s->has_bar ? "" : status);
	if (!s->has_bar)
		return;
	s->bar.len = 0;
	status_put(&s->bar, identity_name(&session->identity), &session->place,
		session->attention.mentions, status);
	if (s->bar.len)
		footer_add_bar(&s->footer, s->bar.data, s->bar.len);
}

/* Lines that come while one looks back are drawn afterwards; when that is much, it is over. */
static void draw_page(struct screen *s, struct session *session)
{
	struct lookback_source from = { &session->scrollback, &s->view.look };

	if (s->lookback.more == LOOKBACK_MORE_ASKED && !session->older.asked)
		take_older(s, session);
	if (!scrollback_has_room(&session->scrollback)) {
		s->lookback.open = false;
	} else if (s->lookback.changed) {
		terminal_alternate(&s->terminal, true);
		lookback_draw(&s->lookback, &from, &s->terminal.owed);
	}
}

void screen_paint(struct screen *s, struct session *session, const struct prompt *prompt,
	const char *status, bool bell)
{
	struct buffer *out = &s->terminal.owed;

	log_added(s, &session->scrollback);
	session->scrollback.keeps = s->lookback.open;
	if (s->wait_until <= clock_msec())
		view_stop_waiting(&s->view);
	terminal_write(&s->terminal); /* what it was asked for when the screen was begun, too */
	if (out->len == 0 && s->plain) {
		print(s, session);
	} else if (out->len == 0 && s->lookback.open) {
		draw_page(s, session);
	} else if (out->len == 0 && s->calm_at <= clock_msec()) {
		terminal_alternate(&s->terminal, false);
		fill_footer(s, session, prompt, status);
		view_paint(&s->view, &session->scrollback, &s->footer, out);
	}
	if (!s->plain)
		put_title(s, session);
	if (!s->plain && session->attention.notify)
		notify(s, session);
	if (!view_is_waiting(&s->view))
		s->wait_until = INT64_MAX;
	else if (s->wait_until == INT64_MAX)
		s->wait_until = clock_msec() + ANSWER_MSEC;
	if (bell && s->may_ring)
		buffer_text(out, "\a");
	terminal_write(&s->terminal);
}

int64_t screen_deadline(const struct screen *s, const struct session *session)
{
	bool can_paint = screen_is_idle(s) && !view_is_waiting(&s->view) &&
		(!s->lookback.open || !scrollback_has_room(&session->scrollback));

	if (s->view.resized && s->calm_at > clock_msec())
		return s->calm_at;
	return session->scrollback.fresh && can_paint ? 0 : s->wait_until;
}

bool screen_is_idle(const struct screen *s)
{
	return s->terminal.owed.len == 0;
}
