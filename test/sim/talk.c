#include "test/sim/talk.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/memory.h"
#include "test/sim/truth.h"

enum { LINE_SIZE = 8192 };

/* A line in the making: as it is sent, and as it should be shown. */
struct draft {
	char raw[LINE_SIZE], clean[LINE_SIZE];
	size_t raw_len, clean_len;
};

struct piece {
	const char *raw, *clean;
};

static const struct piece plain[] = {
	{ "hello", "hello" },
	{ " ", " " },
	{ "  ", "  " },
	{ "/", "/" },
	{ "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9" },
	{ "\xe4\xbd\xa0\xe5\xa5\xbd", "\xe4\xbd\xa0\xe5\xa5\xbd" },
	{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" },
	{ "--Wed Oct 19 21:24:05 2022", "--Wed Oct 19 21:24:05 2022" },
	{ "[u1]: hi", "[u1]: hi" },
	{ "=== you missed 9 lines", "=== you missed 9 lines" },
	{ "@7 1 ", "@7 1 " },
};

/* Whatever makes text unsafe; what of it a stranger's first line would not have is further down. */
static const struct piece unsafe[] = {
	{ "\t", " " },
	{ "\x1b[2J", "[2J" },
	{ "\xe2\x80\xa8", " " },
	{ "\xe2\x80\xae", "" },
	{ "\xe2\x81\xa6", "" },
	{ "\xc2\x85", "" },
	{ "\x85", "\xef\xbf\xbd" },
	{ "\xc0", "\xef\xbf\xbd" },
	{ "\xe2\x82z", "\xef\xbf\xbdz" },
	{ "\xed\xa0", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "a\rb", "ab" },
	{ "x\b", "" },
	{ "\xc3\xa9\x7f", "" },
	{ "\xf0\x9f\x98\x80\b", "" },
	{ "\x07", "" },
	{ "\x01\x02", "" },
};
enum { UNSAFE_AT_FIRST = 14 };

static const struct piece telnet[] = {
	{ "\xff\xf1", "" },
	{ "\xff\xff", "\xef\xbf\xbd" },
	{ "z\xff\xf7", "" },
	{ "\xff\xfa\x18\x01zz\xff\xf0", "" },
	{ "\xff\xfb\x1f", "" },
	{ "\xff\xfb\x18", "" },
	{ "\xff\xfd\x03", "" },
	{ "\xff\xfd\x06", "" },
};
enum { TELNET_NEGOTIATES = 3, TELNET_MARK = 7 };

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

enum sight talk_sight(const struct client *c, const struct person *person, uint64_t id)
{
	for (size_t i = 0; person != c->person && i < c->ignore_count; i++) {
		if (c->ignores[i].person != person)
			continue;
		/* Each /ignore forgets those who are gone for good. */
		if (c->ignore_commands > 1 &&
			(person->left || person->lost_at >= 0 || person->leaves_silently))
			return SIGHT_UNSURE;
		if (id < c->ignores[i].unsure_before)
			return SIGHT_UNSURE;
		return c->ignores[i].sight;
	}
	return SIGHT_YES;
}

void talk_set_sight(struct client *c, struct person *person, enum sight sight)
{
	size_t i = 0;

	while (i < c->ignore_count && c->ignores[i].person != person)
		i++;
	if (i == c->ignore_count) {
		c->ignores = memory_grow(c->ignores, c->ignore_count, sizeof(*c->ignores));
		c->ignore_count++;
	}
	c->ignores[i] = (struct ignored){ .person = person, .sight = sight };
}

void talk_unignored(struct client *c, struct person *person, uint64_t id)
{
	talk_set_sight(c, person, SIGHT_YES);
	for (size_t i = 0; i < c->ignore_count; i++)
		if (c->ignores[i].person == person)
			c->ignores[i].unsure_before = id;
}

void talk_forget_sights(const struct sim *sim, struct client *c)
{
	for (size_t i = 0; i < sim->person_count; i++)
		talk_set_sight(c, sim->persons[i], SIGHT_UNSURE);
}

static void put(struct draft *d, const char *raw, size_t raw_len, const char *clean,
	size_t clean_len)
{
	assert(d->raw_len + raw_len <= LINE_SIZE && d->clean_len + clean_len <= LINE_SIZE);
	memcpy(d->raw + d->raw_len, raw, raw_len);
	d->raw_len += raw_len;
	memcpy(d->clean + d->clean_len, clean, clean_len);
	d->clean_len += clean_len;
}

/* What is the same both ways. */
static void put_text(struct draft *d, const char *text)
{
	put(d, text, strlen(text), text, strlen(text));
}

/* The command that goes before the text: only sent. */
static void put_command(struct draft *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put_command(struct draft *d, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	put(d, text, strlen(text), "", 0);
}

static void begin_crlf(struct client *c)
{
	if (!c->crlf_sent)
		c->crlf_index = c->said_count;
	c->crlf_sent = true;
}

static void put_telnet(struct sim *sim, struct client *c, struct draft *d)
{
	uint32_t i = random_below(&sim->random, COUNT(telnet));

	put(d, telnet[i].raw, strlen(telnet[i].raw), telnet[i].clean, strlen(telnet[i].clean));
	if (i >= TELNET_NEGOTIATES)
		begin_crlf(c);
	if (i == TELNET_MARK)
		c->timing_marks++;
}

static void put_piece(struct sim *sim, struct client *c, struct draft *d)
{
	const struct piece *piece;

	if (c->speaks_telnet && random_chance(&sim->random, 20)) {
		put_telnet(sim, c, d);
		return;
	}
	if (random_chance(&sim->random, 40))
		piece = &unsafe[random_below(&sim->random,
			c->spoken ? COUNT(unsafe) : (uint32_t)UNSAFE_AT_FIRST)];
	else
		piece = &plain[random_below(&sim->random, COUNT(plain))];
	put(d, piece->raw, strlen(piece->raw), piece->clean, strlen(piece->clean));
}

/* "CLIENT.INDEX " and anything. */
static void put_own_text(struct sim *sim, struct client *c, struct draft *d)
{
	enum { PIECE_MAX = 32 };
	const size_t most = sim->settings.max_message;
	uint32_t pieces = random_below(&sim->random, 6);
	char head[32];

	snprintf(head, sizeof(head), "%u.%zu ", (unsigned)c->number, c->said_count);
	put_text(d, head);
	if (random_chance(&sim->random, 5)) {
		while (d->raw_len < most)
			put_text(d, "x");
		return;
	}
	while (pieces-- > 0 && d->raw_len + PIECE_MAX < most)
		put_piece(sim, c, d);
	put_text(d, ".");
}

/* Sends what is drafted as one line. */
static struct utterance *utter(struct sim *sim, struct client *c, enum deed deed,
	const struct draft *d)
{
	bool crlf = random_chance(&sim->random, c->crlf_percent);
	struct utterance *u;

	if (crlf)
		begin_crlf(c);
	c->todo = memory_resize(c->todo, c->todo_len + d->raw_len + 2);
	memcpy(c->todo + c->todo_len, d->raw, d->raw_len);
	c->todo_len += d->raw_len;
	if (crlf)
		c->todo[c->todo_len++] = '\r';
	c->todo[c->todo_len++] = '\n';
	c->bytes_said += d->raw_len + crlf + 1u;
	c->spoken = c->spoken || deed != DEED_NOTHING;
	c->said = memory_grow(c->said, c->said_count, sizeof(*c->said));
	u = &c->said[c->said_count++];
	*u = (struct utterance){ .deed = deed, .text = memory_get(d->clean_len + 1),
		.len = d->clean_len, .end = c->bytes_said };
	memcpy(u->text, d->clean, d->clean_len);
	u->text[u->len] = '\0';
	sim_trace(sim, c, "sends %zu: \"%.*s\"", c->said_count - 1, (int)d->raw_len, d->raw);
	return u;
}

static void say(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };

	if (random_chance(&sim->random, 10)) {
		put_command(&d, "/");
		put_text(&d, "/");
	}
	put_own_text(sim, c, &d);
	utter(sim, c, DEED_SAY, &d);
}

static void act(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };

	put_command(&d, "/me ");
	put_own_text(sim, c, &d);
	utter(sim, c, DEED_ACT, &d);
}

