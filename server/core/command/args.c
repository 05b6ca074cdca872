/*
 * What several commands read alike in their arguments (args.h).
 */
#include "server/core/command/args.h"

#include <stdio.h>

#include "proto/text.h"
#include "server/core/room/roster.h"

bool args_number(const struct args *args, unsigned i, uint64_t max, uint64_t *number)
{
	if (text_number(args->text[i], args->len[i], max, number))
		return true;
	*number = max;
	for (size_t at = 0; at < args->len[i]; at++)
		if (args->text[i][at] < '0' || args->text[i][at] > '9')
			return false;
	return true;
}

/* The first words of what came after a command. */
static struct slice first_words(struct slice line, unsigned words)
{
	size_t end = 0;

	for (size_t at = 0; at < line.len && words > 0; at++) {
		bool is_blank = line.bytes[at] == ' ' || line.bytes[at] == '\t';

		if (!is_blank)
			end = at + 1;
		else if (end == at && end > 0)
			words--;
	}
	return (struct slice){ line.bytes, end };
}

void args_log(struct chat *chat, const struct client *client, const struct args *args,
	unsigned words)
{
	struct slice line = chat->settings.quiet ? first_words(args->line, words) : args->line;
	char who[WHO_MAX], head[WHO_MAX + 48];
	int who_len = (int)roster_who(chat, client, who);
	int len = snprintf(head, sizeof(head), "operator %.*s: /%s", who_len, who, args->name);

	log_text(chat->log, LOG_AT_NOTICE, (struct slice){ head, (size_t)len },
		(struct slice){ chat->text, text_clean(chat->text, line.bytes, line.len) });
}
