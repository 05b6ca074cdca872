/*
 * The scripts that a name is written in (UAX #24, UTS #39).
 */
#ifndef PROTO_SCRIPT_H
#define PROTO_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether text is "highly restrictive" (UTS #39, 5.2): of one script, or of Latin and the scripts
 * of one of Japanese, Korean, or Chinese with Bopomofo. Digits, signs and marks go with any.
 */
bool script_is_one(const char *s, size_t len);

#endif
