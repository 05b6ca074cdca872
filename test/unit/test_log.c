/*
 * The log: whole lines in order, bounded, with what was dropped said and counted.
 */
#include "server/core/base/log.h"
#include "test/unit/unit.h"

#include <stdlib.h>

static void check_pending(struct log *log, const char *want)
{
	const char *bytes;
	size_t len = log_pending(log, &bytes);

	CHECK_TEXT(bytes, len, want);
	log_written(log, len);
}

static void test_lines(void)
{
	struct log log;

	CHECK_INT(log_init(&log, false), 0);
	check_pending(&log, "");
	log_line(&log, LOG_AT_INFO, "one %d", 1);
	log_text(&log, LOG_AT_INFO, (struct slice){ "client #1: ", 11 }, (struct slice){ "a\0b", 3 });
	log_line(&log, LOG_AT_ERROR, "%s", "");
	CHECK_BYTES(log.bytes, log.end, "one 1\nclient #1: a\0b\n\n", 22);
	log_finish(&log);
	log_finish(&log);
}

static void test_priorities(void)
{
	struct log log;

	CHECK_INT(log_init(&log, true), 0);
	log_line(&log, LOG_AT_ERROR, "one");
	log_line(&log, LOG_AT_WARNING, "two");
	log_line(&log, LOG_AT_NOTICE, "three");
	log_text(&log, LOG_AT_INFO, (struct slice){ "fo", 2 }, (struct slice){ "ur", 2 });
	check_pending(&log, "<3>one\n<4>two\n<5>three\n<6>four\n");
	log_finish(&log);
}

/* A pipe takes what it likes: every line comes out whole all the same. */
static void test_drained_in_pieces(void)
{
	enum { LINES = 50000 };
	struct log log;
	char *got = malloc(LINES * 32), want[64];
	size_t got_len = 0, at = 0;

	srand(1);
	CHECK_INT(log_init(&log, false), 0);
	for (int i = 0; i < LINES; i++) {
		const char *bytes;
		size_t len;

		log_line(&log, LOG_AT_INFO, "line number %d", i);
		len = log_pending(&log, &bytes);
		if (len > 30000 || i == LINES - 1) {
			size_t some = i == LINES - 1 ? len : 1 + (size_t)rand() % len;

			memcpy(got + got_len, bytes, some);
			got_len += some;
			log_written(&log, some);
		}
	}
	for (int i = 0; i < LINES; i++) {
		int len = snprintf(want, sizeof(want), "line number %d\n", i);

		CHECK(memcmp(got + at, want, (size_t)len) == 0);
		at += (size_t)len;
	}
	CHECK_INT(at, got_len);
	CHECK_INT(log.dropped_total, 0);
	log_finish(&log);
	free(got);
}

/* Nobody drains it: it stays as large as it is, and then says how many lines are missing. */
static void test_dropped(void)
{
	struct log log;
	const char *bytes;
	char line[100], want[160];
	size_t len;
	uint64_t dropped;
	int kept;

	CHECK_INT(log_init(&log, true), 0);
	for (int i = 0; i < 10000; i++)
		log_line(&log, LOG_AT_INFO, "%096d", i);
	dropped = log.dropped;
	CHECK(dropped > 0 && dropped == log.dropped_total);
	len = log_pending(&log, &bytes);
	CHECK(len <= LOG_BYTES && len > LOG_BYTES - 300);
	kept = 10000 - (int)dropped;
	CHECK_INT(len, (size_t)kept * 100);
	snprintf(line, sizeof(line), "%096d\n", kept - 1);
	CHECK(memcmp(bytes + len - 97, line, 97) == 0);
	/* A shorter line does not slip in between, as long as the notice does not fit. */
	log_line(&log, LOG_AT_INFO, "s");
	CHECK_INT(log.dropped, dropped + 1);
	log_written(&log, len);
	log_line(&log, LOG_AT_INFO, "again");
	log_line(&log, LOG_AT_INFO, "and again");
	snprintf(want, sizeof(want), "<4>log: %" PRIu64 " lines dropped, nobody was reading them\n"
		"<6>again\n<6>and again\n", dropped + 1);
	check_pending(&log, want);
	CHECK_INT(log.dropped, 0);
	CHECK_INT(log.dropped_total, dropped + 1);
	log_finish(&log);
}

/* One line that is larger than all is dropped, and those behind it are not. */
static void test_too_long(void)
{
	struct log log;
	char *huge = calloc(1, LOG_BYTES);

	CHECK_INT(log_init(&log, false), 0);
	log_line(&log, LOG_AT_INFO, "before");
	log_text(&log, LOG_AT_INFO, (struct slice){ "", 0 }, (struct slice){ huge, LOG_BYTES });
	log_line(&log, LOG_AT_INFO, "after");
	check_pending(&log, "before\nlog: 1 lines dropped, nobody was reading them\nafter\n");
	log_text(&log, LOG_AT_INFO, (struct slice){ "", 0 }, (struct slice){ huge, 200000 });
	CHECK_INT(log.dropped_total, 1);
	log_finish(&log);
	free(huge);
}

static void test_put_back(void)
{
	struct log log;

	CHECK_INT(log_init(&log, true), 0);
	log_put_back(&log, "<6>from before\n", 15);
	log_line(&log, LOG_AT_INFO, "now");
	log_put_back(&log, NULL, 0);
	check_pending(&log, "<6>from before\n<6>now\n");
	log_finish(&log);
}

static const struct unit_test tests[] = {
	{ "lines", test_lines },
	{ "priorities", test_priorities },
	{ "drained in pieces", test_drained_in_pieces },
	{ "dropped and counted", test_dropped },
	{ "a line too long for it", test_too_long },
	{ "put back", test_put_back },
};

UNIT_MAIN(tests)
