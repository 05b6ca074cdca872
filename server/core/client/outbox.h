/*
 * The lines that only one client sees: answers, errors, private messages, the rest of a line that a
 * send cut in two. A queue of pieces in one heap buffer that exists only while something is in it.
 *
 * Each piece has its place in the client's stream: it goes out when the cursor has reached it.
 */
#ifndef SERVER_CORE_CLIENT_OUTBOX_H
#define SERVER_CORE_CLIENT_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* Private lines that may wait for a client that does not read, in bytes. */
	OUTBOX_MAX = 64 * 1024,

	/* As long as more than this waits, the client's own commands do too. */
	OUTBOX_BUSY = 16 * 1024,
};

struct outbox_buffer {
	uint32_t start, end; /* what is in it lies between them */
	uint32_t size;
	char bytes[];
};

/* All zero is empty. */
struct outbox {
	struct outbox_buffer *buffer; /* heap; NULL: nothing is in it */
};

/* The first piece, until the next change. */
struct outbox_piece {
	uint64_t at; /* the ID before which it goes out; 0: at once */
	const char *bytes;
	size_t len;
	bool raw; /* goes out as it is, not in a frame */
};

/* Whether nothing waits. */
static inline bool outbox_is_empty(const struct outbox *outbox)
{
	return outbox->buffer == NULL;
}

/* Bytes waiting, those that keep the books included. */
size_t outbox_waiting(const struct outbox *outbox);

/* Whether a private message of len bytes may wait with what does already (OUTBOX_MAX). */
bool outbox_fits(const struct outbox *outbox, size_t len);

/*
 * Adds a piece of len bytes at the end and returns where to write them; NULL: no memory, and
 * nothing has changed.
 */
char *outbox_add(struct outbox *outbox, uint64_t at, size_t len);

/*
 * Adds a piece that goes out as it is where lines go out in frames, as soon as it is the first. 0,
 * or -1 when there is no memory.
 */
int outbox_add_raw(struct outbox *outbox, const void *bytes, size_t len);

/* Puts a piece before all others, to go out at once. 0, or -1 when there is no memory. */
int outbox_put_first(struct outbox *outbox, const char *bytes, size_t len);
int outbox_put_first_raw(struct outbox *outbox, const void *bytes, size_t len);

/*
 * The piece at *position (0 for the first), false if there is none; *position moves to the next.
 */
bool outbox_next(const struct outbox *outbox, uint32_t *position, struct outbox_piece *piece);

/* Takes len bytes of the first piece away, or all of it. */
void outbox_consume(struct outbox *outbox, size_t len);

/* Lets every piece go out at once. */
void outbox_hurry(struct outbox *outbox);

/* Forgets all but the raw pieces at the front. */
void outbox_forget_lines(struct outbox *outbox);

/* Forgets everything and frees it. */
void outbox_finish(struct outbox *outbox);

#endif
