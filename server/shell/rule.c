/*
 * What there is to know of each option (rule.h).
 */
#include "server/shell/rule.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "proto/text.h"
#include "server/core/feed.h"

enum {
	KILO = 1024,
	MEGA = 1024 * KILO,

	CLIENTS_MAX = 65536,
	LINES_MAX = 1000000, /* --rate, --burst, --replay */
	FEED_MAX = 1024 * MEGA,
	IDLE_MAX = 366 * 24 * 3600,
	PATH_BYTES_MAX = 4095,

	NUMBER_TEXT_MAX = 24,
	HELP_COLUMN = 29,
};

#define FIELD(member) offsetof(struct options, member), sizeof(((struct options *)NULL)->member)

static const struct rule rules[] = {
	{ "listen", 'l', "ADDR", RULE_LISTEN, RULE_RESTART, FIELD(listen),
		0, 0, "where to listen (8000); may be repeated:\n"
		"HOST:PORT, [IPV6]:PORT, PORT (this machine only),\n"
		"*:PORT (all addresses) or unix:PATH; behind it\n"
		",proxy (PROXY header needed) or ,operator" },
	{ "max-clients", 'm', "N", RULE_NUMBER, RULE_RESTART, FIELD(settings.max_clients),
		1, CLIENTS_MAX, "people at the same time" },
	{ "max-message", 'b', "SIZE", RULE_SIZE, RULE_RELOADS, FIELD(settings.max_message),
		MESSAGE_MIN, MESSAGE_MAX, "bytes of a message" },
	{ "rate", 0, "N", RULE_NUMBER, RULE_RELOADS, FIELD(settings.rate),
		0, LINES_MAX, "messages a second from one client, 0: any" },
	{ "burst", 0, "N", RULE_NUMBER, RULE_RELOADS, FIELD(settings.burst),
		1, LINES_MAX, "messages at once before that counts" },
	{ "max-per-host", 0, "N", RULE_NUMBER, RULE_RELOADS, FIELD(settings.max_per_host),
		0, CLIENTS_MAX, "clients from one address, 0: any" },
	{ "idle-timeout", 0, "SECONDS", RULE_NUMBER, RULE_RELOADS, FIELD(settings.idle_timeout),
		0, IDLE_MAX, "silence before goodbye, 0: any" },
	{ "announce-max", 0, "N", RULE_NUMBER, RULE_RELOADS, FIELD(settings.announce_max),
		0, CLIENTS_MAX, "online up to which joins and leaves are said" },
	{ "feed", 0, "SIZE", RULE_SIZE, RULE_RESTART, FIELD(feed),
		FEED_BYTES_MIN, FEED_MAX, "memory for what was said" },
	{ "replay", 0, "N", RULE_NUMBER, RULE_RELOADS, FIELD(settings.replay),
		0, LINES_MAX, "messages shown to a newcomer" },
	{ "history", 0, "FILE", RULE_PATH, RULE_RESTART, FIELD(history),
		1, PATH_BYTES_MAX, "keep what was said in this file" },
	{ "sync", 0, "WHEN", RULE_SYNC, RULE_RELOADS, FIELD(sync),
		0, 0, "make sure it is on disk: none, interval\n"
		"(within a second), always (before it is seen)" },
	{ "name", 0, "TEXT", RULE_TEXT, RULE_RELOADS, FIELD(name),
		1, SETTINGS_NAME_MAX, "what the greeting calls this server" },
	{ "motd", 0, "FILE", RULE_PATH, RULE_RELOADS, FIELD(motd_file),
		1, PATH_BYTES_MAX, "a message shown to each newcomer" },
	{ "password-file", 0, "FILE", RULE_PATH, RULE_RELOADS, FIELD(password_file),
		1, PATH_BYTES_MAX, "its first line is asked of each newcomer" },
	{ "operator-file", 0, "FILE", RULE_PATH, RULE_RELOADS, FIELD(operator_file),
		1, PATH_BYTES_MAX, "its first line makes an operator (/op)" },
	{ "user", 0, "NAME", RULE_PATH, RULE_RESTART, FIELD(user),
		1, PATH_BYTES_MAX, "run as this user once started by root" },
	{ "quiet", 'q', NULL, RULE_FLAG, RULE_RELOADS, FIELD(settings.quiet),
		0, 0, "keep message text out of the log" },
	{ "config", 0, "FILE", RULE_PATH, RULE_ONCE, FIELD(config),
		1, PATH_BYTES_MAX, "read \"option = value\" lines, named as here" },
	{ "check", 0, NULL, RULE_FLAG, RULE_ONCE, FIELD(check),
		0, 0, "say whether it would start, and exit" },
	{ "help", 'h', NULL, RULE_FLAG, RULE_ONCE, FIELD(help),
		0, 0, "show this, and exit" },
	{ "version", 'V', NULL, RULE_FLAG, RULE_ONCE, FIELD(version),
		0, 0, "show the version, and exit" },
};

