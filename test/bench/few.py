#!/usr/bin/env python3
"""Where poll() stops being enough: what it costs to serve one client while thousands idle.

One client asks for something that only it is answered, again and again, beside more and more who
say nothing. What that costs more than with nobody else is the price of looking at everybody in
each turn: a message to the whole room pays it too, but once for all the send() calls of the turn.
"""

import argparse
import os
import socket
import statistics
import time

import programs


def processor_seconds(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def connect(port):
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def receive(client, lines):
    got = b""
    while got.count(b"\n") < lines:
        more = client.recv(65536)
        if not more:
            raise RuntimeError("the server has ended the connection")
        got += more


def cost(pid, client, request, lines, times):
    """Seconds of the server's processor time for one request, and until it is answered."""
    begin, start = processor_seconds(pid), time.monotonic()
    for _ in range(times):
        client.sendall(request)
        receive(client, lines)
    return (processor_seconds(pid) - begin) / times, (time.monotonic() - start) / times


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chatd", default="chatd")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("clients", nargs="*", type=int, default=[0, 10, 100, 1000, 3000, 10000])
    options = parser.parse_args()
    programs.raise_descriptors()
    program = programs.all_programs(os.path.abspath(options.chatd), "floor")["chatd"]
    print("| idle clients | CPU us for an answer | for each who idles | us until it is there |")
    print("| ---: | ---: | ---: | ---: |")
    alone = None
    with programs.running(program, max(options.clients) + 1, cpu=0) as (pid, port):
        client, idle = connect(port), []
        receive(client, 1)
        for count in sorted(options.clients):
            while len(idle) < count:
                idle.append(connect(port))
                receive(idle[-1], 1)
            time.sleep(3) # until all are announced
            runs = [cost(pid, client, b"/no-such-command\n", 1, 300)
                    for _ in range(options.rounds)]
            cpu = statistics.median(run[0] for run in runs) * 1e6
            wall = statistics.median(run[1] for run in runs) * 1e6
            alone = cpu if alone is None else alone
            each = f"{(cpu - alone) * 1000 / count:.0f} ns" if count >= 100 else ""
            print(f"| {count:,} | {cpu:.1f} | {each} | {wall:.0f} |", flush=True)
        for other in idle:
            other.close()
        client.close()


if __name__ == "__main__":
    main()
