#!/bin/bash
# Apache httpd 2.4.71 (Debian 12), "ProxyPass / http://BACKEND/ upgrade=websocket": after the 101 a
# silent WebSocket is ended by the longer of Timeout and ProxyTimeout, not by ProxyTimeout where it is
# set, as it is for every other answer of the backend, and not by whichever comes first. So a short
# ProxyTimeout does not end WebSockets that went silent, and a long Timeout keeps them. At the end
# neither side gets a close frame: both see the connection closed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
chmod 755 .
cat >silence.py <<'PYTHON'
import os
import pathlib
import select
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path("root").resolve()
MODULES = ROOT / "usr/lib/apache2/modules"
REQUEST = (b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
ANSWER = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
PATIENCE = 10


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def start(timeouts, port, backend):
    here = pathlib.Path("-".join(timeouts).replace(" ", "")).resolve()
    here.mkdir()
    modules = [("mpm_event", "mpm_event"), ("authz_core", "authz_core"), ("proxy", "proxy"),
               ("proxy_http", "proxy_http")]
    lines = [f"ServerRoot {here}", f"PidFile {here}/pid", f"ErrorLog {here}/log", f"Mutex file:{here}",
             "ServerName localhost", f"Listen 127.0.0.1:{port}", "User nobody", "Group nogroup",
             *(f"LoadModule {name}_module {MODULES}/mod_{file}.so" for name, file in modules),
             *timeouts, f"ProxyPass / http://127.0.0.1:{backend}/ upgrade=websocket"]
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


def head(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(4096)
    return data


def silence(timeouts):
    """Which of the two sides have seen the end of a silent WebSocket after PATIENCE seconds."""
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = start(timeouts, port, listener.getsockname()[1])
        try:
            browser = connect(port)
            browser.sendall(REQUEST)
            backend, _ = listener.accept()
            head(backend)
            backend.sendall(ANSWER)
            head(browser)
            end = time.monotonic() + PATIENCE
            ended, waiting = {}, {"browser": browser, "backend": backend}
            while waiting and time.monotonic() < end:
                readable, _, _ = select.select(waiting.values(), [], [], end - time.monotonic())
                for name in [name for name in waiting if waiting[name] in readable]:
                    ended[name] = waiting.pop(name).recv(100)
            return f"ended with {sorted(set(ended.values()))}" if not waiting else "open"
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


for timeouts in (["Timeout 2"], ["Timeout 60", "ProxyTimeout 2"], ["Timeout 2", "ProxyTimeout 60"]):
    print(f"{', '.join(timeouts)}: after {PATIENCE} s {silence(timeouts)}")
PYTHON
seen=$(python3 silence.py)
expected="Timeout 2: after 10 s ended with [b'']
Timeout 60, ProxyTimeout 2: after 10 s open
Timeout 2, ProxyTimeout 60: after 10 s open"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed"; exit 1; }
