#include "test/bench/room.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test/bench/probe.h"

enum {
	EVENTS = 512,
	READ_SIZE = 256 * 1024,
	LINE_MAX_BYTES = 8192, /* an unfinished line; the longest of any peer is far below */
};

static void watch(struct room *r, struct room_client *c, int operation)
{
	struct epoll_event event = { .data.u32 = (uint32_t)(c - r->clients) };

	event.events = c->stalled && c->state == CLIENT_JOINED ? 0 : EPOLLIN;
	if (c->out_len > 0 || c->state == CLIENT_CONNECTING)
		event.events |= EPOLLOUT;
	if (epoll_ctl(r->epoll, operation, c->fd, &event) < 0)
		abort();
}

/* A reset at the end leaves no port in TIME_WAIT: there would not be enough of them for long. */
static void disconnect(struct room_client *c)
{
	struct linger reset = { .l_onoff = 1 };

	if (c->state != CLIENT_CLOSED) {
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(c->fd);
	}
	c->state = CLIENT_CLOSED;
}

static void lose(struct room *r, struct room_client *c)
{
	disconnect(c);
	r->closed++;
}

static void flush(struct room *r, struct room_client *c)
{
	bool waited = c->out_len > 0;
	size_t done = 0;

	while (done < c->out_len) {
		ssize_t n = send(c->fd, c->out + done, c->out_len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN) {
			lose(r, c);
			return;
		}
		if (n < 0)
			break;
		done += (size_t)n;
	}
	c->out_len -= done;
	memmove(c->out, c->out + done, c->out_len);
	if (waited != (c->out_len > 0) || c->out_len > 0)
		watch(r, c, EPOLL_CTL_MOD);
}

static char *reserve(struct room_client *c, size_t room)
{
	char *out = realloc(c->out, c->out_len + room);

	if (!out)
		abort();
	c->out = out;
	return out + c->out_len;
}

/* Adds lines to what a client has to send. */
static void speak(struct room *r, struct room_client *c, uint32_t lines)
{
	struct payload p = { .sender = (uint32_t)c->sender, .sent = probe_now() };
	char text[PAYLOAD_MAX];

	for (; lines > 0; lines--) {
		p.number = ledger_say(&r->ledger, p.sender);
		payload_write(text, r->length, &p);
		c->out_len += r->peer->say(reserve(c, PEER_SAY_MAX), text, r->length);
	}
}

void room_say(struct room *r, uint32_t sender, uint32_t lines)
{
	struct room_client *c = &r->clients[r->voices[sender]];

	if (c->state != CLIENT_JOINED)
		return;
	speak(r, c, lines);
	flush(r, c);
}

/* N of chatd's "=== you missed N lines", else 0. */
static uint64_t missed_lines(const char *line, size_t len)
{
	static const char missed[] = "=== you missed ";
	uint64_t lines = 0;
	size_t i = sizeof(missed) - 1;

	if (len < i || memcmp(line, missed, i) != 0)
		return 0;
	for (; i < len && line[i] >= '0' && line[i] <= '9'; i++)
		lines = 10 * lines + (uint64_t)(line[i] - '0');
	return lines;
}

static void control(struct room *r, struct room_client *c, const char *line, size_t len, bool crlf)
{
	uint64_t lines = c->receives ? missed_lines(line, len) : 0;
	bool joined = false;

	if (lines > 0)
		ledger_miss(&r->ledger, (uint32_t)(c - r->clients), lines);
	c->out_len += r->peer->control(line, len, crlf, reserve(c, PEER_HELLO_MAX), &joined);
	if (joined && c->state == CLIENT_JOINING) {
		c->state = CLIENT_JOINED;
		r->joined++;
	}
}

/* Where the payload begins. The head of a WebSocket frame before it may hold any byte. */
static const char *find_mark(const char *line, size_t len, size_t expected)
{
	const char *end = line + len, *mark = memchr(line, PAYLOAD_MARK, len), *next;

	while (mark && (size_t)(end - mark) > expected &&
		(next = memchr(mark + 1, PAYLOAD_MARK, (size_t)(end - mark - 1))))
		mark = next;
	return mark;
}

/* One line, without its LF. */
static void receive_line(struct room *r, struct room_client *c, const char *line, size_t len,
	uint64_t now)
{
	bool crlf = len > 0 && line[len - 1] == '\r';
	const char *mark = find_mark(line, len - crlf, r->length + r->peer->tail);
	struct payload p;

	len -= crlf;
	if (!mark) {
		control(r, c, line, len, crlf);
		return;
	}
	if (!c->receives || len - (size_t)(mark - line) != r->length + r->peer->tail ||
		(r->peer->crlf && !crlf) || !payload_read(mark, r->length, &p)) {
		r->ledger.damaged++;
		return;
	}
	if (r->measuring)
		histogram_add(&r->latency, now - p.sent, 1);
	if (ledger_deliver(&r->ledger, (uint32_t)(c - r->clients), &p) && r->speaking &&
		r->window > 0) {
		struct room_client *voice = &r->clients[r->voices[p.sender]];

		speak(r, voice, ledger_room(&r->ledger, p.sender, r->window));
	}
}

/* What is left of a line that has not ended yet is kept for the next time. */
static void keep(struct room_client *c, const char *rest, size_t len)
{
	if (len > LINE_MAX_BYTES)
		abort();
	if (len > 0 && !c->in)
		c->in = malloc(LINE_MAX_BYTES);
	if (len > 0 && !c->in)
		abort();
	if (len > 0)
		memcpy(c->in, rest, len);
	c->in_len = len;
}

