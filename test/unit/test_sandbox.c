/*
 * The sandbox, seen from inside: what it takes away where the system has it, and what it leaves.
 */
#define _GNU_SOURCE /* syscall() */
#include "server/shell/landlock.h"
#include "server/shell/sandbox.h"
#include "server/shell/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "test/unit/unit.h"

static char folder[] = "/tmp/chatd-test-XXXXXX";
static char path[64];
static uint16_t allowed_port = 1; /* that may be connected to */

/* What is to be entered: all that the sandbox is made of, one by one, and the whole. */
enum part { WHOLE, LANDLOCK, SECCOMP, PARTS };

static bool enter(enum part part)
{
	const char *const paths[] = { path };
	const struct landlock_allowed allowed = {
		.paths = paths, .paths_count = 1, .ports = &allowed_port, .ports_count = 1,
	};

	if (part == WHOLE)
		return strcmp(sandbox_enter(&allowed), "none") != 0;
#ifdef __linux__
	CHECK_INT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
#endif
	return part == LANDLOCK ? landlock_enter(&allowed) : seccomp_enter();
}

/* Runs something inside, in a process of its own; its checks count here. */
static void check_inside(enum part part, void (*run)(void))
{
	pid_t child;
	int status = -1;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (enter(part))
			run();
		else
			printf("# the system has none\n");
		fflush(stdout);
		_exit(unit_failures > 0);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK_INT(status, 0);
}

static int try_open(const char *name, int flags)
{
	int fd = open(name, flags, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Its own file can be moved away by others, and made again; elsewhere nothing is written. */
static void write_files(void)
{
	char other[sizeof(path) + 8];

	snprintf(other, sizeof(other), "%s.new", path);
	CHECK_INT(try_open(path, O_WRONLY | O_APPEND | O_CREAT), 0);
	CHECK_INT(try_open(other, O_WRONLY | O_CREAT | O_TRUNC), 0);
	CHECK_INT(truncate(other, 0), 0);
	CHECK_INT(unlink(other), 0);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(try_open("/dev/null", O_RDWR), 0);
	CHECK_INT(try_open("/etc/passwd", O_RDONLY), 0);
}

static void write_elsewhere(void)
{
	CHECK_INT(try_open("/tmp/chatd-test-outside", O_WRONLY | O_CREAT), EACCES);
	CHECK_INT(mkdir("/tmp/chatd-test-outside", 0700) < 0 ? errno : 0, EACCES);
}

static void write_through_link(void)
{
	CHECK_INT(try_open(path, O_WRONLY | O_APPEND), 0);
}

/* Its own file may be a link into another folder. */
static void test_writes_through_links(void)
{
	char other[] = "/tmp/chatd-test-XXXXXX";
	char target[64];

	CHECK(mkdtemp(other) != NULL);
	snprintf(target, sizeof(target), "%s/target", other);
	CHECK_INT(try_open(target, O_WRONLY | O_CREAT), 0);
	CHECK_INT(symlink(target, path), 0);
	check_inside(LANDLOCK, write_through_link);
	unlink(path);
	unlink(target);
	rmdir(other);
}

static void test_writes_only_its_files(void)
{
	for (int part = WHOLE; part < PARTS; part++)
		check_inside((enum part)part, write_files);
	check_inside(LANDLOCK, write_elsewhere);
}

#ifdef __linux__
/* Calls that would change nothing. */
static void call_the_system(void)
{
	CHECK_INT(syscall(SYS_personality, 0xffffffff), -1);
	CHECK_INT(errno, EPERM);
	CHECK_INT(syscall(SYS_unshare, 0), -1);
	CHECK_INT(errno, EPERM);
	CHECK(syscall(SYS_getpid) > 0);
}

static void test_refuses_what_no_room_needs(void)
{
	check_inside(SECCOMP, call_the_system);
}
#endif

/* A new program can be tried and started: what an upgrade does. */
static void run_a_program(void)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		execl("/bin/sh", "sh", "-c", "exec test -r /etc/passwd", (char *)NULL);
		_exit(99);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK_INT(status, 0);
}

static void test_lets_programs_run(void)
{
	for (int part = WHOLE; part < PARTS; part++)
		check_inside((enum part)part, run_a_program);
}

static void talk(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fds[2];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char byte = 0;

	CHECK(fd >= 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons(1);
	/* Refused by the other end, or by ourselves; but never begun. */
	CHECK_INT(connect(fd, (struct sockaddr *)&a, len), -1);
	CHECK(errno == EACCES || errno == ECONNREFUSED);
	close(fd);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	CHECK_INT(write(fds[0], "x", 1), 1);
	CHECK_INT(read(fds[1], &byte, 1), 1);
}

static void test_leaves_sockets(void)
{
	for (int part = WHOLE; part < PARTS; part++)
		check_inside((enum part)part, talk);
}

/* A socket that listens on a free port of this machine. */
static int open_listener(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(a);

	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&a, len) == 0 && listen(fd, 8) == 0);
	CHECK_INT(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static int try_connect(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), number = 0;

	a.sin_port = htons(port);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		number = errno;
	close(fd);
	return number;
}

static uint16_t other_port;

static void connect_to_both(void)
{
	int refused = try_connect(other_port);

	CHECK_INT(try_connect(allowed_port), 0);
	/* Where the kernel knows no rules for the network it is let through. */
	CHECK(refused == EACCES || refused == 0);
}

static void test_connects_to_its_ports(void)
{
	int a = open_listener(&allowed_port), b = open_listener(&other_port);

	for (int part = WHOLE; part < PARTS; part++)
		check_inside((enum part)part, connect_to_both);
	close(a);
	close(b);
}

static const struct unit_test tests[] = {
	{ "writes only its files", test_writes_only_its_files },
	{ "writes through links", test_writes_through_links },
#ifdef __linux__
	{ "refuses what no room needs", test_refuses_what_no_room_needs },
#endif
	{ "lets programs run", test_lets_programs_run },
	{ "leaves sockets", test_leaves_sockets },
	{ "connects to the ports that it needs", test_connects_to_its_ports },
};

int main(void)
{
	int rc;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/history", folder);
	rc = unit_run(tests, sizeof(tests) / sizeof(tests[0]));
	rmdir(folder);
	return rc;
}