static void announce(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };

	put_command(&d, "/announce ");
	put_own_text(sim, c, &d);
	utter(sim, c, DEED_ANNOUNCE, &d);
}

static void take_nick(struct sim *sim, struct client *c)
{
	static const char *const wrong[] = { "[x]", "you", "SERVER", "a:b", "#1", "*", "!", "a\x1b",
		"123456789012345678901234567890123", "caf\xc3", "x y" };
	struct draft d = { .raw_len = 0 };
	char nick[NICK_MAX];
	uint32_t choice = random_below(&sim->random, 10);

	if (c->was != NULL || c->coming_back)
		return; /* its number is about to be another */
	put_command(&d, "/nick ");
	if (choice == 0) {
		put_command(&d, "%s", wrong[random_below(&sim->random, COUNT(wrong))]);
		utter(sim, c, DEED_WRONG, &d);
		return;
	}
	if (choice < 4 && c->person->joined && sim->exact)
		snprintf(nick, sizeof(nick), "%c%u", choice < 2 ? 'p' : 'P',
			(unsigned)random_below(&sim->random, 4));
	else
		snprintf(nick, sizeof(nick), "%c%u", choice < 9 ? 'u' : 'U',
			(unsigned)c->person->number);
	put_text(&d, nick);
	utter(sim, c, DEED_NICK, &d)->whom = c->person;
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
		put_command(d, "%.*s", (int)person->nick_len, person->nick);
	else
		put_command(d, "#%u", (unsigned)person->slot);
	return has_own_nick(person);
}

