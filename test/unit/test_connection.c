/*
 * What the system says of a connection: ends, resets, full buffers, and who is still there.
 */
#define _GNU_SOURCE /* struct tcp_info */
#include "server/shell/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test/unit/unit.h"

/* Two ends of a TCP connection; the server's is tuned and does not block. */
struct pair {
	struct connection server;
	int client;
};

static struct pair open_pair(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int size = 8192;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct pair p;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK_INT(bind(listener, (struct sockaddr *)&a, len), 0);
	CHECK_INT(listen(listener, 1), 0);
	CHECK_INT(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	p.client = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(p.client, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	CHECK_INT(connect(p.client, (struct sockaddr *)&a, len), 0);
	p.server = (struct connection){ .fd = accept(listener, NULL, NULL) };
	CHECK(p.server.fd >= 0);
	fcntl(p.server.fd, F_SETFL, O_NONBLOCK);
	connection_tune(p.server.fd);
	close(listener);
	return p;
}

static void close_pair(struct pair *p)
{
	close(p->server.fd);
	if (p->client >= 0)
		close(p->client);
}

static void reset_client(struct pair *p)
{
	struct linger none = { .l_onoff = 1 };

	setsockopt(p->client, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(p->client);
	p->client = -1;
}

/* Waits until something can be read or is known, and reads it. */
static ssize_t read_next(struct pair *p, char *bytes, size_t size)
{
	struct pollfd waits = { .fd = p->server.fd, .events = POLLIN };

	CHECK_INT(poll(&waits, 1, 10000), 1);
	return connection_read(&p->server, bytes, size);
}

static ssize_t send_text(struct pair *p, const char *text)
{
	struct iovec iov[2] = {
		{ .iov_base = (void *)text, .iov_len = 1 },
		{ .iov_base = (void *)(text + 1), .iov_len = strlen(text) - 1 },
	};

	return connection_send(&p->server, iov, 2);
}

static void test_reads_to_an_orderly_end(void)
{
	struct pair p = open_pair();
	char bytes[16];

	CHECK_INT(connection_read(&p.server, bytes, sizeof(bytes)), CONNECTION_NOTHING);
	CHECK_INT(send(p.client, "hello", 5, 0), 5);
	shutdown(p.client, SHUT_WR);
	CHECK_INT(read_next(&p, bytes, 4), 4);
	CHECK_INT(read_next(&p, bytes, sizeof(bytes)), 1);
	CHECK_INT(read_next(&p, bytes, sizeof(bytes)), 0);
	CHECK_INT(send_text(&p, "bye"), 3);
	CHECK(!p.server.blocked);
	CHECK_INT(recv(p.client, bytes, sizeof(bytes), 0), 3);
	connection_shut(&p.server);
	CHECK(p.server.shut);
	CHECK_INT(recv(p.client, bytes, sizeof(bytes), 0), 0);
	close_pair(&p);
}

/* What came before a reset is read before it is told. */
static void test_reads_to_a_reset(void)
{
	struct pair p = open_pair();
	char bytes[16];

	CHECK_INT(send(p.client, "hello", 5, 0), 5);
	reset_client(&p);
	CHECK_INT(read_next(&p, bytes, sizeof(bytes)), 5);
	CHECK_INT(read_next(&p, bytes, sizeof(bytes)), CONNECTION_RESET);
	close_pair(&p);
}

/* Also if sending has met it first, which takes the error away. */
static void test_knows_a_reset_that_sending_met(void)
{
	struct pair p = open_pair();
	char bytes[16];

	CHECK_INT(send(p.client, "hello", 5, 0), 5);
	reset_client(&p);
	CHECK_INT(send_text(&p, "to nobody"), CONNECTION_RESET);
	CHECK_INT(read_next(&p, bytes, sizeof(bytes)), 5);
	CHECK_INT(read_next(&p, bytes, sizeof(bytes)), CONNECTION_RESET);
	close_pair(&p);
}

/* One who has said all and closed is no reset, though he takes nothing any more. */
static void test_knows_an_end_that_sending_met(void)
{
	struct pair p = open_pair();
	struct pollfd waits = { .fd = p.server.fd };
	char bytes[16];

	CHECK_INT(send(p.client, "hello", 5, 0), 5);
	close(p.client);
	p.client = -1;
	CHECK_INT(send_text(&p, "to nobody"), 9);
	CHECK_INT(poll(&waits, 1, 10000), 1);
	CHECK_INT(send_text(&p, "to nobody"), CONNECTION_RESET);
	CHECK_INT(read_next(&p, bytes, sizeof(bytes)), 5);
	CHECK_INT(read_next(&p, bytes, sizeof(bytes)), 0);
	close_pair(&p);
}

#ifdef __linux__
static int user_timeout(const struct pair *p)
{
	int value = 0;
	socklen_t len = sizeof(value);

	CHECK_INT(getsockopt(p->server.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &len), 0);
	return value;
}

static bool is_stalled(const struct pair *p)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	CHECK_INT(getsockopt(p->server.fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	return info.tcpi_unacked == 0;
}

/* Sends until no more is taken; returns how much was. */
static size_t fill(struct pair *p)
{
	static char bytes[4096];
	struct iovec iov = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	size_t sent = 0;

	while (!p->server.blocked)
		sent += (size_t)connection_send(&p->server, &iov, 1);
	CHECK(sent > sizeof(bytes) && connection_unsent(&p->server) > 0);
	CHECK_INT(connection_send(&p->server, &iov, 1), 0);
	return sent;
}

static void drain(struct pair *p, size_t len)
{
	char bytes[4096];

	while (len > 0) {
		ssize_t n = recv(p->client, bytes, sizeof(bytes), 0);

		CHECK(n > 0);
		len -= n > 0 ? (size_t)n : len;
	}
}

/* What the peer's system has room for is as good as read; what it has not is not, however long. */
static void test_tells_what_is_read(void)
{
	struct pair p = open_pair();
	int quick = 0;
	size_t sent, unread;

	/* Its system says only later that it has taken this; that there is room is known already. */
	setsockopt(p.client, IPPROTO_TCP, TCP_QUICKACK, &quick, sizeof(quick));
	for (int i = 0; i < 10; i++) {
		CHECK_INT(send_text(&p, "hello"), 5);
		CHECK_INT(connection_unread(&p.server), 0);
	}
	sent = fill(&p);
	unread = connection_unread(&p.server);
	while (!is_stalled(&p))
		poll(NULL, 0, 10);
	/* It has let its system take all that it could. */
	CHECK(connection_unread(&p.server) <= unread);
	unread = connection_unread(&p.server);
	CHECK(unread > 0 && unread < sent);
	drain(&p, 50 + sent);
	CHECK_INT(connection_unread(&p.server), 0);
	close_pair(&p);
}

/* On a unix socket what is sent has arrived: nothing is lost when we close. */
static void test_tells_what_has_arrived(void)
{
	struct pair p;
	char bytes[16];
	int ends[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	p = (struct pair){ .server = { .fd = ends[0] }, .client = ends[1] };
	connection_tune(p.server.fd);
	CHECK_INT(send_text(&p, "hello"), 5);
	CHECK_INT(connection_unsent(&p.server), 0);
	CHECK(connection_unread(&p.server) > 0);
	CHECK_INT(recv(p.client, bytes, sizeof(bytes), 0), 5);
	CHECK_INT(connection_unread(&p.server), 0);
	CHECK_INT(send_text(&p, "bye"), 3);
	close(p.server.fd);
	CHECK_INT(recv(p.client, bytes, sizeof(bytes), 0), 3);
	close(p.client);
}

/* One that takes nothing blocks; while it answers it is not taken for dead. */
static void test_spares_one_who_answers(void)
{
	struct pair p = open_pair();
	int timeout = user_timeout(&p);
	size_t sent;

	CHECK(timeout >= 60000 && timeout <= 180000);
	sent = fill(&p);
	while (!is_stalled(&p))
		poll(NULL, 0, 10);
	CHECK(!connection_is_dead(&p.server));
	CHECK_INT(user_timeout(&p), 0);
	CHECK(!connection_is_dead(&p.server));
	drain(&p, sent);
	while (connection_unsent(&p.server) > 0)
		poll(NULL, 0, 10);
	CHECK(!connection_is_dead(&p.server));
	CHECK_INT(user_timeout(&p), timeout);
	CHECK_INT(send_text(&p, "there"), 5);
	CHECK(!p.server.blocked);
	close_pair(&p);
}
#endif

static const struct unit_test tests[] = {
	{ "reads to an orderly end", test_reads_to_an_orderly_end },
	{ "reads to a reset", test_reads_to_a_reset },
	{ "knows a reset that sending met", test_knows_a_reset_that_sending_met },
	{ "knows an end that sending met", test_knows_an_end_that_sending_met },
#ifdef __linux__
	{ "tells what is read", test_tells_what_is_read },
	{ "tells what has arrived", test_tells_what_has_arrived },
	{ "spares one who answers", test_spares_one_who_answers },
#endif
};

UNIT_MAIN(tests)
