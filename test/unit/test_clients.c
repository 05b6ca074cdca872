/*
 * Slots: the lowest free one is given out, and nobody's moves. Ignore lists.
 */
#include "server/core/client/client.h"
#include "test/unit/unit.h"

#include <stdlib.h>

static struct client *take(struct clients *s, bool refusal)
{
	struct client *client = clients_take(s, refusal ? CLIENTS_REFUSED : CLIENTS_SLOTS);

	if (client != NULL)
		client->state = CLIENT_HERE;
	return client;
}

static void test_lowest_free(void)
{
	struct clients s;
	struct client *second, *third;

	CHECK_INT(clients_init(&s, 4, 1, 0), 0);
	for (uint32_t i = 0; i < 4; i++) {
		struct client *client = take(&s, false);

		CHECK(client != NULL && clients_index(&s, client) == i);
		CHECK(client->user.id == i + 1 && client->member.cursor == 0 && client->user.nick_len == 0);
		CHECK_INT(s.used, i + 1);
	}
	CHECK(take(&s, false) == NULL);
	second = &s.list[1];
	third = &s.list[2];
	third->member.cursor = 42;
	clients_release(&s, second);
	CHECK_INT(second->state, CLIENT_FREE);
	CHECK_INT(s.used, 3);
	CHECK(take(&s, false) == second);
	CHECK(second->user.id == 5 && third->user.id == 3 && third->member.cursor == 42);
	clients_release(&s, third);
	clients_release(&s, second);
	CHECK(take(&s, false) == second);
	CHECK(take(&s, false) == third);
	CHECK(take(&s, false) == NULL);
	clients_finish(&s);
}

/* Refusals have places of their own, behind the clients'. */
static void test_refusals(void)
{
	struct clients s;
	struct client *refused;

	CHECK_INT(clients_init(&s, 2, 2, 0), 0);
	refused = take(&s, true);
	CHECK_INT(clients_index(&s, refused), 2);
	CHECK_INT(s.used, 0);
	CHECK_INT(s.top, 3);
	CHECK_INT(clients_index(&s, take(&s, true)), 3);
	CHECK(take(&s, true) == NULL);
	CHECK_INT(clients_index(&s, take(&s, false)), 0);
	clients_release(&s, refused);
	CHECK_INT(s.used, 1);
	CHECK(take(&s, true) == refused);
	clients_finish(&s);
}

/* All from top on are free, whatever comes and goes, at and around the args of the bitmap. */
static void test_many(void)
{
	enum { MAX = 200, STEPS = 20000 };
	static bool taken[MAX];
	struct clients s;

	srand(1);
	CHECK_INT(clients_init(&s, MAX, 0, 0), 0);
	for (int step = 0; step < STEPS; step++) {
		uint32_t i = (uint32_t)rand() % MAX, lowest = 0, top = 0;

		if (step / 500 % 2 ? taken[i] : taken[i] && rand() % 3 == 0) {
			clients_release(&s, &s.list[i]);
			taken[i] = false;
		} else {
			struct client *client;

			while (lowest < MAX && taken[lowest])
				lowest++;
			client = take(&s, false);
			CHECK(lowest == MAX ? client == NULL : client == &s.list[lowest]);
			if (lowest < MAX)
				taken[lowest] = true;
		}
		for (uint32_t j = 0; j < MAX; j++)
			if (taken[j])
				top = j + 1;
		CHECK_INT(s.top, top);
		if (unit_failures > 0)
			break;
	}
	clients_finish(&s);
	CHECK(s.list == NULL);
	clients_finish(&s);
}

static void test_a_certain_place(void)
{
	struct clients s;

	CHECK_INT(clients_init(&s, 3, 1, 0), 0);
	CHECK(clients_take_place(&s, 2) == &s.list[2]);
	s.list[2].state = CLIENT_HERE;
	CHECK(clients_take_place(&s, 2) == NULL);
	CHECK_INT(s.used, 1);
	CHECK_INT(s.top, 3);
	CHECK(take(&s, false) == &s.list[0]);
	CHECK(take(&s, false) == &s.list[1]);
	CHECK(take(&s, false) == NULL);
	clients_finish(&s);
}

/* A user_id is never 0, and goes round. */
static void test_serials(void)
{
	struct clients s;

	CHECK_INT(clients_init(&s, 3, 0, 0), 0);
	s.next_user_id = UINT32_MAX;
	CHECK_INT(take(&s, false)->user.id, UINT32_MAX);
	CHECK_INT(take(&s, false)->user.id, 1);
	clients_finish(&s);
}

static void test_release_frees_all(void)
{
	struct clients s;
	struct client *client;

	CHECK_INT(clients_init(&s, 1, 0, 0), 0);
	client = take(&s, false);
	client->wire.telnet = calloc(1, sizeof(*client->wire.telnet));
	CHECK_INT(wire_put_off(&client->wire, "0123456789", 10), 0);
	CHECK(line_hold(&client->wire.line) != NULL);
	client->wire.line.held->bytes = malloc(10);
	client->wire.line.held->size = client->wire.line.held->len = 10;
	client_begin_resumption(client, calloc(1, sizeof(struct resumption)));
	CHECK_INT(wire_put_off(&client_resumption(client)->wire, "0123456789", 10), 0);
	CHECK(outbox_add(&client->outbox, 1, 10) != NULL);
	CHECK_INT(ignores_add(&client->user.ignores, 7, "", 0), IGNORE_DONE);
	clients_release(&s, client);
	CHECK(client->wire.telnet == NULL && client->wire.backlog == NULL &&
		client->user.ignores == NULL && client_resumption(client) == NULL);
	clients_finish(&s);
}

/* Invariant 9: what an idle client costs, beside the loop's entries for it. */
static void test_size(void)
{
	CHECK(sizeof(struct client) <= 256);
}

static const struct unit_test tests[] = {
	{ "an idle one is small", test_size },
	{ "the lowest free one", test_lowest_free },
	{ "refusals", test_refusals },
	{ "many that come and go", test_many },
	{ "a certain place", test_a_certain_place },
	{ "serials", test_serials },
	{ "a release frees all", test_release_frees_all },
};

UNIT_MAIN(tests)
