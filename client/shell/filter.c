/*
 * The loop of the filter: standard input to the server, the server to standard output, with at
 * most a chunk of each held in between. The descriptors 0 and 1 are shared with other programs,
 * so they are not made non-blocking: they are touched only when poll() says that they are ready.
 *
 * Nothing of the input is sent before the entry is done: it is never taken for a password or said
 * under another name.
 */
#include "client/shell/filter.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/core/entry.h"
#include "client/core/greeting.h"
#include "client/core/inbound.h"
#include "client/core/pinned.h"
#include "client/core/session.h"
#include "client/shell/clock.h"
#include "client/shell/key_file.h"
#include "proto/line.h"
#include "proto/message.h"
#include "proto/text.h"

enum {
	CHUNK = 16384,

	/* What a pipe that poll() calls writable takes without blocking. */
	PIECE = 4096,

	/* When nobody reads the output any more: how long the input may pause before we leave. */
	QUIET_MSEC = 200,

	/* How long a server may be silent before it is taken for one that does not greet. */
	GREETING_MSEC = 5000,

	/* … and, once it was spoken to, before it is told of. */
	SILENCE_MSEC = 5000,

	/* How long an answer that is due may take. */
	ANSWER_MSEC = 10000,

	/* How long one that can't be told the end of the input may pause before that is its end. */
	LAST_WORDS_MSEC = 2000,
};

enum { INPUT, SERVER, OUTPUT, POLLED };

struct filter {
	const struct options *options;
	struct connection *connection;
	struct log *log;
	struct entry entry;
	struct inbound inbound;
	struct claims claims;
	struct buffer input;    /* for the server */
	struct buffer output;   /* for standard output */
	struct buffer clean;    /* scratch */
	struct buffer first;    /* what came while it is not clear what the server is */
	struct line line;       /* the unfinished one that comes */
	struct line typed;      /* pinned: the unfinished one of the input */
	int64_t deadline;       /* when the server's silence is given a meaning */
	bool cleaning;          /* standard output is a terminal */
	bool decided;           /* it is clear what the server is */
	bool is_chatd;
	bool input_open;
	bool unfinished;        /* the last line of the input has no LF yet */
	bool output_open;
	bool sending;           /* our side of the connection has not ended */
	bool receiving;         /* … nor the other one */
	bool heard;             /* something came */
	bool failed;
	int quit_matched;       /* bytes of "/quit" that the line begins with; -1: it does not */
	bool quitting;          /* /quit was said: the server closes with our consent */
};

/* Nothing is said before we are in. */
static bool is_in(const struct filter *f)
{
	return f->entry.state == ENTRY_IN || f->entry.state == ENTRY_PLAIN;
}

static void stop(struct filter *f)
{
	f->failed = true;
	f->input_open = false;
	f->receiving = false;
}

static void fail(struct filter *f, const char *what, const char *reason)
{
	if (!f->failed)
		fprintf(stderr, "chatc: %s: %s\n", what, reason);
	stop(f);
}

/* Takes what the entry has to say, and its end. */
static void take_entry(struct filter *f)
{
	struct entry *e = &f->entry;

	buffer_append(&f->input, e->out.data, e->out.len);
	e->out.len = 0;
	f->deadline = is_in(f) ? INT64_MAX : clock_msec() + ANSWER_MSEC;
	if (e->state != ENTRY_REFUSED)
		return;
	if (e->why)
		fprintf(stderr, "chatc: %s: %s\n",
			e->password.len ? f->options->password_file : f->connection->name, e->why);
	stop(f);
}

/* Writes a line as safe text into clean; its length, with LF. */
static size_t clean_line(struct filter *f, const char *text, size_t len)
{
	char *room;

	f->clean.len = 0;
	room = buffer_reserve(&f->clean, TEXT_GROWTH * len + 1);
	if (!room)
		return 0;
	len = text_clean(room, text, len);
	room[len++] = '\n';
	return len;
}

/* An error of the server's: what we said had no effect. */
static void tell_error(struct filter *f, const char *text, size_t len)
{
	len = clean_line(f, text, len);
	fwrite(f->clean.data, 1, len, stderr);
	f->failed = true;
}

/* --say speaks in silence, but for the answer to a command. */
static bool is_shown(const struct filter *f, enum message_kind kind)
{
	return !f->options->say || !f->is_chatd || (kind == MESSAGE_ANSWER && !f->input_open);
}

