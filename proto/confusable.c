/*
 * Skeletons (UTS #39, section 4, https://www.unicode.org/reports/tr39/): NFD, each code point
 * replaced by what it looks like, NFD.
 *
 * Texts with the same skeleton by that rule have the same one here, and some more have. Letters in
 * another style (full width, mathematical, circled, raised) look like the plain ones, of which
 * confusables.txt has not all. And the rule never comes to the letters with marks in that file (ţ
 * looks like ț), since it takes them apart first: so they are looked up once more, composed.
 */
#include "proto/confusable.h"

#include <string.h>

#include "proto/confusable_tables.h"
#include "proto/text.h"

/* The look of a code point, in UTF-8 that ends with a NUL; NULL if it is its own. */
static const char *look_of(uint32_t code)
{
	size_t low = 0, high = confusable_block_count - 1; /* the last block only ends the table */

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (confusable_blocks[middle].high < code >> 8)
			low = middle + 1;
		else
			high = middle;
	}
	if (confusable_blocks[low].high != code >> 8)
		return NULL;

	size_t at = confusable_blocks[low].start;
	const uint8_t *found = memchr(confusable_codes + at, (int)(code & 0xff),
		confusable_blocks[low + 1].start - at);
	return found == NULL ? NULL
			     : confusable_text + confusable_looks[found - confusable_codes];
}

static void replace(struct unicode_text *to, const struct unicode_text *from)
{
	to->count = 0;
	to->is_cut = from->is_cut;
	for (size_t i = 0; i < from->count; i++) {
		const char *look = look_of(from->codes[i]);
		uint32_t code;

		if (look == NULL)
			unicode_append(to, from->codes[i]);
		for (; look != NULL && *look != '\0'; unicode_append(to, code))
			look += text_decode(look, strlen(look), &code, NULL);
	}
}

void confusable_skeleton(struct unicode_text *to, const struct unicode_text *from)
{
	struct unicode_text other;

	unicode_decompose(to, from);
	replace(&other, to);
	unicode_decompose(to, &other);
	/* That was UTS #39. Now the letters with marks. */
	unicode_compose(to);
	replace(&other, to);
	unicode_decompose(to, &other);
	replace(&other, to);
	unicode_decompose(to, &other);
}
