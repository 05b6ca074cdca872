/*
 * poll() (polls.h). The rule: a place that is waited for is in the list, or armed in epoll, never
 * in both; after any failure no entry has an event.
 *
 * epoll is told to report once (EPOLLONESHOT): what was quiet and has an event goes to the list
 * without another system call, and is told to epoll again when it has been quiet for a while. A
 * place that epoll refuses stays in the list.
 */
#include "server/shell/polls.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_EPOLL
#include <sys/epoll.h>
#endif

static void pause_a_little(void)
{
	const struct timespec pause = { .tv_nsec = 10000000 };

	nanosleep(&pause, NULL);
}

/* The first entry of a place. */
static size_t first_of_places(const struct polls *p)
{
	return p->own + 1;
}

static void add_entry(struct polls *p, uint32_t place)
{
	p->places[place].entry = (uint32_t)p->count & 0x3fffffff;
	p->entries[p->count] = (struct polls_entry){ .place = place, .heard = p->waits };
	p->list[p->count++] = (struct pollfd){ .fd = -1 };
}

/* The last one takes its place. */
static void remove_entry(struct polls *p, size_t i)
{
	size_t last = --p->count;

	p->places[p->entries[i].place].entry = 0;
	if (i == last)
		return;
	p->list[i] = p->list[last];
	p->entries[i] = p->entries[last];
	p->places[p->entries[i].place].entry = (uint32_t)i & 0x3fffffff;
}

#ifdef HAVE_EPOLL
_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR &&
	EPOLLHUP == POLLHUP,
	"an event of epoll is one of poll");

enum { BATCH = 64 }; /* events that are taken at once */

