/*
 * The sandbox (sandbox.h), made of what each system has for it: on Linux Landlock or else a
 * seccomp filter (not both: a filter makes each call cost some 200 ns more, and most of what a
 * room does is calls), on OpenBSD pledge. A system with none of these is not an error.
 */
#include "server/shell/sandbox.h"

#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "server/shell/seccomp.h"

const char *sandbox_enter(const struct landlock_allowed *allowed)
{

#if defined(__linux__)
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return "none";
	if (landlock_enter(allowed))
		return "no new privileges, Landlock";
	return seccomp_enter() ? "no new privileges, seccomp" : "no new privileges";
#elif defined(__OpenBSD__)
	return pledge("stdio rpath wpath cpath flock tty unix inet proc exec", NULL) == 0 ? "pledge"
											   : "none";
#else
	return "none";
#endif
}
