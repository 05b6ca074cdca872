/*
 * poll(), as far as it is not quite what one would expect of it.
 */
#ifndef SERVER_SHELL_POLLS_H
#define SERVER_SHELL_POLLS_H

#include <poll.h>
#include <stddef.h>

/*
 * Waits for events, or so many milliseconds (-1: for ever), and returns how many entries have
 * some: 0 if there are none, also when it was interrupted. After a failure, such as no memory, it
 * waits a little, so that it is not asked in a circle, and returns 0.
 */
size_t polls_wait(struct pollfd *polls, size_t count, int milliseconds);

#endif
