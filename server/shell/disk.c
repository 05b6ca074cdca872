/*
 * The process that waits for the disk (disk.h). It is a fork of this one that closes all it has but
 * a socket, over which descriptors are passed to it (SCM_RIGHTS, unix(7)), and that ends when the
 * other end of the socket does. What must hold: it never keeps a descriptor beyond a sync, or a
 * lock that belongs to the file would outlive the server that was killed.
 */
#include "server/shell/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "server/shell/signals.h"

enum { DESCRIPTORS_MAX = 65536 };

/* What goes over the socket: a request has a descriptor with it, an answer has the error. */
struct note {
	uint32_t job;
	int32_t value; /* whether only data is synced; an errno, or 0 */
};

/* Room for one descriptor, aligned as the system wants it. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static bool send_note(int socket, const struct note *note, int fd)
{
	struct iovec iov = { (void *)note, sizeof(*note) };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control control;
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *header;

		memset(&control, 0, sizeof(control));
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	do
		n = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*note);
}

/* A note, and the descriptor that came with it, or -1. False at the end, or with errno. */
static bool receive_note(int socket, struct note *note, int *fd, int flags)
{
	struct iovec iov = { note, sizeof(*note) };
	union control control;
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *header;
	ssize_t n;

	do
		n = recvmsg(socket, &message, flags);
	while (n < 0 && errno == EINTR);
	*fd = -1;
	if (n != (ssize_t)sizeof(*note)) {
		if (n >= 0)
			errno = EPIPE;
		return false;
	}
	header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(header), sizeof(*fd));
	return true;
}

static void close_from(int first)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
#endif
	long most = sysconf(_SC_OPEN_MAX);

	for (int fd = first; fd < most && fd < DESCRIPTORS_MAX; fd++)
		close(fd);
}

/* In the child: keeps a socket and nothing else that the server has. */
static int strip(int socket)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (dup2(socket, STDERR_FILENO + 1) < 0)
		return -1;
	close_from(STDERR_FILENO + 2);
	return STDERR_FILENO + 1;
}

static void serve(int socket)
{
	struct note note = { 0 };
	int fd;

#ifdef __linux__
	(void)prctl(PR_SET_NAME, "chatd-disk");
#endif
	while (receive_note(socket, &note, &fd, 0)) {
		int rc = note.value != 0 ? fdatasync(fd) : fsync(fd);

		note.value = rc < 0 ? errno : 0;
		if (fd >= 0)
			close(fd);
		if (!send_note(socket, &note, -1))
			break;
	}
}

void disk_init(struct disk *d, struct log *log)
{
	*d = (struct disk){ .fd = -1, .log = log };
}

static void give_up(struct disk *d, const char *what, int number)
{
	log_line(d->log, LOG_AT_WARNING, "the process that waits for the disk %s%s%s: the server "
		"does so itself", what, number != 0 ? ": " : "",
		number != 0 ? strerror(number) : "");
}

int disk_start(struct disk *d)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) {
		give_up(d, "cannot be started", errno);
		return -1;
	}
	/* A signal to all of our group is nothing to it. */
	signals_hold();
	d->pid = fork();
	if (d->pid == 0) {
		signals_ignore();
		signals_release();
		pair[1] = strip(pair[1]);
		if (pair[1] >= 0)
			serve(pair[1]);
		_exit(0);
	}
	signals_release();
	close(pair[1]);
	if (d->pid < 0 || fcntl(pair[0], F_SETFD, FD_CLOEXEC) < 0) {
		give_up(d, "cannot be started", errno);
		close(pair[0]);
		disk_stop(d);
		return -1;
	}
	d->fd = pair[0];
	return 0;
}

void disk_stop(struct disk *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	while (d->pid > 0 && waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	d->pid = 0;
}

void disk_finish(struct disk *d)
{
	disk_stop(d);
	free(d->jobs);
	d->jobs = NULL;
	d->count = 0;
}

/* It has ended: those who wait for it are told. */
static void lose(struct disk *d)
{
	disk_stop(d);
	give_up(d, "has ended", 0);
	for (unsigned i = 0; i < d->count; i++)
		if (d->jobs[i].state == DISK_BUSY)
			d->jobs[i] = (struct disk_job){ DISK_FAILED, ECHILD };
}

/* Has a place for a job: 0, or -1 when there is no memory. */
static int fit(struct disk *d, unsigned job)
{
	struct disk_job *jobs;

	if (job < d->count)
		return 0;
	jobs = realloc(d->jobs, (job + 1) * sizeof(*jobs));
	if (jobs == NULL)
		return -1;
	for (; d->count <= job; d->count++)
		jobs[d->count] = (struct disk_job){ DISK_IDLE, 0 };
	d->jobs = jobs;
	return 0;
}

int disk_sync(struct disk *d, unsigned job, int fd, bool data)
{
	struct note note = { .job = job, .value = data };

	if (d->fd < 0 || fit(d, job) < 0)
		return -1;
	if (!send_note(d->fd, &note, fd)) {
		lose(d);
		return -1;
	}
	d->jobs[job].state = DISK_BUSY;
	return 0;
}

int disk_fd(const struct disk *d)
{
	return d->fd;
}

void disk_receive(struct disk *d)
{
	struct note note;
	int fd;

	while (d->fd >= 0) {
		if (!receive_note(d->fd, &note, &fd, MSG_DONTWAIT)) {
			if (errno != EAGAIN && errno != EWOULDBLOCK)
				lose(d);
			return;
		}
		if (note.job < d->count && d->jobs[note.job].state == DISK_BUSY)
			d->jobs[note.job] = (struct disk_job){
				note.value == 0 ? DISK_DONE : DISK_FAILED, note.value };
	}
}

enum disk_state disk_result(struct disk *d, unsigned job, int *error)
{
	struct disk_job result = { DISK_IDLE, 0 };

	if (job < d->count) {
		result = d->jobs[job];
		if (result.state != DISK_BUSY)
			d->jobs[job] = (struct disk_job){ DISK_IDLE, 0 };
	}
	*error = result.error;
	return result.state;
}
