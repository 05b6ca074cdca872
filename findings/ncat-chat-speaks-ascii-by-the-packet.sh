#!/bin/bash
# ncat 7.93 (Debian 12), --chat: in a UTF-8 locale, too, everything that is not ASCII reaches the others
# as octal escapes of its bytes, so that "é" is read as "\303\251"; and the "<user5> " before a message
# stands before each piece as it came from the network, not before each line: a line that is sent in two
# pieces has it twice.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download ncat=7.93+dfsg1-1 liblua5.3-0=5.3.6-2 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
cat >chat.py <<'PYTHON'
import glob
import os
import socket
import subprocess
import time


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def connect(port):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.05)


def until(connection, end):
    data = b""
    while not data.endswith(end):
        data += connection.recv(4096)
    return data


port = free_port()
libraries = os.path.dirname(glob.glob("root/usr/lib/*/liblua5.3.so.0")[0])
server = subprocess.Popen(["root/usr/bin/ncat", "-l", "127.0.0.1", str(port), "--chat"],
                          env={**os.environ, "LC_ALL": "C.UTF-8", "LD_LIBRARY_PATH": libraries})
try:
    reader = connect(port)
    until(reader, b"nobody.\n")
    speaker = connect(port)
    until(reader, b"<user4>.\n")
    speaker.sendall("é\n".encode())
    print(until(reader, b"\n").decode(), end="")
    speaker.sendall(b"one ")
    print(until(reader, b"one ").decode(), end="")
    speaker.sendall(b"line\n")
    print(until(reader, b"\n").decode(), end="")
finally:
    server.kill()
    server.wait()
PYTHON
seen=$(timeout 30 python3 chat.py)
expected='<user5> \303\251
<user5> one <user5> line'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed"; exit 1; }
