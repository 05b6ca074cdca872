/*
 * Heads of HTTP requests: whatever comes, in whatever pieces, the outcome is the same and final;
 * what is taken for a head holds nothing by which another reader could see its end elsewhere.
 */
#include "server/core/wire/forwarded.h"
#include "server/core/wire/http.h"
#include "server/core/wire/origin.h"

#include "test/fuzz/fuzz.h"

/* Byte by byte, in place: what has not come yet is something that would be refused. */
static void parse_slowly(struct http_request *r, const uint8_t *data, size_t size)
{
	char *bytes = calloc(size + 1, 1);
	enum http_outcome outcome = HTTP_MORE;

	*r = (struct http_request){ 0 };
	for (size_t i = 0; i < size && outcome == HTTP_MORE; i++) {
		bytes[i] = (char)data[i];
		outcome = http_parse(r, bytes, i + 1);
	}
	free(bytes);
}

static void check_head(const struct http_request *r, const char *head)
{
	size_t lines = 0;

	MUST(r->used >= 4 && r->used <= HTTP_HEAD_MAX);
	MUST(memcmp(head + r->used - 4, "\r\n\r\n", 4) == 0);
	for (size_t i = 0; i < r->used; i++) {
		MUST(head[i] != '\0');
		MUST(head[i] != '\n' || (i > 0 && head[i - 1] == '\r'));
		MUST(head[i] != '\r' || (i + 1 < r->used && head[i + 1] == '\n'));
		lines += head[i] == '\n';
	}
	for (size_t i = 0; i + 4 < r->used; i++)
		MUST(i == 0 || head[i] != '\n' || (head[i + 1] != ' ' && head[i + 1] != '\t'));
	MUST(lines >= 2);
	MUST(r->has_host || r->is_http_1_0);
	MUST(r->segment.len <= HTTP_TARGET_MAX);
	MUST(memchr(r->segment.bytes, '/', r->segment.len) == NULL);
}

static void check_fields(const struct http_request *r)
{
	struct slice any = { "*", 1 }, value, token;
	struct origin_list list = { &any, 1 };
	enum http_field field;
	struct address from;
	size_t at = 0, count = 0;

	while (http_next_field(r->fields, &at, &field, &value)) {
		MUST(field != HTTP_TRANSFER_ENCODING);
		MUST(value.len == 0 || (value.bytes[0] != ' ' && value.bytes[0] != '\t'));
		count++;
	}
	MUST(at == r->fields.len && count <= HTTP_FIELDS_MAX);
	http_accepts_gzip(r->fields);
	http_is_plain_text(r->single[HTTP_CONTENT_TYPE]);
	if (http_bearer(r->single[HTTP_AUTHORIZATION], &token))
		MUST(token.len > 0);
	if (forwarded_parse(&from, r->fields, NULL, 0) == FORWARDED_FROM)
		MUST(from.family == ADDRESS_V4 || from.family == ADDRESS_V6);
	value = r->single[HTTP_ORIGIN];
	if (value.bytes != NULL && !origin_is_allowed(value, r->has_host ? &r->host : NULL, &list))
		MUST(value.len == 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request whole = { 0 }, slow;
	enum http_outcome outcome = http_parse(&whole, (const char *)data, size);

	MUST(size < HTTP_HEAD_MAX || outcome != HTTP_MORE);
	MUST(http_parse(&whole, (const char *)data, size) == outcome);
	if (outcome == HTTP_REFUSED)
		MUST(whole.status >= 400 && whole.reason != NULL && whole.reason[0] != '\0');
	if (outcome == HTTP_WHOLE) {
		check_head(&whole, (const char *)data);
		check_fields(&whole);
	}
	parse_slowly(&slow, data, size);
	MUST(slow.outcome == whole.outcome && slow.status == whole.status);
	MUST(slow.used == whole.used && slow.reason == whole.reason);
	MUST(slow.content_length == whole.content_length && slow.method == whole.method);
	return 0;
}
