"""chatc loses its connection and comes back: nothing is missed, nothing is shown twice."""

import os
import random
import re
import signal
import socket
import struct
import subprocess
import threading

import pytest
from peer import TOKEN, peer  # noqa: F401
from screen import chatc, paste  # noqa: F401
from wire import CHATC, said, until

# Every frame has its status, so a chatc that waits can be seen to wait.
WAITING = r"(.* )?(reconnecting|connecting to )( .*)?"


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
        self.lost = set()      # connections of which the server does not know that they are
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
            if source not in self.lost:
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

    def lose(self):
        """Resets what is connected, and the server hears nothing of it."""
        self.lost |= {near for near, _ in self.pairs}
        for near in self.lost:
            self._reset(near)

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
    heard = alice.settle()
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
    heard += alice.settle()
    assert [line.split(" --")[0] for line in heard if "half" in line] == ["[bob]: half a line!"]
    assert [line for line in heard if line.startswith("***")] == []


def test_the_next_of_several_hosts(chatd, chatc):
    """When one dies the next is gone to, and one that accepts and says nothing is passed over."""
    first, last = chatd(), chatd()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        bob = chatc("-n", "bob", f"127.0.0.1:{first.port},127.0.0.1:{silent.getsockname()[1]},"
                    f"127.0.0.1:{last.port}")
        bob.wait_text("*** bob joined")
        alice = last.join("alice")
        first.kill()
        alice.until(r"\*\*\* (bob joined|#\d+ is now bob) .*")
    wait_back(bob)
    alice.say("here")
    bob.wait_text("[alice]: here")
    assert sum(row == "loss connect!" for row in bob.rows()) == 1


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
    wire = peer.greet(resume=f"/resume 42 {TOKEN} 0", last=42)
    wire.say("@43 1666180800 [alice]: two --Wed Oct 19 12:00:00 2022")
    bob.wait_text("[alice]: two")
    assert messages(bob) == ["one", "two"]


def test_what_was_swallowed_is_said_again(chatd, relay, chatc):
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
    bob.wait_text("[bob]: three")
    heard = [line.split(" --")[0] for line in alice.settle() if line.startswith("[bob]")]
    assert heard == ["[bob]: one", "[bob]: two", "[bob]: three"]
    assert [row[6:] for row in bob.all_rows() if "[bob]: " in row] == heard
    assert not any("not sent" in row for row in bob.all_rows())


def test_a_server_that_was_restarted(chatd, relay, chatc, tmp_path):
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
    bob.wait_text("the server was restarted")
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


@pytest.mark.parametrize("limits", [("-m", 2), ("--max-per-host-local", 2)])
def test_its_own_place(chatd, relay, chatc, tmp_path, limits):
    """The server has no other, and takes the old connection for a living one."""
    (tmp_path / "room").write_text("sesame\n")
    server = chatd("--password-file", tmp_path / "room", *limits)
    way = relay(server.port)
    alice = server.connect()
    alice.say("sesame", "/nick alice")
    bob = chatc("-n", "bob", "--password-file", tmp_path / "room", "127.0.0.1", way.port)
    alice.until(r"\*\*\* bob joined .*")
    bob.type("hello\r")  # which chatc says once it has a token
    alice.until(said("bob", "hello"))
    way.lose()
    bob.wait_text("loss connect!")
    alice.say("while bob is away")
    bob.wait_text("nothing was missed")
    bob.wait_text("while bob is away")
    bob.type("here again\r")
    assert [line.split(" --")[0] for line in alice.until(said("bob", "here again"))] == \
        ["[alice]: while bob is away", "[bob]: here again"]
    server.wait_log("client #2 .bob. is back")


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


def test_a_command_has_the_terminal_until_the_first_byte(chatc, chatd, tool):
    """At the first connection and at each one after it: no key goes to anybody else."""
    server = chatd()
    alice = server.join("alice")
    command = ("stty -echo </dev/tty; printf 'secret? ' >/dev/tty; read word </dev/tty; "
               "stty echo </dev/tty; echo \"it was $word\" >&2; "
               f"exec {tool('nc.openbsd')} -N %h %p")
    bob = chatc("-n", "bob", "--command", command, "127.0.0.1", server.port)
    for word in ("sesame", "open"):
        bob.wait(lambda rows: bob.last_row().endswith("secret?"), "the question")
        bob.type(f"{word}\r")
        bob.wait_text(f"it was {word}")
        alice.until(r"\*\*\* bob joined .*" if word == "sesame" else r"\* alice hits .*")
        bob.type(f"{word} is said\r")
        bob.wait_text(f"[bob]: {word} is said")
        alice.until(r"\[bob\]: .*")
        if word == "sesame":
            alice.say("/me hits bob")
            children = subprocess.run(["ps", "--ppid", str(bob.process.pid), "-o", "pid="],
                                      capture_output=True, text=True, check=True).stdout.split()
            for child in children:
                os.kill(int(child), signal.SIGKILL)
            bob.wait_text("loss connect!")


