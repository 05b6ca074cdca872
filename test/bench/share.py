#!/usr/bin/env python3
"""Several chatd as one beside what the log itself can do, all in one run, on this machine.

    share.py --chatd PATH [--replicas 3] [--people 100] [--seconds 5] [--rounds 3]

A publisher with nothing else to do keeps as many messages under way as there are people, each of
whom says a line when the last one has come back; so does one that has only one under way. What a
shared line costs the node that hands it on is told beside a server of its own, at the same pace.
"""

import argparse
import json
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
from nats import Nats, cluster  # noqa: E402, nats-servers as the tests start them
from wire import until  # noqa: E402

NODES = "abc"
LINE = "a line like those that people say to each other, and its number: "
PACE = 200     # lines a second where a delivery's cost is told
LISTENERS = 100
STREAM = {"name": "BARE", "subjects": ["BARE"], "storage": "file", "duplicate_window": 120 * 10**9}


class Connection:
    """Bytes from a socket, and how often a pattern has come."""

    def __init__(self, address, pattern):
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pattern = pattern
        self.rest = b""

    def send(self, data):
        self.socket.sendall(data)

    def came(self):
        """How many more have come whole: each ends its line."""
        data = self.rest + self.socket.recv(1 << 20)
        whole, end, self.rest = data.rpartition(b"\n")
        return (whole + end).count(self.pattern)

    def wait(self, count):
        while count > 0:
            count -= self.came()


class Publisher(Connection):
    """A client of a nats-server: what it publishes is acknowledged by the stream."""

    def __init__(self, server, number, pattern=b'{"stream"'):
        super().__init__((server.host, server.port), pattern)
        self.number = number
        self.count = 0
        self.credentials = server.credentials
        self.send(b"CONNECT %s\r\nSUB acks%d 1\r\nPING\r\n" % (json.dumps(
            {"verbose": False, "headers": True, **self.credentials}).encode(), number))
        until(lambda: b"PONG" in self.hear(), "a nats-server's answer")
        self.rest = b""

    def hear(self):
        self.rest += self.socket.recv(65536)
        return self.rest

    def say(self, count=1):
        data = []
        for _ in range(count):
            self.count += 1
            headers = b"NATS/1.0\r\nNats-Msg-Id: %d-%d\r\n\r\n" % (self.number, self.count)
            body = (LINE + str(self.count)).encode()
            data.append(b"HPUB BARE acks%d %d %d\r\n%s%s\r\n" % (
                self.number, len(headers), len(headers) + len(body), headers, body))
        self.send(b"".join(data))


class Person(Connection):
    """A client of chatd; its own lines come back to it."""

    def __init__(self, port, nick):
        super().__init__(("127.0.0.1", port), b"[%s]: " % nick.encode())
        self.send(b"/nick %s\n/ping\n" % nick.encode())
        while b"=== pong" not in self.rest:
            self.rest += self.socket.recv(65536)
        self.rest = b""

    def say(self, count=1):
        self.send((LINE + "x\n").encode() * count)


def rate(connections, under_way, seconds):
    """Lines a second, with so many of each under way."""
    selector = selectors.DefaultSelector()
    for connection, count in zip(connections, under_way):
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.say(count)
    counted, began, end = 0, time.monotonic(), time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in selector.select(0.1):
            count = key.data.came()
            counted += count
            if count > 0:
                key.data.say(count)
    passed = time.monotonic() - began
    for connection, count in zip(connections, under_way):
        connection.wait(count)
    selector.close()
    return counted / passed


def latency(speaker, seconds, hears=None):
    """The median of ms from a line to what comes back, and to what hears it, if that is another."""
    late, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        speaker.say()
        speaker.wait(1)
        if hears is not None:
            hears.wait(1)
        late.append((time.monotonic() - began) * 1000)
    return statistics.median(late)


def used(pid):
    """Seconds of processor time, and KiB of memory of its own."""
    schedstat = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii")
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(schedstat.split()[0]) / 1e9, int(re.search(r"Rss:\s+(\d+)", rollup)[1])


