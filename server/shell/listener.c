/*
 * Sockets that listen (listener.h).
 */
#include "server/shell/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/shell/connection.h"
#include "server/shell/path.h"

enum {
	PORT_TRIES = 16, /* at a port that is free in both families */
	UNIX_UMASK = 0117, /* who may connect: user and group */

	/* "unix:" and a path, or an address. */
	ENDPOINT_TEXT_MAX = 128,
};

union socket_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
	struct sockaddr_storage storage;
};

void listener_address(struct address *out, const struct sockaddr *sa, socklen_t len)
{
	union socket_address a = { .any = { .sa_family = AF_UNSPEC } };

	memcpy(&a, sa, len < sizeof(a) ? len : sizeof(a));
	*out = (struct address){ .family = ADDRESS_NONE };
	if (a.any.sa_family == AF_INET) {
		out->family = ADDRESS_V4;
		out->port = ntohs(a.v4.sin_port);
		memcpy(out->bytes, &a.v4.sin_addr, 4);
	} else if (a.any.sa_family == AF_INET6) {
		address_set_v6(out, a.v6.sin6_addr.s6_addr);
		out->port = ntohs(a.v6.sin6_port);
	} else if (a.any.sa_family == AF_UNIX) {
		out->family = ADDRESS_UNIX;
	}
}

/* Keeps a descriptor out of a new program's hands, and from blocking this one. */
static int set_flags(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? -1 : 0;
}