def test_errors_of_a_command_are_lines(chatc, chatd, tool):
    server = chatd()
    command = f"(sleep 0.3; printf 'ab\\033[2Jc\\nno end' >&2)& exec {tool('nc.openbsd')} -N %h %p"
    bob = chatc("--command", command, "127.0.0.1", server.port)
    bob.wait_text("you are #1")
    bob.type("half a line")
    bob.wait(lambda rows: any(row.startswith("ab") and row.endswith("c") for row in rows))
    bob.wait_typed("> half a line")


def test_a_paste_goes_at_the_pace_of_the_server(chatc, chatd):
    server = chatd("--rate", 5, "--burst", 1)
    alice = server.join("alice")
    bob = chatc("-n", "bob", "127.0.0.1", server.port)
    alice.until(r"\*\*\* bob joined .*")
    bob.wait_text("bob joined")
    bob.type(paste("".join(f"line {n}\n" for n in range(200))))
    bob.wait_text("200 lines")
    bob.type("y")
    alice.until(said("bob", "line 0"))
    bob.type("typed\r")
    before = alice.until(said("bob", "typed"))
    assert sum("]: line " in line for line in before) < 10
    bob.type("\x03")
    bob.wait(lambda rows: any(re.fullmatch(r"\d+ pasted lines were not said", row) for row in rows))
    bob.type("/me is done\r")
    rest = alice.until(r"\* bob is done .*")
    assert sum("]: line " in line for line in rest) < 10
    bob.type("/quit\r")
    assert bob.wait_exit() == 0


def test_one_who_was_timed_out_comes_back_with_a_key(chatc, chatd):
    server = chatd("--idle-timeout", 2)
    bob = chatc("-n", "bob", "127.0.0.1", server.port)
    bob.wait_text("bob joined")
    bob.wait_text("timed out: press a key to come back")
    server.wait_log("number of current clients: 0")
    bob.type("x")
    server.wait_log("connect from", count=2)
    bob.wait_typed("> x")


def test_a_ghost_gives_the_nick_back(chatc, chatd):
    server = chatd()
    alice = server.join("alice")
    ghost = server.join("bob")
    second = chatc("-n", "bob", "127.0.0.1", server.port)
    second.wait_text("is taken")
    second.wait_text("you are #3")
    ghost.close()
    alice.until(r"\*\*\* bob left .*")
    alice.until(r"\*\*\* (#\d+ is now bob|bob joined \(\d online\)) .*")
    alice.say("hello bob")
    second.wait_text("![alice]: hello bob")


def test_a_stopped_one_in_the_background_ends(chatc, chatd):
    """Continued where the terminal is another's, it stops again; told to end, it ends."""
    server = chatd()
    script = (f"set -m; {CHATC} 127.0.0.1 {server.port} & pid=$!; "
              "echo started; while read line; do eval \"$line\"; done")
    shell = chatc(program=["sh", "-c", script])
    shell.wait_text("started")
    pid = until(lambda: subprocess.run(["pgrep", "-P", str(shell.process.pid), "chatc"],
                                       capture_output=True, text=True, check=False).stdout.strip())
    until(lambda: state_of(pid) == "T", "it to stop")
    os.kill(int(pid), signal.SIGTERM)  # as a shell's kill does: it is due once it is continued
    os.kill(int(pid), signal.SIGCONT)
    until(lambda: state_of(pid) in ("Z", ""), "its end")


def state_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return ""


def test_times_are_local(chatc, chatd):
    server = chatd(env={"TZ": "UTC"})
    alice = server.join("alice")
    alice.say("before")
    alice.settle()
    bob = chatc("-n", "bob", "127.0.0.1", server.port, env={"TZ": "ACST-9:30"})
    bob.wait_text("[alice]: before")
    alice.say("after")
    bob.wait_text("[alice]: after")
    times = [row[:5] for row in bob.rows() if re.match(r"\d\d:\d\d", row)]
    minutes = [int(time[:2]) * 60 + int(time[3:]) for time in times]
    assert len(minutes) == 3 and all((b - a) % 1440 <= 1 for a, b in zip(minutes, minutes[1:]))
    assert [re.sub(r"^\S+ ", "", row) for row in bob.rows() if "[alice]" in row or "joined" in row
            ] == ["[alice]: before", "*** bob joined (2 online)", "[alice]: after"]


