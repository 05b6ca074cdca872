/*
 * What a listener grants those who connect through it: bits for chat_connect().
 */
#ifndef SERVER_CORE_BASE_NEWCOMER_H
#define SERVER_CORE_BASE_NEWCOMER_H

/* Bits. */
enum chat_newcomer {
	CHAT_OPERATOR = 1, /* an operator */
	CHAT_TELNET = 2,   /* one that speaks telnet from its first byte on */
};

#endif
