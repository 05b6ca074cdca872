/*
 * Normalization forms C and D (UAX #15, https://www.unicode.org/reports/tr15/), full case folding
 * (the Unicode Standard, section 3.13) and marks.
 *
 * Nothing is allocated: a row of code points has a fixed size, and one that is full says so rather
 * than write past its end. Code points without an entry are left as they are, so text of a later
 * version of Unicode passes unchanged.
 */
#include "proto/unicode.h"

#include <string.h>

#include "proto/text.h"
#include "proto/unicode_tables.h"

/* Hangul syllables are composed by arithmetic (section 3.12). */
enum {
	HANGUL_S = 0xac00,
	HANGUL_L = 0x1100,
	HANGUL_V = 0x1161,
	HANGUL_T = 0x11a7, /* the one before the first */
	HANGUL_L_COUNT = 19,
	HANGUL_V_COUNT = 21,
	HANGUL_T_COUNT = 28,
	HANGUL_S_COUNT = HANGUL_L_COUNT * HANGUL_V_COUNT * HANGUL_T_COUNT,
};

struct pair {
	uint32_t code;
	uint32_t first, second;
};

static struct pair canonical_at(size_t at)
{
	enum { BITS = 21, MASK = (1 << BITS) - 1 };
	uint64_t entry = unicode_canonical[at];

	return (struct pair){ (uint32_t)(entry >> 2 * BITS), (uint32_t)(entry >> BITS) & MASK,
		(uint32_t)entry & MASK };
}

static bool is_syllable(uint32_t code)
{
	return code >= HANGUL_S && code < HANGUL_S + HANGUL_S_COUNT;
}

static struct pair split_syllable(uint32_t code)
{
	uint32_t index = code - HANGUL_S, last = index % HANGUL_T_COUNT;

	if (last != 0)
		return (struct pair){ code, code - last, HANGUL_T + last };
	index /= HANGUL_T_COUNT;
	return (struct pair){ code, HANGUL_L + index / HANGUL_V_COUNT,
		HANGUL_V + index % HANGUL_V_COUNT };
}

