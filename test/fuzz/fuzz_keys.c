/*
 * Keys and what they do: however the bytes of a keyboard are cut, the keys are the same; whatever
 * they are, the line stays within its limit, safe, and its cursor between two clusters.
 *
 * The first byte of the input is the limit, the second seeds the cuts.
 */
#include "client/core/footer.h"
#include "client/core/prompt.h"
#include "proto/text.h"
#include "test/fuzz/fuzz.h"

struct story {
	struct key *keys;
	size_t count;
	size_t size;
};

static void put(struct story *s, const struct key *key)
{
	if (s->count == s->size) {
		s->size = 2 * s->size + 64;
		s->keys = realloc(s->keys, s->size * sizeof(*s->keys));
		MUST(s->keys != NULL);
	}
	s->keys[s->count++] = *key;
}

static void tell(struct story *s, const uint8_t *data, size_t size, size_t piece)
{
	struct keys k = { 0 };
	struct key key;

	for (size_t at = 0; at < size;) {
		const uint8_t *in = data + at;
		const uint8_t *end = data + (size - at < piece ? size : at + piece);

		while (keys_next(&k, &in, end, &key))
			put(s, &key);
		MUST(in == end);
		at = (size_t)(end - data);
		piece = piece * 7 % 13 + 1;
	}
	if (keys_flush(&k, &key))
		put(s, &key);
	MUST(!keys_waiting(&k));
}

static void check(const struct prompt *p)
{
	const struct edit *e = &p->line;
	struct footer f = { 0 };
	struct buffer none = { 0 };
	size_t at = 0;

	MUST(e->text.len <= e->max && e->cursor <= e->text.len);
	MUST(text_is_clean(edit_text(e), e->text.len));
	while (at < e->cursor)
		at += text_cluster(e->text.data + at, e->text.len - at, NULL);
	MUST(at == e->cursor);
	MUST(p->paste.len <= PROMPT_PASTE_MAX + 2 * e->max + 1);
	footer_fill(&f, p, &none, "status");
	MUST(f.row_count <= FOOTER_ROWS && text_is_clean(f.text.data, f.text.len));
	footer_finish(&f);
}

static void press(const struct story *s, size_t max)
{
	static struct roster roster;
	struct prompt p;

	roster_came(&roster, "alice", 5);
	roster_came(&roster, "\xe4\xbd\xa0", 3);
	prompt_init(&p, max);
	for (size_t i = 0; i < s->count; i++) {
		enum prompt_action action = prompt_key(&p, &s->keys[i], &roster);

		check(&p);
		if (action == PROMPT_SEND || action == PROMPT_PASTE) {
			MUST(action != PROMPT_SEND || p.line.text.len > 0);
			MUST(action != PROMPT_PASTE || p.paste.len > 0);
			prompt_sent(&p);
			check(&p);
		}
	}
	prompt_finish(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct story whole = { 0 }, pieces = { 0 };

	if (size < 2)
		return 0;
	tell(&whole, data + 2, size - 2, size);
	tell(&pieces, data + 2, size - 2, data[1] % 13 + 1);
	MUST(whole.count == pieces.count);
	for (size_t i = 0; i < whole.count; i++)
		MUST(whole.keys[i].code == pieces.keys[i].code && whole.keys[i].ch == pieces.keys[i].ch);
	press(&whole, data[0]);
	free(whole.keys);
	free(pieces.keys);
	return 0;
}
