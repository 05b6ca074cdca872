/*
 * Random bytes, and what happens where a system refuses them.
 */
#include "server/shell/random.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "test/unit/unit.h"

static bool refused;

/* A system that gives nothing but zeros, or nothing at all. */
int __wrap_getentropy(void *buffer, size_t len);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);

int __wrap_getentropy(void *buffer, size_t len)
{
	errno = ENOSYS;
	if (refused || len > 256)
		return -1;
	memset(buffer, 0, len);
	return 0;
}

int __wrap_open(const char *path, int flags, ...)
{
	errno = ENOENT;
	return -1;
}

int __wrap_open64(const char *path, int flags, ...)
{
	return __wrap_open(path, flags);
}

static void test_starts_nowhere_without(void)
{
	struct error error;

	refused = true;
	CHECK_INT(random_open(&error), -1);
	CHECK_INT(error.status, ERROR_START);
	CHECK(strstr(error.text, "no random numbers") != NULL);
}

static void test_fills_all_of_it(void)
{
	unsigned char bytes[1000];
	struct error error;

	refused = false;
	CHECK_INT(random_open(&error), 0);
	memset(bytes, 1, sizeof(bytes));
	random_fill(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		CHECK_INT(bytes[i], 0);
}

/* RFC 8439, A.1, test vector 1: the second half of its block; the first is the next key. */
static void test_goes_on_when_refused(void)
{
	static const unsigned char expected[32] = { 0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48, 0x8d,
		0x77, 0x24, 0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37, 0x6a, 0x43, 0xb8, 0xf4, 0x15, 0x18,
		0xa1, 0x1c, 0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86 };
	unsigned char first[32], more[300];
	struct error error;

	refused = false;
	CHECK_INT(random_open(&error), 0);
	refused = true;
	random_fill(first, sizeof(first));
	CHECK_INT(memcmp(first, expected, sizeof(first)), 0);
	random_fill(more, sizeof(more));
	for (size_t at = 0; at + sizeof(first) <= sizeof(more); at += sizeof(first)) {
		CHECK(memcmp(more + at, first, sizeof(first)) != 0);
		memcpy(first, more + at, sizeof(first));
	}
}

static const struct unit_test tests[] = {
	{ "starts nowhere without a source", test_starts_nowhere_without },
	{ "fills all of it, however long", test_fills_all_of_it },
	{ "goes on when it is refused later", test_goes_on_when_refused },
};

UNIT_MAIN(tests)
