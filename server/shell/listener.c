/*
 * Sockets that listen (listener.h).
 */
#include "server/shell/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/shell/binding.h"
#include "server/shell/connection.h"
#include "server/shell/path.h"

enum {
	PORT_TRIES = 16, /* at a port that is free in both families */
	UNIX_UMASK = 0117, /* who may connect: user and group */

	/* "unix:" and a path, or an address. */
	ENDPOINT_TEXT_MAX = 128,
};

/* Whether it can be reached from this machine only. */
static bool is_local(int fd)
{
	union socket_address a = { .any = { .sa_family = AF_UNSPEC } };
	socklen_t len = sizeof(a);
	struct address address;

	if (getsockname(fd, &a.any, &len) < 0)
		return false;
	binding_address(&address, &a.any, len);
	return address.family == ADDRESS_UNIX || address_is_loopback(&address);
}

static int add(struct listeners *all, const struct listener *l)
{
	struct listener *more = realloc(all->items, (all->count + 1) * sizeof(*more));

	if (more == NULL)
		return -1;
	all->items = more;
	more[all->count] = *l;
	more[all->count++].web.is_local = is_local(l->fd);
	/* Nearly every system hands these options down to the connections that come in here. */
	connection_tune(l->fd);
	return 0;
}

struct listener listener_of(const struct endpoint *e, int fd)
{
	return (struct listener){ .fd = fd, .proxy = e->proxy, .is_operator = e->is_operator,
		.telnet = e->telnet, .is_web = e->is_web, .web = e->web };
}

int listeners_adopt(struct listeners *all, const struct listener *listener)
{
	return add(all, listener);
}

static void close_from(struct listeners *all, size_t from)
{
	struct stat st;

	while (all->count > from) {
		struct listener *l = &all->items[--all->count];

		/* While it is open no other file can have its number. */
		if (l->path != NULL && lstat(l->path, &st) == 0 && st.st_dev == l->device &&
			st.st_ino == l->inode)
			unlink(l->path);
		close(l->fd);
		free(l->path);
	}
}

void listeners_close(struct listeners *all)
{
	close_from(all, 0);
	free(all->items);
	all->items = NULL;
}

/*
 * Opens one address; *port 0: any port, which is then set. 0, or an errno with *error:
 * EAFNOSUPPORT where the host lacks the whole family.
 */
static int open_address(struct listeners *all, const struct endpoint *e, struct binding *b,
	uint16_t *port, struct error *error)
{
	struct listener l = listener_of(e, -1);
	union socket_address a = { .any = { .sa_family = AF_UNSPEC } };
	socklen_t len = sizeof(a);
	int number;

	binding_set_port(b, *port);
	l.fd = binding_socket(b->at.any.sa_family);
	if (l.fd >= 0 && bind(l.fd, &b->at.any, b->len) == 0 && listen(l.fd, SOMAXCONN) == 0 &&
		getsockname(l.fd, &a.any, &len) == 0 && add(all, &l) == 0) {
		*port = ntohs(a.v4.sin_port); /* or that of IPv6, in the same place */
		return 0;
	}
	number = errno;
	if (l.fd >= 0)
		close(l.fd);
	return binding_refuse(b, number, error);
}

/* Opens what an endpoint means: 0, or an errno with *error; what was opened until then stays. */
static int open_bindings(struct listeners *all, const struct endpoint *e,
	const struct bindings *bindings, struct error *error)
{
	uint16_t port = e->port;
	bool found = false;
	int lacks = 0, rc = 0;

	for (size_t i = 0; i < bindings->count && rc == 0; i++) {
		rc = open_address(all, e, &bindings->items[i], &port, error);
		found = found || rc == 0;
		if (rc == EAFNOSUPPORT || rc == EADDRNOTAVAIL) {
			lacks = rc;
			rc = 0;
		}
	}
	return rc == 0 && !found ? lacks : rc;
}

static int open_inet(struct listeners *all, const struct endpoint *e, struct error *error)
{
	struct bindings bindings = { 0 };
	size_t before = all->count;
	int rc = bindings_add(&bindings, e, error) < 0 ? EINVAL : EADDRINUSE;

	/* A port that the kernel chose for one address may be taken at the next. */
	for (int i = 0; rc == EADDRINUSE && i < PORT_TRIES; i++) {
		close_from(all, before);
		error->text[0] = '\0';
		rc = open_bindings(all, e, &bindings, error);
		if (e->port != 0)
			break;
	}
	bindings_finish(&bindings);
	return rc;
}

