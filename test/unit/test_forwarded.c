/*
 * X-Forwarded-For: the last address that is no front end's, whatever a client has put before it.
 */
#include "server/core/wire/forwarded.h"

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FOR "X-Forwarded-For: "

static const struct {
	const char *fields, *from; /* NULL: none; "": bad */
} rows[] = {
	{ "", NULL },
	{ "Host: 192.0.2.7\r\n", NULL },
	{ FOR "\r\n", NULL },
	{ FOR " , ,\r\n", NULL },
	{ FOR "192.0.2.7\r\n", "192.0.2.7" },
	{ FOR "192.0.2.7:53124\r\n", "192.0.2.7" },
	{ FOR "2001:db8::7\r\n", "2001:db8::7" },
	{ FOR "[2001:db8::7]\r\n", "2001:db8::7" },
	{ FOR "[2001:db8::7]:53124\r\n", "2001:db8::7" },
	{ FOR "::ffff:192.0.2.7\r\n", "192.0.2.7" },
	{ FOR "192.0.2.7, 192.0.2.8\r\n", "192.0.2.8" },
	{ FOR "192.0.2.7\r\nHost: a\r\nx-forwarded-for: 192.0.2.8\r\n", "192.0.2.8" },
	/* Past those that are trusted: 10.0.0.0/8 and ::1. */
	{ FOR "192.0.2.7, 10.0.0.1\r\n", "192.0.2.7" },
	{ FOR "192.0.2.7,10.0.0.1,::1, 10.255.255.255\r\n", "192.0.2.7" },
	{ FOR "192.0.2.7\r\n" FOR "10.0.0.1\r\n" FOR "\r\n", "192.0.2.7" },
	{ FOR "192.0.2.7, ::ffff:10.0.0.1\r\n", "192.0.2.7" },
	{ FOR "192.0.2.7, 11.0.0.1\r\n", "11.0.0.1" },
	{ FOR "10.0.0.1\r\n", NULL },
	{ FOR "10.0.0.1, ::1\r\n", NULL },
	/* Left of the one that counts is whatever the client likes. */
	{ FOR "forged, 192.0.2.7\r\n", "192.0.2.7" },
	{ FOR "' or 1=1, 198.51.100.1, 192.0.2.7, 10.0.0.1\r\n", "192.0.2.7" },
	/* No address where one is needed. */
	{ FOR "forged\r\n", "" },
	{ FOR "192.0.2.7, forged\r\n", "" },
	{ FOR "192.0.2.7, unknown, 10.0.0.1\r\n", "" },
	{ FOR "unix:\r\n", "" },
	{ FOR "192.0.2.0/24\r\n", "" },
	{ FOR "::/0\r\n", "" },
	{ FOR "192.0.2.7:99999\r\n", "" },
	{ FOR "192.0.2\r\n", "" },
	{ FOR "chat.example.org\r\n", "" },
	{ FOR "[192.0.2.7]\r\n", "" },
	{ FOR "\"192.0.2.7\"\r\n", "" },
	{ FOR "192.0.2.7 192.0.2.8\r\n", "" },
};

static void test_rows(void)
{
	struct prefix trusted[2];

	CHECK(prefix_parse(&trusted[0], "10.0.0.0/8", 10));
	CHECK(prefix_parse(&trusted[1], "::1", 3));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice fields = { rows[i].fields, strlen(rows[i].fields) };
		const char *from = rows[i].from;
		char text[ADDRESS_TEXT_MAX];
		struct address a;
		enum forwarded_status status = forwarded_parse(&a, fields, trusted, COUNT(trusted));

		CHECK_INT(status, from == NULL ? FORWARDED_NONE : from[0] == '\0' ? FORWARDED_BAD :
			FORWARDED_FROM);
		if (status == FORWARDED_FROM)
			CHECK_TEXT(text, address_host_text(text, &a), from);
	}
}

static void test_nobody_trusted(void)
{
	struct slice fields = { FOR "192.0.2.7, 10.0.0.1\r\n", strlen(FOR) + 21 };
	char text[ADDRESS_TEXT_MAX];
	struct address a;

	CHECK_INT(forwarded_parse(&a, fields, NULL, 0), FORWARDED_FROM);
	CHECK_TEXT(text, address_host_text(text, &a), "10.0.0.1");
}

static const struct unit_test tests[] = {
	{ "who counts", test_rows },
	{ "no front end but the peer", test_nobody_trusted },
};
UNIT_MAIN(tests)
