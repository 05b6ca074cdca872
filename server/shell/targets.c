/*
 * The nats-servers of --share (targets.h). The rule: names are looked up before the
 * loop runs, since getaddrinfo() waits for other machines; an address that changes is
 * found at the next start.
 */
#include "server/shell/targets.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

#define SCHEME "nats://"
#define DEFAULT_PORT "4222"

enum { HOST_MAX = 255, PORT_TEXT_MAX = 5 };

/* One "HOST:PORT" of the list. */
struct place {
	char host[HOST_MAX + 1];
	char port[PORT_TEXT_MAX + 1];
	uint16_t number; /* the port */
};

static int refuse(const char *text, const char *label, struct error *error)
{
	return error_set(error, ERROR_USAGE,
		"%s must be nats://HOST:PORT[,HOST:PORT]..., not \"%s\"", label, text);
}

static bool read_port(struct place *p, const char *text, size_t len)
{
	uint64_t port;

	if (len > PORT_TEXT_MAX || !text_number(text, len, UINT16_MAX, &port) || port == 0)
		return false;
	memcpy(p->port, text, len);
	p->port[len] = '\0';
	p->number = (uint16_t)port;
	return true;
}

static bool read_place(struct place *p, const char *text, size_t len)
{
	bool bracketed = len > 0 && text[0] == '[';
	const char *end = bracketed ? memchr(text, ']', len) : NULL;
	size_t host = end != NULL ? (size_t)(end - text) + 1 : 0;

	if (bracketed && end == NULL)
		return false;
	while (host < len && text[host] != ':')
		host++;
	if (host < len ? !read_port(p, text + host + 1, len - host - 1)
		       : !read_port(p, DEFAULT_PORT, strlen(DEFAULT_PORT)))
		return false;
	if (bracketed) {
		if (text[host - 1] != ']')
			return false;
		text++;
		host -= 2;
	}
	if (host == 0 || host > HOST_MAX)
		return false;
	memcpy(p->host, text, host);
	p->host[host] = '\0';
	return strpbrk(p->host, "/@ \t") == NULL;
}

/* The next of the list, which *text is moved over: 1, 0 after the last, -1. */
static int next_place(struct place *p, const char **text)
{
	size_t len = strcspn(*text, ",");
	const char *begin = *text;

	if (len == 0 && *begin == '\0')
		return 0;
	*text += len + ((*text)[len] == ',');
	if (len >= strlen(SCHEME) && memcmp(begin, SCHEME, strlen(SCHEME)) == 0) {
		begin += strlen(SCHEME);
		len -= strlen(SCHEME);
	}
	if ((*text)[-1] == ',' && **text == '\0')
		return -1;
	return read_place(p, begin, len) ? 1 : -1;
}

int targets_check(const char *text, const char *label, struct error *error)
{
	const char *rest = text;
	struct place place;
	int rc, count = 0;

	if (strncmp(text, SCHEME, strlen(SCHEME)) != 0)
		return refuse(text, label, error);
	while ((rc = next_place(&place, &rest)) > 0)
		count++;
	return rc < 0 || count == 0 ? refuse(text, label, error) : 0;
}

static int add(struct targets *t, const struct place *place, const struct addrinfo *found)
{
	struct target *more = realloc(t->items, (t->count + 1) * sizeof(*more));
	bool is_v6 = strchr(place->host, ':') != NULL;
	struct target *target;

	if (more == NULL)
		return -1;
	t->items = more;
	target = &more[t->count++];
	*target = (struct target){ .len = found->ai_addrlen, .port = place->number };
	memcpy(&target->address, found->ai_addr, found->ai_addrlen);
	snprintf(target->label, sizeof(target->label),
		is_v6 ? "nats://[%.48s]:%s" : "nats://%.60s:%s", place->host, place->port);
	return 0;
}

static int look_up(struct targets *t, const struct place *place, const char *label,
	struct error *error)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	int rc = getaddrinfo(place->host, place->port, &hints, &found);

	if (rc != 0)
		return error_set(error, ERROR_START, "%s: cannot find %s: %s", label, place->host,
			gai_strerror(rc));
	for (const struct addrinfo *a = found; a != NULL && t->count < TARGETS_MAX; a = a->ai_next)
		if (add(t, place, a) < 0)
			rc = error_set(error, ERROR_START, "out of memory");
	freeaddrinfo(found);
	return rc;
}

int targets_look_up(struct targets *t, const char *text, const char *label, struct error *error)
{
	struct place place;

	*t = (struct targets){ 0 };
	while (next_place(&place, &text) > 0) {
		if (look_up(t, &place, label, error) < 0) {
			targets_finish(t);
			return -1;
		}
	}
	return 0;
}

void targets_finish(struct targets *t)
{
	free(t->items);
	*t = (struct targets){ 0 };
}
