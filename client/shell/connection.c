#include "client/shell/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/core/buffer.h"
#include "client/shell/clock.h"
#include "client/shell/options.h"

enum {
	ATTEMPT_MSEC = 10000, /* for one address */
	POST_MORTEM_MSEC = 10,
	POST_MORTEM_TRIES = 20,

	/* A dead server is noticed within about a minute. */
	KEEPALIVE_IDLE = 30,
	KEEPALIVE_INTERVAL = 10,
	KEEPALIVE_COUNT = 3,
	UNACKNOWLEDGED_MS = 60000,
};

struct endpoint {
	struct sockaddr_storage address;
	socklen_t len;
};

static int fail(struct connection *c, const char *reason)
{
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	return -1;
}

static int find_path(struct connection *c, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len >= sizeof(un.sun_path))
		return fail(c, "the path of the socket is too long");
	memcpy(un.sun_path, path, len);
	c->endpoints = calloc(1, sizeof(*c->endpoints));
	if (!c->endpoints)
		return fail(c, strerror(ENOMEM));
	memcpy(&c->endpoints->address, &un, sizeof(un));
	c->endpoints->len = sizeof(un);
	c->count = 1;
	return 0;
}

static int find_host(struct connection *c, const char *host, const char *port)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *a;
	int error = getaddrinfo(host, port, &hints, &list);
	size_t count = 0;

	if (error)
		return fail(c, error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
	for (a = list; a; a = a->ai_next)
		count++;
	c->endpoints = calloc(count + 1, sizeof(*c->endpoints));
	for (a = list; a && c->endpoints; a = a->ai_next) {
		memcpy(&c->endpoints[c->count].address, a->ai_addr, a->ai_addrlen);
		c->endpoints[c->count++].len = a->ai_addrlen;
	}
	freeaddrinfo(list);
	return c->endpoints ? 0 : fail(c, strerror(ENOMEM));
}

/* Puts host and port for %h and %p; %% is a percent sign. */
static int expand_command(struct connection *c, const char *command, const char *host,
	const char *port)
{
	struct buffer text = { 0 };

	for (const char *p = command; *p; p++) {
		if (*p != '%' || !p[1]) {
			buffer_append(&text, p, 1);
			continue;
		}
		p++;
		if (*p == 'h')
			buffer_text(&text, host);
		else if (*p == 'p')
			buffer_text(&text, port);
		else
			buffer_append(&text, *p == '%' ? p : p - 1, *p == '%' ? 1 : 2);
	}
	buffer_append(&text, "", 1);
	if (text.failed) {
		buffer_finish(&text);
		return fail(c, strerror(ENOMEM));
	}
	c->command = text.data;
	return 0;
}

int connection_init(struct connection *c, const struct options *o)
{
	*c = (struct connection){ .fd = -1 };
	if (o->command)
		return expand_command(c, o->command, o->path ? o->path : o->host, o->port);
	return o->path ? find_path(c, o->path) : find_host(c, o->host, o->port);
}

void connection_finish(struct connection *c)
{
	connection_close(c);
	free(c->endpoints);
	free(c->command);
	*c = (struct connection){ .fd = -1 };
}

static int set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void set_option(int fd, int level, int name, int value)
{
	/* Each of these is a kindness: without it the connection works all the same. */
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static void set_options(int fd)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
#endif
#ifdef TCP_USER_TIMEOUT
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS);
#endif
}

static void run_command(const char *command, int fd)
{
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	if (dup2(fd, STDIN_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static enum connection_state begin_command(struct connection *c)
{
	int pair[2];

	/* Those of earlier connections. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) {
		fail(c, strerror(errno));
		return CONNECTION_FAILED;
	}
	if (set_flags(pair[0]) < 0 || fcntl(pair[1], F_SETFD, FD_CLOEXEC) < 0 ||
		(c->child = fork()) < 0) {
		fail(c, strerror(errno));
		c->child = 0;
		close(pair[0]);
		close(pair[1]);
		return CONNECTION_FAILED;
	}
	if (c->child == 0)
		run_command(c->command, pair[1]);
	close(pair[1]);
	c->fd = pair[0];
	return CONNECTION_UP;
}

/*
 * Whether the socket is connected to itself: it happens to one who tries a port of the range
 * that the kernel takes source ports from, where nobody listens (simultaneous open, RFC 9293).
 */
static bool is_own_peer(int fd)
{
	struct sockaddr_storage here, there;
	socklen_t here_len = sizeof(here), there_len = sizeof(there);

	if (getsockname(fd, (struct sockaddr *)&here, &here_len) < 0 ||
		getpeername(fd, (struct sockaddr *)&there, &there_len) < 0)
		return false;
	return here.ss_family != AF_UNIX && here_len == there_len &&
		memcmp(&here, &there, here_len) == 0;
}

/* Starts with the next endpoint that does not fail at once. */
static enum connection_state try_next(struct connection *c)
{
	while (c->next < c->count) {
		const struct endpoint *e = &c->endpoints[c->next++];
		const struct sockaddr *address = (const struct sockaddr *)&e->address;

		connection_close(c);
		c->fd = socket(address->sa_family, SOCK_STREAM, 0);
		if (c->fd < 0 || set_flags(c->fd) < 0) {
			fail(c, strerror(errno));
			continue;
		}
		if (address->sa_family != AF_UNIX)
			set_options(c->fd);
		if (connect(c->fd, address, e->len) == 0)
			return CONNECTION_UP;
		if (errno == EINPROGRESS || errno == EINTR) {
			c->deadline = clock_msec() + ATTEMPT_MSEC;
			return CONNECTION_TRYING;
		}
		fail(c, strerror(errno));
	}
	connection_close(c);
	return CONNECTION_FAILED;
}

enum connection_state connection_begin(struct connection *c)
{
	connection_close(c);
	if (c->command)
		return begin_command(c);
	c->next = 0;
	return try_next(c);
}

enum connection_state connection_advance(struct connection *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&p, 1, 0) <= 0) {
		if (clock_msec() < c->deadline)
			return CONNECTION_TRYING;
		error = ETIMEDOUT;
	} else if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0) {
		error = errno;
	}
	if (!error && is_own_peer(c->fd))
		error = ECONNREFUSED;
	if (!error)
		return CONNECTION_UP;
	fail(c, strerror(error));
	return try_next(c);
}

enum connection_state connection_wait(struct connection *c)
{
	enum connection_state state = connection_begin(c);

	while (state == CONNECTION_TRYING) {
		struct pollfd p = { .fd = c->fd, .events = POLLOUT };

		(void)poll(&p, 1, clock_timeout(c->deadline));
		state = connection_advance(c);
	}
	return state;
}

void connection_close(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->child = 0; /* it ends by itself, now that its input has ended */
}

const char *connection_post_mortem(struct connection *c)
{
	pid_t ended = 0;
	int status;

	if (c->child <= 0)
		return NULL;
	/* It has closed its output; if that was its end, it can be waited for any moment now. */
	for (int i = 0; i < POST_MORTEM_TRIES && ended == 0; i++) {
		if (i > 0)
			(void)poll(NULL, 0, POST_MORTEM_MSEC);
		ended = waitpid(c->child, &status, WNOHANG);
	}
	if (ended != c->child)
		return NULL;
	c->child = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	snprintf(c->reason, sizeof(c->reason), WIFEXITED(status)
			? "the command ended with status %d" : "the command was ended by signal %d",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return c->reason;
}
