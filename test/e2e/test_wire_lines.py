"""Bytes to lines and back: framing, line ends, the message limit, telnet, the two ways to end."""

import re
import socket
import time

import pytest

from wire import STAMP, action, event, said

IAC, DONT, DO, WONT, WILL, SB, EL, EC, NOP, SE = 255, 254, 253, 252, 251, 250, 248, 247, 241, 240
EOF, BINARY, TIMING_MARK = 236, 0, 6


def pair(chatd, *options):
    """A room with a sender and a reader, both joined."""
    server = chatd("--rate", 0, *options)
    reader = server.join("reader")
    sender = server.join("sender")
    reader.expect(event("sender joined (2 online)"))
    return server, sender, reader


def pieces(data, size):
    return [data[start:start + size] for start in range(0, len(data), size)]


MIXED = ("plain\n"
         "héllo wörld, 日本語, 👩‍👩‍👧\n"
         "//slash\n"
         "  spaces before, between   and after  \n"
         "\n   \n\t\n"
         "ended by CRLF\r\n"
         "ended by CR\r"
         "ended by CR NUL\r\0"
         "two ends\r\r\n"
         "last").encode()

MIXED_LINES = ["plain", "héllo wörld, 日本語, 👩‍👩‍👧", "/slash",
               "  spaces before, between   and after  ", "ended by CRLF", "ended by CR",
               "ended by CR NUL", "two ends", "last"]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 1000])
def test_any_pieces_give_the_same_lines(chatd, size):
    server, sender, reader = pair(chatd)
    others = [server.connect() for _ in range(3)]
    for other in others:
        other.until(r"=== .*/help.*")
    for piece in pieces(MIXED, size):
        sender.send(piece)
    sender.half_close()
    lines = [line for line in reader.until(r"\*\*\* sender left .*") if "joined" not in line]
    for line, text in zip(lines, MIXED_LINES, strict=False):
        assert_said(line, "sender", text)
    assert len(lines) == len(MIXED_LINES) + 1
    for other in others:
        got = other.until(r"\*\*\* sender left .*")
        assert [line for line in got if "joined" not in line] == lines


def assert_said(line, who, text):
    assert re.fullmatch(said(who, text), line), f"got {line!r}, not {text!r} by {who}"


def test_500_lines_in_one_segment(chatd):
    _, sender, reader = pair(chatd)
    sender.say(*(f"line {n}" for n in range(500)))
    for client in (reader, sender):
        client.expect(*(said("sender", f"line {n}") for n in range(500)))


def test_empty_and_blank_lines_are_ignored(chatd):
    _, sender, reader = pair(chatd)
    sender.send(b"\n" * 1000 + b" \n  \t \n\r\n" * 100 + b"something\n")
    reader.expect(said("sender", "something"))


def test_line_ends_follow_the_client(chatd):
    server, sender, reader = pair(chatd)
    windows = server.connect()
    assert not windows.until(r"=== .*/help.*\r?")[-1].endswith("\r")
    windows.send("hello\r\n")
    windows.until(said("#3", "hello") + "\r?")
    sender.say("first", "second")
    windows.expect(said("sender", "first") + "\r", said("sender", "second") + "\r")
    windows.send("with LF alone\n")
    windows.expect(said("#3", "with LF alone") + "\r")
    reader.until(said("#3", "hello"))
    reader.expect(said("sender", "first"))


# Text that makes a line of exactly LIMIT bytes, and what is said of it.
LIMIT = 1024
AT_THE_LIMIT = {
    "letters": (b"x" * 1024, "x" * 1024),
    "two-byte": ("é" * 512, "é" * 512),
    "four-byte": ("😀" * 256, "😀" * 256),
    "slash": (b"//" + b"x" * 1022, "/" + "x" * 1022),
    "crlf": (b"x" * 1024 + b"\r", "x" * 1024),
    "telnet": (bytes([IAC, NOP]) + b"x" * 1024 + bytes([IAC, NOP]), "x" * 1024),
    "erased": (b"x" * 500 + b"y\b" + b"x" * 524, "x" * 1024),
    "erased-past": (b"x" * 1024 + b"yz\b\b", "x" * 1024),
    "blanks": (b" " * 1023 + b"x", " " * 1023 + "x"),
    "dropped": (b"\x07" * 1023 + b"x", "x"),
}


