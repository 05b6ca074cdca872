/*
 * The command line, the configuration file and the files that they name.
 */
#include "server/shell/options.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/limits.h"
#include "server/core/feed/feed.h"
#include "test/unit/unit.h"

enum { ARGUMENTS_MAX = 16 };

static char folder[] = "/tmp/chatd-test-XXXXXX";

/* A file in the folder: its path until the next call, after it was given this text. */
static const char *put_file(const char *name, const char *text)
{
	static char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	CHECK(file != NULL);
	fputs(text, file);
	fclose(file);
	return path;
}

/* Reads a command line written with single spaces between its args. */
static int read_words(struct options *o, const char *args, struct error *error)
{
	char copy[512];
	char program[] = "chatd";
	char *argv[ARGUMENTS_MAX + 1] = { program };
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", args);
	for (char *word = copy; *args != '\0' && word != NULL; argc++) {
		char *space = strchr(word, ' ');

		if (space != NULL)
			*space++ = '\0';
		argv[argc] = word;
		word = space;
	}
	memset(error, 0, sizeof(*error));
	return options_read(o, argc, argv, error);
}

static void check_fault(const char *args, enum error_status status, const char *text)
{
	struct options o;
	struct error error;

	CHECK_INT(read_words(&o, args, &error), -1);
	CHECK_INT(error.status, status);
	CHECK_TEXT(error.text, strlen(error.text), text);
	options_finish(&o);
}

static void test_has_defaults(void)
{
	struct options o;
	struct error error;

	CHECK_INT(read_words(&o, "", &error), 0);
	CHECK_INT(o.settings.max_clients, 256);
	CHECK_INT(o.settings.max_message, 1024);
	CHECK_INT(o.settings.rate, 10);
	CHECK_INT(o.settings.burst, 40);
	CHECK_INT(o.settings.max_per_host, 0);
	CHECK_INT(o.settings.feed_bytes, 1 << 20);
	CHECK_INT(o.settings.replay, 10);
	CHECK_INT(o.settings.idle_timeout, 0);
	CHECK_INT(o.settings.announce_max, 50);
	CHECK_INT(o.sync, SYNC_INTERVAL);
	CHECK(!o.settings.quiet && !o.check && !o.help && !o.version);
	CHECK_INT(o.listen.count, 1);
	CHECK_INT(o.listen.items[0].kind, ENDPOINT_LOOPBACK);
	CHECK_INT(o.listen.items[0].port, 8000);
	options_finish(&o);
}

static void test_takes_every_option(void)
{
	struct options o;
	struct error error;

	CHECK_INT(read_words(&o, "-l *:1 --listen=2 --max-clients 3 --max-message=4K --rate 5 "
		"--burst 6 --max-per-host=7", &error), 0);
	CHECK_INT(o.listen.count, 2);
	CHECK_INT(o.listen.items[1].port, 2);
	CHECK_INT(o.settings.max_clients, 3);
	CHECK_INT(o.settings.max_message, 4096);
	CHECK_INT(o.settings.rate, 5);
	CHECK_INT(o.settings.burst, 6);
	CHECK_INT(o.settings.max_per_host, 7);
	options_finish(&o);

	CHECK_INT(read_words(&o, "--feed 2M --replay 8 --idle-timeout 9 --announce-max 10 "
		"--history h --sync always --name n --user u", &error), 0);
	CHECK_INT(o.settings.feed_bytes, 2 << 20);
	CHECK_INT(o.settings.replay, 8);
	CHECK_INT(o.settings.idle_timeout, 9);
	CHECK_INT(o.settings.announce_max, 10);
	CHECK_TEXT(o.history, strlen(o.history), "h");
	CHECK_INT(o.sync, SYNC_ALWAYS);
	CHECK_TEXT(o.name, strlen(o.name), "n");
	CHECK_TEXT(o.user, strlen(o.user), "u");
	options_finish(&o);

	CHECK_INT(read_words(&o, "-qm5 -b 64 -b65 --motd a --password-file b --operator-file c "
		"--check --", &error), 0);
	CHECK(o.settings.quiet && o.check);
	CHECK_INT(o.settings.max_clients, 5);
	CHECK_INT(o.settings.max_message, 65);
	CHECK_TEXT(o.motd_file, 1, "a");
	CHECK_TEXT(o.password_file, 1, "b");
	CHECK_TEXT(o.operator_file, 1, "c");
	options_finish(&o);

	CHECK_INT(read_words(&o, "-q --quiet=no -h --nonsense", &error), 0);
	CHECK(o.help && !o.settings.quiet);
	options_finish(&o);
	CHECK_INT(read_words(&o, "-V", &error), 0);
	CHECK(o.version);
	options_finish(&o);
}

