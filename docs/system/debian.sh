#!/bin/sh
# Makes a Debian package of a build: docs/system/debian.sh [FOLDER]
#
# Run it in the top folder of the source. It builds in a folder of its own and leaves
# chatd_VERSION_ARCH.deb in FOLDER (the current one). Needs gcc, meson and dpkg-deb.
set -eu

target=${1:-.}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

meson setup --prefix=/usr --buildtype=plain -Doptimization=2 --strip "$work/build" "$here/../.." >&2
meson compile -C "$work/build" chatd chatc >&2
DESTDIR=$root meson install -C "$work/build" --no-rebuild --tags runtime,man >&2
gzip -9n "$root"/usr/share/man/man*/*

install -D -m 644 "$here/chatd.service" "$root/lib/systemd/system/chatd.service"
install -D -m 644 "$here/chatd.socket" "$root/lib/systemd/system/chatd.socket"
install -D -m 644 "$here/chatd.sysusers" "$root/usr/lib/sysusers.d/chatd.conf"
install -D -m 644 "$here/chatd.tmpfiles" "$root/usr/lib/tmpfiles.d/chatd.conf"
install -D -m 644 "$here/chatd.logrotate" "$root/etc/logrotate.d/chatd"
install -D -m 644 "$here/chatd.conf" "$root/etc/chatd.conf"
install -D -m 644 "$here/../../LICENSE" "$root/usr/share/doc/chatd/copyright"

install -D -m 644 "$here/chatd.lintian" "$root/usr/share/lintian/overrides/chatd"

version=$("$work/build/server/chatd" --version | cut -d' ' -f2)
arch=$(dpkg --print-architecture)
libc=$(dpkg-query -W -f '${Version}' libc6 | cut -d- -f1)

maintainer="${DEBFULLNAME:-the chatd authors} <${DEBEMAIL:-chatd@debian.invalid}>"
{
	printf 'chatd (%s) stable; urgency=medium\n\n' "$version"
	printf '  * Built from the source by docs/system/debian.sh.\n\n'
	printf ' -- %s  %s\n' "$maintainer" "$(date -R ${SOURCE_DATE_EPOCH:+-d "@$SOURCE_DATE_EPOCH"})"
} | gzip -9n >"$root/usr/share/doc/chatd/changelog.gz"

mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<END
Package: chatd
Version: $version
Architecture: $arch
Maintainer: $maintainer
Depends: libc6 (>= $libc)
Section: net
Priority: optional
Installed-Size: $(du -sk "$root" | cut -f1)
Description: chat room for nc, telnet and its own client
 chatd is a small, steady chat server for a machine with little to spare;
 people talk in it with chatc, nc or telnet.
END
printf '/etc/chatd.conf\n/etc/logrotate.d/chatd\n' >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
	if command -v systemd-sysusers >/dev/null; then
		systemd-sysusers chatd.conf
	elif ! getent passwd chatd >/dev/null; then
		useradd --system --home-dir /var/lib/chatd --shell /usr/sbin/nologin chatd
	fi
	if [ -d /run/systemd/system ]; then
		systemctl daemon-reload
		# A running server is replaced by the new program; nobody is disconnected.
		systemctl kill --kill-who=main -s USR2 chatd.service 2>/dev/null || true
	fi
fi
END
cat >"$root/DEBIAN/prerm" <<'END'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
	deb-systemd-invoke stop chatd.socket chatd.service || true
	deb-systemd-helper disable chatd.socket chatd.service || true
fi
END
cat >"$root/DEBIAN/postrm" <<'END'
#!/bin/sh
# The history in /var/lib/chatd is left to whom it belongs, with its user.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
END
chmod 755 "$root"/DEBIAN/post* "$root/DEBIAN/prerm"

dpkg-deb --build --root-owner-group "$root" "$target/chatd_${version}_$arch.deb"
