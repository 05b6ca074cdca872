/*
 * Requests to the shared log: taken once each, in order, kept until they are answered.
 */
#include "server/core/feed/shared_log.h"
#include "test/unit/unit.h"

#include <string.h>

static uint64_t ask(struct shared_log *log, enum log_request_kind kind, const char *text)
{
	struct slice payload = { text, strlen(text) };

	return shared_log_add(log, &(struct log_request){ .kind = kind, .to = { "to", 2 },
		.msg_id = { "id", 2 }, .payload = payload });
}

static void check_next(struct shared_log *log, const char *want)
{
	const struct log_request *r = shared_log_take(log);

	CHECK(r != NULL);
	if (r == NULL)
		return;
	CHECK_TEXT(r->payload.bytes, r->payload.len, want);
	CHECK_TEXT(r->to.bytes, r->to.len, "to");
	CHECK_TEXT(r->msg_id.bytes, r->msg_id.len, "id");
}

static void test_kept_until_answered(void)
{
	struct shared_log log = { 0 };
	uint64_t one, two;

	CHECK(shared_log_take(&log) == NULL);
	one = ask(&log, LOG_LINE, "one");
	ask(&log, LOG_TELL, "beat");
	two = ask(&log, LOG_PUT, "two");
	check_next(&log, "one");
	check_next(&log, "beat");
	check_next(&log, "two");
	CHECK(shared_log_take(&log) == NULL);
	CHECK_INT(log.count, 2);
	CHECK(shared_log_find(&log, two) != NULL);
	/* Another program asks once more, but tells nothing twice. */
	shared_log_restart(&log);
	check_next(&log, "one");
	check_next(&log, "two");
	shared_log_remove(&log, two);
	CHECK(shared_log_find(&log, two) == NULL);
	ask(&log, LOG_LINE, "three");
	check_next(&log, "three");
	shared_log_remove(&log, one);
	shared_log_remove(&log, one);
	CHECK_INT(log.count, 1);
	shared_log_finish(&log);
	CHECK(shared_log_take(&log) == NULL);
}

static const struct unit_test tests[] = {
	{ "kept until they are answered", test_kept_until_answered },
};

UNIT_MAIN(tests)
