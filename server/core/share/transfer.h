/*
 * What a node hands to its successor in an upgrade: requests that are not answered, proposals, and
 * all that is known of the other nodes.
 */
#ifndef SERVER_CORE_SHARE_TRANSFER_H
#define SERVER_CORE_SHARE_TRANSFER_H

#include "server/core/base/codec.h"
#include "server/core/room/context.h"

/* Both ways (codec.h). The order, external or not, is part of it. */
void share_serialize(struct chat *chat, struct codec *p);

#endif
