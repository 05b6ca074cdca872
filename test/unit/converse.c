#include "test/unit/converse.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/stamp.h"
#include "proto/text.h"
#include "server/core/feed/order.h"

enum {
	TURNS_MAX = 400000, /* who is not at rest after so many spins */
	ROW_MAX = 200000,
	BY_WEB = 1 << 8, /* beside the bits of how somebody comes */
};

struct flight {
	struct flight *next;
	struct proposal *proposal;
	unsigned due; /* the turn in which it is applied */
};

const struct settings converse_settings = {
	.max_clients = 8,
	.max_message = MESSAGE_DEFAULT,
	.burst = SETTINGS_BURST,
	.feed_bytes = 256 * 1024,
	.replay = SETTINGS_REPLAY,
	.announce_max = SETTINGS_ANNOUNCE_MAX,
};

static uint8_t next_random;

static void count_up(void *buffer, size_t len)
{
	memset(buffer, ++next_random, len);
}

/* Behind what is in it there is a NUL. */
static void add(struct buffer *b, const void *bytes, size_t len)
{
	if (b->len + len >= b->size) {
		b->size = 2 * (b->len + len) + 1;
		b->bytes = realloc(b->bytes, b->size);
		if (b->bytes == NULL)
			abort();
	}
	if (len > 0)
		memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
	b->bytes[b->len] = '\0';
}

static void clear(struct buffer *b)
{
	free(b->bytes);
	*b = (struct buffer){ 0 };
}

bool converse_is_late(void)
{
	return getenv("CONVERSE_ORDER") != NULL;
}

void converse_begin(struct converse *c, const struct settings *settings)
{
	next_random = 0;
	converse_begin_beside(c, settings);
}

void converse_begin_beside(struct converse *c, const struct settings *settings)
{
	*c = (struct converse){ .now = { 1000 * TIME_SECOND, CONVERSE_TIME }, .chunk = SIZE_MAX };
	setenv("TZ", "UTC0", 1);
	tzset();
	c->people = calloc(CONVERSE_PEOPLE, sizeof(*c->people));
	c->settings = settings != NULL ? *settings : converse_settings;
	c->upgrades = getenv("CONVERSE_UPGRADE") != NULL;
	if (c->people == NULL || log_init(&c->log, false) < 0)
		abort();
	c->chat = chat_create(&(struct chat_setup){ &c->settings, &c->log, count_up, c->now });
	if (c->chat == NULL)
		abort();
	if (converse_is_late()) {
		c->late = (unsigned)atoi(getenv("CONVERSE_ORDER"));
		c->end = &c->first;
		chat_order_externally(c->chat);
	}
}

int converse_set(struct converse *c, const struct settings *settings)
{
	if (chat_set(c->chat, settings) < 0)
		return -1;
	c->settings = *settings;
	return 0;
}