def test_what_never_arrived_is_said_again(peer, chatc):
    bob = chatc("-n", "bob", "127.0.0.1", peer.port)
    wire = peer.greet(slot=3, last=41)
    for word in ("one", "two", "three"):
        bob.type(f"{word}\r")
        wire.until(word)
    wire.close()
    wire = peer.greet(resume=f"/resume 41 {TOKEN} 3", last=41, asked=False)
    wire.say("=== said 1 of 3",
             "@42 1666180800 [bob]: one --Wed Oct 19 12:00:00 2022")
    assert wire.until("three") == ["/who", "two", "three"]
    wire.say("@43 1666180800 [bob]: two --Wed Oct 19 12:00:00 2022",
             "@44 1666180800 [bob]: three --Wed Oct 19 12:00:00 2022")
    bob.wait_text("[bob]: three")
    wire.close()
    wire = peer.greet(resume=f"/resume 44 {TOKEN} 3", last=44, asked=False)
    wire.say("=== said 3 of 3", "@45 1666180800 [alice]: ok --Wed Oct 19 12:00:00 2022")
    bob.wait_text("[alice]: ok")
    texts = [row.split("]: ")[1] for row in bob.all_rows() if "[bob]: " in row]
    assert texts == ["one", "two", "three"]


def test_a_claimed_nick_keeps_its_key(peer, chatc, tmp_path):
    """In a file that its owner alone can read, for that server and no other."""
    env = {"XDG_STATE_HOME": str(tmp_path)}
    bob = chatc("-n", "bob", "127.0.0.1", peer.port, env=env)
    wire = peer.greet()
    key = "abcdefghijklmnopqrstuvwxyz"
    wire.say(f"=== claimed bob {key}")
    bob.wait_text(key)
    path = tmp_path / "chatc" / "keys"
    until(path.exists)
    assert path.read_text() == f"127.0.0.1:{peer.port} bob {key}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    bob.type("/quit\r")
    wire.until("/quit")
    wire.close()
    bob.wait_exit()
    chatc("-n", "bob", "127.0.0.1", peer.port, env=env)
    wire = peer.accept()
    wire.say("=== peer: you are #3, 2 of 256 online, /help for help")
    assert wire.line() == f"/nick bob {key}"
    chatc("-n", "bob", "localhost", peer.port, env=env)
    wire = peer.accept()
    wire.say("=== peer: you are #3, 2 of 256 online, /help for help")
    assert wire.line() == "/nick bob"
    # Not on a terminal as well.
    with subprocess.Popen([CHATC, "-n", "bob", "127.0.0.1", str(peer.port)], env={**os.environ, **env},
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        wire = peer.accept()
        wire.say("=== peer: you are #3, 2 of 256 online, /help for help")
        assert wire.line() == f"/nick bob {key}"
        wire.close()
        process.wait()


def test_a_server_that_says_nothing_is_named(peer, chatc):
    bob = chatc("127.0.0.1", peer.port)
    peer.accept()
    bob.wait_text(f"127.0.0.1 port {peer.port} says nothing (does it speak TLS?)")


def test_what_is_not_answered_is_told(peer, chatc):
    bob = chatc("127.0.0.1", peer.port)
    wire = peer.greet()
    bob.type("hello\r")
    wire.until("hello")
    bob.wait(lambda rows: any("no answer for" in row for row in rows))
    wire.say("@42 1666180800 [#3]: hello --Wed Oct 19 12:00:00 2022")
    bob.wait(lambda rows: not any("no answer for" in row for row in rows))


def test_a_refusal_is_told_once(chatc, chatd):
    server = chatd("-m", 1)
    server.join("alice")
    bob = chatc("127.0.0.1", server.port)
    server.wait_log("full", count=3)
    bob.wait_text("reconnecting in")
    assert sum("server full" in row for row in bob.rows()) == 1


def test_a_claimed_nick_is_taken_with_its_key(chatc, chatd, tmp_path):
    """The key is kept for its owner, and used after a restart of both."""
    store = ("--store", tmp_path / "store")
    server = chatd(*store)
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    bob = chatc("-n", "bob", "127.0.0.1", server.port, env=env)
    bob.wait_text("bob joined")
    bob.type("/claim\r")
    row = bob.wait_text("=== claimed bob ")
    key = bob.rows()[row].split()[-1]
    keys = tmp_path / "state" / "chatc" / "keys"
    until(lambda: keys.exists() and key in keys.read_text(), "the key")
    assert keys.stat().st_mode & 0o777 == 0o600
    bob.type("/quit\r")
    assert bob.wait_exit() == 0
    port = server.port
    server.finish()
    server = chatd(*store, listen=f"127.0.0.1:{port}")
    thief = chatc("-n", "bob", "127.0.0.1", port)
    thief.wait_text("!!! nick bob is claimed")
    bob = chatc("-n", "bob", "127.0.0.1", port, env=env)
    bob.wait_text("bob joined")
    assert key not in "".join(bob.rows())
