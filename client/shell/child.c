/*
 * Runs the program that talks to the server for us. It is waited for only when it has ended its
 * output, and never for long: one that goes on is left to itself, since its input has ended too.
 */
#include "client/shell/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	POST_MORTEM_MSEC = 10,
	POST_MORTEM_TRIES = 20,
	NOT_FOUND = 127,
};

static int set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void close_all(const int *fds, size_t count)
{
	int saved = errno;

	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	errno = saved;
}

static void run(char *const argv[], int fd, int errors)
{
	static const char colon[] = ": ";
	const char *reason;

	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	if (dup2(fd, STDIN_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0 &&
		(errors < 0 || dup2(errors, STDERR_FILENO) >= 0))
		execvp(argv[0], argv);
	reason = strerror(errno);
	if (write(STDERR_FILENO, argv[0], strlen(argv[0])) < 0 ||
		write(STDERR_FILENO, colon, sizeof(colon) - 1) < 0 ||
		write(STDERR_FILENO, reason, strlen(reason)) < 0 ||
		write(STDERR_FILENO, "\n", 1) < 0)
		_exit(NOT_FOUND);
	_exit(NOT_FOUND);
}

int child_begin(struct child *c, char *const argv[], bool own_errors)
{
	int fds[4] = { -1, -1, -1, -1 }; /* the socket: ours, its; standard error: ours, its */

	/* Those of earlier connections. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 || (own_errors && pipe(fds + 2) < 0) ||
		set_flags(fds[0]) < 0 || fcntl(fds[1], F_SETFD, FD_CLOEXEC) < 0 ||
		(own_errors && (set_flags(fds[2]) < 0 || fcntl(fds[3], F_SETFD, FD_CLOEXEC) < 0)) ||
		(c->pid = fork()) < 0) {
		close_all(fds, 4);
		c->pid = 0;
		return -1;
	}
	if (c->pid == 0)
		run(argv, fds[1], fds[3]);
	close_all(fds + 1, 1);
	close_all(fds + 3, 1);
	c->fd = fds[0];
	c->errors = fds[2];
	return 0;
}

void child_close(struct child *c)
{
	if (c->fd >= 0)
		close(c->fd);
	if (c->errors >= 0)
		close(c->errors);
	if (c->pid > 0 && c->expendable)
		(void)kill(c->pid, SIGTERM);
	*c = (struct child){ .fd = -1, .errors = -1, .expendable = c->expendable };
}

bool child_failed(struct child *c, char reason[CHILD_REASON_MAX])
{
	pid_t ended = 0;
	int status;

	if (c->pid <= 0)
		return false;
	/* It has closed its output; if that was its end, it can be waited for any moment now. */
	for (int i = 0; i < POST_MORTEM_TRIES && ended == 0; i++) {
		if (i > 0)
			(void)poll(NULL, 0, POST_MORTEM_MSEC);
		ended = waitpid(c->pid, &status, WNOHANG);
	}
	if (ended != c->pid)
		return false;
	c->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	snprintf(reason, CHILD_REASON_MAX, WIFEXITED(status)
			? "the command ended with status %d" : "the command was ended by signal %d",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return true;
}
