#include "test/sim/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/message.h"
#include "test/sim/answer.h"
#include "test/sim/browser.h"
#include "test/sim/memory.h"
#include "test/sim/stand.h"
#include "test/sim/truth.h"

enum { IAC = 255, WILL = 251, WONT = 252, DO = 253, DONT = 254, TIMING_MARK = 6 };

void reader_enter(struct sim *sim, struct peer *c, uint64_t next, uint32_t clients)
{
	c->entered_at = sim->now.usec;
	c->clients_then = clients;
	c->cursor = next;
	stand_replay(sim, c, sim->settings.replay);
}

static bool is_line(const struct entry *line, const char *bytes, size_t len)
{
	return line->len == len + 1 && memcmp(line->bytes, bytes, len) == 0;
}

static void check_tag(const struct sim *sim, const struct peer *c, const struct message *m,
	uint64_t id)
{
	if (m->tagged != c->tagged)
		sim_fail(sim, c, "@%llu came %s", (unsigned long long)id,
			m->tagged ? "tagged" : "untagged");
	if (m->tagged && (m->id != id || m->time != truth_line(sim, id)->time))
		sim_fail(sim, c, "@%llu came as @%llu", (unsigned long long)id,
			(unsigned long long)m->id);
}

static void note_own(struct sim *sim, struct peer *c, uint64_t id)
{
	for (size_t i = c->last_own; i < c->acted; i++)
		if (c->said[i].id == id) {
			c->last_own = i + 1;
			c->crlf_sure = c->crlf_sure || (c->crlf_sent && i > c->crlf_index);
		}
}

/* What is left of a replay may be missing only if it has left the feed or is ignored. */
static void finish_replay(struct sim *sim, struct peer *c)
{
	for (; c->replay_at < c->replay_end; c->replay_at++) {
		const struct entry *line = truth_line(sim, c->replay_at);

		if (!stand_is_event(line) && c->replay_at >= c->replay_must &&
			c->replay_at >= chat_feed(sim->chat, 0)->first &&
			stand_sight(sim, c, c->replay_at) == SIGHT_YES)
			sim_fail(sim, c, "the replay lacks @%llu, %.*s",
				(unsigned long long)c->replay_at, (int)line->len - 1, line->bytes);
	}
	c->replaying = false;
}

/* Whether a line is the next of the replay that the client is in, if it is in one. */
static bool take_replayed(struct sim *sim, struct peer *c, const char *bytes, size_t len,
	const struct message *m)
{
	for (uint64_t id = c->replay_at; id < c->replay_end; id++) {
		const struct entry *line = truth_line(sim, id);
		uint64_t end = c->replay_end;

		if (stand_is_event(line) || !is_line(line, bytes, len) ||
			stand_sight(sim, c, id) == SIGHT_NO)
			continue;
		check_tag(sim, c, m, id);
		c->replay_end = id;
		finish_replay(sim, c);
		c->replay_end = end;
		c->replay_at = id + 1;
		c->replaying = true;
		return true;
	}
	finish_replay(sim, c);
	return false;
}

/* A line that stands in the feed; bytes: without tag and line end. */
static void take_feed_line(struct sim *sim, struct peer *c, const char *bytes, size_t len,
	const struct message *m)
{
	const struct entry *line = NULL;

	sim->lines_received++;
	if (take_replayed(sim, c, bytes, len, m))
		return;
	while (c->slack > 0 && c->cursor < truth_next(sim) &&
		!is_line(truth_line(sim, c->cursor), bytes, len)) {
		c->cursor++;
		c->slack--;
	}
	c->slack = 0;
	for (; c->cursor < truth_next(sim); c->cursor++) {
		enum sight sight;

		line = truth_line(sim, c->cursor);
		sight = stand_sight(sim, c, c->cursor);
		if (sight == SIGHT_YES || (sight == SIGHT_UNSURE && is_line(line, bytes, len)))
			break;
	}
	if (c->cursor == truth_next(sim))
		sim_fail(sim, c, "received \"%.*s\" behind the last line", (int)len, bytes);
	if (!is_line(line, bytes, len))
		sim_fail(sim, c, "received \"%.*s\" instead of @%llu, \"%.*s\"", (int)len, bytes,
			(unsigned long long)c->cursor, (int)line->len - 1, line->bytes);
	check_tag(sim, c, m, c->cursor);
	note_own(sim, c, c->cursor);
	c->cursor++;
	if (m->tagged)
		c->person->last_id = c->cursor - 1;
}

