"""No byte that a person sends reaches another's terminal, the log or the replay unchecked."""

import re

import pytest

from wire import STAMP, action, event, said

# What is sent, and what may come of it: the contract's section on safe text, row by row.
HOSTILE = {
    "tab": (b"a\tb", "a    b"),
    "line separator": ("a\u2028b", "a b"),
    "paragraph separator": ("a\u2029b", "a b"),
    "escape": (b"a\x1b[31mred\x1b]0;title\x07", "ared"),
    "arrow keys": (b"helo\x1b[D\x1b[Dl", "helol"),
    "grep --color": (b"\x1b[01;31m\x1b[Kerror\x1b[m\x1b[K: 1", "error: 1"),
    "strings": (b"a\x1bP1$qm\x1b\\b\x1b_x\x07c\x1b^y\x1b\\d\x1bXz\x1b\\e", "abcde"),
    "link": (b"\x1b]8;;http://example.org\x1b\\here\x1b]8;;\x1b\\", "here"),
    "escape with intermediates": (b"a\x1b(B\x1b#8\x1b7\x1bcb", "ab"),
    "cut sequence": (b"a\x1b[1;3", "a"),
    "cut string": (b"a\x1b]0;title", "a"),
    "bell": (b"ding\x07dong", "dingdong"),
    "nul": (b"a\0b", "ab"),
    "vertical tab and form feed": (b"a\x0bb\x0cc", "abc"),
    "shift out": (b"a\x0eb\x0fc", "abc"),
    "every C0": (b"<" + bytes(n for n in range(32) if n not in b"\t\n\r\b\x15\x17") + b">", "<>"),
    "C1 control sequence": ("a\u009b31mb\u009d0;t\u009c", "ab"),
    "every C1": ("<" + "".join(map(chr, range(0x80, 0xa0))) + ">", "<>"),
    "raw C1 byte": (b"a\x9b31mb", "a\ufffd31mb"),
    "overrides": ("a\u202a\u202b\u202c\u202d\u202eb", "ab"),
    "isolates": ("a\u2066\u2067\u2068\u2069b", "ab"),
    "lone continuation": (b"a\x80b", "a\ufffdb"),
    "lone start": (b"a\xc3b", "a\ufffdb"),
    "cut in three": (b"a\xe2\x82b", "a\ufffdb"),
    "cut in four": (b"a\xf0\x9f\x98b", "a\ufffdb"),
    "overlong slash": (b"a\xc0\xafb", "a\ufffd\ufffdb"),
    "overlong three": (b"a\xe0\x80\xafb", "a\ufffd\ufffd\ufffdb"),
    "surrogate": (b"a\xed\xa0\x80b", "a\ufffd\ufffd\ufffdb"),
    "beyond Unicode": (b"a\xf4\x90\x80\x80b", "a\ufffd\ufffd\ufffd\ufffdb"),
    "bytes that never occur": (b"a\xfe\xf5b", "a\ufffd\ufffdb"),
    "Table 3-8": (b"\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64",
                  "a\ufffd\ufffd\ufffdb\ufffdc\ufffd\ufffdd"),
    "replacement character": ("a\ufffdb", "a\ufffdb"),
    "family": ("👨‍👩‍👧‍👦 ✊🏽 🏳️‍🌈 🇪🇺", "👨‍👩‍👧‍👦 ✊🏽 🏳️‍🌈 🇪🇺"),
    "scripts": ("Ελληνικά Русский עברית العربية हिन्दी ไทย 한국어 中文 é é",
                "Ελληνικά Русский עברית العربية हिन्दी ไทย 한국어 中文 é é"),
    "posing": (b"x --Wed Oct 19 21:24:05 2022", "x --Wed Oct 19 21:24:05 2022"),
}

UNSAFE = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def encoded(text):
    return text.encode() if isinstance(text, str) else text


def assert_safe(line):
    assert not UNSAFE.search(line), f"unsafe: {line!r}"
    line.encode("utf-8")  # a surrogate here is a byte that was no UTF-8


@pytest.mark.parametrize("name", HOSTILE)
def test_messages(chatd, name):
    sent, text = HOSTILE[name]
    server = chatd("--rate", 0)
    reader = server.join("reader")
    sender = server.join("sender")
    reader.until(r"\*\*\* sender joined .*")
    for size in (1, 1000):
        data = encoded(sent) + b"\n"
        for start in range(0, len(data), size):
            sender.send(data[start:start + size])
        reader.expect(said("sender", text))
    newcomer = server.connect()
    assert any(re.fullmatch(said("sender", text), line) for line in newcomer.settle())
    server.wait_log(re.escape(f"client #2 (sender): {text} --") + STAMP + "$")


@pytest.mark.parametrize("sent", [b"\x07", b"\x1b\x1b", b"\x1b[A", b"\x1b]0;title\x07", "\u202e", "\u0085\u009b", b"\x01\x02\x03"])
def test_nothing_left_is_ignored(chatd, sent):
    server = chatd()
    client = server.join("someone")
    client.send(encoded(sent) + b"\n" + b"something\n")
    client.expect(said("someone", "something"))


