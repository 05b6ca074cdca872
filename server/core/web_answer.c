/*
 * Answers (web_answer.h): RFC 9110, https://www.rfc-editor.org/rfc/rfc9110. The rule: an
 * answer is a head and perhaps a body on the heap, and perhaps constant bytes after
 * them, which are not copied.
 */
#include "server/core/web_answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/base/inflate.h"
#include "server/core/share/share.h"

static void set_answer(struct client *client, char *answer, size_t len, bool keeps_alive)
{
	struct http_peer *peer = client_http(client);

	if (answer == NULL) {
		client->state = CLIENT_GONE;
		return;
	}
	peer->answer = answer;
	peer->answer_len = (uint32_t)len;
	peer->answer_at = 0;
	peer->body = (struct slice){ 0 };
	peer->ends = !keeps_alive;
	peer->has_answered = true;
}

void web_answer_line(struct client *client, struct http_response response, const char *line)
{
	const struct http_request *r = &client_http(client)->request;
	char *answer = malloc(HTTP_RESPONSE_MAX + response.fields.len + strlen(line) + 1);
	size_t len = 0;

	response.keeps_alive = response.status < HTTP_BAD_REQUEST && r->keeps_alive;
	if (answer != NULL)
		len = http_put_line(answer, response,
			r->outcome == HTTP_WHOLE ? r->method : HTTP_GET, line);
	set_answer(client, answer, len, response.keeps_alive);
}

void web_answer_error(struct client *client, enum http_status status, const char *reason)
{
	web_answer_line(client, (struct http_response){ .status = status }, reason);
}

/* The origins that may show the page in a frame, a blank before each, or 'none'. */
static size_t put_frames(char *out, const char *frames)
{
	size_t len = strlen(frames);

	if (len == 0) {
		memcpy(out, " 'none'", 7);
		return 7;
	}
	/* Each word ends with an LF, after which the next one begins. */
	*out = ' ';
	memcpy(out + 1, frames, len - 1);
	for (size_t i = 1; i < len; i++)
		if (out[i] == '\n')
			out[i] = ' ';
	return len;
}

static const char fields_before[] = "Cache-Control: no-store\r\n"
	"X-Content-Type-Options: nosniff\r\n"
	"Referrer-Policy: no-referrer\r\n"
	"Cross-Origin-Opener-Policy: same-origin\r\n"
	"Vary: Accept-Encoding\r\n";
static const char gzip_field[] = "Content-Encoding: gzip\r\n";
static const char policy_field[] = "Content-Security-Policy: ";

/* The page's own fields; heap, NULL: no memory. */
static char *page_fields(const struct chat *chat, bool gzip, size_t *len)
{
	const char *policy = chat->settings.page.policy;
	const char *frames = chat->settings.web_frames != NULL ? chat->settings.web_frames : "";
	char *fields = malloc(sizeof(fields_before) + sizeof(gzip_field) + sizeof(policy_field) +
		strlen(policy) + strlen(frames) + 16);

	if (fields == NULL)
		return NULL;
	*len = (size_t)snprintf(fields, sizeof(fields_before) + sizeof(gzip_field) +
		sizeof(policy_field) + strlen(policy), "%s%s%s%s", fields_before,
		gzip ? gzip_field : "", policy_field, policy);
	*len += put_frames(fields + *len, frames);
	memcpy(fields + *len, "\r\n", 2);
	*len += 2;
	return fields;
}

/*
 * The page as it goes out. It is in the program packed; for the few who want it otherwise it is
 * unpacked once, and kept. bytes NULL: no memory for that, or nobody needs them.
 */
static struct slice page_body(struct chat *chat, const struct http_request *r, bool gzip)
{
	const struct settings_page *page = &chat->settings.page;

	if (gzip)
		return page->gzip;
	if (chat->page == NULL && r->method != HTTP_HEAD) {
		chat->page = malloc(page->len);
		if (chat->page != NULL && !inflate_gzip(page->gzip, chat->page, page->len)) {
			free(chat->page);
			chat->page = NULL;
		}
	}
	return (struct slice){ chat->page, page->len };
}

void web_answer_page(struct chat *chat, struct client *client)
{
	const struct http_request *r = &client_http(client)->request;
	bool gzip = http_accepts_gzip(r->fields);
	struct slice body = page_body(chat, r, gzip);
	struct http_response response = { .status = HTTP_OK, .keeps_alive = r->keeps_alive,
		.type = "text/html; charset=utf-8", .length = body.len };
	char *fields, *answer = NULL;
	size_t len = 0;

	fields = page_fields(chat, gzip, &response.fields.len);
	response.fields.bytes = fields;
	if (fields != NULL && (body.bytes != NULL || r->method == HTTP_HEAD))
		answer = malloc(HTTP_RESPONSE_MAX + response.fields.len);
	if (answer != NULL)
		len = http_put_response(answer, &response);
	free(fields);
	set_answer(client, answer, len, r->keeps_alive);
	if (answer != NULL && r->method != HTTP_HEAD)
		client_http(client)->body = body;
}

void web_answer_health(struct chat *chat, struct client *client)
{
	char line[32];

	snprintf(line, sizeof(line), "ok %u", (unsigned)chat->client_count);
	web_answer_line(client, (struct http_response){ .status = HTTP_OK }, line);
}

