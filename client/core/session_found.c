/*
 * What /search has found, which the server shows as answers: each is shown as the line that it is,
 * with its time and its colours, and a mark that it was said before.
 */
#include "client/core/session.h"
#include "client/core/session_parts.h"
#include "proto/text.h"

bool session_found(struct session *s, struct piece text, struct time now)
{
	struct piece id = piece_word(&text);
	struct message m;
	struct item *item;
	uint64_t number;

	if (!piece_begins(id, "@") || !text_number(id.s + 1, id.len - 1, UINT64_MAX, &number))
		return false;
	message_parse(text.s, text.len, &m);
	if (m.tagged || (m.kind != MESSAGE_SAID && m.kind != MESSAGE_ACTION))
		return false;
	item = session_show(s, &m, false, now);
	if (item)
		item->found = true;
	return true;
}
