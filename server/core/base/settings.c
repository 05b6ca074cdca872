/*
 * Copies of the settings (settings.h). The rule: a copy owns its texts, and nothing changes if there is
 * no memory for one.
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

int settings_copy(struct settings *to, const struct settings *from)
{
	struct settings copy = *from;
	const char **texts[] = { &copy.name, &copy.motd, &copy.password,
		&copy.operator_password, &copy.web_hosts, &copy.web_origins, &copy.web_frames,
		&copy.bots };
	const size_t count = sizeof(texts) / sizeof(texts[0]);

	for (size_t i = 0; i < count; i++) {
		const char *value = *texts[i];

		*texts[i] = NULL;
		if (settings_set_text(texts[i], value, value != NULL ? strlen(value) : 0) < 0) {
			while (++i < count)
				*texts[i] = NULL;
			settings_finish(&copy);
			return -1;
		}
	}
	*to = copy;
	return 0;
}

void settings_finish(struct settings *s)
{
	const char *texts[] = { s->name, s->motd, s->password, s->operator_password,
		s->web_hosts, s->web_origins, s->web_frames, s->bots };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free((char *)texts[i]);
	*s = (struct settings){ 0 };
}
