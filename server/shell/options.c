/*
 * What the operator has chosen (options.h). Of the options themselves this file knows nothing
 * that is not in the table of rules.
 */
#include "server/shell/options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "server/core/feed.h"
#include "server/shell/config.h"
#include "server/shell/file.h"
#include "server/shell/rule.h"

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
		},
		.sync = SYNC_INTERVAL,
	};
}

/*
 * An option of the command line: the value behind it ('=' or the rest of its word, may be NULL),
 * else the next argument. Returns how many of the next arguments it took, or -1.
 */
static int set_typed(struct options *o, const struct rule *rule, const char *value,
	const char *next, struct fault *fault)
{
	char label[32];
	int taken = 0;

	snprintf(label, sizeof(label), "--%s", rule->name);
	if (rule->argument == NULL && value == NULL) {
		value = "yes";
	} else if (value == NULL) {
		if (next == NULL)
			return fault_set(fault, FAULT_USAGE, "%s needs %s behind it", label,
				rule->argument);
		value = next;
		taken = 1;
	}
	return rule_set(rule, o, value, label, fault) < 0 ? -1 : taken;
}

static int read_long(struct options *o, const char *text, const char *next, struct fault *fault)
{
	size_t len = strcspn(text, "=");
	const struct rule *rule = rule_named(text, len);

	if (rule == NULL)
		return fault_set(fault, FAULT_USAGE, "there is no option --%.*s (see chatd --help)",
			(int)len, text);
	return set_typed(o, rule, text[len] == '=' ? text + len + 1 : NULL, next, fault);
}

/* One word may hold several letters; the value of the last may follow at once. */
static int read_short(struct options *o, const char *text, const char *next, struct fault *fault)
{
	for (; *text != '\0'; text++) {
		const struct rule *rule = rule_lettered(*text);

		if (rule == NULL)
			return fault_set(fault, FAULT_USAGE,
				"there is no option -%c (see chatd --help)", *text);
		if (rule->argument != NULL)
			return set_typed(o, rule, text[1] != '\0' ? text + 1 : NULL, next, fault);
		if (set_typed(o, rule, NULL, NULL, fault) < 0)
			return -1;
	}
	return 0;
}

static int read_arguments(struct options *o, int argc, char *const *argv, struct fault *fault)
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
			taken = read_long(o, arg + 2, argv[i + 1], fault);
		else
			taken = read_short(o, arg + 1, argv[i + 1], fault);
		if (taken < 0)
			return -1;
		i += taken;
	}
	if (stray != NULL)
		return fault_set(fault, FAULT_USAGE,
			"unexpected argument \"%s\" (see chatd --help)", stray);
	return 0;
}

static int set_configured(struct options *o, const struct config *c, const char *path,
	struct fault *fault)
{
	const struct rule *rule = rule_named(c->name, strlen(c->name));
	char label[FAULT_TEXT_MAX / 2];

	if (rule == NULL)
		return fault_set(fault, FAULT_USAGE, "%s:%u: there is no option \"%s\"",
			path, c->line, c->name);
	if (rule->change == RULE_ONCE)
		return fault_set(fault, FAULT_USAGE, "%s:%u: %s is for the command line only", path,
			c->line, c->name);
	snprintf(label, sizeof(label), "%s:%u: %s", path, c->line, c->name);
	return rule_set(rule, o, c->value, label, fault);
}

static int read_config(struct options *o, const char *path, struct fault *fault)
{
	char *text = file_read(path, CONFIG_FILE_MAX, "--config", NULL, fault);
	struct config c = { .rest = text };
	int rc;

	if (text == NULL)
		return -1;
	while ((rc = config_next(&c)) > 0 && (rc = set_configured(o, &c, path, fault)) == 0)
		continue;
	if (c.problem != NULL)
		fault_set(fault, FAULT_USAGE, "%s:%u: %s", path, c.line, c.problem);
	free(text);
	return rc;
}

static const struct rule *listen_rule(void)
{
	return rule_named("listen", strlen("listen"));
}

