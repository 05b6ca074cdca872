/*
 * Deflate, unpacked (RFC 1951, https://www.rfc-editor.org/rfc/rfc1951). The rule: whatever the
 * bytes are, nothing is read outside the input or written outside the output, and each step either
 * takes a bit of the one or adds a byte to the other, so it ends.
 *
 * Codes are read a bit at a time. It is slow and short, and unpacks one page in a server's life.
 */
#include "server/core/base/inflate.h"

#include <stdint.h>
#include <string.h>

enum {
	BITS_MAX = 15,      /* of a code */
	LITERALS_MAX = 288, /* symbols of the code for literals and lengths */
	DISTANCES_MAX = 30,
	LENGTHS_MAX = 19,   /* of the code for lengths of codes */
	END_OF_BLOCK = 256,
	LENGTH_FIRST = 257,
	LENGTH_LAST = 285,  /* the longest, which has no bits after it */
	GZIP_HEAD = 10,
	GZIP_TAIL = 8,
};

struct stream {
	const uint8_t *in;
	size_t bit, bits; /* of in: the next one, and how many there are */
	char *out, *at, *out_end;
	bool is_broken;
};

/*
 * A canonical Huffman code (3.2.2): how many symbols have codes of each length, in order of codes.
 */
struct code {
	uint16_t counts[BITS_MAX + 1];
	uint16_t symbols[LITERALS_MAX];
};

/* The next bits as a number, the lowest first; 0 where the input has ended. */
static unsigned take(struct stream *s, unsigned count)
{
	unsigned value = 0;

	s->is_broken = s->is_broken || count > s->bits - s->bit;
	for (unsigned i = 0; i < count && !s->is_broken; i++, s->bit++)
		value |= (s->in[s->bit / 8] >> s->bit % 8 & 1U) << i;
	return value;
}

/*
 * Makes a code of the lengths of its symbols' codes; more codes than there
 * can be break the stream.
 */
static void make_code(struct stream *s, struct code *code, const uint8_t *lengths, unsigned count)
{
	uint16_t at[BITS_MAX + 1] = { 0 };
	int free_codes = 1;

	memset(code, 0, sizeof(*code));
	for (unsigned i = 0; i < count; i++)
		code->counts[lengths[i]]++;
	code->counts[0] = 0;
	for (unsigned bits = 1; bits <= BITS_MAX; bits++) {
		free_codes = 2 * free_codes - code->counts[bits];
		s->is_broken = s->is_broken || free_codes < 0;
		if (bits < BITS_MAX)
			at[bits + 1] = (uint16_t)(at[bits] + code->counts[bits]);
	}
	for (unsigned i = 0; i < count; i++)
		if (lengths[i] != 0)
			code->symbols[at[lengths[i]]++] = (uint16_t)i;
}

static unsigned take_symbol(struct stream *s, const struct code *code)
{
	unsigned value = 0, first = 0, before = 0;

	for (unsigned bits = 1; bits <= BITS_MAX && !s->is_broken; bits++) {
		value |= take(s, 1);
		if (value < first + code->counts[bits])
			return code->symbols[before + value - first];
		before += code->counts[bits];
		first = (first + code->counts[bits]) << 1;
		value <<= 1;
	}
	s->is_broken = true;
	return 0;
}

static void put(struct stream *s, char byte)
{
	s->is_broken = s->is_broken || s->at == s->out_end;
	if (!s->is_broken)
		*s->at++ = byte;
}

/* Bytes as they are (3.2.4). */
static void unpack_stored(struct stream *s)
{
	unsigned len;

	s->bit = (s->bit + 7) / 8 * 8;
	len = take(s, 16);
	s->is_broken = take(s, 16) != (len ^ 0xffff) || s->is_broken;
	while (len-- > 0 && !s->is_broken)
		put(s, (char)take(s, 8));
}

/* A length or distance less its smallest: each 1 << log symbols have one more bit after them. */
static unsigned take_number(struct stream *s, unsigned symbol, unsigned log)
{
	unsigned step = 1U << log, bits = symbol / step - 1;

	if (symbol < 2 * step)
		return symbol;
	return ((step + symbol % step) << bits) + take(s, bits);
}

