/*
 * The simulator of rooms: people who talk, go from room to room and stall, on a network that takes
 * and brings any number of bytes, beside one list of lines for each room. The lists are the feeds,
 * written down as they grow; whatever somebody receives has to be the next line of the list of the
 * room where they are, from their own joining up to their own leaving, with nothing in between left
 * out but what they are told to have missed.
 *
 * Usage: sim_rooms [--seed N] [--runs N] [--steps N]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/chat.h"
#include "test/sim/random.h"

enum {
	ROOMS = 4,      /* the last has a password */
	MOST_ROOMS = 6, /* with those that people make */
	PEOPLE = 12,
	NAME = 8,
	LINE = 4096,
	TURNS_MAX = 100000, /* until all has been sent */
};

static const char *const names[MOST_ROOMS] = { "lobby", "tea", "milk", "vault", "den", "attic" };

/* The lines of a room, by their IDs less one. */
struct list {
	char **lines;
	uint64_t count, size;
};

struct person {
	char name[NAME];
	uint32_t place;
	int room;       /* where it has been told to be */
	uint64_t next;  /* the ID of the line that comes next; 0: that of its own joining */
	bool is_lost;   /* and that has left the feed */
	bool tagged;
	bool asked;     /* for a password */
	bool moving;    /* its /join is not answered yet */
	int wrong;      /* passwords that it gave */
	bool has_after; /* it goes on after an ID there */
	uint64_t after;
	bool stalled;
	uint32_t said;  /* lines that it sent to be said */
	char out[LINE]; /* sent, and not yet received by the server */
	size_t out_len;
	char in[LINE];  /* the beginning of a line */
	size_t in_len;
};

struct sim {
	struct random random;
	struct settings settings;
	struct log log;
	struct time now;
	struct chat *chat;
	struct person people[PEOPLE];
	struct list lists[MOST_ROOMS];
	uint64_t seed, step, said, received, moves, missed;
	bool is_quiet; /* nobody begins anything any more */
};

static _Noreturn void fail(const struct sim *sim, const struct person *p, const char *what,
	const char *line)
{
	fprintf(stderr, "seed %" PRIu64 ", step %" PRIu64 ", %s in %s: %s%s%s\n", sim->seed,
		sim->step,
		p != NULL ? p->name : "nobody", p != NULL ? names[p->room] : "no room", what,
		line != NULL ? ": " : "", line != NULL ? line : "");
	exit(EXIT_FAILURE);
}

static void *allocate(void *old, size_t size)
{
	void *memory = realloc(old, size);

	if (memory == NULL)
		abort();
	return memory;
}

static void fill_random(void *buffer, size_t len)
{
	static uint8_t next;

	memset(buffer, ++next, len);
}

