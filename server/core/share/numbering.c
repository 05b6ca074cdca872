/*
 * Numbers of the log to IDs (numbering.h). The rule: the first node that finds a log replaced sets
 * the offset, in place of the one that is known; no node reads on before it has it.
 */
#include "server/core/share/numbering.h"

#include <stdio.h>
#include <string.h>

enum { OFFSET_FORM = 1 };

static size_t put_key(char *out, const struct room *room)
{
	char nick[LOG_KEY_MAX];
	uint8_t look[NICK_LOOK];

	nick_look(look, room->name, strlen(room->name));
	nick_key_text(nick, look);
	return (size_t)snprintf(out, LOG_KEY_MAX, "offset.%s", nick + sizeof(NICK_KEY) - 1);
}

static void serialize(struct codec *p, uint64_t *offset)
{
	codec_number(p, OFFSET_FORM, 1, OFFSET_FORM);
	*offset = codec_number(p, *offset, 8, UINT64_MAX / 4);
}

static const struct room *room_of(const struct chat *chat, struct slice key)
{
	for (const struct room *room = NULL; (room = rooms_next(&chat->rooms, room)) != NULL;) {
		char own[LOG_KEY_MAX];

		if (put_key(own, room) == key.len && memcmp(own, key.bytes, key.len) == 0)
			return room;
	}
	return NULL;
}

bool numbering_follow(struct chat *chat, struct slice key, uint64_t seq, struct slice payload)
{
	struct codec p = { .bytes = (uint8_t *)payload.bytes, .len = payload.len, .reading = true };
	const struct room *room;
	struct share_room *shared;
	uint64_t offset = 0;

	if (key.len < 7 || memcmp(key.bytes, "offset.", 7) != 0)
		return false;
	room = room_of(chat, key);
	shared = room != NULL ? share_room(chat, room->index) : NULL;
	serialize(&p, &offset);
	if (shared == NULL || p.failed || seq <= shared->offset_seq)
		return true;
	shared->offset_seq = seq;
	shared->offset = offset;
	/* Lines that came already stay what they are; the next are counted on from there. */
	if (!shared->has_lines || shared->is_replaced)
		shared->next = room->feed.next > offset ? room->feed.next - offset : 1;
	shared->is_replaced = false;
	return true;
}

void numbering_replaced(struct chat *chat, uint32_t index)
{
	struct share_room *shared = share_room(chat, index);
	const struct room *room = rooms_at(&chat->rooms, index);
	char key[LOG_KEY_MAX], msg_id[LOG_MSG_ID_MAX];
	struct codec p = { 0 };
	uint64_t offset;

	if (room == NULL || shared == NULL || shared->is_replaced)
		return;
	offset = room->feed.next - 1;
	serialize(&p, &offset);
	if (!p.failed)
		shared->is_replaced = share_request(chat, &(struct log_request){ .kind = LOG_PUT,
			.expected = shared->offset_seq, .to = { key, put_key(key, room) },
			.msg_id = { msg_id, share_put_msg_id(chat, msg_id) },
			.payload = { (char *)p.bytes, p.len } });
	codec_finish(&p);
	log_line(chat->log, LOG_AT_WARNING,
		"share: room %s has another log than before, its lines go on "
		"after %llu", room->name, (unsigned long long)offset);
}
