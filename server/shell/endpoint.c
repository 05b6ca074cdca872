/*
 * Where to listen: the text behind --listen (endpoint.h).
 */
#include "server/shell/endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "proto/text.h"

enum { UNIX_PATH_MAX = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1 };

/* Takes the word off the end of a text of *len bytes, if it is there. */
static bool take_suffix(const char *text, size_t *len, const char *word)
{
	size_t n = strlen(word);

	if (*len < n || memcmp(text + *len - n, word, n) != 0)
		return false;
	*len -= n;
	return true;
}

static int parse_unix(struct endpoint *e, const char *path, size_t len, const char *label,
	struct error *error)
{
	if (len == 0)
		return error_set(error, ERROR_USAGE, "%s: unix: needs the path of a socket", label);
	if (len > UNIX_PATH_MAX)
		return error_set(error, ERROR_USAGE,
			"%s: the path of a unix socket has at most %d bytes, not %zu", label,
			(int)UNIX_PATH_MAX, len);
	e->kind = ENDPOINT_UNIX;
	e->name = strndup(path, len);
	return 0;
}

/* The host in front of ":PORT"; brackets keep the colons of IPv6 apart from it. */
static int parse_host(struct endpoint *e, const char *host, size_t len, const char *label,
	struct error *error)
{
	bool bracketed = len >= 2 && host[0] == '[' && host[len - 1] == ']';

	if (len == 1 && *host == '*') {
		e->kind = ENDPOINT_ANY;
		return 0;
	}
	if (bracketed) {
		host++;
		len -= 2;
	} else if (memchr(host, ':', len) != NULL) {
		return error_set(error, ERROR_USAGE,
			"%s: an IPv6 address needs brackets, as in [::1]:8000", label);
	}
	if (len == 0)
		return error_set(error, ERROR_USAGE,
			"%s: there is no host before the port (*:8000 means all addresses)", label);
	e->kind = ENDPOINT_HOST;
	e->name = strndup(host, len);
	return 0;
}

static int parse_inet(struct endpoint *e, const char *text, size_t len, const char *label,
	struct error *error)
{
	size_t host = len;
	uint64_t port;

	while (host > 0 && text[host - 1] != ':')
		host--;
	if (!text_number(text + host, len - host, UINT16_MAX, &port))
		return error_set(error, ERROR_USAGE,
			"%s: \"%s\" does not end in a port, which is a number from 0 to %d",
			label, text, UINT16_MAX);
	e->port = (uint16_t)port;
	e->kind = ENDPOINT_LOOPBACK;
	return host == 0 ? 0 : parse_host(e, text, host - 1, label, error);
}

int endpoint_parse(struct endpoint *e, const char *text, const char *label, struct error *error)
{
	static const char unix_prefix[] = "unix:";
	size_t len = strlen(text);
	size_t prefix = sizeof(unix_prefix) - 1;
	int rc;

	*e = (struct endpoint){ 0 };
	for (bool more = true; more;) {
		more = false;
		if (take_suffix(text, &len, ",proxy"))
			more = e->proxy = true;
		if (take_suffix(text, &len, ",operator"))
			more = e->is_operator = true;
		if (take_suffix(text, &len, ",telnet"))
			more = e->telnet = true;
	}
	if (len >= prefix && memcmp(text, unix_prefix, prefix) == 0)
		rc = parse_unix(e, text + prefix, len - prefix, label, error);
	else
		rc = parse_inet(e, text, len, label, error);
	if (rc == 0 && e->name == NULL && (e->kind == ENDPOINT_HOST || e->kind == ENDPOINT_UNIX))
		rc = error_set(error, ERROR_START, "out of memory");
	return rc;
}

void endpoint_finish(struct endpoint *e)
{
	free(e->name);
	e->name = NULL;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->kind == b->kind && a->port == b->port && a->proxy == b->proxy &&
		a->is_operator == b->is_operator && a->telnet == b->telnet &&
		(a->name == NULL || strcmp(a->name, b->name) == 0);
}
