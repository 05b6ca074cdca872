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
