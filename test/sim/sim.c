#include "test/sim/sim.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/client.h"
#include "test/sim/cost.h"
#include "test/sim/heap.h"
#include "test/sim/reader.h"
#include "test/sim/shell.h"
#include "test/sim/talk.h"
#include "test/sim/truth.h"

static void print(const struct sim *sim, const struct peer *c, const char *format,
	va_list arguments) __attribute__((format(printf, 3, 0)));

static void print(const struct sim *sim, const struct peer *c, const char *format,
	va_list arguments)
{
	char line[4096];

	vsnprintf(line, sizeof(line), format, arguments);
	fprintf(stderr, "%10lld ", (long long)sim->now.usec);
	if (c != NULL)
		fprintf(stderr, "client %u ", (unsigned)c->number);
	for (const char *s = line; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			fprintf(stderr, "\\x%02x", *s);
		else
			fputc(*s, stderr);
	fputc('\n', stderr);
}

void sim_fail(const struct sim *sim, const struct peer *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print(sim, c, format, arguments);
	va_end(arguments);
	fprintf(stderr, "sim: failed in step %llu, to see it: sim --seed %llu -v\n",
		(unsigned long long)sim->step, (unsigned long long)sim->seed);
	exit(1);
}

void sim_trace(const struct sim *sim, const struct peer *c, const char *format, ...)
{
	va_list arguments;

	if (!sim->verbose)
		return;
	va_start(arguments, format);
	print(sim, c, format, arguments);
	va_end(arguments);
}

static uint64_t token_state;

/* Tokens: never twice the same, and the same for the same seed. */
static void fill_random(void *buffer, size_t len)
{
	struct random random = { ++token_state };
	uint8_t *bytes = buffer;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)random_next(&random);
}

static void choose_settings(struct sim *sim)
{
	static const uint32_t messages[] = { 64, 64, 100, 300 }, rates[] = { 0, 0, 5, 20, 100 },
		bursts[] = { 1, 5, 40 }, hosts[] = { 0, 0, 0, 3, 8 }, replays[] = { 0, 3, 10 },
		idles[] = { 0, 0, 0, 0, 40 }, announced[] = { 1000, 1000, 1000, 3 },
		feeds[] = { 1, 1, 2, 8 };
	struct settings *s = &sim->settings;

	*s = (struct settings){ .name = "sim" };
	s->max_clients = random_between(&sim->random, 2, SIM_CLIENTS);
	s->max_message = RANDOM_PICK(&sim->random, messages);
	s->rate = RANDOM_PICK(&sim->random, rates);
	s->burst = RANDOM_PICK(&sim->random, bursts);
	s->max_per_host = RANDOM_PICK(&sim->random, hosts);
	s->feed_bytes = FEED_LINES_MIN * feed_line_max(s->max_message) *
		RANDOM_PICK(&sim->random, feeds);
	s->replay = RANDOM_PICK(&sim->random, replays);
	s->idle_timeout = RANDOM_PICK(&sim->random, idles);
	s->announce_max = RANDOM_PICK(&sim->random, announced);
	if (random_chance(&sim->random, 15))
		s->password = "open sesame";
	sim->scarce = random_chance(&sim->random, 40);
	sim->exact = s->announce_max > SIM_CLIENTS;
	sim->resumes = sim->exact && random_chance(&sim->random, 60);
}

/* For want of any of the memory that a room takes there is none, and nothing stays behind. */
static void create(struct sim *sim)
{
	size_t bytes = heap_state()->bytes;

	for (uint32_t calls = 0; sim->chat == NULL; calls++) {
		heap_fail_behind(calls);
		sim->chat = chat_create(&(struct chat_setup){ &sim->settings, sim->log, fill_random,
			sim->now });
		if (sim->chat == NULL && heap_state()->bytes != bytes)
			sim_fail(sim, NULL, "%zu bytes of no room are left",
				heap_state()->bytes - bytes);
	}
	heap_relent();
	sim->failures = heap_state()->failures;
}

