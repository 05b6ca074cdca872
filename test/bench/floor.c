/*
 * floor: what the kernel asks of anyone who hands lines to many. It polls, receives, puts 36
 * bytes (a name and a stamp) to each line and sends it to all; it decides, checks and limits
 * nothing, so no server of one thread and poll() that does the same can cost less.
 *
 *	floor line|batch|turn|gather PORT [ROOMS]
 *
 * line: a send for each message and client. batch: one for all that came in one recv(). turn: all
 * ready clients are read before each client is sent what came, once. gather: as turn, but with
 * another poll() without waiting and another round of reading before it sends.
 *
 * With ROOMS it listens on as many ports from PORT on, and hands on what comes at one of them to those
 * who came there.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 16384, ACCEPTS = 256, ROOMS_MAX = 256 };

static const char head[] = "[#0001]: ", tail[] = " --Wed Oct 19 21:24:05 2022\n";

/* Bytes that grow. */
struct buffer {
	char *bytes;
	size_t len, size;
};

struct client {
	struct buffer in;  /* an unfinished line */
	struct buffer out; /* what the kernel did not take */
	struct room *room;
};

struct room {
	size_t *members; /* indices of its clients */
	size_t count, size;
	struct buffer said; /* lines that nobody was sent yet */
};

struct floor {
	enum { BY_LINE, BY_BATCH, BY_TURN, BY_GATHERING } mode;
	struct pollfd *polled; /* the listeners, then the clients */
	struct client *clients;
	size_t count, size;
	struct room rooms[ROOMS_MAX];
	size_t room_count; /* and of listeners */
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void append(struct buffer *b, const void *bytes, size_t len)
{
	if (b->len + len > b->size) {
		b->size = 2 * (b->len + len);
		b->bytes = realloc(b->bytes, b->size);
		if (!b->bytes)
			die("memory");
	}
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
}

static void drop(struct floor *f, size_t i)
{
	close(f->polled[i].fd);
	f->polled[i].fd = -1;
	f->polled[i].events = 0;
	f->clients[i].in.len = f->clients[i].out.len = 0;
}

/* Sends what waits, then this. */
static void give(struct floor *f, size_t i, const char *bytes, size_t len)
{
	struct buffer *out = &f->clients[i].out;
	ssize_t n;

	if (out->len > 0) {
		append(out, bytes, len);
		bytes = out->bytes;
		len = out->len;
	}
	n = send(f->polled[i].fd, bytes, len, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN) {
		drop(f, i);
		return;
	}
	n = n < 0 ? 0 : n;
	if (out->len > 0) {
		memmove(out->bytes, out->bytes + n, out->len - (size_t)n);
		out->len -= (size_t)n;
	} else if ((size_t)n < len) {
		append(out, bytes + n, len - (size_t)n);
	}
	f->polled[i].events = out->len > 0 ? POLLIN | POLLOUT : POLLIN;
}

static void give_room(struct floor *f, struct room *r)
{
	for (size_t i = 0; i < r->count && r->said.len > 0; i++)
		if (f->polled[r->members[i]].fd >= 0)
			give(f, r->members[i], r->said.bytes, r->said.len);
	r->said.len = 0;
}

static void give_all(struct floor *f)
{
	for (size_t i = 0; i < f->room_count; i++)
		if (f->rooms[i].said.len > 0)
			give_room(f, &f->rooms[i]);
}

static bool is_said(const struct floor *f)
{
	for (size_t i = 0; i < f->room_count; i++)
		if (f->rooms[i].said.len > 0)
			return true;
	return false;
}

static void hear(struct floor *f, size_t i)
{
	static char bytes[2 * READ_SIZE];
	struct buffer *in = &f->clients[i].in, *said = &f->clients[i].room->said;
	char *at = bytes, *lf;
	ssize_t n = recv(f->polled[i].fd, bytes + in->len, READ_SIZE, 0);

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			drop(f, i);
		return;
	}
	if (in->len > 0)
		memcpy(bytes, in->bytes, in->len);
	n += (ssize_t)in->len;
	in->len = 0;
	while ((lf = memchr(at, '\n', (size_t)(bytes + n - at)))) {
		append(said, head, sizeof(head) - 1);
		append(said, at, (size_t)(lf - at));
		append(said, tail, sizeof(tail) - 1);
		at = lf + 1;
		if (f->mode == BY_LINE)
			give_room(f, f->clients[i].room);
	}
	if (bytes + n > at)
		append(in, at, (size_t)(bytes + n - at) % READ_SIZE);
	if (f->mode == BY_BATCH)
		give_room(f, f->clients[i].room);
}

