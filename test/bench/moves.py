#!/usr/bin/env python3
"""People who go from room to room: whether lines are lost, and what it costs those who stay.

    moves.py --chatd PATH [--people 1000] [--moves 10000] [--seconds 10]

Half of the people begin in each of two rooms, and all together they make so many moves a second.
Each goes on after the last line that it has seen in the room where it comes, so it must get every
line of both, once and in order. A process of its own speaks in both rooms and measures how late
its lines are with others who stay.
"""

import argparse
import multiprocessing
import os
import re
import select
import socket
import subprocess
import tempfile
import time

ROOMS = ("lobby", "tea")
SAID = 10  # lines a second in each room


class Person:
    """A connection with tags on, and the last line that it has seen in each room."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.rest = b""
        self.room = 0
        self.last = [0, 0]
        self.moves = self.lost = self.repeated = 0
        self.is_moving = False
        self.socket.sendall(b"/resume\n")
        while not (match := re.search(rb"=== resume (\d+) ", self.rest)):
            self.rest += self.socket.recv(65536)
        self.last[0] = int(match.group(1))
        self.rest = self.rest[match.end():].partition(b"\n")[2]
        self.socket.setblocking(False)

    def move(self):
        self.is_moving = True
        other = 1 - self.room
        self.socket.send(b"/join %s %d\n" % (ROOMS[other].encode(), self.last[other]))

    def receive(self):
        lines = (self.rest + self.socket.recv(1 << 20)).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            if line.startswith(b"@"):
                number = int(line[1:line.index(b" ")])
                self.lost += max(0, number - self.last[self.room] - 1)
                self.repeated += number <= self.last[self.room]
                self.last[self.room] = max(number, self.last[self.room])
            elif line.startswith(b"=== room "):
                self.room = 1 - self.room
                self.is_moving = False
                self.moves += 1
            else:
                raise SystemExit(f"what is this? {line}")


def handle(poll, people, timeout):
    for fd, _ in poll.poll(timeout):
        people[fd].receive()


def move_all(port, options, ready, results):
    """All who move; what they have counted goes to results."""
    everybody = [Person(port) for _ in range(options.people)]
    people = {person.socket.fileno(): person for person in everybody}
    poll = select.epoll()
    for fd in people:
        poll.register(fd, select.EPOLLIN)
    for person in everybody[::2]:
        person.move()
    while any(person.is_moving for person in everybody):
        handle(poll, people, 0.1)
    before = sum(person.moves for person in everybody)
    ready.wait()
    began, due, turn = time.monotonic(), 0, 0
    while (passed := time.monotonic() - began) < options.seconds:
        while due < passed * options.moves:
            person = everybody[turn % options.people]
            turn += 1
            due += 1
            if not person.is_moving:
                person.move()
        handle(poll, people, 0.001)
    moves = sum(person.moves for person in everybody) - before
    end = time.monotonic() + 5
    while any(person.is_moving for person in everybody) and time.monotonic() < end:
        handle(poll, people, 0.1)
    results.put({"moves": moves / options.seconds,
                 "stranded": sum(person.is_moving for person in everybody),
                 "lost": sum(person.lost for person in everybody),
                 "repeated": sum(person.repeated for person in everybody)})


def witness(port, options, ready, results):
    """Speaks in both rooms, and listens there with others; how late the lines were, in ms."""
    people = [Person(port) for _ in range(4)]
    for person in people[2:]:
        person.move()
    ready.wait()
    late, next_at = [], time.monotonic()
    end = next_at + options.seconds
    while (now := time.monotonic()) < end:
        if now >= next_at:
            next_at += 1 / SAID
            for speaker in people[::2]:
                speaker.socket.send(b"said at %d\n" % time.monotonic_ns())
        waiting, _, _ = select.select([p.socket for p in people], [], [], max(0, next_at - now))
        for connection in waiting:
            text = connection.recv(65536)
            now = time.monotonic_ns()
            late += [(now - int(at)) / 1e6 for at in re.findall(rb"said at (\d+)", text)]
    results.put(sorted(late))


def start(options):
    log = tempfile.TemporaryFile("w+")
    server = subprocess.Popen(
        [options.chatd, "-q", "-l", "127.0.0.1:0", "--lobby", ROOMS[0], "--room", ROOMS[1],
         "--rate", "0", "--max-clients", str(options.people + 10)],
        stdout=log, stderr=subprocess.STDOUT)
    while True:
        log.seek(0)
        text = log.read()
        if "Server ready" in text:
            return server, int(re.search(r"bind to 127\.0\.0\.1:(\d+)", text).group(1))
        if server.poll() is not None:
            raise SystemExit(text)
        time.sleep(0.01)


def used(pid):
    """Seconds of processor time, and KiB of memory."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        seconds = int(file.read().split()[0]) / 1e9
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return seconds, int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chatd", required=True)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--moves", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    server, port = start(options)
    ready = multiprocessing.Barrier(3)
    results, lateness = multiprocessing.Queue(), multiprocessing.Queue()
    processes = [multiprocessing.Process(target=run, args=(port, options, ready, queue))
                 for run, queue in ((move_all, results), (witness, lateness))]
    try:
        for process in processes:
            process.start()
        ready.wait()
        cpu, memory = used(server.pid)
        time.sleep(options.seconds)
        cpu_end, memory_end = used(server.pid)
        moved, late = results.get(timeout=60), lateness.get(timeout=60)
    finally:
        for process in processes:
            process.kill()
        server.kill()
        server.wait()
    print(f"{moved['moves']:.0f} moves a second, {moved['stranded']} did not end; "
          f"lines lost: {moved['lost']}, repeated: {moved['repeated']}")
    print(f"server: {(cpu_end - cpu) / options.seconds:.2f} of a processor, "
          f"{memory} KiB before, {memory_end} KiB after")
    print(f"lines of those who stay: {len(late)}, late by {late[len(late) // 2]:.1f} ms (median), "
          f"{late[len(late) * 99 // 100]:.1f} ms (p99), {late[-1]:.1f} ms at most")


main()
