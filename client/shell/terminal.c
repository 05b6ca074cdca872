/*
 * The modes of the terminal. The rule: whatever ends the program, a fault too, they are given back
 * as they were found, and nothing but the bytes of terminal_restore() is needed for that.
 *
 * Sequences: DEC private modes 7 (wrapping), 25 (cursor), 1004 (focus), 2004 (bracketed paste) and
 * XTWINOPS 22 and 23 (title) of https://invisible-island.net/xterm/ctlseqs/ctlseqs.html.
 */
#include "client/shell/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { FLUSH_TICKS = 1000 };

#define WRAP_OFF "\033[?7l"
#define PASTE_ON "\033[?2004h"
#define FOCUS_ON "\033[?1004h"
#define KEEP_TITLE "\033[22;2t"
#define WHAT_ARE_YOU "\033[>c"
#define FIRST_SCREEN "\033[?1049l"
#define OTHER_SCREEN "\033[?1049h"
#define STRING_END "\033\\"

/*
 * Whatever the bytes in flight were: no colours, no link, wrapping, a cursor, no bracketed paste;
 * in a window no focus events, and its title.
 */
#define RESET "\033[m\033[?7h\033[?25h\033[?2004l"

static const char resetting[] = RESET;
static const char resetting_window[] = "\033\\\033]8;;\033\\\033[?1004l\033[23;2t" RESET;

/* What the handler of a fault must know. */
static struct termios found;
static volatile int taken = -1; /* the descriptor whose modes were taken */
static volatile int screen = -1; /* where resetting goes; -1: nowhere */
static volatile int alternate; /* … and it shows its other screen */
static volatile int windowed; /* … and it is a window */

int terminal_open(struct terminal *t, struct terminal_type type, bool plain)
{
	const char *name = ttyname(STDOUT_FILENO);

	*t = (struct terminal){
		.in = STDIN_FILENO, .out = STDOUT_FILENO, .plain = plain, .window = type.window,
	};
	if (name)
		t->out = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (t->out < 0)
		t->out = STDOUT_FILENO;
	return tcgetattr(t->in, &found);
}

void terminal_finish(struct terminal *t)
{
	if (t->out != STDOUT_FILENO)
		close(t->out);
	buffer_finish(&t->owed);
}

int terminal_begin(struct terminal *t)
{
	struct termios raw;

	if (t->plain)
		return 0;
	/* After a stop that nobody told us of they are still taken, whatever they are now. */
	if (taken < 0 && tcgetattr(t->in, &found) < 0)
		return -1;
	raw = found;
	raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
	raw.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
	raw.c_cflag |= CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	windowed = t->window;
	screen = t->out;
	taken = t->in;
	if (tcsetattr(t->in, TCSANOW, &raw) < 0)
		return -1;
	buffer_text(&t->owed, WRAP_OFF PASTE_ON);
	if (t->window)
		buffer_text(&t->owed, FOCUS_ON KEEP_TITLE WHAT_ARE_YOU);
	return 0;
}

bool terminal_is_ours(const struct terminal *t)
{
	pid_t group = tcgetpgrp(t->in);

	return group < 0 || group == getpgrp();
}

void terminal_restore(void)
{
	const char *bytes = windowed ? resetting_window : resetting;
	size_t len = windowed ? sizeof(resetting_window) - 1 : sizeof(resetting) - 1;
	int fd = taken;

	taken = -1;
	if (fd < 0)
		return;
	if (alternate && write(screen, FIRST_SCREEN, sizeof(FIRST_SCREEN) - 1) > 0)
		alternate = 0;
	if (screen >= 0 && write(screen, bytes, len) < 0)
		screen = -1; /* a terminal that is gone, or stopped: there is nothing to be done */
	(void)tcsetattr(fd, TCSANOW, &found);
}

void terminal_title(struct terminal *t, const char *text, size_t len)
{
	if (!t->window)
		return;
	buffer_text(&t->owed, "\033]2;");
	buffer_append(&t->owed, text, len);
	buffer_text(&t->owed, STRING_END);
}

void terminal_alternate(struct terminal *t, bool other)
{
	if (other == (alternate != 0))
		return;
	alternate = other;
	buffer_text(&t->owed, other ? OTHER_SCREEN : FIRST_SCREEN);
}

/* Both kinds: a terminal knows one of them, and leaves out the other. */
void terminal_notify(struct terminal *t, const char *who, size_t who_len, const char *text,
	size_t len)
{
	struct buffer *out = &t->owed;

	if (!t->window)
		return;
	buffer_text(out, "\033]9;");
	buffer_append(out, who, who_len);
	buffer_text(out, ": ");
	buffer_append(out, text, len);
	buffer_text(out, STRING_END "\033]777;notify;");
	for (size_t i = 0; i < who_len; i++)
		buffer_append(out, who[i] == ';' ? "," : &who[i], 1);
	buffer_text(out, ";");
	buffer_append(out, text, len);
	buffer_text(out, STRING_END);
}

void terminal_hide(struct terminal *t, bool hidden)
{
	struct termios now;

	if (tcgetattr(t->in, &now) < 0)
		return;
	if (hidden)
		now.c_lflag &= ~(tcflag_t)ECHO;
	else
		now.c_lflag |= ECHO;
	screen = -1;
	taken = t->in;
	(void)tcsetattr(t->in, TCSANOW, &now);
}

void terminal_size(const struct terminal *t, size_t *width, size_t *height)
{
	struct winsize size = { 0 };

	(void)ioctl(t->in, TIOCGWINSZ, &size);
	*width = size.ws_col;
	*height = size.ws_row;
}

void terminal_write(struct terminal *t)
{
	while (t->owed.len && !t->broken) {
		ssize_t n = write(t->out, t->owed.data, t->owed.len);

		if (n >= 0)
			buffer_consume(&t->owed, (size_t)n);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
		else if (errno != EINTR)
			t->broken = true;
	}
	if (t->broken)
		t->owed.len = 0;
}

bool terminal_flush(struct terminal *t)
{
	struct pollfd p = { .fd = t->out, .events = POLLOUT };
	bool done;

	do
		terminal_write(t);
	while (t->owed.len && poll(&p, 1, FLUSH_TICKS) > 0);
	done = t->owed.len == 0;
	t->owed.len = 0;
	return done;
}
