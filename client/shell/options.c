#include "client/shell/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "proto/text.h"

enum {
	EXIT_USAGE = 2,

	/* Options without a letter. */
	OPTION_PASSWORD_FILE = 256,
	OPTION_COMMAND,
	OPTION_NO_RECONNECT,
	OPTION_COLOR,
	OPTION_PLAIN,
	OPTION_BELL,
	OPTION_LOG,
};

static const struct option long_options[] = {
	{ "nick", required_argument, NULL, 'n' },
	{ "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
	{ "command", required_argument, NULL, OPTION_COMMAND },
	{ "no-reconnect", no_argument, NULL, OPTION_NO_RECONNECT },
	{ "color", required_argument, NULL, OPTION_COLOR },
	{ "plain", no_argument, NULL, OPTION_PLAIN },
	{ "bell", required_argument, NULL, OPTION_BELL },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"usage: chatc [OPTION]... [HOST [PORT] | HOST:PORT | unix:PATH]\n"
	"Talk on a chatd, by default the one at localhost, port 8000. When it is not on\n"
	"a terminal it says each line of its input and prints each line that it receives.\n"
	"\n"
	"  -n, --nick NAME            take this nick\n"
	"      --password-file FILE   the first line of FILE is the room's password\n"
	"      --command CMD          talk to CMD; %h is HOST and %p is PORT in it\n"
	"      --no-reconnect         end when the connection is lost\n"
	"      --color WHEN           auto (default), always or never\n"
	"      --plain                no redrawing, no colours: for screen readers\n"
	"      --bell on|off          ring when your nick is said (on)\n"
	"      --log FILE             append what is shown to FILE\n"
	"  -h, --help                 print this and exit\n"
	"  -V, --version              print the version and exit\n";

static int refuse(const char *option, const char *value, const char *reason)
{
	fprintf(stderr, "chatc: %s '%s': %s\n", option, value, reason);
	return EXIT_USAGE;
}

static int refuse_option(const char *option, const char *reason)
{
	fprintf(stderr, "chatc: option %s: %s\n", option, reason);
	return EXIT_USAGE;
}

static bool is_abbreviated(const struct option *o, const char *word, size_t len)
{
	return strncmp(word, "--", 2) == 0 && strncmp(o->name, word + 2, len - 2) == 0;
}

/* One that is not known, or of which not enough is given to know it from others. */
static int refuse_word(const char *word)
{
	size_t len = strcspn(word, "="), meant = 0;

	for (const struct option *o = long_options; o->name; o++)
		meant += is_abbreviated(o, word, len);
	if (meant < 2)
		return refuse_option(word, "is not known (see chatc --help)");
	fprintf(stderr, "chatc: option %s: is ambiguous", word);
	meant = 0;
	for (const struct option *o = long_options; o->name; o++)
		if (is_abbreviated(o, word, len))
			fprintf(stderr, "%s--%s", meant++ ? ", " : " (", o->name);
	fputs(")\n", stderr);
	return EXIT_USAGE;
}

/*
 * The server knows all rules of a nick; here only what would not stay one word of one line, or is
 * never asked for since it stands for a slot.
 */
static const char *bad_nick(const char *nick)
{
	size_t len = strlen(nick);

	if (len == 0)
		return "a nick can't be empty";
	if (len > NICK_MAX)
		return "a nick has at most 32 bytes";
	if (nick[0] == '#')
		return "a nick does not begin with '#', numbers do";
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)nick[i] <= ' ' || nick[i] == 0x7f)
			return "a nick has no blanks and no control characters";
	return NULL;
}

static int parse_color(struct options *o, const char *value)
{
	static const char *const names[] = { "auto", "always", "never" };

	for (int i = COLOR_AUTO; i <= COLOR_NEVER; i++) {
		if (strcmp(value, names[i]) == 0) {
			o->color = (enum options_color)i;
			return -1;
		}
	}
	return refuse("--color", value, "must be auto, always or never");
}

