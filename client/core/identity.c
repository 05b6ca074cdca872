/*
 * The identity of the person here. The rule: a nick is only taken to be ours when the server has
 * said so, or when nobody else could have said what was said under it.
 */
#include "client/core/identity.h"

#include <string.h>

#include "proto/text.h"

static bool is(const struct identity_nick *nick, struct piece who)
{
	return nick->len && text_compare(nick->text, nick->len, who.s, who.len) == 0;
}

void identity_ask(struct identity *s, struct piece nick)
{
	if (!nick.len || nick.len > NICK_MAX || nick.s[0] == '#' || is(&s->current, nick))
		return;
	memcpy(s->wanted.text, nick.s, nick.len);
	s->wanted.len = nick.len;
}

void identity_granted(struct identity *s)
{
	if (s->wanted.len)
		s->current = s->wanted;
	s->wanted.len = 0;
}

void identity_refused(struct identity *s)
{
	s->wanted.len = 0;
}

void identity_lost(struct identity *s)
{
	if (!s->wanted.len)
		s->wanted = s->current;
	s->current.len = 0;
	s->slot = 0;
}

struct piece identity_name(const struct identity *s)
{
	const struct identity_nick *nick = s->current.len ? &s->current : &s->wanted;

	return (struct piece){ nick->text, nick->len };
}

void identity_told(struct identity *s, struct piece who)
{
	if (!who.len || who.len > NICK_MAX || who.s[0] == '#')
		return;
	memcpy(s->current.text, who.s, who.len);
	s->current.len = who.len;
	if (identity_may_be(s, who))
		s->wanted.len = 0;
}

void identity_renamed(struct identity *s, struct piece from, struct piece to)
{
	if (!identity_is(s, from) && !(identity_holds(s, from) && identity_may_be(s, to)))
		return;
	identity_ask(s, to);
	identity_granted(s);
}

bool identity_is(const struct identity *s, struct piece who)
{
	return is(&s->current, who);
}

bool identity_holds(const struct identity *s, struct piece who)
{
	uint64_t slot;

	return who.len && who.s[0] == '#' &&
		text_number(who.s + 1, who.len - 1, UINT32_MAX, &slot) && slot == s->slot;
}

bool identity_may_be(const struct identity *s, struct piece who)
{
	return is(&s->wanted, who);
}

bool identity_is_said(const struct identity *s, struct piece text)
{
	return piece_has_word(text, (struct piece){ s->current.text, s->current.len }) ||
		piece_has_word(text, (struct piece){ s->wanted.text, s->wanted.len });
}
