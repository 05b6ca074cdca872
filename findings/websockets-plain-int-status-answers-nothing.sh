#!/bin/bash
# python3-websockets 10.4 (Debian 12): process_request may answer a request with (status, headers, body).
# A status that is a plain 200 and not http.HTTPStatus.OK, which is equal to it, gets the client no
# answer at all: the connection is closed after zero bytes, not with a 500, and nothing is printed
# unless logging is set up. So a health check behind it sees an empty reply.
set -eu
version=10.4-1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download "python3-websockets=$version" >/dev/null
dpkg -x python3-websockets_*.deb root
cat >answer.py <<'PYTHON'
import asyncio
import http
import logging

import websockets

REQUEST = (b"GET /health HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
           b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           b"Sec-WebSocket-Version: 13\r\n\r\n")


async def bytes_for(status):
    async def answer(path, headers):
        return status, [], b"ok\n"

    async def nobody(socket):
        pass

    async with websockets.serve(nobody, "127.0.0.1", 0, process_request=answer) as server:
        address = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(*address)
        writer.write(REQUEST)
        reply = await reader.read()
        writer.close()
        return reply.split(b"\r\n")[0].decode()


logging.disable(logging.CRITICAL)
print("version", websockets.version.version)
for status in (http.HTTPStatus.OK, 200):
    print(f"{type(status).__name__}: '{asyncio.run(bytes_for(status))}'")
PYTHON
seen=$(PYTHONPATH="$work/root/usr/lib/python3/dist-packages" /usr/bin/python3 answer.py)
expected="version 10.4
HTTPStatus: 'HTTP/1.1 200 OK'
int: ''"
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed"; exit 1; }
