/*
 * The rules keep every line format parseable and every speaker who they seem to be: characters,
 * then scripts (UTS #39, https://www.unicode.org/reports/tr39/, "highly restrictive"), then looks.
 *
 * Two names are the same if they have the same look in small letters, or the same as they are
 * written. Both are needed, since capitals look like other letters than small ones do. By the first
 * alone aIice (with a capital i) is not alice, and ТОМ in Cyrillic not TOM; by the second alone
 * ALICE is not alice. One look for both would join i, I and l for good, and refuse "ali" beside
 * "all". So the relation is not transitive, which uniqueness does not need. A name is searched for
 * by its look in small letters alone, which at most one name in use has.
 *
 * A look is the skeleton of UTS #39 in small letters, so digits go with the letters that they look
 * like: a1ice and al1ce are alice, b0b is bob, and rn is m.
 */
#include "server/core/client/nick.h"

#include <string.h>

#include "proto/confusable.h"
#include "proto/script.h"
#include "proto/text.h"
#include "proto/unicode.h"
#include "server/core/base/sha256.h"

enum {
	/* Bytes that NFC makes a third of, at most: a Hangul syllable of three letters. */
	INPUT_MAX = 3 * NICK_MAX,

	WORD_MAX = 16, /* a reserved word */
};

static const char *const reserved[] = { "you", "server", "admin", "operator", "chatd",
	"announcement", "everyone", "all" };

const char *nick_rule(enum nick_fault fault)
{
	static const char *const rules[NICK_FAULTS] = {
		[NICK_FINE] = "is fine",
		[NICK_EMPTY] = "must not be empty",
		[NICK_TOO_LONG] = "must have at most 32 bytes",
		[NICK_NOT_UTF8] = "must be valid UTF-8",
		[NICK_INVISIBLE] = "must not have a blank, control or invisible character",
		[NICK_BRACKET] = "must not have [ ] or : in it",
		[NICK_BAD_START] = "must not begin with # * = ! / @ or +",
		[NICK_MARK_FIRST] = "must not begin with a combining mark",
		[NICK_BAD_END] = "must not end with , . or ;",
		[NICK_MIXED] = "must be written in one script",
		[NICK_RESERVED] = "must not be a reserved word, or look like one",
	};

	return rules[fault];
}

static bool is_valid(const char *s, size_t len)
{
	bool valid = true;

	for (size_t at = 0; at < len && valid;) {
		uint32_t code;

		at += text_decode(s + at, len - at, &code, &valid);
	}
	return valid;
}

enum nick_fault nick_normalize(const char *s, size_t len, char out[NICK_MAX], size_t *out_len)
{
	struct unicode_text text, parts;

	*out_len = 0;
	if (len > INPUT_MAX)
		return NICK_TOO_LONG;
	if (!is_valid(s, len))
		return NICK_NOT_UTF8;
	unicode_read(&text, s, len);
	unicode_decompose(&parts, &text);
	unicode_compose(&parts);
	return unicode_write(&parts, out, NICK_MAX, out_len) ? NICK_FINE : NICK_TOO_LONG;
}

/* The ASCII character that a full-width one is; itself for others. */
static uint32_t narrow(uint32_t code)
{
	return code >= 0xff01 && code <= 0xff5e ? code - 0xff01 + '!' : code;
}

static bool is_one_of(uint32_t code, const char *set)
{
	return code != 0 && code < 0x80 && strchr(set, (int)code) != NULL;
}

/* The rules that keep lines readable, of which later versions take nothing back. */
static enum nick_fault check_readable(const char *nick, size_t len)
{
	if (len == 0)
		return NICK_EMPTY;
	if (len > NICK_MAX)
		return NICK_TOO_LONG;
	for (size_t at = 0; at < len;) {
		uint32_t code;
		bool valid;

		at += text_decode(nick + at, len - at, &code, &valid);
		if (!valid)
			return NICK_NOT_UTF8;
		if (text_is_invisible(code))
			return NICK_INVISIBLE;
		if (is_one_of(code, "[]:"))
			return NICK_BRACKET;
	}
	return is_one_of((unsigned char)nick[0], "#*=!/") ? NICK_BAD_START : NICK_FINE;
}

bool nick_is_readable(const char *nick, size_t len)
{
	return check_readable(nick, len) == NICK_FINE;
}

/* The rules about characters and their places; full-width forms count as the plain ones. */
static enum nick_fault check_characters(const char *nick, size_t len)
{
	uint32_t code, first;

	text_decode(nick, len, &first, NULL);
	code = first;
	if (is_one_of(narrow(first), "#*=!/@+"))
		return NICK_BAD_START;
	if (unicode_is_mark(first))
		return NICK_MARK_FIRST;
	for (size_t at = 0; at < len;) {
		at += text_decode(nick + at, len - at, &code, NULL);
		if (is_one_of(narrow(code), "[]:"))
			return NICK_BRACKET;
	}
	return is_one_of(narrow(code), ",.;") ? NICK_BAD_END : NICK_FINE;
}

