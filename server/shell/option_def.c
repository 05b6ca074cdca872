/*
 * The table of options (option_def.h). Nothing else names an option.
 */
#include "server/shell/option_def.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/limits.h"
#include "proto/text.h"
#include "server/core/feed/feed.h"
#include "server/core/room/rooms.h"
#include "server/core/room/claims.h"
#include "server/core/wire/origin.h"
#include "server/shell/targets.h"

enum {
	CLIENTS_MAX = 65536,
	WORDS_BYTES_MAX = 4096, /* of an option that may be given several times */
	IDLE_MAX = 366 * 24 * 3600,
	PATH_BYTES_MAX = 4095,

	NODE_MAX = 32, /* bytes of a name in a cluster */
	REPLICAS_MAX = 5,

	NAME_MAX_LEN = 31, /* bytes of an option's name */
	HELP_COLUMN = 29,
};

#define FIELD(member) offsetof(struct options, member), sizeof(((struct options *)NULL)->member)

static const struct option_def defs[] = {
	{ "listen", 'l', "ADDR", OPTION_LISTEN, OPTION_RESTART, FIELD(listen),
		0, 0, "where to listen (8000); may be repeated:\n"
		"HOST:PORT, [IPV6]:PORT, PORT (this machine only),\n"
		"*:PORT (all addresses) or unix:PATH; then\n"
		",proxy (PROXY header needed), ,operator or ,telnet,\n"
		"or ,web for browsers, or ,metrics; ,room=NAME" },
	{ "max-clients", 'm', "N", OPTION_NUMBER, OPTION_RESTART, FIELD(settings.max_clients),
		1, CLIENTS_MAX, "people at the same time" },
	{ "max-message", 'b', "SIZE", OPTION_SIZE, OPTION_RELOADS, FIELD(settings.max_message),
		MESSAGE_MIN, MESSAGE_MAX, "bytes of a message" },
	{ "rate", 0, "N", OPTION_NUMBER, OPTION_RELOADS, FIELD(settings.rate),
		0, OPTION_LINES_MAX, "messages a second from one client, 0: no limit" },
	{ "burst", 0, "N", OPTION_NUMBER, OPTION_RELOADS, FIELD(settings.burst),
		1, OPTION_LINES_MAX, "messages at once before that counts" },
	{ "max-per-host", 0, "N", OPTION_NUMBER, OPTION_RELOADS, FIELD(settings.max_per_host),
		0, CLIENTS_MAX, "clients from one address, 0: no limit" },
	{ "max-per-host-local", 0, "N", OPTION_NUMBER, OPTION_RELOADS,
		FIELD(settings.max_per_host_local),
		0, CLIENTS_MAX, "the same for a loopback address" },
	{ "idle-timeout", 0, "SECONDS", OPTION_NUMBER, OPTION_RELOADS, FIELD(settings.idle_timeout),
		0, IDLE_MAX, "silence before goodbye, 0: no limit" },
	{ "announce-max", 0, "N", OPTION_NUMBER, OPTION_RELOADS, FIELD(settings.announce_max),
		0, CLIENTS_MAX, "online up to which joins and leaves are said" },
	{ "feed", 0, "SIZE", OPTION_SIZE, OPTION_RESTART, FIELD(feed),
		FEED_BYTES_MIN, OPTION_FEED_MAX, "memory for what was said" },
	{ "replay", 0, "N", OPTION_NUMBER, OPTION_RELOADS, FIELD(settings.replay),
		0, OPTION_LINES_MAX, "messages shown to a newcomer" },
	{ "lobby", 0, "NAME", OPTION_LOBBY, OPTION_RESTART, FIELD(lobby),
		0, 0, "what the first room is called (lobby)" },
	{ "room", 0, "ROOM", OPTION_ROOM, OPTION_RELOADS, FIELD(rooms),
		0, 0, "a room besides it: 'NAME [KEY=VALUE]...' with\n"
		"history=, feed=, replay=, password-file=, slow=,\n"
		"topic=open, hidden, operators; may be repeated" },
	{ "max-rooms", 0, "N", OPTION_NUMBER, OPTION_RELOADS, FIELD(settings.max_rooms),
		0, ROOMS_MAX, "rooms at a time, for more with /join" },
	{ "history", 0, "FILE", OPTION_PATH, OPTION_RESTART, FIELD(history),
		1, PATH_BYTES_MAX, "keep what was said in this file" },
	{ "sync", 0, "WHEN", OPTION_SYNC, OPTION_RELOADS, FIELD(sync),
		0, 0, "make sure it is on disk: none, interval\n"
		"(within a second), always (before it is seen)" },
	{ "store", 0, "FILE", OPTION_PATH, OPTION_RESTART, FIELD(store),
		1, PATH_BYTES_MAX, "keep bans, claims and the like in this file" },
	{ "max-claims", 0, "N", OPTION_NUMBER, OPTION_RELOADS, FIELD(settings.max_claims),
		0, CLAIMS_MAX, "nicks claimed at a time" },
	{ "name", 0, "TEXT", OPTION_TEXT, OPTION_RELOADS, FIELD(name),
		1, SETTINGS_NAME_MAX, "what the greeting calls this server" },
	{ "motd", 0, "FILE", OPTION_PATH, OPTION_RELOADS, FIELD(motd_file),
		1, PATH_BYTES_MAX, "a message shown to each newcomer" },
	{ "password-file", 0, "FILE", OPTION_PATH, OPTION_RELOADS, FIELD(password_file),
		1, PATH_BYTES_MAX, "its first line is asked of each newcomer" },
	{ "operator-file", 0, "FILE", OPTION_PATH, OPTION_RELOADS, FIELD(operator_file),
		1, PATH_BYTES_MAX, "its first line makes an operator (/op)" },
	{ "bot-file", 0, "FILE", OPTION_PATH, OPTION_RELOADS, FIELD(bot_file),
		1, PATH_BYTES_MAX, "lines NAME TOKEN [ROOM]: who may POST to /say" },
	{ "web-host", 0, "HOST", OPTION_HOSTS, OPTION_RELOADS, FIELD(web_hosts),
		0, WORDS_BYTES_MAX, "a name of a web listener on loopback" },
	{ "web-origin", 0, "ORIGIN", OPTION_ORIGINS, OPTION_RELOADS, FIELD(web_origins),
		0, WORDS_BYTES_MAX, "a page elsewhere that may connect; *: all" },
	{ "web-frame", 0, "ORIGIN", OPTION_FRAMES, OPTION_RELOADS, FIELD(web_frames),
		0, WORDS_BYTES_MAX, "a page elsewhere that may frame ours" },
	{ "share", 0, "SERVERS", OPTION_SHARE, OPTION_RESTART, FIELD(share),
		1, WORDS_BYTES_MAX, "be one server with others, by way of\n"
		"nats://HOST:PORT[,HOST:PORT]... (JetStream)" },
	{ "node", 0, "NAME", OPTION_NODE, OPTION_RESTART, FIELD(node),
		1, NODE_MAX, "what this one of them is called" },
	{ "share-name", 0, "NAME", OPTION_NODE, OPTION_RESTART, FIELD(share_name),
		1, NODE_MAX, "what they are called together (chatd)" },
	{ "share-replicas", 0, "N", OPTION_NUMBER, OPTION_RESTART, FIELD(share_replicas),
		1, REPLICAS_MAX, "copies of each line on different nats-servers" },
	{ "share-password-file", 0, "FILE", OPTION_PATH, OPTION_RESTART,
		FIELD(share_password_file),
		1, PATH_BYTES_MAX, "its first line is USER:PASSWORD or a token\n"
		"for the nats-servers" },
	{ "user", 0, "NAME", OPTION_PATH, OPTION_RESTART, FIELD(user),
		1, PATH_BYTES_MAX, "run as this user once started by root" },
	{ "quiet", 'q', NULL, OPTION_FLAG, OPTION_RELOADS, FIELD(settings.quiet),
		0, 0, "keep message text out of the log" },
	{ "config", 0, "FILE", OPTION_PATH, OPTION_ONCE, FIELD(config),
		1, PATH_BYTES_MAX, "read \"option = value\" lines, named as here" },
	{ "check", 0, NULL, OPTION_FLAG, OPTION_ONCE, FIELD(check),
		0, 0, "say whether it would start, and exit" },
	{ "help", 'h', NULL, OPTION_FLAG, OPTION_ONCE, FIELD(help),
		0, 0, "show this, and exit" },
	{ "version", 'V', NULL, OPTION_FLAG, OPTION_ONCE, FIELD(version),
		0, 0, "show the version, and exit" },
};

