#include "test/sim/cost.h"

#include "proto/telnet.h"
#include "server/core/input.h"
#include "server/core/client/http_peer.h"
#include "server/core/client/outbox.h"
#include "server/core/wire/websocket.h"
#include "test/sim/heap.h"

enum {
	SCRATCHES = 4,
	SCRATCH = 128 * 1024,
	LINE_MIN = 64,
	OUTBOX_MOST = OUTBOX_MAX + 4096, /* with the answers to the command that came last */
	BANS_MOST = 8 * (int)sizeof(struct ban),
};

void cost_begin(struct sim *sim)
{
	sim->base = heap_state()->bytes;
	sim->base_blocks = heap_state()->blocks;
	heap_watch();
}

static size_t ignores(void)
{
	return sizeof(struct ignores) + (IGNORES_MAX + 4) * sizeof(struct ignored);
}

/* What is there for all, and for those who are waited for. */
static size_t of_room(const struct sim *sim)
{
	size_t absences = 8;

	while (absences < sim->settings.max_clients)
		absences *= 2;
	return sim->base + SCRATCHES * SCRATCH + sim->settings.max_message + BANS_MOST +
		absences * sizeof(struct session) + sim->settings.max_clients * ignores();
}

/* What one that comes over WebSocket may have besides. */
static size_t of_browser(void)
{
	return sizeof(struct websocket) + 2 * sizeof(struct websocket_control) +
		sizeof(struct http_peer) + HTTP_PEER_BYTES;
}

/* What a connection may have pending. */
static size_t of_client(const struct sim *sim, const struct peer *c)
{
	size_t line = sim->settings.max_message < LINE_MIN ? LINE_MIN : sim->settings.max_message;

	return line + sizeof(struct telnet) + 2 * CHAT_READ_MAX + OUTBOX_MOST + ignores() +
		(c->is_browser ? of_browser() : 0);
}

void cost_check(struct sim *sim)
{
	const struct heap *heap = heap_state();
	size_t most = of_room(sim);

	if (heap->largest > OUTBOX_MOST && heap->largest != SCRATCH)
		sim_fail(sim, NULL, "%zu bytes in one piece", heap->largest);
	heap_watch();
	for (uint32_t i = 0; i < sim->places; i++)
		if (sim->seats[i] != NULL)
			most += of_client(sim, sim->seats[i]);
	if (heap->bytes > most)
		sim_fail(sim, NULL, "%zu bytes, at most %zu", heap->bytes, most);
}

/* Blocks that may be there for all, once there was use for them. */
static size_t blocks_of_room(const struct sim *sim)
{
	enum { LIST_OF_BANS = 1, MOTD = 1, SESSIONS = 2 }; /* their list and its index */

	return sim->base_blocks + SCRATCHES + LIST_OF_BANS + MOTD +
		(sim->resumes ? SESSIONS + sim->settings.max_clients : 0);
}

static size_t blocks_of_client(const struct peer *c)
{
	enum { LINE = 1, WAITING = 1, REPLY = 1, CONTROLS = 2 };
	size_t blocks = (c->speaks_telnet ? 1u : 0u) + (c->ignore_count > 0 ? 1u : 0u);

	if (c->is_browser)
		blocks += c->pace == PACE_DEAD || c->ending != ENDING_NONE ? 1 + CONTROLS : 1;
	if (c->pace == PACE_DEAD || c->ending != ENDING_NONE || c->shut)
		blocks += LINE + WAITING + REPLY;
	return blocks;
}

void cost_check_rest(struct sim *sim)
{
	size_t most = blocks_of_room(sim);

	for (uint32_t i = 0; i < sim->places; i++)
		if (sim->seats[i] != NULL)
			most += blocks_of_client(sim->seats[i]);
	if (heap_state()->blocks > most)
		sim_fail(sim, NULL, "%zu blocks of memory at rest, at most %zu",
			heap_state()->blocks, most);
}

bool cost_is_short(const struct sim *sim)
{
	return heap_state()->failures > sim->failures;
}

void cost_check_victims(struct sim *sim, uint64_t victims)
{
	uint64_t failures = heap_state()->failures - sim->failures;

	if (victims > failures)
		sim_fail(sim, NULL, "%llu went for want of memory, which there was %llu times",
			(unsigned long long)victims, (unsigned long long)failures);
	sim->failures = heap_state()->failures;
}
