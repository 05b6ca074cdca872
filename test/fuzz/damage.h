/*
 * A real state with changes that the input tells: a state's own bytes few inputs would leave
 * readable, and a corpus of them would not outlive a change of its form.
 */
#ifndef FUZZ_DAMAGE_H
#define FUZZ_DAMAGE_H

#include "server/core/base/codec.h"
#include "test/fuzz/fuzz.h"

/* A change: two bytes for where, then how, and a value. */
enum { DAMAGE = 4 };

enum damage_how { DAMAGE_SET, DAMAGE_ADD, DAMAGE_FILL, DAMAGE_ZERO, DAMAGE_CUT, DAMAGE_HOWS };

/* Where one is to be made, before it is brought into the state. */
static inline size_t damage_at(const uint8_t *c)
{
	return c[0] | (size_t)c[1] << 8;
}

static inline void damage(struct codec *p, size_t at, const uint8_t *c)
{
	size_t run = p->len - at < 8 ? p->len - at : 8;

	switch ((enum damage_how)(c[2] % DAMAGE_HOWS)) {
	case DAMAGE_SET:
		p->bytes[at] = c[3];
		break;
	case DAMAGE_ADD:
		p->bytes[at] = (uint8_t)(p->bytes[at] + c[3]);
		break;
	case DAMAGE_FILL:
		memset(p->bytes + at, 0xff, run);
		break;
	case DAMAGE_ZERO:
		memset(p->bytes + at, 0, run);
		break;
	case DAMAGE_CUT:
		p->len = c[3] == 0 ? at + 1 : p->len;
		break;
	case DAMAGE_HOWS:
		break;
	}
}

#endif
