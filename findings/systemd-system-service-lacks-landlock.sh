#!/bin/bash
# systemd 252 (Debian 12): SystemCallFilter=@system-service, which is meant for ordinary services, does
# not hold the three calls of Landlock, and neither does any other group but @known: with it a program
# that puts itself into a sandbox is refused (or, without SystemCallErrorNumber=, killed). seccomp() is
# not among them either, but prctl() is, which can do the same. A unit has to name the three.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download systemd=252.39-1~deb12u2 libsystemd-shared=252.39-1~deb12u2 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
analyze() {
	LD_LIBRARY_PATH=$(dirname root/usr/lib/*/systemd/libsystemd-shared-252.so) root/usr/bin/systemd-analyze "$@"
}

# What a group holds, the groups in it taken apart.
calls() {
	analyze --no-pager syscall-filter "$1" | sed -n 's/^    \([@a-z0-9_]*\)$/\1/p' | while read -r word; do
		case $word in
		@*) calls "$word" ;;
		*) echo "$word" ;;
		esac
	done | sort -u
}

groups=$(analyze --no-pager syscall-filter | sed -n 's/^\(@[a-z-]*\).*/\1/p' | grep -vx @known | sort -u)
holders=$(for group in $groups; do calls "$group" | grep -q landlock && echo "$group"; done || true)
seen="$(calls @system-service | grep -xE 'seccomp|prctl|landlock_.*')
landlock: ${holders:-no group}"
expected='prctl
landlock: no group'
analyze --version | sed -n 1p
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed"; exit 1; }
