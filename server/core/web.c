/*
 * HTTP/1.1 (RFC 9112, https://www.rfc-editor.org/rfc/rfc9112), one request at a time.
 * The rule: while an answer goes out nothing is read, so a connection holds one head
 * and what one read brings.
 */
#include "server/core/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/admission.h"
#include "server/core/room/presence.h"
#include "server/core/room/tell.h"
#include "server/core/say.h"
#include "server/core/web_answer.h"
#include "server/core/wire/forwarded.h"
#include "server/core/wire/http_route.h"

enum {
	WORDS_MAX = 64,   /* of an option that takes several */
	SHOWN_MAX = 80,   /* bytes of a request's field in the log */
};

static struct client *place_at(const struct chat *chat, uint32_t i)
{
	return &chat->clients.list[chat->clients.max + chat->clients.refusals + i];
}

/* Waits for a request from now on. */
static void wait_for_request(struct chat *chat, struct client *client)
{
	client->due = chat->now.usec + WEB_HEAD_MS * TIME_MS;
	chat_wake_client(chat, client, client->due);
}

/* Whether there is room for one more; the one that has been idle for the longest makes it. */
static bool make_room(struct chat *chat)
{
	struct client *oldest = NULL;
	uint32_t count = 0;

	for (uint32_t i = 0; i < CLIENTS_WEB; i++) {
		struct client *client = place_at(chat, i);

		if (client->state != CLIENT_HTTP)
			continue;
		count++;
		if (http_peer_is_idle(client_http(client)) &&
			(oldest == NULL || client->due < oldest->due))
			oldest = client;
	}
	if (count < WEB_MAX)
		return true;
	if (oldest != NULL) {
		oldest->state = CLIENT_GONE;
		chat_touch(chat, oldest);
	}
	return oldest != NULL;
}

/* It is only told that it can't be served, among those who are refused. */
static struct client *turn_away(struct chat *chat, const struct address *from)
{
	struct client *client = admission_take_place(chat);
	char answer[HTTP_RESPONSE_MAX + 64];
	size_t len = http_put_line(answer,
		(struct http_response){ .status = HTTP_SERVICE_UNAVAILABLE }, HTTP_GET,
		"too many connections, try again later");

	if (client == NULL)
		return NULL;
	client->from = *from;
	client_stand_aside(chat, client, rooms_first(&chat->rooms));
	tell_bytes(chat, client, answer, len);
	client_drain(chat, client);
	return client;
}

struct client *web_connect(struct chat *chat, const struct address *from,
	const struct web_profile *profile)
{
	struct client *client = make_room(chat) ? clients_take(&chat->clients, CLIENTS_HTTP) : NULL;
	struct http_peer *peer;

	if (client == NULL)
		return turn_away(chat, from);
	client->from = *from;
	client->member.room = rooms_first(&chat->rooms);
	chat_touch(chat, client);
	client->state = CLIENT_HTTP;
	peer = calloc(1, sizeof(*peer));
	if (peer == NULL) {
		client->state = CLIENT_GONE;
		return client;
	}
	peer->profile = *profile;
	peer->peer = *from;
	client_begin_http(client, peer);
	wait_for_request(chat, client);
	return client;
}

bool web_is_answering(const struct client *client)
{
	return client_http(client)->answer != NULL;
}

/* Nothing more is said on this connection: it ends as those do who are refused. */
static void finish(struct chat *chat, struct client *client)
{
	bool ended = client->ended;

	client_stand_aside(chat, client, rooms_first(&chat->rooms));
	if (ended)
		client->state = CLIENT_GONE;
	client_drain(chat, client);
}

/* The words of an option, each with an LF after it. */
static struct origin_list list_words(const char *words, struct slice items[WORDS_MAX])
{
	struct origin_list list = { .items = items };

