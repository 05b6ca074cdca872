#!/usr/bin/env python3
"""Records the snapshot that a chatd hands to its successor at an upgrade.

    record_snapshot.py CHATD OUT

Starts a copy of CHATD with something of everything in its room, puts a program in its place that keeps
what it is handed, asks for an upgrade, and writes the part of the core to OUT, as C: the time in
microseconds, bob's token, and the bytes in hexadecimal. test_snapshot.c reads what the release before
wrote. Run it once for each release, with its chatd.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KEEP = """#!/bin/sh
set -- $CHATD_STATE
cat <"/proc/self/fd/$2" >"{kept}.part" && mv "{kept}.part" "{kept}"
"""

FORM = b"chatd state"
LENGTH = 8  # bytes in which the length of a text stands before it


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(10)
        self.text = b""
        self.until(rb"=== .*/help")

    def until(self, pattern):
        while not (match := re.search(pattern, self.text)):
            piece = self.socket.recv(4096)
            assert piece, f"no {pattern} in {self.text}"
            self.text += piece
        return match

    def send(self, data, pattern):
        self.socket.sendall(data)
        return self.until(pattern)


def populate(port):
    """An operator, one with a token who ignores, a telnet client with half a line, one who is away."""
    alice, bob, carol, dave = (Client(port) for _ in range(4))
    alice.send(b"/nick alice\n", rb"is now alice|alice joined")
    alice.send(b"/op sesame\n", rb"=== .*operator")
    alice.send(b"/motd welcome\n/ban 198.51.100.0/24 60\n/bans\n", rb"198\.51\.100\.0/24")
    bob.send(b"/nick bob\n", rb"bob joined")
    dave.send(b"/nick dave\n/resume\n", rb"=== resume \d+ (\w+)")
    bob.send(b"/ignore dave\n", rb"=== .*dave")
    dave.socket.close()
    carol.send(b"\xff\xfb\x1fhello from telnet\r\nhalf a l", rb"hello from telnet")
    alice.send(b"/msg bob psst\n", rb"alice -> |you -> bob")
    token = bob.send(b"/resume\n", rb"=== resume \d+ (\w+)")[1].decode()
    bob.send(b"said by bob\n", rb"@\d+ \d+ \[bob\]: said by bob")
    return (alice, bob, carol), token


def wait_for(condition):
    for _ in range(1000):
        if found := condition():
            return found
        time.sleep(0.01)
    sys.exit("timed out")


def record(chatd, folder):
    program, log, kept, secret = (folder / name for name in ("chatd", "log", "kept", "secret"))
    shutil.copy(chatd, program)
    secret.write_text("sesame\n")
    secret.chmod(0o600)
    server = subprocess.Popen(
        [program, "-l", "127.0.0.1:0", "-m", "6", "--feed", "4K", "--operator-file", secret,
         "--history", folder / "history"],  # its folder is where the sandbox lets files be written
        stdout=log.open("w"))
    try:
        port = int(wait_for(lambda: re.search(r"bind to 127.0.0.1:(\d+)", log.read_text()))[1])
        clients, token = populate(port)
        replacement = folder / "replacement"
        replacement.write_text(KEEP.format(kept=kept))
        replacement.chmod(0o755)
        os.replace(replacement, program)
        server.send_signal(signal.SIGUSR2)
        wait_for(kept.exists)
        return kept.read_bytes(), token
    finally:
        server.kill()
        server.wait()


def main():
    chatd, out = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        snapshot, token = record(chatd, Path(folder))
    core = snapshot[snapshot.index(FORM) - LENGTH:]
    began = int.from_bytes(snapshot[LENGTH + snapshot[0]:][:8], "little")
    lines = [f"{began},", f'"{token}",']
    lines += [f'"{core[i:i + 44].hex()}"' for i in range(0, len(core), 44)]
    Path(out).write_text("\n".join(lines) + "\n")


main()
