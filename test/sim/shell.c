#include "test/sim/shell.h"

#include <string.h>

#include "test/sim/browser.h"
#include "test/sim/cost.h"
#include "test/sim/heap.h"
#include "test/sim/people.h"
#include "test/sim/reader.h"
#include "test/sim/truth.h"

/* One walk of the core's, of chat_next_owed() or its sisters: marks those that it names. */
static void mark_named(struct sim *sim, bool (*next)(struct chat *, uint32_t *))
{
	for (uint32_t i = 0; i < sim->places; i++)
		if (sim->seats[i] != NULL)
			sim->seats[i]->is_named = false;
	for (uint32_t i = 0; next(sim->chat, &i); i++)
		if (sim->seats[i] != NULL)
			sim->seats[i]->is_named = true;
}

static bool is_readable(const struct peer *c)
{
	return !c->ended && (c->to.len > 0 || c->ending == ENDING_RESET ||
		(c->ending == ENDING_FIN && c->todo_len == 0));
}

/* A kernel says so only when a good part of its buffer has drained. */
static bool is_writable(const struct peer *c)
{
	return c->ending == ENDING_RESET || cable_room(&c->from_server) >= c->from_server.size / 3;
}

static bool has_event(const struct peer *c)
{
	return ((c->interest & (CHAT_READ | CHAT_SHUT)) && is_readable(c)) ||
		((c->interest & CHAT_WRITE) && c->blocked && is_writable(c));
}

bool shell_is_ready(const struct sim *sim)
{
	if (sim->again || sim->arrival_count > 0)
		return true;
	for (uint32_t i = 0; i < sim->places; i++)
		if (sim->seats[i] != NULL && has_event(sim->seats[i]))
			return true;
	return false;
}

/* Whether its password has come by now. */
static bool has_shown_password(const struct peer *c)
{
	for (size_t i = 0; i < c->said_count; i++)
		if (c->said[i].op == OP_PASSWORD)
			return c->said[i].end <= c->bytes_delivered;
	return false;
}

static uint32_t lowest_free(const struct sim *sim)
{
	uint32_t i = 0;

	while (i < sim->settings.max_clients && sim->seats[i] != NULL)
		i++;
	return i;
}

/*
 * How many places are taken from a host; certain: by those who are surely not leaving, as a browser
 * that is still to close may be.
 */
static uint32_t count_host(const struct sim *sim, const struct peer *from, bool certain)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < sim->settings.max_clients; i++) {
		const struct peer *c = sim->seats[i];

		if (c != NULL && c->from.bytes[3] == from->from.bytes[3])
			count += !certain || (chat_wants(sim->chat, i) == CHAT_READ && !c->is_browser);
	}
	/* Those who have only asked to come in count, too. */
	for (uint32_t i = sim->settings.max_clients; !certain && i < sim->places; i++)
		count += sim->seats[i] != NULL && sim->seats[i] != from &&
			sim->seats[i]->is_browser &&
			sim->seats[i]->from.bytes[3] == from->from.bytes[3];
	return count;
}

static void seat_refused(struct sim *sim, struct peer *c, uint32_t lowest)
{
	uint32_t most = sim->settings.max_per_host;

	if (lowest < sim->settings.max_clients && !sim->has_banned &&
		(most == 0 || count_host(sim, c, false) < most))
		sim_fail(sim, c, "was refused, and slot %u is free", (unsigned)lowest + 1);
	c->was_refused = true;
}

static void seat(struct sim *sim, struct peer *c, uint32_t lowest)
{
	uint32_t most = sim->settings.max_per_host;

	if ((uint32_t)c->place != lowest)
		sim_fail(sim, c, "got slot %d, not %u", c->place + 1, (unsigned)lowest + 1);
	if (most > 0 && count_host(sim, c, true) >= most)
		sim_fail(sim, c, "is one too many of its host");
	c->person = people_add(sim, c, (uint32_t)c->place + 1);
	/* Operators are not asked for it. */
	if (sim->settings.password == NULL || c->is_operator)
		reader_enter(sim, c, chat_feed(sim->chat, 0)->next, chat_clients(sim->chat));
}

static void note_lost(const struct sim *sim, struct peer *c)
{
	c->ended_at = sim->now.usec;
	if (c->person != NULL && c->person->client == c && c->person->lost_at < 0)
		c->person->lost_at = sim->now.usec;
}

