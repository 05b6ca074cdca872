"""systemd's protocols, with the test as the service manager."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from wire import CHATD, DEADLINE

UNIT = Path(__file__).resolve().parents[2] / "docs" / "system" / "chatd.service"


@pytest.fixture
def manager(tmp_path):
    """The socket of a service manager, and its name for the environment."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(DEADLINE)
        yield sock


def told(manager, pattern):
    """Receives messages up to the first that matches."""
    while True:
        message = manager.recv(4096).decode()
        if re.search(pattern, message):
            return message


def test_what_the_manager_is_told(chatd, manager):
    server = chatd(env={"NOTIFY_SOCKET": manager.getsockname()})
    assert manager.recv(4096) == b"READY=1\n"
    alice = server.join("alice")
    told(manager, r"^STATUS=1 clients\n$")
    server.send_signal(signal.SIGHUP)
    told(manager, r"^RELOADING=1\nMONOTONIC_USEC=\d+\n$")
    told(manager, r"^READY=1\n$")
    server.send_signal(signal.SIGUSR2)
    told(manager, r"^READY=1\n$")
    alice.say("/quit")
    told(manager, r"^STATUS=0 clients\n$")
    server.send_signal(signal.SIGTERM)
    told(manager, r"^STATUS=shutting down\nSTOPPING=1\n")
    assert server.wait() == 0


def test_watchdog(chatd, manager):
    server = chatd(env={"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "200000"})
    for _ in range(3):
        told(manager, r"^WATCHDOG=1\n$")
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgraded to chatd")
    for _ in range(3):
        told(manager, r"^WATCHDOG=1\n$")


ACTIVATE = """
import os, sys
names, sockets = sys.argv[1], list(map(int, sys.argv[2].split(",")))
for n, fd in enumerate(sockets):
    os.dup2(fd, 50 + n)
for n in range(len(sockets)):
    os.dup2(50 + n, 3 + n)
    os.close(50 + n)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(sockets)), LISTEN_FDNAMES=names)
os.execv(sys.argv[3], sys.argv[3:])
"""


def test_sockets_are_handed_over(tmp_path):
    plain, operator, tea = socket.socket(), socket.socket(socket.AF_UNIX), socket.socket()
    plain.bind(("127.0.0.1", 0))
    tea.bind(("127.0.0.1", 0))
    operator.bind(str(tmp_path / "operator"))
    for sock in (plain, operator, tea):
        sock.listen()
    fds = [plain.fileno(), operator.fileno(), tea.fileno()]
    with subprocess.Popen(["/usr/bin/env", "python3", "-c", ACTIVATE, "chat:operator:room=tea",
                           ",".join(map(str, fds)), CHATD, "-l", "127.0.0.1:1", "--room", "tea"],
                          pass_fds=fds, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as process:
        try:
            log = []
            while not log or "Server ready!" not in log[-1]:
                log.append(process.stdout.readline())
                assert log[-1], log
            assert any(f"127.0.0.1:{plain.getsockname()[1]}" in line for line in log)
            assert not any("127.0.0.1:1:" in line for line in log)
            for upgraded in (False, True):
                with socket.create_connection(plain.getsockname()) as sock:
                    assert sock.makefile().readline().startswith("=== ")
                with socket.socket(socket.AF_UNIX) as sock:
                    sock.connect(str(tmp_path / "operator"))
                    sock.sendall(b"/bans\n/quit\n")
                    answer = sock.makefile().read()
                    assert "!!!" not in answer, answer
                with socket.create_connection(tea.getsockname()) as sock:
                    assert ", room tea, " in sock.makefile().readline()
                if not upgraded:
                    process.send_signal(signal.SIGUSR2)
                    while "upgraded to chatd" not in process.stdout.readline():
                        pass
        finally:
            process.terminate()
        assert process.wait(DEADLINE) == 0
    assert (tmp_path / "operator").exists()  # it is the manager's


def refuse(sock, names):
    return subprocess.run(["/usr/bin/env", "python3", "-c", ACTIVATE, names, str(sock.fileno()),
                           CHATD], pass_fds=[sock.fileno()], capture_output=True, text=True,
                          timeout=DEADLINE, check=False)


def test_what_does_not_listen_is_refused():
    with socket.socket() as sock:
        result = refuse(sock, "")
        assert result.returncode == 1
        assert result.stderr.startswith("chatd: LISTEN_FDS: descriptor 3 ")
        sock.listen()
        result = refuse(sock, "room=tea")
        assert result.returncode == 2
        assert result.stderr == "chatd: LISTEN_FDNAMES: there is no room tea\n"


def calls_in(group, tool):
    """The names of the system calls in one of systemd's groups, and in the groups in it."""
    if not group.startswith("@"):
        return {group}
    text = subprocess.run([tool("systemd-analyze"), "--no-pager", "syscall-filter", group],
                          check=True, capture_output=True, text=True).stdout
    names = {line.strip() for line in text.splitlines()[1:]}
    return set().union(*(calls_in(name, tool) for name in names if name and name[0] != "#"))


def allowed_by_the_unit(tool):
    """What its SystemCallFilter lines make of it, one after the other."""
    allowed = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.M):
        calls = set().union(*(calls_in(group, tool) for group in line.lstrip("~").split()))
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed


@pytest.mark.plain  # a sanitizer has calls of its own
def test_the_unit_allows_what_chatd_does(chatd, tool, tmp_path, manager):
    allowed = allowed_by_the_unit(tool)
    trace, program = tmp_path / "trace", tmp_path / "chatd"
    program.write_text(f"#!/bin/sh\nexec {tool('strace')} -D -f -qq -o {trace} {CHATD} \"$@\"\n")
    program.chmod(0o755)
    server = chatd("--history", tmp_path / "history", program=program,
                   listen=["127.0.0.1:0", f"unix:{tmp_path}/socket,operator"],
                   env={"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "200000"})
    server.join("alice").say("hello")
    server.send_signal(signal.SIGHUP)
    server.wait_log("configuration read")
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgraded to chatd")
    server.join("bob").say("hello")
    assert server.stop() == 0
    calls = set(re.findall(r"^\d+ +(\w+)\(", trace.read_text(errors="replace"), re.M))
    assert "execve" in calls and calls & {"poll", "ppoll"}
    assert calls - allowed == set()
