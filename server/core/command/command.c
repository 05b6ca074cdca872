/*
 * Commands (command.h). The rule: arity and permission are checked here, before any function of the
 * table runs.
 */
#include "server/core/command/command.h"

#include <string.h>

#include "proto/text.h"
#include "server/core/command/args.h"
#include "server/core/command/search.h"
#include "server/core/room/presence.h"
#include "server/core/room/tell.h"

enum {
	NAME_MAX_LEN = 16, /* no command's name is longer */
	ECHO_MAX = 64,     /* of a wrong word, repeated to its author */
};

enum {
	TEXT = 1,      /* the last word is all the rest of the line, made safe */
	SECRET = 2,    /* the same as it came */
	NAME = 4,      /* the same but for blanks at its end */
	OPERATORS = 8, /* nobody else may use it */
	READERS = 32,  /* one who can't say anything may use it, too */
	ASKS = 64,     /* answered also while the other servers can't be reached */
};

struct command {
	const char *name;
	const char *usage; /* its arguments */
	unsigned min, max; /* how many args it takes */
	unsigned flags;
	command_function *run;
	const char *help;
};

static command_function tell_commands;

/* In the order in which /help lists them: what most people want comes first. */
static const struct command commands[] = {
	{ "help", "[COMMAND]", 0, 1, ASKS | READERS, tell_commands, "this list, or one of it" },
	{ "nick", "NAME [KEY]", 1, 1, NAME | ASKS, command_nick,
		"take a name; KEY: of a claimed one" },
	{ "who", "[ROOM|*]", 0, 1, ASKS | READERS, command_who,
		"who is here, since when, and idle" },
	{ "msg", "WHO TEXT", 2, 2, TEXT, command_msg, "a private message" },
	{ "r", "TEXT", 1, 1, TEXT, command_r, "answer the last private message" },
	{ "me", "TEXT", 1, 1, TEXT, command_me, "say what you do: * alice waves" },
	{ "rooms", "", 0, 0, ASKS | READERS, command_rooms, "the rooms there are" },
	{ "join", "ROOM[/WORD] [ID]", 1, 2, ASKS, command_join, "go to another room" },
	{ "topic", "[TEXT]", 0, 1, TEXT | ASKS, command_topic,
		"what this room is about; - for nothing" },
	{ "invite", "[MINUTES [USES]]", 0, 2, ASKS, command_invite, "a word that opens this room" },
	{ "search", "[WHO:] TEXT", 1, 1, TEXT | ASKS | READERS, command_search,
		"the newest lines of the feed that hold TEXT" },
	{ "replay", "[N]", 0, 1, ASKS | READERS, command_replay, "the last N messages again" },
	{ "ignore", "[WHO]", 0, 1, ASKS, command_ignore,
		"no longer see what WHO says, or list whom" },
	{ "unignore", "WHO", 1, 1, ASKS, command_unignore, "see WHO again" },
	{ "claim", "", 0, 0, ASKS, command_claim,
		"get a KEY: without it nobody can take your nick" },
	{ "unclaim", "", 0, 1, NAME | ASKS, command_unclaim, "give up your claim" },
	{ "quiet", "[on|off]", 0, 1, ASKS | READERS, command_quiet,
		"no longer see who joins and leaves" },
	{ "ping", "[TEXT]", 0, 1, TEXT | ASKS | READERS, command_ping,
		"whether the server is there" },
	{ "stats", "", 0, 0, ASKS | READERS, command_stats, "how the server is doing" },
	{ "resume", "[ID [TOKEN [SENT]]]", 0, 3, ASKS | READERS, command_resume,
		"tags, and going on after a lost connection" },
	{ "quit", "[TEXT]", 0, 1, TEXT | ASKS | READERS, command_quit, "leave" },
	{ "op", "PASSWORD", 1, 1, SECRET | ASKS, command_op, "become an operator" },
	{ "kick", "WHO [TEXT]", 1, 2, TEXT | OPERATORS, command_kick, "close WHO's connection" },
	{ "ban", "WHO|ADDRESS[/BITS] [MINUTES] [TEXT]", 1, 2, TEXT | OPERATORS, command_ban,
		"keep an address out" },
	{ "unban", "ADDRESS", 1, 1, OPERATORS, command_unban, "let it in again" },
	{ "bans", "", 0, 0, OPERATORS, command_bans, "the addresses that are banned" },
	{ "motd", "[TEXT]", 0, 1, TEXT | OPERATORS, command_motd,
		"what newcomers are shown; -: the file's" },
	{ "announce", "TEXT", 1, 1, TEXT | OPERATORS, command_announce,
		"say something as the server" },
	{ "slow", "SECONDS", 1, 1, OPERATORS, command_slow,
		"seconds between lines of a person, 0: any" },
	{ "shutdown", "[TEXT]", 0, 1, TEXT | OPERATORS, command_shutdown, "stop the server" },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* What people know from elsewhere. */
static const struct {
	const char *name;
	const char *alone; /* the command that it is */
	const char *with;  /* the same when arguments follow */
} aliases[] = {
	{ "?", "help", "help" },
	{ "names", "who", "who" },
	{ "exit", "quit", "quit" },
	{ "w", "who", "msg" },
};

static struct slice resolve_alias(struct slice name, bool alone)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		const char *meant = alone ? aliases[i].alone : aliases[i].with;

		if (text_compare(aliases[i].name, strlen(aliases[i].name), name.bytes,
			name.len) == 0)
			return (struct slice){ meant, strlen(meant) };
	}
	return name;
}

