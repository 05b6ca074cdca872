/*
 * What a chat is made with.
 */
#ifndef SERVER_CORE_BASE_SETUP_H
#define SERVER_CORE_BASE_SETUP_H

#include <stddef.h>

#include "server/core/base/log.h"
#include "server/core/base/settings.h"
#include "server/core/base/time.h"

/* Fills a buffer with random bytes that nobody can guess. */
typedef void chat_random(void *buffer, size_t len);

struct chat_setup {
	const struct settings *settings; /* are copied */
	struct log *log;                 /* this and random are used until chat_destroy() */
	chat_random *random;
	struct time now;
};

#endif
