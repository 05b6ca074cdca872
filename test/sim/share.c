/*
 * The simulator of several nodes: people who talk, go from node to node with their token and send again
 * what was not said, over a model of the log (nodes.h) that is late, answers twice and is lost from
 * sight, while nodes die, come back with nothing, and are upgraded. At the end
 *
 *	- an ID is the same line for all who saw it, and nobody saw one twice or missed one untold;
 *	- everybody's lines stand there once and in their order, and all of those who kept their token.
 *
 * Usage: sim_share [--seed N] [--runs N] [--steps N] [--verbose 1]
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/random.h"
#include "test/unit/nodes.h"

enum {
	PEOPLE = 5,
	NAME = 24,
	IDS_MAX = 20000,
	PIECES_MAX = 5, /* lines that are sent at once */
};

/* One who talks, until their token is lost: then another takes their place. */
struct talker {
	unsigned number;     /* in what they say */
	unsigned node;
	unsigned hops;
	char connection[NAME];
	char token[40];
	uint64_t last;       /* ID that they saw last */
	uint32_t sent;       /* lines since they got the token */
	uint32_t most;       /* that they ever sent */
	bool goes_back;      /* to what the node has, which has less */
	bool is_connected, is_ready; /* their /resume is answered */
};

struct sim {
	struct random random;
	struct cluster cluster;
	struct talker people[PEOPLE];
	unsigned numbers; /* of those that there were */
	char *list[IDS_MAX]; /* lines, by ID */
	uint64_t top;
	bool kept[IDS_MAX]; /* by a talker's number: they have their token */
	uint32_t sent[IDS_MAX];
	uint64_t seed, step, received, hops, missed, deaths;
};

static void fail(const struct sim *sim, const struct talker *t, const char *what, const char *line)
{
	printf("seed %" PRIu64 ", step %" PRIu64 ": %s (%s of node %c, after %" PRIu64 "): %s\n",
		sim->seed, sim->step, what, t != NULL ? t->connection : "nobody",
		t != NULL ? (int)('a' + t->node) : '-', t != NULL ? t->last : 0,
		line != NULL ? line : "");
	exit(EXIT_FAILURE);
}

static struct converse *node_of(struct sim *sim, const struct talker *t)
{
	return &sim->cluster.nodes[t->node];
}

static bool verbose;

static void row(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void row(struct sim *sim, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (verbose)
		printf("%" PRIu64 " row %s\n", sim->step, text);
	nodes_row(&sim->cluster, text);
	if (sim->cluster.failed)
		fail(sim, NULL, "a row failed", text);
}

/* A line of the feed: the one that everybody has under this ID. */
static void take_line(struct sim *sim, struct talker *t, uint64_t id, const char *line)
{
	if (id != t->last + 1)
		fail(sim, t, "not the next line", line);
	if (id >= IDS_MAX)
		fail(sim, t, "more lines than there is room for", line);
	t->last = id;
	sim->received++;
	if (sim->list[id] == NULL)
		sim->list[id] = strdup(line);
	if (sim->list[id] == NULL || strcmp(sim->list[id], line) != 0)
		fail(sim, t, "another line than others have seen", line);
	if (id > sim->top)
		sim->top = id;
}

/* They are somebody else from here on. */
static void begin_anew(struct sim *sim, struct talker *t)
{
	sim->sent[t->number] = t->sent;
	t->number = ++sim->numbers;
	t->token[0] = '\0';
	t->sent = t->most = 0;
}

/* A word of the server's own. */
static void take_word(struct sim *sim, struct talker *t, const char *line)
{
	uint64_t number;
	char token[40];
	unsigned said, sent;

	if (sscanf(line, "=== you missed %" SCNu64 " lines", &number) == 1) {
		t->last += number;
		sim->missed += number;
	} else if (sscanf(line, "=== resume %" SCNu64 " %39s", &number, token) == 2) {
		if (t->token[0] != '\0' && number != t->last && !t->goes_back)
			fail(sim, t, "resumed elsewhere", line);
		t->last = number;
		t->goes_back = false;
		t->is_ready = t->token[0] == '\0';
		strcpy(t->token, token);
		sim->kept[t->number] = true;
	} else if (sscanf(line, "=== said %u of %u", &said, &sent) == 2) {
		/* It may be more than was sent since, but not more than ever was. */
		if (sent != t->sent || said > t->most)
			fail(sim, t, "more was said than sent", line);
		t->sent = said;
		t->is_ready = true;
	} else if (strncmp(line, "!!! unknown or expired token", 28) == 0) {
		sim->kept[t->number] = false;
		begin_anew(sim, t);
		converse_row(node_of(sim, t), "%s > /resume", t->connection);
	} else if (strstr(line, " has not been said yet") != NULL) {
		t->goes_back = true;
	} else if (strcmp(line, "!!! you have come back on another connection") == 0) {
		t->is_connected = t->is_ready = false;
	} else if (strncmp(line, "!!! not carried out", 19) == 0) {
		fail(sim, t, "a line was dropped", line);
	}
}

static void listen(struct sim *sim, struct talker *t)
{
	const char *from;
	size_t len;

	while (t->is_connected && (from = converse_line(node_of(sim, t), t->connection, &len)) != NULL) {
		char line[512], *text;
		uint64_t id;

		len = len < sizeof(line) - 1 ? len : sizeof(line) - 1;
		memcpy(line, from, len);
		line[len] = '\0';
		if (verbose)
			printf("%" PRIu64 " %c %s < %s\n", sim->step, (int)('a' + t->node),
				t->connection, line);
		if (line[0] != '@') {
			take_word(sim, t, line);
			continue;
		}
		id = strtoull(line + 1, &text, 10);
		take_line(sim, t, id, text + 1);
	}
}

static void listen_all(struct sim *sim)
{
	for (size_t i = 0; i < PEOPLE; i++)
		listen(sim, &sim->people[i]);
}

static void say(struct sim *sim, struct talker *t)
{
	char text[PIECES_MAX * 48];
	size_t len = 0;

	if (!t->is_ready)
		return;
	for (uint32_t n = random_between(&sim->random, 1, PIECES_MAX); n > 0; n--)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%sline %u.%u\n",
			random_chance(&sim->random, 30) ? "/me " : "", t->number, ++t->sent);
	if (t->sent > t->most)
		t->most = t->sent;
	if (verbose)
		printf("%" PRIu64 " %c %s > %.*s", sim->step, (int)('a' + t->node), t->connection,
			(int)len, text);
	converse_send(node_of(sim, t), t->connection, text, len);
}

