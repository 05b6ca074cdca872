/*
 * The loop of the filter: standard input to the server, the server to standard output, with at
 * most a chunk of each held in between. The descriptors 0 and 1 are shared with other programs,
 * so they are not made non-blocking: they are touched only when poll() says that they are ready.
 */
#include "client/shell/filter.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/core/session.h"
#include "client/shell/clock.h"
#include "proto/line.h"
#include "proto/message.h"
#include "proto/text.h"

enum {
	CHUNK = 16384,

	/* What a pipe that poll() calls writable takes without blocking. */
	PIECE = 4096,

	/* When nobody reads the output any more: how long the input may pause before we leave. */
	QUIET_MSEC = 200,
};

enum { INPUT, SERVER, OUTPUT, POLLED };

struct filter {
	const struct options *options;
	struct connection *connection;
	struct log *log;
	struct session session; /* for the first words only: password and nick */
	struct buffer input;    /* for the server */
	struct buffer output;   /* for standard output */
	struct buffer clean;    /* scratch */
	struct line line;       /* the unfinished one that comes */
	bool cleaning;          /* standard output is a terminal */
	bool input_open;
	bool unfinished;        /* the last line of the input has no LF yet */
	bool output_open;
	bool sending;           /* our side of the connection has not ended */
	bool receiving;         /* … nor the other one */
	bool heard;             /* something came */
	bool at_the_door;       /* nothing came but a refusal, or the question for the password */
	bool outside;           /* … so what we said was not for the room */
	bool failed;
	int quit_matched;       /* bytes of "/quit" that the line said begins with; -1: it does not */
	bool quitting;          /* /quit was said: the server closes with our consent */
};

static struct time now(void)
{
	return (struct time){ .msec = clock_msec(), .utc = clock_time() };
}

/* Nothing is said before the password and the nick are dealt with. */
static bool is_settled(const struct filter *f)
{
	return f->session.state == SESSION_CHATD || f->session.state == SESSION_PLAIN;
}

static void fail(struct filter *f, const char *what, const char *reason)
{
	if (!f->failed)
		fprintf(stderr, "chatc: %s: %s\n", what, reason);
	f->failed = true;
	f->input_open = false;
	f->receiving = false;
}

/* What the session has to say goes first. */
static void take_session(struct filter *f)
{
	struct session *s = &f->session;

	buffer_append(&f->input, s->out.data, s->out.len);
	s->out.len = 0;
	s->scrollback.fresh = 0; /* nothing of it is drawn here */
	scrollback_clear(&s->scrollback);
	if (s->state != SESSION_PASSWORD || !s->asking)
		return;
	if (f->options->password_file)
		fail(f, f->options->password_file, "the password was refused");
	else
		fail(f, "a password is asked for", "give it with --password-file");
}

/* A line came, perhaps the greeting. */
static void watch_the_door(struct filter *f, const char *text, size_t len)
{
	static const char question[] = "=== password:";
	struct message m;

	message_parse(text, len, &m);
	f->outside = m.kind == MESSAGE_ERROR ||
		(len == sizeof(question) - 1 && memcmp(text, question, len) == 0);
	f->at_the_door = f->outside;
}

/* A line for the log, and for a terminal. */
static void show_line(struct filter *f, const char *text, size_t len)
{
	char *room;

	f->clean.len = 0;
	room = buffer_reserve(&f->clean, TEXT_GROWTH * len + 1);
	if (!room || (!f->cleaning && f->log->fd < 0))
		return;
	len = text_clean(room, text, len);
	room[len++] = '\n';
	log_write(f->log, room, len);
	if (f->cleaning)
		buffer_append(&f->output, room, len);
}

static void take_line(struct filter *f, const char *text, size_t len)
{
	if (f->at_the_door)
		watch_the_door(f, text, len);
	if (!is_settled(f)) {
		session_line(&f->session, text, len, now());
		take_session(f);
	}
	show_line(f, text, len);
}

/* One that is longer than any server of messages sends. */
static void take_long_line(struct filter *f, uint64_t len)
{
	char text[SESSION_NOTICE_MAX];

	session_describe_long_line(len, text);
	show_line(f, text, strlen(text));
}

static void take_lines(struct filter *f, const char *bytes, size_t len)
{
	const uint8_t *in = (const uint8_t *)bytes, *end = in + len;
	struct line_view view;
	enum line_status status;

	while ((status = line_next(&f->line, SESSION_LINE_MAX, &in, end, &view)) != LINE_MORE) {
		if (status == LINE_NOMEM) {
			f->clean.failed = true;
			return;
		}
		if (status == LINE_WHOLE)
			take_line(f, view.text, view.len);
		else
			take_long_line(f, view.len);
	}
}

