/*
 * Tries again until the connection is of use. Pauses double up to a minute, and a server that lets
 * nobody in counts as one that is not there. There are two exceptions: after a kick or a ban it
 * ends, and after an idle timeout it waits for a key.
 */
#include "client/shell/reconnect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/shell/clock.h"
#include "client/shell/options.h"
#include "proto/text.h"

enum {
	CHUNK = 16384,
	PAUSE_FIRST = 500, /* milliseconds; doubled with each attempt that fails */
	PAUSE_MAX = 60000,
	LEAVE_MSEC = 2000,
	SILENCE_MSEC = 5000,
	CONNECTING_MSEC = 1000, /* what takes longer is told of */
	GREETING_MSEC = 1000, /* … is left for another host, where there are several */
	ERROR_LINE_MAX = 1024,
};

struct time reconnect_now(void)
{
	return (struct time){ .msec = clock_msec(), .utc = clock_time() };
}

/* The first connection is up. A command is only believed to be when it says something. */
static void announce(struct reconnect *r)
{
	if (!r->announced)
		session_notice(&r->session, "connect: success!");
	r->announced = true;
}

static void up(struct reconnect *r)
{
	r->state = RECONNECT_UP;
	r->heard = false;
	r->inbound = (struct inbound){ 0 };
	r->up_at = clock_msec();
	session_connected(&r->session, reconnect_now());
}

void reconnect_init(struct reconnect *r, struct connection *c, const struct options *o)
{
	*r = (struct reconnect){ .connection = c, .enabled = o->reconnect };
	r->chance = (uint64_t)clock_msec() << 32 ^ (uint64_t)getpid();
	session_init(&r->session, o->nick);
	r->session.pinned = o->pinned;
	r->session.welcomes = true;
	if (o->room)
		session_set_room(&r->session, o->room, strlen(o->room));
	up(r);
	if (!c->is_command)
		announce(r);
}

void reconnect_finish(struct reconnect *r)
{
	session_finish(&r->session);
	line_finish(&r->line);
	line_finish(&r->error);
}

/* Half of the pause is left to chance, so that not all come back at once. */
static void pause_next(struct reconnect *r)
{
	int64_t pause = PAUSE_MAX;

	if (r->attempts < 7)
		pause = PAUSE_FIRST << r->attempts;
	r->attempts++;
	r->state = RECONNECT_PAUSING;
	r->chance = r->chance * 6364136223846793005 + 1442695040888963407; /* Knuth's MMIX */
	r->retry_at = clock_msec() + pause / 2 + (int64_t)(r->chance >> 33) % (pause / 2 + 1);
}

static bool is_useful(const struct reconnect *r)
{
	return r->session.state == SESSION_CHATD || r->session.state == SESSION_PLAIN;
}

/* Shows a line that a program has written to its standard error. */
static void show_error(struct reconnect *r, const struct line_view *view)
{
	char *text = malloc(TEXT_GROWTH * view->kept + 1);

	if (!text)
		return;
	text[text_clean(text, view->text, view->kept)] = '\0';
	session_notice(&r->session, text);
	free(text);
}

/* Takes what a program has written to its standard error: the terminal is its own at first. */
static void take_errors(struct reconnect *r)
{
	uint8_t bytes[CHUNK];
	ssize_t n = read(r->connection->child.errors, bytes, sizeof(bytes));
	const uint8_t *in = bytes;
	struct line_view view;
	enum line_status status;

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
			connection_end_errors(r->connection);
		if (line_end(&r->error, ERROR_LINE_MAX, &view) != LINE_MORE)
			show_error(r, &view);
		return;
	}
	if (reconnect_lends_terminal(r)) {
		if (write(STDERR_FILENO, bytes, (size_t)n) < 0)
			connection_end_errors(r->connection);
		return;
	}
	for (;;) {
		status = line_next(&r->error, ERROR_LINE_MAX, &in, bytes + n, &view);
		if (status == LINE_MORE || status == LINE_NOMEM)
			return;
		show_error(r, &view);
	}
}

static bool is_network_error(int error)
{
	return error == ETIMEDOUT || error == EHOSTUNREACH || error == ENETUNREACH ||
		error == EHOSTDOWN || error == ENETDOWN;
}

