/*
 * The answer to an HTTP request.
 */
#ifndef SERVER_CORE_WIRE_HTTP_RESPONSE_H
#define SERVER_CORE_WIRE_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/slice.h"
#include "server/core/wire/http.h"

struct http_response {
	enum http_status status;
	bool keeps_alive;     /* the connection serves another request after it */
	const char *type;     /* of the body, as Content-Type has it; NULL: UTF-8 text */
	const char *allow;    /* 405: the methods, "GET, HEAD" */
	unsigned retry_after; /* seconds; 0: nothing is said of it */
	struct slice fields;  /* more of them, whole lines with CR LF */
	size_t length;        /* bytes of the body */
};

/* A head takes at most this many bytes beside response.fields. */
enum { HTTP_RESPONSE_MAX = 512 };

/* Writes the head, empty line included; returns its length. Not for status 101. */
size_t http_put_response(char *out, const struct http_response *response);

/*
 * Writes an answer whose body is one line of text: the head with the line's length, and unless
 * the request was a HEAD, the line and an LF. out has HTTP_RESPONSE_MAX + fields.len + strlen(line)
 * + 1 bytes. Returns the length.
 */
size_t http_put_line(char *out, struct http_response response, enum http_method method,
	const char *line);

#endif
