/*
 * The memory of a connection that speaks HTTP (http_peer.h).
 */
#include "server/core/client/http_peer.h"

#include <stdlib.h>

bool http_peer_is_idle(const struct http_peer *peer)
{
	return peer->len == 0 && peer->answer == NULL && peer->said == NULL;
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
