/*
 * The page to chat with: one constant file, its style and script inside. pack.py makes it from the
 * files in this folder.
 */
#ifndef SERVER_WEB_PAGE_H
#define SERVER_WEB_PAGE_H

#include <stddef.h>

enum {
	WEB_PAGE_MAX = 64 * 1024,
	WEB_PAGE_GZIP_MAX = 20 * 1024,
};

struct web_page {
	const unsigned char *gzip; /* UTF-8, compressed (RFC 1952) */
	size_t gzip_len;
	size_t len; /* of it, unpacked */

	/*
	 * For Content-Security-Policy: all of it up to the name of its last directive,
	 * frame-ancestors. The caller adds a space and that one's sources.
	 */
	const char *policy;
};

extern const struct web_page web_page;

#endif
