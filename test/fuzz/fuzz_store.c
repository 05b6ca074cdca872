/*
 * The text of the store: whatever stands in the file, what was read of it can be written and read
 * again, and is the same then.
 */
#include "server/core/room/store_format.h"

#include "test/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store first = { .motd = NULL }, second = { .motd = NULL };
	struct store_skipped skipped;
	const struct time now = { .usec = TIME_SECOND, .time = 1666200000 };
	char *bytes = malloc(size + (size == 0)), *text, *again;
	size_t len, again_len;

	memcpy(bytes, data, size);
	(void)store_origin(bytes, size);
	MUST(store_read(&first, (struct slice){ bytes, size }, now, &skipped) == 0);
	text = store_text(&first, now, &len);
	MUST(store_origin(text, len) == STORE_OURS);
	MUST(store_read(&second, (struct slice){ text, len }, now, &skipped) == 0 && skipped.count == 0);
	again = store_text(&second, now, &again_len);
	MUST(len == again_len && memcmp(text, again, len) == 0);
	store_finish(&first);
	store_finish(&second);
	free(bytes);
	free(text);
	free(again);
	return 0;
}
