#include "test/sim/client.h"

#include <stdlib.h>
#include <string.h>

#include "test/sim/browser.h"
#include "test/sim/memory.h"
#include "test/sim/reader.h"
#include "test/sim/talk.h"

void client_free(struct peer *c)
{
	cable_finish(&c->to);
	cable_finish(&c->from_server);
	for (size_t i = 0; i < c->said_count; i++)
		free(c->said[i].text);
	free(c->said);
	free(c->todo);
	free(c->partial);
	free(c->ignores);
	free(c);
}

/* Somebody who has lost the connection, or whose session is to be taken over. */
static struct person *pick_lost(struct sim *sim)
{
	for (size_t i = sim->person_count; i > 0; i--) {
		struct person *person = sim->persons[i - 1];

		if (person->has_token && !person->has_left && !person->wanted &&
			person->client != NULL && !person->client->quitting &&
			(person->client->ending != ENDING_NONE || random_chance(&sim->random, 5)))
			return person;
	}
	return NULL;
}

void client_add(struct sim *sim)
{
	static const uint32_t wires[] = { 1500, 2048, 5000, 20000 },
		paces[] = { PACE_EAGER, PACE_EAGER, PACE_EAGER, PACE_BURSTY, PACE_TRICKLE,
			PACE_DEAD },
		verbosities[] = { 1, 1, 3, 30 };
	struct peer *c = memory_get(sizeof(*c));

	if (sim->arrival_count == sizeof(sim->arrivals) / sizeof(sim->arrivals[0]))
		abort();
	*c = (struct peer){ .number = (uint32_t)sim->client_count, .place = -1,
		.entered_at = -1 };
	c->from.family = ADDRESS_V4;
	memcpy(c->from.bytes, (uint8_t[]){ 192, 0, 2,
		(uint8_t)random_between(&sim->random, 1, SIM_HOSTS) }, 4);
	c->pace = (enum pace)RANDOM_PICK(&sim->random, paces);
	c->is_operator = random_chance(&sim->random, 10);
	c->is_browser = !c->is_operator && random_chance(&sim->random, 30);
	c->speaks_telnet = !c->is_browser && random_chance(&sim->random, 15);
	c->crlf_percent = c->is_browser || random_chance(&sim->random, 70) ? 0 :
									       random_between(&sim->random, 1, 100);
	c->verbosity = RANDOM_PICK(&sim->random, verbosities);
	c->wrong_guesses = random_chance(&sim->random, 70) ? 0 :
							      random_between(&sim->random, 1, 3);
	cable_init(&c->to, RANDOM_PICK(&sim->random, wires));
	cable_init(&c->from_server, RANDOM_PICK(&sim->random, wires));
	if (sim->resumes && random_chance(&sim->random, 50))
		c->was = pick_lost(sim);
	if (c->was != NULL)
		c->was->wanted = true;
	sim->clients = memory_grow(sim->clients, sim->client_count, sizeof(*sim->clients));
	sim->clients[sim->client_count++] = c;
	sim->arrivals[sim->arrival_count++] = c;
	if (c->is_browser)
		browser_begin(c);
	sim_trace(sim, c, c->is_browser ? "connects, a browser" : "connects");
}

/* Bytes that the client has written go on their way. */
static void flush(struct peer *c)
{
	size_t len;

	if (c->todo_len == 0)
		return;
	len = cable_put(&c->to, c->todo, c->todo_len);
	memmove(c->todo, c->todo + len, c->todo_len - len);
	c->todo_len -= len;
}

/* How many bytes the client reads now. */
static size_t appetite(struct sim *sim, struct peer *c)
{
	if (c->pace == PACE_EAGER || (sim->settling && c->pace != PACE_DEAD))
		return SIZE_MAX;
	if (c->pace == PACE_DEAD || sim->now.usec < c->reads_at)
		return 0;
	if (c->pace == PACE_TRICKLE) {
		c->reads_at = sim->now.usec + random_between(&sim->random, 1, 40) * TIME_MS;
		return random_between(&sim->random, 1, 200);
	}
	c->reads_at = sim->now.usec + random_between(&sim->random, 1, 3000) * TIME_MS;
	return SIZE_MAX;
}

static void read_some(struct sim *sim, struct peer *c)
{
	const uint8_t *bytes;
	size_t len;

	if (c->ending == ENDING_RESET || c->from_server.len == 0)
		return;
	len = cable_take(&c->from_server, appetite(sim, c), &bytes);
	if (len > 0 && c->is_browser)
		browser_take(sim, c, bytes, len);
	else if (len > 0)
		reader_take(sim, c, bytes, len);
}

/* The server has ended its side, and all that it sent is read. */
static void see_end(struct sim *sim, struct peer *c)
{
	if (c->eof || c->from_server.len > 0 || !(c->shut || c->closed) ||
		c->ending == ENDING_RESET)
		return;
	c->eof = true;
	reader_end(sim, c);
	if (c->ending == ENDING_NONE && c->pace != PACE_DEAD) {
		c->todo_len = 0;
		c->ending = ENDING_FIN;
	}
}

void client_move_all(struct sim *sim)
{
	for (size_t i = 0; i < sim->client_count; i++) {
		struct peer *c = sim->clients[i];

		if (c->done)
			continue;
		flush(c);
		read_some(sim, c);
		flush(c); /* the answer to a ping */
		see_end(sim, c);
		c->done = c->closed && (c->eof || c->ending == ENDING_RESET ||
						c->pace == PACE_DEAD);
		if (c->done && c->was != NULL)
			c->was->wanted = false;
	}
}

/* What is in flight is lost, or not. */
void client_reset(struct sim *sim, struct peer *c)
{
	/* The last line without its end, which a FIN would have ended. */
	if (c->ending == ENDING_FIN && c->last_is_cut && !c->ended)
		c->said[c->said_count - 1].end = UINT64_MAX;
	c->ending = ENDING_RESET;
	c->todo_len = 0;
	if (random_chance(&sim->random, 50))
		c->to.len = 0;
	c->from_server.len = 0;
}

void client_end(struct sim *sim, struct peer *c)
{
	bool fin = random_chance(&sim->random, 50);

	if (c->ending != ENDING_NONE)
		return;
	talk_end(sim, c, fin ? ENDING_FIN : ENDING_RESET);
	flush(c);
	if (!fin)
		client_reset(sim, c);
}
