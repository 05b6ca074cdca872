/*
 * Clients that come over WebSocket: what they say goes out in frames, cut anywhere, and what they
 * hear comes in whole ones.
 */
#ifndef SIM_BROWSER_H
#define SIM_BROWSER_H

#include "test/sim/sim.h"

/* Asks for the WebSocket. */
void browser_begin(struct peer *c);

/* Sends a line, which is without its end. */
void browser_say(struct sim *sim, struct peer *c, const char *line, size_t len);

/* Whether a browser may send this: UTF-8, and nothing that erases for other clients. */
bool browser_may_say(const char *text, size_t len);

/* Closes the WebSocket; nothing is said after it. */
void browser_close(struct sim *sim, struct peer *c);

void browser_take(struct sim *sim, struct peer *c, const uint8_t *bytes, size_t len);

/* Nothing more will come: what came last must be whole. */
void browser_end(const struct sim *sim, const struct peer *c);

/* At rest: the last ping must have been answered. */
void browser_check_rest(const struct sim *sim, const struct peer *c);

/* Whether it has been silent for so long that the server may take it for gone. */
bool browser_is_silent(const struct sim *sim, const struct peer *c);

#endif
