/*
 * What the operator has chosen (options.h). Of the options themselves this file knows nothing
 * that is not in the table of definitions.
 */
#include "server/shell/options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/config.h"
#include "proto/limits.h"
#include "server/core/feed/feed.h"
#include "server/core/room/bots.h"
#include "server/core/room/rooms.h"
#include "server/shell/file.h"
#include "server/web/page.h"
#include "server/shell/option_def.h"

static void begin(struct options *o)
{
	*o = (struct options){
		.settings = {
			.max_clients = SETTINGS_CLIENTS,
			.max_message = MESSAGE_DEFAULT,
			.rate = SETTINGS_RATE,
			.burst = SETTINGS_BURST,
			.replay = SETTINGS_REPLAY,
			.announce_max = SETTINGS_ANNOUNCE_MAX,
			.max_claims = SETTINGS_CLAIMS,
		},
		.sync = SYNC_INTERVAL,
	};
}

/*
 * An option of the command line: the value attached to it ('=' or the rest of its word, may be
 * NULL), else the next argument. Returns how many of the next arguments it took, or -1.
 */
static int set_typed(struct options *o, const struct option_def *def, const char *value,
	const char *next, struct error *error)
{
	char label[32];
	int taken = 0;

	snprintf(label, sizeof(label), "--%s", def->name);
	if (def->argument == NULL && value == NULL) {
		value = "yes";
	} else if (value == NULL) {
		if (next == NULL)
			return error_set(error, ERROR_USAGE, "%s needs an argument: %s", label,
				def->argument);
		value = next;
		taken = 1;
	}
	return option_def_set(def, o, value, label, error) < 0 ? -1 : taken;
}

static int read_long(struct options *o, const char *text, const char *next, struct error *error)
{
	size_t len = strcspn(text, "=");
	const struct option_def *def = option_def_named(text, len);

	if (def == NULL)
		return error_set(error, ERROR_USAGE, "there is no option --%.*s (see chatd --help)",
			(int)len, text);
	return set_typed(o, def, text[len] == '=' ? text + len + 1 : NULL, next, error);
}

/* One word may hold several letters; the value of the last may follow at once. */
static int read_short(struct options *o, const char *text, const char *next, struct error *error)
{
	for (; *text != '\0'; text++) {
		const struct option_def *def = option_def_lettered(*text);

		if (def == NULL)
			return error_set(error, ERROR_USAGE,
				"there is no option -%c (see chatd --help)", *text);
		if (def->argument != NULL)
			return set_typed(o, def, text[1] != '\0' ? text + 1 : NULL, next, error);
		if (set_typed(o, def, NULL, NULL, error) < 0)
			return -1;
	}
	return 0;
}

static int read_arguments(struct options *o, int argc, char *const *argv, struct error *error)
{
	const char *stray = NULL;

	for (int i = 1; i < argc && stray == NULL && !o->help && !o->version; i++) {
		const char *arg = argv[i];
		int taken = 0;

		if (arg[0] != '-' || arg[1] == '\0')
			stray = arg;
		else if (strcmp(arg, "--") == 0)
			stray = argv[++i];
		else if (arg[1] == '-')
			taken = read_long(o, arg + 2, argv[i + 1], error);
		else
			taken = read_short(o, arg + 1, argv[i + 1], error);
		if (taken < 0)
			return -1;
		i += taken;
	}
	if (stray != NULL)
		return error_set(error, ERROR_USAGE,
			"unexpected argument \"%s\" (see chatd --help)", stray);
	return 0;
}

static int set_configured(struct options *o, const struct config *c, const char *path,
	struct error *error)
{
	const struct option_def *def = option_def_written(c->name);
	char label[ERROR_TEXT_MAX / 2];

	if (def == NULL)
		return error_set(error, ERROR_USAGE, "%s:%u: there is no option \"%s\"",
			path, c->line, c->name);
	if (def->change == OPTION_ONCE)
		return error_set(error, ERROR_USAGE, "%s:%u: %s is for the command line only", path,
			c->line, c->name);
	snprintf(label, sizeof(label), "%s:%u: %s", path, c->line, c->name);
	return option_def_set(def, o, c->value, label, error);
}

