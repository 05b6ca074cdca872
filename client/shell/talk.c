/*
 * The loop of the conversation. A turn, always in this order: wait; signals; the server (bytes
 * both ways, deadlines); the keyboard; one repaint. While the terminal does not take what it is
 * owed nothing is painted, and soon nothing is read from the server either.
 */
#include "client/shell/talk.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/core/keys.h"
#include "client/core/prompt.h"
#include "client/core/render.h"
#include "client/core/view.h"
#include "client/shell/clock.h"
#include "client/shell/link.h"
#include "client/shell/signals.h"
#include "client/shell/store.h"
#include "client/shell/terminal.h"
#include "proto/line.h"
#include "proto/text.h"

enum { KEYBOARD_CHUNK = 1024 };

enum { SIGNALS, SERVER, KEYBOARD, SCREEN, POLLED };

struct talk {
	const struct options *options;
	struct log *log;
	struct terminal terminal;
	struct link link;
	struct prompt prompt;
	struct view view;
	struct frame frame;
	struct keys keys;
	struct store store;
	struct line typed;     /* plain: what of a line was read */
	int64_t flush_keys_at; /* in ticks; INT64_MAX: no key is unfinished */
	uint64_t logged;       /* items of scroll */
	bool hidden;           /* plain: what is typed is not shown */
	int signals;           /* the descriptor */
	uint64_t signals_left; /* that came while we were stopped */
	int ending_signal;     /* 0: none came */
	bool bell;             /* to be rung */
};

/* What people know that the server's /help does not. */
static const char *const help[] = {
	"/clear empties the screen, /quit (or quit, Ctrl-C, Ctrl-D) leaves, Ctrl-Z pauses",
	"Up, Down, Ctrl-R: what you typed before; TAB: completes names and commands",
	"Ctrl-A/E, Alt-B/F: move; Ctrl-W/U/K, Alt-D: cut; Ctrl-Y: put back; Ctrl-_: undo",
};

static void leave(struct talk *t, const char *line, size_t len)
{
	if (!t->link.leaving)
		link_leave(&t->link, line, len);
	else
		t->link.state = LINK_ENDED; /* asked again: at once */
}

static bool is_command(const char *line, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	return len >= name_len && text_compare(line, name_len, name, name_len) == 0 &&
		(len == name_len || line[name_len] == ' ');
}

/* A line was typed. False: nobody is there to hear it. */
static bool say(struct talk *t, const char *line, size_t len)
{
	struct session *s = &t->link.session;

	if (is_command(line, len, "/quit") || (len == 4 && memcmp(line, "quit", 4) == 0)) {
		leave(t, line[0] == '/' ? line : "/quit", line[0] == '/' ? len : 5);
		return true;
	}
	if (is_command(line, len, "/clear")) {
		scroll_clear(&s->scroll);
		view_clear(&t->view);
		return true;
	}
	if (is_command(line, len, "/help") && len == 5) {
		for (size_t i = 0; i < sizeof(help) / sizeof(*help); i++)
			session_notice(s, help[i]);
		if (s->state == SESSION_PLAIN)
			return true;
	}
	return session_say(s, line, len);
}

static void send_line(struct talk *t)
{
	const struct buffer *line = &t->prompt.line.text;

	if (t->prompt.mode == PROMPT_PASSWORD) {
		session_set_password(&t->link.session, line->data, line->len);
		prompt_sent(&t->prompt);
	} else if (say(t, line->data, line->len)) {
		store_add(&t->store, line->data, line->len);
		prompt_sent(&t->prompt);
	} else {
		t->bell = true;
	}
}

static void send_paste(struct talk *t)
{
	const struct buffer *paste = &t->prompt.paste;
	bool said = true;

	for (size_t at = 0; at < paste->len && said;) {
		const char *line = paste->data + at;
		const char *end = memchr(line, '\n', paste->len - at);

		said = session_say_text(&t->link.session, line, (size_t)(end - line));
		at += (size_t)(end - line) + 1;
	}
	if (said)
		prompt_sent(&t->prompt);
	t->bell |= !said;
}

static void begin_screen(struct talk *t)
{
	size_t width, height;

	(void)terminal_begin(&t->terminal);
	terminal_size(&t->terminal, &width, &height);
	view_resize(&t->view, width, height);
}

static void end_screen(struct talk *t)
{
	if (!t->terminal.plain)
		view_hide(&t->view, &t->terminal.owed);
	terminal_flush(&t->terminal);
	terminal_restore();
}

/* Stops, as Ctrl-Z does; comes back when it is continued. */
static void suspend(struct talk *t, bool whole_job)
{
	end_screen(t);
	if (whole_job) {
		/* The others of a pipeline or a --command stop too; we do so by ourselves. */
		struct sigaction ignore = { .sa_handler = SIG_IGN }, before;

		sigaction(SIGTSTP, &ignore, &before);
		(void)kill(0, SIGTSTP);
		sigaction(SIGTSTP, &before, NULL);
	}
	signals_obey(SIGTSTP);
	t->signals_left = signals_take() & ~(UINT64_C(1) << SIGCONT);
	begin_screen(t);
}

