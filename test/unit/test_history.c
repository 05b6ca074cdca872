/*
 * The history with real files: crashes at every byte, files that are damaged or somebody else's,
 * and disks that are full (a limit on the size of files, which the system enforces as such).
 */
#include "server/shell/history.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "test/unit/unit.h"

#define STAMP " --Wed Oct 19 21:24:05 2022"
#define HEAD(next) "=== chatd history 1, next @" next "\n"
/* The first line of a file that chatd has begun. */
#define FIRST(next) "=== chatd history 1, next @0000000000000000000" next "\n"
#define SAID(id, text) "@" id " 1666207445 [#1]: " text STAMP "\n"

enum { FEED_BYTES = 4096, FILE_MAX = 65536, SECOND = 1000 * 1000 };

static char directory[] = "/tmp/chatd-test-XXXXXX";
static char path[64];
static char moved[64];
static char missing[64]; /* in a folder that is not there */

/* How often the folder of the history was synced, and anything else was. */
static unsigned folder_syncs, other_syncs;

int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	struct stat folder, synced;

	CHECK_INT(stat(directory, &folder), 0);
	CHECK_INT(fstat(fd, &synced), 0);
	if (synced.st_dev == folder.st_dev && synced.st_ino == folder.st_ino)
		folder_syncs++;
	else
		other_syncs++;
	errno = EIO; /* not every file system can */
	return -1;
}

/* A server as far as the history goes. */
struct room {
	struct feed feed;
	struct log log;
	struct history history;
	struct error error;
};

static void say(struct room *room, const char *text)
{
	size_t max = strlen(text) + 64;
	char *line = feed_reserve(&room->feed, max);
	int len = snprintf(line, max, "[#1]: %s" STAMP "\n", text);

	feed_append(&room->feed, room->feed.next,
		&(struct record){ .len = (uint32_t)len & 0xffffff, .kind = MESSAGE_SAID,
			.author = 1, .time = 1666207445 });
}

/* The only room there is. */
static const struct history_room lobby = { "lobby", true, true };

static int open_synced(struct room *room, size_t feed_bytes, enum sync sync)
{
	CHECK_INT(feed_init(&room->feed, feed_bytes), 0);
	CHECK_INT(log_init(&room->log, false), 0);
	history_init(&room->history, lobby);
	room->history.sync = sync;
	return history_open(&room->history, path, &room->feed, &room->log, &room->error);
}

static int open_room(struct room *room, size_t feed_bytes)
{
	return open_synced(room, feed_bytes, SYNC_NONE);
}

static void close_room(struct room *room)
{
	history_finish(&room->history);
	log_finish(&room->log);
	feed_finish(&room->feed);
}

static void write_file(const char *name, const char *bytes, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK_INT(write(fd, bytes, len), len);
	close(fd);
}

static size_t read_file(const char *name, char *bytes)
{
	int fd = open(name, O_RDONLY);
	ssize_t len = fd >= 0 ? read(fd, bytes, FILE_MAX) : 0;

	if (fd >= 0)
		close(fd);
	return len > 0 ? (size_t)len : 0;
}

static void check_file(const char *name, const char *want)
{
	char bytes[FILE_MAX];

	CHECK_TEXT(bytes, read_file(name, bytes), want);
}

/* The text of each line in the feed, "-" for a missing one, and the next ID. */
static void check_feed(const struct feed *feed, const char *want)
{
	char got[1024];
	size_t used = 0;

	for (uint64_t id = feed->first; id < feed->next; id++) {
		struct message m = { .text = "-", .text_len = 1 };
		size_t len = feed_record(feed, id)->len;

		if (len > 0)
			message_parse(feed_line(feed, id), len - 1, &m);
		used += (size_t)snprintf(got + used, sizeof(got) - used, "%.*s ",
			(int)m.text_len, m.text);
	}
	snprintf(got + used, sizeof(got) - used, "%" PRIu64, feed->next);
	CHECK_TEXT(got, strlen(got), want);
}

/* Whether the log has a line with these args. */
static bool logged(const struct room *room, const char *args)
{
	const char *bytes;
	size_t len = log_pending(&room->log, &bytes);
	size_t words_len = strlen(args);

	for (size_t at = 0; at + words_len <= len; at++) {
		if (memcmp(bytes + at, args, words_len) == 0)
			return true;
	}
	return false;
}

static void test_new_file(void)
{
	struct room room;
	struct stat st;

	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_SAME);
	check_file(path, FIRST("1"));
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
	say(&room, "one");
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_SAME);
	check_file(path, FIRST("1") SAID("1", "one"));
	say(&room, "two");
	say(&room, "");
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_SAME);
	check_file(path, FIRST("1") SAID("1", "one") SAID("2", "two") SAID("3", ""));
	close_room(&room);
}

