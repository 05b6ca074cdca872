/*
 * The telnet state machine. Text goes through in runs: only IAC and NUL are looked at. A CR that
 * is the last byte at hand is held back, since a NUL may follow it.
 */
#include "proto/telnet.h"

#include <string.h>

enum state {
	STATE_TEXT,
	STATE_COMMAND, /* behind IAC */
	STATE_OPTION,  /* behind IAC and WILL, WONT, DO or DONT */
	STATE_SUB,     /* in a subnegotiation */
	STATE_SUB_IAC, /* behind an IAC in it */
};

_Static_assert(STATE_SUB_IAC + 1 == TELNET_STATES, "no other state is handed over");

enum command {
	COMMAND_MIN = 236, /* EOF, the lowest that there is */
	SE = 240,
	EC = 247,
	EL = 248,
	SB = 250,
	WILL = 251,
	WONT = 252,
	DO = 253,
	DONT = 254,
};

enum option {
	OPTION_ECHO = 1,
	OPTION_TIMING_MARK = 6,
};

enum { WINDOW = 256 }; /* bytes */

static const uint8_t carriage_return[] = { '\r' };

static enum telnet_event give(struct telnet_span *span, const uint8_t *bytes, size_t len)
{
	span->bytes = bytes;
	span->len = len;
	return TELNET_DATA;
}

/* The CR that was held back is text after all. */
static enum telnet_event give_cr(struct telnet *t, struct telnet_span *span)
{
	t->cr = false;
	return give(span, carriage_return, sizeof(carriage_return));
}

/*
 * The first IAC or NUL, or end. By windows, so that what is behind one that is found is not
 * looked at again for each of many.
 */
static const uint8_t *find_special(const uint8_t *s, const uint8_t *end)
{
	while (s < end) {
		size_t left = (size_t)(end - s), window = left < WINDOW ? left : WINDOW;
		const uint8_t *iac = memchr(s, TELNET_IAC, window);
		const uint8_t *stop = iac != NULL ? iac : s + window;
		const uint8_t *nul = memchr(s, 0, (size_t)(stop - s));

		if (nul != NULL || iac != NULL)
			return nul != NULL ? nul : iac;
		s = stop;
	}
	return end;
}

/* The first IAC or NUL of a CR NUL at or behind from, or end. */
static const uint8_t *find_run_end(const uint8_t *from, const uint8_t *end)
{
	const uint8_t *s = find_special(from, end);

	while (s < end && *s == 0 && !(s > from && s[-1] == '\r'))
		s = find_special(s + 1, end);
	return s;
}

/* STATE_TEXT, with at least one byte to take. */
static enum telnet_event take_text(struct telnet *t, const uint8_t **in, const uint8_t *end,
	struct telnet_span *span)
{
	const uint8_t *run = *in;

	if (t->cr && *run == 0) {
		*in = run + 1;
		if (!t->negotiating)
			return give_cr(t, span);
		t->cr = false;
		return TELNET_LINE_END;
	}
	if (t->cr && *run != TELNET_IAC)
		return give_cr(t, span);

	const uint8_t *stop = find_run_end(run, end);
	*in = stop;
	if (stop < end && *stop == TELNET_IAC) {
		*in = stop + 1;
		t->state = STATE_COMMAND;
	}
	if (stop > run && stop[-1] == '\r') {
		stop--;
		t->cr = true;
	}
	return stop > run ? give(span, run, (size_t)(stop - run)) : TELNET_NONE;
}

/* The byte behind an IAC. What is no command at all (RFC 854, 885, 1184) is left to be text. */
static enum telnet_event take_command(struct telnet *t, const uint8_t **in,
	struct telnet_span *span)
{
	const uint8_t *c = *in;

	t->state = STATE_TEXT;
	if (*c < COMMAND_MIN)
		return TELNET_NONE;
	if (t->cr && (*c == TELNET_IAC || *c == EC || *c == EL)) {
		t->state = STATE_COMMAND;
		return give_cr(t, span);
	}
	*in = c + 1;
	switch (*c) {
	case TELNET_IAC:
		return give(span, c, 1);
	case EC:
		return TELNET_ERASE_CHARACTER;
	case EL:
		return TELNET_ERASE_LINE;
	case SB:
		t->negotiating = true;
		t->state = STATE_SUB;
		break;
	case WILL:
	case WONT:
	case DO:
	case DONT:
		t->negotiating = true;
		t->verb = *c;
		t->state = STATE_OPTION;
		break;
	}
	return TELNET_NONE;
}

static size_t put_answer(uint8_t out[TELNET_ANSWER_MAX], uint8_t verb, uint8_t option)
{
	out[0] = TELNET_IAC;
	out[1] = verb;
	out[2] = option;
	return TELNET_ANSWER_MAX;
}

static enum telnet_event answer(struct telnet_span *span, uint8_t verb, uint8_t option)
{
	span->bytes = span->answer;
	span->len = put_answer(span->answer, verb, option);
	return TELNET_ANSWER;
}

static enum telnet_event refuse(uint8_t refused[32], struct telnet_span *span, uint8_t verb,
	uint8_t option)
{
	uint8_t bit = (uint8_t)(1 << option % 8);

	if (refused[option / 8] & bit)
		return TELNET_NONE;
	refused[option / 8] |= bit;
	return answer(span, verb, option);
}

static enum telnet_event take_option(struct telnet *t, uint8_t option, struct telnet_span *span)
{
	t->state = STATE_TEXT;
	if (t->verb == WILL)
		return refuse(t->refused_will, span, DONT, option);
	if (t->verb != DO || (option == OPTION_ECHO && t->echo))
		return TELNET_NONE;
	if (option == OPTION_TIMING_MARK)
		return answer(span, WILL, option);
	return refuse(t->refused_do, span, WONT, option);
}

/* Skips to the IAC that may end a subnegotiation. */
static void skip_sub(struct telnet *t, const uint8_t **in, const uint8_t *end)
{
	const uint8_t *iac = memchr(*in, TELNET_IAC, (size_t)(end - *in));

	*in = iac != NULL ? iac + 1 : end;
	if (iac != NULL)
		t->state = STATE_SUB_IAC;
}

enum telnet_event telnet_next(struct telnet *t, const uint8_t **in, const uint8_t *end,
	struct telnet_span *span)
{
	enum telnet_event event = TELNET_NONE;

	while (event == TELNET_NONE && *in < end) {
		switch ((enum state)t->state) {
		case STATE_TEXT:
			event = take_text(t, in, end, span);
			break;
		case STATE_COMMAND:
			event = take_command(t, in, span);
			break;
		case STATE_OPTION:
			event = take_option(t, *(*in)++, span);
			break;
		case STATE_SUB:
			skip_sub(t, in, end);
			break;
		case STATE_SUB_IAC:
			t->state = *(*in)++ == SE ? STATE_TEXT : STATE_SUB;
			break;
		}
	}
	return event;
}

void telnet_unread(struct telnet *t)
{
	t->state = STATE_TEXT;
	t->cr = false;
}

size_t telnet_offer_echo(struct telnet *t, bool on, uint8_t out[TELNET_ANSWER_MAX])
{
	if (t->echo == on)
		return 0;
	t->echo = on;
	return put_answer(out, on ? WILL : WONT, OPTION_ECHO);
}
