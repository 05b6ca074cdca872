/*
 * getaddrinfo() blocks, for many seconds when a name server does not answer, so it is called in a
 * child process that writes what it finds into a pipe. The addresses of each host are interleaved
 * by family, those of the first family first (RFC 8305, section 4,
 * https://www.rfc-editor.org/rfc/rfc8305).
 */
#include "client/shell/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/shell/user_file.h"

#define LOOPBACK "localhost"

/* What the child writes: this, and then the addresses. */
struct outcome {
	int error; /* of getaddrinfo(), for the last host that was not found; 0 */
	int number; /* errno, where that is EAI_SYSTEM */
	size_t count;
};

/* The next address of a list whose family is, or is not, the one given. */
static const struct addrinfo *skip_to(const struct addrinfo *a, int family, bool same)
{
	while (a && (a->ai_family == family) != same)
		a = a->ai_next;
	return a;
}

static void add(struct resolver_address *to, size_t *count, const struct addrinfo *a)
{
	if (*count == RESOLVER_MAX || a->ai_addrlen > sizeof(to->address))
		return;
	memcpy(&to[*count].address, a->ai_addr, a->ai_addrlen);
	to[(*count)++].len = a->ai_addrlen;
}

static void interleave(struct resolver_address *to, size_t *count, const struct addrinfo *list)
{
	const struct addrinfo *one = list, *other = skip_to(list, list->ai_family, false);

	while (one || other) {
		if (one) {
			add(to, count, one);
			one = skip_to(one->ai_next, list->ai_family, true);
		}
		if (other) {
			add(to, count, other);
			other = skip_to(other->ai_next, list->ai_family, false);
		}
	}
}

/* flags: of getaddrinfo(). */
static void look_up(const struct target *target, size_t first, int flags,
	struct resolver_address *to, struct outcome *outcome)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
		.ai_flags = flags };
	struct addrinfo *list;

	for (size_t i = 0; i < target->count; i++) {
		size_t host = (first + i) % target->count, before = outcome->count;
		const struct target_host *h = &target->hosts[host];
		bool loopback = flags && strcmp(h->name, LOOPBACK) == 0;
		int error = getaddrinfo(loopback ? NULL : h->name, h->port, &hints, &list);

		if (error) {
			outcome->error = error;
			outcome->number = error == EAI_SYSTEM ? errno : 0;
			continue;
		}
		interleave(to, &outcome->count, list);
		for (size_t added = before; added < outcome->count; added++)
			to[added].host = host;
		freeaddrinfo(list);
	}
}

size_t resolver_known(const struct target *target, size_t first, struct resolver_address *addresses)
{
	struct outcome outcome = { 0 };

	look_up(target, first, AI_NUMERICHOST | AI_NUMERICSERV, addresses, &outcome);
	return outcome.error ? 0 : outcome.count;
}

static void run(const struct target *target, size_t first, int fd)
{
	static struct resolver_address addresses[RESOLVER_MAX];
	struct outcome outcome = { 0 };

	look_up(target, first, 0, addresses, &outcome);
	if (user_file_write(fd, (const char *)&outcome, sizeof(outcome)) == 0)
		(void)user_file_write(fd, (const char *)addresses,
			outcome.count * sizeof(*addresses));
	_exit(0);
}

int resolver_begin(struct resolver *r, const struct target *target, size_t first)
{
	int ends[2], saved;

	resolver_finish(r);
	if (pipe(ends) < 0)
		return -1;
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) < 0 ||
		(r->child = fork()) < 0) {
		saved = errno;
		r->child = 0;
		close(ends[0]);
		close(ends[1]);
		errno = saved;
		return -1;
	}
	if (r->child == 0)
		run(target, first, ends[1]);
	close(ends[1]);
	r->fd = ends[0];
	return 0;
}

/* All has come. */
static enum resolver_state conclude(struct resolver *r, struct resolver_address *addresses,
	size_t *count, const char **reason)
{
	struct outcome outcome = { .error = EAI_FAIL };

	if (r->answer.len >= sizeof(outcome))
		memcpy(&outcome, r->answer.data, sizeof(outcome));
	*count = outcome.count;
	if (*count > RESOLVER_MAX || r->answer.len != sizeof(outcome) + *count * sizeof(*addresses))
		*count = 0;
	if (*count) {
		memcpy(addresses, r->answer.data + sizeof(outcome), *count * sizeof(*addresses));
		resolver_finish(r);
		return RESOLVER_DONE;
	}
	*reason = outcome.error == EAI_SYSTEM ? strerror(outcome.number)
		: gai_strerror(outcome.error ? outcome.error : EAI_FAIL);
	resolver_finish(r);
	return RESOLVER_FAILED;
}

enum resolver_state resolver_turn(struct resolver *r, struct resolver_address *addresses,
	size_t *count, const char **reason)
{
	enum { CHUNK = 4096 };
	ssize_t n;

	do {
		char *room = buffer_reserve(&r->answer, CHUNK);

		n = room ? read(r->fd, room, CHUNK) : 0;
		if (n > 0)
			r->answer.len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return RESOLVER_BUSY;
	return conclude(r, addresses, count, reason);
}

void resolver_finish(struct resolver *r)
{
	if (r->fd >= 0)
		close(r->fd);
	if (r->child > 0) {
		(void)kill(r->child, SIGKILL);
		(void)waitpid(r->child, NULL, 0);
	}
	buffer_finish(&r->answer);
	*r = (struct resolver){ .fd = -1 };
}
