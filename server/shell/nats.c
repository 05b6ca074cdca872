/*
 * The socket to a nats-server (nats.h). The rule: the link decides, and the socket follows; where
 * they differ after a turn, the socket is closed.
 */
#include "server/shell/nats.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/core/base/time.h"


void nats_close(struct nats *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

static void lose(struct nats *n, const char *why, int64_t now)
{
	link_lose(n->link, LINK_UNREACHABLE, why, now);
	nats_close(n);
}

struct pollfd nats_poll(const struct nats *n)
{
	bool waits = n->link->state == LINK_DIALS || buffer_len(&n->link->out) > 0;

	return (struct pollfd){ .fd = n->fd, .events = (short)(POLLIN | (waits ? POLLOUT : 0)) };
}

static int open_socket(int family)
{
	int on = 1;
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		close(fd);
		return -1;
	}
	/* Without these two it is slower, or notices a dead machine later. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	return fd;
}

static void dial(struct nats *n, int64_t now)
{
	const struct target *to = &n->targets->items[n->link->target];

	link_dialing(n->link, now);
	n->fd = open_socket(to->address.ss_family);
	if (n->fd >= 0 && connect(n->fd, (const struct sockaddr *)&to->address, to->len) == 0)
		link_connected(n->link, now);
	else if (n->fd < 0 || errno != EINPROGRESS)
		lose(n, strerror(errno), now);
}

static void finish_dialing(struct nats *n, int64_t now)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(n->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0)
		lose(n, strerror(error), now);
	else
		link_connected(n->link, now);
}

static void receive(struct nats *n, int64_t now)
{
	size_t room;
	char *space = link_space(n->link, &room);
	ssize_t len = space != NULL ? recv(n->fd, space, room, 0) : -1;

	if (len > 0)
		link_received(n->link, (size_t)len, now);
	else if (len == 0)
		lose(n, "it has ended the connection", now);
	else if (space != NULL && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		lose(n, strerror(errno), now);
}

void nats_receive(struct nats *n, short revents, int64_t now)
{
	if (n->fd >= 0 && revents != 0) {
		if (n->link->state == LINK_DIALS)
			finish_dialing(n, now);
		else
			receive(n, now);
	}
	if (n->fd < 0 && link_wants_dial(n->link, now))
		dial(n, now);
}

void nats_send(struct nats *n, int64_t now)
{
	struct buffer *out = &n->link->out;

	if (n->link->state == LINK_WAITS)
		nats_close(n);
	if (n->fd < 0 || n->link->state == LINK_DIALS || buffer_len(out) == 0)
		return;
	ssize_t len = send(n->fd, out->bytes + out->start, buffer_len(out), MSG_NOSIGNAL);

	if (len > 0)
		link_sent(n->link, (size_t)len);
	else if (len < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		lose(n, strerror(errno), now);
}
