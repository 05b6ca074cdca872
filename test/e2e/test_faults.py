"""Every system call that chatd makes fails once, with each error that it may return.

strace injects the failures. First a session is run as it is, to learn which calls are made and how
often; then once for each of them, call by call and error by error. Whatever fails, the server either
says in one line why it can't start, or it goes on, serves a newcomer, keeps no descriptor, and stops
in order.
"""

import collections
import os
import re
import signal
import socket
import subprocess

import pytest

from wire import CHATD, DEADLINE, until

# The errors that are tried, by system call. What is not named here is not made to fail.
ERRORS = {
    "accept4": ["ECONNABORTED", "EMFILE", "ENOBUFS"],
    "bind": ["EADDRINUSE", "EACCES"],
    "chmod": ["EPERM"],
    "clock_gettime": ["EINVAL"],
    "fchmod": ["EPERM"],
    "fcntl": ["EINVAL"],
    "fdatasync": ["EIO"],
    "flock": ["EAGAIN", "ENOLCK"],
    "fstat": ["EIO"],
    "ftruncate": ["EIO"],
    "getpeername": ["ENOTCONN"],
    "getrandom": ["EINTR", "ENOSYS"],
    "getsockname": ["ENOBUFS"],
    "getsockopt": ["ENOPROTOOPT"],
    "ioctl": ["ENOTTY"],
    "listen": ["EADDRINUSE"],
    "lseek": ["EIO"],
    "mmap": ["ENOMEM"],
    "newfstatat": ["EIO"],
    "openat": ["ENOENT", "EACCES", "EMFILE"],
    "pipe2": ["EMFILE"],
    "poll": ["EINTR", "ENOMEM"],
    "prctl": ["EINVAL"],
    "pread64": ["EIO"],
    "prlimit64": ["EPERM"],
    "read": ["EINTR", "EIO"],
    "recvfrom": ["EINTR", "EAGAIN", "ECONNRESET", "ENOMEM"],
    "rt_sigaction": ["EINVAL"],
    "seccomp": ["EINVAL"],
    "sendmsg": ["EINTR", "EAGAIN", "EPIPE", "ENOBUFS"],
    "sendto": ["EINTR", "EAGAIN", "EPIPE"],
    "setsockopt": ["ENOPROTOOPT", "EINVAL"],
    "shutdown": ["ENOTCONN"],
    "socket": ["EMFILE", "EAFNOSUPPORT"],
    "unlink": ["EACCES"],
    "write": ["EINTR", "EAGAIN", "EIO", "ENOSPC"],
    "writev": ["EINTR", "EAGAIN", "EIO", "ENOSPC"],
}

# A sanitizer asks for memory by itself, and not as one who could be refused.
with open(CHATD, "rb") as program:
    if b"__asan_init" in program.read():
        ERRORS = {call: errors for call, errors in ERRORS.items() if call != "mmap"}

# Of each call so many from the start are tried, and the last.
FIRST = 2


class Session:
    """One life of a server under strace, from its start to its end."""

    def __init__(self, strace, folder, inject=None):
        self.trace = folder / "trace"
        self.history = folder / "history"
        self.path = folder / "socket"
        for path in (self.history, self.path):
            path.unlink(missing_ok=True)
        command = [strace, "-D", "-qq", "-o", str(self.trace)]
        if inject:
            command += ["-e", f"trace={inject.split(':')[0]}", "-e", "inject=" + inject]
        command += [CHATD, "-l", f"unix:{self.path}", "--history", str(self.history)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        self.log = ""  # once it has ended

    def starts(self):
        """Whether it has come to listen, rather than to an end. (Its log may be what fails.)"""
        until(lambda: self.process.poll() is not None or self.converse(), "a start or an end")
        return self.process.poll() is None

    def converse(self):
        """Somebody comes, says something, is answered, and leaves; false if it was cut off."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(DEADLINE)
            received = b""
            try:
                client.connect(str(self.path))
                client.sendall(b"hello\n/who\n/quit\n")
                while data := client.recv(4096):
                    received += data
            except OSError:
                return False
        return b"hello --" in received and b"online:" in received

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def end(self):
        """Stops it; returns the exit status and what it left on standard error."""
        self.process.send_signal(signal.SIGTERM)
        log, errors = self.process.communicate(timeout=DEADLINE)
        self.log += log
        return self.process.returncode, errors

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def live(session, held=None):
    """A whole life: the exit status, what was said on standard error, and how many descriptors it
    held when nobody was there (None: it did not start), which must come down to those given."""
    if not session.starts():
        log, errors = session.process.communicate(timeout=DEADLINE)
        session.log += log
        return session.process.returncode, errors, None
    before = session.descriptors()
    session.process.send_signal(signal.SIGHUP)
    until(session.converse, "a server that serves")
    until(lambda: session.descriptors() <= (held or before), "the descriptors to be closed")
    status, errors = session.end()
    return status, errors, before


@pytest.fixture(name="usual", scope="module")
def fixture_usual(tmp_path_factory):
    """An undisturbed life: how often each call is made, from main() on, and what is held."""
    strace = find_strace()
    folder = tmp_path_factory.mktemp("usual")
    session = Session(strace, folder)
    status, errors, held = live(session)
    assert (status, errors) == (0, ""), session.log
    lines = session.trace.read_text().splitlines()
    calls = [line.split("(")[0] for line in lines]
    # The loader's calls, and a sanitizer's, come before our first: the pipe for signals.
    begin = calls.index("pipe2")
    numbers = collections.defaultdict(list)
    for i, call in enumerate(calls):
        # A byte into our own pipe from a signal handler fails only when the pipe is full.
        if i >= begin and not re.match(r'write\(\d+, ".{1,4}", 1\)', lines[i]):
            numbers[call].append(calls[:i + 1].count(call))
    return {"held": held, "numbers": numbers}


def find_strace():
    """It is needed before a fixture could say that it is missing."""
    for folder in os.environ["PATH"].split(":"):
        if os.access(f"{folder}/strace", os.X_OK):
            return f"{folder}/strace"
    pytest.skip("needs strace (Debian package strace)")
    return None


@pytest.mark.parametrize("call", sorted(ERRORS))
def test_call_fails(call, usual, tmp_path):
    numbers = usual["numbers"][call]
    if call != "write":  # how many lines of the log go out in one is different each time
        numbers = [*numbers[:FIRST], *numbers[-1:]]
    failures = []
    for when in sorted(set(numbers[:FIRST + 1])):
        for error in ERRORS[call]:
            session = Session(find_strace(), tmp_path, f"{call}:error={error}:when={when}")
            try:
                failures += judge(session, usual["held"], f"{call} #{when}: {error}")
            finally:
                session.kill()
    assert not failures, "\n".join(failures)


def judge(session, usual_held, what):
    """What is wrong with how it went, as texts."""
    try:
        status, errors, held = live(session, usual_held)
    except (AssertionError, subprocess.TimeoutExpired, OSError) as fault:
        return [f"{what}: {fault!r}; log: {session.log}"]
    if held is None:
        if status == 1 and re.fullmatch(r"chatd: [^\n]+\n", errors):
            return []
        return [f"{what}: did not start, status {status}, said {errors!r}"]
    if status != 0 or errors:
        return [f"{what}: ended with status {status}, said {errors!r}"]
    return []