@pytest.mark.parametrize("name", AT_THE_LIMIT)
def test_message_at_the_limit(chatd, name):
    _, sender, reader = pair(chatd)
    line, text = AT_THE_LIMIT[name]
    line = line.encode() if isinstance(line, str) else line
    sender.send(line + b"\n")
    reader.expect(said("sender", text))
    sender.send(b"x" + line + b"\n" + b"the next is fine\n")
    sender.until(r"!!! message too long \(1025 bytes, at most 1024\): not sent\r?")
    reader.expect(said("sender", "the next is fine"))


@pytest.mark.parametrize("size, ok", [(1023, True), (1024, True), (1025, False), (1026, False),
                                      (3_000_000, False)])
def test_message_around_the_limit(chatd, size, ok):
    _, sender, reader = pair(chatd)
    sender.send(b"x" * size + b"\n" + b"the next is fine\n")
    if ok:
        sender.expect(said("sender", "x" * size))
        reader.expect(said("sender", "x" * size))
    else:
        sender.expect(rf"!!! message too long \({size} bytes, at most 1024\): not sent")
    reader.expect(said("sender", "the next is fine"))


def test_the_limit_counts_commands(chatd):
    _, sender, reader = pair(chatd)
    sender.say("/me " + "x" * 1020)
    reader.expect(action("sender", "x" * 1020))
    sender.say("/me " + "x" * 1021)
    sender.until(r"!!! message too long \(1025 bytes, at most 1024\): not sent")


def test_another_limit_is_greeted(chatd):
    server = chatd("-b", 100)
    client = server.connect()
    assert "100" in " ".join(client.settle())
    client.say("x" * 101)
    client.expect(r"!!! message too long \(101 bytes, at most 100\): not sent")
    client.say("x" * 100)
    client.expect(event("#1 joined (1 online)"), said("#1", "x" * 100))


def test_what_is_left_at_the_end_is_a_line(chatd):
    _, sender, reader = pair(chatd)
    sender.send("whole\nleft over")
    sender.half_close()
    reader.expect(said("sender", "whole"), said("sender", "left over"))
    lines = sender.eof()
    assert len(lines) >= 2
    assert_said(lines[0], "sender", "whole")
    assert_said(lines[1], "sender", "left over")


def test_too_long_a_rest_is_told(chatd):
    _, sender, _ = pair(chatd)
    sender.send("x" * 1025)
    sender.half_close()
    sender.expect(r"!!! message too long \(1025 bytes, at most 1024\): not sent")
    sender.eof()


def test_reset_drops_the_rest_but_no_whole_line(chatd):
    _, sender, reader = pair(chatd)
    sender.send("whole\nalso whole\nleft over")
    sender.reset()
    reader.expect(said("sender", "whole"), said("sender", "also whole"),
                  event("sender left (1 online)"))


def test_half_closed_client_gets_all_it_was_owed(chatd):
    _, sender, reader = pair(chatd)
    sender.say(*(f"line {n}" for n in range(1000)), "/stats")
    sender.half_close()
    lines = sender.eof()
    for n, line in enumerate(lines[:1000]):
        assert_said(line, "sender", f"line {n}")
    assert any(line.startswith("=== ") for line in lines[1000:])
    reader.until(said("sender", "line 999"))
    reader.expect(event("sender left (1 online)"))


# What telnet is answered stands before the line, not in one of its own.
THE_END = ".*" + said("sender", "the end") + "\r"


