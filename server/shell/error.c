/*
 * Why something could not be done (error.h).
 */
#include "server/shell/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *error, enum error_status status, const char *format, ...)
{
	va_list args;

	error->status = status;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	/* It may quote anything that was typed, and must still be one line. */
	for (char *c = error->text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return -1;
}
