/*
 * The server (server.h): how it starts, reloads, is upgraded and stops. Requests are acted on
 * between two turns of the loop only, when nothing is half done.
 */
#include "server/shell/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/shell/shell_snapshot.h"
#include "server/shell/host.h"
#include "server/shell/random.h"
#include "server/shell/sandbox.h"
#include "server/shell/signals.h"
#include "server/shell/user.h"

/* Descriptors besides the connections, listeners and histories: standard files, signals. */
enum { SPARE_DESCRIPTORS = CHAT_REFUSALS + CHAT_WEB + HANDSHAKES_MAX + 32 };

/* Descriptors besides those of clients. */
static uint32_t spare_descriptors(const struct options *o, size_t listeners)
{
	return (uint32_t)(SPARE_DESCRIPTORS + listeners + 2 * histories_wanted(o));
}

/* Reads the options again, and uses them if they are valid. 0, or -1 with *error. */
static int reload_options(struct server *s, struct time now, struct error *error)
{
	struct options fresh;
	struct error opening;

	if (options_read(&fresh, s->argc, s->argv, error) < 0 ||
		options_load(&fresh, &s->log, error) < 0)
		goto fail;
	/* A store begins with a start. */
	fresh.settings.has_store = s->store.path != NULL;
	if (chat_set(s->chat, &fresh.settings) < 0) {
		error_set(error, ERROR_START, "out of memory");
		goto fail;
	}
	options_keep(&fresh, &s->options, &s->log);
	options_finish(&s->options);
	s->options = fresh;
	histories_set_sync(&s->histories, s->options.sync);
	if (histories_open(&s->histories, &s->options, s->chat, &opening) < 0)
		log_line(&s->log, LOG_AT_ERROR, "%s; it has no history", opening.text);
	return 0;
fail:
	options_finish(&fresh);
	return -1;
}

/* On HUP. An error changes nothing, and is said. */
static void reload(struct server *s)
{
	struct time now = s->loop.now;
	struct error error;

	systemd_reloading(&s->systemd, now.usec);
	host_read_zone();
	if (reload_options(s, now, &error) < 0)
		log_line(&s->log, LOG_AT_ERROR, "nothing changed: %s", error.text);
	else
		log_line(&s->log, LOG_AT_NOTICE, "configuration read");
	histories_reopen(&s->histories, s->chat);
	systemd_ready(&s->systemd);
}

static struct shell_parts parts(struct server *s)
{
	return (struct shell_parts){
		.options = &s->options,
		.log = &s->log,
		.listeners = &s->listeners,
		.histories = &s->histories,
		.store = &s->store,
		.chat = &s->chat,
		.loop = &s->loop,
	};
}

static void report_failure(struct server *s, const struct error *error)
{
	log_line(&s->log, LOG_AT_ERROR, "upgrade failed, this program goes on: %s", error->text);
}

/* Where there is something to keep on disk. Without the process it is done all the same. */
static void start_disk(struct server *s)
{
	disk_init(&s->disk, &s->log);
	if (histories_wanted(&s->options) > 0 || s->options.store != NULL)
		(void)disk_start(&s->disk);
}

/* Of what the store has. */
static void note_changes(struct server *s)
{
	if (chat_store_changes(s->chat) == s->store_changes)
		return;
	s->store_changes = chat_store_changes(s->chat);
	store_file_change(&s->store, s->loop.now.usec);
}

/* The trial is passed: returns only if the exec fails after all. */
static void become_new(struct server *s)
{
	struct shell_parts shell = parts(s);
	struct codec snapshot = { 0 };
	struct error error;

	/*
	 * The process that waits for the disk goes before, and all that it
	 * was asked to do is done.
	 */
	histories_settle(&s->histories);
	note_changes(s);
	store_file_settle(&s->store);
	disk_stop(&s->disk);
	signals_hold();
	shell_snapshot_save(&shell, &snapshot);
	shell_snapshot_keep(&shell, true);
	upgrade_exec(&s->upgrade, &snapshot, &error);
	shell_snapshot_keep(&shell, false);
	codec_finish(&snapshot);
	signals_release();
	start_disk(s);
	report_failure(s, &error);
}

