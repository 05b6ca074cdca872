/*
 * Where to listen: the text after --listen (endpoint.h).
 */
#include "server/shell/endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "proto/text.h"
#include "server/shell/room_option.h"

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
	size_t host = len, comma = len;
	uint64_t port;

	while (host > 0 && text[host - 1] != ':')
		host--;
	while (comma > 0 && text[comma - 1] != ',')
		comma--;
	if (!text_number(text + host, len - host, UINT16_MAX, &port) && comma > 0)
		return error_set(error, ERROR_USAGE,
			"%s: there is no word \"%.*s\" for an address (proxy, operator, telnet, "
			"web, readonly, metrics, forwarded=, room=)", label,
			(int)(len - comma), text + comma);
	if (!text_number(text + host, len - host, UINT16_MAX, &port))
		return error_set(error, ERROR_USAGE,
			"%s: \"%s\" does not end in a port, which is a number from 0 to %d",
			label, text, UINT16_MAX);
	e->port = (uint16_t)port;
	e->kind = ENDPOINT_LOOPBACK;
	return host == 0 ? 0 : parse_host(e, text, host - 1, label, error);
}

static bool parse_trusted(struct prefix *trusted, const char *text, size_t len)
{
	if (len != strlen("unix") || memcmp(text, "unix", len) != 0)
		return prefix_parse(trusted, text, len);
	*trusted = (struct prefix){ .family = ADDRESS_UNIX };
	return true;
}

/* Takes one ",forwarded=ADDR[/BITS]" off the end: 1 if there is one, 0 if not, -1 with *error. */
static int take_forwarded(struct endpoint *e, const char *text, size_t *len, const char *label,
	struct error *error)
{
	static const char word[] = ",forwarded=";
	size_t at = *len, n = sizeof(word) - 1;

	while (at > 0 && text[at - 1] != ',')
		at--;
	if (at == 0 || *len - (at - 1) < n || memcmp(text + at - 1, word, n) != 0)
		return 0;
	if (e->web.trusted_count == WEB_TRUSTED_MAX)
		return error_set(error, ERROR_USAGE, "%s: there are at most %d front ends", label,
			(int)WEB_TRUSTED_MAX);
	at += n - 1;
	if (!parse_trusted(&e->web.trusted[e->web.trusted_count], text + at, *len - at))
		return error_set(error, ERROR_USAGE,
			"%s: forwarded= takes ADDR[/BITS] or unix, not \"%.*s\"", label,
			(int)(*len - at), text + at);
	e->web.trusted_count++;
	*len = at - n;
	return 1;
}

/* Takes ",room=NAME" off the end: 1 if it is there, 0 if not, -1 with *error. */
static int take_room(struct endpoint *e, const char *text, size_t *len, const char *label,
	struct error *error)
{
	static const char word[] = ",room=";
	size_t at = *len, n = sizeof(word) - 1;
	char *name;

	while (at > 0 && text[at - 1] != ',')
		at--;
	if (at == 0 || *len - (at - 1) < n || memcmp(text + at - 1, word, n) != 0)
		return 0;
	at += n - 1;
	name = room_option_name(text + at, *len - at, label, error);
	if (name == NULL)
		return -1;
	snprintf(e->web.room, sizeof(e->web.room), "%s", name);
	free(name);
	*len = at - n;
	return 1;
}

/* Whether the words after the address go together. 0, or -1 with *error. */
static int check_words(struct endpoint *e, const char *label, struct error *error)
{
	if (e->web.is_metrics && *e->web.room != '\0')
		return error_set(error, ERROR_USAGE, "%s: room and metrics do not go together",
			label);
	if (e->is_web && e->web.is_metrics)
		return error_set(error, ERROR_USAGE, "%s: web and metrics do not go together",
			label);
	if (!e->is_web && (e->web.is_readonly || e->web.trusted_count > 0))
		return error_set(error, ERROR_USAGE, "%s: readonly and forwarded go with web alone",
			label);
	e->is_web = e->is_web || e->web.is_metrics;
	if (e->is_web && (e->is_operator || e->telnet))
		return error_set(error, ERROR_USAGE,
			"%s: operator and telnet do not go with web or metrics", label);
	return 0;
}

/* Takes all the words that there are off the end. 0, or -1 with *error. */
static int take_words(struct endpoint *e, const char *text, size_t *len, const char *label,
	struct error *error)
{
	int rc;

	for (bool more = true; more;) {
		more = false;
		if (take_suffix(text, len, ",proxy"))
			more = e->proxy = true;
		if (take_suffix(text, len, ",operator"))
			more = e->is_operator = true;
		if (take_suffix(text, len, ",telnet"))
			more = e->telnet = true;
		if (take_suffix(text, len, ",web"))
			more = e->is_web = true;
		if (take_suffix(text, len, ",readonly"))
			more = e->web.is_readonly = true;
		if (take_suffix(text, len, ",metrics"))
			more = e->web.is_metrics = true;
		rc = take_forwarded(e, text, len, label, error);
		if (rc == 0)
			rc = take_room(e, text, len, label, error);
		if (rc < 0)
			return -1;
		more = more || rc > 0;
	}
	return 0;
}

int endpoint_parse(struct endpoint *e, const char *text, const char *label, struct error *error)
{
	static const char unix_prefix[] = "unix:";
	size_t len = strlen(text);
	size_t prefix = sizeof(unix_prefix) - 1;
	int rc;

	*e = (struct endpoint){ 0 };
	if (take_words(e, text, &len, label, error) < 0 ||
		check_words(e, label, error) < 0)
		return -1;
	if (len >= prefix && memcmp(text, unix_prefix, prefix) == 0)
		rc = parse_unix(e, text + prefix, len - prefix, label, error);
	else
		rc = parse_inet(e, text, len, label, error);
	if (rc == 0 && e->name == NULL && (e->kind == ENDPOINT_HOST || e->kind == ENDPOINT_UNIX))
		rc = error_set(error, ERROR_START, "out of memory");
	return rc;
}

int endpoint_parse_words(struct endpoint *e, struct slice words, const char *label,
	struct error *error)
{
	char text[ENDPOINT_WORDS_MAX + 1] = ",";
	size_t len = 1 + words.len;

	*e = (struct endpoint){ 0 };
	if (words.len > ENDPOINT_WORDS_MAX - 1)
		return error_set(error, ERROR_USAGE, "%s: a name has at most %d bytes", label,
			ENDPOINT_WORDS_MAX - 1);
	memcpy(text + 1, words.bytes, words.len);
	while (len > 0) {
		if (take_words(e, text, &len, label, error) < 0)
			return -1;
		/* Any other is only a name. */
		while (len > 0 && text[--len] != ',')
			;
	}
	return check_words(e, label, error);
}

void endpoint_finish(struct endpoint *e)
{
	free(e->name);
	e->name = NULL;
}

static bool equal_profile(const struct web_profile *a, const struct web_profile *b)
{
	if (a->is_metrics != b->is_metrics || a->is_readonly != b->is_readonly ||
		strcmp(a->room, b->room) != 0 || a->trusted_count != b->trusted_count)
		return false;
	for (unsigned i = 0; i < a->trusted_count; i++)
		if (!prefix_equal(&a->trusted[i], &b->trusted[i]))
			return false;
	return true;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->kind == b->kind && a->port == b->port && a->proxy == b->proxy &&
		a->is_operator == b->is_operator && a->telnet == b->telnet &&
		a->is_web == b->is_web && equal_profile(&a->web, &b->web) &&
		(a->name == NULL || strcmp(a->name, b->name) == 0);
}
