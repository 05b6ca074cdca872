"""TERM, INT and HUP, at any moment: an orderly stop, and reading the configuration again."""

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from wire import CHATD, WRAPPER, event, said, until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_orderly_stop(chatd, number):
    server = chatd()
    alice, bob = server.join("alice"), server.join("bob")
    alice.until(event("bob joined (2 online)"))
    server.send_signal(number)
    for client in alice, bob:
        assert client.until(event("server shutting down"))
        assert client.eof() == []
    assert server.wait() == 0
    assert server.log[-1] == "Server stopped."


def test_what_is_owed_is_sent(chatd):
    server = chatd("--rate", 0)
    alice = server.join("alice")
    slow = server.connect(receive=4096)
    slow.expect("=== .*")
    for n in range(0, 2000, 100):
        alice.say(*(f"{k} " + "x" * 200 for k in range(n, n + 100)))
        alice.until(said("alice", f"{n + 99} " + "x" * 200))
    server.send_signal(signal.SIGTERM)
    lines = slow.eof()
    assert lines[-1].startswith("*** server shutting down")
    assert sum("x" * 200 in line for line in lines) == 2000
    assert server.wait() == 0


def test_one_who_does_not_read_delays_the_end_by_little(chatd):
    server = chatd("--rate", 0)
    alice = server.join("alice")
    sleeper = server.connect(receive=4096)
    for n in range(0, 4000, 100):
        alice.say(*(f"{k} " + "x" * 200 for k in range(n, n + 100)))
        alice.until(said("alice", f"{n + 99} " + "x" * 200))
    server.send_signal(signal.SIGTERM)
    alice.until(event("server shutting down"))
    assert server.wait() == 0
    sleeper.gone()


def test_a_second_term_ends_at_once(chatd):
    server = chatd("--rate", 0)
    alice = server.join("alice")
    server.connect(receive=4096)
    for n in range(0, 4000, 100):
        alice.say(*(f"{k} " + "x" * 200 for k in range(n, n + 100)))
        alice.until(said("alice", f"{n + 99} " + "x" * 200))
    server.send_signal(signal.SIGTERM)
    alice.until(event("server shutting down"))
    server.send_signal(signal.SIGTERM)
    assert server.wait() == 0


def test_no_newcomers_while_it_stops(chatd):
    server = chatd()
    address = server.addresses()[0]
    client = server.connect()
    client.expect("=== .*")
    server.send_signal(signal.SIGTERM)
    client.until(event("server shutting down"))
    with pytest.raises(OSError):
        server.connect(address)
    assert server.wait() == 0


def test_signals_that_were_blocked_or_ignored_before(chatd):
    """As after nohup, or under a parent that blocks them."""
    def block():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK,
                               [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2])
    server = chatd(preexec_fn=block)
    server.send_signal(signal.SIGHUP)
    server.wait_log("^configuration read$")


def test_a_storm_of_signals(chatd):
    server = chatd()
    client = server.join("alice")
    for _ in range(2000):
        server.send_signal(signal.SIGHUP)
        server.send_signal(signal.SIGPIPE)
    client.say("still here")
    client.until(said("alice", "still here"))
    server.wait_log("^configuration read$")


