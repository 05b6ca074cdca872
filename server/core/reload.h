/*
 * New settings for a chat that is running.
 */
#ifndef SERVER_CORE_RELOAD_H
#define SERVER_CORE_RELOAD_H

struct chat;
struct settings;

/* As chat_set(). */
int reload_settings(struct chat *chat, const struct settings *settings);

#endif
