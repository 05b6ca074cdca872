/*
 * The protocol of NATS, as it goes to a server (writer.h). The rule: the header Nats-Msg-Id is the
 * first of all, since a server looks for these letters anywhere in the headers, and where another
 * header holds them before, it stores the message as often as it comes.
 *
 * https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
#include "server/core/nats/writer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	ESCAPE_LEN = 6, /* of \u0000 */
	HEADERS_MAX = NATS_MSG_ID_MAX + 128,
};

static void put_pieces(struct buffer *out, const struct slice *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert(pieces[i].len == 0 || memchr(pieces[i].bytes, '\n', pieces[i].len) == NULL);
		buffer_put(out, pieces[i]);
	}
}

/* "NAME":"VALUE", as JSON has it, if there is a value. */
static void put_member(struct buffer *out, const char *name, struct slice value)
{
	static const char digits[] = "0123456789abcdef";

	if (value.len == 0)
		return;
	buffer_put_text(out, ",\"");
	buffer_put_text(out, name);
	buffer_put_text(out, "\":\"");
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.bytes[i];
		char escape[ESCAPE_LEN] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };

		if (c < ' ' || c == '"' || c == '\\')
			buffer_put(out, (struct slice){ escape, ESCAPE_LEN });
		else
			buffer_put(out, (struct slice){ value.bytes + i, 1 });
	}
	buffer_put_text(out, "\"");
}

void nats_put_connect(struct buffer *out, const struct nats_credentials *credentials,
	struct slice name)
{
	buffer_put_text(out, "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,"
		"\"no_responders\":true,\"protocol\":1,\"lang\":\"c\",\"version\":\""
		CHAT_VERSION "\"");
	put_member(out, "name", name);
	put_member(out, "user", credentials->user);
	put_member(out, "pass", credentials->password);
	put_member(out, "auth_token", credentials->token);
	buffer_put_text(out, "}\r\n");
}

/* The headers of a message, with the empty line after them; returns how long they are. */
static size_t write_headers(char out[HEADERS_MAX], const struct nats_publish *p)
{
	int len = 0;

	if (p->msg_id.len == 0 && !p->expects)
		return 0;
	assert(p->msg_id.len <= NATS_MSG_ID_MAX);
	len += snprintf(out, HEADERS_MAX, "NATS/1.0\r\n");
	if (p->msg_id.len > 0)
		len += snprintf(out + len, HEADERS_MAX - (size_t)len, "Nats-Msg-Id: %.*s\r\n",
			(int)p->msg_id.len, p->msg_id.bytes);
	if (p->expects)
		len += snprintf(out + len, HEADERS_MAX - (size_t)len,
			"Nats-Expected-Last-Subject-Sequence: %" PRIu64 "\r\n", p->expected);
	len += snprintf(out + len, HEADERS_MAX - (size_t)len, "\r\n");
	return (size_t)len;
}

void nats_put_publish(struct buffer *out, const struct nats_publish *p)
{
	char headers[HEADERS_MAX];
	size_t head = write_headers(headers, p);

	buffer_put_text(out, head > 0 ? "HPUB " : "PUB ");
	put_pieces(out, p->subject, 3);
	buffer_put_text(out, " ");
	if (p->reply[0].len > 0) {
		put_pieces(out, p->reply, 2);
		buffer_put_text(out, " ");
	}
	if (head > 0) {
		buffer_put_number(out, head);
		buffer_put_text(out, " ");
	}
	buffer_put_number(out, head + p->payload.len);
	buffer_put_text(out, "\r\n");
	buffer_put(out, (struct slice){ headers, head });
	buffer_put(out, p->payload);
	buffer_put_text(out, "\r\n");
}

void nats_put_subscribe(struct buffer *out, const struct slice subject[3], uint64_t sid)
{
	buffer_put_text(out, "SUB ");
	put_pieces(out, subject, 3);
	buffer_put_text(out, " ");
	buffer_put_number(out, sid);
	buffer_put_text(out, "\r\n");
}

void nats_put_unsubscribe(struct buffer *out, uint64_t sid)
{
	buffer_put_text(out, "UNSUB ");
	buffer_put_number(out, sid);
	buffer_put_text(out, "\r\n");
}

void nats_put_ping(struct buffer *out)
{
	buffer_put_text(out, "PING\r\n");
}

void nats_put_pong(struct buffer *out)
{
	buffer_put_text(out, "PONG\r\n");
}