/* One who asked to come in over WebSocket is a client now, at another place, or was refused. */
static void follow(struct sim *sim, struct peer *c)
{
	uint32_t from, to, lowest = lowest_free(sim);

	if (chat_moved(sim->chat, &from, &to)) {
		sim->seats[from] = NULL;
		c->place = (int)to;
		c->slot = (unsigned)to + 1;
		if (from < sim->settings.max_clients || sim->seats[to] != NULL)
			sim_fail(sim, c, "went from place %u to %u", (unsigned)from, (unsigned)to);
		seat(sim, c, lowest);
		sim->seats[to] = c;
	} else if (c->person == NULL && !c->was_refused &&
		(chat_wants(sim->chat, (uint32_t)c->place) & CHAT_WRITE)) {
		seat_refused(sim, c, lowest);
	}
	if (c->closing_at > 0 && c->bytes_delivered >= c->closing_at && !c->has_hung_up) {
		c->has_hung_up = true;
		note_lost(sim, c);
	}
}

static void receive(struct sim *sim, struct peer *c)
{
	uint32_t most = random_chance(&sim->random, 30) ? random_between(&sim->random, 1, 40) :
							   (uint32_t)CHAT_READ_MAX;
	uint64_t next = chat_feed(sim->chat, 0)->next;
	uint32_t clients = chat_clients(sim->chat);
	const uint8_t *bytes;
	size_t len = cable_take(&c->to, most, &bytes);

	/* A line of one who is refused might be a token, and take the place of somebody else. */
	if (c->shut || c->was_refused)
		return;
	c->bytes_delivered += len;
	c->heard_at = sim->now.usec;
	chat_receive(sim->chat, (uint32_t)c->place, bytes, len);
	if (c->is_browser)
		follow(sim, c);
	if (c->entered_at < 0 && has_shown_password(c))
		reader_enter(sim, c, next, clients);
	truth_watch(sim);
}

static void end(struct sim *sim, struct peer *c)
{
	sim_trace(sim, c, "has ended");
	c->ended = true;
	if (!c->has_hung_up)
		note_lost(sim, c);
	chat_end(sim->chat, (uint32_t)c->place,
		c->ending == ENDING_FIN ? CHAT_FIN : CHAT_RESET);
	truth_watch(sim);
}

static void read_ready(struct sim *sim)
{
	for (uint32_t i = 0; i < sim->places; i++) {
		struct peer *c = sim->seats[i];

		if (c == NULL)
			continue;
		if (c->blocked && is_writable(c)) {
			c->blocked = false;
			chat_retry(sim->chat, i);
		}
		if (!(c->interest & (CHAT_READ | CHAT_SHUT)) || !is_readable(c))
			continue;
		sim->moved = true;
		if (c->to.len > 0)
			receive(sim, c);
		else
			end(sim, c);
		c->interest = chat_wants(sim->chat, (uint32_t)c->place);
	}
}

static void read_places(struct sim *sim)
{
	read_ready(sim);
	if (random_chance(&sim->random, 30))
		read_ready(sim);
	chat_resume_input(sim->chat);
	truth_watch(sim);
}

/* Whether a browser is told that there is no memory for it, which it may never read. */
static bool is_dismissal(const struct peer *c, const struct iovec *iov)
{
	static const uint8_t code[] = { 1011 >> 8, 1011 & 0xff };
	const uint8_t *frame = iov->iov_base;

	return c->is_browser && iov->iov_len >= 4 && frame[0] == 0x88 &&
		memcmp(frame + 2, code, sizeof(code)) == 0;
}

static void send_place(struct sim *sim, struct peer *c)
{
	struct iovec iov[CHAT_IOV];
	int count = chat_output(sim->chat, (uint32_t)c->place, iov);
	size_t all = 0, len, sent = 0;

	if (count == 0)
		return;
	c->unlucky = c->unlucky || is_dismissal(c, iov);
	if (c->ending == ENDING_RESET) {
		chat_hangup(sim->chat, (uint32_t)c->place);
		sim->moved = true;
		return;
	}
	for (int i = 0; i < count; i++)
		all += iov[i].iov_len;
	if (all == 0)
		sim_fail(sim, c, "is owed nothing, in %d pieces", count);
	len = cable_room(&c->from_server) < all ? cable_room(&c->from_server) : all;
	if (len > 0 && random_chance(&sim->random, 15))
		len = random_below(&sim->random, (uint32_t)len + 1);
	for (int i = 0; i < count && sent < len; i++)
		sent += cable_put(&c->from_server, iov[i].iov_base,
			iov[i].iov_len < len - sent ? iov[i].iov_len : len - sent);
	c->blocked = sent < all;
	sim->moved = sim->moved || sent > 0;
	sim_trace(sim, c, "is sent %zu of %zu bytes", sent, all);
	chat_sent(sim->chat, (uint32_t)c->place, sent);
}

