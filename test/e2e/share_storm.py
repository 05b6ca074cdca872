#!/usr/bin/env python3
"""Servers that die, pause and lose each other under load, by hand: rounds of faults over three chatd
on three nats-servers (or one), while people talk and go from node to node with their token.

    CHATD=build/server/chatd test/e2e/share_storm.py [--rounds 100] [--replicas 3|1] [--seed N]
        [--partitions]

In each round one thing is killed with -9 or stopped for 12 seconds: the leader of the room, the
server of a node, a chatd (which comes back with or without its history), or all nats-servers. With
--partitions (as root) each machine is a network namespace with one cable to its clients and one to
the other machines, and it is the latter that is pulled out. After each round everybody must be heard
again. In the end each line that was said must stand there once, under one ID for all who saw it, in
the order of its author, and nobody may have missed one or seen one twice.
"""

import argparse
import ctypes
import os
import random
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from nats import Nats, cluster  # pylint: disable=wrong-import-position
from wire import Server  # pylint: disable=wrong-import-position

PAUSE = 12
PATIENCE = 60


class Ledger:
    """What stands under each ID, as the first who saw it says."""

    def __init__(self):
        self.lock = threading.Lock()
        self.lines = {}
        self.faults = []

    def take(self, who, number, line):
        with self.lock:
            if self.lines.setdefault(number, line) != line:
                self.faults.append(f"@{number} is {self.lines[number]!r}, for {who} {line!r}")

    def fault(self, text):
        with self.lock:
            self.faults.append(text)


class Hopper(threading.Thread):
    """One who talks, and goes on elsewhere."""

    def __init__(self, name, storm, seed):
        super().__init__(daemon=True)
        self.who = name
        self.storm = storm
        self.random = random.Random(seed)
        self.sock = None
        self.buffer = b""
        self.last = 0
        self.token = None
        self.sent = self.most = self.heard = 0
        self.is_ready = False
        self.hop_at = 0
        self.resumed_in = []
        self.is_quiet = False
        self.is_over = False
        self.connected_at = 0

    def hop(self):
        """Leaves by FIN, RST or not at all, and goes to any node."""
        old, self.sock, self.is_ready, self.buffer = self.sock, None, False, b""
        if old is not None and (self.token is None or self.random.random() < 0.6):
            old.close()
        host, port = self.random.choice(self.storm.addresses)
        try:
            self.sock = socket.create_connection((host, port), 2)
        except OSError:
            time.sleep(0.05)
            return
        self.connected_at = time.monotonic()
        self.hop_at = self.connected_at + self.random.uniform(2, 12)
        if self.token is None:
            self.send(f"/nick {self.who}\n/resume\n")
        else:
            self.send(f"/resume {self.last} {self.token} {self.sent}\n")
        self.old = old  # held open, so that it may be taken over

    def send(self, text):
        try:
            self.sock.sendall(text.encode())
        except OSError:
            self.sock = None

    def line(self, line):
        tagged = re.match(r"@(\d+) (\d+ .*)", line)
        if tagged:
            number = int(tagged[1])
            if number != self.last + 1:
                self.storm.ledger.fault(f"{self.who}: {line!r} after @{self.last}")
            self.last = number
            self.storm.ledger.take(self.who, number, re.sub(r" --.*", "", tagged[2]))
            own = re.fullmatch(rf"\d+ \[{self.who}\]: line (\d+) --.*", tagged[2])
            if own:
                self.heard = int(own[1])
        elif missed := re.fullmatch(r"=== you missed (\d+) lines", line):
            self.last += int(missed[1])
        elif resumed := re.fullmatch(r"=== resume (\d+) (\w+)", line):
            if self.token is None:
                self.last, self.is_ready = int(resumed[1]), True
            elif self.last != int(resumed[1]):
                self.storm.ledger.fault(f"{self.who}: {line} after @{self.last}")
            self.token = resumed[2]
        elif said := re.fullmatch(r"=== said (\d+) of (\d+)", line):
            if int(said[1]) > self.most:
                self.storm.ledger.fault(f"{self.who}: {line}, sent {self.sent}")
            self.sent, self.is_ready = int(said[1]), True
            self.resumed_in.append(time.monotonic() - self.connected_at)
        elif line.startswith("!!!") and "come back on another" not in line:
            self.refused(line)

    def refused(self, line):
        """Not before the other node is known to be gone: tried again."""
        if line.startswith("!!! unknown or expired token"):
            self.storm.unknown += 1
            self.sock = None
        elif self.token is None or line.startswith(("!!! nicks can't", "!!! the nick")):
            self.sock = self.token = None
        else:
            self.storm.ledger.fault(f"{self.who}: {line}")

    def turn(self):
        if self.sock is None or time.monotonic() > self.hop_at:
            self.hop()
            return
        if select.select([self.sock], [], [], 0.03)[0]:
            try:
                data = self.sock.recv(65536)
            except OSError:
                data = b""
            if not data:
                self.sock = None
                return
            *lines, self.buffer = (self.buffer + data).split(b"\n")
            for line in lines:
                self.line(line.decode())
        elif self.is_ready and (not self.is_quiet or self.sent < self.most) and \
                self.sent - self.heard < 20:
            self.sent += 1
            self.most = max(self.most, self.sent)
            self.send(f"line {self.sent}\n")

    def run(self):
        while not self.is_over:
            self.turn()


