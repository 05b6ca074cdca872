/*
 * The smallest harness that serves: a test program is a list of named functions, each check that
 * fails says where and what, and the result is TAP for `meson test`.
 */
#ifndef UNIT_H
#define UNIT_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct unit_test {
	const char *name;
	void (*run)(void);
};

static unsigned unit_failures;

/* Prints bytes as a C string would be written, so that a control character is seen, not obeyed. */
static inline void unit_print(const char *label, const char *s, size_t len)
{
	printf("#   %s (%zu): \"", label, len);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
	printf("\"\n");
}

static inline void unit_check(bool ok, const char *file, int line, const char *what)
{
	if (ok)
		return;
	unit_failures++;
	printf("# %s:%d: %s\n", file, line, what);
}

static inline void unit_check_int(intmax_t got, intmax_t want, const char *file, int line,
	const char *what)
{
	if (got == want)
		return;
	unit_failures++;
	printf("# %s:%d: %s is %" PRIdMAX ", not %" PRIdMAX "\n", file, line, what, got, want);
}

static inline void unit_check_bytes(const void *got, size_t got_len, const void *want,
	size_t want_len, const char *file, int line, const char *what)
{
	if (got_len == want_len && (got_len == 0 || memcmp(got, want, got_len) == 0))
		return;
	unit_failures++;
	printf("# %s:%d: %s\n", file, line, what);
	unit_print("got ", got, got_len);
	unit_print("want", want, want_len);
}

#define CHECK(condition) unit_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_INT(got, want) \
	unit_check_int((intmax_t)(got), (intmax_t)(want), __FILE__, __LINE__, #got)
#define CHECK_BYTES(got, got_len, want, want_len) \
	unit_check_bytes((got), (got_len), (want), (want_len), __FILE__, __LINE__, #got)
#define CHECK_TEXT(got, got_len, want) \
	unit_check_bytes((got), (got_len), (want), strlen(want), __FILE__, __LINE__, #got)

/* Runs them all; the exit status for main(). */
static inline int unit_run(const struct unit_test *tests, size_t count)
{
	unsigned failed = 0;

	printf("1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		unsigned before = unit_failures;

		tests[i].run();
		failed += unit_failures > before;
		printf("%sok %zu - %s\n", unit_failures > before ? "not " : "", i + 1,
			tests[i].name);
		fflush(stdout);
	}
	return failed > 0;
}

#define UNIT_MAIN(tests) \
	int main(void) \
	{ \
		return unit_run((tests), sizeof(tests) / sizeof((tests)[0])); \
	}

#endif