static void take_missed(struct sim *sim, struct peer *c, uint64_t missed)
{
	sim->lines_missed += missed;
	/* It may have been past lines that it did not have to see. */
	c->slack = stand_most(sim, c) - c->cursor;
	c->last_missed = missed;
	c->cursor += missed;
	if (missed == 0)
		sim_fail(sim, c, "was told to have missed nothing");
	if (c->pace == PACE_EAGER && !c->may_miss)
		sim_fail(sim, c, "missed %llu lines and was reading all the time",
			(unsigned long long)missed);
	/* What /resume ID tells so, it puts right itself: see take_resumed(). */
	if (!c->may_miss && c->cursor > chat_feed(sim->chat, 0)->first)
		sim_fail(sim, c, "missed @%llu, which is still there",
			(unsigned long long)c->cursor - 1);
}

/* An answer comes behind the client's own lines that it said before, and before the later ones. */
static void check_order(const struct sim *sim, const struct peer *c, size_t index)
{
	size_t i;

	if (answer_is_hurried(c, index))
		return;
	for (i = index; i > 0 && c->said[i - 1].id == 0; i--)
		;
	if (i > 0 && c->said[i - 1].id >= c->cursor + c->slack)
		sim_fail(sim, c, "%zu was answered before its line %zu, @%llu, came", index, i - 1,
			(unsigned long long)c->said[i - 1].id);
	for (i = index + 1; i < c->acted && c->said[i].id == 0; i++)
		;
	if (i < c->acted && c->said[i].id < c->cursor)
		sim_fail(sim, c, "%zu was answered behind its line %zu, @%llu", index, i,
			(unsigned long long)c->said[i].id);
}

static void take_answer(struct sim *sim, struct peer *c, const struct message *m)
{
	if (c->listing > 0 && answer_goes_on(&c->said[c->listing - 1], m))
		return;
	for (size_t i = c->answered; i < c->said_count; i++) {
		struct utterance *u = &c->said[i];
		enum op op = u->op; /* before it is answered */

		if (answer_fits(sim, c, u, m)) {
			bool more = op == OP_RESUME && u->number == UINT64_MAX &&
				m->kind == MESSAGE_ERROR;

			if (op != OP_RESUME && op != OP_NICK)
				check_order(sim, c, i);
			if (c->crlf_sent && i > c->crlf_index)
				c->crlf_sure = true;
			c->listing = i + 1;
			c->answered = more ? i : i + 1;
			return;
		}
		if (answer_is_needed(u))
			sim_fail(sim, c, "%zu (\"%s\", %d) was answered with: %.*s", i, u->text,
				(int)u->op, (int)m->text_len, m->text);
	}
	sim_fail(sim, c, "did not ask for: %.*s", (int)m->text_len, m->text);
}

static void take_greeting(struct sim *sim, struct peer *c, const struct message *m)
{
	unsigned slot, clients, most;
	char text[128];

	snprintf(text, sizeof(text), "%.*s", (int)m->text_len, m->text);
	if (c->greeted || sscanf(text, "sim: you are #%u, %u of %u online", &slot, &clients,
		&most) != 3 || slot != c->slot || clients != c->clients_then ||
		most != sim->settings.max_clients)
		sim_fail(sim, c, "(%u there) was greeted with: %s",
			(unsigned)c->clients_then, text);
	c->greeted = true;
}

/* What is not asked for; false if this is not of that kind. */
static bool take_unasked(struct sim *sim, struct peer *c, const struct message *m)
{
	static const char *const errors[] = { "you were kicked", "you were banned",
		"idle for ", "you have come back on another connection",
		"no password was given", "wrong password", "server full (",
		"too many connections from your address", "you are banned from this server",
		"not carried out: " };
	unsigned long long missed;
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)m->text_len, m->text);
	if (m->kind == MESSAGE_ERROR) {
		for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
			if (answer_begins(m, errors[i])) {
				c->thrown = c->thrown || i < 4;
				return true;
			}
		return false;
	}
	if (answer_begins(m, "password:")) {
		c->may_guess = true;
		return true;
	}
	if (answer_begins(m, "sim: ")) {
		take_greeting(sim, c, m);
		return true;
	}
	if (sscanf(text, "you missed %llu lines", &missed) == 1) {
		take_missed(sim, c, missed);
		return true;
	}
	return answer_begins(m, "MOTD");
}

