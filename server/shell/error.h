/*
 * Why something could not be done, in words for the person who runs chatd: one short line that
 * names the option or the file and what is wrong with it. It goes to standard error when chatd
 * starts, and to the log when it happens later.
 */
#ifndef SERVER_SHELL_ERROR_H
#define SERVER_SHELL_ERROR_H

/* The exit status that goes with it. */
enum error_status {
	ERROR_START = 1, /* it cannot start or go on: a file, a socket, a limit of the system */
	ERROR_USAGE = 2, /* it was asked for something wrong, in a file or by an option */
};

enum { ERROR_TEXT_MAX = 512 };

struct error {
	enum error_status status;
	char text[ERROR_TEXT_MAX]; /* one line without its end, free of control characters */
};

/* Sets it, in printf(3)'s format, and returns -1, so that a failing function can return it. */
int error_set(struct error *error, enum error_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
