#!/usr/bin/env python3
"""Hours of a busy room in minutes: everything that happens to a server, at once and again and again.

    python3 test/bench/soak.py --chatd build/server/chatd --minutes 5

People talk and read with tags, some stall and come back, newcomers come and go in every way there is,
others come by mistake, the configuration is read again and the program replaced. What is checked: every
reader has every line once and in order, or was told exactly how many it missed. What is counted is
printed at the end, as a table for docs/operations.md.
"""

import argparse
import collections
import os
import random
import re
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

TAGGED = re.compile(rb"@(\d+) (\d+) (.*)")
MISSED = re.compile(rb"=== you missed (\d+) lines")
SAID = re.compile(rb"\[(\w+)\]: (\d+) ")


class Reader:
    """Somebody who stays: reads tagged lines and knows whether one is lacking."""

    def __init__(self, soak, nick, speaks=False, stalls=False):
        self.soak, self.nick, self.speaks, self.stalls = soak, nick, speaks, stalls
        self.sock = soak.connect()
        self.buffer = b""
        self.last = None
        self.missed = 0
        self.lines = 0
        self.said = 0
        self.heard = {}
        self.deaf_until = 0
        self.sock.sendall(b"/nick %s\n/resume\n" % nick.encode())
        self.sock.setblocking(False)
        soak.selector.register(self.sock, selectors.EVENT_READ, self)

    def read(self):
        if self.stalls and random.random() < 0.001:
            self.deaf_until = time.monotonic() + random.uniform(0.5, 4)
            self.soak.selector.unregister(self.sock)
            self.soak.stalled.append(self)
            self.soak.counts["stalls"] += 1
            return
        data = self.sock.recv(1 << 16)
        if not data:
            raise SystemExit(f"{self.nick} was closed")
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            self.take(line)

    def take(self, line):
        tagged, missed = TAGGED.fullmatch(line), MISSED.fullmatch(line)
        if missed:
            self.missed += int(missed[1])
            self.last += int(missed[1])
            self.heard.clear()
        elif line.startswith(b"=== resume "):
            self.last = int(line.split()[2])
        elif tagged:
            if self.last is None or int(tagged[1]) != self.last + 1:
                raise SystemExit(f"{self.nick}: {line!r} comes behind @{self.last}")
            self.last += 1
            self.lines += 1
            said = SAID.match(tagged[3])
            if said and self.heard.get(said[1], int(said[2]) - 1) != int(said[2]) - 1:
                raise SystemExit(f"{self.nick}: {line!r} comes out of order")
            if said:
                self.heard[said[1]] = int(said[2])

    def speak(self):
        text = b"%d %s\n" % (self.said, b"abcdefghij" * random.randrange(1, 40))
        try:
            if self.sock.send(text) == len(text):
                self.said += 1
                return
        except BlockingIOError:
            return
        raise SystemExit("a line was cut; raise the send buffer")


class Soak:
    def __init__(self, chatd, folder):
        self.counts = collections.Counter()
        self.selector = selectors.DefaultSelector()
        self.stalled = []
        self.path = folder + "/socket"
        self.log = open(folder + "/log", "wb")
        self.process = subprocess.Popen(
            [chatd, "-q", "-l", "127.0.0.1:0", "-l", "unix:" + self.path, "--rate", "0",
             "--feed", "256K", "--history", folder + "/history", "-m", "400"],
            stdout=subprocess.PIPE)
        for line in self.process.stdout:
            found = re.search(rb"bind to 127.0.0.1:(\d+)", line)
            if found:
                self.port = int(found[1])
            if line.startswith(b"Server ready!"):
                break
        os.set_blocking(self.process.stdout.fileno(), False)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), 30)

    def come_and_go(self):
        """A newcomer, in one of the ways in which they come and go."""
        sock = self.connect()
        how = random.randrange(8)
        first = [b"hello\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01",
                 b"\xff\xfb\x1f\xff\xfd\x06hello\r\n", b"x" * 5000 + b"\n",
                 b"/nick n%d\n/who\n/stats\n/quit bye\n" % random.randrange(1000),
                 b"half a line", b"\x1b[2J\xe2\x80\xae evil \xff\xfe\n"][how]
        try:
            sock.sendall(first)
            if how % 3 == 0:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif how % 3 == 1:
                sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        sock.close()
        self.counts["comers and goers"] += 1

    def status(self, key):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(key + r":\s+(\d+)", status.read())[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def turn(self, readers):
        for key, _ in self.selector.select(0.002):
            key.data.read()
        now = time.monotonic()
        for reader in [r for r in self.stalled if r.deaf_until < now]:
            self.stalled.remove(reader)
            self.selector.register(reader.sock, selectors.EVENT_READ, reader)
        for reader in readers:
            if reader.speaks and random.random() < 0.3:
                reader.speak()
        while self.process.stdout.read(1 << 16):
            pass

    def run(self, seconds):
        readers = [Reader(self, f"speaker{i}", speaks=True) for i in range(5)]
        readers += [Reader(self, f"reader{i}") for i in range(20)]
        readers += [Reader(self, f"sleeper{i}", stalls=True) for i in range(5)]
        end = time.monotonic() + seconds
        every = {"SIGHUP": (7, signal.SIGHUP), "SIGUSR2": (11, signal.SIGUSR2)}
        due = {name: time.monotonic() + period for name, (period, _) in every.items()}
        warm = None
        while time.monotonic() < end:
            self.turn(readers)
            if random.random() < 0.1:
                self.come_and_go()
            for name, (period, number) in every.items():
                if time.monotonic() > due[name]:
                    self.process.send_signal(number)
                    self.counts[name] += 1
                    due[name] += period
            if warm is None and time.monotonic() > end - seconds * 0.9:
                warm = (self.status("VmRSS"), self.descriptors())
        quiet = time.monotonic() + 60
        while len({r.last for r in readers}) > 1 or self.stalled:
            if time.monotonic() > quiet:
                raise SystemExit(f"not all have all: {[(r.nick, r.last) for r in readers]}")
            for reader in readers:
                reader.speaks = reader.stalls = False
            self.turn(readers)
        rss, descriptors = self.status("VmRSS"), self.descriptors()
        self.process.send_signal(signal.SIGTERM)
        for reader in readers:
            reader.sock.close()
        self.counts.update({
            "seconds": seconds,
            "lines in the feed": readers[0].last,
            "lines received, each checked": sum(r.lines for r in readers),
            "lines that sleepers were told they missed": sum(r.missed for r in readers),
            "RSS when warm, KiB": warm[0], "RSS at the end, KiB": rss,
            "descriptors when warm": warm[1], "descriptors at the end": descriptors,
            "exit status": self.process.wait(30),
        })


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chatd", default="build/server/chatd")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(options.chatd, folder)
        try:
            soak.run(options.minutes * 60)
        finally:
            soak.process.kill()
        for name, count in soak.counts.items():
            print(f"| {name} | {count:,.0f} |")


if __name__ == "__main__":
    sys.exit(main())
