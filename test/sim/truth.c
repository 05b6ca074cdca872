/*
 * The truth (truth.h). The rule: of a line only what can be seen in it is believed, so the model has
 * no opinion on who comes, goes or is called how; the conversations of test/unit have.
 */
#include "test/sim/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/message.h"
#include "proto/stamp.h"
#include "proto/text.h"
#include "test/sim/memory.h"
#include "test/sim/people.h"

enum { TEXT_SIZE = 8192 };

void truth_init(struct sim *sim)
{
	sim->truth = (struct truth){ .base = chat_feed(sim->chat, 0)->next };
}

void truth_finish(struct sim *sim)
{
	for (size_t i = 0; i < sim->truth.count; i++)
		free(sim->truth.lines[i].bytes);
	free(sim->truth.lines);
	for (size_t i = 0; i < sim->person_count; i++)
		free(sim->persons[i]);
	free(sim->persons);
}

uint64_t truth_next(const struct sim *sim)
{
	return sim->truth.base + sim->truth.count;
}

const struct entry *truth_line(const struct sim *sim, uint64_t id)
{
	return &sim->truth.lines[id - sim->truth.base];
}

static bool shows_in_feed(const struct utterance *u)
{
	return u->op == OP_SAY || u->op == OP_ACT || u->op == OP_ANNOUNCE;
}

/* Who has come back on another connection has its messages said there, but no commands done. */
static bool is_dropped(const struct peer *c, const struct utterance *u)
{
	return u->op == OP_ANNOUNCE && c->person != NULL && c->person->shown;
}

/* An utterance stands in the feed: all before it have to, too. */
static void account(struct sim *sim, struct peer *c, size_t index, uint64_t id)
{
	struct utterance *u = &c->said[index];

	if (index < c->acted)
		sim_fail(sim, c, "line %zu came twice or too late", index);
	for (size_t i = c->acted; i < index; i++)
		if (shows_in_feed(&c->said[i]) && !is_dropped(c, &c->said[i]))
			sim_fail(sim, c, "line %zu was left out before %zu", i, index);
	if (u->end > c->bytes_delivered)
		sim_fail(sim, c, "line %zu was said before it came", index);
	u->id = id;
	c->acted = index + 1;
}

/* Which utterance a text is, "CLIENT.INDEX …"; NULL if none. */
static struct utterance *utterance_of(const struct sim *sim, const char *text, size_t len,
	struct peer **c)
{
	unsigned long number, index;
	char head[32], *end;

	len = len < sizeof(head) - 1 ? len : sizeof(head) - 1;
	if (len > 0 && text[0] == '/') {
		text++;
		len--;
	}
	memcpy(head, text, len);
	head[len] = '\0';
	number = strtoul(head, &end, 10);
	if (end == head || *end != '.' || number >= sim->client_count)
		return NULL;
	index = strtoul(end + 1, &end, 10);
	*c = sim->clients[number];
	return index < (*c)->said_count ? &(*c)->said[index] : NULL;
}

static void check_text(const struct sim *sim, const struct peer *c, const struct utterance *u,
	const char *text, size_t len)
{
	if (u->len != len || memcmp(u->text, text, len) != 0)
		sim_fail(sim, c, "said \"%.*s\", which became \"%.*s\"", (int)u->len, u->text,
			(int)len, text);
}

/* Whether somebody else has shown the token of the person that the client is. */
static bool is_replaced(const struct sim *sim, const struct peer *c)
{
	for (size_t i = 0; i < sim->client_count; i++)
		for (size_t j = 0; sim->clients[i] != c && j < sim->clients[i]->said_count; j++)
			if (sim->clients[i]->said[j].shown == SHOWN_TOKEN &&
				sim->clients[i]->said[j].whom == c->person)
				return true;
	return false;
}

static void check_rate(const struct sim *sim, const struct peer *c)
{
	int64_t elapsed = sim->now.usec - c->entered_at;
	uint64_t most = sim->settings.burst + 2 +
		(uint64_t)elapsed * sim->settings.rate / TIME_SECOND;

	/* What waits when the person comes back elsewhere is said at once, and charged there. */
	if (sim->settings.rate > 0 && c->lines > most && !is_replaced(sim, c))
		sim_fail(sim, c, "%u lines in %lld ms", (unsigned)c->lines,
			(long long)elapsed / TIME_MS);
}

/* The person of a unique name, "u7" or "U7"; NULL: it is not one of these. */
static struct person *person_named(const struct sim *sim, const char *who, size_t len)
{
	char name[16];
	unsigned long number;
	char *end;

	if (len < 2 || len >= sizeof(name) || (who[0] != 'u' && who[0] != 'U'))
		return NULL;
	memcpy(name, who, len);
	name[len] = '\0';
	number = strtoul(name + 1, &end, 10);
	return *end == '\0' && number < sim->person_count ? sim->persons[number] : NULL;
}

static bool has_shown_token(const struct peer *c, const struct person *whom)
{
	for (size_t i = 0; i < c->said_count; i++)
		if (c->said[i].shown == SHOWN_TOKEN && (whom == NULL || c->said[i].whom == whom))
			return true;
	return false;
}

/*
 * Whose line it is: of the person that the name tells, or else of the one that the client has been
 * all along. NULL: that can't be told.
 */
static struct person *author_of(const struct sim *sim, const struct peer *c,
	const struct message *m)
{
	struct person *person = person_named(sim, m->who, m->who_len);

	if (person == NULL)
		return has_shown_token(c, NULL) ? NULL : c->person;
	if (person != c->person && !has_shown_token(c, person) && !person->shown)
		sim_fail(sim, c, "is not called %.*s", (int)m->who_len, m->who);
	return person;
}

