/*
 * What is packed comes back as it was, and nothing else comes back.
 */
#include <stdlib.h>

#include "server/core/base/codec.h"
#include "test/unit/unit.h"

struct thing {
	uint8_t small;
	uint64_t large;
	int64_t time;
	bool flag;
	char array[4];
	char *heap;
	size_t heap_len;
	char *text, *no_text, *empty_text;
};

static void carry(struct thing *t, struct codec *p)
{
	codec_version(p, "thing", 1, 1);
	t->small = (uint8_t)codec_number(p, t->small, 1, 7);
	t->large = codec_number(p, t->large, 8, UINT64_MAX);
	t->time = codec_time(p, t->time);
	t->flag = codec_flag(p, t->flag);
	codec_array(p, t->array, sizeof(t->array));
	t->heap = codec_heap(p, t->heap, &t->heap_len, 5);
	t->text = codec_text(p, t->text, 3);
	t->no_text = codec_text(p, t->no_text, 3);
	t->empty_text = codec_text(p, t->empty_text, 3);
}

static struct thing example(void)
{
	return (struct thing){
		.small = 7,
		.large = UINT64_MAX,
		.time = INT64_MAX / 4,
		.flag = true,
		.array = "ab\0c",
		.heap = (char *)"12345",
		.heap_len = 5,
		.text = (char *)"xyz",
		.empty_text = (char *)"",
	};
}

static void finish(struct thing *t)
{
	free(t->heap);
	free(t->text);
	free(t->no_text);
	free(t->empty_text);
}

static void write_example(struct codec *p)
{
	struct thing t = example();

	carry(&t, p);
	codec_add_checksum(p);
	CHECK(!p->failed);
	CHECK(t.heap == example().heap && t.text == example().text);
}

static void test_both_ways(void)
{
	struct codec p = { 0 };
	struct thing t = { 0 };

	write_example(&p);
	CHECK(codec_check(&p));
	carry(&t, &p);
	CHECK(!p.failed);
	CHECK_INT(p.at, p.len);
	CHECK_INT(t.small, 7);
	CHECK(t.large == UINT64_MAX && t.time == INT64_MAX / 4 && t.flag);
	CHECK_BYTES(t.array, 4, "ab\0c", 4);
	CHECK_BYTES(t.heap, t.heap_len, "12345", 5);
	CHECK(t.text != NULL && strcmp(t.text, "xyz") == 0);
	CHECK(t.no_text == NULL);
	CHECK(t.empty_text != NULL && *t.empty_text == '\0');
	finish(&t);
	codec_finish(&p);
}

/* Without its hash, a part of it is noticed by what is missing; what was read is no leak. */
static void test_cut(void)
{
	struct codec p = { 0 };

	write_example(&p);
	for (size_t len = p.len - 8; len-- > 0;) {
		struct codec part = { .bytes = p.bytes, .len = len };
		struct thing t = { 0 };

		codec_rewind(&part);
		carry(&t, &part);
		CHECK(part.failed);
		CHECK_INT(codec_number(&part, 5, 1, 9), 0);
		finish(&t);
	}
	codec_finish(&p);
}

static void test_damage(void)
{
	struct codec p = { 0 };

	write_example(&p);
	for (size_t i = 0; i < p.len; i++) {
		struct codec other = { .bytes = p.bytes, .len = p.len };

		p.bytes[i] ^= 1;
		CHECK(!codec_check(&other));
		p.bytes[i] ^= 1;
	}
	for (size_t len = 0; len < p.len; len++) {
		struct codec other = { .bytes = p.bytes, .len = len };

		CHECK(!codec_check(&other));
	}
	codec_finish(&p);
}

/* What could not be read again is not written; the one who asked goes on with what it has. */
static void test_limits(void)
{
	for (unsigned over = 0; over < 3; over++) {
		struct codec p = { 0 };
		struct thing t = example();

		t.small = over == 0 ? 8 : 7;
		t.text = (char *)(over == 1 ? "wxyz" : "xyz");
		t.heap = (char *)(over == 2 ? "123456" : "12345");
		t.heap_len = strlen(t.heap);
		carry(&t, &p);
		CHECK(p.failed);
		CHECK_INT(t.small, over == 0 ? 8 : 7);
		CHECK_INT(t.heap_len, over == 2 ? 6 : 5);
		CHECK(t.empty_text != NULL);
		codec_finish(&p);
	}
}

/* Times that are none, with which no sum could be made. */
static void test_times(void)
{
	static const int64_t times[] = { -1, INT64_MIN, INT64_MAX / 4 + 1, INT64_MAX };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct codec p = { 0 };

		codec_number(&p, (uint64_t)times[i], 8, UINT64_MAX);
		codec_rewind(&p);
		CHECK_INT(codec_time(&p, 7), 0);
		CHECK(p.failed);
		codec_finish(&p);
	}
}

static void test_version(void)
{
	static const struct {
		const char *name;
		unsigned oldest, newest, read; /* 0: refused */
	} rows[] = {
		{ "thing", 5, 5, 5 }, { "thing", 4, 5, 5 }, { "thing", 5, 6, 5 }, { "thing", 4, 6, 5 },
		{ "thing", 6, 7, 0 }, { "thing", 3, 4, 0 }, { "thing", 51, 55, 0 },
		{ "things", 5, 5, 0 }, { "thin", 5, 5, 0 }, { "", 5, 5, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct codec p = { 0 };
		unsigned version;

		CHECK_INT(codec_version(&p, "thing", 4, 5), 5);
		codec_number(&p, 77, 1, 99);
		codec_rewind(&p);
		version = codec_version(&p, rows[i].name, rows[i].oldest, rows[i].newest);
		CHECK(p.failed == (rows[i].read == 0));
		if (rows[i].read != 0) {
			CHECK_INT(version, rows[i].read);
			CHECK_INT(codec_number(&p, 0, 1, 99), 77);
		}
		codec_finish(&p);
	}
}

static const struct unit_test tests[] = {
	{ "both ways", test_both_ways },
	{ "cut at every byte", test_cut },
	{ "damaged at every byte", test_damage },
	{ "over every limit", test_limits },
	{ "times that are none", test_times },
	{ "another version", test_version },
};

UNIT_MAIN(tests)
