/*
 * The main of a fuzz target where there is no libFuzzer: runs it over every file of the
 * directories that are its arguments. The result is TAP for `meson test`; a target that finds
 * something aborts, and the last file named is the one.
 */
#include <dirent.h>
#include <errno.h>

#include "test/fuzz/fuzz.h"

enum { NAME_SIZE = 4096, FILE_SIZE = 1 << 20 };

static int fail(const char *name)
{
	fprintf(stderr, "%s: %s\n", name, strerror(errno));
	return -1;
}

/* Runs the target over memory of just this size, so that a sanitizer sees a byte read too far. */
static int run(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = calloc(len > 0 ? len : 1, 1);

	if (copy == NULL)
		return fail("calloc");
	if (len > 0)
		memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	return 0;
}

static int run_file(const char *name)
{
	static uint8_t bytes[FILE_SIZE];
	FILE *file = fopen(name, "rb");

	if (file == NULL)
		return fail(name);
	size_t len = fread(bytes, 1, sizeof(bytes), file);
	int failed = ferror(file);
	fclose(file);
	return failed ? fail(name) : run(bytes, len);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Returns how many files there were, or -1. */
static int run_directory(const char *directory, int number)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_visible, alphasort);
	int status = 0;

	if (count < 0)
		return fail(directory);
	for (int i = 0; i < count; i++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "%s/%s", directory, entries[i]->d_name);
		printf("# %s\n", name);
		fflush(stdout);
		if (status == 0)
			status = run_file(name);
		if (status == 0)
			printf("ok %d - %s\n", number + i, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return status == 0 ? count : -1;
}

int main(int argc, char **argv)
{
	int number = 1;

	if (run(NULL, 0) < 0)
		return 1;
	printf("ok %d - nothing at all\n", number++);
	for (int i = 1; i < argc; i++) {
		int count = run_directory(argv[i], number);

		if (count < 0)
			return 1;
		number += count;
	}
	printf("1..%d\n", number - 1);
	return 0;
}
