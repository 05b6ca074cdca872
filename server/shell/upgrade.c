/*
 * Replacing the program (upgrade.h). The snapshot is handed over in an unlinked file in memory; the
 * environment names its descriptor and the role. A program that knows nothing of this prints
 * something else than a trial must print, and is rejected. Names and words here are a contract with
 * every other release.
 */
#include "server/shell/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/text.h"
#include "server/shell/signals.h"

static const char variable[] = "CHATD_STATE";
static const char try_word[] = "try ";
static const char take_word[] = "take ";

/* What a trial prints at its end. */
static const char greeting[] = "chatd ";
static const char passed[] = " can take over\n";

enum { LOOK_AGAIN_MS = 5 };

/* The path of a name in a folder, which has len bytes, none for the current one; heap, or NULL. */
static char *join(const char *folder, size_t len, const char *name)
{
	size_t size = len + 1 + strlen(name) + 1;
	char *path = malloc(size);

	if (path != NULL)
		snprintf(path, size, "%.*s%s%s", (int)len, folder, len > 0 ? "/" : "", name);
	return path;
}

/* A path made absolute by the current folder; heap, or NULL. */
static char *absolute(const char *path)
{
	char folder[4096];

	if (path[0] == '/')
		return strdup(path);
	if (getcwd(folder, sizeof(folder)) == NULL)
		return NULL;
	return join(folder, strlen(folder), path);
}

/* Where a shell finds a program of this name; heap, or NULL. */
static char *find_in_path(const char *name)
{
	const char *path = getenv("PATH");
	char *found = NULL;

	for (const char *folder = path; folder != NULL && found == NULL;) {
		size_t len = strcspn(folder, ":");
		char *candidate = join(folder, len, name);

		if (candidate != NULL && access(candidate, X_OK) == 0)
			found = absolute(candidate);
		free(candidate);
		folder = folder[len] == ':' ? folder + len + 1 : NULL;
	}
	return found;
}

void upgrade_init(struct upgrade *u, char *const *argv)
{
	*u = (struct upgrade){ .argv = argv, .fd = -1 };
	if (argv[0] != NULL && strchr(argv[0], '/') != NULL)
		u->program = absolute(argv[0]);
	else if (argv[0] != NULL)
		u->program = find_in_path(argv[0]);
}