class Namespaces:
    """A network namespace for each machine, on two bridges."""

    def __init__(self, count):
        self.count = count
        self.ip("link add chatstorm0 type bridge")
        self.ip("addr add 10.177.0.254/24 dev chatstorm0")
        self.ip("link add chatstorm1 type bridge")
        self.ip("addr add 10.177.1.254/24 dev chatstorm1")
        for bridge in "01":
            self.ip(f"link set chatstorm{bridge} up")
        for i in range(count):
            self.ip(f"netns add chatstorm{i}")
            for bridge in "01":
                self.ip(f"link add cs{i}-{bridge} type veth peer name eth{bridge} netns chatstorm{i}")
                self.ip(f"link set cs{i}-{bridge} master chatstorm{bridge} up")
                self.ip(f"-n chatstorm{i} addr add 10.177.{bridge}.{i + 1}/24 dev eth{bridge}")
                self.ip(f"-n chatstorm{i} link set eth{bridge} up")
            self.ip(f"-n chatstorm{i} link set lo up")

    @staticmethod
    def ip(words, check=True):
        subprocess.run(["ip", *words.split()], check=check, capture_output=not check)

    def cable(self, i, state):
        self.ip(f"link set cs{i}-1 {state}")

    @staticmethod
    def enter(i):
        """To be called in a child: it is in namespace i from there on."""
        libc = ctypes.CDLL(None, use_errno=True)

        def call():
            with open(f"/run/netns/chatstorm{i}", "rb") as namespace:
                if libc.setns(namespace.fileno(), 0x40000000) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
        return call

    def finish(self):
        for i in range(self.count):
            for bridge in "01":
                self.ip(f"link del cs{i}-{bridge}", check=False)
            self.ip(f"netns del chatstorm{i}", check=False)
        for bridge in "01":
            self.ip(f"link del chatstorm{bridge}", check=False)


