/*
 * Telling chat from what else knocks at an open port: browsers, TLS, SSH, scanners.
 */
#ifndef SERVER_CORE_WIRE_SNIFF_H
#define SERVER_CORE_WIRE_SNIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the text up to the first LF is, as a word for the log, if it has a byte that no person's
 * first line has: a control other than TAB, CR, BS and ESC, or a NUL not behind a CR. Else NULL.
 * cr: the byte before was a CR.
 */
const char *sniff_bytes(const uint8_t *bytes, size_t len, bool cr);

/*
 * What protocol a first line belongs to, as a word for the log; NULL if it may be chat.
 * Of a line that is not whole only the beginning is there.
 */
const char *sniff_line(const char *line, size_t len, bool whole);

#endif
