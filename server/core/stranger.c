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

const char *stranger_bytes(const uint8_t *bytes, size_t len)
{
	uint8_t before = 0;

	for (size_t i = 0; i < len && bytes[i] != '\n'; i++) {
		if (!is_human(bytes[i], before))
			return bytes[0] == 0x16 ? "TLS" : "binary";
		before = bytes[i];
	}
	return NULL;
}

/* METHOD SP target SP HTTP/version (RFC 9112, section 3). */
static bool is_http(const char *line, size_t len)
{
	static const char version[] = " HTTP/";
	const size_t version_len = sizeof(version) - 1;
	size_t method = 0, end = len;

	while (method < len && line[method] >= 'A' && line[method] <= 'Z')
		method++;
	while (end > 0 && line[end - 1] != '/')
		end--;
	if (method == 0 || end < version_len || end - version_len <= method ||
		line[method] != ' ')
		return false;
	if (memcmp(line + end - version_len, version, version_len) != 0 || end == len)
		return false;
	for (size_t i = end; i < len; i++)
		if ((line[i] < '0' || line[i] > '9') && line[i] != '.')
			return false;
	return memchr(line + method + 1, ' ', end - version_len - method - 1) == NULL;
}

const char *stranger_line(const char *line, size_t len)
{
	if (len >= 4 && memcmp(line, "SSH-", 4) == 0)
		return "SSH";
	if (is_http(line, len))
		return "HTTP";
	return NULL;
}
