/*
 * The options: one table serves the command line and the configuration file. The file's lines are
 * taken first, those for all servers before those of the section that is named, then the command
 * line, so that the nearer one wins.
 */
#include "client/shell/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/shell/user_file.h"
#include "proto/config.h"
#include "proto/limits.h"
#include "proto/text.h"
#include "proto/unicode.h"

enum { EXIT_USAGE = 2 };

enum option_id {
	OPTION_NICK,
	OPTION_ROOM,
	OPTION_PASSWORD_FILE,
	OPTION_COMMAND,
	OPTION_NO_RECONNECT,
	OPTION_COLOR,
	OPTION_PLAIN,
	OPTION_BELL,
	OPTION_NOTIFY,
	OPTION_HIGHLIGHT,
	OPTION_TIME,
	OPTION_JOINS,
	OPTION_NO_STATUS,
	OPTION_LOG,
	OPTION_PINNED,
	OPTION_SAY,   /* this one and those below are not for the configuration */
	OPTION_RELAY,
	OPTION_HELP,
	OPTION_VERSION,
	OPTIONS,
};

static const struct option_def {
	const char *name;
	char letter; /* 0 for none */
	bool value;  /* it takes one */
} option_defs[OPTIONS] = {
	[OPTION_NICK] = { "nick", 'n', true },
	[OPTION_ROOM] = { "room", 'r', true },
	[OPTION_PASSWORD_FILE] = { "password-file", 0, true },
	[OPTION_COMMAND] = { "command", 0, true },
	[OPTION_NO_RECONNECT] = { "no-reconnect", 0, false },
	[OPTION_COLOR] = { "color", 0, true },
	[OPTION_PLAIN] = { "plain", 0, false },
	[OPTION_BELL] = { "bell", 0, true },
	[OPTION_NOTIFY] = { "notify", 0, false },
	[OPTION_HIGHLIGHT] = { "highlight", 0, true },
	[OPTION_TIME] = { "time", 0, true },
	[OPTION_JOINS] = { "joins", 0, true },
	[OPTION_NO_STATUS] = { "no-status", 0, false },
	[OPTION_LOG] = { "log", 0, true },
	[OPTION_PINNED] = { "pinned", 0, false },
	[OPTION_SAY] = { "say", 0, true },
	[OPTION_RELAY] = { "relay", 0, false },
	[OPTION_HELP] = { "help", 'h', false },
	[OPTION_VERSION] = { "version", 'V', false },
};

static const char help[] =
	"usage: chatc [OPTION]... [HOST [PORT] | HOST:PORT | HOST/ROOM | unix:PATH |\n"
	"                          tls:HOST[:PORT] | ssh:[USER@]HOST | NAME]\n"
	"Talk on a chatd, by default the one at localhost, port 8000. When it is not on\n"
	"a terminal it says each line of its input and prints each line that it receives.\n"
	"NAME is a section of ~/.config/chatc/config.\n"
	"\n"
	"  -n, --nick NAME            take this nick\n"
	"  -r, --room ROOM            go to this room\n"
	"      --password-file FILE   the first line of FILE is the room's password\n"
	"      --command CMD          talk to CMD; %h is HOST and %p is PORT in it\n"
	"      --no-reconnect         end when the connection is lost\n"
	"      --say TEXT             say TEXT and end\n"
	"      --relay                pass bytes on as they come, for ssh:\n"
	"      --pinned               keep the nick as it is\n"
	"      --color WHEN           auto (default), always or never\n"
	"      --plain                no redrawing, no colours: for screen readers\n"
	"      --bell WHEN            mentions (default), all or off\n"
	"      --notify               have the terminal tell of mentions you do not see\n"
	"      --highlight WORD       count WORD as your nick is; may be repeated\n"
	"      --time FORMAT          how times are shown, as strftime(3) has it\n"
	"      --joins HOW            show (default), fold or hide who joins and leaves\n"
	"      --no-status            no status line\n"
	"      --log FILE             append what is shown to FILE\n"
	"  -h, --help                 print this and exit\n"
	"  -V, --version              print the version and exit\n";