/* In the order of enum sync. */
static const char *const sync_names[] = { "none", "interval", "always" };

enum { DEFS = sizeof(defs) / sizeof(defs[0]) };

const struct option_def *option_def_at(size_t i)
{
	return i < DEFS ? &defs[i] : NULL;
}

const struct option_def *option_def_named(const char *name, size_t len)
{
	for (size_t i = 0; i < DEFS; i++)
		if (strlen(defs[i].name) == len && memcmp(defs[i].name, name, len) == 0)
			return &defs[i];
	return NULL;
}

/* As people write it: max_clients and Max-Clients are max-clients. */
const struct option_def *option_def_written(const char *name)
{
	char folded[NAME_MAX_LEN + 1];
	size_t len = strlen(name);

	if (len > NAME_MAX_LEN)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		bool is_upper = name[i] >= 'A' && name[i] <= 'Z';

		folded[i] = name[i] == '_' ? '-' : (char)(is_upper ? name[i] - 'A' + 'a' : name[i]);
	}
	return option_def_named(folded, len);
}

const struct option_def *option_def_lettered(char letter)
{
	for (size_t i = 0; i < DEFS; i++)
		if (defs[i].letter == letter)
			return &defs[i];
	return NULL;
}

static void *field_of(struct options *o, const struct option_def *def)
{
	return (char *)o + def->field;
}