/* How the connection that was ends: by RST, by FIN or not at all, unless it still asks to resume. */
static void leave(struct sim *sim, struct talker *t)
{
	static const char *const ways[] = { "resets", "ends", "forgets" };

	if (t->is_connected && !sim->cluster.is_dead[t->node])
		converse_row(node_of(sim, t), "%s %s", t->connection,
			ways[t->is_ready ? random_below(&sim->random, 3) : 0]);
	t->is_connected = t->is_ready = false;
}

static void hop(struct sim *sim, struct talker *t, unsigned node)
{
	struct converse *c = &sim->cluster.nodes[node];

	leave(sim, t);
	if (sim->cluster.is_dead[node])
		return;
	t->node = node;
	snprintf(t->connection, sizeof(t->connection), "p%u-%u", t->number, ++t->hops);
	converse_row(c, "%s connects", t->connection);
	if (c->failed) {
		c->failed = false; /* the node is full */
		return;
	}
	t->is_connected = true;
	sim->hops++;
	if (verbose)
		printf("%" PRIu64 " %c %s hops, %u sent\n", sim->step, (int)('a' + node), t->connection,
			(unsigned)t->sent);
	if (t->token[0] == '\0')
		converse_row(c, "%s > /nick n%u\n/resume", t->connection, t->number);
	else
		converse_row(c, "%s > /resume %" PRIu64 " %s %u", t->connection, t->last, t->token,
			(unsigned)t->sent);
}

static unsigned count_dead(const struct sim *sim)
{
	unsigned count = 0;

	for (size_t i = 0; i < sim->cluster.count; i++)
		count += sim->cluster.is_dead[i];
	return count;
}

static void change_node(struct sim *sim, unsigned node)
{
	char name = (char)('a' + node);

	if (sim->cluster.is_dead[node]) {
		row(sim, "%c returns", name);
	} else if (random_chance(&sim->random, 60)) {
		row(sim, "%c %s", name, random_chance(&sim->random, 40) ? "down" : "up");
	} else if (random_chance(&sim->random, 60)) {
		sim->cluster.nodes[node].upgrades = true;
		row(sim, "%c wait 1", name);
		sim->cluster.nodes[node].upgrades = false;
	} else if (count_dead(sim) + 1 < sim->cluster.count) {
		row(sim, "%c %s", name, random_chance(&sim->random, 50) ? "dies" : "dies late");
		sim->deaths++;
		for (size_t i = 0; i < PEOPLE; i++)
			if (sim->people[i].node == node)
				sim->people[i].is_connected = sim->people[i].is_ready = false;
	}
}

static void act(struct sim *sim)
{
	struct talker *t = &sim->people[random_below(&sim->random, PEOPLE)];
	uint32_t chance = random_below(&sim->random, 100);
	unsigned node = random_below(&sim->random, (uint32_t)sim->cluster.count);

	if (chance < 50)
		say(sim, t);
	else if (chance < 65)
		hop(sim, t, node);
	else if (chance < 75)
		row(sim, "wait %u", random_between(&sim->random, 1, 3000));
	else if (chance < 85)
		change_node(sim, node);
	else if (chance < 88)
		row(sim, "log late %u", random_below(&sim->random, 5));
	else if (chance < 90)
		row(sim, "log twice");
	else
		converse_turn(&sim->cluster.nodes[node]);
	listen_all(sim);
}

