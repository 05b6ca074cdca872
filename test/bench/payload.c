/*
 * The layout: mark, 3 digits of sender, 6 of number, 8 of time, filler, 6 of sum. A digit is six
 * bits, 0x30 to 0x6f: quick to write and to read, which counts at millions of lines a second.
 */
#include "test/bench/payload.h"

#include <string.h>

enum { SENDER_DIGITS = 3, NUMBER_DIGITS = 6, TIME_DIGITS = 8, SUM_DIGITS = 6 };
enum { HEAD = 1 + SENDER_DIGITS + NUMBER_DIGITS + TIME_DIGITS };

static const char filler[] =
	"The_quick_brown_fox_jumps_over_the_lazy_dog,_0123456789_times_or_more._"
	"Pack_my_box_with_five_dozen_liquor_jugs;_how_vexingly_quick_daft_zebras_jump!_";

static char *put(char *out, uint64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		out[i] = (char)('0' + (value & 63));
		value >>= 6;
	}
	return out + digits;
}

static uint64_t get(const char *in, int digits)
{
	uint64_t value = 0;

	for (int i = 0; i < digits; i++)
		value = value << 6 | (((uint8_t)in[i] - '0') & 63);
	return value;
}

static uint64_t mix(uint64_t sum, const char *bytes, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, bytes, len);
	sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
	return sum ^ sum >> 29;
}

/* Two lanes, so that the multiplications of long lines overlap. */
static uint64_t sum_of(const char *bytes, size_t len)
{
	uint64_t a = len, b = ~(uint64_t)len;

	for (; len >= 16; bytes += 16, len -= 16) {
		a = mix(a, bytes, 8);
		b = mix(b, bytes + 8, 8);
	}
	if (len >= 8) {
		a = mix(a, bytes, 8);
		bytes += 8;
		len -= 8;
	}
	a = mix(mix(a, bytes, len), (const char *)&b, sizeof(b));
	return a >> (64 - 6 * SUM_DIGITS);
}

void payload_write(char *out, size_t len, const struct payload *p)
{
	size_t room = len - HEAD - SUM_DIGITS;
	char *at = out;

	*at++ = PAYLOAD_MARK;
	at = put(at, p->sender, SENDER_DIGITS);
	at = put(at, p->number, NUMBER_DIGITS);
	at = put(at, p->sent, TIME_DIGITS);
	while (room > 0) {
		size_t piece = room < sizeof(filler) - 1 ? room : sizeof(filler) - 1;

		memcpy(at, filler, piece);
		at += piece;
		room -= piece;
	}
	put(at, sum_of(out, (size_t)(at - out)), SUM_DIGITS);
}

bool payload_read(const char *in, size_t len, struct payload *p)
{
	const char *at = in + 1;

	if (get(in + len - SUM_DIGITS, SUM_DIGITS) != sum_of(in, len - SUM_DIGITS))
		return false;
	p->sender = (uint32_t)get(at, SENDER_DIGITS);
	at += SENDER_DIGITS;
	p->number = get(at, NUMBER_DIGITS);
	at += NUMBER_DIGITS;
	p->sent = get(at, TIME_DIGITS);
	return true;
}
