/*
 * The fields of an HTTP request, in the lines of a head that has been found whole and well-formed.
 */
#ifndef SERVER_CORE_WIRE_HTTP_FIELD_H
#define SERVER_CORE_WIRE_HTTP_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/slice.h"

/* Those that we look at. The ones before HTTP_SINGLE_FIELDS must not come twice. */
enum http_field {
	HTTP_HOST,
	HTTP_ORIGIN,
	HTTP_WEBSOCKET_KEY,
	HTTP_WEBSOCKET_VERSION,
	HTTP_AUTHORIZATION,
	HTTP_CONTENT_TYPE,
	HTTP_CONTENT_LENGTH,
	HTTP_SINGLE_FIELDS,
	HTTP_CONNECTION = HTTP_SINGLE_FIELDS,
	HTTP_UPGRADE,
	HTTP_ACCEPT_ENCODING,
	HTTP_TRANSFER_ENCODING,
	HTTP_FORWARDED_FOR,
	HTTP_UNKNOWN_FIELD,
};

/*
 * The field on the line at *at, which moves to the next; false after the last. The value comes
 * without the blanks around it.
 */
bool http_next_field(struct slice lines, size_t *at, enum http_field *field, struct slice *value);

/* A walk over the elements of a list; all zero at first. */
struct http_list {
	size_t line;       /* where the next line of fields begins */
	struct slice rest; /* of the value whose elements are being read */
};

/*
 * The next element of a field that is a list, over all its lines (RFC 9110, 5.6.1); false after
 * the last. Empty elements are passed over. Quoted strings are not known: no such field has any.
 */
bool http_next_element(struct slice lines, enum http_field field, struct http_list *list,
	struct slice *element);

/* Whether a token is an element of a list; ASCII case does not count. */
bool http_has_token(struct slice lines, enum http_field field, const char *token);

/* Whether Accept-Encoding lets the answer be gzipped (RFC 9110, 12.5.3). */
bool http_accepts_gzip(struct slice lines);

/* Whether a Content-Type is text/plain, in UTF-8, ASCII or no charset that is named. */
bool http_is_plain_text(struct slice value);

/* The token of an Authorization "Bearer TOKEN" (RFC 6750, 2.1); false if it is none. */
bool http_bearer(struct slice value, struct slice *token);

#endif