static void note_said(struct sim *sim, struct entry *line, const struct message *m,
	const struct record *r, uint64_t id)
{
	struct peer *c = NULL;
	struct utterance *u = utterance_of(sim, m->text, m->text_len, &c);
	struct person *author;

	if (u == NULL || u->op != (m->kind == MESSAGE_SAID ? OP_SAY : OP_ACT))
		sim_fail(sim, c, "nobody said \"%.*s\"", (int)line->len - 1, line->bytes);
	check_text(sim, c, u, m->text, m->text_len);
	account(sim, c, (size_t)(u - c->said), id);
	c->lines++;
	check_rate(sim, c);
	if (c->entered_at < 0 || c->person == NULL)
		sim_fail(sim, c, "said a line without being in the room");
	line->user_id = r->author;
	author = author_of(sim, c, m);
	if (author == NULL)
		return;
	if (author->user_id == 0)
		author->user_id = r->author;
	if (author->user_id != r->author)
		sim_fail(sim, c, "person %u changed from user %u to %u", (unsigned)author->number,
			(unsigned)author->user_id, (unsigned)r->author);
}

/* Which names there are is only remembered to be used: nothing depends on it. */
static void note_names(struct sim *sim, const char *text)
{
	size_t who_len = strcspn(text, " ");
	const char *rest = text + who_len;
	struct person *person = people_find(sim, text, who_len);

	if (strncmp(rest, " left (", 7) == 0 && person != NULL)
		person->has_left = true;
	else if (strncmp(rest, " joined (", 9) == 0 && person == NULL)
		person = person_named(sim, text, who_len);
	if (strncmp(rest, " is now ", 8) == 0) {
		text = rest + 8;
		who_len = strlen(text);
		if (person_named(sim, text, who_len) != NULL)
			person = person_named(sim, text, who_len);
	}
	if (person != NULL && text[0] != '#')
		people_set_nick(person, text, who_len);
}

static void note_event(struct sim *sim, const struct message *m, uint64_t id)
{
	static const char announcement[] = "announcement: ";
	char text[TEXT_SIZE];
	size_t len = m->text_len < sizeof(text) - 1 ? m->text_len : sizeof(text) - 1;
	size_t head = strlen(announcement);
	struct peer *c = NULL;
	struct utterance *u;

	memcpy(text, m->text, len);
	text[len] = '\0';
	if (strncmp(text, announcement, head) != 0) {
		note_names(sim, text);
		return;
	}
	u = utterance_of(sim, text + head, len - head, &c);
	if (u == NULL || u->op != OP_ANNOUNCE || !c->is_operator)
		sim_fail(sim, c, "nobody announced \"%s\"", text);
	check_text(sim, c, u, text + head, len - head);
	account(sim, c, (size_t)(u - c->said), id);
}

static void note(struct sim *sim, const struct feed *f, uint64_t id)
{
	const struct record *r = feed_record(f, id);
	struct stamp stamp = { 0 };
	struct message m;
	struct entry *line;

	sim->truth.lines = memory_grow(sim->truth.lines, sim->truth.count, sizeof(*line));
	line = &sim->truth.lines[sim->truth.count++];
	*line = (struct entry){ .len = r->len, .kind = (enum message_kind)r->kind,
		.time = sim->now.time };
	if (r->len == 0)
		sim_fail(sim, NULL, "an empty record");
	line->bytes = memory_get(r->len);
	memcpy(line->bytes, feed_line(f, id), r->len);
	sim_trace(sim, NULL, "@%llu %.*s", (unsigned long long)id, (int)r->len - 1, line->bytes);
	if (line->bytes[r->len - 1] != '\n' || !text_is_clean(line->bytes, r->len - 1))
		sim_fail(sim, NULL, "@%llu is no safe line", (unsigned long long)id);
	message_parse(line->bytes, r->len - 1, &m);
	if (m.kind != line->kind || m.stamp == NULL ||
		memcmp(m.stamp, stamp_at(&stamp, sim->now.time), STAMP_LEN) != 0 ||
		r->time != (uint32_t)sim->now.time)
		sim_fail(sim, NULL, "@%llu is not what it should be: %.*s", (unsigned long long)id,
			(int)r->len - 1, line->bytes);
	if (m.kind == MESSAGE_EVENT)
		note_event(sim, &m, id);
	else
		note_said(sim, line, &m, r, id);
}

/* Lines leave only when there is no room for them any more. */
static void check_span(const struct sim *sim, const struct feed *f)
{
	size_t bytes = 0;

	if (f->first == sim->truth.base || f->next - f->first > f->mask)
		return;
	for (uint64_t id = f->first; id < f->next; id++)
		bytes += truth_line(sim, id)->len;
	if (bytes + 3 * feed_line_max(sim->settings.max_message) + 1024 < sim->settings.feed_bytes)
		sim_fail(sim, NULL, "the feed has %zu bytes only", bytes);
}

void truth_watch(struct sim *sim)
{
	const struct feed *f = chat_feed(sim->chat, 0);

	if (truth_next(sim) == f->next)
		return;
	for (uint64_t id = truth_next(sim); id < f->next; id++) {
		if (id < f->first)
			sim_fail(sim, NULL, "@%llu has left before anyone could see it",
				(unsigned long long)id);
		note(sim, f, id);
	}
	if (f->next % 16 == 0)
		check_span(sim, f);
}
