/*
 * chatd: a chat room for everybody who can open a connection.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/core/chat.h"
#include "server/core/log.h"
#include "server/shell/history.h"
#include "server/shell/host.h"
#include "server/shell/journal.h"
#include "server/shell/listener.h"
#include "server/shell/loop.h"
#include "server/shell/options.h"
#include "server/shell/signals.h"

/* Descriptors beside the connections and listeners: standard files, signals, history, … */
enum { SPARE_DESCRIPTORS = 32 };

struct server {
	int argc;
	char *const *argv;
	struct options options;
	struct log log;
	struct journal journal;
	struct listeners listeners;
	struct history history;
	struct chat *chat;
	struct loop loop;
};

/* On HUP. Whatever is wrong changes nothing, and is said. */
static void reload(void *owner, struct moment now)
{
	struct server *s = owner;
	struct options fresh;
	struct fault fault;

	if (options_read(&fresh, s->argc, s->argv, &fault) < 0 ||
		options_check(&fresh, s->options.settings.feed_bytes, &fault) < 0 ||
		options_load(&fresh, &s->log, &fault) < 0) {
		log_line(&s->log, LOG_AT_ERROR, "nothing changed: %s", fault.text);
		options_finish(&fresh);
		return;
	}
	if (chat_set(s->chat, &fresh.settings, now) < 0) {
		log_line(&s->log, LOG_AT_ERROR, "nothing changed: out of memory");
		options_finish(&fresh);
		return;
	}
	options_keep(&fresh, &s->options, &s->log);
	options_finish(&s->options);
	s->options = fresh;
	s->history.sync = s->options.sync;
	if (history_reopen(&s->history, &s->log, &fault) < 0)
		log_line(&s->log, LOG_AT_ERROR, "%s; the old file goes on", fault.text);
	log_line(&s->log, LOG_AT_NOTICE, "configuration read");
}

/* What --check can tell without getting in the way of a chatd that runs. 0, or -1 with *fault. */
static int check(struct server *s, struct fault *fault)
{
	const struct options *o = &s->options;

	for (size_t i = 0; i < o->listen.count; i++)
		if (listeners_check(&o->listen.items[i], fault) < 0)
			return -1;
	if (o->user != NULL && host_knows(o->user, fault) < 0)
		return -1;
	if (o->history != NULL && history_check(o->history, fault) < 0)
		return -1;
	return host_descriptors(o->settings.max_clients, CHAT_REFUSALS + SPARE_DESCRIPTORS, fault);
}

/* Opens all that needs root's powers, and then is root no more. 0, or -1 with *fault. */
static int start(struct server *s, struct fault *fault)
{
	const struct options *o = &s->options;
	uint32_t others;

	for (size_t i = 0; i < o->listen.count; i++)
		if (listeners_open(&s->listeners, &o->listen.items[i], &s->log, fault) < 0)
			return -1;
	others = CHAT_REFUSALS + SPARE_DESCRIPTORS + (uint32_t)s->listeners.count;
	if (host_descriptors(o->settings.max_clients, others, fault) < 0)
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
	s->loop.reload = reload;
	s->loop.owner = s;
	return 0;
}

/* Everything until the loop ends. 0, or -1 with *fault. */
static int serve(struct server *s, struct fault *fault)
{
	if (options_check(&s->options, s->options.settings.feed_bytes, fault) < 0 ||
		options_load(&s->options, &s->log, fault) < 0)
		return -1;
	if (s->options.check)
		return check(s, fault);
	if (start(s, fault) < 0)
		return -1;
	log_line(&s->log, LOG_AT_INFO, "Server ready! Waiting for client request...");
	loop_run(&s->loop);
	/* With room in the log again its last word is heard, and how many lines were dropped. */
	journal_flush(&s->journal, &s->log);
	log_line(&s->log, LOG_AT_INFO, "Server stopped.");
	return 0;
}

static void finish(struct server *s)
{
	loop_finish(&s->loop);
	history_finish(&s->history);
	chat_destroy(s->chat);
	listeners_close(&s->listeners);
	journal_flush(&s->journal, &s->log);
	journal_close(&s->journal);
	log_finish(&s->log);
}

/* The answer to --help, --version or --check. */
static int answer(const struct options *o, struct fault *fault)
{
	if (o->help)
		options_help(stdout);
	else if (o->version)
		puts("chatd " CHAT_VERSION);
	else
		puts("all is well: chatd would start");
	if (fflush(stdout) != 0 || ferror(stdout))
		return fault_set(fault, FAULT_START, "cannot write to standard output: %s",
			strerror(errno));
	return 0;
}

static int run(struct server *s, struct fault *fault)
{
	int rc;

	host_standard_files();
	if (signals_open() < 0)
		return fault_set(fault, FAULT_START, "pipe: %s", strerror(errno));
	if (options_read(&s->options, s->argc, s->argv, fault) < 0)
		return -1;
	if (s->options.help || s->options.version)
		return answer(&s->options, fault);
	if (log_init(&s->log, journal_is_systemd(STDOUT_FILENO)) < 0)
		return fault_set(fault, FAULT_START, "out of memory");
	journal_open(&s->journal, STDOUT_FILENO);
	rc = serve(s, fault);
	finish(s);
	if (rc == 0 && s->options.check)
		rc = answer(&s->options, fault);
	return rc;
}

int main(int argc, char **argv)
{
	struct server server = { .argc = argc, .argv = argv, .history = { .fd = -1 } };
	struct fault fault;
	int rc = run(&server, &fault);

	options_finish(&server.options);
	if (rc == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "chatd: %s\n", fault.text);
	return (int)fault.status;
}
