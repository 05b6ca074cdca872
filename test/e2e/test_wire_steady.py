"""Nothing that one client does ends, stalls or grows the server, or garbles another's stream."""

import contextlib
import os
import random
import re
import resource
import threading
import time

import pytest

from wire import event, said, until

# Sanitizers keep freed memory and shadow it: only a plain build's size says something.
PLAIN = not os.environ.get("CHAT_SANITIZED")

MISSED = r"=== you missed (\d+) lines?"


def test_2000_connects_and_disconnects(chatd):
    server = chatd("--rate", 0, "--feed", "64K")
    watcher = server.join("watcher")

    def come_and_go(number):
        for n in range(number):
            client = server.connect()
            if n % 3 == 0:
                client.say(f"/nick n{n}", "hello")
            if n % 3 == 1:
                client.send("unfinished")
            if n % 2:
                client.reset()
            else:
                client.close()
        watcher.say("settled")
        watcher.until(said("watcher", "settled"))
        until(lambda: server.descriptors() == descriptors, "the connections to close")

    descriptors = server.descriptors()
    come_and_go(200)
    before = server.rss()
    come_and_go(2000)
    assert not PLAIN or server.rss() <= before + (128 << 10)


def test_1000_idle_clients(chatd):
    server = chatd("-m", 1100)
    first = server.join("first")
    server.connect().close()
    server.wait_log("client #2 exit")
    before = server.rss()
    clients = [server.connect() for _ in range(1000)]
    for client in clients:
        client.until(r"=== .*/help.*")
    assert not PLAIN or server.rss() <= before + (1 << 20)
    first.say("hello")
    for client in clients:
        client.until(said("first", "hello"))


def switches(server):
    with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
        return re.findall(r"ctxt_switches:\s*(\d+)", status.read())


def test_idle_means_asleep(chatd):
    """Once everyone is announced and the log written, nothing wakes it."""
    server = chatd()
    clients = [server.connect() for _ in range(10)]
    for client in clients[:5]:
        client.say("hello")
    clients[0].until(event("#10 joined (10 online)"))

    def slept():
        before = switches(server)
        time.sleep(3)  # the one thing here that is measured by time: that nothing happens
        return before == switches(server)

    until(slept, "three seconds without a wake-up")


def test_a_flood_without_a_newline(chatd):
    server = chatd("--rate", 0)
    watcher = server.join("watcher")
    flooder = server.connect()
    flooder.send(b"x" * (1 << 20))
    before = server.rss()
    for _ in range(99):
        flooder.send(b"x" * (1 << 20))
    assert not PLAIN or server.rss() <= before + (256 << 10)
    flooder.send(b"\n")
    flooder.until(rf"!!! message too long \({100 << 20} bytes, at most 1024\): not sent")
    watcher.say("hello")
    watcher.until(said("watcher", "hello"))


@pytest.mark.parametrize("flood", [b"\n", b"\r\n", b"\xff\xfb\x01", b"\xff\xfd\x03", b"\b", b" \n",
                                   b"\xff\xfa", b"\xff\xff", b"\xf0\x9f\x98"])
def test_floods_of_nothing(chatd, flood):
    server = chatd("--rate", 0)
    watcher = server.join("watcher")
    flooder = server.connect()
    flooder.say("hello")
    watcher.until(said("#2", "hello"))
    before = server.rss()
    for _ in range(10):
        flooder.send(flood * 100_000)
    watcher.say("still here")
    watcher.until(said("watcher", "still here"))
    assert not PLAIN or server.rss() <= before + (512 << 10)
    flooder.reset()
    watcher.until(event("#2 left (1 online)"))


def test_rate_delays_and_loses_nothing(chatd):
    server = chatd("--rate", 50, "--burst", 10)
    bob = server.join("bob")
    alice = server.join("alice")
    bob.until(event("alice joined (2 online)"))
    alice.say(*(f"{n}" for n in range(200)))
    bob.until(said("alice", "0"))
    bob.say("me too")
    lines = bob.until(said("alice", "199"))
    assert [line.split()[1] for line in lines if line.startswith("[alice]")] == \
        [str(n) for n in range(1, 200)]
    # Nobody else is delayed: bob's line came into the midst of them.
    place = next(n for n, line in enumerate(lines) if line.startswith("[bob]"))
    assert place < 150


@pytest.mark.parametrize("burst", [1, 5])
def test_what_was_said_before_leaving_is_said_within_the_rate(chatd, burst):
    server = chatd("--rate", 50, "--burst", burst)
    bob, alice = server.join("bob"), server.join("alice")
    bob.until(event("alice joined (2 online)"))
    alice.say(*(f"{n}" for n in range(50)))
    alice.half_close()
    bob.expect(*(said("alice", f"{n}") for n in range(50)), event("alice left (1 online)"))
    assert len(alice.eof()) == 50


def speak(client, lines, size):
    for start in range(0, lines, 100):
        client.say(*(f"{n} " + "x" * size for n in range(start, min(start + 100, lines))))


