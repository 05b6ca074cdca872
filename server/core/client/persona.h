/*
 * People of several nodes: who each is everywhere, and what is known here of those elsewhere. A
 * person's id is made by the node that they came to first, and stays theirs on every other.
 */
#ifndef SERVER_CORE_CLIENT_PERSONA_H
#define SERVER_CORE_CLIENT_PERSONA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/base/sha256.h"
#include "server/core/client/nick.h"
#include "server/core/client/user.h"
#include "server/core/feed/ignore.h"

enum {
	NODE_MAX = 32,        /* bytes of a node's name */
	PERSON_TEXT_MAX = 28, /* of an id as text, and a NUL */
};

struct person_id {
	uint64_t node;   /* incarnation of the node that made it */
	uint32_t number; /* user id there; 0: the node itself */
};

/* How far somebody's lines came in a room. */
struct progress {
	uint32_t room;    /* index */
	uint32_t applied; /* number of their last line there */
};

struct persona {
	struct person_id id;
	uint32_t user_id; /* by which feeds and ignore lists of this node know them */
	uint32_t applied; /* number of their last line that was applied */
	struct progress *progress; /* heap: in each room; logs of rooms are not read in step */
	uint32_t progress_count;
	uint32_t handed;  /* and of the last that the node had when it let them go; 0: it has not */
	uint32_t joined;  /* number of the line that said they joined */
	uint32_t said;    /* lines dealt with, when that line was said */
	uint32_t since;
	uint32_t number;  /* of their slot, where they are */
	uint32_t room;    /* index, or PERSON_NOWHERE: this node has no such room */
	uint64_t home;    /* incarnation of the node where they are */
	uint64_t record;  /* number of their record in the log's state, or of its end; 0: none */
	int64_t heard_at; /* when they last said something, in usec */
	struct ignores *ignores; /* elsewhere; heap, or NULL */
	uint8_t token[SHA256_SIZE]; /* the digest of it */
	uint8_t shown[TOKEN_LEN / 2]; /* is_taking: the token itself, as it was shown here */
	char node[NODE_MAX]; /* name of that node */
	char nick[NICK_MAX];
	uint8_t node_len, nick_len;
	struct nick_hash nick_hash;
	uint8_t look[NICK_LOOK]; /* of the nick */
	uint32_t last_sender; /* user id of who wrote to them last; 0: nobody */
	uint32_t asked;   /* number of the last private message of theirs that came here */
	int64_t handed_at; /* when this node let them go to another, in usec */
	char *taken_by;   /* heap; whom to answer when they can go to another node; NULL: nobody */
	bool is_taking;   /* they are being fetched from another node */
	bool is_quiet;
	bool has_record;
	bool has_token;
	bool is_operator;
	bool is_away;  /* their connection is lost, or their node is */
	bool counted;  /* elsewhere: among those who are online */
	int64_t gone_at; /* when nothing was left of them but this, in usec; 0: something is */

	/* Here: */
	bool is_ours;       /* a client or a session of this node */
	bool is_publishing; /* something of theirs is on its way to the log */
	bool is_recording;  /* their record is */
	bool was_told;      /* that it takes its time */
	uint32_t recorded;  /* hash of the record that was put last; 0: none */
	int64_t since_usec; /* is_publishing: for how long */
};

#define PERSON_NOWHERE UINT32_MAX

/* All zero is nobody. */
struct personas {
	struct persona **list; /* heap, by id */
	uint32_t count, size;
};

/* The one with an id: new and all zero but for it, if there was none. NULL: no memory, or none. */
struct persona *personas_add(struct personas *people, struct person_id id);
struct persona *personas_find(const struct personas *people, struct person_id id);

struct persona *personas_by_user(const struct personas *people, uint32_t user_id);

/* Those elsewhere: by nick (nick_same(), or nick_same_folded() if folded), or by token. */
struct persona *personas_by_nick(const struct personas *people, struct slice nick, bool folded);
struct persona *personas_by_token(const struct personas *people, const uint8_t digest[SHA256_SIZE]);

void personas_remove(struct personas *people, struct persona *person);
void personas_finish(struct personas *people);

/* Number of their last line in a room, to be set; NULL: no memory. And the room is gone. */
uint32_t *person_applied(struct persona *person, uint32_t room);
void person_forget_room(struct persona *person, uint32_t room);

void person_set_nick(struct persona *person, struct slice nick);

/*
 * How many lines of a user of this node were dealt with: here, or on another node, from where
 * one may have come since. person: theirs, or NULL.
 */
uint32_t person_said(const struct persona *person, const struct user *user);

/*
 * What somebody is called: nick or #number. Writes it to who (WHO_MAX bytes), returns its length.
 */
size_t person_who(const struct persona *person, char *who);

/* An id as text and back: PERSON_TEXT_MAX bytes; false if it is none. */
size_t person_id_text(char *out, struct person_id id);
bool person_id_parse(struct person_id *id, struct slice text);

#endif