/* IDs go on over a restart, also from a file without a line. */
static void test_restart(void)
{
	struct room room;

	write_file(path, "", 0);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(open_room(&room, FEED_BYTES), 0);
		history_append(&room.history, &room.feed, 0);
		CHECK_INT(room.feed.next, i + 1);
		say(&room, "again");
		history_append(&room.history, &room.feed, 0);
		CHECK_INT(log_pending(&room.log, &(const char *){ NULL }), 0);
		close_room(&room);
	}
	check_file(path, FIRST("1") SAID("1", "again") SAID("2", "again") SAID("3", "again"));

	write_file(path, HEAD("501"), strlen(HEAD("501")));
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	say(&room, "on");
	history_append(&room.history, &room.feed, 0);
	close_room(&room);
	check_file(path, HEAD("501") SAID("501", "on"));
}

/* More lines in one turn than one call can write. */
static void test_many_lines(void)
{
	enum { LINES = 5000 };
	struct room room;
	char text[16];

	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(&room, 1 << 20), 0);
	for (int i = 0; i < LINES; i++) {
		snprintf(text, sizeof(text), "%d", i);
		say(&room, text);
	}
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_SAME);
	CHECK_INT(room.history.next, LINES + 1);
	close_room(&room);
	CHECK_INT(open_room(&room, 1 << 20), 0);
	CHECK_INT(room.feed.first, 1);
	CHECK_INT(room.feed.next, LINES + 1);
	close_room(&room);

	/* A feed that cannot hold them all has the last. */
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	CHECK(room.feed.first > LINES - FEED_BYTES / 32 && room.feed.first < LINES - 60);
	CHECK_INT(room.feed.next, LINES + 1);
	CHECK_INT(log_pending(&room.log, &(const char *){ NULL }), 0);
	close_room(&room);
}

static const char sample[] = HEAD("1") SAID("1", "one") SAID("2", "two") SAID("3", "three");

/* A crash that leaves any number of bytes. */
static void test_torn(void)
{
	static const char *const feeds[] = { "1", "one 2", "one two 3", "one two three 4" };

	for (size_t cut = 0; cut < sizeof(sample); cut++) {
		size_t lines = 0, whole = 0;
		struct room room;
		char want[sizeof(sample) + 192];

		for (size_t i = 0; i < cut; i++) {
			if (sample[i] == '\n') {
				lines++;
				whole = i + 1;
			}
		}
		write_file(path, sample, cut);
		CHECK_INT(open_room(&room, FEED_BYTES), 0);
		check_feed(&room.feed, feeds[lines > 0 ? lines - 1 : 0]);
		CHECK_INT(logged(&room, "cut off a torn line"), cut > whole);
		say(&room, "on");
		history_append(&room.history, &room.feed, 0);
		snprintf(want, sizeof(want), "%.*s@%zu 1666207445 [#1]: on" STAMP "\n",
			(int)(whole > 0 ? whole : strlen(FIRST("1"))), whole > 0 ? sample : FIRST("1"),
			lines > 0 ? lines : 1);
		check_file(path, want);
		close_room(&room);
	}
}

/* Any one byte damaged before the last line: that one is read all the same, and has its ID. */
static void test_damaged(void)
{
	static const char damage[] = { '\0', '\n', 'x', '9', '\x1b', '\xff' };
	size_t begin = strlen(HEAD("1"));
	size_t end = sizeof(sample) - 1 - strlen("\n" SAID("3", "three"));

	for (size_t at = begin; at < end; at++) {
		for (size_t i = 0; i < sizeof(damage); i++) {
			char bytes[sizeof(sample)];
			struct room room;

			memcpy(bytes, sample, sizeof(sample));
			bytes[at] = damage[i];
			write_file(path, bytes, sizeof(sample) - 1);
			CHECK_INT(open_room(&room, FEED_BYTES), 0);
			CHECK_INT(room.feed.next, 4);
			CHECK_TEXT(feed_line(&room.feed, 3), feed_record(&room.feed, 3)->len,
				"[#1]: three" STAMP "\n");
			close_room(&room);
		}
	}
}

static void test_skipped_is_said(void)
{
	static const char text[] = HEAD("1") SAID("1", "one") "\0\0\0\n" "?\n" SAID("4", "four");
	struct room room;

	write_file(path, text, sizeof(text) - 1);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	check_feed(&room.feed, "one - - four 5");
	CHECK(logged(&room, "skipped 2 lines that cannot be read, first at byte 80\n"));
	close_room(&room);
}