static void show_line(struct filter *f, const struct line_view *view)
{
	size_t len;

	if (f->cleaning || f->log->fd >= 0) {
		len = clean_line(f, view->text, view->len);
		log_write(f->log, f->clean.data, len);
		if (f->cleaning)
			buffer_append(&f->output, f->clean.data, len);
	}
	if (f->cleaning || !f->is_chatd || !f->output_open)
		return;
	buffer_append(&f->output, view->text, view->len);
	buffer_text(&f->output, f->line.crlf ? "\r\n" : "\n");
}

/* The key of a nick that was claimed is kept. */
static void keep_key(struct filter *f, struct piece text)
{
	claims_heard(&f->claims, text);
	if (f->claims.changed && key_file_save(f->connection->target, &f->claims) < 0)
		fputs("chatc: the key can't be kept\n", stderr);
}

static void take_line(struct filter *f, const struct line_view *view)
{
	bool was_in = is_in(f), shown;
	struct message m;

	if (f->entry.state == ENTRY_REFUSED)
		return;
	message_parse(view->text, view->len, &m);
	shown = is_shown(f, m.kind);
	if (f->is_chatd && !was_in) {
		shown = entry_line(&f->entry, view->text, view->len) && shown;
		if (m.kind == MESSAGE_ERROR && f->entry.state != ENTRY_IN)
			tell_error(f, view->text, view->len);
		take_entry(f);
	} else if (f->is_chatd && m.kind == MESSAGE_ERROR) {
		tell_error(f, view->text, view->len);
	}
	if (f->is_chatd && m.kind == MESSAGE_ANSWER)
		keep_key(f, (struct piece){ m.text, m.text_len });
	if (shown)
		show_line(f, view);
}

/* One that is longer than any server of messages sends. */
static void take_long_line(struct filter *f, uint64_t len)
{
	char text[SESSION_NOTICE_MAX];
	struct line_view view = { .text = text };

	session_describe_long_line(len, text);
	view.len = strlen(text);
	show_line(f, &view);
}

static void take_lines(struct filter *f, const char *bytes, size_t len)
{
	const uint8_t *in = (const uint8_t *)bytes, *end = in + len;
	struct line_view view;
	enum line_status status;

	if (!f->is_chatd && !f->cleaning && f->output_open)
		buffer_append(&f->output, bytes, len);
	if (!f->is_chatd && !f->cleaning && f->log->fd < 0)
		return;
	while ((status = line_next(&f->line, SESSION_LINE_MAX, &in, end, &view)) != LINE_MORE) {
		if (status == LINE_NOMEM) {
			f->clean.failed = true;
			return;
		}
		if (status == LINE_WHOLE)
			take_line(f, &view);
		else
			take_long_line(f, view.len);
	}
}

/* It is clear what the server is, or there is nothing more to go by. */
static void decide(struct filter *f)
{
	f->decided = true;
	if (!f->is_chatd)
		entry_give_up(&f->entry);
	if (f->first.len > 0)
		take_lines(f, f->first.data, f->first.len);
	buffer_finish(&f->first);
}

/* Whether the connection ended as it should, and what is said where it did not. */
static void tell_end(struct filter *f, bool in_order)
{
	char why[TARGET_NAME_MAX + CHILD_REASON_MAX];
	/* A program that fails without a word was never connected, in whatever order it ends. */
	bool broken = (!f->heard || !f->connection->half_closes) &&
		connection_post_mortem(f->connection) != NULL;
	bool left = f->quitting || (in_order && !f->sending && is_in(f));

	if (!broken && left && f->options->say && !f->heard) {
		fail(f, f->connection->name, "it has said nothing: perhaps nobody has heard that");
	} else if (broken && !f->heard) {
		connection_explain(f->connection, why, sizeof(why));
		fprintf(stderr, "connect fail: %s\n", why);
		f->failed = true;
	} else if (broken || !left) {
		fputs("loss connect!\n", stderr);
		f->failed = true;
	}
}

/* The end of what the server has to say. */
static void end_receiving(struct filter *f, bool in_order)
{
	struct line_view view;
	enum line_status status;

	decide(f);
	status = line_end(&f->line, SESSION_LINE_MAX, &view);
	if (status == LINE_WHOLE)
		take_line(f, &view);
	if (status == LINE_LONG)
		take_long_line(f, view.len);
	f->receiving = false;
	f->input_open = false;
	tell_end(f, in_order);
}

/* A server of another protocol, where nothing can be said. */
static void refuse_alien(struct filter *f, struct piece text, const char *what)
{
	f->is_chatd = false;
	decide(f);
	if (!f->options->say)
		take_lines(f, text.s, text.len);
	fail(f, f->connection->name, what);
}

