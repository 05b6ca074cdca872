"""chatc on a terminal: each sentence of chatc(1) that can be seen on a screen, looked at."""

import os
import re
import signal

import pytest
from peer import TOKEN, check_memory, peer  # noqa: F401
from screen import DOWN, LEFT, UP, chatc, paste  # noqa: F401
from wire import DEADLINE, until

STAMP = " --Wed Oct 19 21:24:05 2022"
NOON = 1666180800  # Wed Oct 19 12:00:00 2022, UTC

WIDTHS = [20, 40, 80, 200]


class Room:
    """A chatd of our own making, with one chatc in it."""

    def __init__(self, chatc, peer, *args, nick="bob", **options):
        self.chatc = chatc("-n", nick, *args, "127.0.0.1", peer.port, **options)
        self.wire = peer.greet()
        self.chatc.wait_text("=== peer")
        self.last = 41

    def feed(self, line, epoch=NOON):
        """The room hears a line."""
        self.last += 1
        self.wire.say(f"@{self.last} {epoch} {line}{STAMP}")


@pytest.fixture
def room(chatc, peer):
    def start(*args, **options):
        return Room(chatc, peer, *args, **options)
    return start


def test_the_words_at_the_start(chatc, chatd):
    client = chatc("127.0.0.1", chatd().port)
    client.wait_typed(">")
    client.wait_text("=== chatd: you are #1")
    assert client.rows()[:2] == ["connect: success!", "Now you can start chatting!"]


def test_the_words_at_the_start_wait_for_the_greeting(chatc, chatd, tmp_path):
    (tmp_path / "secret").write_text("sesame\n")
    server = chatd("--password-file", tmp_path / "secret", "--name", "Tea room")
    client = chatc("-n", "bob", "127.0.0.1", server.port)
    client.wait_typed("password:")
    assert client.rows()[0] == "connect: success!"
    assert not any("Now you can" in row for row in client.rows())
    client.type("sesame\r")
    client.wait_text("bob · Tea room · 1 online")
    assert client.rows()[1].startswith("Now you can") and client.rows()[2].startswith("===")


def test_no_server(chatc, peer):
    peer.finish()
    client = chatc("127.0.0.1", peer.port)
    assert client.wait_exit() == 1
    assert client.rows()[0] == f"connect fail: 127.0.0.1 port {peer.port}: Connection refused"


def test_two_people_talk(chatc, chatd):
    server = chatd()
    alice = chatc("-n", "alice", "127.0.0.1", server.port)
    alice.wait_text("*** alice joined (1 online)")
    bob = chatc("-n", "bob", "127.0.0.1", server.port)
    alice.wait_text("*** bob joined (2 online)")
    bob.type("hello\r")
    row = alice.wait_text("[bob]: hello")
    assert re.fullmatch(r"\d\d:\d\d \[bob\]: hello", alice.rows()[row])
    row = bob.wait_text("[bob]: hello")
    assert re.fullmatch(r"\d\d:\d\d>\[bob\]: hello", bob.rows()[row])
    alice.type("/me waves\r")
    bob.wait_text("* alice waves")
    alice.type("/msg bob psst\r")
    bob.wait_text("![alice -> you]: psst")
    alice.wait_text(">[you -> bob]: psst")
    bob.type("quit\r")
    assert bob.wait_exit() == 0
    alice.wait_text("*** bob left (1 online)")


def test_typing_is_not_disturbed(room):
    r = room()
    r.chatc.type("half a li")
    r.chatc.wait_typed("> half a li")
    r.feed("[alice]: hello")
    r.chatc.wait_text("[alice]: hello")
    assert r.chatc.last_row() == "> half a li"
    r.chatc.type("ne\r")
    assert r.wire.line() == "half a line"


def test_an_own_line_is_there_once(room):
    r = room()
    r.chatc.type("hello\r")
    assert r.wire.line() == "hello"
    # Until its echo comes it waits above the line, …
    row = r.chatc.wait_text("  hello")
    assert r.chatc.rows()[row] == "  hello"
    r.feed("[bob]: hello")
    # … which replaces it.
    row = r.chatc.wait_text("[bob]: hello")
    assert sum("hello" in line for line in r.chatc.all_rows()) == 1
    assert r.chatc.rows()[row] == "12:00>[bob]: hello"


def test_each_kind_is_told_apart_without_colour(room):
    r = room("--color", "never")
    r.feed("[alice]: a message")
    r.feed("* alice acts")
    r.feed("*** carol joined (3 online)")
    r.wire.say(f"[alice -> you]: private{STAMP}", "=== answer", "!!! error")
    r.feed("[bob]: mine")
    r.chatc.wait_text("mine")
    rows = [re.sub(r"\d\d:\d\d(?=!\[alice ->)", "NOW", row) for row in r.chatc.rows()]
    rows = [row for row in rows if not row.startswith("---")]
    assert rows[3:10] == [
        "12:00 [alice]: a message", "12:00 * alice acts", "12:00 *** carol joined (3 online)",
        "NOW![alice -> you]: private", "=== answer", "!!! error", "12:00>[bob]: mine"]
    assert b"\x1b[3" not in r.chatc.raw and b"\x1b[2m" not in r.chatc.raw


def test_the_time_is_local_and_days_turn(room):
    r = room(env={"TZ": "Asia/Tokyo"})
    r.feed("[alice]: one", NOON)
    r.feed("[alice]: two", NOON + 3 * 3600)
    r.chatc.wait_text("two")
    rows = r.chatc.rows()
    assert "21:00 [alice]: one" in rows and "00:00 [alice]: two" in rows
    assert rows[rows.index("00:00 [alice]: two") - 1] == "--- Thu Oct 20 2022 ---"


