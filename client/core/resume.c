/*
 * Keeps the place in the feed. A number alone does not say that it is still the same feed: a server
 * that was restarted without a history counts from 1 again. So when the token is refused, the last
 * line that was seen is asked for again, and its time tells.
 */
#include "client/core/resume.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"

enum {
	/* Times are told in the largest unit that makes at least two of it. */
	MINUTE = 60,
	HOUR = 3600,
};

void resume_lost(struct resume *r, int64_t time)
{
	if (!r->lost_time)
		r->lost_time = time;
	r->returning = false;
	r->checking = false;
	r->restarted = false;
	r->verified = false;
	r->missed = 0;
}

void resume_ask(struct resume *r, const uint64_t *sent, struct buffer *out)
{
	r->returning = r->tagged;
	r->checking = r->tagged && !r->token_len && r->epoch && r->id > 0;
	buffer_text(out, "/resume");
	if (r->tagged)
		buffer_format(out, " %" PRIu64, r->id - r->checking);
	if (r->tagged && r->token_len) {
		buffer_text(out, " ");
		buffer_append(out, r->token, r->token_len);
		if (sent)
			buffer_format(out, " %" PRIu64, *sent);
	}
	buffer_text(out, "\n");
}

/* What became of the lines that were said meanwhile. */
static void tell_lines(const struct resume *r, char *lines, size_t size)
{
	if (!r->tagged)
		*lines = '\0';
	else if (r->restarted)
		snprintf(lines, size, "; the server was restarted, lines may be missing");
	else if (r->missed)
		snprintf(lines, size, ", %" PRIu64 " line%s missed", r->missed,
			r->missed == 1 ? " was" : "s were");
	else
		snprintf(lines, size, ", nothing was missed");
}

void resume_tell(struct resume *r, int64_t time, const char *lines,
	char notice[RESUME_NOTICE_MAX])
{
	int64_t away = time > r->lost_time ? time - r->lost_time : 0;
	char known[64];

	*notice = '\0';
	if (!r->lost_time)
		return;
	tell_lines(r, known, sizeof(known));
	if (!lines)
		lines = known;
	if (away < 2 * MINUTE)
		snprintf(notice, RESUME_NOTICE_MAX, "back after %" PRId64 " s%s", away, lines);
	else if (away < 2 * HOUR)
		snprintf(notice, RESUME_NOTICE_MAX, "back after %" PRId64 " min%s", away / MINUTE,
			lines);
	else
		snprintf(notice, RESUME_NOTICE_MAX, "back after %" PRId64 " h%s", away / HOUR,
			lines);
	r->lost_time = 0;
}

/* Takes the ID that the server goes on from: the one asked for, or that of the last one missed. */
static void take_id(struct resume *r, uint64_t id)
{
	uint64_t asked = r->id - r->checking;

	if (r->returning) {
		r->restarted = id < asked;
		r->missed = id > r->id ? id - r->id : 0;
		if (r->checking && id == asked)
			return; /* the next line is the one that is to be compared */
	}
	r->checking = false;
	if (r->id != id)
		r->epoch = 0;
	r->id = id;
}

bool resume_answered(struct resume *r, struct piece text)
{
	struct piece verb = piece_word(&text), id_text = piece_word(&text),
		token = piece_word(&text);
	uint64_t id;

	if (!piece_is(verb, "resume") || token.len > TOKEN_LEN ||
		!text_number(id_text.s, id_text.len, UINT64_MAX, &id))
		return false;
	take_id(r, id);
	r->returning = false;
	r->tagged = true;
	r->token_len = token.len;
	memcpy(r->token, token.s, token.len);
	return true;
}

void resume_give_up(struct resume *r)
{
	r->returning = false;
	r->checking = false;
	r->tagged = false;
	r->token_len = 0;
}

void resume_forget_token(struct resume *r)
{
	r->token_len = 0;
}

bool resume_seen(struct resume *r, uint64_t id, int64_t epoch)
{
	bool same = r->checking && id == r->id && epoch == r->epoch;

	r->restarted |= r->checking && !same;
	r->checking = false;
	r->verified |= same;
	if (same)
		return true;
	if (r->restarted || id > r->id) {
		r->id = id;
		r->epoch = epoch;
	}
	return false;
}