static uint64_t number_of(const struct options *o, const struct option_def *def)
{
	const void *field = (const char *)o + def->field;

	if (def->width == sizeof(uint32_t))
		return *(const uint32_t *)field;
	return *(const size_t *)field;
}

static int set_number(struct options *o, const struct option_def *def, const char *value,
	const char *label, struct error *error)
{
	const struct number_range range = { def->kind == OPTION_SIZE, def->min, def->max };
	uint64_t number;

	if (number_read(&range, value, label, &number, error) < 0)
		return -1;
	if (def->width == sizeof(uint32_t))
		*(uint32_t *)field_of(o, def) = (uint32_t)number;
	else
		*(size_t *)field_of(o, def) = (size_t)number;
	return 0;
}

static int set_text(struct options *o, const struct option_def *def, const char *value,
	const char *label, struct error *error)
{
	char **field = field_of(o, def);
	size_t len = strlen(value);

	if (len < def->min)
		return error_set(error, ERROR_USAGE, "%s must not be empty", label);
	if (len > def->max)
		return error_set(error, ERROR_USAGE, "%s must have at most %u bytes, not %zu",
			label, def->max, len);
	if (def->kind == OPTION_TEXT && !text_is_clean(value, len))
		return error_set(error, ERROR_USAGE, "%s must be plain UTF-8 text", label);
	free(*field);
	*field = strdup(value);
	return *field == NULL ? error_set(error, ERROR_START, "out of memory") : 0;
}

static int set_share(struct options *o, const struct option_def *def, const char *value,
	const char *label, struct error *error)
{
	return targets_check(value, label, error) < 0 ? -1 : set_text(o, def, value, label, error);
}

static int set_node(struct options *o, const struct option_def *def, const char *value,
	const char *label, struct error *error)
{
	if (strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(value))
		return error_set(error, ERROR_USAGE, "%s must be of a-z, 0-9 and '-', not \"%s\"",
			label, value);
	return set_text(o, def, value, label, error);
}

static int set_flag(struct options *o, const struct option_def *def, const char *value,
	const char *label, struct error *error)
{
	static const char *const words[] = { "yes", "no", "true", "false", "on", "off", "1", "0" };
	bool *field = field_of(o, def);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) == 0) {
			*field = i % 2 == 0;
			return 0;
		}
	}
	return error_set(error, ERROR_USAGE, "%s must be yes or no, not \"%s\"", label, value);
}

static int set_sync(struct options *o, const char *value, const char *label, struct error *error)
{
	for (int i = SYNC_NONE; i <= SYNC_ALWAYS; i++) {
		if (strcmp(value, sync_names[i]) == 0) {
			o->sync = (enum sync)i;
			return 0;
		}
	}
	return error_set(error, ERROR_USAGE, "%s must be none, interval or always, not \"%s\"",
		label, value);
}

static int add_listen(struct options *o, const char *value, const char *label,
	struct error *error)
{
	struct endpoints *listen = &o->listen;
	struct endpoint *more;

	more = realloc(listen->items, (listen->count + 1) * sizeof(*more));
	if (more == NULL)
		return error_set(error, ERROR_START, "out of memory");
	listen->items = more;
	if (endpoint_parse(&more[listen->count], value, label, error) < 0)
		return -1;
	listen->count++;
	return 0;
}

static int add_room(struct options *o, const char *value, const char *label, struct error *error)
{
	struct room_list *rooms = &o->rooms;
	struct room_option *more;

	more = realloc(rooms->items, (rooms->count + 1) * sizeof(*more));
	if (more == NULL)
		return error_set(error, ERROR_START, "out of memory");
	rooms->items = more;
	if (room_option_parse(&more[rooms->count], value, label, error) < 0)
		return -1;
	rooms->count++;
	return 0;
}

static int set_lobby(struct options *o, const char *value, const char *label, struct error *error)
{
	char *name = room_option_name(value, strlen(value), label, error);

	if (name == NULL)
		return -1;
	free(o->lobby);
	o->lobby = name;
	return 0;
}

static bool is_word(enum option_def_kind kind, const char *value)
{
	struct slice word = { value, strlen(value) };
	struct authority host;

	if (kind == OPTION_HOSTS)
		return authority_parse(&host, word);
	return origin_is_valid(word) && !(kind == OPTION_FRAMES && strcmp(value, "null") == 0);
}

