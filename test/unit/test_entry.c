/*
 * Coming in without anybody to look on, as tables: what the server says and what is sent for it;
 * which servers are no place to talk; which lines --pinned lets through; what a line counts as.
 */
#include "client/core/entry.h"
#include "client/core/greeting.h"
#include "client/core/inbound.h"
#include "client/core/pending.h"
#include "client/core/pinned.h"
#include "client/core/tls_error.h"
#include "test/unit/unit.h"

#include <string.h>

#define GREETING "=== chatd: you are #3, 2 of 256 online, /help for help"

static struct piece as_piece(const char *text)
{
	return (struct piece){ text, strlen(text) };
}

static const struct row {
	const char *nick, *room, *password;
	const char *lines[6]; /* of the server; one that begins with '-' must not be shown */
	const char *sent;
	enum entry_state state;
} rows[] = {
	{ "", "", "", { GREETING, "-=== pong chatc" }, "/ping chatc\n", ENTRY_IN },
	{ "bob", "", "", { GREETING, "*** bob joined (1 online)", "-=== pong chatc" },
		"/nick bob\n/ping chatc\n", ENTRY_IN },
	{ "bob", "", "", { GREETING, "!!! the nick bob is taken", "=== pong chatc" },
		"/nick bob\n/ping chatc\n", ENTRY_REFUSED },
	{ "bob", "", "", { GREETING, "-!!! unknown command /ping, /help lists them all" },
		"/nick bob\n/ping chatc\n", ENTRY_IN },
	{ "", "", "", { GREETING, "!!! something else", "-=== pong chatc" }, "/ping chatc\n",
		ENTRY_IN },
	{ "", "", "", { "=== password:" }, "", ENTRY_REFUSED },
	{ "", "", "x", { "=== password:", GREETING, "-=== pong chatc" }, "x\n/ping chatc\n",
		ENTRY_IN },
	{ "", "", "x", { "=== password:", "!!! wrong password", "=== password:" }, "x\n",
		ENTRY_REFUSED },
	{ "bob", "tea", "", { GREETING, "=== room tea: 0 online", "-=== pong chatc" },
		"/join tea\n/nick bob\n/ping chatc\n", ENTRY_IN },
	{ "bob", "tea", "", { GREETING, "!!! no such room" }, "/join tea\n", ENTRY_REFUSED },
	{ "", "tea", "", { GREETING, "=== password:" }, "/join tea\n", ENTRY_REFUSED },
	{ "", "tea", "x", { "=== password:", GREETING, "=== password:", "=== room tea: 0 online",
		"-=== pong chatc" }, "x\n/join tea\nx\n/ping chatc\n", ENTRY_IN },
	{ "", "", "", { "!!! server full (1 of 1 clients), try again later" }, "", ENTRY_WAITING },
	{ "bob", "", "", { "Welcome!" }, "", ENTRY_PLAIN },
};

static void test_each_step_waits_for_the_one_before(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];
		struct entry e = { .nick = as_piece(r->nick), .room = as_piece(r->room),
			.password = as_piece(r->password) };

		for (size_t j = 0; j < 6 && r->lines[j]; j++) {
			bool hidden = r->lines[j][0] == '-';
			const char *line = r->lines[j] + hidden;

			CHECK(entry_line(&e, line, strlen(line)) == !hidden);
		}
		CHECK_TEXT(e.out.data ? e.out.data : "", e.out.len, r->sent);
		CHECK_INT(e.state, r->state);
		buffer_finish(&e.out);
	}
}

static void test_a_chatd_is_known_by_how_it_begins(void)
{
	static const struct {
		const char *bytes;
		bool chatd, decided;
	} begins[] = {
		{ "=", true, false }, { "===", true, false }, { "=== ", true, true },
		{ "!!! x", true, true }, { "!!", true, false }, { "==!", false, true },
		{ "login: ", false, true }, { "=== password:", true, true },
	};

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		bool decided = false;

		CHECK(greeting_is_chatd(as_piece(begins[i].bytes), &decided) == begins[i].chatd);
		CHECK(decided == begins[i].decided);
	}
}

static void test_a_server_where_nobody_talks_is_known(void)
{
	static const struct {
		const char *begin, *word; /* of what it is; NULL: nothing is known against it */
	} servers[] = {
		{ "HTTP/1.1 400 Bad Request\r\n", "web" }, { "<!DOCTYPE HTML>", "web" },
		{ "SSH-2.0-OpenSSH_9.2p1", "ssh" }, { "\x15\x03\x03", "TLS" },
		{ "\x16\x03\x01", "TLS" }, { "220 mail.example.org ESMTP", "mail" },
		{ "220-files", "mail" }, { "", NULL }, { "=== chatd", NULL }, { "HTTP", NULL },
		{ "Welcome", NULL }, { "2200 people", NULL }, { "\x16", NULL },
	};

	for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++) {
		const char *what = greeting_find_alien(as_piece(servers[i].begin));

		CHECK(!what == !servers[i].word);
		CHECK(!what || strstr(what, servers[i].word));
	}
}