/* A reader that takes nothing holds the others back for a second in all. */
static void check_held(struct sim *sim, struct peer *c)
{
	int64_t gap = sim->now.usec - sim->looked_at;

	if (!c->holding)
		return;
	c->held += gap;
	if (gap > c->held_gap)
		c->held_gap = gap;
	if (c->pace == PACE_DEAD && c->held > TIME_SECOND + 3 * c->held_gap)
		sim_fail(sim, c, "has held the room back for %lld ms",
			(long long)c->held / TIME_MS);
}

static bool next_throttling(struct chat *chat, uint32_t *place)
{
	return chat_next_throttling(chat, place);
}

static void look_at_holders(struct sim *sim)
{
	mark_named(sim, next_throttling);
	for (uint32_t i = 0; i < sim->places; i++) {
		struct peer *c = sim->seats[i];
		bool holds = c != NULL && c->is_named;

		if (holds) {
			check_held(sim, c);
			chat_unsent(sim->chat, i, c->from_server.len);
		}
		if (c != NULL)
			c->holding = holds;
	}
	sim->looked_at = sim->now.usec;
}

static void send_places(struct sim *sim)
{
	mark_named(sim, chat_next_owed);
	for (uint32_t i = 0; i < sim->places; i++) {
		struct peer *c = sim->seats[i];

		if (c == NULL || c->blocked || (chat_wants(sim->chat, i) & CHAT_WRITE) == 0)
			continue;
		if (!c->is_named)
			sim_fail(sim, c, "is owed something, and not named");
		send_place(sim, c);
	}
	look_at_holders(sim);
}

static void accept_newcomers(struct sim *sim)
{
	static const struct web_profile profile;

	for (size_t i = 0; i < sim->arrival_count; i++) {
		struct peer *c = sim->arrivals[i];
		uint32_t lowest = lowest_free(sim);

		c->place = c->is_browser ? chat_connect_web(sim->chat, &c->from, &profile)
			: chat_connect(sim->chat, &c->from, c->is_operator, NULL);
		c->slot = (unsigned)c->place + 1;
		if (c->place < 0) {
			c->closed = true;
			c->was_refused = true;
			continue;
		}
		c->heard_at = sim->now.usec;
		if (c->is_browser)
			sim_trace(sim, c, "has place %d", c->place);
		else if ((uint32_t)c->place >= sim->settings.max_clients)
			seat_refused(sim, c, lowest);
		else
			seat(sim, c, lowest);
		if (sim->seats[c->place] != NULL)
			sim_fail(sim, c, "got a place that is taken");
		sim->seats[c->place] = c;
		sim->moved = true;
		truth_watch(sim);
	}
	sim->arrival_count = 0;
}

/*
 * Who is closed in a turn in which memory was short may be the one that it was for; who is closed
 * for no other reason must be.
 */
static uint64_t count_victim(struct sim *sim, struct peer *c)
{
	if (!cost_is_short(sim))
		return 0;
	c->unlucky = true;
	return c->person != NULL && !c->ended && !c->shut && !c->quitting && c->ending != ENDING_RESET &&
		c->pace != PACE_DEAD;
}

static void close_place(struct sim *sim, struct peer *c)
{
	sim_trace(sim, c, "is closed");
	if (!c->ended && browser_is_silent(sim, c))
		note_lost(sim, c);
	sim->seats[c->place] = NULL;
	chat_release(sim->chat, (uint32_t)c->place);
	c->place = -1;
	c->closed = true;
	sim->moved = true;
}

