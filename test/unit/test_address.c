/*
 * Addresses and prefixes, at their borders.
 */
#include "server/core/base/address.h"
#include "test/unit/unit.h"

struct row {
	const char *in;
	const char *out; /* NULL: it is none */
};

static const struct row prefixes[] = {
	{ "192.0.2.7", "192.0.2.7" },
	{ "192.0.2.7/32", "192.0.2.7" },
	{ "192.0.2.7/31", "192.0.2.6/31" },
	{ "192.0.2.255/25", "192.0.2.128/25" },
	{ "192.0.2.7/24", "192.0.2.0/24" },
	{ "192.0.2.7/1", "128.0.0.0/1" },
	{ "192.0.2.7/0", "0.0.0.0/0" },
	{ "192.0.2.7/33", NULL },
	{ "192.0.2.7/", NULL },
	{ "192.0.2.7/-1", NULL },
	{ "192.0.2.7/8x", NULL },
	{ "192.0.2.7/8/8", NULL },
	{ "192.0.2", NULL },
	{ "192.0.2.256", NULL },
	{ "192.0.2.7 ", NULL },
	{ " 192.0.2.7", NULL },
	{ "", NULL },
	{ "/8", NULL },
	{ "alice", NULL },
	{ "2001:db8::1", "2001:db8::1" },
	{ "2001:DB8:0:0::1", "2001:db8::1" },
	{ "2001:db8::1/128", "2001:db8::1" },
	{ "2001:db8::3/127", "2001:db8::2/127" },
	{ "2001:db8:ffff:ffff::/33", "2001:db8:8000::/33" },
	{ "2001:db8::/129", NULL },
	{ "::/0", "::/0" },
	{ "::", "::" },
	{ "[::1]", NULL },
	{ "::1%lo", NULL },
	{ "::ffff:192.0.2.7", "192.0.2.7" },
	{ "::ffff:c000:207", "192.0.2.7" },
	{ "::ffff:192.0.2.7/127", "192.0.2.6/31" },
	{ "::ffff:192.0.2.7/96", "0.0.0.0/0" },
	{ "::ffff:192.0.2.7/95", "::fffe:0:0/95" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "0000000000000000000000000000000000000000000000000000000000000000000::1", NULL },
};

static void test_prefixes(void)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		const struct row *row = &prefixes[i];
		char text[ADDRESS_TEXT_MAX];
		struct prefix p, again;
		bool is = prefix_parse(&p, row->in, strlen(row->in));

		CHECK_INT(is, row->out != NULL);
		if (!is || row->out == NULL)
			continue;
		CHECK_TEXT(text, prefix_text(text, &p), row->out);
		CHECK(prefix_parse(&again, text, strlen(text)) && prefix_equal(&p, &again));
	}
}

static void test_nul_in_it(void)
{
	struct prefix p;

	CHECK(!prefix_parse(&p, "192.0.2.7\0", 10));
	CHECK(!prefix_parse(&p, "192.0.2.7\0/8", 12));
}

static struct address address_of(const char *text)
{
	struct address a = { .port = 53124 };
	struct prefix p;

	CHECK(prefix_parse(&p, text, strlen(text)));
	a.family = p.family;
	memcpy(a.bytes, p.bytes, sizeof(a.bytes));
	return a;
}

static void test_text(void)
{
	static const struct address unix_peer = { .family = ADDRESS_UNIX }, unknown = { 0 };
	struct address v4 = address_of("127.0.0.1"), v6 = address_of("::1");
	struct address longest = address_of("1111:2222:3333:4444:5555:6666:7777:8888");
	char text[ADDRESS_TEXT_MAX];

	longest.port = 65535;
	CHECK_TEXT(text, address_text(text, &v4), "127.0.0.1:53124");
	CHECK_TEXT(text, address_host_text(text, &v4), "127.0.0.1");
	CHECK_TEXT(text, address_text(text, &v6), "[::1]:53124");
	CHECK_TEXT(text, address_host_text(text, &v6), "::1");
	CHECK_TEXT(text, address_text(text, &longest),
		"[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
	CHECK_TEXT(text, address_text(text, &unix_peer), "unix");
	CHECK_TEXT(text, address_text(text, &unknown), "unknown");
}

static void test_covers(void)
{
	static const struct {
		const char *prefix, *address;
		bool covers;
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/23", "192.0.3.0", true },
		{ "0.0.0.0/0", "255.255.255.255", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "192.0.2.7", false },
		{ "::/0", "ffff::", true },
		{ "2001:db8::/63", "2001:db8:0:1:ffff::", true },
		{ "2001:db8::/64", "2001:db8:0:1::", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address a = address_of(rows[i].address);
		struct prefix p;

		CHECK(prefix_parse(&p, rows[i].prefix, strlen(rows[i].prefix)));
		CHECK_INT(prefix_covers(&p, &a), rows[i].covers);
	}
}

static void test_hosts(void)
{
	static const struct address unix_peer = { .family = ADDRESS_UNIX }, unknown = { 0 };
	struct address a = address_of("192.0.2.7"), b = a, c = address_of("192.0.2.6");
	struct address d = address_of("2001:db8:0:1::1");
	struct address e = address_of("2001:db8:0:1:ffff:ffff:ffff:ffff");
	struct address f = address_of("2001:db8:0:2::1");

	b.port = 1;
	CHECK(address_same_host(&a, &b));
	CHECK(!address_same_host(&a, &c));
	CHECK(address_same_host(&d, &e));
	CHECK(!address_same_host(&d, &f));
	CHECK(!address_same_host(&a, &d));
	CHECK(!address_same_host(&unix_peer, &unix_peer));
	CHECK(!address_same_host(&unknown, &unknown));
}

static void test_mapped(void)
{
	static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 };
	static const uint8_t other[16] = { [9] = 1, [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 };
	char text[ADDRESS_TEXT_MAX];
	struct address a = { .port = 80 };

	address_set_v6(&a, mapped);
	CHECK_TEXT(text, address_text(text, &a), "192.0.2.7:80");
	address_set_v6(&a, other);
	CHECK_TEXT(text, address_text(text, &a), "[::1:ffff:c000:207]:80");
}

static const struct unit_test tests[] = {
	{ "prefixes, parsed and written", test_prefixes },
	{ "a NUL", test_nul_in_it },
	{ "addresses as text", test_text },
	{ "what a prefix covers", test_covers },
	{ "what is one host", test_hosts },
	{ "IPv4-mapped addresses", test_mapped },
};

UNIT_MAIN(tests)