/* A line longer than any can be, and zeros without end, as some file systems leave them. */
static void test_endless(void)
{
	size_t len = 1 << 20;
	char *text = malloc(len);
	struct room room;

	memset(text, 'x', len);
	memcpy(text, HEAD("1") SAID("1", "one"), strlen(HEAD("1") SAID("1", "one")));
	text[len - 100] = '\n';
	memcpy(text + len - 99, SAID("3", "three"), strlen(SAID("3", "three")));
	write_file(path, text, len);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	check_feed(&room.feed, "three 4");
	CHECK(logged(&room, "cut off a torn line of "));
	close_room(&room);
	CHECK_INT(open_room(&room, 1 << 20), 0);
	check_feed(&room.feed, "one - three 4");
	CHECK(logged(&room, "skipped 1 line that cannot be read, first at byte 80\n"));
	close_room(&room);

	memset(text, 0, len);
	memcpy(text, HEAD("1") SAID("1", "one"), strlen(HEAD("1") SAID("1", "one")));
	write_file(path, text, len);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	check_feed(&room.feed, "one 2");
	CHECK(logged(&room, "cut off a torn line"));
	close_room(&room);

	/* All of what the feed could hold is damaged: IDs go on from what stands before it. */
	memset(text, '\n', len);
	memcpy(text, HEAD("1") SAID("1", "one"), strlen(HEAD("1") SAID("1", "one")));
	write_file(path, text, len);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	CHECK_INT(room.feed.next, 2 + len - strlen(HEAD("1") SAID("1", "one")));
	close_room(&room);
	free(text);
}

static void test_foreign(void)
{
	static const struct {
		const char *text;
		const char *reason;
	} cases[] = {
		{ "root:x:0:0:root:/root:/bin/bash\n", "is not a chatd history" },
		{ "no line end", "is not a chatd history" },
		{ "\n", "is not a chatd history" },
		{ "=== chatd history 2, next @1\n", "is a history of a newer chatd" },
		{ "=== chatd history 1, next @1\r\n@1 1666207445 [#1]: hello\r\n",
			"was converted to CR LF line ends" },
		{ "=== chatd history 1, next @00000000000000000001\r\n",
			"was converted to CR LF line ends" },
		{ "\xef\xbb\xbf" FIRST("1"), "begins with a byte-order mark" },
		{ "\xef\xbb\xbf" HEAD("1"), "begins with a byte-order mark" },
		{ "\xef\xbb\xbfhello\n", "is not a chatd history" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct room room;
		struct error check;

		write_file(path, cases[i].text, strlen(cases[i].text));
		CHECK_INT(open_room(&room, FEED_BYTES), -1);
		CHECK(strstr(room.error.text, cases[i].reason) != NULL);
		CHECK(strstr(room.error.text, path) != NULL);
		CHECK_INT(history_check(path, &lobby, &check), -1);
		CHECK(strstr(check.text, cases[i].reason) != NULL);
		check_file(path, cases[i].text);
		close_room(&room);
	}
}

static void test_check(void)
{
	struct error error;

	unlink(path);
	unlink(moved);
	CHECK_INT(history_check(path, &lobby, &error), 0);
	CHECK_INT(access(path, F_OK), -1);
	write_file(path, sample, sizeof(sample) - 5);
	CHECK_INT(history_check(path, &lobby, &error), 0);
	char bytes[FILE_MAX];
	CHECK_INT(read_file(path, bytes), sizeof(sample) - 5);
	CHECK_INT(history_check(directory, &lobby, &error), -1);
	CHECK_INT(history_check(missing, &lobby, &error), -1);
}

static void test_no_file(void)
{
	struct room room;

	CHECK_INT(feed_init(&room.feed, FEED_BYTES), 0);
	CHECK_INT(log_init(&room.log, false), 0);
	history_init(&room.history, lobby);
	CHECK_INT(history_open(&room.history, directory, &room.feed, &room.log, &room.error),
		-1);
	CHECK(strstr(room.error.text, "Is a directory") != NULL);
	CHECK_INT(history_open(&room.history, missing, &room.feed, &room.log, &room.error), -1);
	CHECK(strstr(room.error.text, "No such file") != NULL);
	/* Without a history nothing happens. */
	say(&room, "one");
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_SAME);
	CHECK_INT(history_deadline(&room.history), INT64_MAX);
	CHECK_INT(history_reopen(&room.history, &room.feed, &room.error), 0);
	CHECK_INT(history_left(&room.history, &room.feed), 0);
	close_room(&room);
}

static void test_two_servers(void)
{
	struct room one, two;

	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(&one, FEED_BYTES), 0);
	CHECK_INT(open_room(&two, FEED_BYTES), -1);
	CHECK(strstr(two.error.text, "is in use by another chatd") != NULL);
	close_room(&two);
	close_room(&one);
	CHECK_INT(open_room(&two, FEED_BYTES), 0);
	close_room(&two);
}