static bool has_shown_token_of(const struct peer *c, const struct person *person)
{
	for (size_t i = 0; i < c->said_count; i++)
		if (c->said[i].shown == SHOWN_TOKEN && c->said[i].whom == person)
			return true;
	return false;
}

/* The other end of a private message. */
static void take_received(struct sim *sim, struct peer *c, const struct message *m)
{
	unsigned from, index;
	char head[32];
	struct utterance *u;

	snprintf(head, sizeof(head), "%.*s", (int)m->text_len, m->text);
	if (sscanf(head, "%u.%u", &from, &index) != 2 || from >= sim->client_count ||
		index >= sim->clients[from]->said_count)
		sim_fail(sim, c, "nobody wrote \"%.*s\"", (int)m->text_len, m->text);
	u = &sim->clients[from]->said[index];
	if ((u->op != OP_PRIVATE && u->op != OP_BACK) || u->len != m->text_len ||
		memcmp(u->text, m->text, u->len) != 0)
		sim_fail(sim, c, "nobody wrote \"%.*s\" (%s)", (int)m->text_len, m->text, u->text);
	if (u->received)
		sim_fail(sim, c, "received \"%s\" again", u->text);
	u->received = true;
	if (u->whom != NULL && u->whom != c->person && !has_shown_token_of(c, u->whom))
		sim_fail(sim, c, "received \"%s\", which was for person %u", u->text,
			(unsigned)u->whom->number);
	if (u->told && !answer_is_hurried(c, 0) && !answer_is_hurried(sim->clients[from], index) &&
		(u->told_to < c->cursor || u->told_from > stand_most(sim, c)))
		sim_fail(sim, c, "received \"%s\" at @%llu, the other end at @%llu", u->text,
			(unsigned long long)c->cursor, (unsigned long long)u->told_from);
}

/* The length of "@ID EPOCH ". */
static size_t tag_len(const char *bytes)
{
	return (size_t)(strchr(strchr(bytes, ' ') + 1, ' ') + 1 - bytes);
}

static void take_line(struct sim *sim, struct peer *c, const char *bytes, size_t len)
{
	bool crlf = len > 0 && bytes[len - 1] == '\r';
	struct message m;
	size_t tag;

	len -= crlf;
	sim_trace(sim, c, "receives: %.*s", (int)len, bytes);
	if (crlf && !c->crlf_sent)
		sim_fail(sim, c, "received a CR: %.*s", (int)len, bytes);
	if (!crlf && c->crlf_sure)
		sim_fail(sim, c, "received no CR: %.*s", (int)len, bytes);
	message_parse(bytes, len, &m);
	tag = m.tagged ? tag_len(bytes) : 0;
	if (c->thrown && c->replay_end == 0)
		sim_fail(sim, c, "was thrown out, and received: %.*s", (int)len, bytes);
	if (c->replaying && m.kind != MESSAGE_SAID && m.kind != MESSAGE_ACTION &&
		m.kind != MESSAGE_EVENT)
		finish_replay(sim, c);
	switch (m.kind) {
	case MESSAGE_SAID:
	case MESSAGE_ACTION:
	case MESSAGE_EVENT:
		take_feed_line(sim, c, bytes + tag, len - tag, &m);
		break;
	case MESSAGE_RECEIVED:
		take_received(sim, c, &m);
		break;
	case MESSAGE_ANSWER:
	case MESSAGE_ERROR:
		if (take_unasked(sim, c, &m))
			break;
		/* fall through */
	case MESSAGE_SENT:
		take_answer(sim, c, &m);
		break;
	case MESSAGE_OTHER:
		sim_fail(sim, c, "received what is no line: %.*s", (int)len, bytes);
	}
	if (m.kind != MESSAGE_ANSWER || !answer_begins(&m, "you missed "))
		c->last_missed = 0;
}