/* However the bytes are cut. */
static void test_telnet_is_taken_out(void)
{
	static const char raw[] = "\xff\xfd\x00===\xff\xfb\x01 hello\xff\xff\xff\xf9 you\r\n";
	static const char text[] = "=== hello\xff you\r\n";
	static const char answers[] = "\xff\xfd\x00" "\xff\xfb\x00" "\xff\xfe\x01";

	for (size_t cut = 0; cut < sizeof(raw); cut++) {
		struct inbound inbound = { 0 };
		struct buffer out = { 0 };
		uint8_t bytes[sizeof(raw)];
		size_t first, second;

		memcpy(bytes, raw, sizeof(raw));
		first = inbound_take(&inbound, bytes, cut, &out);
		second = inbound_take(&inbound, bytes + cut, sizeof(raw) - 1 - cut, &out);
		memmove(bytes + first, bytes + cut, second);
		CHECK_INT(first + second, sizeof(text) - 1);
		CHECK(memcmp(bytes, text, sizeof(text) - 1) == 0);
		CHECK_INT(out.len, sizeof(answers) - 1);
		CHECK(memcmp(out.data, answers, sizeof(answers) - 1) == 0);
		buffer_finish(&out);
	}
}

static void test_other_bytes_are_left_alone(void)
{
	uint8_t bytes[] = "a\xff\xfd\x01";
	struct inbound inbound = { 0 };
	struct buffer out = { 0 };

	CHECK_INT(inbound_take(&inbound, bytes, 4, &out), 4);
	CHECK(memcmp(bytes, "a\xff\xfd\x01", 4) == 0);
	CHECK_INT(out.len, 0);
}

static void test_what_fails_of_tls_is_told(void)
{
	static const struct {
		const char *lines[3];
		const char *reason;
	} failures[] = {
		{ { "40A7:error:10080002:BIO routines:BIO_lookup_ex:system lib:bio_addr.c:746:Name or "
			"service not known", "connect:errno=0" }, "Name or service not known" },
		{ { "40D7:error:8000006F:system library:BIO_connect:Connection refused:bio_sock2.c:117:"
			"calling connect()", "40D7:error:10000067:BIO routines:BIO_connect:connect error:"
			"bio_sock2.c:119:", "connect:errno=111" }, "Connection refused" },
		{ { "depth=0 CN = localhost", "verify error:num=64:IP address mismatch",
			"4027:error:0A000086:SSL routines:tls_post_process_server_certificate:certificate "
			"verify failed:statem_clnt.c:1889:" },
			"its certificate is refused: IP address mismatch" },
		{ { "40C7:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:"
			"350:" }, "it does not speak TLS: wrong version number" },
		{ { "error:02:system library:connect:\x1b[2JNo route:b_sock2.c:110:" }, "No route" },
		{ { "openssl: No such file or directory" }, "openssl: No such file or directory" },
		{ { "one", "two", "" }, "two" },
		{ { "40C7:error:", "error", "::::::" }, "::::::" },
		{ { "depth=0 CN = x", "connect:errno=0" }, "" },
	};

	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
		struct tls_error error = { 0 };

		for (size_t j = 0; j < 3 && failures[i].lines[j]; j++)
			tls_error_take(&error, as_piece(failures[i].lines[j]));
		CHECK_TEXT(error.reason, strlen(error.reason), failures[i].reason);
		CHECK_INT(error.source == TLS_ERROR_NONE, !*failures[i].reason);
	}
}

static void test_a_pinned_nick_stays(void)
{
	static const char *const refused[] = { "/nick x", "/NICK x", " /nick x", "\u200b/nick x",
		"/resume 1", "/op x", "/nosuch", "/", "/nickname x" };
	static const char *const allowed[] = { "hi", "//nick x", "a /nick x", "/me waves", "/who",
		"/msg x y", "/quit", "" };

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		CHECK(!pinned_allows(refused[i], strlen(refused[i])));
	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		CHECK(pinned_allows(allowed[i], strlen(allowed[i])));
}

static void test_there_are_no_two_opinions_on_a_line(void)
{
	static const struct {
		const char *typed, *sent;
		bool counts;
	} lines[] = {
		{ "hi", "hi\n", true }, { "  hi ", "  hi \n", true }, { "//x", "//x\n", true },
		{ "/me x", "/me x\n", true }, { "/ME   x", "/me x\n", true }, { "/me", "/me\n", false },
		{ "/me  ", "/me\n", false }, { "/meow", "/meow\n", false }, { "/who", "/who\n", false },
		{ " /who", "/who\n", false }, { "\u200b/me x", "/me x\n", true },
		{ " //x", "//x\n", true }, { "a/me x", "a/me x\n", true },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct buffer out = { 0 };

		pending_canonical(as_piece(lines[i].typed), &out);
		CHECK_TEXT(out.data, out.len, lines[i].sent);
		CHECK(pending_counts((struct piece){ out.data, out.len - 1 }) == lines[i].counts);
		buffer_finish(&out);
	}
}

static const struct unit_test tests[] = {
	{ "each step waits for the one before", test_each_step_waits_for_the_one_before },
	{ "a chatd is known by how it begins", test_a_chatd_is_known_by_how_it_begins },
	{ "a server where nobody talks is known", test_a_server_where_nobody_talks_is_known },
	{ "what fails of TLS is told", test_what_fails_of_tls_is_told },
	{ "telnet is taken out", test_telnet_is_taken_out },
	{ "other bytes are left alone", test_other_bytes_are_left_alone },
	{ "a pinned nick stays", test_a_pinned_nick_stays },
	{ "there are no two opinions on a line", test_there_are_no_two_opinions_on_a_line },
};

int main(void)
{
	return unit_run(tests, sizeof(tests) / sizeof(*tests));
}
