/*
 * A turn costs what happens in it, not who is there: while most say nothing, nothing looks at them.
 * Their part of the table of clients is taken away (mprotect), so that whoever reads it is caught.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "server/core/chat.h"
#include "server/core/client/client.h"
#include "test/unit/unit.h"

enum {
	ACTIVE = 40,    /* from the first on: those who do something */
	IDLE_END = 2000,
	PLACES = IDLE_END + 48,
	HEARD_MAX = 8192,
	STEP_MS = 100,
};

static char *table; /* of clients */
static size_t table_size;
static long touched; /* a place that was looked at, from 1; 0: none */

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	void *memory;

	if (size != sizeof(struct client))
		return __real_calloc(count, size);
	table_size = count * size;
	if (posix_memalign(&memory, (size_t)sysconf(_SC_PAGESIZE), table_size) != 0)
		return NULL;
	table = memory;
	return memset(memory, 0, table_size);
}

/* The pages of the table on which there are only idle clients. */
static void protect(int how)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t first = (ACTIVE * sizeof(struct client) + page - 1) / page * page;
	size_t end = IDLE_END * sizeof(struct client) / page * page;

	if (mprotect(table + first, end - first, how) < 0)
		abort();
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	const char *at = info->si_addr;

	(void)signal, (void)context;
	if (at < table || at >= table + table_size)
		abort();
	touched = (at - table) / (long)sizeof(struct client) + 1;
	protect(PROT_READ | PROT_WRITE);
}

struct server {
	struct settings settings;
	struct log log;
	struct chat *chat;
	struct time now;
	uint32_t listener; /* whose lines are kept */
	char heard[HEARD_MAX];
	size_t heard_len;
};

static void fill(void *buffer, size_t len)
{
	static unsigned char next;

	for (size_t i = 0; i < len; i++)
		((unsigned char *)buffer)[i] = next++;
}

static void send_to(struct server *s, uint32_t place)
{
	struct iovec iov[CHAT_IOV];
	int count = chat_output(s->chat, place, iov);
	size_t all = 0;

	for (int i = 0; i < count; i++) {
		if (place == s->listener && s->heard_len + iov[i].iov_len < HEARD_MAX) {
			memcpy(s->heard + s->heard_len, iov[i].iov_base, iov[i].iov_len);
			s->heard_len += iov[i].iov_len;
		}
		all += iov[i].iov_len;
	}
	if (count > 0)
		chat_sent(s->chat, place, all);
}

/* A turn after what has been received, and the time until the next. */
static void turn(struct server *s)
{
	const char *log;

	chat_resume_input(s->chat);
	for (uint32_t i = 0; chat_next_owed(s->chat, &i); i++)
		send_to(s, i);
	chat_tick(s->chat);
	for (uint32_t i = 0; chat_next_changed(s->chat, &i); i++)
		if (chat_wants(s->chat, i) & (CHAT_FREE | CHAT_DONE | CHAT_SHUT))
			chat_release(s->chat, i);
	log_written(&s->log, log_pending(&s->log, &log));
	s->now.usec += STEP_MS * TIME_MS;
	chat_turn(s->chat, s->now);
}

static void turns(struct server *s, int count)
{
	for (; count > 0; count--)
		turn(s);
}

static uint32_t come(struct server *s, uint8_t host)
{
	struct address from = { .family = ADDRESS_V4, .bytes = { 192, 0, 2, host } };

	return (uint32_t)chat_connect(s->chat, &from, 0, NULL);
}

static void say(struct server *s, uint32_t place, const char *line)
{
	chat_receive(s->chat, place, (const uint8_t *)line, strlen(line));
}

/* Whether the listener heard this since it was asked last. */
static bool heard(struct server *s, const char *what)
{
	bool found;

	s->heard[s->heard_len] = '\0';
	found = strstr(s->heard, what) != NULL;
	s->heard_len = 0;
	return found;
}

static void begin(struct server *s)
{
	const struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	*s = (struct server){ .now = { .usec = TIME_SECOND, .time = 1000000000 },
		.settings = { .max_clients = PLACES, .max_message = MESSAGE_DEFAULT, .rate = 1,
			.burst = 1000, .max_per_host = IDLE_END, .feed_bytes = 256 * 1024 } };
	CHECK_INT(log_init(&s->log, false), 0);
	s->chat = chat_create(&(struct chat_setup){ &s->settings, &s->log, fill, s->now });
	/* The last of all is looked at when somebody leaves. */
	for (uint32_t i = 0; i <= IDLE_END; i++) {
		come(s, (uint8_t)(i % 4));
		if (i % 100 == 0)
			turn(s);
	}
	turns(s, 40);
	say(s, 0, "/nick ann\n");
	say(s, 1, "/nick bob\n");
	turns(s, 2);
	touched = 0;
	protect(PROT_NONE);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

static void end(struct server *s)
{
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	protect(PROT_READ | PROT_WRITE);
	chat_destroy(s->chat);
	log_finish(&s->log);
}

static void test_answers(void)
{
	struct server s;

	begin(&s);
	say(&s, 0, "/ping\n/stats\n/msg bob hello\n/ignore #30\n/ignore\n/search xyz\n");
	turns(&s, 2);
	CHECK(heard(&s, "[you -> bob]: hello"));
	s.listener = 1;
	say(&s, 1, "/r and you\n/unknown\n");
	turns(&s, 2);
	CHECK(heard(&s, "[you -> ann]: and you"));
	CHECK_INT(touched, 0);
	end(&s);
}

static void test_comers_and_goers(void)
{
	struct server s;
	char resume[128];
	const char *answer;
	uint32_t place;

	begin(&s);
	s.listener = place = come(&s, 200);
	CHECK_INT(place, IDLE_END + 1);
	say(&s, place, "/nick eve\n/resume\n");
	turns(&s, 30);
	s.heard[s.heard_len] = '\0';
	answer = strstr(s.heard, "=== resume ");
	CHECK(answer != NULL);
	snprintf(resume, sizeof(resume), "/%.*s\n", answer != NULL ? (int)strcspn(answer + 4, "\n") : 0,
		answer != NULL ? answer + 4 : "");
	chat_end(s.chat, place, CHAT_RESET);
	turns(&s, 2);
	s.heard_len = 0;
	CHECK_INT(come(&s, 200), place);
	say(&s, place, resume);
	turns(&s, 2);
	CHECK(heard(&s, "=== resume "));
	say(&s, place, "/quit\n");
	turns(&s, 2);
	CHECK_INT(touched, 0);
	end(&s);
}

static void test_what_has_to_wait(void)
{
	struct server s;

	begin(&s);
	for (int i = 0; i < 2000; i++)
		say(&s, 0, "/ping\n");
	turns(&s, 100);
	chat_end(s.chat, 1, CHAT_FIN);
	turns(&s, 400);
	CHECK_INT(touched, 0);
	end(&s);
}

/* That the net has no hole. */
static void test_a_line_for_all(void)
{
	struct server s;

	begin(&s);
	say(&s, 0, "hello\n");
	turns(&s, 1);
	CHECK(touched > 0);
	end(&s);
}

static const struct unit_test tests[] = {
	{ "answers", test_answers },
	{ "comers and goers", test_comers_and_goers },
	{ "what has to wait", test_what_has_to_wait },
	{ "a line for all", test_a_line_for_all },
};

UNIT_MAIN(tests)
