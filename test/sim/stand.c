#include "test/sim/stand.h"

#include "test/sim/sight.h"
#include "test/sim/truth.h"

bool stand_is_event(const struct entry *line)
{
	return line->user_id == 0;
}

enum sight stand_sight(const struct sim *sim, const struct peer *c, uint64_t id)
{
	const struct entry *line = truth_line(sim, id);

	return stand_is_event(line) ? SIGHT_YES : sight_of_user(sim, c, line->user_id, id);
}

/* The first record behind from..before that holds `count` messages. */
static uint64_t replay_start(const struct sim *sim, uint64_t end, uint64_t count)
{
	uint64_t from = end;

	for (uint64_t id = end; id > sim->truth.base && count > 0; id--) {
		if (!stand_is_event(truth_line(sim, id - 1))) {
			from = id - 1;
			count--;
		}
	}
	return from;
}

uint64_t stand_most(const struct sim *sim, const struct peer *c)
{
	uint64_t id = c->cursor;

	while (id < truth_next(sim) && stand_sight(sim, c, id) != SIGHT_YES)
		id++;
	return id > c->cursor + c->slack ? id : c->cursor + c->slack;
}

void stand_replay(const struct sim *sim, struct peer *c, uint64_t count)
{
	/* What it has passed over unseen and sees now is taken for what comes behind the replay. */
	c->replay_end = c->cursor;
	c->replay_at = replay_start(sim, c->cursor, count);
	c->replay_must = replay_start(sim, stand_most(sim, c), count);
}
