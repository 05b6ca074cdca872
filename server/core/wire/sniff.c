/*
 * Telling chat from other protocols by the first line. People write all kinds of things, in
 * capitals too, so a rule here asks for the whole shape of a protocol's opening and not for a word
 * alone, where there is more to it than a word.
 */
#include "server/core/wire/sniff.h"

#include <string.h>

enum { METHOD_MIN = 3 }; /* GET, PUT, PRI */

static const struct alien binary = { .name = "binary" }, tls = { .name = "TLS" },
	ssh = { .name = "SSH" }, http = { .name = "HTTP" }, request = { .name = "a request" },
	smtp = { .name = "SMTP" }, redis = { .name = "Redis" };
static const struct alien irc = {
	.name = "IRC",
	.answer =
		"this is not an IRC server: come with nc, telnet or chatc, and choose a name with "
		"/nick NAME",
};
static const struct alien proxy = {
	.name = "a PROXY header, which this listener does not expect",
	.misrouted = true,
};

/* The part of the header of version 2 that follows its two empty lines. */
static const char proxy_2[] = "\0\r\nQUIT\n";

/* Whether bytes are that part or, when something came before them, the beginning of it. */
static bool begins_proxy_2(const uint8_t *bytes, size_t len, bool begun)
{
	size_t whole = sizeof(proxy_2) - 1;

	if (len > whole)
		len = whole;
	return (len == whole || begun) && memcmp(bytes, proxy_2, len) == 0;
}

static bool is_human(uint8_t byte)
{
	switch (byte) {
	case '\t':
	case '\b':
	case 0x15: /* Ctrl-U */
	case 0x17: /* Ctrl-W */
	case 0x1b:
		return true;
	default:
		return byte >= 0x20;
	}
}

const struct alien *sniff_bytes(const uint8_t *bytes, size_t len, bool cr, bool begun)
{
	size_t at = 0;

	if (cr && len > 0 && (bytes[0] == '\n' || bytes[0] == '\0'))
		at++;
	if (at < len && begins_proxy_2(bytes + at, len - at, begun))
		return &proxy;
	for (size_t i = at; i < len && bytes[i] != '\n' && bytes[i] != '\r'; i++)
		if (!is_human(bytes[i]))
			return bytes[at] == 0x16 ? &tls : &binary;
	return NULL;
}

static size_t capitals(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && ((s[n] >= 'A' && s[n] <= 'Z') || s[n] == '-'))
		n++;
	return n;
}

static size_t digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

static bool begins(const char *line, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && memcmp(line, word, n) == 0;
}

/* Whether a line is this word, alone or with more after a blank. */
static bool is_word(const char *line, size_t len, const char *word)
{
	size_t n = strlen(word);

	return begins(line, len, word) && (len == n || line[n] == ' ');
}

/* NAME/DIGIT.DIGIT, and nothing after it; HTTP/2 will do, too. */
static bool is_version(const char *s, size_t len)
{
	size_t name = capitals(s, len), major, minor;

	if (name == 0 || name == len || s[name] != '/')
		return false;
	s += name + 1;
	len -= name + 1;
	major = digits(s, len);
	if (major == 0 || major == len)
		return major > 0 && name == 4 && begins(s - 5, 4, "HTTP");
	minor = s[major] == '.' ? digits(s + major + 1, len - major - 1) : 0;
	return minor > 0 && major + 1 + minor == len;
}

/*
 * Whether this much of a line that is too long to be kept begins a request: people write "WOW /a
 * …", too, so only the methods that are in use count here. len: of the method with the blank after
 * it.
 */
static bool begins_http(const char *method, size_t len, const char *target, size_t target_len)
{
	static const char known[] =
		"CONNECT GET HEAD POST PUT DELETE OPTIONS TRACE PATCH PROPFIND PRI ";
	const char *word = known;

	while (word[0] != '\0' && strncmp(word, method, len) != 0)
		word += strcspn(word, " ") + 1;
	if (word[0] == '\0' || word == known)
		return word == known;
	return target_len == 0 || *target == '/' || *target == '*' ||
		begins(target, target_len, "http");
}

/*
 * METHOD SP target SP NAME/version, as HTTP (RFC 9112, section 3), RTSP, SIP and others have it;
 * of a long line only how it begins.
 */
static const struct alien *find_request(const char *line, size_t len, bool whole)
{
	size_t method = capitals(line, len);
	const char *target, *version;

	if (method < METHOD_MIN || method >= len || line[method] != ' ')
		return NULL;
	target = line + method + 1;
	len -= method + 1;
	if (!whole)
		return begins_http(line, method + 1, target, len) ? &http : NULL;
	version = memchr(target, ' ', len);
	if (version == NULL)
		return NULL;
	version++;
	len -= (size_t)(version - target);
	if (!is_version(version, len))
		return NULL;
	return begins(version, len, "HTTP/") ? &http : &request;
}

/* Whether an argument begins with a colon, which makes it the last one. */
static bool has_trailing(const char *line, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if (line[i - 1] == ' ' && line[i] == ':')
			return true;
	return false;
}

/*
 * How an IRC client registers (RFC 2812, section 3.1): PASS, then CAP, NICK and USER in any order.
 */
static bool is_irc(const char *line, size_t len)
{
	if (is_word(line, len, "NICK") || is_word(line, len, "CAP LS"))
		return true;
	if (begins(line, len, "USER "))
		return has_trailing(line, len);
	return begins(line, len, "PASS ") && memchr(line + 5, ' ', len - 5) == NULL;
}

static bool is_proxy(const char *line, size_t len)
{
	return is_word(line, len, "PROXY TCP4") || is_word(line, len, "PROXY TCP6") ||
		is_word(line, len, "PROXY UNKNOWN");
}

const struct alien *sniff_line(const char *line, size_t len, bool whole)
{
	if (begins(line, len, "SSH-"))
		return &ssh;
	if (is_proxy(line, len))
		return &proxy;
	if (whole && is_irc(line, len))
		return &irc;
	if (is_word(line, len, "EHLO") || is_word(line, len, "HELO") || is_word(line, len, "LHLO"))
		return &smtp;
	if (len > 1 && line[0] == '*' && digits(line + 1, len - 1) == len - 1)
		return &redis;
	return find_request(line, len, whole);
}
