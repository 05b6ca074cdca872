/*
 * A listener for HTTP, as bytes (web_profile.h).
 */
#include "server/core/base/web_profile.h"

#include <string.h>

static void serialize_prefix(struct prefix *prefix, struct codec *p)
{
	prefix->family = (uint8_t)codec_number(p, prefix->family, 1, ADDRESS_UNIX);
	prefix->bits = (uint8_t)codec_number(p, prefix->bits, 1, 8 * sizeof(prefix->bytes));
	codec_array(p, prefix->bytes, sizeof(prefix->bytes));
}

void web_profile_serialize(struct web_profile *web, struct codec *p)
{
	size_t len = strlen(web->room);
	const char *room = codec_bytes(p, web->room, &len, NICK_MAX);

	if (p->reading && len > 0)
		memcpy(web->room, room, len);
	web->room[len] = '\0';
	web->is_metrics = codec_flag(p, web->is_metrics);
	web->is_readonly = codec_flag(p, web->is_readonly);
	web->is_local = codec_flag(p, web->is_local);
	web->trusted_count = (uint8_t)codec_number(p, web->trusted_count, 1, WEB_TRUSTED_MAX);
	for (unsigned i = 0; i < web->trusted_count; i++)
		serialize_prefix(&web->trusted[i], p);
}