static void lose(struct reconnect *r, int error)
{
	int64_t silence = is_network_error(error) ? connection_silence(r->connection) : 0;
	bool dismissed = r->session.dismissed, timed_out = r->session.timed_out;

	if (is_useful(r))
		r->mourned = false;
	if (!r->heard && connection_post_mortem(r->connection) != NULL)
		r->failed = !r->announced;
	if (r->connection->keeps_errors)
		take_errors(r);
	connection_close(r->connection);
	line_finish(&r->line);
	if (!r->leaving && !r->mourned && !r->failed) {
		announce(r);
		session_notice(&r->session, "loss connect!");
		r->mourned = true;
	}
	session_lost(&r->session, reconnect_now(), silence);
	if (r->leaving || r->failed || dismissed || !r->enabled)
		r->state = RECONNECT_ENDED;
	else if (timed_out)
		r->state = RECONNECT_ASLEEP;
	else
		pause_next(r);
	if (r->state == RECONNECT_ENDED)
		session_abandon(&r->session);
}

static void try(struct reconnect *r, bool from_start)
{
	if (from_start)
		r->up_at = clock_msec();
	switch (from_start ? connection_begin(r->connection) : connection_advance(r->connection)) {
	case CONNECTION_UP:
		up(r);
		break;
	case CONNECTION_TRYING:
		r->state = RECONNECT_TRYING;
		break;
	case CONNECTION_FAILED:
		pause_next(r);
		break;
	}
}

static void take_lines(struct reconnect *r, const uint8_t *in, size_t len)
{
	const uint8_t *end = in + len;
	struct line_view view;
	enum line_status status;

	while ((status = line_next(&r->line, SESSION_LINE_MAX, &in, end, &view)) != LINE_MORE) {
		if (status == LINE_WHOLE)
			session_line(&r->session, view.text, view.len, reconnect_now());
		else if (status == LINE_LONG)
			session_long_line(&r->session, view.len);
		else
			r->session.out.failed = true;
		if (status == LINE_NOMEM)
			return;
	}
	if (is_useful(r))
		r->attempts = 0;
}

static void receive(struct reconnect *r)
{
	uint8_t bytes[CHUNK];
	ssize_t n = recv(r->connection->fd, bytes, sizeof(bytes), 0);
	int error = n < 0 ? errno : 0;
	struct line_view view;

	if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR)
		return;
	if (n > 0) {
		r->heard = true;
		announce(r);
		take_lines(r, bytes, inbound_take(&r->inbound, bytes, (size_t)n, &r->session.out));
		return;
	}
	/* All lines of a chatd have their end, so this one was cut; it will come again. */
	if (r->session.state == SESSION_PLAIN &&
		line_end(&r->line, SESSION_LINE_MAX, &view) == LINE_WHOLE)
		session_line(&r->session, view.text, view.len, reconnect_now());
	lose(r, error);
}

/* An error here is left to receive(), which may still find the server's last words. */
static void send_out(struct reconnect *r)
{
	struct buffer *out = &r->session.out;
	ssize_t n = send(r->connection->fd, out->data, out->len, 0);

	if (n >= 0)
		buffer_consume(out, (size_t)n);
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		out->len = 0;
	if (r->leaving && !out->len && !r->session.held.len && !session_is_entering(&r->session))
		connection_half_close(r->connection);
}

size_t reconnect_wants(const struct reconnect *r, bool may_read,
	struct pollfd polled[RECONNECT_POLLED])
{
	short events = (short)((may_read ? POLLIN : 0) | (r->session.out.len ? POLLOUT : 0));