static int room_named(const char *name, size_t len)
{
	for (int i = 0; i < MOST_ROOMS; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return i;
	return -1;
}

/* Writes down what has been said since. */
static void take_down(struct sim *sim)
{
	for (uint32_t i = 0; i < chat_rooms(sim->chat); i++) {
		const char *name = chat_room_name(sim->chat, i);
		const struct feed *f = chat_feed(sim->chat, i);
		struct list *list = &sim->lists[room_named(name, strlen(name))];

		while (list->count + 1 < f->next) {
			const struct record *r = feed_record(f, list->count + 1);
			char *line = allocate(NULL, r->len);

			if (list->count == list->size) {
				list->size = 2 * list->size + 64;
				list->lines = allocate(list->lines, list->size * sizeof(char *));
			}
			memcpy(line, feed_line(f, list->count + 1), r->len);
			line[r->len - 1] = '\0';
			list->lines[list->count++] = line;
		}
	}
}

static void send_line(struct person *p, const char *line)
{
	size_t len = strlen(line);

	if (p->out_len + len + 1 > sizeof(p->out))
		return;
	memcpy(p->out + p->out_len, line, len);
	p->out[p->out_len + len] = '\n';
	p->out_len += len + 1;
}

/* "*** NAME joined (" or "left (". */
static bool is_own(const struct person *p, const char *line, const char *what)
{
	char expected[64];

	snprintf(expected, sizeof(expected), "*** %s %s (", p->name, what);
	return strncmp(line, expected, strlen(expected)) == 0;
}

/* A line of the feed: the next one of the list. */
static void hear_feed(struct sim *sim, struct person *p, const char *line)
{
	char *rest;
	uint64_t id = strtoull(line + 1, &rest, 10);
	const struct list *list = &sim->lists[p->room];

	strtoull(rest + 1, &rest, 10);
	if (id == 0 || id > list->count || strcmp(list->lines[id - 1], rest + 1) != 0)
		fail(sim, p, "a line that was not said there", line);
	if (p->next == 0 && !p->is_lost && !is_own(p, rest + 1, "joined"))
		fail(sim, p, "a line before its own joining", line);
	if (p->next != 0 && p->next != id)
		fail(sim, p, "not the line that comes next", line);
	p->next = id + 1;
	p->is_lost = false;
	sim->received++;
}

/* Where it had not seen its own joining yet, what comes next tells where it is. */
static void miss(struct sim *sim, struct person *p, uint64_t lines)
{
	sim->missed += lines;
	p->is_lost = p->next == 0;
	if (p->next > 0)
		p->next += lines;
}

/* It has left one room, to the last line, and is in another. */
static void hear_room(struct sim *sim, struct person *p, const char *name)
{
	const struct list *list = &sim->lists[p->room];
	int room = room_named(name, strcspn(name, ":"));

	if (room < 0)
		fail(sim, p, "a room that there is not", name);
	if (room != p->room) {
		if (p->next == 0 || p->next > list->count ||
			!is_own(p, list->lines[p->next - 1], "left"))
			fail(sim, p, "it went before it had all", name);
		p->room = room;
		p->next = 0;
		sim->moves++;
	}
	if (p->has_after)
		p->next = p->after + 1;
	p->moving = p->asked = false;
}

static void hear(struct sim *sim, struct person *p, char *line)
{
	unsigned long long missed;

	if (line[0] == '@')
		hear_feed(sim, p, line);
	else if (strncmp(line, "=== resume ", 11) == 0)
		p->tagged = true, p->next = strtoull(line + 11, NULL, 10) + 1;
	else if (!p->tagged)
		return;
	else if (strncmp(line, "=== room ", 9) == 0)
		hear_room(sim, p, line + 9);
	else if (sscanf(line, "=== you missed %llu lines", &missed) == 1)
		miss(sim, p, missed);
	else if (strcmp(line, "=== password:") == 0)
		p->asked = true;
	else if (strcmp(line, "!!! wrong password") == 0)
		p->moving = ++p->wrong < 3;
	else if (strncmp(line, "!!! ", 4) == 0)
		p->moving = false;
	else if (strncmp(line, "===", 3) != 0)
		fail(sim, p, "a line without its number", line);
}

static void hear_bytes(struct sim *sim, struct person *p, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p->in_len == sizeof(p->in))
			fail(sim, p, "a line without an end", NULL);
		p->in[p->in_len++] = bytes[i];
		if (bytes[i] != '\n')
			continue;
		p->in[p->in_len - 1] = '\0';
		p->in_len = 0;
		hear(sim, p, p->in);
	}
}

/* Some of what the server has for somebody arrives. */
static void deliver(struct sim *sim, struct person *p)
{
	struct iovec iov[CHAT_IOV];
	size_t taken = 0, most = random_chance(&sim->random, 70) ? SIZE_MAX
							       : random_below(&sim->random, 300);
	int count;

	if ((chat_wants(sim->chat, p->place) & CHAT_WRITE) == 0)
		return;
	count = chat_output(sim->chat, p->place, iov);
	for (int i = 0; i < count; i++) {
		size_t left = p->stalled ? 0 : most - taken;
		size_t len = iov[i].iov_len < left ? iov[i].iov_len : left;

		hear_bytes(sim, p, iov[i].iov_base, len);
		taken += len;
	}
	if (count > 0)
		chat_sent(sim->chat, p->place, taken);
}

