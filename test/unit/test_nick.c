/*
 * Names: every rule, and which names are the same.
 */
#include "server/core/client/nick.h"
#include "proto/confusable.h"
#include "proto/limits.h"
#include "proto/script.h"
#include "proto/text.h"
#include "proto/unicode.h"
#include "test/unit/unit.h"

#include <stdlib.h>

static enum nick_fault check(const char *s, size_t len)
{
	char nick[NICK_MAX];
	size_t n;
	enum nick_fault fault = nick_normalize(s, len, nick, &n);

	return fault == NICK_FINE ? nick_check(nick, n) : fault;
}

static void test_length(void)
{
	const char *nick = "0123456789abcdef0123456789abcdefg";

	CHECK_INT(check(nick, 0), NICK_EMPTY);
	CHECK_INT(check(nick, 1), NICK_FINE);
	CHECK_INT(check(nick, NICK_MAX - 1), NICK_FINE);
	CHECK_INT(check(nick, NICK_MAX), NICK_FINE);
	CHECK_INT(check(nick, NICK_MAX + 1), NICK_TOO_LONG);
	CHECK_INT(nick_check(nick, NICK_MAX + 1), NICK_TOO_LONG);
	CHECK_INT(nick_check(nick, 0), NICK_EMPTY);
}

/* What counts is the length of the form that is kept. */
static void test_length_in_nfc(void)
{
	char nick[3 * NICK_MAX + 1] = { 0 };

	/* Sixteen decomposed letters are 48 bytes, and 32 in NFC; ten with two marks are 30. */
	for (size_t i = 0; i < 17; i++)
		memcpy(nick + 3 * i, "o\xcc\x88", 3);
	CHECK_INT(check(nick, 3 * 15), NICK_FINE);
	CHECK_INT(check(nick, 3 * 16), NICK_FINE);
	CHECK_INT(check(nick, 3 * 17), NICK_TOO_LONG);
	for (size_t i = 0; i < 10; i++)
		memcpy(nick + 9 * i, "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 9);
	CHECK_INT(check(nick, 90), NICK_FINE);
	memcpy(nick + 90, "aaaaaaa", 7);
	CHECK_INT(check(nick, 91), NICK_FINE);
	CHECK_INT(check(nick, 92), NICK_FINE);
	CHECK_INT(check(nick, 93), NICK_TOO_LONG);
	/* A letter that grows: seven bytes become 24. */
	CHECK_INT(check("\xf0\x9d\x85\xa0\xf0\x9d\x85\xa0", 8), NICK_FINE);
	CHECK_INT(check("\xf0\x9d\x85\xa0\xf0\x9d\x85\xa0\xf0\x9d\x85\xa0", 12), NICK_TOO_LONG);
}

struct row {
	const char *nick;
	enum nick_fault fault;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum nick_fault fault = check(rows[i].nick, strlen(rows[i].nick));

		if (fault != rows[i].fault)
			printf("# %s %s\n", rows[i].nick, nick_rule(fault));
		CHECK_INT(fault, rows[i].fault);
	}
}

/* Which ASCII characters may come first, in between, and last. */
static void test_ascii(void)
{
	for (int c = 0; c < 128; c++) {
		char first[] = { (char)c, 'b' }, between[] = { 'b', (char)c, 'b' };
		enum nick_fault never = c <= ' ' || c == 0x7f ? NICK_INVISIBLE
			: c == '[' || c == ']' || c == ':'    ? NICK_BRACKET
							      : NICK_FINE;
		bool not_first = c != 0 && strchr("#*=!/@+", c) != NULL;
		bool not_last = c != 0 && strchr(",.;", c) != NULL;

		CHECK_INT(check(between, 3), never);
		CHECK_INT(check(first, 2), not_first ? NICK_BAD_START : never);
		CHECK_INT(check(between, 2), not_last ? NICK_BAD_END : never);
		CHECK_INT(check(first, 1),
			not_first ? NICK_BAD_START : not_last ? NICK_BAD_END : never);
	}
}

/* Nothing that can't be seen, anywhere, and no mark at the beginning. */
static void test_code_points(void)
{
	for (uint32_t code = 0x80; code < 0x110000; code++) {
		char nick[6] = "b";
		size_t len = 1;
		bool is_hidden = text_is_invisible(code);

		/* Of the many that are alike, some. */
		if ((code >= 0xd800 && code < 0xe000) ||
			(code % 61 != 0 && (code >= 0x3400 || is_hidden) &&
				is_hidden == text_is_invisible(code - 1)))
			continue;
		len += text_encode(nick + 1, code);
		nick[len++] = 'b';
		CHECK_INT(nick_check(nick, len) == NICK_INVISIBLE, is_hidden);
		CHECK_INT(nick_check(nick, len) == NICK_MIXED,
			!is_hidden && !script_is_one(nick, len));
		if (!is_hidden)
			CHECK_INT(nick_check(nick + 1, len - 2) == NICK_MARK_FIRST,
				unicode_is_mark(code));
	}
}