static int parse_bell(struct options *o, const char *value)
{
	o->bell = strcmp(value, "on") == 0;
	if (o->bell || strcmp(value, "off") == 0)
		return -1;
	return refuse("--bell", value, "must be on or off");
}

/* What was asked for instead of a conversation; the status to exit with. */
static int answer(const char *text)
{
	if (fputs(text, stdout) != EOF && fflush(stdout) == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "chatc: standard output: %s\n", strerror(errno));
	return EXIT_FAILURE;
}

static int parse_one(struct options *o, int option)
{
	switch (option) {
	case 'n':
		o->nick = optarg;
		return bad_nick(optarg) ? refuse("--nick", optarg, bad_nick(optarg)) : -1;
	case OPTION_PASSWORD_FILE:
		o->password_file = optarg;
		return -1;
	case OPTION_COMMAND:
		o->command = optarg;
		return *optarg ? -1 : refuse("--command", "", "there is no command");
	case OPTION_NO_RECONNECT:
		o->reconnect = false;
		return -1;
	case OPTION_COLOR:
		return parse_color(o, optarg);
	case OPTION_PLAIN:
		o->plain = true;
		return -1;
	case OPTION_BELL:
		return parse_bell(o, optarg);
	case OPTION_LOG:
		o->log = optarg;
		return -1;
	case 'h':
		return answer(help);
	default:
		return answer("chatc " CHAT_VERSION "\n");
	}
}

/*
 * Cuts HOST:PORT, [ADDRESS]:PORT or [ADDRESS] and returns the port, or NULL. Several colons without
 * brackets are those of an address.
 */
static const char *cut_port(char **host)
{
	char *colon = strchr(*host, ':'), *bracket = **host == '[' ? strchr(*host, ']') : NULL;

	if (bracket && (bracket[1] == ':' || !bracket[1])) {
		++*host;
		*bracket = '\0';
		return bracket[1] ? bracket + 2 : NULL;
	}
	if (!colon || strchr(colon + 1, ':'))
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int parse_host(struct options *o, char **operands)
{
	const char *after = cut_port(&operands[0]);
	uint64_t port;

	o->host = operands[0];
	if (!*o->host)
		return refuse("host", "", "there is no name");
	if (after && operands[1])
		return refuse("port", operands[1], "it is given twice");
	if (after || operands[1])
		o->port = after ? after : operands[1];
	if (!text_number(o->port, strlen(o->port), 65535, &port) || port == 0)
		return refuse("port", o->port, "must be a number from 1 to 65535");
	if (!operands[1] || !operands[2])
		return -1;
	fprintf(stderr, "chatc: too many arguments: '%s'\n", operands[2]);
	return EXIT_USAGE;
}

static int parse_place(struct options *o, char **operands)
{
	if (!operands[0])
		return -1;
	if (strncmp(operands[0], "unix:", 5) == 0) {
		o->path = operands[0] + 5;
		if (!*o->path)
			return refuse("unix:", "", "there is no path");
		if (operands[1])
			return refuse("argument", operands[1], "a unix socket has no port");
		return -1;
	}
	return parse_host(o, operands);
}

int options_parse(struct options *o, int argc, char **argv)
{
	int option, status;

	*o = (struct options){ .host = "localhost", .port = "8000", .reconnect = true, .bell = true };
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":n:hV", long_options, NULL)) != -1) {
		const char *word = argv[optind - 1];

		if (option == ':')
			return refuse_option(word, "needs a value (see chatc --help)");
		if (option == '?' && optopt > 0 && optopt < 256) {
			char letter[3] = { '-', (char)optopt, '\0' };

			return refuse_option(letter, "is not known (see chatc --help)");
		}
		if (option == '?')
			return optopt ? refuse_option(word, "takes no value") : refuse_word(word);
		status = parse_one(o, option);
		if (status >= 0)
			return status;
	}
	return parse_place(o, argv + optind);
}
