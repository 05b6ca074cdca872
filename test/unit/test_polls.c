/*
 * Waiting for many: each test is run with epoll for the quiet, and as where there is none. What is
 * waited for, and what comes of it, is the same both ways.
 */
#define _GNU_SOURCE
#include "server/shell/polls.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test/unit/unit.h"

enum { PLACES = 40 };

struct bench {
	struct polls polls;
	int pairs[PLACES][2]; /* ours, the peer's */
	bool has_quiet;
};

static void begin(struct bench *b, bool quiet)
{
	CHECK_INT(polls_init(&b->polls, 2, PLACES), 0);
	b->polls.few = 0;
	if (!quiet && b->polls.quiet >= 0) {
		close(b->polls.quiet);
		b->polls.quiet = b->polls.list[2].fd = -1;
	}
	b->has_quiet = b->polls.quiet >= 0;
	for (uint32_t i = 0; i < PLACES; i++) {
		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, b->pairs[i]), 0);
		polls_set(&b->polls, i, b->pairs[i][0], POLLIN);
	}
}

static void end(struct bench *b)
{
	for (uint32_t i = 0; i < PLACES; i++) {
		close(b->pairs[i][0]);
		close(b->pairs[i][1]);
	}
	polls_finish(&b->polls);
}

/* Waits without an event for so long that everybody is quiet. */
static void let_all_be_quiet(struct bench *b)
{
	for (int i = 0; i <= POLLS_QUIET + 1; i++)
		CHECK_INT(polls_wait(&b->polls, 0), 0);
	CHECK_INT(b->polls.count, b->has_quiet ? 3 : 3 + PLACES);
}

static void say(struct bench *b, uint32_t place)
{
	CHECK_INT(write(b->pairs[place][1], "x", 1), 1);
}

static void hear(struct bench *b, uint32_t place)
{
	char c;

	CHECK_INT(read(b->pairs[place][0], &c, 1), 1);
}

/* The only place with an event; PLACES when there is none, or more than one. */
static uint32_t only(struct bench *b, short *events)
{
	uint32_t place = PLACES, other;
	size_t at = 0;
	short more;

	if (!polls_next(&b->polls, &at, &place, events))
		return PLACES;
	return polls_next(&b->polls, &at, &other, &more) ? PLACES : place;
}

static void check_heard(struct bench *b, uint32_t place)
{
	short events = 0;

	say(b, place);
	CHECK_INT(polls_wait(&b->polls, -1), 1);
	CHECK_INT(only(b, &events), place);
	CHECK_INT(events, POLLIN);
	hear(b, place);
	CHECK_INT(polls_wait(&b->polls, 0), 0);
}

static void test_input(bool quiet)
{
	struct bench b;

	begin(&b, quiet);
	for (int round = 0; round < 3; round++) {
		check_heard(&b, 7); /* among those in the list, and as one of the quiet */
		let_all_be_quiet(&b);
	}
	/* All at once, more than are taken in one go where PLACES is more than that. */
	for (uint32_t i = 0; i < PLACES; i++)
		say(&b, i);
	CHECK_INT(polls_wait(&b.polls, -1), PLACES);
	/* What is not read has its event again. */
	CHECK_INT(polls_wait(&b.polls, -1), PLACES);
	end(&b);
}

static void test_own(bool quiet)
{
	struct bench b;
	int own[2];

	begin(&b, quiet);
	CHECK_INT(pipe(own), 0);
	let_all_be_quiet(&b);
	b.polls.list[1].fd = own[0];
	CHECK_INT(write(own[1], "x", 1), 1);
	say(&b, 3);
	CHECK_INT(polls_wait(&b.polls, -1), 2);
	CHECK_INT(b.polls.list[1].revents, POLLIN);
	CHECK_INT(b.polls.list[0].revents, 0);
	close(own[0]);
	close(own[1]);
	end(&b);
}

/* Not even its end wakes for a place that nothing is waited for. */
static void test_mute(bool quiet)
{
	struct bench b;
	short events = 0;

	for (int was_quiet = 0; was_quiet < 2; was_quiet++) {
		begin(&b, quiet);
		if (was_quiet)
			let_all_be_quiet(&b);
		polls_set(&b.polls, 5, b.pairs[5][0], 0);
		shutdown(b.pairs[5][1], SHUT_RDWR);
		CHECK_INT(polls_wait(&b.polls, 0), 0);
		polls_set(&b.polls, 5, b.pairs[5][0], POLLIN);
		CHECK_INT(polls_wait(&b.polls, -1), 1);
		CHECK_INT(only(&b, &events), 5);
		CHECK((events & POLLHUP) != 0);
		end(&b);
	}
}

static void test_output(bool quiet)
{
	struct bench b;
	short events = 0;

	begin(&b, quiet);
	let_all_be_quiet(&b);
	polls_set(&b.polls, 9, b.pairs[9][0], POLLIN | POLLOUT);
	CHECK_INT(polls_wait(&b.polls, -1), 1);
	CHECK_INT(only(&b, &events), 9);
	CHECK_INT(events, POLLOUT);
	polls_set(&b.polls, 9, b.pairs[9][0], POLLIN);
	let_all_be_quiet(&b);
	check_heard(&b, 9);
	end(&b);
}