/* On USR2, unless a trial is under way. */
static void try_upgrade(struct server *s)
{
	struct shell_parts shell = parts(s);
	struct codec snapshot = { 0 };
	struct error error;

	if (s->upgrade.trial != 0)
		return;
	shell_snapshot_save(&shell, &snapshot);
	if (upgrade_try(&s->upgrade, &snapshot, s->loop.now.usec, &error) < 0)
		report_failure(s, &error);
	codec_finish(&snapshot);
}

/* While a trial is under way. */
static void continue_upgrade(struct server *s)
{
	struct error error;

	switch (upgrade_look(&s->upgrade, s->loop.now.usec, &error)) {
	case UPGRADE_GOES_ON:
		break;
	case UPGRADE_PASSED:
		become_new(s);
		break;
	case UPGRADE_FAILED:
		report_failure(s, &error);
		break;
	}
}

static int no_memory(const struct server *s, struct error *error)
{
	return error_set(error, ERROR_START, "out of memory for %u clients and %zu rooms",
		(unsigned)s->options.settings.max_clients, s->options.rooms.count + 1);
}

int server_check(struct server *s, struct error *error)
{
	const struct options *o = &s->options;
	int rc;

	if (options_load(&s->options, &s->log, error) < 0)
		return -1;
	if (listeners_check(&o->listen, error) < 0 ||
		host_descriptors(o->settings.max_clients,
			spare_descriptors(o, o->listen.count), error) < 0)
		return -1;
	/* From here on what is looked at is what that user may do; this process ends soon. */
	if (o->user != NULL && user_become(o->user, error) < 0)
		return -1;
	if (random_open(error) < 0)
		return -1;
	s->chat = chat_create(&(struct chat_setup){ &o->settings, &s->log, random_fill,
		host_now() });
	if (s->chat == NULL)
		return no_memory(s, error);
	rc = cluster_check(o, s->chat, &s->log, error);
	chat_destroy(s->chat);
	if (rc < 0 || histories_check(o, error) < 0)
		return -1;
	return o->store != NULL ? store_file_check(o->store, error) : 0;
}

/* The sockets that systemd has handed over, or else those of the options. 0, or -1 with *error. */
static int open_listeners(struct server *s, struct error *error)
{
	struct listener sockets[SYSTEMD_SOCKETS_MAX];
	int count = systemd_sockets(sockets, error);

	if (count < 0)
		return -1;
	for (int i = 0; i < count; i++)
		if (options_check_room(&s->options, sockets[i].web.room, "LISTEN_FDNAMES",
			    error) < 0 ||
			listeners_inherit(&s->listeners, &sockets[i], &s->log, error) < 0)
			return -1;
	for (size_t i = 0; count == 0 && i < s->options.listen.count; i++) {
		int rc = listeners_open(&s->listeners, &s->options.listen.items[i], &s->log, error);

		if (rc < 0)
			return -1;
		if (rc == LISTENERS_NO_FAMILY)
			log_line(&s->log, LOG_AT_WARNING, "warning: %s", error->text);
	}
	/* Else *error says what the last of them lacked. */
	return s->listeners.count > 0 ? 0 : -1;
}

static int read_store(struct server *s, struct error *error)
{
	struct store store = { .motd = NULL };

	if (store_file_open(&s->store, s->options.store, &store, error) < 0) {
		store_finish(&store);
		return -1;
	}
	chat_store_load(s->chat, &store);
	return 0;
}

