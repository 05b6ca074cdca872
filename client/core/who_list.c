/*
 * Reads the list of /who as docs/protocol.md has it. The rule: only the list that chatc has asked
 * for itself is kept from the person's eyes.
 */
#include "client/core/who_list.h"

#include "proto/text.h"

void who_list_ask(struct who_list *r, struct buffer *out)
{
	if (r->state != WHO_LIST_UNASKED)
		return;
	r->state = WHO_LIST_ASKED;
	buffer_text(out, "/who\n");
}

void who_list_decline(struct who_list *r)
{
	if (r->state == WHO_LIST_UNASKED)
		r->state = WHO_LIST_OVER;
}

/* "3 online:" */
static bool is_head(struct piece text, uint64_t *count)
{
	struct piece number = piece_word(&text);

	return piece_is(text, "online:") && text_number(number.s, number.len, UINT32_MAX, count);
}

/* "WHO since STAMP, idle N s", with "(you)" or "(operator)" after WHO. */
enum who_list_line who_list_parse(struct piece text, struct piece *who)
{
	enum who_list_line line = WHO_LIST_PERSON;
	uint64_t count;

	if (is_head(text, &count))
		return WHO_LIST_HEAD;
	*who = piece_word(&text);
	if (piece_begins(text, "(you) "))
		line = WHO_LIST_SELF;
	if (piece_begins(text, "("))
		(void)piece_word(&text);
	return piece_begins(text, "since ") && piece_has(text, ", idle ") ? line : WHO_LIST_OTHER;
}

bool who_list_takes(struct who_list *r, enum who_list_line line, struct piece text)
{
	if (line == WHO_LIST_HEAD && r->state == WHO_LIST_ASKED) {
		r->state = WHO_LIST_COMING;
		(void)is_head(text, &r->left);
		return true;
	}
	if (line == WHO_LIST_HEAD && r->state == WHO_LIST_COMING)
		r->state = WHO_LIST_OVER;
	if (line == WHO_LIST_OTHER || r->state != WHO_LIST_COMING)
		return false;
	r->left -= r->left > 0;
	return true;
}
