/*
 * The text after --room (room_option.h). Each key stands in one table, with how its value is read.
 */
#include "server/shell/room_option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/room/rooms.h"
#include "server/shell/number.h"

enum key_kind {
	KEY_WORD,   /* alone */
	KEY_OPEN,   /* of one value: open */
	KEY_PATH,
	KEY_NUMBER,
	KEY_SIZE,
};

struct key {
	const char *name;
	enum key_kind kind;
	size_t field; /* in struct room_option */
	uint32_t min, max;
};

static const struct key keys[] = {
	{ "history", KEY_PATH, offsetof(struct room_option, history), 0, 0 },
	{ "password-file", KEY_PATH, offsetof(struct room_option, password_file), 0, 0 },
	{ "feed", KEY_SIZE, offsetof(struct room_option, feed), FEED_BYTES_MIN, OPTION_FEED_MAX },
	{ "replay", KEY_NUMBER, offsetof(struct room_option, replay), 0, OPTION_LINES_MAX },
	{ "slow", KEY_NUMBER, offsetof(struct room_option, slow), 0, SETTINGS_SLOW_MAX },
	{ "topic", KEY_OPEN, offsetof(struct room_option, topic_is_open), 0, 0 },
	{ "hidden", KEY_WORD, offsetof(struct room_option, is_hidden), 0, 0 },
	{ "operators", KEY_WORD, offsetof(struct room_option, is_for_operators), 0, 0 },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]), VALUE_MAX = 24 };

char *room_option_name(const char *text, size_t len, const char *label, struct error *error)
{
	char name[NICK_MAX];
	size_t name_len;
	const char *rule = room_name_read((struct slice){ text, len }, name, &name_len);
	char *copy;

	if (rule != NULL) {
		error_set(error, ERROR_USAGE, "%s: the name of a room %s, not \"%.*s\"", label,
			rule, (int)len, text);
		return NULL;
	}
	copy = strndup(name, name_len);
	if (copy == NULL)
		error_set(error, ERROR_START, "out of memory");
	return copy;
}

/* Bytes of a word that may be as long as it likes, short enough for an error. */
static int shown(struct slice word)
{
	return word.len < 64 ? (int)word.len : 64;
}

static int set_path(char **path, struct slice value, const char *label, struct error *error)
{
	if (value.len == 0)
		return error_set(error, ERROR_USAGE, "%s must not be empty", label);
	free(*path);
	*path = strndup(value.bytes, value.len);
	return *path == NULL ? error_set(error, ERROR_START, "out of memory") : 0;
}

static int set_number(const struct key *key, uint64_t *number, struct slice value,
	const char *label, struct error *error)
{
	const struct number_range range = { key->kind == KEY_SIZE, key->min, key->max };
	char text[VALUE_MAX + 1];
	size_t len = value.len < VALUE_MAX ? value.len : VALUE_MAX;

	memcpy(text, value.bytes, len);
	text[len] = '\0';
	return number_read(&range, text, label, number, error);
}

/* value: what stands after the '=', of which bytes is NULL if there is none. */
static int set_key(struct room_option *r, const struct key *key, struct slice value,
	const char *label, struct error *error)
{
	void *field = (char *)r + key->field;
	char name[ERROR_TEXT_MAX / 2];

	snprintf(name, sizeof(name), "%s: %s", label, key->name);
	if (key->kind == KEY_WORD) {
		if (value.bytes != NULL)
			return error_set(error, ERROR_USAGE, "%s takes no value", name);
		*(bool *)field = true;
		return 0;
	}
	if (value.bytes == NULL)
		return error_set(error, ERROR_USAGE, "%s needs a value: %s=...", name, key->name);
	if (key->kind == KEY_PATH)
		return set_path(field, value, name, error);
	if (key->kind == KEY_OPEN) {
		*(bool *)field = true;
		return value.len == 4 && memcmp(value.bytes, "open", 4) == 0 ? 0
			: error_set(error, ERROR_USAGE, "%s must be open, not \"%.*s\"", name,
				shown(value), value.bytes);
	}
	r->has_replay = r->has_replay || field == &r->replay;
	return set_number(key, field, value, name, error);
}

static int set_word(struct room_option *r, struct slice word, const char *label,
	struct error *error)
{
	const char *equals = memchr(word.bytes, '=', word.len);
	size_t len = equals != NULL ? (size_t)(equals - word.bytes) : word.len;
	struct slice value = { 0 };

	if (equals != NULL)
		value = (struct slice){ equals + 1, word.len - len - 1 };
	for (size_t i = 0; i < KEYS; i++)
		if (strlen(keys[i].name) == len && memcmp(keys[i].name, word.bytes, len) == 0)
			return set_key(r, &keys[i], value, label, error);
	return error_set(error, ERROR_USAGE, "%s: a room has no \"%.*s\"", label, shown(word),
		word.bytes);
}

/* The next word, from *text on; of length 0 at the end. */
static struct slice next_word(const char **text)
{
	const char *start = *text + strspn(*text, " \t");
	size_t len = strcspn(start, " \t");

	*text = start + len;
	return (struct slice){ start, len };
}

int room_option_parse(struct room_option *r, const char *text, const char *label,
	struct error *error)
{
	struct slice word = next_word(&text);

	*r = (struct room_option){ 0 };
	r->name = room_option_name(word.bytes, word.len, label, error);
	if (r->name == NULL)
		return -1;
	while ((word = next_word(&text)).len > 0) {
		if (set_word(r, word, label, error) < 0) {
			room_option_finish(r);
			return -1;
		}
	}
	return 0;
}

void room_option_finish(struct room_option *r)
{
	free(r->name);
	free(r->history);
	free(r->password_file);
	free(r->password);
	*r = (struct room_option){ 0 };
}
