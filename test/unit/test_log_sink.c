/*
 * The log on a pipe, a terminal, a socket and a file, read or not.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt() */

#include "server/shell/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "test/unit/unit.h"

enum { LINES = 4000, LINE_LEN = 50 }; /* more than a pipe or a socket takes, less than the log */
enum { PATIENCE = 60000 }; /* milliseconds */

static void fill(struct log *log)
{
	for (int i = 0; i < LINES; i++)
		log_line(log, LOG_AT_INFO, "line %05d %038d", i, 0);
}

/* Reads all that fill() said from a descriptor, the log sink writing meanwhile. */
static void check_drained(struct log_sink *j, struct log *log, int fd)
{
	char want[LINE_LEN + 1], got[LINE_LEN];
	struct pollfd p = { .fd = fd, .events = POLLIN };

	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < LINES; i++) {
		size_t len = 0;

		while (len < LINE_LEN) {
			ssize_t n = read(fd, got + len, LINE_LEN - len);

			if (n > 0) {
				len += (size_t)n;
			} else {
				const char *bytes;

				/* On a terminal all that is written need not have arrived. */
				if (log_pending(log, &bytes) == 0 && poll(&p, 1, PATIENCE) != 1)
					break;
				log_sink_write(j, log);
			}
		}
		snprintf(want, sizeof(want), "line %05d %038d\n", i, 0);
		CHECK_TEXT(got, len, want);
	}
}

/* A full one makes nobody wait; it is waited for, and nothing is lost. */
static void check_full(int reader, int last_sender, enum log_sink_kind kind)
{
	struct pollfd p = { .events = POLLOUT };
	struct log_sink j;
	struct log log;
	const char *bytes;
	size_t left;

	CHECK_INT(log_init(&log, false), 0);
	log_sink_open(&j, last_sender);
	if (kind == LOG_SINK_SHARED) {
		/* As where /dev/fd opens nothing again. */
		log_sink_close(&j);
		j = (struct log_sink){ .fd = last_sender, .kind = kind };
	}
	CHECK_INT(j.kind, kind);
	CHECK_INT(log_sink_wait_fd(&j), -1);
	fill(&log);
	log_sink_write(&j, &log);
	/* What a terminal has taken goes on to its other end behind our back, and leaves room. */
	p.fd = j.fd;
	while (log_pending(&log, &bytes) > 0 && poll(&p, 1, 0) == 1)
		log_sink_write(&j, &log);
	left = log_pending(&log, &bytes);
	CHECK(left > 0);
	CHECK_INT(log_sink_wait_fd(&j), j.fd);
	check_drained(&j, &log, reader);
	CHECK_INT(log_pending(&log, &bytes), 0);
	CHECK_INT(log_sink_wait_fd(&j), -1);
	/* The last_sender's own descriptor is as it was. */
	CHECK_INT(fcntl(last_sender, F_GETFL) & O_NONBLOCK, 0);
	log_sink_close(&j);
	log_finish(&log);
}

static void test_waits_for_no_pipe(void)
{
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	check_full(fds[0], fds[1], LOG_SINK_PIPE);
	close(fds[0]);
	close(fds[1]);
}

static void test_waits_for_no_shared_pipe(void)
{
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	check_full(fds[0], fds[1], LOG_SINK_SHARED);
	close(fds[0]);
	close(fds[1]);
}

static void check_terminal(enum log_sink_kind kind)
{
	int screen = posix_openpt(O_RDWR | O_NOCTTY), terminal;
	struct termios mode;

	CHECK(screen >= 0 && grantpt(screen) == 0 && unlockpt(screen) == 0);
	terminal = open(ptsname(screen), O_RDWR | O_NOCTTY);
	CHECK_INT(tcgetattr(terminal, &mode), 0);
	mode.c_oflag &= ~(tcflag_t)OPOST;
	CHECK_INT(tcsetattr(terminal, TCSANOW, &mode), 0);
	check_full(screen, terminal, kind);
	close(terminal);
	close(screen);
}

static void test_waits_for_no_terminal(void)
{
	check_terminal(LOG_SINK_PIPE);
}

static void test_waits_for_no_shared_terminal(void)
{
	check_terminal(LOG_SINK_SHARED);
}

static void test_waits_for_no_socket(void)
{
	int size = 4096;
	int fds[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	check_full(fds[0], fds[1], LOG_SINK_SOCKET);
	close(fds[0]);
	close(fds[1]);
}

static void check_closed(int reader, int last_sender)
{
	struct log_sink j;
	struct log log;
	const char *bytes;

	CHECK_INT(log_init(&log, false), 0);
	log_sink_open(&j, last_sender);
	close(reader);
	for (int i = 0; i < 2; i++) {
		log_line(&log, LOG_AT_INFO, "nobody hears this");
		log_sink_write(&j, &log);
		CHECK_INT(log_pending(&log, &bytes), 0);
		CHECK_INT(j.kind, LOG_SINK_CLOSED);
		CHECK_INT(log_sink_wait_fd(&j), -1);
	}
	log_sink_close(&j);
	close(last_sender);
	log_finish(&log);
}

static void test_goes_on_without_a_reader(void)
{
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	CHECK_INT(pipe(fds), 0);
	check_closed(fds[0], fds[1]);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check_closed(fds[0], fds[1]);
}

/* A file is written at once; on a full disk it is neither waited for nor given up. */
static void test_writes_files(void)
{
	struct log_sink j;
	struct log log;
	const char *bytes;
	FILE *file = tmpfile();
	int full = open("/dev/full", O_WRONLY);

	CHECK_INT(log_init(&log, false), 0);
	log_sink_open(&j, fileno(file));
	CHECK_INT(j.kind, LOG_SINK_FILE);
	fill(&log);
	log_sink_write(&j, &log);
	CHECK_INT(log_pending(&log, &bytes), 0);
	CHECK_INT(lseek(fileno(file), 0, SEEK_END), LINES * LINE_LEN);
	log_sink_close(&j);
	if (full >= 0) {
		log_sink_open(&j, full);
		fill(&log);
		log_sink_write(&j, &log);
		CHECK(log_pending(&log, &bytes) > 0);
		CHECK_INT(log_sink_wait_fd(&j), -1);
		CHECK_INT(j.kind, LOG_SINK_FILE);
		log_sink_close(&j);
		close(full);
	}
	fclose(file);
	log_finish(&log);
}

static void test_knows_the_journal(void)
{
	struct stat st;
	char text[64];
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	CHECK_INT(fstat(fds[1], &st), 0);
	unsetenv("JOURNAL_STREAM");
	CHECK(!log_sink_is_journal(fds[1]));
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", text, 1);
	CHECK(log_sink_is_journal(fds[1]));
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + 1);
	setenv("JOURNAL_STREAM", text, 1);
	CHECK(!log_sink_is_journal(fds[1]));
	setenv("JOURNAL_STREAM", "nonsense", 1);
	CHECK(!log_sink_is_journal(fds[1]));
	close(fds[0]);
	close(fds[1]);
}

static const struct unit_test tests[] = {
	{ "waits for no pipe", test_waits_for_no_pipe },
	{ "waits for no shared pipe", test_waits_for_no_shared_pipe },
	{ "waits for no terminal", test_waits_for_no_terminal },
	{ "waits for no shared terminal", test_waits_for_no_shared_terminal },
	{ "waits for no socket", test_waits_for_no_socket },
	{ "goes on without a reader", test_goes_on_without_a_reader },
	{ "writes files", test_writes_files },
	{ "knows the journal", test_knows_the_journal },
};

UNIT_MAIN(tests)
