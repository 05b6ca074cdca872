"""chatc in real terminals: tmux, screen, xterm and VTE, and what they make of widths and sizes."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from screen import FAMILIES, chatc  # noqa: F401
from wire import CHATC, DEADLINE, until

# How often the window changes its size; for a longer look, set it.
RESIZES = int(os.environ.get("CHAT_RESIZES", "40"))

WORDS = ["word", "a", "longer", "你好", "👍🏽", "é", "e\u0301", "❤️", "https://example.org/a/b",
         "x" * 30, "👩\u200d👩\u200d👧", "🇩🇪", "หิน", "supercalifragilistic"]

# A message that a terminal would wrap where chatc's own widths were less than its.
FORGERY = "👍🏽" * 15 + "xxx" + "11:59\u00a0[bob]:\u00a0I\u00a0resign,\u00a0bye!"
FORGED = "11:59\u00a0[bob]"

SHELL = [f"shell line {number} of those above" for number in range(6)]


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")


def environment(**more):
    # When the terminal is gone while it looks for leaks, LeakSanitizer waits for ever, and spins.
    # The other tests of chatc look for them.
    more["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    return {**os.environ, "TERM": "xterm-256color", "TZ": "UTC", "XDG_STATE_HOME": "/dev/null",
            "LC_ALL": "C.UTF-8", **more}


def command(port, *args):
    """A shell that has written some lines and then runs chatc."""
    lines = "; ".join(f"echo {line}" for line in SHELL)
    return f"{lines}; {CHATC} -n bob {' '.join(args)} 127.0.0.1 {port}"


@pytest.mark.parametrize("family", FAMILIES)
def test_no_forged_row_in_any_family(chatc, chatd, family):
    """And the cursor stands where the text ends; in a terminal of the test's own."""
    server = chatd()
    bob = chatc("-n", "bob", "127.0.0.1", server.port, family=family)
    bob.wait_text("bob joined")
    mallory = server.connect()
    mallory.say("/nick mallory", FORGERY, "❤️" * 30 + FORGED, "🏳️\u200d🌈" * 12 + FORGED, "and on")
    bob.wait_text("and on")
    assert any("11:59" in row for row in bob.rows())
    assert not any(row.startswith("11:59") for row in bob.rows())
    bob.type("👍🏽" * 12 + "❤️" * 5 + "👩\u200d👩\u200d👧 THE END")
    bob.wait(lambda rows: any(row.endswith("THE END") for row in rows), "the end")
    x, y = bob.cursor()
    with bob.lock:
        before = "".join(bob.screen.buffer[y][at].data for at in range(x - 3, x))
    assert before == "END"


def settled(text):
    """What text() gives once that does not change any more."""
    seen = []

    def same():
        seen.append(text())
        time.sleep(0.2)
        return len(seen) > 3 and len(set(seen[-4:])) == 1
    until(same, "a screen that stays as it is")
    return seen[-1]


class Tmux:
    """A window of tmux."""

    def __init__(self, tmp_path, port, columns, rows):
        need("tmux")
        config = tmp_path / "tmux.conf"
        config.write_text("set -g history-limit 50000\nset -g escape-time 0\n")
        self.socket = tmp_path / "tmux"
        self.config = config
        self.run("new-session", "-d", "-x", str(columns), "-y", str(rows),
                 f"{command(port)}; sleep 1000")

    def run(self, *args):
        return subprocess.run(["tmux", "-S", self.socket, "-f", self.config, *args], check=True,
                              capture_output=True, text=True, env=environment()).stdout

    def text(self, *args):
        return self.run("capture-pane", "-p", *args)

    def all_text(self):
        """With what has scrolled off; lines that were wrapped are put together."""
        return self.text("-J", "-S", "-")

    def settled(self):
        return settled(self.text)

    def type(self, text):
        self.run("send-keys", "-l", text)

    def resize(self, columns, rows):
        self.run("resize-window", "-x", str(columns), "-y", str(rows))

    def finish(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False,
                       capture_output=True)


@pytest.fixture
def tmux(tmp_path):
    started = []

    def start(port, columns=80, rows=24):
        started.append(Tmux(tmp_path, port, columns, rows))
        return started[-1]
    yield start
    for window in started:
        window.finish()


def test_no_forged_row_in_tmux(tmux, chatd):
    server = chatd()
    window = tmux(server.port)
    until(lambda: "bob joined" in window.text(), "bob")
    mallory = server.connect()
    mallory.say("/nick mallory", FORGERY, "and on")
    until(lambda: "and on" in window.text(), "what mallory says")
    rows = window.text().splitlines()
    assert any("11:59" in row for row in rows)
    assert not any(row.startswith("11:59") for row in rows)
    window.type("👍🏽" * 12 + "❤️" * 5 + " THE END")
    until(lambda: any(row.endswith("THE END") for row in window.text().splitlines()), "the end")
    x, y = map(int, window.run("display", "-p", "#{cursor_x} #{cursor_y}").split())
    assert window.text().splitlines()[y].endswith("THE END")
    window.type("|")
    until(lambda: window.text().splitlines()[y].endswith("THE END|"), "the cursor at the end")