static void tell(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };
	struct person *person = pick_person(sim);
	bool unique;
	struct utterance *u;

	put_command(&d, "/msg ");
	unique = put_who(&d, person);
	put_command(&d, " ");
	put_own_text(sim, c, &d);
	u = utter(sim, c, DEED_PRIVATE, &d);
	u->whom = unique ? person : NULL;
}

static void answer(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };

	put_command(&d, "/r ");
	put_own_text(sim, c, &d);
	utter(sim, c, DEED_BACK, &d);
}

static void ignore(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };
	struct person *person = pick_person(sim);
	enum sight sight = talk_sight(c, person, UINT64_MAX);
	struct utterance *u;

	if (!has_own_nick(person) || person == c->person || sight == SIGHT_UNSURE)
		return;
	c->ignore_commands++;
	put_command(&d, "/%signore %.*s", sight == SIGHT_NO ? "un" : "", (int)person->nick_len,
		person->nick);
	u = utter(sim, c, sight == SIGHT_NO ? DEED_UNIGNORE : DEED_IGNORE, &d);
	u->whom = person;
	u->number = sight;
	talk_set_sight(c, person, SIGHT_UNSURE);
}

static void replay(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };
	uint32_t count = random_between(&sim->random, 1, 30);

	put_command(&d, "/replay %u", (unsigned)count);
	utter(sim, c, DEED_REPLAY, &d)->number = count;
}

static void come_back(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };
	bool wrong = random_chance(&sim->random, 10);
	char token[TOKEN_LEN], *digit = &token[random_below(&sim->random, TOKEN_LEN)];
	struct utterance *u;

	memcpy(token, c->was->token, TOKEN_LEN);
	if (wrong)
		*digit = *digit == '0' ? '1' : '0';
	put_command(&d, "/resume %llu %.*s", (unsigned long long)c->was->last_id, TOKEN_LEN,
		token);
	u = utter(sim, c, DEED_RESUME, &d);
	u->number = c->was->last_id;
	u->whom = c->was;
	u->shown = wrong ? SHOWN_WRONG_TOKEN : SHOWN_TOKEN;
	c->may_miss = true;
	if (wrong)
		return;
	talk_forget_sights(sim, c);
	c->was = NULL;
	c->coming_back = true;
}

static void resume(struct sim *sim, struct client *c)
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
		put_command(&d, "/resume");
		utter(sim, c, DEED_RESUME, &d);
		return;
	}
	id -= random_below(&sim->random, id < back ? (uint32_t)id + 1 : back);
	if (random_chance(&sim->random, 10))
		id += 1000;
	put_command(&d, "/resume %llu", (unsigned long long)id);
	u = utter(sim, c, DEED_RESUME, &d);
	u->shown = SHOWN_ID;
	u->number = id;
	c->may_miss = true;
}

static void ask(struct sim *sim, struct client *c, enum deed deed, const char *line)
{
	struct draft d = { .raw_len = 0 };

	put_command(&d, "%s", line);
	utter(sim, c, deed, &d);
}