/* The end of what the server has to say. */
static void end_receiving(struct filter *f, bool in_order)
{
	struct line_view view;
	enum line_status status;
	const char *reason = NULL;

	status = line_end(&f->line, SESSION_LINE_MAX, &view);
	if (status == LINE_WHOLE)
		take_line(f, view.text, view.len);
	if (status == LINE_LONG)
		take_long_line(f, view.len);
	f->receiving = false;
	f->input_open = false;
	if (f->quitting)
		return;
	/* A command that fails without a word was never connected, in whatever order it ends. */
	if (!f->heard)
		reason = connection_post_mortem(f->connection);
	if (!reason && in_order && !f->sending && !f->outside && !f->failed)
		return;
	f->failed = true;
	if (reason)
		fprintf(stderr, "connect fail: %s\n", reason);
	else
		fputs("loss connect!\n", stderr);
}

static void receive(struct filter *f)
{
	char bytes[CHUNK];
	ssize_t n = recv(f->connection->fd, bytes, sizeof(bytes), 0);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n <= 0) {
		end_receiving(f, n == 0);
		return;
	}
	f->heard = true;
	if (f->cleaning || f->log->fd >= 0 || f->at_the_door || !is_settled(f))
		take_lines(f, bytes, (size_t)n);
	if (!f->cleaning && f->output_open)
		buffer_append(&f->output, bytes, (size_t)n);
}

static void send_input(struct filter *f)
{
	ssize_t n = send(f->connection->fd, f->input.data, f->input.len, 0);

	if (n >= 0) {
		buffer_consume(&f->input, (size_t)n);
	} else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
		/* It takes no more, but what it said before that is still to come. */
		f->failed = !f->quitting;
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

static void read_input(struct filter *f)
{
	char *room = buffer_reserve(&f->input, CHUNK + 1);
	ssize_t n = room ? read(STDIN_FILENO, room, CHUNK) : 0;

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n < 0) {
		fprintf(stderr, "chatc: standard input: %s\n", strerror(errno));
		f->failed = true;
	}
	if (n <= 0) {
		f->input_open = false;
		if (f->unfinished)
			buffer_text(&f->input, "\n");
		return;
	}
	f->unfinished = room[n - 1] != '\n';
	watch_for_quit(f, room, (size_t)n);
	f->input.len += (size_t)n;
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

static int wait_for_events(struct filter *f, struct pollfd polled[POLLED])
{
	bool may_read = f->input_open && is_settled(f) && f->input.len == 0;
	bool may_receive = f->receiving && f->output.len < CHUNK;
	bool may_send = f->sending && f->input.len > 0;

	polled[INPUT] = (struct pollfd){ .fd = may_read ? STDIN_FILENO : -1, .events = POLLIN };
	polled[SERVER] = (struct pollfd){ .fd = may_receive || may_send ? f->connection->fd : -1 };
	polled[SERVER].events = (short)((may_receive ? POLLIN : 0) | (may_send ? POLLOUT : 0));
	polled[OUTPUT] = (struct pollfd){ .fd = f->output_open ? STDOUT_FILENO : -1 };
	polled[OUTPUT].events = f->output.len ? POLLOUT : 0;
	return poll(polled, POLLED, may_read && !f->output_open ? QUIET_MSEC
		: clock_timeout(f->session.deadline));
}

static void turn(struct filter *f)
{
	struct pollfd polled[POLLED];
	int ready = wait_for_events(f, polled);

	if (ready < 0)
		return; /* EINTR; nothing else can go wrong with these */
	if (ready == 0 && !f->output_open)
		f->input_open = false;
	session_tick(&f->session, now());
	take_session(f);
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
	if (f->sending && !f->input_open && f->input.len == 0 && is_settled(f)) {
		f->sending = false;
		(void)shutdown(f->connection->fd, SHUT_WR);
	}
	if (f->input.failed || f->output.failed || f->clean.failed || f->session.out.failed)
		fail(f, "out of memory", "the connection is given up");
}

int filter_run(const struct options *o, struct connection *c, struct log *log,
	const char *password, size_t password_len)
{
	struct filter f = {
		.options = o, .connection = c, .log = log,
		.cleaning = isatty(STDOUT_FILENO),
		.input_open = true, .output_open = true, .sending = true, .receiving = true,
		.at_the_door = true,
	};

	session_init(&f.session, o->nick, false);
	session_connected(&f.session, now());
	if (password)
		session_set_password(&f.session, password, password_len);
	if (!o->nick && !password)
		f.session.state = SESSION_PLAIN; /* no need to know what it is */
	while (f.receiving || (f.output.len > 0 && f.output_open))
		turn(&f);
	session_finish(&f.session);
	line_finish(&f.line);
	buffer_finish(&f.input);
	buffer_finish(&f.output);
	buffer_finish(&f.clean);
	return f.failed ? 1 : 0;
}
