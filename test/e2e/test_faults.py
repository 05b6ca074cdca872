"""Every system call that chatd makes fails once, with each error that it may return.

strace injects the failures. First a session is run as it is, to learn which calls are made and how
often; then once for each of them, call by call and error by error. Whatever fails, the server either
says in one line why it can't start, or it goes on, serves a newcomer, keeps no descriptor, and stops
in order. Then the same with all that is called while the program is replaced by another.
"""

import collections
import contextlib
import os
import re
import select
import signal
import socket
import subprocess

import pytest

from wire import CHATD, DEADLINE, until

# The errors that are tried, by system call. What is not named here is not made to fail: calls that
# can't, and those of the loader. Some are made only where another library or kernel is.
ERRORS = {
    "accept4": ["ECONNABORTED", "EMFILE", "ENOBUFS"],
    "bind": ["EADDRINUSE", "EACCES"],
    "clock_gettime": ["EINVAL"],
    "clone": ["EAGAIN", "ENOMEM"],
    "connect": ["ECONNREFUSED", "EACCES"],
    "epoll_create1": ["EMFILE", "ENOSYS"],
    "execve": ["ENOENT", "EACCES", "ENOMEM", "ETXTBSY"],
    "fcntl": ["EINVAL"],
    "fdatasync": ["EIO"],
    "flock": ["EAGAIN", "ENOLCK", "ENOSYS", "EPERM"],
    "fstat": ["EIO"],
    "fsync": ["EIO", "EINVAL"],
    "ftruncate": ["EIO"],
    "getrandom": ["EINTR", "ENOSYS"],
    "getsockname": ["ENOBUFS"],
    "getsockopt": ["ENOPROTOOPT"],
    "ioctl": ["ENOTTY"],
    "landlock_add_rule": ["EINVAL", "ENOMEM"],
    "landlock_create_ruleset": ["ENOSYS", "EOPNOTSUPP", "EMFILE"],
    "landlock_restrict_self": ["EPERM", "E2BIG"],
    "listen": ["EADDRINUSE"],
    "lseek": ["EIO"],
    "memfd_create": ["EMFILE", "ENOSYS"],
    "mmap": ["ENOMEM"],
    "newfstatat": ["EIO"],
    "openat": ["ENOENT", "EACCES", "EMFILE"],
    "pipe2": ["EMFILE"],
    "poll": ["EINTR", "ENOMEM"],
    "ppoll": ["EINTR", "ENOMEM"],
    "prctl": ["EINVAL"],
    "pread64": ["EIO"],
    "prlimit64": ["EPERM"],
    "read": ["EINTR", "EIO"],
    "readlink": ["EIO"],
    "pwrite64": ["EIO"],
    "rename": ["EACCES", "ENOSPC"],
    "recvmsg": ["EINTR", "ECONNRESET", "ENOMEM"],
    "recvfrom": ["EINTR", "EAGAIN", "ECONNRESET", "ENOMEM"],
    "rt_sigaction": ["EINVAL"],
    "seccomp": ["EINVAL"],
    "sendmsg": ["EINTR", "EAGAIN", "EPIPE", "ENOBUFS"],
    "sendto": ["EINTR", "EAGAIN", "EPIPE"],
    "setsockopt": ["ENOPROTOOPT", "EINVAL"],
    "shutdown": ["ENOTCONN"],
    "socket": ["EMFILE", "EPERM"],
    "socketpair": ["EMFILE", "EPERM"],
    "unlink": ["EACCES"],
    "wait4": ["EINTR", "ECHILD"],
    "write": ["EINTR", "EAGAIN", "EIO", "ENOSPC"],
    "writev": ["EINTR", "EAGAIN", "EIO", "ENOSPC"],
}

# A sanitizer asks for memory by itself, and not as one who could be refused.
with open(CHATD, "rb") as program:
    if b"__asan_init" in program.read():
        ERRORS = {call: errors for call, errors in ERRORS.items() if call != "mmap"}

# How long, in seconds, somebody waits who may be told nothing any more; then comes another.
PATIENCE = DEADLINE / 20

# Of each call so many from the start are tried, and the last.
FIRST = 2


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def hear(client, text):
    """Reads up to this text and what comes with it."""
    received = b""
    while text not in received:
        data = client.recv(4096)
        if not data:
            raise ConnectionResetError
        received += data


