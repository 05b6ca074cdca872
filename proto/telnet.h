/*
 * Telnet (RFC 854, 855, 1143) seen from a server that wants none of its options: takes the IAC
 * sequences out of a byte stream, wherever packets cut it, and says what to answer.
 *
 * Every offer or request is refused once; a peer that insists is not answered again, so no two
 * programs can talk to each other for ever. DO TIMING-MARK (RFC 860) is always answered WILL.
 * ECHO (RFC 857) can be offered by us, to hide a password.
 */
#ifndef CHAT_TELNET_H
#define CHAT_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TELNET_IAC = 255,
	TELNET_ANSWER_MAX = 3,
	TELNET_STATES = 5, /* values that telnet.state takes */
};

enum telnet_event {
	TELNET_NONE,            /* the input is used up */
	TELNET_DATA,            /* a run of text bytes */
	TELNET_LINE_END,        /* CR NUL, which ends a line as CR LF does (RFC 1123, 3.3.1) */
	TELNET_ERASE_CHARACTER, /* EC */
	TELNET_ERASE_LINE,      /* EL */
	TELNET_ANSWER,          /* these bytes must be sent to the peer */
};

/* All zero is a peer that has said nothing yet. */
struct telnet {
	uint8_t state;
	uint8_t verb;
	bool cr;                  /* a CR is held back until we know whether NUL follows */
	bool negotiating;         /* the peer has sent WILL, WONT, DO, DONT or SB */
	bool echo;                /* we have offered ECHO and not taken it back */
	uint8_t refused_will[32]; /* a bit for each option that was answered with DONT */
	uint8_t refused_do[32];   /* … with WONT */
};

struct telnet_span {
	const uint8_t *bytes; /* DATA: inside the input (or a static CR); ANSWER: in this struct */
	size_t len;
	uint8_t answer[TELNET_ANSWER_MAX];
};

/*
 * Takes bytes from *in, short of end, up to the next event and moves *in behind them. The span
 * is valid as long as the input. A DATA run never holds the NUL of CR NUL nor an IAC, except one
 * that stood for itself (IAC IAC).
 */
enum telnet_event telnet_next(struct telnet *t, const uint8_t **in, const uint8_t *end,
	struct telnet_span *span);

/*
 * The end of the last DATA run, from behind an LF, was not used: it comes again as input.
 */
void telnet_unread(struct telnet *t);

/* Writes IAC WILL ECHO (on) or IAC WONT ECHO (off) to out; 0 where that is already so. */
size_t telnet_offer_echo(struct telnet *t, bool on, uint8_t out[TELNET_ANSWER_MAX]);

#endif