static void begin(struct sim *sim)
{
	token_state = sim->seed << 20;
	sim->now = (struct time){ .usec = 1000 * TIME_SECOND, .time = 1666214645 };
	sim->looked_at = sim->now.usec;
	choose_settings(sim);
	sim->log = &sim->logs[0];
	if (log_init(sim->log, false) < 0)
		abort();
	create(sim);
	sim->places = chat_places(sim->chat);
	cost_begin(sim);
	truth_init(sim);
}

static void finish(struct sim *sim)
{
	heap_relent();
	for (size_t i = 0; i < sim->client_count; i++)
		client_free(sim->clients[i]);
	free(sim->clients);
	truth_finish(sim);
	chat_destroy(sim->chat);
	log_finish(sim->log);
	if (heap_state()->blocks != 0)
		sim_fail(sim, NULL, "the room has gone, %zu bytes of it are left",
			heap_state()->bytes);
}

static void pass_time(struct sim *sim, int64_t usec)
{
	sim->now.time += (sim->now.usec + usec) / TIME_SECOND -
		sim->now.usec / TIME_SECOND;
	sim->now.usec += usec;
	chat_turn(sim->chat, sim->now);
}

/* Turns, as long as there is something to do and until then. */
static void run_until(struct sim *sim, int64_t then)
{
	while (sim->now.usec < then) {
		int64_t next = chat_deadline(sim->chat);
		/* Others read and write meanwhile, so no sleep is long. */
		int64_t most = sim->now.usec + random_between(&sim->random, 1, 20) * TIME_MS;

		client_move_all(sim);
		if (shell_is_ready(sim) || next <= sim->now.usec) {
			shell_turn(sim);
			pass_time(sim, random_between(&sim->random, 1, 300));
			continue;
		}
		next = next < then ? next : then;
		if (sim->arrival_count == 0 && most < next && !sim->settling)
			next = most;
		pass_time(sim, next - sim->now.usec);
	}
}

/* Until nothing is left to do, for so long at least. */
static void come_to_rest(struct sim *sim, int64_t patience)
{
	uint64_t turns = sim->turns;

	sim->settling = true;
	for (;;) {
		int64_t next = chat_deadline(sim->chat);

		client_move_all(sim);
		if (!shell_is_ready(sim)) {
			if (next - sim->now.usec > patience)
				break;
			if (next > sim->now.usec)
				pass_time(sim, next - sim->now.usec);
		}
		shell_turn(sim);
		pass_time(sim, random_between(&sim->random, 1, 300));
		if (sim->turns - turns > 200000)
			sim_fail(sim, NULL, "does not come to rest");
	}
	sim->settling = false;
}

/* Its lines that came before it ended its side were heard, unless it was thrown out. */
static void check_gone(struct sim *sim, struct peer *c)
{
	if (c->checked || c->taken_over || c->person == NULL || c->entered_at < 0 ||
		sim->stopping)
		return;
	c->checked = true;
	if (!c->eof || c->quitting || c->thrown || c->unlucky || c->person->shown)
		return;
	for (size_t i = c->acted; i < c->said_count; i++)
		if ((c->said[i].op == OP_SAY || c->said[i].op == OP_ACT) &&
			c->said[i].end <= c->bytes_delivered)
			sim_fail(sim, c, "line %zu was lost with the connection", i);
}

static void check_rest(struct sim *sim)
{
	for (size_t i = 0; i < sim->client_count; i++) {
		struct peer *c = sim->clients[i];

		if (c->place < 0) {
			check_gone(sim, c);
			continue;
		}
		if (c->pace == PACE_DEAD || c->ending != ENDING_NONE || c->quitting ||
			c->was_refused || c->shut || c->taken_over)
			continue;
		if (c->todo_len > 0 || c->to.len > 0)
			sim_fail(sim, c, "has said what nobody reads");
		reader_check_rest(sim, c);
	}
	cost_check_rest(sim);
}