static void test_places(void)
{
	static const struct row rows[] = {
		{ "\xcc\x81", NICK_MARK_FIRST },
		{ "\xcc\x81" "a", NICK_MARK_FIRST },
		{ "e\xcc\x81", NICK_FINE },
		{ "alice,", NICK_BAD_END },
		{ "@alice", NICK_BAD_START },
		{ "+alice", NICK_BAD_START },
		{ "a.b,c;d", NICK_FINE },
		{ "a@b+c#d", NICK_FINE },
		{ "...a", NICK_FINE },
		/* GREEK QUESTION MARK is ; in NFC */
		{ "\xce\xb1\xcd\xbe", NICK_BAD_END },
		/* full width */
		{ "\xef\xbc\x83" "1", NICK_BAD_START },
		{ "\xef\xbc\x8a", NICK_BAD_START },
		{ "a\xef\xbc\x9a", NICK_BRACKET },
		{ "\xef\xbc\xbb" "a\xef\xbc\xbd", NICK_BRACKET },
		{ "a\xef\xbc\x8c", NICK_BAD_END },
	};

	check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_bad_utf8(void)
{
	static const char *const bad[] = { "\x80", "a\xff", "\xc0\xaf", "a\xe2\x82", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "a\xc3" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_INT(check(bad[i], strlen(bad[i])), NICK_NOT_UTF8);
		CHECK_INT(nick_check(bad[i], strlen(bad[i])), NICK_NOT_UTF8);
		CHECK(!nick_is_readable(bad[i], strlen(bad[i])));
	}
	CHECK_INT(check("\xef\xbf\xbd", 3), NICK_FINE);
}

/* Granted by an earlier version, and kept over an upgrade. */
static void test_readable(void)
{
	static const char *const readable[] = { "alice,", "@alice", "admin", "\xcc\x81",
		"\xd0\xb0lice" };
	static const char *const not_readable[] = { "", "#1", "*a", "=a", "!a", "/a", "a[b", "a]",
		"a:b", "a b", "a\x7f", "0123456789abcdef0123456789abcdefg" };

	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		CHECK(nick_is_readable(readable[i], strlen(readable[i])));
	for (size_t i = 0; i < sizeof(not_readable) / sizeof(not_readable[0]); i++)
		CHECK(!nick_is_readable(not_readable[i], strlen(not_readable[i])));
}

static void test_reserved(void)
{
	static const struct row rows[] = {
		{ "you", NICK_RESERVED }, { "YOU", NICK_RESERVED }, { "You", NICK_RESERVED },
		{ "yOu", NICK_RESERVED }, { "y0u", NICK_RESERVED }, { "Server", NICK_RESERVED },
		{ "admin", NICK_RESERVED }, { "adrnin", NICK_RESERVED },
		{ "adm\xc4\xb1n", NICK_RESERVED },     /* a dotless i */
		{ "ADM\xc4\xb0N", NICK_RESERVED },     /* a capital with a dot */
		{ "admi\xcc\x87n", NICK_RESERVED },    /* a second dot */
		{ "operator", NICK_RESERVED }, { "0perat0r", NICK_RESERVED },
		{ "chatd", NICK_RESERVED }, { "CHATD", NICK_RESERVED },
		{ "announcement", NICK_RESERVED }, { "everyone", NICK_RESERVED },
		{ "all", NICK_RESERVED }, { "a11", NICK_RESERVED }, { "aII", NICK_RESERVED },
		{ "AII", NICK_RESERVED }, { "A||", NICK_RESERVED },
		{ "\xef\xbd\x99\xef\xbd\x8f\xef\xbd\x95", NICK_RESERVED }, /* full width */
		{ "\xf0\x9d\x90\x9a\xf0\x9d\x90\xa5\xf0\x9d\x90\xa5", NICK_RESERVED }, /* bold */
		{ "\xe2\x93\x90\xe2\x93\x9b\xe2\x93\x9b", NICK_RESERVED }, /* circled */
		{ "ali", NICK_FINE }, { "Ali", NICK_FINE }, { "ALI", NICK_FINE },
		{ "yo", NICK_FINE }, { "youu", NICK_FINE }, { "serve", NICK_FINE },
		{ "servers", NICK_FINE }, { "admins", NICK_FINE }, { "ally", NICK_FINE },
		{ "b\xc3\xa5ll", NICK_FINE }, { "every1", NICK_FINE },
	};

	check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* As people write them; all of these may be here at the same time. */
static void test_thirty_scripts(void)
{
	static const char *const names[] = { "Zoë", "O'Brien", "Jean-Luc", "María_José", "Nguyễn",
		"Işıl", "İlker", "Þór", "Łukasz", "Ελένη", "Γιώργος", "Алёна", "Юрій", "Ђорђе",
		"Անահիտ", "שרה", "מֹשֶׁה", "محمد", "علی", "ܡܪܝܡ", "އައިޝަތު", "ߞߊߟߊ", "प्रिया", "অনন্যা",
		"ਗੁਰਪ੍ਰੀਤ", "કૃષ્ણ", "ସୁବାସ", "கண்ணன்", "రాజేష్", "ಸುರೇಶ್", "ലക്ഷ്മി", "නිමල්", "สมชาย",
		"ສົມພອນ", "བསོད་ནམས", "အောင်", "ნინო", "김철수", "አበበ", "ᏣᎳᎩ", "ᐃᓄᒃ", "សុភា",
		"ᠪᠠᠲᠤ", "さくら", "サクラ", "ヴィー", "王小明", "桜の木", "ㄅㄛ", "王ㄅ", "Kevin王", "김小明",
		"Bobさくら", "ꆈꌠ", "ⵣⵉⵔⵉ", "ꦱꦿꦶ", "ᬓᭂᬢᬸᬢ᭄", "ꕙꔤ", "𞤀𞤣𞤤𞤢𞤥", "𐓏𐓘𐓻", "Алёна42",
		"محمد٢", "प्रिया२", "🐎", "🐎bob", "a→b", "ǃXóõ", "Kʼawiil" };
	size_t count = sizeof(names) / sizeof(names[0]);

	for (size_t i = 0; i < count; i++) {
		enum nick_fault fault = check(names[i], strlen(names[i]));

		if (fault != NICK_FINE)
			printf("# %s %s\n", names[i], nick_rule(fault));
		CHECK_INT(fault, NICK_FINE);
		for (size_t j = 0; j < i; j++) {
			if (nick_same(names[i], strlen(names[i]), names[j], strlen(names[j])))
				printf("# %s is %s\n", names[i], names[j]);
			CHECK(!nick_same(names[i], strlen(names[i]), names[j], strlen(names[j])));
		}
	}
}

static void test_mixed(void)
{
	static const char *const names[] = { "аlice", "Αlice", "alicе", "Bоb", "раypal", "Ωmega",
		"aא", "aب", "김さ", "a김さ", "жא", "अa", "王ж", "ไa", "аα" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK_INT(check(names[i], strlen(names[i])), NICK_MIXED);
}

/* Both ways, and what is kept beside names says the same. */
static void check_same(const char *a, const char *b, bool want)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	bool same = nick_same(a, a_len, b, b_len);

	if (same != want)
		printf("# %s and %s\n", a, b);
	CHECK_INT(same, want);
	CHECK_INT(nick_same(b, b_len, a, a_len), want);
	CHECK(!same || nick_hash_meets(nick_hash(a, a_len), nick_hash(b, b_len)));
	if (nick_same_folded(a, a_len, b, b_len))
		CHECK_INT(nick_hash(a, a_len).folded, nick_hash(b, b_len).folded);
}

static void test_same(void)
{
	static const char *const same[][2] = {
		{ "alice", "alice" }, { "alice", "Alice" }, { "alice", "ALICE" },
		{ "alice", "аlice" }, { "alice", "ａｌｉｃｅ" }, { "alice", "ＡＬＩＣＥ" },
		{ "alice", "a1ice" }, { "alice", "aIice" }, { "alice", "a|ice" },
		{ "alice", "alıce" }, { "alice", "alİce" }, { "alice", "ali\xcc\x87" "ce" },
		{ "alice", "𝐚𝐥𝐢𝐜𝐞" }, { "alice", "ⓐⓛⓘⓒⓔ" }, { "alice", "ᵃlⁱᶜᵉ" },
		{ "bob", "b0b" }, { "bob", "BOB" }, { "bob", "ВОВ" }, { "tom", "ТОМ" },
		{ "TOM", "ТОМ" }, { "tom", "torn" }, { "Ömer", "ömer" }, { "Ömer", "O\xcc\x88MER" },
		{ "KATE", "ΚΑΤΕ" }, { "kate", "КАТЕ" }, { "Straße", "STRASSE" },
		{ "σίσυφος", "ΣΊΣΥΦΟΣ" }, { "Дима", "ДИМА" }, { "ţ", "ț" },
		{ "一", "⼀" }, { "か\xe3\x82\x99", "が" },
	};
	static const char *const different[][2] = {
		{ "alice", "alicia" }, { "ali", "all" }, { "Ali", "All" }, { "bob", "rob" },
		{ "Ömer", "Omer" }, { "Дима", "Dima" }, { "user1", "user2" }, { "van", "nan" },
		{ "ALICE", "aIice" }, { "", "a" }, { "a", "aa" }, { "my", "mu" }, { "さ", "サ" },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		check_same(same[i][0], same[i][1], true);
	for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++)
		check_same(different[i][0], different[i][1], false);
	/* Called by a name one is called by its case only. */
	CHECK(nick_same_folded("alice", 5, "ALICE", 5) && nick_same_folded("alice", 5, "a1ice", 5));
	CHECK(!nick_same_folded("alice", 5, "aIice", 5));
}

/*
 * The common pairs of two alphabets: Latin letters beside Cyrillic and Greek ones, and all of them
 * beside those of full width and four of mathematics.
 */
static void test_common_pairs(void)
{
	static const char *const pairs[][2] = { { "A", "АΑ" }, { "B", "ВΒ" }, { "C", "СϹ" },
		{ "E", "ЕΕ" }, { "H", "НΗ" }, { "I", "ІΙӀ" }, { "J", "Ј" }, { "K", "КΚ" },
		{ "M", "МΜ" }, { "N", "Ν" }, { "O", "ОΟ" }, { "P", "РΡ" }, { "Q", "Ԛ" },
		{ "S", "Ѕ" }, { "T", "ТΤ" }, { "W", "Ԝ" }, { "X", "ХΧ" }, { "Y", "ҮΥУ" },
		{ "Z", "Ζ" }, { "a", "аα" }, { "c", "сϲ" }, { "d", "ԁ" }, { "e", "е" },
		{ "g", "ց" }, { "h", "һ" }, { "i", "іι" }, { "j", "јϳ" }, { "l", "І" },
		{ "o", "оο" }, { "p", "рρ" }, { "q", "ԛ" }, { "r", "г" }, { "s", "ѕ" },
		{ "u", "υ" }, { "v", "νѵ" }, { "w", "ԝ" }, { "x", "х" }, { "y", "уγү" } };
	static const uint32_t upper[] = { 0xff21, 0x1d400, 0x1d468, 0x1d4d0, 0x1d5a0 };
	static const uint32_t lower[] = { 0xff41, 0x1d41a, 0x1d482, 0x1d4ea, 0x1d5ba };
	size_t count = 0;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *at = pairs[i][1], *end = at + strlen(at);

		while (at < end) {
			char other[5] = { 0 };
			uint32_t code;

			at += text_decode(at, (size_t)(end - at), &code, NULL);
			text_encode(other, code);
			check_same(pairs[i][0], other, true);
			count++;
		}
	}
	for (int letter = 0; letter < 26; letter++) {
		for (size_t style = 0; style < sizeof(upper) / sizeof(upper[0]); style++) {
			char small[2] = { (char)('a' + letter) }, big[2] = { (char)('A' + letter) };
			char other[5] = { 0 };

			text_encode(other, upper[style] + (uint32_t)letter);
			check_same(big, other, true);
			memset(other, 0, sizeof(other));
			text_encode(other, lower[style] + (uint32_t)letter);
			check_same(small, other, true);
			count += 2;
		}
	}
	CHECK(count >= 200);
}

/* No look is too long for the place it is made in: else two long names could look the same. */
static void test_longest_look(void)
{
	for (uint32_t code = 0x21; code < 0x110000; code++) {
		struct unicode_text text, look;
		char letter[4], a[NICK_MAX], b[NICK_MAX];
		size_t n = text_encode(letter, code), len = 0;

		if ((code >= 0xd800 && code < 0xe000) || text_is_invisible(code))
			continue;
		/* Even if folding made three of each, the others are too short. */
		unicode_read(&text, letter, n);
		confusable_skeleton(&look, &text);
		if (look.count < 2 || 3 * look.count * NICK_MAX / n < UNICODE_TEXT_MAX / 2)
			continue;
		while (len + n + 1 <= NICK_MAX) {
			memcpy(a + len, letter, n);
			len += n;
		}
		memcpy(b, a, len);
		a[len] = 'x';
		b[len] = 'z';
		if (nick_same(a, len + 1, b, len + 1)) {
			printf("# U+%04X\n", (unsigned)code);
			CHECK(!"a look was cut");
		}
	}
}

static const struct unit_test tests[] = {
	{ "length", test_length },
	{ "length in NFC", test_length_in_nfc },
	{ "ASCII", test_ascii },
	{ "code points", test_code_points },
	{ "places", test_places },
	{ "bad UTF-8", test_bad_utf8 },
	{ "granted earlier", test_readable },
	{ "reserved", test_reserved },
	{ "thirty scripts", test_thirty_scripts },
	{ "scripts mixed", test_mixed },
	{ "the same", test_same },
	{ "two hundred pairs", test_common_pairs },
	{ "the longest looks", test_longest_look },
};

UNIT_MAIN(tests)
