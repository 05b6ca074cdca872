#include "test/sim/answer.h"

#include <stdio.h>
#include <string.h>

#include "test/sim/people.h"
#include "test/sim/sight.h"
#include "test/sim/stand.h"

bool answer_begins(const struct message *m, const char *prefix)
{
	size_t len = strlen(prefix);

	return m->text_len >= len && memcmp(m->text, prefix, len) == 0;
}

static bool ends(const struct message *m, const char *suffix)
{
	size_t len = strlen(suffix);

	return m->text_len >= len && memcmp(m->text + m->text_len - len, suffix, len) == 0;
}

bool answer_is_hurried(const struct peer *c, size_t index)
{
	for (size_t i = index; i < c->said_count; i++)
		if (c->said[i].op == OP_RESUME && c->said[i].shown != SHOWN_NO_ID)
			return true;
	return false;
}

static bool is_no_person(const struct message *m)
{
	return answer_begins(m, "nobody here is called ") || ends(m, "perhaps for a moment");
}

static bool is_for_memory(const struct sim *sim, const struct message *m)
{
	return sim->scarce && answer_begins(m, "out of memory, ");
}

/* The first answer to /resume, or the one behind "has not been said yet". */
static bool take_resumed(struct sim *sim, struct peer *c, struct utterance *u,
	const struct message *m)
{
	unsigned long long id, last;
	char token[TOKEN_LEN + 1], text[128];
	uint64_t missed = c->last_missed;

	snprintf(text, sizeof(text), "%.*s", (int)m->text_len, m->text);
	if (m->kind == MESSAGE_ERROR && answer_begins(m, "unknown or expired token")) {
		if (u->shown != SHOWN_WRONG_TOKEN && u->shown != SHOWN_TOKEN)
			sim_fail(sim, c, "showed no token: %s", text);
		if (u->shown == SHOWN_TOKEN)
			c->coming_back = false;
		return true;
	}
	if (m->kind == MESSAGE_ERROR &&
		sscanf(text, "line %llu has not been said yet, the last is %llu", &id, &last) == 2) {
		if (u->shown == SHOWN_NO_ID || id != u->number || last >= id ||
			last < c->cursor - 1)
			sim_fail(sim, c, "asked for @%llu: %s", (unsigned long long)u->number,
				text);
		u->number = UINT64_MAX;
		return true;
	}
	if (m->kind != MESSAGE_ANSWER || sscanf(text, "resume %llu %32s", &id, token) != 2)
		return false;
	if (u->shown == SHOWN_WRONG_TOKEN)
		sim_fail(sim, c, "came back with a wrong token");
	if (u->shown == SHOWN_NO_ID || u->number == UINT64_MAX) {
		if (!answer_is_hurried(c, (size_t)(u - c->said) + 1) &&
			(id + 1 < c->cursor || id + 1 > stand_most(sim, c)))
			sim_fail(sim, c, "tags from @%llu, being at @%llu", id + 1,
				(unsigned long long)c->cursor);
	} else if (id != u->number &&
		(id < u->number || missed != id - u->number ||
			id >= chat_feed(sim->chat, 0)->first)) {
		sim_fail(sim, c, "asked for @%llu: %s (%llu missed)", (unsigned long long)u->number,
			text, (unsigned long long)missed);
	}
	if (u->shown != SHOWN_NO_ID && u->number != UINT64_MAX) {
		c->cursor = id + 1;
		c->slack = 0;
		c->replay_at = c->replay_end; /* one of which nothing came is over */
	}
	c->tagged = true;
	if (u->shown == SHOWN_TOKEN) {
		if (memcmp(u->whom->token, token, TOKEN_LEN) != 0)
			sim_fail(sim, c, "got another token back");
		people_come_back(sim, c, u->whom);
		sight_forget(sim, c);
		c->coming_back = false;
	}
	memcpy(c->person->token, token, TOKEN_LEN);
	c->person->has_token = true;
	c->person->last_id = id;
	return true;
}

