/*
 * The loop of the conversation. A turn, always in this order: wait; signals; the server (bytes
 * both ways, deadlines); the keyboard; one repaint. While the terminal does not take what it is
 * owed nothing is painted, and soon nothing is read from the server either.
 */
#include "client/shell/tui.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/core/keys.h"
#include "client/core/piece.h"
#include "client/core/prompt.h"
#include "client/shell/clock.h"
#include "client/shell/reconnect.h"
#include "client/shell/screen.h"
#include "client/shell/signals.h"
#include "client/shell/history_file.h"
#include "client/shell/key_file.h"
#include "client/shell/terminal.h"
#include "proto/line.h"
#include "proto/text.h"

enum { KEYBOARD_CHUNK = 1024 };

enum { SIGNALS, KEYBOARD, SCREEN, SERVER, POLLED = SERVER + RECONNECT_POLLED };

struct tui {
	struct reconnect reconnect;
	struct screen screen;
	struct prompt prompt;
	struct keys keys;
	struct line typed;     /* plain: what of a line was read */
	struct history_file store;
	int64_t flush_keys_at; /* in milliseconds; INT64_MAX: no key is unfinished */
	int signals;           /* the descriptor */
	uint64_t signals_left; /* that came while we were stopped */
	int ending_signal;     /* 0: none came */
	bool bell;             /* to be rung */
	bool lent;             /* the terminal is for a program that connects us */
	bool away;             /* … is another job's */
};

/* What people know that the server's /help does not. */
static const char *const help[] = {
	"/query NAME makes what you type private until /query; /r becomes /msg with its name",
	"/clear empties the screen, /quit (or quit, Ctrl-C, Ctrl-D) leaves, Ctrl-Z pauses",
	"Up, Down, Ctrl-R: what you typed before; TAB: completes names and commands",
	"PageUp, PageDown: look back over what was said; Alt-1 to Alt-9: to the rooms of /rooms",
	"Ctrl-A/E, Alt-B/F: move; Ctrl-W/U/K, Alt-D: cut; Ctrl-Y: put back; Ctrl-_: undo",
};

/* Leaves with "/quit" or "/quit TEXT"; a second request does not wait. */
static void leave(struct tui *t, struct piece line)
{
	if (!t->reconnect.leaving)
		reconnect_leave(&t->reconnect, line.s, line.len);
	else
		t->reconnect.state = RECONNECT_ENDED;
}

static void leave_silently(struct tui *t)
{
	leave(t, (struct piece){ "/quit", 5 });
}

/* A line was typed. False: nobody is there to hear it. */
static bool say(struct tui *t, const char *text, size_t len)
{
	struct session *s = &t->reconnect.session;
	struct piece line = { text, len }, rest = line, verb = piece_word(&rest);

	if (piece_is(line, "quit")) {
		leave_silently(t);
		return true;
	}
	if (piece_is_called(verb, "/quit")) {
		leave(t, line);
		return true;
	}
	if (piece_is_called(verb, "/clear")) {
		scrollback_clear(&s->scrollback);
		screen_clear(&t->screen);
		return true;
	}
	if (piece_is_called(verb, "/query")) {
		piece_skip_blanks(&rest);
		rest = piece_word(&rest);
		prompt_query(&t->prompt, rest.s, rest.len);
		return true;
	}
	if (piece_is_called(line, "/help")) {
		for (size_t i = 0; i < sizeof(help) / sizeof(*help); i++)
			session_notice(s, help[i]);
		if (s->state == SESSION_PLAIN)
			return true;
	}
	return session_say(s, text, len, reconnect_now());
}

/* Says the line that was typed, with the command that makes it private. False: it stays. */
static bool send_typed(struct tui *t)
{
	const struct session *s = &t->reconnect.session;
	struct buffer line = { 0 };
	bool said;

	prompt_put_line(&t->prompt, &line);
	said = !line.failed && line.len <= s->max_message && say(t, line.data, line.len);
	if (said)
		history_file_add(&t->store, line.data, line.len);
	buffer_finish(&line);
	return said;
}

static void send_line(struct tui *t)
{
	const struct buffer *line = &t->prompt.line.text;
	struct session *s = &t->reconnect.session;
	bool secret = t->prompt.secret;

	if (secret && s->asking) {
		session_set_password(s, line->data, line->len);
		prompt_sent(&t->prompt);
	} else if (!secret && send_typed(t)) {
		prompt_sent(&t->prompt);
	} else {
		/* nobody hears it, it is too long for a new server, or a password waits */
		t->bell = true;
	}
}

