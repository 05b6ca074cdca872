/*
 * What the tables of Unicode say, for compare_unicode.py: reads lines "OPERATION HEX...", and
 * writes what comes of it, code points in hexadecimal, or 0 or 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/confusable.h"
#include "proto/script.h"
#include "proto/text.h"
#include "proto/unicode.h"
#include "server/core/client/nick.h"

static void transform(const char *operation, const struct unicode_text *from,
	struct unicode_text *to)
{
	if (strcmp(operation, "fold") == 0)
		unicode_fold(to, from);
	else if (strcmp(operation, "skeleton") == 0)
		confusable_skeleton(to, from);
	else
		unicode_decompose(to, from);
	if (strcmp(operation, "nfc") == 0)
		unicode_compose(to);
}

static bool is_one_script(const struct unicode_text *text)
{
	char bytes[4 * UNICODE_TEXT_MAX];
	size_t len;

	return unicode_write(text, bytes, sizeof(bytes), &len) && script_is_one(bytes, len);
}

/* Whether two names, with a 0 between them, can't both be in use: they are the same, or refused. */
static bool is_refused(const struct unicode_text *text)
{
	struct unicode_text halves[2] = { { .count = 0 }, { .count = 0 } };
	char names[2][NICK_MAX];
	size_t half = 0, lens[2];

	for (size_t i = 0; i < text->count; i++) {
		if (text->codes[i] == 0)
			half = 1;
		else
			unicode_append(&halves[half], text->codes[i]);
	}
	for (half = 0; half < 2; half++) {
		char bytes[4 * UNICODE_TEXT_MAX];
		size_t len;

		if (!unicode_write(&halves[half], bytes, sizeof(bytes), &len) ||
			nick_normalize(bytes, len, names[half], &lens[half]) != NICK_FINE ||
			nick_check(names[half], lens[half]) != NICK_FINE)
			return true;
	}
	return nick_same(names[0], lens[0], names[1], lens[1]) &&
		nick_hash_meets(nick_hash(names[0], lens[0]), nick_hash(names[1], lens[1]));
}

static void answer(const char *operation, const struct unicode_text *from)
{
	struct unicode_text to;

	if (strcmp(operation, "script") == 0) {
		printf("%d\n", is_one_script(from));
	} else if (strcmp(operation, "refused") == 0) {
		printf("%d\n", is_refused(from));
	} else if (strcmp(operation, "mark") == 0) {
		printf("%d\n", unicode_is_mark(from->codes[0]));
	} else if (strcmp(operation, "invisible") == 0) {
		printf("%d\n", text_is_invisible(from->codes[0]));
	} else {
		transform(operation, from, &to);
		for (size_t i = 0; i < to.count; i++)
			printf("%s%04X", i > 0 ? " " : "", (unsigned)to.codes[i]);
		puts(to.is_cut ? " cut" : "");
	}
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct unicode_text from = { .count = 0 };
		char *at = line + strcspn(line, " \n");

		while (*at == ' ') {
			*at = '\0';
			unicode_append(&from, (uint32_t)strtoul(at + 1, &at, 16));
		}
		*at = '\0';
		answer(line, &from);
	}
	return 0;
}