/*
 * The server knows all rules of a nick; here only what would not stay one word of one line, or is
 * never asked for since it stands for a slot.
 */
static const char *set_nick(struct options *o, const char *nick)
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
	o->nick = nick;
	return NULL;
}

static const char *set_room(struct options *o, const char *room)
{
	size_t len = strlen(room);

	if (!len)
		return "there is no name";
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)room[i] <= ' ' || room[i] == 0x7f)
			return "a room has no blanks and no control characters";
	o->room = room;
	return NULL;
}

/* The place of a word among three, or -1. */
static int choose(const char *value, const char *first, const char *second, const char *third)
{
	if (strcmp(value, first) == 0)
		return 0;
	if (strcmp(value, second) == 0)
		return 1;
	return strcmp(value, third) == 0 ? 2 : -1;
}

static const char *set_color(struct options *o, const char *value)
{
	int choice = choose(value, "auto", "always", "never");

	if (choice < 0)
		return "must be auto, always or never";
	o->color = (enum options_color)choice;
	return NULL;
}

/* "on" is what it was called before there was a choice. */
static const char *set_bell(struct options *o, const char *value)
{
	int choice = strcmp(value, "on") == 0 ? 0 : choose(value, "mentions", "all", "off");

	if (choice < 0)
		return "must be mentions, all or off";
	o->bell = (enum options_bell)choice;
	return NULL;
}

static const char *set_joins(struct options *o, const char *value)
{
	int choice = choose(value, "show", "fold", "hide");

	if (choice < 0)
		return "must be show, fold or hide";
	o->joins = (enum options_joins)choice;
	return NULL;
}

static const char *add_highlight(struct options *o, const char *value)
{
	if (!*value)
		return "there is no word";
	if (o->highlight_count == OPTIONS_HIGHLIGHTS_MAX)
		return "there are too many of them";
	o->highlights[o->highlight_count++] = value;
	return NULL;
}

static const char *set_text(const char **field, const char *value, const char *absent)
{
	*field = value;
	return *value ? NULL : absent;
}

static const char *set_say(struct options *o, const char *value)
{
	o->say = value;
	return text_is_blank(value, strlen(value)) ? "there is nothing to say" : NULL;
}

/* Takes a value. NULL, or what is wrong with it. */
static const char *set_value(struct options *o, enum option_id option, const char *value)
{
	switch (option) {
	case OPTION_NICK:
		return set_nick(o, value);
	case OPTION_ROOM:
		return set_room(o, value);
	case OPTION_PASSWORD_FILE:
		return set_text(&o->password_file, value, "there is no file");
	case OPTION_COMMAND:
		return set_text(&o->command, value, "there is no command");
	case OPTION_COLOR:
		return set_color(o, value);
	case OPTION_BELL:
		return set_bell(o, value);
	case OPTION_HIGHLIGHT:
		return add_highlight(o, value);
	case OPTION_TIME:
		return set_text(&o->time_format, value, "there is no format");
	case OPTION_JOINS:
		return set_joins(o, value);
	case OPTION_LOG:
		return set_text(&o->log, value, "there is no file");
	default:
		return set_say(o, value);
	}
}

static void set_flag(struct options *o, enum option_id option, bool on)
{
	switch (option) {
	case OPTION_NO_RECONNECT:
		o->reconnect = !on;
		break;
	case OPTION_PLAIN:
		o->plain = on;
		break;
	case OPTION_NOTIFY:
		o->notify = on;
		break;
	case OPTION_NO_STATUS:
		o->status_line = !on;
		break;
	case OPTION_PINNED:
		o->pinned = on;
		break;
	default:
		o->relay = on;
	}
}

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

