/*
 * sim [--seed N] [--steps N] [--runs N] [-v]: runs so many seeds from N on, so many steps each.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/sim.h"

static uint64_t number(const char *option, const char *text)
{
	char *end;
	unsigned long long value = text != NULL ? strtoull(text, &end, 10) : 0;

	if (text == NULL || end == text || *end != '\0') {
		fprintf(stderr, "sim: %s takes a number\n", option);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	uint64_t seed = 1, steps = 2000, runs = 1, counts[3] = { 0 };
	bool verbose = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0) {
			verbose = true;
		} else if (strcmp(argv[i], "--seed") == 0) {
			seed = number(argv[i], argv[i + 1]);
			i++;
		} else if (strcmp(argv[i], "--steps") == 0) {
			steps = number(argv[i], argv[i + 1]);
			i++;
		} else if (strcmp(argv[i], "--runs") == 0) {
			runs = number(argv[i], argv[i + 1]);
			i++;
		} else {
			fprintf(stderr, "usage: sim [--seed N] [--steps N] [--runs N] [-v]\n");
			return 2;
		}
	}
	for (uint64_t i = 0; i < runs; i++)
		sim_run(seed + i, steps, verbose, counts);
	printf("seeds %" PRIu64 " to %" PRIu64 ": %" PRIu64 " steps, %" PRIu64
		" lines said, %" PRIu64
		" received, %" PRIu64 " missed\n", seed, seed + runs - 1, runs * steps, counts[0],
		counts[1], counts[2]);
	return 0;
}