def test_a_sleeper_is_told_what_it_missed(chatd):
    """Exactly, in its place, while the others lose nothing."""
    server = chatd("--rate", 0, "--feed", "256K", "--replay", 0)
    speaker, reader = server.join("speaker"), server.join("reader")
    plain = server.join("plain", receive=4096)
    tagged = server.join("tagged", receive=4096)
    tagged.say("/resume")
    tagged.until(r"=== resume .*")
    for start in range(0, 3000, 100):  # the feed and the log have all the memory they ever take
        reader.say(*("x" * 200 for _ in range(100)))
        reader.until(said("reader", "x" * 200))
        for client in (speaker, reader):
            client.settle()
    before = server.rss()
    count = 20_000
    thread = threading.Thread(target=speak, args=(speaker, count, 200))
    thread.start()
    drain = threading.Thread(target=read_all, args=(speaker, count))
    drain.start()
    read_all(reader, count)
    thread.join()
    drain.join()
    assert not PLAIN or server.rss() <= before + (512 << 10)

    def walk(client, number):
        """Follows a sleeper's stream to the last message: messages in order, gaps told."""
        expected, told = 0, 0
        while expected < count:
            line = client.line()
            if match := re.fullmatch(MISSED, line):
                told += int(match[1])
                expected += int(match[1])
                continue
            if "[speaker]: " not in line:
                continue
            assert number(line) == expected, line[:60]
            expected += 1
        return told

    # Other lines of the feed (joins) came before the first message for both.
    assert walk(plain, lambda line: int(line.split()[1])) > 0
    assert walk(tagged, lambda line: int(line.split()[3])) > 0


def read_all(client, count):
    """Reads the speaker's messages, each once and in order."""
    expected = 0
    while expected < count:
        line = client.line()
        if line.startswith("[speaker]: "):
            assert int(line.split()[1]) == expected
            expected += 1
        assert not line.startswith("=== you missed")


def test_readers_that_sleep_at_random_lose_nothing(chatd):
    server = chatd("--rate", 0)
    speaker = server.join("speaker")
    readers = [server.join(f"reader{n}") for n in range(20)]
    count = 3000
    failures = []

    def read(client, seed):
        chance = random.Random(seed)
        try:
            expected = 0
            while expected < count:
                line = client.line()
                if chance.random() < 0.005:
                    time.sleep(chance.random() / 50)
                if line.startswith("[speaker]: "):
                    assert int(line.split()[1]) == expected
                    expected += 1
                assert not line.startswith("=== you missed")
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=read, args=(client, n)) for n, client in enumerate(readers)]
    threads.append(threading.Thread(target=read, args=(speaker, 99)))
    for thread in threads:
        thread.start()
    speak(speaker, count, 500)
    for thread in threads:
        thread.join()
    assert not failures, failures[0]


def test_probes_and_noise(chatd):
    """Random bytes from many, while two people talk undisturbed."""
    server = chatd("--rate", 0, "-m", 300)
    alice, bob = server.join("alice"), server.join("bob")
    alice.until(event("bob joined (2 online)"))
    chance = random.Random(7)
    for n in range(300):
        noisy = server.connect()
        try:
            noisy.send(bytes(chance.randrange(256) for _ in range(chance.randrange(1, 400))))
            if chance.random() < 0.5:
                noisy.half_close()
        except OSError:
            pass
        if chance.random() < 0.5:
            noisy.reset()
        else:
            noisy.close()
        if n % 10 == 0:
            alice.say(f"{n}")
            bob.until(said("alice", f"{n}"))
            bob.say(f"{n}")
            alice.until(said("bob", f"{n}"))
    until(lambda: "number of current clients: 2." in server.log[-1] or
          any("number of current clients: 2." in line for line in server.log[-5:]),
          "the noise to end")


@pytest.mark.plain  # a sanitizer needs more memory than there is
def test_memory_that_runs_out(chatd):
    """Those for whom there is none have to go; nobody else notices, and there may be some again."""
    server = chatd("-m", 200, "-b", "64K", "--rate", 0)
    alice, bob = server.join("alice"), server.join("bob")
    alice.until(event("bob joined (2 online)"))
    with open(f"/proc/{server.pid}/statm", encoding="ascii") as statm:
        size = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.prlimit(server.pid, resource.RLIMIT_AS, (size + (2 << 20), resource.RLIM_INFINITY))
    for _ in range(100):  # each holds on to all that it may
        greedy = server.connect()
        with contextlib.suppress(OSError):  # it is gone already
            greedy.send(b"x" * 60_000)
    server.wait_log("out of memory")
    alice.say("hello")
    bob.until(said("alice", "hello"))
    bob.say("x" * 1000)
    alice.until(said("bob", "x" * 1000))
    resource.prlimit(server.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
    late = server.join("late")
    late.send("x" * 60_000)
    late.say("!")
    alice.until(said("late", "x" * 60_000 + "!"))


def test_descriptors_that_run_out(chatd):
    """The limit is lowered from outside while it runs: nobody inside notices."""
    server = chatd("-m", 100)
    alice = server.join("alice")
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (server.descriptors() + 2,) * 2)
    outside = [server.connect() for _ in range(10)]
    alice.say("hello")
    alice.until(said("alice", "hello"))
    before = server.cpu()
    time.sleep(1)
    assert server.cpu() - before < 0.5  # it does not spin
    alice.say("hello again")
    alice.until(said("alice", "hello again"))
    for client in outside:
        client.close()
    until(lambda: server.is_running() and server.descriptors() <= 12, "room again")
