/*
 * The requests to the shared log (shared_log.h): a list, since there are few at a time. The rule:
 * an unanswered LINE or PUT is in it, whatever becomes of the connection to the log.
 */
#include "server/core/feed/shared_log.h"

#include <stdlib.h>
#include <string.h>

static struct slice copy_slice(char **to, struct slice from)
{
	struct slice copy = { *to, from.len };

	if (from.len > 0)
		memcpy(*to, from.bytes, from.len);
	*to += from.len;
	return copy;
}

uint64_t shared_log_add(struct shared_log *log, const struct log_request *request)
{
	size_t len = request->to.len + request->msg_id.len + request->payload.len +
		request->note.len;
	struct log_request *r = malloc(sizeof(*r) + len);
	char *to;

	if (r == NULL)
		return 0;
	*r = *request;
	to = r->bytes;
	r->to = copy_slice(&to, request->to);
	r->msg_id = copy_slice(&to, request->msg_id);
	r->payload = copy_slice(&to, request->payload);
	r->note = copy_slice(&to, request->note);
	r->id = ++log->last_id;
	r->next = NULL;
	r->taken = false;
	r->parked = 0;
	if (log->first == NULL)
		log->end = &log->first;
	*log->end = r;
	log->end = &r->next;
	log->count++;
	return r->id;
}

static bool is_answered(const struct log_request *r)
{
	return r->kind == LOG_LINE || r->kind == LOG_PUT || r->kind == LOG_ASK;
}

/* Takes out the request that *at points to. */
static void remove_at(struct shared_log *log, struct log_request **at)
{
	struct log_request *r = *at;

	*at = r->next;
	if (r->next == NULL)
		log->end = at;
	free(r);
	log->count--;
}

const struct log_request *shared_log_take(struct shared_log *log)
{
	struct log_request **at = &log->first;

	while (*at != NULL) {
		if ((*at)->taken && !is_answered(*at)) {
			remove_at(log, at);
			continue;
		}
		if (!(*at)->taken) {
			(*at)->taken = true;
			return *at;
		}
		at = &(*at)->next;
	}
	return NULL;
}

struct log_request *shared_log_find(const struct shared_log *log, uint64_t id)
{
	struct log_request *r = log->first;

	while (r != NULL && r->id != id)
		r = r->next;
	return r;
}

void shared_log_remove(struct shared_log *log, uint64_t id)
{
	struct log_request **at = &log->first;

	while (*at != NULL && (*at)->id != id)
		at = &(*at)->next;
	if (*at != NULL)
		remove_at(log, at);
}

void shared_log_restart(struct shared_log *log)
{
	for (struct log_request *r = log->first; r != NULL; r = r->next)
		r->taken = false;
}

void shared_log_finish(struct shared_log *log)
{
	while (log->first != NULL)
		remove_at(log, &log->first);
	*log = (struct shared_log){ 0 };
}