def raw(lines):
    return "\n".join(lines).encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_telnet_never_appears_as_text(chatd, size):
    _, sender, reader = pair(chatd)
    sender.say("an ordinary line")
    reader.expect(said("sender", "an ordinary line"))
    data = b"".join([
        b"op", bytes([IAC, WILL, 24]), b"tions\n",
        b"no", bytes([IAC, NOP]), b"thing\n",
        b"sub", bytes([IAC, SB, 24, 0]), b"xterm\nno line", bytes([IAC, IAC, IAC, SE]), b"less\n",
        b"eras", bytes([IAC, EC]), b"e\n",
        b"gone", bytes([IAC, EL]), b"line\n",
        b"two ", bytes([IAC, IAC]), b" five five\n",
        b"ends with CR NUL\r\0",
        b"ends with CR LF\r\n",
    ])
    for piece in pieces(data, size):
        sender.send(piece)
    for text in ["options", "nothing", "subless", "erae", "line", "two \ufffd five five",
                 "ends with CR NUL", "ends with CR LF"]:
        reader.expect(said("sender", text))
    sender.say("the end")
    lines = sender.until(THE_END)
    assert bytes([IAC, DONT, 24]) in raw(lines)
    assert all(line.endswith("\r") for line in lines[3:])


@pytest.mark.parametrize("verb, answer", [(WILL, DONT), (DO, WONT)])
def test_telnet_options_are_refused_once(chatd, verb, answer):
    _, sender, _ = pair(chatd)
    sender.send(bytes([IAC, verb, 31]) * 100 + bytes([IAC, verb, 32]))
    sender.send(bytes([IAC, WONT if verb == WILL else DONT, 31]))
    sender.say("the end")
    got = raw(sender.until(THE_END))
    assert got.count(bytes([IAC, answer, 31])) == 1
    assert got.count(bytes([IAC, answer, 32])) == 1
    assert got.count(IAC) == 2 + 1  # and what asks for BINARY


@pytest.mark.parametrize("verb", [WONT, DONT])
def test_telnet_refusals_are_not_answered(chatd, verb):
    _, sender, _ = pair(chatd)
    sender.send(bytes([IAC, verb, 1]) * 10)
    sender.say("the end")
    assert raw(sender.until(THE_END)).count(IAC) == 1  # what asks for BINARY


def test_telnet_timing_mark_is_always_answered(chatd):
    _, sender, _ = pair(chatd)
    sender.send(bytes([IAC, DO, TIMING_MARK]) * 5)
    sender.say("the end")
    got = raw(sender.until(THE_END))
    answers = got.count(bytes([IAC, WILL, TIMING_MARK])) + got.count(bytes([IAC, WONT, TIMING_MARK]))
    assert answers == 5


@pytest.mark.parametrize("typed, text", [
    (b"abx\bc", "abc"),
    (b"abx\x7fc", "abc"),
    ("aé\bb", "ab"),
    ("日本\b\b語", "語"),
    (b"\b\b\bab", "ab"),
    ("a😀\bb", "ab"),
    (b"a\b\b\bbc", "bc"),
])
def test_erasing(chatd, typed, text):
    _, sender, reader = pair(chatd)
    typed = typed.encode() if isinstance(typed, str) else typed
    for size in (1, 1000):
        for piece in pieces(typed + b"\n", size):
            sender.send(piece)
        reader.expect(said("sender", text))


@pytest.mark.parametrize("typed, text", [
    (b"one two\x17three", "one three"),
    (b"one two  \x17three", "one three"),
    (b"one two\x15three", "three"),
    ("日本 語語\x17x".encode(), "日本 x"),
    (b"one\x17\x17\x15two", "two"),
    # Of what is not UTF-8, one bad sequence.
    (b"a\x80\x80\bb", "a\ufffdb"),
    ("é".encode() + b"\x80\bb", "éb"),
    (b"a\xe2\x82\bb", "ab"),
])
def test_erasing_more(chatd, typed, text):
    _, sender, reader = pair(chatd)
    for size in (1, 1000):
        for piece in pieces(typed + b"\n", size):
            sender.send(piece)
        reader.expect(said("sender", text))


@pytest.mark.parametrize("typed, text", [
    ("é" * 700 + "\b" * 188, "é" * 512),
    ("é" * 3000 + "\b" * 2600 + "!", "é" * 400 + "!"),
    ("x" * 1023 + "日本\x7f\x7fy", "x" * 1023 + "y"),
    ("x" * 1023 + "😀\b\b", "x" * 1022),
    ("word " * 400 + "\x17" * 399, "word "),
    ("word " * 400 + "\x15short", "short"),
])
def test_erasing_back_over_the_limit(chatd, typed, text):
    _, sender, reader = pair(chatd)
    for size in (7, 100000):
        for piece in pieces(typed.encode() + b"\n", size):
            sender.send(piece)
        reader.expect(said("sender", text))
    # One less is one too long.
    sender.send(("é" * 700 + "\b" * 187 + "\n").encode())
    sender.until(r"!!! message too long \(1026 bytes, at most 1024\): not sent")


