/*
 * Sockets that listen: what they are bound to, what is in the way, what is left behind.
 */
#include "server/shell/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/shell/binding.h"
#include "server/shell/connection.h"
#include "test/unit/unit.h"

static char folder[] = "/tmp/chatd-test-XXXXXX";

static int open_text(struct listeners *all, const char *text, struct log *log,
	struct error *error)
{
	struct endpoint e;
	int rc;

	CHECK_INT(endpoint_parse(&e, text, "--listen", error), 0);
	error->text[0] = '\0';
	rc = listeners_open(all, &e, log, error);
	endpoint_finish(&e);
	return rc;
}

static void own_address(const struct listener *l, struct address *address)
{
	struct sockaddr_storage storage;
	socklen_t len = sizeof(storage);

	CHECK_INT(getsockname(l->fd, (struct sockaddr *)&storage, &len), 0);
	binding_address(address, (struct sockaddr *)&storage, len);
}

static bool has_ipv6(void)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

/* PORT and *:PORT: both families, on the same port even if the kernel chose it. */
static void test_opens_both_families(void)
{
	static const char *const texts[] = { "0", "*:0" };

	for (int i = 0; i < 2; i++) {
		struct listeners all = { 0 };
		struct address first, second;
		struct error error;
		struct log log;

		CHECK_INT(log_init(&log, false), 0);
		CHECK_INT(open_text(&all, texts[i], &log, &error), 0);
		CHECK_INT(all.count, has_ipv6() ? 2 : 1);
		own_address(&all.items[0], &first);
		CHECK_INT(first.family, ADDRESS_V4);
		CHECK_INT(first.bytes[0], i == 0 ? 127 : 0);
		CHECK(first.port != 0);
		if (all.count > 1) {
			own_address(&all.items[1], &second);
			CHECK_INT(second.family, ADDRESS_V6);
			CHECK_INT(second.port, first.port);
		}
		listeners_close(&all);
		log_finish(&log);
	}
}

static void test_says_what_it_did(void)
{
	struct listeners all = { 0 };
	struct address address;
	struct error error;
	struct log log;
	const char *lines;
	char want[256];
	size_t len;

	CHECK_INT(log_init(&log, false), 0);
	CHECK_INT(open_text(&all, "127.0.0.1:0", &log, &error), 0);
	own_address(&all.items[0], &address);
	snprintf(want, sizeof(want),
		"create socket: success!\nbind to 127.0.0.1:%u: success!\nlisten: success!\n",
		address.port);
	len = log_pending(&log, &lines);
	CHECK_TEXT(lines, len, want);
	listeners_close(&all);
	log_finish(&log);
}

static void test_names_what_is_in_use(void)
{
	struct listeners all = { 0 };
	struct address address;
	struct error error;
	struct log log;
	char text[64], want[128];

	CHECK_INT(log_init(&log, false), 0);
	CHECK_INT(open_text(&all, "127.0.0.1:0", &log, &error), 0);
	own_address(&all.items[0], &address);
	snprintf(text, sizeof(text), "127.0.0.1:%u", address.port);
	CHECK_INT(open_text(&all, text, &log, &error), -1);
	snprintf(want, sizeof(want), "--listen: cannot listen on %s: Address already in use", text);
	CHECK_TEXT(error.text, strlen(error.text), want);
	CHECK_INT(error.status, ERROR_START);
	/* An address that no host has (RFC 5737) is an error where it is all there is. */
	CHECK_INT(open_text(&all, "192.0.2.1:0", &log, &error), -1);
	CHECK(strstr(error.text, "cannot listen on 192.0.2.1:0: ") != NULL);
	CHECK_INT(open_text(&all, "name.invalid:0", &log, &error), -1);
	CHECK(strstr(error.text, "--listen: cannot find name.invalid: ") == error.text);
	CHECK_INT(all.count, 1);
	listeners_close(&all);
	log_finish(&log);
}