static void grant(struct talk *t, enum prompt_wish wish)
{
	switch (wish) {
	case PROMPT_NOTHING:
		break;
	case PROMPT_SEND:
		send_line(t);
		break;
	case PROMPT_PASTE:
		send_paste(t);
		break;
	case PROMPT_LEAVE:
		leave(t, "/quit", 5);
		break;
	case PROMPT_SUSPEND:
		suspend(t, true);
		break;
	case PROMPT_REDRAW:
		view_clear(&t->view);
		break;
	case PROMPT_BELL:
		t->bell = true;
		break;
	}
}

static void press(struct talk *t, const struct key *key)
{
	grant(t, prompt_key(&t->prompt, key, &t->link.session.names));
	/* A line may have made the server ask for the password, or us leave it. */
	prompt_ask_password(&t->prompt, t->link.session.asking);
}

static void take_keys(struct talk *t, const uint8_t *in, size_t len)
{
	const uint8_t *end = in + len;
	struct key key;

	while (t->link.state != LINK_ENDED && keys_next(&t->keys, &in, end, &key))
		press(t, &key);
	t->flush_keys_at = keys_waiting(&t->keys) ? clock_ticks() + KEYS_ESCAPE_TICKS : INT64_MAX;
}

static void flush_keys(struct talk *t)
{
	struct key key;

	if (clock_ticks() < t->flush_keys_at)
		return;
	t->flush_keys_at = INT64_MAX;
	if (keys_flush(&t->keys, &key))
		press(t, &key);
}

/* Plain: the terminal has edited the line. */
static void take_plain_line(struct talk *t, const char *text, size_t len)
{
	struct session *s = &t->link.session;
	char *clean = malloc(TEXT_GROWTH * len + 1);

	if (!clean)
		return;
	len = text_clean(clean, text, len);
	if (s->asking)
		session_set_password(s, clean, len);
	else if (len > s->max_message)
		session_notice(s, "that was too long: not sent");
	else if (!text_is_blank(clean, len) && !say(t, clean, len))
		session_notice(s, "not connected: not sent");
	free(clean);
}

static void take_plain(struct talk *t, const uint8_t *in, size_t len)
{
	const uint8_t *end = in + len;
	struct line_view view;
	enum line_status status;

	while ((status = line_next(&t->typed, MESSAGE_MAX, &in, end, &view)) == LINE_WHOLE ||
		status == LINE_LONG)
		take_plain_line(t, view.text, status == LINE_WHOLE ? view.len : 0);
}

static void read_keyboard(struct talk *t)
{
	uint8_t bytes[KEYBOARD_CHUNK];
	ssize_t n = read(t->terminal.in, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n <= 0) /* Ctrl-D in plain mode, or the terminal is gone */
		leave(t, "/quit", 5);
	else if (t->terminal.plain)
		take_plain(t, bytes, (size_t)n);
	else
		take_keys(t, bytes, (size_t)n);
}

static void take_signals(struct talk *t)
{
	static const int ending[] = { SIGHUP, SIGTERM, SIGQUIT };
	uint64_t set = signals_take() | t->signals_left;

	t->signals_left = 0;
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		if (signals_has(set, ending[i]))
			t->ending_signal = ending[i];
	if (signals_has(set, SIGINT))
		leave(t, "/quit", 5);
	if (signals_has(set, SIGTSTP)) {
		suspend(t, false);
	} else if (signals_has(set, SIGCONT)) {
		view_forget(&t->view); /* we did not stop by ourselves */
		begin_screen(t);
	}
#ifdef SIGWINCH
	if (signals_has(set, SIGWINCH)) {
		size_t width, height;

		terminal_size(&t->terminal, &width, &height);
		view_resize(&t->view, width, height);
	}
#endif
}

/* Logs what has been added since it was last called. */
static void log_added(struct talk *t)
{
	const struct scroll *scroll = &t->link.session.scroll;
	uint64_t added = scroll->added - t->logged;
	struct buffer text = { 0 };

	t->logged = scroll->added;
	if (t->log->fd < 0)
		return;
	for (size_t i = added < scroll->count ? scroll->count - (size_t)added : 0;
		i < scroll->count; i++)
		render_log(&text, scroll_at(scroll, i));
	log_write(t->log, text.data, text.len);
	buffer_finish(&text);
}

/* What the person has just typed stands there already. */
static void paint_plain(struct talk *t)
{
	struct scroll *scroll = &t->link.session.scroll;

	for (size_t i = scroll->count - scroll->fresh; i < scroll->count; i++) {
		const struct item *item = scroll_at(scroll, i);

		if (!item->echo && !(item->own && item->kind == MESSAGE_OTHER))
			render_plain(&t->terminal.owed, item);
	}
	scroll->fresh = 0;
	if (t->hidden != t->link.session.asking) {
		t->hidden = !t->hidden;
		terminal_echo(&t->terminal, !t->hidden);
		if (t->hidden)
			buffer_text(&t->terminal.owed, "password: ");
		else
			buffer_text(&t->terminal.owed, "\n");
	}
}

