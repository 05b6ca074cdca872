"""Makes docs/chat.svg, the picture in the README, from a real session.

Usage: python3 docs/picture.py BUILD

BUILD is the build folder with chatd and chatc in it. Three people talk: alice and bob with chatc in
pseudo-terminals, and one with a bare socket as nc has it. What alice sees is drawn. Needs pyte and
pytest.
"""

import html
import os
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build").resolve()
os.environ["CHATD"] = str(BUILD / "server" / "chatd")
os.environ["CHATC"] = str(BUILD / "client" / "chatc")
sys.path.insert(0, str(TOP / "test" / "e2e"))

import screen  # noqa: E402
from wire import Server  # noqa: E402

COLUMNS, ROWS = 76, 19
CELL_WIDTH, CELL_HEIGHT, MARGIN, BAR = 9, 20, 16, 32
BACKGROUND, FOREGROUND, FAINT = "#1b1e24", "#d8dce3", "#7d8590"


class Terminal(screen.Terminal):
    """Shows faint text, which pyte knows nothing of, in a colour."""

    def select_graphic_rendition(self, *attributes, **options):
        if attributes == (2,):
            attributes = (38, 5, 244)
        super().select_graphic_rendition(*attributes, **options)


def converse():
    """Has the conversation and returns what alice sees: rows of cells, and the cursor."""
    screen.Terminal = Terminal
    server = Server("--name", "Tea room")
    bob = screen.Chatc("-n", "bob", "127.0.0.1", server.port, columns=COLUMNS, rows=ROWS)
    bob.wait_text("*** bob joined")
    alice = screen.Chatc("-n", "alice", "127.0.0.1", server.port, columns=COLUMNS, rows=ROWS)
    alice.wait_text("*** alice joined")
    bob.type("hello alice! Is it only us?\r")
    alice.wait_text("only us?")
    bare = server.connect()
    bare.say("/nick さくら")
    alice.wait_text("joined (3 online)")
    alice.type("not any more 🙂\r")
    alice.wait_text("[alice]: not any more")
    bare.say("皆さん、こんにちは。 I am here with nothing but nc.")
    alice.wait_text("nothing but nc")
    bare.say("/me waves")
    alice.wait_text("waves")
    bob.type("Welcome! Long lines wrap between their words and hang under the text, so that "
             "one sees at a glance who said what.\r")
    alice.wait_text("who said what")
    bob.type("/msg alice shall we show them TAB?\r")
    alice.wait_text("show them TAB?")
    alice.type("/who\r")
    alice.wait_text("=== alice (you)")
    alice.type("While I type this, messages arrive abo")
    alice.wait_typed("> While I type this, messages arrive abo")
    with alice.lock:
        cells = [[alice.screen.buffer[y][x] for x in range(COLUMNS)] for y in range(ROWS)]
        cursor = alice.screen.cursor.x, alice.screen.cursor.y
    for client in (alice, bob):
        client.type("\x15/quit\r")
        client.wait_exit()
        client.finish()
    server.finish()
    return cells, cursor


def colour(name, default):
    return default if name == "default" else f"#{name}" if len(name) == 6 else name


def style(cell):
    fill, back = colour(cell.fg, FOREGROUND), colour(cell.bg, BACKGROUND)
    if cell.reverse:
        fill, back = back, fill
    return fill, back, cell.bold


def runs(row):
    """Cells of one style in a row: (first column, columns, text, style)."""
    x = 0
    while x < len(row):
        start, text = x, ""
        while x < len(row) and style(row[x]) == style(row[start]):
            text += row[x].data
            x += 1
            # A wide character, or one whose width fonts disagree on, has a run of its own.
            if not text[-1:].isascii():
                x += x < len(row) and row[x].data == ""
                break
            if x < len(row) and not row[x].data.isascii():
                break
        blanks = 0 if style(row[start])[1] != BACKGROUND else len(text) - len(text.rstrip(" "))
        if len(text) > blanks:
            yield start, x - start - blanks, text[:len(text) - blanks], style(row[start])


def draw(cells, cursor):
    width = 2 * MARGIN + COLUMNS * CELL_WIDTH
    height = BAR + 2 * MARGIN + ROWS * CELL_HEIGHT
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           f'width="{width}" height="{height}" font-size="15" '
           'font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace">')
    yield "<title>three people talking, seen in chatc</title>"
    yield f'<rect width="{width}" height="{height}" rx="8" fill="{BACKGROUND}"/>'
    for number, fill in enumerate(("#e0605a", "#e0b050", "#60b060")):
        yield f'<circle cx="{MARGIN + 4 + 20 * number}" cy="{BAR // 2 + 2}" r="6" fill="{fill}"/>'
    yield (f'<text x="{width // 2}" y="{BAR // 2 + 7}" text-anchor="middle" fill="{FAINT}">'
           "chatc -n alice</text>")
    for y, row in enumerate(cells):
        top = BAR + MARGIN + y * CELL_HEIGHT
        for x, columns, text, (fill, back, bold) in runs(row):
            left, wide = MARGIN + x * CELL_WIDTH, columns * CELL_WIDTH
            if back != BACKGROUND:
                yield (f'<rect x="{left}" y="{top}" width="{wide}" height="{CELL_HEIGHT}" '
                       f'fill="{back}"/>')
            weight = ' font-weight="bold"' if bold else ""
            yield (f'<text x="{left}" y="{top + 15}" fill="{fill}"{weight} textLength="{wide}" '
                   f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">'
                   f"{html.escape(text)}</text>")
    yield (f'<rect x="{MARGIN + cursor[0] * CELL_WIDTH}" '
           f'y="{BAR + MARGIN + cursor[1] * CELL_HEIGHT}" width="{CELL_WIDTH}" '
           f'height="{CELL_HEIGHT}" fill="{FOREGROUND}" opacity="0.7"/>')
    yield "</svg>"


def main():
    lines = list(draw(*converse()))
    (TOP / "docs" / "chat.svg").write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
