#!/usr/bin/env python3
"""Counts the instructions of chatd itself for one delivery, with valgrind's callgrind: a figure that
hardly depends on what else the machine does, nor on the kernel.

    python3 test/bench/instructions.py --chatd build/server/chatd --load build/test/bench/load \\
        [--before OTHER/chatd] [--functions 20] [SCENARIO...]

Each scenario runs twice, with and without anything said; what the second took (the start, everybody's
coming) is subtracted. How many lines were said the server is asked itself, with /stats. With --functions
the most expensive ones follow, with their own instructions for a delivery.
"""

import argparse
import os
import re
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import programs
import scenarios

SECONDS = 3
BLOCK = re.compile(r"^(?:fn|cfn)=\((\d+)\)(?: (.*))?$")


def lines_said(port):
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(b"/stats\n")
        text = b""
        while not (match := re.search(rb"lines: (\d+) said", text)):
            text += connection.recv(4096) or exit("no answer to /stats")
    return int(match[1])


def own_instructions(path):
    """{function: its own instructions} of a file that callgrind has written."""
    names, costs, function, is_call = {}, {}, None, False
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if match := BLOCK.match(line):
            if match[2]:
                names[match[1]] = match[2]
            if line.startswith("fn="):
                function = names[match[1]]
        elif line.startswith("calls="):
            is_call = True
        elif function and re.match(r"[-+*\d]", line):
            if not is_call:
                costs[function] = costs.get(function, 0) + int(line.split()[1])
            is_call = False
    return costs


def count(options, chatd, scenario, senders):
    """({function: instructions}, lines)"""
    load = {**scenario.load, "senders": senders, "warm": 0, "settle": 1,
            "seconds": SECONDS if senders else 0.1}
    with tempfile.TemporaryDirectory(prefix="instructions-") as directory:
        out = os.path.join(directory, "out")
        plain = programs.chatd_command(chatd)

        def command(*arguments):
            return ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}",
                    *plain(*arguments)]
        program = programs.Program("chatd", "chatd", command)
        with programs.running(program, load["clients"], end=signal.SIGTERM) as (pid, port):
            subprocess.run([options.load, "peer=chatd", f"pid={pid}", f"port={port}"] +
                           [f"{name}={value}" for name, value in load.items()],
                           stdout=subprocess.DEVNULL, check=True)
            lines = lines_said(port)
        return own_instructions(out), lines


def measure(options, chatd, scenario):
    """{function: own instructions for a delivery}"""
    begin, _ = count(options, chatd, scenario, 0)
    costs, lines = count(options, chatd, scenario, scenario.load["senders"])
    deliveries = lines * scenario.load["clients"]
    return {name: (cost - begin.get(name, 0)) / deliveries for name, cost in costs.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chatd", default="chatd")
    parser.add_argument("--before", help="another build, to compare with")
    parser.add_argument("--load", default="load")
    parser.add_argument("--functions", type=int, default=0, metavar="N")
    parser.add_argument("scenario", nargs="*", default=["n10-s10", "n100-s4"])
    options = parser.parse_args()
    print("| instructions for a delivery | chatd | before | x before |")
    print("| --- | ---: | ---: | ---: |")
    for name in options.scenario:
        scenario = scenarios.all_scenarios()[name]
        ours = measure(options, options.chatd, scenario)
        before = measure(options, options.before, scenario) if options.before else {}
        a, b = sum(ours.values()), sum(before.values())
        print(f"| {name} | {a:.1f} |" + (f" {b:.1f} | {a / b:.2f} |" if b else "  |  |"))
        for costs in filter(None, [ours, before] if options.functions else []):
            for function in sorted(costs, key=costs.get, reverse=True)[:options.functions]:
                print(f"{costs[function]:9.2f}  {function}")
            print()


if __name__ == "__main__":
    main()
