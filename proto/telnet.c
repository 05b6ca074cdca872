/*
 * The telnet state machine. Text goes through in runs, looked at for IAC alone. We never answer an
 * answer: what was asked for is agreed to in silence, and what is so already is not said again
 * (RFC 1143, https://www.rfc-editor.org/rfc/rfc1143).
 */
#include "proto/telnet.h"

#include <string.h>

enum state {
	STATE_TEXT,
	STATE_COMMAND, /* after IAC */
	STATE_OPTION,  /* after IAC and WILL, WONT, DO or DONT */
	STATE_SUB,     /* in a subnegotiation */
	STATE_SUB_IAC, /* after an IAC in it */
};

_Static_assert(STATE_SUB_IAC + 1 == TELNET_STATES, "no other state is handed over");

enum consent {
	CONSENT_NO,
	CONSENT_ASKED, /* by us */
	CONSENT_YES,
};

_Static_assert(CONSENT_YES + 1 == TELNET_CONSENTS, "no other consent is handed over");

enum command {
	COMMAND_MIN = 236, /* the lowest that there is */
	END_OF_FILE = 236,
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
	OPTION_BINARY = 0,
	OPTION_ECHO = 1,
	OPTION_TIMING_MARK = 6,
};

static size_t put_answer(uint8_t *out, uint8_t verb, uint8_t option)
{
	out[0] = TELNET_IAC;
	out[1] = verb;
	out[2] = option;
	return TELNET_ANSWER_MAX;
}

size_t telnet_begin(struct telnet *t, uint8_t out[TELNET_ANSWER_MAX])
{
	t->asked = true;
	t->sends_binary = CONSENT_ASKED;
	return put_answer(out, DO, OPTION_BINARY);
}

/* STATE_TEXT, with at least one byte to take. */
static enum telnet_event take_text(struct telnet *t, const uint8_t **in, const uint8_t *end,
	struct telnet_span *span)
{
	const uint8_t *run = *in;
	const uint8_t *iac = memchr(run, TELNET_IAC, (size_t)(end - run));

	if (iac != NULL)
		t->state = STATE_COMMAND;
	*in = iac != NULL ? iac + 1 : end;
	span->bytes = run;
	span->len = (size_t)((iac != NULL ? iac : end) - run);
	return span->len > 0 ? TELNET_DATA : TELNET_NONE;
}

/* The byte after an IAC. Anything that is not a command (RFC 854, 885, 1184) is left to be text. */
static enum telnet_event take_command(struct telnet *t, const uint8_t **in,
	struct telnet_span *span)
{
	const uint8_t *c = *in;

	if (*c >= COMMAND_MIN && !t->asked) {
		span->bytes = span->answer;
		span->len = telnet_begin(t, span->answer);
		return TELNET_ANSWER;
	}
	t->state = STATE_TEXT;
	if (*c < COMMAND_MIN)
		return TELNET_NONE;
	*in = c + 1;
	switch (*c) {
	case TELNET_IAC:
		span->bytes = c;
		span->len = 1;
		return TELNET_DATA;
	case END_OF_FILE:
		return TELNET_EOF;
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

/* WILL, WONT, DO or DONT of BINARY, which changes how one side sends. */
static enum telnet_event take_binary(struct telnet *t, struct telnet_span *span)
{
	bool on = t->verb == WILL || t->verb == DO;
	bool peer_sends = t->verb == WILL || t->verb == WONT;
	uint8_t *side = peer_sends ? &t->sends_binary : &t->takes_binary;
	uint8_t was = *side;

	*side = on ? CONSENT_YES : CONSENT_NO;
	if (was == CONSENT_ASKED || was == *side)
		return TELNET_NONE;
	if (peer_sends)
		return answer(span, on ? DO : DONT, OPTION_BINARY);
	return answer(span, on ? WILL : WONT, OPTION_BINARY);
}

static enum telnet_event take_option(struct telnet *t, uint8_t option, struct telnet_span *span)
{
	t->state = STATE_TEXT;
	if (option == OPTION_BINARY)
		return take_binary(t, span);
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
}

size_t telnet_offer_echo(struct telnet *t, bool on, uint8_t out[TELNET_ANSWER_MAX])
{
	if (t->echo == on)
		return 0;
	t->echo = on;
	return put_answer(out, on ? WILL : WONT, OPTION_ECHO);
}