static int dial(const struct address *to)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(to->port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memcpy(&a.sin_addr, to->bytes, 4);
	CHECK_INT(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void test_accepts(void)
{
	struct listeners all = { 0 };
	struct address here, from;
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	struct error error;
	struct log log;
	int client, fd;

	CHECK_INT(log_init(&log, false), 0);
	CHECK_INT(open_text(&all, "127.0.0.1:0,operator", &log, &error), 0);
	CHECK(all.items[0].is_operator && !all.items[0].proxy);
	CHECK(fcntl(all.items[0].fd, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(listener_accept(&all.items[0], &from), -1);
	CHECK(errno == EAGAIN || errno == EWOULDBLOCK);
	own_address(&all.items[0], &here);
	client = dial(&here);
	fd = listener_accept(&all.items[0], &from);
	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	CHECK_INT(getsockname(client, (struct sockaddr *)&peer, &len), 0);
	CHECK_INT(from.family, ADDRESS_V4);
	CHECK_INT(from.port, ntohs(peer.sin_port));
	CHECK_INT(from.bytes[0], 127);
	close(fd);
	close(client);
	listeners_close(&all);
	log_finish(&log);
}

/* Options come from the listener, or, where it does not hand them down, are set. */
static void test_tunes(void)
{
	struct listeners all = { 0 };
	struct address here, from;
	struct error error;
	struct log log;

	CHECK_INT(log_init(&log, false), 0);
	CHECK_INT(open_text(&all, "127.0.0.1:0", &log, &error), 0);
	own_address(&all.items[0], &here);
	for (int off = 0; off < 2; off++) {
		int client = dial(&here), fd, value = 0;
		socklen_t len = sizeof(value);

		fd = listener_accept(&all.items[0], &from);
		CHECK(connection_is_tuned(fd));
		CHECK_INT(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &len), 0);
		CHECK(value != 0);
		close(fd);
		close(client);
		value = 0;
		setsockopt(all.items[0].fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value));
		setsockopt(all.items[0].fd, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof(value));
	}
	listeners_close(&all);
	log_finish(&log);
}

static void test_keeps_unix_sockets(void)
{
	struct listeners all = { 0 }, other = { 0 };
	struct error error;
	struct log log;
	struct stat st;
	char path[64], text[128], want[256];
	FILE *file;

	CHECK_INT(log_init(&log, false), 0);
	snprintf(path, sizeof(path), "%s/sock", folder);
	snprintf(text, sizeof(text), "unix:%s", path);
	CHECK_INT(open_text(&all, text, &log, &error), 0);
	CHECK_INT(lstat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0660);

	/* One that lives is not taken away. */
	CHECK_INT(open_text(&other, text, &log, &error), -1);
	snprintf(want, sizeof(want), "--listen: cannot listen on %s: Address already in use", text);
	CHECK_TEXT(error.text, strlen(error.text), want);
	CHECK_INT(lstat(path, &st), 0);

	/* Where somebody else has put one in its place, that stays. */
	unlink(path);
	CHECK_INT(open_text(&other, text, &log, &error), 0);
	listeners_close(&all);
	CHECK_INT(lstat(path, &st), 0);

	/* One that was left behind is in nobody's way. */
	close(other.items[0].fd);
	CHECK_INT(open_text(&all, text, &log, &error), 0);
	CHECK_INT(lstat(path, &st), 0);
	listeners_close(&all);
	CHECK_INT(lstat(path, &st), -1);
	other.items[0].fd = -1;
	listeners_close(&other);

	/* What is no socket is never removed. */
	file = fopen(path, "w");
	CHECK(file != NULL);
	fclose(file);
	CHECK_INT(open_text(&other, text, &log, &error), -1);
	CHECK_INT(lstat(path, &st), 0);
	unlink(path);
	log_finish(&log);
}

static void test_unmaps_addresses(void)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	static const uint8_t want[16] = { 192, 0, 2, 7 };
	struct address address;

	inet_pton(AF_INET6, "::ffff:192.0.2.7", &a.sin6_addr);
	binding_address(&address, (struct sockaddr *)&a, sizeof(a));
	CHECK_INT(address.family, ADDRESS_V4);
	CHECK_INT(address.port, 9);
	CHECK_BYTES(address.bytes, sizeof(address.bytes), want, sizeof(want));
	inet_pton(AF_INET6, "2001:db8::1", &a.sin6_addr);
	binding_address(&address, (struct sockaddr *)&a, sizeof(a));
	CHECK_INT(address.family, ADDRESS_V6);
	CHECK_BYTES(address.bytes, 16, &a.sin6_addr, 16);
	binding_address(&address, (struct sockaddr *)&(struct sockaddr){ .sa_family = AF_UNIX },
		sizeof(sa_family_t));
	CHECK_INT(address.family, ADDRESS_UNIX);
	binding_address(&address, (struct sockaddr *)&a, 0);
	CHECK_INT(address.family, ADDRESS_NONE);
}

static const struct unit_test tests[] = {
	{ "opens both families", test_opens_both_families },
	{ "says what it did", test_says_what_it_did },
	{ "names what is in use", test_names_what_is_in_use },
	{ "accepts", test_accepts },
	{ "tunes", test_tunes },
	{ "keeps unix sockets", test_keeps_unix_sockets },
	{ "unmaps addresses", test_unmaps_addresses },
};

int main(void)
{
	int rc;

	if (mkdtemp(folder) == NULL)
		return 1;
	rc = unit_run(tests, sizeof(tests) / sizeof(tests[0]));
	rmdir(folder);
	return rc;
}
