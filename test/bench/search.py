#!/usr/bin/env python3
"""How long /search takes in a full feed of 64 MiB, and how long another client waits meanwhile.

    python3 test/bench/search.py --chatd build/server/chatd

The feed comes from a history of lines that are made of common English words, the most common most
often. Of each word the median of some runs counts, by the clock and by chatd's own processor time.
Prints rows of a table for docs/evidence.md.
"""

import argparse
import random
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

FEED = 64 << 20
RUNS = 7
COMMON = ("the of and to a in is it you that he was for on are with as I his they be at one have "
          "this from or had by hot but some what there we can out other were all your when up use "
          "word how said an each she which do their time if will way about many then them").split()
NAMES = [f"person{n}" for n in range(200)]
SOUGHT = ["the", "e", "of", "on", "Nov", "zebra", "person7: the"]


def write_history(path):
    chance = random.Random(1)
    weights = [1 / (rank + 1) for rank in range(len(COMMON))]
    held = number = 0
    with open(path, "w", encoding="utf-8") as file:
        file.write("=== chatd history 1, next @00000000000000000001\n")
        while held < FEED + FEED // 32:
            words = " ".join(chance.choices(COMMON, weights, k=chance.randrange(1, 18)))
            line = f"[{chance.choice(NAMES)}]: {words} --Mon Nov 30 20:00:00 2026\n"
            number += 1
            held += len(line)
            file.write(f"@{number} 1796070000 {line}")


class Client:
    def __init__(self, port):
        self.file = socket.create_connection(("127.0.0.1", port)).makefile("rwb", buffering=0)
        self.file.readline()

    def ask(self, line, end):
        """The line of the answer that has this end, and how many seconds it took."""
        begun = time.perf_counter()
        self.file.write(line.encode() + b"\n")
        for answer in iter(self.file.readline, b""):
            if re.search(end, answer):
                return answer, time.perf_counter() - begun
        raise SystemExit("chatd has closed")


def processor_ms(pid):
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6


def measure(client, pid, sought):
    clock, processor, found = [], [], b""
    for _ in range(RUNS):
        before = processor_ms(pid)
        found, took = client.ask(f"/search {sought}", rb"^=== \d+ found")
        clock.append(took * 1000)
        processor.append(processor_ms(pid) - before)
    print(f"| `/search {sought}` | {int(found.split()[1]):,} found, "
          f"{statistics.median(clock):.1f} ms, {statistics.median(processor):.1f} of the processor |",
          flush=True)


def measure_others(port, searching):
    """How long one waits for /ping while another searches all the time."""
    waits, done = [], threading.Event()

    def search():
        while not done.is_set():
            searching.ask("/search e", rb"^=== \d+ found")
    thread = threading.Thread(target=search)
    thread.start()
    other, end = Client(port), time.monotonic() + 3
    while time.monotonic() < end:
        waits.append(other.ask("/ping x", b"^=== pong x")[1] * 1000)
        time.sleep(0.002)
    done.set()
    thread.join()
    waits.sort()
    print(f"| `/ping` of another meanwhile: median, 99 of 100 | {statistics.median(waits):.1f} ms, "
          f"{waits[len(waits) * 99 // 100]:.1f} ms |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chatd", default="chatd")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="search-") as folder:
        write_history(f"{folder}/history")
        with subprocess.Popen([options.chatd, "-l", "127.0.0.1:0", "--rate", "0", "--replay", "0",
                               "--feed", "64M", "--history", f"{folder}/history"],
                              stdout=subprocess.PIPE, text=True) as server:
            port = next(int(found[1]) for line in server.stdout
                        if (found := re.match(r"bind to 127\.0\.0\.1:(\d+)", line)))
            # The rest of the log is little, and waits in the pipe.
            client = Client(port)
            feed = client.ask("/stats", b"^=== feed")[0].split()
            print(f"| lines in the feed | {int(feed[2]):,} |")
            for sought in SOUGHT:
                measure(client, server.pid, sought)
            measure_others(port, client)
            server.terminate()


if __name__ == "__main__":
    main()
