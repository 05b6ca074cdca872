#include "test/sim/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/browser.h"
#include "test/sim/draft.h"
#include "test/sim/sight.h"
#include "test/sim/truth.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

static void say(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };

	if (random_chance(&sim->random, 10)) {
		draft_command(&d, "/");
		draft_text(&d, "/");
	}
	draft_own_text(sim, c, &d);
	draft_send(sim, c, OP_SAY, &d);
}

static void act(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };

	draft_command(&d, "/me ");
	draft_own_text(sim, c, &d);
	draft_send(sim, c, OP_ACT, &d);
}

static void announce(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };

	draft_command(&d, "/announce ");
	draft_own_text(sim, c, &d);
	draft_send(sim, c, OP_ANNOUNCE, &d);
}

/* One of these texts that this client may send; the first always is. */
static const char *pick(struct sim *sim, const struct peer *c, const char *const *texts,
	uint32_t count)
{
	const char *text = texts[random_below(&sim->random, count)];

	return c->is_browser && !browser_may_say(text, strlen(text)) ? texts[0] : text;
}

static void take_nick(struct sim *sim, struct peer *c)
{
	static const char *const wrong[] = { "[x]", "you", "SERVER", "a:b", "#1", "*", "!", "a\x1b",
		"123456789012345678901234567890123", "caf\xc3", "x y" };
	struct draft d = { .raw_len = 0 };
	char nick[NICK_MAX];
	uint32_t choice = random_below(&sim->random, 10);

	if (c->was != NULL || c->coming_back)
		return; /* its number is about to be another */
	draft_command(&d, "/nick ");
	if (choice == 0) {
		draft_command(&d, "%s", pick(sim, c, wrong, COUNT(wrong)));
		draft_send(sim, c, OP_WRONG, &d);
		return;
	}
	if (choice < 4)
		snprintf(nick, sizeof(nick), "%c%u", choice < 2 ? 'p' : 'P',
			(unsigned)random_below(&sim->random, 4));
	else
		snprintf(nick, sizeof(nick), "%c%u", choice < 9 ? 'u' : 'U',
			(unsigned)c->person->number);
	/* Of two that are the same nobody could tell which was refused. */
	for (size_t i = c->acted > c->answered ? c->acted : c->answered; i < c->said_count; i++)
		if (c->said[i].op == OP_NICK && strcmp(c->said[i].text, nick) == 0)
			return;
	draft_text(&d, nick);
	draft_send(sim, c, OP_NICK, &d)->whom = c->person;
}

/* Anybody, perhaps one who has left. */
static struct person *pick_person(struct sim *sim)
{
	uint32_t recent = sim->person_count < 16 ? (uint32_t)sim->person_count : 16;

	return sim->persons[sim->person_count - 1 - random_below(&sim->random, recent)];
}

static bool has_own_nick(const struct person *person)
{
	return person->nick_len > 0 && (person->nick[0] == 'u' || person->nick[0] == 'U');
}

/* Puts what a person is called; returns whether nobody else can ever be called so. */
static bool put_who(struct draft *d, const struct person *person)
{
	if (person->nick_len > 0)
		draft_command(d, "%.*s", (int)person->nick_len, person->nick);
	else
		draft_command(d, "#%u", (unsigned)person->slot);
	return has_own_nick(person);
}

static void tell(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };
	struct person *person = pick_person(sim);
	bool unique;
	struct utterance *u;

	draft_command(&d, "/msg ");
	unique = put_who(&d, person);
	draft_command(&d, " ");
	draft_own_text(sim, c, &d);
	u = draft_send(sim, c, OP_PRIVATE, &d);
	u->whom = unique ? person : NULL;
}

static void answer(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };

	draft_command(&d, "/r ");
	draft_own_text(sim, c, &d);
	draft_send(sim, c, OP_BACK, &d);
}

static void ignore(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };
	struct person *person = pick_person(sim);
	enum sight sight = sight_of(sim, c, person, UINT64_MAX);
	struct utterance *u;

	if (!has_own_nick(person) || person == c->person || sight == SIGHT_UNSURE)
		return;
	c->ignore_commands++;
	draft_command(&d, "/%signore %.*s", sight == SIGHT_NO ? "un" : "", (int)person->nick_len,
		person->nick);
	u = draft_send(sim, c, sight == SIGHT_NO ? OP_UNIGNORE : OP_IGNORE, &d);
	u->whom = person;
	u->number = sight;
	sight_set(c, person, SIGHT_UNSURE);
}