static void send_paste(struct tui *t)
{
	const struct buffer *paste = &t->prompt.paste;

	if (session_paste(&t->reconnect.session, paste->data, paste->len, reconnect_now()))
		prompt_sent(&t->prompt);
	else
		t->bell = true;
}

/* The rest of a paste is dropped. False: nothing was left. */
static bool drop_paste(struct tui *t)
{
	size_t left = session_drop_paste(&t->reconnect.session);
	char text[SESSION_NOTICE_MAX];

	if (!left)
		return false;
	snprintf(text, sizeof(text), "%zu pasted line%s not said", left,
		left == 1 ? " was" : "s were");
	session_notice(&t->reconnect.session, text);
	return true;
}

static int find_ending(uint64_t signals)
{
	static const int ending[] = { SIGHUP, SIGTERM, SIGQUIT };

	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		if (signals_has(signals, ending[i]))
			return ending[i];
	return 0;
}

/* Takes the terminal, unless it is another job's; see take_signals(). */
static void take_terminal(struct tui *t)
{
	t->away = !terminal_is_ours(&t->screen.terminal);
	if (!t->away && !t->lent)
		screen_begin(&t->screen);
}

/* Stops, as Ctrl-Z does; comes back when it is continued, or to end, perhaps in the background. */
static void suspend(struct tui *t, bool whole_job)
{
	if (!t->lent && !t->away)
		screen_end(&t->screen);
	if (whole_job)
		signals_stop_others();
	signals_obey(SIGTSTP);
	t->away = true;
	t->signals_left = signals_take() | UINT64_C(1) << SIGCONT;
}

/* We were continued: takes the terminal, or stops again if another job has it. */
static void go_on(struct tui *t)
{
	take_terminal(t);
	if (!t->away)
		return;
	(void)raise(SIGTTOU);
	t->signals_left = signals_take();
	if (!t->signals_left) /* nobody could continue us, so we were not stopped */
		leave_silently(t);
}

static void grant(struct tui *t, enum prompt_action action)
{
	switch (action) {
	case PROMPT_NOTHING:
	case PROMPT_DROPPED:
		break;
	case PROMPT_SEND:
		send_line(t);
		break;
	case PROMPT_PASTE:
		send_paste(t);
		break;
	case PROMPT_LEAVE:
		if (!drop_paste(t) && !session_stay(&t->reconnect.session))
			leave_silently(t);
		break;
	case PROMPT_SUSPEND:
		suspend(t, true);
		break;
	case PROMPT_REDRAW:
		screen_clear(&t->screen);
		break;
	case PROMPT_ROOM:
		t->bell |= !session_join_number(&t->reconnect.session, t->prompt.room);
		break;
	case PROMPT_ASK_ROOMS:
		session_ask_rooms(&t->reconnect.session);
		break;
	case PROMPT_BELL:
		t->bell = true;
		break;
	}
}

static void press(struct tui *t, const struct key *key)
{
	if (key->code == KEY_FOCUS_IN || key->code == KEY_FOCUS_OUT)
		session_focus(&t->reconnect.session, key->code == KEY_FOCUS_IN, reconnect_now());
	else if (!screen_key(&t->screen, &t->reconnect.session, key))
		grant(t, prompt_key(&t->prompt, key, &t->reconnect.session.roster));
}

static void take_keys(struct tui *t, const uint8_t *in, size_t len)
{
	const uint8_t *end = in + len;
	struct key key;

	while (t->reconnect.state != RECONNECT_ENDED && keys_next(&t->keys, &in, end, &key))
		press(t, &key);
	t->flush_keys_at = keys_waiting(&t->keys) ? clock_msec() + KEYS_ESCAPE_TICKS : INT64_MAX;
}

static void flush_keys(struct tui *t)
{
	struct key key;

	if (clock_msec() < t->flush_keys_at)
		return;
	t->flush_keys_at = INT64_MAX;
	if (keys_flush(&t->keys, &key))
		press(t, &key);
}