static void take_text(struct filter *f, struct piece text)
{
	const char *alien = f->heard || f->options->relay ? NULL : greeting_find_alien(text);
	bool decided;

	f->heard = true;
	if (alien) {
		refuse_alien(f, text, alien);
		return;
	}
	if (f->decided) {
		take_lines(f, text.s, text.len);
		return;
	}
	buffer_append(&f->first, text.s, text.len);
	if (f->first.failed)
		return;
	f->is_chatd = greeting_is_chatd((struct piece){ f->first.data, f->first.len }, &decided);
	if (decided)
		decide(f);
}

static void receive(struct filter *f)
{
	char bytes[CHUNK];
	ssize_t n = recv(f->connection->fd, bytes, sizeof(bytes), 0);
	size_t len;

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n <= 0) {
		end_receiving(f, n == 0);
		return;
	}
	len = inbound_take(&f->inbound, (uint8_t *)bytes, (size_t)n, &f->input);
	if (len > 0)
		take_text(f, (struct piece){ bytes, len });
}

static void send_input(struct filter *f)
{
	ssize_t n = send(f->connection->fd, f->input.data, f->input.len, 0);

	if (n >= 0) {
		buffer_consume(&f->input, (size_t)n);
	} else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
		/* It takes no more, but what it said before that is still to come. */
		f->failed |= !f->quitting;
		f->sending = false;
		f->input_open = false;
		f->input.len = 0;
	}
}

/* Once /quit was said it is no loss that the server closes. */
static void watch_for_quit(struct filter *f, const char *bytes, size_t len)
{
	static const char quit[] = "/quit";

	for (size_t i = 0; i < len; i++) {
		bool ends = memchr("\r\n\t ", bytes[i], 4) != NULL;

		if (ends && f->quit_matched == sizeof(quit) - 1)
			f->quitting = true;
		if (bytes[i] == '\n')
			f->quit_matched = 0;
		else if (f->quit_matched >= 0 &&
			text_compare(bytes + i, 1, quit + f->quit_matched, 1) == 0)
			f->quit_matched++;
		else
			f->quit_matched = -1;
	}
}

/* Pinned: a line of the input, safe, so that nothing in it is another command for the server. */
static void take_pinned(struct filter *f, const char *text, size_t len)
{
	len = clean_line(f, text, len);
	if (len && pinned_allows(f->clean.data, len - 1)) {
		buffer_append(&f->input, f->clean.data, len);
		return;
	}
	fputs("!!! the nick is pinned: not sent\n", stderr);
	f->failed = true;
}

static void take_input(struct filter *f, const char *bytes, size_t len, bool last)
{
	const uint8_t *in = (const uint8_t *)bytes, *end = in + len;
	struct line_view view;
	enum line_status status;

	watch_for_quit(f, bytes, len);
	if (!f->options->pinned) {
		buffer_append(&f->input, bytes, len);
		return;
	}
	while ((status = line_next(&f->typed, MESSAGE_MAX, &in, end, &view)) == LINE_WHOLE)
		take_pinned(f, view.text, view.len);
	if (last && status == LINE_MORE)
		status = line_end(&f->typed, MESSAGE_MAX, &view);
	if (last && status == LINE_WHOLE)
		take_pinned(f, view.text, view.len);
	f->clean.failed |= status == LINE_NOMEM || status == LINE_LONG;
}

static void end_input(struct filter *f)
{
	f->input_open = false;
	take_input(f, "\n", f->unfinished, true);
	f->unfinished = false;
	if (f->connection->half_closes || !f->is_chatd)
		return;
	buffer_text(&f->input, "/quit\n"); /* the end can't be told otherwise */
	f->quitting = true;
}

static void read_input(struct filter *f)
{
	char bytes[CHUNK];
	ssize_t n;

	if (f->options->say) {
		take_input(f, f->options->say, strlen(f->options->say), false);
		f->unfinished = true;
		end_input(f);
		return;
	}
	n = read(STDIN_FILENO, bytes, sizeof(bytes));
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n < 0) {
		fprintf(stderr, "chatc: standard input: %s\n", strerror(errno));
		f->failed = true;
	}
	if (n <= 0) {
		end_input(f);
		return;
	}
	f->unfinished = bytes[n - 1] != '\n';
	take_input(f, bytes, (size_t)n, false);
}

static void write_output(struct filter *f)
{
	size_t len = f->output.len < PIECE ? f->output.len : PIECE;
	ssize_t n = write(STDOUT_FILENO, f->output.data, len);

	if (n >= 0) {
		buffer_consume(&f->output, (size_t)n);
	} else if (errno == EPIPE) {
		f->output_open = false;
	} else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
		fail(f, "standard output", strerror(errno));
		f->output_open = false;
	}
}

