"""The programs that people have: each one joins, speaks, hears another, and leaves."""

import os
import pty
import re
import subprocess
import termios
import threading
import tty

import pytest

from wire import DEADLINE, said, until

# How each is started; {host} and {port} are filled in.
CLIENTS = {
    "nc.openbsd": ["nc.openbsd", "{host}", "{port}"],
    "nc.traditional": ["nc.traditional", "{host}", "{port}"],
    "ncat": ["ncat", "{host}", "{port}"],
    "ncat-crlf": ["ncat", "-C", "{host}", "{port}"],
    "socat": ["socat", "-", "TCP:{host}:{port}"],
    "socat-crnl": ["socat", "-,crnl", "TCP:{host}:{port}"],
    "busybox-nc": ["busybox", "nc", "{host}", "{port}"],
    "busybox-telnet": ["busybox", "telnet", "{host}", "{port}"],
    "telnet": ["telnet", "{host}", "{port}"],
    "plink-raw": ["plink", "-batch", "-raw", "-P", "{port}", "{host}"],
    "plink-telnet": ["plink", "-batch", "-telnet", "-P", "{port}", "{host}"],
}


class Program:
    """A client program on a terminal of its own, as a person would run it."""

    def __init__(self, command, cooked=False):
        self.screen = b""
        self.terminal, other = pty.openpty()
        if not cooked:
            tty.setraw(other)
        self.process = subprocess.Popen(command, stdin=other, stdout=other, stderr=other,
                                        start_new_session=True, env={**os.environ, "TERM": "dumb"})
        os.close(other)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        try:
            while data := os.read(self.terminal, 65536):
                self.screen += data
        except OSError:
            pass  # the other end is closed

    def type(self, text):
        os.write(self.terminal, text.encode())

    def sees_hidden(self):
        """Waits until what is typed is no longer shown by the terminal."""
        until(lambda: not termios.tcgetattr(self.terminal)[3] & termios.ECHO, "ECHO to be off")

    def sees(self, pattern):
        until(lambda: re.search(pattern, self.screen.decode("utf-8", "replace")),
              f"{pattern!r} in {self.screen[-2000:]!r}")

    def finish(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.thread.join(DEADLINE)
        os.close(self.terminal)


@pytest.fixture
def program(tool):
    programs = []

    def start(command, **options):
        tool(command[0])
        programs.append(Program(command, **options))
        return programs[-1]

    yield start
    for one in programs:
        one.finish()


@pytest.mark.parametrize("name", CLIENTS)
def test_client(chatd, program, name):
    server = chatd()
    alice = server.join("alice")
    client = program([part.format(host="127.0.0.1", port=server.port) for part in CLIENTS[name]])
    client.sees(r"=== .*/help")
    # Enter is LF here: these terminals are raw, so that a line is what the program makes of it.
    client.type("hello from héllo\n")
    alice.until(said("#2", "hello from héllo"))
    client.sees(said("#2", "hello from héllo"))
    client.type("/nick bob\n")
    alice.until(r"\*\*\* #2 is now bob --.*")
    alice.say("welcome, bob")
    client.sees(said("alice", "welcome, bob"))
    client.type("/quit so long\n")
    alice.until(r"\*\*\* bob left \(so long\) --.*")
    if "telnet" in name:  # the others wait for the end of what is typed, too
        until(lambda: client.process.poll() is not None, f"{name} to end")
    assert b"\xff" not in client.screen
    assert "\ufffd" not in client.screen.decode("utf-8", "replace")


# How each is told to wait for the answers; nc.traditional never half-closes, so it must /quit.
PIPES = {
    "nc.openbsd": ["nc.openbsd", "-N", "{host}", "{port}"],
    "nc.traditional": ["nc.traditional", "{host}", "{port}"],
    "ncat": ["ncat", "{host}", "{port}"],
    "socat": ["socat", "-t", "60", "-", "TCP:{host}:{port}"],
    "busybox-nc": ["busybox", "nc", "{host}", "{port}"],
}


@pytest.mark.parametrize("name", PIPES)
def test_pipe(chatd, tool, name):
    """echo hello | nc: the last line may lack its LF; the echo comes back, then the end."""
    server = chatd("--rate", 0)
    alice = server.join("alice")
    command = [part.format(host="127.0.0.1", port=server.port) for part in PIPES[name]]
    tool(command[0])
    text = "".join(f"line {n}\n" for n in range(500)) + "last"
    if name == "nc.traditional":
        text += "\n/quit\n"
    done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=DEADLINE,
                          check=False)
    got = [line for line in done.stdout.decode().splitlines() if line.startswith("[#2]: ")]
    assert len(got) == 501
    for n, line in enumerate(got[:500]):
        assert re.fullmatch(said("#2", f"line {n}"), line)
    assert re.fullmatch(said("#2", "last"), got[500])
    alice.until(said("#2", "last"))
    alice.until(r"\*\*\* #2 left .*")


