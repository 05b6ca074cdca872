/*
 * Whether the letters of a name belong together (UTS #39, sections 5.1 and 5.2,
 * https://www.unicode.org/reports/tr39/). A code point may be of several scripts (UAX #24,
 * Script_Extensions); text is of one script if all its code points have one in common.
 */
#include "proto/script.h"

#include <stdint.h>

#include "proto/script_tables.h"
#include "proto/text.h"

static const struct script_set *script_of(uint32_t code)
{
	enum { BITS = 10 };
	size_t low = 0, high = script_start_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (script_starts[middle] >> BITS <= code)
			low = middle + 1;
		else
			high = middle;
	}
	return &script_sets[low == 0 ? 0 : script_starts[low - 1] & ((1U << BITS) - 1)];
}

static void keep_common(struct script_set *set, const struct script_set *other)
{
	for (size_t i = 0; i < SCRIPT_WORDS; i++)
		set->words[i] &= other->words[i];
}

static bool is_empty(const struct script_set *set)
{
	for (size_t i = 0; i < SCRIPT_WORDS; i++)
		if (set->words[i] != 0)
			return false;
	return true;
}

bool script_is_one(const char *s, size_t len)
{
	struct script_set all = { { UINT64_MAX, UINT64_MAX, UINT64_MAX } };
	struct script_set beside_latin = all;

	for (size_t at = 0; at < len;) {
		uint32_t code;

		at += text_decode(s + at, len - at, &code, NULL);
		const struct script_set *set = script_of(code);
		keep_common(&all, set);
		if ((set->words[0] & SCRIPT_LATIN) == 0)
			keep_common(&beside_latin, set);
	}
	return !is_empty(&all) ||
		(beside_latin.words[0] &
			(SCRIPT_HAN_WITH_BOPOMOFO | SCRIPT_JAPANESE | SCRIPT_KOREAN)) != 0;
}
