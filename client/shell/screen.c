#include "client/shell/screen.h"

#include <stdlib.h>
#include <string.h>

#include "client/core/render.h"
#include "client/core/terminal_type.h"
#include "client/shell/clock.h"

/* How long an answer of the terminal may take, over a slow line too. */
enum { ANSWER_MSEC = 1000 };

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
	};
	s->plain = o->plain || !type.draws;
	view_init(&s->view, look, 0, 0);
	view_set_reflow(&s->view, reflow_of_term(term ? term : ""), false);
	return terminal_open(&s->terminal, type, s->plain);
}

void screen_finish(struct screen *s)
{
	view_finish(&s->view);
	footer_finish(&s->footer);
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
	view_stop_waiting(&s->view);
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
}

bool screen_key(struct screen *s, const struct key *key)
{
	enum reflow reflow;

	switch (key->code) {
	case KEY_DEVICE:
		if (reflow_of_answer(key->ch, key->more, &reflow))
			view_set_reflow(&s->view, reflow, true);
		return true;
	case KEY_CURSOR:
		view_cursor_is(&s->view, key->ch - 1);
		return true;
	default:
		return false;
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

/* What the person has just typed stands there already. */
static void print(struct screen *s, struct session *session)
{
	struct buffer *out = &s->terminal.owed;
	struct scrollback *scrollback = &session->scrollback;

	for (size_t i = scrollback->count - scrollback->fresh; i < scrollback->count; i++) {
		const struct item *item = scrollback_at(scrollback, i);

		if (!item->echo && !(item->own && item->kind == MESSAGE_OTHER))
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

void screen_paint(struct screen *s, struct session *session, const struct prompt *prompt,
	const char *status, bool bell)
{
	struct buffer *out = &s->terminal.owed;
	const struct buffer *waiting = session->state == SESSION_HELLO ? &session->held
		: &session->pending.lines;

	log_added(s, &session->scrollback);
	if (s->wait_until <= clock_msec())
		view_stop_waiting(&s->view);
	terminal_write(&s->terminal); /* what it was asked for when the screen was begun, too */
	if (out->len == 0 && s->plain) {
		print(s, session);
	} else if (out->len == 0) {
		footer_fill(&s->footer, prompt, waiting, status);
		view_paint(&s->view, &session->scrollback, &s->footer, out);
	}
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
	bool can_paint = screen_is_idle(s) && !view_is_waiting(&s->view);

	return session->scrollback.fresh && can_paint ? 0 : s->wait_until;
}

bool screen_is_idle(const struct screen *s)
{
	return s->terminal.owed.len == 0;
}
