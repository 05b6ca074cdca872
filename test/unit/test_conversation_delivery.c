/*
 * Short writes: wherever a send is cut, a client receives the same bytes.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#include <stdlib.h>

/* How the receiver asks for what it wants. */
struct framing_row {
	const char *name;
	const char *ask;
};

static const struct framing_row framings[] = {
	{ "plain", "" },
	{ "CR LF", "/nick r2\r" },
	{ "tagged", "/resume" },
	{ "tagged CR LF", "/resume\r" },
	{ "ignoring", "/ignore b" },
	{ "ignoring, tagged CR LF", "/ignore b\r\n/resume\r" },
};

/* What is said while it takes nothing. */
static const char *const talk[] = {
	"a > one",
	"b > two",
	"a > /msg r three",
	"a > /msg r2 three",
	"a > /me four",
	"r > /nope",
	"r > /replay 3",
	"b > five",
	"b > /nick bb",
	"a > six",
	"b > /msg r seven",
	"b > eight",
};

/* Everything that r receives when it takes so many bytes, so many times over, and then all. */
static void listen(const struct framing_row *d, size_t taken, size_t times, struct buffer *out)
{
	struct converse c;
	struct person *r = NULL;

	converse_begin(&c, NULL);
	converse_row(&c, "a enters");
	converse_row(&c, "b enters");
	converse_row(&c, "a > before");
	converse_row(&c, "r enters");
	converse_row(&c, "r > %s", d->ask);
	converse_row(&c, "all forgets");
	r = &c.people[2];
	converse_row(&c, "r stalls");
	converse_rows(&c, ROWS(talk));
	for (size_t i = 0; i < times; i++)
		converse_take(&c, "r", taken);
	converse_row(&c, "a > last");
	converse_row(&c, "r reads");
	converse_row(&c, "r > /quit");
	out->len = r->heard.len - r->heard.at;
	memcpy(out->bytes, r->heard.bytes + r->heard.at, out->len);
	converse_row(&c, "a forgets");
	converse_row(&c, "b forgets");
	converse_row(&c, "r forgets");
	CHECK(converse_end(&c));
}

/* With an upgrade at each row one cut in a few will do. */
static size_t step(void)
{
	return getenv("CONVERSE_UPGRADE") != NULL ? 11 : 1;
}

static void test_cut_once(void)
{
	struct buffer whole = { .bytes = malloc(65536) }, cut = { .bytes = malloc(65536) };

	for (size_t i = 0; i < sizeof(framings) / sizeof(framings[0]); i++) {
		listen(&framings[i], 0, 0, &whole);
		CHECK(whole.len > 300);
		for (size_t taken = 1; taken < whole.len; taken += step()) {
			listen(&framings[i], taken, 1, &cut);
			CHECK_INT(cut.len, whole.len);
			if (cut.len == whole.len && memcmp(cut.bytes, whole.bytes, cut.len) == 0)
				continue;
			CHECK_BYTES(cut.bytes, cut.len, whole.bytes, whole.len);
			printf("# that was %s, cut at %zu\n", framings[i].name, taken);
			break;
		}
	}
	free(whole.bytes);
	free(cut.bytes);
}

static void test_cut_often(void)
{
	struct buffer whole = { .bytes = malloc(65536) }, cut = { .bytes = malloc(65536) };

	for (size_t i = 0; i < sizeof(framings) / sizeof(framings[0]); i++) {
		listen(&framings[i], 0, 0, &whole);
		for (size_t taken = 1; taken < 100; taken += step()) {
			listen(&framings[i], taken, 200 / taken, &cut);
			CHECK_BYTES(cut.bytes, cut.len, whole.bytes, whole.len);
		}
	}
	free(whole.bytes);
	free(cut.bytes);
}

static const struct unit_test tests[] = {
	{ "cut anywhere", test_cut_once },
	{ "cut again and again", test_cut_often },
};

UNIT_MAIN(tests)
