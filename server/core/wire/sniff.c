#include "server/core/wire/sniff.h"

#include <string.h>

enum { METHOD_MIN = 3 }; /* GET, PUT, PRI */

static bool is_human(uint8_t byte, uint8_t before)
{
	if (byte >= 0x20)
		return true;
	switch (byte) {
	case '\t':
	case '\r':
	case '\b':
	case 0x15: /* Ctrl-U */
	case 0x17: /* Ctrl-W */
	case 0x1b:
		return true;
	case '\0':
		return before == '\r';
	default:
		return false;
	}
}

const char *sniff_bytes(const uint8_t *bytes, size_t len, bool cr)
{
	uint8_t before = cr ? '\r' : 0;

	for (size_t i = 0; i < len && bytes[i] != '\n'; i++) {
		if (!is_human(bytes[i], before))
			return bytes[0] == 0x16 ? "TLS" : "binary";
		before = bytes[i];
	}
	return NULL;
}

/* SP HTTP/version, at the end of a line and nowhere before. */
static bool is_version(const char *s, size_t len)
{
	static const char name[] = " HTTP/";
	const size_t name_len = sizeof(name) - 1;

	if (len <= name_len || memcmp(s, name, name_len) != 0)
		return false;
	for (size_t i = name_len; i < len; i++)
		if ((s[i] < '0' || s[i] > '9') && s[i] != '.')
			return false;
	return true;
}

/*
 * Whether so much of a line that is too long to be kept begins a request: people write "WOW /a …",
 * too, so only the methods that are in use count here. len: of the method with the blank behind it.
 */
static bool begins_http(const char *method, size_t len, const char *target, size_t target_len)
{
	static const char known[] = "CONNECT GET HEAD POST PUT DELETE OPTIONS TRACE PATCH PROPFIND PRI ";
	const char *word = known;

	while (word[0] != '\0' && strncmp(word, method, len) != 0)
		word += strcspn(word, " ") + 1;
	if (word[0] == '\0' || word == known)
		return word == known;
	return target_len == 0 || *target == '/' || *target == '*' ||
		(target_len >= 4 && memcmp(target, "http", 4) == 0);
}

/* METHOD SP target SP HTTP/version (RFC 9112, section 3); of a long line only how it begins. */
static bool is_http(const char *line, size_t len, bool whole)
{
	const char *target, *blank;
	size_t method = 0;

	while (method < len && ((line[method] >= 'A' && line[method] <= 'Z') || line[method] == '-'))
		method++;
	if (method < METHOD_MIN || method >= len || line[method] != ' ')
		return false;
	target = line + method + 1;
	len -= method + 1;
	if (!whole)
		return begins_http(line, method + 1, target, len);
	blank = memchr(target, ' ', len);
	return blank != NULL && is_version(blank, len - (size_t)(blank - target));
}

const char *sniff_line(const char *line, size_t len, bool whole)
{
	if (len >= 4 && memcmp(line, "SSH-", 4) == 0)
		return "SSH";
	if (is_http(line, len, whole))
		return "HTTP";
	return NULL;
}
