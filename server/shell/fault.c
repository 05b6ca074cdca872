/*
 * Why something could not be done (fault.h).
 */
#include "server/shell/fault.h"

#include <stdarg.h>
#include <stdio.h>

int fault_set(struct fault *fault, enum fault_status status, const char *format, ...)
{
	va_list args;

	fault->status = status;
	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	/* It may quote anything that was typed, and must still be one line. */
	for (char *c = fault->text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return -1;
}
