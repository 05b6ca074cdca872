/*
 * Replies: pieces in their places, in any order of adding, cutting and taking, beside a model.
 */
#include "server/core/client/outbox.h"
#include "test/unit/unit.h"

#include <stdlib.h>

static void add(struct outbox *r, uint64_t at, const char *text)
{
	char *to = outbox_add(r, at, strlen(text));

	CHECK(to != NULL);
	memcpy(to, text, strlen(text));
}

/* All pieces as text: "at:bytes|". */
static void check_pieces(const struct outbox *r, const char *want)
{
	char got[1024];
	size_t len = 0;
	struct outbox_piece piece;
	uint32_t position = 0;

	while (outbox_next(r, &position, &piece))
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%" PRIu64 ":%.*s|",
			piece.at, (int)piece.len, piece.bytes);
	CHECK_TEXT(got, len, want);
}

static void test_pieces(void)
{
	struct outbox r = { 0 };

	check_pieces(&r, "");
	CHECK_INT(outbox_waiting(&r), 0);
	add(&r, 7, "one");
	add(&r, 7, "two");
	add(&r, 9, "three");
	check_pieces(&r, "7:one|7:two|9:three|");
	CHECK_INT(outbox_waiting(&r), 3 * 12 + 11);
	outbox_consume(&r, 3);
	check_pieces(&r, "7:two|9:three|");
	/* What is left of a piece that has begun goes out at once. */
	outbox_consume(&r, 1);
	check_pieces(&r, "0:wo|9:three|");
	outbox_consume(&r, 1);
	check_pieces(&r, "0:o|9:three|");
	CHECK_INT(outbox_put_first(&r, "rest", 4), 0);
	check_pieces(&r, "0:rest|0:o|9:three|");
	outbox_hurry(&r);
	check_pieces(&r, "0:rest|0:o|0:three|");
	outbox_consume(&r, 4);
	outbox_consume(&r, 1);
	outbox_consume(&r, 5);
	CHECK(r.buffer == NULL);
	check_pieces(&r, "");
	outbox_finish(&r);
	add(&r, 1, "x");
	outbox_finish(&r);
	CHECK(r.buffer == NULL && outbox_waiting(&r) == 0);
	CHECK_INT(outbox_put_first(&r, "x", 1), 0);
	check_pieces(&r, "0:x|");
	outbox_finish(&r);
}

static void test_empty_piece(void)
{
	struct outbox r = { 0 };

	add(&r, 3, "");
	add(&r, 3, "x");
	check_pieces(&r, "3:|3:x|");
	outbox_consume(&r, 0);
	check_pieces(&r, "3:x|");
	outbox_finish(&r);
}

/* OUTBOX_MAX at -1, 0 and +1. */
static void test_fits(void)
{
	struct outbox r = { 0 };

	CHECK(outbox_fits(&r, OUTBOX_MAX - 12));
	CHECK(!outbox_fits(&r, OUTBOX_MAX - 11));
	add(&r, 1, "0123456789");
	CHECK(outbox_fits(&r, OUTBOX_MAX - 22 - 13));
	CHECK(outbox_fits(&r, OUTBOX_MAX - 22 - 12));
	CHECK(!outbox_fits(&r, OUTBOX_MAX - 22 - 11));
	outbox_finish(&r);
}

/* However it was filled, what waits takes no more memory than it may. */
static void test_size(void)
{
	struct outbox r = { 0 };

	while (outbox_fits(&r, 100)) {
		outbox_add(&r, 1, 100);
		CHECK(r.buffer->size <= OUTBOX_MAX);
	}
	CHECK(outbox_waiting(&r) > OUTBOX_MAX - 112);
	/* The answer to the command that came last may go beyond. */
	CHECK(outbox_add(&r, 1, 100) != NULL);
	CHECK_INT(r.buffer->size, outbox_waiting(&r));
	outbox_finish(&r);
}

enum { STEPS = 20000, MODEL = 4096 };

/* The model: the bytes in order, and where each piece ends. */
struct model {
	char bytes[MODEL];
	size_t ends[MODEL];
	uint64_t at[MODEL];
	size_t len, count;
};

