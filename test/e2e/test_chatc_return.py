"""chatc loses its connection and comes back: nothing is missed, nothing is shown twice."""

import random
import re
import socket
import struct
import threading

import pytest
from peer import TOKEN, peer  # noqa: F401
from screen import chatc  # noqa: F401
from wire import until

# Every frame has its status, so a chatc that waits can be seen to wait.
WAITING = r"reconnecting( in \d+ s)?"


class Relay:
    """A way to a server that can be cut, and closed."""

    def __init__(self, port):
        self.target = port
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.pairs = []
        self.open = True
        self.swallows = False  # what clients send goes nowhere
        self.count = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if not self.open:
                self._reset(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                self._reset(near)
                continue
            self.pairs.append((near, far))
            self.count += 1
            for source, sink, up in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._copy, args=(source, sink, up), daemon=True).start()

    def _copy(self, source, sink, up):
        try:
            while data := source.recv(65536):
                if not (up and self.swallows):
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    @staticmethod
    def _reset(sock):
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.shutdown(socket.SHUT_RD)  # wakes the thread that reads it
            sock.close()
        except OSError:
            pass

    def cut(self):
        """Resets what is connected, on both sides."""
        pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for sock in pair:
                self._reset(sock)

    def finish(self):
        self.listener.close()
        self.cut()


@pytest.fixture
def relay():
    relays = []

    def start(port):
        relays.append(Relay(port))
        return relays[-1]
    yield start
    for each in relays:
        each.finish()


def wait_away(client):
    client.wait(lambda rows: any(re.fullmatch(WAITING, row) for row in rows), "the status")


def wait_back(client):
    client.wait(lambda rows: any(row.startswith("back after") for row in client.all_rows()))
    client.wait(lambda rows: not any(re.fullmatch(WAITING, row) for row in rows))


def messages(client):
    """The texts that alice said, in the order in which they stand on the screen and above it."""
    return [match[1] for match in (re.search(r"\[alice\]: (.*)", row)
                                   for row in client.all_rows()) if match]


def test_nothing_is_missed(chatd, relay, chatc):
    server = chatd()
    alice = server.join("alice")
    way = relay(server.port)
    bob = chatc("-n", "bob", "127.0.0.1", way.port)
    alice.until(r"\*\*\* bob joined .*")
    alice.say("one")
    bob.wait_text("[alice]: one")
    bob.type("half a line")
    bob.wait_typed("> half a line")
    way.open = False
    way.cut()
    bob.wait_text("loss connect!")
    wait_away(bob)
    assert bob.last_row() == "> half a line"
    alice.say("two", "three")
    alice.settle()
    bob.type("\r")  # there is nobody to say it to
    bob.type("!")
    bob.wait_typed("> half a line!")
    way.open = True
    wait_back(bob)
    row = bob.wait_text("three")
    assert re.fullmatch(r"back after \d+ s, nothing was missed", bob.rows()[row - 2])
    alice.say("four")
    bob.wait_text("four")
    assert messages(bob) == ["one", "two", "three", "four"]
    bob.type("\r")
    bob.wait_text("[bob]: half a line!")
    # The room has heard of nothing.
    assert [line for line in alice.settle() if line.startswith("***")] == []


def test_how_much_is_missed_is_told(chatd, relay, chatc):
    server = chatd("--feed", "64K", "--rate", 0)
    alice = server.join("alice")
    way = relay(server.port)
    bob = chatc("-n", "bob", "127.0.0.1", way.port, rows=60)
    alice.until(r"\*\*\* bob joined .*")
    alice.say("first")
    bob.wait_text("first")
    way.open = False
    way.cut()
    bob.wait_text("loss connect!")
    alice.say(*[f"number {number}" for number in range(5000)])
    alice.until(r"\[alice\]: number 4999 .*")
    way.open = True
    wait_back(bob)
    bob.wait_text("number 4999")
    told = next(re.fullmatch(r"back after \d+ s, (\d+) lines were missed", row)
                for row in bob.all_rows() if row.startswith("back"))
    heard = [int(text.split()[1]) for text in messages(bob)[1:]]
    assert heard == list(range(5000 - len(heard), 5000))
    assert int(told[1]) == 5000 - len(heard) > 0


def test_many_losses(chatd, relay, chatc):
    """1,000 lines flow while the way is cut at 30 moments: each is shown once, in order."""
    server = chatd("--rate", 0)
    alice = server.join("alice")
    way = relay(server.port)
    bob = chatc("-n", "bob", "127.0.0.1", way.port, columns=200)
    alice.until(r"\*\*\* bob joined .*")
    alice.say("number -1")
    bob.wait_text("number -1")  # it has a token now
    chance = random.Random(1)
    cuts = sorted(chance.sample(range(1000), 30))
    for said in range(1000):
        alice.say(f"number {said}")
        if said in cuts:
            until(lambda: way.pairs, "a connection")
            way.cut()
    bob.wait_text("number 999")
    assert messages(bob) == [f"number {number}" for number in range(-1, 1000)]
    assert way.count > 30


