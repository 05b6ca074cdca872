/*
 * The numbers that both programs and every layer agree on.
 */
#ifndef PROTO_LIMITS_H
#define PROTO_LIMITS_H

enum {
	CHAT_PORT = 8000,

	/* A nick, in bytes of UTF-8. */
	NICK_MAX = 32,

	/* "4294967295" or a nick: what a who may take, the '#' of "#SLOT" included. */
	WHO_MAX = NICK_MAX,

	/* --max-message: bytes of one line as received, without its end. */
	MESSAGE_MIN = 8,
	MESSAGE_DEFAULT = 1024,
	MESSAGE_MAX = 65536,

	/* ctime(3) without its newline: "Wed Oct 19 21:24:05 2022". */
	STAMP_LEN = 24,

	/* A token of /resume: 128 random bits in hexadecimal. */
	TOKEN_LEN = 32,
};

#endif
