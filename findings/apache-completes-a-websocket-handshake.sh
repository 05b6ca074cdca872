#!/bin/bash
# Apache httpd 2.4.71 (Debian 12), "ProxyPass / http://BACKEND/ upgrade=websocket": a request that has
# "Upgrade: websocket" but no "Connection: Upgrade" (RFC 9110, 7.8: then the field must not be acted
# on), and one of HTTP/1.0, reach the backend as a whole WebSocket handshake of HTTP/1.1: Apache adds
# "Connection: Upgrade" by itself. A backend can't tell such a client from one that knows WebSocket.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
chmod 755 .
cat >handshake.py <<'PYTHON'
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path("root").resolve()
MODULES = ROOT / "usr/lib/apache2/modules"
WHOLE = (b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
REQUESTS = {"whole": WHOLE,
            "no Connection": WHOLE.replace(b"Connection: Upgrade\r\n", b""),
            "Connection: close": WHOLE.replace(b"Connection: Upgrade", b"Connection: close"),
            "HTTP/1.0": WHOLE.replace(b"HTTP/1.1", b"HTTP/1.0")}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def start(port, backend):
    here = pathlib.Path("server").resolve()
    here.mkdir()
    names = ["mpm_event", "authz_core", "proxy", "proxy_http"]
    lines = [f"ServerRoot {here}", f"PidFile {here}/pid", f"ErrorLog {here}/log", f"Mutex file:{here}",
             "ServerName localhost", f"Listen 127.0.0.1:{port}", "User nobody", "Group nogroup",
             *(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in names),
             f"ProxyPass / http://127.0.0.1:{backend}/ upgrade=websocket"]
    (here / "conf").write_text("\n".join(lines) + "\n")
    return subprocess.Popen([ROOT / "usr/sbin/apache2", "-f", here / "conf", "-DFOREGROUND"],
                            env={**os.environ, "LD_LIBRARY_PATH": f"{ROOT}/usr/lib/x86_64-linux-gnu"},
                            start_new_session=True)


def connect(port):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.05)


def seen(listener, port, request):
    """The request line and the two fields of an upgrade, as they reach the backend."""
    with connect(port) as client:
        client.sendall(request)
        backend, _ = listener.accept()
        with backend:
            head = b""
            while b"\r\n\r\n" not in head:
                head += backend.recv(4096)
            backend.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            client.recv(4096)
    lines = head.decode().split("\r\n")
    fields = sorted(line for line in lines if line.startswith(("Upgrade:", "Connection:")))
    return [lines[0].split()[-1], *fields]


port = free_port()
with socket.create_server(("127.0.0.1", 0)) as listener:
    server = start(port, listener.getsockname()[1])
    try:
        for name, request in REQUESTS.items():
            print(f"{name}: {', '.join(seen(listener, port, request))}")
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
PYTHON
seen=$(python3 handshake.py)
fields='HTTP/1.1, Connection: Upgrade, Upgrade: websocket'
expected="whole: $fields
no Connection: $fields
Connection: close: $fields
HTTP/1.0: $fields"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed"; exit 1; }
