/*
 * Connects as "happy eyeballs" do (RFC 8305, https://www.rfc-editor.org/rfc/rfc8305): the
 * addresses are tried in turn, a quarter of a second apart, the first that answers is taken. For
 * tls: and ssh: a program is run with its arguments as they are, never through a shell.
 */
#ifdef __linux__
#define _DEFAULT_SOURCE /* NOLINT: for struct tcp_info */
#endif
#include "client/shell/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"
#include "client/core/tls_error.h"
#include "client/shell/clock.h"
#include "client/shell/options.h"

enum {
	ATTEMPT_MSEC = 10000,      /* for one address */
	ATTEMPT_DELAY_MSEC = 250,  /* RFC 8305, section 5 */
	TELL_MSEC = 1000,
	ERRORS_CHUNK = 4096,

	/* A dead server is noticed within about half a minute. */
	KEEPALIVE_IDLE = 15,
	KEEPALIVE_INTERVAL = 5,
	KEEPALIVE_COUNT = 3,
	UNACKNOWLEDGED_MS = 30000,
};

/*
 * What ssh: runs on the other machine: to chatd's socket there if that may be used, else its port.
 */
static char remote_command[] =
	"test -w /run/chatd/chat && exec chatc --relay unix:/run/chatd/chat; exec chatc --relay";

static int fail(struct connection *c, const char *reason)
{
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	return -1;
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

/* The arguments are only read, whatever the type says. */
static void set_arguments(struct connection *c, size_t from, const char *const *words)
{
	for (size_t i = from; *words && i < CONNECTION_ARGUMENTS - 1; i++) {
		memcpy(&c->arguments[i], words++, sizeof(*words));
		c->arguments[i + 1] = NULL;
	}
}

static size_t count_arguments(const struct connection *c)
{
	size_t count = 0;

	while (c->arguments[count])
		count++;
	return count;
}

/*
 * The name goes into the hello (SNI, RFC 6066) and must stand in the certificate (RFC 9525), whose
 * chain must lead to an authority that the system trusts. -quiet: nothing but our bytes goes either
 * way, and no line that begins with Q or R is taken for a command.
 */
static void prepare_tls(struct connection *c)
{
	const struct target_host *h = &c->target->hosts[0];
	struct in6_addr address;
	bool six = inet_pton(AF_INET6, h->name, &address) == 1;
	bool number = six || inet_pton(AF_INET, h->name, &address) == 1;

	snprintf(c->peer, sizeof(c->peer), six ? "[%s]:%s" : "%s:%s", h->name, h->port);
	set_arguments(c, 0, (const char *[]){ "openssl", "s_client", "-quiet", "-verify_quiet",
		"-verify", "16", "-verify_return_error", "-connect", c->peer, NULL });
	if (number)
		set_arguments(c, count_arguments(c),
			(const char *[]){ "-noservername", "-verify_ip", h->name, NULL });
	else
		set_arguments(c, count_arguments(c), (const char *[]){ "-servername", h->name,
			"-verify_hostname", h->name, NULL });
	c->child.expendable = true; /* it does not notice the end of its input */
}

static void prepare_ssh(struct connection *c)
{
	const struct target_host *h = &c->target->hosts[0];

	set_arguments(c, 0, (const char *[]){ "ssh", "-T", "-e", "none", NULL });
	if (c->target->user)
		set_arguments(c, count_arguments(c),
			(const char *[]){ "-l", c->target->user, NULL });
	if (h->port)
		set_arguments(c, count_arguments(c), (const char *[]){ "-p", h->port, NULL });
	set_arguments(c, count_arguments(c),
		(const char *[]){ "--", h->name, remote_command, NULL });
	c->has_terminal = true;
	c->half_closes = true;
}

static int prepare_command(struct connection *c, const struct options *o)
{
	const struct target *t = c->target;

	if (expand_command(c, o->command, t->path ? t->path : t->hosts[0].name,
		t->path ? "" : t->hosts[0].port) < 0)
		return -1;
	set_arguments(c, 0, (const char *[]){ "/bin/sh", "-c", c->command, NULL });
	c->has_terminal = true;
	c->half_closes = true;
	return 0;
}

int connection_init(struct connection *c, const struct options *o)
{
	*c = (struct connection){ .target = &o->target, .fd = -1, .resolver.fd = -1,
		.child = { .fd = -1, .errors = -1 } };
	target_describe(c->target, c->name);
	c->is_command = o->command || c->target->kind == TARGET_TLS ||
		c->target->kind == TARGET_SSH;
	if (o->command)
		return prepare_command(c, o);
	if (c->target->kind == TARGET_TLS)
		prepare_tls(c);
	else if (c->target->kind == TARGET_SSH)
		prepare_ssh(c);
	else
		c->half_closes = true;
	return 0;
}

void connection_finish(struct connection *c)
{
	connection_close(c);
	free(c->command);
	c->command = NULL;
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

/*
 * Whether the socket is connected to itself: that happens at a port of the range that the kernel
 * takes source ports from, where nobody listens (simultaneous open, RFC 9293).
 */
static bool is_own_peer(int fd)
{
	struct sockaddr_storage here = { 0 }, there = { 0 };
	socklen_t here_len = sizeof(here), there_len = sizeof(there);

	if (getsockname(fd, (struct sockaddr *)&here, &here_len) < 0 ||
		getpeername(fd, (struct sockaddr *)&there, &there_len) < 0)
		return false;
	return here.ss_family != AF_UNIX && here_len == there_len &&
		memcmp(&here, &there, here_len) == 0;
}

static enum connection_state begin_command(struct connection *c)
{
	bool is_tls = c->target->kind == TARGET_TLS;

	if (child_begin(&c->child, c->arguments, c->keeps_errors || is_tls) < 0) {
		fail(c, strerror(errno));
		return CONNECTION_FAILED;
	}
	c->fd = c->child.fd;
	return CONNECTION_UP;
}

static enum connection_state begin_path(struct connection *c)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strlen(c->target->path);

	if (len >= sizeof(un.sun_path)) {
		fail(c, "the path of the socket is too long");
		return CONNECTION_FAILED;
	}
	memcpy(un.sun_path, c->target->path, len);
	memcpy(&c->addresses[0].address, &un, sizeof(un));
	c->addresses[0].len = sizeof(un);
	c->count = 1;
	return connection_advance(c);
}

/* Takes a socket that is connected; the other attempts are given up. */
static void win(struct connection *c, size_t winner)
{
	c->fd = c->attempts[winner].fd;
	if (c->target->count > 1)
		c->first = (c->addresses[winner].host + 1) % c->target->count;
	for (size_t i = 0; i < c->begun; i++)
		if (i != winner && c->attempts[i].fd >= 0)
			close(c->attempts[i].fd);
	c->begun = c->count = 0;
}

static void lose(struct connection *c, struct attempt *a, int error)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
	fail(c, strerror(error));
	c->next_at = 0; /* no reason to wait with the next one */
}

