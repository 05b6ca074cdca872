/*
 * Takes the operand apart. Nothing is looked up here; what will stand in another program's
 * command line is refused unless it is made of harmless characters (target_is_safe).
 */
#include "client/shell/target.h"

#include <stdio.h>
#include <string.h>

#include "proto/text.h"

#define PORT_DEFAULT "8000"
#define PORT_TLS "6697"

static int refuse(struct target_error *error, const char *word, const char *value,
	const char *reason)
{
	*error = (struct target_error){ word, value, reason };
	return -1;
}

bool target_is_safe(const char *text)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		".:-_%";

	return *text != '-' && text[strspn(text, allowed)] == '\0';
}

/*
 * Cuts HOST:PORT, [ADDRESS]:PORT or [ADDRESS] and returns the port, or NULL. Several colons without
 * brackets are those of an address.
 */
static const char *cut_port(char **host)
{
	char *colon = strchr(*host, ':'), *bracket = **host == '[' ? strchr(*host, ']') : NULL;

	if (bracket && (bracket[1] == ':' || !bracket[1])) {
		++*host;
		*bracket = '\0';
		return bracket[1] ? bracket + 2 : NULL;
	}
	if (!colon || strchr(colon + 1, ':'))
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int parse_host(struct target *t, char *text, const char *port, struct target_error *error)
{
	const char *own = cut_port(&text);
	uint64_t number;

	if (t->count == TARGET_HOSTS_MAX)
		return refuse(error, "host", text, "there are too many of them");
	if (!*text)
		return refuse(error, "host", "", "there is no name");
	if (own && port)
		return refuse(error, "port", port, "it is given twice");
	if (own)
		port = own;
	else if (!port && t->kind != TARGET_SSH)
		port = t->kind == TARGET_TLS ? PORT_TLS : PORT_DEFAULT;
	if (port && (!text_number(port, strlen(port), 65535, &number) || number == 0))
		return refuse(error, "port", port, "must be a number from 1 to 65535");
	t->hosts[t->count++] = (struct target_host){ text, port };
	return 0;
}

/* Takes the room from the end. */
static int cut_room(struct target *t, char *text, struct target_error *error)
{
	char *slash = strchr(text, '/');

	if (!slash)
		return 0;
	*slash = '\0';
	t->room = slash + 1;
	return *t->room ? 0 : refuse(error, "room", "", "there is no name");
}

/* A host that stands in another program's command line. */
static int parse_peer(struct target *t, char *text, const char *port, struct target_error *error)
{
	static const char reason[] = "such a name is not handed to a command";
	char *at = t->kind == TARGET_SSH ? strrchr(text, '@') : NULL;

	if (at) {
		*at = '\0';
		t->user = text;
		text = at + 1;
	}
	if (t->user && (!*t->user || !target_is_safe(t->user)))
		return refuse(error, "user", t->user, reason);
	if (parse_host(t, text, port, error) < 0)
		return -1;
	return target_is_safe(t->hosts[0].name) ? 0
		: refuse(error, "host", t->hosts[0].name, reason);
}

static int parse_path(struct target *t, const char *path, const char *port,
	struct target_error *error)
{
	t->kind = TARGET_UNIX;
	t->path = path;
	if (!*path)
		return refuse(error, "unix:", "", "there is no path");
	return port ? refuse(error, "argument", port, "a unix socket has no port") : 0;
}

static bool takes(char **text, const char *scheme)
{
	size_t len = strlen(scheme);

	if (strncmp(*text, scheme, len) != 0)
		return false;
	*text += len;
	return true;
}

int target_parse(struct target *t, char *text, const char *port, struct target_error *error)
{
	*t = (struct target){ .kind = TARGET_TCP };
	if (takes(&text, "unix:"))
		return parse_path(t, text, port, error);
	if (takes(&text, "tls:"))
		t->kind = TARGET_TLS;
	else if (takes(&text, "ssh:"))
		t->kind = TARGET_SSH;
	if (cut_room(t, text, error) < 0)
		return -1;
	if (t->kind != TARGET_TCP)
		return parse_peer(t, text, port, error);
	for (char *comma; text; text = comma) {
		comma = strchr(text, ',');
		if (comma)
			*comma++ = '\0';
		if (parse_host(t, text, port, error) < 0)
			return -1;
	}
	return 0;
}

void target_describe(const struct target *t, char text[TARGET_NAME_MAX])
{
	size_t len = 0;

	*text = '\0';
	if (t->kind == TARGET_UNIX)
		snprintf(text, TARGET_NAME_MAX, "unix:%s", t->path);
	for (size_t i = 0; i < t->count && len < TARGET_NAME_MAX; i++) {
		const struct target_host *h = &t->hosts[i];
		int n = snprintf(text + len, TARGET_NAME_MAX - len, "%s%s%s%s", i ? ", " : "",
			h->name, h->port ? " port " : "", h->port ? h->port : "");

		len += n > 0 ? (size_t)n : 0;
	}
}
