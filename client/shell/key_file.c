/*
 * Lines of "SERVER NICK KEY"; the last one for a nick counts. A key is only ever read for the
 * server that gave it.
 */
#include "client/shell/key_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/core/piece.h"
#include "client/shell/user_file.h"

/* The server as one word: "tls:chat.example.org:6697". 0, or -1: it has no such name. */
static int name_server(const struct target *t, char name[TARGET_NAME_MAX])
{
	static const char *const schemes[] = {
		[TARGET_TCP] = "", [TARGET_UNIX] = "unix:", [TARGET_TLS] = "tls:",
		[TARGET_SSH] = "ssh:",
	};
	const struct target_host *h = &t->hosts[0];
	int len = t->kind == TARGET_UNIX
		? snprintf(name, TARGET_NAME_MAX, "unix:%s", t->path)
		: snprintf(name, TARGET_NAME_MAX, "%s%s%s%s", schemes[t->kind], h->name,
			h->port ? ":" : "", h->port ? h->port : "");

	return len > 0 && len < TARGET_NAME_MAX && !strpbrk(name, " \t\n") ? 0 : -1;
}

void key_file_load(const struct target *target, struct claims *claims)
{
	char path[USER_FILE_PATH_MAX], server[TARGET_NAME_MAX];
	struct buffer text = { 0 };

	if (name_server(target, server) == 0 && user_file_state(path, "keys") == 0 &&
		user_file_read(path, &text) == 0) {
		for (size_t at = 0; at < text.len;) {
			const char *line = text.data + at;
			const char *end = memchr(line, '\n', text.len - at);
			struct piece rest = { line, end ? (size_t)(end - line) : text.len - at };
			struct piece place, nick;

			at += rest.len + 1;
			place = piece_word(&rest);
			nick = piece_word(&rest);
			if (piece_is(place, server) && rest.len == CLAIMS_KEY_LEN)
				claims_add(claims, nick, rest);
		}
	}
	buffer_wipe(&text);
}

/* The last of the claims is the one that has come. */
static struct piece last_line(const struct claims *claims)
{
	size_t start = claims->lines.len - 1;

	while (start > 0 && claims->lines.data[start - 1] != '\n')
		start--;
	return (struct piece){ claims->lines.data + start, claims->lines.len - start };
}

int key_file_save(const struct target *target, struct claims *claims)
{
	char path[USER_FILE_PATH_MAX], server[TARGET_NAME_MAX];
	struct buffer text = { 0 };
	struct piece line = last_line(claims);
	int fd = -1, status = -1;

	claims->changed = false;
	errno = ENAMETOOLONG;
	if (name_server(target, server) < 0 || user_file_state(path, "keys") < 0)
		return -1;
	buffer_text(&text, server);
	buffer_text(&text, " ");
	buffer_append(&text, line.s, line.len);
	errno = ENOMEM;
	if (!text.failed && (fd = user_file_append_state(path)) >= 0) {
		status = user_file_write(fd, text.data, text.len);
		if (close(fd) < 0)
			status = -1;
	}
	buffer_wipe(&text);
	return status;
}
