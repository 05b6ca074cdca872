/*
 * The lines that were typed, in a ring. The rule: what is secret never gets in (recall_keeping).
 */
#include "client/core/recall.h"

#include <stdlib.h>
#include <string.h>

#include "client/core/commands.h"
#include "client/core/piece.h"
#include "proto/text.h"

static struct recall_line *line_create(const char *text, size_t len)
{
	struct recall_line *line = malloc(sizeof(*line) + len);

	if (!line)
		return NULL;
	line->len = len;
	if (len)
		memcpy(line->text, text, len);
	return line;
}

const struct recall_line *recall_at(const struct recall *r, size_t place)
{
	return r->lines[(r->first + place) % RECALL_MAX];
}

void recall_rest(struct recall *r)
{
	r->at = r->count;
	free(r->draft);
	r->draft = NULL;
}

void recall_finish(struct recall *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->lines[(r->first + i) % RECALL_MAX]);
	free(r->draft);
	*r = (struct recall){ 0 };
}

void recall_add(struct recall *r, const char *text, size_t len)
{
	const struct recall_line *newest = r->count ? recall_at(r, r->count - 1) : NULL;
	struct recall_line *line = NULL;

	if ((!newest || newest->len != len || memcmp(newest->text, text, len) != 0) &&
		recall_keeping(text, len) != RECALL_NOWHERE)
		line = line_create(text, len);
	if (line && r->count == RECALL_MAX) {
		free(r->lines[r->first]);
		r->first = (r->first + 1) % RECALL_MAX;
		r->count--;
	}
	if (line)
		r->lines[(r->first + r->count++) % RECALL_MAX] = line;
	recall_rest(r);
}

void recall_load(struct recall *r, const char *bytes, size_t len)
{
	const char *end = len > 0 ? bytes + len : bytes;

	while (bytes < end) {
		const char *lf = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *stop = lf ? lf : end;

		if (stop > bytes && text_is_clean(bytes, (size_t)(stop - bytes)))
			recall_add(r, bytes, (size_t)(stop - bytes));
		bytes = lf ? lf + 1 : end;
	}
}

const struct recall_line *recall_older(struct recall *r, const char *typed, size_t len)
{
	if (r->at == 0)
		return NULL;
	if (r->at == r->count) {
		free(r->draft);
		r->draft = line_create(typed, len);
	}
	return recall_at(r, --r->at);
}

const struct recall_line *recall_newer(struct recall *r)
{
	if (r->at == r->count)
		return NULL;
	return ++r->at == r->count ? r->draft : recall_at(r, r->at);
}

static bool holds(const struct recall_line *line, const char *text, size_t len)
{
	for (size_t i = 0; i + len <= line->len; i++)
		if (memcmp(line->text + i, text, len) == 0)
			return true;
	return false;
}

const struct recall_line *recall_search(const struct recall *r, const char *text, size_t len,
	size_t *place)
{
	for (size_t i = *place < r->count ? *place : r->count; len && i-- > 0;) {
		if (holds(recall_at(r, i), text, len)) {
			*place = i;
			return recall_at(r, i);
		}
	}
	return NULL;
}

/* The server takes for a command what has only blanks, or what shows nothing, before its slash. */
static struct piece skip_invisible(struct piece line)
{
	uint32_t code;

	while (line.len) {
		size_t n = text_decode(line.s, line.len, &code, NULL);

		if (!text_is_invisible(code))
			break;
		line.s += n;
		line.len -= n;
	}
	return line;
}

enum recall_keeping recall_keeping(const char *text, size_t len)
{
	struct piece rest = skip_invisible((struct piece){ text, len }), word;
	const struct command *command;

	if (!piece_begins(rest, "/") || piece_begins(rest, "//"))
		return RECALL_FILE;
	word = piece_word(&rest);
	command = command_find(word.s, word.len);
	if (!command || command->secrecy == COMMAND_PRIVATE)
		return RECALL_MEMORY;
	piece_skip_blanks(&rest);
	(void)piece_word(&rest);
	if (piece_is_called(word, "/nick") && rest.len) /* the key of a claimed nick */
		return RECALL_NOWHERE;
	return command->secrecy == COMMAND_SECRET ? RECALL_NOWHERE : RECALL_FILE;
}
