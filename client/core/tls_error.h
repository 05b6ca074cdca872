/*
 * Why openssl(1) has come to nothing, from what it writes to its standard error.
 */
#ifndef CLIENT_CORE_TLS_ERROR_H
#define CLIENT_CORE_TLS_ERROR_H

#include "client/core/piece.h"

enum { TLS_ERROR_MAX = 120 };

enum tls_error_source {
	TLS_ERROR_NONE,
	TLS_ERROR_LINE,  /* a line that is not understood: better than nothing */
	TLS_ERROR_KNOWN, /* the first that is */
};

/* All zero: nothing has been written. */
struct tls_error {
	enum tls_error_source source;
	char reason[TLS_ERROR_MAX]; /* with its NUL; safe for a terminal */
};

/* Takes a line of openssl's. */
void tls_error_take(struct tls_error *e, struct piece line);

#endif
