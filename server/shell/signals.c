/*
 * Signals, as something that poll() can wait for (signals.h).
 */
#include "server/shell/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

static const struct {
	int signal;
	unsigned means;
} taken[] = {
	{ SIGTERM, SIGNALS_STOP },
	{ SIGINT, SIGNALS_STOP },
	{ SIGHUP, SIGNALS_RELOAD },
	{ SIGUSR2, SIGNALS_UPGRADE },
};

enum {
	TAKEN = sizeof(taken) / sizeof(taken[0]),

	KEPT_FIRST = 32, /* Linux' first real-time signal */
	KEPT_SET = 8,    /* bytes of a set of its signals */
};

/* A write that fails tells more than the first two; the others end or stop no server by mistake. */
static const int ignored[] = {
	SIGPIPE,
	SIGXFSZ,
	SIGTSTP,
	SIGTTIN,
	SIGTTOU,
	SIGALRM,
	SIGQUIT,
	SIGTRAP,
	SIGUSR1,
	SIGVTALRM,
	SIGXCPU,
	SIGPROF,
#ifdef SIGPOLL
	SIGPOLL,
#endif
#ifdef SIGPWR
	SIGPWR,
#endif
#ifdef SIGSTKFLT
	SIGSTKFLT,
#endif
};

/* Which came. The pipe may be full and only wakes; nothing is lost here. */
static volatile sig_atomic_t came[TAKEN];
static int wake[2] = { -1, -1 };

static void handle(int signal)
{
	int saved = errno;

	for (size_t i = 0; i < TAKEN; i++)
		if (taken[i].signal == signal)
			came[i] = 1;
	(void)!write(wake[1], "", 1);
	errno = saved;
}

static void fill_set(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < TAKEN; i++)
		sigaddset(set, taken[i].signal);
}

static int open_pipe(void)
{
	if (pipe(wake) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (fcntl(wake[i], F_SETFL, O_NONBLOCK) < 0 ||
			fcntl(wake[i], F_SETFD, FD_CLOEXEC) < 0)
			return -1;
	return 0;
}

/*
 * A C library keeps the first real-time signals to itself, for its threads, and lets nobody say
 * what becomes of them. There are no threads here, so the system is asked.
 */
static void ignore_kept(void)
{
#if defined(__linux__) && defined(SYS_rt_sigaction) && defined(SIGRTMIN)
	struct {
		void (*handler)(int);
		unsigned long others[16];
	} ignore = { .handler = SIG_IGN };

	for (int i = KEPT_FIRST; i < SIGRTMIN; i++)
		(void)syscall(SYS_rt_sigaction, i, &ignore, NULL, KEPT_SET);
#endif
}

int signals_open(void)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (wake[0] < 0 && open_pipe() < 0)
		return -1;
	for (size_t i = 0; i < TAKEN; i++)
		if (sigaction(taken[i].signal, &action, NULL) < 0)
			return -1;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (sigaction(ignored[i], &ignore, NULL) < 0)
			return -1;
#ifdef SIGRTMIN
	for (int i = SIGRTMIN; i <= SIGRTMAX; i++)
		if (sigaction(i, &ignore, NULL) < 0)
			return -1;
#endif
	ignore_kept();
	signals_release();
	return 0;
}

int signals_fd(void)
{
	return wake[0];
}

unsigned signals_take(void)
{
	unsigned bits = 0;
	char bytes[64];

	/* The pipe first: a signal that comes after that wakes again. */
	while (read(wake[0], bytes, sizeof(bytes)) > 0)
		continue;
	for (size_t i = 0; i < TAKEN; i++) {
		if (!came[i])
			continue;
		came[i] = 0;
		bits |= taken[i].means;
	}
	return bits;
}

void signals_ignore(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < TAKEN; i++)
		sigaction(taken[i].signal, &ignore, NULL);
}

void signals_hold(void)
{
	sigset_t set;

	fill_set(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (size_t i = 0; i < TAKEN; i++) {
		if (came[i])
			raise(taken[i].signal);
		came[i] = 0;
	}
}

void signals_release(void)
{
	sigset_t set;

	fill_set(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