static void test_refuses_in_words(void)
{
	static const struct {
		const char *args, *error;
	} cases[] = {
		{ "8000", "unexpected argument \"8000\" (see chatd --help)" },
		{ "-q -- -q", "unexpected argument \"-q\" (see chatd --help)" },
		{ "-", "unexpected argument \"-\" (see chatd --help)" },
		{ "--bogus", "there is no option --bogus (see chatd --help)" },
		{ "--max=3", "there is no option --max (see chatd --help)" },
		{ "--\x1b[2J", "there is no option --?[2J (see chatd --help)" },
		{ "-x", "there is no option -x (see chatd --help)" },
		{ "-qx", "there is no option -x (see chatd --help)" },
		{ "--rate", "--rate needs an argument: N" },
		{ "-m", "--max-clients needs an argument: N" },
		{ "-m=3", "--max-clients must be a number from 1 to 65536, not \"=3\"" },
		{ "-m 0", "--max-clients must be a number from 1 to 65536, not \"0\"" },
		{ "-m 65537", "--max-clients must be a number from 1 to 65536, not \"65537\"" },
		{ "-m 1K", "--max-clients must be a number from 1 to 65536, not \"1K\"" },
		{ "-b 7", "--max-message must be a size from 8 to 64K, not \"7\"" },
		{ "-b 65K", "--max-message must be a size from 8 to 64K, not \"65K\"" },
		{ "-b 1M", "--max-message must be a size from 8 to 64K, not \"1M\"" },
		{ "-b K", "--max-message must be a size from 8 to 64K, not \"K\"" },
		{ "-b ten", "--max-message must be a size from 8 to 64K, not \"ten\"" },
		{ "--rate -1", "--rate must be a number from 0 to 1000000, not \"-1\"" },
		{ "--rate 1000001", "--rate must be a number from 0 to 1000000, not \"1000001\"" },
		{ "--burst 0", "--burst must be a number from 1 to 1000000, not \"0\"" },
		{ "--feed 4095", "--feed must be a size from 4K to 1024M, not \"4095\"" },
		{ "--feed 99999999999999999999M",
			"--feed must be a size from 4K to 1024M, not \"99999999999999999999M\"" },
		{ "--sync often", "--sync must be none, interval or always, not \"often\"" },
		{ "--quiet=maybe", "--quiet must be yes or no, not \"maybe\"" },
		{ "--name=", "--name must not be empty" },
		{ "--name=\x1b", "--name must be plain UTF-8 text" },
		{ "-l nowhere",
			"--listen: \"nowhere\" does not end in a port, which is a number from 0 to 65535" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_fault(cases[i].args, ERROR_USAGE, cases[i].error);
	check_fault("--config /nowhere", ERROR_START,
		"--config: cannot read /nowhere: No such file or directory");
}

static void test_takes_borders(void)
{
	static const char *const fine[] = { "-m 1", "-m 65536", "-b 8", "-b 65536", "-b 64k",
		"--rate 0", "--rate 1000000", "--burst 1", "-b 64 --feed 4096", "--feed 1024m" };

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		struct options o;
		struct error error;

		CHECK_INT(read_words(&o, fine[i], &error), 0);
		CHECK_TEXT(error.text, strlen(error.text), "");
		options_finish(&o);
	}
}

static void test_fits_feed_and_message(void)
{
	struct options o;
	struct error error;

	/* Nobody has asked for a size of the feed: it is as large as it must be. */
	CHECK_INT(read_words(&o, "-b 64K", &error), 0);
	CHECK_INT(o.settings.feed_bytes, FEED_LINES_MIN * feed_line_max(MESSAGE_MAX));
	options_finish(&o);

	/* Too small a one holds a few of the longest lines all the same. */
	CHECK_INT(read_words(&o, "--feed 4K", &error), 0);
	CHECK_INT(o.settings.feed_bytes, FEED_LINES_MIN * feed_line_max(MESSAGE_DEFAULT));
	options_finish(&o);
	CHECK_INT(read_words(&o, "--feed 33K", &error), 0);
	CHECK_INT(o.settings.feed_bytes, 33 * 1024);
	options_finish(&o);
}

static void test_reads_a_file(void)
{
	struct options o;
	struct error error;
	char args[128];

	snprintf(args, sizeof(args), "--rate 5 --config %s -l 7", put_file("conf",
		"# a room\nrate = 1\nburst = 2\nname = \"Tea room\"\nquiet = yes\n"
		"listen = 1\nlisten = 2\nfeed = 2M\n"));
	CHECK_INT(read_words(&o, args, &error), 0);
	CHECK_INT(o.settings.rate, 5);
	CHECK_INT(o.settings.burst, 2);
	CHECK_INT(o.settings.feed_bytes, 2 << 20);
	CHECK(o.settings.quiet);
	CHECK_TEXT(o.name, strlen(o.name), "Tea room");
	CHECK_INT(o.listen.count, 1);
	CHECK_INT(o.listen.items[0].port, 7);
	options_finish(&o);

	snprintf(args, sizeof(args), "--config %s", put_file("conf", "listen = 1\nlisten = 2"));
	CHECK_INT(read_words(&o, args, &error), 0);
	CHECK_INT(o.listen.count, 2);
	options_finish(&o);
}

static void test_names_file_and_line(void)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "rate = x", ":1: rate must be a number from 0 to 1000000, not \"x\"" },
		{ "\n\nbogus = 1", ":3: there is no option \"bogus\"" },
		{ "rate = 1\nrate", ":2: a line reads \"option = value\"" },
		{ "check = yes", ":1: check is for the command line only" },
		{ "config = x", ":1: config is for the command line only" },
		{ "quiet =", ":1: quiet must be yes or no, not \"\"" },
		{ "listen = x", ":1: listen: \"x\" does not end in a port, which is a number from 0 to 65535" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path = put_file("conf", cases[i].text);
		char args[128], want[256];

		snprintf(args, sizeof(args), "--config %s", path);
		snprintf(want, sizeof(want), "%s%s", path, cases[i].error);
		check_fault(args, ERROR_USAGE, want);
	}
}

