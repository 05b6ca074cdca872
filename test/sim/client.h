/*
 * Clients: how they connect, read, write and end.
 */
#ifndef SIM_CLIENT_H
#define SIM_CLIENT_H

#include "test/sim/sim.h"

/* Somebody connects. */
void client_add(struct sim *sim);
void client_free(struct peer *c);

/* Whatever the clients write and read at this moment. */
void client_move_all(struct sim *sim);

/* Ends its sending side, or is gone at once, with what is in flight. */
void client_end(struct sim *sim, struct peer *c);
void client_reset(struct sim *sim, struct peer *c);

#endif
