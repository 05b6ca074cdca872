/*
 * Bytes of a keyboard to keys: UTF-8, the escape sequences of the terminals in use, bracketed
 * paste. However the bytes are cut into pieces, the keys are the same; only an escape that stands
 * alone needs the clock (keys_flush). Sequences that mean nothing here yield nothing.
 */
#ifndef CLIENT_CORE_KEYS_H
#define CLIENT_CORE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* After an escape that nothing follows for so long it was the key of that name. */
	KEYS_ESCAPE_TICKS = 50,
};

enum key_code {
	KEY_CHAR,  /* ch: a code point; inside a paste '\n' for each line end */
	KEY_CTRL,  /* ch: 'A' to 'Z', '_', … */
	KEY_ALT,   /* ch: a code point */
	KEY_ENTER,
	KEY_TAB,
	KEY_BACK_TAB,
	KEY_BACKSPACE,
	KEY_ALT_BACKSPACE,
	KEY_DELETE,
	KEY_ESCAPE,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_WORD_LEFT,
	KEY_WORD_RIGHT,
	KEY_UP,
	KEY_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_PASTE_BEGIN,
	KEY_PASTE_END,

	/* What the terminal says by itself or when it is asked. */
	KEY_FOCUS_IN,
	KEY_FOCUS_OUT,
	KEY_CURSOR, /* in row ch and column more, from 1 */
	KEY_DEVICE, /* its type is ch, its version is more */
};

struct key {
	enum key_code code;
	uint32_t ch;
	uint32_t more;
};

enum keys_state {
	KEYS_GROUND,
	KEYS_UTF8,     /* inside a code point */
	KEYS_ESCAPE,   /* after ESC */
	KEYS_CSI,      /* after ESC [ */
	KEYS_CONSOLE,  /* after ESC [ [: a function key of the Linux console */
	KEYS_SS3,      /* after ESC O */
	KEYS_STRING,   /* inside an answer of the terminal, up to BEL or ESC \ */
};

/* All zero is a keyboard on which nothing was typed. */
struct keys {
	enum keys_state state;
	bool pasting;
	bool cr;               /* inside a paste, the last byte was CR: LF is part of it */
	bool interrupted;      /* … it was Ctrl-C, which is a key if nothing follows soon */
	char bytes[4];         /* UTF8: what came of it */
	uint8_t len;
	uint8_t want;          /* … and how many it will be */
	uint8_t prefix;        /* CSI: the byte in front of the parameters, '>'; 0: none */
	uint16_t params[2];    /* … the first two parameters */
	uint8_t param;         /* which one is being read */
	bool odd;              /* the sequence has something in it that ours never have */
};

/*
 * Takes bytes from *in, short of end, up to the next key and moves *in past them. False: the
 * input is used up and yields no more.
 */
bool keys_next(struct keys *k, const uint8_t **in, const uint8_t *end, struct key *key);

/* Whether a key may be unfinished, so that keys_flush() is due after KEYS_ESCAPE_TICKS. */
bool keys_waiting(const struct keys *k);

/* Gives up waiting for the rest of what has begun. True: it was a key by itself. */
bool keys_flush(struct keys *k, struct key *key);

#endif
