/*
 * Telling chat from what else calls at an open port: browsers, TLS, SSH, mail, IRC, scanners.
 */
#ifndef SERVER_CORE_WIRE_SNIFF_H
#define SERVER_CORE_WIRE_SNIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Another protocol than ours. Those that sniff_bytes() and sniff_line() return are static. */
struct alien {
	const char *name;   /* for the log */
	const char *answer; /* an error that its people should read; NULL: it is told nothing */
	bool misrouted;     /* a front end was pointed here by mistake: the log warns */
};

/*
 * Names the protocol of the text up to the first line end if it has a byte that no person's first
 * line has: a control other than TAB, CR, BS, ESC, Ctrl-U and Ctrl-W, or a NUL not after a CR. Else
 * NULL. cr: the byte before was a CR; begun: empty lines came before it.
 */
const struct alien *sniff_bytes(const uint8_t *bytes, size_t len, bool cr, bool begun);

/*
 * The protocol that a first line belongs to; NULL if it may be chat. Of a line that is not whole
 * only the beginning is there.
 */
const struct alien *sniff_line(const char *line, size_t len, bool whole);

#endif
