#include "client/core/self.h"

#include <string.h>

#include "proto/text.h"

static bool is(const struct self_nick *nick, struct piece who)
{
	return nick->len && text_compare(nick->text, nick->len, who.s, who.len) == 0;
}

void self_ask(struct self *s, struct piece nick)
{
	if (!nick.len || nick.len > NICK_MAX || nick.s[0] == '#' || is(&s->had, nick))
		return;
	memcpy(s->asked.text, nick.s, nick.len);
	s->asked.len = nick.len;
}

void self_granted(struct self *s)
{
	if (s->asked.len)
		s->had = s->asked;
	s->asked.len = 0;
}

void self_refused(struct self *s)
{
	s->asked.len = 0;
}

void self_lost(struct self *s)
{
	if (!s->asked.len)
		s->asked = s->had;
	s->had.len = 0;
	s->slot = 0;
}

void self_renamed(struct self *s, struct piece from, struct piece to)
{
	if (!self_is(s, from) && !(self_holds(s, from) && self_may_be(s, to)))
		return;
	self_ask(s, to);
	self_granted(s);
}

bool self_is(const struct self *s, struct piece who)
{
	return is(&s->had, who);
}

bool self_holds(const struct self *s, struct piece who)
{
	uint64_t slot;

	return who.len && who.s[0] == '#' &&
		text_number(who.s + 1, who.len - 1, UINT32_MAX, &slot) && slot == s->slot;
}

bool self_may_be(const struct self *s, struct piece who)
{
	return is(&s->asked, who);
}

bool self_is_said(const struct self *s, struct piece text)
{
	return piece_has_word(text, (struct piece){ s->had.text, s->had.len });
}