	while (words != NULL && *words != '\0' && list.count < WORDS_MAX) {
		size_t len = strcspn(words, "\n");

		items[list.count++] = (struct slice){ words, len };
		words += len + (words[len] == '\n');
	}
	return list;
}

/* A field of a request, safe and short, for the log. */
static void show(char out[SHOWN_MAX * TEXT_GROWTH + 1], struct slice value)
{
	size_t len = value.len < SHOWN_MAX ? value.len : SHOWN_MAX;

	out[value.bytes != NULL ? text_clean(out, value.bytes, len) : 0] = '\0';
}

/* What an operator can do about a WebSocket that was refused. */
static void log_handshake(struct chat *chat, const struct http_request *r,
	const struct http_route *route)
{
	char origin[SHOWN_MAX * TEXT_GROWTH + 1], host[SHOWN_MAX * TEXT_GROWTH + 1];

	show(origin, r->single[HTTP_ORIGIN]);
	show(host, r->single[HTTP_HOST]);
	if (route->handshake == WEBSOCKET_HANDSHAKE_NO_UPGRADE)
		log_line(chat->log, LOG_AT_WARNING,
			"WebSocket refused: the front end lacks two lines, "
			"for nginx: proxy_set_header Upgrade $http_upgrade; "
			"proxy_set_header Connection \"upgrade\"; TIME: %s", chat_stamp(chat));
	if (route->status == HTTP_FORBIDDEN)
		log_line(chat->log, LOG_AT_WARNING,
			"WebSocket refused: a page of %s on Host %s%sname the page with "
			"--web-origin. TIME: %s", origin, host,
			r->host.is_address || r->host.has_port
				? ", perhaps a front end's own: hand on the browser's (nginx: "
				  "proxy_set_header Host $http_host;), or " : ": ",
			chat_stamp(chat));
}

/* The bytes after the head go on with the client. */
static int put_off_rest(struct client *client, struct http_peer *peer)
{
	return wire_put_off(&client->wire, peer->bytes + peer->request.used,
		peer->len - peer->request.used);
}

/* From now on it is a WebSocket: the handshake's answer goes first. 0, or -1 for no memory. */
static int begin_websocket(struct chat *chat, struct client *client, const struct http_request *r)
{
	char answer[WEBSOCKET_HANDSHAKE_MAX];
	size_t len = websocket_put_handshake(answer, r);

	client->is_framed = true;
	client->wire.heard_at = (uint32_t)(chat->now.usec / CLIENT_STEP);
	if (wire_begin_websocket(&client->wire) == 0 &&
		outbox_add_raw(&client->outbox, answer, len) == 0)
		return 0;
	/* Where there was no handshake there is nothing to close. */
	client->close_sent = true;
	return -1;
}

/* It stays where it is, and is told over its WebSocket why: a page sees no status. */
static void refuse_client(struct chat *chat, struct client *client, struct room *room,
	const struct refusal *refusal)
{
	struct http_peer *peer = client_http(client);

	admission_log_refusal(chat, &client->from, refusal->why);
	client->task = TASK_NONE;
	if (begin_websocket(chat, client, &peer->request) < 0) {
		client->state = CLIENT_GONE;
	} else {
		client->is_reader = peer->profile.is_readonly;
		client_close_with(client, refusal->code);
		admission_refuse(chat, client, room, refusal);
	}
	http_peer_free(peer);
}

/*
 * Where there are too many from its address, closes those on which nothing happens: a browser opens
 * connections that it may never have a use for.
 */
static void make_way(struct chat *chat, const struct client *client)
{
	if (!admission_is_crowded(chat, &client->from, 1))
		return;
	for (uint32_t i = 0; i < CLIENTS_WEB; i++) {
		struct client *other = place_at(chat, i);

		if (other != client && other->state == CLIENT_HTTP &&
			http_peer_is_idle(client_http(other)) &&
			address_same_host(&other->from, &client->from)) {
			other->state = CLIENT_GONE;
			chat_touch(chat, other);
		}
	}
}

