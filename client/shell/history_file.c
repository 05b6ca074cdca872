/*
 * Keeps the lines that were typed. Nothing of it is worth a word to the person when it fails, and
 * a line that must not be kept (recall_keeping) never comes into the file.
 */
#include "client/shell/history_file.h"

#include <stdbool.h>
#include <unistd.h>

#include "client/core/buffer.h"
#include "client/shell/user_file.h"

enum {
	/* A file longer than this is rewritten with the lines that are still of use. */
	HISTORY_FILE_BYTES_MAX = 256 * 1024,
};

/* Writes a file that has only the lines that are still of use. */
static void shorten(const char *path, const struct recall *recall)
{
	struct buffer text = { 0 };

	for (size_t i = 0; i < recall->count; i++) {
		const struct recall_line *line = recall_at(recall, i);

		buffer_append(&text, line->text, line->len);
		buffer_text(&text, "\n");
	}
	if (!text.failed)
		(void)user_file_replace(path, text.data, text.len);
	buffer_finish(&text);
}

void history_file_open(struct history_file *h, struct recall *recall)
{
	char path[USER_FILE_PATH_MAX];
	struct buffer text = { 0 };
	bool whole;

	h->fd = -1;
	if (user_file_state(path, "history") < 0)
		return;
	whole = user_file_read(path, &text) == 0;
	recall_load(recall, text.data, text.len);
	if (whole && text.len > HISTORY_FILE_BYTES_MAX)
		shorten(path, recall);
	buffer_finish(&text);
	h->fd = user_file_append_state(path);
}

void history_file_close(struct history_file *h)
{
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
}

void history_file_add(const struct history_file *h, const char *line, size_t len)
{
	struct buffer text = { 0 };

	if (h->fd < 0 || recall_keeping(line, len) != RECALL_FILE)
		return;
	buffer_append(&text, line, len);
	buffer_text(&text, "\n");
	if (!text.failed)
		(void)user_file_write(h->fd, text.data, text.len);
	buffer_finish(&text);
}