/* Opens everything that needs root's privileges, then drops them. 0, or -1 with *error. */
static int start(struct server *s, struct error *error)
{
	const struct options *o = &s->options;

	if (open_listeners(s, error) < 0 ||
		host_descriptors(o->settings.max_clients,
			spare_descriptors(o, s->listeners.count), error) < 0)
		return -1;
	if (o->user != NULL && user_become(o->user, error) < 0)
		return -1;
	if (random_open(error) < 0)
		return -1;
	start_disk(s);
	s->loop.chat = s->chat = chat_create(&(struct chat_setup){ &o->settings, &s->log,
		random_fill, host_now() });
	if (s->chat == NULL || loop_init(&s->loop, &s->listeners) < 0)
		return no_memory(s, error);
	if (histories_open(&s->histories, o, s->chat, error) < 0)
		return -1;
	if (o->store != NULL && read_store(s, error) < 0)
		return -1;
	return cluster_start(&s->cluster, o, s->chat, &s->log, error);
}

/*
 * The paths that change after the start: what is kept, and unix sockets that will be removed; and
 * the ports of the nats-servers.
 */
static void enter_sandbox(struct server *s)
{
	size_t count = s->histories.count + s->listeners.count + 1;
	const char **paths = malloc(count * sizeof(*paths));
	uint16_t ports[TARGETS_MAX];
	struct landlock_allowed allowed = { .paths = paths, .ports = ports };

	if (paths == NULL) {
		log_line(&s->log, LOG_AT_WARNING, "sandbox: none, out of memory");
		return;
	}
	count = 0;
	for (size_t i = 0; i < s->histories.count; i++)
		paths[count++] = s->histories.items[i].path;
	if (s->options.store != NULL)
		paths[count++] = s->options.store;
	for (size_t i = 0; i < s->listeners.count; i++)
		if (s->listeners.items[i].path != NULL)
			paths[count++] = s->listeners.items[i].path;
	allowed.paths_count = count;
	allowed.ports_count = cluster_ports(&s->cluster, ports);
	log_line(&s->log, LOG_AT_INFO, "sandbox: %s", sandbox_enter(&allowed));
	free(paths);
}

/* All that the loop needs but the chat, which is made later. */
static void link_loop(struct server *s)
{
	s->loop.log = &s->log;
	s->loop.log_sink = &s->log_sink;
	s->loop.histories = &s->histories;
	s->loop.disk = &s->disk;
	s->loop.cluster = &s->cluster;
	cluster_init(&s->cluster);
}

static void begin(struct server *s)
{
	link_loop(s);
	s->histories = (struct histories){ .disk = &s->disk, .log = &s->log };
	store_file_init(&s->store, &s->log);
	disk_init(&s->disk, &s->log);
	s->systemd.fd = -1;
	log_sink_open(&s->log_sink, STDOUT_FILENO);
	upgrade_init(&s->upgrade, s->argv);
}

static void write_store(struct server *s)
{
	size_t len = 0;
	char *text = chat_store_text(s->chat, &len);

	store_file_write(&s->store, (struct slice){ text, len }, s->loop.now.usec);
	free(text);
}

/* Once a turn: what has changed is written within a second. */
static void tick_store(struct server *s)
{
	int64_t now = s->loop.now.usec;

	note_changes(s);
	store_file_tick(&s->store, now);
	if (store_file_is_due(&s->store, now))
		write_store(s);
}

/* At the end: nothing that was set is lost. */
static void end_store(struct server *s)
{
	store_file_settle(&s->store);
	if (store_file_is_changed(&s->store))
		write_store(s);
	store_file_settle(&s->store);
}

/* A request to stop comes first: a server that stops is not upgraded. */
static void act(struct server *s, unsigned requests)
{
	if (requests & LOOP_RELOAD)
		reload(s);
	if (requests & LOOP_STOP) {
		systemd_stopping(&s->systemd);
		loop_stop(&s->loop);
	}
	if (s->loop.stopping)
		return;
	if (requests & LOOP_UPGRADE)
		try_upgrade(s);
	if (s->upgrade.trial != 0)
		continue_upgrade(s);
}

static int64_t own_deadline(const struct server *s)
{
	int64_t upgrade = upgrade_deadline(&s->upgrade), systemd = systemd_deadline(&s->systemd);
	int64_t store = store_file_deadline(&s->store);
	int64_t first = upgrade < systemd ? upgrade : systemd;

	return store < first ? store : first;
}

