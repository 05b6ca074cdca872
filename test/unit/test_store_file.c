/*
 * The store on disk: always whole, whatever fails, and written while others go on.
 */
#include "server/shell/store_file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "server/shell/host.h"
#include "test/unit/unit.h"

#define HEAD "=== chatd store 1\n"

enum { FILE_MAX = 65536, SECOND = 1000 * 1000 };

static char directory[] = "/tmp/chatd-test-XXXXXX";
static char path[64];
static char fresh[72]; /* where the new one is written */

static void write_file(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK_INT(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void check_file(const char *want)
{
	char bytes[FILE_MAX];
	int fd = open(path, O_RDONLY);
	ssize_t len = fd >= 0 ? read(fd, bytes, sizeof(bytes)) : 0;

	if (fd >= 0)
		close(fd);
	CHECK_TEXT(bytes, (size_t)(len > 0 ? len : 0), want);
}

static bool logged(const struct log *log, const char *text)
{
	const char *bytes;
	size_t len = log_pending(log, &bytes), text_len = strlen(text);

	for (size_t at = 0; at + text_len <= len; at++)
		if (memcmp(bytes + at, text, text_len) == 0)
			return true;
	return false;
}

/* One store and its file. */
struct room {
	struct store store;
	struct store_file file;
	struct disk disk;
	struct log log;
	struct error error;
};

static int open_room(struct room *r)
{
	*r = (struct room){ .store = { .motd = NULL } };
	CHECK_INT(log_init(&r->log, false), 0);
	store_file_init(&r->file, &r->log);
	disk_init(&r->disk, &r->log);
	r->file.disk = &r->disk;
	return store_file_open(&r->file, path, &r->store, &r->error);
}

static void close_room(struct room *r)
{
	store_file_finish(&r->file);
	disk_finish(&r->disk);
	store_finish(&r->store);
	log_finish(&r->log);
}

static void set_motd(struct store *s, const char *motd)
{
	free(s->motd);
	s->motd = strdup(motd);
}

static void write_store(struct room *r, int64_t usec)
{
	size_t len;
	char *text = store_text(&r->store, host_now(), &len);

	store_file_write(&r->file, (struct slice){ text, len }, usec);
	free(text);
}

static void test_begins_empty(void)
{
	struct room r;
	struct stat st;

	unlink(path);
	CHECK_INT(store_file_check(path, &r.error), 0);
	CHECK_INT(open_room(&r), 0);
	CHECK_INT(store_file_deadline(&r.file), INT64_MAX);
	CHECK_INT(access(path, F_OK), -1);
	set_motd(&r.store, "hello");
	store_file_change(&r.file, 100);
	store_file_change(&r.file, 200);
	CHECK_INT(store_file_deadline(&r.file), 100 + STORE_WRITE_AFTER);
	CHECK(!store_file_is_due(&r.file, 99 + STORE_WRITE_AFTER));
	CHECK(store_file_is_due(&r.file, 100 + STORE_WRITE_AFTER));
	write_store(&r, 100 + STORE_WRITE_AFTER);
	CHECK_INT(store_file_deadline(&r.file), INT64_MAX);
	check_file(HEAD "motd: hello\n");
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	CHECK_INT(access(fresh, F_OK), -1);
	close_room(&r);
	CHECK_INT(open_room(&r), 0);
	CHECK_TEXT(r.store.motd, 5, "hello");
	close_room(&r);
}

static void test_refuses_what_is_none(void)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "root:x:0:0\n", "is not a chatd store: left as it is" },
		{ "=== chatd history 1, next @1\n", "is not a chatd store" },
		{ "=== chatd store 2\n", "is a store of a newer chatd" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct room r;

		write_file(cases[i].text);
		CHECK_INT(store_file_check(path, &r.error), -1);
		CHECK(strstr(r.error.text, cases[i].reason) != NULL);
		CHECK_INT(open_room(&r), -1);
		CHECK(strstr(r.error.text, cases[i].reason) != NULL);
		check_file(cases[i].text);
		close_room(&r);
	}
}

static void test_says_what_it_skipped(void)
{
	struct room r;

	write_file(HEAD "slow tea 5\n\1\2\3\nwhat?\nmotd: hello\n");
	CHECK_INT(open_room(&r), 0);
	CHECK(logged(&r.log, "skipped 2 lines that cannot be read, first line 3"));
	CHECK_INT(r.store.rooms[0].slow, 5);
	close_room(&r);
}

static void wait_until_written(struct room *r)
{
	while (r->file.step != STORE_RESTS) {
		struct pollfd p = { .fd = disk_fd(&r->disk), .events = POLLIN };

		if (p.fd >= 0)
			CHECK(poll(&p, 1, -1) == 1);
		disk_receive(&r->disk);
		store_file_tick(&r->file, 0);
	}
}