/* Plain: a line that the terminal has edited. */
static void take_line(struct tui *t, const char *text, size_t len)
{
	struct session *s = &t->reconnect.session;
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

/* Plain: no terminal hands on lines that are longer than this takes. */
static void take_lines(struct tui *t, const uint8_t *in, size_t len)
{
	const uint8_t *end = in + len;
	struct line_view view;

	screen_line_typed(&t->screen);
	while (line_next(&t->typed, MESSAGE_MAX, &in, end, &view) == LINE_WHOLE)
		take_line(t, view.text, view.len);
}

static void read_keyboard(struct tui *t)
{
	uint8_t bytes[KEYBOARD_CHUNK];
	ssize_t n = read(t->screen.terminal.in, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	reconnect_wake(&t->reconnect);
	if (n <= 0) /* Ctrl-D in plain mode, or the terminal is gone */
		leave_silently(t);
	else if (t->screen.plain)
		take_lines(t, bytes, (size_t)n);
	else
		take_keys(t, bytes, (size_t)n);
}

static void take_signals(struct tui *t)
{
	uint64_t set = signals_take() | t->signals_left;

	t->signals_left = 0;
	t->ending_signal = find_ending(set);
	if (t->ending_signal || (signals_has(set, SIGINT) && !drop_paste(t)))
		leave_silently(t);
	if (t->ending_signal)
		return;
	if (signals_has(set, SIGTSTP))
		suspend(t, false);
	else if (signals_has(set, SIGCONT))
		go_on(t);
#ifdef SIGWINCH
	if (signals_has(set, SIGWINCH))
		screen_measure(&t->screen);
#endif
}

static void paint(struct tui *t)
{
	struct session *s = &t->reconnect.session;
	char status[RECONNECT_STATUS_MAX];

	if (t->lent || t->away)
		return;
	reconnect_status(&t->reconnect, status);
	if (!*status && s->paste.left)
		snprintf(status, sizeof(status), "%zu pasted lines to say, Ctrl-C drops them",
			s->paste.left);
	screen_paint(&t->screen, s, &t->prompt, status, t->bell || s->attention.bell);
	t->bell = s->attention.bell = false;
}

/* Hands the terminal to a program that connects us, or takes it back. */
static void lend(struct tui *t)
{
	bool lent = reconnect_lends_terminal(&t->reconnect);

	if (lent == t->lent || t->away)
		return;
	if (lent) {
		paint(t);
		screen_end(&t->screen);
	} else {
		screen_begin(&t->screen);
	}
	t->lent = lent;
}

/* Keys of nicks that were claimed are kept. */
static void keep_keys(struct tui *t)
{
	struct session *s = &t->reconnect.session;

	if (s->claims.changed && key_file_save(t->reconnect.connection->target, &s->claims) < 0)
		session_notice(s, "the key can't be kept: write it down");
}

static void turn(struct tui *t)
{
	const struct session *s = &t->reconnect.session;
	bool idle = screen_is_idle(&t->screen);
	int64_t deadline = reconnect_deadline(&t->reconnect);
	struct pollfd polled[POLLED] = {
		[SIGNALS] = { .fd = t->signals, .events = POLLIN },
		[KEYBOARD] = { .fd = t->lent || t->away ? -1 : t->screen.terminal.in,
			.events = POLLIN },
		[SCREEN] = { .fd = idle ? -1 : t->screen.terminal.out, .events = POLLOUT },
	};

	size_t count = reconnect_wants(&t->reconnect, idle && scrollback_has_room(&s->scrollback),
		polled + SERVER);

	if (t->flush_keys_at < deadline)
		deadline = t->flush_keys_at;
	if (!t->lent && !t->away && screen_deadline(&t->screen, s) < deadline)
		deadline = screen_deadline(&t->screen, s);
	if (t->signals_left)
		deadline = 0;
	if (poll(polled, (nfds_t)(SERVER + count), clock_timeout(deadline)) < 0)
		memset(polled, 0, sizeof(polled)); /* EINTR: a signal that the pipe tells of */
	take_signals(t);
	reconnect_turn(&t->reconnect, polled + SERVER, count);
	keep_keys(t);
	lend(t);
	prompt_limit(&t->prompt, s->max_message);
	prompt_ask_password(&t->prompt, s->secret, s->asking);
	prompt_in_room(&t->prompt, s->place.room, s->place.room_len);
	prompt_answer_to(&t->prompt, s->correspondent.text, s->correspondent.len);
	if (polled[KEYBOARD].revents)
		read_keyboard(t);
	flush_keys(t);
	paint(t);
}

static bool is_out_of_memory(const struct tui *t)
{
	const struct session *s = &t->reconnect.session;

	return s->out.failed || s->pending.lines.failed || s->scrollback.failed ||
		t->screen.terminal.owed.failed || t->prompt.line.text.failed;
}

static const char *time_format; /* of strftime(); set once, before there is a session */

/* The time of a message as the person wants it; none where that comes to nothing, or is long. */
static size_t put_time(int64_t utc, char text[ITEM_TIME_MAX])
{
	char raw[ITEM_TIME_MAX], clean[TEXT_GROWTH * ITEM_TIME_MAX];
	time_t seconds = (time_t)utc;
	struct tm local;
	size_t len;

	if (!localtime_r(&seconds, &local))
		return 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* it is the person's own */
	len = text_clean(clean, raw, strftime(raw, sizeof(raw), time_format, &local));
#pragma GCC diagnostic pop
	if (len >= ITEM_TIME_MAX)
		return 0;
	memcpy(text, clean, len);
	return len;
}

/* Whether the locale says that the terminal does not take UTF-8; of "C" that is not known. */
static bool has_other_charset(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL;

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables) && !locale; i++) {
		locale = getenv(variables[i]);
		if (locale && !*locale)
			locale = NULL;
	}
	return locale && strcmp(locale, "C") != 0 && strcmp(locale, "POSIX") != 0 &&
		!strstr(locale, "UTF-8") && !strstr(locale, "utf8") && !strstr(locale, "UTF8") &&
		!strstr(locale, "utf-8");
}

