/*
 * Where a socket is to listen (binding.h). The rule: IPv4 and IPv6 have sockets of their own, so
 * that one that the host lacks is not in the way of the other (IPV6_V6ONLY, RFC 3493, section 5.3,
 * https://www.rfc-editor.org/rfc/rfc3493).
 */
#include "server/shell/binding.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void binding_address(struct address *out, const struct sockaddr *sa, socklen_t len)
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

int binding_set_flags(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? -1 : 0;
}

int binding_socket(int family)
{
	int on = 1;
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	if (binding_set_flags(fd) < 0)
		goto fail;
	if (family != AF_UNIX && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		goto fail;
	if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		goto fail;
	return fd;
fail:
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

void binding_set_port(struct binding *b, uint16_t port)
{
	b->at.v4.sin_port = htons(port); /* both families have it in the same place */
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

/* Adds the addresses of a host. 0, or -1 with *error. */
static int add_host(struct bindings *all, const char *host, uint16_t port, struct error *error)
{
	struct addrinfo *list, *info;
	struct binding *more;
	size_t count = 0;

	if (resolve(host, port, &list, error) < 0)
		return -1;
	for (info = list; info != NULL; info = info->ai_next)
		count++;
	more = realloc(all->items, (all->count + count) * sizeof(*more));
	if (more != NULL)
		all->items = more;
	for (info = list; more != NULL && info != NULL; info = info->ai_next) {
		struct binding *b = &more[all->count++];

		*b = (struct binding){ .len = info->ai_addrlen };
		memcpy(&b->at, info->ai_addr, info->ai_addrlen);
	}
	freeaddrinfo(list);
	return more != NULL ? 0 : error_set(error, ERROR_START, "out of memory");
}

int bindings_add(struct bindings *all, const struct endpoint *e, struct error *error)
{
	bool any = e->kind == ENDPOINT_ANY;

	if (e->kind == ENDPOINT_HOST)
		return add_host(all, e->name, e->port, error);
	if (add_host(all, any ? "0.0.0.0" : "127.0.0.1", e->port, error) < 0)
		return -1;
	return add_host(all, any ? "::" : "::1", e->port, error);
}

void bindings_finish(struct bindings *all)
{
	free(all->items);
	*all = (struct bindings){ 0 };
}

bool binding_is_at(const struct binding *b, const struct binding *other)
{
	static const uint8_t zero[sizeof(((struct address *)NULL)->bytes)];
	struct address one, two;

	binding_address(&one, &b->at.any, b->len);
	binding_address(&two, &other->at.any, other->len);
	if (one.family != two.family || one.port != two.port || one.port == 0)
		return false;
	return memcmp(one.bytes, two.bytes, sizeof(zero)) == 0 ||
		memcmp(one.bytes, zero, sizeof(zero)) == 0 ||
		memcmp(two.bytes, zero, sizeof(zero)) == 0;
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

int binding_refuse(const struct binding *b, int number, struct error *error)
{
	struct address address;
	char text[ADDRESS_TEXT_MAX];

	binding_address(&address, &b->at.any, b->len);
	address_text(text, &address);
	error_set(error, ERROR_START, "--listen: cannot listen on %s: %s", text, strerror(number));
	return number == EADDRNOTAVAIL && lacks_family(b->at.any.sa_family) ? EAFNOSUPPORT : number;
}

int binding_refuse_unix(const char *path, struct error *error)
{
	return error_set(error, ERROR_START, "--listen: cannot listen on unix:%s: %s", path,
		strerror(errno));
}