/* The trial is over, one way or another; it is killed if it is not. */
static void end_trial(struct upgrade *u)
{
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
	if (u->trial > 0) {
		kill(u->trial, SIGKILL);
		while (waitpid(u->trial, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	u->trial = 0;
}

void upgrade_finish(struct upgrade *u)
{
	end_trial(u);
	free(u->program);
	u->program = NULL;
}

/* A file that nobody else can open, in memory where the system has such files; -1 with errno. */
static int open_nameless(void)
{
	char path[] = "/tmp/chatd-state-XXXXXX";
	int fd = -1;

#ifdef HAVE_MEMFD_CREATE
	fd = memfd_create("chatd-state", MFD_CLOEXEC);
#endif
	if (fd >= 0)
		return fd;
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	unlink(path);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

/* A descriptor of such a file with the snapshot in it; -1 with errno. */
static int write_snapshot(const struct codec *snapshot)
{
	int fd = open_nameless();
	size_t done = 0;

	while (fd >= 0 && done < snapshot->len) {
		ssize_t n = write(fd, snapshot->bytes + done, snapshot->len - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno != EINTR) {
			int saved = errno;

			close(fd);
			errno = saved;
			return -1;
		}
	}
	return fd;
}

static int name_snapshot(const char *role, int fd)
{
	char value[32];

	snprintf(value, sizeof(value), "%s%d", role, fd);
	return setenv(variable, value, 1) < 0 || fcntl(fd, F_SETFD, 0) < 0 ? -1 : 0;
}

/* In the child: becomes the trial. The parent reads its output and errors. */
static void run_trial(const struct upgrade *u, int snapshot, int said)
{
	int null = open("/dev/null", O_RDONLY);

	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(said, STDOUT_FILENO) >= 0 &&
		dup2(said, STDERR_FILENO) >= 0 && name_snapshot(try_word, snapshot) == 0)
		execv(u->program, u->argv);
	dprintf(said, "%s\n", strerror(errno));
	_exit(127);
}

int upgrade_try(struct upgrade *u, const struct codec *snapshot, int64_t usec, struct error *error)
{
	int said[2] = { -1, -1 };
	int fd = -1;

	if (u->program == NULL)
		return error_set(error, ERROR_START, "the path of this program is not known");
	if (snapshot->failed)
		return error_set(error, ERROR_START, "out of memory");
	fd = write_snapshot(snapshot);
	if (fd < 0 || pipe(said) < 0 || fcntl(said[0], F_SETFL, O_NONBLOCK) < 0 ||
		fcntl(said[0], F_SETFD, FD_CLOEXEC) < 0 || fcntl(said[1], F_SETFD, FD_CLOEXEC) < 0)
		goto fail;
	signal(SIGCHLD, SIG_DFL);
	/* A signal to our whole process group must not end the trial before it has its handlers. */
	signals_hold();
	u->trial = fork();
	if (u->trial == 0)
		run_trial(u, fd, said[1]);
	signals_release();
	if (u->trial < 0)
		goto fail;
	close(fd);
	close(said[1]);
	u->fd = said[0];
	u->due = usec + UPGRADE_PATIENCE * TIME_SECOND;
	u->said_len = 0;
	return 0;
fail:
	error_set(error, ERROR_START, "cannot try %s: %s", u->program, strerror(errno));
	u->trial = 0;
	for (int i = 0; i < 2; i++)
		if (said[i] >= 0)
			close(said[i]);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Reads what the trial prints, up to more than any chatd does; closes fd at the end. */
static void read_trial(struct upgrade *u)
{
	while (u->fd >= 0 && u->said_len < sizeof(u->said)) {
		ssize_t n = read(u->fd, u->said + u->said_len, sizeof(u->said) - u->said_len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		if (n == 0)
			break;
		u->said_len += (size_t)n;
	}
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}

static bool has_passed(const struct upgrade *u)
{
	size_t begin = sizeof(greeting) - 1, end = sizeof(passed) - 1;

	return u->said_len >= begin + end && memcmp(u->said, greeting, begin) == 0 &&
		memcmp(u->said + u->said_len - end, passed, end) == 0;
}

/* The trial has ended in this way. */
static enum upgrade_trial judge(const struct upgrade *u, int status, struct error *error)
{
	const char *text = u->said;
	size_t len = u->said_len;
	const char *lf = len > 0 ? memchr(text, '\n', len) : NULL;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && has_passed(u))
		return UPGRADE_PASSED;
	if (lf != NULL)
		len = (size_t)(lf - text);
	if (len > 7 && memcmp(text, "chatd: ", 7) == 0) {
		text += 7;
		len -= 7;
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGPIPE)
		error_set(error, ERROR_START, "%s ends by signal %d", u->program,
			WTERMSIG(status));
	else if (WIFSIGNALED(status) || WEXITSTATUS(status) == 0)
		error_set(error, ERROR_START, "%s is not a chatd that can take over", u->program);
	else if (len == 0)
		error_set(error, ERROR_START, "%s ends with status %d", u->program,
			WEXITSTATUS(status));
	else
		error_set(error, ERROR_START, "%s: %.*s", u->program, (int)len, text);
	return UPGRADE_FAILED;
}

enum upgrade_trial upgrade_look(struct upgrade *u, int64_t usec, struct error *error)
{
	enum upgrade_trial result = UPGRADE_GOES_ON;
	int status = 0;
	pid_t ended;

	read_trial(u);
	ended = u->fd < 0 ? waitpid(u->trial, &status, WNOHANG) : 0;
	u->look_at = usec + LOOK_AGAIN_MS * TIME_MS;
	if (ended == u->trial) {
		u->trial = 0;
		result = judge(u, status, error);
	} else if (ended < 0 && errno != EINTR) {
		error_set(error, ERROR_START, "waitpid: %s", strerror(errno));
		result = UPGRADE_FAILED;
	} else if (usec >= u->due) {
		error_set(error, ERROR_START, "%s takes longer than %d seconds", u->program,
			UPGRADE_PATIENCE);
		result = UPGRADE_FAILED;
	}
	if (result != UPGRADE_GOES_ON)
		end_trial(u);
	return result;
}

int upgrade_fd(const struct upgrade *u)
{
	return u->fd;
}

int64_t upgrade_deadline(const struct upgrade *u)
{
	if (u->trial == 0)
		return TIME_NEVER;
	return u->fd >= 0 ? u->due : u->look_at;
}

int upgrade_exec(const struct upgrade *u, const struct codec *snapshot, struct error *error)
{
	int fd = snapshot->failed ? -1 : write_snapshot(snapshot);

	if (snapshot->failed)
		return error_set(error, ERROR_START, "out of memory");
	if (fd >= 0 && name_snapshot(take_word, fd) == 0)
		execv(u->program, u->argv);
	error_set(error, ERROR_START, "cannot start %s: %s", u->program, strerror(errno));
	unsetenv(variable);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Maps the file's content: 0, or -1. */
static int map_snapshot(int fd, struct codec *snapshot)
{
	struct stat st;
	void *bytes;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -1;
	snapshot->bytes = bytes;
	snapshot->len = snapshot->size = (size_t)st.st_size;
	return 0;
}

void upgrade_forget(struct codec *snapshot)
{
	if (snapshot->bytes != NULL)
		munmap(snapshot->bytes, snapshot->size);
	*snapshot = (struct codec){ .bytes = NULL };
}

int upgrade_inherit(enum upgrade_role *role, struct codec *snapshot, struct error *error)
{
	const char *value = getenv(variable);
	uint64_t fd = 0;
	int rc = -1;

	*role = UPGRADE_NONE;
	if (value == NULL)
		return 0;
	if (strncmp(value, try_word, sizeof(try_word) - 1) == 0)
		*role = UPGRADE_TRIAL;
	else if (strncmp(value, take_word, sizeof(take_word) - 1) == 0)
		*role = UPGRADE_HEIR;
	value += strcspn(value, " ");
	if (*role != UPGRADE_NONE && text_number(value + 1, strlen(value + 1), INT32_MAX, &fd)) {
		rc = map_snapshot((int)fd, snapshot);
		close((int)fd);
	}
	unsetenv(variable);
	return rc == 0 ? 0 : error_set(error, ERROR_START, "%s names no snapshot to take over",
		variable);
}

int upgrade_confirm(void)
{
	return printf("%s%s%s", greeting, CHAT_VERSION, passed) < 0 || fflush(stdout) != 0 ? -1 : 0;
}
