/*
 * A listener for HTTP, as far as those who come through it are concerned.
 */
#ifndef SERVER_CORE_BASE_WEB_PROFILE_H
#define SERVER_CORE_BASE_WEB_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/limits.h"
#include "server/core/base/address.h"
#include "server/core/base/codec.h"

enum { WEB_TRUSTED_MAX = 8 };

struct web_profile {
	bool is_metrics;  /* it has figures for Prometheus, and no room */
	bool is_readonly; /* who joins the room there can say nothing */
	bool is_local;    /* bound to a loopback address or a unix socket */
	uint8_t trusted_count;
	char room[NICK_MAX + 1]; /* that they come into; "": the first */
	struct prefix trusted[WEB_TRUSTED_MAX]; /* front ends whose X-Forwarded-For is believed */
};

/* Writes it, or reads it to one that is all zero (codec.h). */
void web_profile_serialize(struct web_profile *web, struct codec *p);

#endif
