"""chatc in the rooms of a real chatd."""

import re
import subprocess

import pytest
from screen import chatc  # noqa: F401
from test_chatc_return import relay, wait_back  # noqa: F401
from wire import CHATC, said


@pytest.fixture
def server(chatd, tmp_path):
    """Rooms lobby, tea and den; den has a password."""
    (tmp_path / "secret").write_text("sesame\n")
    return chatd("--room", "tea", "--room", f"den password-file={tmp_path}/secret",
                 "--max-rooms", 5)


def in_room(server, nick, room):
    client = server.join(nick)
    client.say(f"/join {room}")
    client.until(f"=== room {room}: .*")
    return client


def test_to_and_fro(server, chatc):
    """By number, by TAB and by name: each room goes on where it was left."""
    alice, carol = server.join("alice"), in_room(server, "carol", "tea")
    carol.say("tea for bob?")
    carol.settle()
    bob = chatc("-n", "bob", "127.0.0.1", server.port, rows=40)
    bob.wait_typed("lobby>")
    alice.say("hello")
    bob.wait_text("[alice]: hello")
    bob.type("/join T\t")
    bob.wait_typed("lobby> /join tea")
    bob.type("\rit is me\r")
    carol.until(said("bob", "it is me"))
    bob.wait_text(">[bob]: it is me")
    bob.wait_typed("tea>")
    assert any("![carol]: tea for bob?" in row for row in bob.rows())
    alice.say("one", "two", "bob?")
    alice.settle()
    bob.type("/rooms\r")
    row = bob.wait_text("lobby: 1 online, up to ")
    assert re.fullmatch(r"=== lobby: 1 online, up to \d+, 4 unread, Alt-1", bob.rows()[row])
    assert bob.rows()[row + 1].startswith("=== tea (you): 2 online")
    assert bob.rows()[row + 2] == "=== den (password), Alt-3"
    bob.type("\x1b1")
    bob.wait_text("![alice]: bob?")
    bob.wait_typed("lobby>")
    texts = [row[6:] for row in bob.rows() if "[alice]: " in row]
    assert texts == ["[alice]: hello", "[alice]: one", "[alice]: two", "[alice]: bob?"]
    assert not [line for line in alice.settle() if "it is me" in line]


def test_the_password_of_a_room(server, chatc):
    alice = server.join("alice")
    bob = chatc("-n", "bob", "127.0.0.1", server.port)
    bob.wait_typed("lobby>")
    bob.type("/join den\rfor the den\r")
    bob.wait_typed("password:")
    bob.type("wrong\r")
    bob.wait_text("!!! wrong password")
    bob.wait_typed("password:")
    bob.type("\x03")  # stays
    bob.wait_text("!!! not sent: for the den")
    bob.type("hello\r")
    alice.until(said("bob", "hello"))
    bob.type("/join den\rfor the den\r")
    bob.wait_typed("password:")
    bob.type("sesame\r")
    bob.wait_text(">[bob]: for the den")
    bob.wait_typed("den>")
    assert b"wrong\r" not in bob.raw and b"sesame" not in bob.raw
    assert not [line for line in alice.settle() if "the den" in line]


def test_back_into_the_room(server, relay, chatc):
    way = relay(server.port)
    carol = in_room(server, "carol", "tea")
    bob = chatc("-n", "bob", f"127.0.0.1:{way.port}/tea")
    carol.until(r"\*\*\* bob joined .*")
    bob.wait_typed("tea>")
    carol.say("one")
    bob.wait_text("[carol]: one")
    way.open = False
    way.cut()
    bob.wait_text("loss connect!")
    carol.say("two")
    heard = carol.settle()
    way.open = True
    wait_back(bob)
    bob.wait_text("[carol]: two")
    bob.wait_typed("tea>")
    bob.type("here\r")
    heard += carol.until(said("bob", "here"))
    assert [line for line in heard if line.startswith("***")] == []


@pytest.mark.parametrize("password", [True, False])
def test_a_room_in_a_pipe(server, tmp_path, password):
    args = ["--password-file", tmp_path / "secret"] if password else []
    done = subprocess.run([CHATC, *args, "-r", "den", "-n", "log", "--say", "hi", "127.0.0.1",
                           str(server.port)], capture_output=True, text=True, check=False)
    assert done.returncode == (0 if password else 1), done
    assert not password or not done.stderr


def test_a_room_that_is_made(server, chatc):
    bob = chatc("-n", "bob", "-r", "#yard", "127.0.0.1", server.port)
    bob.wait_typed("yard>")
    bob.wait_text("=== room yard: 1 online")


def test_looking_back_stays_in_the_room(server, chatc):
    """What the server has said in this room comes before the lines of the room one was in before."""
    alice, carol = server.join("alice"), in_room(server, "carol", "tea")
    carol.say(*(f"tea {number}" for number in range(30)))
    carol.settle()
    alice.say("before")
    bob = chatc("-n", "bob", "127.0.0.1", server.port, rows=24)
    bob.wait_text("[alice]: before")
    bob.type("/join tea\r")
    bob.wait_text("tea 29")
    bob.type("\x1b[5~")
    bob.wait_text("PageUp")
    seen = []
    while not any("[alice]: before" in row for row in seen):
        page = bob.wait(lambda rows: rows[:5] != seen[:5] and "asking" not in rows[-1] and rows)
        seen = page[:-1] + seen
        bob.type("\x1b[5~")
    numbers = [int(row.split()[-1]) for row in seen if "[carol]: tea " in row]
    assert numbers == list(range(30))
    texts = "\n".join(seen)
    assert texts.index("[alice]: before") < texts.index("tea 0")
