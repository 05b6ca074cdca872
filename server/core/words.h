/*
 * A command as its function sees it: the words behind its name, and who said them. The functions
 * stand in the table of command.c.
 */
#ifndef CHAT_WORDS_H
#define CHAT_WORDS_H

#include <stddef.h>

#include "server/core/room.h"

enum { COMMAND_WORDS = 2 };

/*
 * The arguments of a command: words, the last of which may be a text with blanks in it, and then
 * is safe and shows something. Those that were not given are NULL, of length 0.
 */
struct words {
	const char *text[COMMAND_WORDS];
	size_t len[COMMAND_WORDS];
	unsigned count;
};

typedef void command_function(struct room *room, struct slot *slot, const struct words *words);

/* person.c */
command_function person_nick, person_who, person_me, person_msg, person_r, person_ignore,
	person_unignore, person_replay, person_stats, person_quit;
void person_who_go_on(struct room *room, struct slot *slot);

/* resume.c */
command_function resume_run;

/* operator.c */
command_function operator_op, operator_kick, operator_ban, operator_unban, operator_bans,
	operator_motd, operator_announce, operator_shutdown;
void operator_bans_go_on(struct room *room, struct slot *slot);

#endif
