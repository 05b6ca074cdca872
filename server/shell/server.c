/*
 * The server (server.h): how it starts, what it does on each signal, how it ends.
 */
#include "server/shell/server.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "server/shell/handover.h"
#include "server/shell/host.h"
#include "server/shell/sandbox.h"
#include "server/shell/signals.h"

/* Descriptors beside the connections and listeners: standard files, signals, history, … */
enum { SPARE_DESCRIPTORS = CHAT_REFUSALS + LOBBY_GUESTS + 32 };

enum { SANDBOX_PATHS = 64 };

/* Takes over fresh options, if nothing in them is wrong. 0, or -1 with *fault. */
static int reload_options(struct server *s, struct moment now, struct fault *fault)
{
	struct options fresh;

	if (options_read(&fresh, s->argc, s->argv, fault) < 0 ||
		options_load(&fresh, &s->log, fault) < 0)
		goto fail;
	if (chat_set(s->chat, &fresh.settings, now) < 0) {
		fault_set(fault, FAULT_START, "out of memory");
		goto fail;
	}
	options_keep(&fresh, &s->options, &s->log);
	options_finish(&s->options);
	s->options = fresh;
	s->history.sync = s->options.sync;
	return 0;
fail:
	options_finish(&fresh);
	return -1;
}

/* On HUP. Whatever is wrong changes nothing, and is said. */
static void reload(void *owner, struct moment now)
{
	struct server *s = owner;
	struct fault fault;

	systemd_reloading(&s->systemd, now.ticks);
	if (reload_options(s, now, &fault) < 0)
		log_line(&s->log, LOG_AT_ERROR, "nothing changed: %s", fault.text);
	else
		log_line(&s->log, LOG_AT_NOTICE, "configuration read");
	if (history_reopen(&s->history, &s->log, &fault) < 0)
		log_line(&s->log, LOG_AT_ERROR, "%s; the old file goes on", fault.text);
	systemd_ready(&s->systemd);
}

static void say_failed(struct server *s, const struct fault *fault)
{
	log_line(&s->log, LOG_AT_ERROR, "upgrade failed, this program goes on: %s", fault->text);
}

/* The trial is passed: comes back only if it fails after all. */
static void become_new(struct server *s)
{
	struct pack state = { 0 };
	struct fault fault;

	signals_hold();
	handover_save(s, &state);
	handover_keep(s, true);
	upgrade_exec(&s->upgrade, &state, &fault);
	handover_keep(s, false);
	pack_finish(&state);
	signals_release();
	say_failed(s, &fault);
}

/* On USR2, and while a trial is under way. */
static void upgrade(void *owner, bool asked, struct moment now)
{
	struct server *s = owner;
	struct pack state = { 0 };
	struct fault fault;

	if (asked && s->upgrade.trial == 0) {
		handover_save(s, &state);
		if (upgrade_try(&s->upgrade, &state, now.ticks, &fault) < 0)
			say_failed(s, &fault);
		pack_finish(&state);
	}
	if (s->upgrade.trial == 0)
		return;
	switch (upgrade_look(&s->upgrade, now.ticks, &fault)) {
	case UPGRADE_GOES_ON:
		break;
	case UPGRADE_PASSED:
		become_new(s);
		break;
	case UPGRADE_FAILED:
		say_failed(s, &fault);
		break;
	}
}

int server_check(struct server *s, struct fault *fault)
{
	const struct options *o = &s->options;

	if (options_load(&s->options, &s->log, fault) < 0)
		return -1;
	for (size_t i = 0; i < o->listen.count; i++)
		if (listeners_check(&o->listen.items[i], fault) < 0)
			return -1;
	if (o->user != NULL && host_knows(o->user, fault) < 0)
		return -1;
	if (o->history != NULL && history_check(o->history, fault) < 0)
		return -1;
	return host_descriptors(o->settings.max_clients, SPARE_DESCRIPTORS, fault);
}

/* The sockets that systemd has handed over, or else those of the options. 0, or -1 with *fault. */
static int open_listeners(struct server *s, struct fault *fault)
{
	struct listener sockets[SYSTEMD_SOCKETS_MAX];
	int count = systemd_sockets(sockets, fault);

	if (count < 0)
		return -1;
	for (int i = 0; i < count; i++)
		if (listeners_inherit(&s->listeners, &sockets[i], &s->log, fault) < 0)
			return -1;
	for (size_t i = 0; count == 0 && i < s->options.listen.count; i++)
		if (listeners_open(&s->listeners, &s->options.listen.items[i], &s->log, fault) < 0)
			return -1;
	return 0;
}

