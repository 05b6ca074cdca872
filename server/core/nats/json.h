/*
 * JSON (RFC 8259), looked at for single values: what nats-servers say is small and flat.
 */
#ifndef SERVER_CORE_NATS_JSON_H
#define SERVER_CORE_NATS_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/slice.h"

/*
 * The value at a path of names with a '.' between them; the first element of an array is called 0.
 * Where it lies in the text: a string without its quotes, with its escapes. False: it is not there,
 * or before it stands something that is not JSON.
 */
bool json_find(struct slice text, const char *path, struct slice *value);

/* A whole number; false if there is none, or it is below 0 or over max. */
bool json_number(struct slice text, const char *path, uint64_t max, uint64_t *number);

/*
 * Whether the value is just this: the text of a string, a number or a word. Escapes of ASCII count
 * as what they stand for, since some writers have them for '<', '>' and '&'.
 */
bool json_is(struct slice text, const char *path, struct slice value);

#endif