static void paint(struct talk *t)
{
	struct session *s = &t->link.session;
	char status[64];

	log_added(t);
	if (t->terminal.owed.len)
		return;
	t->prompt.line.max = s->max_message;
	link_status(&t->link, status, sizeof(status));
	if (t->terminal.plain) {
		paint_plain(t);
	} else {
		frame_fill(&t->frame, &t->prompt,
			s->state == SESSION_HELLO ? &s->held : &s->pending.lines, status);
		view_paint(&t->view, &s->scroll, &t->frame, &t->terminal.owed);
	}
	if ((t->bell || s->bell) && t->options->bell)
		buffer_text(&t->terminal.owed, "\a");
	t->bell = s->bell = false;
}

static void turn(struct talk *t)
{
	struct pollfd polled[POLLED];
	bool room = !t->terminal.owed.len && scroll_has_room(&t->link.session.scroll);
	int64_t deadline = link_deadline(&t->link);

	polled[SIGNALS] = (struct pollfd){ .fd = t->signals, .events = POLLIN };
	polled[SERVER] = link_wants(&t->link, room);
	polled[KEYBOARD] = (struct pollfd){ .fd = t->terminal.in, .events = POLLIN };
	polled[SCREEN] = (struct pollfd){ .fd = t->terminal.owed.len ? t->terminal.out : -1,
		.events = POLLOUT };
	if (t->flush_keys_at < deadline)
		deadline = t->flush_keys_at;
	if (t->link.session.scroll.fresh && !t->terminal.owed.len)
		deadline = 0; /* there is more to paint */
	if (poll(polled, POLLED, clock_timeout(deadline)) < 0)
		memset(polled, 0, sizeof(polled)); /* EINTR: a signal that the pipe tells of */
	take_signals(t);
	link_turn(&t->link, polled[SERVER].revents);
	prompt_ask_password(&t->prompt, t->link.session.asking);
	if (polled[KEYBOARD].revents)
		read_keyboard(t);
	flush_keys(t);
	paint(t);
	terminal_write(&t->terminal);
}

static enum palette choose_palette(const struct options *o)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (o->plain || o->color == COLOR_NEVER)
		return PALETTE_NONE;
	if (o->color == COLOR_AUTO && no_color && *no_color)
		return PALETTE_NONE;
	if (getenv("COLORTERM") || (term && (strstr(term, "256color") || strstr(term, "direct"))))
		return PALETTE_256;
	return PALETTE_8;
}

static void run(struct talk *t)
{
	const struct session *s = &t->link.session;

	while (t->link.state != LINK_ENDED && !t->ending_signal && !t->terminal.broken) {
		turn(t);
		if (s->out.failed || s->pending.lines.failed || s->scroll.failed ||
			t->terminal.owed.failed || t->prompt.line.text.failed) {
			session_notice(&t->link.session, "out of memory");
			break;
		}
	}
	do {
		paint(t);
		terminal_flush(&t->terminal);
	} while (t->link.session.scroll.fresh && !t->terminal.broken);
	end_screen(t);
	if (t->link.failed)
		fprintf(stderr, "connect fail: %s\n", t->link.connection->reason);
}

int talk_run(const struct options *o, struct connection *c, struct log *log, const char *password,
	size_t password_len)
{
	struct talk t = { .options = o, .log = log, .flush_keys_at = INT64_MAX };
	const char *term = getenv("TERM");
	bool plain = o->plain || !term || !*term || strcmp(term, "dumb") == 0;
	int status;

	t.signals = signals_begin(terminal_restore);
	if (t.signals < 0 || terminal_open(&t.terminal, plain) < 0) {
		fprintf(stderr, "chatc: terminal: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	link_init(&t.link, c, o->nick, o->reconnect);
	if (password)
		session_set_password(&t.link.session, password, password_len);
	prompt_init(&t.prompt, MESSAGE_DEFAULT);
	if (!plain)
		store_open(&t.store, &t.prompt.recall);
	else
		t.store.fd = -1;
	view_init(&t.view, choose_palette(o), 0, 0);
	begin_screen(&t);
	t.view.resized = false;
	run(&t);
	status = t.link.leaving ? EXIT_SUCCESS : EXIT_FAILURE;
	store_close(&t.store);
	view_finish(&t.view);
	frame_finish(&t.frame);
	prompt_finish(&t.prompt);
	link_finish(&t.link);
	line_finish(&t.typed);
	terminal_finish(&t.terminal);
	if (t.ending_signal)
		signals_obey(t.ending_signal);
	return status;
}