/* i with a dot above it looks like i, since the dot takes the place of its own; j as well. */
static void drop_second_dots(struct unicode_text *look)
{
	enum { DOT_ABOVE = 0x307 };
	size_t out = 0;

	for (size_t i = 0; i < look->count; i++) {
		uint32_t before = out > 0 ? look->codes[out - 1] : 0;

		if (look->codes[i] != DOT_ABOVE || (before != 'i' && before != 'j'))
			look->codes[out++] = look->codes[i];
	}
	look->count = out;
}

/* Capitals among what text looks like count as small letters, so that 0 is O is o. */
static void look_of(struct unicode_text *look, const struct unicode_text *text)
{
	struct unicode_text folded;

	confusable_skeleton(look, text);
	unicode_fold(&folded, look);
	confusable_skeleton(look, &folded);
	drop_second_dots(look);
}

static void look_folded(struct unicode_text *look, const char *nick, size_t len)
{
	struct unicode_text text, parts;

	unicode_read(&text, nick, len);
	unicode_decompose(&parts, &text);
	unicode_fold(&text, &parts);
	look_of(look, &text);
}

static void look_written(struct unicode_text *look, const char *nick, size_t len)
{
	struct unicode_text text;

	unicode_read(&text, nick, len);
	look_of(look, &text);
}

static bool is_equal(const struct unicode_text *a, const struct unicode_text *b)
{
	return a->count == b->count &&
		memcmp(a->codes, b->codes, a->count * sizeof(a->codes[0])) == 0;
}

/* FNV-1a, folded to 16 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
static uint16_t hash(const struct unicode_text *look)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < look->count; i++)
		for (unsigned bits = 0; bits < 24; bits += 8)
			hash = (hash ^ (look->codes[i] >> bits & 0xff)) * 16777619;
	return (uint16_t)(hash >> 16 ^ hash);
}

struct nick_hash nick_hash(const char *nick, size_t len)
{
	struct unicode_text folded, written;

	look_folded(&folded, nick, len);
	look_written(&written, nick, len);
	return (struct nick_hash){ hash(&folded), hash(&written) };
}

void nick_look(uint8_t look[NICK_LOOK], const char *nick, size_t len)
{
	struct unicode_text text;
	uint8_t bytes[3 * UNICODE_TEXT_MAX], digest[SHA256_SIZE];
	size_t count = 0;

	look_folded(&text, nick, len);
	for (size_t i = 0; i < text.count; i++)
		for (unsigned bits = 0; bits < 24; bits += 8)
			bytes[count++] = (uint8_t)(text.codes[i] >> bits);
	sha256(digest, bytes, count);
	memcpy(look, digest, NICK_LOOK);
}

bool nick_hash_meets(struct nick_hash a, struct nick_hash b)
{
	return a.folded == b.folded || a.written == b.written;
}

bool nick_same_folded(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct unicode_text a_look, b_look;

	look_folded(&a_look, a, a_len);
	look_folded(&b_look, b, b_len);
	return is_equal(&a_look, &b_look);
}

bool nick_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct unicode_text a_look, b_look;

	look_written(&a_look, a, a_len);
	look_written(&b_look, b, b_len);
	return is_equal(&a_look, &b_look) || nick_same_folded(a, a_len, b, b_len);
}

static void skeleton_of(struct unicode_text *skeleton, const char *s, size_t len)
{
	struct unicode_text text;

	unicode_read(&text, s, len);
	confusable_skeleton(skeleton, &text);
}

/* Whether a skeleton is that of a word with a capital, or in capitals. */
static bool is_capital_word(const struct unicode_text *skeleton, const char *word, size_t len)
{
	struct unicode_text other;
	char capitals[WORD_MAX];

	if (skeleton->codes[0] != (uint32_t)(word[0] - 'a' + 'A'))
		return false;
	memcpy(capitals, word, len);
	for (size_t i = 0; i < len; i++) {
		capitals[i] = (char)(word[i] - 'a' + 'A');
		if (i == 0 || i == len - 1) {
			skeleton_of(&other, capitals, len);
			if (is_equal(skeleton, &other))
				return true;
		}
	}
	return false;
}

/*
 * Unlike names among each other, a name is compared with a word as both are written, in small
 * letters, with a capital and in capitals: ALI looks like "all" only when case is ignored.
 */
static bool is_reserved(const char *nick, size_t len)
{
	struct unicode_text folded, skeleton, word;

	look_folded(&folded, nick, len);
	skeleton_of(&skeleton, nick, len);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		size_t word_len = strlen(reserved[i]);

		skeleton_of(&word, reserved[i], word_len);
		if (is_equal(&folded, &word) || is_equal(&skeleton, &word) ||
			is_capital_word(&skeleton, reserved[i], word_len))
			return true;
	}
	return false;
}

enum nick_fault nick_check(const char *nick, size_t len)
{
	enum nick_fault fault = check_readable(nick, len);

	if (fault == NICK_FINE)
		fault = check_characters(nick, len);
	if (fault == NICK_FINE && !script_is_one(nick, len))
		fault = NICK_MIXED;
	if (fault == NICK_FINE && is_reserved(nick, len))
		fault = NICK_RESERVED;
	return fault;
}
