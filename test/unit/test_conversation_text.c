/*
 * Safe text: whatever a person sends, through each text that a person controls.
 */
#include "proto/text.h"
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */

/* What is sent, and what is left of it. */
struct hostile {
	const char *in;
	size_t len; /* 0: up to NUL */
	const char *out;
};

static const struct hostile hostiles[] = {
	{ "a plain text", 0, "a plain text" },
	{ "a\ttab", 0, "a    tab" },
	{ "a\x1b[2J\x1b]0;title\x07!", 0, "a!" },
	{ "he\x1b[D\x1b[Dllo\x1b(B\x1bPq\x1b\\!", 0, "hello!" },
	{ "\x1b[01;31m\x1b[Kerror\x1b[m\x1b[K", 0, "error" },
	{ "cut\x1b]0;title", 0, "cut" },
	{ "a\xc2\x9b" "31mb\xc2\x9d" "0;t\xc2\x9c!", 0, "ab!" },
	{ "a\x01\x02\x0b\x0c\x0e\x1f!", 0, "a!" },
	{ "a\0b\0", 4, "ab" },
	{ "a\xc2\x80\xc2\x85\xc2\x9b\xc2\x9f!", 0, "a!" },
	{ "a\x9b" "2J\x80", 0, "a" BAD "2J" BAD },
	{ "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c", 0, "a b c" },
	{ "a\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae!", 0, "a!" },
	{ "a\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9!", 0, "a!" },
	{ "a\xc0\xaf!", 0, "a" BAD BAD "!" },
	{ "a\xed\xa0\x80!", 0, "a" BAD BAD BAD "!" },
	{ "a\xf4\x90\x80\x80!", 0, "a" BAD BAD BAD BAD "!" },
	{ "a\xf0\x9f\x98!", 0, "a" BAD "!" },
	{ "a\xe2\x82", 0, "a" BAD },
	{ "a\xc3(\xf5", 0, "a" BAD "(" BAD },
	{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80 \xe2\x9d\xa4\xef\xb8\x8f", 0,
		"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80 \xe2\x9d\xa4\xef\xb8\x8f" },
	{ "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8", 0,
		"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8" },
	{ "*** root joined (9 online)", 0, "*** root joined (9 online)" },
	{ "]: said by [root]: nobody", 0, "]: said by [root]: nobody" },
	{ "%s%n%*.*s%", 0, "%s%n%*.*s%" },
};

/* What somebody sends around the text, and what is then received. */
struct channel {
	const char *name;
	const char *before; /* behind it come the text and LF */
	const char *a, *b, *c; /* printf(3)'s formats: what each receives; NULL: nothing */
};

static const struct channel channels[] = {
	{ "message", "!", "[a]: !%s --STAMP", "[a]: !%s --STAMP", "[a]: !%s --STAMP" },
	{ "slashes", "//", "[a]: /%s --STAMP", "[a]: /%s --STAMP", "[a]: /%s --STAMP" },
	{ "action", "/me ", "* a %s --STAMP", "* a %s --STAMP", "* a %s --STAMP" },
	{ "private message", "/msg b ", "[you -> b]: %s --STAMP", "[a -> you]: %s --STAMP", NULL },
	{ "quit text", "/quit ", NULL, "*** a left (%s) --STAMP", "*** a left (%s) --STAMP" },
	{ "kick text", "/kick b ", "=== b was kicked\n*** b left (%s) --STAMP",
		"!!! you were kicked: %s", "*** b left (%s) --STAMP" },
	{ "announcement", "/announce ", "*** announcement: %s --STAMP",
		"*** announcement: %s --STAMP", "*** announcement: %s --STAMP" },
	{ "shutdown text", "/shutdown ", "=== the server is shutting down\n"
		"*** server shutting down (%s) --STAMP", "*** server shutting down (%s) --STAMP",
		"*** server shutting down (%s) --STAMP" },
	{ "motd", "/motd ", "=== newcomers see it from now on", NULL, NULL },
};

/* The lines that one receives, each with the text in it. */
static void hear(struct converse *c, const char *name, const char *lines, const char *text)
{
	while (lines != NULL && *lines != '\0') {
		size_t len = strcspn(lines, "\n");
		const char *hole = strstr(lines, "%s");

		if (hole != NULL && hole < lines + len)
			converse_row(c, "%s < %.*s%s%.*s", name, (int)(hole - lines), lines, text,
				(int)(lines + len - hole - 2), hole + 2);
		else
			converse_row(c, "%s < %.*s", name, (int)len, lines);
		lines += len + (lines[len] == '\n');
	}
}

