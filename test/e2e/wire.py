"""chatd as a child process and bare sockets as its clients: what the end-to-end tests stand on.

Nothing here sleeps for a result: whatever is awaited is awaited as a condition, with a deadline so
generous that only a hang meets it (60 seconds, times CHAT_TEST_PATIENCE).
"""

import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import threading
import time

CHATD = os.environ.get("CHATD", "chatd")
CHATC = os.environ.get("CHATC", "chatc")

# A program to run chatd under, such as "valgrind -q --error-exitcode=99".
WRAPPER = shlex.split(os.environ.get("CHATD_WRAPPER", ""))

DEADLINE = 60 * float(os.environ.get("CHAT_TEST_PATIENCE", "1"))

# ctime(3) without its newline.
STAMP = r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"


def until(condition, what="a condition"):
    """Waits until condition() is true and returns what it returned."""
    end = time.monotonic() + DEADLINE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"waited {DEADLINE:.0f} s for {what}")
        time.sleep(0.01)


def said(who, text):
    """The pattern of a message line."""
    return re.escape(f"[{who}]: {text} --") + STAMP


def action(who, text):
    """The pattern of an action line."""
    return re.escape(f"* {who} {text} --") + STAMP


def event(text):
    """The pattern of an event line; text is literal."""
    return re.escape(f"*** {text} --") + STAMP


class Client:
    """A bare connection. Lines are text without LF; bytes that are no UTF-8 are surrogates."""

    def __init__(self, sock, who=None):
        self.sock = sock
        self.who = who
        self.buffer = b""
        self.ended = False

    def send(self, data):
        """Sends bytes, or text as UTF-8, just as it is."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        self.sock.settimeout(DEADLINE)
        self.sock.sendall(data)

    def say(self, *lines):
        """Sends lines, each with its LF, in one piece."""
        self.send("".join(line + "\n" for line in lines))

    def _receive(self, deadline):
        """Takes in more bytes; false at the end of the stream."""
        if self.ended:
            return False
        self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
        data = self.sock.recv(65536)
        self.buffer += data
        self.ended = not data
        return bool(data)

    def line(self, timeout=None):
        """The next line, or None at the end of the stream."""
        deadline = time.monotonic() + (DEADLINE if timeout is None else timeout)
        while b"\n" not in self.buffer:
            if not self._receive(deadline):
                assert not self.buffer, f"the stream ends within a line: {self.buffer!r}"
                return None
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode("utf-8", "surrogateescape")

    def expect(self, *patterns):
        """The next lines match these patterns, in whole; returns the last match."""
        match = None
        for pattern in patterns:
            line = self.line()
            match = re.fullmatch(pattern, line) if line is not None else None
            assert match, f"got {line!r}, not {pattern!r}"
        return match

    def until(self, pattern):
        """Reads up to the line that matches in whole; returns all lines read, it being the last."""
        lines = []
        while True:
            line = self.line()
            assert line is not None, f"end of stream before {pattern!r}; got {lines!r}"
            lines.append(line)
            if re.fullmatch(pattern, line):
                return lines

    def until_bytes(self, data):
        """Waits until these bytes have come; they stay unread."""
        deadline = time.monotonic() + DEADLINE
        while data not in self.buffer:
            assert self._receive(deadline), f"end of stream before {data!r}"

    def settle(self):
        """Every line that this client was owed up to now: those before the answer to a command."""
        self.say("/settle")
        return self.until(r"!!! .*")[:-1]

    def eof(self):
        """The rest of the lines; the stream must end in order."""
        lines = []
        while (line := self.line()) is not None:
            lines.append(line)
        return lines

    def gone(self):
        """Waits for the end of the connection, in order or not."""
        try:
            while self._receive(time.monotonic() + DEADLINE):
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass
        self.ended = True

    def half_close(self):
        """Ends the sending side (FIN)."""
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        """Cuts the connection (RST)."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()


