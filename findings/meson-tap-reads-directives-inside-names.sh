#!/bin/bash
# meson 1.0.1 (Debian 12), "protocol: 'tap'": a directive is looked for anywhere in a test's name, in
# any case, with no blank after the '#', and TAP's escape for a literal '#' (a backslash) is not known.
# So a test of a room called \#skipper passes as skipped, a test of one called #todo is a failure (an
# "ok" with that directive, which the TAP specification lets pass, counts as an unexpected pass, and
# that as failed), and only "#" with another word after it is a name like any other.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download meson=1.0.1-5 2>/dev/null >/dev/null
dpkg -x meson_*.deb root
cat >meson.build <<'MESON'
project('names')
shell = find_program('sh')
foreach name : ['room #5', 'room #tea', 'room #todo', 'room \\#todo', 'room #skipper', 'room \\#skipper']
	test(name, shell, args: ['-c', 'echo 1..1; printf "%s\n" "$0"', 'ok 1 - ' + name], protocol: 'tap')
endforeach
MESON
meson() {
	PYTHONPATH=root/usr/share/meson:root/usr/lib/python3/dist-packages /usr/bin/python3 -m mesonbuild.mesonmain "$@"
}
meson setup build >/dev/null
meson test -C build >log 2>&1 || true
seen=$(meson --version; sed -nE 's/^ *[0-9]\/6 (room [^ ]+) +([A-Z]+) .*/\1: \2/p' log)
expected='1.0.1
room #5: OK
room #tea: OK
room #todo: FAIL
room \#todo: FAIL
room #skipper: SKIP
room \#skipper: SKIP'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed"; exit 1; }