static bool is_abbreviated(const struct option_def *def, const char *word, size_t len)
{
	return strncmp(word, "--", 2) == 0 && strncmp(def->name, word + 2, len - 2) == 0;
}

/* One that is not known, or of which not enough is given to know it from others. */
static int refuse_word(const char *word)
{
	size_t len = strcspn(word, "="), meant = 0;

	for (size_t i = 0; i < OPTIONS; i++)
		meant += is_abbreviated(&option_defs[i], word, len);
	if (meant < 2)
		return refuse_option(word, "is not known (see chatc --help)");
	fprintf(stderr, "chatc: option %s: is ambiguous", word);
	meant = 0;
	for (size_t i = 0; i < OPTIONS; i++)
		if (is_abbreviated(&option_defs[i], word, len))
			fprintf(stderr, "%s--%s", meant++ ? ", " : " (", option_defs[i].name);
	fputs(")\n", stderr);
	return EXIT_USAGE;
}

/* Does what was asked for instead of a conversation; the status to exit with. */
static int answer(const char *text)
{
	if (fputs(text, stdout) != EOF && fflush(stdout) == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "chatc: standard output: %s\n", strerror(errno));
	return EXIT_FAILURE;
}

/* An option of the command line. */
static int take_option(struct options *o, enum option_id option)
{
	char name[32];
	const char *problem;

	if (option == OPTION_HELP)
		return answer(help);
	if (option == OPTION_VERSION) {
		printf("chatc " CHAT_VERSION " (Unicode %s)", unicode_version);
		return answer("\n");
	}
	if (!option_defs[option].value) {
		set_flag(o, option, true);
		return -1;
	}
	problem = set_value(o, option, optarg);
	if (!problem)
		return -1;
	snprintf(name, sizeof(name), "--%s", option_defs[option].name);
	return refuse(name, optarg, problem);
}

/* What getopt_long() could make nothing of; word is where it stands. */
static int refuse_unknown(int found, const char *word)
{
	if (found == ':')
		return refuse_option(word, "needs a value (see chatc --help)");
	if (optopt > 0 && optopt < 256) {
		char letter[3] = { '-', (char)optopt, '\0' };

		return refuse_option(letter, "is not known (see chatc --help)");
	}
	return optopt ? refuse_option(word, "takes no value") : refuse_word(word);
}

/* Takes the options of the command line; it can be taken more than once. */
static int take_command_line(struct options *o, int argc, char **argv)
{
	struct option longs[OPTIONS + 1] = { 0 };
	int found, status = -1;

	for (int i = 0; i < OPTIONS; i++)
		longs[i] = (struct option){ option_defs[i].name,
			option_defs[i].value ? required_argument : no_argument, NULL, 256 + i };
	opterr = 0;
	optind = 0; /* from the start: in glibc and musl */
	while (status < 0 && (found = getopt_long(argc, argv, ":n:r:hV", longs, NULL)) != -1) {
		enum option_id option = OPTION_NICK;

		if (found == ':' || found == '?')
			return refuse_unknown(found, argv[optind - 1]);
		while (found != option_defs[option].letter && found != 256 + (int)option)
			option++;
		status = take_option(o, option);
	}
	return status;
}

/* A setting of the configuration file. NULL, or what is wrong with it. */
static const char *take_setting(struct options *o, const char *name, const char *value,
	const char **host)
{
	enum option_id option = OPTION_NICK;
	int yes = strcmp(value, "yes") == 0;

	if (strcmp(name, "host") == 0) {
		*host = value;
		return *value ? NULL : "there is no name";
	}
	while (option < OPTION_SAY && strcmp(name, option_defs[option].name) != 0)
		option++;
	if (option == OPTION_SAY)
		return "is not known";
	if (option_defs[option].value)
		return set_value(o, option, value);
	if (!yes && strcmp(value, "no") != 0)
		return "must be yes or no";
	set_flag(o, option, yes);
	return NULL;
}