/* In the order of enum sync. */
static const char *const sync_names[] = { "none", "interval", "always" };

enum { RULES = sizeof(rules) / sizeof(rules[0]) };

const struct rule *rule_at(size_t i)
{
	return i < RULES ? &rules[i] : NULL;
}

const struct rule *rule_named(const char *name, size_t len)
{
	for (size_t i = 0; i < RULES; i++)
		if (strlen(rules[i].name) == len && memcmp(rules[i].name, name, len) == 0)
			return &rules[i];
	return NULL;
}

const struct rule *rule_lettered(char letter)
{
	for (size_t i = 0; i < RULES; i++)
		if (rules[i].letter == letter)
			return &rules[i];
	return NULL;
}

static void *field_of(struct options *o, const struct rule *rule)
{
	return (char *)o + rule->field;
}

/* Writes a number, which is "64K" or "1M" where that is a size. */
static const char *number_text(char out[NUMBER_TEXT_MAX], uint64_t number, enum rule_kind kind)
{
	const char *unit = "";

	if (kind == RULE_SIZE && number % KILO == 0) {
		unit = number % MEGA == 0 ? "M" : "K";
		number /= number % MEGA == 0 ? MEGA : KILO;
	}
	snprintf(out, NUMBER_TEXT_MAX, "%" PRIu64 "%s", number, unit);
	return out;
}

static uint64_t number_of(const struct options *o, const struct rule *rule)
{
	const void *field = (const char *)o + rule->field;

	if (rule->width == sizeof(uint32_t))
		return *(const uint32_t *)field;
	return *(const size_t *)field;
}

static int set_number(struct options *o, const struct rule *rule, const char *value,
	const char *label, struct fault *fault)
{
	size_t len = strlen(value);
	uint32_t unit = 1;
	uint64_t number;
	char min[NUMBER_TEXT_MAX], max[NUMBER_TEXT_MAX];

	if (rule->kind == RULE_SIZE && len > 0 && strchr("KkMm", value[len - 1]) != NULL)
		unit = strchr("Kk", value[--len]) != NULL ? KILO : MEGA;
	if (!text_number(value, len, rule->max / unit, &number) || number * unit < rule->min)
		return fault_set(fault, FAULT_USAGE, "%s must be a %s from %s to %s, not \"%s\"",
			label, rule->kind == RULE_SIZE ? "size" : "number",
			number_text(min, rule->min, rule->kind),
			number_text(max, rule->max, rule->kind), value);
	if (rule->width == sizeof(uint32_t))
		*(uint32_t *)field_of(o, rule) = (uint32_t)number * unit;
	else
		*(size_t *)field_of(o, rule) = (size_t)number * unit;
	return 0;
}

static int set_text(struct options *o, const struct rule *rule, const char *value,
	const char *label, struct fault *fault)
{
	char **field = field_of(o, rule);
	size_t len = strlen(value);

	if (len < rule->min)
		return fault_set(fault, FAULT_USAGE, "%s must not be empty", label);
	if (len > rule->max)
		return fault_set(fault, FAULT_USAGE, "%s must have at most %u bytes, not %zu",
			label, rule->max, len);
	if (rule->kind == RULE_TEXT && !text_is_clean(value, len))
		return fault_set(fault, FAULT_USAGE, "%s must be plain UTF-8 text", label);
	free(*field);
	*field = strdup(value);
	return *field == NULL ? fault_set(fault, FAULT_START, "out of memory") : 0;
}

