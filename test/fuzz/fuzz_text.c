/*
 * Safe text: cleaning twice is cleaning once, nothing forbidden is left, and the ways of walking
 * over text agree with each other.
 */
#include "proto/text.h"
#include "test/fuzz/fuzz.h"

static bool is_forbidden(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f) ||
		(code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* The first visible character of any text is that of the text made clean. */
static void check_first_visible(const char *in, size_t len, const char *clean, size_t clean_len)
{
	size_t at = text_first_visible(in, len), clean_at = text_first_visible(clean, clean_len);
	uint32_t code, clean_code;

	MUST(at <= len && clean_at <= clean_len);
	MUST((at == len) == (clean_at == clean_len));
	MUST(text_is_blank(in, len) == (at == len));
	if (at == len)
		return;
	text_decode(in + at, len - at, &code, NULL);
	text_decode(clean + clean_at, clean_len - clean_at, &clean_code, NULL);
	MUST(code == clean_code && !text_is_invisible(code));
}

static void check_clean(const char *in, size_t len)
{
	size_t room = TEXT_GROWTH * len + 1;
	char *once = malloc(room), *twice = malloc(room * TEXT_GROWTH);

	MUST(once != NULL && twice != NULL);
	size_t n = text_clean(once, in, len);
	MUST(n <= TEXT_GROWTH * len);
	MUST(text_is_clean(once, n));
	MUST(text_is_clean(in, len) == (n == len && memcmp(in, once, n) == 0));
	MUST(text_clean(twice, once, n) == n && memcmp(once, twice, n) == 0);
	check_first_visible(in, len, once, n);
	for (size_t at = 0; at < n;) {
		uint32_t code;
		bool valid;

		at += text_decode(once + at, n - at, &code, &valid);
		MUST(valid && !is_forbidden(code));
	}
	free(once);
	free(twice);
}

/* The code points of any bytes: those that are valid are written as they were read. */
static void check_decode(const char *in, size_t len)
{
	for (size_t at = 0; at < len;) {
		uint32_t code;
		bool valid;
		char written[4];
		size_t n = text_decode(in + at, len - at, &code, &valid);

		MUST(n >= 1 && n <= 4 && n <= len - at);
		MUST(code <= 0x10ffff && (code < 0xd800 || code > 0xdfff));
		if (valid)
			MUST(text_encode(written, code) == n && memcmp(written, in + at, n) == 0);
		else
			MUST(code == TEXT_INVALID && n <= 3);
		MUST(text_width(code) >= 0 && text_width(code) <= 2);
		text_is_invisible(code);
		at += n;
	}
}

static void check_clusters(const char *in, size_t len)
{
	size_t total = 0;

	for (size_t at = 0; at < len;) {
		int columns;
		size_t n = text_cluster(in + at, len - at, &columns);

		MUST(n >= 1 && n <= len - at && columns >= 0);
		/* A cluster is one by itself, too. */
		MUST(text_cluster(in + at, n, NULL) == n);
		total += (size_t)columns;
		at += n;
	}
	MUST(total == text_columns(in, len));
}

static void check_compare(const char *in, size_t len)
{
	size_t half = len / 2;
	int one = text_compare(in, half, in + half, len - half);
	int other = text_compare(in + half, len - half, in, half);
	uint64_t number;

	MUST((one < 0) == (other > 0) && (one == 0) == (other == 0));
	MUST(text_compare(in, len, in, len) == 0);
	if (text_number(in, len, 1000, &number))
		MUST(number <= 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *in = size > 0 ? (const char *)data : "";

	check_clean(in, size);
	check_decode(in, size);
	check_clusters(in, size);
	check_compare(in, size);
	return 0;
}