struct metric {
	const char *name, *type, *help;
	uint64_t value;
};

static size_t put_metrics(char *out, size_t size, const struct metric *metrics, size_t count)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		const struct metric *m = &metrics[i];

		len += (size_t)snprintf(out + len, size - len,
			"# HELP chatd_%s %s\n# TYPE chatd_%s %s\nchatd_%s %" PRIu64 "\n", m->name,
			m->help, m->name, m->type, m->name, m->value);
	}
	return len;
}

enum { METRICS_BYTES = 8192 };

/* All feeds together. */
struct feeds {
	uint64_t lines, bytes, size;
};

static struct feeds sum_feeds(const struct chat *chat)
{
	struct feeds all = { 0 };

	for (const struct room *r = NULL; (r = rooms_next(&chat->rooms, r)) != NULL;) {
		all.lines += r->feed.next - r->feed.first;
		all.bytes += feed_behind(&r->feed, r->feed.first);
		all.size += r->feed.size;
	}
	return all;
}

/* What /stats tells. */
static size_t describe(const struct chat *chat, char *out)
{
	static const char gauge[] = "gauge", counter[] = "counter";
	const struct counters *c = &chat->counters;
	struct feeds feeds = sum_feeds(chat);
	const struct metric metrics[] = {
		{ "uptime_seconds", gauge, "Seconds since the server started.",
			(uint64_t)((chat->now.usec - chat->started.usec) / TIME_SECOND) },
		{ "clients", gauge, "Clients that are connected.", chat->client_count },
		{ "clients_peak", gauge, "The most clients there have been.", c->peak },
		{ "clients_limit", gauge, "The most clients there can be.", chat->clients.max },
		{ "lines_said_total", counter, "Lines said in the room.", c->lines },
		{ "private_messages_total", counter, "Private messages.", c->private },
		{ "received_bytes_total", counter, "Bytes received.", c->bytes_in },
		{ "sent_bytes_total", counter, "Bytes sent.", c->bytes_out },
		{ "feed_lines", gauge, "Lines that the feed holds.", feeds.lines },
		{ "feed_bytes", gauge, "Bytes that the feed holds.", feeds.bytes },
		{ "feed_limit_bytes", gauge, "Bytes that the feed has room for.", feeds.size },
		{ "rooms", gauge, "Rooms there are.", chat->rooms.count },
		{ "connects_total", counter, "Connections that came.", c->connects },
		{ "refused_total", counter, "Connections that were refused.", c->refused },
		{ "strangers_total", counter, "Connections that were closed as no chat.",
			c->strangers },
		{ "http_requests_total", counter, "Requests answered over HTTP.", c->requests },
		{ "errors_total", counter, "Errors that clients were told of.", c->errors },
		{ "missed_lines_total", counter, "Lines that clients were told to have missed.",
			c->missed },
		{ "lagging_total", counter, "Times that a slow reader was given up.", c->lagged },
		{ "log_dropped_lines_total", counter, "Lines that the log lacks.",
			chat->log->dropped_total },
		{ "history_lost_lines_total", counter, "Lines that the history lacks.",
			c->history_lost },
	};

	size_t len = (size_t)snprintf(out, METRICS_BYTES, "# HELP chatd_info The version that runs."
		"\n# TYPE chatd_info gauge\nchatd_info{version=\"%s\"} 1\n", CHAT_VERSION);

	return len + put_metrics(out + len, METRICS_BYTES - len, metrics,
		sizeof(metrics) / sizeof(metrics[0]));
}

/* The same of the log that this server shares with others. */
static size_t describe_share(const struct share *share, char *out, size_t size)
{
	static const char gauge[] = "gauge";
	const struct metric metrics[] = {
		{ "share_up", gauge, "Whether the shared log takes lines.", share->is_up },
		{ "share_nodes", gauge, "Nodes that are heard, this one too.",
			share->nodes.count + 1 },
		{ "share_in_flight", gauge, "Requests to the log without an answer yet.",
			share->figures.in_flight },
		{ "share_behind_lines", gauge, "Lines of the log that are still to come.",
			share->figures.behind },
		{ "share_reconnects_total", "counter",
			"Connections to the log that were made again.", share->figures.reconnects },
		{ "share_disagrees_since_id", gauge, "First line that another node has otherwise.",
			share->disagrees_since },
	};

	return put_metrics(out, size, metrics, sizeof(metrics) / sizeof(metrics[0]));
}

void web_answer_metrics(struct chat *chat, struct client *client)
{
	const struct http_request *r = &client_http(client)->request;
	struct http_response response = { .status = HTTP_OK, .keeps_alive = r->keeps_alive,
		.type = "text/plain; version=0.0.4; charset=utf-8" };
	char *answer = malloc(HTTP_RESPONSE_MAX + METRICS_BYTES), *text;
	size_t len = 0;

	if (answer != NULL) {
		text = answer + HTTP_RESPONSE_MAX;
		response.length = describe(chat, text);
		if (chat->share != NULL)
			response.length += describe_share(chat->share, text + response.length,
				METRICS_BYTES - response.length);
		len = http_put_response(answer, &response);
		memmove(answer + len, text, response.length);
		len += response.length;
	}
	set_answer(client, answer, len, r->keeps_alive);
}
