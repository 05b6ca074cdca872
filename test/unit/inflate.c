/*
 * Unpacks what check_inflate.py sends: the length of the result and of the packed bytes, four bytes
 * each, lowest first, and then these. Answers with 1 and the result, or with 0.
 */
#include <stdio.h>
#include <stdlib.h>

#include "server/core/base/inflate.h"

static bool read_number(size_t *number)
{
	unsigned char bytes[4];

	if (fread(bytes, 1, 4, stdin) != 4)
		return false;
	*number = bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
	return true;
}

/* In memory of just the right size, so that a sanitizer sees a byte too far. */
static int unpack(size_t len, size_t packed_len)
{
	char *packed = malloc(packed_len + (packed_len == 0)), *out = malloc(len + (len == 0));
	bool ok = packed != NULL && out != NULL &&
		fread(packed, 1, packed_len, stdin) == packed_len;
	bool right = ok && inflate((struct slice){ packed, packed_len }, out, len);

	if (ok) {
		putchar(right);
		fwrite(out, 1, right ? len : 0, stdout);
	}
	free(packed);
	free(out);
	return ok ? 0 : 1;
}

int main(void)
{
	size_t len, packed_len;

	while (read_number(&len) && read_number(&packed_len))
		if (unpack(len, packed_len) != 0)
			return 1;
	return fflush(stdout) != 0;
}