static int read_config(struct options *o, const char *path, struct error *error)
{
	char *text = file_read(path, CONFIG_FILE_MAX, "--config", NULL, error);
	struct config c = { .rest = text };
	int rc;

	if (text == NULL)
		return -1;
	while ((rc = config_next(&c)) > 0 && (rc = set_configured(o, &c, path, error)) == 0)
		continue;
	if (c.problem != NULL)
		error_set(error, ERROR_USAGE, "%s:%u: %s", path, c.line, c.problem);
	free(text);
	return rc;
}

static const struct option_def *listen_def(void)
{
	return option_def_named("listen", strlen("listen"));
}

/* Of several servers that are one, each has a name. */
static int check_share(const struct options *o, struct error *error)
{
	if (o->share != NULL && o->node == NULL)
		return error_set(error, ERROR_USAGE,
			"--share needs --node, the name of this server");
	if (o->share == NULL && (o->node != NULL || o->share_name != NULL ||
		o->share_password_file != NULL || o->share_replicas != 0))
		return error_set(error, ERROR_USAGE, "--%s goes with --share",
			o->node != NULL ? "node"
			: o->share_name != NULL ? "share-name"
			: o->share_password_file != NULL ? "share-password-file"
			: "share-replicas");
	return 0;
}

static bool is_same_room(const char *a, const char *b)
{
	return nick_same(a, strlen(a), b, strlen(b));
}

/* Whether a room is the first, or one of the first `count` of the others. */
static bool is_room(const struct options *o, size_t count, const char *name)
{
	if (is_same_room(name, o->lobby != NULL ? o->lobby : SETTINGS_LOBBY))
		return true;
	for (size_t i = 0; i < count; i++)
		if (is_same_room(name, o->rooms.items[i].name))
			return true;
	return false;
}

int options_check_room(const struct options *o, const char *name, const char *label,
	struct error *error)
{
	if (*name == '\0' || is_room(o, o->rooms.count, name))
		return 0;
	return error_set(error, ERROR_USAGE, "%s: there is no room %s", label, name);
}

