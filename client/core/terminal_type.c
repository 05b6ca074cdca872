/*
 * Types of terminals. The rule: nothing is sent to a terminal that is not known to understand it,
 * since people see it then.
 */
#include "client/core/terminal_type.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	struct terminal_type type;
} types[] = {
	{ "xterm-kitty", { true, true, true } },
	{ "xterm-ghostty", { true, true, true } },
	{ "xterm", { true, true, false } },
	{ "alacritty", { true, true, true } },
	{ "contour", { true, true, true } },
	{ "foot", { true, true, true } },
	{ "ghostty", { true, true, true } },
	{ "gnome", { true, true, false } },
	{ "iTerm2.app", { true, true, true } },
	{ "kitty", { true, true, true } },
	{ "konsole", { true, true, true } },
	{ "mintty", { true, true, true } },
	{ "mlterm", { true, true, false } },
	{ "nsterm", { true, true, false } },
	{ "putty", { true, true, false } },
	{ "rxvt", { true, true, false } },
	{ "screen", { true, true, false } },
	{ "st", { true, true, false } },
	{ "stterm", { true, true, false } },
	{ "tmux", { true, true, true } },
	{ "vte", { true, true, true } },
	{ "wezterm", { true, true, true } },
	{ "cygwin", { true, false, false } },
	{ "fbterm", { true, false, false } },
	{ "jfbterm", { true, false, false } },
	{ "linux", { true, false, false } },
	{ "vt100", { true, false, false } },
	{ "vt102", { true, false, false } },
	{ "vt220", { true, false, false } },
	{ "vt320", { true, false, false } },
	{ "vt340", { true, false, false } },
	{ "vt420", { true, false, false } },
	{ "vt520", { true, false, false } },
	{ "vt525", { true, false, false } },
};

/* "rxvt" is "rxvt-unicode-256color" and "screen.xterm-256color" is "screen". */
static bool is_kind_of(const char *term, const char *name)
{
	size_t len = strlen(name);

	return strncmp(term, name, len) == 0 &&
		(term[len] == '\0' || term[len] == '-' || term[len] == '.' || term[len] == '+');
}

struct terminal_type terminal_type_of(const char *term)
{
	for (size_t i = 0; term && i < sizeof(types) / sizeof(*types); i++)
		if (is_kind_of(term, types[i].name))
			return types[i].type;
	return (struct terminal_type){ false, false, false };
}
