/*
 * The rows below the messages, as text. The rule: they are made from nothing at each turn;
 * footer_view.c finds out which of them have changed.
 */
#include "client/core/footer.h"

#include <string.h>

void footer_finish(struct footer *f)
{
	buffer_finish(&f->text);
}

static void begin_row(struct footer *f, bool faint)
{
	f->rows[f->row_count++] = (struct footer_row){ .start = f->text.len, .faint = faint };
}

static void end_row(struct footer *f)
{
	struct footer_row *row = &f->rows[f->row_count - 1];

	row->len = f->text.len - row->start;
}

static size_t count_lines(const struct buffer *lines)
{
	size_t count = 0;

	for (size_t i = 0; i < lines->len; i++)
		count += lines->data[i] == '\n';
	return count;
}

/* A row for each of the lines; of more than max, the last row says how many there are. */
static void put_lines(struct footer *f, const struct buffer *lines, size_t max)
{
	size_t count = count_lines(lines), shown = count > max ? max - 1 : count;
	const char *at = lines->data;

	for (size_t i = 0; i < shown; i++) {
		const char *end = memchr(at, '\n', (size_t)(lines->data + lines->len - at));

		begin_row(f, true);
		buffer_text(&f->text, "  ");
		buffer_append(&f->text, at, (size_t)(end - at));
		end_row(f);
		at = end + 1;
	}
	if (shown < count) {
		begin_row(f, true);
		buffer_format(&f->text, "  (%zu more)", count - shown);
		end_row(f);
	}
}

static void put_paste(struct footer *f, const struct prompt *p)
{
	put_lines(f, &p->paste, FOOTER_PASTE);
	begin_row(f, false);
	if (p->paste_too_long)
		buffer_format(&f->text, "line %zu is too long (at most %zu bytes): Enter drops all",
			p->paste_too_long, p->line.max);
	else
		buffer_format(&f->text, "send %zu lines? y or Enter sends, n or Ctrl-C drops",
			p->paste_lines);
	end_row(f);
}

/* Begins what comes next in the status row, after what is in it. */
static void begin_status(struct footer *f)
{
	if (f->has_status)
		buffer_text(&f->text, ", ");
	else
		begin_row(f, false);
	f->has_status = true;
}

static void put_search(struct footer *f, const struct prompt *p)
{
	begin_status(f);
	buffer_text(&f->text, p->failing ? "not found: " : "search: ");
	buffer_append(&f->text, p->search.data, p->search.len);
	end_row(f);
}

static void put_counter(struct footer *f, const struct prompt *p)
{
	size_t left = p->line.max > p->line.text.len ? p->line.max - p->line.text.len : 0;

	if (left > FOOTER_COUNTER || left > p->line.max / 2 || p->secret)
		return;
	begin_status(f);
	buffer_format(&f->text, "%zu byte%s left", left, left == 1 ? "" : "s");
	end_row(f);
}

static void put_status(struct footer *f, const struct prompt *p, const char *status)
{
	f->has_status = false;
	if (*status) {
		begin_status(f);
		buffer_text(&f->text, status);
		end_row(f);
	}
	if (p->mode == PROMPT_SEARCHING)
		put_search(f, p);
	put_counter(f, p);
	if (p->paste_left_out) {
		begin_status(f);
		buffer_format(&f->text, "%zu bytes of the paste did not fit", p->paste_left_out);
		end_row(f);
	}
}

void footer_fill(struct footer *f, const struct prompt *p, const struct buffer *pending,
	const char *status)
{
	f->text.len = 0;
	f->row_count = 0;
	f->label = p->secret ? "password: " : p->label.len ? p->label.data : "> ";
	f->line = edit_text(&p->line);
	f->line_len = p->secret ? 0 : p->line.text.len;
	f->cursor = p->secret ? 0 : p->line.cursor;
	put_lines(f, pending, FOOTER_PENDING);
	if (p->mode == PROMPT_ASKING)
		put_paste(f, p);
	put_status(f, p, status);
}

void footer_add_bar(struct footer *f, const char *text, size_t len)
{
	begin_row(f, true);
	buffer_append(&f->text, text, len);
	end_row(f);
}
