/*
 * Unicode: normal forms are normal, folding and skeletons come to an end, and what is canonically
 * the same gives the same.
 */
#include "proto/unicode.h"

#include "proto/confusable.h"
#include "proto/script.h"
#include "test/fuzz/fuzz.h"

static bool is_same(const struct unicode_text *a, const struct unicode_text *b)
{
	return a->count == b->count && memcmp(a->codes, b->codes, a->count * sizeof(a->codes[0])) == 0;
}

static void check_forms(const struct unicode_text *text)
{
	struct unicode_text nfd, nfc, twice;

	unicode_decompose(&nfd, text);
	MUST(nfd.count <= UNICODE_TEXT_MAX);
	if (nfd.is_cut)
		return;
	unicode_decompose(&twice, &nfd);
	MUST(is_same(&twice, &nfd));
	nfc = nfd;
	unicode_compose(&nfc);
	MUST(nfc.count <= nfd.count);
	unicode_decompose(&twice, &nfc);
	MUST(!twice.is_cut && is_same(&twice, &nfd));
	unicode_compose(&twice);
	MUST(is_same(&twice, &nfc));
}

static void check_looks(const struct unicode_text *text)
{
	struct unicode_text folded, twice, look, other, nfd;

	unicode_fold(&folded, text);
	if (!folded.is_cut) {
		unicode_fold(&twice, &folded);
		MUST(is_same(&twice, &folded));
	}
	confusable_skeleton(&look, text);
	MUST(look.count <= UNICODE_TEXT_MAX);
	unicode_decompose(&nfd, text);
	confusable_skeleton(&other, &nfd);
	MUST(nfd.is_cut || is_same(&look, &other));
}

static void check_text(const char *in, size_t len)
{
	struct unicode_text text;
	char out[4 * UNICODE_TEXT_MAX];
	size_t written, half = len / 2;

	unicode_read(&text, in, len);
	MUST(unicode_write(&text, out, sizeof(out), &written) == !text.is_cut);
	if (!text.is_cut)
		MUST(script_is_one(out, written) == script_is_one(in, len));
	MUST(unicode_match(in, half, in + half, len - half, true) <= half);
	MUST(unicode_match(in, half, in + half, len - half, false) <= half);
	check_forms(&text);
	check_looks(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *in = size > 0 ? (const char *)data : "";

	check_text(in, size);
	if (size > 0)
		MUST(unicode_match(in, size, in, size, true) <= size);
	return 0;
}
