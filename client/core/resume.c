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
	r->missed = 0;
}

void resume_ask(struct resume *r, struct buffer *out)
{
	r->returning = r->tagged;
	buffer_text(out, "/resume");
	if (r->tagged)
		buffer_format(out, " %" PRIu64, r->id);
	if (r->tagged && r->token_len) {
		buffer_text(out, " ");
		buffer_append(out, r->token, r->token_len);
	}
	buffer_text(out, "\n");
}

void resume_tell(struct resume *r, int64_t time, const char *lines,
	char notice[RESUME_NOTICE_MAX])
{
	int64_t away = time > r->lost_time ? time - r->lost_time : 0;

	*notice = '\0';
	if (!r->lost_time)
		return;
	if (away < 2 * MINUTE)
		snprintf(notice, RESUME_NOTICE_MAX, "back after %" PRId64 " s%s", away, lines);
	else if (away < 2 * HOUR)
		snprintf(notice, RESUME_NOTICE_MAX, "back after %" PRId64 " min%s", away / MINUTE,
			lines);
	else
		snprintf(notice, RESUME_NOTICE_MAX, "back after %" PRId64 " h%s", away / HOUR, lines);
	r->lost_time = 0;
}

/* Tells what became of the lines that were said meanwhile. id: where the server goes on from. */
static void tell_gap(struct resume *r, uint64_t id, int64_t time, char notice[RESUME_NOTICE_MAX])
{
	uint64_t missed = !r->missed && id > r->id ? id - r->id : r->missed;
	char lines[64];

	if (!r->tagged)
		*lines = '\0';
	else if (id < r->id)
		snprintf(lines, sizeof(lines), "; the server was started anew, lines may be missing");
	else if (missed)
		snprintf(lines, sizeof(lines), ", %" PRIu64 " line%s missed", missed,
			missed == 1 ? " was" : "s were");
	else
		snprintf(lines, sizeof(lines), ", nothing was missed");
	resume_tell(r, time, lines, notice);
}

bool resume_answered(struct resume *r, struct piece text, int64_t time,
	char notice[RESUME_NOTICE_MAX])
{
	struct piece verb = piece_word(&text), id_text = piece_word(&text), token = piece_word(&text);
	uint64_t id;

	if (!piece_is(verb, "resume") || token.len > TOKEN_LEN ||
		!text_number(id_text.s, id_text.len, UINT64_MAX, &id))
		return false;
	tell_gap(r, id, time, notice);
	r->returning = false;
	r->tagged = true;
	r->id = id;
	r->token_len = token.len;
	memcpy(r->token, token.s, token.len);
	return true;
}

void resume_give_up(struct resume *r)
{
	r->returning = false;
	r->tagged = false;
	r->token_len = 0;
}
