#include "test/bench/peer.h"

#include <stdio.h>
#include <string.h>

static bool begins(const char *line, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(line, with, n) == 0;
}

static size_t put(char *out, const char *text)
{
	size_t len = strlen(text);

	memcpy(out, text, len);
	return len;
}

static size_t hello_none(char *out, unsigned client, bool speaks)
{
	(void)out, (void)client, (void)speaks;
	return 0;
}

static size_t say_line(char *out, const char *payload, size_t len)
{
	memcpy(out, payload, len);
	out[len] = '\n';
	return len + 1;
}

/*
 * chatd, and the floors, which speak as it does. Those who speak take a nick of five letters, so
 * that name and stamp come to 36 bytes: "[s0001]: " and " --Wed Oct 19 21:24:05 2022".
 */
enum { STAMP_TAIL = 27 };

static size_t hello_chatd(char *out, unsigned client, bool speaks)
{
	return speaks ? (size_t)sprintf(out, "/nick s%04u\n", client % 10000) : 0;
}

static size_t control_chatd(const char *line, size_t len, bool crlf, char *out, bool *joined)
{
	(void)crlf, (void)out;
	*joined = begins(line, len, "=== ");
	return 0;
}

/* A telnet user or the like: the first line that ends with CRLF makes all lines do so. */
static size_t hello_crlf(char *out, unsigned client, bool speaks)
{
	size_t len = hello_chatd(out, client, speaks);

	return len + put(out + len, "/stats\r\n");
}

static size_t control_crlf(const char *line, size_t len, bool crlf, char *out, bool *joined)
{
	(void)out;
	*joined = crlf && begins(line, len, "=== ");
	return 0;
}

static size_t hello_tagged(char *out, unsigned client, bool speaks)
{
	size_t len = hello_chatd(out, client, speaks);

	return len + put(out + len, "/resume\n");
}

static size_t control_tagged(const char *line, size_t len, bool crlf, char *out, bool *joined)
{
	(void)crlf, (void)out;
	*joined = begins(line, len, "=== resume ");
	return 0;
}

/*
 * ncat --chat: "<user5> text" to all but who said it. A newcomer is told of itself first, then of
 * the others, in a line that has no end when they are more than ten.
 */
static size_t control_ncat(const char *line, size_t len, bool crlf, char *out, bool *joined)
{
	(void)crlf, (void)out;
	*joined = begins(line, len, "<announce> ");
	return 0;
}

/* IRC (RFC 2812): ":nick!user@host PRIVMSG #c :text" to all but who said it. */
static size_t hello_irc(char *out, unsigned client, bool speaks)
{
	(void)speaks;
	return (size_t)sprintf(out, "NICK n%u\r\nUSER bench 0 * :bench\r\n", client);
}

static size_t control_irc(const char *line, size_t len, bool crlf, char *out, bool *joined)
{
	const char *space;

	(void)crlf;
	if (begins(line, len, "PING ")) {
		out[0] = 'P';
		out[1] = 'O';
		len = len < 200 ? len : 200;
		memcpy(out + 2, line + 2, len - 2);
		return len + put(out + len, "\r\n");
	}
	space = memchr(line, ' ', len);
	if (!space)
		return 0;
	len -= (size_t)(space - line);
	if (begins(space, len, " 376 ") || begins(space, len, " 422 "))
		return put(out, "JOIN #c\r\n");
	*joined = begins(space, len, " 366 ");
	return 0;
}

static size_t say_irc(char *out, const char *payload, size_t len)
{
	size_t head = put(out, "PRIVMSG #c :");

	memcpy(out + head, payload, len);
	return head + len + put(out + head + len, "\r\n");
}

/* Redis (RESP2): a subscriber may not publish. */
static size_t hello_redis(char *out, unsigned client, bool speaks)
{
	(void)client;
	return put(out, speaks ? "PING\r\n" : "SUBSCRIBE c\r\n");
}

