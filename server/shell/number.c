/*
 * Numbers of options (number.h).
 */
#include "server/shell/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"

enum { KILO = 1024, MEGA = 1024 * KILO };

const char *number_text(char out[NUMBER_TEXT_MAX], uint64_t number, bool is_size)
{
	const char *unit = "";

	if (is_size && number % KILO == 0) {
		unit = number % MEGA == 0 ? "M" : "K";
		number /= number % MEGA == 0 ? MEGA : KILO;
	}
	snprintf(out, NUMBER_TEXT_MAX, "%" PRIu64 "%s", number, unit);
	return out;
}

int number_read(const struct number_range *range, const char *value, const char *label,
	uint64_t *number, struct error *error)
{
	size_t len = strlen(value);
	uint32_t unit = 1;
	char min[NUMBER_TEXT_MAX], max[NUMBER_TEXT_MAX];

	if (range->is_size && len > 0 && strchr("KkMm", value[len - 1]) != NULL)
		unit = strchr("Kk", value[--len]) != NULL ? KILO : MEGA;
	if (!text_number(value, len, range->max / unit, number) || *number * unit < range->min)
		return error_set(error, ERROR_USAGE, "%s must be a %s from %s to %s, not \"%s\"",
			label, range->is_size ? "size" : "number",
			number_text(min, range->min, range->is_size),
			number_text(max, range->max, range->is_size), value);
	*number *= unit;
	return 0;
}
