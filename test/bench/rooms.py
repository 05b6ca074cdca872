#!/usr/bin/env python3
"""Many rooms beside one: deliveries per second of the server's processor time.

    rooms.py --chatd PATH --load PATH [--rooms 64] [--people 16] [--rounds 3]

One server has a listener for each room; a load of its own talks in each, one sender among the people.
Beside it stands a server with one room and one such load. They take turns, and the ratio is made
within a round; what is printed is the median.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile
import time


def start(chatd, rooms):
    """A server with so many rooms, and the port of each."""
    args = [chatd, "-q", "--rate", "0", "--announce-max", "0", "--max-clients", "2000"]
    for i in range(rooms):
        args += ["-l", f"127.0.0.1:0,room=r{i}", "--room", f"r{i}"]
    log = tempfile.TemporaryFile("w+")
    server = subprocess.Popen(args, stdout=log, stderr=subprocess.STDOUT)
    while True:
        log.seek(0)
        text = log.read()
        if "Server ready" in text:
            return server, re.findall(r"bind to 127\.0\.0\.1:(\d+)", text)
        if server.poll() is not None:
            raise SystemExit(text)
        time.sleep(0.01)


def cpu(pid):
    """Seconds of processor time that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(options, rooms):
    """Deliveries per second of processor time, with so many rooms."""
    server, ports = start(options.chatd, rooms)
    try:
        began = cpu(server.pid)
        loads = [subprocess.Popen(
            [options.load, "peer=chatd", f"pid={server.pid}", f"port={port}",
             f"clients={options.people}", "senders=1", "length=64", "window=16", "warm=0",
             "settle=1", "seconds=4"], stdout=subprocess.PIPE) for port in ports]
        results = [json.loads(load.communicate()[0]) for load in loads]
        spent = cpu(server.pid) - began
    finally:
        server.kill()
        server.wait()
    return sum(result["deliveries"] for result in results) / spent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chatd", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--rooms", type=int, default=64)
    parser.add_argument("--people", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ratios = []
    for _ in range(options.rounds):
        one, many = measure(options, 1), measure(options, options.rooms)
        ratios.append(many / one)
        print(f"one room {one / 1e6:.2f} M, {options.rooms} rooms {many / 1e6:.2f} M: "
              f"{many / one:.2f}", flush=True)
    print(f"median {statistics.median(ratios):.2f}")


main()