static void fail(struct converse *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void fail(struct converse *c, const char *format, ...)
{
	va_list arguments;

	c->failed = true;
	printf("# ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void show(const char *label, const char *s, size_t len)
{
	printf("#   %s \"", label);
	for (size_t i = 0; i < len; i++) {
		if (s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\')
			printf("\\x%02x", (unsigned char)s[i]);
		else
			putchar(s[i]);
	}
	printf("\"\n");
}

static struct person *find(struct converse *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->people[i].name, name) == 0)
			return &c->people[i];
	fail(c, "nobody in this conversation is called %s", name);
	return NULL;
}

/* Follows connections that have become clients, or made room. */
static void follow(struct converse *c)
{
	uint32_t from, to;

	while (chat_moved(c->chat, &from, &to))
		for (size_t i = 0; i < c->count; i++)
			if (c->people[i].place == (int)from) {
				c->people[i].place = (int)to;
				break;
			}
}

/* What the server reads in a turn: some of what was sent, then the end. */
static bool receive(struct converse *c, struct person *p)
{
	unsigned wants = chat_wants(c->chat, (uint32_t)p->place);
	size_t len = p->said.len - p->said.at;

	if ((wants & CHAT_READ) == 0 || p->ended)
		return false;
	if (p->reset)
		len = 0;
	if (len > 0) {
		len = len < c->chunk ? len : c->chunk;
		len = len < CHAT_READ_MAX ? len : CHAT_READ_MAX;
		chat_receive(c->chat, (uint32_t)p->place,
			(const uint8_t *)p->said.bytes + p->said.at, len);
		p->said.at += len;
		follow(c);
		return true;
	}
	if (!p->fin && !p->reset)
		return false;
	p->ended = true;
	chat_end(c->chat, (uint32_t)p->place, p->reset ? CHAT_RESET : CHAT_FIN);
	return true;
}

/* What the server sends in a turn. */
static bool send(struct converse *c, struct person *p)
{
	uint32_t place = (uint32_t)p->place;
	struct iovec iov[CHAT_IOV];
	size_t all = 0, taken = 0;
	int count;

	if ((chat_wants(c->chat, place) & CHAT_WRITE) == 0 || p->blocked)
		return false;
	count = chat_output(c->chat, place, iov);
	if (p->reset && count > 0) {
		p->blocked = false;
		chat_hangup(c->chat, place);
		return true;
	}
	for (int i = 0; i < count; i++) {
		size_t len = iov[i].iov_len < p->window ? iov[i].iov_len : p->window;

		add(&p->heard, iov[i].iov_base, len);
		p->window -= p->window < SIZE_MAX ? len : 0;
		taken += len;
		all += iov[i].iov_len;
	}
	p->blocked = taken < all;
	if (count > 0)
		chat_sent(c->chat, place, taken);
	follow(c);
	return taken > 0;
}

/* What is to be closed is; a peer that has received everything ends its side too. */
static bool settle(struct converse *c, struct person *p)
{
	unsigned wants = chat_wants(c->chat, (uint32_t)p->place);

	if ((wants & CHAT_DONE) && p->clings) {
		p->place = chat_detach(c->chat, (uint32_t)p->place);
		return true;
	}
	if (wants & (CHAT_FREE | CHAT_DONE)) {
		chat_release(c->chat, (uint32_t)p->place);
		p->place = -1;
		return true;
	}
	if ((wants & CHAT_SHUT) && !p->fin && !p->clings) {
		p->fin = true;
		return true;
	}
	return false;
}

/* An operator's /shutdown, or a signal. */
static void stop(struct converse *c)
{
	const char *text;
	size_t len;

	chat_stopping(c->chat, &text, &len);
	chat_shutdown(c->chat, text, len);
	c->stopped = true;
}

static bool is_to_stop(const struct converse *c)
{
	const char *text;
	size_t len;

	return !c->stopped && chat_stopping(c->chat, &text, &len);
}

static void take_log(struct converse *c)
{
	const char *text;
	size_t len = log_pending(&c->log, &text);

	add(&c->logged, text, len);
	log_written(&c->log, len);
}

/* Applies what has been on its way for long enough, twice; true if more is. */
static bool order(struct converse *c)
{
	struct proposal *p;
	struct flight *f;

	while ((p = chat_take_proposal(c->chat)) != NULL) {
		f = malloc(sizeof(*f));
		if (f == NULL)
			abort();
		*f = (struct flight){ NULL, p, c->turn + c->late };
		*c->end = f;
		c->end = &f->next;
	}
	while ((f = c->first) != NULL && f->due <= c->turn) {
		p = f->proposal;
		for (int time = 0; time < 2; time++)
			chat_apply(c->chat, p->room, chat_feed(c->chat, p->room)->next, &p->event);
		c->first = f->next;
		if (c->first == NULL)
			c->end = &c->first;
		free(p);
		free(f);
	}
	return c->first != NULL;
}

/* One turn, as chat.h orders it. */
bool converse_turn(struct converse *c)
{
	bool moved = false;

	if (is_to_stop(c))
		stop(c);
	for (size_t i = 0; i < c->count; i++)
		if (c->people[i].place >= 0 && receive(c, &c->people[i]))
			moved = true;
	chat_resume_input(c->chat);
	c->turn++;
	if (c->late > 0 && order(c))
		moved = true;
	if (c->pump != NULL && c->pump(c->pump_context, c))
		moved = true;
	for (size_t i = 0; i < c->count; i++) {
		struct person *p = &c->people[i];

		if (p->place >= 0 && send(c, p))
			moved = true;
	}
	for (uint32_t place = 0; chat_next_throttling(c->chat, &place); place++)
		chat_unsent(c->chat, place, 0);
	chat_tick(c->chat);
	for (size_t i = 0; i < c->count; i++)
		if (c->people[i].place >= 0 && settle(c, &c->people[i]))
			moved = true;
	take_log(c);
	return moved || is_to_stop(c) || chat_deadline(c->chat) <= c->now.usec;
}

/* Turns until all is quiet. */
static void rest(struct converse *c)
{
	unsigned turns = 0;

	while (converse_turn(c))
		if (++turns > TURNS_MAX) {
			fail(c, "it never comes to rest");
			return;
		}
}

static void set_clock(struct converse *c, int64_t usec)
{
	c->now.usec = usec;
	c->now.time = CONVERSE_TIME + usec / TIME_SECOND - 1000;
	chat_turn(c->chat, c->now);
}

void converse_pass(struct converse *c, int64_t ms)
{
	set_clock(c, c->now.usec + ms * TIME_MS);
}

static void wait(struct converse *c, int64_t ms)
{
	int64_t target = c->now.usec + ms * TIME_MS;

	while (!c->failed && chat_deadline(c->chat) < target) {
		set_clock(c, chat_deadline(c->chat));
		rest(c);
	}
	set_clock(c, target);
	rest(c);
}

/* "192.0.2.7" or "2001:db8::7", with the port 5000 and on. */
static struct address address_of(const char *text, size_t number)
{
	struct address a = { .family = ADDRESS_V4, .bytes = { 192, 0, 2, (uint8_t)(number + 1) } };
	struct prefix p;

	if (strcmp(text, "unix") == 0)
		return (struct address){ .family = ADDRESS_UNIX };
	if (*text != '\0' && prefix_parse(&p, text, strlen(text))) {
		a.family = p.family;
		memcpy(a.bytes, p.bytes, sizeof(a.bytes));
	}
	a.port = (uint16_t)(5000 + number);
	return a;
}

static void connect(struct converse *c, const char *name, const char *from, unsigned how)
{
	struct person *p = NULL;
	struct address address;

	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->people[i].name, name) == 0)
			p = &c->people[i];
	if (p == NULL) {
		if (c->count == CONVERSE_PEOPLE)
			abort();
		p = &c->people[c->count++];
		snprintf(p->name, sizeof(p->name), "%s", name);
	} else if (p->place >= 0) {
		fail(c, "%s is still connected", name);
		return;
	}
	clear(&p->said);
	clear(&p->heard);
	*p = (struct person){ .window = c->stalled ? 0 : SIZE_MAX };
	snprintf(p->name, sizeof(p->name), "%s", name);
	address = address_of(from, (size_t)(p - c->people));
	p->place = how & BY_WEB ? chat_connect_web(c->chat, &address, &c->web)
				: chat_connect(c->chat, &address, how, c->door);
	if (p->place < 0)
		fail(c, "%s found no place", name);
	rest(c);
}

