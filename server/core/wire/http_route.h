/*
 * The route of an HTTP request: the resources there are, and who may have them.
 */
#ifndef SERVER_CORE_WIRE_HTTP_ROUTE_H
#define SERVER_CORE_WIRE_HTTP_ROUTE_H

#include <stdbool.h>

#include "server/core/wire/http.h"
#include "server/core/wire/origin.h"
#include "server/core/wire/websocket_handshake.h"

/* A listener, and the options that concern it. */
struct http_site {
	bool is_metrics; /* /metrics and nothing else */
	bool has_bots;   /* lines can be said over HTTP */
	bool is_local;   /* it is bound to a loopback address or a unix socket */
	struct origin_list hosts;   /* --web-host */
	struct origin_list origins; /* --web-origin */
};

enum http_action {
	HTTP_REFUSE, /* with status, reason and allow */
	HTTP_SEND_PAGE,
	HTTP_JOIN, /* over WebSocket */
	HTTP_SEND_HEALTH,
	HTTP_SAY, /* body, token and type are the caller's to check */
	HTTP_SEND_METRICS,
};

struct http_route {
	enum http_action action;
	enum http_status status;            /* REFUSE */
	const char *reason;                 /* REFUSE: a line without its end, a constant */
	const char *allow;                  /* REFUSE with 405: the methods */
	enum websocket_handshake handshake; /* of a request for the WebSocket, for the log */
};

/* Routes a whole request. */
void http_route(struct http_route *route, const struct http_request *r,
	const struct http_site *site);

#endif
