/*
 * chatc: options, the connection, then either the conversation on a terminal or the filter.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/shell/connection.h"
#include "client/shell/filter.h"
#include "client/shell/log.h"
#include "client/shell/options.h"
#include "client/shell/tui.h"

enum { PASSWORD_MAX = 1024 };

/* A descriptor opened later must not become standard input, output or error. */
static void open_standard_descriptors(void)
{
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd < STDERR_FILENO)
		fd = open("/dev/null", O_RDWR);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* The first line of a file. 0, or -1 with what is wrong said on standard error. */
static int read_password(const char *path, char password[PASSWORD_MAX], size_t *len)
{
	FILE *file = fopen(path, "r");
	const char *error = NULL;

	*password = '\0';
	if (!file || (!fgets(password, PASSWORD_MAX, file) && ferror(file)))
		error = strerror(errno);
	if (file)
		fclose(file);
	*len = strcspn(password, "\r\n");
	if (!error && !*len)
		error = "there is no password in it";
	if (error)
		fprintf(stderr, "chatc: --password-file %s: %s\n", path, error);
	return error ? -1 : 0;
}

static int run(const struct options *o)
{
	struct connection connection;
	struct log log;
	char password[PASSWORD_MAX], why[TARGET_NAME_MAX + CHILD_REASON_MAX];
	size_t password_len = 0;
	bool interactive = !o->say && !o->relay && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	int status;

	if (o->password_file && read_password(o->password_file, password, &password_len) < 0)
		return EXIT_FAILURE;
	if (log_open(&log, o->log) < 0)
		return EXIT_FAILURE;
	status = connection_init(&connection, o);
	connection.keeps_errors = interactive && o->target.kind != TARGET_TLS;
	if (status < 0 || connection_wait(&connection, interactive) != CONNECTION_UP) {
		connection_explain(&connection, why, sizeof(why));
		fprintf(stderr, "connect fail: %s\n", why);
		status = EXIT_FAILURE;
	} else {
		status = (interactive ? tui_run : filter_run)(o, &connection, &log,
			o->password_file ? password : NULL, password_len);
	}
	connection_finish(&connection);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	int status;

	open_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a log that has grown too large is told of as any that fails */
	status = options_parse(&options, argc, argv);
	if (status < 0)
		status = run(&options);
	options_finish(&options);
	return status;
}
