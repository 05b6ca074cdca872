/*
 * A question as bytes, both ways through one function (question.h). The rule: texts that are read
 * are safe, and names are names.
 */
#include "server/core/share/question.h"

#include "proto/text.h"

enum { QUESTION_FORM = 1, TEXT_MAX = 1 << 20 };

static void serialize_id(struct codec *p, struct person_id *id)
{
	id->node = codec_number(p, id->node, 8, UINT64_MAX);
	id->number = (uint32_t)codec_number(p, id->number, 4, UINT32_MAX);
}

static void serialize(struct codec *p, struct question *q)
{
	codec_number(p, QUESTION_FORM, 1, QUESTION_FORM);
	q->kind = (enum question_kind)codec_number(p, q->kind, 1, QUESTIONS - 1);
	q->tries = (uint32_t)codec_number(p, q->tries, 4, UINT32_MAX);
	q->number = (uint32_t)codec_number(p, q->number, 4, UINT32_MAX);
	q->after = codec_number(p, q->after, 8, UINT64_MAX);
	serialize_id(p, &q->from);
	serialize_id(p, &q->to);
	q->who = codec_slice(p, q->who, WHO_MAX);
	q->whom = codec_slice(p, q->whom, WHO_MAX);
	q->text = codec_slice(p, q->text, TEXT_MAX);
}

void question_write(struct codec *p, const struct question *question)
{
	struct question copy = *question;

	serialize(p, &copy);
}

static bool is_safe(const struct question *q)
{
	/* A digest is no text. */
	if (q->kind == QUESTION_TAKE)
		return q->text.len == SHA256_SIZE;
	return text_is_clean(q->text.bytes, q->text.len) &&
		text_is_clean(q->who.bytes, q->who.len) && q->who.len > 0;
}

int question_read(struct slice payload, struct question *question)
{
	struct codec p = { .bytes = (uint8_t *)payload.bytes, .len = payload.len, .reading = true };

	*question = (struct question){ 0 };
	if (payload.len == 0 || payload.bytes[0] != QUESTION_FORM)
		return -1;
	serialize(&p, question);
	return p.failed || !is_safe(question) ? -1 : 0;
}
