/*
 * Appends to the file of --log. It holds private lines, so its owner alone can read it.
 */
#include "client/shell/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/shell/user_file.h"

static void complain(const struct log *log)
{
	fprintf(stderr, "chatc: --log %s: %s\n", log->path, strerror(errno));
}

int log_open(struct log *log, const char *path)
{
	*log = (struct log){ .path = path, .fd = -1 };
	if (!path)
		return 0;
	log->fd = user_file_append(path);
	if (log->fd >= 0)
		return 0;
	complain(log);
	return -1;
}

void log_write(struct log *log, const char *bytes, size_t len)
{
	while (log->fd >= 0 && len > 0) {
		ssize_t n = write(log->fd, bytes, len);

		if (n >= 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno != EINTR) {
			complain(log);
			close(log->fd);
			log->fd = -1;
		}
	}
}
