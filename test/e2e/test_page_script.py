"""The page's own functions, where a table says more than a conversation: called in the browser."""

import pytest

from web import browsers, peer, visit  # noqa: F401, the fixtures

STAMP = " --Wed Oct 19 21:24:05 2022"


@pytest.fixture
def page(peer, visit):
    return visit(peer.url)


def call(page, name, *args):
    return page.js(f"return {name}(...arguments)", *args)


def test_lines_are_told_apart(page):
    lines = [
        ("[bob]: hello" + STAMP, ("said", "bob", "hello", 0)),
        ("@7 1666207445 [bob]: hello" + STAMP, ("said", "bob", "hello", 7)),
        ("@7 -5 * bob waves" + STAMP, ("action", "bob", "waves", 7)),
        ("*** bob joined (3 online)" + STAMP, ("event", "", "bob joined (3 online)", 0)),
        ("[bob -> you]: psst" + STAMP, ("received", "bob", "psst", 0)),
        ("[you -> bob]: psst" + STAMP, ("sent", "bob", "psst", 0)),
        ("=== resume 3 abc", ("answer", "", "resume 3 abc", 0)),
        ("!!! no", ("error", "", "no", 0)),
        ("[bob]: no stamp", ("other", "", "[bob]: no stamp", 0)),
        ("[a b]: two words" + STAMP, ("other", "", "[a b]: two words" + STAMP, 0)),
        ("[bob]: a --Wed Oct 19 21:24:05 2022 b" + STAMP,
         ("said", "bob", "a --Wed Oct 19 21:24:05 2022 b", 0)),
        ("[bob]: " + STAMP, ("said", "bob", "", 0)),
        ("@7 x [bob]: hi" + STAMP, ("other", "", "@7 x [bob]: hi" + STAMP, 0)),
        ("", ("other", "", "", 0)),
    ]
    for line, expected in lines:
        message = call(page, "parseLine", line)
        assert tuple(message[key] for key in ("kind", "who", "text", "id")) == expected, line


def test_what_is_typed_is_told_apart(page):
    typed = [
        ("hello", ("said", "hello")),
        ("  two  spaces ", ("said", "  two  spaces ")),
        ("//usr", ("said", "/usr")),
        ("/me waves", ("action", "waves")),
        ("/ME waves", ("action", "waves")),
        ("/msg bob hi  there", ("sent", "hi  there")),
        ("/r yes", ("sent", "yes")),
        ("/who", ("command", "/who")),
        ("/message", ("command", "/message")),
        (" \u200b/who", ("command", " \u200b/who")),
        ("1/2", ("said", "1/2")),
    ]
    for line, expected in typed:
        found = call(page, "parseTyped", line)
        assert (found["kind"], found["text"]) == expected, line


def fnv(name):
    value = 2166136261
    for byte in name.encode():
        value = ((value ^ (byte | 0x20 if 0x41 <= byte <= 0x5a else byte)) * 16777619) & 0xffffffff
    return value ^ value >> 16


@pytest.mark.parametrize("name", ["alice", "ALICE", "bob", "#3", "Zoë", "太郎", "x" * 32])
def test_people_have_the_colours_of_chatc(page, name):
    assert call(page, "colourClass", name) == f"c{fnv(name) % 16}"


def test_a_name_is_found_as_a_word(page):
    for text, is_said in [("alice", True), ("Alice: hi", True), ("hi, (ALICE)!", True),
                          ("malice", False), ("alices", False), ("alice_b", False),
                          ("malice alice", True), ("", False)]:
        assert call(page, "hasWord", text, "alice") is is_said, text


def test_blank_lines(page):
    for text, is_blank in [("", True), (" \t", True), ("\u200b\ufeff", True),
                           ("x", False), (" . ", False), ("🫖", False)]:
        assert call(page, "isBlank", text) is is_blank, repr(text)


def test_where_a_link_ends(page):
    for text, link in [("http://a.b/c.", "http://a.b/c"), ("http://a.b/c_(d)", "http://a.b/c_(d)"),
                       ("http://a.b/c)", "http://a.b/c"), ("http://a.b/?x=1!?", "http://a.b/?x=1"),
                       ("https://a.b/", "https://a.b/"), ("http://a.b/c\u2026", "http://a.b/c")]:
        assert call(page, "trimLink", text) == link, text


def test_completing(page):
    sources = {"names": ["bob", "Bo", "Zoë", "alice"], "rooms": ["lobby", "tea"]}
    for before, start, candidates in [
            ("b", 0, ["bob: ", "Bo: "]), ("hi b", 3, ["bob ", "Bo "]), ("hi @bo", 4, ["bob ", "Bo "]),
            ("(zoe", 1, ["Zoë "]), ('"A', 1, ["alice "]), ("/wh", 0, ["/who "]),
            ("/join t", 6, ["tea"]), ("/join ", 6, ["lobby", "tea"]), ("", 0, []), ("hi ", 3, []),
            ("/", 0, []), ("x", 0, [])]:
        found = call(page, "completions", before, sources)
        assert (found["start"], found["candidates"]) == (start, candidates), before


def test_pauses_grow_and_differ(page):
    page.js("page.link.drop(); page.link.attempts = 0;")
    for attempt in range(12):
        wait = page.js("""
            const before = Date.now();
            page.link.pause();
            clearTimeout(page.link.timer);
            return page.link.retryAt - before;""")
        longest = min(500 * 2 ** attempt, 60000)
        assert longest / 2 <= wait <= longest + 1000, attempt
    waits = page.js("""
        return Array.from({ length: 20 }, () => {
            page.link.pause();
            clearTimeout(page.link.timer);
            return Math.round((page.link.retryAt - Date.now()) / 100);
        });""")
    assert len(set(waits)) > 5


def test_which_close_codes_are_final(page):
    for code, is_final in [(1000, True), (1001, False), (1002, False), (1006, False), (1011, False),
                           (1013, True), (3999, False), (4000, True), (4999, True)]:
        assert call(page, "isFinalCode", code) is is_final, code


@pytest.mark.parametrize("path, socket", [("", "ws"), ("chat/", "chat/ws"), ("a/b/?x=y/z", "a/b/ws")])
def test_the_socket_lies_beside_the_page(peer, page, path, socket):
    page.open(peer.url + path + "#room")
    assert call(page, "socketUrl") == peer.url.replace("http", "ws") + socket