/*
 * Loads one option's file and checks the error, NULL for none, in which $ stands for the file;
 * returns the options.
 */
static struct options check_load(const char *option, const char *text, const char *want)
{
	const char *path = put_file("file", text);
	struct log log;
	struct options o;
	struct error error;
	char args[128], expected[256];

	snprintf(args, sizeof(args), "--%s %s -b 64", option, path);
	CHECK_INT(log_init(&log, false), 0);
	CHECK_INT(read_words(&o, args, &error), 0);
	CHECK_INT(options_load(&o, &log, &error), want == NULL ? 0 : -1);
	if (want != NULL) {
		int head = (int)strcspn(want, "$");

		snprintf(expected, sizeof(expected), "--%s: %.*s%s%s", option, head, want, path,
			want + head + 1);
		CHECK_TEXT(error.text, strlen(error.text), expected);
		CHECK_INT(error.status, ERROR_START);
	}
	log_finish(&log);
	return o;
}

static void test_loads_passwords(void)
{
	static const struct {
		const char *text, *want;
	} bad[] = {
		{ "", "the first line of $ is empty" },
		{ "\nsecret\n", "the first line of $ is empty" },
		{ "\r\n", "the first line of $ is empty" },
		{ "a\tb", "the password in $ is not plain UTF-8 text, nobody could type it" },
		{ "0123456789012345678901234567890123456789012345678901234567890",
			"the password in $ has 61 bytes, nobody could send more than 60" },
	};
	struct options o;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		o = check_load("password-file", bad[i].text, bad[i].want);
		options_finish(&o);
	}
	o = check_load("password-file", "open sesame\r\nnot this", NULL);
	CHECK_TEXT(o.settings.password, strlen(o.settings.password), "open sesame");
	CHECK(o.settings.operator_password == NULL);
	options_finish(&o);
	o = check_load("operator-file",
		"012345678901234567890123456789012345678901234567890123456789", NULL);
	CHECK_INT(strlen(o.settings.operator_password), 60);
	options_finish(&o);
	/* A blank that begins it is said with the room's, and passed over by /op. */
	o = check_load("password-file", " sesame\n", NULL);
	CHECK_TEXT(o.settings.password, strlen(o.settings.password), " sesame");
	options_finish(&o);
	o = check_load("operator-file", " sesame\n",
		"$: the password begins with a blank, which /op passes over");
	options_finish(&o);
}

/* A motd of so many lines of so many bytes each, LF included. */
static void check_motd(size_t lines, size_t bytes, const char *want)
{
	static char text[2 * SETTINGS_MOTD_MAX];
	struct options o;

	CHECK(lines * bytes < sizeof(text));
	for (size_t i = 0; i < lines * bytes; i++)
		text[i] = (i + 1) % bytes == 0 ? '\n' : 'x';
	text[lines * bytes] = '\0';
	o = check_load("motd", text, want);
	options_finish(&o);
}