/* Opens all that needs root's powers, and then is root no more. 0, or -1 with *fault. */
static int start(struct server *s, struct fault *fault)
{
	const struct options *o = &s->options;

	if (open_listeners(s, fault) < 0 ||
		host_descriptors(o->settings.max_clients,
			SPARE_DESCRIPTORS + (uint32_t)s->listeners.count, fault) < 0)
		return -1;
	if (o->user != NULL && host_become(o->user, fault) < 0)
		return -1;
	s->chat = chat_create(&o->settings, &s->log, host_random, host_now());
	if (s->chat == NULL || loop_init(&s->loop, s->chat, &s->log, &s->journal, &s->listeners,
				       &s->history) < 0)
		return fault_set(fault, FAULT_START, "there is no memory for %u clients",
			(unsigned)o->settings.max_clients);
	if (o->history != NULL && history_open(&s->history, o->history, o->sync,
					  chat_feed(s->chat), &s->log, fault) < 0)
		return -1;
	return 0;
}

/* What is written after the start: the history, and unix sockets that will be removed. */
static void enter_sandbox(struct server *s)
{
	const char *paths[SANDBOX_PATHS];
	size_t count = 0;

	if (s->options.history != NULL)
		paths[count++] = s->options.history;
	for (size_t i = 0; i < s->listeners.count && count < SANDBOX_PATHS; i++)
		if (s->listeners.items[i].path != NULL)
			paths[count++] = s->listeners.items[i].path;
	log_line(&s->log, LOG_AT_INFO, "sandbox: %s", sandbox_enter(paths, count));
}

static void begin(struct server *s)
{
	s->history.fd = -1;
	s->systemd.fd = -1;
	journal_open(&s->journal, STDOUT_FILENO);
	upgrade_init(&s->upgrade, s->argv);
}

/* Goes round until the end. */
static void serve(struct server *s)
{
	if (systemd_init(&s->systemd) < 0)
		log_line(&s->log, LOG_AT_ERROR, "the service manager (NOTIFY_SOCKET) hears nothing: %s",
			strerror(errno));
	s->loop.systemd = &s->systemd;
	s->loop.trial = &s->upgrade;
	s->loop.reload = reload;
	s->loop.upgrade = upgrade;
	s->loop.owner = s;
	systemd_ready(&s->systemd);
	loop_run(&s->loop);
	/* With room in the log again its last word is heard, and how many lines were dropped. */
	journal_flush(&s->journal, &s->log);
	log_line(&s->log, LOG_AT_INFO, "Server stopped.");
}

static void finish(struct server *s)
{
	systemd_finish(&s->systemd);
	upgrade_finish(&s->upgrade);
	loop_finish(&s->loop);
	history_finish(&s->history);
	chat_destroy(s->chat);
	listeners_close(&s->listeners);
	journal_flush(&s->journal, &s->log);
	journal_close(&s->journal);
}

int server_run(struct server *s, struct fault *fault)
{
	int rc = -1;

	begin(s);
	if (options_load(&s->options, &s->log, fault) == 0 && start(s, fault) == 0) {
		log_line(&s->log, LOG_AT_INFO, "Server ready! Waiting for client request...");
		enter_sandbox(s);
		serve(s);
		rc = 0;
	}
	finish(s);
	return rc;
}

int server_try(struct server *s, struct pack *state, struct fault *fault)
{
	int64_t begin;

	s->history.fd = -1;
	if (options_load(&s->options, &s->log, fault) < 0 ||
		handover_load(s, state, &begin, fault) < 0)
		return -1;
	if (upgrade_confirm() < 0)
		return fault_set(fault, FAULT_START, "cannot write to standard output");
	return 0;
}

int server_take_over(struct server *s, struct pack *state, struct fault *fault)
{
	int64_t pause_began;
	int rc = -1;

	begin(s);
	if (options_load(&s->options, &s->log, fault) == 0 &&
		handover_load(s, state, &pause_began, fault) == 0) {
		upgrade_forget(state);
		handover_keep(s, false);
		log_line(&s->log, LOG_AT_NOTICE, "upgraded to chatd " CHAT_VERSION
			" in %d ms, clients: %u",
			(int)((host_now().ticks - pause_began) / MOMENT_MS),
			(unsigned)chat_clients(s->chat));
		serve(s);
		rc = 0;
	}
	finish(s);
	return rc;
}
