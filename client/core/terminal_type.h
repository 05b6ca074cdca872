/*
 * What a terminal can do, by the name of its type.
 */
#ifndef CLIENT_CORE_TERMINAL_TYPE_H
#define CLIENT_CORE_TERMINAL_TYPE_H

#include <stdbool.h>

struct terminal_type {
	bool draws;  /* it knows the sequences that the view needs */
	bool window; /* … it is a window, or in one: with a title, and a focus that it tells of */
	bool links;  /* … it knows OSC 8 */
};

/* term: TERM, or NULL. A type that is not known can do nothing. */
struct terminal_type terminal_type_of(const char *term);

#endif