static void send(struct converse *c, const char *before, const struct hostile *h)
{
	char line[256];
	size_t len = strlen(before), text_len = h->len > 0 ? h->len : strlen(h->in);

	memcpy(line, before, len);
	memcpy(line + len, h->in, text_len);
	line[len + text_len] = '\n';
	converse_send(c, "a", line, len + text_len + 1);
}

static void test_channel(const struct channel *channel)
{
	for (size_t i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
		const struct hostile *h = &hostiles[i];
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "a operates");
		converse_row(&c, "a > /nick a");
		converse_row(&c, "b enters");
		converse_row(&c, "c enters");
		send(&c, channel->before, h);
		hear(&c, "a", channel->a, h->out);
		hear(&c, "b", channel->b, h->out);
		hear(&c, "c", channel->c, h->out);
		if (strcmp(channel->name, "motd") == 0) {
			converse_row(&c, "d connects");
			converse_row(&c,
				"d < === chatd: you are #4, 4 of 8 online, /help for help");
			converse_row(&c, "d < === %s", h->out);
		}
		if (!converse_end(&c)) {
			printf("# that was %s number %zu\n", channel->name, i);
			CHECK(!"safe");
			return;
		}
	}
}

static void test_channels(void)
{
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
		test_channel(&channels[i]);
}

/* What is said to the log, and told again later, is as safe. */
static void test_log_and_replay(void)
{
	for (size_t i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
		const struct hostile *h = &hostiles[i];
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_row(&c, "log forgets");
		send(&c, "!", h);
		converse_row(&c, "log < client #1 (a): !%s --STAMP", h->out);
		converse_row(&c, "a < [a]: !%s --STAMP", h->out);
		converse_row(&c, "a > /replay");
		converse_row(&c, "a < === the last messages again:");
		converse_row(&c, "a < [a]: !%s --STAMP", h->out);
		converse_row(&c, "log nothing");
		CHECK(converse_end(&c));
	}
}

/* Nicks, arguments and unknown args are refused, and what is said of them is safe. */
static void test_words(void)
{
	static const char *const heads[] = { "/nick x", "/msg x", "/ignore x", "/kick x", "/ban x",
		"/unban x", "/replay 1", "/resume 1", "/help x", "/x", "/op x", "/\x1b" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		for (size_t j = 1; j < sizeof(hostiles) / sizeof(hostiles[0]); j++) {
			struct converse c;
			const char *line;
			size_t len;

			converse_begin(&c, NULL);
			converse_row(&c, "b enters");
			converse_row(&c, "a operates");
			converse_row(&c, "a > /nick a");
			converse_row(&c, "all forgets");
			send(&c, heads[i], &hostiles[j]);
			while ((line = converse_line(&c, "a", &len)) != NULL) {
				char clean[4096];
				size_t clean_len = text_clean(clean, line, len);

				CHECK_BYTES(line, len, clean, clean_len);
			}
			/* Only a nick that is one is heard of by others. */
			if (i > 0)
				converse_row(&c, "b nothing");
			converse_row(&c, "b forgets");
			CHECK(converse_end(&c));
		}
	}
}

/* Where nothing is left of a text, the sender is told, or it counts as none. */
static void test_nothing_left(void)
{
	static const char *const rows[] = {
		"a operates",
		"a > /nick a",
		"a forgets",
		"b enters",
		"a forgets",
		"a > /me \x01\xe2\x80\xae",
		"a < !!! nothing is left of that text",
		"a > /msg b \x01\xe2\x80\xa8",
		"a < !!! nothing is left of that text",
		"a > /announce \x02",
		"a < !!! nothing is left of that text",
		"a > /motd \x02",
		"a < === there is no message of the day",
		"a > /kick b \x01\x02",
		"a < === b was kicked",
		"a < *** b left (kicked) --STAMP",
		"b < !!! you were kicked",
		"b closed",
		"b enters",
		"a forgets",
		"b > /quit \x01\xe2\x80\xae",
		"b closed",
		"a < *** b left (1 online) --STAMP",
		"a > /shutdown \x01",
		"a < === the server is shutting down",
		"a < *** server shutting down --STAMP",
		"a closed",
	};
	CONVERSE(NULL, rows);
}

static const struct unit_test tests[] = {
	{ "every text is made safe", test_channels },
	{ "in the log and a replay too", test_log_and_replay },
	{ "words are refused, and said back safely", test_words },
	{ "a text of which nothing is left", test_nothing_left },
};

UNIT_MAIN(tests)
