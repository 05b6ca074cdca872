/*
 * The feed beside a model that is a plain list of all lines ever said.
 */
#include "server/core/feed/feed.h"
#include "test/unit/unit.h"

#include <stdlib.h>

enum { LINES = 5000, SIZE = 4096 };

/* The line of an ID: its length and bytes can be made again from the ID alone. */
static size_t line_len(uint64_t id, size_t min, size_t spread)
{
	return min + (size_t)(id * 2654435761u >> 7) % spread;
}

static void make_line(char *out, uint64_t id, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (char)('a' + (id + i) % 26);
	if (len > 0)
		out[len - 1] = '\n';
}

static void say(struct feed *f, uint64_t id, size_t len, size_t reserved)
{
	make_line(feed_reserve(f, reserved), id, len);
	feed_append(f, id, &(struct record){ .len = (uint32_t)len & 0xffffff, .kind = MESSAGE_SAID,
		.author = (uint32_t)id * 3, .time = (uint32_t)id * 5 });
}

/* All held are whole and right, and lie in as few runs as may be. */
static void check_held(const struct feed *f, size_t min, size_t spread)
{
	char want[SIZE];
	size_t sum = 0;
	unsigned runs = 0;

	for (uint64_t id = f->first; id < f->next; id++) {
		const struct record *r = feed_record(f, id);
		size_t len = line_len(id, min, spread);

		make_line(want, id, len);
		if (r->len != len || memcmp(feed_line(f, id), want, len) != 0) {
			CHECK_BYTES(feed_line(f, id), r->len, want, len);
			return;
		}
		CHECK(r->author == (uint32_t)id * 3 && r->time == id * 5);
		sum += len;
	}
	CHECK(f->first == f->next || feed_behind(f, f->first) >= sum);
	CHECK(feed_behind(f, f->first) <= f->size);
	CHECK_INT(feed_behind(f, f->next), 0);
	for (uint64_t id = f->first; id < f->next; runs++) {
		struct iovec run;
		uint64_t to = feed_run(f, id, f->next, &run);
		const char *bytes = run.iov_base;

		CHECK(to > id);
		for (; id < to; id++) {
			size_t len = line_len(id, min, spread);

			make_line(want, id, len);
			CHECK(memcmp(bytes, want, len) == 0);
			bytes += len;
		}
		CHECK(bytes == (char *)run.iov_base + run.iov_len);
	}
	CHECK(runs <= 2);
}

static void test_ring(void)
{
	static const struct {
		size_t min, spread, slack;
	} shapes[] = {
		{ 33, 1, 0 }, { 33, 1, 100 }, { 64, 1, 0 }, { 33, 200, 0 }, { 33, 200, 500 },
		{ 255, 1, 1 }, { 256, 1, 0 }, { 1000, 24, 0 },
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		size_t min = shapes[i].min, spread = shapes[i].spread;
		size_t most = min + spread + shapes[i].slack;
		struct feed f;

		CHECK_INT(feed_init(&f, SIZE), 0);
		for (uint64_t id = 1; id <= LINES; id++) {
			size_t len = line_len(id, min, spread);

			say(&f, id, len, len + shapes[i].slack);
			if (id % 7 == 0 || id < 200)
				check_held(&f, min, spread);
			/* No more leaves than has to: a hole, and what was reserved. */
			if (id > 200)
				CHECK(feed_behind(&f, f.first) + 2 * most > SIZE);
		}
		CHECK_INT(f.next, LINES + 1);
		feed_finish(&f);
	}
}

static void test_empty(void)
{
	struct feed f;

	CHECK_INT(feed_init(&f, SIZE), 0);
	CHECK_INT(f.first, 1);
	CHECK_INT(f.next, 1);
	CHECK_INT(feed_behind(&f, 1), 0);
	feed_begin(&f, 1000);
	say(&f, 1000, 40, 40);
	CHECK_INT(f.first, 1000);
	CHECK_INT(feed_behind(&f, 1000), 40);
	feed_finish(&f);
	feed_finish(&f);
}