class Storm:
    """The machines, the people, and what is done to them."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = Path(folder)
        self.random = random.Random(options.seed)
        self.ledger = Ledger()
        self.unknown = 0
        self.net = Namespaces(3) if options.partitions else None
        self.servers = self.make_servers()
        for server in self.servers:
            server.launch()
        self.wait(lambda: "error" not in self.ask("INFO"), "nats-servers with a leader")
        self.nodes = {}
        self.addresses = []
        for i in range(3):
            self.start_node(i)
        self.people = [Hopper(f"h{i}", self, self.random.random()) for i in range(6)]

    def make_servers(self):
        if self.options.replicas == 1:
            return [Nats(self.folder, "n0")]
        if self.net is None:
            return cluster(self.folder)
        return cluster(self.folder, hosts=[f"10.177.1.{i + 1}" for i in range(3)],
                       enter=self.net.enter)

    def ask(self, what):
        """What the first nats-server answers that does."""
        for server in self.servers:
            try:
                answer = server.ask(what, patient=False)
            except (OSError, AssertionError):
                continue
            if "error" not in answer:
                return answer
        return {"error": "none"}

    @staticmethod
    def wait(condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"waited {PATIENCE} s for {what}")
            time.sleep(0.05)

    def start_node(self, i, keeps=True):
        name = "abc"[i]
        history = self.folder / f"history-{name}"
        if not keeps:
            history.unlink(missing_ok=True)
        order = self.servers[i:] + self.servers[:i]
        urls = ",".join(server.url.removeprefix("nats://") for server in order)
        args = ["--share", "nats://" + urls, "--node", name, "--rate", "0", "-q", "--history", history,
                "--share-replicas", self.options.replicas]
        if self.options.replicas > 1:
            password = self.folder / "password"
            password.write_text("chatd:change me\n", encoding="utf-8")
            password.chmod(0o600)
            args += ["--share-password-file", password]
        where = f"10.177.0.{i + 1}" if self.net else "127.0.0.1"
        port = self.addresses[i][1] if len(self.addresses) > i else 0
        extra = {"preexec_fn": self.net.enter(i)} if self.net else {}
        self.nodes[i] = Server(*args, listen=f"{where}:{port}", **extra)
        if port == 0:
            self.addresses.append((where, self.nodes[i].port))

    def leader(self):
        found = self.ask("STREAM.INFO.CHATD_chatd_lobby").get("cluster", {}).get("leader")
        return next((s for s in self.servers if s.name == found), self.servers[0])

    def kill_servers(self, victims):
        for server in victims:
            server.kill()
        time.sleep(self.random.uniform(0, 4))
        for server in victims:
            server.launch()

    def pause(self, victim):
        victim.send_signal(19)
        time.sleep(PAUSE)
        victim.send_signal(18)

    def kill_node(self):
        i = self.random.randrange(3)
        self.nodes[i].kill()
        time.sleep(self.random.choice([0, 1, 8]))
        self.start_node(i, keeps=self.random.random() < 0.5)

    def part(self):
        """One machine, or each from the others, without its cable for some time."""
        victims = self.random.choice([[0], [1], [2], [0, 1, 2]])
        for i in victims:
            self.net.cable(i, "down")
        time.sleep(self.random.choice([2, PAUSE, PAUSE]))
        for i in victims:
            self.net.cable(i, "up")

    def round(self):
        deeds = {
            "kill the leader": lambda: self.kill_servers([self.leader()]),
            "kill a server": lambda: self.kill_servers([self.random.choice(self.servers)]),
            "kill all servers": lambda: self.kill_servers(self.servers),
            "kill a chatd": self.kill_node,
            "pause the leader": lambda: self.pause(self.leader().process),
            "pause a server": lambda: self.pause(self.random.choice(self.servers).process),
            "pause a chatd": lambda: self.pause(self.nodes[self.random.randrange(3)].process),
        }
        if self.net:
            deeds = {"part": self.part}
        name = self.random.choice(list(deeds))
        deeds[name]()
        before = [person.heard for person in self.people]
        self.wait(lambda: self.ledger.faults or
                  all(p.heard >= old + 3 for p, old in zip(self.people, before)),
                  f"everybody, after \"{name}\": {[p.heard for p in self.people]}, {before}")
        return name

    def settle(self):
        """All that was said is heard."""
        for person in self.people:
            person.is_quiet = True
        self.wait(lambda: all(p.is_ready and p.heard == p.sent == p.most for p in self.people),
                  f"the last lines: {[(p.who, p.heard, p.sent) for p in self.people]}")
        self.wait(lambda: len({p.last for p in self.people}) == 1, "the same last line for all")

    def check(self):
        for person in self.people:
            mine = [int(match[1]) for _, line in sorted(self.ledger.lines.items())
                    if (match := re.fullmatch(rf"\d+ \[{person.who}\]: line (\d+)", line))]
            if mine != list(range(1, person.sent + 1)):
                wrong = [n for n in range(1, person.sent + 1) if mine.count(n) != 1]
                self.ledger.fault(f"{person.who} sent {person.sent} lines, {len(mine)} are there; "
                                  f"{[(n, mine.count(n)) for n in wrong[:10]]}")

    def run(self):
        for person in self.people:
            person.start()
        self.wait(lambda: all(person.heard >= 3 for person in self.people), "everybody")
        for i in range(self.options.rounds):
            name = self.round()
            print(f"round {i + 1}: {name}, {len(self.ledger.lines)} lines", flush=True)
            if self.ledger.faults:
                break
        if not self.ledger.faults:
            self.settle()
            self.check()

    def finish(self):
        for person in self.people:
            person.is_over = True
        for node in self.nodes.values():
            node.process.send_signal(18)
            node.kill()
        for server in self.servers:
            server.finish()
        if self.net:
            self.net.finish()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--partitions", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        storm = Storm(options, folder)
        try:
            storm.run()
        finally:
            storm.finish()
    times = sorted(t for person in storm.people for t in person.resumed_in)
    print(f"{len(storm.ledger.lines)} lines, {len(times)} times resumed, the median in "
          f"{times[len(times) // 2] * 1000:.0f} ms, the slowest in {times[-1]:.1f} s; "
          f"{storm.unknown} tokens unknown at first")
    for fault in storm.ledger.faults[:20]:
        print("FAULT:", fault)
    sys.exit(1 if storm.ledger.faults else 0)


if __name__ == "__main__":
    main()
