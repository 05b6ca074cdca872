/*
 * A server that sends anything, and a screen: what is drawn holds nothing but safe text and the
 * few sequences that the view uses, and what is kept stays bounded.
 *
 * The first two bytes of the input are the size of the screen. A line that begins with a byte
 * below 8 is no line of the server but something that happens.
 */
#include "client/core/session.h"
#include "client/core/view.h"
#include "proto/text.h"
#include "test/fuzz/fuzz.h"

enum event {
	EVENT_CONNECT,
	EVENT_LOST,
	EVENT_WAIT,
	EVENT_SAY,
	EVENT_RESIZE,
	EVENT_CLEAR,
	EVENT_PASSWORD,
	EVENT_LEAVE,
	EVENT_PASTE,
	EVENTS,
};

struct stage {
	struct session session;
	struct view view;
	struct prompt prompt;
	struct footer footer;
	struct time now;
};

/* A link or the end of one: ESC ] 8 ; … ESC \ */
static size_t link(const char *s, size_t len)
{
	size_t at = 4;

	MUST(memcmp(s, "\033]8;", 4) == 0);
	while (at < len && s[at] > ' ' && s[at] < 0x7f)
		at++;
	MUST(at + 1 < len && s[at] == '\033' && s[at + 1] == '\\');
	return at + 2;
}

static size_t sequence(const char *s, size_t len)
{
	size_t at = 1;

	MUST(len > 4 || s[1] == '[');
	if (s[1] == ']')
		return link(s, len);
	MUST(len > 2 && s[0] == '\033' && s[1] == '[');
	while (++at < len && (s[at] == '?' || (s[at] >= '0' && s[at] <= ';')))
		continue;
	MUST(at < len && strchr("ABCGHJKLmhln", s[at]) != NULL);
	return at + 1;
}

static void check_bytes(const char *s, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t run = at;

		if (s[at] == '\033') {
			at += sequence(s + at, len - at);
			continue;
		}
		if (s[at] == '\r' || s[at] == '\n' || s[at] == '\b') {
			at++;
			continue;
		}
		while (run < len && s[run] != '\033' && s[run] != '\r' && s[run] != '\n' &&
			s[run] != '\b')
			run++;
		MUST(text_is_clean(s + at, run - at));
		at = run;
	}
}

static void paint(struct stage *s)
{
	struct buffer out = { 0 };

	do {
		out.len = 0;
		footer_fill(&s->footer, &s->prompt, &s->session.pending.lines, "status");
		view_paint(&s->view, &s->session.scrollback, &s->footer, &out);
		check_bytes(out.data, out.len);
		MUST(s->view.shown.rows <= s->view.height && s->view.shown.cursor_row < s->view.height);
		MUST(s->view.shown.cursor_column < s->view.width || s->view.width < 2);
	} while (s->session.scrollback.fresh);
	buffer_finish(&out);
}

static void happen(struct stage *s, enum event event, const char *text, size_t len)
{
	struct session *session = &s->session;
	char clean[3 * 256 + 1];

	len = len < 256 ? len : 256;
	switch (event) {
	case EVENT_CONNECT:
		if (session->state == SESSION_DOWN)
			session_connected(session, s->now);
		break;
	case EVENT_LOST:
		session_lost(session, s->now, 0);
		break;
	case EVENT_WAIT:
		s->now.msec += 1000;
		s->now.utc += 1;
		session_tick(session, s->now);
		break;
	case EVENT_SAY:
		len = text_clean(clean, text, len);
		if (len)
			session_say(session, clean, len, s->now);
		break;
	case EVENT_RESIZE:
		view_resize(&s->view, len ? (unsigned char)text[0] : 1, len);
		break;
	case EVENT_CLEAR:
		view_clear(&s->view);
		break;
	case EVENT_PASSWORD:
		session_set_password(session, text, len);
		break;
	case EVENT_PASTE:
		len = text_clean(clean, text, len);
		clean[len++] = '\n';
		session_paste(session, clean, len, s->now);
		break;
	default:
		session_leave(session, "/quit", 5, s->now);
	}
}

static size_t lines_of(const struct buffer *b)
{
	size_t lines = 0;

	for (size_t i = 0; i < b->len; i++)
		lines += b->data[i] == '\n';
	return lines;
}

static void check_session(const struct session *s)
{
	MUST(s->max_message >= MESSAGE_MIN && s->max_message <= MESSAGE_MAX);
	MUST(s->pending.doubtful <= s->pending.lines.len);
	MUST(s->roster.count <= ROSTER_MAX);
	MUST(s->scrollback.count <= SCROLLBACK_ITEMS);
	MUST(s->identity.current.len <= NICK_MAX && s->resume.token_len <= TOKEN_LEN);
	MUST(s->pending.numbers.len / sizeof(uint64_t) == lines_of(&s->pending.lines));
	MUST(s->paste.at <= s->paste.lines.len && strlen(s->room) < sizeof(s->room));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stage s = { .now = { .msec = 1, .utc = 1666214640 } };
	const char *at = (const char *)data + 2, *end = (const char *)data + size;

	if (size < 2)
		return 0;
	session_init(&s.session, "bob");
	session_connected(&s.session, s.now);
	prompt_init(&s.prompt, MESSAGE_DEFAULT);
	view_init(&s.view, (struct look){ PALETTE_256, data[0] & 1 }, data[0], data[1]);
	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *stop = lf ? lf : end;

		if (stop > at && (uint8_t)*at < EVENTS)
			happen(&s, (enum event)*at, at + 1, (size_t)(stop - at - 1));
		else if (s.session.state != SESSION_DOWN)
			session_line(&s.session, at, (size_t)(stop - at), s.now);
		check_session(&s.session);
		s.session.out.len = 0;
		paint(&s);
		at = lf ? lf + 1 : end;
	}
	session_finish(&s.session);
	prompt_finish(&s.prompt);
	view_finish(&s.view);
	footer_finish(&s.footer);
	return 0;
}