static int new_socket(int family)
{
	int on = 1;
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	if (set_flags(fd) < 0)
		goto fail;
	if (family != AF_UNIX && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		goto fail;
	/* IPv4 has a socket of its own. */
	if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		goto fail;
	return fd;
fail:
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

/* Whether it can be reached from this machine only. */
static bool is_local(int fd)
{
	static const uint8_t loopback_v6[16] = { [15] = 1 };
	union socket_address a = { .any = { .sa_family = AF_UNSPEC } };
	socklen_t len = sizeof(a);
	struct address address;

	if (getsockname(fd, &a.any, &len) < 0)
		return false;
	listener_address(&address, &a.any, len);
	if (address.family == ADDRESS_V4)
		return address.bytes[0] == 127;
	if (address.family == ADDRESS_V6)
		return memcmp(address.bytes, loopback_v6, sizeof(loopback_v6)) == 0;
	return a.any.sa_family == AF_UNIX;
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

/* The addresses of a host and port. 0, or -1 with *error. */
static int resolve(const char *host, uint16_t port, struct addrinfo **list, struct error *error)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	};
	char service[8];
	int rc;

	snprintf(service, sizeof(service), "%u", port);
	rc = getaddrinfo(host, service, &hints, list);
	if (rc == 0)
		return 0;
	return error_set(error, ERROR_START, "--listen: cannot find %s: %s", host,
		rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
}

/* The hosts that an endpoint means; returns how many. */
static int hosts_of(const struct endpoint *e, const char *hosts[2])
{
	bool any = e->kind == ENDPOINT_ANY;

	if (e->kind == ENDPOINT_HOST) {
		hosts[0] = e->name;
		return 1;
	}
	hosts[0] = any ? "0.0.0.0" : "127.0.0.1";
	hosts[1] = any ? "::" : "::1";
	return 2;
}

/* Whether the host has no address at all of a family, or does not know the family. */
static bool lacks_family(int family)
{
	union socket_address a = { .any = { .sa_family = (sa_family_t)family } };
	int fd = socket(family, SOCK_STREAM, 0);
	bool lacks;

	if (fd < 0)
		return errno == EAFNOSUPPORT;
	if (family == AF_INET6)
		a.v6.sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
	else
		a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	lacks = bind(fd, &a.any, family == AF_INET6 ? sizeof(a.v6) : sizeof(a.v4)) < 0 &&
		errno == EADDRNOTAVAIL;
	close(fd);
	return lacks;
}

/* Sets *error and returns the number: what is in the way of an address, EAFNOSUPPORT its family. */
static int refuse_address(const struct addrinfo *info, uint16_t port, int number,
	struct error *error)
{
	union socket_address a = { .any = { .sa_family = AF_UNSPEC } };
	struct address address;
	char text[ADDRESS_TEXT_MAX];

	memcpy(&a, info->ai_addr, info->ai_addrlen);
	a.v4.sin_port = htons(port);
	listener_address(&address, &a.any, info->ai_addrlen);
	address_text(text, &address);
	error_set(error, ERROR_START, "--listen: cannot listen on %s: %s", text, strerror(number));
	return number == EADDRNOTAVAIL && lacks_family(info->ai_family) ? EAFNOSUPPORT : number;
}

/*
 * Opens one address; *port 0: any port, which is then set. 0, or an errno with *error:
 * EAFNOSUPPORT where the host lacks the whole family.
 */
static int open_address(struct listeners *all, const struct endpoint *e,
	const struct addrinfo *info, uint16_t *port, struct error *error)
{
	struct listener l = listener_of(e, -1);
	union socket_address a = { .any = { .sa_family = AF_UNSPEC } };
	socklen_t len = info->ai_addrlen;
	int number;

	memcpy(&a, info->ai_addr, len);
	/* Both families have it in the same place. */
	a.v4.sin_port = htons(*port);
	l.fd = new_socket(info->ai_family);
	if (l.fd >= 0 && bind(l.fd, &a.any, len) == 0 && listen(l.fd, SOMAXCONN) == 0 &&
		getsockname(l.fd, &a.any, &len) == 0 && add(all, &l) == 0) {
		*port = ntohs(a.v4.sin_port);
		return 0;
	}
	number = errno;
	if (l.fd >= 0)
		close(l.fd);
	return refuse_address(info, *port, number, error);
}

/* The same short of listening, so that a chatd which runs there already is not disturbed. */
static int check_address(const struct addrinfo *info, uint16_t port, struct error *error)
{
	union socket_address a = { .any = { .sa_family = AF_UNSPEC } };
	int fd = new_socket(info->ai_family);
	int number = 0;

	memcpy(&a, info->ai_addr, info->ai_addrlen);
	a.v4.sin_port = htons(port);
	if (fd < 0 || (bind(fd, &a.any, info->ai_addrlen) < 0 && errno != EADDRINUSE))
		number = errno;
	if (fd >= 0)
		close(fd);
	return number == 0 ? 0 : refuse_address(info, port, number, error);
}

/*
 * Opens, or with all NULL checks, what an endpoint means: 0, or an errno with *error; what was
 * opened until then stays.
 */
static int open_hosts(struct listeners *all, const struct endpoint *e, struct error *error)
{
	const char *hosts[2];
	int count = hosts_of(e, hosts);
	uint16_t port = e->port;
	bool found = false;
	int lacks = 0;
	int rc = 0;

	for (int i = 0; i < count && rc == 0; i++) {
		struct addrinfo *list;

		if (resolve(hosts[i], port, &list, error) < 0)
			return EINVAL;
		for (struct addrinfo *info = list; info != NULL && rc == 0; info = info->ai_next) {
			rc = all != NULL ? open_address(all, e, info, &port, error)
					 : check_address(info, port, error);
			found = found || rc == 0;
			if (rc == EAFNOSUPPORT || rc == EADDRNOTAVAIL) {
				lacks = rc;
				rc = 0;
			}
		}
		freeaddrinfo(list);
	}
	return rc == 0 && !found ? lacks : rc;
}

static int open_inet(struct listeners *all, const struct endpoint *e, struct error *error)
{
	size_t before = all->count;
	int rc = 0;

	/* A port that the kernel chose for one address may be taken at the next. */
	for (int i = 0; i < PORT_TRIES; i++) {
		error->text[0] = '\0';
		rc = open_hosts(all, e, error);
		if (rc != EADDRINUSE || e->port != 0)
			break;
		close_from(all, before);
	}
	return rc;
}

/* Whether nobody listens on a unix socket any more, so that its file may go. */
static bool is_stale(const struct sockaddr_un *un)
{
	int fd = new_socket(AF_UNIX);
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

static int refuse_unix(const char *path, struct error *error)
{
	return error_set(error, ERROR_START, "--listen: cannot listen on unix:%s: %s", path,
		strerror(errno));
}

static int open_unix(struct listeners *all, const struct endpoint *e, struct error *error)
{
	struct listener l = listener_of(e, -1);
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct stat st;
	bool bound = false;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", e->name);
	l.path = strdup(e->name);
	l.fd = new_socket(AF_UNIX);
	if (l.path != NULL && l.fd >= 0 && bind_unix(l.fd, &un) == 0) {
		bound = true;
		if (lstat(l.path, &st) == 0 && listen(l.fd, SOMAXCONN) == 0) {
			l.device = st.st_dev;
			l.inode = st.st_ino;
			if (add(all, &l) == 0)
				return 0;
		}
	}
	refuse_unix(e->name, error);
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
		listener_address(&address, &a.any, len);
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

int listeners_check(const struct endpoint *e, struct error *error)
{
	struct stat st;
	int rc;

	if (e->kind != ENDPOINT_UNIX) {
		rc = open_hosts(NULL, e, error);
		return rc == 0 ? 0 : rc == EAFNOSUPPORT ? LISTENERS_NO_FAMILY : -1;
	}
	if (path_can_make(e->name) < 0)
		return refuse_unix(e->name, error);
	if (lstat(e->name, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		errno = EADDRINUSE;
		return refuse_unix(e->name, error);
	}
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

	if (fd >= 0 && set_flags(fd) < 0) {
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
	listener_address(from, &a.any, len);
	return fd;
}
