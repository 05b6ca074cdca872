/*
 * Newcomers come in at once, however many there are.
 */
#include "server/shell/acceptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include "test/unit/unit.h"

struct hall {
	struct listeners listeners;
	struct log log;
	struct pollfd polls[1];
	struct acceptor acceptor;
	struct time now;
};

static void begin(struct hall *h)
{
	struct endpoint e;
	struct error error;

	*h = (struct hall){ .polls[0] = { .events = POLLIN }, .now = { .usec = 1000000 } };
	CHECK_INT(log_init(&h->log, false), 0);
	CHECK_INT(endpoint_parse(&e, "127.0.0.1:0", "--listen", &error), 0);
	CHECK_INT(listeners_open(&h->listeners, &e, &h->log, &error), 0);
	endpoint_finish(&e);
	CHECK_INT(acceptor_polls(&h->listeners), 1);
	acceptor_init(&h->acceptor, &h->listeners, h->polls, &h->log);
}

static void end(struct hall *h)
{
	acceptor_close(&h->acceptor);
	acceptor_finish(&h->acceptor);
	log_finish(&h->log);
}

/* Connects so many, and lets the connections go once they are in the kernel's queue. */
static void come(const struct hall *h, int count)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	CHECK_INT(getsockname(h->listeners.items[0].fd, (struct sockaddr *)&a, &len), 0);
	for (; count > 0; count--) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		CHECK_INT(connect(fd, (struct sockaddr *)&a, len), 0);
		close(fd);
	}
}

/* A turn without anything else to wait for; returns how many came in. */
static int turn(struct hall *h)
{
	struct newcomer n;
	int count = 0;

	acceptor_watch(&h->acceptor, true);
	poll(h->polls, 1, 0);
	while (acceptor_next(&h->acceptor, &n, h->now)) {
		if (n.fd >= 0)
			close(n.fd);
		count++;
	}
	return count;
}

static void test_lets_in(void)
{
	struct hall h;

	begin(&h);
	for (int i = 0; i < 3; i++) {
		come(&h, 2);
		CHECK_INT(turn(&h), 2);
		CHECK_INT(acceptor_deadline(&h.acceptor, h.now), TIME_NEVER);
	}
	end(&h);
}

static const struct unit_test tests[] = {
	{ "everyone comes in at once", test_lets_in },
};

UNIT_MAIN(tests)
