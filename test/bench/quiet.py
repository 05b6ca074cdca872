#!/usr/bin/env python3
"""What those cost who idle: one asks, one writes to another, one comes, beside more and more who don't.

The servers run side by side, each with as many idle connections, and take turns: what is compared
was measured within the same second. Processor time is the server's own, from the system's accounting.
"""

import argparse
import contextlib
import os
import socket
import statistics
import time

import programs

CHATD = {"greeting": 1, "answer": (b"/no-such-command\n", 1)}
REDIS = {"greeting": 0, "answer": (b"PING\r\n", 1)}
NGIRCD = {"greeting": 0, "answer": (b"PING x\r\n", 1)}
KINDS = {"redis": REDIS, "ngircd": NGIRCD}


def processor_seconds(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


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


class Server:
    """A running server, those who idle there, and two who don't."""

    def __init__(self, name, pid, port):
        self.name, self.pid, self.port = name, pid, port
        self.kind = KINDS.get(name, CHATD)
        self.idle = []
        self.one, self.other = self.enter(), self.enter()
        getattr(self, "name_" + ("irc" if name == "ngircd" else "redis" if name == "redis"
                                 else "chatd"))()

    def enter(self):
        client = connect(self.port)
        receive(client, self.kind["greeting"])
        return client

    def name_chatd(self):
        for client, nick in ((self.one, b"ann"), (self.other, b"ben")):
            client.sendall(b"/nick " + nick + b"\n/no-such-command\n")
            receive(client, 1)
        time.sleep(0.5)

    def name_redis(self):
        self.other.sendall(b"SUBSCRIBE ben\r\n")
        receive(self.other, 6)

    def name_irc(self):
        for client, nick in ((self.one, b"ann"), (self.other, b"ben")):
            client.sendall(b"NICK " + nick + b"\r\nUSER x 0 * :x\r\n")
            while b" 376 " not in client.recv(65536):
                pass

    def answer(self):
        request, lines = self.kind["answer"]
        self.one.sendall(request)
        receive(self.one, lines)

    def message(self):
        if self.name == "redis":
            self.one.sendall(b"PUBLISH ben hello\r\n")
            receive(self.one, 1)
            receive(self.other, 7)
        elif self.name == "ngircd":
            self.one.sendall(b"PRIVMSG ben :hello\r\n")
            receive(self.other, 1)
        else:
            self.one.sendall(b"/msg ben hello\n")
            receive(self.one, 1)
            receive(self.other, 1)

    def accept(self):
        client = connect(self.port)
        if self.kind["greeting"]:
            receive(client, self.kind["greeting"])
        else:
            client.sendall(self.kind["answer"][0])
            receive(client, 1)
        client.close()

    def cost(self, what, times):
        """Microseconds of processor time for one."""
        begin = processor_seconds(self.pid)
        for _ in range(times):
            getattr(self, what)()
        return (processor_seconds(self.pid) - begin) / times * 1e6


def measure(servers, what, rounds, times):
    """The median cost of each server, and of what the first costs beside the others in each round."""
    runs = [[server.cost(what, times) for server in servers] for _ in range(rounds)]
    medians = [statistics.median(column) for column in zip(*runs)]
    ratios = [statistics.median(run[0] / run[i] for run in runs) for i in range(len(servers))]
    return medians, ratios


def grow(server, count):
    while len(server.idle) < count:
        server.idle.append(server.enter())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chatd", default="chatd")
    parser.add_argument("--before", metavar="CHATD", help="another build to compare with")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--times", type=int, default=300)
    parser.add_argument("--only", choices=["answer", "message", "accept"], action="append")
    parser.add_argument("clients", nargs="*", type=int, default=[0, 100, 1000, 3000, 8000])
    options = parser.parse_args()
    programs.raise_descriptors()
    known = programs.all_programs(os.path.abspath(options.chatd), "floor")
    chosen = [known["chatd"]]
    # Each idle connection is a descriptor of ours: a third server may be too many.
    if options.before and 3 * max(options.clients) < programs.raise_descriptors():
        before = programs.all_programs(os.path.abspath(options.before), "floor")["chatd"]
        before.name = "before"
        chosen.append(before)
    chosen += [known[name] for name in ("redis", "ngircd") if known[name].available()]
    with contextlib.ExitStack() as stack:
        servers = [Server(program.name, *stack.enter_context(
            programs.running(program, max(options.clients) + 8, cpu=0))) for program in chosen]
        os.sched_setaffinity(0, {1})
        print("| what | idle | " + " | ".join(f"{s.name} us" for s in servers) + " | "
              + " | ".join(f"x {s.name}" for s in servers[1:]) + " |")
        print("| --- |" + " ---: |" * (2 * len(servers)))
        for count in sorted(options.clients):
            for server in servers:
                grow(server, count if server.name != "ngircd" else min(count, 1000))
            time.sleep(3)  # until all are announced
            for what in options.only or ("answer", "message", "accept"):
                medians, ratios = measure(servers, what, options.rounds, options.times)
                print(f"| {what} | {count:,} | " + " | ".join(f"{cost:.1f}" for cost in medians)
                      + " | " + " | ".join(f"{ratio:.2f}" for ratio in ratios[1:]) + " |",
                      flush=True)
        print(f"RSS with {max(options.clients):,} idle: "
              + ", ".join(f"{s.name} {resident_bytes(s.pid) / 2**20:.2f} MiB" for s in servers))


if __name__ == "__main__":
    main()
