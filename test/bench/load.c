/*
 * load: drives one server with many clients, checks every line that every client receives, and
 * tells what it cost the server.
 *
 *	load peer=chatd pid=1234 port=8000 clients=100 senders=4 length=64 window=16
 *
 * prints one JSON object. It connects the clients, waits until all have joined and `settle` seconds
 * more, for what their coming has set off; lets the senders speak for `warm` seconds, measures for
 * `seconds`, then waits until everybody has what he is owed. Senders are spread among the receivers.
 * With a window a sender has at most so many lines under way and says the next when one is settled
 * (all receivers have it; with echo=1 when he has it himself); with rate all senders together say
 * so many lines a second. Without senders it measures a room that is idle. With rooms=N there are so
 * many rooms, each with its clients and its senders, at the ports from `port` on.
 *
 * What counts is the processor time of the server, which other programs on the machine disturb
 * less than they do the time that passes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "test/bench/calls.h"
#include "test/bench/probe.h"
#include "test/bench/room.h"

enum {
	JOIN_PATIENCE = 20,  /* seconds without anybody joining: the rest is stranded */
	DRAIN_PATIENCE = 10, /* seconds without anything received: the rest is lost */
	SECOND = 1000000000,
	ROOMS_MAX = 256,
};

struct options {
	const char *peer, *host;
	double pid, port;
	double rooms, clients, senders, stalled;
	double length, window, rate;
	double seconds, warm, settle;
	double burst, together, echo, syscalls;
};

/* All rooms; more than one is waited for through an epoll of their own. */
struct load {
	struct room *rooms;
	uint32_t count;
	int epoll;
};

struct report {
	uint64_t connect_cpu, connect_time;
	struct probe_memory before, joined, end;
	uint64_t deliveries, messages, cpu, own_cpu, time, wakes, calls;
};

static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void usage(const char *argument)
{
	fprintf(stderr, "load: what is '%s'? (see the head of load.c)\n", argument);
	exit(2);
}

static void parse(struct options *o, int argc, char **argv)
{
	const struct {
		const char *name;
		double *number;
	} numbers[] = {
		{ "pid", &o->pid }, { "port", &o->port }, { "clients", &o->clients },
		{ "senders", &o->senders }, { "stalled", &o->stalled }, { "length", &o->length },
		{ "window", &o->window }, { "rate", &o->rate }, { "seconds", &o->seconds },
		{ "warm", &o->warm }, { "settle", &o->settle }, { "burst", &o->burst },
		{ "together", &o->together }, { "echo", &o->echo }, { "syscalls", &o->syscalls },
		{ "rooms", &o->rooms },
	};

	for (int i = 1; i < argc; i++) {
		const char *value = strchr(argv[i], '=');
		size_t name = value ? (size_t)(value++ - argv[i]) : 0;
		size_t n = 0;

		if (name == 4 && memcmp(argv[i], "peer", 4) == 0) {
			o->peer = value;
			continue;
		}
		if (name == 4 && memcmp(argv[i], "host", 4) == 0) {
			o->host = value;
			continue;
		}
		while (n < sizeof(numbers) / sizeof(numbers[0]) &&
			(strlen(numbers[n].name) != name ||
				memcmp(numbers[n].name, argv[i], name) != 0))
			n++;
		if (n == sizeof(numbers) / sizeof(numbers[0]))
			usage(argv[i]);
		*numbers[n].number = strtod(value, NULL);
	}
}

static void check(const struct options *o)
{
	if (!o->peer || !peer_find(o->peer))
		usage("peer");
	if (o->clients < 1 || o->senders > o->clients || o->senders < 0)
		usage("clients");
	if (o->rooms < 1 || o->rooms > ROOMS_MAX || (o->rooms > 1 && (o->stalled > 0 || o->rate > 0)))
		usage("rooms");
	if (o->length < PAYLOAD_MIN || o->length > PAYLOAD_MAX)
		usage("length");
	if (o->window < 0 || o->window > LEDGER_WINDOW_MAX ||
		(o->senders > 0 && (o->window > 0) == (o->rate > 0)))
		usage("window");
}

static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		fail("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		fail("setrlimit");
}

/* Connects everybody, so many at a time, until all have joined or no more do. */
static void join(struct room *r, uint32_t together)
{
	uint64_t progress = probe_now();
	uint32_t begun = 0;

	while (r->joined + r->closed < r->count) {
		uint32_t before = r->joined, to = r->joined + r->closed + together;

		if (to > r->count)
			to = r->count;
		if (begun < to && room_connect(r, begun, to) < 0)
			fail("connect");
		begun = to;
		room_turn(r, 100);
		if (r->joined > before)
			progress = probe_now();
		else if (probe_now() - progress > (uint64_t)JOIN_PATIENCE * SECOND)
			break;
	}
}