	if (r->state == RECONNECT_TRYING)
		return connection_wants(r->connection, polled);
	if (r->state != RECONNECT_UP)
		return 0;
	polled[0] = (struct pollfd){ .fd = events ? r->connection->fd : -1, .events = events };
	polled[1] = (struct pollfd){ .fd = may_read && r->connection->keeps_errors
			? r->connection->child.errors : -1, .events = POLLIN };
	return 2;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* There are several hosts: one that does not speak is not waited for. */
static bool has_others(const struct reconnect *r)
{
	return r->connection->target->count > 1 && r->enabled && !r->leaving;
}

int64_t reconnect_deadline(const struct reconnect *r)
{
	int64_t deadline = r->leaving ? r->leave_by : INT64_MAX, now = clock_msec();

	if (r->state == RECONNECT_TRYING)
		return earlier(deadline, earlier(r->connection->deadline,
			now < r->up_at + CONNECTING_MSEC ? r->up_at + CONNECTING_MSEC : INT64_MAX));
	if (r->state == RECONNECT_PAUSING) /* … or when the seconds that are left change */
		return earlier(deadline, r->retry_at - (r->retry_at - 1 - now) / 1000 * 1000);
	if (r->state != RECONNECT_UP)
		return deadline;
	deadline = earlier(deadline, session_due(&r->session));
	if (r->session.unanswered)
		deadline = earlier(deadline, r->session.unanswered + SESSION_UNANSWERED_MSEC > now
			? r->session.unanswered + SESSION_UNANSWERED_MSEC : now + 1000);
	if (!r->heard && has_others(r))
		deadline = earlier(deadline, r->up_at + GREETING_MSEC);
	if (!r->heard && !r->silence_told)
		deadline = earlier(deadline, r->up_at + SILENCE_MSEC);
	return deadline;
}

/* The server has accepted us and says nothing. */
static void tell_silence(struct reconnect *r)
{
	char text[TARGET_NAME_MAX + 64];

	if (r->heard || r->silence_told || reconnect_lends_terminal(r) ||
		clock_msec() < r->up_at + SILENCE_MSEC)
		return;
	r->silence_told = true;
	snprintf(text, sizeof(text), "%s says nothing%s", r->connection->name,
		r->connection->target->kind == TARGET_TCP ? " (does it speak TLS?)" : "");
	session_notice(&r->session, text);
}

static void turn_up(struct reconnect *r, short events, short errors)
{
	if (errors)
		take_errors(r);
	if (events & (POLLIN | POLLHUP | POLLERR))
		receive(r);
	if (r->state != RECONNECT_UP)
		return;
	if (!r->heard && has_others(r) && clock_msec() >= r->up_at + GREETING_MSEC) {
		lose(r, 0);
		r->retry_at = clock_msec();
		return;
	}
	session_tick(&r->session, reconnect_now());
	tell_silence(r);
	if (is_useful(r) && !reconnect_lends_terminal(r))
		announce(r);
	if (r->session.out.len || r->leaving)
		send_out(r);
	if (r->leaving && clock_msec() >= r->leave_by)
		lose(r, 0);
}

void reconnect_turn(struct reconnect *r, const struct pollfd polled[RECONNECT_POLLED],
	size_t count)
{
	short events = 0;

	for (size_t i = 0; i < count; i++)
		events |= polled[i].revents;
	if (r->state == RECONNECT_UP)
		turn_up(r, count > 0 ? polled[0].revents : 0, count > 1 ? polled[1].revents : 0);
	else if (r->state == RECONNECT_TRYING &&
		(events || clock_msec() >= r->connection->deadline))
		try(r, false);
	else if (r->state == RECONNECT_PAUSING && clock_msec() >= r->retry_at)
		try(r, true);
}

bool reconnect_lends_terminal(const struct reconnect *r)
{
	return r->state == RECONNECT_UP && r->connection->has_terminal && !r->heard;
}

void reconnect_wake(struct reconnect *r)
{
	if (r->state == RECONNECT_ASLEEP)
		try(r, true);
}

void reconnect_leave(struct reconnect *r, const char *line, size_t len)
{
	r->leaving = true;
	r->leave_by = clock_msec() + LEAVE_MSEC;
	if (r->state != RECONNECT_UP) {
		r->state = RECONNECT_ENDED;
		session_abandon(&r->session);
		return;
	}
	session_leave(&r->session, line, len, reconnect_now());
	send_out(r);
}

void reconnect_status(const struct reconnect *r, char text[RECONNECT_STATUS_MAX])
{
	int64_t now = clock_msec(), left = (r->retry_at - now + 999) / 1000;
	int64_t unanswered = session_unanswered(&r->session, now);
	const char *why = r->connection->reason;

	*text = '\0';
	if (r->state == RECONNECT_PAUSING)
		snprintf(text, RECONNECT_STATUS_MAX, "reconnecting in %" PRId64 " s%s%s%s",
			left > 0 ? left : 0, *why ? " (" : "", why, *why ? ")" : "");
	else if (r->state == RECONNECT_TRYING && now >= r->up_at + CONNECTING_MSEC)
		snprintf(text, RECONNECT_STATUS_MAX, "connecting to %s", r->connection->name);
	else if (r->state == RECONNECT_TRYING)
		snprintf(text, RECONNECT_STATUS_MAX, "reconnecting");
	else if (r->state == RECONNECT_ASLEEP)
		snprintf(text, RECONNECT_STATUS_MAX, "timed out: press a key to come back");
	else if (r->state == RECONNECT_UP && unanswered)
		snprintf(text, RECONNECT_STATUS_MAX, "no answer for %" PRId64 " s",
			unanswered / 1000);
}