def test_everyone_has_a_colour(room):
    r = room()
    for who in ("alice", "carol", "alice"):
        r.feed(f"[{who}]: x{who}")
    row = r.chatc.wait_text("xcarol")
    r.chatc.wait(lambda rows: sum("xalice" in line for line in rows) == 2)
    first, second, third = (r.chatc.cell(7, y).fg for y in (row - 1, row, row + 1))
    assert first == third != second and "default" not in (first, second)


@pytest.mark.parametrize("args, env, coloured", [
    ([], {}, True),
    ([], {"NO_COLOR": "1"}, False),
    ([], {"NO_COLOR": ""}, True),
    (["--color", "always"], {"NO_COLOR": "1"}, True),
    (["--color=never"], {}, False),
    ([], {"TERM": "xterm"}, True),
])
def test_colours_are_a_choice(room, args, env, coloured):
    r = room(*args, env=env)
    r.feed("[alice]: hello")
    row = r.chatc.wait_text("[alice]")
    assert (r.chatc.cell(7, row).fg != "default") == coloured


def test_a_bell_when_the_nick_is_said(room):
    r = room()
    r.feed("[alice]: hello all")
    r.chatc.wait_text("hello all")
    assert b"\a" not in r.chatc.raw
    r.feed("[alice]: hello, BOB!")
    row = r.chatc.wait_text("hello, BOB!")
    until(lambda: b"\a" in r.chatc.raw, "the bell")
    assert r.chatc.rows()[row] == "12:00![alice]: hello, BOB!"
    assert r.chatc.cell(7, row).reverse


def test_the_status_line(room):
    r = room()
    r.feed("*** bob joined (3 online)")
    r.chatc.wait(lambda rows: "bob · peer · 3 online" in rows)
    rows = r.chatc.rows()
    assert rows[rows.index("bob · peer · 3 online") + 1] == ">"
    r.feed("*** carol left (2 online)")
    r.chatc.wait(lambda rows: "bob · peer · 2 online" in rows)
    r.wire.reset()
    r.chatc.wait(lambda rows: any("reconnecting" in row and "bob" not in row or "bob" in row
                                  for row in rows))
    until(lambda: "\x1b]2;chatc: not connected · bob".encode() in r.chatc.raw, "the title")


def test_no_status_line(room):
    r = room("--no-status")
    r.feed("*** bob joined (3 online)")
    r.chatc.wait_text("bob joined")
    assert r.chatc.rows()[-1] == "" and not any("bob · " in row for row in r.chatc.rows())


def test_what_came_while_the_window_had_no_focus(room):
    r = room("--notify", env={"TZ": "UTC"})
    r.feed("[alice]: seen")
    r.chatc.wait_text("seen")
    r.chatc.type("\x1b[Ox")
    r.chatc.wait_typed("> x")
    r.feed("[alice]: unseen")
    r.feed("[alice]: bob?")
    row = r.chatc.wait_text("unseen")
    assert re.fullmatch(r"── new since \d\d:\d\d ──", r.chatc.rows()[row - 1])
    r.chatc.wait_text("1 mention")
    until(lambda: b"\x1b]2;(1) chatc" in r.chatc.raw, "the title")
    until(lambda: b"\x1b]9;alice: bob?\x1b\\" in r.chatc.raw, "the notification")
    r.chatc.type("\x1b[I")
    r.chatc.wait(lambda rows: not any("mention" in row for row in rows))
    r.feed("[alice]: more")
    r.chatc.wait_text("more")
    assert sum("new since" in row for row in r.chatc.rows()) == 1


@pytest.mark.parametrize("how, rows", [
    ("show", ["12:00 *** al joined (2 online)", "12:00 *** al left (1 online)"]),
    ("fold", ["12:00 *** al joined (2 online), al left (1 online)"]),
    ("hide", []),
])
def test_joins(room, how, rows):
    r = room("--joins", how)
    r.feed("*** al joined (2 online)")
    r.feed("*** al left (1 online)")
    r.feed("[alice]: hello")
    r.chatc.wait_text("hello")
    assert [row for row in r.chatc.rows() if "*** al" in row] == rows


def test_the_time_as_one_wants_it(room):
    r = room("--time", "%H.%M.%S")
    r.feed("[alice]: hello")
    r.chatc.wait_text("12.00.00 [alice]: hello")


def test_a_word_that_counts_as_the_nick(room):
    r = room("--highlight", "Tea")
    r.feed("[alice]: TEA is ready")
    r.chatc.wait_text("12:00![alice]: TEA is ready")


def test_case_and_accents(chatc, peer):
    client = chatc("-n", "Ömer", "127.0.0.1", peer.port)
    wire = peer.greet()
    client.wait_text("=== peer")
    wire.say(f"@42 {NOON} [Émile]: ömer: hi{STAMP}")
    client.wait_text("12:00![Émile]: ömer: hi")
    client.type("(em\t")
    client.wait_typed("> (Émile")


def test_private_talk(room):
    r = room()
    r.wire.say(f"[alice -> you]: psst{STAMP}")
    r.chatc.wait_text("psst")
    r.chatc.type("/r ")
    r.chatc.wait(lambda rows: r.chatc.last_row() == "> /msg alice")
    r.chatc.type("what?\r")
    assert r.wire.line() == "/msg alice what?"
    r.chatc.type("/query carol\r")
    r.chatc.wait_typed("[carol] >")
    r.chatc.type("hi\r")
    assert r.wire.line() == "/msg carol hi"
    r.chatc.type("/query\r")
    r.chatc.wait_typed(">")
    r.chatc.type("all\r")
    assert r.wire.line() == "all"


def test_looking_back(room):
    r = room(rows=10)
    for number in range(30):
        r.feed(f"[alice]: number {number}")
    r.chatc.wait_text("number 29")
    r.chatc.type("typed\x1b[5~")
    r.chatc.wait_text("PageUp")
    assert not any("number 29" in row for row in r.chatc.rows())
    r.chatc.type("\x1b[5~")
    r.chatc.wait_text("number 10")
    assert b"\x1b[?1049h" in r.chatc.raw
    r.feed("[alice]: meanwhile")
    r.chatc.type("x")
    until(lambda: b"\x1b[?1049l" in r.chatc.raw, "the first screen")


