#include "test/unit/nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/chat_log.h"

enum { NS = 1000000000, TEXT_MAX = 512 };

/* A line or a key's value, as the log has it. */
struct entry {
	char *bytes; /* heap */
	size_t len;
	char *name; /* of the key, or NULL */
	char *id;   /* under which it was stored */
	int64_t ns;
};

struct stored {
	struct entry *list; /* heap; number n stands at n - 1 */
	size_t count, size;
};

/* What is on its way to a node. */
struct parcel {
	struct parcel *next;
	enum { ANSWER, TOLD, ASKED } kind;
	unsigned due;
	uint64_t id, seq;
	enum log_answer answer;
	size_t len;
	char reply_to[LOG_REPLY_TO_MAX];
	char bytes[];
};

/* A request that has been taken and not reached the log. */
struct asked {
	struct asked *next;
	const struct log_request *request;
	uint64_t id;
	unsigned due;
};

/* A question to a node that is not answered. */
struct open_question {
	struct open_question *next;
	uint64_t id;
	int64_t since; /* usec */
};

struct place {
	struct model *model;
	struct parcel *parcels;
	struct asked *asked;
	struct open_question *questions;
	size_t line_at, state_at; /* what it has been handed */
	unsigned index, turn, program;
	unsigned successors; /* of the program that was handed all this */
	unsigned logs;
	bool is_down, was_down, is_known, is_forked;
};

struct model {
	struct cluster *cluster;
	struct stored lines, state;
	struct place places[NODES_MAX];
	unsigned late;
	unsigned logs; /* that there were before this one */
	size_t first;  /* lines before this index are gone */
	bool is_full, is_twice;
};

static char *copy(const char *bytes, size_t len)
{
	char *to = malloc(len + 1);

	if (to == NULL)
		abort();
	memcpy(to, bytes, len);
	to[len] = '\0';
	return to;
}

static bool is(struct slice slice, const char *text)
{
	return text != NULL && strlen(text) == slice.len && memcmp(text, slice.bytes, slice.len) == 0;
}

/* Stores what was not stored under its id; returns its number. */
static uint64_t store(struct stored *to, const struct log_request *r, int64_t ns)
{
	struct entry *e;

	for (size_t i = 0; i < to->count; i++)
		if (is(r->msg_id, to->list[i].id))
			return i + 1;
	if (to->count == to->size) {
		to->size = 2 * to->size + 16;
		to->list = realloc(to->list, to->size * sizeof(*to->list));
		if (to->list == NULL)
			abort();
	}
	e = &to->list[to->count++];
	*e = (struct entry){ copy(r->payload.len > 0 ? r->payload.bytes : "", r->payload.len),
		r->payload.len, copy(r->to.bytes, r->to.len), copy(r->msg_id.bytes, r->msg_id.len), ns };
	return to->count;
}

static void send(struct place *to, const struct parcel *head, struct slice payload)
{
	struct parcel **at = &to->parcels, *p = malloc(sizeof(*p) + payload.len);

	if (p == NULL)
		abort();
	while (*at != NULL)
		at = &(*at)->next;
	*p = *head;
	p->next = NULL;
	p->due = to->turn + to->model->late;
	p->len = payload.len;
	if (payload.len > 0)
		memcpy(p->bytes, payload.bytes, payload.len);
	*at = p;
}

static void reply(struct place *to, uint64_t id, enum log_answer answer, uint64_t seq)
{
	struct parcel head = { .kind = ANSWER, .id = id, .answer = answer, .seq = seq };

	send(to, &head, (struct slice){ 0 });
}

static void put(struct place *from, const struct log_request *r)
{
	struct stored *state = &from->model->state;
	uint64_t last = 0;
	bool is_repeat = false;

	for (size_t i = 0; i < state->count; i++) {
		if (is(r->to, state->list[i].name))
			last = i + 1;
		is_repeat = is_repeat || is(r->msg_id, state->list[i].id);
	}
	if (!is_repeat && r->expected != LOG_ANY && r->expected != last)
		reply(from, r->id, LOG_CONFLICT, last);
	else
		reply(from, r->id, LOG_STORED, store(state, r, 0));
}

static struct place *place_named(struct model *m, struct slice name)
{
	if (name.len != 1 || name.bytes[0] < 'a' ||
		(size_t)(name.bytes[0] - 'a') >= m->cluster->count ||
		m->cluster->is_dead[name.bytes[0] - 'a'])
		return NULL;
	return &m->places[name.bytes[0] - 'a'];
}

