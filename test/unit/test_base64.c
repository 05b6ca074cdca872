/*
 * Base64 and base32 with the vectors of RFC 4648, 10, and everything that is nearly base64.
 */
#include "server/core/base/base64.h"

#include <stdlib.h>

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text, *base64, *base32;
} vectors[] = {
	{ "", "", "" },
	{ "f", "Zg==", "my" },
	{ "fo", "Zm8=", "mzxq" },
	{ "foo", "Zm9v", "mzxw6" },
	{ "foob", "Zm9vYg==", "mzxw6yq" },
	{ "fooba", "Zm9vYmE=", "mzxw6ytb" },
	{ "foobar", "Zm9vYmFy", "mzxw6ytboi" },
	{ "\xff\xfe\xfd\xbf", "//79vw==", "777p3py" },
	{ "\xfb\xef\xbe", "++++", "7px34" },
	{ "the sample nonce", "dGhlIHNhbXBsZSBub25jZQ==", "orugkidtmfwxa3dfebxg63tdmu" },
};

/* Decodes a copy of just these characters, so that a sanitizer sees any read beyond them. */
static bool decode(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
	char *copy = malloc(len + (len == 0));

	memcpy(copy, text, len);
	bool ok = base64_decode(out, out_len, copy, len);
	free(copy);
	return ok;
}

static void test_base64(void)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		const char *text = vectors[i].text;
		char encoded[64];
		uint8_t decoded[64];
		size_t len = base64_encode(encoded, (const uint8_t *)text, strlen(text));

		CHECK_INT(len, BASE64_LENGTH(strlen(text)));
		CHECK_TEXT(encoded, len, vectors[i].base64);
		CHECK(decode(decoded, &len, encoded, len));
		CHECK_TEXT(decoded, len, text);
	}
}

static void test_base32(void)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		size_t count = strlen(vectors[i].base32), need = (5 * count + 7) / 8;
		uint8_t *bytes = calloc(need + 1, 1);
		char encoded[64];

		memcpy(bytes, vectors[i].text, strlen(vectors[i].text));
		base32_encode(encoded, count, bytes);
		CHECK_TEXT(encoded, count, vectors[i].base32);
		free(bytes);
	}
}

/* A key of 26 characters is 130 bits: all of 16 bytes, and the upper two of a 17th. */
static void test_key(void)
{
	uint8_t *bytes = malloc(17);
	char key[26];

	memset(bytes, 0, 17);
	base32_encode(key, sizeof(key), bytes);
	CHECK_TEXT(key, sizeof(key), "aaaaaaaaaaaaaaaaaaaaaaaaaa");
	memset(bytes, 0xff, 17);
	base32_encode(key, sizeof(key), bytes);
	CHECK_TEXT(key, sizeof(key), "77777777777777777777777777");
	for (size_t bit = 0; bit < 130; bit++) {
		memset(bytes, 0, 17);
		bytes[bit / 8] = (uint8_t)(0x80 >> bit % 8);
		base32_encode(key, sizeof(key), bytes);
		for (size_t i = 0; i < sizeof(key); i++)
			CHECK_INT(key[i], i == bit / 5 ? "qiecb"[bit % 5] : 'a');
	}
	memset(bytes, 0, 17);
	bytes[16] = 0x3f;
	base32_encode(key, sizeof(key), bytes);
	CHECK_TEXT(key, sizeof(key), "aaaaaaaaaaaaaaaaaaaaaaaaaa");
	free(bytes);
}

static void test_bytes(void)
{
	for (unsigned value = 0; value < 256; value++)
		for (size_t at = 0; at < 4; at++) {
			uint8_t bytes[4] = { 0 }, decoded[6];
			char encoded[8];
			size_t len;

			bytes[at] = (uint8_t)value;
			len = base64_encode(encoded, bytes, sizeof(bytes));
			CHECK(decode(decoded, &len, encoded, len));
			CHECK_BYTES(decoded, len, bytes, sizeof(bytes));
		}
}

static void test_no_base64(void)
{
	static const char *const texts[] = { "=", "==", "===", "====", "Z", "Zg", "Zg=", "Z===",
		"Zg==Zg==", "=g==", "Zg=g", "Zm8==", "Zm9v=", "Zm9v====", "Zm 8", "Zm8\n", "Zm-_",
		"Zm9vZ", "Zm9v\xc3\xa9==", "Zm9,", "Zm9v\nYg=", ".m9v", "Zm9v[==" };
	uint8_t decoded[64];
	size_t len;

	for (size_t i = 0; i < COUNT(texts); i++)
		CHECK(!decode(decoded, &len, texts[i], strlen(texts[i])));
	CHECK(!decode(decoded, &len, "Zm\0v", 4));
}

static void test_padding_bits(void)
{
	uint8_t decoded[64];
	size_t len;

	CHECK(decode(decoded, &len, "Zh==", 4));
	CHECK_TEXT(decoded, len, "f");
	CHECK(decode(decoded, &len, "Zm9=", 4));
	CHECK_TEXT(decoded, len, "fo");
}

static const struct unit_test tests[] = {
	{ "base64: the standard's vectors", test_base64 },
	{ "base32: the standard's vectors", test_base32 },
	{ "base32: each bit of a key", test_key },
	{ "base64: each byte in each place", test_bytes },
	{ "base64: what is none", test_no_base64 },
	{ "base64: bits that pad the last character", test_padding_bits },
};
UNIT_MAIN(tests)