/* Lines that fill the ring to its last byte, and one that begins a new lap. */
static void test_exact_fit(void)
{
	struct feed f;

	CHECK_INT(feed_init(&f, SIZE), 0);
	for (uint64_t id = 1; id <= 64; id++)
		say(&f, id, 64, 64);
	CHECK_INT(f.first, 1);
	CHECK_INT(feed_behind(&f, 1), SIZE);
	CHECK_INT(feed_behind(&f, 64), 64);
	say(&f, 65, 64, 64);
	CHECK_INT(f.first, 2);
	CHECK_INT(feed_behind(&f, 2), SIZE);
	CHECK_INT(feed_behind(&f, 65), 64);
	check_held(&f, 64, 1);
	feed_finish(&f);
}

/* The largest line there can be, again and again. */
static void test_only_one_fits(void)
{
	struct feed f;

	CHECK_INT(feed_init(&f, SIZE), 0);
	for (uint64_t id = 1; id <= 20; id++) {
		say(&f, id, SIZE, SIZE);
		CHECK_INT(f.first, id);
		check_held(&f, SIZE, 1);
	}
	feed_finish(&f);
}

/* The index has an end too. */
static void test_index_is_full(void)
{
	struct feed f;

	CHECK_INT(feed_init(&f, SIZE), 0);
	for (uint64_t id = 1; id <= 1000; id++) {
		say(&f, id, 4, 4);
		CHECK(f.next - f.first <= f.mask + 1);
	}
	CHECK_INT(f.next - f.first, SIZE / FEED_RECORD_BYTES);
	check_held(&f, 4, 1);
	feed_finish(&f);
}

/* A reserve that nothing comes of leaves whole lines, wherever in the ring it was. */
static void test_reserve_without_commit(void)
{
	struct feed f;

	CHECK_INT(feed_init(&f, SIZE), 0);
	for (uint64_t id = 1; id <= 500; id++) {
		size_t len = line_len(id, 33, 200);
		char *to = feed_reserve(&f, 700);

		memset(to, '?', 700);
		CHECK_INT(f.next, id);
		check_held(&f, 33, 200);
		say(&f, id, len, len);
		check_held(&f, 33, 200);
	}
	feed_finish(&f);
}

/* Records of lost lines count, take no bytes, and do not stand in the way of others. */
static void test_gaps(void)
{
	for (unsigned every = 1; every <= 5; every++) {
		struct feed f;
		uint64_t id;

		CHECK_INT(feed_init(&f, SIZE), 0);
		for (id = 1; id <= LINES; id++) {
			bool gap = id % every == 0;
			uint64_t from;

			if (gap)
				feed_reserve(&f, 0);
			if (gap)
				feed_append(&f, id, &(struct record){ .kind = MESSAGE_SAID });
			else
				say(&f, id, 64, 64);
			for (from = f.first; from < f.next; from++) {
				const struct record *r = feed_record(&f, from);
				char want[64];

				make_line(want, from, 64);
				CHECK_INT(r->len, from % every == 0 ? 0 : 64);
				CHECK(r->len == 0 || memcmp(feed_line(&f, from), want, 64) == 0);
			}
			CHECK(feed_behind(&f, f.first) <= SIZE);
			CHECK(!gap || feed_behind(&f, id) == 0);
			for (from = f.first; from < f.next;) {
				struct iovec run;
				size_t sum = 0;
				uint64_t to = feed_run(&f, from, f.next, &run);

				for (; from < to; from++)
					sum += feed_record(&f, from)->len;
				CHECK_INT(run.iov_len, sum);
			}
			if (unit_failures > 0)
				break;
		}
		/* As many are held as there are bytes and records for. */
		CHECK(every == 1 || f.next - f.first >= SIZE / 64 - 1);
		feed_finish(&f);
	}
}

static const struct unit_test tests[] = {
	{ "the ring holds whole lines", test_ring },
	{ "an empty feed", test_empty },
	{ "lines that fit exactly", test_exact_fit },
	{ "a line as large as the ring", test_only_one_fits },
	{ "more lines than the index holds", test_index_is_full },
	{ "a reserve without a commit", test_reserve_without_commit },
	{ "records of length 0", test_gaps },
};

UNIT_MAIN(tests)
