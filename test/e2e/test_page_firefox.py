"""The page in Firefox: in the room, back after a reload and a loss, put out."""

import re

from firefox import firefox  # noqa: F401, the fixture
from web import relay, room  # noqa: F401, the fixtures
from wire import said, until


def test_in_the_room_and_back(room, relay, firefox):
    server = room()
    bob = server.join("bob")
    cable = relay(server)
    page = firefox.open(cable.url).join("alice")
    bob.until(r"\*\*\* alice joined .*")
    page.say("h\u00e9llo \U0001fad6 https://example.org/")
    bob.until(said("alice", "h\u00e9llo \U0001fad6 https://example.org/"))
    page.until_line("h\u00e9llo", "own")
    assert page.js("return document.querySelector('.own .mark').getAttribute('aria-label')") == "sent"
    assert page.js("return document.querySelector('.own a').rel") == "noopener noreferrer nofollow"
    bob.say("/msg alice psst")
    page.until_line("psst", "private")

    # A reload: its socket is closed at once, and nobody hears of it.
    page.type("a draft")
    page.reload()
    bob.say("meanwhile")
    page.until_here()
    page.until_line("meanwhile")
    assert page.text() == "a draft"
    page.js("page.composer.set('')")

    # A lost connection: what is said on either side meanwhile arrives, once.
    page.js("page.link.attempts = 2")
    cable.cut()
    page.until_line("loss connect!", "notice")
    page.say("typed meanwhile")
    bob.say("said meanwhile")
    page.until_line("said meanwhile")
    page.until_line("typed meanwhile", "own")
    own = [line for line in bob.until(said("alice", "typed meanwhile")) if "typed" in line]
    assert len(own) == 1
    assert not any(re.match(r"\*\*\* .*(alice|#\d)", line) for line in bob.settle())


def test_an_upgrade_and_the_end(room, firefox, tmp_path):
    (tmp_path / "operator").write_text("sesame\n")
    server = room("--operator-file", tmp_path / "operator")
    page = firefox.open(server.url).join("alice")
    server.send_signal(12)
    server.wait_log("upgraded to chatd")
    bob = server.join("bob")
    page.say("one")
    bob.until(said("alice", "one"))
    assert page.lines("notice") == []
    bob.say("/op sesame", "/kick alice enough")
    page.wait("return !document.getElementById('stopped').hidden")
    assert "kicked" in page.find("#reason").text
    page.find("#again").click()
    page.until_here()
    bob.until(r"\*\*\* alice joined .*")


def test_nothing_that_its_policy_forbids(room, firefox):
    server = room()
    page = firefox.open(server.url)
    page.js("document.addEventListener('securitypolicyviolation', () => document.title = 'broken')")
    page.join("alice")
    page.say("<img src=x onerror=alert(1)> /me")
    page.until_line("<img", "own")
    until(lambda: page.js("return document.querySelectorAll('#log img').length") == 0)
    assert page.js("return document.title") != "broken"
