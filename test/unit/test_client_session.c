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
	session->due = due;
	session->number = user_id + 1;
	session->user = (struct user){ .id = user_id, .since = user_id, .has_token = true };
	memset(session->user.token, (int)user_id, sizeof(session->user.token));
	user_set_nick(&session->user, (struct slice){ nick, strlen(nick) });
	CHECK_INT(ignores_add(&session->user.ignores, 1000 + user_id, "", 0), IGNORE_DONE);
	sessions_note_user(a, session);
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
		lose(&a, i, i == 5 ? "Bob" : i == 7 ? "alice" : "", 1000 + i);
	CHECK_INT(a.count, 20);
	CHECK_INT(sessions_first(&a)->user.id, 1);
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

/* Many that come and go, in any order: each is found, what has gone is not, and the first is. */
static void test_many(void)
{
	enum { MANY = 200, STEPS = 5000 };
	struct sessions a = { 0 };
	bool kept[MANY + 1] = { false };
	uint32_t random = 1, count = 0;

	for (int step = 0; step < STEPS; step++) {
		uint32_t id;

		random = random * 1103515245 + 12345;
		id = random / 65536 % MANY + 1;
		if (!kept[id])
			lose(&a, id, "", step);
		else
			sessions_remove(&a, sessions_by_id(&a, id));
		kept[id] = !kept[id];
		count += kept[id] ? 1 : -1;
		CHECK_INT(a.count, count);
		CHECK((by_token(&a, (uint8_t)id) != NULL) == kept[id]);
		CHECK((sessions_by_number(&a, id + 1) != NULL) == kept[id]);
	}
	for (struct session *s = NULL, *before = NULL; (s = sessions_next(&a, s)) != NULL; before = s)
		CHECK(kept[s->user.id] && (before == NULL || before->due < s->due));
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
	{ "many that come and go", test_many },
	{ "a token as text", test_token_text },
	{ "tokens that differ in a bit", test_tokens_equal },
};

UNIT_MAIN(tests)
