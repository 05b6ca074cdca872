"""--store FILE: what was set outlives the program, however it ends, and claims with chatc."""

import os
import random
import re
import signal
import subprocess
import threading

import pytest

from wire import CHATC, DEADLINE, STAMP, event, run_chatd, said, until

HEAD = "=== chatd store 1\n"
CLAIMED = r"=== claimed alice ([a-z2-7]{26})"


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def start(chatd, store, tmp_path):
    """Starts a server with the store and a socket for operators."""
    socket = tmp_path / "socket"

    def run(*args, **options):
        server = chatd("--store", store, *args,
                       listen=["127.0.0.1:0", f"unix:{socket},operator"], **options)
        server.operators = f"unix:{socket}"
        return server
    return run


def operator(server, nick="root"):
    client = server.connect(server.operators)
    client.say("/nick " + nick)
    client.until(rf"\*\*\* {nick} joined .*")
    return client


def holds(store, *texts):
    """Waits until the file has all of them, and returns it."""
    def look():
        text = store.read_text() if store.exists() else ""
        return text if all(part in text for part in texts) else None
    return until(look, f"{texts!r} in the store")


def test_outlives_a_kill(start, store):
    server = start()
    assert not store.exists()
    alice, root = server.join("alice"), operator(server)
    alice.say("/claim")
    key = alice.until(CLAIMED)[-1].split()[-1]
    root.say("/ban 192.0.2.7:5555 60 too loud", "/ban 2001:db8::/32", "/motd Tea at five")
    text = holds(store, "\nban 192.0.2.7 ", " root: too loud\n", "\nban 2001:db8::/32 0 root: \n",
                 "\nclaim alice ", "\nmotd: Tea at five\n")
    assert text.startswith(HEAD)
    assert store.stat().st_mode & 0o777 == 0o600
    server.kill()
    assert key not in text and not any(key in line for line in server.log)

    server = start()
    root = server.connect(server.operators)
    root.until("=== Tea at five")
    root.say("/bans")
    root.until(r"=== 2 banned:")
    root.expect(r"=== 192\.0\.2\.7 until " + STAMP + ", by root: too loud",
                r"=== 2001:db8::/32 for good, by root")
    bob = server.join("bob")
    bob.say("/nick alice", "/nick Alice", f"/nick alice {'b' * 26}")
    bob.until("!!! nick alice is claimed")
    bob.expect("!!! nick Alice is claimed", "!!! nick alice is claimed")
    bob.say(f"/nick alice {key}")
    bob.expect(event("bob is now alice"))
    root.say("/unclaim alice", "/unban 192.0.2.7")
    root.until("=== alice is no longer claimed")
    assert server.stop() == 0
    assert store.read_text() == HEAD + "ban 2001:db8::/32 0 root: \nmotd: Tea at five\n"
    assert not any(key in line for line in server.log)


def test_what_it_cannot_read(start, store):
    store.write_text(HEAD + "motd: hello\nwhat?\n\x1b[2J\nmotd: there\n")
    server = start()
    server.wait_log(r"store .*: skipped 2 lines that cannot be read, first line 3")
    server.connect().until("=== there")


@pytest.mark.parametrize("text, why", [
    ("root:x:0:0\n", "is not a chatd store: left as it is"),
    ("=== chatd history 1, next @1\n", "is not a chatd store: left as it is"),
    ("=== chatd store 2\n", "is a store of a newer chatd: left as it is"),
])
def test_what_is_not_a_store(store, text, why):
    store.write_text(text)
    for check in ((), ("--check",)):
        done = run_chatd("-l", "127.0.0.1:0", "--store", store, *check)
        assert done.returncode == 1
        assert done.stderr == f"chatd: --store: {store} {why}\n"
        assert store.read_text() == text


def test_where_nothing_can_be_written(tmp_path):
    path = tmp_path / "absent" / "store"
    for check in ((), ("--check",)):
        done = run_chatd("-l", "127.0.0.1:0", "--store", path, *check)
        assert done.returncode == 1
        assert done.stderr == f"chatd: --store: {path} cannot be written: No such file or directory\n"


def test_reload(start, store, tmp_path):
    """HUP keeps what was set, until the file of the motd is another."""
    motd = tmp_path / "motd"
    motd.write_text("from the file\n")
    config = tmp_path / "config"
    config.write_text(f"motd = {motd}\n")
    server = start("--config", config)
    root = operator(server)
    root.say("/motd from root", "/ban 192.0.2.7")
    holds(store, "motd: from root\n", "ban 192.0.2.7 0 root")
    config.write_text(f"motd = {motd}\nmax-claims = 0\n")
    server.send_signal(signal.SIGHUP)
    server.wait_log("configuration read")
    alice = server.connect()
    alice.until("=== from root")
    alice.say("/nick alice", "/claim")
    alice.until("!!! no more claims")
    motd.write_text("another\n")
    server.send_signal(signal.SIGHUP)
    server.wait_log("configuration read", 2)
    server.connect().until("=== another")
    until(lambda: "motd" not in store.read_text(), "the store without it")
    holds(store, "ban 192.0.2.7 0 root")


