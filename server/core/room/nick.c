/*
 * The rules keep every line format parseable and every speaker who they seem to be.
 */
#include "server/core/room/nick.h"

#include <string.h>

#include "proto/limits.h"
#include "proto/text.h"

static const char *const reserved[] = { "you", "server" };

const char *nick_fault(const char *nick, size_t len)
{
	if (len == 0)
		return "a nick has at least 1 byte";
	if (len > NICK_MAX)
		return "a nick has at most 32 bytes";
	if (memchr("#*=!/", nick[0], 5) != NULL)
		return "a nick does not begin with # * = ! or /";
	for (size_t i = 0; i < len;) {
		uint32_t code;
		bool valid;

		i += text_decode(nick + i, len - i, &code, &valid);
		if (!valid)
			return "a nick is valid UTF-8";
		if (code == '[' || code == ']' || code == ':')
			return "a nick has no [ ] or : in it";
		if (text_is_invisible(code))
			return "a nick has no blank, control or invisible character";
	}
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (text_compare(nick, len, reserved[i], strlen(reserved[i])) == 0)
			return "that nick is reserved";
	return NULL;
}
