/*
 * Routing. The last segment of the path decides, so that a front end may put everything below a
 * path of its own. A request for a name that is not ours is refused before anything else is looked
 * at, and a page from elsewhere before it gets a WebSocket.
 */
#include "server/core/wire/http_route.h"

#include <string.h>

static const struct resource {
	const char *segment;
	enum http_action action;
	const char *allow;
} resources[] = {
	{ "", HTTP_SEND_PAGE, "GET, HEAD" },
	{ "ws", HTTP_JOIN, "GET" },
	{ "health", HTTP_SEND_HEALTH, "GET" },
	{ "say", HTTP_SAY, "POST" },
	{ "metrics", HTTP_SEND_METRICS, "GET" },
};

static void refuse(struct http_route *route, enum http_status status, const char *reason)
{
	route->action = HTTP_REFUSE;
	route->status = status;
	route->reason = reason;
}

static bool exists(const struct resource *resource, const struct http_site *site)
{
	if (site->is_metrics || resource->action == HTTP_SEND_METRICS)
		return site->is_metrics && resource->action == HTTP_SEND_METRICS;
	return resource->action != HTTP_SAY || site->has_bots;
}

static const struct resource *find(struct slice segment, const struct http_site *site)
{
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		if (segment.len == strlen(resources[i].segment) &&
			memcmp(segment.bytes, resources[i].segment, segment.len) == 0)
			return exists(&resources[i], site) ? &resources[i] : NULL;
	return NULL;
}

static bool is_allowed(const struct resource *resource, enum http_method method)
{
	if (resource->action == HTTP_SAY)
		return method == HTTP_POST;
	return method == HTTP_GET || (method == HTTP_HEAD && resource->action == HTTP_SEND_PAGE);
}

static void check_handshake(struct http_route *route, const struct http_request *r,
	const struct http_site *site)
{
	struct slice origin = r->single[HTTP_ORIGIN];

	route->handshake = websocket_handshake_check(r);
	if (route->handshake != WEBSOCKET_HANDSHAKE_GOOD)
		refuse(route, websocket_handshake_status(route->handshake),
			websocket_handshake_reason(route->handshake));
	else if (origin.bytes != NULL && !origin_is_allowed(origin, &r->host, &site->origins))
		refuse(route, HTTP_FORBIDDEN, "a page from elsewhere may not connect: "
			"its Origin is not this Host, and --web-origin does not name it");
}

void http_route(struct http_route *route, const struct http_request *r,
	const struct http_site *site)
{
	const struct resource *resource = find(r->segment, site);

	*route = (struct http_route){ 0 };
	/* A browser always sends a Host; health checks over HTTP/1.0 may not. */
	if (site->is_local && r->has_host && !origin_is_local_host(&r->host, &site->hosts)) {
		refuse(route, HTTP_MISDIRECTED_REQUEST,
			"this Host is not served here: name it with --web-host");
	} else if (resource == NULL) {
		refuse(route, HTTP_NOT_FOUND, "there is nothing here");
	} else if (!is_allowed(resource, r->method)) {
		refuse(route, HTTP_METHOD_NOT_ALLOWED, "this method is not allowed here");
		route->allow = resource->allow;
	} else if (resource->action != HTTP_SAY && r->content_length > 0) {
		refuse(route, HTTP_BAD_REQUEST, "a body where none belongs");
	} else {
		route->action = resource->action;
		if (resource->action == HTTP_JOIN)
			check_handshake(route, r, site);
	}
}