# What inetutils' telnet would take for keys of its own, were it not for BINARY.
LETTERS = "\u0443 \u044f \u00dc \ud55c \u041a \U0001f603"

TELNETS = {
    "inetutils": ["inetutils-telnet", "127.0.0.1", "{port}"],
    "busybox": ["busybox", "telnet", "127.0.0.1", "{port}"],
    "plink": ["plink", "-batch", "-telnet", "-P", "{port}", "127.0.0.1"],
    "kermit": ["kermit", "-J", "127.0.0.1", "{port}"],
    "tf": ["tf", "-n", "-v", "-f/dev/null", "127.0.0.1", "{port}"],
}


@pytest.mark.parametrize("name", TELNETS)
def test_telnet_listener(chatd, program, tmp_path, name):
    """A password is not shown as it is typed, and every letter arrives."""
    path = tmp_path / "password"
    path.write_text("open sesame\n", encoding="utf-8")
    server = chatd("--password-file", path, listen=["127.0.0.1:0,telnet", "127.0.0.1:0"])
    plain = server.addresses()[1]
    watcher = server.connect(plain)
    watcher.say("open sesame", "/nick watcher")
    watcher.until(r"\*\*\* watcher joined .*")
    client = program([part.format(port=server.port) for part in TELNETS[name]], cooked=True)
    client.sees(r"=== password:")
    client.sees_hidden()
    client.type("open sesame\r")
    client.sees(r"=== .*/help")
    # TinyFugue takes the eighth bit for the Meta key.
    letters = "y R" if name == "tf" else LETTERS
    client.type(letters + "\r")
    watcher.until(said("#2", letters))
    client.sees(said("#2", letters))
    assert b"sesame" not in client.screen
    # Each line begins where it should, also before the client has ended one.
    assert re.search(rb"=== password:\r+\n", client.screen)
    client.type("/quit\r")
    watcher.until(r"\*\*\* #2 left .*")


def test_telnet_erasing(chatd, program):
    """Kermit sends each key as it is pressed: Ctrl-U erases the line, Ctrl-W the word."""
    server = chatd(listen="127.0.0.1:0,telnet")
    client = program(["kermit", "-J", "127.0.0.1", str(server.port)], cooked=True)
    client.sees(r"=== .*/help")
    client.sees_hidden()
    client.type("never\x15one tow\x17two\r")
    client.sees(said("#1", "one two"))
    client.type("/quit\r")
    until(lambda: client.process.poll() is not None, "kermit to end")


def test_telnet_eof(chatd, tool):
    """plink sends IAC EOF at the end of its input, and waits for ours."""
    server = chatd()
    alice = server.join("alice")
    tool("plink")
    done = subprocess.run(["plink", "-batch", "-telnet", "-P", str(server.port), "127.0.0.1"],
                          input=b"hi", capture_output=True, timeout=DEADLINE, check=False)
    alice.until(said("#2", "hi"))
    assert re.search(said("#2", "hi"), done.stdout.decode())


def test_raw_terminal(chatd, program):
    """Enter on a raw terminal is a CR by itself."""
    server = chatd()
    alice = server.join("alice")
    client = program(["socat", "-,raw,echo=0", f"TCP:127.0.0.1:{server.port}"])
    client.sees(r"=== .*/help")
    client.type("hello\rworld\r")
    alice.until(said("#2", "hello"))
    alice.until(said("#2", "world"))


def test_telnet_ctrl_c(chatd, program):
    """Ctrl-C makes telnet send IAC IP and DO TIMING-MARK and hide all until it is answered."""
    server = chatd()
    alice = server.join("alice")
    # Through its own terminal driver, which turns Ctrl-C into a signal.
    client = program(["telnet", "127.0.0.1", str(server.port)])
    client.sees(r"=== .*/help")
    client.type("hello\n")
    alice.until(said("#2", "hello"))
    client.type("\x03")
    alice.say("do you see this?")
    client.sees(said("alice", "do you see this?"))
