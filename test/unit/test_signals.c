/*
 * Signals as something that poll() can wait for.
 */
#include "server/shell/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/unit.h"

static bool is_readable(void)
{
	struct pollfd p = { .fd = signals_fd(), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void test_means_each(void)
{
	const struct {
		int signal;
		unsigned means;
	} cases[] = {
		{ SIGTERM, SIGNALS_STOP },
		{ SIGINT, SIGNALS_STOP },
		{ SIGHUP, SIGNALS_RELOAD },
		{ SIGUSR2, SIGNALS_UPGRADE },
		{ SIGPIPE, 0 },
		{ SIGXFSZ, 0 },
		{ SIGALRM, 0 },
		{ SIGQUIT, 0 },
		{ SIGUSR1, 0 },
		{ SIGVTALRM, 0 },
		{ SIGPROF, 0 },
		{ SIGPOLL, 0 },
		{ SIGRTMIN, 0 },
		{ SIGRTMIN + 1, 0 },
		{ SIGRTMAX - 1, 0 }, /* valgrind keeps the last for itself */
	};

	CHECK_INT(signals_open(), 0);
	CHECK(!is_readable());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		errno = EXDEV;
		raise(cases[i].signal);
		CHECK_INT(errno, EXDEV);
		CHECK_INT(is_readable(), cases[i].means != 0);
		CHECK_INT(signals_take(), cases[i].means);
		CHECK(!is_readable());
		CHECK_INT(signals_take(), 0);
	}
}

/* However many come before they are taken, none hides another. */
static void test_loses_none_in_a_flood(void)
{
	CHECK_INT(signals_open(), 0);
	for (int i = 0; i < 100000; i++)
		raise(SIGHUP);
	raise(SIGTERM);
	raise(SIGUSR2);
	CHECK_INT(signals_take(), SIGNALS_RELOAD | SIGNALS_STOP | SIGNALS_UPGRADE);
	CHECK(!is_readable());
}

static void test_holds_what_came(void)
{
	sigset_t pending;

	CHECK_INT(signals_open(), 0);
	raise(SIGHUP);
	signals_hold();
	raise(SIGTERM);
	sigpending(&pending);
	CHECK(sigismember(&pending, SIGHUP) == 1 && sigismember(&pending, SIGTERM) == 1);
	CHECK_INT(signals_take(), 0);
	signals_release();
	CHECK(is_readable());
	CHECK_INT(signals_take(), SIGNALS_RELOAD | SIGNALS_STOP);
}

/* What an exec does: handlers are gone, the mask and what waits behind it stay. */
static void test_survives_an_exec(void)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		signals_open();
		raise(SIGUSR2);
		signals_hold();
		raise(SIGHUP);
		signal(SIGHUP, SIG_DFL);
		signal(SIGUSR2, SIG_DFL);
		signals_open();
		_exit((int)signals_take());
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), SIGNALS_RELOAD | SIGNALS_UPGRADE);
}

static const struct unit_test tests[] = {
	{ "means each", test_means_each },
	{ "loses none in a flood", test_loses_none_in_a_flood },
	{ "holds what came", test_holds_what_came },
	{ "survives an exec", test_survives_an_exec },
};

UNIT_MAIN(tests)
