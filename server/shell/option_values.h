/*
 * The values of the options, as data.
 */
#ifndef SERVER_SHELL_OPTION_VALUES_H
#define SERVER_SHELL_OPTION_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "server/core/base/settings.h"
#include "server/shell/endpoint.h"
#include "server/shell/history.h"
#include "server/shell/room_option.h"

enum { SHARE_REPLICAS = 3 }; /* by default */

/* Strings are heap, or NULL where the option was not given. */
struct options {
	struct settings settings; /* complete after options_load(); its strings are those below */
	struct endpoints listen; /* never empty after options_read() */
	struct room_list rooms;  /* besides the first */
	struct room_settings *room_settings; /* heap: what settings.rooms is */
	size_t feed;             /* as it was asked for; 0: it was not */
	enum sync sync;
	char *name;
	char *motd_file;
	char *password_file;
	char *operator_file;
	char *bot_file;
	char *web_hosts; /* words with an LF after each */
	char *web_origins;
	char *web_frames;
	char *history;
	char *share;      /* where the log is that several servers share; NULL: there is none */
	char *share_name; /* NULL: "chatd" */
	char *node;
	char *share_password_file;
	uint32_t share_replicas; /* 0: not given, until all options have been read */
	char *store;
	char *user;
	char *lobby;
	char *config;
	bool check;
	bool help;
	bool version;
	char *motd; /* what the files hold */
	char *password;
	char *operator_password;
	char *bots;
	char *share_password;
};

#endif
