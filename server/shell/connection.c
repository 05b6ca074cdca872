/*
 * The descriptor at a place of the core (connection.h). No call here blocks, and no error ends more
 * than this connection. Keepalive and timeouts: tcp(7), RFC 1122 4.2.3.6, RFC 5482.
 */
#include "server/shell/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum {
	/* Bytes that the kernel may hold for one client each way; Linux doubles them. */
	SEND_BUFFER = 128 * 1024,
	RECEIVE_BUFFER = 64 * 1024,

	/* Seconds. A peer that is gone answers none of the probes: 60 + 4 * 15 = 120. */
	KEEP_IDLE = 60,
	KEEP_INTERVAL = 15,
	KEEP_COUNT = 4,
	USER_TIMEOUT_MS = 120 * 1000,

	/* tcpi_snd_wnd, as a number of 32 bits: Linux 5.4 has it, but not every C library. */
	INFO_WINDOW = 57,

	/* One whose window is closed is asked again and again, at last every 120 seconds. */
	ANSWER_MS = 130 * 1000,
};

static const struct {
	int level, option, value;
} tuning[] = {
	{ SOL_SOCKET, SO_SNDBUF, SEND_BUFFER },
	{ SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER },
	{ SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ SOL_SOCKET, SO_OOBINLINE, 1 }, /* telnet's Synch is a byte of its stream */
	{ IPPROTO_TCP, TCP_NODELAY, 1 },
#ifdef TCP_KEEPIDLE
	{ IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE },
#endif
#ifdef TCP_KEEPINTVL
	{ IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL },
#endif
#ifdef TCP_KEEPCNT
	{ IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT },
#endif
#ifdef TCP_USER_TIMEOUT
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS },
#endif
};

static void set(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

void connection_tune(int fd)
{
	for (size_t i = 0; i < sizeof(tuning) / sizeof(tuning[0]); i++)
		set(fd, tuning[i].level, tuning[i].option, tuning[i].value);
}

bool connection_is_tuned(int fd)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &len) == 0 && value != 0;
}

static bool is_for_later(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/*
 * Linux hands out what came before a reset, then the reset as an error, once: if sending has
 * already met it, what follows the input looks like an orderly end.
 */
ssize_t connection_read(struct connection *c, void *bytes, size_t size)
{
	ssize_t n = recv(c->fd, bytes, size, 0);

	if (n > 0)
		return n;
	if (n < 0 && is_for_later(errno))
		return CONNECTION_NOTHING;
	if (n < 0 || c->reset)
		return CONNECTION_RESET;
	return 0;
}

static ssize_t send_pieces(int fd, struct iovec *iov, int count)
{
	struct msghdr message = { .msg_iov = iov };

	message.msg_iovlen = (size_t)count;
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

ssize_t connection_send(struct connection *c, struct iovec *iov, int count)
{
	size_t offered = iov->iov_len;
	ssize_t n;

	for (int i = 1; i < count; i++)
		offered += iov[i].iov_len;
	/* Mostly it is one run of the feed, and send() has less to unpack. */
	if (count == 1)
		n = send(c->fd, iov->iov_base, iov->iov_len, MSG_NOSIGNAL);
	else
		n = send_pieces(c->fd, iov, count);
	if (n < 0 && !is_for_later(errno)) {
		/* EPIPE alone: the peer took no more, but it may have ended in good order. */
		c->reset = c->reset || errno != EPIPE;
		return CONNECTION_RESET;
	}
	if (n < 0)
		n = 0;
	c->blocked = (size_t)n < offered;
	return n;
}

void connection_shut(struct connection *c)
{
	(void)shutdown(c->fd, SHUT_WR);
	c->shut = true;
}

/* Bytes that have been sent, and not been taken by the other system or, on this one, the peer. */
static size_t queued(const struct connection *c)
{
#ifdef TIOCOUTQ
	int bytes;

	if (ioctl(c->fd, TIOCOUTQ, &bytes) == 0 && bytes > 0)
		return (size_t)bytes;
#endif
	return 0;
}

/* A unix socket: what has been sent is with the peer, also when we close. */
static bool is_local(const struct connection *c)
{
	struct sockaddr address = { 0 };
	socklen_t len = sizeof(address);

	return getsockname(c->fd, &address, &len) == 0 && address.sa_family == AF_UNIX;
}

size_t connection_unsent(const struct connection *c)
{
	return is_local(c) ? 0 : queued(c);
}

/* Bytes that the peer is ready for, from the first on that it has not taken. */
static size_t window(const struct connection *c)
{
#ifdef __linux__
	uint32_t info[INFO_WINDOW + 1];
	socklen_t len = sizeof(info);

	if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, info, &len) == 0 && len == sizeof(info))
		return info[INFO_WINDOW];
#else
	(void)c;
#endif
	return 0;
}

size_t connection_unread(const struct connection *c)
{
	size_t bytes = queued(c), room = bytes > 0 ? window(c) : 0;

	return bytes > room ? bytes - room : 0;
}

/*
 * Where a peer's window is closed, Linux ends the connection when TCP_USER_TIMEOUT is over, however
 * well the peer answers (tcp_probe_timer()). But one whose terminal is stopped is not dead: as
 * long as it answers, the timeout is lifted.
 */
bool connection_is_dead(struct connection *c)
{
#ifdef __linux__
	struct tcp_info info;
	socklen_t len = sizeof(info);
	bool stalled = false;

	if (connection_unsent(c) > 0) {
		if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
			return false;
		/* With nothing on its way, what is unsent waits for the window. */
		if (info.tcpi_unacked == 0 && info.tcpi_last_ack_recv >= ANSWER_MS)
			return c->spared;
		stalled = info.tcpi_unacked == 0;
	}
	if (stalled != c->spared)
		set(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, stalled ? 0 : USER_TIMEOUT_MS);
	c->spared = stalled;
#endif
	return false;
}
