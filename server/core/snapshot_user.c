/*
 * Who somebody is, in a snapshot (snapshot_user.h).
 */
#include "server/core/snapshot_user.h"

#include <string.h>

/* An older version may have granted what this one refuses: such a nick may be kept. */
uint8_t snapshot_nick(char *nick, uint8_t len, struct codec *p)
{
	len = (uint8_t)codec_number(p, len, 1, NICK_MAX);
	codec_array(p, nick, len);
	p->failed = p->failed || (p->reading && len > 0 && !nick_is_readable(nick, len));
	return len;
}

/* Kept since version 5: it takes time to find out, and there may be thousands. */
void snapshot_nick_hash(struct user *u, struct codec *p)
{
	if (p->version < 5) {
		u->nick_hash = nick_hash(u->nick, u->nick_len);
		return;
	}
	u->nick_hash.folded = (uint16_t)codec_number(p, u->nick_hash.folded, 2, UINT16_MAX);
	u->nick_hash.written = (uint16_t)codec_number(p, u->nick_hash.written, 2, UINT16_MAX);
}

/* Before version 5 a list was numbers alone, as they lay in memory. */
static void load_ignored_4(struct ignores **ignores, struct codec *p)
{
	size_t len = 0;
	const char *ids = codec_bytes(p, NULL, &len, IGNORES_MAX * sizeof(uint32_t));

	for (size_t at = 0; at + sizeof(uint32_t) <= len && !p->failed; at += sizeof(uint32_t)) {
		uint32_t id;

		memcpy(&id, ids + at, sizeof(id));
		p->failed = ignores_add(ignores, id, NULL, 0) != IGNORE_DONE;
	}
}

void snapshot_ignored(struct ignores **ignores, struct codec *p)
{
	uint64_t count = *ignores != NULL ? (*ignores)->count : 0;

	if (p->version < 5) {
		load_ignored_4(ignores, p);
		return;
	}
	count = codec_number(p, count, 2, IGNORES_MAX);
	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct ignored one = { 0 };

		if (!p->reading && *ignores != NULL)
			one = (*ignores)->list[i];
		one.user_id = (uint32_t)codec_number(p, one.user_id, 4, UINT32_MAX);
		one.nick_len = snapshot_nick(one.nick, one.nick_len, p);
		if (p->reading && !p->failed)
			p->failed = ignores_add(ignores, one.user_id, one.nick, one.nick_len) !=
				IGNORE_DONE;
	}
}

/* The fields of a user since version 5. */
void snapshot_user_5(struct user *u, struct codec *p)
{
	if (p->version < 5)
		return;
	u->said = (uint32_t)codec_number(p, u->said, 4, UINT32_MAX);
	u->proposed = (uint32_t)codec_number(p, u->proposed, 4, UINT32_MAX);
	u->applied = (uint32_t)codec_number(p, u->applied, 4, UINT32_MAX);
	u->in_flight = (uint8_t)codec_number(p, u->in_flight, 1, UINT8_MAX);
	u->is_quiet = codec_flag(p, u->is_quiet);
	u->claimed_at = (uint32_t)codec_number(p, u->claimed_at, 3, USER_SECONDS_MAX) &
		USER_SECONDS_MAX;
}