void converse_send(struct converse *c, const char *name, const void *bytes, size_t len)
{
	struct person *p = find(c, name);

	if (p == NULL)
		return;
	add(&p->said, bytes, len);
	rest(c);
}

void converse_take(struct converse *c, const char *name, size_t bytes)
{
	struct person *p = find(c, name);

	if (p == NULL)
		return;
	p->window = bytes;
	p->blocked = false;
	rest(c);
}

static const char *next_line(struct buffer *b, size_t *len)
{
	const char *line, *lf;

	if (b->at == b->len)
		return NULL;
	line = b->bytes + b->at;
	lf = memchr(line, '\n', b->len - b->at);
	*len = lf != NULL ? (size_t)(lf - line) : b->len - b->at;
	b->at += *len + (lf != NULL);
	return line;
}

const char *converse_line(struct converse *c, const char *name, size_t *len)
{
	struct person *p = find(c, name);

	return p != NULL ? next_line(&p->heard, len) : NULL;
}

/* Takes what a word in capitals stands for off the line; false if it is not there. */
static bool take_stamp(const struct converse *c, const char **line, const char *end)
{
	struct stamp stamp = { 0 };

	if (end - *line < STAMP_LEN)
		return false;
	for (int64_t t = c->now.time; t >= CONVERSE_TIME; t--) {
		if (memcmp(*line, stamp_at(&stamp, t), STAMP_LEN) == 0) {
			*line += STAMP_LEN;
			return true;
		}
	}
	return false;
}

