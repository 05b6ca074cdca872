#include "client/shell/link.h"

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
	LEAVE_TICKS = 2000,
};

struct moment link_now(void)
{
	return (struct moment){ .ticks = clock_ticks(), .time = clock_time() };
}

/* The first connection is up. A command is only believed to be when it says something. */
static void announce(struct link *l)
{
	if (!l->announced) {
		session_notice(&l->session, "connect: success!");
		session_notice(&l->session, "Now you can start chatting!");
	}
	l->announced = true;
}

void link_init(struct link *l, struct connection *c, const char *nick, bool reconnect)
{
	*l = (struct link){ .connection = c, .reconnect = reconnect, .state = LINK_UP };
	l->chance = (uint64_t)clock_ticks() << 32 ^ (uint64_t)getpid();
	session_init(&l->session, nick, true);
	session_connected(&l->session, link_now());
	if (!c->command)
		announce(l);
}

void link_finish(struct link *l)
{
	session_finish(&l->session);
	line_finish(&l->line);
}

/* Half of the pause is left to chance, so that not all come back at once. */
static void pause_next(struct link *l)
{
	int64_t pause = PAUSE_MAX;

	if (l->attempts < 7)
		pause = PAUSE_FIRST << l->attempts;
	l->attempts++;
	l->state = LINK_PAUSING;
	l->chance = l->chance * 6364136223846793005 + 1442695040888963407; /* Knuth's MMIX */
	l->retry_at = clock_ticks() + pause / 2 + (int64_t)(l->chance >> 33) % (pause / 2 + 1);
}

static bool is_useful(const struct link *l)
{
	return l->session.state == SESSION_CHATD || l->session.state == SESSION_PLAIN;
}

static void lose(struct link *l)
{
	bool dismissed = l->session.dismissed;

	if (is_useful(l))
		l->mourned = false;
	if (!l->announced)
		l->failed = connection_post_mortem(l->connection) != NULL;
	connection_close(l->connection);
	line_finish(&l->line);
	if (!l->leaving && !l->mourned && !l->failed) {
		announce(l);
		session_notice(&l->session, "loss connect!");
		l->mourned = true;
	}
	session_lost(&l->session, link_now());
	if (l->leaving || l->failed || dismissed || !l->reconnect)
		l->state = LINK_ENDED;
	else
		pause_next(l);
}

static void up(struct link *l)
{
	l->state = LINK_UP;
	session_connected(&l->session, link_now());
}

static void try(struct link *l, bool anew)
{
	switch (anew ? connection_begin(l->connection) : connection_advance(l->connection)) {
	case CONNECTION_UP:
		up(l);
		break;
	case CONNECTION_TRYING:
		l->state = LINK_TRYING;
		break;
	case CONNECTION_FAILED:
		pause_next(l);
		break;
	}
}

static void take_lines(struct link *l, const uint8_t *in, size_t len)
{
	const uint8_t *end = in + len;
	struct line_view view;
	enum line_status status;

	while ((status = line_next(&l->line, SESSION_LINE_MAX, &in, end, &view)) != LINE_MORE) {
		if (status == LINE_WHOLE)
			session_line(&l->session, view.text, view.len, link_now());
		else if (status == LINE_LONG)
			session_long_line(&l->session, view.len);
		else
			l->session.out.failed = true;
		if (status == LINE_NOMEM)
			return;
	}
	if (is_useful(l))
		l->attempts = 0;
}

static void receive(struct link *l)
{
	uint8_t bytes[CHUNK];
	ssize_t n = recv(l->connection->fd, bytes, sizeof(bytes), 0);
	struct line_view view;

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n > 0) {
		announce(l);
		take_lines(l, bytes, (size_t)n);
		return;
	}
	/* All lines of a chatd have their end, so this one was cut; it will come again. */
	if (l->session.state != SESSION_CHATD &&
		line_end(&l->line, SESSION_LINE_MAX, &view) == LINE_WHOLE)
		session_line(&l->session, view.text, view.len, link_now());
	lose(l);
}

/* An error here is left to receive(), which may still find the server's last words. */
static void send_out(struct link *l)
{
	struct buffer *out = &l->session.out;
	ssize_t n = send(l->connection->fd, out->data, out->len, 0);

	if (n >= 0)
		buffer_consume(out, (size_t)n);
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		out->len = 0;
	if (l->leaving && !out->len && !l->session.held.len)
		(void)shutdown(l->connection->fd, SHUT_WR);
}

struct pollfd link_wants(const struct link *l, bool may_read)
{
	struct pollfd p = { .fd = -1 };

	if (l->state == LINK_TRYING)
		p = (struct pollfd){ .fd = l->connection->fd, .events = POLLOUT };
	if (l->state != LINK_UP)
		return p;
	p.events = (short)((may_read ? POLLIN : 0) | (l->session.out.len ? POLLOUT : 0));
	if (p.events)
		p.fd = l->connection->fd;
	return p;
}

int64_t link_deadline(const struct link *l)
{
	int64_t deadline = l->leaving ? l->leave_by : INT64_MAX;
	int64_t other = l->session.deadline;

	if (l->state == LINK_TRYING)
		other = l->connection->deadline;
	if (l->state == LINK_PAUSING) /* … or when the seconds that are left change */
		other = l->retry_at - (l->retry_at - 1 - clock_ticks()) / 1000 * 1000;
	return other < deadline ? other : deadline;
}

void link_turn(struct link *l, short events)
{
	if (l->state == LINK_UP && events & (POLLIN | POLLHUP | POLLERR))
		receive(l);
	if (l->state == LINK_UP)
		session_tick(&l->session, link_now());
	if (l->state == LINK_UP && is_useful(l))
		announce(l);
	if (l->state == LINK_UP && l->session.out.len)
		send_out(l);
	if (l->state == LINK_TRYING && (events || clock_ticks() >= l->connection->deadline))
		try(l, false);
	if (l->state == LINK_PAUSING && clock_ticks() >= l->retry_at)
		try(l, true);
	if (l->leaving && l->state == LINK_UP && clock_ticks() >= l->leave_by)
		lose(l);
}

void link_leave(struct link *l, const char *line, size_t len)
{
	l->leaving = true;
	l->leave_by = clock_ticks() + LEAVE_TICKS;
	if (l->state != LINK_UP) {
		l->state = LINK_ENDED;
		return;
	}
	session_leave(&l->session, line, len);
	send_out(l);
}

void link_status(const struct link *l, char *text, size_t size)
{
	int64_t left = (l->retry_at - clock_ticks() + 999) / 1000;

	*text = '\0';
	if (l->state == LINK_PAUSING)
		snprintf(text, size, "reconnecting in %" PRId64 " s", left > 0 ? left : 0);
	else if (l->state == LINK_TRYING)
		snprintf(text, size, "reconnecting");
}