/* Says once more what stands a distance back (3.2.5). */
static void repeat(struct stream *s, unsigned symbol, const struct code *distances)
{
	unsigned len = symbol == LENGTH_LAST ? 258 : 3 + take_number(s, symbol - LENGTH_FIRST, 2);
	unsigned distance = 1 + take_number(s, take_symbol(s, distances), 1);

	s->is_broken = s->is_broken || symbol > LENGTH_LAST ||
		distance > (size_t)(s->at - s->out);
	while (len-- > 0 && !s->is_broken)
		put(s, s->at[-(ptrdiff_t)distance]);
}

static void unpack_coded(struct stream *s, const struct code *literals,
	const struct code *distances)
{
	unsigned symbol = 0;

	while (!s->is_broken && symbol != END_OF_BLOCK) {
		symbol = take_symbol(s, literals);
		if (symbol < END_OF_BLOCK)
			put(s, (char)symbol);
		else if (symbol > END_OF_BLOCK)
			repeat(s, symbol, distances);
	}
}

/* A block with the codes that the standard gives (3.2.6). */
static void unpack_fixed(struct stream *s)
{
	struct code literals, distances;
	uint8_t lengths[LITERALS_MAX];

	for (unsigned i = 0; i < LITERALS_MAX; i++)
		lengths[i] = (uint8_t)(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
	make_code(s, &literals, lengths, LITERALS_MAX);
	memset(lengths, 5, DISTANCES_MAX);
	make_code(s, &distances, lengths, DISTANCES_MAX);
	unpack_coded(s, &literals, &distances);
}

/* Lengths of codes, packed with a code of their own. */
static void take_lengths(struct stream *s, const struct code *code, uint8_t *lengths,
	unsigned count)
{
	for (unsigned i = 0; i < count && !s->is_broken;) {
		unsigned symbol = take_symbol(s, code), times = 1;
		uint8_t length = (uint8_t)symbol;

		if (symbol == 16) {
			s->is_broken = s->is_broken || i == 0;
			length = i > 0 ? lengths[i - 1] : 0;
			times = 3 + take(s, 2);
		} else if (symbol > 16) {
			length = 0;
			times = symbol == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
		}
		s->is_broken = s->is_broken || times > count - i;
		while (times-- > 0 && !s->is_broken)
			lengths[i++] = length;
	}
}

/* A block that begins with its codes (3.2.7). */
static void unpack_dynamic(struct stream *s)
{
	static const uint8_t order[LENGTHS_MAX] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3,
		13, 2, 14, 1, 15 };
	unsigned literal_count = 257 + take(s, 5), distance_count = 1 + take(s, 5);
	unsigned length_count = 4 + take(s, 4);
	uint8_t lengths[LITERALS_MAX + DISTANCES_MAX] = { 0 };
	struct code literals, distances;

	s->is_broken = s->is_broken || literal_count > LITERALS_MAX ||
		distance_count > DISTANCES_MAX;
	if (s->is_broken)
		return;
	for (unsigned i = 0; i < length_count; i++)
		lengths[order[i]] = (uint8_t)take(s, 3);
	make_code(s, &literals, lengths, LENGTHS_MAX);
	memset(lengths, 0, sizeof(lengths));
	take_lengths(s, &literals, lengths, literal_count + distance_count);
	make_code(s, &literals, lengths, literal_count);
	make_code(s, &distances, lengths + literal_count, distance_count);
	unpack_coded(s, &literals, &distances);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it is written to by way of the stream. */
bool inflate(struct slice packed, char *out, size_t len)
{
	struct stream s = { .in = (const uint8_t *)packed.bytes, .bits = 8 * packed.len,
		.out = out, .at = out, .out_end = out + len };
	unsigned is_last = 0;

	while (is_last == 0 && !s.is_broken) {
		unsigned type;

		is_last = take(&s, 1);
		type = take(&s, 2);
		if (type == 0)
			unpack_stored(&s);
		else if (type == 1)
			unpack_fixed(&s);
		else if (type == 2)
			unpack_dynamic(&s);
		else
			s.is_broken = true;
	}
	return !s.is_broken && s.at == s.out_end;
}

bool inflate_gzip(struct slice packed, char *out, size_t len)
{
	if (packed.len < GZIP_HEAD + GZIP_TAIL || memcmp(packed.bytes, "\x1f\x8b\x08\0", 4) != 0)
		return false;
	packed.bytes += GZIP_HEAD;
	packed.len -= GZIP_HEAD + GZIP_TAIL;
	return inflate(packed, out, len);
}