def operators(tmp_path, chatd):
    """A room with an operator on a unix socket, and a person on TCP."""
    path = tmp_path / "operator"
    server = chatd("--rate", 0, listen=["127.0.0.1:0", f"unix:{path},operator"])
    operator = server.connect(f"unix:{path}")
    operator.say("/nick boss")
    operator.until(event("boss joined (1 online)"))
    reader = server.join("reader")
    return server, operator, reader


def by_action(server, operator, reader, sender, sent):
    sender.send(b"/me " + sent + b"\n")
    return reader.line(), lambda text: action("sender", text)


def by_quit(server, operator, reader, sender, sent):
    sender.send(b"/quit " + sent + b"\n")
    return reader.line(), lambda text: event(f"sender left ({text})")


def by_private_message(server, operator, reader, sender, sent):
    sender.send(b"/msg reader " + sent + b"\n")
    return reader.line(), lambda text: re.escape(f"[sender -> you]: {text} --") + STAMP


def by_kick(server, operator, reader, sender, sent):
    operator.send(b"/kick sender " + sent + b"\n")
    return reader.line(), lambda text: event(f"sender left ({text})")


def by_announcement(server, operator, reader, sender, sent):
    operator.send(b"/announce " + sent + b"\n")
    return reader.line(), lambda text: r"\*\*\* .*" + re.escape(text) + ".* --" + STAMP


def by_motd(server, operator, reader, sender, sent):
    operator.send(b"/motd " + sent + b"\n")
    operator.until(r"=== .*")
    newcomer = server.connect()
    lines = [line for line in newcomer.settle() if line.startswith("=== ")]
    for line in lines:
        assert_safe(line)
    return "\n".join(lines), lambda text: "(?s).*" + re.escape(text) + ".*"


def by_shutdown(server, operator, reader, sender, sent):
    operator.send(b"/shutdown " + sent + b"\n")
    assert server.wait() == 0
    return reader.line(), lambda text: r"\*\*\* .*" + re.escape(text) + ".* --" + STAMP


WAYS = [by_action, by_quit, by_private_message, by_kick, by_announcement, by_motd, by_shutdown]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("name", HOSTILE)
def test_every_way_that_text_goes(chatd, tmp_path, name, way):
    sent, text = HOSTILE[name]
    server, operator, reader = operators(tmp_path, chatd)
    sender = server.join("sender")
    reader.until(event("sender joined (3 online)"))
    got, pattern = way(server, operator, reader, sender, encoded(sent))
    for line in got.split("\n"):
        assert_safe(line)
    assert re.fullmatch(pattern(text), got), f"got {got!r}, not {text!r}"
    for line in server.log:
        assert_safe(line)


NO_NICK = ["tab", "escape", "bell", "nul", "C1 control sequence", "raw C1 byte",
           "overrides", "isolates", "lone continuation", "overlong slash", "surrogate",
           "line separator", "beyond Unicode"]


@pytest.mark.parametrize("name", NO_NICK)
def test_hostile_nicks_are_refused_not_cleaned(chatd, name):
    server = chatd("--rate", 0)
    reader = server.join("reader")
    sender = server.join("sender")
    reader.until(event("sender joined (2 online)"))
    sender.send(b"/nick " + encoded(HOSTILE[name][0]) + b"\n")
    sender.expect(r"!!! .*")
    sender.say("still me")
    reader.expect(said("sender", "still me"))


# What shows nothing, and so does not keep a line from being a command.
UNSEEN = [" ", "\t", "\u00a0", "\u00ad", "\u034f", "\u061c", "\u115f", "\u180e", "\u200b", "\u200f",
          "\u2060", "\u2064", "\u2800", "\u3000", "\u3164", "\ufe00", "\ufe0f", "\ufeff", "\uffa0",
          "\U000e0001", "\U000e01ef", "\u202e", "\x07", "\x1b", "\x1b[A", "\x1b]0;x\x07",
          " \u200b\x1b[A\ufeff "]


def test_unseen_before_a_command(chatd, tmp_path):
    """What an operator's password begins with is not said aloud, whatever cannot be seen there."""
    path = tmp_path / "operators"
    path.write_text("let me rule\n", encoding="utf-8")
    server = chatd("--rate", 0, "--operator-file", path)
    reader = server.join("reader")
    sender = server.join("sender")
    reader.until(event("sender joined (2 online)"))
    for unseen in UNSEEN:
        sender.send(f"{unseen}/op wrong\n{unseen}/me is {unseen!a}\n".encode())
        sender.expect(r"!!! .*")
        sender.expect(action("sender", f"is {unseen!a}"))
        reader.expect(action("sender", f"is {unseen!a}"))
    sender.send("\u200b/op let me rule\n")
    sender.expect(r"=== .*operator.*")
    sender.send(" \ufeff//x\n.\u200b/op\n")
    reader.expect(said("sender", " \ufeff/x"), said("sender", ".\u200b/op"))
