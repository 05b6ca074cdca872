#include "server/core/stranger.h"

#include <string.h>

static bool is_human(uint8_t byte, uint8_t before)
{
	if (byte >= 0x20)
		return true;
	switch (byte) {
	case '\t':
	case '\r':
	case '\b':
	case 0x1b:
		return true;
	case '\0':
		return before == '\r';
	default:
		return false;
	}
}

const char *stranger_bytes(const uint8_t *bytes, size_t len, bool cr)
{
	uint8_t before = cr ? '\r' : 0;

	for (size_t i = 0; i < len && bytes[i] != '\n'; i++) {
		if (!is_human(bytes[i], before))
			return bytes[0] == 0x16 ? "TLS" : "binary";
		before = bytes[i];
	}
	return NULL;
}

static bool ends_in_version(const char *line, size_t len)
{
	static const char version[] = " HTTP/";
	const size_t version_len = sizeof(version) - 1;
	size_t end = len;

	while (end > 0 && ((line[end - 1] >= '0' && line[end - 1] <= '9') || line[end - 1] == '.'))
		end--;
	return end < len && end >= version_len &&
		memcmp(line + end - version_len, version, version_len) == 0;
}

/* METHOD SP target SP HTTP/version (RFC 9112, section 3); of a long line only how it begins. */
static bool is_http(const char *line, size_t len, bool whole)
{
	size_t method = 0;

	while (method < len && line[method] >= 'A' && line[method] <= 'Z')
		method++;
	if (method == 0 || method + 1 >= len || line[method] != ' ')
		return false;
	return whole ? ends_in_version(line + method, len - method) : line[method + 1] == '/';
}

const char *stranger_line(const char *line, size_t len, bool whole)
{
	if (len >= 4 && memcmp(line, "SSH-", 4) == 0)
		return "SSH";
	if (is_http(line, len, whole))
		return "HTTP";
	return NULL;
}
