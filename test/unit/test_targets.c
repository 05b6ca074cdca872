/*
 * The nats-servers that --share takes.
 */
#include "server/shell/targets.h"

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_forms(void)
{
	static const struct {
		const char *text;
		bool is_one;
	} rows[] = {
		{ "nats://127.0.0.1:4222", true },
		{ "nats://127.0.0.1", true },
		{ "nats://a:1,b:2,[::1]:3", true },
		{ "nats://a:1,nats://b:2", true },
		{ "nats://[::1]", true },
		{ "nats://a:65535", true },
		{ "nats://a:65536", false },
		{ "nats://a:0", false },
		{ "nats://a:", false },
		{ "nats://a:1x", false },
		{ "nats://:1", false },
		{ "nats://", false },
		{ "nats://a,", false },
		{ "nats://a,,b", false },
		{ "nats://[::1", false },
		{ "nats://[]:1", false },
		{ "nats://::1", false },
		{ "nats://user:secret@a:1", false },
		{ "nats://a/b", false },
		{ "127.0.0.1:4222", false },
		{ "tls://a:1", false },
		{ "", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error error = { ERROR_START, "" };
		int rc = targets_check(rows[i].text, "--share", &error);

		CHECK_INT(rc, rows[i].is_one ? 0 : -1);
		if ((rc == 0) != rows[i].is_one)
			printf("#   %s\n", rows[i].text);
		if (rc < 0)
			CHECK_INT(error.status, ERROR_USAGE);
	}
}

static void test_look_up(void)
{
	struct targets t;
	struct error error;

	CHECK_INT(targets_look_up(&t, "nats://127.0.0.1:4222,[::1]:7", "--share", &error), 0);
	CHECK_INT(t.count, 2);
	CHECK_INT(t.items[0].port, 4222);
	CHECK_INT(t.items[0].address.ss_family, AF_INET);
	CHECK_TEXT(t.items[0].label, strlen(t.items[0].label), "nats://127.0.0.1:4222");
	CHECK_INT(t.items[1].port, 7);
	CHECK_INT(t.items[1].address.ss_family, AF_INET6);
	CHECK_TEXT(t.items[1].label, strlen(t.items[1].label), "nats://[::1]:7");
	targets_finish(&t);
	CHECK_INT(targets_look_up(&t, "nats://no-such-host.invalid", "--share", &error), -1);
	CHECK_INT(error.status, ERROR_START);
	CHECK(t.items == NULL);
}

static const struct unit_test tests[] = {
	{ "each form, and what is none", test_forms },
	{ "addresses that are looked up", test_look_up },
};
UNIT_MAIN(tests)
