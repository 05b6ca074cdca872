/*
 * The time, the time zone, the standard files and the number of descriptors (host.h).
 */
#include "server/shell/host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

struct time host_now(void)
{
	struct timespec usec;

	clock_gettime(CLOCK_MONOTONIC, &usec);
	return (struct time){
		.usec = (int64_t)usec.tv_sec * 1000000 + usec.tv_nsec / 1000,
		.time = time(NULL),
	};
}

void host_read_zone(void)
{
	const char *zone = getenv("TZ");
	char *kept = zone != NULL ? strdup(zone) : NULL;

	/* A C library reads the file again only where the name of the zone has changed. */
	if ((zone == NULL || kept != NULL) && setenv("TZ", "UTC0", 1) == 0) {
		tzset();
		if (kept == NULL || setenv("TZ", kept, 1) < 0)
			unsetenv("TZ");
	}
	tzset();
	free(kept);
}

void host_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

void host_tune_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	/*
	 * Else glibc raises this once something large has been freed, and takes tables from
	 * memory that was used before: then calloc() has to write to all of it.
	 */
	enum { LARGE = 64 * 1024 };

	mallopt(M_MMAP_THRESHOLD, LARGE);
#endif
}

int host_descriptors(uint32_t clients, uint32_t others, struct error *error)
{
	rlim_t needed = (rlim_t)clients + others;
	struct rlimit limit, raised;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_set(error, ERROR_START, "getrlimit: %s", strerror(errno));
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= needed)
		return 0;
	raised = limit;
	raised.rlim_cur = needed;
	/* Only root may raise the other one. */
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed)
		raised.rlim_max = needed;
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		return 0;
	return error_set(error, ERROR_START,
		"--max-clients %" PRIu32
		" needs %ju open files, but only %ju are allowed (ulimit -n)",
		clients, (uintmax_t)needed, (uintmax_t)limit.rlim_max);
}