class Server:
    """A running chatd. Use the fixture `chatd`, which stops and checks it at the end."""

    def __init__(self, *args, listen="127.0.0.1:0", program=CHATD, drain=True, env=None, **popen):
        listen = [listen] if isinstance(listen, str) else listen or []
        command = [*WRAPPER, program]
        for address in listen:
            command += ["-l", address]
        self.listen = listen
        self.log = []
        self.errors = b""
        self.clients = []
        self.process = subprocess.Popen(
            [*command, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, **(env or {})}, **popen)
        self.pid = self.process.pid
        self._ready = threading.Event()
        self._drain = drain
        self._threads = [threading.Thread(target=run, daemon=True)
                         for run in (self._read_log, self._read_errors)]
        for thread in self._threads:
            thread.start()
        if not self._ready.wait(DEADLINE) or not self.is_ready():
            self.kill()
            raise AssertionError(f"chatd did not start: {self.errors.decode()}{self.log}")

    def _read_log(self):
        for line in self.process.stdout:
            self.log.append(line.decode("utf-8", "surrogateescape").rstrip("\n"))
            if self.is_ready():
                self._ready.set()
                if not self._drain:
                    return  # until resume_log()
        self._ready.set()

    def resume_log(self):
        """Drains the log that was started with drain=False."""
        self._drain = True
        self._threads[0].join(DEADLINE)
        self._threads[0] = threading.Thread(target=self._read_log, daemon=True)
        self._threads[0].start()

    def _read_errors(self):
        self.errors = self.process.stderr.read()

    def is_ready(self):
        return any(line.endswith("Server ready! Waiting for client request...")
                   for line in self.log)

    def addresses(self):
        """Where it listens, from its log: "127.0.0.1:8000", "unix:/path"."""
        found = (re.search(r"bind to (.*): success!$", line) for line in list(self.log))
        return [match[1] for match in found if match]

    @property
    def port(self):
        """The port of the first TCP listener."""
        return next(int(address.rsplit(":", 1)[1]) for address in self.addresses()
                    if not address.startswith("unix"))

    def connect(self, address=None, **options):
        """A bare connection to the first listener, or to "HOST:PORT" or "unix:PATH"."""
        address = address or self.addresses()[0].removesuffix(",operator").removesuffix(",proxy")
        if address.startswith("unix:"):
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(DEADLINE)
            sock.connect(address.removeprefix("unix:"))
        else:
            host, port = address.rsplit(":", 1)
            host = {"*": "127.0.0.1", "0.0.0.0": "127.0.0.1"}.get(host, host.strip("[]"))
            sock = self._connect_tcp(host, int(port), **options)
        client = Client(sock)
        self.clients.append(client)
        return client

    @staticmethod
    def _connect_tcp(host, port, receive=None, source=None):
        """receive: size of the receive buffer; source: the address to come from."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family)
        if receive:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        if source:
            sock.bind((source, 0))
        sock.settimeout(DEADLINE)
        sock.connect((host, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def join(self, nick, **options):
        """A connection with a nick, its own joining read."""
        client = self.connect(**options)
        client.say("/nick " + nick)
        client.until(re.escape(f"*** {nick} joined (") + r"\d+" + re.escape(" online) --") + STAMP)
        client.who = nick
        return client

    def wait_log(self, pattern, count=1):
        """Waits until count lines of the log contain the pattern; returns the last match."""
        def found():
            matches = [m for m in (re.search(pattern, line) for line in list(self.log)) if m]
            return matches[count - 1] if len(matches) >= count else None
        return until(found, f"{pattern!r} in the log")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def rss(self):
        """Resident memory in bytes."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu(self):
        """Seconds of processor time used so far."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_running(self):
        return self.process.poll() is None

    def send_signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Waits for its end; returns the exit status. It must have left nothing on stderr."""
        status = self.process.wait(DEADLINE)
        for thread in self._threads:
            thread.join(DEADLINE)
        assert self.errors == b"", self.errors.decode("utf-8", "replace")
        return status

    def stop(self, number=signal.SIGTERM):
        self.send_signal(number)
        return self.wait()

    def kill(self):
        """Ends it at once, as a crash would."""
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(DEADLINE)

    def finish(self):
        """The end of a test: whatever is still running must stop in order."""
        for client in self.clients:
            client.close()
        try:
            if self.process.returncode is None:
                status = self.stop()
                assert status == 0, f"chatd ended with status {status}; its log: {self.log[-20:]}"
        finally:
            if self.is_running():
                self.kill()
            self.process.stdout.close()
            self.process.stderr.close()


def run_chatd(*args, env=None, **options):
    """Runs chatd where it is expected to end by itself."""
    return subprocess.run([*WRAPPER, CHATD, *map(str, args)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=DEADLINE, check=False,
                          env={**os.environ, **(env or {})}, **options)
