/*
 * What the shell is to wait for at a place, or to do with its connection.
 */
#ifndef SERVER_CORE_WANTS_H
#define SERVER_CORE_WANTS_H

struct chat;
struct client;

/* Bits of enum chat_wants (chat.h). */
unsigned wants_of(struct chat *chat, struct client *client);

#endif
