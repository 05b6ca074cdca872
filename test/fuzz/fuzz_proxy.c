/*
 * PROXY headers: whatever comes, in whatever pieces, the answer is the same, and it is final.
 */
#include "server/core/wire/proxy.h"

#include "test/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum proxy_status last = PROXY_MORE;
	struct proxy proxy;

	if (size > PROXY_HEADER_MAX)
		size = PROXY_HEADER_MAX;
	for (size_t len = 0; len <= size; len++) {
		/* Just these bytes, so that a sanitizer sees any read beyond them. */
		uint8_t *copy = malloc(len + (len == 0));

		memcpy(copy, data, len);
		enum proxy_status status = proxy_parse(&proxy, copy, len);
		free(copy);
		MUST(last == PROXY_MORE || status == last);
		if (status == PROXY_BAD)
			MUST(proxy.reason != NULL && *proxy.reason != '\0');
		if (status == PROXY_FROM || status == PROXY_LOCAL)
			MUST(proxy.used > 0 && proxy.used <= len);
		if (status == PROXY_FROM)
			MUST(proxy.from.family != ADDRESS_NONE);
		last = status;
		if (status != PROXY_MORE && len > proxy.used + 16)
			break;
	}
	MUST(size < PROXY_HEADER_MAX || last != PROXY_MORE);
	return 0;
}