def test_looking_back_further_than_what_is_kept(chatc, chatd):
    """The server is asked for what was said before, until it has no more."""
    server = chatd("--rate", 0)
    alice = server.join("alice")
    alice.say(*(f"number {number}" for number in range(700)))
    alice.until(r".*number 699 .*")
    bob = chatc("-n", "bob", "127.0.0.1", server.port, rows=30)
    bob.wait_text("bob joined")
    seen = []
    bob.type("\x1b[5~")
    while "number 0" not in [row[-8:] for row in seen]:
        page = bob.wait(lambda rows: seen[:5] != rows[:5] and rows[-1].startswith("PageUp") and rows)
        seen = page[:-1] + seen
        bob.type("\x1b[5~")
    bob.wait_text("there is no more")
    numbers = [int(row.split()[-1]) for row in seen if "number " in row]
    assert numbers == list(range(700))
    alice.say("goodbye")
    bob.type("q")
    bob.wait_text("[alice]: goodbye")
    assert "number 0" not in bob.rows()


def test_what_a_search_finds(chatc, chatd):
    """It looks like what was said, in local time."""
    server = chatd()
    alice = server.join("alice")
    alice.say("tea at four?", "or coffee", "Tea it is")
    bob = chatc("-n", "bob", "127.0.0.1", server.port, env={"TZ": "Asia/Tokyo"})
    row = bob.wait_text("[alice]: Tea it is")
    said = bob.rows()[row]
    bob.type("/search tea\r")
    row = bob.wait_text("=== 2 found")
    assert bob.rows()[row - 1] == said.replace(" ", "/", 1)
    assert bob.rows()[row - 2].endswith("/[alice]: tea at four?")
    assert bob.cell(7, row - 1).fg == bob.cell(7, bob.wait_text(" [alice]: Tea it is")).fg


@pytest.mark.parametrize("locale, warned", [("de_DE", True), ("de_DE.ISO-8859-1", True),
                                            ("de_DE.UTF-8", False), ("C", False)])
def test_a_locale_that_is_not_utf_8(room, locale, warned):
    r = room(env={"LC_ALL": locale})
    r.chatc.wait_text("you are #3")
    assert any("not one of UTF-8" in row for row in r.chatc.rows()) == warned


def test_a_link_is_left_whole(room):
    url = "https://example.org/" + "a" * 100
    r = room(columns=60, env={"VTE_VERSION": "7000"})
    r.feed(f"[alice]: see {url}, and that")
    r.chatc.wait_text("and that")
    assert url in "".join(r.chatc.rows())
    assert re.search(rb"\x1b\]8;id=[0-9a-f]+;" + url.encode() + rb"\x1b\\", r.chatc.raw)
    r = room(columns=60)
    r.feed(f"[alice]: see {url}, and that")
    r.chatc.wait_text("and that")
    assert b"\x1b]8;" not in r.chatc.raw


def test_no_bell(room):
    r = room("--bell", "off")
    r.feed("[alice]: bob")
    row = r.chatc.wait_text("[alice]: bob")
    r.chatc.type("\tx")
    r.chatc.wait_typed("> alice: x")
    r.chatc.type("zz\t.")  # nobody is called so
    r.chatc.wait_typed("> alice: xzz.")
    assert b"\a" not in r.chatc.raw
    assert r.chatc.rows()[row] == "12:00![alice]: bob"
    assert r.chatc.cell(7, row).reverse


@pytest.mark.parametrize("columns", WIDTHS)
def test_long_lines_hang_under_their_text(room, columns):
    r = room(columns=columns, rows=60)
    words = " ".join(f"word{number}" for number in range(60))
    r.feed(f"[alice]: {words}")
    r.chatc.wait_text("word59")
    rows = r.chatc.rows()
    start = next(y for y, row in enumerate(rows) if "[alice]:" in row)
    end = next(y for y, row in enumerate(rows) if "word59" in row)
    indent = 15 if columns >= 30 else 6
    assert end > start
    assert all(row.startswith(" " * indent) and row[indent] != " "
               for row in rows[start + 1:end + 1])
    text = " ".join(row.strip() for row in rows[start:end + 1])
    assert text == f"12:00 [alice]: {words}"


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_line_wraps_and_is_edited_whole(room, columns):
    r = room(columns=columns)
    text = "".join(chr(ord("a") + number % 26) for number in range(90)) + "你好" * 10
    r.chatc.type(text)

    def typed(rows):
        start = max((y for y, row in enumerate(rows) if row.startswith("> ")), default=None)
        return None if start is None else "".join(rows[start:])
    r.chatc.wait(lambda rows: typed(rows) == "> " + text)
    r.feed("[alice]: meanwhile")
    r.chatc.wait(lambda rows: any("meanwhile" in row for row in rows) and
                 typed(rows) == "> " + text)
    r.chatc.type("\x01X\x05Y")
    r.chatc.wait(lambda rows: typed(rows) == "> X" + text + "Y")
    r.chatc.type("\r")
    assert r.wire.line() == "X" + text + "Y"


def test_the_cursor_goes_by_clusters(room):
    r = room()
    start = 2
    r.chatc.type("a你e\u0301한👍🏽b")
    r.chatc.wait(lambda rows: r.chatc.last_row().endswith("b"))
    y = r.chatc.cursor()[1]
    r.chatc.type(LEFT)
    widths = [1, 2, 1, 2, 4]  # of the hand with its skin, what most terminals take for it
    for left in range(len(widths), -1, -1):
        r.chatc.wait(lambda rows, x=start + sum(widths[:left]): r.chatc.cursor() == (x, y))
        r.chatc.type(LEFT)
    r.chatc.type("\x05\x7f\x7f")  # the thumb with its skin goes at once
    r.chatc.wait(lambda rows: r.chatc.last_row() == "> a你é한")
    r.chatc.type("\x7f\x7f\r")
    assert r.wire.line() == "a你"