/* Waits for at most so many milliseconds and handles what happens; returns how much did. */
static int turn(struct load *l, int timeout)
{
	struct epoll_event events[ROOMS_MAX];
	int ready, count = 0;

	if (l->count == 1)
		return room_turn(l->rooms, timeout);
	ready = epoll_wait(l->epoll, events, ROOMS_MAX, timeout);
	for (int i = 0; i < ready; i++)
		count += room_turn(&l->rooms[events[i].data.u32], 0);
	return count;
}

/* Lets the rooms go on for so many nanoseconds; paced senders say what is due meanwhile. */
static void run(struct load *l, double rate, uint64_t time)
{
	uint64_t start = probe_now(), said = 0, due, now;
	struct room *first = l->rooms;
	uint32_t senders = first->ledger.sender_count;
	static uint32_t next;

	while ((now = probe_now()) - start < time) {
		uint64_t left = time - (now - start), pause = left;

		if (rate > 0) {
			due = (uint64_t)((double)(now - start) * rate / SECOND) + 1;
			for (; said < due; said++)
				room_say(first, next++ % senders, 1);
			pause = (uint64_t)((double)due * SECOND / rate) - (now - start);
			pause = pause < left ? pause : left;
		}
		turn(l, (int)(pause / 1000000) + 1);
	}
}

static bool is_settled(const struct load *l)
{
	for (uint32_t i = 0; i < l->count; i++)
		if (!room_settled(&l->rooms[i]))
			return false;
	return true;
}

static void count_lost(struct room *r)
{
	for (uint32_t i = 0; i < r->ledger.receiver_count; i++)
		r->ledger.lost += r->clients[i].stalled ? 0 : ledger_owed(&r->ledger, i);
}

/* Nobody says any more: waits until all have got everything, or nothing more comes. */
static void drain(struct load *l)
{
	uint64_t progress = probe_now();

	for (uint32_t i = 0; i < l->count; i++)
		l->rooms[i].speaking = false;
	while (!is_settled(l) &&
		probe_now() - progress < (uint64_t)DRAIN_PATIENCE * SECOND)
		if (turn(l, 100) > 0)
			progress = probe_now();
	for (uint32_t i = 0; i < l->count; i++)
		count_lost(&l->rooms[i]);
}

/* Those who stalled read again: each must get the rest, or be told how much it missed. */
static void resume(struct load *l)
{
	uint64_t lost = l->rooms->ledger.lost;

	room_resume(l->rooms);
	drain(l);
	l->rooms->ledger.lost -= lost;
}

static uint64_t count_deliveries(const struct load *l)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < l->count; i++)
		count += l->rooms[i].ledger.deliveries;
	return count;
}

static uint64_t count_said(const struct load *l)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < l->count; i++)
		for (uint32_t k = 0; k < l->rooms[i].ledger.sender_count; k++)
			count += l->rooms[i].ledger.senders[k].said;
	return count;
}

static void set_measuring(struct load *l, bool on)
{
	for (uint32_t i = 0; i < l->count; i++)
		l->rooms[i].measuring = on;
}

static void measure(struct load *l, const struct options *o, const struct probe *server,
	struct report *report)
{
	uint64_t time = probe_now(), cpu = probe_cpu(server), own = probe_own_cpu();
	uint64_t deliveries = count_deliveries(l), said = count_said(l);
	struct calls calls = { 0 };

	if (o->syscalls > 0)
		calls_init(&calls, server->pid);
	report->joined = probe_memory(server);
	set_measuring(l, true);
	run(l, o->rate, (uint64_t)(o->seconds * SECOND));
	set_measuring(l, false);
	report->cpu = probe_cpu(server) - cpu;
	report->calls = calls_made(&calls);
	calls_finish(&calls);
	report->own_cpu = probe_own_cpu() - own;
	report->time = probe_now() - time;
	report->deliveries = count_deliveries(l) - deliveries;
	report->messages = count_said(l) - said;
	report->end = probe_memory(server);
	report->wakes = report->end.wakes - report->joined.wakes;
}

/* What is to be printed of all rooms, in a copy of the first, which is not to be finished. */
static struct room add_up(const struct load *l)
{
	struct room all = l->rooms[0];

	for (uint32_t i = 1; i < l->count; i++) {
		const struct room *r = &l->rooms[i];

		all.count += r->count;
		all.joined += r->joined;
		all.closed += r->closed;
		all.ledger.lost += r->ledger.lost;
		all.ledger.repeated += r->ledger.repeated;
		all.ledger.misordered += r->ledger.misordered;
		all.ledger.damaged += r->ledger.damaged;
		all.ledger.missed += r->ledger.missed;
		histogram_add_all(&all.latency, &r->latency);
	}
	return all;
}

