/*
 * People who have lost their connection and may come back: what is kept for them for a while.
 */
#ifndef CHAT_ABSENCE_H
#define CHAT_ABSENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/slot.h"

enum { ABSENCE_SECONDS = 30 };

struct absence {
	int64_t due;     /* when it counts as left, in ticks */
	uint32_t serial;
	uint32_t number; /* of the slot it had; without a nick 0: the room was told that it left */
	uint32_t since;
	uint32_t writer;
	uint32_t *ignored; /* heap */
	uint16_t ignored_count;
	uint8_t nick_len;
	uint8_t token[TOKEN_BYTES];
	char nick[NICK_MAX];
};

/* All zero is an empty list. */
struct absences {
	struct absence *list; /* heap */
	uint32_t count, size;
};

/* Keeps what the slot's client comes back to. 0, or -1 when there is no memory. */
int absences_add(struct absences *a, const struct slot *slot, uint32_t number, int64_t due);

/* The one that has a token, a nick, a number without a nick, or a serial; NULL if none has. */
struct absence *absences_by_token(const struct absences *a, const uint8_t token[TOKEN_BYTES]);
struct absence *absences_by_nick(const struct absences *a, const char *nick, size_t len);
struct absence *absences_by_number(const struct absences *a, uint32_t number);
struct absence *absences_by_serial(const struct absences *a, uint32_t serial);

/* The one that is due first, or NULL. */
struct absence *absences_first(const struct absences *a);

void absences_remove(struct absences *a, struct absence *absence);
void absences_finish(struct absences *a);

/* Compares in a time that tells nothing. */
bool tokens_equal(const uint8_t a[TOKEN_BYTES], const uint8_t b[TOKEN_BYTES]);

/* Parses the hexadecimal form of a token; false if it is none. Writes it: TOKEN_LEN bytes. */
bool token_parse(uint8_t token[TOKEN_BYTES], const char *text, size_t len);
void token_text(char *out, const uint8_t token[TOKEN_BYTES]);

#endif
