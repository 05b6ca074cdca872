/*
 * Becoming another user (user.h). The groups go first, since only root may give them up, and at
 * the end it is tried whether root's powers can be had back.
 */
#include "server/shell/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

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

int user_become(const char *user, struct error *error)
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
		return error_set(error, ERROR_START, "--user: cannot drop root privileges");
	return 0;
}