static void turn(struct sim *sim)
{
	chat_turn(sim->chat, sim->now);
	for (int i = 0; i < PEOPLE; i++) {
		struct person *p = &sim->people[i];
		size_t len = p->out_len;

		if (len == 0 || (chat_wants(sim->chat, p->place) & CHAT_READ) == 0)
			continue;
		if (random_chance(&sim->random, 50))
			len = random_between(&sim->random, 1, (uint32_t)len);
		chat_receive(sim->chat, p->place, (const uint8_t *)p->out, len);
		p->out_len -= len;
		memmove(p->out, p->out + len, p->out_len);
		take_down(sim);
	}
	chat_resume_input(sim->chat);
	take_down(sim);
	for (int i = 0; i < PEOPLE; i++)
		deliver(sim, &sim->people[i]);
	for (uint32_t place = 0; chat_next_throttling(sim->chat, &place); place++)
		chat_unsent(sim->chat, place, 0);
	chat_tick(sim->chat);
	take_down(sim);
	sim->now.usec += random_below(&sim->random, 50) * TIME_MS;
	sim->now.time = 1666214645 + sim->now.usec / TIME_SECOND;
}

static void go(struct sim *sim, struct person *p)
{
	uint32_t room = random_below(&sim->random, MOST_ROOMS);
	uint64_t count = sim->lists[room].count;
	char line[64];

	p->has_after = random_chance(&sim->random, 30);
	p->after = count > 20 ? count - random_below(&sim->random, 20) : 0;
	if (p->has_after)
		snprintf(line, sizeof(line), "/join %s %" PRIu64, names[room], p->after);
	else
		snprintf(line, sizeof(line), "/join %s", names[room]);
	send_line(p, line);
	p->moving = true;
	p->wrong = 0;
}

/* What one person does. */
static void act(struct sim *sim, struct person *p)
{
	char line[400];
	int len;

	if (random_chance(&sim->random, 3))
		p->stalled = !p->stalled && random_chance(&sim->random, 60);
	if (p->asked) {
		send_line(p, random_chance(&sim->random, 60) ? "sesame" : "wrong");
		p->asked = false;
		return;
	}
	if (p->moving || p->out_len > sizeof(p->out) / 2 || !p->tagged)
		return;
	if (random_chance(&sim->random, 15)) {
		go(sim, p);
	} else if (random_chance(&sim->random, 5)) {
		send_line(p, "/rooms");
	} else {
		len = snprintf(line, sizeof(line), "%s.%u ", p->name, (unsigned)++p->said);
		for (uint32_t more = random_below(&sim->random, 300); more > 0; more--)
			line[len++] = 'x';
		line[len] = '\0';
		send_line(p, line);
		sim->said++;
	}
}

static void upgrade(struct sim *sim)
{
	struct codec state = { 0 };
	const char *why;

	chat_save(sim->chat, &state);
	chat_destroy(sim->chat);
	codec_rewind(&state);
	sim->chat = chat_load(&state,
		&(struct chat_setup){ &sim->settings, &sim->log, fill_random, sim->now }, &why);
	codec_finish(&state);
	if (sim->chat == NULL)
		fail(sim, NULL, "no upgrade", why);
}

static void begin(struct sim *sim)
{
	static const struct room_settings rooms[ROOMS - 1] = {
		{ .name = "tea", .feed_bytes = 32 * 1024 },
		{ .name = "milk", .feed_bytes = 64 * 1024 },
		{ .name = "vault", .feed_bytes = 32 * 1024, .password = "sesame" },
	};

	sim->settings = (struct settings){ .max_clients = PEOPLE, .max_message = 512, .burst = 40,
		.feed_bytes = 64 * 1024, .announce_max = PEOPLE, .quiet = true, .rooms = rooms,
		.room_count = ROOMS - 1, .max_rooms = MOST_ROOMS };
	sim->now = (struct time){ TIME_SECOND, 1666214645 };
	if (log_init(&sim->log, false) < 0)
		abort();
	sim->chat = chat_create(&(struct chat_setup){ &sim->settings, &sim->log, fill_random,
		sim->now });
	if (sim->chat == NULL)
		abort();
	for (int i = 0; i < PEOPLE; i++) {
		struct address from = { .family = ADDRESS_UNIX };
		struct person *p = &sim->people[i];
		char line[32];

		snprintf(p->name, sizeof(p->name), "c%d", i);
		p->room = i % 3;
		p->place = (uint32_t)chat_connect(sim->chat, &from, 0, names[p->room]);
		snprintf(line, sizeof(line), "/nick %s", p->name);
		send_line(p, line);
		send_line(p, "/resume");
	}
}

