/*
 * Text that looks like other text (UTS #39).
 */
#ifndef PROTO_CONFUSABLE_H
#define PROTO_CONFUSABLE_H

#include "proto/unicode.h"

/*
 * Writes to the skeleton of from (UTS #39, section 4): two texts that have the same one look the
 * same. It is for comparing, never for showing. They must not be the same.
 */
void confusable_skeleton(struct unicode_text *to, const struct unicode_text *from);

#endif