def test_emacs_keys(room):
    r = room()
    for keys, line in [("one two three", "one two three"), ("\x17", "one two"),
                       ("\x01\x1bd", " two"), ("\x19", "one two"), ("\x1f", " two"),
                       ("\x05ab\x14", " two ba"), ("\x02\x02\x0b", " two"),
                       ("\x1bb\x04", " wo"), ("\x06\x7f", " o"), ("\x15", "o"),
                       ("\x19\x19", "  o"), ("\x1bf\x1b\x7f", "")]:
        r.chatc.type(keys)
        r.chatc.wait_typed(f"> {line}".rstrip())
    r.chatc.type("\x05\x15hello\r")
    assert r.wire.line() == "hello"


def test_typed_lines_come_back(room, tmp_path):
    r = room(env={"XDG_STATE_HOME": str(tmp_path)})
    for line in ("first", "second", "/msg alice secret", "/op sesame"):
        r.chatc.type(line + "\r")
        assert r.wire.line() == line
    r.chatc.type(UP)
    r.chatc.wait_typed("> /msg alice secret")
    r.chatc.type(UP + UP)
    r.chatc.wait_typed("> first")
    r.chatc.type(DOWN)
    r.chatc.wait_typed("> second")
    history = tmp_path / "chatc" / "history"
    assert history.read_text() == "first\nsecond\n"
    assert history.stat().st_mode & 0o777 == 0o600


def test_they_outlive_the_program(room, tmp_path):
    (tmp_path / "chatc").mkdir()
    (tmp_path / "chatc" / "history").write_text("".join(f"line {n}\n" for n in range(50000)))
    r = room(env={"XDG_STATE_HOME": str(tmp_path)})
    r.chatc.type(UP)
    r.chatc.wait_typed("> line 49999")
    r.chatc.type("\x15\x12")
    r.chatc.wait_text("search:")
    r.chatc.type("ne 494")
    r.chatc.wait_typed("> line 49499")
    r.chatc.type("\x12")
    r.chatc.wait_typed("> line 49498")
    r.chatc.type("\r")
    assert r.wire.line() == "line 49498"
    history = (tmp_path / "chatc" / "history").read_text().splitlines()
    assert len(history) == 1001 and history[-1] == "line 49498"


def test_tab_completes(room):
    r = room()
    r.feed("[carol]: x")
    r.feed("[alice]: x")
    r.feed("*** albert joined (4 online)")
    r.chatc.wait_text("albert")
    r.chatc.type("a\t")
    r.chatc.wait_typed("> alice:")
    r.chatc.type("\t")
    r.chatc.wait_typed("> albert:")
    r.chatc.type("\x15/w\t")
    r.chatc.wait_typed("> /who")
    r.chatc.type("\x15/msg c\thi\r")
    assert r.wire.line() == "/msg carol hi"


def test_tab_knows_the_silent_ones_that_came_before(chatc, chatd):
    server = chatd("--replay", 0)
    server.join("alice")
    bob = chatc("-n", "bob", "127.0.0.1", server.port)
    bob.type("/who\r")
    bob.wait(lambda rows: any(row.startswith("=== bob (you) since ") for row in rows))
    bob.type("al\t")
    bob.wait_typed("> alice:")
    assert sum(row.startswith("=== 2 online:") for row in bob.all_rows()) == 1


def test_rooms(chatc, peer, tmp_path):
    """To a room by its number, and by its name that TAB completes; it is named where one types."""
    log = tmp_path / "log"
    bob = chatc("-n", "bob", "--log", log, "127.0.0.1", peer.port)
    wire = peer.accept()
    wire.say("=== peer: you are #3, 2 of 256 online, room lobby, /help for help")
    wire.until("/resume")
    wire.say(f"=== resume 41 {TOKEN}")
    wire.until("/rooms")
    wire.say("=== 1 online:", "=== bob (you) since Wed Oct 19 21:24:05 2022, idle 0 s",
             "=== 2 rooms:", "=== lobby (you): 1 online, up to 41", "=== tea: 2 online, up to 7")
    bob.wait_typed("lobby>")
    bob.wait_text("bob · lobby · 1 online")
    bob.type("\x1b2hello\r")
    wire.until("/join tea")
    wire.say("=== pong chatc room", "=== password:")
    bob.wait_typed("password:")
    bob.type("sesame\r")
    assert wire.until("sesame") == ["sesame"]
    wire.say("=== room tea: 3 online", f"@7 {NOON} [alice]: hi bob{STAMP}")
    wire.until("/resume")
    wire.say(f"=== resume 7 {TOKEN}")
    wire.until("hello")
    wire.say(f"@8 {NOON} [bob]: hello{STAMP}")
    bob.wait_text("12:00>[bob]: hello")
    bob.wait_typed("tea>")
    assert b"sesame" not in bob.raw and "]2;chatc: bob · tea · 3 online".encode() in bob.raw
    bob.wait_text("bob · tea · 3 online")
    bob.type("/join LO\t\r")
    wire.until("/join lobby 41")
    wire.say("=== pong chatc room", "=== room lobby: 2 online",
             f"@42 {NOON} [alice]: anybody?{STAMP}")
    bob.wait_text("[alice]: anybody?")
    bob.wait_typed("lobby>")
    text = log.read_text()
    assert text.index("=== room tea: 3 online") < text.index("[alice]: hi bob") < \
        text.index("=== room lobby: 2 online") < text.index("[alice]: anybody?")


