"""The web listener as browsers, scripts and front ends meet it."""

import re
import select
import signal
import socket
import subprocess
import threading
import time

import pytest

from web import Talker
from wire import DEADLINE, said

TOKEN = "0123456789abcdef"


def port_of(server, index=1):
    return int(server.addresses()[index].rsplit(":", 1)[1])


def web(chatd, *args, words=",web"):
    """A server with a listener for lines, and one for the web."""
    return chatd("-l", f"127.0.0.1:0{words}", *args)


def talk(server, **options):
    return Talker(f"ws://127.0.0.1:{port_of(server)}/ws", **options)


def ask(port, data, *, host="127.0.0.1"):
    """All that is answered to these bytes, up to the end."""
    with socket.create_connection((host, port), timeout=60) as sock:
        sock.sendall(data)
        parts = []
        while part := sock.recv(65536):
            parts.append(part)
    return b"".join(parts)


def get(port, path, *lines, method="GET", body=b""):
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *lines]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return ask(port, ("\r\n".join(head) + "\r\n\r\n").encode() + body)


def status(answer):
    return int(re.match(rb"HTTP/1\.1 (\d+) ", answer)[1])


def key():
    return ["Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]


@pytest.mark.parametrize("request_, expected", [
    ("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 200),
    ("GET / HTTP/1.0\r\n\r\n", 200),
    ("GET / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\nx", 400),
    ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 404),
    ("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 405),
    ("GET /" + "a" * 2048 + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414),
    ("GET / HTTP/1.1\r\nHost: chat.example.org\r\n\r\n", 421),
    ("GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 426),
    ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + "a" * 8192 + "\r\n\r\n", 431),
    ("GET / HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n", 505),
])
def test_status(chatd, request_, expected):
    server = web(chatd)
    answer = ask(port_of(server), request_.encode())
    assert status(answer) == expected
    head, body = answer.split(b"\r\n\r\n", 1)
    assert int(re.search(rb"Content-Length: (\d+)", head)[1]) == len(body)
    if expected >= 400:
        assert b"\r\nConnection: close" in head and body.endswith(b"\n")


def test_page(chatd):
    server = web(chatd)
    head, body = get(port_of(server), "/room/?x").split(b"\r\n\r\n", 1)
    assert body.lower().startswith(b"<!doctype html>")
    for field in (b"Cache-Control: no-store", b"X-Content-Type-Options: nosniff",
                  b"Referrer-Policy: no-referrer", b"Cross-Origin-Opener-Policy: same-origin"):
        assert b"\r\n" + field + b"\r\n" in head + b"\r\n"
    assert b"frame-ancestors 'none'" in head
    framed = web(chatd, "--web-frame", "https://a.example", "--web-frame", "https://b.example")
    assert b"frame-ancestors https://a.example https://b.example\r\n" in get(port_of(framed), "/")
    nothing = get(port_of(server), "/", method="HEAD")
    assert nothing.endswith(b"\r\n\r\n") and b"Content-Length: %d\r\n" % len(body) in nothing


def test_one_room(chatd):
    server = web(chatd)
    alice = talk(server)
    alice.say("/nick alice")
    alice.until(r"\*\*\* alice joined .*")
    bob = server.join("bob")
    alice.say("one\ntwo")
    bob.until(said("alice", "one"))
    bob.until(said("alice", "two"))
    bob.say("three")
    alice.until(said("bob", "three"))
    server.send_signal(signal.SIGUSR2)
    server.wait_log(r"upgraded to chatd .*")
    bob.say("four")
    alice.until(said("bob", "four"))
    alice.say("/quit")
    assert alice.closed() == 1000
    assert status(get(port_of(server), "/health")) == 200


def test_stop(chatd):
    """The server ends when each browser has closed, too."""
    server = web(chatd)
    handshake = "\r\n".join(["GET /ws HTTP/1.1", "Host: 127.0.0.1", "Connection: upgrade", *key()])
    socks = [socket.create_connection(("127.0.0.1", port_of(server)), timeout=DEADLINE)
             for _ in range(8)]
    for sock in socks:
        sock.sendall(handshake.encode() + b"\r\n\r\n")
        assert status(sock.recv(65536)) == 101
    server.send_signal(signal.SIGTERM)
    began = time.monotonic()
    for sock in socks:
        text = b""
        while b"\x88\x1d\x03\xe9" not in text:
            text += sock.recv(65536)
    ended = select.select(socks, [], [], 0.1)[0]
    # For more than 2 seconds it waits for nobody.
    assert not ended or time.monotonic() - began > 1.5
    for sock in socks:
        if not ended:
            sock.sendall(b"\x88\x82\0\0\0\0\x03\xe9")
            assert sock.recv(1) == b""
        sock.close()
    assert server.wait() == 0


def test_pipelined(chatd):
    """A request, the handshake and a line in one segment."""
    server = web(chatd)
    port = port_of(server)
    request = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    handshake = "\r\n".join(["GET /ws HTTP/1.1", "Host: 127.0.0.1", "Connection: upgrade", *key()])
    bob = server.join("bob")
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        sock.sendall(request + handshake.encode() + b"\r\n\r\n\x81\x82\0\0\0\0hi")
        bob.until(said("#2", "hi"))
        assert status(sock.recv(65536)) == 200


def test_origin(chatd):
    server = web(chatd, "--web-origin", "https://www.example.org")
    port = port_of(server)
    head = "/ws", "Connection: upgrade", *key()

    def origin(text):
        request = "\r\n".join([f"GET {head[0]} HTTP/1.1", f"Host: 127.0.0.1:{port}", *head[1:],
                               f"Origin: {text}"])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
            sock.sendall(request.encode() + b"\r\n\r\n")
            return status(sock.recv(65536))

    assert origin(f"http://127.0.0.1:{port}") == 101
    assert origin("https://www.example.org") == 101
    assert origin("https://elsewhere.example") == 403
    assert origin("null") == 403
    server.wait_log(r"WebSocket refused: a page of https://elsewhere\.example .*")


def test_full(chatd):
    server = web(chatd, "-m", "1")
    first = talk(server)
    second = talk(server)
    assert second.line().startswith("!!! server full (1 of 1 clients)")
    assert second.closed() == 1013
    first.say("/quit")
    assert first.closed() == 1000


def test_a_full_server_lets_one_back(chatd):
    """Into the place that the old connection still holds, which is closed and told why."""
    server = web(chatd, "-m", "1")
    first = talk(server)
    first.say("/nick alice\n/resume")
    id_, token = first.until(r"=== resume (\d+) (\w+)").groups()
    second = talk(server)
    second.say(f"/resume {id_} {token} 0")
    assert second.line().startswith("!!! server full (1 of 1 clients)")
    second.until(r"=== chatd: you are #1, 1 of 1 online, .*")
    second.until(rf"=== resume \d+ {token}")
    second.say("back")
    second.until(r"@\d+ \d+ " + said("alice", "back"))
    assert first.closed() == 4008
    stranger = talk(server)
    stranger.say(f"/resume {id_} {'0' * len(token)} 0")
    assert stranger.closed() == 1013


def test_many_idle(chatd):
    """The one that has been idle for the longest makes room."""
    server = web(chatd)
    port = port_of(server)
    idle = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(64)]
    assert status(get(port, "/health")) == 200
    assert idle[0].recv(1) == b""
    for sock in idle:
        sock.close()
    server.join("alice").close()


def test_per_host(chatd):
    server = web(chatd, "--max-per-host-local", "1")
    port = port_of(server)
    client = server.join("alice")
    assert status(get(port, "/health")) == 429
    client.close()


def test_forwarded(chatd):
    server = web(chatd, words=",web,forwarded=127.0.0.1")
    port = port_of(server)
    alice = talk(server, extra_headers={"X-Forwarded-For": "10.0.0.1, 192.0.2.7"})
    server.wait_log(r"client \(#1\) connect from 192\.0\.2\.7:0, .*")
    assert status(get(port, "/", "X-Forwarded-For: nonsense")) == 400
    alice.say("/quit")
    assert alice.closed() == 1000


def test_say(chatd, tmp_path):
    bots = tmp_path / "bots"
    bots.write_text(f"backup {TOKEN}\n")
    bots.chmod(0o600)
    server = web(chatd, "--bot-file", bots)
    port = port_of(server)
    bob = server.join("bob")
    right = f"Authorization: Bearer {TOKEN}", "Content-Type: text/plain"

    def say(body, *lines):
        return status(get(port, "/say", *lines, method="POST", body=body))

    assert get(port, "/say", *right, method="POST", body=b"one\n\n/two\n").endswith(b"said 2\n")
    bob.until(said("backup", "one"))
    bob.until(said("backup", "/two"))
    assert say(b"x", "Authorization: Bearer wrong", right[1]) == 401
    assert say(b"x", right[1]) == 401
    assert say(b"x", right[0], "Content-Type: text/html") == 415
    assert say(b"x" * 65537, *right) == 413
    assert say(b"x" * 5000, *right) == 422
    assert say(b"\n", *right) == 422
    assert say(b"x\n" * 41, *right) == 429
    bob.say("/nick backup")
    bob.until("!!! the nick backup is taken")
    assert status(get(port_of(web(chatd)), "/say", *right, method="POST", body=b"x")) == 404


def test_readonly_and_metrics(chatd):
    server = chatd("-l", "127.0.0.1:0,web,readonly", "-l", "127.0.0.1:0,metrics")
    reader = talk(server)
    reader.until(r"=== .* online, for reading, /help for help")
    bob = server.join("bob")
    reader.say("hello")
    reader.until("!!! this door is for reading")
    bob.say("hi")
    reader.until(said("bob", "hi"))
    answer = get(port_of(server, 2), "/metrics")
    assert b"Content-Type: text/plain; version=0.0.4" in answer
    assert b"\n# TYPE chatd_lines_said_total counter\nchatd_lines_said_total 1\n" in answer
    assert b'\n# TYPE chatd_info gauge\nchatd_info{version="' in answer
    assert status(get(port_of(server, 2), "/")) == 404


def test_slow_reader(chatd):
    """Frames stay whole for one that takes little at a time."""
    server = web(chatd, "--rate", "0")
    alice = talk(server)
    alice.say("/resume 0")
    bob = server.join("bob")
    lines = [f"{i} " + "x" * 900 for i in range(400)]
    bob.say(*lines)
    for line in lines:
        alice.until(r"@\d+ \d+ " + said("bob", line))


def test_slow_heads(chatd):
    """Those who never end a request do not keep others out of the room."""
    server = web(chatd)
    port = port_of(server)
    slow = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(64)]
    for sock in slow:
        sock.sendall(b"GET / HTTP/1.1\r\n")
    # When alice is answered, what came before her has been read.
    server.join("alice").close()
    assert status(get(port, "/health")) == 503
    threads = [threading.Thread(target=lambda s=s: answers.append(s.recv(4096))) for s in slow]
    answers = []
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status(answer) for answer in answers} == {408}


