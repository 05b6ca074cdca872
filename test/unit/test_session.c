/*
 * Conversations with a server, as scripts. Each line of a script is one step:
 *
 *	connect             a connection is up
 *	< LINE              the server sends it ($ at its end stands for a stamp)
 *	say LINE            the person types it; "paste LINE" and "password LINE" likewise
 *	leave               … or leaves
 *	waiting LINES       of the person stand above the prompt, until they have been said
 *	wait SECONDS        time goes by
 *	lost                the connection is lost
 *	abandon             … and it is not to be tried again
 *	room ROOM           the room to go to
 *	stay                it is not to be gone to for want of its password
 *	drop LINES          that was left of a paste is dropped
 *
 * and what it must bring about, in this order:
 *
 *	> LINE              sent to the server
 *	| LINE              shown, as plain text
 *	refused             (of say)
 *	bell
 */
#include "client/core/render.h"
#include "client/core/session.h"
#include "test/unit/unit.h"

#include <stdlib.h>
#include <time.h>

enum { STORY_SIZE = 8192, START = 1666214640 }; /* Wed Oct 19 21:24:00 2022, UTC */

#define STAMP " --Wed Oct 19 21:24:05 2022"
#define GREETING "< === chatd: you are #3, 2 of 256 online, /help for help\n"
#define GREETED GREETING "| === chatd: you are #3, 2 of 256 online, /help for help\n"
#define TOKEN "0123456789abcdef0123456789abcdef"

/* A person with a nick who is in the room, tags on, the last line being 41. */
#define IN_THE_ROOM "connect\n" GREETING "> /nick bob\n> /resume\n" \
	"| === chatd: you are #3, 2 of 256 online, /help for help\n" \
	"< === resume 41 " TOKEN "\n> /who\n< === 2 online:\n"

/* The same where there are several rooms. */
#define IN_A_ROOM "connect\n" \
	"< === chatd: you are #3, 2 of 256 online, room lobby, /help for help\n" \
	"> /nick bob\n> /resume\n" \
	"| === chatd: you are #3, 2 of 256 online, room lobby, /help for help\n" \
	"< === resume 41 " TOKEN "\n> /who\n> /rooms\n< === 2 online:\n" \
	"< === 2 rooms:\n< === lobby (you): 2 online, up to 41\n< === tea: 1 online, up to 7\n"

/* … and the person has gone to another, where one line has been said. */
#define IN_THE_TEA_ROOM IN_A_ROOM "say /join #tea\n> /ping chatc room\n> /join tea\n" \
	"< === pong chatc room\n< === room tea: 2 online\n> /resume\n> /who\n> /rooms\n" \
	"| === room tea: 2 online\n< @7 1666214645 [alice]: bob?$\n| 21:24![alice]: bob?\n" \
	"< === resume 7 " TOKEN "\n"

struct story {
	char text[STORY_SIZE];
	size_t len;
};

static void tell(struct story *s, const char *mark, const char *bytes, size_t len)
{
	s->len += (size_t)snprintf(s->text + s->len, STORY_SIZE - s->len, "%s%.*s\n", mark,
		(int)len, bytes);
}

/* Tells what a step brought about. */
static void tell_outcome(struct story *s, struct session *session)
{
	struct scrollback *scrollback = &session->scrollback;

	for (size_t at = 0; at < session->out.len;) {
		const char *line = session->out.data + at;
		const char *end = memchr(line, '\n', session->out.len - at);

		tell(s, "> ", line, (size_t)(end - line));
		at += (size_t)(end - line) + 1;
	}
	session->out.len = 0;
	for (size_t i = scrollback->count - scrollback->fresh; i < scrollback->count; i++) {
		struct buffer text = { 0 };

		render_plain(&text, scrollback_at(scrollback, i));
		tell(s, "| ", text.data, text.len - 1);
		buffer_finish(&text);
	}
	scrollback->fresh = 0;
	if (session->attention.bell)
		tell(s, "bell", "", 0);
	session->attention.bell = false;
}

static bool takes(const char *line, size_t len, const char *word, const char **rest,
	size_t *rest_len)
{
	size_t word_len = strlen(word);

	if (len < word_len || memcmp(line, word, word_len) != 0)
		return false;
	*rest = line + word_len;
	*rest_len = len - word_len;
	return true;
}

static int waiting(const struct session *s)
{
	int lines = 0;

	for (size_t i = 0; i < s->pending.lines.len; i++)
		lines += s->pending.lines.data[i] == '\n';
	return lines;
}

/* Does one step; false if the line is none. */
static bool step(struct session *s, const char *line, size_t len, struct time *now,
	struct story *story)
{
	char stamped[512];
	const char *rest;
	size_t n;

	if (takes(line, len, "connect", &rest, &n)) {
		session_connected(s, *now);
	} else if (takes(line, len, "< ", &rest, &n)) {
		bool stamp = n && rest[n - 1] == '$';

		n = (size_t)snprintf(stamped, sizeof(stamped), "%.*s%s", (int)(n - stamp), rest,
			stamp ? STAMP : "");
		session_line(s, stamped, n, *now);
	} else if (takes(line, len, "say ", &rest, &n)) {
		if (!session_say(s, rest, n, *now))
			tell(story, "refused", "", 0);
	} else if (takes(line, len, "paste ", &rest, &n)) {
		n = (size_t)snprintf(stamped, sizeof(stamped), "%.*s\n", (int)n, rest);
		for (size_t i = 0; i < n; i++)
			stamped[i] = stamped[i] == '|' ? '\n' : stamped[i];
		session_paste(s, stamped, n, *now);
	} else if (takes(line, len, "password ", &rest, &n)) {
		CHECK(s->asking);
		session_set_password(s, rest, n);
	} else if (takes(line, len, "leave", &rest, &n)) {
		session_leave(s, "/quit", 5, *now);
	} else if (takes(line, len, "abandon", &rest, &n)) {
		session_abandon(s);
	} else if (takes(line, len, "drop ", &rest, &n)) {
		CHECK_INT(session_drop_paste(s), atoi(rest));
	} else if (takes(line, len, "room ", &rest, &n)) {
		session_set_room(s, rest, n);
	} else if (takes(line, len, "stay", &rest, &n)) {
		CHECK(session_stay(s));
	} else if (takes(line, len, "waiting ", &rest, &n)) {
		CHECK_INT(waiting(s), atoi(rest));
	} else if (takes(line, len, "wait ", &rest, &n)) {
		now->utc += atoi(rest);
		now->msec += 1000 * atoi(rest);
		session_tick(s, *now);
	} else if (takes(line, len, "lost", &rest, &n)) {
		session_lost(s, *now, 0);
	} else {
		return false;
	}
	return true;
}

static void run(const char *name, const char *script, const char *nick, const char *password)
{
	struct session s;
	struct time now = { .msec = 1000, .utc = START };
	struct story story = { .len = 0 };

	session_init(&s, nick);
	if (password)
		session_set_password(&s, password, strlen(password));
	for (const char *line = script; *line;) {
		size_t len = strcspn(line, "\n"), before = story.len;

		if (step(&s, line, len, &now, &story)) {
			char outcome[STORY_SIZE];
			size_t outcome_len = story.len - before;

			memcpy(outcome, story.text + before, outcome_len);
			story.len = before;
			tell(&story, "", line, len);
			memcpy(story.text + story.len, outcome, outcome_len);
			story.len += outcome_len;
			tell_outcome(&story, &s);
		}
		line += len + 1;
	}
	unit_check_bytes(story.text, story.len, script, strlen(script), __FILE__, __LINE__, name);
	session_finish(&s);
}