def test_a_paste_of_lines_is_asked_for(room):
    r = room()
    r.chatc.type(paste("one\ntwo\nthree\n"))
    row = r.chatc.wait_text("send 3 lines?")
    assert r.chatc.rows()[row - 3:row] == ["  one", "  two", "  three"]
    assert r.chatc.rows()[row] == "send 3 lines? y or Enter sends, n or Ctrl-C drops"
    r.chatc.type("n")
    r.chatc.wait(lambda rows: not any("send 3" in line for line in rows))
    r.chatc.type(paste("one\ntwo") + "\x03")
    r.chatc.type("typed\r")
    assert r.wire.line() == "typed"
    r.chatc.type(paste("/quit\nquit\n//x"))
    r.chatc.wait_text("send 3 lines?")
    r.chatc.type("y")
    assert [r.wire.line() for _ in range(3)] == ["//quit", "quit", "///x"]
    r.chatc.type(paste("1\r2") + "\r")
    assert [r.wire.line() for _ in range(2)] == ["1", "2"]


def test_a_paste_of_one_line_is_typed(room):
    r = room()
    r.chatc.type("a" + LEFT + paste("one\x1b[31m two\n"))
    r.chatc.wait_typed("> one twoa")


def test_the_indentation_of_a_paste_stays(room):
    """A TAB is four blanks, as the server would make of it."""
    r = room()
    r.chatc.type(paste("if x:\n\ty\n  \tz") + "\r")
    assert [r.wire.line() for _ in range(3)] == ["if x:", "    y", "      z"]
    r.chatc.type(paste("a\tb"))
    r.chatc.wait_typed("> a    b")


def test_a_paste_that_is_not_marked_is_typed(room):
    r = room()
    r.chatc.type("one\n/me two\nthree")
    assert [r.wire.line() for _ in range(2)] == ["one", "/me two"]
    r.chatc.wait_typed("> three")


def test_the_limit(room):
    r = room()
    r.chatc.type("x" * 923)
    r.chatc.wait(lambda rows: sum(row.count("x") for row in rows) == 923)
    assert not any("left" in row for row in r.chatc.rows())
    r.chatc.type("x")
    r.chatc.wait_text("100 bytes left")
    r.chatc.type("x" * 200)
    r.chatc.wait_text("0 bytes left")
    r.chatc.type("y\r")
    assert r.wire.line() == "x" * 1024


def test_the_limit_is_the_servers(chatc, chatd):
    client = chatc("127.0.0.1", chatd("-b", 64).port)
    client.wait_text("messages up to 64 bytes")
    client.type("x" * 100 + "\r")
    client.wait_text("]: " + "x" * 50)
    assert sum(row.count("x") for row in client.rows() if "=" not in row and "***" not in row) \
        == 64


SHORT = "=== peer: you are #3, 2 of 256 online, messages up to 64 bytes, /help for help"


def test_a_line_for_a_server_that_took_longer_ones(room, peer):
    """It stays and is not said."""
    r = room()
    r.chatc.type("x" * 70)
    r.chatc.wait_typed("> " + "x" * 70)
    r.wire.reset()
    wire = peer.accept()
    wire.say(SHORT)
    r.chatc.wait_text("0 bytes left")
    r.chatc.type("\r" + LEFT * 70)
    until(lambda: b"\a" in r.chatc.raw, "the bell")
    r.chatc.wait(lambda rows: r.chatc.cursor()[0] == 2)
    assert r.chatc.last_row() == "> " + "x" * 70
    r.chatc.type("\x05" + "\x7f" * 10 + "\r")
    assert [line for line in wire.until("x+") if line[0] == "x"] == ["x" * 60]


def test_a_paste_for_a_server_that_took_longer_lines(room, peer):
    r = room()
    r.chatc.type(paste("one\n" + "y" * 70))
    r.chatc.wait_text("send 2 lines?")
    r.wire.reset()
    wire = peer.accept()
    wire.say(SHORT)
    r.chatc.wait_text("line 2 is too long (at most 64 bytes)")
    r.chatc.type("\rtyped\r")
    assert [line for line in wire.until("typed") if line[0] != "/"] == ["typed"]


@pytest.mark.parametrize("columns", WIDTHS)
def test_resizing(room, columns):
    r = room("--no-status", columns=80)
    for number in range(40):
        r.feed(f"[alice]: number {number}")
    r.chatc.type("typed")
    r.chatc.wait(lambda rows: r.chatc.last_row() == "> typed" and "number 39" in rows[-2])
    for width, height in [(columns, 24), (columns, 10), (60, 12), (columns, 30)]:
        r.chatc.resize(width, height)
        r.chatc.type("x\x7f")
        r.chatc.wait(lambda rows: r.chatc.last_row() == "> typed" and
                     any("number 39" in row for row in rows))
        rows = r.chatc.rows()
        r.chatc.wait(lambda rows: rows.count("> typed") == 1)
        numbers = re.findall(r"number (\d+)", " ".join(r.chatc.rows()))
        assert numbers == sorted(set(numbers), key=int), rows
        assert len(numbers) >= 8 if columns >= 40 else numbers


@pytest.mark.parametrize("size, columns, messages, words", [
    ((80, 11), 81, 12, 40),
    ((40, 10), 38, 1, 100),
], ids=["several", "one"])
def test_what_reaches_above_the_screen_is_drawn_again(room, size, columns, messages, words):
    """The last rows of a message stay when its first ones do not fit."""
    r = room("--no-status", columns=size[0], rows=size[1])
    said = [f"[alice]: {number} " + " ".join(f"w{word}" for word in range(words))
            for number in range(messages)]
    for line in said:
        r.feed(line)
    shown = " ".join("12:00 " + line for line in said)

    def check(typed):
        r.chatc.wait(lambda rows: all(rows) and rows[-1] == typed and
                     shown.endswith(" ".join(row.strip() for row in rows[:-1])))
    check(">")
    r.chatc.resize(columns, size[1])
    r.chatc.type("x")
    check("> x")
    r.chatc.type("\x0cy")
    check("> xy")


