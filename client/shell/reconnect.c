#include "client/shell/reconnect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/shell/clock.h"

enum {
	CHUNK = 16384,
	PAUSE_FIRST = 500, /* ticks; doubled with each attempt that fails */
	PAUSE_MAX = 60000,
	LEAVE_MSEC = 2000,
};

struct time reconnect_now(void)
{
	return (struct time){ .msec = clock_msec(), .utc = clock_time() };
}

/* The first connection is up. A command is only believed to be when it says something. */
static void announce(struct reconnect *r)
{
	if (!r->announced) {
		session_notice(&r->session, "connect: success!");
		session_notice(&r->session, "Now you can start chatting!");
	}
	r->announced = true;
}

void reconnect_init(struct reconnect *r, struct connection *c, const char *nick, bool reconnect)
{
	*r = (struct reconnect){ .connection = c, .reconnect = reconnect, .state = RECONNECT_UP };
	r->chance = (uint64_t)clock_msec() << 32 ^ (uint64_t)getpid();
	session_init(&r->session, nick, true);
	session_connected(&r->session, reconnect_now());
	if (!c->is_command)
		announce(r);
}

void reconnect_finish(struct reconnect *r)
{
	session_finish(&r->session);
	line_finish(&r->line);
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

static void lose(struct reconnect *r)
{
	bool dismissed = r->session.dismissed;

	if (is_useful(r))
		r->mourned = false;
	if (!r->announced)
		r->failed = connection_post_mortem(r->connection) != NULL;
	connection_close(r->connection);
	line_finish(&r->line);
	if (!r->leaving && !r->mourned && !r->failed) {
		announce(r);
		session_notice(&r->session, "loss connect!");
		r->mourned = true;
	}
	session_lost(&r->session, reconnect_now());
	if (r->leaving || r->failed || dismissed || !r->reconnect)
		r->state = RECONNECT_ENDED;
	else
		pause_next(r);
}

static void up(struct reconnect *r)
{
	r->state = RECONNECT_UP;
	session_connected(&r->session, reconnect_now());
}

static void try(struct reconnect *r, bool from_start)
{
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
	struct line_view view;

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n > 0) {
		announce(r);
		take_lines(r, bytes, (size_t)n);
		return;
	}
	/* All lines of a chatd have their end, so this one was cut; it will come again. */
	if (r->session.state != SESSION_CHATD &&
		line_end(&r->line, SESSION_LINE_MAX, &view) == LINE_WHOLE)
		session_line(&r->session, view.text, view.len, reconnect_now());
	lose(r);
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
	if (r->leaving && !out->len && !r->session.held.len)
		(void)shutdown(r->connection->fd, SHUT_WR);
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
	return 1;
}

int64_t reconnect_deadline(const struct reconnect *r)
{
	int64_t deadline = r->leaving ? r->leave_by : INT64_MAX;
	int64_t other = r->session.deadline;

	if (r->state == RECONNECT_TRYING)
		other = r->connection->deadline;
	if (r->state == RECONNECT_PAUSING) /* … or when the seconds that are left change */
		other = r->retry_at - (r->retry_at - 1 - clock_msec()) / 1000 * 1000;
	return other < deadline ? other : deadline;
}

void reconnect_turn(struct reconnect *r, const struct pollfd polled[RECONNECT_POLLED],
	size_t count)
{
	short events = 0;

	for (size_t i = 0; i < count; i++)
		events |= polled[i].revents;
	if (r->state == RECONNECT_UP && events & (POLLIN | POLLHUP | POLLERR))
		receive(r);
	if (r->state == RECONNECT_UP)
		session_tick(&r->session, reconnect_now());
	if (r->state == RECONNECT_UP && is_useful(r))
		announce(r);
	if (r->state == RECONNECT_UP && r->session.out.len)
		send_out(r);
	if (r->state == RECONNECT_TRYING && (events || clock_msec() >= r->connection->deadline))
		try(r, false);
	if (r->state == RECONNECT_PAUSING && clock_msec() >= r->retry_at)
		try(r, true);
	if (r->leaving && r->state == RECONNECT_UP && clock_msec() >= r->leave_by)
		lose(r);
}

void reconnect_leave(struct reconnect *r, const char *line, size_t len)
{
	r->leaving = true;
	r->leave_by = clock_msec() + LEAVE_MSEC;
	if (r->state != RECONNECT_UP) {
		r->state = RECONNECT_ENDED;
		return;
	}
	session_leave(&r->session, line, len);
	send_out(r);
}

void reconnect_status(const struct reconnect *r, char *text, size_t size)
{
	int64_t left = (r->retry_at - clock_msec() + 999) / 1000;

	*text = '\0';
	if (r->state == RECONNECT_PAUSING)
		snprintf(text, size, "reconnecting in %" PRId64 " s", left > 0 ? left : 0);
	else if (r->state == RECONNECT_TRYING)
		snprintf(text, size, "reconnecting");
}