/* The server has been silent for long. */
static void end_silence(struct filter *f)
{
	f->deadline = INT64_MAX;
	if (!f->decided) {
		f->is_chatd = false;
		decide(f);
		f->deadline = clock_msec() + SILENCE_MSEC;
	} else if (!is_in(f)) {
		entry_give_up(&f->entry);
	} else if (!f->heard) {
		fprintf(stderr, "chatc: %s says nothing (does it speak TLS?)\n",
			f->connection->name);
	}
}

/* How long to wait; *ends: then it is over. */
static int find_timeout(const struct filter *f, bool may_read, bool *ends)
{
	*ends = may_read && !f->output_open;
	if (*ends)
		return QUIET_MSEC;
	*ends = !f->sending && !f->connection->half_closes && !f->quitting;
	return *ends ? LAST_WORDS_MSEC : clock_timeout(f->deadline);
}

static int wait_for_events(struct filter *f, struct pollfd polled[POLLED])
{
	bool may_read = f->input_open && is_in(f) && f->input.len == 0, ends = false;
	bool may_receive = f->receiving && f->output.len < CHUNK;
	bool may_send = f->sending && f->input.len > 0;
	int input = f->options->say ? -1 : STDIN_FILENO, ready;

	polled[INPUT] = (struct pollfd){ .fd = may_read ? input : -1, .events = POLLIN };
	polled[SERVER] = (struct pollfd){ .fd = may_receive || may_send ? f->connection->fd : -1 };
	polled[SERVER].events = (short)((may_receive ? POLLIN : 0) | (may_send ? POLLOUT : 0));
	polled[OUTPUT] = (struct pollfd){ .fd = f->output_open ? STDOUT_FILENO : -1 };
	polled[OUTPUT].events = f->output.len ? POLLOUT : 0;
	ready = poll(polled, POLLED, may_read && f->options->say ? 0
		: find_timeout(f, may_read, &ends));
	if (may_read && f->options->say)
		polled[INPUT].revents = POLLIN;
	else if (ready == 0 && ends && may_read)
		end_input(f);
	else if (ready == 0 && ends)
		f->receiving = false;
	return ready;
}

static void turn(struct filter *f)
{
	struct pollfd polled[POLLED];

	if (wait_for_events(f, polled) < 0)
		return; /* EINTR; nothing else can go wrong with these */
	if (clock_msec() >= f->deadline)
		end_silence(f);
	if (polled[OUTPUT].revents & (POLLERR | POLLHUP | POLLNVAL))
		f->output_open = false;
	else if (polled[OUTPUT].revents)
		write_output(f);
	if (f->sending && polled[SERVER].revents & POLLOUT)
		send_input(f);
	if (f->receiving && polled[SERVER].revents & (POLLIN | POLLHUP | POLLERR))
		receive(f);
	if (f->input_open && polled[INPUT].revents)
		read_input(f);
	if (!f->output_open)
		f->output.len = 0;
	if (f->sending && !f->input_open && f->input.len == 0 && is_in(f)) {
		f->sending = false;
		connection_half_close(f->connection);
	}
	if (f->input.failed || f->output.failed || f->clean.failed || f->first.failed ||
		f->entry.out.failed)
		fail(f, "out of memory", "the connection is given up");
}

static void finish(struct filter *f)
{
	line_finish(&f->line);
	line_finish(&f->typed);
	buffer_finish(&f->entry.out);
	claims_finish(&f->claims);
	buffer_finish(&f->input);
	buffer_finish(&f->output);
	buffer_finish(&f->clean);
	buffer_finish(&f->first);
}

static struct piece as_piece(const char *text)
{
	return (struct piece){ text, text ? strlen(text) : 0 };
}

int filter_run(const struct options *o, struct connection *c, struct log *log,
	const char *password, size_t password_len)
{
	struct filter f = {
		.options = o, .connection = c, .log = log,
		.entry = { .nick = as_piece(o->nick), .room = as_piece(o->room),
			.password = { password, password ? password_len : 0 } },
		.cleaning = isatty(STDOUT_FILENO) && !o->relay,
		.inbound.has_begun = o->relay, /* what comes is passed on as it is */
		.deadline = clock_msec() + GREETING_MSEC,
		.input_open = true, .output_open = true, .sending = true, .receiving = true,
	};

	key_file_load(c->target, &f.claims);
	f.entry.key = claims_find(&f.claims, f.entry.nick);
	if (o->relay)
		decide(&f);
	while (f.receiving || (f.output.len > 0 && f.output_open))
		turn(&f);
	finish(&f);
	return f.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