static const struct command *find(const char *name, size_t len)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (text_compare(commands[i].name, strlen(commands[i].name), name, len) == 0)
			return &commands[i];
	return NULL;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* The edit distance (Levenshtein) of two short words, without regard to ASCII case. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[NAME_MAX_LEN + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t same = text_compare(a + i - 1, 1, b + j - 1, 1) == 0 ? 0 : 1;
			size_t above = row[j];

			row[j] = min3(diagonal + same, above + 1, row[j - 1] + 1);
			diagonal = above;
		}
	}
	return row[b_len];
}

/* The command that was probably meant, of those that this client may use. */
static const struct command *nearest(const struct client *client, const char *name, size_t len)
{
	const struct command *best = NULL;
	size_t least = 3; /* two slips are a slip; three are another word */

	for (size_t i = 0; i < COMMANDS && len <= NAME_MAX_LEN; i++) {
		size_t d = distance(name, len, commands[i].name, strlen(commands[i].name));

		if (d < least && d < len &&
			(!(commands[i].flags & OPERATORS) || client->user.is_operator)) {
			least = d;
			best = &commands[i];
		}
	}
	return best;
}

static size_t skip_blanks(const char *s, size_t at, size_t len)
{
	while (at < len && (s[at] == ' ' || s[at] == '\t'))
		at++;
	return at;
}

static size_t skip_word(const char *s, size_t at, size_t len)
{
	while (at < len && s[at] != ' ' && s[at] != '\t')
		at++;
	return at;
}

