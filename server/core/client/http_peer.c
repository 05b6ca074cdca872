/*
 * The memory of a connection that speaks HTTP (http_peer.h).
 */
#include "server/core/client/http_peer.h"

#include <stdlib.h>
#include <string.h>

/* An answer may have the page in it, which is no longer than this. */
enum { ANSWER_MAX = 1024 * 1024 };

bool http_peer_is_idle(const struct http_peer *peer)
{
	return peer->len == 0 && peer->answer == NULL && peer->said == NULL;
}

/* Reading: a copy with room for size bytes; NULL and failed where there is no memory. */
static char *copy(const void *bytes, size_t len, size_t size, struct codec *p)
{
	char *room = p->failed ? NULL : malloc(size + (size == 0));

	p->failed = room == NULL;
	if (room != NULL && len > 0)
		memcpy(room, bytes, len);
	return room;
}

/* What has come. The head is parsed again: the same bytes mean the same. */
static void serialize_bytes(struct http_peer *peer, struct codec *p)
{
	size_t len = peer->len, head;
	const void *bytes = codec_bytes(p, peer->bytes, &len, HTTP_PEER_BYTES);

	if (!p->reading || len == 0)
		return;
	peer->bytes = copy(bytes, len, HTTP_PEER_BYTES, p);
	if (peer->bytes == NULL)
		return;
	peer->len = (uint32_t)len;
	head = len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX;
	http_parse(&peer->request, peer->bytes, head);
}

/*
 * What is left of an answer: a part of our own, and one of bytes that the
 * other program may not have.
 */
static void serialize_answer(struct http_peer *peer, struct codec *p)
{
	size_t at = peer->answer_at, skipped = at > peer->answer_len ? at - peer->answer_len : 0;
	size_t len = at < peer->answer_len ? peer->answer_len - at : 0;
	size_t body_len = peer->body.len - skipped;
	const char *own = len > 0 ? peer->answer + peer->answer_len - len : NULL;
	const char *body = body_len > 0 ? peer->body.bytes + skipped : NULL;

	own = codec_bytes(p, own, &len, ANSWER_MAX);
	body = codec_bytes(p, body, &body_len, ANSWER_MAX);
	if (!p->reading)
		return;
	peer->answer = copy(own, len, len + body_len, p);
	peer->answer_len = (uint32_t)(len + body_len);
	if (peer->answer != NULL && body_len > 0)
		memcpy(peer->answer + len, body, body_len);
}

/* A body of which a part has come. */
static void serialize_said(struct http_peer *peer, struct codec *p)
{
	size_t len = peer->said_len;
	const void *bytes = codec_bytes(p, peer->said, &len, HTTP_PEER_SAID_MAX);

	peer->said_size = (uint32_t)codec_number(p, peer->said_size, 4, HTTP_PEER_SAID_MAX);
	peer->bot = (uint32_t)codec_number(p, peer->bot, 4, UINT32_MAX);
	if (!p->reading)
		return;
	p->failed = p->failed || len > peer->said_size || peer->request.outcome != HTTP_WHOLE;
	peer->said = copy(bytes, len, peer->said_size, p);
	peer->said_len = (uint32_t)len;
}

void http_peer_serialize(struct http_peer *peer, struct codec *p)
{
	web_profile_serialize(&peer->profile, p);
	address_serialize(&peer->peer, p);
	peer->has_answered = codec_flag(p, peer->has_answered);
	peer->ends = codec_flag(p, peer->ends);
	serialize_bytes(peer, p);
	if (codec_flag(p, peer->answer != NULL))
		serialize_answer(peer, p);
	if (codec_flag(p, peer->said != NULL))
		serialize_said(peer, p);
}

void http_peer_free(struct http_peer *peer)
{
	if (peer == NULL)
		return;
	free(peer->bytes);
	free(peer->answer);
	free(peer->said);
	free(peer);
}