/* Somebody who is still owed something; NULL: nobody is. */
static const struct person *owed(const struct sim *sim)
{
	for (int i = 0; i < PEOPLE; i++) {
		const struct person *p = &sim->people[i];

		if (p->out_len > 0 || p->moving || p->asked ||
			p->next != sim->lists[p->room].count + 1)
			return p;
	}
	return NULL;
}

/* Everybody gets what is owed; a password that is asked for is given. */
static void drain(struct sim *sim)
{
	for (int turns = 0; owed(sim) != NULL; turns++) {
		if (turns == TURNS_MAX)
			fail(sim, owed(sim), "never gets all", NULL);
		for (int i = 0; i < PEOPLE; i++) {
			struct person *p = &sim->people[i];

			p->stalled = false;
			if (p->asked)
				send_line(p, "sesame");
			p->asked = false;
		}
		turn(sim);
	}
}

/* Each line that was sent to be said stands in one list, once, in its sender's order. */
static void count_said(const struct sim *sim)
{
	uint64_t count = 0;

	for (int room = 0; room < MOST_ROOMS; room++) {
		uint32_t last[PEOPLE] = { 0 };

		for (uint64_t i = 0; i < sim->lists[room].count; i++) {
			unsigned who, number;

			if (sscanf(sim->lists[room].lines[i], "[c%u]: c%*u.%u ", &who,
				&number) != 2)
				continue;
			if (who >= PEOPLE || number <= last[who])
				fail(sim, NULL, "out of order", sim->lists[room].lines[i]);
			last[who] = number;
			count++;
		}
	}
	if (count != sim->said)
		fail(sim, NULL, "lines are lost, or there twice", NULL);
}

static void end(struct sim *sim)
{
	for (int i = 0; i < MOST_ROOMS; i++) {
		for (uint64_t j = 0; j < sim->lists[i].count; j++)
			free(sim->lists[i].lines[j]);
		free(sim->lists[i].lines);
	}
	chat_destroy(sim->chat);
	log_finish(&sim->log);
}

static void run(uint64_t seed, uint64_t steps)
{
	struct sim *sim = allocate(NULL, sizeof(*sim));

	*sim = (struct sim){ .random = { seed }, .seed = seed };
	begin(sim);
	for (; sim->step < steps; sim->step++) {
		act(sim, &sim->people[random_below(&sim->random, PEOPLE)]);
		if (random_chance(&sim->random, 40))
			turn(sim);
		if (random_below(&sim->random, 1000) == 0)
			upgrade(sim);
	}
	drain(sim);
	count_said(sim);
	printf("seed %" PRIu64 ": %" PRIu64 " lines said, %" PRIu64 " received, %" PRIu64
		" missed, %" PRIu64 " moves\n", seed, sim->said, sim->received, sim->missed,
		sim->moves);
	end(sim);
	free(sim);
}

int main(int argc, char **argv)
{
	uint64_t seed = 1, runs = 1, steps = 5000;

	for (int i = 1; i + 1 < argc; i += 2) {
		uint64_t number = strtoull(argv[i + 1], NULL, 10);

		if (strcmp(argv[i], "--seed") == 0)
			seed = number;
		else if (strcmp(argv[i], "--runs") == 0)
			runs = number;
		else if (strcmp(argv[i], "--steps") == 0)
			steps = number;
	}
	for (uint64_t i = 0; i < runs; i++)
		run(seed + i, steps);
	return EXIT_SUCCESS;
}