static void ask(struct place *from, const struct log_request *r)
{
	struct place *to = place_named(from->model, r->to);
	struct parcel head = { .kind = ASKED };

	if (to == NULL) {
		reply(from, r->id, LOG_NOBODY, 0);
		return;
	}
	if (to->is_down)
		return;
	snprintf(head.reply_to, sizeof(head.reply_to), "%u %u %llu", from->index, from->program,
		(unsigned long long)r->id);
	send(to, &head, r->payload);
}

static void pass_on(struct place *from, const struct log_request *r)
{
	char text[LOG_REPLY_TO_MAX + 1] = "";
	struct parcel head = { .kind = ANSWER, .answer = LOG_REPLIED };
	unsigned index, program;
	unsigned long long id;

	memcpy(text, r->to.bytes, r->to.len);
	if (sscanf(text, "%u %u %llu", &index, &program, &id) != 3)
		abort();
	head.id = id;
	if (from->model->places[index].program == program)
		send(&from->model->places[index], &head, r->payload);
}

static void tell(struct model *m, struct slice payload)
{
	struct parcel head = { .kind = TOLD };

	for (size_t i = 0; i < m->cluster->count; i++)
		if (!m->cluster->is_dead[i] && !m->places[i].is_down)
			send(&m->places[i], &head, payload);
}

/* The log does what it was asked. */
static void serve(struct place *from, const struct log_request *r)
{
	struct model *m = from->model;
	int64_t now = m->cluster->nodes[from->index].now.time * NS;

	switch (r->kind) {
	case LOG_LINE:
		if (m->is_full)
			reply(from, r->id, LOG_FULL, 0);
		else
			reply(from, r->id, LOG_STORED, store(&m->lines, r, now));
		break;
	case LOG_PUT:
		put(from, r);
		break;
	case LOG_ASK:
		ask(from, r);
		break;
	case LOG_REPLY:
	case LOG_TELL:
	case LOG_END:
	case LOG_REQUESTS:
		break;
	}
}

static void open_question(struct place *p, uint64_t id)
{
	struct open_question *q = malloc(sizeof(*q));

	if (q == NULL)
		abort();
	*q = (struct open_question){ p->questions, id, p->model->cluster->nodes[p->index].now.usec };
	p->questions = q;
}

/* It is answered, or nobody waits for the answer any more. */
static void close_question(struct place *p, uint64_t id)
{
	for (struct open_question **at = &p->questions, *q; (q = *at) != NULL;) {
		if (q->id != id) {
			at = &q->next;
			continue;
		}
		*at = q->next;
		free(q);
	}
	for (struct asked **at = &p->asked, *a; (a = *at) != NULL;) {
		if (a->id != id) {
			at = &a->next;
			continue;
		}
		*at = a->next;
		free(a);
	}
}

/* Questions that were not answered in time. */
static bool expire_questions(struct place *p, struct chat *chat)
{
	int64_t now = p->model->cluster->nodes[p->index].now.usec;

	for (const struct open_question *q = p->questions; q != NULL; q = q->next) {
		uint64_t id = q->id;

		if (now < q->since + LOG_ASK_MS * TIME_MS)
			continue;
		close_question(p, id);
		chat_log_answer(chat, id, LOG_TIMEOUT, 0, (struct slice){ 0 });
		return true;
	}
	return false;
}

static void take_requests(struct place *p, struct chat *chat)
{
	const struct log_request *r;

	while ((r = chat_take_request(chat)) != NULL) {
		struct asked **at = &p->asked;

		if (r->kind == LOG_TELL)
			tell(p->model, r->payload);
		if (r->kind == LOG_REPLY)
			pass_on(p, r);
		if (r->kind == LOG_TELL || r->kind == LOG_REPLY || r->kind == LOG_END)
			continue;
		if (r->kind == LOG_ASK)
			open_question(p, r->id);
		while (*at != NULL)
			at = &(*at)->next;
		*at = malloc(sizeof(**at));
		if (*at == NULL)
			abort();
		**at = (struct asked){ NULL, r, r->id, p->turn + p->model->late };
	}
}

static bool serve_all(struct place *p)
{
	struct asked *a;
	bool any = false;

	while (!p->is_down && (a = p->asked) != NULL && a->due <= p->turn) {
		serve(p, a->request);
		/* An answer that was lost: it is asked once more. */
		if (p->model->is_twice)
			serve(p, a->request);
		p->asked = a->next;
		free(a);
		any = true;
	}
	return any || (p->asked != NULL && !p->is_down);
}

