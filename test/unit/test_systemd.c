/*
 * systemd's protocols, with the test as the service manager.
 */
#include "server/shell/systemd.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include "test/unit/unit.h"

static void set_number(const char *variable, uintmax_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%ju", number);
	setenv(variable, text, 1);
}

/* A manager's socket at a path, "@" first for an abstract one, and its name in the environment. */
static int manager_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	else
		unlink(path);
	CHECK_INT(bind(fd, (struct sockaddr *)&address,
			  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
	setenv("NOTIFY_SOCKET", path, 1);
	return fd;
}

static void check_told(int manager, const char *want)
{
	char got[1024];
	ssize_t n = recv(manager, got, sizeof(got), 0);

	CHECK_TEXT(got, n > 0 ? (size_t)n : 0, want);
}

static void check_messages(const char *path)
{
	int manager = manager_at(path);
	struct systemd s;

	CHECK_INT(systemd_init(&s), 0);
	CHECK(s.fd >= 0);
	CHECK(fcntl(s.fd, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(systemd_deadline(&s), INT64_MAX);
	systemd_ready(&s);
	check_told(manager, "READY=1\n");
	systemd_reloading(&s, 1234567);
	check_told(manager, "RELOADING=1\nMONOTONIC_USEC=1234567\n");
	systemd_stopping(&s);
	check_told(manager, "STATUS=shutting down\nSTOPPING=1\n");
	systemd_finish(&s);
	systemd_ready(&s);
	check_told(manager, "");
	close(manager);
}

static void test_path(void)
{
	char directory[] = "/tmp/chatd-test-XXXXXX";
	char path[64];

	CHECK(mkdtemp(directory) != NULL);
	snprintf(path, sizeof(path), "%s/notify", directory);
	check_messages(path);
	unlink(path);
	rmdir(directory);
}

static void test_abstract(void)
{
	char path[64];

	snprintf(path, sizeof(path), "@chatd-test-%d", (int)getpid());
	check_messages(path);
}

static void test_no_manager(void)
{
	static const char *const paths[] = { "", "notify", "vsock:2:1", "/nonexistent/notify",
		"@chatd-test-nobody",
		"/far/too/long/for/a/socket/address/"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" };
	struct systemd s;

	setenv("WATCHDOG_USEC", "1000000", 1);
	for (size_t i = 0; i <= sizeof(paths) / sizeof(paths[0]); i++) {
		if (i == 0)
			unsetenv("NOTIFY_SOCKET");
		else
			setenv("NOTIFY_SOCKET", paths[i - 1], 1);
		CHECK_INT(systemd_init(&s), i == 0 ? 0 : -1);
		CHECK_INT(s.fd, -1);
		CHECK_INT(systemd_deadline(&s), INT64_MAX);
		systemd_ready(&s);
		systemd_tick(&s, 1, 0);
		CHECK_INT(systemd_deadline(&s), INT64_MAX);
		systemd_finish(&s);
	}
	unsetenv("WATCHDOG_USEC");
}

static void test_watchdog(void)
{
	char path[64];
	struct systemd s;

	snprintf(path, sizeof(path), "@chatd-test-%d", (int)getpid());
	int manager = manager_at(path);
	setenv("WATCHDOG_USEC", "3000000", 1);
	CHECK_INT(systemd_init(&s), 0);
	CHECK_INT(systemd_deadline(&s), 0);
	systemd_tick(&s, 0, 100);
	check_told(manager, "WATCHDOG=1\n");
	check_told(manager, "STATUS=0 clients\n");
	CHECK_INT(systemd_deadline(&s), 1500100);
	systemd_tick(&s, 0, 1500099);
	check_told(manager, "");
	systemd_tick(&s, 0, 1500100);
	check_told(manager, "WATCHDOG=1\n");
	systemd_finish(&s);

	set_number("WATCHDOG_PID", (uintmax_t)getpid());
	CHECK_INT(systemd_init(&s), 0);
	CHECK_INT(systemd_deadline(&s), 0);
	systemd_finish(&s);
	set_number("WATCHDOG_PID", (uintmax_t)getpid() + 1);
	CHECK_INT(systemd_init(&s), 0);
	CHECK_INT(systemd_deadline(&s), INT64_MAX);
	systemd_finish(&s);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "soon", 1);
	CHECK_INT(systemd_init(&s), 0);
	CHECK_INT(systemd_deadline(&s), INT64_MAX);
	systemd_finish(&s);
	unsetenv("WATCHDOG_USEC");
	close(manager);
}

/* How many there are is said once a second at most, and the last number is always said. */
static void test_clients(void)
{
	enum { SECOND = 1000 * 1000 };
	char path[64];
	struct systemd s;

	snprintf(path, sizeof(path), "@chatd-test-%d", (int)getpid());
	int manager = manager_at(path);
	CHECK_INT(systemd_init(&s), 0);
	systemd_tick(&s, 0, 100);
	check_told(manager, "STATUS=0 clients\n");
	CHECK_INT(systemd_deadline(&s), INT64_MAX);
	systemd_tick(&s, 1, 200);
	systemd_tick(&s, 2, 300);
	check_told(manager, "");
	CHECK_INT(systemd_deadline(&s), 100 + SECOND);
	systemd_tick(&s, 2, 100 + SECOND);
	check_told(manager, "STATUS=2 clients\n");
	CHECK_INT(systemd_deadline(&s), INT64_MAX);
	systemd_tick(&s, 3, 200 + SECOND);
	systemd_tick(&s, 2, 300 + SECOND);
	CHECK_INT(systemd_deadline(&s), INT64_MAX);
	check_told(manager, "");
	systemd_finish(&s);
	close(manager);
}

/* A manager that reads nothing: messages are dropped and nobody waits. */
static void test_deaf_manager(void)
{
	char path[64];
	struct systemd s;

	snprintf(path, sizeof(path), "@chatd-test-%d", (int)getpid());
	int manager = manager_at(path);
	CHECK_INT(systemd_init(&s), 0);
	for (int i = 0; i < 10000; i++)
		systemd_ready(&s);
	check_told(manager, "READY=1\n");
	systemd_finish(&s);
	close(manager);
}

static int listening(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t));
	listen(fd, 1);
	return fd;
}

/* Puts these descriptors at 3 and up, as systemd does, and what stood there back again. */
static int take(const int *fds, int count, const char *names, struct listener *sockets,
	struct error *error)
{
	int saved[3] = { -1, -1, -1 };

	for (int i = 0; i < count; i++) {
		saved[i] = fcntl(3 + i, F_DUPFD, 20);
		dup2(fds[i], 3 + i);
	}
	set_number("LISTEN_PID", (uintmax_t)getpid());
	set_number("LISTEN_FDS", (uintmax_t)count);
	if (names != NULL)
		setenv("LISTEN_FDNAMES", names, 1);
	int got = systemd_sockets(sockets, error);
	for (int i = 0; i < count; i++) {
		if (got == count)
			CHECK(fcntl(3 + i, F_GETFD) & FD_CLOEXEC &&
				fcntl(3 + i, F_GETFL) & O_NONBLOCK);
		close(3 + i);
		if (saved[i] >= 0) {
			dup2(saved[i], 3 + i);
			close(saved[i]);
		}
	}
	CHECK(getenv("LISTEN_FDS") == NULL);
	CHECK(getenv("LISTEN_PID") == NULL);
	CHECK(getenv("LISTEN_FDNAMES") == NULL);
	return got;
}

static void test_sockets(void)
{
	static const struct {
		const char *names;
		const char *flags; /* two letters a socket */
		const char *rooms[3];
	} cases[] = {
		{ NULL, "------", { "", "", "" } },
		{ "", "------", { "", "", "" } },
		{ "chatd.socket:chatd.socket:chatd.socket", "------", { "", "", "" } },
		{ "proxy:operator:proxy,operator", "p--opo", { "", "", "" } },
		{ "tls,proxy::operator,", "p----o", { "", "", "" } },
		{ "proxy,tls::,,operator,x", "p----o", { "", "", "" } },
		{ "proxys:xoperator:proxy-operator", "------", { "", "", "" } },
		{ "proxy", "p-----", { "", "", "" } },
		{ "a:b:c:d:operator", "------", { "", "", "" } },
		{ "room=tea:room=#Milk,proxy:operator,room=tea,x", "--p--o",
			{ "tea", "Milk", "tea" } },
	};
	int fds[3] = { fcntl(listening(), F_DUPFD, 10), fcntl(listening(), F_DUPFD, 10),
		fcntl(listening(), F_DUPFD, 10) };
	struct listener sockets[SYSTEMD_SOCKETS_MAX];
	struct error error;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(take(fds, 3, cases[i].names, sockets, &error), 3);
		char flags[6];
		for (int k = 0; k < 3; k++) {
			CHECK_INT(sockets[k].fd, 3 + k);
			flags[2 * k] = sockets[k].proxy ? 'p' : '-';
			flags[2 * k + 1] = sockets[k].is_operator ? 'o' : '-';
			CHECK_TEXT(sockets[k].web.room, strlen(sockets[k].web.room),
				cases[i].rooms[k]);
		}
		CHECK_TEXT(flags, sizeof(flags), cases[i].flags);
	}
}

