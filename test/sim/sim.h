/*
 * The simulator: the real core (server/core/chat.h) between a fake shell and fake clients, all
 * driven by a seed, beside a model that is too simple to be wrong. docs/HACKING.md tells how to
 * use it.
 *
 * The model (truth.h) is a list of the lines that were said. Every text names who said it and as
 * which of their lines, so that each line in the feed is known to be one that was sent, whole,
 * once and in order, without looking at how the core came to put it there. What each client
 * receives (reader.h) is then compared with that list, line by line, byte by byte.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/chat.h"
#include "test/sim/random.h"
#include "test/sim/cable.h"

enum {
	SIM_CLIENTS = 24, /* places at most */
	SIM_PLACES = SIM_CLIENTS + CHAT_REFUSALS + CHAT_WEB,
	SIM_HOSTS = 4,
};

/* Somebody: a connection, or the one that has come back in its place. */
struct person {
	uint32_t number; /* "u7" is the name of number 7, and nobody else's */
	uint32_t user_id; /* of its lines in the feed; 0: not known yet */
	uint32_t slot;   /* shown as #SLOT while it has no nick */
	char nick[NICK_MAX];
	size_t nick_len;
	bool has_left;     /* as the room was told, if it was */
	bool wanted;       /* somebody is about to come back as this one */
	char token[TOKEN_LEN];
	bool has_token;
	bool shown; /* the token, by another client: perhaps that one is this person by now */
	uint64_t last_id;       /* the last tagged line that it has seen */
	int64_t lost_at;        /* when its connection ended, in usec; -1: it has not */
	struct peer *client;  /* the last that was this person */
};

/* What a client sends, and what should come of it. */
enum op {
	OP_SAY,
	OP_ACT,
	OP_ANNOUNCE,
	OP_NICK,
	OP_PRIVATE,
	OP_BACK,     /* /r */
	OP_IGNORE,
	OP_UNIGNORE,
	OP_IGNORED,  /* the list */
	OP_REPLAY,
	OP_RESUME,
	OP_WHO,
	OP_HELP,
	OP_STATS,
	OP_WRONG,    /* an error to its sender */
	OP_LONG,
	OP_NOTHING,  /* ignored */
	OP_KICK,
	OP_BAN,
	OP_UNBAN,
	OP_BANS,
	OP_MOTD,
	OP_PASSWORD,
	OP_GUESS,    /* a wrong password */
	OP_QUIT,
};

/* Tokens that a /resume may show. */
enum shown {
	SHOWN_NO_ID,
	SHOWN_ID,
	SHOWN_TOKEN,
	SHOWN_WRONG_TOKEN,
};

struct utterance {
	enum op op;
	enum shown shown;
	char *text;          /* as the others should see it; heap */
	size_t len;
	uint64_t end;        /* offset after it, and after a CR, in all that the client sends */
	bool crlf;           /* an LF follows that */
	uint64_t number;     /* of bytes, of messages, or an ID */
	struct person *whom; /* whom it is about */
	uint64_t id;         /* where it stands in the feed; 0: not there */
	bool told, received; /* PRIVATE: seen at its two ends */
	uint64_t told_from, told_to; /* between which records, as far as is known */
};

enum pace {
	PACE_EAGER,  /* takes all there is, at once */
	PACE_BURSTY, /* sleeps, then takes all */
	PACE_TRICKLE,
	PACE_DEAD,   /* never takes anything */
};

enum ending {
	ENDING_NONE,
	ENDING_FIN,
	ENDING_RESET,
};

/* Whether a client sees a person's lines. */
enum sight {
	SIGHT_YES,
	SIGHT_NO,
	SIGHT_UNSURE, /* it has asked for a change and not been answered */
};

struct unseen {
	struct person *person;
	enum sight sight;
	uint64_t unsure_before; /* of what was said before this ID we can't say */
};

struct peer {
	uint32_t number;
	struct person *person;
	struct address from;
	int place;        /* -1: not or no longer at the server */
	unsigned slot;    /* as it is shown */
	bool is_operator;
	bool was_refused;
	enum pace pace;
	bool speaks_telnet;
	bool is_browser;       /* comes over WebSocket (browser.h) */
	unsigned crlf_percent; /* of its lines end in CR LF */
	unsigned verbosity;    /* how much it says at a time, at most */
	struct person *was;    /* whom it wants to come back as */
	bool coming_back;      /* has asked to be, and was not answered */
	bool may_guess;        /* it has been asked for the password */
	bool knows_password;   /* has said it */
	unsigned wrong_guesses; /* that it will make */
	unsigned ignore_commands;