static void open(struct place *place, struct chat *chat, const struct parcel *p)
{
	struct slice payload = { p->bytes, p->len };

	close_question(place, p->kind == ANSWER ? p->id : 0);
	if (p->kind == ANSWER)
		chat_log_answer(chat, p->id, p->answer, p->seq, payload);
	else if (p->kind == TOLD)
		chat_log_tell(chat, payload);
	else
		chat_log_asked(chat, (struct slice){ p->reply_to, strlen(p->reply_to) }, payload);
}

static bool deliver_parcels(struct place *p, struct chat *chat)
{
	struct parcel *parcel;
	bool any = false;

	while (!p->is_down && (parcel = p->parcels) != NULL && parcel->due <= p->turn) {
		p->parcels = parcel->next;
		open(p, chat, parcel);
		free(parcel);
		any = true;
	}
	return any || (p->parcels != NULL && !p->is_down);
}

static bool deliver_log(struct place *p, struct chat *chat)
{
	struct model *m = p->model;
	bool any = false;

	for (; !p->is_down && p->state_at < m->state.count; any = true) {
		const struct entry *e = &m->state.list[p->state_at++];

		chat_log_state(chat, (struct slice){ e->name, strlen(e->name) }, p->state_at,
			(struct slice){ e->bytes, e->len });
	}
	if (p->logs != m->logs && !p->is_down) {
		p->logs = m->logs;
		p->line_at = 0;
		chat_log_replaced(chat, 0);
	}
	if (p->line_at < m->first && !p->is_down) {
		p->line_at = m->first;
		chat_log_gap(chat, 0, m->first + 1);
	}
	for (; !p->is_down && chat_log_may_take(chat, 0) && p->line_at < m->lines.count;
		any = true) {
		const struct entry *e = &m->lines.list[p->line_at++];

		for (int i = 0; i < (m->is_twice ? 2 : 1); i++)
			chat_log_line(chat, 0, p->line_at, e->ns + p->is_forked, (struct slice){ e->bytes, e->len });
	}
	return any;
}

/* Another program asks from here on, and is handed all once more. */
static void begin_again(struct place *p, unsigned successors)
{
	struct parcel **at = &p->parcels, *parcel;
	struct asked *a;

	while ((a = p->asked) != NULL) {
		p->asked = a->next;
		free(a);
	}
	while ((parcel = *at) != NULL) {
		if (parcel->kind != ANSWER) {
			at = &parcel->next;
			continue;
		}
		*at = parcel->next;
		free(parcel);
	}
	while (p->questions != NULL)
		close_question(p, p->questions->id);
	p->successors = successors;
	p->is_known = false;
	p->state_at = p->line_at = 0;
}

/* What a node and the log have for each other in a turn. */
static bool pump(void *context, struct converse *c)
{
	struct place *p = context;
	bool any = false;

	p->turn++;
	if (p->successors != c->successors)
		begin_again(p, c->successors);
	if (p->is_down != p->was_down || !p->is_known) {
		chat_log_status(c->chat, !p->is_down);
		chat_log_caught_up(c->chat, LOG_STATE);
		p->was_down = p->is_down;
		p->is_known = true;
	}
	any |= deliver_log(p, c->chat);
	if (!p->is_down)
		chat_log_caught_up(c->chat, 0);
	any |= deliver_parcels(p, c->chat);
	any |= expire_questions(p, c->chat);
	take_requests(p, c->chat);
	any |= serve_all(p);
	return any;
}

static void begin_node(struct cluster *k, size_t i)
{
	char name = (char)('a' + i);
	struct place *p = &k->log->places[i];
	struct converse *c = &k->nodes[i];

	*p = (struct place){ .model = k->log, .index = (unsigned)i, .program = k->programs };
	if (i == 0 && k->programs == 0)
		converse_begin(c, k->settings);
	else
		converse_begin_beside(c, k->settings);
	c->pump = pump;
	c->pump_context = p;
	if (chat_share(c->chat, (struct slice){ &name, 1 }, 1000 + k->programs++) < 0)
		abort();
}

void nodes_begin(struct cluster *k, size_t count, const struct settings *settings)
{
	*k = (struct cluster){ .count = count, .settings = settings,
		.log = calloc(1, sizeof(*k->log)) };
	if (k->log == NULL)
		abort();
	k->log->cluster = k;
	for (size_t i = 0; i < count; i++)
		begin_node(k, i);
	nodes_row(k, "wait 1000");
}

/* Until nothing moves anywhere. */
static void settle(struct cluster *k)
{
	bool moved = true;

	while (moved && !k->failed) {
		moved = false;
		for (size_t i = 0; i < k->count; i++)
			if (!k->is_dead[i] && converse_turn(&k->nodes[i]))
				moved = true;
	}
}