def test_a_line_that_was_cut_is_asked_for_again(peer, chatc):
    bob = chatc("-n", "bob", "127.0.0.1", peer.port)
    wire = peer.greet()
    wire.send("@42 1666180800 [alice]: one --Wed Oct 19 12:00:00 2022\n@43 1666180800 [alice]: tw")
    wire.close()
    wire = peer.greet(resume=f"/resume 42 {TOKEN}", last=42)
    wire.say("@43 1666180800 [alice]: two --Wed Oct 19 12:00:00 2022")
    bob.wait_text("[alice]: two")
    assert messages(bob) == ["one", "two"]


def test_what_was_said_is_not_lost_silently(chatd, relay, chatc):
    server = chatd()
    alice = server.join("alice")
    way = relay(server.port)
    bob = chatc("-n", "bob", "127.0.0.1", way.port)
    alice.until(r"\*\*\* bob joined .*")
    bob.type("one\r")
    bob.wait_text("[bob]: one")
    way.swallows = True
    bob.type("two\r")
    bob.wait_text("  two")
    way.swallows = False
    way.cut()
    wait_back(bob)
    bob.type("three\r")
    bob.wait_text("!!! not sent: two")
    bob.wait_text("[bob]: three")
    assert not any("[bob]: two" in line for line in alice.settle())


def test_a_server_that_was_started_anew(chatd, relay, chatc, tmp_path):
    server = chatd("--history", tmp_path / "history")
    way = relay(server.port)
    alice = server.join("alice")
    bob = chatc("-n", "bob", "127.0.0.1", way.port)
    alice.until(r"\*\*\* bob joined .*")
    alice.say("one")
    bob.wait_text("[alice]: one")
    server.finish()
    wait_away(bob)
    way.cut()
    server = chatd("--history", tmp_path / "history")
    alice = server.join("alice")
    alice.say("two")
    way.target = server.port
    # The IDs go on, the token does not: the nick is taken again.
    alice.until(r"\*\*\* bob joined .*|\*\*\* #\d+ is now bob .*")
    wait_back(bob)
    alice.say("three")
    bob.wait_text("three")
    assert messages(bob) == ["one", "two", "three"]
    assert any(row.endswith("nothing was missed") for row in bob.rows())
    server.finish()
    # Without a history nobody knows what was said meanwhile.
    wait_away(bob)
    way.cut()
    server = chatd()
    way.target = server.port
    bob.wait_text("started anew")
    bob.type("hello\r")
    bob.wait_text("[bob]: hello")


def test_the_password_is_remembered(chatd, relay, chatc, tmp_path):
    (tmp_path / "secret").write_text("sesame\n")
    server = chatd("--password-file", tmp_path / "secret")
    way = relay(server.port)
    bob = chatc("-n", "bob", "127.0.0.1", way.port)
    bob.wait_typed("password:")
    bob.type("sesame\r")
    bob.wait_text("*** bob joined")
    way.cut()
    wait_back(bob)
    bob.type("hello\r")
    bob.wait_text("[bob]: hello")


def test_who_was_kicked_does_not_come_back(chatd, chatc, tmp_path):
    (tmp_path / "operators").write_text("sesame\n")
    server = chatd("--operator-file", tmp_path / "operators")
    alice = server.join("alice")
    bob = chatc("-n", "bob", "127.0.0.1", server.port)
    alice.until(r"\*\*\* bob joined .*")
    alice.say("/op sesame", "/kick bob enough")
    assert bob.wait_exit() == 1
    assert "!!! you were kicked: enough" in bob.rows() and "loss connect!" in bob.rows()


def test_a_server_that_only_comes_later(chatd, relay, chatc):
    server = chatd("-m", 1)
    first = server.join("alice")
    bob = chatc("-n", "bob", "127.0.0.1", server.port)
    bob.wait_text("!!! server full (1 of 1 clients), try again later")
    wait_away(bob)
    first.say("/quit")
    first.gone()
    bob.wait_text("*** bob joined (1 online)")
    assert sum("loss connect!" in row for row in bob.rows()) == 1


def test_leaving_while_away(chatd, relay, chatc):
    way = relay(chatd().port)
    bob = chatc("127.0.0.1", way.port)
    bob.wait_text("you are #1")
    way.open = False
    way.cut()
    wait_away(bob)
    bob.type("/quit\r")
    assert bob.wait_exit() == 0
    assert bob.modes() == bob.before


def test_any_server_of_lines(relay, chatc):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    way = relay(listener.getsockname()[1])
    client = chatc("127.0.0.1", way.port)
    for _ in range(2):
        wire, _ = listener.accept()
        wire.sendall(b"Welcome\n")
        client.wait_text("Welcome")
        way.cut()
        wire.close()
        wait_away(client)
    client.wait(lambda rows: any(re.fullmatch(r"back after \d+ s", row) for row in rows))
    listener.close()
