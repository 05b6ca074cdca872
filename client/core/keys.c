/*
 * Bytes of a keyboard to keys. The rule: a byte that can't stand where it is ends what began before
 * it and counts as itself, so no garbage makes the keyboard dead. The sequences are those of
 * ECMA-48 and of xterm (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html).
 */
#include "client/core/keys.h"

#include "proto/text.h"

enum {
	ESC = 0x1b,
	BEL = 0x07,
	DEL = 0x7f,

	/* Parameters of CSI … ~. */
	PARAM_HOME = 1,
	PARAM_DELETE = 3,
	PARAM_END = 4,
	PARAM_PAGE_UP = 5,
	PARAM_PAGE_DOWN = 6,
	PARAM_HOME_RXVT = 7,
	PARAM_END_RXVT = 8,
	PARAM_PASTE_BEGIN = 200,
	PARAM_PASTE_END = 201,

	/* xterm's modifier parameter is 1 more than these bits. */
	MODIFIER_ALT = 2,
	MODIFIER_CTRL = 4,
	PARAM_MAX = 65535,
};

static bool put(struct key *key, enum key_code code, uint32_t ch)
{
	*key = (struct key){ .code = code, .ch = ch };
	return true;
}

/* A byte of C0, or DEL, that stands for itself. */
static bool take_control(struct keys *k, uint8_t c, struct key *key)
{
	switch (c) {
	case ESC:
		k->state = KEYS_ESCAPE;
		return false;
	case '\r':
	case '\n':
		return put(key, KEY_ENTER, 0);
	case '\t':
		return put(key, KEY_TAB, 0);
	case 0x08:
	case DEL:
		return put(key, KEY_BACKSPACE, 0);
	default:
		return put(key, KEY_CTRL, c ^ 0x40);
	}
}

/*
 * Inside a paste everything is text. Only Ctrl-C after which nothing comes is a key, the way out if
 * the end of the paste was lost; one that was pasted has the rest of it right after it.
 */
static bool take_pasted(struct keys *k, uint8_t c, struct key *key)
{
	bool cr = k->cr;

	k->cr = c == '\r';
	switch (c) {
	case ESC:
		k->state = KEYS_ESCAPE;
		return false;
	case '\n':
		return cr ? false : put(key, KEY_CHAR, '\n');
	case '\r':
		return put(key, KEY_CHAR, '\n');
	case '\t':
		return put(key, KEY_CHAR, '\t');
	case 0x03:
		k->interrupted = true;
		return false;
	default:
		return false;
	}
}

static bool take_ground(struct keys *k, uint8_t c, struct key *key)
{
	if (c >= 0x80) {
		k->cr = false;
		k->want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
		k->bytes[0] = (char)c;
		k->len = 1;
		if (c < 0xc2 || c > 0xf4)
			return put(key, KEY_CHAR, TEXT_INVALID);
		k->state = KEYS_UTF8;
		return false;
	}
	if (c >= ' ' && c != DEL) {
		k->cr = false;
		return put(key, KEY_CHAR, c);
	}
	return k->pasting ? take_pasted(k, c, key) : take_control(k, c, key);
}

/* A continuation byte. */
static bool take_utf8(struct keys *k, uint8_t c, struct key *key)
{
	uint32_t code;

	k->bytes[k->len++] = (char)c;
	if (k->len < k->want)
		return false;
	k->state = KEYS_GROUND;
	(void)text_decode(k->bytes, k->len, &code, NULL);
	return put(key, KEY_CHAR, code);
}

static bool take_escape(struct keys *k, uint8_t c, struct key *key)
{
	k->state = KEYS_GROUND;
	switch (c) {
	case '[':
		k->state = KEYS_CSI;
		k->prefix = 0;
		k->params[0] = k->params[1] = 0;
		k->param = 0;
		k->odd = false;
		return false;
	case 'O':
		k->state = KEYS_SS3;
		return false;
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		k->state = KEYS_STRING;
		return false;
	case ESC:
		k->state = KEYS_ESCAPE;
		return k->pasting ? false : put(key, KEY_ESCAPE, 0);
	case DEL:
	case 0x08:
		return k->pasting ? false : put(key, KEY_ALT_BACKSPACE, 0);
	default:
		if (k->pasting || c < ' ' || c >= 0x80)
			return take_ground(k, c, key);
		return put(key, KEY_ALT, c);
	}
}

/* Those that CSI and SS3 end with alike. */
static bool put_letter(uint8_t c, bool by_word, struct key *key)
{
	switch (c) {
	case 'A':
		return put(key, KEY_UP, 0);
	case 'B':
		return put(key, KEY_DOWN, 0);
	case 'C':
		return put(key, by_word ? KEY_WORD_RIGHT : KEY_RIGHT, 0);
	case 'D':
		return put(key, by_word ? KEY_WORD_LEFT : KEY_LEFT, 0);
	case 'H':
		return put(key, KEY_HOME, 0);
	case 'F':
		return put(key, KEY_END, 0);
	default:
		return false;
	}
}

static bool put_tilde(struct keys *k, struct key *key)
{
	switch (k->params[0]) {
	case PARAM_HOME:
	case PARAM_HOME_RXVT:
		return put(key, KEY_HOME, 0);
	case PARAM_DELETE:
		return put(key, KEY_DELETE, 0);
	case PARAM_END:
	case PARAM_END_RXVT:
		return put(key, KEY_END, 0);
	case PARAM_PAGE_UP:
		return put(key, KEY_PAGE_UP, 0);
	case PARAM_PAGE_DOWN:
		return put(key, KEY_PAGE_DOWN, 0);
	case PARAM_PASTE_BEGIN:
		k->pasting = true;
		k->cr = false;
		return put(key, KEY_PASTE_BEGIN, 0);
	default:
		return false;
	}
}

