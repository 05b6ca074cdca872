/*
 * Reads openssl's errors, of which the first is the cause of the others. They are
 * "verify error:num=64:IP address mismatch" and, with the thread before and the place after it,
 * "error:CODE:LIBRARY:FUNCTION:REASON:FILE:LINE:DATA" (ERR_print_errors(3),
 * https://docs.openssl.org/3.0/man3/ERR_error_string/), where the system's own words are DATA.
 */
#include "client/core/tls_error.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/text.h"

enum {
	/* Fields after "error". */
	FIELD_REASON = 4,
	FIELD_DATA = 7,
};

/* Cuts off what stands before the first colon, and drops the colon. */
static struct piece cut_field(struct piece *rest)
{
	struct piece field = *rest;

	for (size_t i = 0; i < rest->len; i++) {
		if (rest->s[i] != ':')
			continue;
		field.len = i;
		*rest = (struct piece){ rest->s + i + 1, rest->len - i - 1 };
		return field;
	}
	rest->len = 0;
	return field;
}

static void set_reason(struct tls_error *e, enum tls_error_source source, const char *words,
	struct piece reason)
{
	char *clean = malloc(TEXT_GROWTH * reason.len + 1);

	if (!clean)
		return;
	clean[text_clean(clean, reason.s, reason.len)] = '\0';
	e->source = source;
	snprintf(e->reason, sizeof(e->reason), "%s%s", words, clean);
	free(clean);
}

/* The text after "error:". */
static void take_error(struct tls_error *e, struct piece rest)
{
	struct piece reason = { "", 0 }, field;
	const char *words = "";

	for (int i = 1; rest.len && i <= FIELD_DATA; i++) {
		field = cut_field(&rest);
		if (i == FIELD_REASON || (i == FIELD_DATA && piece_is(reason, "system lib")))
			reason = field;
	}
	if (piece_is(reason, "wrong version number") || piece_is(reason, "packet length too long"))
		words = "it does not speak TLS: ";
	if (reason.len)
		set_reason(e, TLS_ERROR_KNOWN, words, reason);
}

void tls_error_take(struct tls_error *e, struct piece line)
{
	struct piece rest = line, first = cut_field(&rest);

	if (e->source == TLS_ERROR_KNOWN || piece_begins(line, "depth=") ||
		piece_begins(line, "connect:errno="))
		return;
	if (piece_is(first, "verify error")) {
		(void)cut_field(&rest);
		set_reason(e, TLS_ERROR_KNOWN, "its certificate is refused: ", rest);
		return;
	}
	if (!piece_is(first, "error"))
		first = cut_field(&rest);
	if (piece_is(first, "error"))
		take_error(e, rest);
	else if (line.len)
		set_reason(e, TLS_ERROR_LINE, "", line);
}
