/*
 * What the loop waits for: poll(), with the failures that need care handled. Where the system has
 * epoll(7), one entry stands for all places that have been quiet, so that they cost nothing.
 */
#ifndef SERVER_SHELL_POLLS_H
#define SERVER_SHELL_POLLS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* Up to this number of places all are given to poll(): that is as fast, and simple. */
	POLLS_FEW = 24,

	/* A place is quiet when it has had no event in as many waits. */
	POLLS_QUIET = 16,
};

/* Where a place is waited for. */
struct polls_place {
	uint32_t entry : 30;   /* in list; 0: in none */
	uint32_t is_known : 1; /* epoll knows its descriptor */
	uint32_t is_armed : 1; /* and waits for input of it */
};

struct polls_entry {
	uint32_t place;
	uint32_t heard; /* number of the wait in which it had an event, or was put here */
};

struct polls {
	struct pollfd *list; /* heap: the caller's own, one for the quiet, then those of places */
	struct polls_entry *entries; /* heap: of each in list */
	struct polls_place *places;  /* heap: of each place */
	size_t own;      /* how many in list are the caller's, which sets them and reads them */
	size_t count;    /* of list */
	uint32_t few;    /* POLLS_FEW */
	uint32_t waits;  /* how often it has been waited */
	int quiet;       /* the descriptor that stands for the quiet; -1: there is none */
};

/* Its own entries have the descriptor -1 and events POLLIN. 0, or -1 for no memory. */
int polls_init(struct polls *p, size_t own, uint32_t places);
void polls_finish(struct polls *p);

/* Waits for these events at a place from now on; 0: for none, not even an error. */
void polls_set(struct polls *p, uint32_t place, int fd, short events);

/* Before a place's descriptor is closed, or is another place's. */
void polls_drop(struct polls *p, uint32_t place, int fd);

/*
 * Waits for events or a number of microseconds (-1: for ever), and returns how many entries have
 * events: 0 for none, also when interrupted. After a failure, such as no memory, it pauses for 10
 * ms, so that the loop does not spin, and returns 0.
 */
size_t polls_wait(struct polls *p, int64_t usec);

/*
 * One walk over the places that had an event: *at is 0 at the start. False at the end. Places may
 * be set and dropped meanwhile.
 */
bool polls_next(struct polls *p, size_t *at, uint32_t *place, short *revents);

#endif
