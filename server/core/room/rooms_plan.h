/*
 * The rooms as new settings want them: made ready first, then carried out. New rooms begin, the
 * others get their settings, all but the size of the feed; those that are gone from the settings
 * end, unless somebody is in them.
 */
#ifndef SERVER_CORE_ROOM_ROOMS_PLAN_H
#define SERVER_CORE_ROOM_ROOMS_PLAN_H

#include <stddef.h>

#include "server/core/room/context.h"

/* All zero is none. */
struct rooms_plan {
	struct room_settings *list; /* heap; the texts are the settings' */
	const char **passwords;           /* heap, copies for each */
	size_t count;
};

/* The settings outlive the plan. 0, or -1 with nothing changed: no memory. */
int rooms_plan_make(struct rooms_plan *plan, struct chat *chat, const struct settings *settings);

/* Says in the log which feeds stay as they are, though the settings have another size. */
void rooms_plan_warn(const struct rooms_plan *plan, struct chat *chat);

void rooms_plan_carry_out(struct rooms_plan *plan, struct chat *chat);

/* One that is not carried out changes nothing. */
void rooms_plan_finish(struct rooms_plan *plan, struct chat *chat);

#endif
