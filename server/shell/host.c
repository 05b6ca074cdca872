/*
 * What a daemon wants of its host (host.h).
 */
#include "server/shell/host.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct time host_now(void)
{
	struct timespec usec;

	clock_gettime(CLOCK_MONOTONIC, &usec);
	return (struct time){
		.usec = (int64_t)usec.tv_sec * 1000000 + usec.tv_nsec / 1000,
		.time = time(NULL),
	};
}

void host_random(void *buffer, size_t len)
{
	/* A token that can be guessed lets somebody else in. */
	if (getentropy(buffer, len) < 0)
		abort();
}

void host_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int host_descriptors(uint32_t clients, uint32_t others, struct error *error)
{
	rlim_t needed = (rlim_t)clients + others;
	struct rlimit limit, raised;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_set(error, ERROR_START, "getrlimit: %s", strerror(errno));
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= needed)
		return 0;
	raised = limit;
	raised.rlim_cur = needed;
	/* Only root may raise the other one. */
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed)
		raised.rlim_max = needed;
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		return 0;
	return error_set(error, ERROR_START,
		"--max-clients %" PRIu32
		" needs %ju open files, but only %ju are allowed (ulimit -n)",
		clients, (uintmax_t)needed, (uintmax_t)limit.rlim_max);
}

char *host_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
}

int host_can_make(const char *path)
{
	char *folder = host_folder_of(path);
	int rc = folder != NULL ? access(folder, W_OK | X_OK) : -1;
	int saved = errno;

	free(folder);
	errno = saved;
	return rc;
}

static bool is_now(const struct passwd *entry)
{
	return getuid() == entry->pw_uid && geteuid() == entry->pw_uid;
}

/* The user, if this process is that user or may become it; NULL with *error. */
static const struct passwd *find_user(const char *user, struct error *error)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(user);
	if (entry == NULL)
		error_set(error, ERROR_START, "--user: there is no user %s%s%s", user,
			errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
	else if (geteuid() != 0 && !is_now(entry))
		error_set(error, ERROR_START, "--user: only root can become %s", user);
	else
		return entry;
	return NULL;
}

int host_knows(const char *user, struct error *error)
{
	return find_user(user, error) == NULL ? -1 : 0;
}

int host_become(const char *user, struct error *error)
{
	const struct passwd *entry = find_user(user, error);
	uid_t uid;
	gid_t gid;

	if (entry == NULL)
		return -1;
	if (geteuid() != 0)
		return 0;
	uid = entry->pw_uid;
	gid = entry->pw_gid;
	if (initgroups(user, gid) < 0 || setgid(gid) < 0 || setuid(uid) < 0)
		return error_set(error, ERROR_START, "--user: cannot become %s: %s", user,
			strerror(errno));
	if (uid != 0 && (setuid(0) == 0 || getuid() != uid || geteuid() != uid))
		return error_set(error, ERROR_START, "--user: root's powers would not go away");
	return 0;
}