/* A report of the terminal, not a key: true. */
static bool put_report(const struct keys *k, uint8_t c, struct key *key)
{
	if (k->prefix == '>') {
		if (c == 'c')
			*key = (struct key){ KEY_DEVICE, k->params[0], k->params[1] };
		return c == 'c';
	}
	if (c == 'I' && !k->params[0])
		return put(key, KEY_FOCUS_IN, 0);
	if (c == 'O' && !k->params[0])
		return put(key, KEY_FOCUS_OUT, 0);
	if (c != 'R' || !k->params[0])
		return false;
	*key = (struct key){ KEY_CURSOR, k->params[0], k->params[1] };
	return true;
}

/* The sequence is whole: c is its last byte. */
static bool end_csi(struct keys *k, uint8_t c, struct key *key)
{
	uint16_t modifiers = k->params[1] ? (uint16_t)(k->params[1] - 1) : 0;

	k->state = KEYS_GROUND;
	if (k->odd)
		return false;
	if (k->pasting) {
		if (c != '~' || k->params[0] != PARAM_PASTE_END)
			return false;
		k->pasting = false;
		return put(key, KEY_PASTE_END, 0);
	}
	if (put_report(k, c, key))
		return true;
	if (k->prefix)
		return false;
	if (c == '~')
		return put_tilde(k, key);
	if (c == 'Z')
		return put(key, KEY_BACK_TAB, 0);
	return put_letter(c, modifiers & (MODIFIER_ALT | MODIFIER_CTRL), key);
}

static bool take_csi(struct keys *k, uint8_t c, struct key *key)
{
	if (c == '[' && !k->params[0] && !k->param && !k->odd) {
		k->state = KEYS_CONSOLE;
	} else if (c >= '0' && c <= '9') {
		uint16_t *param = &k->params[k->param < 2 ? k->param : 1];
		unsigned value = *param * 10u + (c - '0');

		if (k->param < 2)
			*param = (uint16_t)(value > PARAM_MAX ? PARAM_MAX : value);
	} else if (c == '>' && !k->prefix && !k->params[0] && !k->param) {
		k->prefix = c;
	} else if (c == ';') {
		k->param = k->param < 2 ? k->param + 1 : 2;
	} else if (c < 0x40) {
		k->odd = true; /* other parameters, intermediates */
	} else {
		return end_csi(k, c, key);
	}
	return false;
}

static bool take_ss3(struct keys *k, uint8_t c, struct key *key)
{
	k->state = KEYS_GROUND;
	if (k->pasting)
		return false;
	if (c == 'M')
		return put(key, KEY_ENTER, 0);
	if (c == 'c' || c == 'd') /* rxvt with Ctrl */
		return put(key, c == 'c' ? KEY_WORD_RIGHT : KEY_WORD_LEFT, 0);
	return put_letter(c, false, key);
}

/*
 * Whether c can't stand where the state has it. Then what began is dropped (an unfinished code
 * point is shown as such) and c stands for itself.
 */
static bool is_broken(const struct keys *k, uint8_t c)
{
	switch (k->state) {
	case KEYS_UTF8:
		return (c & 0xc0) != 0x80;
	case KEYS_CSI:
	case KEYS_CONSOLE:
	case KEYS_SS3:
		return c < ' ' || c >= DEL;
	default:
		return false;
	}
}

static bool take(struct keys *k, uint8_t c, struct key *key)
{
	switch (k->state) {
	case KEYS_UTF8:
		return take_utf8(k, c, key);
	case KEYS_ESCAPE:
		return take_escape(k, c, key);
	case KEYS_CSI:
		return take_csi(k, c, key);
	case KEYS_SS3:
		return take_ss3(k, c, key);
	case KEYS_CONSOLE:
		k->state = KEYS_GROUND;
		return false;
	case KEYS_STRING:
		if (c == ESC)
			k->state = KEYS_ESCAPE; /* ESC \ ends it; any other begins again */
		else if (c == BEL || c == 0x03)
			k->state = KEYS_GROUND;
		return false;
	default:
		return take_ground(k, c, key);
	}
}

bool keys_next(struct keys *k, const uint8_t **in, const uint8_t *end, struct key *key)
{
	while (*in < end) {
		k->interrupted = false;
		if (is_broken(k, **in)) {
			bool was_text = k->state == KEYS_UTF8;

			k->state = KEYS_GROUND;
			if (was_text)
				return put(key, KEY_CHAR, TEXT_INVALID);
		}
		if (take(k, *(*in)++, key))
			return true;
	}
	return false;
}

bool keys_waiting(const struct keys *k)
{
	/* The end of a paste may come in pieces, at any pace; nothing in it is a key but Ctrl-C. */
	return k->pasting ? k->interrupted : k->state != KEYS_GROUND;
}

bool keys_flush(struct keys *k, struct key *key)
{
	enum keys_state state = k->state;

	k->state = KEYS_GROUND;
	if (state == KEYS_UTF8)
		return put(key, KEY_CHAR, TEXT_INVALID);
	if (k->interrupted) {
		k->interrupted = k->pasting = false;
		return put(key, KEY_CTRL, 'C');
	}
	if (k->pasting)
		return false;
	if (state == KEYS_ESCAPE)
		return put(key, KEY_ESCAPE, 0);
	if (state == KEYS_CSI)
		return put(key, KEY_ALT, '[');
	if (state == KEYS_SS3)
		return put(key, KEY_ALT, 'O');
	return false;
}
