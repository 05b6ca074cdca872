/*
 * A command as its function sees it: the words after its name, and the client that sent them. The
 * functions stand in the table of command.c.
 */
#ifndef SERVER_CORE_COMMAND_ARGS_H
#define SERVER_CORE_COMMAND_ARGS_H

#include <limits.h>
#include <stddef.h>

#include "proto/slice.h"
#include "server/core/room/context.h"

enum { COMMAND_ARGS = 3 };

/*
 * The arguments of a command: words, the last of which may be a text with blanks in it, and then
 * is safe and shows something. Those that were not given are NULL, of length 0.
 */
struct args {
	const char *text[COMMAND_ARGS];
	size_t len[COMMAND_ARGS];
	unsigned count;
	const char *name;  /* of the command */
	struct slice line; /* all that came after it */
};

enum { ALL_WORDS = INT_MAX };

/* An argument as a number, however long: max for all above it. False: it is not a number. */
bool args_number(const struct args *args, unsigned i, uint64_t max, uint64_t *number);

/* The same for an ID: one of more digits than any ID will have is still to come, too. */
static inline bool args_id(const struct args *args, unsigned i, uint64_t *id)
{
	return args_number(args, i, UINT64_MAX - 1, id);
}

/*
 * A line of the log about what an operator did: "operator alice: /ban 192.0.2.7 60". words: how
 * many come before what is meant for people; a log without texts has only these.
 */
void args_log(struct chat *chat, const struct client *client, const struct args *args,
	unsigned words);

typedef void command_function(struct chat *chat, struct client *client, const struct args *args);

/* commands_user.c */
command_function command_who, command_me, command_msg, command_r, command_ignore,
	command_unignore, command_replay, command_quiet, command_ping, command_stats, command_quit;
void command_who_go_on(struct chat *chat, struct client *client);

/* commands_room.c */
command_function command_rooms, command_topic, command_invite, command_slow;
void command_rooms_go_on(struct chat *chat, struct client *client);

/* join.c */
command_function command_join;

/* resume.c */
command_function command_resume;

/* claim.c */
command_function command_nick, command_claim, command_unclaim;

/* search.c */
command_function command_search;

/* commands_operator.c */
command_function command_op, command_kick, command_ban, command_unban, command_bans,
	command_motd, command_announce, command_shutdown;
void command_bans_go_on(struct chat *chat, struct client *client);

#endif
