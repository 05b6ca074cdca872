/*
 * poll(), with the failures that need care handled.
 */
#ifndef SERVER_SHELL_POLLS_H
#define SERVER_SHELL_POLLS_H

#include <poll.h>
#include <stddef.h>

/*
 * Waits for events or a number of milliseconds (-1: for ever), and returns how many entries have
 * events: 0 for none, also when interrupted. After a failure, such as no memory, it pauses for 10 ms,
 * so that the loop does not spin, and returns 0.
 */
size_t polls_wait(struct pollfd *polls, size_t count, int milliseconds);

#endif
