/*
 * The head of an HTTP request: taken in as it comes, refused at the first byte that can't be in
 * one.
 */
#ifndef SERVER_CORE_WIRE_HTTP_H
#define SERVER_CORE_WIRE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/wire/authority.h"
#include "server/core/wire/http_field.h"

enum {
	HTTP_HEAD_MAX = 8192,   /* bytes, request line and empty line included */
	HTTP_TARGET_MAX = 2048, /* bytes */
	HTTP_FIELDS_MAX = 64,
};

enum http_status {
	HTTP_SWITCHING_PROTOCOLS = 101,
	HTTP_OK = 200,
	HTTP_ACCEPTED = 202,
	HTTP_BAD_REQUEST = 400,
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
	HTTP_METHOD_NOT_ALLOWED = 405,
	HTTP_REQUEST_TIMEOUT = 408,
	HTTP_CONTENT_TOO_LARGE = 413,
	HTTP_URI_TOO_LONG = 414,
	HTTP_UNSUPPORTED_MEDIA_TYPE = 415,
	HTTP_MISDIRECTED_REQUEST = 421,
	HTTP_UNPROCESSABLE_CONTENT = 422,
	HTTP_UPGRADE_REQUIRED = 426,
	HTTP_TOO_MANY_REQUESTS = 429,
	HTTP_HEAD_TOO_LARGE = 431,
	HTTP_SERVICE_UNAVAILABLE = 503,
	HTTP_VERSION_NOT_SUPPORTED = 505,
};

enum http_outcome {
	HTTP_MORE,    /* good so far, but not whole */
	HTTP_WHOLE,   /* a request */
	HTTP_REFUSED, /* none; status and reason say why */
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_OTHER_METHOD };

/* All zero is a request of which nothing has come. */
struct http_request {
	enum http_outcome outcome;
	enum http_status status; /* REFUSED */
	const char *reason;      /* REFUSED: a constant, without a line end */
	size_t used;             /* WHOLE: bytes of the head; a body follows, or the next request */

	/* WHOLE; text lies in the bytes that were parsed. */
	enum http_method method;
	bool is_http_1_0;
	bool keeps_alive;        /* another request may follow on the connection */
	struct slice segment;    /* the path from after its last slash on; the query is left out */
	struct slice fields;     /* the lines of all fields, for http_field.h */
	struct slice single[HTTP_SINGLE_FIELDS]; /* values; bytes is NULL where absent */
	bool has_host;           /* always, if it is not HTTP/1.0 */
	struct authority host;   /* the target's where that names one, else Host's */
	uint64_t content_length; /* 0 where absent; UINT64_MAX also for more */

	/* While it comes. */
	uint16_t scanned;    /* bytes that have been looked at */
	uint16_t line_at;    /* where the line begins that is coming */
	uint16_t target_at;  /* where the target begins; 0: it has not */
	uint16_t version_at; /* where the version begins; 0: it has not */
	uint16_t fields_at;  /* where the fields begin; 0: the request line is not whole */
	uint8_t count;       /* of fields */
};

/*
 * Parses what has come so far, from the first byte of the request on; empty lines before it are
 * skipped (RFC 9112, 2.2). bytes must not move while a request comes and is looked at. Never MORE
 * for HTTP_HEAD_MAX bytes, and an outcome that is not MORE is final.
 */
enum http_outcome http_parse(struct http_request *r, const char *bytes, size_t len);

#endif
