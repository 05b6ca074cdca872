/*
 * Requests over a link (js_io.h). The rule: a number is used once in the life of the program, so an
 * answer that comes late is an answer to nothing.
 */
#include "server/core/nats/js_io.h"

#include <string.h>

#include "proto/text.h"

struct slice js_text(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

struct slice js_number_text(char out[JS_NUMBER_MAX], uint64_t number)
{
	return (struct slice){ out, text_put_number(out, number) };
}

uint64_t js_number_of(const struct js_io *io, struct slice subject)
{
	uint64_t number = 0;

	if (subject.len > JS_INBOX_LEN && memcmp(subject.bytes, io->inbox, JS_INBOX_LEN) == 0)
		text_number(subject.bytes + JS_INBOX_LEN, subject.len - JS_INBOX_LEN, UINT64_MAX,
			&number);
	return number;
}

struct slice js_deliver_text(char out[JS_NUMBER_MAX + 2], uint64_t sid)
{
	memcpy(out, "c.", 2);
	return (struct slice){ out, 2 + text_put_number(out + 2, sid) };
}

uint64_t js_call(struct js_io *io, const char *verb, struct slice stream, struct slice payload)
{
	char text[JS_NUMBER_MAX];
	uint64_t number = ++io->last_number;
	struct nats_publish p = {
		.subject = { { "$JS.API.", 8 }, js_text(verb), stream },
		.reply = { { io->inbox, JS_INBOX_LEN }, js_number_text(text, number) },
		.payload = payload,
	};

	nats_put_publish(&io->link.out, &p);
	return number;
}

void js_send(struct js_io *io, struct slice subject, struct slice payload)
{
	struct nats_publish p = { .subject = { subject }, .payload = payload };

	nats_put_publish(&io->link.out, &p);
}