static const struct row {
	const char *name;
	const char *script;
} with_nick[] = {
	{ "the nick first, then tags", IN_THE_ROOM },
	{ "a message of each kind",
		IN_THE_ROOM
		"< @42 1666214645 [alice]: hello$\n| 21:24 [alice]: hello\n"
		"< @43 1666214645 * alice waves$\n| 21:24 * alice waves\n"
		"< @44 1666214645 *** carol joined (3 online)$\n| 21:24 *** carol joined (3 online)\n"
		"< [alice -> you]: psst$\n| 21:24![alice -> you]: psst\nbell\n"
		"< [you -> alice]: yes?$\n| 21:24>[you -> alice]: yes?\n"
		"< === 3 online:\n| === 3 online:\n"
		"< !!! nobody here is called x\n| !!! nobody here is called x\n" },
	{ "the time is local, not the server's",
		IN_THE_ROOM "< @42 1666217000 [alice]: hello$\n| 22:03 [alice]: hello\n" },
	{ "private lines are of now",
		IN_THE_ROOM "wait 600\n< [alice -> you]: psst$\n| 21:34![alice -> you]: psst\nbell\n" },
	{ "a new day is told",
		IN_THE_ROOM "< @42 1666300000 [alice]: late$\n| --- Thu Oct 20 2022 ---\n"
		"| 21:06 [alice]: late\n< @43 1666300060 [alice]: later$\n| 21:07 [alice]: later\n" },
	{ "messages of an earlier day",
		IN_THE_ROOM "< [alice]: old --Tue Oct 18 09:00:00 2022\n| --- Tue Oct 18 2022 ---\n"
		"| 09:00 [alice]: old\n< [alice]: new$\n| --- Wed Oct 19 2022 ---\n"
		"| 21:24 [alice]: new\n" },
	{ "an own message waits for its echo",
		IN_THE_ROOM "say hello\n> hello\n< @42 1666214645 [bob]: hello$\n"
		"| 21:24>[bob]: hello\n" },
	{ "an action in other words, and none",
		IN_THE_ROOM "say /ME  waves\n> /me waves\nsay /me  \n> /me\n"
		"< @42 1666214645 * bob waves$\n| 21:24>* bob waves\n"
		"< !!! usage: /me TEXT\n| !!! usage: /me TEXT\n"
		"lost\nwait 1\nconnect\n" GREETING "> /resume 42 " TOKEN " 1\n"
		"< === resume 42 " TOKEN "\n> /who\n| back after 1 s, nothing was missed\n"
		"< === said 1 of 1\nwait 5\n" },
	{ "the slot is ours too, …",
		IN_THE_ROOM "say x\n> x\n< @42 1666214645 [#4]: x$\n| 21:24 [#4]: x\n"
		"< @43 1666214645 [#3]: x$\n| 21:24>[#3]: x\n" },
	{ "… as it was that of others before us",
		"connect\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< [#3]: x$\n< === resume 41 " TOKEN "\n> /replay 1\n> /who\n"
		"< @40 1666214645 [#3]: y$\n| 21:24 [#3]: y\n"
		"< @42 1666214645 *** #3 is now rob$\n| 21:24 *** #3 is now rob\n"
		"< @43 1666214645 [alice]: rob?$\n| 21:24 [alice]: rob?\n"
		"< @44 1666214645 [alice]: bob?$\n| 21:24![alice]: bob?\nbell\n" },
	{ "our nick is said",
		IN_THE_ROOM "< @42 1666214645 [alice]: hi Bob!$\n| 21:24![alice]: hi Bob!\nbell\n"
		"< @43 1666214645 [alice]: bobby, bob_, xbob$\n| 21:24 [alice]: bobby, bob_, xbob\n"
		"< @44 1666214645 * alice hits bob$\n| 21:24!* alice hits bob\nbell\n"
		"< @45 1666214645 [bob]: bob$\n| 21:24>[bob]: bob\n" },
	{ "lines shown again ring no bell",
		IN_THE_ROOM "< @41 1666214645 [alice]: bob$\n| 21:24![alice]: bob\n" },
	{ "old lines ring no bell",
		"connect\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< [alice]: where is bob?$\n< *** bob joined (2 online)$\n"
		"< === resume 41 " TOKEN "\n> /replay 1\n> /who\n"
		"< @40 1666213200 [alice]: where is bob?$\n| 21:00![alice]: where is bob?\n"
		"< === 2 online:\n| 21:24 *** bob joined (2 online)\n"
		"< [alice]: bob?$\n| 21:24![alice]: bob?\nbell\n" },
	{ "… nor when they do not come again with the time",
		"connect\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< [alice]: bob?$\n< === resume 41 " TOKEN "\n> /replay 1\n> /who\n"
		"< === 2 online:\n| 21:24![alice]: bob?\n" },
	{ "a nick that is not to be had",
		IN_THE_ROOM "say /nick alice\n"
		"> /ping chatc\n> /nick alice\n> /ping chatc\n"
		"< @42 1666214645 [alice]: x$\n| 21:24 [alice]: x\n"
		"< !!! nobody here is called nicky\n| !!! nobody here is called nicky\n"
		"< === pong chatc\n< !!! alice is taken\n| !!! alice is taken\n"
		"< === pong chatc\n< === pong chatc\n| === pong chatc\n"
		"< @43 1666214645 [alice]: hi bob$\n| 21:24![alice]: hi bob\nbell\n"
		"lost\nconnect\n" GREETING "> /resume 43 " TOKEN " 0\n"
		"< === resume 43 " TOKEN "\n> /who\n| back after 0 s, nothing was missed\n"
		"< @44 1666214645 [bob]: x$\n| 21:24>[bob]: x\n" },
	{ "a nick that nobody tells us of",
		IN_THE_ROOM "say /nick rob\n> /ping chatc\n> /nick rob\n> /ping chatc\n"
		"say x\n> x\n< @42 1666214645 [rob]: x$\n| 21:24>[rob]: x\n"
		"< @43 1666214645 [alice]: rob?$\n| 21:24![alice]: rob?\nbell\n" },
	{ "a server that has forgotten how to resume",
		IN_THE_ROOM "lost\nwait 4\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"< !!! unknown command /resume, /help lists them all\n"
		"< [alice]: hello$\n| 21:24 [alice]: hello\n" },
	{ "an error before it is not its refusal",
		IN_THE_ROOM "say /msg nicky hi\n> /msg nicky hi\n"
		"say /nick rob\n> /ping chatc\n> /nick rob\n> /ping chatc\n"
		"< !!! nobody here is called nicky\n| !!! nobody here is called nicky\n"
		"< === pong chatc\n< === pong chatc\n"
		"< @42 1666214645 [alice]: rob?$\n| 21:24![alice]: rob?\nbell\n" },
	{ "a server without /ping",
		IN_THE_ROOM "say /nick rob\n> /ping chatc\n> /nick rob\n> /ping chatc\n"
		"< !!! unknown command /ping, /help lists them all\n"
		"< !!! unknown command /ping, /help lists them all\n"
		"< @42 1666214645 [alice]: rob?$\n| 21:24![alice]: rob?\nbell\n" },
	{ "the list tells who we are",
		IN_THE_ROOM "< === eve (you) since Wed Oct 19 21:24:05 2022, idle 0 s\n"
		"< @42 1666214645 [alice]: bob, eve?$\n| 21:24![alice]: bob, eve?\nbell\n"
		"< @43 1666214645 [alice]: bob?$\n| 21:24 [alice]: bob?\n" },
	{ "a nick that is taken later",
		IN_THE_ROOM "say /nick rob\n> /ping chatc\n> /nick rob\n> /ping chatc\n"
		"< @42 1666214645 *** bob is now rob$\n| 21:24 *** bob is now rob\n"
		"< @43 1666214645 [alice]: rob$\n| 21:24![alice]: rob\nbell\n" },
	{ "a nick that is asked for in other words",
		IN_THE_ROOM "say /NICK  rob \n> /ping chatc\n> /nick rob\n> /ping chatc\nsay x\n> x\n"
		"< @42 1666214645 [rob]: x$\n| 21:24>[rob]: x\n" },
	{ "a nick that somebody gives us",
		IN_THE_ROOM "< @42 1666214645 *** bob is now rob$\n| 21:24 *** bob is now rob\n"
		"< @43 1666214645 [rob]: x$\n| 21:24>[rob]: x\n" },
	{ "escape sequences are not shown",
		IN_THE_ROOM "< @42 1666214645 [al\x1b[1mice]: \x1b[2Jhi\xff$\n"
		"| 21:24 [alice]: hi\uFFFD --Wed Oct 19 21:24:05 2022\n" },
	{ "the server is full",
		"connect\n< !!! server full (1 of 1 clients), try again later\n"
		"| !!! server full (1 of 1 clients), try again later\nlost\n" },
	{ "… of our own place",
		IN_THE_ROOM "say one\n> one\nlost\nconnect\n"
		"< !!! server full (1 of 1 clients), try again later\n> /resume 41 " TOKEN " 1\n" GREETING
		"< === resume 41 " TOKEN "\n> /who\n| back after 0 s, nothing was missed\n"
		"< === said 0 of 1\n> one\n" },
	{ "… where it asks for the password, too",
		IN_THE_ROOM "lost\nconnect\n"
		"< !!! too many connections from your address\n> /resume 41 " TOKEN " 0\n"
		"< === password:\npassword x\n> x\n" GREETING
		"< === resume 41 " TOKEN "\n> /who\n| back after 0 s, nothing was missed\n" },
	{ "… of another's",
		IN_THE_ROOM "lost\nconnect\n"
		"< !!! server full (1 of 1 clients), try again later\n> /resume 41 " TOKEN " 0\nlost\n"
		"| !!! server full (1 of 1 clients), try again later\nconnect\n"
		"< !!! server full (1 of 1 clients), try again later\n> /resume 41 " TOKEN " 0\nlost\n"
		"connect\n" GREETING "> /resume 41 " TOKEN " 0\n" },
	{ "… and the token is not known by then",
		IN_THE_ROOM "lost\nconnect\n"
		"< !!! server full (1 of 1 clients), try again later\n> /resume 41 " TOKEN " 0\n" GREETING
		"< !!! unknown or expired token\n> /nick bob\n> /resume 41\n" },
	{ "what is typed before the greeting waits",
		"connect\nsay hello\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\nsay world\n"
		"< === resume 41 " TOKEN "\n> /who\n> hello\n> world\n" },
	{ "… even if one leaves then",
		"connect\nsay hello\nleave\n" GREETING
		"> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< === resume 41 " TOKEN "\n> hello\n> /quit\n" },
	{ "… or the connection is lost",
		"connect\nsay hello\nlost\nconnect\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< === resume 41 " TOKEN "\n> /who\n> hello\n" },
	{ "… and is not lost without a word",
		"connect\nsay hello\nlost\nabandon\n| !!! not sent: hello\n" },
	{ "leaving", IN_THE_ROOM "leave\n> /quit\n" },
	{ "coming back",
		IN_THE_ROOM "< @42 1666214645 [alice]: hello$\n| 21:24 [alice]: hello\n"
		"lost\nwait 4\nconnect\n< === chatd: you are #5, 2 of 256 online, /help for help\n"
		"> /resume 42 " TOKEN " 0\n"
		"< [alice]: hello$\n" /* the replay */
		"< === resume 42 " TOKEN "\n> /who\n| back after 4 s, nothing was missed\n"
		"< @43 1666214649 [bob]: x$\n| 21:24>[bob]: x\n"
		"< @44 1666214649 [#5]: x$\n| 21:24 [#5]: x\n" },
	{ "nothing can be said meanwhile",
		IN_THE_ROOM "lost\nsay hello\nrefused\n" },
	{ "lines were missed",
		IN_THE_ROOM "lost\nwait 300\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"< === you missed 7 lines\n< === resume 48 " TOKEN "\n> /who\n"
		"| back after 5 min, 7 lines were missed\n" },
	{ "one line was missed, and nobody said so",
		IN_THE_ROOM "lost\nwait 10000\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"< === resume 42 " TOKEN "\n> /who\n| back after 2 h, 1 line was missed\n" },
	{ "commands that waited were not carried out",
		IN_THE_ROOM "lost\nwait 4\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"< !!! not carried out: 2 lines that waited on your other connection\n"
		"| !!! not carried out: 2 lines that waited on your other connection\n"
		"< === resume 41 " TOKEN "\n> /who\n| back after 4 s, nothing was missed\n" },
	{ "the token is not known any more",
		IN_THE_ROOM "lost\nwait 4\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"< !!! nobody is waited for with that token\n> /nick bob\n> /resume 41\n"
		"< === resume 41 aa\n> /who\n| back after 4 s, nothing was missed\n"
		"lost\nwait 1\nconnect\n" GREETING "> /resume 41 aa 0\n" },
	{ "… and the last line is the one that we know",
		IN_THE_ROOM "< @42 1666214645 [alice]: x$\n| 21:24 [alice]: x\nsay one\n> one\n"
		"say two\n> two\n"
		"lost\nwait 4\nconnect\n" GREETING "> /resume 42 " TOKEN " 2\n"
		"< !!! unknown or expired token\n> /nick bob\n> /resume 41\n"
		"< === resume 41 aa\n> /who\n"
		"< @42 1666214645 [alice]: x$\n| back after 4 s, nothing was missed\n"
		"< @43 1666214646 [bob]: one$\n| 21:24>[bob]: one\n"
		"< === 2 online:\n> two\nwait 5\n" },
	{ "… and it is another",
		IN_THE_ROOM "< @42 1666214645 [alice]: x$\n| 21:24 [alice]: x\nsay one\n> one\n"
		"lost\nwait 4\nconnect\n" GREETING "> /resume 42 " TOKEN " 1\n"
		"< !!! unknown or expired token\n> /nick bob\n> /resume 41\n"
		"< === resume 41 aa\n> /who\n"
		"< @42 1666214700 [eve]: y$\n"
		"| back after 4 s; the server was restarted, lines may be missing\n| 21:25 [eve]: y\n"
		"< === 2 online:\nwait 5\n| !!! not sent: one\n" },
	{ "… and the last line has left the feed",
		IN_THE_ROOM "< @42 1666214645 [alice]: x$\n| 21:24 [alice]: x\n"
		"lost\nwait 4\nconnect\n" GREETING "> /resume 42 " TOKEN " 0\n"
		"< !!! unknown or expired token\n> /nick bob\n> /resume 41\n"
		"< === you missed 3 lines\n< === resume 44 aa\n> /who\n"
		"| back after 4 s, 2 lines were missed\n" },
	{ "the server was restarted",
		IN_THE_ROOM "lost\nwait 4\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"< !!! line 41 has not been said yet, the last is 2\n< === resume 2 aa\n"
		"> /ping chatc\n> /nick bob\n> /ping chatc\n> /who\n| back after 4 s; the server was restarted, lines may be missing\n"
		"< @3 1666214645 *** #3 is now bob$\n| 21:24 *** #3 is now bob\n"
		"< @4 1666214645 [bob]: x$\n| 21:24>[bob]: x\n" },
	{ "… and the nick is another's there",
		IN_THE_ROOM "lost\nwait 4\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"< !!! line 41 has not been said yet, the last is 2\n< === resume 2 aa\n"
		"> /ping chatc\n> /nick bob\n> /ping chatc\n> /who\n| back after 4 s; the server was restarted, lines may be missing\n"
		"< === pong chatc\n< !!! the nick bob is taken\n| !!! the nick bob is taken\n"
		"< @3 1666214645 [bob]: x$\n| 21:24 [bob]: x\n" },
	{ "… with a history that has grown since",
		IN_THE_ROOM "lost\nwait 4\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"< !!! nobody is waited for with that token\n> /nick bob\n> /resume 41\n"
		"< !!! the nick bob is taken\n| !!! the nick bob is taken\n"
		"< === resume 41 aa\n> /who\n| back after 4 s, nothing was missed\n"
		"< @42 1666214645 [alice]: bob?$\n| 21:24 [alice]: bob?\n"
		"< @43 1666214645 *** bob left (1 online)$\n"
		"> /ping chatc\n> /nick bob\n> /ping chatc\n| 21:24 *** bob left (1 online)\n"
		"< === pong chatc\n< @44 1666214645 *** #3 is now bob$\n| 21:24 *** #3 is now bob\n"
		"< === pong chatc\n< @45 1666214645 [alice]: bob?$\n| 21:24![alice]: bob?\nbell\n" },
	{ "a nick that a ghost holds is asked for again, and not for ever",
		"connect\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< !!! the nick bob is taken\n| !!! the nick bob is taken\n"
		"< === resume 41 " TOKEN "\n> /who\n< === 2 online:\n"
		"wait 30\nwait 1\n> /ping chatc\n> /nick bob\n> /ping chatc\n"
		"< === pong chatc\n< !!! the nick bob is taken\n< === pong chatc\n"
		"wait 31\n> /ping chatc\n> /nick bob\n> /ping chatc\n"
		"< === pong chatc\n< !!! the nick bob is taken\n< === pong chatc\n"
		"wait 31\n> /ping chatc\n> /nick bob\n> /ping chatc\n"
		"< === pong chatc\n< !!! the nick bob is taken\n< === pong chatc\nwait 3600\n" },
	{ "lost before the nick was granted, twice",
		"connect\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"lost\nconnect\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"lost\nconnect\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n" },
	{ "lost again before we were back",
		IN_THE_ROOM "lost\nwait 4\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"lost\nwait 4\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"< === resume 41 " TOKEN "\n> /who\n| back after 8 s, nothing was missed\n" },
	{ "what was said before the loss comes back",
		IN_THE_ROOM "say one\n> one\nlost\nwait 4\nconnect\n" GREETING
		"> /resume 41 " TOKEN " 1\n< === resume 41 " TOKEN "\n> /who\n"
		"| back after 4 s, nothing was missed\n< === said 1 of 1\n"
		"< @42 1666214645 [bob]: one$\n| 21:24>[bob]: one\nwait 10\n" },
	{ "… or is said again",
		IN_THE_ROOM "say one\n> one\nsay /who\n> /who\nsay two\n> two\nsay //x\n> //x\n"
		"lost\nwait 4\nconnect\n" GREETING
		"> /resume 41 " TOKEN " 3\n< === resume 41 " TOKEN "\n> /who\n"
		"| back after 4 s, nothing was missed\nsay three\nwaiting 3\n"
		"< === said 1 of 3\n> two\n> //x\n> three\n"
		"< @42 1666214645 [bob]: one$\n| 21:24>[bob]: one\n"
		"< @43 1666214645 [bob]: two$\n| 21:24>[bob]: two\n"
		"lost\nconnect\n" GREETING "> /resume 43 " TOKEN " 4\n"
		"< === resume 43 " TOKEN "\n> /who\n| back after 0 s, nothing was missed\n"
		"< === said 2 of 4\n> //x\n> three\n"
		"< @44 1666214645 [bob]: /x$\n| 21:24>[bob]: /x\n"
		"< @45 1666214645 [bob]: three$\n| 21:24>[bob]: three\nwaiting 0\n" },
	{ "… but not what was refused",
		IN_THE_ROOM "say one\n> one\nsay two\n> two\nlost\nconnect\n" GREETING
		"> /resume 41 " TOKEN " 2\n< === resume 41 " TOKEN "\n> /who\n"
		"| back after 0 s, nothing was missed\n< === said 2 of 2\n"
		"< @42 1666214645 [bob]: two$\n| 21:24>[bob]: two\nwait 5\nwaiting 0\n" },
	{ "… and more than we know of is none of ours",
		IN_THE_ROOM "say one\n> one\nlost\nconnect\n" GREETING
		"> /resume 41 " TOKEN " 1\n< === resume 41 " TOKEN "\n> /who\n"
		"| back after 0 s, nothing was missed\n< === said 5 of 1\nsay two\n> two\n"
		"lost\nconnect\n" GREETING "> /resume 41 " TOKEN " 6\n" },
	{ "a server that does not count: what does not come back is told of",
		IN_THE_ROOM "say one\n> one\nsay two\n> two\nlost\nwait 4\nconnect\n" GREETING
		"> /resume 41 " TOKEN " 2\n< !!! usage: /resume [ID [TOKEN]]\n> /resume 41 " TOKEN "\n"
		"< === resume 41 " TOKEN "\n> /who\n| back after 4 s, nothing was missed\n"
		"< @42 1666214645 [bob]: one$\n| 21:24>[bob]: one\n"
		"wait 4\nwait 1\n| !!! not sent: two\n" },
	{ "… not even when something later comes",
		IN_THE_ROOM "say one\n> one\nlost\nwait 4\nconnect\n" GREETING
		"> /resume 41 " TOKEN " 1\n< !!! usage: /resume [ID [TOKEN]]\n> /resume 41 " TOKEN "\n"
		"< === resume 41 " TOKEN "\n> /who\n"
		"| back after 4 s, nothing was missed\nsay two\n> two\n"
		"< @42 1666214645 [bob]: two$\n| 21:24>[bob]: two\n"
		"wait 5\n| !!! not sent: one\n" },
	{ "an echo in other words is one all the same",
		IN_THE_ROOM "say one\n> one\n< @42 1666214645 [bob]: eins$\n| 21:24>[bob]: eins\n"
		"waiting 0\n" },
	{ "the list that we ask for is not shown, that of the person is",
		"connect\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< === resume 41 " TOKEN "\n> /who\nsay /who\n> /who\n"
		"< === 3 online:\n< === bob (you) since Wed Oct 19 21:24:05 2022, idle 0 s\n"
		"< @42 1666214645 [alice]: hello$\n| 21:24 [alice]: hello\n"
		"< [alice -> you]: psst$\n| 21:24![alice -> you]: psst\nbell\n"
		"< === you missed 2 lines\n| === you missed 2 lines\n"
		"< === alice (operator) since Wed Oct 19 21:24:05 2022, idle 0 s, from 10.0.0.1\n"
		"< === #2 since Wed Oct 19 21:24:05 2022, idle 0 s\n"
		"< === carol since Wed Oct 19 21:24:05 2022, idle 0 s\n"
		"< === 1 online:\n| === 1 online:\n"
		"< === bob (you) since Wed Oct 19 21:24:05 2022, idle 0 s\n"
		"| === bob (you) since Wed Oct 19 21:24:05 2022, idle 0 s\n" },
	{ "it is asked for once on each connection",
		IN_THE_ROOM "say /resume\n> /resume\n< === resume 41 " TOKEN "\n"
		"< === 5 online:\n| === 5 online:\n"
		"lost\nconnect\n" GREETING "> /resume 41 " TOKEN " 0\n"
		"< === resume 41 " TOKEN "\n> /who\n| back after 0 s, nothing was missed\n"
		"< === said 0 of 0\n< === 2 online:\n< === alice since Wed Oct 19 21:24:05 2022, idle 0 s\n" },
	{ "… but not by one who leaves",
		"connect\n" GREETING "> /nick bob\n> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\nleave\n"
		"< === resume 41 " TOKEN "\n> /quit\n" },
	{ "a line that was refused waits no more",
		"connect\nsay short\nsay too long!\n"
		"say /me too long, too\n< === x: you are #3, messages up to 8 bytes, /help\n"
		"> /nick bob\n> /resume\n| === x: you are #3, messages up to 8 bytes, /help\n"
		"< === resume 41 " TOKEN "\n> /who\n> short\n> too long!\n> /me too long, too\nwaiting 3\n"
		"< !!! message too long (10 bytes, at most 8): not sent\n"
		"| !!! message too long (10 bytes, at most 8): not sent\nwaiting 3\n"
		"< !!! message too long (9 bytes, at most 8): not sent\n"
		"| !!! message too long (9 bytes, at most 8): not sent\nwaiting 2\n"
		"< !!! message too long (17 bytes, at most 8): not sent\n"
		"| !!! message too long (17 bytes, at most 8): not sent\nwaiting 1\n" },
	{ "… but one in doubt does",
		IN_THE_ROOM "say hello\n> hello\nlost\nconnect\n" GREETING "> /resume 41 " TOKEN " 1\n"
		"< !!! usage: /resume [ID [TOKEN]]\n> /resume 41 " TOKEN "\n"
		"< === resume 41 " TOKEN "\n> /who\n| back after 0 s, nothing was missed\n"
		"say world\n> world\n< !!! message too long (5 bytes, at most 4): not sent\n"
		"| !!! message too long (5 bytes, at most 4): not sent\nwaiting 1\n"
		"wait 5\n| !!! not sent: hello\nwaiting 0\n" },
	{ "nothing that can be seen is not waited for",
		IN_THE_ROOM "say /me \u3000\n> /me\nwaiting 0\n"
		"< !!! nothing is left of that text\n| !!! nothing is left of that text\n" },
	{ "a paste is text",
		IN_THE_ROOM "paste /quit\n> //quit\n"
		"< @42 1666214645 [bob]: /quit$\n| 21:24>[bob]: /quit\n"
		"paste //x\n> ///x\n< @43 1666214645 [bob]: //x$\n| 21:24>[bob]: //x\n" },
	{ "a paste goes at the server's pace, what is typed goes before it",
		IN_THE_ROOM "paste 1|2|3|4|5\n> 1\n> 2\nsay typed\n> typed\n"
		"< @42 1666214645 [bob]: 1$\n| 21:24>[bob]: 1\n"
		"< @43 1666214645 [bob]: 2$\n> 3\n| 21:24>[bob]: 2\n"
		"< @44 1666214645 [bob]: typed$\n> 4\n| 21:24>[bob]: typed\ndrop 1\n"
		"< @45 1666214645 [bob]: 3$\n| 21:24>[bob]: 3\n" },
	{ "… and does not wait for ever for a line that comes to nothing",
		IN_THE_ROOM "paste 1|2|3|4\n> 1\n> 2\nwait 9\nwait 1\n> 3\nwait 10\n> 4\n" },
	{ "… and goes on after a loss",
		IN_THE_ROOM "paste 1|2|3\n> 1\n> 2\nlost\nconnect\n" GREETING
		"> /resume 41 " TOKEN " 2\n< === resume 41 " TOKEN "\n> /who\n"
		"| back after 0 s, nothing was missed\n< === said 1 of 2\n> 2\n> 3\n" },
	{ "what was not said when it is over is told",
		IN_THE_ROOM "paste 1|2|3\n> 1\n> 2\nlost\nabandon\n| !!! not sent: 1\n"
		"| !!! not sent: 2\n| !!! not sent: 3\n" },
	{ "the room comes first",
		"room tea\nconnect\n" GREETING "> /join tea\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< === room tea: 1 online\n> /nick bob\n> /resume\n| === room tea: 1 online\n"
		"< === resume 41 " TOKEN "\n> /who\n> /rooms\nsay /join den\n"
		"> /ping chatc room\n> /join den\n< === pong chatc room\n"
		"< === room den: 1 online\n> /resume\n> /who\n> /rooms\n| === room den: 1 online\n"
		"< === resume 9 " TOKEN "\nlost\nconnect\n" GREETING "> /resume 9 " TOKEN " 0\n"
		"< !!! unknown or expired token\n> /join den\n"
		"< === room den: 0 online\n> /nick bob\n> /resume 9\n| === room den: 0 online\n" },
	{ "… and when it is not there we are where newcomers are",
		"room tea\nconnect\n" GREETING "> /join tea\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< !!! no such room\n> /nick bob\n> /resume\n| !!! no such room\n" },
	{ "the password of a room that is gone to",
		IN_THE_ROOM "say /join den\n> /rooms\n> /ping chatc room\n"
		"> /join den\n< !!! unknown command /rooms\n< === pong chatc room\n"
		"< === password:\npassword x\n> x\n"
		"< === room den: 1 online\n> /resume\n> /who\n> /rooms\n| === room den: 1 online\n"
		"< === password:\n| === password:\n" },
	{ "a refusal is told once",
		"connect\n< !!! server full (1 of 1 clients), try again later\n"
		"| !!! server full (1 of 1 clients), try again later\nlost\nconnect\n"
		"< !!! server full (1 of 1 clients), try again later\nlost\nconnect\n"
		"< !!! you are banned\n| !!! you are banned\nlost\n" },
	{ "what is not answered counts as away",
		IN_THE_ROOM "say one\n> one\nwait 60\nlost\nwait 4\nconnect\n" GREETING
		"> /resume 41 " TOKEN " 1\n< === resume 41 " TOKEN "\n> /who\n"
		"| back after 64 s, nothing was missed\n" },
	{ "a claimed nick's key is sent along",
		IN_THE_ROOM "< === claimed bob abcdefghijklmnopqrstuvwxyz\n"
		"| === claimed bob abcdefghijklmnopqrstuvwxyz\nsay /nick rob\n"
		"> /ping chatc\n> /nick rob\n> /ping chatc\n< === pong chatc\n< === pong chatc\n"
		"say /nick Bob\n> /ping chatc\n> /nick Bob abcdefghijklmnopqrstuvwxyz\n> /ping chatc\n" },
	{ "what a search has found", IN_THE_ROOM "say /search tea\n> /search tea\n"
		"< === @7 [alice]: tea?$\n| 21:24/[alice]: tea?\n"
		"< === @9 * alice has tea$\n| 21:24/* alice has tea\n< === 2 found\n| === 2 found\n"
		"< === @9 === tea\n| === @9 === tea\n"
		"< === @x [alice]: tea$\n| === @x [alice]: tea" STAMP "\n" },
	{ "to another room and back", IN_A_ROOM "say /join tea\n> /ping chatc room\n> /join tea\n"
		"say hi\n< === pong chatc room\n< @42 1666214645 [alice]: bye$\n| 21:24 [alice]: bye\n"
		"< === room tea: 2 online\n> /resume\n> /who\n> /rooms\n| === room tea: 2 online\n"
		"< @6 1666214645 [bob]: hi$\n| 21:24>[bob]: hi\n"
		"< @7 1666214645 [alice]: bob?$\n| 21:24![alice]: bob?\n"
		"< === resume 7 " TOKEN "\n> hi\n"
		"waiting 1\n< @8 1666214645 [bob]: hi$\n| 21:24>[bob]: hi\nwaiting 0\n"
		"say /join lobby\n> /ping chatc room\n> /join lobby 42\n< === pong chatc room\n"
		"< === room lobby: 2 online\n> /who\n> /rooms\n| === room lobby: 2 online\n"
		"< @43 1666214645 [alice]: bob!$\n| 21:24![alice]: bob!\nbell\n" },
	{ "what is unread", IN_THE_TEA_ROOM "< === 2 online:\n< === 2 rooms:\n"
		"< === lobby: 1 online, up to 46\n< === tea (you): 2 online, up to 7\n"
		"say /rooms\n> /rooms\n< === 4 rooms:\n| === 4 rooms:\n"
		"< === lobby: 1 online, up to 46 - up to 99\n"
		"| === lobby: 1 online, up to 46, 5 unread, Alt-1 - up to 99\n"
		"< === tea (you): 2 online, up to 7\n| === tea (you): 2 online, up to 7, Alt-2\n"
		"< === den (password)\n| === den (password), Alt-3\n"
		"< === you missed 3 lines\n| === you missed 3 lines\n"
		"< === yard: 0 online, up to 3\n| === yard: 0 online, up to 3, Alt-4\n"
		"< === more: words\n| === more: words\n" },
	{ "a room that is not to be had", IN_A_ROOM "say /msg nobody hi\n> /msg nobody hi\n"
		"say /join den\n> /ping chatc room\n> /join den\nsay secret\n"
		"< !!! nobody here is called nobody\n| !!! nobody here is called nobody\n"
		"< === pong chatc room\n< !!! no such room\n"
		"| !!! not sent: secret\n| !!! no such room\nsay hi\n> hi\n" },
	{ "three wrong passwords of a room", IN_A_ROOM
		"say /join den\n> /ping chatc room\n> /join den\n< === pong chatc room\n"
		"< === password:\npassword x\n> x\n< !!! wrong password\n| !!! wrong password\n"
		"< === password:\npassword y\n> y\n< !!! wrong password\n| !!! wrong password\n"
		"< === password:\npassword z\n> z\n< !!! wrong password\n| !!! wrong password\n"
		"say hi\n> hi\n" },
	{ "no password is given for too long", IN_A_ROOM
		"say /join den\n> /ping chatc room\n> /join den\n< === pong chatc room\n"
		"< === password:\n< !!! no password was given\n| !!! no password was given\n"
		"say hi\n> hi\n" },
	{ "one who does not know the password", IN_A_ROOM
		"say /join den\n> /ping chatc room\n> /join den\n< === pong chatc room\n"
		"say for the den\n< === password:\npassword x\n> x\n< !!! wrong password\n"
		"| !!! wrong password\n< === password:\nstay\n> chatc: no password\n"
		"| !!! not sent: for the den\nsay hi\n"
		"< !!! wrong password\n< === password:\n> chatc: no password\n"
		"< !!! wrong password\n> hi\n" },
	{ "a room that begins again", IN_THE_TEA_ROOM "say /join lobby\n> /ping chatc room\n"
		"> /join lobby 41\n< === pong chatc room\n< !!! line 41 has not been said yet\n"
		"< === room lobby: 1 online\n> /resume\n> /who\n> /rooms\n"
		"| === room lobby: 1 online\n< === resume 0 " TOKEN "\n" },
	{ "lost on the way to a room", IN_A_ROOM "say /join tea\n> /ping chatc room\n> /join tea\n"
		"say hi\nlost\n| !!! not sent: hi\nwait 3\nconnect\n"
		"< === chatd: you are #3, 2 of 256 online, room lobby, /help for help\n"
		"> /resume 41 " TOKEN " 0\n< === resume 41 " TOKEN "\n> /who\n> /rooms\n"
		"| back after 3 s, nothing was missed\n< === said 0 of 0\n" },
	{ "back into the room", IN_THE_TEA_ROOM "lost\nwait 3\nconnect\n"
		"< === chatd: you are #3, 2 of 256 online, room lobby, /help for help\n"
		"> /resume 7 " TOKEN " 0\n< === room tea\n< === resume 7 " TOKEN "\n"
		"> /who\n> /rooms\n| back after 3 s, nothing was missed\n< === said 0 of 0\n"
		"say /join lobby\n> /ping chatc room\n> /join lobby 41\n" },
	{ "back into the room without a token", IN_THE_TEA_ROOM "lost\nwait 3\nconnect\n"
		"< === chatd: you are #3, 2 of 256 online, room lobby, /help for help\n"
		"> /resume 7 " TOKEN " 0\n< !!! unknown or expired token\n> /join tea\n"
		"< [alice]: in the lobby$\n< === room tea: 1 online\n> /nick bob\n> /resume 6\n"
		"| === room tea: 1 online\n" },
}, without[] = {
	{ "without a nick", "connect\n" GREETING "> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n" },
	{ "a nick that is taken by one without",
		"connect\n" GREETING "> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< === resume 41 " TOKEN "\n> /who\nsay /nick rob\n"
		"> /ping chatc\n> /nick rob\n> /ping chatc\n"
		"< @42 1666214645 *** #3 is now rob$\n| 21:24 *** #3 is now rob\n"
		"< @43 1666214645 [alice]: rob$\n| 21:24![alice]: rob\nbell\n" },
	{ "a server that greets with something else",
		"connect\n< Welcome!\n| Welcome!\nsay hi\n> hi\n| > hi\nleave\n"
		"< === not an answer\n| === not an answer\n" },
	{ "a server that says nothing",
		"connect\nsay one\nwait 1\nwait 1\n> one\n| > one\nsay /me x\n> /me x\n| > /me x\n" },
	{ "a server that greets late",
		"connect\nwait 2\n" GREETING "> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n" },
	{ "a server of messages that does not greet",
		"connect\n< [alice]: hi$\n| 21:24 [alice]: hi\nsay hi\n> hi\n| > hi\n" },
	{ "coming back to it",
		"connect\n< Welcome!\n| Welcome!\nlost\nwait 5\nconnect\n"
		"< Welcome!\n| back after 5 s\n| Welcome!\n" },
	{ "a password is asked for",
		"connect\n< === password:\nsay x\nrefused\npassword secret\n> secret\n"
		"< !!! wrong password\n| !!! wrong password\n"
		"< === password:\npassword secret2\n> secret2\n" GREETING "> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< === resume 41 " TOKEN "\n> /who\nlost\nwait 4\nconnect\n"
		"< === password:\n> secret2\n" GREETING "> /resume 41 " TOKEN " 0\n" },
	{ "nobody can make us ask for a password later",
		"connect\n" GREETING "> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n"
		"< === password:\n| === password:\n" },
}, with_password[] = {
	{ "the password of the file",
		"connect\n< === password:\n> sesame\n" GREETING "> /resume\n"
		"| === chatd: you are #3, 2 of 256 online, /help for help\n" },
	{ "… is wrong",
		"connect\n< === password:\n> sesame\n< !!! wrong password\n| !!! wrong password\n"
		"< === password:\npassword other\n> other\n" },
};

static void test_scripts(void)
{
	for (size_t i = 0; i < sizeof(with_nick) / sizeof(*with_nick); i++)
		run(with_nick[i].name, with_nick[i].script, "bob", NULL);
	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
		run(without[i].name, without[i].script, NULL, NULL);
	for (size_t i = 0; i < sizeof(with_password) / sizeof(*with_password); i++)
		run(with_password[i].name, with_password[i].script, NULL, "sesame");
}

static void test_the_limit_is_learned(void)
{
	static const struct {
		size_t told;
		size_t max;
	} rows[] = {
		{ 0, MESSAGE_DEFAULT },
		{ 2048, 2048 },
		{ MESSAGE_MIN - 1, MESSAGE_DEFAULT },
		{ MESSAGE_MIN, MESSAGE_MIN },
		{ MESSAGE_MAX, MESSAGE_MAX },
		{ MESSAGE_MAX + 1, MESSAGE_DEFAULT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct session s;
		char line[128], limit[64] = "";
		int len;

		if (rows[i].told)
			snprintf(limit, sizeof(limit), "messages up to %zu bytes, ", rows[i].told);
		/* The name of the server is no place to look for it. */
		len = snprintf(line, sizeof(line), "=== messages up to x: you are #1, %s/help", limit);
		session_init(&s, NULL);
		session_connected(&s, (struct time){ 0 });
		session_line(&s, line, (size_t)len, (struct time){ 0 });
		CHECK_INT(s.max_message, rows[i].max);
		CHECK_INT(s.identity.slot, 1);
		session_finish(&s);
	}
}

static void hear(struct session *s, const char *text)
{
	char line[256];
	int len = snprintf(line, sizeof(line), "%s" STAMP, text);

	session_line(s, line, (size_t)len, (struct time){ 0 });
}

static void test_who_is_here_is_known(void)
{
	static const char *const want[] = { "dave", "carol", "alice", "erin", "frank" };
	struct session s;

	session_init(&s, "bob");
	session_connected(&s, (struct time){ 0 });
	session_line(&s, "=== x: you are #1", 17, (struct time){ 0 });
	session_line(&s, "=== resume 1 " TOKEN, 13 + TOKEN_LEN, (struct time){ 0 });
	hear(&s, "*** bob joined (1 online)");
	hear(&s, "*** alice joined (2 online)");
	hear(&s, "*** erin joined (3 online)");
	hear(&s, "[bob]: me");
	hear(&s, "[carol]: one");
	hear(&s, "[#7]: two");
	hear(&s, "* dan three");
	hear(&s, "*** dan is now dave");
	hear(&s, "[gone]: four");
	hear(&s, "*** gone left (3 online)");
	hear(&s, "*** bob is now rob");
	session_line(&s, "=== rob (you) since Wed Oct 19 21:24:05 2022, idle 3 s", 54,
		(struct time){ 0 });
	session_line(&s, "=== frank since Wed Oct 19 21:24:05 2022, idle 3 s", 50, (struct time){ 0 });
	CHECK_INT(s.roster.count, 5);
	for (size_t i = 0; i < s.roster.count && i < 5; i++)
		CHECK_TEXT(s.roster.names[i].text, s.roster.names[i].len, want[i]);
	session_finish(&s);
}

/* Only those that were known before the tags came on are forgotten, and only from a whole list. */
static void test_who_is_gone_is_forgotten(void)
{
	static const char *const lines[] = {
		"=== x: you are #1", "[gone]: one" STAMP, "[alice]: two" STAMP,
		"=== resume 41 " TOKEN, "=== 3 online:", "@42 1 *** carol joined (3 online)" STAMP,
		"=== dave since Wed Oct 19 21:24:05 2022, idle 0 s",
		"=== bob (you) since Wed Oct 19 21:24:05 2022, idle 0 s",
		"=== Alice (operator) since Wed Oct 19 21:24:05 2022, idle 0 s",
		"=== erin since Wed Oct 19 21:24:05 2022, idle 0 s",
	};
	static const char *const before[] = { "alice", "gone", "carol", "dave" };
	static const char *const after[] = { "Alice", "carol", "dave", "erin" };
	struct session s;

	session_init(&s, "bob");
	session_connected(&s, (struct time){ 0 });
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		session_line(&s, lines[i], strlen(lines[i]), (struct time){ 0 });
		if (i != 7)
			continue;
		CHECK_INT(s.roster.count, 4);
		for (size_t j = 0; j < s.roster.count && j < 4; j++)
			CHECK_TEXT(s.roster.names[j].text, s.roster.names[j].len, before[j]);
	}
	CHECK_INT(s.roster.count, 4);
	for (size_t i = 0; i < s.roster.count && i < 4; i++)
		CHECK_TEXT(s.roster.names[i].text, s.roster.names[i].len, after[i]);
	session_finish(&s);
}

static void test_a_nick_is_noticed(void)
{
	static const struct {
		const char *nick;
		const char *text;
		bool said;
	} rows[] = {
		{ "bob", "Bob", true },
		{ "bob", "xbob bobx bob_ bob1 1bob", false },
		{ "bob", "hi, bob!", true },
		{ "bob", "bob\u4f60\u597d", true },           /* CJK */
		{ "bob", "\u4f60\u597dbob", true },
		{ "bob", "\u4f60\u597d\uff0cbob\uff01", true }, /* full-width comma, exclamation mark */
		{ "bob", "\u300cbob\u300d", true },           /* corner brackets */
		{ "bob", "\u201cbob\u201d", true },           /* quotation marks */
		{ "bob", "\u00abbob\u00bb", true },
		{ "bob", "\u2014bob\u2026", true },
		{ "bob", "bob\u00a0", true },
		{ "bob", "bob\U0001f44d", true },             /* emoji */
		{ "bob", "\u2764\ufe0fbob\u2764\ufe0f", true },
		{ "bob", "bob\u00e9", false },
		{ "bob", "\u00e9bob", false },
		{ "bob", "bob\u0301", false },                /* a combining accent */
		{ "bob", "\u0431bob bob\u00aa bob\u00b5", false },
		{ "bob", "bob\xff \xff\xb5" "bob \x80\x80\x80\x80" "bob", false },
		{ "bob", "xbob, \u4f60bob", true },
		{ "ren\u00e9", "ren\u00e9\uff0c", true },
		{ "ren\u00e9", "ren\u00e9\u4f60", false },
		{ "\u4f60x", "\u4f60x\u597d", true },
		{ "\u4f60", "\u4f60\u597d", false },
		{ "\u4f60", "\u300c\u4f60\u3002", true },
		{ "", "", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct piece text = { rows[i].text, strlen(rows[i].text) };
		bool said = piece_has_word(text, (struct piece){ rows[i].nick, strlen(rows[i].nick) });

		CHECK_TEXT(said ? rows[i].text : "", said ? text.len : 0,
			rows[i].said ? rows[i].text : "");
	}
}

static void test_names_have_an_end(void)
{
	static struct roster n;
	char name[16];

	for (int i = 0; i < ROSTER_MAX + 1; i++)
		roster_spoke(&n, name, (size_t)snprintf(name, sizeof(name), "n%d", i));
	CHECK_INT(n.count, ROSTER_MAX);
	CHECK_TEXT(n.names[0].text, n.names[0].len, "n512");
	roster_came(&n, "late", 4);
	CHECK_INT(n.count, ROSTER_MAX);
	roster_left(&n, "n512", 4);
	CHECK_INT(n.count, ROSTER_MAX - 1);
}

/* Once a line has told the server's zone, all stamps are shown in ours. */
static void test_the_zone_of_the_server_is_learned(void)
{
	static const struct {
		const char *teacher; /* a stamp of START */
		const char *stamp;
		const char *want;
	} rows[] = {
		{ "Wed Oct 19 21:24:00 2022", "Wed Oct 19 21:24:05 2022", "Wed Oct 19 21:24:05 2022" },
		{ "Wed Oct 19 23:24:00 2022", "Thu Oct 20 01:00:00 2022", "Wed Oct 19 23:00:00 2022" },
		{ "Thu Oct 20 03:09:00 2022", "Sat Jan  1 05:44:59 2022", "Fri Dec 31 23:59:59 2021" },
		{ "Wed Oct 19 09:24:00 2022", "Tue Feb 29 12:00:00 2000", "Wed Mar  1 00:00:00 2000" },
		{ "Mon Oct 10 21:24:00 2022", "Wed Oct 19 21:24:05 2022", NULL }, /* no zone is so far */
		{ "Wed Okt 19 21:24:00 2022", "Wed Oct 19 21:24:05 2022", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct times times = { 0 };
		struct message teacher = { .kind = MESSAGE_SAID, .stamp = rows[i].teacher,
			.tagged = true, .time = START }, m = { .stamp = rows[i].stamp };
		char stamp[STAMP_LEN];
		int64_t utc;

		CHECK(!times_find(&times, &m, START, &utc));
		CHECK(times_find(&times, &teacher, START, &utc));
		CHECK(times_find(&times, &m, START, &utc) == (rows[i].want != NULL));
		CHECK(times_stamp(&times, &m, START, stamp));
		CHECK_TEXT(stamp, STAMP_LEN, rows[i].want ? rows[i].want : rows[i].stamp);
	}
}

/* However much comes, only so much is kept; but what has not been drawn is. */
static void test_the_scroll_is_bounded(void)
{
	static struct scrollback s;
	char text[4096];

	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 2 * SCROLLBACK_ITEMS; i++) {
		CHECK(scrollback_add_text(&s, MESSAGE_SAID, text, sizeof(text)));
		s.fresh = 0;
	}
	CHECK(s.bytes <= SCROLLBACK_BYTES && s.count < SCROLLBACK_ITEMS);
	CHECK(scrollback_has_room(&s));
	while (scrollback_has_room(&s))
		scrollback_add_text(&s, MESSAGE_SAID, text, sizeof(text));
	CHECK(s.fresh * sizeof(text) <= SCROLLBACK_BYTES / 4 + 2 * sizeof(text));
	scrollback_finish(&s);
	for (int i = 0; i < SCROLLBACK_ITEMS + 1; i++) {
		scrollback_add_text(&s, MESSAGE_SAID, "", 0);
		s.fresh = 0;
	}
	CHECK_INT(s.count, SCROLLBACK_ITEMS);
	CHECK_INT(s.added, SCROLLBACK_ITEMS + 1);
	scrollback_add_text(&s, MESSAGE_OTHER, "x", 1);
	scrollback_clear(&s);
	CHECK_INT(s.count, 1);
	CHECK_INT(s.fresh, 1);
	CHECK_TEXT(item_text(scrollback_at(&s, 0)), 1, "x");
	s.fresh = 0;
	scrollback_clear(&s);
	CHECK_INT(s.bytes, 0);
	CHECK_INT(s.count, 0);
	scrollback_finish(&s);
}

/* One read can bring far more lines of a byte than are kept once they are drawn. */
static void test_lines_that_are_not_drawn_are_all_there(void)
{
	enum { DRAWN = 100, LINES = 16384 };
	struct scrollback s = { 0 };
	size_t wrong = 0;

	for (int i = 0; i < DRAWN + LINES; i++) {
		char text = (char)('a' + i % 26);

		CHECK(scrollback_add_text(&s, MESSAGE_OTHER, &text, 1));
		if (i < DRAWN)
			s.fresh = 0;
	}
	CHECK_INT(s.fresh, LINES);
	CHECK(s.count >= s.fresh);
	for (size_t i = 0; i < s.fresh; i++)
		wrong += *item_text(scrollback_at(&s, s.count - s.fresh + i)) !=
			(char)('a' + (DRAWN + i) % 26);
	CHECK_INT(wrong, 0);
	CHECK(!scrollback_has_room(&s));
	s.fresh = 0;
	scrollback_add_text(&s, MESSAGE_OTHER, "z", 1);
	CHECK_INT(s.count, SCROLLBACK_ITEMS);
	CHECK_TEXT(item_text(scrollback_at(&s, s.count - 1)), 1, "z");
	scrollback_finish(&s);
}

static void test_the_log_reads_like_the_wire(void)
{
	struct scrollback s = { 0 };
	struct buffer out = { 0 };

	scrollback_add(&s, &(struct message){ .kind = MESSAGE_SAID, .who = "al", .who_len = 2,
		.text = "hi", .text_len = 2 }, "Wed Oct 19 21:24:05 2022");
	scrollback_add_text(&s, MESSAGE_ERROR, "no", 2);
	scrollback_add_text(&s, MESSAGE_OTHER, "\x1b[1mx", 5);
	for (size_t i = 0; i < s.count; i++)
		render_log(&out, scrollback_at(&s, i));
	CHECK_TEXT(out.data, out.len, "[al]: hi" STAMP "\n!!! no\nx\n");
	buffer_finish(&out);
	scrollback_finish(&s);
}

static const struct unit_test tests[] = {
	{ "scripts", test_scripts },
	{ "the limit is learned", test_the_limit_is_learned },
	{ "who is here is known", test_who_is_here_is_known },
	{ "who is gone is forgotten", test_who_is_gone_is_forgotten },
	{ "a nick is noticed", test_a_nick_is_noticed },
	{ "names have an end", test_names_have_an_end },
	{ "the zone of the server is learned", test_the_zone_of_the_server_is_learned },
	{ "the scroll is bounded", test_the_scroll_is_bounded },
	{ "lines that are not drawn are all there",
		test_lines_that_are_not_drawn_are_all_there },
	{ "the log reads like the wire", test_the_log_reads_like_the_wire },
};

int main(void)
{
	setenv("TZ", "UTC0", 1);
	tzset();
	return unit_run(tests, sizeof(tests) / sizeof(*tests));
}
