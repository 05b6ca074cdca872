/*
 * Where a socket is to listen: the addresses that an endpoint means, as the system has them.
 */
#ifndef SERVER_SHELL_BINDING_H
#define SERVER_SHELL_BINDING_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "server/core/base/address.h"
#include "server/shell/endpoint.h"
#include "server/shell/error.h"

union socket_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
	struct sockaddr_storage storage;
};

struct binding {
	union socket_address at;
	socklen_t len;
};

struct bindings {
	struct binding *items; /* heap */
	size_t count;
};

/* Adds what an endpoint that is no unix socket means. 0, or -1 with *error. */
int bindings_add(struct bindings *all, const struct endpoint *e, struct error *error);
void bindings_finish(struct bindings *all);

void binding_set_port(struct binding *b, uint16_t port);

/*
 * Whether one is where another is, or one of them is at all addresses. Port 0 is nowhere yet.
 */
bool binding_is_at(const struct binding *b, const struct binding *other);

/* A socket that is to be bound; -1 with errno. */
int binding_socket(int family);

/* Keeps a descriptor out of a new program's hands, and from blocking this one. 0, or -1. */
int binding_set_flags(int fd);

/* The core's address of a socket address. */
void binding_address(struct address *out, const struct sockaddr *sa, socklen_t len);

/* Sets *error and returns the number: what is in the way of it, EAFNOSUPPORT its whole family. */
int binding_refuse(const struct binding *b, int number, struct error *error);

/* The same for a unix socket, by errno: returns -1. */
int binding_refuse_unix(const char *path, struct error *error);

#endif