static void replay(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };
	uint32_t count = random_between(&sim->random, 1, 30);

	draft_command(&d, "/replay %u", (unsigned)count);
	draft_send(sim, c, OP_REPLAY, &d)->number = count;
}

static void come_back(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };
	bool wrong = random_chance(&sim->random, 10);
	char token[TOKEN_LEN], *digit = &token[random_below(&sim->random, TOKEN_LEN)];
	struct utterance *u;

	memcpy(token, c->was->token, TOKEN_LEN);
	if (wrong)
		*digit = *digit == '0' ? '1' : '0';
	draft_command(&d, "/resume %llu %.*s", (unsigned long long)c->was->last_id, TOKEN_LEN,
		token);
	u = draft_send(sim, c, OP_RESUME, &d);
	u->number = c->was->last_id;
	u->whom = c->was;
	u->shown = wrong ? SHOWN_WRONG_TOKEN : SHOWN_TOKEN;
	c->may_miss = true;
	if (wrong)
		return;
	c->was->shown = true;
	sight_forget(sim, c);
	c->was = NULL;
	c->coming_back = true;
}

static void resume(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };
	uint64_t id = truth_next(sim) - 1;
	uint32_t back = random_chance(&sim->random, 80) ? 20 : 2000;
	struct utterance *u;

	if (c->was != NULL) {
		come_back(sim, c);
		return;
	}
	if (random_chance(&sim->random, 50)) {
		draft_command(&d, "/resume");
		draft_send(sim, c, OP_RESUME, &d);
		return;
	}
	id -= random_below(&sim->random, id < back ? (uint32_t)id + 1 : back);
	if (random_chance(&sim->random, 10))
		id += 1000;
	draft_command(&d, "/resume %llu", (unsigned long long)id);
	u = draft_send(sim, c, OP_RESUME, &d);
	u->shown = SHOWN_ID;
	u->number = id;
	c->may_miss = true;
}

static void ask(struct sim *sim, struct peer *c, enum op op, const char *line)
{
	struct draft d = { .raw_len = 0 };

	draft_command(&d, "%s", line);
	draft_send(sim, c, op, &d);
}

static void err(struct sim *sim, struct peer *c)
{
	static const char *const wrong[] = { "/", "/hello", "/nick", "/me", "/msg", "/msg u1",
		"/who is", "/replay x", "/replay 0", "/resume x", "/unignore", "/op", "/h",
		"/help nothing", "/HLEP" };

	ask(sim, c, OP_WRONG, wrong[random_below(&sim->random, COUNT(wrong))]);
}

/* The error behind it shows where the list ends. */
static void list_ignored(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };

	c->ignore_commands++;
	draft_command(&d, "/ignore");
	draft_send(sim, c, OP_IGNORED, &d);
	err(sim, c);
}

static void say_too_much(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };
	uint32_t over = random_chance(&sim->random, 50) ? 1 : random_between(&sim->random, 1, 2000);
	size_t len = sim->settings.max_message + over;

	while (d.raw_len < len)
		draft_command(&d, "y");
	draft_send(sim, c, OP_LONG, &d)->number = len;
}

static void say_nothing(struct sim *sim, struct peer *c)
{
	static const char *const nothings[] = { "", " ", "  \t ", "q\b", "\x1b",
		"\xc2\x9f \xe2\x80\xad" };

	ask(sim, c, OP_NOTHING, pick(sim, c, nothings, COUNT(nothings)));
}

static void quit(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };

	draft_command(&d, "/quit");
	if (random_chance(&sim->random, 50)) {
		draft_command(&d, " ");
		draft_own_text(sim, c, &d);
	}
	draft_send(sim, c, OP_QUIT, &d);
	c->quitting = true;
}

static void kick(struct sim *sim, struct peer *c)
{
	struct draft d = { .raw_len = 0 };

	draft_command(&d, "/kick ");
	put_who(&d, pick_person(sim));
	if (random_chance(&sim->random, 50)) {
		draft_command(&d, " ");
		draft_own_text(sim, c, &d);
	}
	draft_send(sim, c, OP_KICK, &d);
}