static size_t control_redis(const char *line, size_t len, bool crlf, char *out, bool *joined)
{
	(void)crlf, (void)out;
	*joined = begins(line, len, ":1") || begins(line, len, "+PONG");
	return 0;
}

static size_t say_redis(char *out, const char *payload, size_t len)
{
	size_t head = (size_t)sprintf(out, "*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$%zu\r\n", len);

	memcpy(out + head, payload, len);
	return head + len + put(out + head + len, "\r\n");
}

static size_t hello_nats(char *out, unsigned client, bool speaks)
{
	(void)client, (void)speaks;
	return put(out, "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB c 1\r\nPING\r\n");
}

static size_t control_nats(const char *line, size_t len, bool crlf, char *out, bool *joined)
{
	(void)crlf;
	if (begins(line, len, "PING"))
		return put(out, "PONG\r\n");
	*joined = begins(line, len, "PONG");
	return 0;
}

static size_t say_nats(char *out, const char *payload, size_t len)
{
	size_t head = (size_t)sprintf(out, "PUB c %zu\r\n", len);

	memcpy(out + head, payload, len);
	return head + len + put(out + head + len, "\r\n");
}

/*
 * MQTT 3.1.1, QoS 0, topic "c". It is no line protocol, but each payload is made to end with LF,
 * and the packet identifier of SUBSCRIBE is 10, so that SUBACK has an LF in it too.
 */
static size_t hello_mqtt(char *out, unsigned client, bool speaks)
{
	static const char subscribe[] = { (char)0x82, 6, 0, 10, 0, 1, 'c', 0 };
	size_t id;

	(void)speaks;
	memcpy(out, "\x10\0\0\4MQTT\4\2\0\0\0", 13);
	id = (size_t)sprintf(out + 14, "bench%u", client);
	out[1] = (char)(12 + id);
	out[13] = (char)id;
	memcpy(out + 14 + id, subscribe, sizeof(subscribe));
	return 14 + id + sizeof(subscribe);
}

static size_t control_mqtt(const char *line, size_t len, bool crlf, char *out, bool *joined)
{
	(void)crlf, (void)out;
	*joined = len >= 3 && memcmp(line + len - 3, "\x90\3\0", 3) == 0;
	return 0;
}

static size_t say_mqtt(char *out, const char *payload, size_t len)
{
	size_t rest = 2 + 1 + len + 1, at = 0;

	out[at++] = 0x30;
	for (; rest >= 128; rest >>= 7)
		out[at++] = (char)(0x80 | (rest & 127));
	out[at++] = (char)rest;
	memcpy(out + at, "\0\1c", 3);
	at += 3;
	memcpy(out + at, payload, len);
	out[at + len] = '\n';
	return at + len + 1;
}

static const struct peer peers[] = {
	{ "chatd", true, true, false, false, STAMP_TAIL, hello_chatd, control_chatd, say_line },
	{ "chatd-crlf", true, true, false, true, STAMP_TAIL, hello_crlf, control_crlf, say_line },
	{ "chatd-tagged", true, true, false, false, STAMP_TAIL, hello_tagged, control_tagged,
		say_line },
	{ "floor", true, true, false, false, STAMP_TAIL, hello_none, control_chatd, say_line },
	{ "ncat", false, false, false, false, 0, hello_none, control_ncat, say_line },
	{ "irc", false, false, false, false, 0, hello_irc, control_irc, say_irc },
	{ "redis", true, true, true, false, 0, hello_redis, control_redis, say_redis },
	{ "nats", true, false, false, false, 0, hello_nats, control_nats, say_nats },
	{ "mqtt", true, false, false, false, 0, hello_mqtt, control_mqtt, say_mqtt },
};

const struct peer *peer_find(const char *name)
{
	for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++)
		if (strcmp(peers[i].name, name) == 0)
			return &peers[i];
	return NULL;
}