static int set_flag(struct options *o, const struct rule *rule, const char *value,
	const char *label, struct fault *fault)
{
	bool *field = field_of(o, rule);

	*field = strcmp(value, "yes") == 0;
	if (!*field && strcmp(value, "no") != 0)
		return fault_set(fault, FAULT_USAGE, "%s must be yes or no, not \"%s\"", label,
			value);
	return 0;
}

static int set_sync(struct options *o, const char *value, const char *label, struct fault *fault)
{
	for (int i = SYNC_NONE; i <= SYNC_ALWAYS; i++) {
		if (strcmp(value, sync_names[i]) == 0) {
			o->sync = (enum sync)i;
			return 0;
		}
	}
	return fault_set(fault, FAULT_USAGE, "%s must be none, interval or always, not \"%s\"",
		label, value);
}

static int add_listen(struct options *o, const char *value, const char *label,
	struct fault *fault)
{
	struct endpoints *listen = &o->listen;
	struct endpoint *more;

	more = realloc(listen->items, (listen->count + 1) * sizeof(*more));
	if (more == NULL)
		return fault_set(fault, FAULT_START, "out of memory");
	listen->items = more;
	if (endpoint_parse(&more[listen->count], value, label, fault) < 0)
		return -1;
	listen->count++;
	return 0;
}

int rule_set(const struct rule *rule, struct options *o, const char *value, const char *label,
	struct fault *fault)
{
	switch (rule->kind) {
	case RULE_NUMBER:
	case RULE_SIZE:
		return set_number(o, rule, value, label, fault);
	case RULE_TEXT:
	case RULE_PATH:
		return set_text(o, rule, value, label, fault);
	case RULE_FLAG:
		return set_flag(o, rule, value, label, fault);
	case RULE_LISTEN:
		return add_listen(o, value, label, fault);
	case RULE_SYNC:
		return set_sync(o, value, label, fault);
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

bool rule_same(const struct rule *rule, const struct options *a, const struct options *b)
{
	const void *field_a = (const char *)a + rule->field;
	const void *field_b = (const char *)b + rule->field;

	if (rule->kind == RULE_LISTEN)
		return same_listen(field_a, field_b);
	if (rule->kind == RULE_TEXT || rule->kind == RULE_PATH)
		return same_text(*(char *const *)field_a, *(char *const *)field_b);
	return memcmp(field_a, field_b, rule->width) == 0;
}

void rule_swap(const struct rule *rule, struct options *a, struct options *b)
{
	unsigned char *field_a = field_of(a, rule);
	unsigned char *field_b = field_of(b, rule);

	for (size_t i = 0; i < rule->width; i++) {
		unsigned char byte = field_a[i];

		field_a[i] = field_b[i];
		field_b[i] = byte;
	}
}

void rule_finish(const struct rule *rule, struct options *o)
{
	if (rule->kind == RULE_TEXT || rule->kind == RULE_PATH) {
		char **text = field_of(o, rule);

		free(*text);
		*text = NULL;
	} else if (rule->kind == RULE_LISTEN) {
		for (size_t i = 0; i < o->listen.count; i++)
			endpoint_finish(&o->listen.items[i]);
		free(o->listen.items);
		o->listen = (struct endpoints){ 0 };
	}
}

void rule_help(const struct rule *rule, const struct options *o, FILE *out)
{
	char value[NUMBER_TEXT_MAX];
	const char *help = rule->help;
	int used;

	if (rule->letter != 0)
		used = fprintf(out, "  -%c, --%s ", rule->letter, rule->name);
	else
		used = fprintf(out, "      --%s ", rule->name);
	if (rule->argument != NULL)
		used += fprintf(out, "%s ", rule->argument);
	fprintf(out, "%*s", HELP_COLUMN - used, "");
	for (size_t n; help[n = strcspn(help, "\n")] == '\n'; help += n + 1)
		fprintf(out, "%.*s\n%*s", (int)n, help, HELP_COLUMN, "");
	fputs(help, out);
	if (rule->kind == RULE_NUMBER || rule->kind == RULE_SIZE)
		fprintf(out, " (%s)", number_text(value, number_of(o, rule), rule->kind));
	fputc('\n', out);
}