/* What a place wants may change only if it is named, or nobody would see it. */
static void check_change(const struct sim *sim, const struct peer *c, unsigned wants)
{
	unsigned more = wants & ~c->interest & ~(unsigned)CHAT_WRITE;

	if (more != 0 && !c->is_named)
		sim_fail(sim, c, "wants %#x, not %#x, and is not named", wants, c->interest);
	if ((wants & CHAT_WRITE) && !c->blocked && !chat_has_owed(sim->chat))
		sim_fail(sim, c, "is owed something, and nobody is named");
}

static void settle(struct sim *sim)
{
	uint64_t victims = 0;

	sim->again = false;
	mark_named(sim, chat_next_changed);
	for (uint32_t i = 0; i < sim->places; i++) {
		struct peer *c = sim->seats[i];

		if (c == NULL)
			continue;
		check_change(sim, c, chat_wants(sim->chat, i));
		c->interest = chat_wants(sim->chat, i);
		if (c->interest & (CHAT_FREE | CHAT_DONE)) {
			victims += count_victim(sim, c);
			close_place(sim, c);
			continue;
		}
		if (c->interest & CHAT_SHUT)
			c->shut = true;
		if ((c->interest & CHAT_WRITE) && !c->blocked)
			sim->again = true;
	}
	cost_check(sim);
	cost_check_victims(sim, victims);
}

/* What the log says is drained now and then, and safe. */
static void drain_log(struct sim *sim)
{
	const char *bytes;
	size_t len = log_pending(sim->log, &bytes);

	if (!random_chance(&sim->random, 10))
		return;
	for (size_t i = 0; i < len; i++)
		if (((uint8_t)bytes[i] < ' ' && bytes[i] != '\n') || bytes[i] == 0x7f)
			sim_fail(sim, NULL, "the log has a control character");
	log_written(sim->log, len);
}

/* Turns in which nothing happens, one upon the other, are a spinning processor. */
static void check_idle(struct sim *sim)
{
	if (sim->moved) {
		sim->idle_turns = 0;
		sim->idle_since = sim->now.usec;
		return;
	}
	if (++sim->idle_turns < 200)
		return;
	if (sim->now.usec - sim->idle_since < (int64_t)sim->idle_turns * TIME_MS)
		sim_fail(sim, NULL, "spins: %u turns in which nothing happens in %lld us",
			sim->idle_turns, (long long)(sim->now.usec - sim->idle_since));
	sim->idle_turns = 0;
	sim->idle_since = sim->now.usec;
}

void shell_turn(struct sim *sim)
{
	uint64_t next = truth_next(sim);

	sim->turns++;
	sim->moved = false;
	read_places(sim);
	send_places(sim);
	accept_newcomers(sim);
	chat_tick(sim->chat);
	truth_watch(sim);
	settle(sim);
	drain_log(sim);
	sim->moved = sim->moved || truth_next(sim) > next;
	check_idle(sim);
}

/* The chat of the other program; NULL when there was no memory for it. */
static struct chat *load(struct sim *sim, struct codec *p, struct log *log, chat_random *random)
{
	const char *why = "";
	struct chat *chat;

	codec_rewind(p);
	chat = chat_load(p, &(struct chat_setup){ &sim->settings, log, random, sim->now }, &why);
	if (chat == NULL && !cost_is_short(sim))
		sim_fail(sim, NULL, "the state can't be taken over: %s", why);
	return chat;
}

/* The other program goes on. */
static void take_over(struct sim *sim, struct chat *chat, struct log *log)
{
	sim_trace(sim, NULL, "upgrade");
	chat_destroy(sim->chat);
	log_finish(sim->log);
	sim->chat = chat;
	sim->log = log;
	for (uint32_t i = 0; i < sim->places; i++)
		if (sim->seats[i] != NULL) {
			sim->seats[i]->blocked = false;
			sim->seats[i]->holding = false;
		}
}

void shell_upgrade(struct sim *sim, chat_random *random)
{
	struct log *log = sim->log == &sim->logs[0] ? &sim->logs[1] : &sim->logs[0];
	struct chat *chat = NULL;
	struct codec p = { 0 };

	if (log_init(log, false) == 0) {
		chat_save(sim->chat, &p);
		chat = p.failed ? NULL : load(sim, &p, log, random);
		codec_finish(&p);
	}
	if (chat != NULL)
		take_over(sim, chat, log);
	else if (!cost_is_short(sim))
		sim_fail(sim, NULL, "no memory for the state");
	else
		log_finish(log);
	heap_watch(); /* the state itself is large */
	settle(sim);
}