/* A file moved away, as logrotate does. */
static void test_rotation(void)
{
	struct room room;

	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	say(&room, "one");
	history_append(&room.history, &room.feed, 0);
	CHECK_INT(history_reopen(&room.history, &room.feed, &room.error), 0);
	say(&room, "two");
	history_append(&room.history, &room.feed, 0);
	CHECK_INT(rename(path, moved), 0);
	say(&room, "three");
	history_append(&room.history, &room.feed, 0);
	CHECK_INT(history_reopen(&room.history, &room.feed, &room.error), 0);
	history_append(&room.history, &room.feed, 0);
	check_file(moved, FIRST("1") SAID("1", "one") SAID("2", "two") SAID("3", "three"));
	check_file(path, FIRST("4"));
	say(&room, "four");
	history_append(&room.history, &room.feed, 0);
	check_file(path, FIRST("4") SAID("4", "four"));

	/* A file that cannot be taken: the old one goes on. */
	CHECK_INT(rename(path, moved), 0);
	write_file(path, "hello\n", 6);
	CHECK_INT(history_reopen(&room.history, &room.feed, &room.error), -1);
	CHECK(strstr(room.error.text, "is not a chatd history") != NULL);
	say(&room, "five");
	history_append(&room.history, &room.feed, 0);
	check_file(path, "hello\n");
	check_file(moved, FIRST("4") SAID("4", "four") SAID("5", "five"));

	/* The first file is back, torn: it goes on with a header that tells of the gap. */
	write_file(path, sample, sizeof(sample) - 5);
	CHECK_INT(history_reopen(&room.history, &room.feed, &room.error), 0);
	say(&room, "six");
	history_append(&room.history, &room.feed, 0);
	check_file(path, HEAD("1") SAID("1", "one") SAID("2", "two") HEAD("6") SAID("6", "six"));
	close_room(&room);

	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	check_feed(&room.feed, "one two - - - six 7");
	close_room(&room);
}

static void allow_file_size(rlim_t size)
{
	struct rlimit limit;

	CHECK_INT(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk is full after any number of bytes, and then has room again. */
static void test_full_disk(void)
{
	static const char whole[] = FIRST("1") SAID("1", "one") SAID("2", "two") SAID("3", "three")
		SAID("4", "four");

	for (size_t room_for = 0; room_for < sizeof(sample) - 1; room_for++) {
		struct room room;
		char bytes[FILE_MAX];

		unlink(path);
		unlink(moved);
		CHECK_INT(open_room(&room, FEED_BYTES), 0);
		say(&room, "one");
		say(&room, "two");
		say(&room, "three");
		allow_file_size(room_for);
		CHECK_INT(history_append(&room.history, &room.feed, 100), HISTORY_FAILED);
		CHECK(room.history.error == EFBIG);
		CHECK_INT(history_deadline(&room.history), 100 + SECOND);
		/* Not a byte of a line that is not whole. */
		size_t len = read_file(path, bytes);
		CHECK(len <= room_for && (len == 0 || bytes[len - 1] == '\n'));
		/* Said once, however long it lasts; and tried no sooner than in a second. */
		CHECK_INT(history_append(&room.history, &room.feed, 100 + SECOND), HISTORY_SAME);
		CHECK_INT(history_deadline(&room.history), 100 + 2 * SECOND);
		allow_file_size(RLIM_INFINITY);
		say(&room, "four");
		CHECK_INT(history_append(&room.history, &room.feed, 99 + 2 * SECOND), HISTORY_SAME);
		CHECK_INT(read_file(path, bytes), len);
		CHECK_INT(history_append(&room.history, &room.feed, 100 + 2 * SECOND),
			HISTORY_WORKS);
		CHECK_INT(room.history.lost, 0);
		check_file(path, whole);
		close_room(&room);
	}
}

/* The disk is full for so long that lines leave the feed unwritten. */
static void test_lost_lines(void)
{
	struct room room;
	char bytes[FILE_MAX];
	char text[16];

	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	say(&room, "one");
	history_append(&room.history, &room.feed, 0);
	allow_file_size(100);
	for (int i = 2; i <= 1000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		say(&room, text);
	}
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_FAILED);
	allow_file_size(RLIM_INFINITY);
	for (int i = 1001; i <= 2000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		say(&room, text);
	}
	uint64_t first = room.feed.first;
	CHECK_INT(history_append(&room.history, &room.feed, SECOND), HISTORY_WORKS);
	CHECK_INT(room.history.lost, first - 2);
	CHECK_INT(history_append(&room.history, &room.feed, 2 * SECOND), HISTORY_SAME);
	char head[192];
	snprintf(head, sizeof(head), FIRST("1") SAID("1", "one") HEAD("%" PRIu64) "@%" PRIu64 " ",
		first, first);
	read_file(path, bytes);
	CHECK_TEXT(bytes, strlen(head), head);
	close_room(&room);

	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	CHECK_INT(room.feed.next, 2001);
	CHECK_INT(log_pending(&room.log, &(const char *){ NULL }), 0);
	close_room(&room);
}

/* At the end what could not be written is tried at once, and what is left is counted. */
static void test_end(void)
{
	struct room room;

	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	CHECK_INT(history_left(&room.history, &room.feed), 0);
	say(&room, "one");
	CHECK_INT(history_left(&room.history, &room.feed), 1);
	history_append(&room.history, &room.feed, 0);
	CHECK_INT(history_left(&room.history, &room.feed), 0);
	allow_file_size(100);
	say(&room, "two");
	say(&room, "three");
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_FAILED);
	history_hurry(&room.history);
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_SAME);
	CHECK_INT(history_left(&room.history, &room.feed), 2);
	/* Lines that have left the feed since count as well. */
	for (int i = 0; i < 1000; i++)
		say(&room, "too many");
	CHECK_INT(history_append(&room.history, &room.feed, SECOND), HISTORY_SAME);
	CHECK(room.feed.first > 3);
	CHECK_INT(history_left(&room.history, &room.feed), 1002);
	allow_file_size(RLIM_INFINITY);
	history_hurry(&room.history);
	CHECK_INT(history_append(&room.history, &room.feed, SECOND), HISTORY_WORKS);
	/* Those have been told of. */
	CHECK(room.history.lost > 0);
	CHECK_INT(history_left(&room.history, &room.feed), 0);
	close_room(&room);
}