static void hear_ready(struct floor *f, int ready)
{
	for (size_t i = 0; i < f->room_count; i++)
		ready -= f->polled[i].revents != 0;
	for (size_t i = f->room_count; i < f->count && ready > 0; i++) {
		if (f->polled[i].revents == 0)
			continue;
		ready--;
		if (f->polled[i].revents & POLLOUT)
			give(f, i, "", 0);
		if (f->polled[i].revents & (POLLIN | POLLHUP | POLLERR) && f->polled[i].fd >= 0)
			hear(f, i);
	}
}

/* Clients are only ever added: a run has as many as it begins with. */
static void add(struct floor *f, int fd, short events)
{
	if (f->count == f->size) {
		f->size = f->size ? 2 * f->size : 64;
		f->polled = realloc(f->polled, f->size * sizeof(*f->polled));
		f->clients = realloc(f->clients, f->size * sizeof(*f->clients));
		if (!f->polled || !f->clients)
			die("memory");
	}
	f->polled[f->count] = (struct pollfd){ .fd = fd, .events = events };
	f->clients[f->count] = (struct client){ 0 };
	f->count++;
}

static void enter(struct room *r, size_t client)
{
	if (r->count == r->size) {
		r->size = r->size ? 2 * r->size : 16;
		r->members = realloc(r->members, r->size * sizeof(*r->members));
		if (!r->members)
			die("memory");
	}
	r->members[r->count++] = client;
}

static void welcome(struct floor *f, size_t room)
{
	int one = 1;

	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept(f->polled[room].fd, NULL, NULL);

		if (fd < 0)
			return;
		fcntl(fd, F_SETFL, O_NONBLOCK);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		add(f, fd, POLLIN);
		f->clients[f->count - 1].room = &f->rooms[room];
		enter(&f->rooms[room], f->count - 1);
		give(f, f->count - 1, "=== floor\n", 10);
	}
}

static int listen_on(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
		bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(fd, SOMAXCONN) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		die("listen");
	return fd;
}

int main(int argc, char **argv)
{
	static const char *const modes[] = { "line", "batch", "turn", "gather" };
	static struct floor f;
	struct rlimit limit;
	int ready;

	while (argc > 1 && f.mode < 4 && strcmp(modes[f.mode], argv[1]) != 0)
		f.mode++;
	f.room_count = argc == 4 ? (size_t)atoi(argv[3]) : 1;
	if (argc < 3 || argc > 4 || f.mode == 4 || f.room_count < 1 || f.room_count > ROOMS_MAX) {
		fprintf(stderr, "usage: floor line|batch|turn|gather PORT [ROOMS]\n");
		return 2;
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (size_t i = 0; i < f.room_count; i++)
		add(&f, listen_on(atoi(argv[2]) + (int)i), POLLIN);
	for (;;) {
		ready = poll(f.polled, f.count, -1);
		if (ready < 0 && errno != EINTR)
			die("poll");
		hear_ready(&f, ready);
		if (f.mode == BY_GATHERING && is_said(&f))
			hear_ready(&f, poll(f.polled, f.count, 0));
		give_all(&f);
		for (size_t i = 0; i < f.room_count; i++)
			if (f.polled[i].revents)
				welcome(&f, i);
	}
}
