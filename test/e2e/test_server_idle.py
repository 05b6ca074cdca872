"""An idle server sleeps: one poll() that waits, however many are connected."""

import subprocess
import threading
import time

from wire import event, said, until


def calls_while_idle(server, strace, seconds):
    """The system calls of so many seconds, as strace shows them."""
    with subprocess.Popen([strace, "-p", str(server.pid)], stderr=subprocess.PIPE,
                          text=True) as tracer:
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(tracer.stderr))
        attached = until(tracer.stderr.readline, "strace")
        assert "attached" in attached, attached
        reader.start()
        time.sleep(seconds)
        tracer.terminate()
        reader.join()
    return [line for line in lines if "detached" not in line]


def test_no_wake_ups(chatd, tool):
    server = chatd()
    clients = [server.join(nick) for nick in ("alice", "bob", "carol")]
    clients[0].say("hello")
    for client in clients:
        client.until(said("alice", "hello"))
    waiting = calls_while_idle(server, tool("strace"), 3)
    assert len(waiting) <= 1, waiting
    # It waits still, and for the right things.
    clients[1].close()
    clients[0].until(event("bob left (2 online)"))


def test_no_wake_ups_with_nobody_there(chatd, tool):
    server = chatd()
    client = server.join("alice")
    client.close()
    server.wait_log(" exit, ")
    waiting = calls_while_idle(server, tool("strace"), 3)
    assert len(waiting) <= 1, waiting
    assert all("poll(" in line or "restart" in line for line in waiting), waiting