	/* The connection. */
	struct cable to, from_server;
	uint8_t *todo; /* heap: said, and not yet in the wire */
	size_t todo_len;
	enum ending ending; /* what it has done to its sending side */
	bool ended;         /* the server has seen the end */
	int64_t ended_at;   /* when, in usec */
	bool last_is_cut;   /* its last line has no end */
	bool shut;          /* the server has ended its sending side */
	bool closed;        /* the server has closed it */
	bool blocked;       /* the last send fell short: only POLLOUT wakes */
	bool done;          /* nothing will come to it any more */
	bool checked;       /* that what it said before its end was heard */
	unsigned interest;  /* what the shell waits for: enum chat_wants */
	bool is_named;      /* by the walk of the core that goes on */
	bool holding;       /* held the room back at the last look */
	int64_t held, held_gap; /* for how long in all, and the longest time between two looks */
	bool eof;           /* has seen the server's end */
	int64_t reads_at;   /* when it reads again, in usec */

	/* What it has said. */
	struct utterance *said;
	size_t said_count;
	size_t acted;       /* all before this have left what trace they leave in the feed */
	size_t answered;    /* all before this have been answered */
	size_t last_own;    /* index of its last line seen in the feed by itself, + 1 */
	uint64_t bytes_said, bytes_delivered;
	bool spoken;        /* is no stranger any more */
	int64_t entered_at;  /* when it came into the room, in usec; -1: at the door */
	uint32_t lines;      /* of its lines in the feed */
	bool quitting, thrown;
	bool taken_over;     /* somebody else is this person now */
	bool unlucky;        /* may be the one for whom there was no memory */

	/* What it has received. */
	char *partial; /* heap: the line that is not whole yet */
	size_t partial_len, partial_size;
	uint8_t telnet[3]; /* likewise */
	size_t telnet_len;
	uint64_t cursor;        /* ID of the next record it should see */
	uint64_t slack;         /* … or one that is so much later */
	uint64_t replay_at, replay_end; /* 0: no replay */
	uint64_t replay_must;   /* from here on it has to be whole */
	uint64_t last_missed;   /* the line before this one said so */
	bool replaying; /* has seen a line of the replay */
	bool greeted;
	bool tagged;
	bool may_miss;          /* asked for what is long gone, or reads too slowly */
	bool crlf_sent, crlf_sure; /* its lines end in CR LF: perhaps, certainly */
	size_t crlf_index;      /* the first utterance after which that is so */
	size_t listing;         /* utterance whose answer may go on, + 1 */
	unsigned timing_marks, marks_answered;
	uint8_t refused[2][256 / 8];
	uint64_t self_since;     /* the record from which on it has been this person */
	struct unseen *ignores; /* heap */
	size_t ignore_count;
	uint32_t clients_then;   /* when it came in */

	/* A browser. */
	bool in_message;         /* has begun one that it has not ended */
	unsigned pings, pongs;   /* the numbers of the last that it sent, and that was answered */
	uint64_t closing_at;     /* offset after its close frame in all that it sends; 0: none */
	int64_t heard_at;        /* when the server received something last, in usec */
	size_t answered_bytes;   /* of the handshake's answer */
	uint8_t frame_head[4];   /* of the frame that is coming */
	size_t frame_head_len, frame_len, frame_left, frame_lines;
	uint8_t control[128];
	size_t control_len;
	bool in_frame;           /* the head is whole */
	bool was_closed;         /* the server has closed */
	bool has_hung_up;        /* its close frame has come to the server */
};

struct entry {
	char *bytes; /* heap, with its LF */
	size_t len;
	enum message_kind kind;
	uint32_t user_id; /* its author; 0: an event */
	int64_t time;
};

struct truth {
	struct entry *lines;
	size_t count;
	uint64_t base; /* ID of lines[0] */
};

struct sim {
	struct random random;
	uint64_t seed;
	uint64_t step, turns;
	bool verbose;
	struct settings settings;
	bool exact;   /* all coming and going is announced */
	bool has_banned;
	bool resumes; /* lost clients come back */
	bool scarce;  /* memory is short at times */
	uint64_t failures; /* of the heap's, all that were before this turn */
	size_t base, base_blocks; /* of the heap: what an empty room takes */
	struct log logs[2], *log; /* of the chat and of the one that goes on after an upgrade */
	struct chat *chat;
	struct time now;
	int64_t looked_at; /* when the holders were last looked at, in usec */
	uint32_t places;   /* of the chat */
	struct peer *seats[SIM_PLACES];
	struct peer **clients; /* heap: all that ever were */
	size_t client_count;
	struct person **persons;
	size_t person_count;
	struct truth truth;
	struct peer *arrivals[SIM_CLIENTS * 2]; /* not yet accepted */
	size_t arrival_count;
	bool stopping;
	bool settling; /* everyone who reads, reads all */
	bool again;    /* something is to be sent, and nothing stands against it */
	bool moved;    /* this turn something happened */
	unsigned idle_turns; /* in a row, in which nothing did */
	int64_t idle_since;
	uint64_t lines_received, lines_missed;
};

/* Says what is wrong, with whom and how to see it again, and ends the program. */
_Noreturn void sim_fail(const struct sim *sim, const struct peer *c, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* With -v: what happens. */
void sim_trace(const struct sim *sim, const struct peer *c, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Runs one seed. */
void sim_run(uint64_t seed, uint64_t steps, bool verbose, uint64_t counts[3]);

#endif
