/*
 * Copies of the settings (settings.h). The rule: a copy owns its texts, and nothing changes if
 * there is no memory for one.
 */
#include "server/core/base/settings.h"

#include <stdlib.h>
#include <string.h>

int settings_set_text(const char **text, const char *value, size_t len)
{
	char *copy = NULL;

	if (value != NULL) {
		copy = malloc(len + 1);
		if (copy == NULL)
			return -1;
		memcpy(copy, value, len);
		copy[len] = '\0';
	}
	free((char *)*text);
	*text = copy;
	return 0;
}

int settings_copy_text(const char **text, const char *value)
{
	*text = NULL;
	return settings_set_text(text, value, value != NULL ? strlen(value) : 0);
}

/* All texts there are, in a fixed order. */
enum { TEXTS = 9 };

static void list_texts(struct settings *s, const char **texts[TEXTS])
{
	const char **all[TEXTS] = { &s->name, &s->motd, &s->password, &s->operator_password,
		&s->web_hosts, &s->web_origins, &s->web_frames, &s->bots, &s->lobby };

	memcpy(texts, all, sizeof(all));
}

static void finish_rooms(struct settings *s)
{
	for (size_t i = 0; i < s->room_count; i++) {
		free((char *)s->rooms[i].name);
		free((char *)s->rooms[i].password);
	}
	free((struct room_settings *)s->rooms);
	s->rooms = NULL;
	s->room_count = 0;
}

static int copy_rooms(struct settings *to, const struct settings *from)
{
	struct room_settings *rooms;

	if (from->room_count == 0)
		return 0;
	rooms = calloc(from->room_count, sizeof(*rooms));
	if (rooms == NULL)
		return -1;
	to->rooms = rooms;
	for (size_t i = 0; i < from->room_count; i++) {
		rooms[i] = from->rooms[i];
		rooms[i].name = rooms[i].password = NULL;
		to->room_count = i + 1;
		if (settings_copy_text(&rooms[i].name, from->rooms[i].name) < 0 ||
			settings_copy_text(&rooms[i].password, from->rooms[i].password) < 0)
			return -1;
	}
	return 0;
}

int settings_copy(struct settings *to, const struct settings *from)
{
	struct settings copy = *from;
	const char **texts[TEXTS];
	int rc = 0;

	copy.rooms = NULL;
	copy.room_count = 0;
	list_texts(&copy, texts);
	for (size_t i = 0; i < TEXTS; i++)
		rc |= settings_copy_text(texts[i], rc == 0 ? *texts[i] : NULL);
	if (rc < 0 || copy_rooms(&copy, from) < 0) {
		settings_finish(&copy);
		return -1;
	}
	*to = copy;
	return 0;
}

void settings_finish(struct settings *s)
{
	const char **texts[TEXTS];

	list_texts(s, texts);
	for (size_t i = 0; i < TEXTS; i++)
		free((char *)*texts[i]);
	finish_rooms(s);
	*s = (struct settings){ 0 };
}

struct room_settings settings_first_room(const struct settings *s)
{
	return (struct room_settings){ .name = s->lobby != NULL ? s->lobby : SETTINGS_LOBBY,
		.password = s->password, .feed_bytes = s->feed_bytes, .replay = s->replay };
}

size_t settings_rooms_most(const struct settings *s)
{
	size_t configured = s->room_count + 1;

	return s->max_rooms > configured ? s->max_rooms : configured;
}
