/*
 * Landlock by its plain system calls (landlock.h).
 */
#include "server/shell/landlock.h"

#ifdef __linux__
#include <sys/syscall.h>
#endif

#ifdef SYS_landlock_create_ruleset

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/shell/path.h"

/*
 * Landlock's interface (linux/landlock.h), which grows with each version: as of version 4, cut to
 * what the running kernel knows.
 */
struct landlock_rules {
	uint64_t files;
	uint64_t network; /* version 4 */
};

struct landlock_folder {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

struct landlock_port {
	uint64_t allowed;
	uint64_t port;
};

enum {
	LANDLOCK_VERSION = 1,     /* flag: tell your version */
	LANDLOCK_BENEATH_PATH = 1, /* types of rules */
	LANDLOCK_TCP_PORT_V4 = 2,

	LANDLOCK_WRITE_FILE = 1 << 1,
	LANDLOCK_REMOVE_FILE = 1 << 5,
	LANDLOCK_MAKE_REG = 1 << 8,
	/* Removing and making files and folders of any kind: bits 4 to 12; moving them: 13. */
	LANDLOCK_CHANGES_V1 = LANDLOCK_WRITE_FILE | 0x1ff0,
	LANDLOCK_CHANGES_V2 = LANDLOCK_CHANGES_V1 | 1 << 13,
	LANDLOCK_TRUNCATE_V3 = 1 << 14,

	LANDLOCK_CONNECT_V4 = 2,
	LANDLOCK_BIND_AND_CONNECT_V4 = 1 | LANDLOCK_CONNECT_V4,
};

static uint64_t file_rights(long version)
{
	uint64_t rights = version >= 2 ? LANDLOCK_CHANGES_V2 : LANDLOCK_CHANGES_V1;

	return version >= 3 ? rights | LANDLOCK_TRUNCATE_V3 : rights;
}

static void allow_folder(int rules, const char *folder, uint64_t rights)
{
	struct landlock_folder beneath = { .allowed = rights };

	beneath.fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (beneath.fd < 0)
		return;
	syscall(SYS_landlock_add_rule, rules, LANDLOCK_BENEATH_PATH, &beneath, 0);
	close(beneath.fd);
}

static void allow_folder_of(int rules, const char *path, uint64_t rights)
{
	char *folder = path_folder(path);

	if (folder != NULL)
		allow_folder(rules, folder, rights);
	free(folder);
}

/* It may be a link to a file in another folder, too. */
static void allow_file(int rules, const char *path, uint64_t rights)
{
	char *target = realpath(path, NULL);

	allow_folder_of(rules, path, rights);
	if (target != NULL)
		allow_folder_of(rules, target, rights);
	free(target);
}

static void allow_port(int rules, uint16_t port)
{
	struct landlock_port rule = { .allowed = LANDLOCK_CONNECT_V4, .port = port };

	syscall(SYS_landlock_add_rule, rules, LANDLOCK_TCP_PORT_V4, &rule, 0);
}

bool landlock_enter(const struct landlock_allowed *allowed)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
	uint64_t rights = file_rights(version);
	uint64_t writing = rights & (LANDLOCK_WRITE_FILE | LANDLOCK_TRUNCATE_V3);
	uint64_t changing = writing | LANDLOCK_MAKE_REG | LANDLOCK_REMOVE_FILE;
	struct landlock_rules all = { .files = rights, .network = LANDLOCK_BIND_AND_CONNECT_V4 };
	size_t size = version >= 4 ? sizeof(all) : offsetof(struct landlock_rules, network);
	bool entered;
	int rules;

	if (version < 1)
		return false;
	rules = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
	if (rules < 0)
		return false;
	/* Terminals, for the log of a program that takes over. */
	allow_folder(rules, "/dev", writing);
	for (size_t i = 0; i < allowed->paths_count; i++)
		allow_file(rules, allowed->paths[i], changing);
	for (size_t i = 0; version >= 4 && i < allowed->ports_count; i++)
		allow_port(rules, allowed->ports[i]);
	entered = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	close(rules);
	return entered;
}

#else

bool landlock_enter(const struct landlock_allowed *allowed)
{
	return false;
}

#endif
