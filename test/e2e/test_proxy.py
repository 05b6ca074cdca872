"""The PROXY protocol, from our own hands and from haproxy and stunnel with TLS outside."""

import os
import re
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from wire import CHATC, DEADLINE, Client, event, said, until

RECIPES = Path(__file__).resolve().parents[2] / "docs" / "system"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V4 = bytes([192, 0, 2, 7, 192, 0, 2, 1, 0xcf, 0x84, 0x1f, 0x40])


@pytest.fixture
def server(chatd):
    return chatd("--rate", 0, listen="127.0.0.1:0,proxy")


@pytest.mark.parametrize("header, address", [
    (b"PROXY TCP4 192.0.2.7 192.0.2.1 53124 8000\r\n", "192.0.2.7:53124"),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 53124 8000\r\n", "[2001:db8::7]:53124"),
    (SIGNATURE + b"\x21\x11\0\x0c" + V4, "192.0.2.7:53124"),
    (SIGNATURE + b"\x21\x11\0\x11" + V4 + b"\x01\0\2h2", "192.0.2.7:53124"),
    (b"PROXY UNKNOWN\r\n", r"127.0.0.1:\d+"),
    (SIGNATURE + b"\x20\0\0\0", r"127.0.0.1:\d+"),
])
def test_whose_it_is(server, header, address):
    whole, pieces = server.connect(), server.connect()
    whole.send(header + b"/nick alice\n")
    whole.until(event("alice joined (1 online)"))
    for n in range(len(header)):
        pieces.send(header[n:n + 1])
    pieces.say("hello")
    pieces.until(said("#2", "hello"))
    if not address.startswith("127"):
        address = re.escape(address)
    server.wait_log(rf"client \(#1\) connect from {address},")
    server.wait_log(rf"client \(#2\) connect from {address},")


@pytest.mark.parametrize("header", [
    b"hello\n", b"GET / HTTP/1.1\r\n\r\n", b"PROXY TCP4 192.0.2.7\r\n", b"PROXY \r\n",
    b"PROXY UNKNOWN " + b"x" * 100, SIGNATURE + b"\x31\x11\0\x0c" + V4,
    SIGNATURE + b"\x21\x11\0\x0b" + V4, SIGNATURE + b"\x21\x11\xff\xff" + V4,
])
def test_refused_with_a_line_in_the_log(server, header):
    client = server.connect()
    client.send(header)
    client.gone()
    assert client.buffer == b""
    server.wait_log(r"connect from 127\.0\.0\.1:\d+ refused: ")
    alice = server.connect()
    alice.send(b"PROXY UNKNOWN\r\n/nick alice\n")
    alice.until(event("alice joined (1 online)"))


def test_what_comes_with_the_header_waits_for_the_replay(server):
    for text in ("first", "second"):
        client = server.connect()
        client.send(f"PROXY UNKNOWN\r\n{text}\n")
        client.until(rf"\[#\d\]: {text} --.*")