def test_a_signal_while_it_starts():
    """Whenever it comes, it stops chatd in order: status 0, and no socket left behind."""
    for _ in range(20):
        with subprocess.Popen([*WRAPPER, CHATD, "-l", "127.0.0.1:0"],
                              stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            process.terminate()
            assert process.wait() == 0


def has_open(pid, path):
    """Whether a process has a file open."""
    return any(link.resolve() == path.resolve() for link in Path(f"/proc/{pid}/fd").iterdir())


def test_a_signal_before_anything_is_read(tmp_path):
    """While it still waits for its configuration: it is not killed, and stops when it can."""
    fifo = tmp_path / "conf"
    os.mkfifo(fifo)
    writer = os.open(fifo, os.O_RDWR)  # without one there would be nothing to wait for
    with subprocess.Popen([*WRAPPER, CHATD, "-l", "127.0.0.1:0", "--config", fifo],
                          stdout=subprocess.PIPE) as process:
        until(lambda: has_open(process.pid, fifo), "the configuration to be opened")
        process.send_signal(signal.SIGTERM)
        os.close(writer)
        assert process.wait() == 0


def test_reload(chatd, tmp_path):
    config, motd, password = tmp_path / "conf", tmp_path / "motd", tmp_path / "password"
    config.write_text("name = One\nmax-message = 100\n", encoding="utf-8")
    server = chatd("--config", config)
    alice = server.join("alice")

    motd.write_text("mind the step\n", encoding="utf-8")
    password.write_text("sesame\n", encoding="utf-8")
    password.chmod(0o600)
    config.write_text(f"name = Two\nmax-message = 200\nmotd = {motd}\nquiet = yes\n"
                      f"password-file = {password}\nmax-clients = 7\nfeed = 2M\n",
                      encoding="utf-8")
    server.send_signal(signal.SIGHUP)
    server.wait_log("^configuration read$")
    server.wait_log("^max-clients has changed: that needs a restart$")
    server.wait_log("^feed has changed: that needs a restart$")

    alice.say("x" * 150)
    alice.until(said("alice", "x" * 150))
    bob = server.connect()
    bob.expect("=== .*password:")
    bob.say("sesame")
    greeting = bob.until("=== mind the step")
    assert any(line.startswith("=== Two: you are #2, 2 of 256 online") for line in greeting)
    server.wait_log("connect from", 2)
    assert not any("xxx" in line for line in server.log)


@pytest.mark.parametrize("text, fault", [
    ("name = Two\nrate = fast\n", r'{}:2: rate must be a number from 0 to 1000000, not "fast"'),
    ("name = Two\nmotd = /nowhere/x\n",
     "--motd: cannot read /nowhere/x: No such file or directory"),
    (None, "--config: cannot read {}: No such file or directory"),
])
def test_a_broken_file_changes_nothing(chatd, tmp_path, text, fault):
    config = tmp_path / "conf"
    config.write_text("name = One\n", encoding="utf-8")
    server = chatd("--config", config)
    if text is None:
        config.unlink()
    else:
        config.write_text(text, encoding="utf-8")
    server.send_signal(signal.SIGHUP)
    line = server.wait_log("^nothing changed: ").string
    assert fault.format(config) in line
    server.connect().expect("=== One: .*")
    config.write_text("name = Three\n", encoding="utf-8")
    server.send_signal(signal.SIGHUP)
    server.wait_log("^configuration read$")
    server.connect().expect("=== Three: .*")


def test_a_message_longer_than_the_feed_is_made_for(chatd, tmp_path):
    """At the start the feed would be made larger; now it is as it is, and so is all the rest."""
    config = tmp_path / "conf"
    config.write_text("", encoding="utf-8")
    server = chatd("--config", config)
    config.write_text("name = Two\nmax-message = 64K\n", encoding="utf-8")
    for number, how in ((1, signal.SIGHUP), (2, signal.SIGUSR2)):
        server.send_signal(how)
        server.wait_log("^configuration read$|^upgraded to", number)
        line = server.wait_log("^max-message is .*restart$", number).string
        most = re.fullmatch(r"max-message is (\d+): the feed has no room for more before a restart"
                            r"\n?", line)[1]
        server.connect().expect(f"=== Two: .*, messages up to {most} bytes, /help for help")
    config.write_text("max-message = 2K\n", encoding="utf-8")
    server.send_signal(signal.SIGHUP)
    server.wait_log("^configuration read$", 2)
    server.connect().expect("=== chatd: .*, messages up to 2048 bytes, /help for help")
    assert not any("feed has changed" in line for line in server.log)


@pytest.mark.parametrize("number, done", [(signal.SIGHUP, "^configuration read$"),
                                          (signal.SIGUSR2, "upgraded to chatd")])
def test_a_rate_that_was_too_low(chatd, tmp_path, number, done):
    """Whoever has used up much of a low rate is not held to it once there is a higher one."""
    config = tmp_path / "conf"
    config.write_text("rate = 1\nburst = 1000\n", encoding="utf-8")
    server = chatd("--config", config)
    alice = server.join("alice")
    alice.say(*("x" for _ in range(990)))
    for _ in range(990):
        alice.expect(said("alice", "x"))
    config.write_text("rate = 1000\nburst = 10\n", encoding="utf-8")
    server.send_signal(number)
    server.wait_log(done)
    alice.say("now")
    alice.expect(said("alice", "now"))


def test_a_stop_while_the_log_is_full(chatd):
    server = chatd("--rate", 0, drain=False)
    alice = server.join("alice")
    for n in range(0, 4000, 100):
        alice.say(*("x" * 200 for _ in range(100)))
        for _ in range(100):
            alice.until(said("alice", "x" * 200))
    server.send_signal(signal.SIGTERM)
    alice.until(event("server shutting down"))
    assert server.wait() == 0
