/*
 * Takes telnet (RFC 854, https://www.rfc-editor.org/rfc/rfc854) out of what comes. The rule: bytes
 * of a server that does not begin with telnet are left as they are.
 */
#include "client/core/inbound.h"

#include <string.h>

size_t inbound_take(struct inbound *i, uint8_t *bytes, size_t len, struct buffer *out)
{
	const uint8_t *in = bytes, *end = bytes + len;
	struct telnet_span span;
	enum telnet_event event;
	size_t kept = 0;

	if (len > 0 && !i->has_begun) {
		i->has_begun = true;
		i->is_telnet = bytes[0] == TELNET_IAC;
	}
	if (!i->is_telnet)
		return len;
	while ((event = telnet_next(&i->telnet, &in, end, &span)) != TELNET_NONE) {
		if (event == TELNET_ANSWER)
			buffer_append(out, (const char *)span.answer, span.len);
		if (event != TELNET_DATA)
			continue;
		memmove(bytes + kept, span.bytes, span.len);
		kept += span.len;
	}
	return kept;
}
