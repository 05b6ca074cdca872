/*
 * Commands: one const table says for each its name, its arguments, who may use it and what it
 * does; arity and permission are checked here, in one place.
 */
#ifndef CHAT_COMMAND_H
#define CHAT_COMMAND_H

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

/* Runs a line that began with '/', without it. */
void command_run(struct room *room, struct slot *slot, const char *line, size_t len);

/* Goes on with a long answer (enum slot_list), as far as the slot's replies have room. */
void command_go_on(struct room *room, struct slot *slot);

/*
 * The person that a word means; NULL if there is none, and the sender has been told so.
 */
struct slot *command_person(struct room *room, struct slot *slot, const char *who, size_t len);

/* command.c */
command_function command_help;

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
