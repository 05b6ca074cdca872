/*
 * The protocol of NATS, as it comes from a server (protocol.h). It is lines of text that end with
 * CR LF, and after those of MSG and HMSG as many bytes as they say. Nothing is remembered between
 * calls: an operation is looked at from its beginning until it is whole, and no byte after it is.
 *
 * https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
#include "server/core/nats/protocol.h"

#include <string.h>

#include "proto/text.h"

enum { WORDS_MAX = 5, END_LEN = 2 }; /* after the name of an operation; CR LF */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The line at the beginning of the bytes, without its end; *used is its length with that. */
static enum nats_outcome take_line(struct slice *line, const char *bytes, size_t len, size_t *used)
{
	size_t seen = len < NATS_LINE_MAX ? len : NATS_LINE_MAX;
	const char *end = seen > 0 ? memchr(bytes, '\n', seen) : NULL;

	*used = len + 1;
	if (end == NULL)
		return len < NATS_LINE_MAX ? NATS_MORE : NATS_BROKEN;
	*used = (size_t)(end - bytes) + 1;
	*line = (struct slice){ bytes, *used - 1 };
	if (line->len > 0 && line->bytes[line->len - 1] == '\r')
		line->len--;
	return memchr(line->bytes, '\0', line->len) == NULL ? NATS_WHOLE : NATS_BROKEN;
}

static struct slice take_word(struct slice *line)
{
	struct slice word = slice_trim(*line);
	size_t len = 0;

	while (len < word.len && !is_blank(word.bytes[len]))
		len++;
	*line = (struct slice){ word.bytes + len, word.len - len };
	word.len = len;
	return word;
}

static bool is_word(struct slice word, const char *name)
{
	return text_compare(word.bytes, word.len, name, strlen(name)) == 0;
}

/*
 * MSG SUBJECT SID [REPLY] SIZE, or HMSG SUBJECT SID [REPLY] HEADERS SIZE, where SIZE counts the
 * headers too. Leaves the two numbers in the lengths of headers and payload.
 */
static bool read_head(struct nats_op *op, struct slice line, bool has_headers)
{
	struct slice words[WORDS_MAX];
	size_t count = 0, least = has_headers ? 4 : 3;
	uint64_t size, head = 0;

	while ((line = slice_trim(line)).len > 0 && count < WORDS_MAX)
		words[count++] = take_word(&line);
	if (line.len > 0 || (count != least && count != least + 1))
		return false;
	if (!text_number(words[1].bytes, words[1].len, UINT64_MAX, &op->sid) ||
		!text_number(words[count - 1].bytes, words[count - 1].len, UINT32_MAX, &size))
		return false;
	if (has_headers &&
		!text_number(words[count - 2].bytes, words[count - 2].len, size, &head))
		return false;
	op->subject = words[0];
	op->reply = count > least ? words[2] : (struct slice){ NULL, 0 };
	op->headers.len = (size_t)head;
	op->payload.len = (size_t)(size - head);
	return true;
}

/* What follows the line of a message, if it has come. */
static enum nats_outcome read_body(struct nats_op *op, const char *bytes, size_t len, size_t *used)
{
	size_t size = op->headers.len + op->payload.len;
	const char *body = bytes + *used;

	if (size > NATS_MESSAGE_MAX) {
		op->headers.len = op->payload.len = 0;
		op->skip = size + END_LEN;
		return NATS_WHOLE;
	}
	*used += size + END_LEN;
	if (len < *used)
		return NATS_MORE;
	op->headers.bytes = body;
	op->payload.bytes = body + op->headers.len;
	return memcmp(body + size, "\r\n", END_LEN) == 0 ? NATS_WHOLE : NATS_BROKEN;
}

static struct slice unquote(struct slice text)
{
	text = slice_trim(text);
	if (text.len >= 2 && text.bytes[0] == '\'' && text.bytes[text.len - 1] == '\'')
		return (struct slice){ text.bytes + 1, text.len - 2 };
	return text;
}

enum nats_outcome nats_parse(struct nats_op *op, const char *bytes, size_t len, size_t *used)
{
	struct slice line, name;
	enum nats_outcome outcome = take_line(&line, bytes, len, used);

	*op = (struct nats_op){ 0 };
	if (outcome != NATS_WHOLE)
		return outcome;
	name = take_word(&line);
	if (is_word(name, "MSG") || is_word(name, "HMSG")) {
		op->kind = NATS_MSG;
		if (!read_head(op, line, name.len == 4))
			return NATS_BROKEN;
		return read_body(op, bytes, len, used);
	}
	op->text = unquote(line);
	if (is_word(name, "PING"))
		op->kind = NATS_PING;
	else if (is_word(name, "PONG"))
		op->kind = NATS_PONG;
	else if (is_word(name, "+OK"))
		op->kind = NATS_OK;
	else if (is_word(name, "-ERR"))
		op->kind = NATS_ERR;
	else if (is_word(name, "INFO"))
		op->kind = NATS_INFO;
	else
		return NATS_BROKEN;
	return NATS_WHOLE;
}

struct slice nats_word(struct slice *words, char c)
{
	const char *end = words->len > 0 ? memchr(words->bytes, c, words->len) : NULL;
	struct slice word = *words;

	if (end == NULL) {
		words->len = 0;
		return word;
	}
	word.len = (size_t)(end - word.bytes);
	words->bytes += word.len + 1;
	words->len -= word.len + 1;
	return word;
}

static struct slice header_line(struct slice *headers)
{
	struct slice line = nats_word(headers, '\n');

	if (line.len > 0 && line.bytes[line.len - 1] == '\r')
		line.len--;
	return line;
}

unsigned nats_status(struct slice headers)
{
	struct slice line = header_line(&headers), number;
	uint64_t status = 0;

	if (line.len == 0 || !is_word(take_word(&line), "NATS/1.0"))
		return 0;
	number = take_word(&line);
	return text_number(number.bytes, number.len, 999, &status) ? (unsigned)status : 0;
}

bool nats_header(struct slice headers, const char *name, struct slice *value)
{
	size_t len = strlen(name);

	header_line(&headers);
	while (headers.len > 0) {
		struct slice line = header_line(&headers);

		if (line.len <= len || line.bytes[len] != ':' || memcmp(line.bytes, name, len) != 0)
			continue;
		*value = slice_trim((struct slice){ line.bytes + len + 1, line.len - len - 1 });
		return true;
	}
	return false;
}
