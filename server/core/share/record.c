/*
 * A record as bytes, both ways through one function (record.h). The rule: names that are read are
 * names, whatever stood in the log.
 */
#include "server/core/share/record.h"

#include <string.h>

enum { RECORD_FORM = 1 };

static uint32_t serialize_32(struct codec *p, uint32_t number)
{
	return (uint32_t)codec_number(p, number, 4, UINT32_MAX);
}

static void serialize_id(struct codec *p, struct person_id *id)
{
	id->node = codec_number(p, id->node, 8, UINT64_MAX);
	id->number = serialize_32(p, id->number);
}

static void serialize_ignored(struct codec *p, struct record_of_ignored *one)
{
	serialize_id(p, &one->id);
	one->nick_len = (uint8_t)codec_number(p, one->nick_len, 1, NICK_MAX);
	codec_array(p, one->nick, one->nick_len);
	if (one->nick_len > 0 && !nick_is_readable(one->nick, one->nick_len))
		p->failed = true;
}

static void serialize(struct codec *p, struct person_record *r)
{
	codec_number(p, RECORD_FORM, 1, RECORD_FORM);
	r->home = codec_number(p, r->home, 8, UINT64_MAX);
	r->replaces = codec_number(p, r->replaces, 8, UINT64_MAX);
	r->node = codec_slice(p, r->node, NODE_MAX);
	r->nick = codec_slice(p, r->nick, NICK_MAX);
	r->room = codec_slice(p, r->room, NICK_MAX);
	r->number = serialize_32(p, r->number);
	r->since = serialize_32(p, r->since);
	r->applied = serialize_32(p, r->applied);
	r->joined = serialize_32(p, r->joined);
	r->said = serialize_32(p, r->said);
	codec_array(p, r->token, sizeof(r->token));
	r->has_token = codec_flag(p, r->has_token);
	r->is_operator = codec_flag(p, r->is_operator);
	r->is_away = codec_flag(p, r->is_away);
	r->is_quiet = codec_flag(p, r->is_quiet);
	serialize_id(p, &r->last_sender);
	r->ignored_count = (uint16_t)codec_number(p, r->ignored_count, 2, IGNORES_MAX);
	for (uint16_t i = 0; i < r->ignored_count && !p->failed; i++)
		serialize_ignored(p, &r->ignored[i]);
}

void record_write(struct codec *p, struct person_record *record)
{
	serialize(p, record);
}

int record_read(struct slice payload, struct person_record *r)
{
	struct codec p = { .bytes = (uint8_t *)payload.bytes, .len = payload.len, .reading = true };

	memset(r, 0, sizeof(*r));
	if (payload.len == 0 || payload.bytes[0] != RECORD_FORM)
		return -1;
	serialize(&p, r);
	if (p.failed || (r->nick.len > 0 && !nick_is_readable(r->nick.bytes, r->nick.len)))
		return -1;
	return 0;
}