def test_the_real_address_counts(chatd):
    server = chatd("--max-per-host", 1, listen="127.0.0.1:0,proxy")
    people = [server.connect() for _ in range(3)]
    people[0].send("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n")
    assert people[0].line().startswith("=== ")
    people[1].send("PROXY TCP4 192.0.2.8 192.0.2.1 1 2\r\n")
    assert people[1].line().startswith("=== ")
    people[2].send("PROXY TCP4 192.0.2.7 192.0.2.1 3 2\r\n")
    assert people[2].line() == "!!! too many connections from your address"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def certificate(tool, tmp_path):
    """A certificate for localhost and its key, in one file."""
    path = tmp_path / "certificate.pem"
    subprocess.run([tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-keyout", tmp_path / "key", "-out", path],
                   check=True, capture_output=True)
    with open(path, "a", encoding="ascii") as file:
        file.write((tmp_path / "key").read_text())
    return path


@pytest.fixture(params=["haproxy", "stunnel4"])
def tls_port(request, tool, server, certificate, tmp_path):
    """Where a terminator listens that runs by the recipe in docs/."""
    port = free_port()
    inside = f"127.0.0.1:{server.port}"
    environment = dict(os.environ)
    if request.param == "haproxy":
        environment |= {"CHAT_TLS": f"127.0.0.1:{port}", "CHAT_INSIDE": inside,
                        "CHAT_CERTIFICATE": str(certificate)}
        command = [tool("haproxy"), "-db", "-f", RECIPES / "haproxy.cfg"]
    else:
        text = (RECIPES / "stunnel.conf").read_text()
        for old, new in [("accept = 6697", f"accept = 127.0.0.1:{port}"),
                         ("127.0.0.1:8001", inside),
                         ("/etc/stunnel/chat.pem", str(certificate))]:
            assert old in text
            text = text.replace(old, new)
        config = tmp_path / "stunnel.conf"
        config.write_text(text)
        command = [tool("stunnel4"), config]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        def listens():
            assert process.poll() is None, "the terminator has ended"
            with socket.socket() as sock:
                return sock.connect_ex(("127.0.0.1", port)) == 0
        until(listens, "the terminator")
        yield port
        process.terminate()


def test_behind_a_terminator(server, tls_port, tool):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    sock = socket.create_connection(("127.0.0.1", tls_port))
    alice = Client(context.wrap_socket(sock))
    ours = sock.getsockname() if sock.fileno() >= 0 else alice.sock.getsockname()
    alice.say("/nick alice")
    alice.until(r"\*\*\* alice joined .*")
    server.wait_log(rf"connect from 127\.0\.0\.1:{ours[1]},")

    # openssl s_client, by hand.
    s_client = f"openssl s_client -quiet -verify_quiet -connect 127.0.0.1:{tls_port}"
    with subprocess.Popen(s_client.split(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as person:
        person.stdin.write(b"/nick bob\nhello\n/quit\n")
        person.stdin.flush()
        alice.until(said("bob", "hello"))
        person.wait(DEADLINE)

    # chatc through it.
    with subprocess.Popen([CHATC, "--no-reconnect", "--command", s_client, "localhost"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as chatc:
        chatc.stdin.write(b"/nick carol\nhello too\n/quit\n")
        chatc.stdin.flush()
        alice.until(said("carol", "hello too"))
        chatc.stdin.close()
        chatc.wait(DEADLINE)
    alice.close()


CHECKED = """
global
	stats socket {socket} level admin
defaults
	mode tcp
	timeout connect 5s
	timeout client 5s
	timeout server 5s
backend chat
	{expect}
	server chatd 127.0.0.1:{port} {version} check inter 20 rise 5
"""


class Haproxy:
    """haproxy that does nothing but look whether chatd is there."""

    def __init__(self, program, tmp_path, **settings):
        self.socket = tmp_path / "haproxy"
        config = tmp_path / "haproxy.cfg"
        config.write_text(CHECKED.format(socket=self.socket, **settings))
        self.process = subprocess.Popen([program, "-db", "-f", config], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        until(self.socket.exists, "haproxy")

    def ask(self, command):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(self.socket))
            sock.sendall(command.encode() + b"\n")
            return b"".join(iter(lambda: sock.recv(65536), b"")).decode()

    def is_up(self):
        return any(line.split(",")[1:2] == ["chatd"] and line.split(",")[17].startswith("UP")
                   and "/" not in line.split(",")[17]
                   for line in self.ask("show stat").splitlines())

    def finish(self):
        self.process.terminate()
        self.process.wait(DEADLINE)


@pytest.mark.parametrize("version", ["send-proxy", "send-proxy-v2"])
@pytest.mark.parametrize("expect", ["", "option tcp-check\n\ttcp-check expect string ==="])
@pytest.mark.parametrize("is_full", [False, True])
def test_health_checks(chatd, tool, tmp_path, version, expect, is_full):
    """They find a server that works, full or not, and leave no line and take no slot."""
    server = chatd("-m", 2, listen=["127.0.0.1:0,proxy", "127.0.0.1:0"])
    people = [server.connect(server.addresses()[1]) for _ in range(1 + is_full)]
    for person in people:
        person.expect("=== .*")
    haproxy = Haproxy(tool("haproxy"), tmp_path, version=version, expect=expect,
                      port=server.port)
    try:
        # It has to be found working five times before it counts as such again.
        haproxy.ask("set server chat/chatd health down")
        until(haproxy.is_up, "chatd to be found")
    finally:
        haproxy.finish()
    if not is_full:
        server.connect(server.addresses()[1]).expect("=== .*you are #2, .*")
    people[0].say("/stats", "the end")
    people[0].until("=== connects: 2, 0 refused, 0 strangers")
    server.wait_log("client #1: the end")
    assert len([line for line in server.log if "client" in line]) == 4
    assert not any("refused" in line for line in server.log)


def test_a_probe_in_another_protocol(server):
    """As varnish does: LOCAL, and a request."""
    for _ in range(3):
        client = server.connect()
        client.send(SIGNATURE + b"\x20\0\0\0")
        client.expect("=== chatd is here")
        client.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.gone()
        whole = server.connect()
        whole.send(SIGNATURE + b"\x20\0\0\0GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        whole.gone()
        both = server.connect()
        both.send(SIGNATURE + b"\x20\0\0\0")
        both.half_close()
        both.gone()
    alice = server.connect()
    alice.send(SIGNATURE + b"\x20\0\0\0/nick alice\n")
    alice.until(event("alice joined (1 online)"))
    assert [line for line in server.log if "client" in line and "Waiting" not in line] == [
        line for line in server.log if "client (#1) connect" in line or "is now alice" in line]


def test_one_who_watches(server):
    """A person whom a front end can't tell about comes in after a while, saying nothing."""
    client = server.connect()
    client.send(SIGNATURE + b"\x20\0\0\0")
    client.expect("=== chatd is here", "=== .*you are #1, 1 of .*")
    client.until(event("#1 joined (1 online)"))


def test_people_without_an_address(chatd, tmp_path):
    """They are one host to nobody: neither counted nor banned, which an operator is told."""
    server = chatd("--max-per-host", 1, "--max-per-host-local", 1,
                   listen=["127.0.0.1:0,proxy", f"unix:{tmp_path}/socket,operator"])
    people = []
    for n, header in enumerate([b"PROXY UNKNOWN\r\n", SIGNATURE + b"\x20\0\0\0"] * 2):
        people.append(server.connect())
        people[-1].send(header + f"/nick p{n}\n".encode())
        people[-1].until(rf"\*\*\* p{n} joined .*")
    root = server.connect(f"unix:{tmp_path}/socket")
    root.say("/ban p0")
    root.until("!!! p0 has no address that could be banned")
    root.say("/ban 127.0.0.1")
    root.until("=== 127.0.0.1 is banned")
    people[0].say("still here")
    people[3].until(said("p0", "still here"))
    people.append(server.connect())
    people[-1].send(b"PROXY UNKNOWN\r\n/nick p4\n")
    people[-1].until(event("p4 joined (5 online)"))
