/*
 * What several commands read alike in their arguments (args.h).
 */
#include "server/core/command/args.h"

#include "proto/text.h"

bool args_id(const struct args *args, unsigned i, uint64_t *id)
{
	if (text_number(args->text[i], args->len[i], UINT64_MAX - 1, id))
		return true;
	*id = UINT64_MAX - 1;
	for (size_t at = 0; at < args->len[i]; at++)
		if (args->text[i][at] < '0' || args->text[i][at] > '9')
			return false;
	return true;
}
