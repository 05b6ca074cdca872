/*
 * The list of claims: what opens one, and what ends it.
 */
#include "server/core/room/claims.h"

#include <string.h>

#include "test/unit/unit.h"

#define KEY "abcdefghijklmnopqrstuvwxyz"

static struct slice slice(const char *text)
{
	return (struct slice){ text, text != NULL ? strlen(text) : 0 };
}

static int add(struct claims *c, const char *nick, const char *key, int64_t used)
{
	uint8_t digest[SHA256_SIZE];

	sha256(digest, key, strlen(key));
	return claims_add(c, slice(nick), digest, used);
}

static bool open(struct claims *c, const char *nick, const char *key, const char *held)
{
	bool changed = false;
	struct claim_wish wish = { slice(nick), slice(key), slice(held) };

	return claims_open(c, &wish, 0, &changed);
}

static void test_opens(void)
{
	struct claims c = { 0 };

	CHECK(open(&c, "alice", NULL, NULL));
	CHECK_INT(add(&c, "alice", KEY, 0), 0);
	CHECK_INT(add(&c, "bob", "other", 0), 0);
	CHECK(open(&c, "carol", NULL, NULL));
	CHECK(!open(&c, "alice", NULL, NULL) && !open(&c, "ALICE", NULL, NULL));
	CHECK(!open(&c, "alice", "", NULL) && !open(&c, "alice", "other", NULL));
	CHECK(open(&c, "alice", KEY, NULL) && open(&c, "a1ice", KEY, NULL));
	CHECK(open(&c, "Alice", NULL, "alice") && !open(&c, "bob", NULL, "alice"));
	CHECK(claims_find(&c, slice("B0B")) == &c.list[1]);
	claims_remove(&c, claims_find(&c, slice("alice")));
	CHECK(open(&c, "alice", NULL, NULL) && !open(&c, "bob", NULL, NULL));
	claims_finish(&c);
}

/* What looks like two that do not look like each other needs a key for both. */
static void test_opens_both(void)
{
	struct claims c = { 0 };

	/* With a capital i: as it is written, and in small letters. */
	CHECK_INT(add(&c, "alice", KEY, 0), 0);
	CHECK_INT(add(&c, "aiice", "other", 0), 0);
	CHECK(!nick_same("alice", 5, "aiice", 5));
	CHECK(nick_same("aIice", 5, "alice", 5) && nick_same("aIice", 5, "aiice", 5));
	CHECK(!open(&c, "aIice", KEY, NULL) && !open(&c, "aIice", "other", NULL));
	CHECK(!open(&c, "aIice", NULL, "alice"));
	claims_finish(&c);
}

static void test_ends(void)
{
	enum { LONG = CLAIM_DAYS * 24 * 3600 };
	struct claims c = { 0 };

	CHECK_INT(add(&c, "alice", KEY, 100), 0);
	CHECK_INT(add(&c, "bob", KEY, 101), 0);
	CHECK(!claims_expire(&c, LONG + 100));
	CHECK(claims_expire(&c, LONG + 101));
	CHECK_INT(c.count, 1);
	/* Used within a day is used. */
	CHECK(!claims_touch(&c, slice("bob"), 24 * 3600 + 101));
	CHECK(claims_touch(&c, slice("bob"), 24 * 3600 + 102));
	CHECK(!claims_touch(&c, slice("alice"), LONG));
	CHECK(!claims_expire(&c, LONG + 24 * 3600 + 102));
	CHECK(claims_expire(&c, LONG + 24 * 3600 + 103));
	CHECK_INT(c.count, 0);
	claims_finish(&c);
}

static void test_keys(void)
{
	uint8_t random[CLAIM_KEY_LEN];
	char key[CLAIM_KEY_LEN];

	for (unsigned i = 0; i < CLAIM_KEY_LEN; i++)
		random[i] = (uint8_t)(i + 6 + 32 * i);
	claim_make_key(key, random);
	CHECK_TEXT(key, sizeof(key), "ghijklmnopqrstuvwxyz234567");
	CHECK(claim_is_key((struct slice){ key, sizeof(key) }));
	CHECK(claim_is_key(slice(KEY)));
	CHECK(!claim_is_key(slice(KEY "a")) && !claim_is_key((struct slice){ KEY, 25 }));
	CHECK(!claim_is_key(slice("Abcdefghijklmnopqrstuvwxyz")));
	CHECK(!claim_is_key(slice("1bcdefghijklmnopqrstuvwxyz")));
	CHECK(!claim_is_key((struct slice){ "\0bcdefghijklmnopqrstuvwxyz", 26 }));
}

static const struct unit_test tests[] = {
	{ "what opens one", test_opens },
	{ "what opens two", test_opens_both },
	{ "when one ends", test_ends },
	{ "keys", test_keys },
};

UNIT_MAIN(tests)
