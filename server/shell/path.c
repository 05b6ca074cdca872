/*
 * The folder that a path leads to (path.h).
 */
#include "server/shell/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
}

int path_can_make(const char *path)
{
	char *folder = path_folder(path);
	int rc = folder != NULL ? access(folder, W_OK | X_OK) : -1;
	int saved = errno;

	free(folder);
	errno = saved;
	return rc;
}

void path_sync_folder(const char *path)
{
	char *folder = path_folder(path);
	int fd = folder != NULL ? open(folder, O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(folder);
}