static void err(struct sim *sim, struct client *c)
{
	static const char *const wrong[] = { "/", "/hello", "/nick", "/me", "/msg", "/msg u1",
		"/who is", "/replay x", "/replay 0", "/resume x", "/unignore", "/op", "/h",
		"/help nothing", "/HLEP" };

	ask(sim, c, DEED_WRONG, wrong[random_below(&sim->random, COUNT(wrong))]);
}

/* The error behind it shows where the list ends. */
static void list_ignored(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };

	c->ignore_commands++;
	put_command(&d, "/ignore");
	utter(sim, c, DEED_IGNORED, &d);
	err(sim, c);
}

static void say_too_much(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };
	uint32_t over = random_chance(&sim->random, 50) ? 1 : random_between(&sim->random, 1, 2000);
	size_t len = sim->settings.max_message + over;

	while (d.raw_len < len)
		put_command(&d, "y");
	utter(sim, c, DEED_LONG, &d)->number = len;
}

static void say_nothing(struct sim *sim, struct client *c)
{
	static const char *const nothings[] = { "", " ", "  \t ", "q\b", "\x1b", "\xc2\x9f \xe2\x80\xad" };

	ask(sim, c, DEED_NOTHING, nothings[random_below(&sim->random, COUNT(nothings))]);
}

static void quit(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };

	put_command(&d, "/quit");
	if (random_chance(&sim->random, 50)) {
		put_command(&d, " ");
		put_own_text(sim, c, &d);
	}
	utter(sim, c, DEED_QUIT, &d);
	c->quitting = true;
}

static void kick(struct sim *sim, struct client *c)
{
	struct draft d = { .raw_len = 0 };

	put_command(&d, "/kick ");
	put_who(&d, pick_person(sim));
	if (random_chance(&sim->random, 50)) {
		put_command(&d, " ");
		put_own_text(sim, c, &d);
	}
	utter(sim, c, DEED_KICK, &d);
}

static void ban(struct sim *sim, struct client *c)
{
	uint32_t host = random_between(&sim->random, 1, SIM_HOSTS);
	struct draft d = { .raw_len = 0 };

	if (random_chance(&sim->random, 70)) {
		put_command(&d, "/unban 192.0.2.%u", (unsigned)host);
		utter(sim, c, DEED_UNBAN, &d);
		return;
	}
	if (random_chance(&sim->random, 50)) {
		put_command(&d, "/ban 192.0.2.%u 1", (unsigned)host);
	} else {
		put_command(&d, "/ban ");
		put_who(&d, pick_person(sim));
	}
	utter(sim, c, DEED_BAN, &d);
	sim->has_banned = true;
}

static void command_as_operator(struct sim *sim, struct client *c)
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
		ask(sim, c, DEED_BANS, "/bans");
		break;
	case 4:
		ask(sim, c, DEED_MOTD, "/motd MOTD of the day");
		break;
	default:
		announce(sim, c);
		break;
	}
}

static void talk_at_door(struct sim *sim, struct client *c)
{
	bool has_knocked = c->said_count > 0;

	if (!c->may_guess && has_knocked)
		return;
	if (c->wrong_guesses > 0 && c->may_guess) {
		c->wrong_guesses--;
		c->may_guess = false;
		ask(sim, c, DEED_GUESS, "guess");
	} else if (c->wrong_guesses == 0 && !c->knows_password) {
		c->knows_password = true;
		ask(sim, c, DEED_PASSWORD, sim->settings.password);
	}
}

void talk(struct sim *sim, struct client *c)
{
	uint32_t choice = random_below(&sim->random, 100);

	if (c->ending != ENDING_NONE || c->quitting || c->was_refused)
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
		ask(sim, c, DEED_WHO, "/who");
	else if (choice < 88)
		ask(sim, c, DEED_HELP, "/help");
	else if (choice < 89)
		ask(sim, c, DEED_STATS, "/stats");
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
static void cut_last_line(struct client *c, enum ending how)
{
	struct utterance *u = &c->said[c->said_count - 1];

	if (c->todo_len == 0 || c->said_count == 0 || u->end != c->bytes_said)
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

void talk_end(struct sim *sim, struct client *c, enum ending how)
{
	if (c->ending != ENDING_NONE)
		return;
	if (c->entered_at >= 0 && !c->quitting && random_chance(&sim->random, 30)) {
		say(sim, c);
		cut_last_line(c, how);
	}
	sim_trace(sim, c, how == ENDING_FIN ? "half-closes" : "resets");
	c->ending = how;
}
