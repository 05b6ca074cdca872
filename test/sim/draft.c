#include "test/sim/draft.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "test/sim/browser.h"
#include "test/sim/memory.h"

struct piece {
	const char *raw, *clean;
};

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

static const struct piece plain[] = {
	{ "hello", "hello" },
	{ " ", " " },
	{ "  ", "  " },
	{ "/", "/" },
	{ "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9" },
	{ "\xe4\xbd\xa0\xe5\xa5\xbd", "\xe4\xbd\xa0\xe5\xa5\xbd" },
	{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
		"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" },
	{ "--Wed Oct 19 21:24:05 2022", "--Wed Oct 19 21:24:05 2022" },
	{ "[u1]: hi", "[u1]: hi" },
	{ "=== you missed 9 lines", "=== you missed 9 lines" },
	{ "@7 1 ", "@7 1 " },
};

/* Whatever makes text unsafe; what of it a stranger's first line would not have is further down. */
static const struct piece unsafe[] = {
	{ "\t", "    " },
	{ "\x1b[2J", "" },
	{ " ab\x17", " " },
	{ "\xe2\x80\xa8", " " },
	{ "\xe2\x80\xae", "" },
	{ "\xe2\x81\xa6", "" },
	{ "\xc2\x85", "" },
	{ "\x85", "\xef\xbf\xbd" },
	{ "\xc0", "\xef\xbf\xbd" },
	{ "\xe2\x82z", "\xef\xbf\xbdz" },
	{ "\xed\xa0", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "x\b", "" },
	{ "\xc3\xa9\x7f", "" },
	{ "\xf0\x9f\x98\x80\b", "" },
	{ "\x07", "" },
	{ "\x01\x02", "" },
	{ "\x1b]0;z\x07", "" },
};
enum { UNSAFE_AT_FIRST = 14 };

static const struct piece telnet[] = {
	{ "\xff\xf1", "" },
	{ "\xff\xff", "\xef\xbf\xbd" },
	{ "z\xff\xf7", "" },
	{ "\xff\xfa\x18\x01zz\xff\xf0", "" },
	{ "\xff\xfb\x1f", "" },
	{ "\xff\xfb\x18", "" },
	{ "\xff\xfd\x03", "" },
	{ "\xff\xfd\x06", "" },
};
enum { TELNET_NEGOTIATES = 3, TELNET_MARK = 7 };

static void put(struct draft *d, const char *raw, size_t raw_len, const char *clean,
	size_t clean_len)
{
	assert(d->raw_len + raw_len <= LINE_SIZE && d->clean_len + clean_len <= LINE_SIZE);
	memcpy(d->raw + d->raw_len, raw, raw_len);
	d->raw_len += raw_len;
	memcpy(d->clean + d->clean_len, clean, clean_len);
	d->clean_len += clean_len;
}

void draft_text(struct draft *d, const char *text)
{
	put(d, text, strlen(text), text, strlen(text));
}

void draft_command(struct draft *d, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	put(d, text, strlen(text), "", 0);
}

static void begin_crlf(struct peer *c)
{
	if (!c->crlf_sent)
		c->crlf_index = c->said_count;
	c->crlf_sent = true;
}

static void put_telnet(struct sim *sim, struct peer *c, struct draft *d)
{
	uint32_t i = random_below(&sim->random, COUNT(telnet));

	put(d, telnet[i].raw, strlen(telnet[i].raw), telnet[i].clean, strlen(telnet[i].clean));
	if (i >= TELNET_NEGOTIATES)
		begin_crlf(c);
	if (i == TELNET_MARK)
		c->timing_marks++;
}

static void put_piece(struct sim *sim, struct peer *c, struct draft *d)
{
	const struct piece *piece;

	if (c->speaks_telnet && random_chance(&sim->random, 20)) {
		put_telnet(sim, c, d);
		return;
	}
	if (random_chance(&sim->random, 40))
		piece = &unsafe[random_below(&sim->random,
			c->spoken ? COUNT(unsafe) : (uint32_t)UNSAFE_AT_FIRST)];
	else
		piece = &plain[random_below(&sim->random, COUNT(plain))];
	if (c->is_browser && !browser_may_say(piece->raw, strlen(piece->raw)))
		piece = &plain[0];
	put(d, piece->raw, strlen(piece->raw), piece->clean, strlen(piece->clean));
}

void draft_own_text(struct sim *sim, struct peer *c, struct draft *d)
{
	enum { PIECE_MAX = 32 };
	const size_t most = sim->settings.max_message;
	uint32_t pieces = random_below(&sim->random, 6);
	char head[32];

	snprintf(head, sizeof(head), "%u.%zu ", (unsigned)c->number, c->said_count);
	draft_text(d, head);
	if (random_chance(&sim->random, 5)) {
		while (d->raw_len < most)
			draft_text(d, "x");
		return;
	}
	while (pieces-- > 0 && d->raw_len + PIECE_MAX < most)
		put_piece(sim, c, d);
	draft_text(d, ".");
}

static void put_line(struct peer *c, const struct draft *d, bool crlf)
{
	c->todo = memory_resize(c->todo, c->todo_len + d->raw_len + 2);
	memcpy(c->todo + c->todo_len, d->raw, d->raw_len);
	c->todo_len += d->raw_len;
	if (crlf)
		c->todo[c->todo_len++] = '\r';
	c->todo[c->todo_len++] = '\n';
	c->bytes_said += d->raw_len + crlf + 1u;
}

struct utterance *draft_send(struct sim *sim, struct peer *c, enum op op,
	const struct draft *d)
{
	bool crlf = random_chance(&sim->random, c->crlf_percent);
	struct utterance *u;

	if (crlf)
		begin_crlf(c);
	if (c->is_browser)
		browser_say(sim, c, d->raw, d->raw_len);
	else
		put_line(c, d, crlf);
	c->spoken = c->spoken || op != OP_NOTHING;
	c->said = memory_grow(c->said, c->said_count, sizeof(*c->said));
	u = &c->said[c->said_count++];
	*u = (struct utterance){ .op = op, .text = memory_get(d->clean_len + 1),
		.len = d->clean_len, .end = c->bytes_said - crlf, .crlf = crlf };
	memcpy(u->text, d->clean, d->clean_len);
	u->text[u->len] = '\0';
	sim_trace(sim, c, "sends %zu: \"%.*s\"", c->said_count - 1, (int)d->raw_len, d->raw);
	return u;
}