class Session:
    """One life of a server under strace, from its start to its end."""

    def __init__(self, strace, folder, inject=None):
        self.trace = folder / "trace"
        self.history = folder / "history"
        self.path = folder / "socket"
        self.port = free_port()
        self.path.unlink(missing_ok=True)
        # A service manager that takes some messages, and then no more.
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        (folder / "notify").unlink(missing_ok=True)
        self.manager.bind(str(folder / "notify"))
        self.history.write_text("=== chatd history 1, next @1\n@1 1600000000 torn",
                                encoding="ascii")
        command = [strace, "-D", "-qq", "-o", str(self.trace)]
        if inject:
            command += ["-e", f"trace={inject.split(':')[0]},execve", "-e", "inject=" + inject]
        command += [CHATD, "-l", f"unix:{self.path},operator", "-l", f"127.0.0.1:{self.port}",
                    "--history", str(self.history), "--store", str(folder / "store")]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0",
                                             "NOTIFY_SOCKET": str(folder / "notify")})
        self.log = ""  # once it has ended

    def starts(self):
        """Whether it has come to listen, rather than to an end. (Its log may be what fails.)"""
        until(lambda: self.process.poll() is not None or self.converse(), "a start or an end")
        return self.process.poll() is None

    def converse(self):
        """Two come, one says something, is answered, throws the other out, and leaves; false if
        either was cut off, or is told nothing any more."""
        with socket.socket(socket.AF_UNIX) as one, socket.socket() as other:
            one.settimeout(PATIENCE)
            other.settimeout(PATIENCE)
            try:
                one.connect(str(self.path))
                one.sendall(b"hello\n")
                hear(one, b"hello --")
                other.connect(("127.0.0.1", self.port))
                other.sendall(b"/nick other\n")
                hear(other, b"*** other joined")
                one.sendall(b"/kick other\n/motd hello\n/who\n/quit\n")
                hear(one, b"online:")
                hear(other, b"!!! you were kicked")
            except OSError:
                return False
        return True

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def upgrade(self):
        """Has it replaced by the same program; waits for what it says of that, or its end, or,
        since it may be its log that fails, the failure."""
        def decided():
            if select.select([self.process.stdout], [], [], 0)[0]:
                self.log += os.read(self.process.stdout.fileno(), 65536).decode()
            return re.search("upgraded to|upgrade failed", self.log) or self.process.poll() \
                is not None or "(INJECTED)" in self.trace.read_text()

        self.process.send_signal(signal.SIGUSR2)
        until(decided, "the end of the upgrade")

    def failed_anew(self):
        """Whether what failed was a call of the new program, or of its loader. How often some are
        made before that depends on the clock, so it can't be known beforehand."""
        lines = self.trace.read_text().splitlines()
        failed = next((i for i, line in enumerate(lines) if "(INJECTED)" in line), len(lines))
        return sum(line.startswith("execve(") for line in lines[:failed]) > 1

    def result(self):
        """Waits for its end; returns the exit status and what it left on standard error."""
        self.manager.close()
        log, errors = self.process.communicate(timeout=DEADLINE)
        self.log += log
        return self.process.returncode, errors

    def end(self):
        """Stops it while somebody is there; returns the exit status and what it left on standard
        error."""
        with socket.socket() as client:
            client.settimeout(PATIENCE)
            with contextlib.suppress(OSError):
                client.connect(("127.0.0.1", self.port))
                client.recv(4096)  # the greeting
            self.process.send_signal(signal.SIGTERM)
            return self.result()

    def kill(self):
        self.manager.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def live(session, held=None, upgrade=False):
    """A whole life: the exit status, what was said on standard error, and how many descriptors it
    held when nobody was there (None: it ended by itself), which must come down to those given."""
    if not session.starts():
        return *session.result(), None
    before = session.descriptors()
    if upgrade:
        session.upgrade()
        if not session.starts():
            return *session.result(), None
    else:
        session.process.send_signal(signal.SIGHUP)
    until(session.converse, "a server that serves")
    until(lambda: session.descriptors() <= (held or before), "the descriptors to be closed")
    status, errors = session.end()
    return status, errors, before


def numbers_of(lines, begin, end):
    """Of what stands between two lines of a trace: the how many-th each call is, by its name."""
    numbers = collections.defaultdict(list)
    seen = collections.Counter(execve=-1)  # the first is strace's own, which it does not count
    for i, line in enumerate(lines[:end]):
        call = line.split("(")[0]
        seen[call] += 1
        # A byte into our own pipe from a signal handler fails only when the pipe is full.
        if i >= begin and not re.match(r'write\(\d+, ".{1,4}", 1\)', line):
            numbers[call].append(seen[call])
    return numbers


def find_line(lines, pattern, begin=0):
    """The place of the first line from begin on that matches."""
    return next(i for i in range(begin, len(lines)) if re.match(pattern, lines[i]))


@pytest.fixture(name="usual", scope="module")
def fixture_usual(tmp_path_factory):
    """An undisturbed life: how often each call is made, from main() on, and what is held."""
    session = Session(find_strace(), tmp_path_factory.mktemp("usual"))
    status, errors, held = live(session)
    assert (status, errors) == (0, ""), session.log
    lines = session.trace.read_text().splitlines()
    # The loader's calls, and a sanitizer's, come before our first: the pipe for signals.
    return {"held": held, "numbers": numbers_of(lines, find_line(lines, r"pipe2\("), len(lines))}


