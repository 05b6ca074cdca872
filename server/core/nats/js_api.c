/*
 * The texts of JetStream's API (js_api.h). The rule: answers are told apart by their numbers
 * (err_code), since their words and blanks differ between servers.
 *
 * https://docs.nats.io/reference/reference-protocols/nats_api_reference
 */
#include "server/core/nats/js_api.h"

#include <string.h>

#include "proto/text.h"
#include "server/core/nats/json.h"
#include "server/core/nats/protocol.h"

#define LINES_BYTES_MAX "1073741824" /* of a stream of lines: then its oldest leave */
#define DUPLICATES_NS "600000000000" /* ten minutes: for so long a message is known again */
#define HEARTBEAT_NS "1000000000"    /* of a consumer */
#define DESCRIPTION "chatd shared log, version "

/* Error codes of nats-server. */
enum {
	INSUFFICIENT_PEERS = 10005, /* "no suitable peers for placement", for lack of storage too */
	INSUFFICIENT_RESOURCES = 10023,
	ACCOUNT_RESOURCES = 10002,
	NOT_FOR_ACCOUNT = 10039,
	STORAGE_RESOURCES = 10047,
	MESSAGE_TOO_LARGE = 10054,
	NAME_IN_USE = 10058,
	STREAM_NOT_FOUND = 10059,
	WRONG_LAST_SEQUENCE = 10071,
	NOT_ENABLED = 10076,
	STORE_FAILED = 10077, /* "maximum bytes exceeded" and the like */
	WRONG_LAST_SEQUENCE_CONSTANT = 10164,
};

enum js_result js_result(struct slice headers, struct slice json)
{
	struct slice error;
	uint64_t code = 0;

	if (nats_status(headers) != 0)
		return JS_LATER;
	if (!json_find(json, "error", &error))
		return json.len > 0 ? JS_OK : JS_LATER;
	json_number(error, "err_code", UINT32_MAX, &code);
	switch (code) {
	case STREAM_NOT_FOUND:
		return JS_ABSENT;
	case WRONG_LAST_SEQUENCE:
	case WRONG_LAST_SEQUENCE_CONSTANT:
		return JS_CONFLICTS;
	case INSUFFICIENT_PEERS:
	case INSUFFICIENT_RESOURCES:
	case ACCOUNT_RESOURCES:
	case STORAGE_RESOURCES:
	case MESSAGE_TOO_LARGE:
	case STORE_FAILED:
		return JS_FULL;
	case NOT_FOR_ACCOUNT:
	case NOT_ENABLED:
		return JS_NO_JETSTREAM;
	case NAME_IN_USE:
		return JS_EXISTS;
	default:
		return JS_LATER;
	}
}

void js_put_create_stream(struct buffer *out, const struct js_plan *plan)
{
	buffer_put_text(out, "{\"name\":\"");
	buffer_put(out, plan->name);
	buffer_put_text(out, "\",\"description\":\"" DESCRIPTION);
	buffer_put_number(out, JS_VERSION);
	buffer_put_text(out, "\",\"subjects\":[\"");
	buffer_put(out, plan->subject);
	buffer_put_text(out,
		"\"],\"retention\":\"limits\",\"storage\":\"file\",\"discard\":\"old\","
		"\"max_consumers\":-1,\"max_msgs\":-1,\"max_age\":0,\"num_replicas\":");
	buffer_put_number(out, plan->replicas);
	if (plan->keeps_last)
		buffer_put_text(out, ",\"max_msgs_per_subject\":1,\"max_bytes\":-1");
	else if (plan->unbounded)
		buffer_put_text(out, ",\"deny_delete\":true,\"deny_purge\":true,\"max_bytes\":-1");
	else
		buffer_put_text(out, ",\"deny_delete\":true,\"deny_purge\":true,"
			"\"max_bytes\":" LINES_BYTES_MAX);
	buffer_put_text(out, ",\"duplicate_window\":" DUPLICATES_NS "}");
}

