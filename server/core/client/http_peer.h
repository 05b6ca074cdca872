/*
 * A connection that speaks HTTP: the request that is coming, and the answer that goes out. It is
 * no client; a WebSocket handshake makes one of it.
 */
#ifndef SERVER_CORE_CLIENT_HTTP_PEER_H
#define SERVER_CORE_CLIENT_HTTP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/base/web_profile.h"
#include "server/core/wire/http.h"

enum {
	HTTP_PEER_READ_MAX = 16384, /* bytes that come at once, at most */
	HTTP_PEER_BYTES = HTTP_HEAD_MAX + HTTP_PEER_READ_MAX,
	HTTP_PEER_SAID_MAX = 64 * 1024, /* bytes of a body */
};

struct http_peer {
	struct web_profile profile;
	struct address peer; /* of the connection itself, a front end perhaps */
	struct http_request request; /* its text lies in bytes */
	char *bytes;        /* heap, HTTP_PEER_BYTES; what came and is not answered, or NULL */
	uint32_t len;       /* of it */
	uint32_t answer_len;
	uint32_t answer_at; /* what has been sent */
	char *answer;       /* heap; NULL: none is going out */
	struct slice body;  /* of the answer, after it: constant bytes */
	char *said;         /* heap, said_size: the body of a request; NULL: none is coming */
	uint32_t said_size, said_len;
	uint32_t bot;       /* number of the one that sends it */
	bool has_answered;  /* a request has been answered on this connection */
	bool ends;          /* the connection ends after this answer */
};

/* Writes it, or reads it to one that is all zero (codec.h): it goes on where it was. */
void http_peer_serialize(struct http_peer *peer, struct codec *p);

/* Whether nothing of a request has come, and no answer is going out. */
bool http_peer_is_idle(const struct http_peer *peer);

/* Frees it and what it holds. NULL is fine. */
void http_peer_free(struct http_peer *peer);

#endif
