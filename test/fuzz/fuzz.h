/*
 * What a fuzz target is: a function over some bytes that ends the program when a promise is
 * broken. libFuzzer calls it with bytes of its own (-Dfuzzing=true), replay.c with those of the
 * corpus.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_must(bool ok, const char *file, int line, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

#define MUST(condition) fuzz_must((condition), __FILE__, __LINE__, #condition)

#endif