static void print(const struct room *r, const struct report *p)
{
	const struct ledger *l = &r->ledger;
	double seconds = (double)p->time / SECOND, cpu = (double)p->cpu / SECOND;
	uint32_t reading = l->awaited > 0 ? l->awaited : 1;

	printf("{\"clients\": %u, \"joined\": %u, \"closed\": %u", r->count, r->joined, r->closed);
	printf(", \"connect_us\": %.2f, \"connect_seconds\": %.4f",
		(double)p->connect_cpu / 1e3 / r->count, (double)p->connect_time / SECOND);
	printf(", \"rss_empty\": %" PRIu64 ", \"rss\": %" PRIu64 ", \"rss_peak\": %" PRIu64,
		p->before.now, p->end.now, p->end.peak);
	printf(", \"bytes_per_client\": %.0f",
		((double)p->joined.now - (double)p->before.now) / r->count);
	printf(", \"seconds\": %.4f, \"messages\": %" PRIu64 ", \"deliveries\": %" PRIu64, seconds,
		p->messages, p->deliveries);
	printf(", \"server_seconds\": %.6f, \"server_share\": %.4f, \"load_share\": %.4f", cpu,
		cpu / seconds, (double)p->own_cpu / SECOND / seconds);
	printf(", \"wakes\": %" PRIu64 ", \"syscalls\": %" PRIu64, p->wakes, p->calls);
	if (p->deliveries > 0) {
		printf(", \"per_second\": %.0f, \"per_server_second\": %.0f",
			(double)p->deliveries / seconds, (double)p->deliveries / cpu);
		printf(", \"us_per_delivery\": %.4f", cpu * 1e6 / (double)p->deliveries);
		printf(", \"us_per_message\": %.3f",
			cpu * 1e6 * reading / (double)p->deliveries);
		printf(", \"latency_us\": {\"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f"
			", \"max\": %.1f}",
			(double)histogram_at(&r->latency, 0.5) / 1e3,
			(double)histogram_at(&r->latency, 0.99) / 1e3,
			(double)histogram_at(&r->latency, 0.999) / 1e3,
			(double)r->latency.max / 1e3);
	}
	printf(", \"lost\": %" PRIu64 ", \"repeated\": %" PRIu64, l->lost, l->repeated);
	printf(", \"misordered\": %" PRIu64 ", \"damaged\": %" PRIu64, l->misordered, l->damaged);
	printf(", \"told_missed\": %" PRIu64 "}\n", l->missed);
}

/* Makes the rooms and connects everybody. */
static void enter(struct load *l, const struct options *o, const struct sockaddr_in *server)
{
	l->count = (uint32_t)o->rooms;
	l->rooms = calloc(l->count, sizeof(*l->rooms));
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->rooms == NULL || l->epoll < 0)
		fail("epoll");
	for (uint32_t i = 0; i < l->count; i++) {
		struct room *r = &l->rooms[i];
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };

		r->peer = peer_find(o->peer);
		r->length = (size_t)o->length;
		r->window = (uint32_t)o->window;
		r->server = *server;
		r->server.sin_port = htons((uint16_t)((uint32_t)o->port + i));
		if (room_init(r, (uint32_t)o->clients, (uint32_t)o->senders) < 0 ||
			epoll_ctl(l->epoll, EPOLL_CTL_ADD, r->epoll, &event) < 0)
			fail("epoll");
		r->ledger.own_echo = o->echo > 0 && r->peer->echoes;
		room_stall(r, (uint32_t)o->stalled);
		join(r, o->burst > 0 ? r->count : (uint32_t)o->together);
	}
}

static void begin_to_speak(struct room *r)
{
	r->speaking = true;
	for (uint32_t i = 0; i < r->ledger.sender_count && r->window > 0; i++)
		room_say(r, i, r->window);
}

int main(int argc, char **argv)
{
	struct options o = { .host = "127.0.0.1", .rooms = 1, .senders = 1, .length = 64, .seconds = 1,
		.warm = 0.3, .settle = 0.2, .together = 64 };
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct report report = { 0 };
	struct probe server;
	struct load load;
	struct room all;
	uint64_t cpu, time;

	parse(&o, argc, argv);
	check(&o);
	raise_descriptors();
	if (probe_init(&server, (pid_t)o.pid) < 0)
		fail("pid");
	if (inet_pton(AF_INET, o.host, &address.sin_addr) != 1)
		usage("host");

	report.before = probe_memory(&server);
	cpu = probe_cpu(&server);
	time = probe_now();
	enter(&load, &o, &address);
	report.connect_time = probe_now() - time;
	run(&load, 0, (uint64_t)(o.settle * SECOND));
	report.connect_cpu = probe_cpu(&server) - cpu;

	for (uint32_t i = 0; i < load.count; i++)
		begin_to_speak(&load.rooms[i]);
	run(&load, o.rate, (uint64_t)(o.warm * SECOND));
	measure(&load, &o, &server, &report);
	drain(&load);
	if (o.stalled > 0 && load.rooms->peer->one_order)
		resume(&load);
	all = add_up(&load);
	print(&all, &report);
	for (uint32_t i = 0; i < load.count; i++)
		room_finish(&load.rooms[i]);
	free(load.rooms);
	close(load.epoll);
	return 0;
}