/* Whether nobody listens on a unix socket any more, so that its file may go. */
static bool is_stale(const struct sockaddr_un *un)
{
	int fd = binding_socket(AF_UNIX);
	struct stat st;
	bool stale = fd >= 0 && lstat(un->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
		connect(fd, (const struct sockaddr *)un, sizeof(*un)) < 0 && errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return stale;
}

static int bind_unix(int fd, const struct sockaddr_un *un)
{
	mode_t mask = umask(UNIX_UMASK);
	int rc = bind(fd, (const struct sockaddr *)un, sizeof(*un));

	if (rc < 0 && errno == EADDRINUSE) {
		if (is_stale(un) && unlink(un->sun_path) == 0)
			rc = bind(fd, (const struct sockaddr *)un, sizeof(*un));
		else
			errno = EADDRINUSE;
	}
	umask(mask);
	return rc;
}

static int open_unix(struct listeners *all, const struct endpoint *e, struct error *error)
{
	struct listener l = listener_of(e, -1);
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct stat st;
	bool bound = false;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", e->name);
	l.path = strdup(e->name);
	l.fd = binding_socket(AF_UNIX);
	if (l.path != NULL && l.fd >= 0 && bind_unix(l.fd, &un) == 0) {
		bound = true;
		if (lstat(l.path, &st) == 0 && listen(l.fd, SOMAXCONN) == 0) {
			l.device = st.st_dev;
			l.inode = st.st_ino;
			if (add(all, &l) == 0)
				return 0;
		}
	}
	binding_refuse_unix(e->name, error);
	if (bound)
		unlink(e->name);
	if (l.fd >= 0)
		close(l.fd);
	free(l.path);
	return -1;
}

/* Where it listens, as --listen has it; out has ENDPOINT_TEXT_MAX bytes. */
static void describe(const struct listener *l, char *out)
{
	union socket_address a = { .any = { .sa_family = AF_UNSPEC } };
	socklen_t len = sizeof(a);
	struct address address;

	memset(&a, 0, sizeof(a));
	getsockname(l->fd, &a.any, &len);
	if (a.any.sa_family == AF_UNIX) {
		snprintf(out, ENDPOINT_TEXT_MAX, "unix:%.*s", (int)sizeof(a.un.sun_path),
			a.un.sun_path);
	} else {
		binding_address(&address, &a.any, len);
		address_text(out, &address);
	}
}

/* In the words that a log of chatd has always had. */
static void announce(const struct listener *l, struct log *log)
{
	char text[ENDPOINT_TEXT_MAX];

	describe(l, text);
	log_line(log, LOG_AT_INFO, "create socket: success!");
	log_line(log, LOG_AT_INFO, "bind to %s: success!", text);
	log_line(log, LOG_AT_INFO, "listen: success!");
}

int listeners_inherit(struct listeners *all, const struct listener *listener, struct log *log,
	struct error *error)
{
	char text[ENDPOINT_TEXT_MAX];

	if (add(all, listener) < 0)
		return error_set(error, ERROR_START, "out of memory");
	describe(listener, text);
	log_line(log, LOG_AT_INFO, "take over socket %s: success!", text);
	return 0;
}

int listeners_open(struct listeners *all, const struct endpoint *e, struct log *log,
	struct error *error)
{
	size_t before = all->count;
	int rc = e->kind == ENDPOINT_UNIX ? open_unix(all, e, error) : open_inet(all, e, error);

	if (rc != 0)
		return rc == EAFNOSUPPORT ? LISTENERS_NO_FAMILY : -1;
	/* It is set where one of several addresses is lacking. */
	if (e->kind != ENDPOINT_UNIX && error->text[0] != '\0')
		log_line(log, LOG_AT_WARNING, "warning: %s", error->text);
	for (size_t i = before; i < all->count; i++)
		announce(&all->items[i], log);
	return 0;
}

static int accept_plain(int listener, union socket_address *a, socklen_t *len)
{
#ifdef HAVE_ACCEPT4
	int fd = accept4(listener, &a->any, len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0 || errno != ENOSYS)
		return fd;
	fd = accept(listener, &a->any, len);
#else
	int fd = accept(listener, &a->any, len);
#endif

	if (fd >= 0 && binding_set_flags(fd) < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int listener_accept(const struct listener *listener, struct address *from)
{
	union socket_address a = { .any = { .sa_family = AF_UNSPEC } };
	socklen_t len = sizeof(a);
	int fd = accept_plain(listener->fd, &a, &len);

	if (fd < 0)
		return -1;
	if (!connection_is_tuned(fd))
		connection_tune(fd);
	binding_address(from, &a.any, len);
	return fd;
}
