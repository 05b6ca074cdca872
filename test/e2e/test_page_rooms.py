"""The page in a server with several rooms: from one to another, back and forward, lost and returned."""

import pytest

from web import browsers, relay, room, visit  # noqa: F401, the fixtures
from wire import said, until


@pytest.fixture
def server(room, tmp_path):
    """A lobby, a room for all, one with a password and a hidden one."""
    (tmp_path / "vault").write_text("sesame\n")
    (tmp_path / "operator").write_text("bridge\n")
    return room("--room", "tea", "--room", f"vault password-file={tmp_path / 'vault'}",
                "--room", "attic hidden", "--operator-file", tmp_path / "operator")


def rooms_shown(page):
    """Each room beside the conversation, and how many lines of it were not read."""
    return page.js("""
        return [...document.querySelectorAll("#rooms li")].map((item) =>
            [item.querySelector("button").textContent,
             item.querySelector(".unread") ? parseInt(item.querySelector(".unread").textContent) : 0]);""")


def click_room(page, name):
    until(lambda: name in [shown for shown, _ in rooms_shown(page)], f"{name} in the list")
    page.size(1280, 800)  # where the list is there without a tap
    page.find(f"#rooms button[data-name={name}]").click()  # not by a script, for a browser's "back"


def until_room(page, name):
    page.wait("return page.session.isHere && page.session.room === arguments[0]", f"room {name}", name)


def test_from_room_to_room(server, visit):
    bob = server.join("bob")
    page = visit(server.url).join("alice")
    until(lambda: [name for name, _ in rooms_shown(page)] == ["lobby", "tea", "vault"], "the rooms")
    page.say("in the lobby")
    bob.until(said("alice", "in the lobby"))

    # By a click; those of the old room hear that one left, and the new one shows what is said there.
    click_room(page, "tea")
    until_room(page, "tea")
    bob.until(r"\*\*\* alice left .*")
    assert page.address() == server.url + "#tea"
    assert page.title() == "tea \u2013 Tea room"
    assert page.lines("own") == []
    page.say("in tea")
    page.until_line("in tea", "own")

    # What is said in the other room counts there; that one left does not.
    bob.say("one", "two")
    bob.until(said("bob", "two"))
    page.js("page.refresh()")
    until(lambda: dict(rooms_shown(page))["lobby"] == 2, "what is unread")

    # Back and forward, as the browser does it: nothing missed, nothing twice.
    page.back()
    until_room(page, "lobby")
    until(lambda: page.lines("said") == ["in the lobby", "one", "two"], "the lines of the lobby")
    assert page.address() == server.url
    page.forward()
    until_room(page, "tea")
    assert page.lines("said") == ["in tea"]
    page.say("/join lobby")
    until_room(page, "lobby")
    assert page.address() == server.url
    until(lambda: dict(rooms_shown(page))["lobby"] == 0, "nothing unread")


def test_a_room_in_the_address(server, visit):
    bob = server.join("bob")
    page = visit(server.url + "#tea").join("alice")
    until_room(page, "tea")
    assert page.address() == server.url + "#tea"
    eve = server.connect()
    eve.say("/nick eve", "/join tea")
    page.until_line("eve joined", "event")
    eve.say("alice, hello")
    page.until_line("alice, hello")
    # Nobody in the lobby has heard of somebody passing through.
    assert not any("alice" in line for line in bob.settle())
    bad = visit(server.url + "#nowhere").join("zoe")
    bad.until_line("no such room", "error")
    assert bad.address() == server.url
    bob.until(r"\*\*\* .*zoe.*")


def test_a_password_and_an_invitation(server, visit):
    page = visit(server.url).join("alice")
    click_room(page, "vault")
    page.wait("return !document.getElementById('unlock').hidden")
    page.find("#password").send_keys("wrong\n")
    page.wait("return document.getElementById('unlock-problem').textContent !== ''")
    page.find("#password").send_keys("sesame\n")
    until_room(page, "vault")
    page.say("/invite")
    page.until_line("invitation", "answer")
    link = page.js("return document.querySelector('.answer a').href")
    assert link.startswith(server.url + "#vault/")
    guest = visit(link).join("zoe")
    until_room(guest, "vault")
    assert guest.address() == server.url + "#vault"
    guest.say("thank you")
    page.until_line("thank you")

    # A hidden room, by an invitation of one who is in it.
    operator = server.join("bob")
    operator.say("/op bridge", "/join attic", "/invite 5 1")
    word = operator.until(r"=== invitation attic/\w+, .*")[-1].split("/")[1].split(",")[0]
    page.js("location.hash = arguments[0]", f"#attic/{word}")
    until_room(page, "attic")
    assert page.address() == server.url + "#attic"
    page.back()  # the password is known to this tab by now
    until_room(page, "vault")
    assert page.lines("said") == ["thank you"]


def test_lost_in_a_room(server, relay, visit):
    cable = relay(server)
    bob = server.join("bob")
    bob.say("/join tea")
    bob.until(r"=== room tea.*")
    page = visit(cable.url + "#tea").join("alice")
    until_room(page, "tea")
    page.say("one")
    bob.until(said("alice", "one"))
    page.js("page.link.attempts = 2")
    cable.cut()
    page.until_line("loss connect!", "notice")
    bob.say("meanwhile")
    page.say("two")
    until(lambda: page.lines("said") == ["one", "meanwhile", "two"], "all three lines")
    bob.until(said("alice", "two"))
    page.reload()
    bob.say("after the reload")
    until(lambda: page.lines("said") == ["one", "meanwhile", "two", "after the reload"],
          "what was said meanwhile")
    until_room(page, "tea")
    assert not any("alice" in line and line.startswith("***") for line in bob.settle())
