/*
 * An index finds all that has a key, whatever else has the same hash, and without memory says so.
 */
#include "server/core/base/index.h"

#include <stdlib.h>

#include "test/unit/unit.h"

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool has_memory = true;

void *__wrap_calloc(size_t count, size_t size)
{
	return has_memory ? __real_calloc(count, size) : NULL;
}

static uint32_t count_of(const struct index *x, uint32_t hash)
{
	uint32_t at = 0, value, count = 0;

	while (index_next(x, hash, &at, &value))
		count++;
	return count;
}

static void test_finding(void)
{
	enum { MANY = 1000 };
	struct index x = { 0 };
	uint32_t at = 0, value;

	CHECK_INT(count_of(&x, 1), 0);
	CHECK(!index_has_room(&x, 1));
	index_begin(&x, MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		CHECK(index_has_room(&x, 1));
		index_add(&x, index_hash(INDEX_ID, i), i);
		index_add(&x, index_hash(INDEX_ID, i), i);
	}
	for (uint32_t i = 0; i < MANY; i++) {
		bool found = false;

		for (at = 0; index_next(&x, index_hash(INDEX_ID, i), &at, &value);)
			found = found || value == i;
		CHECK(found);
	}
	index_begin(&x, 3);
	for (uint32_t i = 0; i < 3; i++)
		index_add(&x, UINT32_MAX, i);
	CHECK_INT(count_of(&x, UINT32_MAX), 3);
	CHECK_INT(count_of(&x, 0), 0);
	index_finish(&x);
}

static void test_no_memory(void)
{
	struct index x = { 0 };

	has_memory = false;
	index_begin(&x, 1);
	has_memory = true;
	CHECK(x.is_partial && index_has_room(&x, 1000));
	index_add(&x, 1, 1);
	CHECK_INT(count_of(&x, 1), 0);
	index_finish(&x);
}

static const struct unit_test tests[] = {
	{ "finding", test_finding },
	{ "no memory", test_no_memory },
};

UNIT_MAIN(tests)