/* Whether this private line answer_fits that utterance; the first line of it, if it has several. */
bool answer_fits(struct sim *sim, struct peer *c, struct utterance *u,
	const struct message *m)
{
	bool error = m->kind == MESSAGE_ERROR, answer = m->kind == MESSAGE_ANSWER;
	char text[96];

	switch (u->op) {
	case OP_NICK:
		snprintf(text, sizeof(text), error ? "the nick %s is taken" : "you are %s already",
			u->text);
		if (u->id != 0 || !(error || answer) || !answer_begins(m, text) || !ends(m, text))
			return false;
		u->op = OP_NOTHING; /* a later one may be taken, this was not */
		return true;
	case OP_PRIVATE:
	case OP_BACK:
		if (m->kind == MESSAGE_SENT && m->text_len == u->len &&
			memcmp(m->text, u->text, u->len) == 0) {
			u->told = true;
			u->told_from = c->cursor;
			u->told_to = stand_most(sim, c);
			return true;
		}
		return error && (is_no_person(m) || ends(m, " is not reading: not sent") ||
					answer_begins(m, "nobody has written to you") ||
					answer_begins(m, "the person who wrote to you last"));
	case OP_IGNORE:
		if (answer && answer_begins(m, "you ignore ") && ends(m, " from now on"))
			sight_set(c, u->whom, SIGHT_NO);
		else if (error && is_no_person(m))
			sight_set(c, u->whom, SIGHT_YES);
		else if (error && is_for_memory(sim, m))
			sight_set(c, u->whom, SIGHT_YES);
		else
			return error && (answer_begins(m, "you can't ignore yourself") ||
						answer_begins(m, "you ignore "));
		return true;
	case OP_UNIGNORE:
		if (answer && answer_begins(m, "you see what "))
			sight_again(c, u->whom, stand_most(sim, c));
		else if (error && answer_begins(m, "you do not ignore "))
			sight_set(c, u->whom, SIGHT_YES);
		else if (error && is_no_person(m))
			sight_set(c, u->whom, SIGHT_NO);
		else
			return false;
		return true;
	case OP_IGNORED:
		return answer && answer_begins(m, "you ignore ");
	case OP_REPLAY:
		if (answer && answer_begins(m, "the last messages again:"))
			stand_replay(sim, c, u->number);
		else
			return answer && answer_begins(m, "nothing has been said yet");
		return true;
	case OP_RESUME:
		return take_resumed(sim, c, u, m);
	case OP_WHO:
		return answer && ends(m, " online:");
	case OP_HELP:
		return answer && answer_begins(m, "/help ");
	case OP_STATS:
		return answer && answer_begins(m, "version ");
	case OP_WRONG:
		return error;
	case OP_LONG:
		snprintf(text, sizeof(text), "message too long (%llu bytes, at most %u): not sent",
			(unsigned long long)u->number, (unsigned)sim->settings.max_message);
		return error && answer_begins(m, text) && ends(m, text);
	case OP_KICK:
		return (answer && ends(m, " was kicked")) || (error && is_no_person(m));
	case OP_BAN:
		return (answer && strstr(m->text, " is banned") != NULL) ||
			(error && (is_no_person(m) || is_for_memory(sim, m)));
	case OP_UNBAN:
		return (answer && ends(m, " is no longer banned")) ||
			(error && ends(m, " is not banned"));
	case OP_BANS:
		return answer && strstr(m->text, " banned") != NULL;
	case OP_MOTD:
		return (answer && answer_begins(m, "newcomers see it from now on")) ||
			(error && is_for_memory(sim, m));
	default:
		return false;
	}
}

bool answer_goes_on(const struct utterance *u, const struct message *m)
{
	static const char *const stats[] = { "clients: ", "lines: ", "bytes: ", "feed: ",
		"connects: ", "errors: " };

	if (u->op == OP_RESUME)
		return false;
	if (m->kind != MESSAGE_ANSWER)
		return false;
	switch (u->op) {
	case OP_IGNORED:
		return answer_begins(m, "you ignore ") && !ends(m, " from now on");
	case OP_WHO:
		return strstr(m->text, ", idle ") != NULL;
	case OP_HELP:
		return answer_begins(m, "/") && !answer_begins(m, "/help ");
	case OP_BANS:
		return strstr(m->text, " for good") != NULL || strstr(m->text, " until ") != NULL;
	case OP_STATS:
		for (size_t i = 0; i < sizeof(stats) / sizeof(stats[0]); i++)
			if (answer_begins(m, stats[i]))
				return true;
		return false;
	default:
		return false;
	}
}

bool answer_is_needed(const struct utterance *u)
{
	switch (u->op) {
	case OP_SAY:
	case OP_ACT:
	case OP_ANNOUNCE:
	case OP_NICK: /* seen in the feed, if it was taken */
	case OP_NOTHING:
	case OP_PASSWORD:
	case OP_GUESS:
	case OP_QUIT:
		return false;
	default:
		return true;
	}
}
