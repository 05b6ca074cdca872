"""chatc in a pseudo-terminal, with a terminal emulator that shows what a person would see."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import unicodedata

import pytest

try:
    import pyte
    from wcwidth import wcwidth
except ImportError:
    pyte = None

from wire import CHATC, DEADLINE, until

UP, DOWN, LEFT = "\x1b[A", "\x1b[B", "\x1b[D"


def paste(text):
    """What a terminal sends when a person pastes."""
    return f"\x1b[200~{text}\x1b[201~"


ZWJ, VS16, KEYCAP = "\u200d", "\ufe0f", "\u20e3"
TONES = [chr(code) for code in range(0x1f3fb, 0x1f400)]

# How many columns a character takes, given the one before it; None: as many as by itself. Of the
# families that were measured, with terminals of each:
FAMILIES = {
    # xterm, screen, st, urxvt, VTE, alacritty, foot, mosh
    "sum": lambda before, char: None,
    # tmux, konsole
    "joined": lambda before, char: 0 if before == ZWJ else None,
    # kitty
    "cluster": lambda before, char: 0 if char in TONES else 1 if char == VS16 else None,
    # mlterm
    "marks": lambda before, char: 1 if char == ZWJ else None,
}


class Terminal(pyte.HistoryScreen if pyte else object):
    """
    pyte, but for three things: it drops what comes after a character of no columns, it is of no
    family, and it forgets to keep its cursor on the screen when that shrinks.
    """

    family = "sum"
    before = ""

    @property
    def display(self):
        return ["".join(self.buffer[y][x].data for x in range(self.columns))
                for y in range(self.lines)]

    def draw(self, data):
        for char in data:
            width = FAMILIES[self.family](self.before, char)
            if width is None:
                width = wcwidth(char)
            self.before = char
            if width > 0 and wcwidth(char) == width:
                super().draw(char)
            else:
                self._append(char, width)

    def _append(self, char, width):
        """To the cell before, which is that much wider."""
        if not self.cursor.x:
            return
        row, at = self.buffer[self.cursor.y], self.cursor.x - 1
        while at and not row[at].data:
            at -= 1
        text = unicodedata.normalize("NFC", row[at].data + char)
        row[at] = row[at]._replace(data=text)
        for _ in range(max(width, 0)):
            if self.cursor.x < self.columns:
                row[self.cursor.x] = row[at]._replace(data="")
                self.cursor.x += 1

    def resize(self, lines=None, columns=None):
        super().resize(lines, columns)
        self.ensure_hbounds()
        self.ensure_vbounds()


class Chatc:
    """A running chatc. Use the fixture `chatc`, which ends it."""

    def __init__(self, *args, columns=80, rows=24, env=None, program=None,
                 family="sum"):
        if pyte is None:
            pytest.skip("needs pyte (Debian package python3-pyte)")
        self.master, slave = pty.openpty()
        self.screen = Terminal(columns, rows, history=20000, ratio=0.001)
        self.screen.family = family
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.lock = threading.Lock()
        self._set_size(columns, rows)
        self.before = termios.tcgetattr(self.master)
        self.watch = None
        environment = {**os.environ, "TERM": "xterm-256color", "TZ": "UTC",
                       "XDG_STATE_HOME": "/dev/null", **(env or {})}
        for name in ("NO_COLOR", "COLORTERM"):
            if name not in (env or {}):
                environment.pop(name, None)
        self.process = subprocess.Popen(
            [*(program or [CHATC]), *map(str, args)], stdin=slave, stdout=slave, stderr=slave,
            env=environment, start_new_session=True, preexec_fn=self._take_terminal)
        os.close(slave)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    @staticmethod
    def _take_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def _set_size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self):
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            with self.lock:
                self.raw += data
                self.stream.feed(data)
                if self.watch and not self.screen.cursor.hidden:
                    self.watch([row.rstrip() for row in self.screen.display])

    def type(self, text):
        """Presses keys."""
        data = text.encode() if isinstance(text, str) else text
        while data:
            data = data[os.write(self.master, data):]

    def resize(self, columns, rows):
        with self.lock:
            self.screen.resize(rows, columns)
            self._set_size(columns, rows)

    def rows(self):
        """The rows of the screen, without the blanks at their ends."""
        with self.lock:
            return [row.rstrip() for row in self.screen.display]

    def all_rows(self):
        """What has scrolled off the screen, then the screen."""
        with self.lock:
            past = ["".join(row[x].data for x in range(self.screen.columns)).rstrip()
                    for row in self.screen.history.top]
            return past + [row.rstrip() for row in self.screen.display]

    def last_row(self):
        """The last row with something on it: where one types."""
        return next((row for row in reversed(self.rows()) if row), "")

    def cursor(self):
        with self.lock:
            return self.screen.cursor.x, self.screen.cursor.y

    def cell(self, column, row):
        """A character with its attributes."""
        with self.lock:
            return self.screen.buffer[row][column]

    def watch_frames(self, check):
        """Calls check(rows) for whatever is on the screen whenever a frame is drawn."""
        with self.lock:
            self.watch = check

    def wait(self, condition, what="the screen"):
        """Waits for condition(rows) and returns what it returned."""
        try:
            return until(lambda: condition(self.rows()), what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(self.rows())) from None

    def wait_text(self, text):
        """Waits until text stands in a row, and returns the row's number."""
        def find(rows):
            return next((number + 1 for number, row in enumerate(rows) if text in row), 0)
        return self.wait(find, repr(text)) - 1

    def wait_typed(self, row):
        """Waits until the last row reads so."""
        self.wait(lambda rows: self.last_row() == row, f"the last row {row!r}")

    def wait_exit(self):
        """Its exit status; all that it wrote is on the screen then."""
        status = self.process.wait(DEADLINE)
        self.thread.join(DEADLINE)
        return status

    def modes(self):
        return termios.tcgetattr(self.master)

    def finish(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.thread.join(DEADLINE)
        os.close(self.master)


@pytest.fixture
def chatc():
    """Starts chatc in a terminal: chatc("-n", "bob", "127.0.0.1", port, columns=40)."""
    started = []

    def start(*args, **options):
        started.append(Chatc(*args, **options))
        return started[-1]

    yield start
    for client in started:
        client.finish()