/* Takes a code point apart by one step; false if there is nothing to take apart. */
static bool split(uint32_t code, struct pair *pair)
{
	size_t low = 0, high = unicode_canonical_count;

	if (is_syllable(code)) {
		*pair = split_syllable(code);
		return true;
	}
	while (low < high) {
		size_t middle = (low + high) / 2;

		*pair = canonical_at(middle);
		if (pair->code == code)
			return true;
		if (pair->code < code)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Writes all that a code point decomposes to, and returns how many. */
static size_t decompose_code(uint32_t code, uint32_t out[UNICODE_CANONICAL_MAX])
{
	uint32_t tail[UNICODE_CANONICAL_MAX];
	size_t tails = 0, count = 0;
	struct pair pair;

	/* Only the first of a pair is decomposed further. */
	while (code >= 0x80 && tails < UNICODE_CANONICAL_MAX && split(code, &pair)) {
		code = pair.first;
		if (pair.second != 0)
			tail[tails++] = pair.second;
	}
	out[count++] = code;
	while (tails > 0 && count < UNICODE_CANONICAL_MAX)
		out[count++] = tail[--tails];
	return count;
}

/* The last of sorted starts (value in the lowest bits) that is not after a code; 0 before all. */
static uint32_t value_at(const uint32_t *starts, size_t count, unsigned bits, uint32_t code)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (starts[middle] >> bits <= code)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? 0 : starts[low - 1] & ((UINT32_C(1) << bits) - 1);
}

static unsigned combining_class(uint32_t code)
{
	if (code < 0x300)
		return 0;
	return value_at(unicode_class_starts, unicode_class_start_count, 8, code);
}

void unicode_append(struct unicode_text *text, uint32_t code)
{
	if (text->count < UNICODE_TEXT_MAX)
		text->codes[text->count++] = code;
	else
		text->is_cut = true;
}

void unicode_read(struct unicode_text *text, const char *s, size_t len)
{
	text->count = 0;
	text->is_cut = false;
	for (size_t at = 0; at < len && !text->is_cut;) {
		uint32_t code;

		at += text_decode(s + at, len - at, &code, NULL);
		unicode_append(text, code);
	}
}

bool unicode_write(const struct unicode_text *text, char *out, size_t room, size_t *len)
{
	*len = 0;
	for (size_t i = 0; i < text->count; i++) {
		char bytes[4];
		size_t n = text_encode(bytes, text->codes[i]);

		if (n > room - *len)
			return false;
		memcpy(out + *len, bytes, n);
		*len += n;
	}
	return !text->is_cut;
}

/* Puts the last code point before those with a higher class, as far as the next starter. */
static void reorder_last(struct unicode_text *text)
{
	size_t at = text->count - 1;
	uint32_t code = text->codes[at];
	unsigned class = combining_class(code);

	if (class == 0)
		return;
	for (; at > 0 && combining_class(text->codes[at - 1]) > class; at--)
		text->codes[at] = text->codes[at - 1];
	text->codes[at] = code;
}

void unicode_decompose(struct unicode_text *to, const struct unicode_text *from)
{
	to->count = 0;
	to->is_cut = from->is_cut;
	for (size_t i = 0; i < from->count; i++) {
		uint32_t out[UNICODE_CANONICAL_MAX];
		size_t count = decompose_code(from->codes[i], out);

		for (size_t j = 0; j < count && !to->is_cut; j++) {
			unicode_append(to, out[j]);
			reorder_last(to);
		}
	}
}

/* The code point that two compose to, or 0. */
static uint32_t join(uint32_t first, uint32_t second)
{
	size_t low = 0, high = unicode_composed_count;

	if (first - HANGUL_L < HANGUL_L_COUNT && second - HANGUL_V < HANGUL_V_COUNT)
		return HANGUL_S + ((first - HANGUL_L) * HANGUL_V_COUNT + second - HANGUL_V) *
			HANGUL_T_COUNT;
	if (is_syllable(first) && (first - HANGUL_S) % HANGUL_T_COUNT == 0 &&
		second > HANGUL_T && second < HANGUL_T + HANGUL_T_COUNT)
		return first + second - HANGUL_T;
	while (low < high) {
		size_t middle = (low + high) / 2;
		struct pair pair = canonical_at(unicode_composed[middle]);

		if (pair.first == first && pair.second == second)
			return pair.code;
		if (pair.first < first || (pair.first == first && pair.second < second))
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

void unicode_compose(struct unicode_text *text)
{
	size_t starter = 0, out = 0;
	unsigned before = 0; /* the class of the last one that stands after the starter */
	bool has_starter = false;

	for (size_t i = 0; i < text->count; i++) {
		uint32_t code = text->codes[i], joined = 0;
		unsigned class = combining_class(code);
		/*
		 * One of the same class in between keeps it from the starter, a starter does too.
		 */
		bool is_blocked = out > starter + 1 && before >= class;

		if (has_starter && !is_blocked)
			joined = join(text->codes[starter], code);
		if (joined != 0) {
			text->codes[starter] = joined;
			continue;
		}
		if (class == 0) {
			starter = out;
			has_starter = true;
		}
		before = class;
		text->codes[out++] = code;
	}
	text->count = out;
}

static bool fold_full(uint32_t code, uint32_t out[UNICODE_FOLDED_MAX])
{
	size_t low = 0, high = unicode_fold_full_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (unicode_fold_fulls[middle].code == code) {
			memcpy(out, unicode_fold_fulls[middle].to,
				sizeof(unicode_fold_fulls[0].to));
			return true;
		}
		if (unicode_fold_fulls[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static uint32_t fold_simple(uint32_t code)
{
	size_t low = 0, high = unicode_fold_run_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (code > unicode_fold_runs[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == unicode_fold_run_count)
		return code;

	const struct unicode_fold_run *run = &unicode_fold_runs[low];
	if (code < run->first || (code - run->first) % run->stride != 0)
		return code;
	return (uint32_t)((int32_t)code + run->delta);
}

size_t unicode_fold_code(uint32_t code, uint32_t out[UNICODE_FOLDED_MAX])
{
	if (code < 0x80) {
		out[0] = code >= 'A' && code <= 'Z' ? code - 'A' + 'a' : code;
		return 1;
	}
	if (fold_full(code, out))
		return out[2] != 0 ? 3 : 2;
	out[0] = fold_simple(code);
	return 1;
}

void unicode_fold(struct unicode_text *to, const struct unicode_text *from)
{
	to->count = 0;
	to->is_cut = from->is_cut;
	for (size_t i = 0; i < from->count; i++) {
		uint32_t out[UNICODE_FOLDED_MAX];
		size_t count = unicode_fold_code(from->codes[i], out);

		for (size_t j = 0; j < count; j++)
			unicode_append(to, out[j]);
	}
}

uint32_t unicode_base(uint32_t code)
{
	uint32_t out[UNICODE_CANONICAL_MAX];

	/* The consonant alone is not what people type for a syllable. */
	if (is_syllable(code))
		return code;
	decompose_code(code, out);
	return out[0];
}

bool unicode_is_mark(uint32_t code)
{
	size_t low = 0, high = unicode_mark_edge_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (unicode_mark_edges[middle] <= code)
			low = middle + 1;
		else
			high = middle;
	}
	return low % 2 == 1;
}

/* Text that is folded and decomposed as it is read. */
struct stream {
	const char *s;
	size_t len;
	size_t at; /* all before it has been read */
	bool with_marks;
	size_t next, count;
	uint32_t codes[UNICODE_CANONICAL_MAX * UNICODE_FOLDED_MAX];
};

static void stream_fill(struct stream *stream)
{
	uint32_t code, parts[UNICODE_CANONICAL_MAX];

	stream->at += text_decode(stream->s + stream->at, stream->len - stream->at, &code, NULL);
	stream->next = stream->count = 0;
	size_t count = decompose_code(code, parts);
	for (size_t i = 0; i < count; i++) {
		uint32_t folded[UNICODE_FOLDED_MAX];
		size_t n = unicode_fold_code(parts[i], folded);

		for (size_t j = 0; j < n; j++)
			if (stream->with_marks || !unicode_is_mark(folded[j]))
				stream->codes[stream->count++] = folded[j];
	}
}

/* Makes the next code point ready; false at the end. */
static bool stream_peek(struct stream *stream)
{
	while (stream->next == stream->count && stream->at < stream->len)
		stream_fill(stream);
	return stream->next < stream->count;
}

/* The length of what has been read, marks that follow included; 0 if that ends within a letter. */
static size_t stream_end(const struct stream *stream)
{
	size_t at = stream->at;

	if (stream->next < stream->count)
		return 0;
	while (at < stream->len) {
		uint32_t code;
		size_t n = text_decode(stream->s + at, stream->len - at, &code, NULL);

		if (!unicode_is_mark(code))
			break;
		if (stream->with_marks)
			return 0;
		at += n;
	}
	return at;
}

size_t unicode_match(const char *s, size_t s_len, const char *word, size_t word_len,
	bool with_marks)
{
	struct stream text = { .s = s, .len = s_len, .with_marks = with_marks };
	struct stream want = { .s = word, .len = word_len, .with_marks = with_marks };

	while (stream_peek(&want)) {
		if (!stream_peek(&text) || text.codes[text.next] != want.codes[want.next])
			return 0;
		text.next++;
		want.next++;
	}
	return stream_end(&text);
}