/* Lines that left the feed before there was a turn to write them are counted all the same. */
static void test_overrun(void)
{
	struct room room;

	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	history_append(&room.history, &room.feed, 0);
	for (int i = 1; i <= 500; i++)
		say(&room, "too fast");
	uint64_t first = room.feed.first;
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_WORKS);
	CHECK_INT(room.history.lost, first - 1);
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_SAME);
	close_room(&room);
}

/* A device that is always full; neither can a torn line be cut off there. */
static void test_full_device(void)
{
	struct room room;

	if (access("/dev/full", W_OK) < 0)
		return;
	CHECK_INT(feed_init(&room.feed, FEED_BYTES), 0);
	CHECK_INT(log_init(&room.log, false), 0);
	history_init(&room.history, lobby);
	room.history.sync = SYNC_ALWAYS;
	CHECK_INT(history_open(&room.history, "/dev/full", &room.feed, &room.log, &room.error), 0);
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_FAILED);
	CHECK(room.history.error == ENOSPC);
	CHECK_INT(history_append(&room.history, &room.feed, SECOND), HISTORY_SAME);
	close_room(&room);
}

static void test_sync(void)
{
	struct room room;

	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	history_append(&room.history, &room.feed, 0);
	CHECK_INT(history_deadline(&room.history), INT64_MAX);
	room.history.sync = SYNC_ALWAYS;
	say(&room, "one");
	history_append(&room.history, &room.feed, 100);
	CHECK(!room.history.dirty);
	CHECK_INT(history_deadline(&room.history), 100 + HISTORY_LOOK_AFTER);
	room.history.sync = SYNC_INTERVAL;
	say(&room, "two");
	history_append(&room.history, &room.feed, 200);
	CHECK_INT(history_deadline(&room.history), 200 + HISTORY_SYNC_AFTER);
	say(&room, "three");
	history_append(&room.history, &room.feed, 300);
	CHECK_INT(history_deadline(&room.history), 200 + HISTORY_SYNC_AFTER);
	history_append(&room.history, &room.feed, 200 + HISTORY_SYNC_AFTER);
	CHECK(!room.history.dirty);
	CHECK_INT(history_deadline(&room.history), 100 + HISTORY_LOOK_AFTER);
	close_room(&room);
}

