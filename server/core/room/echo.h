/*
 * Passwords that are not shown as they are typed, where the client speaks telnet.
 */
#ifndef SERVER_CORE_ROOM_ECHO_H
#define SERVER_CORE_ROOM_ECHO_H

struct chat;
struct client;

/* If the client is asked for a password, what it types should not be seen; or again should be. */
void echo_hide(struct chat *chat, struct client *client);
void echo_show(struct chat *chat, struct client *client);

#endif
