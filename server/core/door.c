#include "server/core/door.h"

#include <string.h>

#include "server/core/presence.h"
#include "server/core/secret.h"

static void wait_for(struct room *room, struct slot *slot, int64_t ms)
{
	slot->due = room->now.ticks + ms * MOMENT_MS;
	room_wake_at(room, slot->due);
}

bool door_is_open(const struct slot *slot)
{
	return !slot->pausing;
}

static void offer_echo(struct room *room, struct slot *slot, bool on)
{
	uint8_t offer[TELNET_ANSWER_MAX];
	size_t len;

	if (slot->telnet == NULL)
		return;
	len = telnet_offer_echo(slot->telnet, on, offer);
	if (len > 0)
		room_tell_raw(room, slot, offer, len);
}

void door_hide(struct room *room, struct slot *slot)
{
	if (slot->state == SLOT_DOOR)
		offer_echo(room, slot, true);
}

void door_knock(struct room *room, struct slot *slot, const char *line, size_t len)
{
	const char *password = room->settings.password;

	if (password == NULL || secret_equal(password, strlen(password), line, len)) {
		offer_echo(room, slot, false);
		presence_enter(room, slot);
		return;
	}
	room_log(room, slot, LOG_AT_NOTICE, "gave a wrong password");
	slot->pausing = true;
	wait_for(room, slot, (int64_t)DOOR_PAUSE_MS << slot->tries++);
}

void door_tick(struct room *room, struct slot *slot)
{
	if (slot->pausing) {
		slot->pausing = false;
		room_error(room, slot, "wrong password");
		if (slot->tries < DOOR_TRIES) {
			room_answer(room, slot, "password:");
			wait_for(room, slot, PRESENCE_DOOR_MS);
			return;
		}
	} else {
		room_error(room, slot, "no password was given");
	}
	presence_leave(room, slot, LEAVING_THROWN, "", 0);
}