/* A new file is on disk only when its name is, too; one that is there already has its name there. */
static void test_sync_of_the_name(void)
{
	static const struct {
		enum sync sync;
		unsigned syncs;
	} cases[] = { { SYNC_NONE, 0 }, { SYNC_INTERVAL, 1 }, { SYNC_ALWAYS, 1 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct room room;

		unlink(path);
		unlink(moved);
		folder_syncs = other_syncs = 0;
		CHECK_INT(open_synced(&room, FEED_BYTES, cases[i].sync), 0);
		CHECK_INT(folder_syncs, cases[i].syncs);
		say(&room, "one");
		history_append(&room.history, &room.feed, 0);
		CHECK_INT(rename(path, moved), 0);
		CHECK_INT(history_reopen(&room.history, &room.feed, &room.error), 0);
		CHECK_INT(folder_syncs, 2 * cases[i].syncs);
		history_append(&room.history, &room.feed, 0);
		CHECK_INT(history_reopen(&room.history, &room.feed, &room.error), 0);
		close_room(&room);
		CHECK_INT(open_synced(&room, FEED_BYTES, cases[i].sync), 0);
		close_room(&room);
		CHECK_INT(folder_syncs, 2 * cases[i].syncs);
		CHECK_INT(other_syncs, 0);
	}
}

/* Ten gigabytes, of which only the last pages are there. */
static void test_huge(void)
{
	const off_t huge = (off_t)10 << 30;
	struct timespec begin, end;
	struct room room;
	char line[64];

	write_file(path, HEAD("1"), strlen(HEAD("1")));
	FILE *file = fopen(path, "r+");
	CHECK_INT(fseeko(file, huge, SEEK_SET), 0);
	for (int i = 1000000; i < 1200000; i++) {
		int len = snprintf(line, sizeof(line), SAID("%d", "%d"), i, i);
		fwrite(line, 1, (size_t)len, file);
	}
	fputs("@120", file);
	CHECK_INT(fclose(file), 0);

	clock_gettime(CLOCK_MONOTONIC, &begin);
	CHECK_INT(open_room(&room, 1 << 20), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("# 10 GB read in %.1f ms\n", (double)(end.tv_sec - begin.tv_sec) * 1e3 +
		(double)(end.tv_nsec - begin.tv_nsec) / 1e6);
	CHECK_INT(room.feed.next, 1200000);
	CHECK(room.feed.next - room.feed.first > 20000);
	CHECK(logged(&room, "cut off a torn line of 4 bytes"));
	CHECK(!logged(&room, "skipped"));
	close_room(&room);
}

static void append(struct room *room, int64_t usec)
{
	CHECK_INT(history_append(&room->history, &room->feed, usec), HISTORY_SAME);
}

/* A room that has said "one" to "three", and then lost sight of its file. */
static void open_written(struct room *room)
{
	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(room, FEED_BYTES), 0);
	say(room, "one");
	say(room, "two");
	say(room, "three");
	append(room, 0);
	CHECK_INT(history_deadline(&room->history), HISTORY_LOOK_AFTER);
	append(room, HISTORY_LOOK_AFTER);
	CHECK_INT(history_deadline(&room->history), INT64_MAX);
}

/* Says one more, a second after which the path is looked at. */
static void go_on(struct room *room)
{
	say(room, "four");
	append(room, 2 * SECOND);
	CHECK_INT(history_deadline(&room->history), 3 * SECOND);
	append(room, 3 * SECOND - 1);
	CHECK(!logged(room, "is not the file any more"));
	append(room, 3 * SECOND);
	CHECK(logged(room, "is not the file any more"));
	append(room, 4 * SECOND);
}

/* A history that a room gets later: its feed stays as it is, and is written. */
static void test_late(void)
{
	static const char fewer[] = HEAD("1") SAID("1", "one") SAID("2", "tea");
	static const char more[] = HEAD("1") SAID("1", "one") SAID("2", "two") SAID("3", "three")
		SAID("4", "four");
	static const struct {
		const char *before, *after;
	} rows[] = {
		{ "", FIRST("1") SAID("1", "one") SAID("2", "two") SAID("3", "three") },
		{ fewer, HEAD("1") SAID("1", "one") SAID("2", "tea") SAID("3", "three") },
		{ more, NULL },
	};
	struct room room;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		open_written(&room);
		history_finish(&room.history);
		history_init(&room.history, lobby);
		unlink(path);
		if (*rows[i].before != '\0')
			write_file(path, rows[i].before, strlen(rows[i].before));
		CHECK_INT(history_open_late(&room.history, path, &room.feed, &room.log,
				  &room.error), rows[i].after != NULL ? 0 : -1);
		append(&room, 0);
		check_feed(&room.feed, "one two three 4");
		check_file(path, rows[i].after != NULL ? rows[i].after : rows[i].before);
		close_room(&room);
	}
	CHECK(strstr(room.error.text, " is another history, with higher numbers") != NULL);
}

static const char all_four[] = FIRST("1") SAID("1", "one") SAID("2", "two") SAID("3", "three")
	SAID("4", "four");

static void test_removed(void)
{
	struct room room;

	open_written(&room);
	CHECK_INT(unlink(path), 0);
	go_on(&room);
	check_file(path, all_four);
	close_room(&room);

	/* Moved away without a word: the new file has it all, too. */
	open_written(&room);
	CHECK_INT(rename(path, moved), 0);
	go_on(&room);
	check_file(path, all_four);
	check_file(moved, all_four);
	close_room(&room);

	/* Just before the end, when there is no time to look later. */
	open_written(&room);
	CHECK_INT(unlink(path), 0);
	say(&room, "four");
	history_hurry(&room.history);
	append(&room, 2 * SECOND);
	check_file(path, all_four);
	close_room(&room);
}

/* As by "> history", or anywhere in a line: no line is lost, and none is made of two. */
static void test_cut(void)
{
	struct room room;

	for (size_t len = 0; len < sizeof(all_four) - 1 - strlen(SAID("4", "four")); len++) {
		open_written(&room);
		CHECK_INT(truncate(path, (off_t)len), 0);
		say(&room, "four");
		append(&room, 2 * SECOND);
		CHECK(logged(&room, "is not the file any more"));
		close_room(&room);
		CHECK_INT(open_room(&room, FEED_BYTES), 0);
		check_feed(&room.feed, "one two three four 5");
		CHECK(!logged(&room, "skipped"));
		close_room(&room);
	}
}

/* What somebody else has appended, perhaps without a line feed, spoils no line of ours. */
static void test_appended(void)
{
	static const char *const tails[] = { "note\n", "note" };

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		struct room room;
		int fd;

		open_written(&room);
		fd = open(path, O_WRONLY | O_APPEND);
		CHECK_INT(write(fd, tails[i], strlen(tails[i])), strlen(tails[i]));
		close(fd);
		say(&room, "four");
		append(&room, 2 * SECOND);
		check_file(path, FIRST("1") SAID("1", "one") SAID("2", "two") SAID("3", "three")
			"note\n" SAID("4", "four"));
		close_room(&room);
	}
}

