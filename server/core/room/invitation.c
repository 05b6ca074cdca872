/*
 * The list of invitations (invitation.h). The rule: one without time or uses left is not in it.
 */
#include "server/core/room/invitation.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/base/secret.h"

/* The alphabet of RFC 4648, section 6, https://www.rfc-editor.org/rfc/rfc4648, in small letters. */
void invitation_word(char out[INVITATION_LEN], const uint8_t random[INVITATION_BYTES])
{
	for (unsigned i = 0; i < INVITATION_LEN; i++) {
		unsigned bit = 5 * i, at = bit / 8, two = (unsigned)random[at] << 8;

		if (at + 1 < INVITATION_BYTES)
			two |= random[at + 1];
		out[i] = "abcdefghijklmnopqrstuvwxyz234567"[two >> (11 - bit % 8) & 31];
	}
}

int invitations_add(struct invitations *all, const struct invitation *one)
{
	if (all->list == NULL)
		all->list = malloc(INVITATIONS_MAX * sizeof(*all->list));
	if (all->list == NULL || all->count == INVITATIONS_MAX)
		return -1;
	all->list[all->count++] = *one;
	return 0;
}

/* Takes out the one at i: the others keep their order. */
static void remove_at(struct invitations *all, uint32_t i)
{
	all->count--;
	memmove(&all->list[i], &all->list[i + 1], (all->count - i) * sizeof(*all->list));
}

void invitations_expire(struct invitations *all, int64_t usec)
{
	for (uint32_t i = all->count; i-- > 0;)
		if (all->list[i].until <= usec)
			remove_at(all, i);
}

void invitations_forget(struct invitations *all, const struct room *room)
{
	for (uint32_t i = all->count; i-- > 0;)
		if (all->list[i].room == room)
			remove_at(all, i);
}

struct invitation *invitations_find(struct invitations *all, struct slice word, int64_t usec)
{
	struct invitation *found = NULL;

	invitations_expire(all, usec);
	for (uint32_t i = 0; i < all->count; i++)
		if (secret_equal(all->list[i].word, INVITATION_LEN, word.bytes, word.len))
			found = &all->list[i];
	return found;
}

void invitations_use(struct invitations *all, struct invitation *one)
{
	if (--one->uses == 0)
		remove_at(all, (uint32_t)(one - all->list));
}

void invitations_finish(struct invitations *all)
{
	free(all->list);
	*all = (struct invitations){ 0 };
}
