#include "client/core/roll.h"

#include "proto/text.h"

void roll_ask(struct roll *r, struct buffer *out)
{
	if (r->state != ROLL_UNASKED)
		return;
	r->state = ROLL_ASKED;
	buffer_text(out, "/who\n");
}

void roll_decline(struct roll *r)
{
	if (r->state == ROLL_UNASKED)
		r->state = ROLL_OVER;
}

/* "3 online:" */
static bool is_head(struct piece text, uint64_t *count)
{
	struct piece number = piece_word(&text);

	return piece_is(text, "online:") && text_number(number.s, number.len, UINT32_MAX, count);
}

/* "WHO since STAMP, idle N s", with "(you)" or "(operator)" behind WHO. */
enum roll_line roll_parse(struct piece text, struct piece *who)
{
	enum roll_line line = ROLL_PERSON;
	uint64_t count;

	if (is_head(text, &count))
		return ROLL_HEAD;
	*who = piece_word(&text);
	if (piece_begins(text, "(you) "))
		line = ROLL_SELF;
	if (piece_begins(text, "("))
		(void)piece_word(&text);
	return piece_begins(text, "since ") && piece_has(text, ", idle ") ? line : ROLL_OTHER;
}

bool roll_takes(struct roll *r, enum roll_line line, struct piece text)
{
	if (line == ROLL_HEAD && r->state == ROLL_ASKED) {
		r->state = ROLL_COMING;
		(void)is_head(text, &r->left);
		return true;
	}
	if (line == ROLL_HEAD && r->state == ROLL_COMING)
		r->state = ROLL_OVER;
	if (line == ROLL_OTHER || r->state != ROLL_COMING)
		return false;
	r->left -= r->left > 0;
	return true;
}