/* What was left open. */
static int complete(struct options *o, struct fault *fault)
{
	size_t least = FEED_LINES_MIN * feed_line_max(o->settings.max_message);
	size_t feed = o->feed > 0 ? o->feed : SETTINGS_FEED;

	o->settings.feed_bytes = feed > least ? feed : least;
	if (o->listen.count > 0)
		return 0;
	return rule_set(listen_rule(), o, "8000", "--listen", fault);
}

int options_read(struct options *o, int argc, char *const *argv, struct fault *fault)
{
	char *path;
	bool listens;
	int rc;

	begin(o);
	if (read_arguments(o, argc, argv, fault) < 0)
		return -1;
	if (o->help || o->version)
		return 0;
	if (o->config == NULL)
		return complete(o, fault);

	/* The file, and then the command line again, which counts more. */
	path = o->config;
	o->config = NULL;
	listens = o->listen.count > 0;
	options_finish(o);
	begin(o);
	rc = read_config(o, path, fault);
	if (listens)
		rule_finish(listen_rule(), o);
	free(path);
	if (rc == 0)
		rc = read_arguments(o, argc, argv, fault);
	return rc == 0 ? complete(o, fault) : -1;
}

/* The password in a file, if there is to be one. 0, or -1 with *fault. */
static int load_password(char **password, const char *path, const char *label, size_t max,
	struct log *log, struct fault *fault)
{
	bool readable = false;

	if (path == NULL)
		return 0;
	*password = file_password(path, max, label, &readable, fault);
	if (*password != NULL && readable)
		log_line(log, LOG_AT_WARNING, "warning: everybody on this machine can read %s",
			path);
	return *password == NULL ? -1 : 0;
}

int options_load(struct options *o, struct log *log, struct fault *fault)
{
	size_t max = o->settings.max_message - strlen("/op ");

	if (max > SETTINGS_PASSWORD_MAX)
		max = SETTINGS_PASSWORD_MAX;
	if (load_password(&o->password, o->password_file, "--password-file", max, log, fault) < 0)
		return -1;
	if (load_password(&o->operator_password, o->operator_file, "--operator-file", max,
			log, fault) < 0)
		return -1;
	if (o->operator_password != NULL && strchr(" \t", o->operator_password[0]) != NULL)
		return fault_set(fault, FAULT_START,
			"--operator-file: %s: the password begins with a blank, which /op passes over",
			o->operator_file);
	if (o->motd_file != NULL) {
		o->motd = file_motd(o->motd_file, "--motd", fault);
		if (o->motd == NULL)
			return -1;
	}
	o->settings.name = o->name != NULL ? o->name : "chatd";
	o->settings.motd = o->motd;
	o->settings.password = o->password;
	o->settings.operator_password = o->operator_password;
	return 0;
}

void options_finish(struct options *o)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++)
		rule_finish(rule, o);
	free(o->motd);
	free(o->password);
	free(o->operator_password);
	*o = (struct options){ 0 };
}

void options_keep(struct options *fresh, struct options *old, struct log *log)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++) {
		if (rule->change != RULE_RESTART)
			continue;
		if (!rule_same(rule, fresh, old))
			log_line(log, LOG_AT_WARNING, "%s has changed: that needs a restart",
				rule->name);
		rule_swap(rule, fresh, old);
	}
}

void options_help(FILE *out)
{
	const struct rule *rule;
	struct options defaults;

	begin(&defaults);
	defaults.feed = SETTINGS_FEED;
	fputs("Usage: chatd [OPTION]...\n"
		"A chat room that people join with chatc, nc or telnet.\n"
		"Without options it listens on port 8000 of this machine only.\n"
		"\n"
		"Example: chatd -l '*:8000' --name 'Tea room' --history /var/lib/chatd/history\n"
		"\n", out);
	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++)
		rule_help(rule, &defaults, out);
	fputs("\nSizes take K and M. SIGHUP reads the configuration again, SIGUSR2 starts the\n"
		"program on disk in place of this one, SIGTERM ends it. More in chatd(8).\n", out);
}
