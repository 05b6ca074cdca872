"""A server of the tests' own, that says anything at any moment."""

import os
import re
import socket

import pytest

from wire import DEADLINE, Client

TOKEN = "0123456789abcdef" * 2


def check_memory(pid, mebibytes):
    """A program has not grown beyond this; a sanitizer's own memory does not count."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert os.environ.get("CHAT_SANITIZED") or resident < mebibytes << 20


class Peer:
    """A server of the test's own: any words, at any moment."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.listener.settimeout(DEADLINE)
        self.port = self.listener.getsockname()[1]
        self.clients = []

    def accept(self):
        """The next connection, as a Client of wire.py."""
        self.clients.append(Client(self.listener.accept()[0]))
        return self.clients[-1]

    def greet(self, *, slot=3, last=41, resume="/resume", asked=True):
        """Accepts somebody as a chatd does, who then has tags on and asks who is there."""
        client = self.accept()
        client.say(f"=== peer: you are #{slot}, 2 of 256 online, /help for help")
        client.until(re.escape(resume))
        client.say(f"=== resume {last} {TOKEN}")
        if asked:
            client.until("/who")
            client.say("=== 0 online:")
        return client

    def finish(self):
        for client in self.clients:
            client.close()
        self.listener.close()


@pytest.fixture
def peer():
    server = Peer()
    yield server
    server.finish()