/* A place whose descriptor is closed, and another connection there with the same number. */
static void test_drop(bool quiet)
{
	struct bench b;

	for (int was_quiet = 0; was_quiet < 2; was_quiet++) {
		begin(&b, quiet);
		if (was_quiet)
			let_all_be_quiet(&b);
		say(&b, 11);
		polls_drop(&b.polls, 11, b.pairs[11][0]);
		/* Elsewhere it is still open, as in a process that was forked. */
		int copy = dup(b.pairs[11][0]);
		close(b.pairs[11][0]);
		CHECK_INT(polls_wait(&b.polls, 0), 0);
		close(b.pairs[11][1]);
		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, b.pairs[11]), 0);
		polls_set(&b.polls, 11, b.pairs[11][0], POLLIN);
		check_heard(&b, 11);
		let_all_be_quiet(&b);
		check_heard(&b, 11);
		close(copy);
		end(&b);
	}
}

/* A descriptor goes from one place to another. */
static void test_move(bool quiet)
{
	struct bench b;
	short events;

	begin(&b, quiet);
	let_all_be_quiet(&b);
	polls_drop(&b.polls, 2, b.pairs[2][0]);
	polls_drop(&b.polls, 1, b.pairs[1][0]);
	polls_set(&b.polls, 1, b.pairs[2][0], POLLIN);
	say(&b, 2);
	CHECK_INT(polls_wait(&b.polls, -1), 1);
	CHECK_INT(only(&b, &events), 1);
	end(&b);
}

/* Only as many as are given to poll() anyway are not told to epoll. */
static void test_few(bool quiet)
{
	struct bench b;

	begin(&b, quiet);
	for (uint32_t few = PLACES - 1; few <= PLACES + 1; few++) {
		b.polls.few = few;
		for (int i = 0; i <= POLLS_QUIET + 1; i++)
			polls_wait(&b.polls, 0);
		for (uint32_t i = 0; i < PLACES; i++)
			polls_set(&b.polls, i, b.pairs[i][0], 0);
		for (uint32_t i = 0; i < PLACES; i++)
			polls_set(&b.polls, i, b.pairs[i][0], POLLIN);
	}
	for (int i = 0; i <= POLLS_QUIET + 1; i++)
		polls_wait(&b.polls, 0);
	CHECK_INT(b.polls.count, 3 + PLACES);
	b.polls.few = PLACES - 1;
	polls_wait(&b.polls, 0);
	CHECK_INT(b.polls.count, 3 + PLACES - (b.has_quiet ? 1 : 0));
	end(&b);
}

/* poll() refuses more than RLIMIT_NOFILE, which may be lowered while it runs. */
static void test_lowered_limit(bool quiet)
{
	struct rlimit limit, low;
	struct bench b;
	short events;

	begin(&b, quiet);
	getrlimit(RLIMIT_NOFILE, &limit);
	low = limit;
	low.rlim_cur = 5;
	setrlimit(RLIMIT_NOFILE, &low);
	say(&b, 33);
	CHECK_INT(polls_wait(&b.polls, -1), 1);
	CHECK_INT(only(&b, &events), 33);
	setrlimit(RLIMIT_NOFILE, &limit);
	end(&b);
}

/* Without memory for another that is quiet, it stays where it is. */
static void test_refused(bool quiet)
{
	struct bench b;

	begin(&b, quiet);
	if (b.has_quiet) {
		close(b.polls.quiet);
		b.polls.quiet = open("/dev/null", O_RDONLY);
		for (int i = 0; i <= POLLS_QUIET + 1; i++)
			polls_wait(&b.polls, 0);
		CHECK_INT(b.polls.count, 3 + PLACES);
		check_heard(&b, 20);
	}
	end(&b);
}

#define BOTH(name) \
	static void name##_with_quiet(void) \
	{ \
		name(true); \
	} \
	static void name##_by_poll(void) \
	{ \
		name(false); \
	}

BOTH(test_input)
BOTH(test_own)
BOTH(test_mute)
BOTH(test_output)
BOTH(test_drop)
BOTH(test_move)
BOTH(test_few)
BOTH(test_lowered_limit)
BOTH(test_refused)

#define ROWS(title, name) { title, name##_with_quiet }, { title ", by poll alone", name##_by_poll }

static const struct unit_test tests[] = {
	ROWS("input", test_input),
	ROWS("the caller's own", test_own),
	ROWS("nothing is waited for", test_mute),
	ROWS("output", test_output),
	ROWS("dropped", test_drop),
	ROWS("moved", test_move),
	ROWS("few", test_few),
	ROWS("a lowered limit", test_lowered_limit),
	ROWS("refused", test_refused),
};

UNIT_MAIN(tests)
