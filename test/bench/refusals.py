#!/usr/bin/env python3
"""Whether the time of a refusal tells that there is a hidden room.

    refusals.py --chatd PATH [--times 20000]

Asks about the name of a hidden room and about one that is not there, in turn, so that what else the
machine does meets both alike. Prints the processor time of the server for an answer to each, in
microseconds, the median of ten parts, and how far these parts lie apart.
"""

import argparse
import re
import socket
import statistics
import subprocess
import tempfile
import time

ASKED = ("/join {}", "/join {} 1", "/join {}/aaaaaaaaaaaaaaaa", "/who {}")
HIDDEN, NONE = "attic", "cella"
PARTS = 10


def start(chatd):
    log = tempfile.TemporaryFile("w+")
    server = subprocess.Popen([chatd, "-q", "--rate", "0", "-l", "127.0.0.1:0", "--room",
                               f"{HIDDEN} hidden"], stdout=log, stderr=subprocess.STDOUT)
    while True:
        log.seek(0)
        text = log.read()
        if "Server ready" in text:
            return server, int(re.search(r"bind to 127\.0\.0\.1:(\d+)", text).group(1))
        if server.poll() is not None:
            raise SystemExit(text)
        time.sleep(0.01)


def cpu(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])


def ask(client, pid, line, times):
    """Nanoseconds of processor time for an answer, of many that are asked for together."""
    batch = line.encode() + b"\n"
    began, left = cpu(pid), times
    while left > 0:
        count = min(left, 500)
        client.sendall(batch * count)
        got = 0
        while got < count:
            got += client.recv(65536).count(b"\n")
        left -= count
    return (cpu(pid) - began) / times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chatd", required=True)
    parser.add_argument("--times", type=int, default=20000)
    options = parser.parse_args()
    server, port = start(options.chatd)
    try:
        client = socket.create_connection(("127.0.0.1", port))
        while b"\n" not in client.recv(65536):
            pass
        for line in ASKED:
            costs = {HIDDEN: [], NONE: []}
            for _ in range(PARTS):
                for name, parts in costs.items():
                    parts.append(ask(client, server.pid, line.format(name),
                                     options.times // PARTS) / 1000)
            print(f"{line.format('ROOM'):32}" + ", ".join(
                f"{what} {statistics.median(costs[name]):.2f} ({min(costs[name]):.2f} to "
                f"{max(costs[name]):.2f})"
                for what, name in (("hidden", HIDDEN), ("none", NONE))))
    finally:
        server.kill()
        server.wait()


main()
