/*
 * Prints the width of every code point, by runs: "FIRST LAST COLUMNS", in decimal.
 */
#include <stdio.h>

#include "proto/text.h"

int main(void)
{
	uint32_t first = 0;

	for (uint32_t code = 1; code <= 0x110000; code++) {
		if (code == 0x110000 || text_width(code) != text_width(first)) {
			printf("%u %u %d\n", (unsigned)first, (unsigned)code - 1, text_width(first));
			first = code;
		}
	}
	return 0;
}