def resize_at_random(window, alice, resizes, drawn):
    """
    Whatever the sizes, each line stays there once, and what the shell had written, too. The
    window's columns are 100 before and after. drawn: what was said is drawn before each resize.
    """
    chance = random.Random(14)
    count = 0
    for number in range(resizes):
        for _ in range(chance.randrange(4)):
            count += 1
            words = " ".join(chance.choice(WORDS) for _ in range(chance.randrange(1, 25)))
            alice.say(f"<{count}> {words} </{count}>")
        key = chance.randrange(4)
        if key == 0:
            window.type(chance.choice(WORDS) + " ")
        elif key == 1:
            window.type("\x15")
        if drawn:
            until(lambda: not count or f"</{count}>" in re.sub(  # noqa: B023
                r"\s+", "", window.text()), "what was said")
        window.resize(chance.randrange(20, 140), chance.randrange(5, 40))
        if number % 4 == 0:  # not before all is drawn; otherwise several come at once
            count += 1
            alice.say(f"<{count}></{count}>")
            until(lambda: f"</{count}>" in window.text(), "what was said")  # noqa: B023
    window.type("\x15")
    window.resize(100, 24)
    window.settled()
    alice.say(*(f"and on {number}" for number in range(30)), "that was all")
    until(lambda: "that was all" in window.all_text(), "the last line")
    text = settled(window.all_text)
    flat = re.sub(r"\s+", "", text)
    wrong = [number for number in range(1, count + 1)
             if flat.count(f"<{number}>") != 1 or flat.count(f"</{number}>") != 1]
    assert not wrong, text
    assert all(text.count(line) == 1 for line in SHELL), text
    assert len(re.findall(r"^> ", text, re.M)) <= 1, text


def test_resizing_in_tmux(tmux, chatd):
    server = chatd("--rate", "0")
    window = tmux(server.port, 100, 24)
    until(lambda: "bob joined" in window.text(), "bob")
    alice = server.connect()
    alice.say("/nick alice")
    resize_at_random(window, alice, RESIZES, drawn=False)
    shown = window.settled()
    window.type("\x0c")  # draws all again, on an empty screen
    assert window.settled() == shown


def test_a_change_of_width_leaves_no_copies_in_tmux(tmux, chatd):
    server = chatd("--rate", "0")
    window = tmux(server.port, 134, 24)
    until(lambda: "bob joined" in window.text(), "bob")
    alice = server.connect()
    alice.say("/nick alice", *(f"<{number}> {'so many words ' * 7}" for number in range(80)))
    until(lambda: "<79>" in window.text(), "the last line")
    window.type("half a line that was typed and goes on " * 5)
    until(lambda: window.all_text().count("half a line") == 5, "what was typed")
    for number in range(3):
        for columns in (60, 134):  # one after the other: each has been drawn for before the next
            window.resize(columns, 24)
            alice.say(f"at {columns}, {number}")
            until(lambda: f"at {columns}, {number}" in window.text(), "the new width")  # noqa: B023
            window.settled()
        text = settled(window.all_text)
        assert [number for number in range(80) if text.count(f"<{number}>") != 1] == []
        assert text.count("half a line") == 5


class Xterm:
    """An xterm, which writes its screen to a file when it is asked to print."""

    def __init__(self, tmp_path, port, display):
        self.path = tmp_path / "screen"
        self.done = tmp_path / "done"
        script = (f"tty >{tmp_path}/tty; {command(port, '--no-reconnect')}; "
                  f"printf '\\033[i'; touch {self.done}; sleep 1000")
        self.process = subprocess.Popen(
            ["xterm", "-display", display, "-geometry", "80x50", "-u8",
             "-xrm", f"XTerm*printerCommand: cat >{self.path}",
             "-xrm", "XTerm*printAttributes: 0", "-xrm", "XTerm*allowWindowOps: true",
             "-e", "sh", "-c", script],
            env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.tty = tmp_path / "tty"

    def resize(self, columns, rows):
        with open(self.tty.read_text().strip(), "w", encoding="utf-8") as tty:
            tty.write(f"\x1b[8;{rows};{columns}t")

    def size(self):
        with open(self.tty.read_text().strip(), "rb") as tty:
            return os.get_terminal_size(tty.fileno()).columns

    def rows(self):
        """The rows of the screen after chatc has ended."""
        until(self.done.exists, "the end of chatc")
        until(lambda: self.path.exists() and self.path.read_bytes().count(b"\n") >= 40,
              "the screen")
        return [row.rstrip() for row in self.path.read_text(errors="replace").splitlines()]


@pytest.fixture
def display():
    """An X server without a screen; its name."""
    need("Xvfb")
    read, write = os.pipe()
    with subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1200x24"],
                          pass_fds=[write], stderr=subprocess.DEVNULL) as xvfb:
        os.close(write)
        with os.fdopen(read) as pipe:
            yield ":" + pipe.readline().strip()
        xvfb.kill()


