/*
 * The fake shell: goes through the turns that chat.h asks for, as server/shell/loop.c does, with
 * a network that takes what it likes.
 */
#ifndef SIM_SHELL_H
#define SIM_SHELL_H

#include "test/sim/sim.h"

/* Whether poll() would return. */
bool shell_is_ready(const struct sim *sim);

/* One turn of the loop. */
void shell_turn(struct sim *sim);

/* Behind a turn: another program takes over, with nothing but the state and the connections. */
void shell_upgrade(struct sim *sim, chat_random *random);

#endif
