/*
 * What a running server costs, seen from outside: the processor time and the memory of a process.
 */
#ifndef PROBE_H
#define PROBE_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct probe {
	pid_t pid;
	clockid_t clock; /* of the processor time of all its threads, user and system */
};

struct probe_memory {
	uint64_t now;    /* resident bytes */
	uint64_t peak;
	uint64_t wakes;  /* times it went to sleep by itself */
};

/* 0, or -1 when there is no such process. */
int probe_init(struct probe *p, pid_t pid);

/* Nanoseconds of processor time so far, in the scheduler's resolution. */
uint64_t probe_cpu(const struct probe *p);

struct probe_memory probe_memory(const struct probe *p);

/* Nanoseconds of processor time of our own, and of the monotonic clock. */
uint64_t probe_own_cpu(void);
uint64_t probe_now(void);

#endif