static size_t trim_blanks(const char *s, size_t at, size_t len)
{
	while (len > at && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	return len;
}

/* Cuts the arguments into args; false if there are more than the command takes. */
static bool split(const struct command *command, const char *s, size_t len, struct args *args)
{
	size_t at = skip_blanks(s, 0, len);

	if (command->flags & NAME)
		len = trim_blanks(s, at, len);
	*args = (struct args){ .count = 0 };
	while (at < len) {
		size_t end = skip_word(s, at, len);

		if (args->count == command->max)
			return false;
		if ((command->flags & (TEXT | SECRET | NAME)) && args->count == command->max - 1)
			end = len;
		args->text[args->count] = s + at;
		args->len[args->count++] = end - at;
		at = skip_blanks(s, end, len);
	}
	return true;
}

/* Makes the last word safe; one of which nothing is left has not been given. */
static void clean_text(struct chat *chat, struct args *args)
{
	unsigned last = args->count - 1;
	size_t len = text_clean(chat->clean, args->text[last], args->len[last]);

	args->text[last] = chat->clean;
	args->len[last] = len;
	if (text_is_blank(chat->clean, len)) {
		args->text[last] = NULL;
		args->len[last] = 0;
		args->count--;
	}
}

static void tell_unknown(struct chat *chat, struct client *client, const char *name, size_t len)
{
	const struct command *meant = nearest(client, name, len);
	int shown = (int)(len < ECHO_MAX ? len : ECHO_MAX);

	if (meant != NULL)
		tell_error(chat, client, "unknown command /%.*s, did you mean /%s?", shown, name,
			meant->name);
	else
		tell_error(chat, client, "unknown command /%.*s, /help lists them all", shown,
			name);
}

static void dispatch(struct chat *chat, struct client *client, const struct command *command,
	const char *arguments, size_t len)
{
	struct args args;

	if ((command->flags & OPERATORS) && !client->user.is_operator) {
		tell_error(chat, client, "/%s is for operators", command->name);
		return;
	}
	if (!split(command, arguments, len, &args) || args.count < command->min) {
		tell_error(chat, client, "usage: /%s%s%s", command->name,
			*command->usage != '\0' ? " " : "", command->usage);
		return;
	}
	args.name = command->name;
	args.line = (struct slice){ arguments, trim_blanks(arguments, 0, len) };
	if ((command->flags & TEXT) && args.count == command->max)
		clean_text(chat, &args);
	if (args.count < command->min) {
		tell_error(chat, client, "nothing is left of that text");
		return;
	}
	command->run(chat, client, &args);
}

/* The command at the beginning of a line after its slash, or NULL; *name: what was typed. */
static const struct command *find_in_line(const char *line, size_t len, struct slice *name)
{
	struct slice meant;

	*name = (struct slice){ line, skip_word(line, 0, len) };
	meant = resolve_alias(*name, skip_blanks(line, name->len, len) == len);
	return find(meant.bytes, meant.len);
}

static void run(struct chat *chat, struct client *client, const char *line, size_t len)
{
	struct slice name;
	const struct command *command = find_in_line(line, len, &name);

	if (command == NULL)
		tell_unknown(chat, client, name.bytes, name.len);
	else
		dispatch(chat, client, command, line + name.len, len - name.len);
}

/* Whether a line is a command: where its slash stands, or len. */
static size_t find_slash(const char *line, size_t len)
{
	size_t at = text_first_visible(line, len);

	if (at == len || line[at] != '/' || (at + 1 < len && line[at + 1] == '/'))
		return len;
	return at;
}

bool command_is_said(const char *line, size_t len)
{
	size_t slash = find_slash(line, len);

	return slash == len || (len - slash >= 4 && memcmp(line + slash, "/me ", 4) == 0);
}

/* The command of a line; NULL for a message, and for one that is not known. */
static const struct command *command_of(const char *line, size_t len)
{
	size_t slash = find_slash(line, len);
	struct slice name;

	return slash < len ? find_in_line(line + slash + 1, len - slash - 1, &name) : NULL;
}

bool command_asks(const char *line, size_t len)
{
	const struct command *command = command_of(line, len);

	return command != NULL && (command->flags & (ASKS | OPERATORS)) == ASKS;
}

bool command_is_for_readers(const char *line, size_t len)
{
	const struct command *command = command_of(line, len);

	return command != NULL && (command->flags & READERS);
}

bool command_is_resume(const char *line, size_t len, struct args *args)
{
	const struct command *command = command_of(line, len);
	size_t at = find_slash(line, len);

	if (command == NULL || command->run != command_resume)
		return false;
	at = skip_word(line, at, len);
	return split(command, line + at, len - at, args) && args->count >= command->min;
}

/* A message, of which one slash goes if it begins with two. */
static void say(struct chat *chat, struct client *client, const char *line, size_t len)
{
	size_t at = text_first_visible(line, len);

	if (at < len && line[at] == '/') {
		memcpy(chat->clean, line, at);
		memcpy(chat->clean + at, line + at + 1, len - at - 1);
		line = chat->clean;
		len--;
	}
	presence_announce(chat, client);
	room_say(chat, client, EVENT_SAID, line, len);
}

void command_line(struct chat *chat, struct client *client, const char *line, size_t len)
{
	size_t slash = find_slash(line, len);

	if (slash < len)
		run(chat, client, line + slash + 1, len - slash - 1);
	else
		say(chat, client, line, len);
}

static void tell_help(struct chat *chat, struct client *client, const struct command *command)
{
	char usage[64];
	size_t name_len = strlen(command->name), usage_len = strlen(command->usage);

	memcpy(usage, command->name, name_len);
	usage[name_len] = ' ';
	memcpy(usage + name_len + 1, command->usage, usage_len + 1);
	tell_answer(chat, client, "/%-24s %s", usage, command->help);
}

/*
 * What this client may use; it fits a terminal of 80 columns and 24 rows, for operators not quite.
 */
static void tell_all_commands(struct chat *chat, struct client *client)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!(commands[i].flags & OPERATORS) || client->user.is_operator)
			tell_help(chat, client, &commands[i]);
	tell_answer(chat, client, "//%-23s say /TEXT", "TEXT");
}

static void tell_commands(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice name = { args->text[0], args->len[0] }, meant;
	const struct command *command;

	if (args->count == 0) {
		tell_all_commands(chat, client);
		return;
	}
	if (name.bytes[0] == '/') {
		name.bytes++;
		name.len--;
	}
	meant = resolve_alias(name, false);
	command = find(meant.bytes, meant.len);
	if (command != NULL)
		tell_help(chat, client, command);
	else
		tell_unknown(chat, client, name.bytes, name.len);
}

void command_go_on(struct chat *chat, struct client *client)
{
	if (client->list == LIST_WHO)
		command_who_go_on(chat, client);
	else if (client->list == LIST_BANS)
		command_bans_go_on(chat, client);
	else if (client->list == LIST_ROOMS)
		command_rooms_go_on(chat, client);
	else if (client->list == LIST_SEARCH)
		search_go_on(chat, client);
}
