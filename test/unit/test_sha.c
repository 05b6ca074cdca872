/*
 * SHA-1 and SHA-256 with the vectors of their standards, and with every length around a block.
 */
#include "server/core/base/sha1.h"
#include "server/core/base/sha256.h"

#include <stdlib.h>

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* FIPS 180-4's examples, and those of RFC 3174, 7.3. */
static const struct {
	const char *text;
	size_t times;
	const char *sha1, *sha256;
} vectors[] = {
	{ "", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		"84983e441c3bd26ebaae4aa1f95129e5e54670f1",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", 1,
		"a49b2446a02c645bf419f995b67091253a04a259",
		"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	{ "a", 1000000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	{ "0123456701234567012345670123456701234567012345670123456701234567", 10,
		"dea356a2cddd90c7a7ecedc5ebb563934f460452",
		"594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5" },
};

/* Two digests, SHA-1's first, as hexadecimal text. */
static void digest(char *hex, const void *bytes, size_t len)
{
	uint8_t out[SHA1_SIZE + SHA256_SIZE];

	sha1(out, bytes, len);
	sha256(out + SHA1_SIZE, bytes, len);
	for (size_t i = 0; i < sizeof(out); i++)
		snprintf(hex + 2 * i, 3, "%02x", out[i]);
}

static void test_vectors(void)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		size_t len = strlen(vectors[i].text);
		char *bytes = malloc(len * vectors[i].times + 1);
		char hex[2 * (SHA1_SIZE + SHA256_SIZE) + 1];

		for (size_t n = 0; n < vectors[i].times; n++)
			memcpy(bytes + n * len, vectors[i].text, len);
		digest(hex, bytes, len * vectors[i].times);
		CHECK_TEXT(hex, 2 * SHA1_SIZE, vectors[i].sha1);
		CHECK_TEXT(hex + 2 * SHA1_SIZE, 2 * SHA256_SIZE, vectors[i].sha256);
		free(bytes);
	}
}

/*
 * All lengths up to two blocks, where the padding needs a block of its own and where not: the
 * digest of all their digests, as Python's hashlib gives it.
 */
static void test_lengths(void)
{
	char all[129 * 2 * (SHA1_SIZE + SHA256_SIZE)];
	char hex[2 * (SHA1_SIZE + SHA256_SIZE) + 1];
	size_t len = 0;

	for (size_t n = 0; n <= 128; n++) {
		char *bytes = malloc(n + 1);

		for (size_t i = 0; i < n; i++)
			bytes[i] = (char)(7 * i + n);
		digest(hex, bytes, n);
		memcpy(all + len, hex, sizeof(hex) - 1);
		len += sizeof(hex) - 1;
		free(bytes);
	}
	digest(hex, all, len);
	CHECK_TEXT(hex, 2 * SHA1_SIZE, "6cc0944e17751783f84d2b25bc8e2f03660efc44");
	CHECK_TEXT(hex + 2 * SHA1_SIZE, 2 * SHA256_SIZE,
		"918b9f658c033d07245050c8ae55bf292655afe9de805d1b613981d9b5ef38ac");
}

static void test_nothing(void)
{
	char hex[2 * (SHA1_SIZE + SHA256_SIZE) + 1];

	digest(hex, NULL, 0);
	CHECK_TEXT(hex, 2 * SHA1_SIZE, vectors[0].sha1);
}

static const struct unit_test tests[] = {
	{ "the standards' vectors", test_vectors },
	{ "every length up to two blocks", test_lengths },
	{ "no bytes at all", test_nothing },
};
UNIT_MAIN(tests)
