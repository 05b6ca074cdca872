/*
 * The table never shifts. Which slots are taken stands in a bitmap beside it, so that the lowest
 * free one is found without walking through the slots.
 */
#include "server/core/slot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Invariant 2 of docs/design.md: with its pollfd, an idle client costs at most 256 bytes. */
_Static_assert(sizeof(struct slot) <= 248, "a slot has grown too large");

enum { WORD_BITS = 64 };

int slots_init(struct slots *s, uint32_t max, uint32_t refusals)
{
	*s = (struct slots){ .max = max, .count = max + refusals, .next_serial = 1 };
	s->list = calloc(s->count, sizeof(*s->list));
	s->occupied = calloc(s->count / WORD_BITS + 1, sizeof(*s->occupied));
	if (s->list == NULL || s->occupied == NULL) {
		slots_finish(s);
		return -1;
	}
	return 0;
}

void slots_finish(struct slots *s)
{
	for (uint32_t i = 0; s->list != NULL && s->occupied != NULL && i < s->top; i++)
		if (s->list[i].state != SLOT_FREE)
			slots_release(s, &s->list[i]);
	free(s->list);
	free(s->occupied);
	*s = (struct slots){ 0 };
}

/* The lowest index from..to-1 whose bit is clear, or to. */
static uint32_t lowest_free(const struct slots *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		if (i % WORD_BITS == 0 && s->occupied[i / WORD_BITS] == UINT64_MAX)
			i += WORD_BITS - 1;
		else if ((s->occupied[i / WORD_BITS] >> i % WORD_BITS & 1) == 0)
			return i;
	}
	return to;
}

static uint32_t end_of(const struct slots *s, bool refusal)
{
	return refusal ? s->count : s->max;
}

static uint32_t find_free(const struct slots *s, bool refusal)
{
	return lowest_free(s, refusal ? s->max : 0, end_of(s, refusal));
}

bool slots_full(const struct slots *s, bool refusal)
{
	return find_free(s, refusal) == end_of(s, refusal);
}

struct slot *slots_take(struct slots *s, bool refusal)
{
	return slots_full(s, refusal) ? NULL : slots_take_place(s, find_free(s, refusal));
}

struct slot *slots_take_place(struct slots *s, uint32_t i)
{
	struct slot *slot = &s->list[i];

	if (slot->state != SLOT_FREE)
		return NULL;
	s->occupied[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
	if (i >= s->top)
		s->top = i + 1;
	if (i < s->max)
		s->used++;
	*slot = (struct slot){ .serial = s->next_serial };
	if (++s->next_serial == 0)
		s->next_serial = 1;
	return slot;
}

void slots_release(struct slots *s, struct slot *slot)
{
	uint32_t i = slots_index(s, slot);

	assert(slot->state != SLOT_FREE);
	slot_forget_input(slot);
	reply_finish(&slot->reply);
	free(slot->ignored);
	*slot = (struct slot){ .state = SLOT_FREE };
	s->occupied[i / WORD_BITS] &= ~(UINT64_C(1) << i % WORD_BITS);
	if (i < s->max)
		s->used--;
	while (s->top > 0 && s->list[s->top - 1].state == SLOT_FREE)
		s->top--;
}

uint32_t slots_index(const struct slots *s, const struct slot *slot)
{
	return (uint32_t)(slot - s->list);
}

void slot_forget_input(struct slot *slot)
{
	line_finish(&slot->line);
	free(slot->telnet);
	free(slot->waiting);
	slot->telnet = NULL;
	slot->waiting = NULL;
	slot->waiting_len = slot->waiting_at = 0;
}

static uint16_t find_ignored(const struct slot *slot, uint32_t serial)
{
	uint16_t i = 0;

	while (i < slot->ignored_count && slot->ignored[i] != serial)
		i++;
	return i;
}

bool slot_ignores(const struct slot *slot, uint32_t serial)
{
	return find_ignored(slot, serial) < slot->ignored_count;
}

int slot_ignore(struct slot *slot, uint32_t serial)
{
	uint32_t *ignored;

	if (slot_ignores(slot, serial))
		return 0;
	if (slot->ignored_count >= IGNORES_MAX)
		return -1;
	ignored = realloc(slot->ignored, (slot->ignored_count + 1u) * sizeof(*ignored));
	if (ignored == NULL)
		return -1;
	slot->ignored = ignored;
	slot->ignored[slot->ignored_count++] = serial;
	return 0;
}

void slot_unignore(struct slot *slot, uint32_t serial)
{
	uint16_t i = find_ignored(slot, serial);

	if (i == slot->ignored_count)
		return;
	slot->ignored[i] = slot->ignored[--slot->ignored_count];
	if (slot->ignored_count == 0) {
		free(slot->ignored);
		slot->ignored = NULL;
	}
}
