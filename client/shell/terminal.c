#include "client/shell/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { FLUSH_TICKS = 1000 };

#define PASTE_ON "\033[?2004h"

/* Whatever the bytes in flight were: no colours, wrapping, a cursor, no bracketed paste. */
static const char resetting[] = "\033[m\033[?7h\033[?25h\033[?2004l";

/* What the handler of a fault must know. */
static struct termios found;
static volatile int taken = -1; /* the descriptor whose modes were taken */
static volatile int screen = -1; /* where resetting goes; -1: nowhere */

int terminal_open(struct terminal *t, bool plain)
{
	const char *name = ttyname(STDOUT_FILENO);

	*t = (struct terminal){ .in = STDIN_FILENO, .out = STDOUT_FILENO, .plain = plain };
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
	screen = t->out;
	taken = t->in;
	if (tcsetattr(t->in, TCSANOW, &raw) < 0)
		return -1;
	buffer_text(&t->owed, PASTE_ON);
	return 0;
}

void terminal_restore(void)
{
	int fd = taken;

	taken = -1;
	if (fd < 0)
		return;
	if (screen >= 0 && write(screen, resetting, sizeof(resetting) - 1) < 0)
		screen = -1; /* a terminal that is gone, or stopped: there is nothing to be done */
	(void)tcsetattr(fd, TCSANOW, &found);
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
