#include "test/sim/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/message.h"
#include "proto/stamp.h"
#include "proto/text.h"
#include "test/sim/cost.h"
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

/* The index of a client's /nick that is not accounted for, or SIZE_MAX. */
static size_t find_nick(const struct peer *c, const char *name, size_t len)
{
	for (size_t i = c->acted; i < c->said_count; i++)
		if (c->said[i].op == OP_NICK && c->said[i].len == len &&
			memcmp(c->said[i].text, name, len) == 0)
			return i;
	return SIZE_MAX;
}

/*
 * The client may have come back as somebody else by now (whom: NULL for anybody); tells whether it
 * has as one who is called so.
 */
static bool has_come_back(struct sim *sim, struct peer *c, size_t before, struct person *whom,
	const char *who, size_t len)
{
	for (size_t i = 0; i < c->said_count && i < before; i++) {
		const struct utterance *u = &c->said[i];
		struct person now;

		if (u->op != OP_RESUME || u->shown != SHOWN_TOKEN || u->whom == c->person ||
			(whom != NULL && whom != u->whom) ||
			(u->whom->left && !u->whom->numbered) || u->end > c->bytes_delivered)
			continue;
		now = *u->whom;
		now.slot = c->slot;
		if (!people_is_called(&now, who, len))
			continue;
		people_come_back(sim, c, u->whom);
		return true;
	}
	return false;
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

/* Whether one who has done no more than this may still be unknown to the room. */
static bool is_unannounced_after(enum op op)
{
	return op != OP_SAY && op != OP_ACT;
}

/* The client's "/nick WHO", if it has come and nothing before it announces. */
static struct utterance *named_at_first(struct peer *c, const char *who, size_t len)
{
	for (size_t i = 0; i < c->said_count && c->said[i].end <= c->bytes_delivered; i++) {
		struct utterance *u = &c->said[i];

		if (u->op == OP_NICK && u->len == len && memcmp(u->text, who, len) == 0)
			return u;
		if (!is_unannounced_after(u->op))
			return NULL;
	}
	return NULL;
}

/* Its first line was /nick and its coming was not announced: now its name is seen. */
static bool is_named_silently(struct sim *sim, struct peer *c, const char *who, size_t len)
{
	struct utterance *u = named_at_first(c, who, len);

	if (sim->exact || c->person->joined || u == NULL)
		return false;
	people_set_nick(sim, c->person, who, len);
	u->op = OP_NOTHING; /* done, and not to be seen */
	return true;
}

/* Whether a serial is known to be somebody else's. */
static bool is_of_another(const struct sim *sim, const struct person *person, uint32_t serial)
{
	for (size_t i = 0; i < sim->person_count; i++)
		if (sim->persons[i]->serial == serial && sim->persons[i] != person)
			return true;
	return false;
}

/* It is said on another connection, on which the one who said it has come back. */
static bool has_heir(struct sim *sim, const struct peer *c, const char *who, size_t len)
{
	for (size_t i = 0; i < sim->client_count; i++)
		if (sim->clients[i] != c && sim->clients[i]->person != NULL &&
			has_come_back(sim, sim->clients[i], SIZE_MAX, c->person, who, len))
			return true;
	return false;
}

static void note_said(struct sim *sim, struct entry *line, const struct message *m,
	const struct record *r, uint64_t id)
{
	struct peer *c = NULL;
	struct utterance *u = utterance_of(sim, m->text, m->text_len, &c);
	struct person *person;

	if (u == NULL || u->op != (m->kind == MESSAGE_SAID ? OP_SAY : OP_ACT))
		sim_fail(sim, c, "nobody said \"%.*s\"", (int)line->len - 1, line->bytes);
	check_text(sim, c, u, m->text, m->text_len);
	account(sim, c, (size_t)(u - c->said), id);
	c->lines++;
	check_rate(sim, c);
	if (c->entered_at < 0 || c->person == NULL)
		sim_fail(sim, c, "said a line without being in the room");
	if (!people_is_called(c->person, m->who, m->who_len) &&
		!is_named_silently(sim, c, m->who, m->who_len) &&
		!has_come_back(sim, c, (size_t)(u - c->said), NULL, m->who, m->who_len) &&
		!has_heir(sim, c, m->who, m->who_len))
		sim_fail(sim, c, "is not called %.*s", (int)m->who_len, m->who);
	person = c->person;
	if ((is_of_another(sim, person, r->author) || !person->joined ||
		    (person->serial != 0 && person->serial != r->author)) &&
		has_come_back(sim, c, (size_t)(u - c->said), NULL, m->who, m->who_len))
		person = c->person;
	if (sim->exact && !person->joined)
		sim_fail(sim, c, "speaks without having joined");
	if (person->left)
		sim_fail(sim, c, "speaks after having left");
	person->joined = true;
	if (person->serial == 0)
		person->serial = r->author;
	if (person->serial != r->author)
		sim_fail(sim, c, "changed from serial %u to %u", (unsigned)person->serial,
			(unsigned)r->author);
	line->author = person;
}

static void note_online(struct sim *sim, const char *text, int change)
{
	const char *open = strstr(text, " (");
	unsigned online;
	int end = 0;

	sim->truth.online += (uint32_t)change;
	if (sim->exact && !sim->resumes && open != NULL &&
		sscanf(open, " (%u online)%n", &online, &end) == 1 &&
		end > 0 && open[end] == '\0' && online != sim->truth.online)
		sim_fail(sim, NULL, "%u are online: \"%s\"", (unsigned)sim->truth.online, text);
}

/* The client whose first line, "/nick NAME", this is. */
static struct peer *find_newly_named(const struct sim *sim, const char *who, size_t len)
{
	for (uint32_t i = 0; i < sim->places; i++) {
		struct peer *c = sim->seats[i];

		if (c != NULL && c->person != NULL && !c->person->joined &&
			named_at_first(c, who, len) != NULL)
			return c;
	}
	return NULL;
}

static void note_joined(struct sim *sim, const char *text, size_t who_len, uint64_t id)
{
	struct peer *c = text[0] == '#' ? people_seated(sim, text) :
					    find_newly_named(sim, text, who_len);

	if (c == NULL || c->person == NULL || c->person->joined || c->entered_at < 0)
		sim_fail(sim, c, "\"%s\", but nobody did", text);
	if (text[0] == '#' && c->person->nick_len > 0)
		sim_fail(sim, c, "joined as %s with a nick", text);
	if (text[0] != '#') {
		people_set_nick(sim, c->person, text, who_len);
		account(sim, c, (size_t)(named_at_first(c, text, who_len) - c->said), id);
	}
	c->person->joined = true;
	note_online(sim, text, 1);
}

/* Whether a reason is one that somebody gave: /quit's or /kick's. */
static bool is_given_reason(const struct sim *sim, const char *reason, size_t len)
{
	struct peer *c;
	const struct utterance *u = utterance_of(sim, reason, len, &c);

	return u != NULL && (u->op == OP_QUIT || u->op == OP_KICK) && u->len == len &&
		memcmp(u->text, reason, len) == 0;
}

/* Whether a reason, with its bracket, is one that the server itself may have. */
static bool is_servers_reason(const struct sim *sim, const char *reason)
{
	return strcmp(reason, "timed out)") == 0 || strcmp(reason, "kicked)") == 0 ||
		strcmp(reason, "banned)") == 0 ||
		(strcmp(reason, "out of memory)") == 0 && cost_is_short(sim));
}

/* No more are waited for than there are places. */
static uint32_t count_lost(const struct sim *sim)
{
	uint32_t count = 0;

	for (size_t i = 0; i < sim->person_count; i++)
		count += sim->persons[i]->lost_at >= 0 &&
			(people_is_present(sim->persons[i]) || sim->persons[i]->numbered);
	return count;
}

/* Whether the room is told behind this line that a client has come as who it was all along. */
static bool comes_as_itself(const struct sim *sim, const struct peer *c, uint64_t id)
{
	const struct feed *f = chat_feed(sim->chat, 0);
	char joined[WHO_MAX + 16];
	size_t len = (size_t)snprintf(joined, sizeof(joined), "*** #%u joined (",
		(unsigned)c->person->slot);

	while (++id < f->next)
		if (feed_record(f, id)->len >= len && memcmp(feed_line(f, id), joined, len) == 0)
			return true;
	return false;
}

/*
 * Whoever has left may have come back just before, on another connection; unless there were so many
 * to be waited for that there was no place for all.
 */
static void find_heir(struct sim *sim, struct person *person, const char *who, size_t len,
	uint64_t id)
{
	if (person->lost_at >= 0 && count_lost(sim) >= sim->settings.max_clients)
		return;
	for (size_t i = 0; i < sim->client_count; i++) {
		struct peer *c = sim->clients[i];

		if ((c->quitting || c->ended) && c->person != NULL && c->person != person &&
			!c->taken_over && !comes_as_itself(sim, c, id) &&
			has_come_back(sim, c, SIZE_MAX, person, who, len))
			return;
	}
}

static bool was_waited_for(const struct sim *sim, const struct person *person)
{
	return person->lost_at >= 0 &&
		sim->now.usec - person->lost_at >= (int64_t)30 * TIME_SECOND;
}

/*
 * Whoever has no nick is waited for until somebody else is called by that number, which is what
 * the room is told next.
 */
static bool is_number_taken(const struct sim *sim, const struct person *person, uint64_t id)
{
	const struct feed *f = chat_feed(sim->chat, 0);
	char joined[WHO_MAX + 16], renamed[WHO_MAX + 16], line[128] = "";

	if (person->nick_len > 0 || id + 1 >= f->next)
		return false;
	memcpy(line, feed_line(f, id + 1), feed_record(f, id + 1)->len < sizeof(line) ?
		feed_record(f, id + 1)->len : sizeof(line) - 1);
	snprintf(joined, sizeof(joined), "*** #%u joined (", (unsigned)person->slot);
	snprintf(renamed, sizeof(renamed), " is now #%u --", (unsigned)person->slot);
	return strncmp(line, joined, strlen(joined)) == 0 || strstr(line, renamed) != NULL;
}

static void note_left(struct sim *sim, const char *text, size_t who_len, uint64_t id)
{
	struct person *person = people_find(sim, text, who_len);
	const char *reason = text + who_len + strlen(" left (");
	size_t len = strlen(reason) - 1;
	bool lost = strstr(reason, " online)") != NULL && reason[0] >= '0' && reason[0] <= '9' &&
		!is_given_reason(sim, reason, len), numbered;
	struct peer *c;

	if (person == NULL)
		sim_fail(sim, NULL, "\"%s\", but nobody was there", text);
	numbered = lost && is_number_taken(sim, person, id);
	if (lost && !numbered && !person->client->quitting && !was_waited_for(sim, person))
		find_heir(sim, person, text, who_len, id);
	c = person->client;
	person->left = true;
	person->thrown = !lost;
	person->numbered = numbered;
	if (lost && person->has_token && !person->numbered && !c->quitting && !sim->stopping &&
		count_lost(sim) + 1 < sim->settings.max_clients && !was_waited_for(sim, person) &&
		!cost_is_short(sim))
		sim_fail(sim, c, "was not waited for: \"%s\"", text);
	if (lost && !person->has_token && person->lost_at < 0 && !c->quitting && !sim->stopping &&
		!c->ended)
		sim_fail(sim, c, "is still there: \"%s\"", text);
	if (!lost && !is_servers_reason(sim, reason) && !is_given_reason(sim, reason, len))
		sim_fail(sim, c, "left for no reason: \"%s\"", text);
	/* Perhaps it is another's end by now, who has just come back. */
	if ((!lost || !person->has_token) && !person->shown)
		c->gone_at = id;
	note_online(sim, text, -1);
}

static void note_renamed(struct sim *sim, const char *text, size_t who_len, uint64_t id)
{
	struct person *person = people_find(sim, text, who_len);
	const char *name = text + who_len + strlen(" is now ");
	size_t len = strlen(name), i;
	struct person *whom = name[0] == '#' ? person : NULL; /* back with another number */
	struct peer *c;

	if (person == NULL)
		sim_fail(sim, NULL, "\"%s\", but nobody was called so", text);
	c = name[0] == '#' ? people_seated(sim, name) : person->client;
	if (c == NULL)
		sim_fail(sim, NULL, "\"%s\", but nobody is there", text);
	i = find_nick(c, name, len);
	if (i == SIZE_MAX && has_come_back(sim, c, SIZE_MAX, whom, name, len))
		return;
	for (uint32_t place = 0; i == SIZE_MAX && place < sim->places; place++) {
		c = sim->seats[place];
		i = c != NULL ? find_nick(c, name, len) : SIZE_MAX;
		if (i != SIZE_MAX && !has_come_back(sim, c, i, NULL, text, who_len))
			i = SIZE_MAX;
	}
	if (i == SIZE_MAX)
		sim_fail(sim, person->client, "did not ask for \"%s\"", text);
	account(sim, c, i, id);
	people_set_nick(sim, person, name, len);
}

static void note_event(struct sim *sim, const struct message *m, uint64_t id)
{
	static const char announcement[] = "announcement: ";
	char text[TEXT_SIZE];
	size_t len = m->text_len < sizeof(text) - 1 ? m->text_len : sizeof(text) - 1, who_len;
	struct peer *c = NULL;
	struct utterance *u;

	memcpy(text, m->text, len);
	text[len] = '\0';
	who_len = strcspn(text, " ");
	if (strncmp(text, announcement, strlen(announcement)) == 0) {
		size_t head = strlen(announcement);

		u = utterance_of(sim, text + head, len - head, &c);
		if (u == NULL || u->op != OP_ANNOUNCE || !c->is_operator)
			sim_fail(sim, c, "nobody announced \"%s\"", text);
		check_text(sim, c, u, text + head, len - head);
		account(sim, c, (size_t)(u - c->said), id);
	} else if (strncmp(text + who_len, " joined (", 9) == 0) {
		note_joined(sim, text, who_len, id);
	} else if (strncmp(text + who_len, " left (", 7) == 0) {
		note_left(sim, text, who_len, id);
	} else if (strncmp(text + who_len, " is now ", 8) == 0) {
		note_renamed(sim, text, who_len, id);
	} else if (!sim->stopping || strncmp(text, "server shutting down", 20) != 0) {
		sim_fail(sim, NULL, "nothing happened that is \"%s\"", text);
	}
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
