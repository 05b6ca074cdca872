/*
 * What chatd 1.0.0 handed to its successor, as recorded by record_snapshot.py: an operator (#1),
 * one with a token who ignores dave (#2), a telnet client in the middle of a line (#3), and dave,
 * whose connection was lost. Those who were there go on as if nothing had happened.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/chat.h"
#include "test/unit/unit.h"

static const struct {
	int64_t usec;
	const char *token;
	const char *bytes;
} recorded = {
#include "test/unit/snapshot_1_0_0.inc"
};

enum { OPERATOR, BOB, TELNET, HEARD_MAX = 16384 };

static struct log unread_log;
static char heard[HEARD_MAX];

static void fill(void *buffer, size_t len)
{
	memset(buffer, 7, len);
}

static void add_recorded_bytes(struct codec *p)
{
	unsigned byte;

	for (const char *s = recorded.bytes; sscanf(s, "%2x", &byte) == 1; s += 2)
		codec_number(p, byte, 1, UINT8_MAX);
	codec_rewind(p);
}

static struct chat *load(void)
{
	struct settings settings = { .max_message = 1024, .rate = 10, .burst = 40, .replay = 10,
		.announce_max = 50, .operator_password = "sesame" };
	struct time now = { recorded.usec, 1666214645 };
	struct codec p = { 0 };
	const char *why = NULL;
	struct chat *chat;

	add_recorded_bytes(&p);
	CHECK(log_init(&unread_log, false) == 0);
	chat = chat_load(&p, &(struct chat_setup){ &settings, &unread_log, fill, now }, &why);
	codec_finish(&p);
	CHECK(chat != NULL);
	if (chat == NULL)
		printf("# %s\n", why);
	return chat;
}

static void unload(struct chat *chat)
{
	chat_destroy(chat);
	log_finish(&unread_log);
}

/* Sends a place what it is owed, and adds it to what was heard if asked to. */
static void send_all(struct chat *chat, uint32_t place, size_t *len)
{
	struct iovec iov[CHAT_IOV];
	int count;

	while ((count = chat_output(chat, place, iov)) > 0) {
		size_t sent = 0;

		for (int i = 0; i < count; i++) {
			if (len != NULL && *len + iov[i].iov_len < sizeof(heard)) {
				memcpy(heard + *len, iov[i].iov_base, iov[i].iov_len);
				*len += iov[i].iov_len;
			}
			sent += iov[i].iov_len;
		}
		chat_sent(chat, place, sent);
	}
}

/* Says a line at a place, and takes what another one is sent then, as a string. */
static const char *hear(struct chat *chat, uint32_t from, const char *line, uint32_t to)
{
	size_t len = 0;

	chat_receive(chat, from, (const uint8_t *)line, strlen(line));
	for (int turn = 0; turn < 2; turn++) {
		chat_resume_input(chat);
		for (uint32_t place = OPERATOR; place <= TELNET; place++)
			send_all(chat, place, place == to ? &len : NULL);
		chat_tick(chat);
	}
	heard[len] = '\0';
	return heard;
}

static bool hears(struct chat *chat, uint32_t from, const char *line, uint32_t to, const char *part)
{
	bool found = strstr(hear(chat, from, line, to), part) != NULL;

	if (!found)
		unit_print("heard", heard, strlen(heard));
	return found;
}

static void test_who_was_there_goes_on(void)
{
	struct chat *chat = load();

	if (chat == NULL)
		return;
	CHECK_INT(chat_clients(chat), 3);
	CHECK(hears(chat, OPERATOR, "/bans\n", OPERATOR, "198.51.100.0/24"));
	CHECK(hears(chat, BOB, "/ignore\n", BOB, "dave"));
	CHECK(hears(chat, TELNET, "ine\r\n", BOB, " [#3]: half a line --"));
	CHECK(hears(chat, BOB, "/me waves\n", TELNET, "* bob waves --"));
	CHECK(strstr(heard, "\r\n") != NULL);
	CHECK(hears(chat, BOB, "/r thanks\n", OPERATOR, "[bob -> you]: thanks --"));
	CHECK(hears(chat, OPERATOR, "/replay\n", OPERATOR, "[bob]: said by bob --"));
	unload(chat);
}

static void test_a_nick_that_was_kept_is_kept(void)
{
	struct chat *chat = load();

	if (chat == NULL)
		return;
	CHECK(hears(chat, TELNET, "\r\n/nick dave\r\n", TELNET, "!!! "));
	unload(chat);
}

static void test_a_token_is_still_good(void)
{
	struct chat *chat = load();
	char line[80];

	if (chat == NULL)
		return;
	snprintf(line, sizeof(line), "\r\n/resume 1 %s\r\n", recorded.token);
	CHECK(hears(chat, TELNET, line, TELNET, "=== resume "));
	CHECK(hears(chat, TELNET, "it is me\r\n", TELNET, "[bob]: it is me --"));
	unload(chat);
}

static const struct unit_test tests[] = {
	{ "1.0.0: everybody who was there goes on", test_who_was_there_goes_on },
	{ "1.0.0: a nick that was kept is kept", test_a_nick_that_was_kept_is_kept },
	{ "1.0.0: a token is still good", test_a_token_is_still_good },
};

UNIT_MAIN(tests)
