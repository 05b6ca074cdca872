/*
 * The table of people (persona.h). The rule: sorted by id, since each line of the log names its
 * author by that; whatever else is looked for is rare.
 */
#include "server/core/client/persona.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/base/secret.h"

static int compare(struct person_id a, struct person_id b)
{
	if (a.node != b.node)
		return a.node < b.node ? -1 : 1;
	return a.number < b.number ? -1 : a.number > b.number;
}

/* Where an id stands, or would. */
static uint32_t place_of(const struct personas *people, struct person_id id)
{
	uint32_t from = 0, to = people->count;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (compare(people->list[middle]->id, id) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

struct persona *personas_find(const struct personas *people, struct person_id id)
{
	uint32_t at = place_of(people, id);

	if (at == people->count || compare(people->list[at]->id, id) != 0)
		return NULL;
	return people->list[at];
}

static int grow(struct personas *people)
{
	uint32_t size = people->size == 0 ? 16 : 2 * people->size;
	struct persona **list = realloc(people->list, size * sizeof(struct persona *));

	if (list == NULL)
		return -1;
	people->list = list;
	people->size = size;
	return 0;
}

struct persona *personas_add(struct personas *people, struct person_id id)
{
	struct persona *person = personas_find(people, id);
	uint32_t at = place_of(people, id);

	if (person != NULL)
		return person;
	if (people->count == people->size && grow(people) < 0)
		return NULL;
	person = calloc(1, sizeof(*person));
	if (person == NULL)
		return NULL;
	person->id = id;
	memmove(people->list + at + 1, people->list + at,
		(people->count - at) * sizeof(struct persona *));
	people->list[at] = person;
	people->count++;
	return person;
}

struct persona *personas_by_user(const struct personas *people, uint32_t user_id)
{
	for (uint32_t i = 0; i < people->count; i++)
		if (people->list[i]->user_id == user_id)
			return people->list[i];
	return NULL;
}

static bool has_nick(const struct persona *person, struct slice nick, struct nick_hash hash,
	bool folded)
{
	if (person->nick_len == 0 || !nick_hash_meets(person->nick_hash, hash))
		return false;
	if (folded)
		return nick_same_folded(person->nick, person->nick_len, nick.bytes, nick.len);
	return nick_same(person->nick, person->nick_len, nick.bytes, nick.len);
}

struct persona *personas_by_nick(const struct personas *people, struct slice nick, bool folded)
{
	struct nick_hash hash;

	if (people->count == 0)
		return NULL;
	hash = nick_hash(nick.bytes, nick.len);
	for (uint32_t i = 0; i < people->count; i++)
		if (!people->list[i]->is_ours && has_nick(people->list[i], nick, hash, folded))
			return people->list[i];
	return NULL;
}

struct persona *personas_by_token(const struct personas *people, const uint8_t digest[SHA256_SIZE])
{
	for (uint32_t i = 0; i < people->count; i++) {
		struct persona *one = people->list[i];

		if (!one->is_ours && one->has_token && secret_equal((const char *)one->token,
			SHA256_SIZE, (const char *)digest, SHA256_SIZE))
			return one;
	}
	return NULL;
}

static void person_free(struct persona *person)
{
	ignores_release(person->ignores);
	free(person->taken_by);
	free(person->progress);
	free(person);
}

void personas_remove(struct personas *people, struct persona *person)
{
	uint32_t at = place_of(people, person->id);

	people->count--;
	memmove(people->list + at, people->list + at + 1,
		(people->count - at) * sizeof(struct persona *));
	person_free(person);
}

void personas_finish(struct personas *people)
{
	for (uint32_t i = 0; i < people->count; i++)
		person_free(people->list[i]);
	free(people->list);
	*people = (struct personas){ 0 };
}

uint32_t *person_applied(struct persona *person, uint32_t room)
{
	uint32_t count = person->progress_count;
	struct progress *more;

	for (uint32_t i = 0; i < count; i++)
		if (person->progress[i].room == room)
			return &person->progress[i].applied;
	more = realloc(person->progress, (count + 1) * sizeof(*more));
	if (more == NULL)
		return NULL;
	person->progress = more;
	more[count] = (struct progress){ .room = room };
	person->progress_count++;
	return &more[count].applied;
}

void person_forget_room(struct persona *person, uint32_t room)
{
	for (uint32_t i = 0; i < person->progress_count; i++)
		if (person->progress[i].room == room)
			person->progress[i--] = person->progress[--person->progress_count];
}

void person_set_nick(struct persona *person, struct slice nick)
{
	if (nick.len > 0)
		memcpy(person->nick, nick.bytes, nick.len);
	person->nick_len = (uint8_t)nick.len;
	person->nick_hash = nick_hash(nick.bytes, nick.len);
}

uint32_t person_said(const struct persona *person, const struct user *user)
{
	if (person != NULL && (int32_t)(person->said - user->said) > 0)
		return person->said;
	return user->said;
}

size_t person_who(const struct persona *person, char *who)
{
	if (person->nick_len > 0) {
		memcpy(who, person->nick, person->nick_len);
		return person->nick_len;
	}
	*who = '#';
	return 1 + text_put_number(who + 1, person->number);
}

size_t person_id_text(char *out, struct person_id id)
{
	return (size_t)snprintf(out, PERSON_TEXT_MAX, "%016" PRIx64 "-%" PRIx32, id.node,
		id.number);
}

/* A number in small hexadecimal digits, at most width of them. */
static bool parse_hex(struct slice text, size_t width, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.bytes[i];

		if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
			return false;
		*number = *number << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return text.len > 0 && text.len <= width;
}

bool person_id_parse(struct person_id *id, struct slice text)
{
	uint64_t number;

	if (text.len < 18 || text.bytes[16] != '-' ||
		!parse_hex((struct slice){ text.bytes, 16 }, 16, &id->node) ||
		!parse_hex((struct slice){ text.bytes + 17, text.len - 17 }, 8, &number))
		return false;
	id->number = (uint32_t)number;
	return true;
}
