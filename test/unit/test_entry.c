/*
 * Coming in without anybody to look on, as tables: what the server says and what is sent for it;
 * which lines --pinned lets through; what a line counts as.
 */
#include "client/core/entry.h"
#include "client/core/pending.h"
#include "client/core/pinned.h"
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

static void each_step_waits_for_the_one_before(void)
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

static void a_chatd_is_known_by_how_it_begins(void)
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

		CHECK(entry_is_chatd(begins[i].bytes, strlen(begins[i].bytes), &decided) ==
			begins[i].chatd);
		CHECK(decided == begins[i].decided);
	}
}

static void a_pinned_nick_stays(void)
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

static void there_are_no_two_opinions_on_a_line(void)
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
	{ "each step waits for the one before", each_step_waits_for_the_one_before },
	{ "a chatd is known by how it begins", a_chatd_is_known_by_how_it_begins },
	{ "a pinned nick stays", a_pinned_nick_stays },
	{ "there are no two opinions on a line", there_are_no_two_opinions_on_a_line },
};

int main(void)
{
	return unit_run(tests, sizeof(tests) / sizeof(*tests));
}
