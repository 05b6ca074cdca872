#!/usr/bin/env python3
"""What chatc costs: bytes for a key and for a message, its start, its memory.

    python3 test/bench/chatc_cost.py --chatd build/server/chatd --chatc build/client/chatc \
        [--before CHATC]

CHATC is an older one to compare the start with, turn by turn. Prints rows of a table for
docs/evidence.md. Of the starts the fastest tenth counts: the rest is what else the machine does.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import socket
import statistics
import struct
import subprocess
import termios
import time

TYPED = 790  # characters before what is measured
COLUMNS, ROWS = 80, 24
QUIET = 0.15  # seconds without a byte: all is drawn


class Terminal:
    """A chatc on a pseudo-terminal."""

    def __init__(self, chatc, port):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            [chatc, "-n", "bob", "127.0.0.1", str(port)], stdin=slave, stdout=slave,
            env={**os.environ, "TERM": "xterm-256color", "XDG_STATE_HOME": "/dev/null",
                 "XDG_CONFIG_HOME": "/dev/null"}, start_new_session=True)
        os.close(slave)

    def read(self):
        return os.read(self.master, 1 << 16)

    def settle(self):
        """All that is drawn until nothing more comes."""
        drawn = b""
        while select.select([self.master], [], [], QUIET)[0]:
            drawn += self.read()
        return drawn

    def until(self, text):
        drawn = b""
        while text not in drawn:
            drawn += self.read()
        return drawn

    def type(self, text):
        os.write(self.master, text.encode())
        return self.settle()

    def finish(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def start_chatd(chatd):
    server = subprocess.Popen([chatd, "-l", "127.0.0.1:0", "--rate", "0"], stdout=subprocess.PIPE,
                              text=True)
    while True:
        bound = re.match(r"bind to 127\.0\.0\.1:(\d+)", server.stdout.readline())
        if bound:
            return server, int(bound[1])


def first_line(chatc, port):
    """Milliseconds from the start to the first line on the terminal."""
    terminal = Terminal(chatc, port)
    terminal.until(b"connect: success!")
    took = time.perf_counter() - terminal.begun
    terminal.finish()
    return 1000 * took


def resident(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


def row(what, value):
    print(f"| {what} | {value} |")


def costs(chatc, port):
    terminal = Terminal(chatc, port)
    alice = socket.create_connection(("127.0.0.1", port))
    alice.sendall(b"/nick alice\n")
    terminal.until(b"alice joined")
    for _ in range(TYPED // 10):
        terminal.type("0123456789")
    keys = [len(terminal.type(key)) for key in "abcdefghijklmnopqrstuvwxyz"]
    row(f"bytes for a key after {TYPED} characters, at most", max(keys))
    beyond = []
    for length in (1, 30, 60):
        alice.sendall(b"x" * length + b"\n")
        beyond.append(len(terminal.settle()) - len("12:34 [alice]: \r\n") - length)
    row(f"bytes for a message while {TYPED} characters are typed, beyond its own, at most",
        max(beyond))
    alice.sendall(b"".join(b"message %d, with some words in it\n" % n for n in range(2000)))
    terminal.settle()
    row("KiB of memory (RSS) after 2,000 messages", resident(terminal.process))
    terminal.finish()
    alice.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chatd", required=True)
    parser.add_argument("--chatc", required=True)
    parser.add_argument("--before")
    parser.add_argument("--starts", type=int, default=200)
    arguments = parser.parse_args()
    server, port = start_chatd(arguments.chatd)
    try:
        costs(arguments.chatc, port)
        programs = [arguments.chatc] + ([arguments.before] if arguments.before else [])
        took = [[first_line(program, port) for program in programs]
                for _ in range(arguments.starts)]
        fast = [statistics.quantiles(times, n=10)[0] for times in zip(*took)]
        row("ms from the start to the first line, for the fastest tenth", f"{fast[0]:.1f}")
        if arguments.before:
            row("… in times of the older one's", f"{fast[0] / fast[1]:.2f}")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


if __name__ == "__main__":
    main()