def test_clear_and_redraw(room):
    r = room("--no-status")
    r.feed("[alice]: hello")
    r.chatc.type("typed")
    r.chatc.wait_typed("> typed")
    r.chatc.type("\x0c")
    r.chatc.wait(lambda rows: any("[alice]: hello" in row for row in rows))
    r.chatc.type("\x15/clear\r")
    r.chatc.wait(lambda rows: rows[0] == ">" and not any(rows[1:]))
    r.feed("[alice]: again")
    r.chatc.wait(lambda rows: rows[:2] == ["12:00 [alice]: again", ">"])


def test_clearing_loses_nothing_that_comes_just_then(room, tmp_path):
    r = room("--no-status", "--log", tmp_path / "log")
    r.feed("[alice]: before")
    r.chatc.wait_text("before")
    r.chatc.process.send_signal(signal.SIGSTOP)
    os.waitpid(r.chatc.process.pid, os.WUNTRACED)  # so that both are there when it goes on
    r.feed("[alice]: just then")
    r.chatc.type("/clear\r")
    r.chatc.process.send_signal(signal.SIGCONT)
    r.chatc.wait(lambda rows: rows[:2] == ["12:00 [alice]: just then", ">"])
    assert "[alice]: just then" in (tmp_path / "log").read_text()


def test_help_tells_of_both(chatc, chatd):
    client = chatc("127.0.0.1", chatd().port, rows=50)
    client.wait_text("you are #1")
    client.type("/help\r")
    client.wait_text("=== /nick NAME")
    assert any("/clear" in row for row in client.rows())
    client.type("/help nick\r")
    client.wait(lambda rows: sum("/nick NAME" in row for row in rows) == 2)


@pytest.mark.parametrize("keys", ["quit\r", "/quit\r", "/QUIT\r", "\x04", "\x03",
                                  "half a line\x03\x03"])
def test_leaving(chatc, chatd, keys):
    server = chatd()
    alice = server.join("alice")
    client = chatc("-n", "bob", "127.0.0.1", server.port)
    client.wait_text("*** bob joined")
    client.type(keys)
    assert client.wait_exit() == 0
    assert client.modes() == client.before
    assert client.raw.endswith(b"\x1b[?25h\x1b[?2004l")
    assert client.cursor()[0] == 0
    assert "*** bob left (1 online)" in alice.until(r"\*\*\* bob left .*")[-1]


def test_leaving_with_a_word(chatc, chatd):
    server = chatd()
    alice = server.join("alice")
    client = chatc("-n", "bob", "127.0.0.1", server.port)
    client.wait_text("*** bob joined")
    client.type("/quit so long\r")
    assert client.wait_exit() == 0
    alice.until(r"\*\*\* bob left \(so long\) .*")


def test_leaving_before_the_greeting(chatc, peer):
    client = chatc("127.0.0.1", peer.port)
    client.type("hello\rquit\r")
    wire = peer.greet(asked=False)
    assert wire.line() == "hello"
    assert wire.line() == "/quit"
    assert wire.eof() == []
    wire.close()
    assert client.wait_exit() == 0


def test_leaving_a_server_that_does_not_close(room):
    r = room()
    r.chatc.type("/quit\r")
    assert r.chatc.wait_exit() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT,
                                    signal.SIGABRT, signal.SIGSEGV, signal.SIGSYS,
                                    signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM,
                                    signal.SIGXCPU, signal.SIGVTALRM, signal.SIGPROF])
def test_signals_give_the_terminal_back(room, number):
    r = room()
    r.chatc.type("typed")
    r.chatc.wait_typed("> typed")
    assert r.chatc.modes() != r.chatc.before
    r.chatc.process.send_signal(number)
    assert r.chatc.wait_exit() == -number
    assert r.chatc.modes() == r.chatc.before
    assert r.chatc.raw.endswith(b"\x1b[?25h\x1b[?2004l")


def test_an_interrupt_from_outside_leaves(room):
    r = room()
    r.chatc.process.send_signal(signal.SIGINT)
    assert r.wire.line() == "/quit"
    r.wire.close()
    assert r.chatc.wait_exit() == 0


def test_a_lost_server_gives_the_terminal_back(room):
    r = room("--no-reconnect")
    r.chatc.type("typed")
    r.chatc.wait_typed("> typed")
    r.wire.reset()
    assert r.chatc.wait_exit() == 1
    assert r.chatc.modes() == r.chatc.before
    assert any("loss connect!" == row for row in r.chatc.rows())


def test_stop_and_go_on(chatc, peer, tool):
    shell = chatc("--norc", "--noprofile", "-i", program=[tool("bash")],
                  env={"PS1": "shell> ", "HISTFILE": ""})
    shell.wait_typed("shell>")
    before = shell.modes()
    shell.type(f"$CHATC -n bob 127.0.0.1 {peer.port}\r")
    wire = peer.greet()
    shell.wait_text("you are #3")
    shell.type("typed")
    shell.wait_typed("> typed")
    shell.type("\x1a")
    shell.wait_typed("shell>")
    assert any("Stopped" in row for row in shell.rows())
    assert shell.modes()[3] == before[3]
    wire.say(f"@42 {NOON} [alice]: meanwhile{STAMP}")
    shell.type("echo at the shell\r")
    shell.wait(lambda rows: "at the shell" in rows and shell.last_row() == "shell>")
    assert not any("meanwhile" in row for row in shell.rows())
    shell.type("fg\r")
    shell.wait_text("meanwhile")
    shell.wait_typed("> typed")
    assert sum(row == "> typed" for row in shell.rows()) == 1
    shell.type("\x1a")
    shell.wait_typed("shell>")
    shell.type("fg\r")
    shell.wait_typed("> typed")  # though nothing else has happened
    shell.type("\r")
    assert wire.line() == "typed"
    shell.type("\x04")
    assert wire.line() == "/quit"
    wire.close()
    shell.wait_typed("shell>")
    shell.type("echo status $?\r")
    shell.wait_text("status 0")
    shell.type("exit\r")
    shell.wait_exit()


