"""Lines over a WebSocket by wsproto: each of standard input is a message, each message is printed."""

import selectors
import socket
import sys
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection, events

url = urlsplit(sys.argv[1])
sock = socket.create_connection((url.hostname, url.port))
connection = WSConnection(ConnectionType.CLIENT)
ready = selectors.DefaultSelector()
rest = b"" # of a line that has not come whole


def receive():
    connection.receive_data(sock.recv(65536) or None)
    for event in connection.events():
        if isinstance(event, events.AcceptConnection):
            ready.register(sys.stdin.buffer.raw, selectors.EVENT_READ, say)
        elif isinstance(event, events.TextMessage):
            print(event.data, end="", flush=True)
        elif isinstance(event, events.Ping):
            sock.sendall(connection.send(event.response()))
        elif isinstance(event, events.CloseConnection):
            if connection.state.name == "REMOTE_CLOSING":
                sock.sendall(connection.send(event.response()))
            print(f"closed {event.code}", flush=True)
            sys.exit()


def say():
    global rest
    data = sys.stdin.buffer.raw.read(65536)
    *lines, rest = (rest + data).split(b"\n")
    for line in lines:
        sock.sendall(connection.send(events.Message(data=line.decode())))
    if not data:
        ready.unregister(sys.stdin.buffer.raw)
        sock.sendall(connection.send(events.CloseConnection(code=1000)))


sock.sendall(connection.send(events.Request(host=url.netloc, target=url.path)))
ready.register(sock, selectors.EVENT_READ, receive)
while True:
    for key, _ in ready.select():
        key.data()
