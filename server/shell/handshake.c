/*
 * Connections that wait for their PROXY header (handshake.h). However many wait, the rest of the
 * server does not: the oldest makes room for the newest.
 */
#include "server/shell/handshake.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/core/wire/sniff.h"
#include "server/shell/connection.h"

void handshakes_init(struct handshakes *l, struct pollfd *polls, struct log *log)
{
	*l = (struct handshakes){ .polls = polls, .log = log };
}

static void release(struct handshakes *l, int i)
{
	l->list[i].fd = -1;
	l->polls[i].fd = -1;
}

static void reject(struct handshakes *l, int i, const char *why, struct time now)
{
	struct handshake *handshake = &l->list[i];
	char address[ADDRESS_TEXT_MAX];

	address_text(address, &handshake->from);
	log_line(l->log, LOG_AT_NOTICE, "connect from %s refused: PROXY: %s. TIME: %s", address,
		why, stamp_at(&l->stamp, now.time));
	close(handshake->fd);
	release(l, i);
}

void handshakes_finish(struct handshakes *l)
{
	for (int i = 0; l->list != NULL && i < HANDSHAKES_MAX; i++)
		if (l->list[i].fd >= 0)
			close(l->list[i].fd);
	free(l->list);
	l->list = NULL;
}

/* A free entry, or that of the oldest; -1 for no memory. */
static int find_free(struct handshakes *l, struct time now)
{
	int oldest = 0;

	if (l->list == NULL) {
		l->list = malloc(HANDSHAKES_MAX * sizeof(*l->list));
		for (int i = 0; l->list != NULL && i < HANDSHAKES_MAX; i++)
			l->list[i].fd = -1;
		return l->list == NULL ? -1 : 0;
	}
	for (int i = 0; i < HANDSHAKES_MAX; i++) {
		if (l->list[i].fd < 0)
			return i;
		if (l->list[i].due < l->list[oldest].due)
			oldest = i;
	}
	reject(l, oldest, "too many wait for their header", now);
	return oldest;
}

struct handshake *handshakes_enter(struct handshakes *l, const struct newcomer *n, struct time now)
{
	int i = find_free(l, now);

	if (i < 0) {
		close(n->fd);
		return NULL;
	}
	l->list[i].fd = n->fd;
	l->list[i].is_operator = n->is_operator;
	l->list[i].telnet = n->telnet;
	l->list[i].is_web = n->is_web;
	l->list[i].web = n->web;
	l->list[i].from = n->from;
	l->list[i].is_check = false;
	l->list[i].due = now.usec + HANDSHAKE_PATIENCE;
	l->list[i].len = 0;
	l->polls[i].fd = n->fd;
	/* As a rule the header has come with the connection. */
	l->polls[i].revents = POLLIN;
	return &l->list[i];
}

/* The bytes that came first, of which the first `used` are the header's, go on as a newcomer. */
static void pass(struct handshakes *l, int i, struct newcomer *n, size_t used)
{
	struct handshake *handshake = &l->list[i];

	*n = (struct newcomer){
		.fd = handshake->fd,
		.is_operator = handshake->is_operator,
		.telnet = handshake->telnet,
		.is_web = handshake->is_web,
		.web = handshake->web,
		.from = handshake->from,
		.bytes = handshake->bytes + used,
		.len = handshake->len - used,
	};
	release(l, i);
}

/*
 * A front end's own connection, most likely a health check: it is answered at once, also when all
 * slots are taken, and has neither a slot nor a line of the log until it says something.
 */
static void begin_check(struct handshakes *l, int i, struct time now)
{
	static char lf[] = "=== chatd is here\n", crlf[] = "=== chatd is here\r\n";
	struct handshake *handshake = &l->list[i];
	struct connection c = { .fd = handshake->fd };
	struct iovec answer = { lf, sizeof(lf) - 1 };

	if (handshake->telnet)
		answer = (struct iovec){ crlf, sizeof(crlf) - 1 };
	handshake->is_check = true;
	handshake->len = 0;
	handshake->due = now.usec + HANDSHAKE_CHECK;
	/* If it can't be sent, its end is read next. */
	if (!handshake->is_web)
		(void)connection_send(&c, &answer, 1);
}