static int add_word(struct options *o, const struct option_def *def, const char *value,
	const char *label, struct error *error)
{
	char **field = field_of(o, def), *longer;
	size_t len = *field != NULL ? strlen(*field) : 0, word_len = strlen(value);

	if (!is_word(def->kind, value))
		return error_set(error, ERROR_USAGE, "%s must be %s, not \"%s\"", label,
			def->kind == OPTION_HOSTS ? "a host" : "SCHEME://HOST[:PORT] or *", value);
	if (len + word_len + 1 > def->max)
		return error_set(error, ERROR_USAGE, "%s is given too often", label);
	longer = realloc(*field, len + word_len + 2);
	if (longer == NULL)
		return error_set(error, ERROR_START, "out of memory");
	memcpy(longer + len, value, word_len);
	memcpy(longer + len + word_len, "\n", 2);
	*field = longer;
	return 0;
}

/* Whether its value is a string on the heap. */
static bool is_string(const struct option_def *def)
{
	return def->kind == OPTION_TEXT || def->kind == OPTION_PATH ||
		(def->kind >= OPTION_SHARE && def->kind <= OPTION_LOBBY);
}

int option_def_set(const struct option_def *def, struct options *o, const char *value,
	const char *label, struct error *error)
{
	switch (def->kind) {
	case OPTION_NUMBER:
	case OPTION_SIZE:
		return set_number(o, def, value, label, error);
	case OPTION_TEXT:
	case OPTION_PATH:
		return set_text(o, def, value, label, error);
	case OPTION_FLAG:
		return set_flag(o, def, value, label, error);
	case OPTION_LISTEN:
		return add_listen(o, value, label, error);
	case OPTION_SYNC:
		return set_sync(o, value, label, error);
	case OPTION_SHARE:
		return set_share(o, def, value, label, error);
	case OPTION_NODE:
		return set_node(o, def, value, label, error);
	case OPTION_HOSTS:
	case OPTION_ORIGINS:
	case OPTION_FRAMES:
		return add_word(o, def, value, label, error);
	case OPTION_LOBBY:
		return set_lobby(o, value, label, error);
	case OPTION_ROOM:
		return add_room(o, value, label, error);
	}
	return -1;
}

static bool same_listen(const struct endpoints *a, const struct endpoints *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!endpoint_equal(&a->items[i], &b->items[i]))
			return false;
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool option_def_same(const struct option_def *def, const struct options *a, const struct options *b)
{
	const void *field_a = (const char *)a + def->field;
	const void *field_b = (const char *)b + def->field;

	if (def->kind == OPTION_LISTEN)
		return same_listen(field_a, field_b);
	if (is_string(def))
		return same_text(*(char *const *)field_a, *(char *const *)field_b);
	return memcmp(field_a, field_b, def->width) == 0;
}

void option_def_swap(const struct option_def *def, struct options *a, struct options *b)
{
	unsigned char *field_a = field_of(a, def);
	unsigned char *field_b = field_of(b, def);

	for (size_t i = 0; i < def->width; i++) {
		unsigned char byte = field_a[i];

		field_a[i] = field_b[i];
		field_b[i] = byte;
	}
}

void option_def_finish(const struct option_def *def, struct options *o)
{
	if (is_string(def)) {
		char **text = field_of(o, def);

		free(*text);
		*text = NULL;
	} else if (def->kind == OPTION_LISTEN) {
		for (size_t i = 0; i < o->listen.count; i++)
			endpoint_finish(&o->listen.items[i]);
		free(o->listen.items);
		o->listen = (struct endpoints){ 0 };
	} else if (def->kind == OPTION_ROOM) {
		for (size_t i = 0; i < o->rooms.count; i++)
			room_option_finish(&o->rooms.items[i]);
		free(o->rooms.items);
		o->rooms = (struct room_list){ 0 };
	}
}

void option_def_help(const struct option_def *def, const struct options *o, FILE *out)
{
	char value[NUMBER_TEXT_MAX];
	const char *help = def->help;
	int used;

	if (def->letter != 0)
		used = fprintf(out, "  -%c, --%s ", def->letter, def->name);
	else
		used = fprintf(out, "      --%s ", def->name);
	if (def->argument != NULL)
		used += fprintf(out, "%s ", def->argument);
	fprintf(out, "%*s", HELP_COLUMN - used, "");
	for (size_t n; help[n = strcspn(help, "\n")] == '\n'; help += n + 1)
		fprintf(out, "%.*s\n%*s", (int)n, help, HELP_COLUMN, "");
	fputs(help, out);
	if (def->kind == OPTION_NUMBER || def->kind == OPTION_SIZE)
		fprintf(out, " (%s)",
			number_text(value, number_of(o, def), def->kind == OPTION_SIZE));
	fputc('\n', out);
}
