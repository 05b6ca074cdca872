/*
 * The part of a snapshot that is a connection's: input that is not a line yet
 * or waits, and the outbox.
 */
#ifndef SERVER_CORE_SNAPSHOT_WIRE_H
#define SERVER_CORE_SNAPSHOT_WIRE_H

#include "server/core/base/codec.h"
#include "server/core/client/outbox.h"
#include "server/core/wire/wire.h"

/* Far above every real piece of memory: only damage is larger. */
enum { SNAPSHOT_HEAP_MAX = 16 << 20 };

/* Both ways (codec.h); what is read is on the heap. Look at p->failed. */
void snapshot_wire(struct wire *w, struct codec *p);
void snapshot_outbox(struct outbox *r, struct codec *p);

#endif
