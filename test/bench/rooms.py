#!/usr/bin/env python3
"""Many rooms beside one: deliveries per second of the server's processor time.

    rooms.py --chatd PATH --load PATH [--floor PATH] [--rooms 64] [--people 16] [--rounds 5]

A load of one process talks in each room, one sender among the people of each. Beside that stand a
room of as many people, and one of all of them. They take turns, and ratios are made within a round;
what is printed last is the median. With --floor the same is done to a bare loop of poll() and send():
what that loses with many connections is the system's, which has more memory to walk through.
"""

import argparse
import json
import random
import socket
import statistics
import subprocess
import tempfile
import time


def chatd_command(program, port, rooms):
    args = [program, "-q", "--rate", "0", "--announce-max", "0", "--max-clients", "5000"]
    for i in range(rooms):
        args += ["-l", f"127.0.0.1:{port + i},room=r{i}", "--room", f"r{i}"]
    return args


def floor_command(program, port, rooms):
    return [program, "turn", str(port), str(rooms)]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except ConnectionRefusedError:
        return False


def start(command, program, rooms):
    """A server with so many rooms, and the port of the first; the others follow it."""
    while True:
        port = random.randrange(20000, 30000)
        log = tempfile.TemporaryFile()
        server = subprocess.Popen(command(program, port, rooms), stdout=log,
                                  stderr=subprocess.STDOUT)
        while server.poll() is None:
            if answers(port + rooms - 1):
                return server, port
            time.sleep(0.01)


def measure(command, program, load, rooms, people):
    """Deliveries per second of processor time, with so many rooms."""
    server, port = start(command, program, rooms)
    try:
        result = json.loads(subprocess.run(
            [load, "peer=chatd", f"pid={server.pid}", f"port={port}", f"rooms={rooms}",
             f"clients={people}", "senders=1", "length=64", "window=16", "warm=1", "settle=1",
             "seconds=4"], check=True, stdout=subprocess.PIPE).stdout)
    finally:
        server.kill()
        server.wait()
    assert result["lost"] == result["repeated"] == result["misordered"] == 0, result
    return result["per_server_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chatd", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--floor")
    parser.add_argument("--rooms", type=int, default=64)
    parser.add_argument("--people", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    servers = {"chatd": (chatd_command, options.chatd)}
    if options.floor:
        servers["floor"] = floor_command, options.floor
    ratios = {name: [] for name in servers}
    for _ in range(options.rounds):
        for name, (command, program) in servers.items():
            one, all_in_one, many = (
                measure(command, program, options.load, rooms, people) for rooms, people in (
                    (1, options.people), (1, options.rooms * options.people),
                    (options.rooms, options.people)))
            ratios[name].append((many / one, many / all_in_one))
            print(f"{name}: {options.rooms} rooms {many / 1e6:.2f} M; "
                  f"one room {one / 1e6:.2f} M, {many / one:.2f} of it; "
                  f"of all people {all_in_one / 1e6:.2f} M, {many / all_in_one:.2f} of it", flush=True)
    for name, values in ratios.items():
        print(f"{name}: median " + ", ".join(
            f"{statistics.median(value):.2f} of {what}"
            for what, value in zip(("one room", "one room of all people"), zip(*values))))


main()