def test_ended_while_stopped(chatc, peer, tool):
    """Continued, it ends at once, also in the background, and leaves the terminal alone."""
    shell = chatc("--norc", "--noprofile", "-i", program=[tool("bash")],
                  env={"PS1": "shell> ", "HISTFILE": ""})
    for go_on in ("fg", "bg; wait"):
        shell.wait_typed("shell>")
        before = shell.modes()
        shell.type(f"clear; $CHATC -n bob 127.0.0.1 {peer.port}\r")
        peer.greet()
        shell.wait_text("you are #3")
        shell.type("\x1a")
        shell.wait_typed("shell>")
        shell.type(f"kill %1; {go_on}; echo ended $?\r")
        shell.wait(lambda rows: any(re.fullmatch(r"ended (143|0)", row) for row in rows))
        assert shell.modes()[3] == before[3]
    shell.type("exit\r")
    shell.wait_exit()


def test_nothing_a_server_sends_moves_the_cursor(room):
    r = room(rows=40)
    r.chatc.type("typed")
    for code in [*range(0x20), 0x7f, *range(0x80, 0xa0)]:
        if code not in (0x0a, 0x08, 0x7f):
            r.wire.send(f"=== <{chr(code)}[2J{chr(code)}]0;x\x07>\n")
    r.wire.send(b"\xff\xfe\x9b2J\x1bc\x1b#8\x1b[?1049h\x1b[5n\n")
    r.wire.send("=== \u202e\u2066over\u2028end\n")
    r.wire.say("=== done")
    r.chatc.wait_text("=== done")
    assert r.chatc.last_row() == "> typed"
    sequences = set(re.findall(rb"\x1b(?:\[[0-9;?>]*[@-~]|\][^\x00-\x1f]*|.)", r.chatc.raw))
    allowed = (rb"\x1b\[(\d*[ABCGL]|[HJK]|2K|[0-9;]*m|\?(7|25|1004|2004)[hl]|2[23];2t|>c|6n)|"
               rb"\x1b\]2;[^\x00-\x1f]*|\x1b\\")
    assert all(re.fullmatch(allowed, sequence) for sequence in sequences), sequences
    assert not re.search(rb"[\x00-\x06\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]", r.chatc.raw)


def test_megabytes_and_endless_lines_do_no_harm(room):
    r = room()
    r.chatc.type("typed")
    r.wire.send(b"x" * (8 << 20) + b"\n")
    r.chatc.wait_text("8388608 bytes came, too long to show")
    r.wire.send(b"\x00\x01\xff" * (1 << 20) + b"\n" + b"\n" * 100000)
    r.wire.say("=== done")
    r.chatc.wait_text("=== done")
    assert r.chatc.last_row() == "> typed"
    check_memory(r.chatc.process.pid, 24)