/* Whether a file is the history of the first room, or of one of the first `count` others. */
static bool is_history(const struct options *o, size_t count, const char *path)
{
	if (path == NULL)
		return false;
	if (o->history != NULL && strcmp(path, o->history) == 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (o->rooms.items[i].history != NULL &&
			strcmp(path, o->rooms.items[i].history) == 0)
			return true;
	return false;
}

/* No room is there twice, and those that listeners lead to are there. 0, or -1 with *error. */
static int check_rooms(const struct options *o, struct error *error)
{
	if (o->rooms.count >= ROOMS_MAX)
		return error_set(error, ERROR_USAGE, "--room: there are at most %d rooms",
			ROOMS_MAX);
	for (size_t i = 0; i < o->rooms.count; i++)
		if (is_room(o, i, o->rooms.items[i].name))
			return error_set(error, ERROR_USAGE,
				"--room: %s is there twice, or looks like another room",
				o->rooms.items[i].name);
	for (size_t i = 0; i < o->rooms.count; i++)
		if (is_history(o, i, o->rooms.items[i].history))
			return error_set(error, ERROR_USAGE,
				"--room: two rooms have the history %s", o->rooms.items[i].history);
	if (is_history(o, o->rooms.count, o->store))
		return error_set(error, ERROR_USAGE, "--store: %s is the file of a history, too",
			o->store);
	for (size_t i = 0; i < o->listen.count; i++)
		if (options_check_room(o, o->listen.items[i].web.room, "--listen", error) < 0)
			return -1;
	return 0;
}

/* What was left open. */
static int complete(struct options *o, struct error *error)
{
	size_t least = FEED_LINES_MIN * feed_line_max(o->settings.max_message);
	size_t feed = o->feed > 0 ? o->feed : SETTINGS_FEED;

	o->settings.feed_bytes = feed > least ? feed : least;
	if (check_share(o, error) < 0)
		return -1;
	if (o->share_replicas == 0)
		o->share_replicas = SHARE_REPLICAS;
	if (o->listen.count == 0 && option_def_set(listen_def(), o, "8000", "--listen", error) < 0)
		return -1;
	return check_rooms(o, error);
}

int options_read(struct options *o, int argc, char *const *argv, struct error *error)
{
	char *path;
	bool listens;
	int rc;

	begin(o);
	if (read_arguments(o, argc, argv, error) < 0)
		return -1;
	if (o->help || o->version)
		return 0;
	if (o->config == NULL)
		return complete(o, error);

	/* The file, and then the command line again, which counts more. */
	path = o->config;
	o->config = NULL;
	listens = o->listen.count > 0;
	options_finish(o);
	begin(o);
	rc = read_config(o, path, error);
	if (listens)
		option_def_finish(listen_def(), o);
	free(path);
	if (rc == 0)
		rc = read_arguments(o, argc, argv, error);
	return rc == 0 ? complete(o, error) : -1;
}

/* A file whose first line is a password. */
struct password_file {
	const char *label; /* what an error calls it */
	const char *path;  /* NULL: there is none */
	size_t max;        /* bytes of the password */
};

static void warn_of_readers(const char *path, struct log *log)
{
	log_line(log, LOG_AT_WARNING, "warning: everybody on this machine can read %s", path);
}

/* The password in a file, if there is to be one. 0, or -1 with *error. */
static int load_password(char **password, struct password_file file, struct log *log,
	struct error *error)
{
	bool readable = false;

	if (file.path == NULL)
		return 0;
	*password = file_password(file.path, file.max, file.label, &readable, error);
	if (*password != NULL && readable)
		warn_of_readers(file.path, log);
	return *password == NULL ? -1 : 0;
}

/* Whether there is the room that a bot speaks in. 0, or -1 with *error. */
static int check_bot(const struct options *o, const struct bot *bot, struct error *error)
{
	char name[NICK_MAX + 1] = "", label[ERROR_TEXT_MAX / 2];
	size_t len;

	if (bot->room.bytes == NULL || room_name_read(bot->room, name, &len) != NULL)
		return 0;
	name[len] = '\0';
	snprintf(label, sizeof(label), "--bot-file: %s", o->bot_file);
	if (options_check_room(o, name, label, error) == 0)
		return 0;
	error->status = ERROR_START; /* as all that is wrong in such a file */
	return -1;
}

/* The same for all of them, unless people may make rooms. 0, or -1 with *error. */
static int check_bots(const struct options *o, struct error *error)
{
	struct bots bots = { 0 };
	int rc = 0;

	if (o->settings.max_rooms > o->rooms.count + 1)
		return 0;
	if (bots_read(&bots, o->bots) < 0)
		return error_set(error, ERROR_START, "out of memory");
	for (uint32_t i = 0; rc == 0 && i < bots.count; i++)
		rc = check_bot(o, &bots.list[i], error);
	bots_finish(&bots);
	return rc;
}

static int load_bots(struct options *o, struct log *log, struct error *error)
{
	bool readable = false;

	if (o->bot_file == NULL)
		return 0;
	o->bots = file_bots(o->bot_file, "--bot-file", &readable, error);
	if (o->bots != NULL && readable)
		warn_of_readers(o->bot_file, log);
	return o->bots == NULL ? -1 : check_bots(o, error);
}

/* What the settings say of the rooms. 0, or -1 with *error. */
static int load_rooms(struct options *o, size_t max, struct log *log, struct error *error)
{
	size_t least = FEED_LINES_MIN * feed_line_max(o->settings.max_message);

	free(o->room_settings);
	o->room_settings = calloc(o->rooms.count + 1, sizeof(*o->room_settings));
	if (o->room_settings == NULL)
		return error_set(error, ERROR_START, "out of memory");
	for (size_t i = 0; i < o->rooms.count; i++) {
		struct room_option *r = &o->rooms.items[i];
		size_t feed = r->feed > 0 ? (size_t)r->feed : o->settings.feed_bytes;
		char label[64];

		snprintf(label, sizeof(label), "room %s: password-file", r->name);
		if (load_password(&r->password, (struct password_file){ label, r->password_file,
			max }, log, error) < 0)
			return -1;
		o->room_settings[i] = (struct room_settings){ .name = r->name,
			.password = r->password, .feed_bytes = feed > least ? feed : least,
			.replay = r->has_replay ? (uint32_t)r->replay : o->settings.replay,
			.slow = (uint32_t)r->slow, .is_hidden = r->is_hidden,
			.is_for_operators = r->is_for_operators,
			.topic_is_open = r->topic_is_open };
	}
	o->settings.rooms = o->room_settings;
	o->settings.room_count = o->rooms.count;
	return 0;
}

/* max: bytes of those that people type. */
static int load_passwords(struct options *o, size_t max, struct log *log, struct error *error)
{
	struct password_file room = { "--password-file", o->password_file, max },
		op = { "--operator-file", o->operator_file, max },
		share = { "--share-password-file", o->share_password_file, SETTINGS_PASSWORD_MAX };

	if (load_password(&o->password, room, log, error) < 0 ||
		load_password(&o->operator_password, op, log, error) < 0)
		return -1;
	if (o->operator_password != NULL && strchr(" \t", o->operator_password[0]) != NULL)
		return error_set(error, ERROR_START,
			"--operator-file: %s: the password begins with a blank, "
			"which /op passes over", o->operator_file);
	return load_password(&o->share_password, share, log, error);
}

int options_load(struct options *o, struct log *log, struct error *error)
{
	size_t max = o->settings.max_message - strlen("/op ");

	if (max > SETTINGS_PASSWORD_MAX)
		max = SETTINGS_PASSWORD_MAX;
	if (load_passwords(o, max, log, error) < 0)
		return -1;
	if (o->motd_file != NULL) {
		o->motd = file_motd(o->motd_file, "--motd", error);
		if (o->motd == NULL)
			return -1;
	}
	if (load_bots(o, log, error) < 0 || load_rooms(o, max, log, error) < 0)
		return -1;
	o->settings.lobby = o->lobby;
	o->settings.bots = o->bots;
	o->settings.web_hosts = o->web_hosts;
	o->settings.web_origins = o->web_origins;
	o->settings.web_frames = o->web_frames;
	o->settings.page = (struct settings_page){
		.gzip = { (const char *)web_page.gzip, web_page.gzip_len },
		.len = web_page.len,
		.policy = web_page.policy,
	};
	o->settings.name = o->name != NULL ? o->name : "chatd";
	o->settings.motd = o->motd;
	o->settings.has_store = o->store != NULL;
	o->settings.password = o->password;
	o->settings.operator_password = o->operator_password;
	return 0;
}

void options_finish(struct options *o)
{
	const struct option_def *def;

	for (size_t i = 0; (def = option_def_at(i)) != NULL; i++)
		option_def_finish(def, o);
	free(o->motd);
	free(o->password);
	free(o->operator_password);
	free(o->bots);
	free(o->share_password);
	free(o->room_settings);
	*o = (struct options){ 0 };
}

void options_keep(struct options *fresh, struct options *old, struct log *log)
{
	const struct option_def *def;

	for (size_t i = 0; (def = option_def_at(i)) != NULL; i++) {
		if (def->change != OPTION_RESTART)
			continue;
		if (!option_def_same(def, fresh, old))
			log_line(log, LOG_AT_WARNING, "%s has changed: that needs a restart",
				def->name);
		option_def_swap(def, fresh, old);
	}
}

void options_help(FILE *out)
{
	const struct option_def *def;
	struct options defaults;

	begin(&defaults);
	defaults.feed = SETTINGS_FEED;
	defaults.share_replicas = SHARE_REPLICAS;
	fputs("Usage: chatd [OPTION]...\n"
		"A chat room that people join with chatc, nc or telnet.\n"
		"Without options it listens on port 8000 of this machine only.\n"
		"\n"
		"Example: chatd -l '*:8000' --name 'Tea room' --history /var/lib/chatd/history\n"
		"\n", out);
	for (size_t i = 0; (def = option_def_at(i)) != NULL; i++)
		option_def_help(def, &defaults, out);
	fputs("\nSizes take K and M. SIGHUP reads the configuration again, SIGUSR2 starts the\n"
		"program on disk in place of this one, SIGTERM ends it. More in chatd(8).\n", out);
}