@pytest.fixture
def xterm(tmp_path, display):
    started = []

    def start(port):
        need("xterm")
        started.append(Xterm(tmp_path, port, display))
        return started[-1]
    yield start
    for window in started:
        window.process.kill()
        window.process.wait(DEADLINE)


class Vte:
    """A window of VTE, the terminal of GNOME and of many others (see vte.py)."""

    def __init__(self, port, display):
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).parent / "vte.py", f"{command(port)}; sleep 1000"],
            env=environment(DISPLAY=display), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def ask(self, *request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def resize(self, columns, rows):
        self.ask("size", columns, rows)

    def type(self, text):
        self.ask("keys", text)

    def text(self):
        return self.ask("text")

    all_text = text

    def settled(self):
        return settled(self.text)

    def finish(self):
        self.process.kill()
        self.process.communicate(timeout=DEADLINE)


@pytest.fixture
def vte(display):
    try:
        import gi
        gi.require_version("Vte", "2.91")
    except (ImportError, ValueError):
        pytest.skip("needs VTE (Debian packages python3-gi, gir1.2-vte-2.91)")
    started = []

    def start(port):
        started.append(Vte(port, display))
        return started[-1]
    yield start
    for window in started:
        window.finish()


def test_resizing_in_vte(vte, chatd):
    server = chatd("--rate", "0")
    window = vte(server.port)
    until(lambda: "bob joined" in window.text(), "bob")
    alice = server.connect()
    alice.say("/nick alice")
    resize_at_random(window, alice, RESIZES // 2, drawn=True)


def test_no_forged_row_in_xterm(xterm, chatd):
    server = chatd()
    mallory = server.connect()
    window = xterm(server.port)
    mallory.until(r".*bob joined.*")
    mallory.say("/nick mallory", FORGERY, "and on", "/op x")
    mallory.until(r"!!!.*")
    time.sleep(0.5)
    server.stop()
    rows = window.rows()
    assert any("11:59" in row for row in rows)
    assert not any(row.startswith("11:59") for row in rows)


@pytest.mark.parametrize("steps", [[39], [70, 60, 50, 39, 80]], ids=["at once", "dragged"])
def test_narrowing_in_xterm_leaves_the_shell_alone(xterm, chatd, steps):
    server = chatd()
    alice = server.connect()
    window = xterm(server.port)
    alice.until(r".*bob joined.*")
    alice.say("/nick alice", *(f"<{number}> a sentence that has about so many words in it"
                               for number in range(5)), "/op x")
    alice.until(r"!!!.*")
    time.sleep(0.5)
    for columns in steps:
        window.resize(columns, 50)
        until(lambda wanted=columns: window.size() == wanted, "the size")
        time.sleep(0.6)
    server.stop()
    text = "\n".join(window.rows())
    for line in SHELL:
        assert line[:39] in text, text
    assert all(text.count(f"<{number}>") == 1 for number in range(5)), text


def test_screen(tmp_path, chatd):
    need("screen")
    server = chatd()
    name = f"chatc{os.getpid()}"
    out = tmp_path / "hardcopy"
    env = environment(SCREENDIR=str(tmp_path / "screens"))
    (tmp_path / "screens").mkdir(mode=0o700)
    run = ["screen", "-c", "/dev/null", "-U", "-S", name]
    subprocess.run([*run, "-dm", "sh", "-c", command(server.port)], check=True, env=env)
    try:
        mallory = server.connect()
        mallory.until(r".*bob joined.*")
        mallory.say("/nick mallory", FORGERY, "and on")

        def rows():
            subprocess.run([*run, "-p", "0", "-X", "hardcopy", out], check=True, env=env)
            time.sleep(0.1)
            return out.read_text(errors="replace").splitlines() if out.exists() else []
        until(lambda: any("and on" in row for row in rows()), "what mallory says")
        assert any("11:59" in row for row in rows())
        assert not any(row.startswith("11:59") for row in rows())
    finally:
        subprocess.run([*run, "-X", "quit"], check=False, env=env, capture_output=True)
