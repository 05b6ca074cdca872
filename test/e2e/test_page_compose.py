"""Typing on the page: keys, completion, history, pasting, the limit, an input method."""

import pytest

from web import browsers, peer, visit  # noqa: F401, the fixtures
from wire import until

WHO = ["alice (you)", "bob", "Bobby", "zo\u00eb"]


@pytest.fixture
def page(peer, visit):
    visitor = visit(peer.url)
    visitor.find("#nick").send_keys("alice\n")
    visitor.connection = peer.greet(
        greeting="peer: you are #3, 2 of 256 online, messages up to 100 bytes, /help for help")
    visitor.until_here()
    visitor.js("page.session.people.set(arguments[0])",
               [f"{who} since Wed Oct 19 21:24:05 2022, idle 0 s" for who in WHO])
    return visitor


def test_enter_says_the_line(page):
    page.type("hello  there")
    page.press("enter")
    assert page.connection.line() == "hello  there"
    assert page.text() == ""


def test_controls_are_left_out(page):
    page.js("page.session.say('a\\u001b[31m\\u0007b\\tc'); page.session.say('\\u0007\\u202e ')")
    page.say("next")
    assert page.connection.until("next") == ["a[31mb\tc", "next"]
    assert page.js("return page.session.pending.sent") == 2


def test_an_action_as_the_server_counts_it(page):
    page.js("page.session.say('/ME waves'); page.session.say(' /me\\ttwice'); page.session.say('/me ')")
    page.say("next")
    assert page.connection.until("next") == ["/me waves", "/me twice", "/me", "next"]
    assert page.js("return page.session.pending.sent") == 3


def test_the_button_says_the_line(page):
    page.type("hello")
    page.find("#send").click()
    assert page.connection.line() == "hello"


def test_a_blank_line_is_not_sent(page):
    page.type("   ")
    page.press("enter")
    page.find("#text").clear()
    page.say("next")
    assert page.connection.line() == "next"


@pytest.mark.chromium
def test_enter_while_composing_does_not_send(page):
    page.cdp("Input.imeSetComposition", text="にほん", selectionStart=3, selectionEnd=3)
    assert page.text() == "にほん"
    page.js("""
        const field = document.getElementById("text");
        for (const init of [{ isComposing: true }, { keyCode: 229 }])
            field.dispatchEvent(new KeyboardEvent("keydown",
                { key: "Enter", bubbles: true, cancelable: true, ...init }));""")
    assert page.text() == "にほん"
    page.cdp("Input.insertText", text="日本")
    page.press("enter")
    assert page.connection.line() == "日本"


def test_a_line_break_of_a_phone_sends(page):
    page.type("hello")
    page.js("""
        document.getElementById("text").dispatchEvent(new InputEvent("beforeinput",
            { inputType: "insertLineBreak", bubbles: true, cancelable: true }));""")
    assert page.connection.line() == "hello"


def test_tab_completes_names(page):
    page.type("bo")
    for expected in ("bob: ", "Bobby: ", "bob: "):
        page.press("tab")
        assert page.text() == expected
    page.js("page.composer.keyed(new KeyboardEvent('keydown', { key: 'Tab', shiftKey: true }))")
    assert page.text() == "Bobby: "
    page.press("escape")
    assert page.text() == "bo"
    assert page.js("return document.getElementById('spoken').textContent") == "Bobby:, 2 of 2"


def test_tab_completes_commands_and_leaves_the_field_when_there_is_nothing(page):
    page.type("/whe")
    page.press("tab")
    assert page.text() == "/whe"
    assert page.js("return document.activeElement.id") != "text"
    page.find("#text").clear()
    page.type("/wh")
    page.press("tab")
    assert page.text() == "/who "


def test_the_last_speaker_comes_first(page):
    page.connection.feed("[Bobby]: hello")
    page.until_line("hello")
    page.type("b")
    page.press("tab")
    assert page.text() == "Bobby: "


def test_arrow_up_brings_back_what_was_said(page):
    page.say("one")
    page.say("two")
    page.type("dra")
    for key, expected in [("up", "two"), ("up", "one"), ("up", "one"), ("down", "two"),
                          ("down", "dra"), ("down", "dra")]:
        page.press(key)
        assert page.text() == expected
    assert page.connection.until("two") == ["one", "two"]


def paste(page, text):
    page.js("""
        const data = new DataTransfer();
        data.setData("text/plain", arguments[0]);
        document.getElementById("text").dispatchEvent(new ClipboardEvent("paste",
            { clipboardData: data, bubbles: true, cancelable: true }));""", text)


@pytest.mark.chromium
def test_several_lines_are_asked_about(page):
    paste(page, "one\r\n\n  two\n/who\n")
    assert page.js("return document.getElementById('paste').open")
    assert page.find("#paste-title").text == "Send 3 lines?"
    page.find("#paste button[value=send]").click()
    assert [page.connection.line() for _ in range(3)] == ["one", "  two", "//who"]


@pytest.mark.chromium
def test_several_lines_can_be_dropped(page):
    paste(page, "one\ntwo")
    page.press("escape")
    until(lambda: not page.js("return document.getElementById('paste').open"))
    page.say("next")
    assert page.connection.line() == "next"


@pytest.mark.chromium
def test_one_line_with_its_end_is_put_in(page):
    page.type("say ")
    paste(page, "one\n")
    assert page.text() == "say one"


def test_bytes_are_counted_near_the_limit(page):
    hidden = "return document.getElementById('left').hidden"
    left = "return document.getElementById('left').textContent"
    page.js("page.composer.set('x'.repeat(74))")
    assert page.js(hidden)
    page.js("page.composer.set('x'.repeat(75))")
    assert not page.js(hidden) and page.js(left) == "25 left"
    page.js("page.composer.set('\u00e9'.repeat(50))")
    assert page.js(left) == "0 left"
    page.press("enter")
    assert page.connection.line() == "\u00e9" * 50
    page.js("page.composer.set('x'.repeat(101))")
    assert page.js(left) == "1 too many"
    assert page.js("return document.getElementById('send').disabled")
    page.press("enter")
    assert page.text() == "x" * 101


def test_what_the_server_finds_too_long_waits_no_more(page):
    page.js("page.composer.setLimit(1000)")
    page.say("x" * 101)
    assert page.connection.line() == "x" * 101
    page.connection.say("!!! message too long (101 bytes, at most 100): not sent")
    page.until_line("message too long", "error")
    assert page.js("return document.querySelectorAll('.waiting').length") == 0
    assert page.js("return page.session.pending.items.length") == 0


def test_an_answer_names_whom_it_is_for(page):
    page.connection.say("[zo\u00eb -> you]: psst --Wed Oct 19 21:24:05 2022")
    page.until_line("psst", "private")
    page.type("/r ")
    assert page.text() == "/msg zo\u00eb "