/* What the session is told of the options. */
static void configure(struct session *s, const struct options *o)
{
	static const enum session_joins joins[] = {
		[JOINS_SHOW] = SESSION_SHOW_JOINS, [JOINS_FOLD] = SESSION_FOLD_JOINS,
		[JOINS_HIDE] = SESSION_HIDE_JOINS,
	};

	s->attention.words = o->highlights;
	s->attention.word_count = o->highlight_count;
	s->attention.every = o->bell == BELL_ALL;
	s->joins = joins[o->joins];
	time_format = o->time_format;
	s->put_time = o->time_format ? put_time : NULL;
	if (has_other_charset())
		session_notice(s,
			"the locale is not one of UTF-8: letters beyond ASCII may be garbled");
}

/* What is still to be shown; then the terminal is given back, if it is ours. */
static void show_last_words(struct tui *t)
{
	const struct scrollback *scrollback = &t->reconnect.session.scrollback;
	bool taken;

	if (t->away || !terminal_is_ours(&t->screen.terminal))
		return;
	if (t->lent)
		screen_begin(&t->screen);
	t->lent = false;
	screen_hurry(&t->screen);
	do {
		taken = terminal_flush(&t->screen.terminal);
		paint(t);
	} while (taken && scrollback->fresh && !t->screen.terminal.broken && !is_out_of_memory(t));
	screen_end(&t->screen);
}

/* Returns the exit status. */
static int run(struct tui *t)
{
	char why[TARGET_NAME_MAX + CHILD_REASON_MAX];

	t->lent = reconnect_lends_terminal(&t->reconnect);
	if (!t->lent)
		go_on(t);
	while (t->reconnect.state != RECONNECT_ENDED && !t->ending_signal &&
		!t->screen.terminal.broken && !is_out_of_memory(t))
		turn(t);
	show_last_words(t);
	if (t->reconnect.failed) {
		connection_explain(t->reconnect.connection, why, sizeof(why));
		fprintf(stderr, "connect fail: %s\n", why);
	}
	if (is_out_of_memory(t))
		fprintf(stderr, "chatc: out of memory\n");
	return t->reconnect.leaving ? EXIT_SUCCESS : EXIT_FAILURE;
}

int tui_run(const struct options *o, struct connection *c, struct log *log, const char *password,
	size_t password_len)
{
	struct tui t = { .flush_keys_at = INT64_MAX, .store.fd = -1 };
	int status;

	t.signals = signals_begin(terminal_restore);
	if (t.signals < 0 || screen_open(&t.screen, o, log) < 0) {
		fprintf(stderr, "chatc: terminal: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	reconnect_init(&t.reconnect, c, o);
	configure(&t.reconnect.session, o);
	key_file_load(&o->target, &t.reconnect.session.claims);
	prompt_init(&t.prompt, MESSAGE_DEFAULT);
	t.prompt.rooms = &t.reconnect.session.rooms.list;
	if (password)
		session_set_password(&t.reconnect.session, password, password_len);
	if (!t.screen.plain)
		history_file_open(&t.store, &t.prompt.recall);
	status = run(&t);
	history_file_close(&t.store);
	screen_finish(&t.screen);
	prompt_finish(&t.prompt);
	reconnect_finish(&t.reconnect);
	line_finish(&t.typed);
	if (t.ending_signal)
		signals_obey(t.ending_signal);
	return status;
}