/*
 * Why several servers can't be one with this one among them, found out
 * later. 0, or -1 with *error.
 */
static int check_cluster(struct server *s, struct error *error)
{
	const char *fault = cluster_fault(&s->cluster);

	if (fault == NULL)
		return 0;
	s->loop.over = true;
	return error_set(error, ERROR_START, "--node %s: %s", s->options.node, fault);
}

/* Runs the loop until the end. 0, or -1 with *error if it can't go on. */
static int serve(struct server *s, struct error *error)
{
	int rc = 0;

	if (systemd_init(&s->systemd) < 0)
		log_line(&s->log, LOG_AT_ERROR,
			"the service manager (NOTIFY_SOCKET) hears nothing: %s", strerror(errno));
	s->store.disk = &s->disk;
	systemd_ready(&s->systemd);
	while (!s->loop.over) {
		s->loop.extra_fd = upgrade_fd(&s->upgrade);
		s->loop.extra_at = own_deadline(s);
		act(s, loop_turn(&s->loop));
		tick_store(s);
		systemd_tick(&s->systemd, chat_clients(s->chat), s->loop.now.usec);
		rc = check_cluster(s, error);
	}
	end_store(s);
	/* With room in the log again, the number of dropped lines comes before the last line. */
	log_sink_flush(&s->log_sink, &s->log);
	log_line(&s->log, LOG_AT_INFO, "Server stopped.");
	return rc;
}

static void finish(struct server *s)
{
	systemd_finish(&s->systemd);
	upgrade_finish(&s->upgrade);
	loop_finish(&s->loop);
	cluster_finish(&s->cluster);
	histories_finish(&s->histories);
	store_file_finish(&s->store);
	disk_finish(&s->disk);
	chat_destroy(s->chat);
	listeners_close(&s->listeners);
	log_sink_flush(&s->log_sink, &s->log);
	log_sink_close(&s->log_sink);
}

int server_run(struct server *s, struct error *error)
{
	int rc = -1;

	begin(s);
	if (options_load(&s->options, &s->log, error) == 0 && start(s, error) == 0) {
		log_line(&s->log, LOG_AT_INFO, "Server ready! Waiting for client request...");
		enter_sandbox(s);
		rc = serve(s, error);
	}
	finish(s);
	return rc;
}

int server_try(struct server *s, struct codec *snapshot, struct error *error)
{
	struct shell_parts shell = parts(s);
	int64_t began;

	link_loop(s);
	s->histories = (struct histories){ .log = &s->log };
	store_file_init(&s->store, &s->log);
	if (random_open(error) < 0 || options_load(&s->options, &s->log, error) < 0 ||
		shell_snapshot_load(&shell, snapshot, &began, error) < 0)
		return -1;
	if (upgrade_confirm() < 0)
		return error_set(error, ERROR_START, "cannot write to standard output");
	return 0;
}

int server_take_over(struct server *s, struct codec *snapshot, struct error *error)
{
	struct shell_parts shell = parts(s);
	int64_t pause_began;
	int rc = -1;

	begin(s);
	if (random_open(error) < 0 || options_load(&s->options, &s->log, error) < 0)
		goto end;
	start_disk(s);
	if (shell_snapshot_load(&shell, snapshot, &pause_began, error) == 0) {
		upgrade_forget(snapshot);
		shell_snapshot_keep(&shell, false);
		histories_adopted(&s->histories, &s->options, s->chat);
		if (cluster_continue(&s->cluster, &s->options, s->chat, &s->log, error) < 0)
			goto end;
		if (histories_open(&s->histories, &s->options, s->chat, error) < 0)
			log_line(&s->log, LOG_AT_ERROR, "%s; it has no history", error->text);
		log_line(&s->log, LOG_AT_NOTICE, "upgraded to chatd " CHAT_VERSION
			" in %d ms, clients: %u",
			(int)((host_now().usec - pause_began) / TIME_MS),
			(unsigned)chat_clients(s->chat));
		rc = serve(s, error);
	}
end:
	finish(s);
	return rc;
}