/* It becomes a client, at a client's place. */
static void join(struct chat *chat, struct client *place)
{
	struct room *room = admission_room(chat, client_http(place)->profile.room, 0);
	struct refusal refusal;
	struct client *client;

	chat->counters.connects++;
	if (!admission_allows(chat, room, &place->from, 1, &refusal)) {
		refuse_client(chat, place, room, &refusal);
		return;
	}
	client = clients_take(&chat->clients, CLIENTS_SLOTS);
	chat_enter(chat, client, room);
	client->is_reader = client_http(place)->profile.is_readonly;
	client->ended = place->ended;
	if (begin_websocket(chat, client, &client_http(place)->request) < 0 ||
		put_off_rest(client, client_http(place)) < 0)
		chat_fail_client(chat, client);
	presence_connect(chat, client, &place->from, 0);
	chat_await(chat, client);
	chat_touch(chat, client);
	chat_wake_in_step(chat, client, chat->now.usec + PRESENCE_PING_MS * TIME_MS);
	chat_move_connection(chat, place, client);
	chat_free_client(chat, place);
}

/* Sets where the request comes from, as front ends say. False: they say nonsense. */
static bool take_address(struct client *client)
{
	const struct http_peer *peer = client_http(client);
	struct address from = client->from;
	const struct web_profile *profile = &peer->profile;
	bool trusted = false;

	for (unsigned i = 0; i < profile->trusted_count; i++)
		trusted = trusted || prefix_covers(&profile->trusted[i], &peer->peer);
	if (!trusted)
		return true;
	client->from = peer->peer;
	if (forwarded_parse(&from, peer->request.fields, profile->trusted,
		    profile->trusted_count) == FORWARDED_BAD)
		return false;
	client->from = from;
	return true;
}

static void route(struct chat *chat, struct client *client, struct http_route *route)
{
	struct slice hosts[WORDS_MAX], origins[WORDS_MAX];
	const struct web_profile *profile = &client_http(client)->profile;
	struct http_site site = {
		.is_metrics = profile->is_metrics,
		.has_bots = chat->settings.bots != NULL && !profile->is_readonly,
		.is_local = profile->is_local,
		.hosts = list_words(chat->settings.web_hosts, hosts),
		.origins = list_words(chat->settings.web_origins, origins),
	};

	http_route(route, &client_http(client)->request, &site);
}

/* Answers a whole request. */
static void answer(struct chat *chat, struct client *client)
{
	struct http_route r;

	chat->counters.requests++;
	if (!take_address(client)) {
		web_answer_error(client, HTTP_BAD_REQUEST, "X-Forwarded-For has no address");
		return;
	}
	route(chat, client, &r);
	make_way(chat, client);
	if (r.action != HTTP_JOIN && admission_is_crowded(chat, &client->from, 1)) {
		admission_log_refusal(chat, &client->from, "too many connections from its address");
		web_answer_error(client, HTTP_TOO_MANY_REQUESTS,
			"too many connections from your address");
		return;
	}
	switch (r.action) {
	case HTTP_REFUSE:
		log_handshake(chat, &client_http(client)->request, &r);
		web_answer_line(client, (struct http_response){ .status = r.status,
			.allow = r.allow }, r.reason);
		break;
	case HTTP_SEND_PAGE:
		web_answer_page(chat, client);
		break;
	case HTTP_JOIN:
		join(chat, client);
		break;
	case HTTP_SEND_HEALTH:
		web_answer_health(chat, client);
		break;
	case HTTP_SAY:
		say_begin(chat, client);
		break;
	case HTTP_SEND_METRICS:
		web_answer_metrics(chat, client);
		break;
	}
}