/* As an editor does: a file of another number is put there, with what was in it, but changed. */
static void test_replaced(void)
{
	static const char edited[] = HEAD("1") SAID("1", "one") SAID("2", "tea") SAID("3", "three");
	struct room room;

	open_written(&room);
	write_file(moved, edited, sizeof(edited) - 1);
	CHECK_INT(rename(moved, path), 0);
	go_on(&room);
	check_file(path, HEAD("1") SAID("1", "one") SAID("2", "tea") SAID("3", "three")
		SAID("4", "four"));
	close_room(&room);

	/* By what is no history: that is said once, and what was written before goes on. */
	open_written(&room);
	write_file(moved, "hello\n", 6);
	CHECK_INT(rename(moved, path), 0);
	say(&room, "four");
	append(&room, 2 * SECOND);
	append(&room, 3 * SECOND);
	CHECK(logged(&room, "is not a chatd history: left as it is; the old file goes on"));
	check_file(path, "hello\n");
	/* Once that is away all is written, also what was said meanwhile. */
	CHECK_INT(unlink(path), 0);
	say(&room, "five");
	append(&room, 4 * SECOND);
	append(&room, 5 * SECOND);
	check_file(path, FIRST("1") SAID("1", "one") SAID("2", "two") SAID("3", "three")
		SAID("4", "four") SAID("5", "five"));
	close_room(&room);

	/* By a history of other lines, whose numbers are higher. */
	open_written(&room);
	write_file(path, HEAD("90") SAID("90", "else"), strlen(HEAD("90") SAID("90", "else")));
	CHECK_INT(truncate(path, 20), 0);
	unlink(path);
	unlink(moved);
	write_file(path, HEAD("90") SAID("90", "else"), strlen(HEAD("90") SAID("90", "else")));
	say(&room, "four");
	append(&room, 2 * SECOND);
	append(&room, 3 * SECOND);
	CHECK(logged(&room, "is another history, with higher numbers"));
	check_file(path, HEAD("90") SAID("90", "else"));
	close_room(&room);
}

/* On HUP, too: a file that was removed is not one that was rotated. */
static void test_removed_and_reopened(void)
{
	struct room room;

	open_written(&room);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(history_reopen(&room.history, &room.feed, &room.error), 0);
	append(&room, 2 * SECOND);
	check_file(path, FIRST("1") SAID("1", "one") SAID("2", "two") SAID("3", "three"));
	close_room(&room);
}

/* FILE.1 is read before a file that has not much yet. */
static void test_file_before(void)
{
	static const char older[] = HEAD("1") SAID("1", "one") SAID("2", "two") SAID("3", "three");
	static const struct {
		const char *file, *feed;
	} cases[] = {
		{ NULL, "one two three 4" },
		{ "", "one two three 4" },
		{ HEAD("4"), "one two three 4" },
		{ HEAD("4") SAID("4", "four"), "one two three four 5" },
		{ FIRST("4") SAID("4", "four") SAID("5", "five"), "one two three four five 6" },
		/* What both have is taken once, from the newer. */
		{ HEAD("2") SAID("2", "tea") SAID("3", "three"), "one tea three 4" },
		{ HEAD("1") SAID("1", "uno"), "uno 2" },
		{ HEAD("6") SAID("6", "six"), "one two three - - six 7" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct room room;

		unlink(path);
		unlink(moved);
		write_file(moved, older, sizeof(older) - 1);
		if (cases[i].file != NULL)
			write_file(path, cases[i].file, strlen(cases[i].file));
		CHECK_INT(open_room(&room, FEED_BYTES), 0);
		check_feed(&room.feed, cases[i].feed);
		CHECK_INT(log_pending(&room.log, &(const char *){ NULL }), 0);
		close_room(&room);
		check_file(moved, older);
	}
	unlink(moved);
}

/* Lines that were said and could not be written: their numbers are never given again. */
static void test_numbers_told(void)
{
	struct room room;

	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	say(&room, "one");
	append(&room, 0);
	allow_file_size(100);
	say(&room, "two");
	say(&room, "three");
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_FAILED);
	/* A crash now: nobody knows how many more were said, so it is well above. */
	check_file(path, "=== chatd history 1, next @00000000000000001004\n" SAID("1", "one"));
	/* An orderly end: exactly. */
	say(&room, "four");
	history_hurry(&room.history);
	append(&room, 0);
	CHECK_INT(history_left(&room.history, &room.feed), 3);
	close_room(&room);
	check_file(path, FIRST("5") SAID("1", "one"));
	allow_file_size(RLIM_INFINITY);

	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	CHECK(logged(&room, "numbers go on at 5"));
	CHECK(!logged(&room, "skipped"));
	check_feed(&room.feed, "one - - - 5");
	say(&room, "five");
	append(&room, 0);
	close_room(&room);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	check_feed(&room.feed, "one - - - five 6");
	CHECK(!logged(&room, "skipped"));
	close_room(&room);
}