static void ban(struct sim *sim, struct peer *c)
{
	uint32_t host = random_between(&sim->random, 1, SIM_HOSTS);
	struct draft d = { .raw_len = 0 };

	if (random_chance(&sim->random, 70)) {
		draft_command(&d, "/unban 192.0.2.%u", (unsigned)host);
		draft_send(sim, c, OP_UNBAN, &d);
		return;
	}
	if (random_chance(&sim->random, 50)) {
		draft_command(&d, "/ban 192.0.2.%u 1", (unsigned)host);
	} else {
		draft_command(&d, "/ban ");
		put_who(&d, pick_person(sim));
	}
	draft_send(sim, c, OP_BAN, &d);
	sim->has_banned = true;
}

static void command_as_operator(struct sim *sim, struct peer *c)
{
	switch (random_below(&sim->random, 8)) {
	case 0:
		kick(sim, c);
		break;
	case 1:
	case 2:
		ban(sim, c);
		break;
	case 3:
		ask(sim, c, OP_BANS, "/bans");
		break;
	case 4:
		ask(sim, c, OP_MOTD, "/motd MOTD of the day");
		break;
	default:
		announce(sim, c);
		break;
	}
}

static void talk_at_door(struct sim *sim, struct peer *c)
{
	bool has_knocked = c->said_count > 0;

	if (!c->may_guess && has_knocked)
		return;
	if (c->wrong_guesses > 0 && c->may_guess) {
		c->wrong_guesses--;
		c->may_guess = false;
		ask(sim, c, OP_GUESS, "guess");
	} else if (c->wrong_guesses == 0 && !c->knows_password) {
		c->knows_password = true;
		ask(sim, c, OP_PASSWORD, sim->settings.password);
	}
}

void talk(struct sim *sim, struct peer *c)
{
	uint32_t choice = random_below(&sim->random, 100);

	if (c->ending != ENDING_NONE || c->quitting || c->was_refused || c->was_closed ||
		c->person == NULL)
		return;
	if (c->entered_at < 0) {
		talk_at_door(sim, c);
		return;
	}
	if (c->was != NULL && random_chance(&sim->random, 50))
		come_back(sim, c);
	else if (c->is_operator && choice < 20)
		command_as_operator(sim, c);
	else if (choice < 50)
		say(sim, c);
	else if (choice < 56)
		act(sim, c);
	else if (choice < 64)
		tell(sim, c);
	else if (choice < 67)
		answer(sim, c);
	else if (choice < 72)
		take_nick(sim, c);
	else if (choice < 77)
		ignore(sim, c);
	else if (choice < 78)
		list_ignored(sim, c);
	else if (choice < 81)
		replay(sim, c);
	else if (choice < 85 && (sim->resumes || c->was != NULL))
		resume(sim, c);
	else if (choice < 87)
		ask(sim, c, OP_WHO, "/who");
	else if (choice < 88)
		ask(sim, c, OP_HELP, "/help");
	else if (choice < 89)
		ask(sim, c, OP_STATS, "/stats");
	else if (choice < 92)
		err(sim, c);
	else if (choice < 95)
		say_too_much(sim, c);
	else if (choice < 98)
		say_nothing(sim, c);
	else if (choice < 99)
		quit(sim, c);
}

/* Takes the line end off again: FIN ends the line, RST drops it. */
static void cut_last_line(struct peer *c, enum ending how)
{
	struct utterance *u = &c->said[c->said_count - 1];

	if (c->todo_len == 0 || c->said_count == 0 || u->end + u->crlf != c->bytes_said)
		return;
	c->todo_len--;
	c->bytes_said--;
	if (c->todo_len > 0 && c->todo[c->todo_len - 1] == '\r') {
		c->todo_len--;
		c->bytes_said--;
	}
	c->last_is_cut = true;
	u->end = how == ENDING_FIN ? c->bytes_said : UINT64_MAX;
}

void talk_end(struct sim *sim, struct peer *c, enum ending how)
{
	if (c->ending != ENDING_NONE)
		return;
	if (c->entered_at >= 0 && !c->quitting && !c->was_closed && random_chance(&sim->random, 30)) {
		say(sim, c);
		if (!c->is_browser)
			cut_last_line(c, how);
	}
	if (c->is_browser && c->person != NULL && how == ENDING_FIN && random_chance(&sim->random, 50))
		browser_close(sim, c);
	sim_trace(sim, c, how == ENDING_FIN ? "half-closes" : "resets");
	c->ending = how;
}