static void model_insert(struct model *m, bool first, const char *bytes, size_t len, uint64_t at)
{
	size_t to = first ? 0 : m->len, index = first ? 0 : m->count;

	memmove(m->bytes + to + len, m->bytes + to, m->len - to);
	memcpy(m->bytes + to, bytes, len);
	memmove(m->ends + index + 1, m->ends + index, (m->count - index) * sizeof(m->ends[0]));
	memmove(m->at + index + 1, m->at + index, (m->count - index) * sizeof(m->at[0]));
	m->len += len;
	m->count++;
	m->ends[index] = to + len;
	m->at[index] = at;
	for (size_t i = index + 1; i < m->count; i++)
		m->ends[i] += len;
}

static void model_take(struct model *m, size_t len)
{
	bool whole = len == m->ends[0];

	m->len -= len;
	memmove(m->bytes, m->bytes + len, m->len);
	m->at[0] = 0;
	if (whole) {
		m->count--;
		memmove(m->ends, m->ends + 1, m->count * sizeof(m->ends[0]));
		memmove(m->at, m->at + 1, m->count * sizeof(m->at[0]));
	}
	for (size_t i = 0; i < m->count; i++)
		m->ends[i] -= len;
}

static bool is_as_model(const struct outbox *r, const struct model *m)
{
	struct outbox_piece piece;
	uint32_t position = 0;
	size_t start = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (!outbox_next(r, &position, &piece) || piece.at != m->at[i] ||
			piece.len != m->ends[i] - start ||
			memcmp(piece.bytes, m->bytes + start, piece.len) != 0)
			return false;
		start = m->ends[i];
	}
	return !outbox_next(r, &position, &piece);
}

static void test_beside_model(void)
{
	static struct model m;
	struct outbox r = { 0 };
	char bytes[200];

	srand(1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)('a' + i % 26);
	for (int step = 0; step < STEPS; step++) {
		size_t len = (size_t)rand() % 200;
		int what = rand() % 5;

		if (what < 2 && m.len + len < MODEL) {
			uint64_t at = (uint64_t)rand() % 9 + 1;
			char *to = outbox_add(&r, at, len);

			memcpy(to, bytes + 200 - len, len);
			model_insert(&m, false, bytes + 200 - len, len, at);
		} else if (what == 2 && m.len + len < MODEL) {
			CHECK_INT(outbox_put_first(&r, bytes, len), 0);
			model_insert(&m, true, bytes, len, 0);
		} else if (what > 2 && m.count > 0) {
			len = len < m.ends[0] ? len : m.ends[0];
			outbox_consume(&r, len);
			model_take(&m, len);
		}
		if (!is_as_model(&r, &m)) {
			CHECK_INT(step, -1);
			break;
		}
	}
	outbox_finish(&r);
}

/* What has begun to go out goes on; what no frame holds yet is forgotten. */
static void test_forget_lines(void)
{
	struct outbox r = { 0 };
	struct outbox_piece piece;
	uint32_t position = 0;

	outbox_forget_lines(&r);
	CHECK(outbox_is_empty(&r));
	memcpy(outbox_add(&r, 1, 3), "abc", 3);
	outbox_forget_lines(&r);
	CHECK(outbox_is_empty(&r));
	CHECK_INT(outbox_add_raw(&r, "one", 3), 0);
	CHECK_INT(outbox_add_raw(&r, "two", 3), 0);
	memcpy(outbox_add(&r, 1, 3), "abc", 3);
	CHECK_INT(outbox_add_raw(&r, "six", 3), 0);
	outbox_forget_lines(&r);
	CHECK(outbox_next(&r, &position, &piece) && piece.raw && memcmp(piece.bytes, "one", 3) == 0);
	CHECK(outbox_next(&r, &position, &piece) && piece.raw && memcmp(piece.bytes, "two", 3) == 0);
	CHECK(!outbox_next(&r, &position, &piece));
	outbox_finish(&r);
}

static const struct unit_test tests[] = {
	{ "lines are forgotten", test_forget_lines },
	{ "pieces come and go", test_pieces },
	{ "a piece of nothing", test_empty_piece },
	{ "64 KiB", test_fits },
	{ "64 KiB of memory", test_size },
	{ "beside a model", test_beside_model },
};

UNIT_MAIN(tests)