/* All that is on its way arrives, and everybody has seen everything. */
static void finish(struct sim *sim)
{
	for (unsigned i = 0; i < sim->cluster.count; i++)
		row(sim, "%c %s", (int)('a' + i), sim->cluster.is_dead[i] ? "returns" : "up");
	row(sim, "log late 0");
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < PEOPLE; i++) {
			row(sim, "wait 10000");
			listen_all(sim);
			if (!sim->people[i].is_ready)
				hop(sim, &sim->people[i], i % (unsigned)sim->cluster.count);
		}
	}
	row(sim, "wait 60000");
	listen_all(sim);
	for (unsigned i = 0; i < PEOPLE; i++) {
		struct talker *t = &sim->people[i];

		if (!t->is_ready)
			fail(sim, t, "is still waiting", NULL);
		while (t->is_ready && (t->sent < 3 || t->sent < t->most))
			say(sim, t);
		sim->sent[t->number] = t->sent;
	}
	row(sim, "wait 10000");
	listen_all(sim);
	for (unsigned i = 0; i < PEOPLE; i++)
		if (sim->people[i].last != sim->top)
			fail(sim, &sim->people[i], "has not seen the last line", NULL);
}

/* Everybody's lines, once and in order; all of those who have their token. */
static void check_lines(const struct sim *sim)
{
	uint32_t *last = calloc(sim->numbers + 1, sizeof(*last));

	if (last == NULL)
		abort();
	for (uint64_t id = 1; id <= sim->top; id++) {
		const char *text = sim->list[id] != NULL ? strstr(sim->list[id], "line ") : NULL;
		unsigned number, n;

		if (text == NULL || sscanf(text, "line %u.%u", &number, &n) != 2)
			continue;
		if (number > sim->numbers || n <= last[number])
			fail(sim, NULL, "twice, or out of order", sim->list[id]);
		if (sim->kept[number] && sim->missed == 0 && n != last[number] + 1)
			fail(sim, NULL, "a line before it is lost", sim->list[id]);
		last[number] = n;
	}
	for (unsigned i = 1; i <= sim->numbers; i++) {
		char text[80];

		snprintf(text, sizeof(text), "%u sent %u, %u are there", i, (unsigned)sim->sent[i],
			(unsigned)last[i]);
		if (sim->kept[i] && last[i] != sim->sent[i])
			fail(sim, NULL, "the last lines of somebody are lost", text);
	}
	free(last);
}

static void run(uint64_t seed, uint64_t steps)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	struct settings settings = converse_settings;

	if (sim == NULL)
		abort();
	sim->random = (struct random){ seed };
	sim->seed = seed;
	settings.max_clients = 64;
	settings.feed_bytes = random_chance(&sim->random, 50) ? 8192 : 256 * 1024;
	nodes_begin(&sim->cluster, random_between(&sim->random, 2, NODES_MAX), &settings);
	for (unsigned i = 0; i < PEOPLE; i++) {
		sim->people[i].number = ++sim->numbers;
		hop(sim, &sim->people[i], i % (unsigned)sim->cluster.count);
	}
	for (; sim->step < steps; sim->step++)
		act(sim);
	finish(sim);
	check_lines(sim);
	printf("seed %" PRIu64 ": %zu nodes, %" PRIu64 " lines, %" PRIu64 " received, %" PRIu64
		" missed, %" PRIu64 " hops, %" PRIu64 " deaths, %u people\n", seed,
		sim->cluster.count, sim->top, sim->received, sim->missed, sim->hops, sim->deaths,
		sim->numbers);
	for (size_t i = 0; i < sim->cluster.count; i++)
		sim->cluster.nodes[i].failed = true; /* what else they heard does not count */
	nodes_end(&sim->cluster);
	for (uint64_t id = 0; id < IDS_MAX; id++)
		free(sim->list[id]);
	free(sim);
}

int main(int argc, char **argv)
{
	uint64_t seed = 1, runs = 1, steps = 300;

	for (int i = 1; i + 1 < argc; i += 2) {
		uint64_t number = strtoull(argv[i + 1], NULL, 10);

		if (strcmp(argv[i], "--seed") == 0)
			seed = number;
		else if (strcmp(argv[i], "--runs") == 0)
			runs = number;
		else if (strcmp(argv[i], "--steps") == 0)
			steps = number;
		else if (strcmp(argv[i], "--verbose") == 0)
			verbose = number > 0;
	}
	for (uint64_t i = 0; i < runs; i++)
		run(seed + i, steps);
	return EXIT_SUCCESS;
}
