#!/bin/bash
# meson 1.0.1 (Debian 12): a test that "meson test" is told twice to run is run twice if it is judged by
# its exit status; if it speaks TAP, the run of all tests ends with an assertion, "duplicate suite", and
# status 2, after each of the two has passed. So a list of tests that a script puts together, such as
# one of two suites that share a test, has to be made unique first.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download meson=1.0.1-5 >/dev/null 2>&1
dpkg -x meson_*.deb root
cat >meson.build <<'MESON'
project('twice')
shell = find_program('sh')
test('plain', shell, args: ['-c', 'exit 0'])
test('tap', shell, args: ['-c', 'echo 1..1; echo ok 1'], protocol: 'tap')
MESON
meson() {
	PYTHONPATH=root/usr/share/meson:root/usr/lib/python3/dist-packages /usr/bin/python3 -m mesonbuild.mesonmain "$@"
}
meson setup build >/dev/null
# How many of the named tests passed, the status, and the assertion if there was one.
run() {
	local status=0
	meson test -C build "$@" >log 2>&1 || status=$?
	echo "$*: $(grep -cE '^[0-9]/[0-9] .* OK ' log) passed, status $status$(grep -o '^AssertionError.*' log | sort -u | sed "s,^, ,")"
}
seen=$(meson --version; run plain plain; run tap; run tap tap)
expected='1.0.1
plain plain: 2 passed, status 0
tap: 1 passed, status 0
tap tap: 2 passed, status 2 AssertionError: duplicate suite'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed"; exit 1; }
