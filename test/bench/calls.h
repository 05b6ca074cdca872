/*
 * Counts the system calls of a running process, with the kernel's tracepoint for them. Linux, and
 * only where we may (root, or perf_event_paranoid at most 1). Counting makes each call a little
 * dearer: what is counted should not be timed too.
 */
#ifndef CALLS_H
#define CALLS_H

#include <stdint.h>
#include <sys/types.h>

enum { CALLS_THREADS = 64 };

struct calls {
	int count; /* threads watched */
	int fds[CALLS_THREADS];
};

/* Begins to count. 0, or -1 when that can't be done here. */
int calls_init(struct calls *calls, pid_t pid);
void calls_finish(struct calls *calls);

/* System calls so far. */
uint64_t calls_made(const struct calls *calls);

#endif