@pytest.mark.parametrize("size", [1, 1000])
def test_cr_by_itself_ends_a_line(chatd, size):
    _, sender, reader = pair(chatd)
    for piece in pieces(b"hello\rworld\r", size):
        sender.send(piece)
    reader.expect(said("sender", "hello"), said("sender", "world"))
    # The LF of it comes later.
    sender.send(b"\nagain\r")
    reader.expect(said("sender", "again"))
    sender.until(said("sender", "again") + "\r")


def test_byte_order_mark_is_dropped(chatd):
    server = chatd("--rate", 0)
    reader = server.join("reader")
    for n, line in enumerate(["hello", "x" * 1024]):
        sender = server.connect()
        sender.send("\ufeff" + line + "\n\ufeffnot here\n")
        reader.until(said(f"#{n + 2}", line))
        reader.expect(said(f"#{n + 2}", "\ufeffnot here"))


def test_telnet_asks_for_binary_and_agrees(chatd):
    _, sender, _ = pair(chatd)
    sender.send(bytes([IAC, NOP]) * 3)
    sender.until_bytes(bytes([IAC, DO, BINARY]))
    sender.send(bytes([IAC, WILL, BINARY, IAC, DO, BINARY]) * 100)
    sender.say("the end")
    assert raw(sender.until(THE_END)).count(IAC) == 2


def test_telnet_binary_offered_first(chatd):
    _, sender, _ = pair(chatd)
    sender.send(bytes([IAC, WILL, BINARY, IAC, DO, BINARY]) * 100)
    sender.say("the end")
    got = raw(sender.until(THE_END))
    assert got.count(bytes([IAC, DO, BINARY])) == got.count(bytes([IAC, WILL, BINARY])) == 1
    assert got.count(IAC) == 2


def test_telnet_eof_ends_the_input(chatd):
    _, sender, reader = pair(chatd)
    sender.send(b"whole\r\nleft over" + bytes([IAC, EOF]) + b"not any more\r\n")
    reader.expect(said("sender", "whole"), said("sender", "left over"),
                  event("sender left (1 online)"))
    lines = sender.eof()
    assert re.fullmatch(".*" + said("sender", "whole") + "\r?", lines[0])
    assert re.fullmatch(".*" + said("sender", "left over") + "\r?", lines[1])


def test_erased_to_nothing_is_ignored(chatd):
    _, sender, reader = pair(chatd)
    sender.send(b"abc\b\b\b\nsomething\n")
    reader.expect(said("sender", "something"))


def test_stamps_are_those_of_the_servers_zone(chatd):
    """The stamp is ctime(3) in the server's time zone."""
    server = chatd(env={"TZ": "XYZ-5:30"})
    client = server.connect()
    before = int(time.time())
    client.say("now")
    match = None
    while match is None:
        line = client.line()
        match = re.fullmatch(re.escape("[#1]: now --") + f"({STAMP})", line)
    after = int(time.time())
    stamps = [time.asctime(time.gmtime(t + 19800)) for t in range(before, after + 1)]
    assert match[1] in stamps


def test_telnet_synch(chatd):
    """Urgent data (RFC 854: Interrupt Process, then Data Mark in a Synch) is part of the stream."""
    server = chatd()
    alice, watcher = server.join("alice"), server.join("watcher")
    alice.send(b"\xff\xfb\x1f")
    alice.until_bytes(b"\xff\xfe\x1f")
    alice.send(b"\xff\xf4\xff")
    alice.sock.send(b"\xf2", socket.MSG_OOB)
    alice.send(b"\xff\xfd\x06next\r\nhel")
    alice.until_bytes(b"\xff\xfb\x06")
    alice.sock.send(b"l", socket.MSG_OOB)
    alice.send(b"o\r\n")
    watcher.expect(said("alice", "next"), said("alice", "hello"))
