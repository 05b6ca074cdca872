/*
 * A plain array: as many people come back as have just lost their connection, which is few.
 */
#include "server/core/absence.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/secret.h"

bool tokens_equal(const uint8_t a[TOKEN_BYTES], const uint8_t b[TOKEN_BYTES])
{
	return secret_equal((const char *)a, TOKEN_BYTES, (const char *)b, TOKEN_BYTES);
}

int absences_add(struct absences *a, const struct slot *slot, uint32_t number, int64_t due)
{
	struct absence *absence;
	size_t ignored_size = slot->ignored_count * sizeof(*slot->ignored);
	uint32_t *ignored = NULL;

	if (a->count == a->size) {
		uint32_t size = a->size == 0 ? 8 : 2 * a->size;
		struct absence *list = realloc(a->list, size * sizeof(*list));

		if (list == NULL)
			return -1;
		a->list = list;
		a->size = size;
	}
	/* A copy: what the slot still sends is filtered until its end. */
	if (ignored_size > 0) {
		ignored = malloc(ignored_size);
		if (ignored == NULL)
			return -1;
		memcpy(ignored, slot->ignored, ignored_size);
	}
	absence = &a->list[a->count++];
	*absence = (struct absence){
		.due = due,
		.serial = slot->serial,
		.number = number,
		.since = slot->since,
		.writer = slot->writer,
		.ignored = ignored,
		.ignored_count = slot->ignored_count,
		.nick_len = slot->nick_len,
	};
	memcpy(absence->token, slot->token, sizeof(absence->token));
	memcpy(absence->nick, slot->nick, slot->nick_len);
	return 0;
}

struct absence *absences_by_token(const struct absences *a, const uint8_t token[TOKEN_BYTES])
{
	for (uint32_t i = 0; i < a->count; i++)
		if (tokens_equal(a->list[i].token, token))
			return &a->list[i];
	return NULL;
}

struct absence *absences_by_nick(const struct absences *a, const char *nick, size_t len)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (a->list[i].nick_len > 0 &&
			text_compare(a->list[i].nick, a->list[i].nick_len, nick, len) == 0)
			return &a->list[i];
	return NULL;
}

struct absence *absences_by_number(const struct absences *a, uint32_t number)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (a->list[i].nick_len == 0 && a->list[i].number == number)
			return &a->list[i];
	return NULL;
}

struct absence *absences_by_serial(const struct absences *a, uint32_t serial)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (a->list[i].serial == serial)
			return &a->list[i];
	return NULL;
}

struct absence *absences_first(const struct absences *a)
{
	struct absence *first = NULL;

	for (uint32_t i = 0; i < a->count; i++)
		if (first == NULL || a->list[i].due < first->due)
			first = &a->list[i];
	return first;
}

void absences_remove(struct absences *a, struct absence *absence)
{
	free(absence->ignored);
	*absence = a->list[--a->count];
}

void absences_finish(struct absences *a)
{
	while (a->count > 0)
		absences_remove(a, &a->list[a->count - 1]);
	free(a->list);
	*a = (struct absences){ 0 };
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool token_parse(uint8_t token[TOKEN_BYTES], const char *text, size_t len)
{
	if (len != TOKEN_LEN)
		return false;
	for (size_t i = 0; i < TOKEN_BYTES; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		token[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void token_text(char *out, const uint8_t token[TOKEN_BYTES])
{
	for (size_t i = 0; i < TOKEN_BYTES; i++) {
		out[2 * i] = "0123456789abcdef"[token[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[token[i] & 15];
	}
}