/* An answer of telnet's: each refusal once, each timing mark as often as it was asked for. */
static void take_telnet(struct sim *sim, struct peer *c, const uint8_t *bytes)
{
	uint8_t bit = (uint8_t)(1 << bytes[2] % 8), *seen;

	if (c->partial_len > 0)
		sim_fail(sim, c, "received telnet inside a line");
	if (!c->speaks_telnet)
		sim_fail(sim, c, "received telnet");
	if (bytes[1] == WILL && bytes[2] == TIMING_MARK) {
		if (++c->marks_answered > c->timing_marks)
			sim_fail(sim, c, "received a timing mark too much");
		return;
	}
	if (bytes[2] == 1 && (bytes[1] == WILL || bytes[1] == WONT))
		return; /* the password's ECHO */
	if (bytes[2] == 0 && (bytes[1] == DO || bytes[1] == WILL)) {
		/* BINARY, asked for once each way. */
		seen = &c->refused[bytes[1] == DO][0];
		if ((*seen & 1) != 0)
			sim_fail(sim, c, "was asked for BINARY once more");
		*seen |= 1;
		return;
	}
	seen = &c->refused[bytes[1] == DONT][bytes[2] / 8];
	if ((bytes[1] != DONT && bytes[1] != WONT) || (*seen & bit) != 0)
		sim_fail(sim, c, "received IAC %u %u", bytes[1], bytes[2]);
	*seen |= bit;
}

/* Takes a run of text, short of what is special. */
static void take_run(struct peer *c, const uint8_t *bytes, size_t len)
{
	if (c->partial_len + len + 1 > c->partial_size) {
		c->partial_size = 2 * (c->partial_len + len + 1);
		c->partial = memory_resize(c->partial, c->partial_size);
	}
	memcpy(c->partial + c->partial_len, bytes, len);
	c->partial_len += len;
	c->partial[c->partial_len] = '\0';
}

void reader_take(struct sim *sim, struct peer *c, const uint8_t *bytes, size_t len)
{
	const uint8_t *end = bytes + len;

	while (bytes < end) {
		const uint8_t *run = bytes;

		if (c->telnet_len > 0 || *bytes == IAC) {
			c->telnet[c->telnet_len++] = *bytes++;
			if (c->telnet_len < sizeof(c->telnet))
				continue;
			c->telnet_len = 0;
			take_telnet(sim, c, c->telnet);
			continue;
		}
		while (bytes < end && *bytes != '\n' && *bytes != IAC)
			bytes++;
		take_run(c, run, (size_t)(bytes - run));
		if (bytes < end && *bytes == '\n') {
			bytes++;
			take_line(sim, c, c->partial, c->partial_len);
			c->partial_len = 0;
		}
	}
}

static void check_answered(const struct sim *sim, const struct peer *c)
{
	for (size_t i = c->answered; i < c->said_count; i++)
		if (answer_is_needed(&c->said[i]))
			sim_fail(sim, c, "%zu was not answered", i);
}

void reader_end(struct sim *sim, struct peer *c)
{
	if (c->unlucky)
		return;
	if (c->is_browser)
		browser_end(sim, c);
	if (c->partial_len > 0 || c->telnet_len > 0)
		sim_fail(sim, c, "received half a line: %.*s", (int)c->partial_len, c->partial);
}

void reader_check_rest(struct sim *sim, const struct peer *c)
{
	if (c->entered_at < 0)
		return;
	if (stand_most(sim, c) != truth_next(sim))
		sim_fail(sim, c, "is at rest at @%llu, the room at @%llu",
			(unsigned long long)c->cursor, (unsigned long long)truth_next(sim));
	check_answered(sim, c);
	browser_check_rest(sim, c);
	for (size_t i = c->acted; i < c->said_count; i++)
		if (c->said[i].op == OP_SAY || c->said[i].op == OP_ACT)
			sim_fail(sim, c, "line %zu was not said", i);
	if (c->marks_answered != c->timing_marks)
		sim_fail(sim, c, "got %u of %u timing marks", c->marks_answered, c->timing_marks);
}