static int open_quiet(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

/* Has epoll wait for input of a place. 0, or -1 when it can't. */
static int arm(struct polls *p, uint32_t place, int fd)
{
	struct polls_place *at = &p->places[place];
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT };

	event.data.u64 = (uint64_t)place << 32 | (uint32_t)fd;
	if (epoll_ctl(p->quiet, at->is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0)
		return -1;
	at->is_known = at->is_armed = 1;
	return 0;
}

static void forget(struct polls *p, uint32_t place, int fd)
{
	struct epoll_event none = { 0 };

	(void)epoll_ctl(p->quiet, EPOLL_CTL_DEL, fd, &none);
	p->places[place].is_known = p->places[place].is_armed = 0;
}

/* Puts those that were quiet and have an event into the list. Returns how many there are. */
static size_t take_from_quiet(struct polls *p)
{
	struct epoll_event events[BATCH];
	size_t taken = 0;
	int n;

	do {
		n = epoll_wait(p->quiet, events, BATCH, 0);
		for (int i = 0; i < n; i++) {
			uint32_t place = (uint32_t)(events[i].data.u64 >> 32);

			p->places[place].is_armed = 0;
			add_entry(p, place);
			p->list[p->count - 1] = (struct pollfd){
				.fd = (int)(events[i].data.u64 & INT32_MAX), .events = POLLIN,
				.revents = (short)(events[i].events & INT16_MAX) };
			taken++;
		}
	} while (n == BATCH);
	if (n < 0 && errno != EINTR)
		pause_a_little();
	return taken;
}
#else
static int open_quiet(void)
{
	return -1;
}

static int arm(struct polls *p, uint32_t place, int fd)
{
	(void)p, (void)place, (void)fd;
	return -1;
}

static void forget(struct polls *p, uint32_t place, int fd)
{
	(void)p, (void)place, (void)fd;
}

static size_t take_from_quiet(struct polls *p)
{
	(void)p;
	return 0;
}
#endif

int polls_init(struct polls *p, size_t own, uint32_t places)
{
	size_t count = own + 1 + places;

	/* Pages that are never touched cost nothing. */
	*p = (struct polls){ .own = own, .count = own + 1, .few = POLLS_FEW, .quiet = open_quiet(),
		.list = calloc(count, sizeof(*p->list)),
		.entries = calloc(count, sizeof(*p->entries)),
		.places = calloc(places, sizeof(*p->places)) };
	if (p->list == NULL || p->entries == NULL || p->places == NULL) {
		polls_finish(p);
		return -1;
	}
	for (size_t i = 0; i < own + 1; i++)
		p->list[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	p->list[own].fd = p->quiet;
	return 0;
}

void polls_finish(struct polls *p)
{
	if (p->list != NULL && p->quiet >= 0)
		close(p->quiet);
	free(p->list);
	free(p->entries);
	free(p->places);
	*p = (struct polls){ .quiet = -1 };
}

void polls_set(struct polls *p, uint32_t place, int fd, short events)
{
	struct polls_place *at = &p->places[place];

	if (at->is_armed && events == POLLIN)
		return;
	if (at->is_armed)
		forget(p, place, fd);
	if (at->entry == 0 && events == 0)
		return;
	if (at->entry == 0)
		add_entry(p, place);
	p->list[at->entry].fd = events != 0 ? fd : -1;
	p->list[at->entry].events = events;
}

void polls_drop(struct polls *p, uint32_t place, int fd)
{
	struct polls_place *at = &p->places[place];

	if (at->is_known)
		forget(p, place, fd);
	if (at->entry != 0)
		p->list[at->entry] = (struct pollfd){ .fd = -1 };
}

/* Whether an entry has waited for nothing but input, and in vain, for long enough. */
static bool is_quiet(const struct polls *p, size_t i)
{
	return p->list[i].events == POLLIN && p->waits - p->entries[i].heard > POLLS_QUIET;
}

/* Takes out of the list what waits for nothing, and what is quiet. */
static void sweep(struct polls *p)
{
	size_t first = first_of_places(p);

	for (size_t i = p->count; i-- > first;) {
		uint32_t place = p->entries[i].place;
		int fd = p->list[i].fd;

		if (fd >= 0 && (p->quiet < 0 || p->count - first <= p->few || !is_quiet(p, i)))
			continue;
		if (fd < 0 || arm(p, place, fd) == 0)
			remove_entry(p, i);
		else
			p->entries[i].heard = p->waits;
	}
}

/*
 * poll() refuses more entries than RLIMIT_NOFILE, which may have been lowered since the start: asks
 * about a part of them at a time, and pauses if it should wait.
 */
static int wait_in_parts(struct polls *p, bool pauses)
{
	struct rlimit limit;
	int ready = 0;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == 0)
		return -1;
	for (size_t i = 0; i < p->count; i += limit.rlim_cur) {
		size_t part = p->count - i < limit.rlim_cur ? p->count - i : limit.rlim_cur;
		int n = poll(p->list + i, (nfds_t)part, 0);

		ready += n > 0 ? n : 0;
	}
	if (ready == 0 && pauses)
		pause_a_little();
	return ready;
}

/* As poll(), but for microseconds, where the system can and may; -1: for ever. */
static int poll_for(struct polls *p, int64_t usec)
{
	int64_t milliseconds = usec < 0 ? -1 : (usec + 999) / 1000;

#ifdef HAVE_PPOLL
	const struct timespec wait = { usec / 1000000, usec % 1000000 * 1000 };
	int ready = ppoll(p->list, (nfds_t)p->count, usec < 0 ? NULL : &wait, NULL);

	if (ready >= 0 || (errno != ENOSYS && errno != EPERM))
		return ready;
#endif
	return poll(p->list, (nfds_t)p->count,
		milliseconds < INT_MAX ? (int)milliseconds : INT_MAX);
}

size_t polls_wait(struct polls *p, int64_t usec)
{
	struct pollfd *quiet = &p->list[p->own];
	int ready;

	p->waits++;
	sweep(p);
	ready = poll_for(p, usec);
	if (ready < 0 && errno == EINVAL)
		ready = wait_in_parts(p, usec != 0);
	if (ready >= 0) {
		bool any = ready > 0 && quiet->revents != 0;

		return any ? (size_t)ready - 1 + take_from_quiet(p) : (size_t)ready;
	}
	if (errno != EINTR)
		pause_a_little();
	/* Nothing is known of any of them. */
	for (size_t i = 0; i < p->count; i++)
		p->list[i].revents = 0;
	return 0;
}

bool polls_next(struct polls *p, size_t *at, uint32_t *place, short *revents)
{
	size_t i = *at > 0 ? *at : first_of_places(p);

	for (; i < p->count; i++) {
		struct pollfd *poll = &p->list[i];

		if (poll->revents == 0 || poll->fd < 0)
			continue;
		*place = p->entries[i].place;
		*revents = poll->revents;
		p->entries[i].heard = p->waits;
		poll->revents = 0;
		*at = i + 1;
		return true;
	}
	return false;
}
