/*
 * Connections that wait for their PROXY header (handshake.h). However many wait, the rest of the
 * server does not: the oldest makes room for the newest.
 */
#include "server/shell/handshake.h"

#include <stdlib.h>
#include <unistd.h>

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
	l->list[i].due = now.usec + HANDSHAKE_PATIENCE;
	l->list[i].len = 0;
	l->polls[i].fd = n->fd;
	/* As a rule the header has come with the connection. */
	l->polls[i].revents = POLLIN;
	return &l->list[i];
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
	if (len <= 0 && handshake->len == 0) {
		/* A health check of the front end: nothing for the log. */
		close(handshake->fd);
		release(l, i);
		return;
	}
	if (len <= 0) {
		reject(l, i, "it ended before its header did", now);
		return;
	}
	handshake->len += (size_t)len;
	switch (proxy_parse(&proxy, handshake->bytes, handshake->len)) {
	case PROXY_MORE:
		return;
	case PROXY_BAD:
		reject(l, i, proxy.reason, now);
		return;
	case PROXY_FROM:
		handshake->from = proxy.from;
		break;
	case PROXY_LOCAL:
		break;
	}
	*n = (struct newcomer){
		.fd = handshake->fd,
		.is_operator = handshake->is_operator,
		.telnet = handshake->telnet,
		.is_web = handshake->is_web,
		.web = handshake->web,
		.from = handshake->from,
		.bytes = handshake->bytes + proxy.used,
		.len = handshake->len - proxy.used,
	};
	release(l, i);
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
