"""The WebSocket as libraries that others have written speak it."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from wire import DEADLINE, said

HERE = Path(__file__).parent / "websocket"
SCRIPTS = {
    "autobahn": ([sys.executable, HERE / "autobahn_lines.py"], "import autobahn.asyncio"),
    "wsproto": ([sys.executable, HERE / "wsproto_lines.py"], "import wsproto"),
    "ws": (["node", HERE / "ws_lines.js"], "require('ws')"),
}
PACKAGES = {"autobahn": "python3-autobahn", "wsproto": "python3-wsproto", "ws": "node-ws"}
# Where Debian's Node.js finds its modules anyway, and another one would not look.
ENVIRONMENT = {**os.environ, "NODE_PATH": "/usr/share/nodejs"}


class Script:
    """A client that is another program: what it is given is said, what it prints was received."""

    def __init__(self, argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        encoding="utf-8", env=ENVIRONMENT)
        self.timer = threading.Timer(2 * DEADLINE, self.process.kill)
        self.timer.start()

    def say(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def until(self, pattern):
        for line in self.process.stdout:
            if match := re.fullmatch(pattern, line.rstrip("\n")):
                return match
        raise AssertionError(f"ended before {pattern}")

    def leave(self):
        self.process.stdin.close()

    def finish(self):
        self.timer.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(params=SCRIPTS)
def library(request, tool):
    """How the client of a library is started."""
    argv, load = SCRIPTS[request.param]
    tool(argv[0])
    try:
        known = subprocess.run([argv[0], "-e" if argv[0] == "node" else "-c", load],
                               env=ENVIRONMENT, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        known = None
    if known is None or known.returncode != 0:
        pytest.skip(f"needs {request.param} (Debian package {PACKAGES[request.param]})")
    return argv


@pytest.fixture
def talk(library):
    scripts = []

    def start(server, nick):
        port = server.addresses()[1].rsplit(":", 1)[1]
        scripts.append(Script([*library, f"ws://127.0.0.1:{port}/ws"]))
        scripts[-1].until(r"=== chatd: you are #\d+, .*")
        scripts[-1].say(f"/nick {nick}")
        scripts[-1].until(rf"\*\*\* {nick} joined .*")
        return scripts[-1]

    yield start
    for script in scripts:
        script.finish()


def web(chatd, *args):
    return chatd("-l", "127.0.0.1:0,web", "--rate", 0, *args)


def test_a_conversation(chatd, talk):
    server = web(chatd)
    alice = server.join("alice")
    bob = talk(server, "bob")
    bob.say("Grüße, 你好 👋", "é" * 500)
    alice.until(said("bob", "Grüße, 你好 👋"))
    alice.until(said("bob", "é" * 500))
    alice.say("ça va?")
    bob.until(said("alice", "ça va?"))


def test_many_lines(chatd, talk):
    """More than a frame, a buffer or a packet holds, both ways."""
    server = web(chatd)
    alice = server.join("alice")
    bob = talk(server, "bob")
    lines = [f"{n} {'x' * 100}" for n in range(3000)]
    for begin in range(0, len(lines), 100):
        part = lines[begin:begin + 100]
        for sender, name in ((bob, "bob"), (alice, "alice")):
            sender.say(*part)
            for line in part:
                alice.until(said(name, line))
                bob.until(said(name, line))


def test_closing(chatd, talk):
    server = web(chatd)
    alice = server.join("alice")
    quits, leaves, stays = (talk(server, nick) for nick in ("quits", "leaves", "stays"))
    quits.say("/quit bye")
    quits.until("closed 1000")
    alice.until(r"\*\*\* quits left .*")
    leaves.leave()
    leaves.until("closed 1000")
    assert leaves.process.wait(DEADLINE) == 0
    server.send_signal(15)
    stays.until("closed 1001")


def test_libwebsockets(chatd, tool):
    """Its test client paints: each stroke is a line."""
    server = web(chatd)
    alice = server.join("alice")
    port = server.addresses()[1].rsplit(":", 1)[1]
    client = subprocess.Popen(
        [tool("libwebsockets-test-client"), f"ws://127.0.0.1:{port}/ws"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(20):
            alice.until(r"\[#\d+\]: c #[0-9A-F]{6} \d+ \d+ \d+; --.*")
    finally:
        client.kill()
        client.wait()
