"""USR2: the program on disk takes over, and nobody in the room notices."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from wire import CHATD, STAMP, event, run_chatd, said, until

RESUME = r"=== resume (\d+) ([0-9A-Za-z_-]+)"
UPGRADED = r"upgraded to chatd"
FAILED = r"upgrade failed, this program goes on: (.*)"


@pytest.fixture
def program(tmp_path):
    """A chatd of our own, which can be replaced."""
    path = tmp_path / "chatd"
    shutil.copy(CHATD, path)
    return path


def replace(program, text=None, source=CHATD):
    """Puts another program there, as a package manager does: by renaming."""
    new = program.with_name("new")
    if text is None:
        shutil.copy(source, new)
    else:
        new.write_bytes(text if isinstance(text, bytes) else text.encode())
        new.chmod(0o755)
    new.rename(program)


def upgrade(server, count=1):
    """Asks for an upgrade and waits until the new program has taken over."""
    server.send_signal(signal.SIGUSR2)
    server.wait_log(UPGRADED, count)


def test_nobody_notices(chatd, program):
    server = chatd(program=program)
    alice, bob = server.join("alice"), server.join("bob")
    alice.expect(event("bob joined (2 online)"))
    descriptors = server.descriptors()
    for n in range(1, 4):
        replace(program)
        upgrade(server, n)
        alice.say(f"hello {n}")
        alice.expect(said("alice", f"hello {n}"))
        bob.expect(said("alice", f"hello {n}"))
    assert server.pid == server.process.pid and server.is_running()
    assert server.descriptors() == descriptors
    carol = server.join("carol")
    alice.expect(event("carol joined (3 online)"))
    carol.say("/who")
    people = "\n".join(carol.settle())
    assert "alice" in people and "bob" in people


def test_line_begun_before_goes_on_behind(chatd, program):
    server = chatd(program=program)
    alice, bob = server.join("alice"), server.join("bob")
    bob.send("half of i")
    time.sleep(0.05)  # so that it has most likely been read; true either way
    upgrade(server)
    bob.say("t")
    alice.until(said("bob", "half of it"))


def test_dialects_and_tags_go_on(chatd, program):
    server = chatd(program=program)
    telnet, tagged = server.join("telnet"), server.join("tagged")
    telnet.send("crlf\r\n")
    telnet.until(said("telnet", "crlf") + "\r")
    tagged.say("/resume")
    last = int(re.fullmatch(RESUME, tagged.until(RESUME)[-1])[1])
    upgrade(server)
    tagged.say("hello")
    telnet.until(said("tagged", "hello") + "\r")
    tagged.expect(rf"@{last + 1} \d+ " + said("tagged", "hello"))


def test_token_and_nick_kept_for_an_absent_one(chatd, program):
    server = chatd(program=program)
    alice, bob = server.join("alice"), server.join("bob")
    bob.say("/resume")
    number, token = re.fullmatch(RESUME, bob.until(RESUME)[-1]).groups()
    bob.reset()
    until(lambda: server.wait_log(r"client #2 \(bob\) exit"))
    upgrade(server)
    alice.say("are you there?")
    alice.until(said("alice", "are you there?"))
    back = server.connect()
    back.say(f"/resume {number} {token}")
    back.until(RESUME)
    back.say("I am")
    lines = alice.until(said("bob", "I am"))
    assert not any("left" in line or "joined" in line for line in lines)


def test_operator_ignore_ban_and_writer_go_on(chatd, program, tmp_path):
    secret = tmp_path / "operator"
    secret.write_text("sesame\n")
    secret.chmod(0o600)
    server = chatd("--operator-file", secret, program=program)
    alice, bob, carol = server.join("alice"), server.join("bob"), server.join("carol")
    alice.say("/op sesame", "/ban 192.0.2.0/24 60")
    alice.settle()
    bob.say("/ignore carol")
    bob.settle()
    carol.say("/msg alice psst")
    carol.settle()
    upgrade(server)
    carol.say("nobody listens to me")
    alice.until(said("carol", "nobody listens to me"))
    bob.say("hello")
    assert not any("nobody" in line for line in bob.until(said("bob", "hello")))
    alice.say("/r yes?")
    carol.until(r"\[alice -> you\]: yes\? --" + STAMP)
    alice.say("/bans")
    assert any("192.0.2.0/24" in line for line in alice.settle())
    alice.say("/kick bob enough")
    alice.until(event("bob left (enough)"))


def test_one_who_has_not_given_the_password(chatd, program, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("sesame\n")
    secret.chmod(0o600)
    server = chatd("--password-file", secret, program=program)
    bob = server.connect()
    bob.expect("=== password:")
    upgrade(server)
    bob.say("sesame", "/nick bob")
    bob.until(event("bob joined (1 online)"))


def test_what_is_owed_is_sent(chatd, program):
    """One who reads nothing over an upgrade gets all of it, or is told how much is missing."""
    server = chatd("--rate", 0, program=program)
    alice = server.join("alice")
    lazy = server.connect(receive=4096)
    lazy.say("/nick lazy")
    alice.until(event("lazy joined (2 online)"))
    for n in range(3000):
        alice.say(f"line {n} " + "x" * 100)
    alice.until(said("alice", "line 2999 " + "x" * 100))
    upgrade(server)
    alice.say("end")
    numbers = [int(match[1]) for match in
               (re.match(r"\[alice\]: line (\d+) ", line) for line in lazy.until(said("alice", "end")))
               if match]
    assert numbers == list(range(3000))


def test_counters_and_start_time_go_on(chatd, program):
    server = chatd(program=program)
    alice = server.join("alice")
    for n in range(5):
        alice.say(f"line {n}")
    alice.settle()

    def lines_said():
        alice.say("/stats")
        return next(line for line in alice.settle() if "lines" in line)

    before = lines_said()
    upgrade(server)
    assert lines_said() == before


@pytest.mark.plain  # a sanitizer keeps freed memory
def test_memory_is_as_before(chatd, program):
    """What was handed over is not kept beside the feed that was made of it."""
    server = chatd("--rate", 0, "--feed", "4M", program=program)
    alice = server.join("alice")
    for begin in range(0, 5000, 100):
        alice.say(*(f"line {n} " + "x" * 900 for n in range(begin, begin + 100)))
        alice.until(said("alice", f"line {begin + 99} " + "x" * 900))
    before = server.rss()
    upgrade(server)
    alice.say("end")
    alice.until(said("alice", "end"))
    assert server.rss() < before + (2 << 20)


def test_history_goes_on(chatd, program, tmp_path):
    path = tmp_path / "history"
    server = chatd("--history", path, "--sync", "always", program=program)
    alice = server.join("alice")
    for n in range(1, 4):
        alice.say(f"before {n}")
        upgrade(server, n)
        alice.say(f"behind {n}")
        alice.until(said("alice", f"behind {n}"))
    refused = run_chatd("-l", "127.0.0.1:0", "--history", path)
    assert refused.returncode == 1 and "in use by another chatd" in refused.stderr
    assert server.stop() == 0
    numbers = [int(re.match(r"@(\d+) ", line)[1]) for line in path.read_text().splitlines()[1:]]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) == 8


def test_unix_socket_goes_on_and_is_removed(chatd, program, tmp_path):
    path = tmp_path / "socket"
    server = chatd(program=program, listen=[f"unix:{path}"])
    inode = path.stat().st_ino
    upgrade(server)
    assert path.stat().st_ino == inode
    server.join("alice")
    server.send_signal(signal.SIGUSR2)
    server.wait_log(UPGRADED, 2)
    assert server.stop() == 0
    assert not path.exists()


def test_proxy_header_over_an_upgrade(chatd, program):
    server = chatd(program=program, listen="127.0.0.1:0,proxy")
    client = server.connect()
    client.send("PROXY TCP4 192.0.2.7 192")
    time.sleep(0.05)  # so that it has most likely been read; true either way
    upgrade(server)
    client.send(".0.2.1 53124 8000\r\n/nick alice\n")
    client.until(event("alice joined (1 online)"))
    server.wait_log(r"connect from 192\.0\.2\.7:53124")


@pytest.mark.parametrize("text, reason", [
    (None, "No such file"),
    ("", "Exec format error|is not a chatd|ends with status"),
    ("#!/bin/sh\nexit 0\n", "is not a chatd that can take over"),
    ("#!/bin/sh\necho chatd 9 can take over, or so\n", "is not a chatd that can take over"),
    ("#!/bin/sh\necho chatd 9 can take over\nexit 3\n", "chatd 9 can take over"),
    ("#!/bin/sh\necho chatd: no such luck >&2; exit 1\n", "no such luck"),
    ("#!/bin/sh\nprintf '\\033[2Jgarbage\\n'; exit 1\n", r"\?\[2Jgarbage"),
    ("#!/bin/sh\nexit 7\n", "ends with status 7"),
    ("#!/bin/sh\nkill -SEGV $$\n", "ends by signal 11"),
    ("#!/bin/sh\nexec yes\n", "/chatd: y$|is not a chatd that can take over"),
], ids=["missing", "empty", "silent", "nearly", "status", "error", "garbage", "status-silent",
        "signal", "endless"])
def test_refused(chatd, program, text, reason):
    server = chatd(program=program)
    alice = server.join("alice")
    descriptors = server.descriptors()
    if text is None:
        program.unlink()
    else:
        replace(program, text)
    server.send_signal(signal.SIGUSR2)
    alice.say("still here")
    alice.expect(said("alice", "still here"))  # the room goes on, whatever the trial does
    match = server.wait_log(FAILED)
    assert re.search(reason, match[1]), match[1]
    assert not any("\x1b" in line for line in server.log)
    alice.say("and here")
    alice.expect(said("alice", "and here"))
    assert server.descriptors() == descriptors
    assert not children(server)
    replace(program)
    upgrade(server)
    alice.say("and now")
    alice.expect(said("alice", "and now"))


def children(server):
    path = f"/proc/{server.pid}/task/{server.pid}/children"
    with open(path, encoding="ascii") as file:
        return file.read().split()


def test_trial_that_does_not_end(chatd, tmp_path):
    endless = ["exec sleep 1000", "exec >&- 2>&-\nexec sleep 1000"]
    servers = []
    for n, command in enumerate(endless):
        program = tmp_path / f"chatd{n}"
        shutil.copy(CHATD, program)
        servers.append(chatd(program=program))
        replace(program, f"#!/bin/sh\n{command}\n")
        servers[n].send_signal(signal.SIGUSR2)
    for server in servers:
        alice = server.join("alice")
        alice.say("still here")
        alice.expect(said("alice", "still here"))
        assert "takes longer than 10 seconds" in server.wait_log(FAILED)[1]
        assert not children(server)


def test_truncated_program_is_refused(chatd, program):
    server = chatd(program=program)
    alice = server.join("alice")
    with open(CHATD, "rb") as file:
        replace(program, file.read(20000))
    server.send_signal(signal.SIGUSR2)
    server.wait_log(FAILED)
    alice.say("still here")
    alice.expect(said("alice", "still here"))


def test_broken_configuration_is_refused(chatd, program, tmp_path):
    config = tmp_path / "chatd.conf"
    config.write_text("name = one\n")
    server = chatd("--config", config, program=program)
    alice = server.join("alice")
    config.write_text("name = one\nrate = many\n")
    server.send_signal(signal.SIGUSR2)
    match = server.wait_log(FAILED)
    assert "chatd.conf:2" in match[1]
    alice.say("still here")
    alice.expect(said("alice", "still here"))
    config.write_text("name = two\n")
    upgrade(server)
    assert "two" in server.connect().line()


def test_new_options_count_where_they_may(chatd, program, tmp_path):
    """What HUP can change an upgrade changes too; what needs a restart stays."""
    config = tmp_path / "chatd.conf"
    config.write_text("max-message = 100\nmax-clients = 2\n")
    server = chatd("--config", config, program=program)
    alice = server.join("alice")
    config.write_text("max-message = 200\nmax-clients = 20\n")
    upgrade(server)
    alice.say("x" * 200)
    alice.expect(said("alice", "x" * 200))
    server.join("bob")
    assert server.connect().line().startswith("!!! server full (2 of 2 clients)")


def test_found_by_path_and_by_a_relative_name(chatd, program, tmp_path):
    first = chatd(program="./chatd", cwd=tmp_path)
    upgrade(first)
    second = chatd(program="chatd", env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    upgrade(second)


def test_state_from_nobody(tmp_path):
    for value in ["", "try", "take ", "take x", "take 99", "try 1", "other 5"]:
        result = run_chatd("-l", "127.0.0.1:0", env={"CHATD_STATE": value})
        assert result.returncode == 1
        assert result.stderr.startswith("chatd: ") and result.stderr.count("\n") == 1
    damaged = tmp_path / "state"
    damaged.write_bytes(b"chatd upgrade 4" * 100)
    with open(damaged, "rb") as file:
        result = run_chatd("-l", "127.0.0.1:0", env={"CHATD_STATE": f"take {file.fileno()}"},
                           pass_fds=[file.fileno()])
    assert result.returncode == 1 and "snapshot" in result.stderr


def test_signals_during_upgrades(chatd, program):
    server = chatd(program=program)
    alice = server.join("alice")
    for n in range(5):
        server.send_signal(signal.SIGUSR2)
        for _ in range(20):
            server.send_signal(signal.SIGHUP)
            server.send_signal(signal.SIGUSR2)
            time.sleep(0.002)
        server.wait_log(UPGRADED, n + 1)
        alice.say(f"line {n}")
        alice.until(said("alice", f"line {n}"))
    assert server.is_running()


def test_signals_that_the_trial_gets_too(chatd, program):
    """As from `pkill -HUP chatd`: it is not what they are meant for, and goes on."""
    server = chatd(program=program)
    alice = server.join("alice")
    # A program that takes its time to begin, as on a slow disk. (A shell would unblock signals.)
    replace(program, f"#!{sys.executable}\nimport os, sys, time\ntime.sleep(0.5)\n"
                     f"os.execv({os.path.abspath(CHATD)!r}, sys.argv)\n")
    server.send_signal(signal.SIGUSR2)
    (trial,) = until(lambda: children(server), "the trial")
    for number in (signal.SIGHUP, signal.SIGUSR2, signal.SIGTERM, signal.SIGINT):
        os.kill(int(trial), number)
    server.wait_log(UPGRADED)
    alice.say("still here")
    alice.expect(said("alice", "still here"))


def test_stop_during_an_upgrade(chatd, program):
    for pause in [0, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08]:
        server = chatd(program=program)
        alice = server.join("alice")
        server.send_signal(signal.SIGUSR2)
        time.sleep(pause)
        server.send_signal(signal.SIGTERM)
        alice.until(event("server shutting down"))
        assert alice.eof() == []
        assert server.wait() == 0


PING = """
import select, socket, sys, time
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
lines = sock.makefile("rb")
longest = count = 0
print("on", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    begin = time.monotonic()
    sock.sendall(b"ping %d\\n" % count)
    while b": ping %d --" % count not in lines.readline():
        pass
    longest = max(longest, time.monotonic() - begin)
    count += 1
    time.sleep(0.002)
print(longest * 1000)
"""


class Load:
    """Senders and readers at work in threads of their own."""

    def __init__(self, server, senders, readers):
        self.senders = [server.join(f"sender{n}") for n in range(senders)]
        self.readers = [server.join(f"reader{n}") for n in range(readers)]
        self.last = server.join("last")
        self.streams = [b"" for _ in self.readers]
        self.sent = 0
        self.running = True
        work = [(self.send, ()), *((self.read, (n,)) for n in range(readers)),
                *((self.drain, (sender,)) for sender in self.senders)]
        self.threads = [threading.Thread(target=target, args=args, daemon=True)
                        for target, args in work]
        for thread in self.threads:
            thread.start()

    def send(self):
        while self.running:
            for sender in self.senders:
                sender.say(f"number {self.sent}")
            self.sent += 1
            time.sleep(0.005)

    def read(self, n):
        parts = []
        sock = self.readers[n].sock
        sock.settimeout(None)
        while not parts or b"]: the end --" not in b"".join(parts[-2:]):
            parts.append(sock.recv(65536))
            assert parts[-1], "the connection was closed"
        self.streams[n] = b"".join(parts)

    @staticmethod
    def drain(sender):
        sender.until(r"\[last\]: the end --" + STAMP)

    def stop(self):
        self.running = False
        self.threads[0].join()
        self.last.say("the end")
        for thread in self.threads[1:]:
            thread.join()

    def check(self):
        """Each reader has each line of each sender, once and in order."""
        for n, stream in enumerate(self.streams):
            text = (self.readers[n].buffer + stream).decode()
            for sender in self.senders:
                numbers = re.findall(rf"^\[{sender.who}\]: number (\d+) --", text, re.M)
                assert list(map(int, numbers)) == list(range(self.sent)), f"{n} from {sender.who}"


@contextlib.contextmanager
def pinging(server):
    """One who looks how long it takes from saying a line to seeing it; yields when it has begun."""
    with subprocess.Popen([sys.executable, "-c", PING, str(server.port)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as ping:
        assert ping.stdout.readline() == "on\n"
        result = []
        yield result
        ping.stdin.close()
        result.append(float(ping.stdout.read()))


def test_fifty_upgrades_under_load(chatd, program):
    server = chatd("-m", 1100, "--rate", 0, "--announce-max", 30, "--feed", "4M", program=program)
    load = Load(server, senders=5, readers=20)
    idle = [server.connect() for _ in range(1000)]
    for one in idle:
        one.line()  # whoever has been greeted holds a descriptor
    upgrade(server)
    descriptors, rss = server.descriptors(), server.rss()
    with pinging(server) as longest:
        for n in range(50):
            upgrade(server, n + 2)
    load.stop()
    load.check()
    until(lambda: server.descriptors() == descriptors, "the descriptors of before")
    pauses = sorted(int(re.search(r" in (\d+) ms", line)[1]) for line in server.log
                    if re.search(UPGRADED, line))
    print(f"50 upgrades: pauses {pauses[25]} ms in the middle, {pauses[-1]} ms at most; "
          f"longest echo {longest[0]:.0f} ms; {load.sent * 5} lines to 20 readers; "
          f"resident {rss >> 10} -> {server.rss() >> 10} KiB")
    assert server.rss() < rss + (6 << 20)  # the feed fills meanwhile
    for client in idle[::100]:
        client.say("/who")
        client.settle()
