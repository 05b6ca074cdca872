/*
 * In front of every file of the core that is simulated: its memory is the simulator's (heap.h).
 */
#ifndef SIM_BORROW_H
#define SIM_BORROW_H

#include <stdlib.h>

#include "test/sim/heap.h"

#define malloc heap_get
#define calloc heap_get_zeroed
#define realloc heap_resize
#define free heap_free

#endif