/* Time passes for all, in steps in which nothing of this layer is late. */
static void wait(struct cluster *k, long ms)
{
	while (ms > 0) {
		long step = ms < 100 ? ms : 100;

		for (size_t i = 0; i < k->count; i++)
			if (!k->is_dead[i])
				converse_pass(&k->nodes[i], step);
		settle(k);
		ms -= step;
	}
}

static void finish(struct stored *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->list[i].bytes);
		free(s->list[i].name);
		free(s->list[i].id);
	}
	free(s->list);
	*s = (struct stored){ 0 };
}

static void replace(struct model *m)
{
	finish(&m->lines);
	m->first = 0;
	m->logs++;
}

static bool row_of_log(struct cluster *k, const char *what)
{
	struct model *m = k->log;

	if (strcmp(what, "full") == 0 || strcmp(what, "empty") == 0)
		m->is_full = *what == 'f';
	else if (strcmp(what, "twice") == 0)
		m->is_twice = true;
	else if (strcmp(what, "replaced") == 0)
		replace(m);
	else if (strncmp(what, "gap ", 4) == 0)
		m->first = (size_t)atoi(what + 4) - 1;
	else if (strncmp(what, "late ", 5) == 0)
		m->late = (unsigned)atoi(what + 5);
	else
		return false;
	return true;
}

static void forget(struct place *p)
{
	struct parcel *parcel;
	struct asked *asked;

	while ((parcel = p->parcels) != NULL) {
		p->parcels = parcel->next;
		free(parcel);
	}
	while ((asked = p->asked) != NULL) {
		p->asked = asked->next;
		free(asked);
	}
	while (p->questions != NULL)
		close_question(p, p->questions->id);
}

/* What is on its way to the log arrives there. */
static void serve_last(struct place *p)
{
	for (const struct asked *a = p->asked; a != NULL; a = a->next)
		serve(p, a->request);
}

static void return_node(struct cluster *k, size_t i)
{
	size_t living = 0;

	while (living + 1 < k->count && k->is_dead[living])
		living++;
	/* What they had received is nobody's concern. */
	k->nodes[i].failed = true;
	(void)converse_end(&k->nodes[i]);
	forget(&k->log->places[i]);
	begin_node(k, i);
	converse_pass(&k->nodes[i], (k->nodes[living].now.usec - k->nodes[i].now.usec) / TIME_MS);
	k->is_dead[i] = false;
}

static void row_of_node(struct cluster *k, size_t i, const char *what)
{
	struct converse *c = &k->nodes[i];

	if (strcmp(what, "down") == 0) {
		k->log->places[i].is_down = true;
	} else if (strcmp(what, "up") == 0) {
		k->log->places[i].is_down = false;
	} else if (strcmp(what, "forks") == 0) {
		k->log->places[i].is_forked = true;
	} else if (strcmp(what, "dies") == 0 || strcmp(what, "dies late") == 0) {
		if (what[4] != '\0')
			serve_last(&k->log->places[i]);
		k->is_dead[i] = true;
	} else if (strcmp(what, "returns") == 0) {
		return_node(k, i);
	} else {
		converse_row(c, "%s", what);
		k->failed = k->failed || c->failed;
	}
}

void nodes_row(struct cluster *k, const char *row)
{
	if (k->failed)
		return;
	settle(k);
	if (strncmp(row, "wait ", 5) == 0)
		wait(k, atol(row + 5));
	else if (strncmp(row, "log ", 4) == 0)
		k->failed = !row_of_log(k, row + 4);
	else if (row[0] >= 'a' && (size_t)(row[0] - 'a') < k->count && row[1] == ' ')
		row_of_node(k, (size_t)(row[0] - 'a'), row + 2);
	else
		k->failed = true;
	settle(k);
	if (k->failed)
		printf("# row \"%s\"\n", row);
}

bool nodes_end(struct cluster *k)
{
	for (size_t i = 0; i < k->count; i++) {
		struct place *p = &k->log->places[i];

		if (!converse_end(&k->nodes[i]) && !k->is_dead[i])
			k->failed = true;
		forget(p);
	}
	finish(&k->log->lines);
	finish(&k->log->state);
	free(k->log);
	return !k->failed;
}

bool nodes_run(size_t count, const char *const *rows, size_t row_count)
{
	struct cluster k;

	nodes_begin(&k, count, NULL);
	for (size_t i = 0; i < row_count; i++)
		nodes_row(&k, rows[i]);
	return nodes_end(&k);
}
