/*
 * Telnet (RFC 854, 855, 1143) seen from a server: takes the IAC sequences out of a byte stream,
 * wherever packets cut it, and says what to answer.
 *
 * The server wants one option of the peer, BINARY (RFC 856): some clients else take the bytes of
 * letters for keys of their own. It agrees to it the other way too, but does not ask for that,
 * since terminals then no longer go back to column 1 at Enter. Every other offer or request is
 * refused once; a peer that insists is not answered again, so no two programs can talk to each
 * other for ever. DO TIMING-MARK (RFC 860) is always answered WILL. ECHO (RFC 857) can be offered
 * by us, to hide a password.
 */
#ifndef PROTO_TELNET_H
#define PROTO_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TELNET_IAC = 255,
	TELNET_ANSWER_MAX = 3,
	TELNET_STATES = 5,  /* values that telnet.state takes */
	TELNET_CONSENTS = 3, /* values that telnet.sends_binary and takes_binary take */
};

enum telnet_event {
	TELNET_NONE,            /* the input is used up */
	TELNET_DATA,            /* a run of text bytes */
	TELNET_ERASE_CHARACTER, /* EC */
	TELNET_ERASE_LINE,      /* EL */
	TELNET_ANSWER,          /* these bytes must be sent to the peer */
	TELNET_EOF,             /* EOF (RFC 1184): what the peer sends after it does not count */
};

/* All zero is a peer that has said nothing yet. */
struct telnet {
	uint8_t state;
	uint8_t verb;
	uint8_t sends_binary;     /* enum consent: to what the peer sends in BINARY */
	uint8_t takes_binary;     /* … and to what we send */
	bool negotiating;         /* the peer sent WILL, WONT, DO, DONT or SB, or was taken to */
	bool asked;               /* it has been asked for BINARY */
	bool echo;                /* we have offered ECHO and not taken it back */
	uint8_t refused_will[32]; /* a bit for each option that was answered with DONT */
	uint8_t refused_do[32];   /* … with WONT */
};

struct telnet_span {
	const uint8_t *bytes; /* DATA: inside the input; ANSWER: in this struct */
	size_t len;
	uint8_t answer[TELNET_ANSWER_MAX];
};

/*
 * Writes to out what asks for BINARY, and returns its length, for a peer that is known to
 * speak telnet. Any other is asked by telnet_next(), when its first IAC has come.
 */
size_t telnet_begin(struct telnet *t, uint8_t out[TELNET_ANSWER_MAX]);

/*
 * Takes bytes from *in, short of end, up to the next event and moves *in past them. The span is
 * valid as long as the input. A DATA run never holds an IAC, except one that stood for itself
 * (IAC IAC).
 */
enum telnet_event telnet_next(struct telnet *t, const uint8_t **in, const uint8_t *end,
	struct telnet_span *span);

/* The end of the last DATA run, from after a line end, was not used: it comes again as input. */
void telnet_unread(struct telnet *t);

/* Writes IAC WILL ECHO (on) or IAC WONT ECHO (off) to out; 0 where that is already so. */
size_t telnet_offer_echo(struct telnet *t, bool on, uint8_t out[TELNET_ANSWER_MAX]);

#endif