/* Once lines can be written again, numbers go on without a gap. */
static void test_numbers_mended(void)
{
	struct room room;

	unlink(path);
	unlink(moved);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	say(&room, "one");
	append(&room, 0);
	allow_file_size(100);
	say(&room, "two");
	CHECK_INT(history_append(&room.history, &room.feed, 0), HISTORY_FAILED);
	allow_file_size(RLIM_INFINITY);
	CHECK_INT(history_append(&room.history, &room.feed, SECOND), HISTORY_WORKS);
	close_room(&room);
	CHECK_INT(open_room(&room, FEED_BYTES), 0);
	check_feed(&room.feed, "one two 3");
	CHECK_INT(log_pending(&room.log, &(const char *){ NULL }), 0);
	close_room(&room);
}

/* Appends until a process has said that all is on disk. */
static void append_until_synced(struct room *room, struct disk *disk)
{
	struct pollfd p = { .fd = disk_fd(disk), .events = POLLIN };

	while (history_durable(&room->history) < room->feed.next) {
		CHECK(poll(&p, 1, -1) == 1);
		disk_receive(disk);
		append(room, 0);
	}
}

/* --sync always with a process that waits for the disk: what is not synced is not to be seen. */
static void test_durable(void)
{
	struct room room;
	struct disk disk;

	unlink(path);
	unlink(moved);
	CHECK_INT(open_synced(&room, FEED_BYTES, SYNC_ALWAYS), 0);
	disk_init(&disk, &room.log);
	CHECK_INT(disk_start(&disk), 0);
	room.history.disk = &disk;
	CHECK_INT(history_durable(&room.history), 1);
	say(&room, "one");
	append(&room, 0);
	CHECK_INT(history_durable(&room.history), 1);
	CHECK(!history_is_settled(&room.history));
	say(&room, "two"); /* while the first sync is under way */
	append(&room, 0);
	append_until_synced(&room, &disk);
	CHECK_INT(history_durable(&room.history), 3);
	CHECK(history_is_settled(&room.history));

	/* It is killed with a sync under way: that is made up for, and said. */
	kill(disk.pid, SIGSTOP);
	say(&room, "three");
	append(&room, 0);
	CHECK_INT(history_durable(&room.history), 3);
	kill(disk.pid, SIGKILL);
	append_until_synced(&room, &disk);
	CHECK(logged(&room, "the process that waits for the disk has ended"));
	say(&room, "four");
	append(&room, 0);
	CHECK_INT(history_durable(&room.history), 5);
	disk_finish(&disk);
	close_room(&room);
}

/* Before an upgrade nothing is left to another process. */
static void test_settle(void)
{
	struct room room;
	struct disk disk;

	unlink(path);
	unlink(moved);
	CHECK_INT(open_synced(&room, FEED_BYTES, SYNC_ALWAYS), 0);
	disk_init(&disk, &room.log);
	CHECK_INT(disk_start(&disk), 0);
	room.history.disk = &disk;
	kill(disk.pid, SIGSTOP);
	say(&room, "one");
	append(&room, 0);
	CHECK_INT(history_durable(&room.history), 1);
	history_settle(&room.history);
	CHECK_INT(history_durable(&room.history), 2);
	CHECK(history_is_settled(&room.history) && !room.history.dirty);
	kill(disk.pid, SIGCONT);
	disk_finish(&disk);
	close_room(&room);
}

static const struct unit_test tests[] = {
	{ "a new file", test_new_file },
	{ "a restart", test_restart },
	{ "many lines", test_many_lines },
	{ "torn at every byte", test_torn },
	{ "damaged at every byte", test_damaged },
	{ "what is skipped is said", test_skipped_is_said },
	{ "lines without end", test_endless },
	{ "files that are no history", test_foreign },
	{ "looking without touching", test_check },
	{ "no file", test_no_file },
	{ "two servers", test_two_servers },
	{ "rotation", test_rotation },
	{ "a full disk", test_full_disk },
	{ "lost lines", test_lost_lines },
	{ "the end", test_end },
	{ "lines that come too fast", test_overrun },
	{ "a full device", test_full_device },
	{ "syncing", test_sync },
	{ "syncing the name", test_sync_of_the_name },
	{ "a file of ten gigabytes", test_huge },
	{ "a history that a room gets later", test_late },
	{ "a file that is removed or moved", test_removed },
	{ "a file that is cut at every byte", test_cut },
	{ "a file that somebody else appends to", test_appended },
	{ "a file that is replaced", test_replaced },
	{ "a file that is removed before a reopening", test_removed_and_reopened },
	{ "the file before", test_file_before },
	{ "numbers told and not written", test_numbers_told },
	{ "numbers after a disk that was full", test_numbers_mended },
	{ "what is on disk", test_durable },
	{ "all on disk at once", test_settle },
};

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	if (mkdtemp(directory) == NULL) {
		puts("Bail out! no temporary directory");
		return 1;
	}
	snprintf(path, sizeof(path), "%s/history", directory);
	snprintf(moved, sizeof(moved), "%s/history.1", directory);
	snprintf(missing, sizeof(missing), "%s/none/history", directory);
	int status = unit_run(tests, sizeof(tests) / sizeof(tests[0]));
	unlink(path);
	unlink(moved);
	rmdir(directory);
	return status;
}
