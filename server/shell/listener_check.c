/*
 * What --check says of where to listen (listener.h). The rule: nothing listens, so that a chatd
 * which runs there already is not disturbed; a port that is in use may be that one's.
 */
#include "server/shell/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/shell/binding.h"
#include "server/shell/path.h"

/* Whether an address could be bound: 0, or an errno with *error. */
static int try(const struct binding *b, struct error *error)
{
	int fd = binding_socket(b->at.any.sa_family);
	int number = 0;

	if (fd < 0 || (bind(fd, &b->at.any, b->len) < 0 && errno != EADDRINUSE))
		number = errno;
	if (fd >= 0)
		close(fd);
	return number == 0 ? 0 : binding_refuse(b, number, error);
}

/* What is wrong with one that is no unix socket; its bindings are added to those before it. */
static int check_inet(const struct endpoint *e, struct bindings *all, struct error *error)
{
	size_t before = all->count;
	bool found = false;
	int lacks = 0;

	if (bindings_add(all, e, error) < 0)
		return -1;
	for (size_t i = before; i < all->count; i++) {
		int rc = try(&all->items[i], error);

		if (rc != 0 && rc != EAFNOSUPPORT && rc != EADDRNOTAVAIL)
			return -1;
		found = found || rc == 0;
		lacks = rc != 0 ? rc : lacks;
		for (size_t other = 0; other < i; other++)
			if (binding_is_at(&all->items[i], &all->items[other])) {
				binding_refuse(&all->items[i], EADDRINUSE, error);
				return -1;
			}
	}
	if (found)
		return 0;
	return lacks == EAFNOSUPPORT ? LISTENERS_NO_FAMILY : -1;
}

static int check_unix(const struct endpoints *all, const struct endpoint *e, struct error *error)
{
	struct stat st;
	bool is_taken = lstat(e->name, &st) == 0 && !S_ISSOCK(st.st_mode);

	if (path_can_make(e->name) < 0)
		return binding_refuse_unix(e->name, error);
	for (const struct endpoint *other = all->items; other < e; other++)
		is_taken = is_taken || (other->kind == ENDPOINT_UNIX &&
			strcmp(other->name, e->name) == 0);
	errno = EADDRINUSE;
	return is_taken ? binding_refuse_unix(e->name, error) : 0;
}

int listeners_check(const struct endpoints *all, struct error *error)
{
	struct bindings bindings = { 0 };
	size_t lacking = 0;
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < all->count; i++) {
		const struct endpoint *e = &all->items[i];

		rc = e->kind == ENDPOINT_UNIX ? check_unix(all, e, error)
					      : check_inet(e, &bindings, error);
		lacking += rc == LISTENERS_NO_FAMILY;
	}
	bindings_finish(&bindings);
	/* One family that is lacking is made up for by other listeners. */
	return rc >= 0 && lacking < all->count ? 0 : -1;
}
