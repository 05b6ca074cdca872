/*
 * poll() (polls.h). After any failure no entry has an event.
 */
#include "server/shell/polls.h"

#include <errno.h>
#include <sys/resource.h>
#include <time.h>

static void pause_a_little(void)
{
	const struct timespec pause = { .tv_nsec = 10000000 };

	nanosleep(&pause, NULL);
}

/*
 * poll() refuses more entries than RLIMIT_NOFILE, which may have been lowered since the start: asks
 * about a part of them at a time.
 */
static int wait_in_parts(struct pollfd *polls, size_t count, int milliseconds)
{
	struct rlimit limit;
	int ready = 0;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == 0)
		return -1;
	for (size_t i = 0; i < count; i += limit.rlim_cur) {
		size_t part = count - i < limit.rlim_cur ? count - i : limit.rlim_cur;
		int n = poll(polls + i, (nfds_t)part, 0);

		ready += n > 0 ? n : 0;
	}
	if (ready == 0 && milliseconds != 0)
		pause_a_little();
	return ready;
}

size_t polls_wait(struct pollfd *polls, size_t count, int milliseconds)
{
	int ready = poll(polls, (nfds_t)count, milliseconds);

	if (ready < 0 && errno == EINVAL)
		ready = wait_in_parts(polls, count, milliseconds);
	if (ready >= 0)
		return (size_t)ready;
	if (errno != EINTR)
		pause_a_little();
	/* Nothing is known of any of them. */
	for (size_t i = 0; i < count; i++)
		polls[i].revents = 0;
	return 0;
}
