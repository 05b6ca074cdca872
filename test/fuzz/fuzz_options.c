/*
 * The command line and the text of a configuration file: the args of the input, NUL between
 * them, are arguments, and its first is a configuration too. Whatever they are, they are taken or
 * refused in one line; what is taken is within its limits.
 */
#include "proto/config.h"
#include "proto/limits.h"
#include "server/core/feed/feed.h"
#include "server/shell/options.h"
#include "server/shell/option_def.h"
#include "test/fuzz/fuzz.h"

enum { INPUT_MAX = 4096, ARGUMENTS_MAX = 32 };

static void check_fault(const struct error *error)
{
	size_t len = strlen(error->text);

	MUST(len > 0 && len < ERROR_TEXT_MAX);
	MUST(error->status == ERROR_USAGE);
	for (size_t i = 0; i < len; i++)
		MUST((unsigned char)error->text[i] >= ' ' && error->text[i] != 0x7f);
}

static void check_options(const struct options *o)
{
	MUST(o->settings.max_clients >= 1 && o->settings.burst >= 1);
	MUST(o->settings.max_message >= MESSAGE_MIN &&
		o->settings.max_message <= MESSAGE_MAX);
	MUST(o->sync == SYNC_NONE || o->sync == SYNC_INTERVAL || o->sync == SYNC_ALWAYS);
	for (size_t i = 0; i < o->listen.count; i++)
		MUST(endpoint_equal(&o->listen.items[i], &o->listen.items[i]));
}

/* Reads arguments twice, the second time as a reload does. */
static void try_arguments(int argc, char **argv)
{
	struct options o;
	struct error error = { 0 };
	const struct option_def *def;

	for (int again = 0; again < 2; again++) {
		if (options_read(&o, argc, argv, &error) < 0) {
			MUST(again == 0);
			check_fault(&error);
			options_finish(&o);
			return;
		}
		if (!o.help && !o.version) {
			check_options(&o);
			MUST(feed_message_max(o.settings.feed_bytes) >= o.settings.max_message);
		}
		for (size_t i = 0; (def = option_def_at(i)) != NULL; i++)
			MUST(option_def_same(def, &o, &o));
		options_finish(&o);
	}
}

static void try_config(char *text)
{
	char none[] = "";
	char *argv[] = { none, NULL };
	struct config c = { .rest = text };
	struct options o;
	struct error error;
	unsigned line = 0;
	int rc;

	MUST(options_read(&o, 1, argv, &error) == 0);
	while ((rc = config_next(&c)) != 0) {
		const struct option_def *def;

		MUST(c.line > line);
		line = c.line;
		if (rc < 0) {
			MUST(c.problem != NULL);
			continue;
		}
		MUST(strchr(c.name, '\n') == NULL && strchr(c.value, '\n') == NULL);
		def = option_def_named(c.name, strlen(c.name));
		if (def != NULL && option_def_set(def, &o, c.value, "file:1", &error) < 0)
			check_fault(&error);
	}
	check_options(&o);
	options_finish(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[INPUT_MAX + 1];
	char *argv[ARGUMENTS_MAX + 1] = { text };
	int argc = 1;

	if (size > INPUT_MAX)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i <= size && argc < ARGUMENTS_MAX; i += strlen(text + i) + 1) {
		/* A file that is named is no matter of this test. */
		if (strstr(text + i, "config") != NULL)
			break;
		argv[argc++] = text + i;
	}
	argv[argc] = NULL;
	try_arguments(argc, argv);
	try_config(text);
	return 0;
}
