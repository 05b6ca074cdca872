/*
 * What a pure core may not ask for, and a daemon wants of its host: the time, its standard files,
 * enough descriptors.
 */
#ifndef SERVER_SHELL_HOST_H
#define SERVER_SHELL_HOST_H

#include <stdint.h>

#include "server/core/base/time.h"
#include "server/shell/error.h"

struct time host_now(void);

/* Reads the time zone again, which may be another one by now. */
void host_read_zone(void);

/* Opens /dev/null where standard input, output or error is closed, so that no socket gets there. */
void host_standard_files(void);

/* Of large tables only what is used takes memory, where the C library has to be told. */
void host_tune_memory(void);

/*
 * Makes room for `clients` clients and `others` descriptors beside them. 0, or -1 with *error,
 * which names how many are needed and how many are allowed.
 */
int host_descriptors(uint32_t clients, uint32_t others, struct error *error);

#endif
