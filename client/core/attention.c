/*
 * Things the person should notice. The rule: what came while the terminal had the focus was seen; a
 * terminal that never tells of its focus has it.
 */
#include "client/core/attention.h"

#include <string.h>

void attention_focus(struct attention *a, bool has, int64_t utc)
{
	if (has == !a->away)
		return;
	a->away = !has;
	a->rule_due = !has;
	a->since = utc;
	if (has) {
		a->mentions = 0;
		a->notify = false;
	}
}

bool attention_is_called(const struct attention *a, struct piece text)
{
	for (size_t i = 0; i < a->word_count; i++)
		if (piece_has_word(text, (struct piece){ a->words[i], strlen(a->words[i]) }))
			return true;
	return false;
}

void attention_heard(struct attention *a, bool mention, bool said)
{
	a->bell |= mention || (a->every && said);
	if (!mention || !a->away)
		return;
	a->mentions++;
	a->notify = true;
}