/* Tries the next address. */
static void begin_attempt(struct connection *c, int64_t now)
{
	const struct resolver_address *to = &c->addresses[c->begun];
	struct attempt *a = &c->attempts[c->begun++];

	c->next_at = now + ATTEMPT_DELAY_MSEC;
	a->deadline = now + ATTEMPT_MSEC;
	a->fd = socket(to->address.ss_family, SOCK_STREAM, 0);
	if (a->fd < 0 || set_flags(a->fd) < 0) {
		lose(c, a, errno);
		return;
	}
	if (to->address.ss_family != AF_UNIX)
		set_options(a->fd);
	if (connect(a->fd, (const struct sockaddr *)&to->address, to->len) < 0 &&
		errno != EINPROGRESS && errno != EINTR)
		lose(c, a, errno);
}

/* Whether an attempt has succeeded. */
static bool look_at(struct connection *c, struct attempt *a, int64_t now)
{
	struct pollfd p = { .fd = a->fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	if (a->fd < 0)
		return false;
	if (poll(&p, 1, 0) <= 0) {
		if (now >= a->deadline)
			lose(c, a, ETIMEDOUT);
		return false;
	}
	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (!error && is_own_peer(a->fd))
		error = ECONNREFUSED;
	if (error)
		lose(c, a, error);
	return !error;
}

/* Goes through the attempts, and begins those that are due. */
static enum connection_state race(struct connection *c)
{
	int64_t now = clock_msec();
	bool open = false;

	for (size_t i = 0; i < c->count; i++) {
		if (i == c->begun && now < c->next_at)
			break;
		if (i == c->begun)
			begin_attempt(c, now);
		if (look_at(c, &c->attempts[i], now)) {
			win(c, i);
			return CONNECTION_UP;
		}
	}
	c->deadline = c->begun < c->count ? c->next_at : INT64_MAX;
	for (size_t i = 0; i < c->begun; i++) {
		const struct attempt *a = &c->attempts[i];

		open |= a->fd >= 0;
		if (a->fd >= 0 && a->deadline < c->deadline)
			c->deadline = a->deadline;
	}
	return open || c->begun < c->count ? CONNECTION_TRYING : CONNECTION_FAILED;
}

enum connection_state connection_begin(struct connection *c)
{
	connection_close(c);
	*c->reason = '\0';
	if (c->is_command)
		return begin_command(c);
	if (c->target->kind == TARGET_UNIX)
		return begin_path(c);
	c->count = resolver_known(c->target, c->first, c->addresses);
	if (c->count)
		return connection_advance(c);
	if (resolver_begin(&c->resolver, c->target, c->first) < 0) {
		fail(c, strerror(errno));
		return CONNECTION_FAILED;
	}
	c->deadline = INT64_MAX;
	return CONNECTION_TRYING;
}

enum connection_state connection_advance(struct connection *c)
{
	const char *reason;

	if (c->resolver.fd >= 0) {
		switch (resolver_turn(&c->resolver, c->addresses, &c->count, &reason)) {
		case RESOLVER_BUSY:
			return CONNECTION_TRYING;
		case RESOLVER_FAILED:
			fail(c, reason);
			return CONNECTION_FAILED;
		case RESOLVER_DONE:
			break;
		}
	}
	return race(c);
}

size_t connection_wants(const struct connection *c, struct pollfd polled[CONNECTION_POLLED])
{
	size_t count = 0;

	if (c->resolver.fd >= 0)
		polled[count++] = (struct pollfd){ .fd = c->resolver.fd, .events = POLLIN };
	for (size_t i = 0; i < c->begun; i++)
		if (c->attempts[i].fd >= 0)
			polled[count++] = (struct pollfd){ .fd = c->attempts[i].fd,
				.events = POLLOUT };
	return count;
}

enum connection_state connection_wait(struct connection *c, bool tell)
{
	struct pollfd polled[CONNECTION_POLLED];
	int64_t tell_at = tell ? clock_msec() + TELL_MSEC : INT64_MAX;
	enum connection_state state = connection_begin(c);

	while (state == CONNECTION_TRYING) {
		size_t count = connection_wants(c, polled);
		int64_t until = tell_at < c->deadline ? tell_at : c->deadline;

		(void)poll(polled, (nfds_t)count, clock_timeout(until));
		state = connection_advance(c);
		if (state != CONNECTION_TRYING || clock_msec() < tell_at)
			continue;
		fprintf(stderr, "connecting to %s\n", c->name);
		tell_at = INT64_MAX;
	}
	return state;
}

void connection_close(struct connection *c)
{
	resolver_finish(&c->resolver);
	for (size_t i = 0; i < c->begun; i++)
		if (c->attempts[i].fd >= 0)
			close(c->attempts[i].fd);
	c->begun = c->count = 0;
	c->next_at = 0;
	if (c->is_command)
		child_close(&c->child);
	else if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

void connection_end_errors(struct connection *c)
{
	if (c->child.errors >= 0)
		close(c->child.errors);
	c->child.errors = -1;
}

void connection_half_close(struct connection *c)
{
	if (c->half_closes)
		(void)shutdown(c->fd, SHUT_WR);
}

int64_t connection_silence(const struct connection *c)
{
#if defined(__linux__) && defined(TCP_INFO)
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (!c->is_command && c->fd >= 0 &&
		getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		return info.tcpi_last_ack_recv;
#endif
	(void)c;
	return 0;
}

/* Why openssl has failed, rather than that it has. */
static void explain_tls(struct connection *c)
{
	struct tls_error error = { 0 };
	struct buffer text = { 0 };
	char *room;
	ssize_t n;

	while ((room = buffer_reserve(&text, ERRORS_CHUNK)) != NULL &&
		(n = read(c->child.errors, room, ERRORS_CHUNK)) > 0)
		text.len += (size_t)n;
	for (size_t at = 0; at < text.len;) {
		const char *line = text.data + at, *end = memchr(line, '\n', text.len - at);
		size_t len = end ? (size_t)(end - line) : text.len - at;

		tls_error_take(&error, (struct piece){ line, len });
		at += len + 1;
	}
	buffer_finish(&text);
	if (error.source != TLS_ERROR_NONE)
		fail(c, error.reason);
}

const char *connection_post_mortem(struct connection *c)
{
	if (!child_failed(&c->child, c->reason))
		return NULL;
	if (c->target->kind == TARGET_TLS)
		explain_tls(c);
	return c->reason;
}

void connection_explain(const struct connection *c, char *text, size_t size)
{
	if (c->command)
		snprintf(text, size, "%s", c->reason);
	else
		snprintf(text, size, "%s: %s", c->name, c->reason);
}
