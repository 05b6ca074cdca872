#!/bin/bash
# bash 5.2.15, dash 0.5.12, busybox 1.35.0 (Debian 12, glibc): "trap '' 32" and "trap '' 33" report
# success, and yet the signal ends the process, though it has no threads. glibc keeps the two for its
# threads and refuses sigaction() for them (EINVAL), which none of the three shells looks at, while the
# kernel's default action, to end the process, stays. 34, SIGRTMIN, is ignored as asked. A daemon that
# means to ignore every real-time signal has to make the system call itself.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download bash=5.2.15-2+b13 dash=0.5.12-2 busybox-static=1:1.35.0-4+deb12u1+b1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
seen=$(for shell in root/bin/bash root/bin/dash 'root/bin/busybox sh'; do
	for signal in 32 33 34; do
		answer=$($shell -c "trap '' $signal; echo trap \$?; kill -$signal \$\$; echo alive" 2>/dev/null) &&
			status=0 || status=$?
		echo "${shell#root/bin/}, $signal:" $answer, status $status
	done
done 2>/dev/null)
expected='bash, 32: trap 0, status 160
bash, 33: trap 0, status 161
bash, 34: trap 0 alive, status 0
dash, 32: trap 0, status 160
dash, 33: trap 0, status 161
dash, 34: trap 0 alive, status 0
busybox sh, 32: trap 0, status 160
busybox sh, 33: trap 0, status 161
busybox sh, 34: trap 0 alive, status 0'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed"; exit 1; }
