#include "test/bench/probe.h"

#include <inttypes.h>
#include <stdio.h>

static uint64_t read_clock(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int probe_init(struct probe *p, pid_t pid)
{
	p->pid = pid;
	return clock_getcpuclockid(pid, &p->clock) == 0 ? 0 : -1;
}

uint64_t probe_cpu(const struct probe *p)
{
	return read_clock(p->clock);
}

uint64_t probe_own_cpu(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t probe_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

struct probe_memory probe_memory(const struct probe *p)
{
	struct probe_memory memory = { 0 };
	char line[256];
	FILE *file;

	snprintf(line, sizeof(line), "/proc/%d/status", (int)p->pid);
	file = fopen(line, "re");
	if (!file)
		return memory;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmRSS: %" SCNu64, &memory.now) == 1)
			memory.now *= 1024;
		else if (sscanf(line, "VmHWM: %" SCNu64, &memory.peak) == 1)
			memory.peak *= 1024;
		else
			sscanf(line, "voluntary_ctxt_switches: %" SCNu64, &memory.wakes);
	}
	fclose(file);
	return memory;
}
