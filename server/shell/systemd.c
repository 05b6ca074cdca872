/*
 * systemd's protocols: a few variables in the environment, and datagrams of "NAME=VALUE" lines.
 * A message that can't be sent is dropped: the manager must never hold up the room.
 */
#include "server/shell/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/text.h"

enum {
	LISTEN_FIRST = 3, /* the descriptor that the first socket has */
	MESSAGE_BYTES = 128,
	STATUS_EVERY = 1000 * 1000, /* microseconds */
};

/* A variable that is a number: false if it is not set or anything else. */
static bool get_number(const char *variable, uint64_t max, uint64_t *number)
{
	const char *value = getenv(variable);

	return value != NULL && text_number(value, strlen(value), max, number);
}

static bool is_listening_stream(int fd)
{
	int type, listening;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_STREAM)
		return false;
	len = sizeof(int);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

/* The next of the names between colons, from *names on. */
static struct slice next_name(const char **names)
{
	struct slice name = { *names, strcspn(*names, ":") };

	*names += name.len + (name.bytes[name.len] == ':');
	return name;
}

static int take_socket(struct listener *socket, int fd, struct slice name, struct error *error)
{
	struct endpoint e;

	if (!is_listening_stream(fd) || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
		fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return error_set(error, ERROR_START,
			"LISTEN_FDS: descriptor %d is not a listening stream socket", fd);
	if (endpoint_parse_words(&e, name, "LISTEN_FDNAMES", error) < 0)
		return -1;
	*socket = listener_of(&e, fd);
	return 0;
}

static int take_sockets(struct listener *sockets, struct error *error)
{
	const char *names = getenv("LISTEN_FDNAMES");
	uint64_t pid, count;

	if (names == NULL)
		names = "";
	if (!get_number("LISTEN_PID", INT32_MAX, &pid) || pid != (uint64_t)getpid() ||
		getenv("LISTEN_FDS") == NULL)
		return 0;
	if (!get_number("LISTEN_FDS", SYSTEMD_SOCKETS_MAX, &count))
		return error_set(error, ERROR_START, "LISTEN_FDS is not a number up to %d",
			SYSTEMD_SOCKETS_MAX);
	for (int i = 0; i < (int)count; i++)
		if (take_socket(&sockets[i], LISTEN_FIRST + i, next_name(&names), error) < 0)
			return -1;
	return (int)count;
}

int systemd_sockets(struct listener sockets[SYSTEMD_SOCKETS_MAX], struct error *error)
{
	int count = take_sockets(sockets, error);

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return count;
}

/* A socket connected to the path, "@" first for an abstract one; -1 with errno if there is none. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || len >= sizeof(address.sun_path)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	len += offsetof(struct sockaddr_un, sun_path) + (path[0] == '/');
	if (connect(fd, (struct sockaddr *)&address, (socklen_t)len) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int systemd_init(struct systemd *s)
{
	const char *path = getenv("NOTIFY_SOCKET");
	uint64_t usec, pid;

	*s = (struct systemd){ .fd = path != NULL ? connect_to(path) : -1, .clients = UINT32_MAX };
	if (s->fd < 0)
		return path != NULL ? -1 : 0;
	if (!get_number("WATCHDOG_USEC", INT64_MAX, &usec))
		return 0;
	if (getenv("WATCHDOG_PID") == NULL ||
		(get_number("WATCHDOG_PID", INT32_MAX, &pid) && pid == (uint64_t)getpid()))
		s->period = (int64_t)usec / 2;
	return 0;
}

void systemd_finish(struct systemd *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->period = 0;
}

static void notify(const struct systemd *s, const char *message, int len)
{
	ssize_t n = -1;

	if (s->fd < 0 || len < 0 || len >= MESSAGE_BYTES)
		return;
	do {
		n = send(s->fd, message, (size_t)len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
}

static void notify_text(const struct systemd *s, const char *message)
{
	notify(s, message, (int)strlen(message));
}

void systemd_ready(const struct systemd *s)
{
	notify_text(s, "READY=1\n");
}

void systemd_stopping(struct systemd *s)
{
	notify_text(s, "STATUS=shutting down\nSTOPPING=1\n");
	s->stopping = true;
}

void systemd_reloading(const struct systemd *s, int64_t usec)
{
	char text[MESSAGE_BYTES];

	notify(s, text, snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n",
		usec));
}

int64_t systemd_deadline(const struct systemd *s)
{
	int64_t next = s->period > 0 ? s->watchdog_at : INT64_MAX;

	return s->late && s->status_at < next ? s->status_at : next;
}

void systemd_tick(struct systemd *s, uint32_t clients, int64_t usec)
{
	char text[MESSAGE_BYTES];

	if (s->period > 0 && usec >= s->watchdog_at) {
		notify_text(s, "WATCHDOG=1\n");
		s->watchdog_at = usec + s->period;
	}
	s->late = s->fd >= 0 && !s->stopping && clients != s->clients;
	if (!s->late || usec < s->status_at)
		return;
	notify(s, text, snprintf(text, sizeof(text), "STATUS=%" PRIu32 " clients\n", clients));
	s->clients = clients;
	s->late = false;
	s->status_at = usec + STATUS_EVERY;
}
