/*
 * Signals as input for poll(): each writes its number into a pipe. Those that end a program for
 * a fault of its own restore the terminal first.
 */
#ifndef CLIENT_SHELL_SIGNALS_H
#define CLIENT_SHELL_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Begins to catch them and returns the descriptor to poll, or -1. restore: called in the handler
 * of a fault, so it may call only what is async-signal-safe.
 */
int signals_begin(void (*restore)(void));

/* Those that came: a bit for each number. */
uint64_t signals_take(void);

static inline bool signals_has(uint64_t set, int number)
{
	return set >> number & 1;
}

/*
 * Has the other processes of our job stop, as the terminal does on Ctrl-Z: those of a pipeline,
 * or of a --command.
 */
void signals_stop_others(void);

/* Has the signal do what it does by default, to this process: to stop or to end. */
void signals_obey(int number);

#endif