def test_a_store_begins_with_a_start(chatd, store, tmp_path):
    config = tmp_path / "config"
    config.write_text("")
    server = chatd("--config", config)
    alice = server.join("alice")
    config.write_text(f"store = {store}\n")
    for ask in (signal.SIGHUP, signal.SIGUSR2):
        server.send_signal(ask)
        server.wait_log("store has changed: that needs a restart", 1 if ask == signal.SIGHUP else 2)
        alice.say("/claim")
        alice.until("!!! nothing can be claimed: this server keeps no store")
    assert not store.exists()


def test_upgrade(start, store):
    """Nothing of it is lost, also what no disk has yet when the program is replaced."""
    server = start()
    alice, root = server.join("alice"), operator(server)
    alice.say("/claim")
    key = alice.until(CLAIMED)[-1].split()[-1]
    for n in range(1, 6):
        root.say(f"/ban 192.0.2.{n} {n * 60} reason {n}")
        root.until(rf"=== 192\.0\.2\.{n} is banned .*")
        server.send_signal(signal.SIGUSR2)
        server.wait_log("upgraded to chatd", n)
    holds(store, *(f"root: reason {n}\n" for n in range(1, 6)), "claim alice ")
    alice.say("/nick bob")
    alice.until(event("alice is now bob"))
    alice.say("/nick alice", f"/nick alice {key}")
    alice.expect("!!! nick alice is claimed", event("bob is now alice"))
    root.say("/motd new")
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgraded to chatd", 6)
    holds(store, "motd: new\n")


def test_topic_and_rate(start, store):
    server = start()
    root = operator(server)
    root.say("/topic Tea at five", "/slow 7")
    holds(store, "\ntopic lobby: Tea at five\n", "\nslow lobby 7\n")
    root.say("/topic -", "/slow 0")
    until(lambda: store.read_text() == HEAD, "nothing in the store")
    root.say("/topic Tea at six")
    holds(store, "\ntopic lobby: Tea at six\n")
    server.kill()
    server = start()
    root = server.connect(server.operators)
    root.say("/topic")
    root.until("=== .*Tea at six")


def test_banned(start):
    """They are told why and until when, at the door and in the room."""
    server = start()
    root = operator(server)
    local = server.join("local")
    root.say("/ban 127.0.0.1 5 too loud")
    local.until(r"!!! you were banned until " + STAMP + ": too loud")
    assert local.eof() == []
    root.until(event("local left (too loud)"))
    server.connect(server.addresses()[0]).expect(
        r"!!! you are banned from this server until " + STAMP + ": too loud")


def test_kill_at_any_moment(start, store):
    """What was answered a second ago is there, whole, whenever the program is killed."""
    rng = random.Random(1)
    store.write_text(HEAD)
    kept = 0
    for n in range(12):
        server = start()
        root = server.connect(server.operators)
        root.say("/bans")
        root.until(r"=== \d+ banned:?")
        banned = store.read_text().count("\nban ")
        assert banned >= kept and "skipped" not in "".join(server.log)
        kept = banned
        for i in range(20):
            root.say(f"/ban 10.{n}.0.{i} reason {n} {i}")
        # A moment is what is tested here: any will do.
        threading.Event().wait(rng.uniform(0, 0.3))
        server.kill()
    assert kept > 0


def test_chatc_keeps_the_key(start, store, tmp_path):
    server = start()
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    keys = tmp_path / "chatc" / "keys"
    command = [CHATC, "-n", "alice", f"127.0.0.1:{server.port}"]

    def chatc():
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                env=env)
    with chatc() as first:
        first.stdin.write("/claim\n")
        first.stdin.flush()
        until(keys.exists, "the file of keys")
        output, _ = first.communicate(timeout=DEADLINE)
    key = re.search(CLAIMED, output)[1]
    assert keys.read_text().split()[-2:] == ["alice", key]
    holds(store, "claim alice ")
    server.kill()

    # The port is another then, and the key is for the server that gave it.
    server = start()
    bob = server.join("bob")
    bob.say("/nick alice")
    bob.expect("!!! nick alice is claimed")
    keys.write_text(keys.read_text().replace(command[-1], f"127.0.0.1:{server.port}"))
    command[-1] = f"127.0.0.1:{server.port}"
    with chatc() as second:
        bob.until(event("alice joined (2 online)"))
        second.stdin.write("hello\n")
        second.stdin.flush()
        bob.expect(said("alice", "hello"))
        second.communicate(timeout=DEADLINE)
