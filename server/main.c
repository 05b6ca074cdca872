/*
 * chatd: a chat server for everyone who can open a connection.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/unicode.h"
#include "server/core/base/log.h"
#include "server/core/room/rooms.h"
#include "server/shell/host.h"
#include "server/shell/log_sink.h"
#include "server/shell/options.h"
#include "server/shell/server.h"
#include "server/shell/signals.h"
#include "server/shell/upgrade.h"

/* How much memory the rooms may take is told where there can be several. */
static void answer_check(const struct options *o)
{
	const struct settings *s = &o->settings;
	size_t most = settings_rooms_most(s), made = most - s->room_count - 1;
	uint64_t bytes = room_memory(s->feed_bytes) * (made + 1);

	for (size_t i = 0; i < s->room_count; i++)
		bytes += room_memory(s->rooms[i].feed_bytes);
	if (most > 1)
		printf("rooms: %zu, at most %zu, with up to %" PRIu64 " KiB of memory\n",
			s->room_count + 1, most, (bytes + 1023) / 1024);
	puts("configuration OK");
}

/* The answer to --help, --version or --check. */
static int answer(const struct options *o, struct error *error)
{
	if (o->help)
		options_help(stdout);
	else if (o->version)
		printf("chatd " CHAT_VERSION " (Unicode %s)\n", unicode_version);
	else
		answer_check(o);
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_set(error, ERROR_START, "cannot write to standard output: %s",
			strerror(errno));
	return 0;
}

/* With the options read: does what they and the role ask for. 0, or -1 with *error. */
static int act(struct server *s, enum upgrade_role role, struct codec *snapshot,
	struct error *error)
{
	if (log_init(&s->log, log_sink_is_journal(STDOUT_FILENO)) < 0)
		return error_set(error, ERROR_START, "out of memory");
	if (role == UPGRADE_TRIAL)
		return server_try(s, snapshot, error);
	if (role == UPGRADE_HEIR)
		return server_take_over(s, snapshot, error);
	if (!s->options.check)
		return server_run(s, error);
	return server_check(s, error) < 0 ? -1 : answer(&s->options, error);
}

static int run(struct server *s, enum upgrade_role *role, struct error *error)
{
	struct codec snapshot = { 0 };
	int rc;

	host_standard_files();
	host_tune_memory();
	/* First, since a signal may come at any time; it is acted on when the loop runs. */
	if (signals_open() < 0)
		return error_set(error, ERROR_START, "pipe: %s", strerror(errno));
	if (upgrade_inherit(role, &snapshot, error) < 0 ||
		options_read(&s->options, s->argc, s->argv, error) < 0)
		rc = -1;
	else if (s->options.help || s->options.version)
		rc = answer(&s->options, error);
	else
		rc = act(s, *role, &snapshot, error);
	upgrade_forget(&snapshot);
	log_finish(&s->log);
	options_finish(&s->options);
	return rc;
}

int main(int argc, char **argv)
{
	struct server server = { .argc = argc, .argv = argv };
	enum upgrade_role role = UPGRADE_NONE;
	struct error error;
	int status = EXIT_SUCCESS;

	if (run(&server, &role, &error) < 0) {
		fprintf(stderr, "chatd: %s\n", error.text);
		status = (int)error.status;
	}
	/* A trial's descriptors belong to its parent: nothing may be shut down or removed. */
	if (role == UPGRADE_TRIAL)
		_exit(status);
	return status;
}
