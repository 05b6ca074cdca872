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

/*
 * WebSocket (RFC 6455). Frames from a server are read as the lines in them, what their heads hold stands
 * before these; those to it have a mask of zeroes.
 */
static size_t hello_websocket(char *out, unsigned client, bool speaks)
{
	(void)client, (void)speaks;
	return put(out, "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
}

/* Puts the head of a frame before what stands at out + FRAME_HEAD; returns the length of both. */
enum { FRAME_HEAD = 8 };

static size_t put_frame(char *out, size_t len)
{
	size_t head = len < 126 ? 6 : 8;

	memmove(out + head, out + FRAME_HEAD, len);
	memset(out, 0, head);
	out[0] = (char)0x81;
	out[1] = (char)(0x80 | (len < 126 ? len : 126));
	if (len >= 126) {
		out[2] = (char)(len >> 8);
		out[3] = (char)len;
	}
	return head + len;
}

static bool holds(const char *line, size_t len, const char *what)
{
	size_t n = strlen(what);

	for (size_t i = 0; i + n <= len; i++)
		if (memcmp(line + i, what, n) == 0)
			return true;
	return false;
}

static size_t control_websocket(const char *line, size_t len, bool crlf, char *out, bool *joined)
{
	(void)crlf, (void)out;
	*joined = holds(line, len, "=== ");
	return 0;
}

/* chatd: a message is a line. A nick is taken after the handshake. */
static size_t hello_web(char *out, unsigned client, bool speaks)
{
	size_t len = hello_websocket(out, client, speaks), nick;

	if (!speaks)
		return len;
	nick = (size_t)sprintf(out + len + FRAME_HEAD, "/nick s%04u", client % 10000);
	return len + put_frame(out + len, nick);
}

static size_t say_web(char *out, const char *payload, size_t len)
{
	memcpy(out + FRAME_HEAD, payload, len);
	return put_frame(out, len);
}

/* A server that hands messages on as they are. */
static size_t say_message(char *out, const char *payload, size_t len)
{
	memcpy(out + FRAME_HEAD, payload, len);
	out[FRAME_HEAD + len] = '\n';
	return put_frame(out, len + 1);
}

/* NATS over WebSocket takes nothing before its own handshake is out. */
static size_t control_nats_web(const char *line, size_t len, bool crlf, char *out, bool *joined)
{
	if (len == 0 && crlf)
		return put_frame(out, hello_nats(out + FRAME_HEAD, 0, false));
	*joined = holds(line, len, "PONG");
	return 0;
}

static size_t say_nats_web(char *out, const char *payload, size_t len)
{
	return put_frame(out, say_nats(out + FRAME_HEAD, payload, len));
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
	{ "chatd-web", true, true, false, false, STAMP_TAIL, hello_web, control_websocket, say_web },
	{ "websocket", true, true, false, false, 0, hello_websocket, control_websocket, say_message },
	{ "nats-web", true, false, false, false, 0, hello_websocket, control_nats_web, say_nats_web },
};

const struct peer *peer_find(const char *name)
{
	for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++)
		if (strcmp(peers[i].name, name) == 0)
			return &peers[i];
	return NULL;
}
