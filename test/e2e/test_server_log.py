"""The log on standard output: its words, and that nobody has to read it."""

import os
import re
import socket
import subprocess

from wire import CHATD, STAMP, WRAPPER, said, until


def test_its_words(chatd):
    server = chatd()
    client = server.connect()
    client.expect("=== .*")
    host, port = client.sock.getsockname()
    client.say("hello", "/nick alice")
    client.until(r"\*\*\* #1 is now alice --.*")
    client.say("again")
    client.until(said("alice", "again"))
    client.close()
    server.wait_log(" exit, ")
    assert [re.sub(STAMP, "STAMP", line) for line in server.log[4:]
            if not line.startswith("sandbox: ")] == [
        f"client (#1) connect from {host}:{port}, number of current clients: 1. TIME: STAMP",
        "client #1: hello --STAMP",
        "client #1 is now alice. TIME: STAMP",
        "client #1 (alice): again --STAMP",
        "client #1 (alice) exit, number of current clients: 0. TIME: STAMP",
    ]


def test_it_says_what_holds_it(chatd):
    server = chatd()
    active = server.wait_log("^sandbox: (.*)")[1]
    with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
    assert fields["NoNewPrivs"] == str(int("no new privileges" in active))
    assert fields["Seccomp"] == ("2" if "seccomp" in active else "0")


def test_quiet(chatd):
    server = chatd("-q")
    client = server.join("alice")
    client.say("a secret")
    client.until(said("alice", "a secret"))
    client.close()
    server.wait_log(" exit, ")
    assert not any("secret" in line for line in server.log)


def flood(server, lines):
    """Two people, one saying so much; the other hears all of it."""
    alice, bob = server.join("alice"), server.join("bob")
    for first in range(0, lines, 500):
        alice.say(*(f"{n} " + "x" * 100 for n in range(first, first + 500)))
        for n in range(first, first + 500):
            bob.until(said("alice", f"{n} " + "x" * 100))
            alice.until(said("alice", f"{n} " + "x" * 100))


def test_a_full_pipe_holds_up_nobody(chatd):
    server = chatd("--rate", 0, drain=False)
    flood(server, 5000)  # some 700 KB of log; a pipe and the log's own memory take 320
    blocking = os.get_blocking(server.process.stdout.fileno())
    assert blocking, "the pipe is shared, and not ours to change"
    lines = []
    server.send_signal(15)
    for line in server.process.stdout:
        lines.append(line)
    dropped = [line for line in lines if re.match(rb"log: \d+ lines dropped", line)]
    said_lines = [line for line in lines if b"client #1 (alice): " in line]
    assert len(dropped) == 1
    assert len(said_lines) + int(dropped[0].split()[1]) >= 5000
    assert all(line.endswith(b"\n") for line in lines)


def test_a_reader_that_goes_away(chatd):
    server = chatd("--rate", 0, drain=False)
    server.process.stdout.close()
    flood(server, 500)


def test_a_socket():
    """As under systemd, whose journal is at the other end of a socket."""
    ours, theirs = socket.socketpair()
    with subprocess.Popen([*WRAPPER, CHATD, "-l", "127.0.0.1:0"], stdout=theirs) as process:
        theirs.close()
        log = b""
        while b"Server ready!" not in log:
            log += ours.recv(4096)
        assert log.startswith(b"create socket: success!\n")
        process.terminate()
        assert process.wait() == 0
    ours.close()


def test_priorities_for_the_journal():
    ours, theirs = socket.socketpair()
    stat = os.fstat(theirs.fileno())
    environment = {**os.environ, "JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"}
    with subprocess.Popen([*WRAPPER, CHATD, "-l", "127.0.0.1:0"], stdout=theirs,
                          env=environment) as process:
        theirs.close()
        log = b""
        while b"Server ready!" not in log:
            log += ours.recv(4096)
        assert all(re.match(rb"<\d>", line) for line in log.splitlines())
        process.terminate()
        assert process.wait() == 0
    ours.close()


def test_no_standard_output_at_all():
    """With descriptors 0 to 2 closed no socket may take their place."""
    script = f'exec {CHATD} -l 127.0.0.1:0 <&- >&- 2>&-'
    with subprocess.Popen(["sh", "-c", script]) as process:
        def is_up():
            fds = os.listdir(f"/proc/{process.pid}/fd")
            return len(fds) > 4 and "0" in fds
        until(is_up, "chatd to run")
        for fd in range(3):
            assert os.readlink(f"/proc/{process.pid}/fd/{fd}") == "/dev/null"
        process.terminate()
        assert process.wait() == 0


def test_a_full_disk(tmp_path):
    path = str(tmp_path / "sock")
    with open("/dev/full", "wb") as full, \
            subprocess.Popen([*WRAPPER, CHATD, "-l", f"unix:{path}"], stdout=full) as process:
        with socket.socket(socket.AF_UNIX) as client:
            until(lambda: client.connect_ex(path) == 0, "a connection")
            assert client.recv(100).startswith(b"=== ")
        process.terminate()
        assert process.wait() == 0
