/* Writes one part of the page as the program has it, for check_page.py. */
#include <stdio.h>
#include <string.h>

#include "server/web/page.h"

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";
	size_t len = 0, written = 0;

	if (strcmp(part, "gzip") == 0) {
		len = web_page.gzip_len;
		written = fwrite(web_page.gzip, 1, len, stdout);
	} else if (strcmp(part, "policy") == 0) {
		len = strlen(web_page.policy);
		written = fwrite(web_page.policy, 1, len, stdout);
	}
	return len == 0 || written != len || fflush(stdout) != 0;
}
