/*
 * Where connections wait for their PROXY header (lobby.h).
 */
#include "server/shell/lobby.h"

#include <stdlib.h>
#include <unistd.h>

#include "server/shell/connection.h"

void lobby_init(struct lobby *l, struct pollfd *polls, struct log *log)
{
	*l = (struct lobby){ .polls = polls, .log = log };
}

static void leave(struct lobby *l, int i)
{
	l->guests[i].fd = -1;
	l->polls[i].fd = -1;
}

static void turn_away(struct lobby *l, int i, const char *why, struct moment now)
{
	struct guest *guest = &l->guests[i];
	char address[ADDRESS_TEXT_MAX];

	address_text(address, &guest->from);
	log_line(l->log, LOG_AT_NOTICE, "connect from %s refused: PROXY: %s. TIME: %s", address,
		why, stamp_at(&l->stamp, now.time));
	close(guest->fd);
	leave(l, i);
}

void lobby_finish(struct lobby *l)
{
	for (int i = 0; l->guests != NULL && i < LOBBY_GUESTS; i++)
		if (l->guests[i].fd >= 0)
			close(l->guests[i].fd);
	free(l->guests);
	l->guests = NULL;
}

/* A free seat, or that of who has been waiting for the longest; -1 for no memory. */
static int find_seat(struct lobby *l, struct moment now)
{
	int oldest = 0;

	if (l->guests == NULL) {
		l->guests = malloc(LOBBY_GUESTS * sizeof(*l->guests));
		for (int i = 0; l->guests != NULL && i < LOBBY_GUESTS; i++)
			l->guests[i].fd = -1;
		return l->guests == NULL ? -1 : 0;
	}
	for (int i = 0; i < LOBBY_GUESTS; i++) {
		if (l->guests[i].fd < 0)
			return i;
		if (l->guests[i].due < l->guests[oldest].due)
			oldest = i;
	}
	turn_away(l, oldest, "too many wait for their header", now);
	return oldest;
}

struct guest *lobby_enter(struct lobby *l, const struct newcomer *n, struct moment now)
{
	int i = find_seat(l, now);

	if (i < 0) {
		close(n->fd);
		return NULL;
	}
	l->guests[i].fd = n->fd;
	l->guests[i].operator = n->operator;
	l->guests[i].from = n->from;
	l->guests[i].due = now.ticks + LOBBY_PATIENCE;
	l->guests[i].len = 0;
	l->polls[i].fd = n->fd;
	/* As a rule the header has come with the connection. */
	l->polls[i].revents = POLLIN;
	return &l->guests[i];
}

/* Takes in what there is of a header, and whoever it says there is. */
static void hear(struct lobby *l, int i, struct newcomer *n, struct moment now)
{
	struct guest *guest = &l->guests[i];
	struct connection c = { .fd = guest->fd };
	ssize_t len = connection_read(&c, guest->bytes + guest->len,
		sizeof(guest->bytes) - guest->len);
	struct proxy proxy;

	if (len == CONNECTION_NOTHING)
		return;
	if (len <= 0 && guest->len == 0) {
		/* It came only to see whether we are there: no matter for the log. */
		close(guest->fd);
		leave(l, i);
		return;
	}
	if (len <= 0) {
		turn_away(l, i, "it ended before its header did", now);
		return;
	}
	guest->len += (size_t)len;
	switch (proxy_parse(&proxy, guest->bytes, guest->len)) {
	case PROXY_MORE:
		return;
	case PROXY_BAD:
		turn_away(l, i, proxy.reason, now);
		return;
	case PROXY_FROM:
		guest->from = proxy.from;
		break;
	case PROXY_LOCAL:
		break;
	}
	*n = (struct newcomer){
		.fd = guest->fd,
		.operator = guest->operator,
		.from = guest->from,
		.bytes = guest->bytes + proxy.used,
		.len = guest->len - proxy.used,
	};
	leave(l, i);
}

bool lobby_next(struct lobby *l, struct newcomer *n, struct moment now)
{
	n->fd = -1;
	for (int i = 0; l->guests != NULL && i < LOBBY_GUESTS; i++) {
		if (l->guests[i].fd < 0)
			continue;
		if (l->polls[i].revents != 0) {
			l->polls[i].revents = 0;
			hear(l, i, n, now);
			return true;
		}
		if (now.ticks >= l->guests[i].due) {
			turn_away(l, i, "its header did not come", now);
			return true;
		}
	}
	return false;
}

int64_t lobby_deadline(const struct lobby *l)
{
	int64_t next = MOMENT_NEVER;

	for (int i = 0; l->guests != NULL && i < LOBBY_GUESTS; i++)
		if (l->guests[i].fd >= 0 && l->guests[i].due < next)
			next = l->guests[i].due;
	return next;
}