@pytest.fixture(name="upgraded", scope="module")
def fixture_upgraded(tmp_path_factory):
    """The same with an upgrade: which calls the two programs make for that."""
    session = Session(find_strace(), tmp_path_factory.mktemp("upgraded"))
    status, errors, held = live(session, upgrade=True)
    assert (status, errors) == (0, ""), session.log
    lines = session.trace.read_text().splitlines()
    asked = find_line(lines, "--- SIGUSR2")
    gone = find_line(lines, r"execve\(", asked)
    begins = find_line(lines, r"pipe2\(", gone)
    said = find_line(lines, r'write\(.*"upgraded', begins)
    return {"held": held, "old": numbers_of(lines, asked, gone + 1),
            "new": numbers_of(lines, begins, said)}


def find_strace():
    """It is needed before a fixture could say that it is missing."""
    for folder in os.environ["PATH"].split(":"):
        if os.access(f"{folder}/strace", os.X_OK):
            return f"{folder}/strace"
    pytest.skip("needs strace (Debian package strace)")
    return None


def fail_each(call, numbers, held, folder, upgrade=False):
    """Lives with each of these calls failing, in each way; what is wrong with how that went."""
    failures = []
    for when in numbers:
        for error in ERRORS[call]:
            session = Session(find_strace(), folder, f"{call}:error={error}:when={when}")
            try:
                failures += judge(session, held, f"{call} #{when}: {error}", upgrade)
            finally:
                session.kill()
    return failures


@pytest.mark.parametrize("call", sorted(ERRORS))
def test_call_fails(call, usual, tmp_path):
    numbers = usual["numbers"][call]
    if call != "write":  # how many lines of the log go out in one is different each time
        numbers = [*numbers[:FIRST], *numbers[-1:]]
    failures = fail_each(call, sorted(set(numbers[:FIRST + 1])), usual["held"], tmp_path)
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("call", sorted(ERRORS))
def test_call_fails_in_an_upgrade(call, upgraded, tmp_path):
    """The old program goes on. The new one, which has nothing to go back to, may end in order."""
    old, new = upgraded["old"][call], upgraded["new"][call]
    numbers = sorted({*old[:FIRST], *old[-1:], *new[:FIRST], *new[-1:]})
    failures = fail_each(call, numbers, upgraded["held"], tmp_path, upgrade=True)
    assert not failures, "\n".join(failures)


def judge(session, usual_held, what, upgrade):
    """What is wrong with how it went, as texts."""
    try:
        status, errors, held = live(session, usual_held, upgrade)
    except (AssertionError, subprocess.TimeoutExpired, OSError) as fault:
        return [f"{what}: {fault!r}; log: {session.log}"]
    if held is None:
        if upgrade and not session.failed_anew():
            return [f"{what}: the old program ended, status {status}, said {errors!r}"]
        if status == 1 and re.fullmatch(r"chatd: [^\n]+\n", errors) or \
                upgrade and "error while loading shared libraries" in errors:
            return []
        return [f"{what}: did not start, status {status}, said {errors!r}"]
    if status != 0 or errors:
        return [f"{what}: ended with status {status}, said {errors!r}"]
    return []


@pytest.mark.parametrize("inject, why", [
    ("setgroups:error=EPERM", "cannot become nobody: Operation not permitted"),
    ("setgroups:error=ENOMEM", "cannot become nobody: Cannot allocate memory"),
    ("setgid:error=EPERM", "cannot become nobody: Operation not permitted"),
    ("setuid:error=EPERM", "cannot become nobody: Operation not permitted"),
    ("setuid:error=EAGAIN", "cannot become nobody: Resource temporarily unavailable"),
    ("setuid:retval=0", "cannot drop root privileges"),  # it only says that it has
    ("setuid:retval=0:when=2", "cannot drop root privileges"),
])
def test_root_can_not_be_given_up(inject, why, tmp_path):
    """It never goes on as root, or with root's groups, when it was told to be somebody else."""
    if os.geteuid() != 0:
        pytest.skip("needs to be root")
    command = [find_strace(), "-qq", "-o", str(tmp_path / "trace"),
               "-e", f"trace={inject.split(':')[0]}", "-e", f"inject={inject}"]
    done = subprocess.run([*command, CHATD, "-l", "127.0.0.1:0", "--user", "nobody"],
                          capture_output=True, text=True, timeout=DEADLINE, check=False,
                          env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    assert (done.returncode, done.stderr) == (1, f"chatd: --user: {why}\n")
    assert "Server ready" not in done.stdout