void js_put_create_consumer(struct buffer *out, struct slice stream, struct slice name,
	struct slice deliver_to, uint64_t start)
{
	buffer_put_text(out, "{\"stream_name\":\"");
	buffer_put(out, stream);
	buffer_put_text(out, "\",\"config\":{\"name\":\"");
	buffer_put(out, name);
	buffer_put_text(out, "\",\"deliver_subject\":\"");
	buffer_put(out, deliver_to);
	buffer_put_text(out, "\",\"deliver_policy\":\"by_start_sequence\",\"opt_start_seq\":");
	buffer_put_number(out, start);
	buffer_put_text(out,
		",\"ack_policy\":\"none\",\"max_deliver\":1,\"replay_policy\":\"instant\","
		"\"flow_control\":true,\"idle_heartbeat\":" HEARTBEAT_NS
		",\"mem_storage\":true,\"num_replicas\":1}}");
}

bool js_read_info(struct js_info *info, struct slice json)
{
	struct slice created;

	if (!json_number(json, "state.first_seq", UINT64_MAX - 1, &info->first) ||
		!json_number(json, "state.last_seq", UINT64_MAX - 1, &info->last) ||
		!json_find(json, "created", &created) || created.len > JS_CREATED_MAX)
		return false;
	memcpy(info->created, created.bytes, created.len);
	info->created[created.len] = '\0';
	return true;
}

/* Whether the stream was made by a chatd whose lines are of another kind. */
static bool is_of_another_version(struct slice json)
{
	static const char ours[] = DESCRIPTION;
	size_t len = sizeof(ours) - 1;
	struct slice text;
	uint64_t version;

	if (!json_find(json, "config.description", &text) || text.len <= len ||
		memcmp(text.bytes, ours, len) != 0)
		return false;
	return !text_number(text.bytes + len, text.len - len, UINT32_MAX, &version) ||
	       version != JS_VERSION;
}

/* A number that is left out is 0, and so is -1, which means that there is no limit. */
static uint64_t limit_of(struct slice json, const char *path)
{
	uint64_t number = 0;

	return json_number(json, path, UINT64_MAX, &number) ? number : 0;
}

const char *js_difference(struct slice json, const struct js_plan *plan)
{
	struct slice other;

	if (is_of_another_version(json))
		return "is of another version of --share";
	if (!json_is(json, "config.subjects.0", plan->subject) ||
		json_find(json, "config.subjects.1", &other))
		return "has other subjects";
	if (!json_is(json, "config.retention", (struct slice){ "limits", 6 }) ||
		limit_of(json, "config.max_msgs_per_subject") != (plan->keeps_last ? 1 : 0))
		return "keeps messages by other rules";
	if (!json_is(json, "config.storage", (struct slice){ "file", 4 }))
		return "is not stored in files";
	if (limit_of(json, "config.num_replicas") != plan->replicas)
		return "has another number of replicas than --share-replicas";
	return NULL;
}

uint64_t js_read_seq(struct slice json)
{
	struct slice text;
	uint64_t seq = 0;

	if (!json_find(json, "error.description", &text)) {
		json_number(json, "seq", UINT64_MAX - 1, &seq);
		return seq;
	}
	/* "wrong last sequence: 3" */
	while (memchr(text.bytes, ' ', text.len) != NULL)
		nats_word(&text, ' ');
	text_number(text.bytes, text.len, UINT64_MAX - 1, &seq);
	return seq;
}

bool js_read_delivery(struct js_delivery *d, struct slice reply)
{
	enum { WORDS_OLD = 9, WORDS_NEW = 11, WORDS_MAX = 12 };
	struct slice words[WORDS_MAX] = { 0 };
	struct slice *w = words;
	size_t count = 0;

	while (reply.len > 0 && count < WORDS_MAX)
		words[count++] = nats_word(&reply, '.');
	/* $JS.ACK.STREAM.…; in a later form with a domain and an account before the stream. */
	if (count >= WORDS_NEW)
		w += 2;
	else if (count != WORDS_OLD)
		return false;
	d->consumer = w[3];
	return text_number(w[5].bytes, w[5].len, UINT64_MAX - 1, &d->seq) &&
	       text_number(w[6].bytes, w[6].len, UINT64_MAX, &d->consumed) &&
	       text_number(w[7].bytes, w[7].len, INT64_MAX, &d->ns) &&
	       text_number(w[8].bytes, w[8].len, UINT64_MAX, &d->pending);
}
