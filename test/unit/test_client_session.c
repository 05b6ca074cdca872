/*
 * Sessions, and their tokens.
 */
#include "server/core/client/session.h"
#include "test/unit/unit.h"

#include <stdlib.h>

static void lose(struct sessions *a, uint32_t user_id, const char *nick, int64_t due)
{
	struct session *session = sessions_add(a);

	CHECK(session != NULL);
	*session = (struct session){ .due = due, .number = user_id + 1,
		.user = { .id = user_id, .since = user_id } };
	memset(session->user.token, (int)user_id, sizeof(session->user.token));
	user_set_nick(&session->user, (struct slice){ nick, strlen(nick) });
	CHECK_INT(ignores_add(&session->user.ignores, 1000 + user_id, "", 0), IGNORE_DONE);
}

static struct session *by_token(const struct sessions *a, uint8_t value)
{
	uint8_t token[TOKEN_BYTES];

	memset(token, value, sizeof(token));
	return sessions_by_token(a, token);
}

static void test_finding(void)
{
	struct sessions a = { 0 };
	struct session *found;

	CHECK(sessions_first(&a) == NULL && by_token(&a, 1) == NULL);
	for (uint32_t i = 1; i <= 20; i++)
		lose(&a, i, i == 5 ? "Bob" : i == 7 ? "alice" : "", 1000 - i);
	CHECK_INT(a.count, 20);
	CHECK_INT(sessions_first(&a)->user.id, 20);
	found = by_token(&a, 5);
	CHECK(found != NULL && found->user.id == 5 && found->number == 6 && found->user.since == 5);
	CHECK(ignores_user(found->user.ignores, 1005));
	CHECK(sessions_by_nick(&a, "bOB", 3) == found);
	CHECK(sessions_by_nick(&a, "bo", 2) == NULL);
	CHECK(sessions_by_nick(&a, "", 0) == NULL);
	CHECK(sessions_by_id(&a, 5) == found);
	CHECK(sessions_by_id(&a, 21) == NULL);
	/* A user with a nick is not known by a number. */
	CHECK(sessions_by_number(&a, 6) == NULL);
	CHECK_INT(sessions_by_number(&a, 4)->user.id, 3);
	CHECK(by_token(&a, 21) == NULL);
	sessions_remove(&a, found);
	CHECK(by_token(&a, 5) == NULL && sessions_by_nick(&a, "bob", 3) == NULL);
	for (uint32_t left = 19; left > 0; left--) {
		CHECK_INT(a.count, left);
		sessions_remove(&a, sessions_first(&a));
	}
	CHECK(sessions_first(&a) == NULL);
	lose(&a, 1, "", 1);
	sessions_finish(&a);
	CHECK(a.list == NULL);
	sessions_finish(&a);
}

static void test_token_text(void)
{
	static const struct {
		const char *text;
		size_t len;
	} bad[] = {
		{ "", 0 }, { "00112233445566778899aabbccddeef", 31 },
		{ "00112233445566778899aabbccddeeff0", 33 },
		{ "00112233445566778899aabbccddeefg", 32 },
		{ "g0112233445566778899aabbccddeeff", 32 },
		{ "00112233445566778899AABBCCDDEEFF", 32 },
		{ " 0112233445566778899aabbccddeeff", 32 },
		{ "0\0" "112233445566778899aabbccddeeff", 32 },
	};
	const char *text = "00112233445566778899aabbccddeeff";
	uint8_t token[TOKEN_BYTES];
	char again[TOKEN_LEN];

	CHECK(token_parse(token, text, TOKEN_LEN));
	for (size_t i = 0; i < TOKEN_BYTES; i++)
		CHECK_INT(token[i], 0x11 * i);
	token_text(again, token);
	CHECK_TEXT(again, sizeof(again), text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!token_parse(token, bad[i].text, bad[i].len));
}

static void test_tokens_equal(void)
{
	uint8_t a[TOKEN_BYTES] = { 0 }, b[TOKEN_BYTES] = { 0 };

	CHECK(tokens_equal(a, b));
	for (size_t bit = 0; bit < 8 * TOKEN_BYTES; bit++) {
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(!tokens_equal(a, b));
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static const struct unit_test tests[] = {
	{ "kept and found", test_finding },
	{ "a token as text", test_token_text },
	{ "tokens that differ in a bit", test_tokens_equal },
};

UNIT_MAIN(tests)