static void test_loads_a_motd(void)
{
	struct options o = check_load("motd", "Hello\tthere\r\n\n\x1b[31mred\n", NULL);

	CHECK_TEXT(o.settings.motd, strlen(o.settings.motd), "Hello    there\n\nred");
	options_finish(&o);
	check_motd(64, 128, NULL);
	check_motd(65, 1, "$ is too long: 65 lines, 64 bytes; at most 64 and 8192");
	check_motd(1, 8193, "$ is too long, at most 8192 bytes are read");
	check_motd(1, 8192, NULL);
}

static void test_warns_of_readable_passwords(void)
{
	const char *path = put_file("file", "secret\n");

	for (int i = 0; i < 2; i++) {
		char args[128];
		struct log log;
		struct options o;
		struct error error;
		const char *lines;
		size_t len;

		snprintf(args, sizeof(args), "--operator-file %s", path);
		CHECK_INT(chmod(path, i == 0 ? 0640 : 0644), 0);
		CHECK_INT(log_init(&log, false), 0);
		CHECK_INT(read_words(&o, args, &error), 0);
		CHECK_INT(options_load(&o, &log, &error), 0);
		len = log_pending(&log, &lines);
		CHECK_INT(len > 0, i);
		CHECK(i == 0 || memcmp(lines, "warning: everybody", 18) == 0);
		options_finish(&o);
		log_finish(&log);
	}
}

static void test_keeps_what_needs_a_restart(void)
{
	static const char said[] = "listen has changed: that needs a restart\n"
		"max-clients has changed: that needs a restart\n"
		"user has changed: that needs a restart\n";
	struct options old, fresh;
	struct error error;
	struct log log;
	const char *lines;
	size_t len;

	CHECK_INT(log_init(&log, false), 0);
	CHECK_INT(read_words(&old, "-l 1 -m 5 --rate 1 --history h", &error), 0);
	CHECK_INT(read_words(&fresh, "-l 1 -l 2 -m 6 --rate 2 --history h --user u", &error), 0);
	options_keep(&fresh, &old, &log);
	len = log_pending(&log, &lines);
	CHECK_TEXT(lines, len, said);
	CHECK_INT(fresh.listen.count, 1);
	CHECK_INT(fresh.settings.max_clients, 5);
	CHECK_INT(fresh.settings.rate, 2);
	CHECK(fresh.user == NULL);
	options_finish(&old);
	options_finish(&fresh);
	log_finish(&log);
}

static void test_helps_within_80_columns(void)
{
	char text[8192];
	FILE *file = tmpfile();
	size_t len;
	size_t column = 0;

	CHECK(file != NULL);
	options_help(file);
	rewind(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	CHECK(len > 0 && len < sizeof(text) && text[len - 1] == '\n');
	for (size_t i = 0; i < len; i++) {
		column = text[i] == '\n' ? 0 : column + 1;
		if (column > 80)
			CHECK_TEXT(text + i, 0, "a shorter line");
	}
	text[len < sizeof(text) ? len : sizeof(text) - 1] = '\0';
	CHECK(strstr(text, "\n  -m, --max-clients N        ") != NULL);
	CHECK(strstr(text, "(256)\n") != NULL && strstr(text, "(1M)\n") != NULL);
}

static const struct unit_test tests[] = {
	{ "has defaults", test_has_defaults },
	{ "takes every option", test_takes_every_option },
	{ "refuses in words", test_refuses_in_words },
	{ "takes borders", test_takes_borders },
	{ "fits feed and message", test_fits_feed_and_message },
	{ "reads a file", test_reads_a_file },
	{ "names file and line", test_names_file_and_line },
	{ "loads passwords", test_loads_passwords },
	{ "loads a motd", test_loads_a_motd },
	{ "warns of readable passwords", test_warns_of_readable_passwords },
	{ "keeps what needs a restart", test_keeps_what_needs_a_restart },
	{ "helps within 80 columns", test_helps_within_80_columns },
};

int main(void)
{
	int rc;

	if (mkdtemp(folder) == NULL)
		return 1;
	rc = unit_run(tests, sizeof(tests) / sizeof(tests[0]));
	unlink(put_file("conf", ""));
	unlink(put_file("file", ""));
	rmdir(folder);
	return rc;
}
