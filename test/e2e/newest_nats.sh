#!/bin/sh
# Prints the path of a nats-server of at least 2.12.3, which a log with several replicas needs: the
# installed one, or else the newest package of this machine's own Debian mirror, unpacked into the
# folder that is the argument. It needs nothing but the C library.
set -eu
least=2.12.3

is_new() {
	found=$("$1" --version 2>/dev/null | sed 's/.*v//') && [ -n "$found" ] &&
		[ "$(printf '%s\n%s\n' "$least" "$found" | sort -V | head -n 1)" = "$least" ]
}

installed=$(command -v nats-server || true)
unpacked=$1/root/usr/sbin/nats-server
for program in $installed "$unpacked"; do
	if [ -x "$program" ] && is_new "$program"; then
		echo "$program"
		exit 0
	fi
done

mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/root"
cd "$1"
mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\).*/\2/p' \
	/etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >sources.list
set -- -o "Dir::Etc::sourcelist=$PWD/sources.list" -o Dir::Etc::sourceparts=- \
	-o "Dir::State::lists=$PWD/lists" -o "Dir::Cache=$PWD/cache" -o APT::Sandbox::User=root
{
	apt-get "$@" update
	apt-get "$@" download nats-server
	dpkg -x nats-server_*.deb root
} >log 2>&1 || { tail -n 3 log >&2; exit 1; }
is_new "$unpacked" && echo "$unpacked"