static int refuse_setting(const char *path, const struct config *c, const char *problem)
{
	if (c->problem)
		fprintf(stderr, "chatc: %s, line %u: %s\n", path, c->line, problem);
	else
		fprintf(stderr, "chatc: %s, line %u: %s '%s': %s\n", path, c->line, c->name,
			c->value, problem);
	return EXIT_USAGE;
}

/*
 * Takes the settings for all, and those of the section. host: that of the section; for all it
 * counts only when no host is named. -1, or the status to exit with.
 */
static int take_settings(struct options *o, const char *path, const char *section,
	const char **host)
{
	struct config c = { .rest = o->config, .has_sections = true };
	int found;

	while ((found = config_next(&c)) != 0) {
		const char *problem = c.problem, *ignored;

		if (found > 0 && !c.section)
			problem = take_setting(o, c.name, c.value, *host ? &ignored : host);
		else if (found > 0 && section && strcmp(c.section, section) == 0)
			problem = take_setting(o, c.name, c.value, host);
		if (problem)
			return refuse_setting(path, &c, problem);
	}
	return -1;
}

static int take_config(struct options *o, const char *section, const char **host)
{
	char path[USER_FILE_PATH_MAX];

	if (user_file_config(path, "config") < 0)
		return -1;
	o->config = user_file_text(path);
	if (o->config)
		return take_settings(o, path, section, host);
	if (errno == ENOENT || errno == ENOTDIR)
		return -1;
	fprintf(stderr, "chatc: %s: %s\n", path, strerror(errno));
	return EXIT_FAILURE;
}

static int parse_target(struct options *o, const char *place, const char *port)
{
	struct target_error error;

	o->place = strdup(place);
	if (!o->place) {
		fprintf(stderr, "chatc: %s\n", strerror(ENOMEM));
		return EXIT_FAILURE;
	}
	if (target_parse(&o->target, o->place, port, &error) < 0)
		return refuse(error.word, error.value, error.reason);
	if (o->target.room) {
		const char *problem = set_room(o, o->target.room);

		return problem ? refuse("room", o->target.room, problem) : -1;
	}
	return -1;
}

/* Whether what is to be put for a '%' in a command may stand there. */
static int check_command(const struct options *o)
{
	static const char reason[] = "such a name is not handed to a command";
	const struct target_host *h = &o->target.hosts[0];

	if (!o->command)
		return -1;
	if (o->target.kind == TARGET_TLS || o->target.kind == TARGET_SSH)
		return refuse("--command", o->command, "tls: and ssh: have a command of their own");
	if (o->target.kind == TARGET_UNIX)
		return strstr(o->command, "%h") && !target_is_safe(o->target.path)
			? refuse("unix:", o->target.path, reason) : -1;
	if (o->target.count > 1)
		return refuse("--command", o->command, "goes with one host");
	return target_is_safe(h->name) ? -1 : refuse("host", h->name, reason);
}

static int parse(struct options *o, int argc, char **argv)
{
	struct options line = { 0 };
	int status = take_command_line(&line, argc, argv);
	const char *place, *port;
	char **operands;

	if (status >= 0)
		return status;
	operands = argv + optind;
	place = operands[0];
	port = place ? operands[1] : NULL;
	if (port && operands[2]) {
		fprintf(stderr, "chatc: too many arguments: '%s'\n", operands[2]);
		return EXIT_USAGE;
	}
	status = take_config(o, port ? NULL : place, &place);
	if (status < 0)
		status = take_command_line(o, argc, argv);
	if (status < 0)
		status = parse_target(o, place ? place : "localhost", port);
	if (line.room)
		o->room = line.room;
	return status < 0 ? check_command(o) : status;
}

int options_parse(struct options *o, int argc, char **argv)
{
	*o = (struct options){ .reconnect = true, .status_line = true };
	return parse(o, argc, argv);
}

void options_finish(struct options *o)
{
	free(o->config);
	free(o->place);
}
