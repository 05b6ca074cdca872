"""A ",proxy" listener: nobody is let in before it is known whose the connection is."""

import socket
import struct

import pytest

from wire import event, said, until

V1 = b"PROXY TCP4 192.0.2.7 10.0.0.1 1234 8000\r\n"
V2 = (b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x21, 0x11]) + struct.pack(">H", 12)
      + socket.inet_aton("192.0.2.8") + socket.inet_aton("10.0.0.1") + struct.pack(">HH", 99, 8000))
LOCAL = b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x20, 0x00]) + struct.pack(">H", 0)


@pytest.fixture
def server(chatd):
    return chatd("--max-per-host", 2, listen=["127.0.0.1:0,proxy", "127.0.0.1:0"])


def refused(server, client, why):
    client.gone()
    server.wait_log(rf"^connect from 127\.0\.0\.1:{client.sock.getsockname()[1]} refused: PROXY: {why}")


@pytest.mark.parametrize("header, address", [(V1, r"192\.0\.2\.7:1234"), (V2, r"192\.0\.2\.8:99")])
def test_the_address_is_the_person_s(server, header, address):
    client = server.connect()
    client.send(header + b"hello\n")
    client.until(said("#1", "hello"))
    server.wait_log(rf"client \(#1\) connect from {address}, number of current clients: 1\.")


@pytest.mark.parametrize("header", [V1, V2])
def test_in_any_pieces(server, header):
    client = server.connect()
    for byte in header + b"/nick alice\nhello\n":
        client.send(bytes([byte]))
    client.until(said("alice", "hello"))


@pytest.mark.parametrize("header", [LOCAL, b"PROXY UNKNOWN\r\n"])
def test_one_that_the_terminator_cannot_tell_about(server, header):
    client = server.connect()
    client.send(header + b"hello\n")
    client.until(said("#1", "hello"))
    port = client.sock.getsockname()[1]
    server.wait_log(rf"client \(#1\) connect from 127\.0\.0\.1:{port}, ")


@pytest.mark.parametrize("data", [
    b"hello, is this a chat?\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01",
    b"PROXY TCP4 1.2.3.4\r\n", V1[:-2] + b"x\r\n", V2[:12] + b"\x31" + V2[13:],
])
def test_no_header(server, data):
    client = server.connect()
    client.send(data)
    refused(server, client, "")
    assert not any("number of current clients" in line for line in server.log)


def test_an_end_before_the_header_s(server):
    client = server.connect()
    client.send(V1[:20])
    client.half_close()
    refused(server, client, "it ended before its header did")


def test_a_look_whether_it_is_there(server):
    """As health checks do: no word in the log."""
    used = server.descriptors()
    for _ in range(10):
        server.connect().close()
    other = server.connect(server.addresses()[1])
    other.expect("=== .*")
    until(lambda: server.descriptors() == used + 1, "them to be closed")
    assert not any("refused" in line for line in server.log)


def test_one_who_never_sends_it(server):
    alice = server.join("alice", address=server.addresses()[1])
    client = server.connect()
    client.send(b"PROXY ")
    refused(server, client, "its header did not come")
    alice.say("undisturbed")
    alice.until(said("alice", "undisturbed"))


def test_many_who_never_send_it(server):
    """The oldest makes room, and one who sends it comes in."""
    waiting = [server.connect() for _ in range(80)]
    for client in waiting:
        client.send(b"PROXY ")
    client = server.connect()
    client.send(V1 + b"hello\n")
    client.until(said("#1", "hello"))
    refused(server, waiting[0], "too many wait for their header")


def test_limits_count_the_person_s_address(server):
    clients = [server.connect() for _ in range(3)]
    for client in clients:
        client.send(V1)
        client.until("(=== .*you are #|!!! ).*")
    assert clients[2].eof() == []
    other = server.connect()
    other.send(V2)
    other.expect("=== .*you are #3.*")


def test_both_kinds_are_one_room(server):
    bob = server.join("bob", address=server.addresses()[1])
    alice = server.connect()
    alice.send(V1 + b"/nick alice\n")
    bob.until(event("alice joined (2 online)"))


def test_a_stop_while_they_wait(server):
    client = server.connect()
    client.send(b"PROXY ")
    other = server.join("alice", address=server.addresses()[1])
    assert server.stop() == 0
    client.gone()
    other.gone()