/*
 * Whether a check asks in another protocol, as one that does not know what it has before it: in the
 * bytes from this offset on.
 */
static bool is_alien(const struct handshake *handshake, size_t from)
{
	const uint8_t *bytes = handshake->bytes + from;
	const uint8_t *lf = memchr(bytes, '\n', handshake->len - from);
	size_t len = lf != NULL ? (size_t)(lf - bytes) : handshake->len - from;

	if (lf != NULL && len > 0 && lf[-1] == '\r')
		len--;
	return !handshake->is_web &&
		(sniff_bytes(bytes, len, false, false) != NULL ||
			sniff_line((const char *)bytes, len, lf != NULL) != NULL);
}

static void drop(struct handshakes *l, int i)
{
	close(l->list[i].fd);
	release(l, i);
}

/* The header is whole. */
static void end_header(struct handshakes *l, int i, const struct proxy *proxy, struct newcomer *n,
	struct time now)
{
	struct handshake *handshake = &l->list[i];
	bool is_own = proxy->is_own || (proxy->from.port > 0 &&
		address_equal(&proxy->from, &handshake->from));

	if (proxy->from.family != ADDRESS_NONE)
		handshake->from = proxy->from;
	handshake->from.is_front_end = is_own || proxy->from.family == ADDRESS_NONE;
	if (is_own && handshake->len == proxy->used)
		begin_check(l, i, now);
	else if (is_own && is_alien(handshake, proxy->used))
		drop(l, i);
	else
		pass(l, i, n, proxy->used);
}

/* Reads what has come of a header; *n is the connection once it is whole. */
static void read_header(struct handshakes *l, int i, struct newcomer *n, struct time now)
{
	struct handshake *handshake = &l->list[i];
	struct connection c = { .fd = handshake->fd };
	ssize_t len = connection_read(&c, handshake->bytes + handshake->len,
		sizeof(handshake->bytes) - handshake->len);
	struct proxy proxy;

	if (len == CONNECTION_NOTHING)
		return;
	if (len <= 0 && handshake->len > 0) {
		reject(l, i, "it ended before its header did", now);
		return;
	}
	handshake->len += len > 0 ? (size_t)len : 0;
	/* A health check leaves no line in the log. */
	if (handshake->len == 0 || (handshake->is_check && is_alien(handshake, 0))) {
		drop(l, i);
		return;
	}
	if (handshake->is_check) {
		pass(l, i, n, 0);
		return;
	}
	switch (proxy_parse(&proxy, handshake->bytes, handshake->len)) {
	case PROXY_MORE:
		break;
	case PROXY_BAD:
		reject(l, i, proxy.reason, now);
		break;
	case PROXY_FROM:
	case PROXY_LOCAL:
		end_header(l, i, &proxy, n, now);
		break;
	}
}

bool handshakes_next(struct handshakes *l, struct newcomer *n, struct time now)
{
	n->fd = -1;
	for (int i = 0; l->list != NULL && i < HANDSHAKES_MAX; i++) {
		if (l->list[i].fd < 0)
			continue;
		if (l->polls[i].revents != 0) {
			l->polls[i].revents = 0;
			read_header(l, i, n, now);
			return true;
		}
		if (now.usec >= l->list[i].due) {
			if (l->list[i].is_check)
				pass(l, i, n, 0);
			else
				reject(l, i, "its header did not come", now);
			return true;
		}
	}
	return false;
}

int64_t handshakes_deadline(const struct handshakes *l)
{
	int64_t next = TIME_NEVER;

	for (int i = 0; l->list != NULL && i < HANDSHAKES_MAX; i++)
		if (l->list[i].fd >= 0 && l->list[i].due < next)
			next = l->list[i].due;
	return next;
}
