/*
 * Random bytes (random.h): getentropy() (POSIX.1-2024), where a kernel or a container refuses it
 * /dev/urandom, and where that cannot be opened any more, a generator that was seeded at the start.
 *
 * The generator is the ChaCha20 block function (RFC 8439, https://www.rfc-editor.org/rfc/rfc8439)
 * with fast key erasure: the first half of each block is the next key, so what was given out
 * cannot be computed again from what is in memory.
 */
#include "server/shell/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum {
	KEY_WORDS = 8,
	BLOCK_WORDS = 16,
	BLOCK_BYTES = 4 * BLOCK_WORDS,
	OUT_BYTES = BLOCK_BYTES - 4 * KEY_WORDS, /* of a block, the key aside */
	ROUNDS = 20,
	ENTROPY_MAX = 256, /* bytes that one getentropy() gives */
};

static uint32_t key[KEY_WORDS];

static uint32_t rotate(uint32_t word, int bits)
{
	return word << bits | word >> (32 - bits);
}

static void quarter(uint32_t w[BLOCK_WORDS], int a, int b, int c, int d)
{
	w[a] += w[b];
	w[d] = rotate(w[d] ^ w[a], 16);
	w[c] += w[d];
	w[b] = rotate(w[b] ^ w[c], 12);
	w[a] += w[b];
	w[d] = rotate(w[d] ^ w[a], 8);
	w[c] += w[d];
	w[b] = rotate(w[b] ^ w[c], 7);
}

/* The block of counter and nonce zero under the key, which is used once. */
static void make_block(uint32_t out[BLOCK_WORDS])
{
	uint32_t begin[BLOCK_WORDS] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

	memcpy(begin + 4, key, sizeof(key));
	memcpy(out, begin, sizeof(begin));
	for (int i = 0; i < ROUNDS; i += 2) {
		for (int k = 0; k < 4; k++)
			quarter(out, k, k + 4, k + 8, k + 12);
		for (int k = 0; k < 4; k++)
			quarter(out, k, (k + 1) % 4 + 4, (k + 2) % 4 + 8, (k + 3) % 4 + 12);
	}
	for (int i = 0; i < BLOCK_WORDS; i++)
		out[i] += begin[i];
}

static void generate(unsigned char *out, size_t len)
{
	while (len > 0) {
		uint32_t block[BLOCK_WORDS];
		size_t n = len < OUT_BYTES ? len : OUT_BYTES;

		make_block(block);
		memcpy(key, block, sizeof(key));
		memcpy(out, block + KEY_WORDS, n);
		out += n;
		len -= n;
	}
}

/* Whether the file of random bytes gave all of them. */
static bool read_file(unsigned char *out, size_t len)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t done = 0;

	while (fd >= 0 && done < len) {
		ssize_t n = read(fd, out + done, len - done);

		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	return done == len;
}

static bool ask_system(unsigned char *out, size_t len)
{
	return getentropy(out, len) == 0 || read_file(out, len);
}

int random_open(struct error *error)
{
	if (ask_system((unsigned char *)key, sizeof(key)))
		return 0;
	return error_set(error, ERROR_START,
		"no random numbers: the system has neither getrandom() nor /dev/urandom: %s",
		strerror(errno));
}

void random_fill(void *buffer, size_t len)
{
	unsigned char *out = buffer;

	while (len > 0) {
		size_t n = len < ENTROPY_MAX ? len : ENTROPY_MAX;

		if (!ask_system(out, n))
			generate(out, n);
		out += n;
		len -= n;
	}
}
