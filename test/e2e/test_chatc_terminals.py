"""chatc in real terminals: tmux, screen and xterm, with what they make of widths and resizing."""

import os
import random
import re
import shutil
import subprocess
import time

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

    def settled(self, *args):
        """What is shown once that does not change any more."""
        seen = []

        def same():
            seen.append(self.text(*args))
            time.sleep(0.2)
            return len(seen) > 3 and len(set(seen[-4:])) == 1
        until(same, "a screen that stays as it is")
        return seen[-1]

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
    window.run("send-keys", "-l", "👍🏽" * 12 + "❤️" * 5 + " THE END")
    until(lambda: any(row.endswith("THE END") for row in window.text().splitlines()), "the end")
    x, y = map(int, window.run("display", "-p", "#{cursor_x} #{cursor_y}").split())
    assert window.text().splitlines()[y].endswith("THE END")
    window.run("send-keys", "-l", "|")
    until(lambda: window.text().splitlines()[y].endswith("THE END|"), "the cursor at the end")


def test_resizing_in_tmux(tmux, chatd):
    """Whatever the sizes, each line stays there once, and what the shell had written, too."""
    chance = random.Random(14)
    server = chatd("--rate", "0")
    window = tmux(server.port, 100, 24)
    until(lambda: "bob joined" in window.text(), "bob")
    alice = server.connect()
    alice.say("/nick alice")
    count = 0
    for number in range(RESIZES):
        for _ in range(chance.randrange(4)):
            count += 1
            words = " ".join(chance.choice(WORDS) for _ in range(chance.randrange(1, 25)))
            alice.say(f"<{count}> {words} </{count}>")
        key = chance.randrange(4)
        if key == 0:
            window.run("send-keys", "-l", chance.choice(WORDS) + " ")
        elif key == 1:
            window.run("send-keys", "C-u")
        window.run("resize-window", "-x", str(chance.randrange(20, 140)),
                   "-y", str(chance.randrange(5, 40)))
        if number % 4 == 0:  # not before all is drawn; otherwise several come at once
            count += 1
            alice.say(f"<{count}></{count}>")
            until(lambda: f"</{count}>" in window.text(), "what was said")  # noqa: B023
    window.run("send-keys", "C-u")
    window.run("resize-window", "-x", "100", "-y", "24")
    window.settled()
    alice.say(*(f"and on {number}" for number in range(30)), "that was all")
    until(lambda: "that was all" in window.text("-J", "-S", "-"), "the last line")
    text = window.settled("-J", "-S", "-")
    flat = re.sub(r"\s+", "", text)
    wrong = [number for number in range(1, count + 1)
             if flat.count(f"<{number}>") != 1 or flat.count(f"</{number}>") != 1]
    assert not wrong, text
    assert all(text.count(line) == 1 for line in SHELL), text
    assert len(re.findall(r"^> ", text, re.M)) <= 1, text
    shown = window.settled()
    window.run("send-keys", "C-l")  # draws all again, on an empty screen
    assert window.settled() == shown


def test_a_change_of_width_leaves_no_copies_in_tmux(tmux, chatd):
    server = chatd("--rate", "0")
    window = tmux(server.port, 134, 24)
    until(lambda: "bob joined" in window.text(), "bob")
    alice = server.connect()
    alice.say("/nick alice", *(f"<{number}> {'so many words ' * 7}" for number in range(80)))
    until(lambda: "<79>" in window.text(), "the last line")
    window.run("send-keys", "-l", "half a line that was typed and goes on " * 5)
    for _ in range(3):
        window.run("resize-window", "-x", "60", "-y", "24")
        window.settled()
        window.run("resize-window", "-x", "134", "-y", "24")
        text = window.settled("-J", "-S", "-")
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
def xterm(tmp_path):
    started = []

    def start(port):
        need("Xvfb", "xterm")
        read, write = os.pipe()
        xvfb = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1200x24"],
                                pass_fds=[write], stderr=subprocess.DEVNULL)
        started.append(xvfb)
        os.close(write)
        with os.fdopen(read) as pipe:
            display = ":" + pipe.readline().strip()
        window = Xterm(tmp_path, port, display)
        started.append(window.process)
        return window
    yield start
    for process in reversed(started):
        process.kill()
        process.wait(DEADLINE)


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