static void receive(struct room *r, struct room_client *c)
{
	static char buffer[LINE_MAX_BYTES + READ_SIZE];
	const char *at = buffer, *end, *lf;
	uint64_t now;
	ssize_t n;

	n = recv(c->fd, buffer + c->in_len, READ_SIZE, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		lose(r, c);
		return;
	}
	now = probe_now();
	if (c->in_len > 0)
		memcpy(buffer, c->in, c->in_len);
	end = buffer + c->in_len + n;
	while ((lf = memchr(at, '\n', (size_t)(end - at)))) {
		receive_line(r, c, at, (size_t)(lf - at), now);
		at = lf + 1;
	}
	keep(c, at, (size_t)(end - at));
	if (c->stalled && c->state == CLIENT_JOINED)
		watch(r, c, EPOLL_CTL_MOD);
	if (c->out_len > 0)
		flush(r, c);
}

static void connected(struct room *r, struct room_client *c)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error != 0) {
		lose(r, c);
		return;
	}
	c->state = CLIENT_JOINING;
	c->out_len += r->peer->hello(reserve(c, PEER_HELLO_MAX), (uint32_t)(c - r->clients),
		c->sender >= 0);
	watch(r, c, EPOLL_CTL_MOD);
	if (c->out_len > 0)
		flush(r, c);
}

int room_turn(struct room *r, int timeout)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(r->epoll, events, EVENTS, timeout);

	for (int i = 0; i < count; i++) {
		struct room_client *c = &r->clients[events[i].data.u32];

		if (c->state == CLIENT_CONNECTING)
			connected(r, c);
		else if (c->state != CLIENT_CLOSED && events[i].events & EPOLLOUT)
			flush(r, c);
		if (c->state > CLIENT_CONNECTING && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			receive(r, c);
	}
	/* Those whose lines were settled by what others received. */
	for (uint32_t i = 0; i < r->ledger.sender_count; i++) {
		struct room_client *c = &r->clients[r->voices[i]];

		if (c->out_len > 0 && c->state == CLIENT_JOINED)
			flush(r, c);
	}
	return count > 0 ? count : 0;
}

int room_init(struct room *r, uint32_t receivers, uint32_t senders)
{
	r->count = receivers + (r->peer->publishes ? senders : 0);
	r->clients = calloc(r->count, sizeof(*r->clients));
	r->voices = calloc(senders + 1, sizeof(*r->voices));
	if (!r->clients || !r->voices || ledger_init(&r->ledger, senders, receivers) < 0)
		return -1;
	for (uint32_t i = 0; i < r->count; i++) {
		r->clients[i].sender = -1;
		r->clients[i].receives = i < receivers;
	}
	for (uint32_t i = 0; i < senders; i++) {
		uint32_t home = (uint32_t)(((uint64_t)2 * i + 1) * receivers / (2 * senders));

		r->ledger.senders[i].home = home;
		r->voices[i] = r->peer->publishes ? receivers + i : home;
		r->clients[r->voices[i]].sender = (int32_t)i;
	}
	for (uint32_t i = 0; i < receivers; i++)
		r->ledger.receivers[i].awaited = true;
	r->ledger.awaited = receivers;
	r->ledger.echoes = r->peer->echoes;
	r->ledger.one_order = r->peer->one_order;
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	return r->epoll < 0 ? -1 : 0;
}

void room_finish(struct room *r)
{
	for (uint32_t i = 0; r->clients && i < r->count; i++) {
		disconnect(&r->clients[i]);
		free(r->clients[i].in);
		free(r->clients[i].out);
	}
	ledger_finish(&r->ledger);
	free(r->clients);
	free(r->voices);
	close(r->epoll);
}

void room_stall(struct room *r, uint32_t count)
{
	uint32_t share = count > 0 ? r->ledger.receiver_count / count : 0;

	for (uint32_t i = 1; i <= count; i++) {
		struct room_client *c = &r->clients[i * share - 1];

		if (c->sender >= 0)
			continue;
		c->stalled = true;
		r->ledger.receivers[i * share - 1].awaited = false;
		r->ledger.awaited--;
	}
}

void room_resume(struct room *r)
{
	for (uint32_t i = 0; i < r->count; i++) {
		if (!r->clients[i].stalled)
			continue;
		r->clients[i].stalled = false;
		if (r->clients[i].state != CLIENT_CLOSED)
			watch(r, &r->clients[i], EPOLL_CTL_MOD);
	}
}

int room_connect(struct room *r, uint32_t from, uint32_t to)
{
	int one = 1;

	for (uint32_t i = from; i < to; i++) {
		struct room_client *c = &r->clients[i];

		c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (c->fd < 0)
			return -1;
		c->state = CLIENT_CONNECTING;
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (connect(c->fd, (struct sockaddr *)&r->server, sizeof(r->server)) < 0 &&
			errno != EINPROGRESS)
			return -1;
		watch(r, c, EPOLL_CTL_ADD);
	}
	return 0;
}

bool room_settled(const struct room *r)
{
	for (uint32_t i = 0; i < r->ledger.receiver_count; i++)
		if (!r->clients[i].stalled && r->clients[i].state != CLIENT_CLOSED &&
			ledger_owed(&r->ledger, i) > 0)
			return false;
	return true;
}