static void test_wrong_names(void)
{
	static char long_name[300];
	static const struct {
		const char *name, *error;
	} cases[] = {
		{ "room=", "LISTEN_FDNAMES: the name of a room must not be empty, not \"\"" },
		{ "room=all", "LISTEN_FDNAMES: the name of a room must not be a reserved word, or "
			"look like one, not \"all\"" },
		{ "web,operator", "LISTEN_FDNAMES: operator and telnet do not go with web or metrics" },
		{ "metrics,room=tea", "LISTEN_FDNAMES: room and metrics do not go together" },
		{ long_name, "LISTEN_FDNAMES: a name has at most 255 bytes" },
	};
	int fd = fcntl(listening(), F_DUPFD, 10);
	struct listener sockets[SYSTEMD_SOCKETS_MAX];

	memset(long_name, 'x', 256);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = { 0 };

		CHECK_INT(take(&fd, 1, cases[i].name, sockets, &error), -1);
		CHECK_INT(error.status, ERROR_USAGE);
		CHECK_TEXT(error.text, strlen(error.text), cases[i].error);
	}
	long_name[255] = '\0';
	CHECK_INT(take(&fd, 1, long_name, sockets, &(struct error){ 0 }), 1);
}

static void test_no_sockets(void)
{
	struct listener sockets[SYSTEMD_SOCKETS_MAX];
	struct error error = { 0 };

	CHECK_INT(systemd_sockets(sockets, &error), 0);
	setenv("LISTEN_FDS", "1", 1);
	set_number("LISTEN_PID", (uintmax_t)getpid() + 1);
	CHECK_INT(systemd_sockets(sockets, &error), 0);
	unsetenv("LISTEN_FDS");
	set_number("LISTEN_PID", (uintmax_t)getpid());
	CHECK_INT(systemd_sockets(sockets, &error), 0);
	CHECK(error.text[0] == '\0');

	static const char *const counts[] = { "", "one", "-1", "65", "99999999999999999999" };
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		set_number("LISTEN_PID", (uintmax_t)getpid());
		setenv("LISTEN_FDS", counts[i], 1);
		CHECK_INT(systemd_sockets(sockets, &error), -1);
		CHECK(error.text[0] != '\0');
	}
}

/* Sockets that take no connections, and what is no socket at all. */
static void test_wrong_sockets(void)
{
	int wrong[] = { open("/dev/null", O_RDONLY), socket(AF_UNIX, SOCK_STREAM, 0),
		socket(AF_UNIX, SOCK_DGRAM, 0) };
	struct listener sockets[SYSTEMD_SOCKETS_MAX];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int fd = fcntl(wrong[i], F_DUPFD, 10);
		struct error error = { 0 };

		CHECK_INT(take(&fd, 1, NULL, sockets, &error), -1);
		CHECK(error.text[0] != '\0');
	}
}

static const struct unit_test tests[] = {
	{ "messages to a path", test_path },
	{ "messages to an abstract address", test_abstract },
	{ "no manager", test_no_manager },
	{ "the watchdog", test_watchdog },
	{ "how many clients there are", test_clients },
	{ "a manager that reads nothing", test_deaf_manager },
	{ "sockets handed over", test_sockets },
	{ "names that say what can't be", test_wrong_names },
	{ "no sockets handed over", test_no_sockets },
	{ "descriptors that are none", test_wrong_sockets },
};

UNIT_MAIN(tests)