/* While the disk works the old one stands there, and a change meanwhile waits for its turn. */
static void test_writes_in_the_background(void)
{
	struct room r;

	write_file(HEAD "motd: old\n");
	CHECK_INT(open_room(&r), 0);
	CHECK_INT(disk_start(&r.disk), 0);
	kill(r.disk.pid, SIGSTOP);
	set_motd(&r.store, "new");
	store_file_change(&r.file, 0);
	write_store(&r, STORE_WRITE_AFTER);
	store_file_tick(&r.file, STORE_WRITE_AFTER);
	check_file(HEAD "motd: old\n");
	set_motd(&r.store, "newer");
	store_file_change(&r.file, SECOND);
	CHECK(!store_file_is_due(&r.file, 10 * SECOND));
	kill(r.disk.pid, SIGCONT);
	wait_until_written(&r);
	check_file(HEAD "motd: new\n");
	CHECK(store_file_is_due(&r.file, 10 * SECOND));
	write_store(&r, 10 * SECOND);
	wait_until_written(&r);
	check_file(HEAD "motd: newer\n");

	/* The process is killed meanwhile: it is done without. */
	kill(r.disk.pid, SIGSTOP);
	set_motd(&r.store, "newest");
	write_store(&r, 20 * SECOND);
	kill(r.disk.pid, SIGKILL);
	wait_until_written(&r);
	check_file(HEAD "motd: newest\n");
	close_room(&r);
}

static void allow_file_size(rlim_t size)
{
	struct rlimit limit;

	CHECK_INT(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_keeps_the_old_on_a_full_disk(void)
{
	struct room r;

	write_file(HEAD "motd: old\n");
	CHECK_INT(open_room(&r), 0);
	set_motd(&r.store, "new");
	allow_file_size(10);
	write_store(&r, 0);
	CHECK(logged(&r.log, "cannot be written: File too large"));
	CHECK_INT(store_file_deadline(&r.file), STORE_RETRY_AFTER);
	CHECK_INT(access(fresh, F_OK), -1);
	check_file(HEAD "motd: old\n");
	allow_file_size(RLIM_INFINITY);
	write_store(&r, SECOND);
	CHECK(logged(&r.log, "is written again"));
	check_file(HEAD "motd: new\n");
	close_room(&r);
}

/* Killed at some moment of writing, again and again: it is the one before or the one after. */
static void test_survives_a_kill(void)
{
	enum { KILLS = 50 };

	write_file(HEAD "motd: 0\n");
	for (int i = 0; i < KILLS; i++) {
		struct timespec pause = { .tv_nsec = i * 40000 };
		struct room r;
		pid_t child = fork();

		if (child == 0) {
			if (open_room(&r) < 0)
				_exit(1);
			for (int n = 0;; n++) {
				char text[2000];

				memset(text, 'x', sizeof(text));
				snprintf(text, 20, "%d", n);
				set_motd(&r.store, text);
				write_store(&r, 0);
			}
		}
		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		CHECK_INT(open_room(&r), 0);
		CHECK(r.store.motd != NULL);
		CHECK_INT(log_pending(&r.log, &(const char *){ NULL }), 0);
		close_room(&r);
	}
	unlink(fresh);
}

/* As large as it gets: the time is shown, and depends on the machine. */
static void test_holds_many(void)
{
	struct ban ban = { .prefix = { .family = ADDRESS_V4, .bits = 32 }, .until = TIME_NEVER,
		.by = "alice", .reason = (char[]){ "spam, and more of it" } };
	const uint8_t key[SHA256_SIZE] = { 1 };
	char nick[NICK_MAX];
	struct timespec begin, end;
	struct room r;

	unlink(path);
	CHECK_INT(open_room(&r), 0);
	for (int i = 0; i < 10000; i++) {
		ban.prefix.bytes[2] = (uint8_t)(i >> 8);
		ban.prefix.bytes[3] = (uint8_t)i;
		CHECK_INT(bans_append(&r.store.bans, &ban), 0);
	}
	for (int i = 0; i < 1000; i++) {
		size_t len = (size_t)snprintf(nick, sizeof(nick), "nick%d", i);

		CHECK_INT(claims_add(&r.store.claims, (struct slice){ nick, len }, key, 1666207445), 0);
	}
	write_store(&r, 0);
	close_room(&r);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	CHECK_INT(open_room(&r), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("# 10,000 bans and 1,000 claims read in %.1f ms\n",
		(double)(end.tv_sec - begin.tv_sec) * 1e3 +
		(double)(end.tv_nsec - begin.tv_nsec) / 1e6);
	CHECK_INT(r.store.bans.count, 10000);
	CHECK_INT(r.store.claims.count, 1000);
	CHECK_INT(log_pending(&r.log, &(const char *){ NULL }), 0);
	close_room(&r);
}

static const struct unit_test tests[] = {
	{ "begins empty", test_begins_empty },
	{ "refuses what is no store", test_refuses_what_is_none },
	{ "says what it skipped", test_says_what_it_skipped },
	{ "writes in the background", test_writes_in_the_background },
	{ "keeps the old on a full disk", test_keeps_the_old_on_a_full_disk },
	{ "survives a kill", test_survives_a_kill },
	{ "holds many", test_holds_many },
};

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	if (mkdtemp(directory) == NULL) {
		puts("Bail out! no temporary directory");
		return 1;
	}
	snprintf(path, sizeof(path), "%s/store", directory);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	int status = unit_run(tests, sizeof(tests) / sizeof(tests[0]));
	unlink(path);
	unlink(fresh);
	rmdir(directory);
	return status;
}