@pytest.mark.parametrize("args", [[], ["--plain"]], ids=["drawn", "plain"])
@pytest.mark.parametrize("tagged", [False, True], ids=["bare", "tagged"])
def test_thousands_of_short_lines_at_once(chatc, peer, tmp_path, tagged, args):
    """One read brings more of them than are kept: each is shown and logged before the loss is."""
    client = chatc(*args, "--log", tmp_path / "log", "127.0.0.1", peer.port)
    wire = peer.greet() if tagged else peer.accept()
    numbers = [str(number) for number in range(3000)]
    wire.send("".join(f"@{42 + int(number)} {NOON} [a]: {number}{STAMP}\n" if tagged
                      else f"{number}\n" for number in numbers))
    wire.close()
    client.wait_text("loss connect!")
    line = re.compile(r"(?:12:00 \[a\]: )?(\d+)")
    rows = client.all_rows()
    rows = rows[:rows.index("loss connect!")]
    assert [match[1] for match in map(line.fullmatch, rows) if match] == numbers
    logged = re.findall(r"^(?:\[a\]: )?(\d+)(?: --.*)?$", (tmp_path / "log").read_text(), re.M)
    assert logged == numbers


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_flood_while_typing(room, columns):
    """1,000 messages while 200 keys are pressed: the line is right whenever a frame is drawn."""
    r = room(columns=columns)
    text = "".join(chr(ord("a") + number % 26) for number in range(200))
    wrong = []

    def check(rows):
        start = max((y for y, row in enumerate(rows) if row.startswith(">")), default=None)
        line = None if start is None else "".join(rows[start:]).removeprefix(">").strip()
        if line is None or not text.startswith(line):
            wrong.append(rows)
    r.chatc.watch_frames(check)
    for number in range(1000):
        r.feed(f"[alice]: message {number} of many")
        if number % 5 == 0:
            r.chatc.type(text[number // 5])
    r.chatc.wait(lambda rows: "".join(rows).endswith("> " + text))
    r.chatc.wait(lambda rows: any("999" in row for row in rows))
    assert not wrong, "\n".join(wrong[0])
    heard = re.findall(r"message\s+(\d+)\s+of", " ".join(r.chatc.all_rows()))
    assert heard == [str(number) for number in range(1000)]
    r.chatc.type("\r")
    assert r.wire.line() == text


def test_a_terminal_that_does_not_read_holds_nothing_up(room):
    r = room()
    r.chatc.lock.acquire()  # the reader stops after what it has
    try:
        for number in range(20000):
            r.wire.sock.setblocking(False)
            try:
                r.wire.sock.send(f"[alice]: message {number} of many{STAMP}\n".encode())
            except BlockingIOError:
                break
        check_memory(r.chatc.process.pid, 24)
        r.chatc.process.send_signal(signal.SIGTERM)
        assert r.chatc.process.wait(DEADLINE) == -signal.SIGTERM
    finally:
        r.chatc.lock.release()


def test_plain(room):
    r = room("--plain")
    r.feed("[alice]: hello bob")
    r.chatc.wait_text("[alice]: hello bob")
    r.chatc.type("hi\r")
    assert r.wire.line() == "hi"
    r.feed("[bob]: hi")
    r.feed("[alice]: over")
    r.chatc.wait_text("over")
    assert sum("hi" in row.split() for row in r.chatc.rows()) == 1
    r.chatc.type("\x04")
    assert r.wire.line() == "/quit"
    r.wire.close()
    assert r.chatc.wait_exit() == 0
    assert b"\x1b" not in r.chatc.raw
    assert r.chatc.modes() == r.chatc.before


@pytest.mark.parametrize("term", ["dumb", "", "vt52", "adm3a", "network", "emacs"])
def test_a_dumb_terminal(room, term):
    r = room(env={"TERM": term})
    r.feed("[alice]: hello")
    r.chatc.wait_text("12:00 [alice]: hello")
    r.chatc.type("\x03")
    assert r.wire.line() == "/quit"
    r.wire.close()
    assert r.chatc.wait_exit() == 0
    assert b"\x1b" not in r.chatc.raw


def test_the_password_is_not_shown(chatc, chatd, tmp_path):
    (tmp_path / "secret").write_text("sesame\n")
    server = chatd("--password-file", tmp_path / "secret")
    client = chatc("-n", "bob", "127.0.0.1", server.port)
    client.wait_typed("password:")
    client.type("wrong\r")
    client.wait_text("!!! wrong password")
    client.wait_typed("password:")
    client.type("sesame\r")
    client.wait_text("*** bob joined")
    client.type(UP)
    client.type("hi\r")
    client.wait_text("[bob]: hi")
    assert b"sesame" not in client.raw and b"wrong\r" not in client.raw


def test_the_password_of_a_file(chatc, chatd, tmp_path):
    (tmp_path / "secret").write_text("sesame\n")
    (tmp_path / "wrong").write_text("wrong\n")
    server = chatd("--password-file", tmp_path / "secret")
    client = chatc("--password-file", tmp_path / "secret", "127.0.0.1", server.port)
    client.wait_text("you are #1")
    client = chatc("--password-file", tmp_path / "wrong", "127.0.0.1", server.port)
    client.wait_text("!!! wrong password")
    client.wait_typed("password:")
    client.type("sesame\r")
    client.wait_text("you are #2")


def test_the_password_is_not_shown_in_plain_mode_either(chatc, chatd, tmp_path):
    (tmp_path / "secret").write_text("sesame\n")
    server = chatd("--password-file", tmp_path / "secret")
    client = chatc("--plain", "127.0.0.1", server.port)
    client.wait_text("password:")
    client.type("sesame\r")
    client.wait_text("you are #1")
    client.type("hi\r")
    client.wait_text("hi")
    client.type("\x04")
    assert client.wait_exit() == 0
    assert b"sesame" not in client.raw
    assert client.modes() == client.before


@pytest.mark.parametrize("args", [[], ["--plain"]])
def test_a_password_is_not_shown_before_it_is_asked_for_again(chatc, peer, args):
    client = chatc(*args, "127.0.0.1", peer.port)
    wire = peer.accept()
    wire.say("=== password:")
    client.wait_text("password:")
    client.type("wrong\r")
    assert wire.line() == "wrong"
    client.type("ses")
    wire.say("!!! wrong password")
    client.wait_text("!!! wrong password")
    wire.close()
    client.wait_text("loss connect!")
    client.type("ame")
    wire = peer.accept()
    wire.say("!!! once more", "=== password:")
    client.wait_text("!!! once more")
    client.wait_typed("password:")
    # Nobody sees what was typed meanwhile, so it is no part of the next one. A plain line is the
    # terminal's, which keeps it.
    client.type("\r" if args else "sesame\r")
    assert wire.line() == "sesame"
    wire.say("=== peer: you are #3, 2 of 256 online, /help for help")
    client.wait_text("you are #3")
    client.type("hi")
    client.wait_text("hi")
    assert b"ses" not in client.raw and b"ame" not in client.raw


def test_the_log(room, tmp_path):
    r = room("--log", tmp_path / "log", env={"TZ": "Asia/Tokyo"})
    r.feed("[alice]: \x1b[2Jhello")
    r.wire.say("=== answer")
    r.chatc.wait_text("=== answer")
    r.chatc.type("\x04")
    assert r.wire.line() == "/quit"
    r.wire.close()
    assert r.chatc.wait_exit() == 0
    lines = (tmp_path / "log").read_text().splitlines()
    assert "[alice]: hello --Wed Oct 19 21:00:00 2022" in lines
    assert lines[-1] == "=== answer"


def test_a_command(chatc, chatd, tool):
    server = chatd()
    client = chatc("--command", f"{tool('nc.openbsd')} -N %h %p", "127.0.0.1", server.port)
    client.wait_text("you are #1")
    client.type("hi\r")
    client.wait_text("[#1]: hi")
    client.type("\x04")
    assert client.wait_exit() == 0


def test_a_command_that_comes_to_nothing(chatc):
    client = chatc("--command", "exit 7")
    assert client.wait_exit() == 1
    assert client.rows()[0] == "connect fail: the command ended with status 7"
    assert client.modes() == client.before


def test_any_server_of_lines(chatc, peer):
    client = chatc("-n", "bob", "127.0.0.1", peer.port)
    wire = peer.accept()
    wire.say("Welcome to a server of lines")
    client.wait_text("Welcome")
    client.type("hello\r")
    assert wire.line() == "hello"
    client.wait_text("> hello")
    wire.say("<someone> hello bob")
    client.wait_text("<someone> hello bob")
    client.type("/quit\r")
    assert wire.eof() == []
    wire.close()
    assert client.wait_exit() == 0
    assert TOKEN.encode() not in client.raw
