/* For syscall(2): perf_event_open() has no wrapper. */
#define _DEFAULT_SOURCE

#include "test/bench/calls.h"

#include <dirent.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The number of the tracepoint that every system call passes, or -1. */
static long tracepoint(void)
{
	static const char *const paths[] = {
		"/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
		"/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
	};
	long id = -1;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && id < 0; i++) {
		FILE *file = fopen(paths[i], "re");

		if (!file)
			continue;
		if (fscanf(file, "%ld", &id) != 1)
			id = -1;
		fclose(file);
	}
	return id;
}

int calls_init(struct calls *calls, pid_t pid)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	long id = tracepoint();
	struct dirent *entry;
	char path[64];
	DIR *threads;

	calls->count = 0;
	if (id < 0)
		return -1;
	attr.config = (uint64_t)id;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	if (!threads)
		return -1;
	while ((entry = readdir(threads)) && calls->count < CALLS_THREADS) {
		pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
		long fd = thread > 0 ? syscall(SYS_perf_event_open, &attr, thread, -1, -1, 0) : -1;

		if (fd >= 0)
			calls->fds[calls->count++] = (int)fd;
	}
	closedir(threads);
	return calls->count > 0 ? 0 : -1;
}

void calls_finish(struct calls *calls)
{
	while (calls->count > 0)
		close(calls->fds[--calls->count]);
}

uint64_t calls_made(const struct calls *calls)
{
	uint64_t sum = 0, made;

	for (int i = 0; i < calls->count; i++)
		if (read(calls->fds[i], &made, sizeof(made)) == sizeof(made))
			sum += made;
	return sum;
}