static struct peer *pick_client(struct sim *sim)
{
	return sim->seats[random_below(&sim->random, sim->settings.max_clients)];
}

static void act(struct sim *sim)
{
	struct peer *c = pick_client(sim);
	uint32_t lines;

	if (c == NULL) {
		if (sim->arrival_count < 4 && random_chance(&sim->random, 30))
			client_add(sim);
		return;
	}
	if (random_chance(&sim->random, 2)) {
		client_end(sim, c);
		return;
	}
	if (c->todo_len > 20000)
		return;
	for (lines = random_between(&sim->random, 1, c->verbosity); lines > 0; lines--)
		talk(sim, c);
}

static void step(struct sim *sim)
{
	uint32_t actors = random_between(&sim->random, 0, 3);
	uint32_t choice = random_below(&sim->random, 1000);

	while (actors-- > 0)
		act(sim);
	if (sim->scarce && random_chance(&sim->random, 3))
		heap_fail_behind(random_below(&sim->random, 40));
	if (choice < 2 && sim->arrival_count == 0)
		client_add(sim);
	if (choice < 4) {
		come_to_rest(sim, 3 * TIME_SECOND);
		check_rest(sim);
	} else if (choice < 7) {
		shell_upgrade(sim, fill_random);
	} else if (choice < 9) {
		run_until(sim,
			sim->now.usec + random_between(&sim->random, 1, 40) * TIME_SECOND);
	} else if (choice < 300) {
		run_until(sim, sim->now.usec + random_between(&sim->random, 1, 50) * TIME_MS);
	} else {
		run_until(sim, sim->now.usec + 1);
	}
}

/* Everybody goes, and nothing is left of them. */
static void end_all(struct sim *sim)
{
	static const char bye[] = "";

	come_to_rest(sim, 3 * TIME_SECOND);
	check_rest(sim);
	if (random_chance(&sim->random, 30)) {
		sim->stopping = true;
		chat_shutdown(sim->chat, bye, 0);
		truth_watch(sim);
	}
	for (uint32_t i = 0; i < sim->places; i++)
		if (sim->seats[i] != NULL && sim->seats[i]->pace == PACE_DEAD)
			client_reset(sim, sim->seats[i]);
		else if (sim->seats[i] != NULL && !sim->stopping)
			client_end(sim, sim->seats[i]);
	come_to_rest(sim, 100 * TIME_SECOND);
	check_rest(sim);
	for (uint32_t i = 0; i < sim->places; i++)
		if (sim->seats[i] != NULL)
			sim_trace(sim, sim->seats[i], "is still there");
	if (chat_clients(sim->chat) != 0 || chat_is_owing(sim->chat))
		sim_fail(sim, NULL, "everybody has gone, %u clients are left",
			(unsigned)chat_clients(sim->chat));
}

/* An assertion of the core's ends the program without a word about the seed. */
static const struct sim *running;

static void say_seed(int signal)
{
	fprintf(stderr, "sim: aborted in step %llu, to see it: sim --seed %llu -v\n",
		(unsigned long long)running->step, (unsigned long long)running->seed);
}

void sim_run(uint64_t seed, uint64_t steps, bool verbose, uint64_t counts[3])
{
	struct sim *sim = calloc(1, sizeof(*sim));

	if (sim == NULL)
		abort();
	running = sim;
	signal(SIGABRT, say_seed);
	sim->random.state = sim->seed = seed;
	sim->verbose = verbose;
	begin(sim);
	for (sim->step = 0; sim->step < steps; sim->step++)
		step(sim);
	end_all(sim);
	counts[0] += truth_next(sim) - sim->truth.base;
	counts[1] += sim->lines_received;
	counts[2] += sim->lines_missed;
	finish(sim);
	signal(SIGABRT, SIG_DFL);
	free(sim);
}
