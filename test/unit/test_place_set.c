/*
 * Sets of places beside an array of flags, at the borders of words and of the summary's words.
 */
#include "server/core/base/place_set.h"

#include "test/unit/unit.h"

static void check_same(const struct place_set *s, const bool *flags, uint32_t size)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < size; i++) {
		CHECK_INT(place_set_has(s, i), flags[i]);
		if (!flags[i])
			continue;
		CHECK_INT(place_set_next(s, at), i);
		at = i + 1;
	}
	CHECK_INT(place_set_next(s, at), size);
	CHECK_INT(place_set_is_empty(s), at == 0);
}

static void test_borders(void)
{
	static const uint32_t sizes[] = { 1, 63, 64, 65, 4095, 4096, 4097, 10192 };
	static const uint32_t places[] = { 0, 1, 62, 63, 64, 4094, 4095, 4096, 4159, 4160, 10191 };
	static bool flags[10192];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct place_set s;

		CHECK_INT(place_set_init(&s, sizes[i]), 0);
		memset(flags, 0, sizeof(flags));
		check_same(&s, flags, sizes[i]);
		for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++)
			if (places[k] < sizes[i]) {
				place_set_add(&s, places[k]);
				flags[places[k]] = true;
			}
		check_same(&s, flags, sizes[i]);
		for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k += 2)
			if (places[k] < sizes[i]) {
				place_set_remove(&s, places[k]);
				flags[places[k]] = false;
			}
		check_same(&s, flags, sizes[i]);
		place_set_finish(&s);
	}
}

static void test_take(void)
{
	struct place_set s, other;
	uint32_t place = 0;

	CHECK_INT(place_set_init(&s, 5000), 0);
	CHECK_INT(place_set_init(&other, 5000), 0);
	place_set_add(&s, 70);
	place_set_add(&other, 7);
	place_set_add(&other, 4999);
	place_set_add_all(&s, &other);
	CHECK(place_set_take(&s, &place));
	CHECK_INT(place, 7);
	/* What is added behind the walk is for the next. */
	place_set_add(&s, 3);
	place++;
	CHECK(place_set_take(&s, &place));
	CHECK_INT(place, 70);
	place++;
	CHECK(place_set_take(&s, &place));
	CHECK_INT(place, 4999);
	place++;
	CHECK(!place_set_take(&s, &place));
	place = 0;
	CHECK(place_set_take(&s, &place));
	CHECK_INT(place, 3);
	CHECK(place_set_is_empty(&s));
	CHECK(place_set_has(&other, 7));
	place_set_finish(&s);
	place_set_finish(&other);
}

static const struct unit_test tests[] = {
	{ "borders", test_borders },
	{ "a walk that takes", test_take },
};

UNIT_MAIN(tests)