class Chatd:
    """One that is ready; with the nats-servers' addresses it is a node of theirs."""

    def __init__(self, program, folder, node=None, servers=(), name="people"):
        argv = [program, "-q", "-l", "127.0.0.1:0", "--rate", "0", "--announce-max", "0",
                "--max-clients", "256"]
        if node is not None:
            argv += ["--share", ",".join(server.url for server in servers),
                     "--node", node, "--share-name", name,
                     "--share-replicas", str(len(servers))]
            if servers[0].credentials:
                argv += ["--share-password-file", folder / "password"]
        self.log = open(folder / f"log-{node}", "w+", encoding="utf-8")
        self.process = subprocess.Popen(argv, stdout=self.log, stderr=subprocess.STDOUT)
        until(self.is_ready, "a server that is ready")

    def is_ready(self):
        self.log.seek(0)
        text = self.log.read()
        assert self.process.poll() is None, text
        if "Server ready" not in text:
            return False
        self.port = int(re.search(r"bind to 127\.0\.0\.1:(\d+)", text)[1])
        return True

    def finish(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def bare(servers, options):
    """What a publisher gets: lines a second, ms until a message is stored and delivered."""
    servers[0].ask("STREAM.CREATE.BARE", {**STREAM, "num_replicas": len(servers)})
    share = [len(range(i, options.people, len(NODES))) for i in range(len(NODES))]
    publishers = [Publisher(servers[i % len(servers)], i) for i in range(len(NODES))]
    got = rate(publishers, share, options.seconds)
    subscriber = Publisher(servers[0], 9, LINE.encode())
    subscriber.send(b"SUB delivered 2\r\nPING\r\n")
    servers[0].ask("CONSUMER.CREATE.BARE", {"stream_name": "BARE", "config": {
        "deliver_subject": "delivered", "deliver_policy": "new", "ack_policy": "none"}})
    late = latency(publishers[0], options.seconds, subscriber)
    for connection in [*publishers, subscriber]:
        connection.socket.close()
    servers[0].ask("STREAM.DELETE.BARE")
    return got, late


def shared(servers, options, folder):
    """The same of people at three nodes."""
    nodes = [Chatd(options.chatd, folder, node, servers) for node in NODES]
    try:
        people = [Person(nodes[i % len(nodes)].port, f"p{i}") for i in range(options.people)]
        got = rate(people, [1] * len(people), options.seconds)
        for person in people:
            person.socket.close()
        return got, latency(Person(nodes[0].port, "alone"), options.seconds)
    finally:
        for node in nodes:
            node.finish()


def delivery(options, folder, servers=()):
    """us of processor time for a delivery at a steady pace, and KiB with those who listen."""
    chatd = Chatd(options.chatd, folder, NODES[0] if servers else None, servers, "alone")
    try:
        listeners = [Person(chatd.port, f"l{i}") for i in range(LISTENERS)]
        speaker = Person(chatd.port, "speaker")
        count = int(PACE * options.seconds)
        before, _ = used(chatd.process.pid)
        for _ in range(count):
            due = time.monotonic() + 1 / PACE
            speaker.say()
            speaker.wait(1)
            for listener in listeners:
                listener.socket.recv(65536)
            time.sleep(max(0, due - time.monotonic()))
        after, memory = used(chatd.process.pid)
        return (after - before) / count / (LISTENERS + 1) * 1e6, memory
    finally:
        chatd.finish()


def measure(options, folder):
    password = folder / "password"
    password.write_text("chatd:change me\n")
    password.chmod(0o400)
    servers = [Nats(folder)] if options.replicas == 1 else cluster(folder)
    try:
        for server in servers:
            server.launch()
        until(lambda: all(server.answers() for server in servers), "nats-servers")
        until(lambda: "error" not in servers[0].ask("INFO", patient=False), "a leader")
        lines, late = bare(servers, options)
        shared_lines, shared_late = shared(servers, options, folder)
        cost, memory = delivery(options, folder)
        shared_cost, shared_memory = delivery(options, folder, servers)
    finally:
        for server in servers:
            server.finish()
    print(f"bare: {lines:.0f} lines a second, {late:.2f} ms; people at three nodes: "
          f"{shared_lines:.0f}, {shared_late:.2f} ms; a delivery: {cost:.2f} us alone, "
          f"{shared_cost:.2f} us shared; {memory} and {shared_memory} KiB", flush=True)
    return (shared_lines / lines, shared_late / late, shared_cost / cost,
            (shared_memory - memory) / 1024)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chatd", required=True, type=os.path.abspath)
    parser.add_argument("--replicas", type=int, default=3, choices=(1, 3))
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rounds = []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory(prefix="share-") as folder:
            rounds.append(measure(options, Path(folder)))
    print("\n| what | aim | measured | met |\n| --- | ---: | ---: | --: |")
    for what, aim, is_met, values in zip(
            ("lines a second beside the publisher", "a line's way beside the publisher's",
             "a delivery beside a server of its own", "MiB beside it"),
            (0.8, 1.3, 1.05, 1.0), (float.__ge__, float.__le__, float.__le__, float.__le__),
            zip(*rounds)):
        got = statistics.median(values)
        word = "least" if is_met is float.__ge__ else "most"
        print(f"| {what} | at {word} {aim} | {got:.2f} | {'yes' if is_met(got, aim) else 'no'} |")


if __name__ == "__main__":
    main()