def upgrade(server):
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgraded to chatd")


def test_requests_under_way_at_an_upgrade(chatd, tmp_path):
    """Half a head, half a body, half an answer, one that is idle, one without its PROXY header yet."""
    (tmp_path / "bots").write_text(f"backup {TOKEN}\n")
    (tmp_path / "bots").chmod(0o600)
    server = chatd("-l", "127.0.0.1:0,web", "-l", "127.0.0.1:0,web,proxy", "--bot-file",
                   tmp_path / "bots")
    bob = server.join("bob")
    names = ["head", "body", "answer", "idle", "proxy"]
    socks = {name: socket.socket() for name in names}
    socks["answer"].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for name, sock in socks.items():
        sock.settimeout(DEADLINE)
        sock.connect(("127.0.0.1", port_of(server, 2 if name == "proxy" else 1)))
    host = b"Host: localhost\r\n"
    health = b"GET /health HTTP/1.1\r\n" + host + b"\r\n"
    socks["head"].sendall(b"GET /health HTTP/1.1\r\nHost: lo")
    socks["body"].sendall(b"POST /say HTTP/1.1\r\n" + host + b"Content-Type: text/plain\r\n"
                          + f"Authorization: Bearer {TOKEN}\r\nContent-Length: 5\r\n\r\nhe".encode())
    socks["answer"].sendall((b"GET / HTTP/1.1\r\n" + host + b"\r\n") * 9)
    socks["idle"].sendall(health)
    assert status(socks["idle"].recv(65536)) == 200
    socks["proxy"].sendall(b"PROXY TCP4 192.0.2.7")
    upgrade(server)
    socks["head"].sendall(b"calhost\r\n\r\n")
    socks["body"].sendall(b"llo" + health)
    socks["idle"].sendall(health)
    socks["proxy"].sendall(b" 192.0.2.1 1 2\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for name in ("head", "idle", "proxy"):
        assert socks[name].recv(65536).endswith(b"\r\n\r\nok 1\n"), name
    bob.until(said("backup", "hello"))
    answer = b""
    while not answer.endswith(b"ok 1\n"):
        answer += socks["body"].recv(65536)
    assert answer.startswith(b"HTTP/1.1 202 ") and b"said 1\n" in answer
    pages = b""
    while pages.count(b"</html>") < 9:
        pages += socks["answer"].recv(65536)
    head, first = pages.split(b"\r\n\r\n", 1)
    assert len(set((head + b"\r\n\r\n" + first).split(b"HTTP/1.1 200 OK\r\n")[1:])) == 1
    for sock in socks.values():
        sock.close()


def test_readers_over_an_upgrade(chatd):
    server = web(chatd, words=",web,readonly")
    reader = talk(server)
    bob = server.join("bob")
    reader.say("/resume")
    reader.until("=== resume .*")
    upgrade(server)
    reader.say("hello")
    reader.until("!!! this door is for reading")
    bob.say("hi")
    reader.until(r"@\d+ \d+ " + said("bob", "hi"))
    assert not any("hello" in line for line in bob.settle())
    reader.finish()
    late = talk(server)
    late.say("hello")
    late.until("!!! this door is for reading")
    late.finish()


def test_expect(chatd, tool, tmp_path):
    """No interim answer: curl waits for a second, sends its body, and is answered."""
    (tmp_path / "bots").write_text(f"backup {TOKEN}\n")
    (tmp_path / "bots").chmod(0o600)
    server = web(chatd, "--bot-file", tmp_path / "bots")
    answer = subprocess.run(
        [tool("curl"), "-si", "-H", "Expect: 100-continue", "-H", "Content-Type: text/plain",
         "-H", f"Authorization: Bearer {TOKEN}", "-d", "backup done",
         f"http://127.0.0.1:{port_of(server)}/say"], check=True, capture_output=True).stdout
    assert answer.startswith(b"HTTP/1.1 202 ") and answer.endswith(b"\r\n\r\nsaid 1\n")
