/*
 * Signals by way of a pipe. The rule: a handler does nothing but write a byte to it, or give the
 * terminal back and let the signal take its course.
 */
#include "client/shell/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int caught[] = {
	SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT,
#ifdef SIGWINCH
	SIGWINCH,
#endif
};

/* What ends a program by default, and leaves the terminal to the shell. */
static const int faults[] = {
	SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGTRAP, SIGXCPU, SIGALRM, SIGUSR1,
	SIGUSR2, SIGVTALRM, SIGPROF,
#ifdef SIGPWR
	SIGPWR,
#endif
#ifdef SIGIO
	SIGIO,
#endif
#ifdef SIGSTKFLT
	SIGSTKFLT,
#endif
};

/* What a handler can know. */
static int pipe_ends[2] = { -1, -1 };
static void (*restore_terminal)(void);

static void on_signal(int number)
{
	int saved = errno;
	unsigned char byte = (unsigned char)number;

	/* A full pipe has enough to wake up for. */
	if (write(pipe_ends[1], &byte, 1) < 0)
		errno = saved;
	errno = saved;
}

static void on_fault(int number)
{
	restore_terminal();
	raise(number); /* SA_RESETHAND: this time it ends us, once we return */
}

static int catch(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigemptyset(&action.sa_mask);
	return sigaction(number, &action, NULL);
}

int signals_begin(void (*restore)(void))
{
	restore_terminal = restore;
	if (pipe(pipe_ends) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (fcntl(pipe_ends[i], F_SETFL, O_NONBLOCK) < 0 ||
			fcntl(pipe_ends[i], F_SETFD, FD_CLOEXEC) < 0)
			return -1;
	for (size_t i = 0; i < sizeof(caught) / sizeof(*caught); i++)
		if (catch(caught[i], on_signal, SA_RESTART) < 0)
			return -1;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (catch(faults[i], on_fault, (int)SA_RESETHAND) < 0)
			return -1;
	return pipe_ends[0];
}

uint64_t signals_take(void)
{
	unsigned char bytes[64];
	uint64_t set = 0;
	ssize_t n;

	while ((n = read(pipe_ends[0], bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++)
			set |= UINT64_C(1) << (bytes[i] & 63);
	return set;
}

void signals_stop_others(void)
{
	catch(SIGTSTP, SIG_IGN, 0);
	(void)kill(0, SIGTSTP);
	catch(SIGTSTP, on_signal, SA_RESTART);
}

void signals_obey(int number)
{
	sigset_t one, before;

	catch(number, SIG_DFL, 0);
	sigemptyset(&one);
	sigaddset(&one, number);
	sigprocmask(SIG_UNBLOCK, &one, &before);
	raise(number);
	sigprocmask(SIG_SETMASK, &before, NULL);
	catch(number, on_signal, SA_RESTART);
}