/* Takes up what has come, as far as one answer. */
static void go_on(struct chat *chat, struct client *client)
{
	struct http_peer *peer = client_http(client);
	size_t len = peer->len < HTTP_HEAD_MAX ? peer->len : HTTP_HEAD_MAX;

	switch (http_parse(&peer->request, peer->bytes, len)) {
	case HTTP_MORE:
		break;
	case HTTP_WHOLE:
		answer(chat, client);
		break;
	case HTTP_REFUSED:
		web_answer_error(client, peer->request.status, peer->request.reason);
		break;
	}
	if (client->state == CLIENT_HTTP && web_is_answering(client))
		client->due = chat->now.usec + PRESENCE_OWED_MS * TIME_MS;
}

void web_receive(struct chat *chat, struct client *client, const uint8_t *bytes, size_t len)
{
	struct http_peer *peer = client_http(client);

	chat->counters.bytes_in += len;
	if (peer->said != NULL) {
		say_receive(chat, client, (const char *)bytes, len);
		return;
	}
	if (peer->bytes == NULL)
		peer->bytes = malloc(HTTP_PEER_BYTES);
	if (peer->bytes == NULL) {
		client->state = CLIENT_GONE;
		return;
	}
	memcpy(peer->bytes + peer->len, bytes, len);
	peer->len += (uint32_t)len;
	go_on(chat, client);
}

void web_end(struct client *client)
{
	if (!web_is_answering(client))
		client->state = CLIENT_GONE;
}

int web_output(struct client *client, struct iovec *iov)
{
	const struct http_peer *peer = client_http(client);
	size_t at = peer->answer_at;
	int count = 0;

	if (peer->answer == NULL)
		return 0;
	if (at < peer->answer_len)
		iov[count++] = (struct iovec){ peer->answer + at, peer->answer_len - at };
	at = at > peer->answer_len ? at - peer->answer_len : 0;
	if (at < peer->body.len)
		iov[count++] = (struct iovec){ (char *)peer->body.bytes + at, peer->body.len - at };
	return count;
}

/* The answer is out: the next request. */
static void turn_to_next(struct chat *chat, struct client *client)
{
	struct http_peer *peer = client_http(client);
	size_t used = peer->request.used;

	free(peer->answer);
	peer->answer = NULL;
	if (peer->ends) {
		finish(chat, client);
		return;
	}
	peer->len -= (uint32_t)used;
	memmove(peer->bytes, peer->bytes + used, peer->len);
	peer->request = (struct http_request){ 0 };
	wait_for_request(chat, client);
	if (peer->len > 0) {
		go_on(chat, client);
		return;
	}
	free(peer->bytes);
	peer->bytes = NULL;
	if (client->ended)
		client->state = CLIENT_GONE;
}

void web_sent(struct chat *chat, struct client *client, size_t len)
{
	struct http_peer *peer = client_http(client);

	peer->answer_at += (uint32_t)len;
	if (len > 0)
		client->due = chat->now.usec + PRESENCE_OWED_MS * TIME_MS;
	chat_wake_client(chat, client, client->due);
	if (peer->answer == NULL || peer->answer_at < peer->answer_len + peer->body.len)
		return;
	turn_to_next(chat, client);
	chat_touch(chat, client);
}

void web_tick(struct chat *chat, struct client *client)
{
	struct http_peer *peer = client_http(client);

	if (chat->now.usec < client->due) {
		chat_wake_client(chat, client, client->due);
		return;
	}
	if (web_is_answering(client) || (peer->has_answered && http_peer_is_idle(peer))) {
		client->state = CLIENT_GONE;
		return;
	}
	peer->request.keeps_alive = false;
	web_answer_error(client, HTTP_REQUEST_TIMEOUT, "the request did not come in time");
	client->due = chat->now.usec + PRESENCE_OWED_MS * TIME_MS;
	chat_wake_client(chat, client, client->due);
}

void web_close(struct chat *chat, struct client *client)
{
	if (client->state != CLIENT_HTTP)
		return;
	if (web_is_answering(client))
		client_http(client)->ends = true;
	else
		finish(chat, client);
}