static bool take_epoch(const struct converse *c, const char **line, const char *end)
{
	const char *from = *line;
	uint64_t epoch;

	while (*line < end && **line >= '0' && **line <= '9')
		++*line;
	return text_number(from, (size_t)(*line - from), (uint64_t)c->now.time, &epoch) &&
		epoch >= CONVERSE_TIME;
}

static bool begins(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

/* How a telnet client is asked for BINARY: the name of the option is a NUL. */
static bool take_binary(const char **line, const char *end)
{
	static const char asked[] = "\xff\xfd";

	if ((size_t)(end - *line) < sizeof(asked) || memcmp(*line, asked, sizeof(asked)) != 0)
		return false;
	*line += sizeof(asked);
	return true;
}

static bool matches(const struct converse *c, const char *line, size_t len, const char *want)
{
	const char *end = line + len;

	while (*want != '\0') {
		if (begins(want, "STAMP") && take_stamp(c, &line, end))
			want += strlen("STAMP");
		else if (begins(want, "EPOCH") && take_epoch(c, &line, end))
			want += strlen("EPOCH");
		else if (begins(want, "BINARY") && take_binary(&line, end))
			want += strlen("BINARY");
		else if (line == end || *line++ != *want++)
			return false;
	}
	return line == end;
}

static void hear(struct converse *c, const char *name, struct buffer *b, const char *want)
{
	size_t len = 0;
	const char *line = next_line(b, &len);

	if (line == NULL) {
		fail(c, "%s received nothing, and should have", name);
		show("want", want, strlen(want));
	} else if (!matches(c, line, len, want)) {
		fail(c, "%s received something else", name);
		show("got ", line, len);
		show("want", want, strlen(want));
	}
}

static void hear_nothing(struct converse *c, struct person *p)
{
	size_t len;
	const char *line = next_line(&p->heard, &len);

	if (line == NULL)
		return;
	fail(c, "%s received what nothing was told of", p->name);
	show("got ", line, len);
}

static void forget(struct converse *c)
{
	for (size_t i = 0; i < c->count; i++)
		c->people[i].heard.at = c->people[i].heard.len;
}

static void enter(struct converse *c, const char *name, const char *from)
{
	char line[80];

	snprintf(line, sizeof(line), "/nick %s\n", name);
	connect(c, name, from, false);
	if (c->failed)
		return;
	converse_send(c, name, line, strlen(line));
	forget(c);
}

/* What one person does; false if there is no such verb. */
static bool act(struct converse *c, struct person *p, const char *verb, const char *text)
{
	if (strcmp(verb, ">") == 0 || strcmp(verb, ">>") == 0) {
		add(&p->said, text, strlen(text));
		add(&p->said, "\n", verb[1] == '\0');
	} else if (strcmp(verb, "<") == 0) {
		hear(c, p->name, &p->heard, text);
	} else if (strcmp(verb, "nothing") == 0) {
		hear_nothing(c, p);
	} else if (strcmp(verb, "forgets") == 0) {
		p->heard.at = p->heard.len;
	} else if (strcmp(verb, "ends") == 0) {
		p->fin = true;
	} else if (strcmp(verb, "resets") == 0) {
		p->reset = true;
	} else if (strcmp(verb, "stalls") == 0) {
		p->window = 0;
	} else if (strcmp(verb, "reads") == 0) {
		p->window = SIZE_MAX;
		p->blocked = false;
	} else if (strcmp(verb, "clings") == 0) {
		p->clings = true;
	} else if (strcmp(verb, "closed") == 0) {
		hear_nothing(c, p);
		if (p->place >= 0)
			fail(c, "%s is not closed", p->name);
	} else {
		return false;
	}
	return true;
}

static bool everyone_acts(struct converse *c, const char *verb, const char *text)
{
	for (size_t i = 0; i < c->count && !c->failed; i++)
		if (c->people[i].place >= 0 && !act(c, &c->people[i], verb, text))
			return false;
	return true;
}

/* Cuts the first word off a row. */
static char *word(char **row)
{
	char *start = *row, *space = strchr(start, ' ');

	if (space != NULL)
		*space = '\0';
	*row = space != NULL ? space + 1 : start + strlen(start);
	return start;
}

static bool do_row(struct converse *c, char *row)
{
	const char *name = word(&row), *verb;
	struct person *p;

	if (strcmp(name, "wait") == 0) {
		wait(c, atoll(row));
		return true;
	}
	if (strcmp(name, "stop") == 0) {
		stop(c);
		return true;
	}
	verb = word(&row);
	if (strcmp(name, "log") == 0) {
		if (strcmp(verb, "<") == 0)
			hear(c, name, &c->logged, row);
		else
			c->logged.at = c->logged.len;
		return true;
	}
	if (strcmp(verb, "connects") == 0 || strcmp(verb, "operates") == 0) {
		connect(c, name, row, *verb == 'o' ? CHAT_OPERATOR : 0);
		return true;
	}
	if (strcmp(verb, "visits") == 0) {
		c->door = row;
		connect(c, name, "", 0);
		c->door = NULL;
		return true;
	}
	if (strcmp(verb, "browses") == 0) {
		connect(c, name, row, BY_WEB);
		return true;
	}
	if (strcmp(verb, "telnets") == 0) {
		connect(c, name, row, CHAT_TELNET);
		return true;
	}
	if (strcmp(verb, "enters") == 0) {
		enter(c, name, row);
		return true;
	}
	if (strcmp(name, "all") == 0)
		return everyone_acts(c, verb, row);
	p = find(c, name);
	return p != NULL && act(c, p, verb, row);
}

/* The server makes way for another, which knows all that it knew. */
static void upgrade(struct converse *c)
{
	struct codec state = { 0 };
	const char *why;

	chat_save(c->chat, &state);
	chat_destroy(c->chat);
	log_finish(&c->log);
	if (log_init(&c->log, false) < 0)
		abort();
	codec_rewind(&state);
	c->chat = chat_load(&state, &(struct chat_setup){ &c->settings, &c->log, count_up, c->now },
		&why);
	if (c->chat == NULL) {
		printf("# %s\n", why);
		abort();
	}
	codec_finish(&state);
	c->successors++;
	take_log(c);
	for (size_t i = 0; i < c->count; i++)
		c->people[i].blocked = false;
	rest(c);
}

static void try_row(struct converse *c, const char *row)
{
	size_t size = strlen(row) + 1;
	char *copy;

	if (c->failed)
		return;
	copy = malloc(size);
	if (copy == NULL)
		abort();
	memcpy(copy, row, size);
	if (c->upgrades)
		upgrade(c);
	if (!do_row(c, copy) && !c->failed)
		fail(c, "a row that makes no sense");
	rest(c);
	if (c->failed)
		show("row ", row, size - 1);
	free(copy);
}

void converse_row(struct converse *c, const char *format, ...)
{
	char *row = malloc(ROW_MAX);
	va_list arguments;
	int len;

	if (row == NULL)
		abort();
	va_start(arguments, format);
	len = vsnprintf(row, ROW_MAX, format, arguments);
	va_end(arguments);
	if (len >= 0 && len < ROW_MAX)
		try_row(c, row);
	else
		fail(c, "a row that is too long");
	free(row);
}

void converse_rows(struct converse *c, const char *const *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		try_row(c, rows[i]);
}

bool converse_end(struct converse *c)
{
	for (size_t i = 0; i < c->count && !c->failed; i++)
		hear_nothing(c, &c->people[i]);
	for (size_t i = 0; i < c->count; i++) {
		clear(&c->people[i].said);
		clear(&c->people[i].heard);
	}
	clear(&c->logged);
	free(c->people);
	chat_destroy(c->chat);
	log_finish(&c->log);
	return !c->failed;
}

bool converse_run(const struct settings *settings, const char *const *rows, size_t count)
{
	struct converse c;

	converse_begin(&c, settings);
	converse_rows(&c, rows, count);
	return converse_end(&c);
}
