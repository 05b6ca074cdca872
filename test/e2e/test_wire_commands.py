"""What a person can ask of the server, and every way in which it says no."""

import random
import re

import pytest

from wire import STAMP, action, event, said


def room(chatd, *nicks, options=("--rate", 0)):
    """Several people who have read of each other's joining."""
    server = chatd(*options)
    people = [server.join(nick) for nick in nicks]
    for person in people[:-1]:
        person.until(event(f"{nicks[-1]} joined ({len(nicks)} online)"))
    return server, *people


def answers(client, command):
    """The `=== ` lines that a command is answered with."""
    client.say(command)
    return [line for line in client.settle() if line.startswith("=== ")]


def received(who, text):
    return re.escape(f"[{who} -> you]: {text} --") + STAMP


def sent(who, text):
    return re.escape(f"[you -> {who}]: {text} --") + STAMP


PEOPLES_COMMANDS = ["help", "nick", "who", "me", "msg", "r", "ignore", "unignore", "replay",
                    "resume", "stats", "quit"]
OPERATORS_COMMANDS = ["kick", "ban", "unban", "bans", "motd", "announce", "shutdown"]


def test_help(chatd):
    _, alice = room(chatd, "alice")
    lines = answers(alice, "/help")
    for command in PEOPLES_COMMANDS:
        assert any(re.match(rf"=== +/{command}\b.* \S+", line) for line in lines), command
    for command in PEOPLES_COMMANDS:
        lines = answers(alice, f"/help {command}")
        assert lines and f"/{command}" in lines[0]
    assert answers(alice, "/help /nick")
    alice.say("/help nonsense")
    alice.expect(r"!!! .*")


NICKS = ["a", "x" * 32, "é" * 16, "日本", "O'Neil", "a#b*c=d!e/f", "you2", "servers", "-_-", "😀"]


@pytest.mark.parametrize("nick", NICKS)
def test_nick_taken_up(chatd, nick):
    _, alice, bob = room(chatd, "alice", "bob")
    alice.say("/nick " + nick, "hello")
    for person in (alice, bob):
        person.expect(event(f"alice is now {nick}"), said(nick, "hello"))


def test_nick_from_slot(chatd):
    server, alice = room(chatd, "alice")
    nameless = server.connect()
    nameless.say("hello", "/nick bob")
    alice.expect(event("#2 joined (2 online)"), said("#2", "hello"), event("#2 is now bob"))


BAD_NICKS = {
    "33 bytes": "x" * 33, "17 of two bytes": "é" * 17, "blank": "a b", "no-break space": "a\u00a0b",
    "ideographic space": "a\u3000b", "zero width space": "a\u200bb", "joiner": "a\u200db",
    "byte order mark": "\ufeffa", "soft hyphen": "a\u00adb", "left-to-right mark": "a\u200eb",
    "open bracket": "a[b", "close bracket": "a]b", "colon": "a:b", "hash": "#a", "star": "*a",
    "equals": "=a", "bang": "!a", "slash": "/a", "you": "you", "You": "You", "server": "server",
    "SERVER": "SERVER", "taken": "alice", "taken, in capitals": "ALICE", "none": "",
    "only a blank": " ",
}


@pytest.mark.parametrize("name", BAD_NICKS)
def test_nick_refused(chatd, name):
    _, alice, bob = room(chatd, "alice", "bob")
    bob.say("/nick " + BAD_NICKS[name])
    bob.expect(r"!!! .*\w.*")
    bob.say("still me")
    alice.expect(said("bob", "still me"))


def test_nick_of_one_who_left_is_free(chatd):
    server, alice, bob = room(chatd, "alice", "bob")
    bob.say("/quit")
    alice.expect(event("bob left (1 online)"))
    alice.say("/nick bob")
    alice.expect(event("alice is now bob"))


def test_ones_own_nick_in_other_case(chatd):
    _, alice = room(chatd, "alice")
    alice.say("/nick Alice")
    alice.expect(event("alice is now Alice"))


def test_first_nick_refused_then_another(chatd):
    server, alice = room(chatd, "alice")
    other = server.connect()
    other.say("/nick alice")
    other.until(r"!!! .*")
    other.say("/nick bob")
    lines = alice.until(r"\*\*\* .*bob.*")
    assert re.fullmatch(event("bob joined (2 online)"), lines[-1]) or \
        re.fullmatch(event("#2 is now bob"), lines[-1])


def test_who(chatd):
    server, alice, bob = room(chatd, "alice", "bob")
    nameless = server.connect()
    nameless.say("hello")
    alice.until(said("#3", "hello"))
    text = "\n".join(answers(alice, "/who"))
    for who in ("alice", "bob", "#3"):
        assert who in text
    assert "127.0.0.1" not in text


def test_me(chatd):
    _, alice, bob = room(chatd, "alice", "bob")
    alice.say("/me waves  twice ")
    for person in (alice, bob):
        person.expect(re.escape("* alice waves  twice") + " ? ?--" + STAMP)
    alice.say("/me")
    alice.expect(r"!!! .*")
    alice.say("/me /nick is a command")
    bob.expect(action("alice", "/nick is a command"))


def test_private_messages(chatd):
    server, alice, bob, carol = room(chatd, "alice", "bob", "carol")
    alice.say("/msg bob psst,  you")
    alice.expect(sent("bob", "psst,  you"))
    bob.expect(received("alice", "psst,  you"))
    bob.say("/r yes?")
    bob.expect(sent("alice", "yes?"))
    alice.expect(received("bob", "yes?"))
    alice.say("/msg BOB any case")
    bob.expect(received("alice", "any case"))
    alice.expect(sent("bob", "any case"))
    alice.say("aloud")
    carol.expect(said("alice", "aloud"))
    newcomer = server.connect()
    assert not any("psst" in line for line in newcomer.settle())
    assert not any("psst" in line for line in server.log)


def test_private_message_to_a_slot(chatd):
    server, alice = room(chatd, "alice")
    nameless = server.connect()
    nameless.say("hello")
    alice.until(said("#2", "hello"))
    alice.say("/msg #2 psst")
    alice.expect(sent("#2", "psst"))
    nameless.until(received("alice", "psst"))
    nameless.say("/r yes?")
    alice.expect(received("#2", "yes?"))


@pytest.mark.parametrize("command", [
    "/msg", "/msg bob", "/msg nobody hello", "/msg #9 hello", "/msg # hello", "/r", "/r hello",
    "/msg #999999999999999999999 hello",
])
def test_private_message_refused(chatd, command):
    _, alice, bob = room(chatd, "alice", "bob")
    alice.say(command)
    alice.expect(r"!!! .*")
    alice.say("aloud")
    bob.expect(said("alice", "aloud"))


def test_r_follows_a_rename_and_ends_with_leaving(chatd):
    _, alice, bob = room(chatd, "alice", "bob")
    bob.say("/msg alice psst", "/nick robert")
    alice.expect(received("bob", "psst"), event("bob is now robert"))
    alice.say("/r yes?")
    alice.expect(sent("robert", "yes?"))
    bob.say("/quit")
    alice.expect(event("robert left (1 online)"))
    alice.say("/r hello?")
    alice.expect(r"!!! .*")


def test_ignore(chatd):
    _, alice, bob, carol = room(chatd, "alice", "bob", "carol")
    assert not any("bob" in line for line in answers(alice, "/ignore"))
    alice.say("/ignore bob")
    alice.expect(r"=== .*bob.*")
    assert any("bob" in line for line in answers(alice, "/ignore"))
    bob.say("a message", "/me acts", "/msg alice psst", "/nick robert", "more")
    # The one ignored can't tell.
    bob.expect(said("bob", "a message"), action("bob", "acts"), sent("alice", "psst"),
               event("bob is now robert"), said("robert", "more"))
    carol.until(said("robert", "more"))
    carol.say("hello")
    alice.expect(event("bob is now robert"), said("carol", "hello"))
    assert any("robert" in line for line in answers(alice, "/ignore"))
    alice.say("/unignore robert")
    alice.expect(r"=== .*")
    bob.say("again")
    alice.expect(said("robert", "again"))


@pytest.mark.parametrize("command", ["/ignore nobody", "/unignore", "/unignore nobody",
                                     "/unignore bob", "/ignore bob carol", "/ignore #77"])
def test_ignore_refused(chatd, command):
    _, alice, bob = room(chatd, "alice", "bob")
    alice.say(command)
    alice.expect(r"!!! .*")
    bob.say("hello")
    alice.expect(said("bob", "hello"))


@pytest.mark.parametrize("command, first", [("/replay 3", 17), ("/replay", 10), ("/replay 20", 0),
                                            ("/replay 1000", 0), ("/replay 1", 19)])
def test_replay_again(chatd, command, first):
    server, alice = room(chatd, "alice")
    alice.say(*(f"message {n}" for n in range(20)))
    lines = alice.until(said("alice", "message 19"))
    server.join("passer").close()
    alice.until(r"\*\*\* passer left .*")
    alice.say(command)
    got = [line for line in alice.settle() if line.startswith("[")]
    assert got == lines[first:]
    alice.say("and on")
    alice.expect(said("alice", "and on"))


@pytest.mark.parametrize("command", ["/replay x", "/replay -1", "/replay 1 2",
                                     "/replay 99999999999999999999999"])
def test_replay_refused(chatd, command):
    _, alice = room(chatd, "alice")
    alice.say("hello", command)
    alice.expect(said("alice", "hello"), r"!!! .*")


def test_stats(chatd):
    _, alice, bob = room(chatd, "alice", "bob")
    text = "\n".join(answers(alice, "/stats")).lower()
    for word in ["version", "uptime", "clients", "lines", "bytes", "feed"]:
        assert word in text or (word == "version" and "chatd 1." in text), word


def test_quit(chatd):
    _, alice, bob, carol = room(chatd, "alice", "bob", "carol")
    bob.say("/quit", "never said")
    alice.expect(event("bob left (2 online)"))
    assert not any("never said" in line for line in bob.eof())
    carol.say("/quit to bed, at last")
    alice.expect(event("carol left (to bed, at last)"))
    carol.eof()


def test_unknown_commands(chatd):
    _, alice, bob = room(chatd, "alice", "bob")
    for command in ["/nonsense", "/", "/ hello", "/Msgs bob hi", "/??", "/nickname"]:
        alice.say(command)
        alice.expect(r"!!! .*")
    alice.say("aloud")
    bob.expect(said("alice", "aloud"))


@pytest.mark.parametrize("typed, meant", [("/hlep", "/help"), ("/whoo", "/who"),
                                          ("/quti", "/quit"), ("/nik bob", "/nick")])
def test_the_nearest_command_is_named(chatd, typed, meant):
    _, alice = room(chatd, "alice")
    alice.say(typed)
    alice.expect(r"!!! .*" + meant + r"\b.*")


@pytest.mark.parametrize("command", [
    "/who is here", "/stats please", "/nick", "/nick a b", "/help me please", "/resume x",
    "/resume -1", "/resume 1 2 3", "/resume 99999999999999999999999999",
])
def test_wrong_arguments(chatd, command):
    _, alice, bob = room(chatd, "alice", "bob")
    alice.say(command)
    alice.expect(r"!!! .*")
    alice.say("aloud")
    bob.expect(said("alice", "aloud"))


@pytest.mark.parametrize("command", ["/" + word for word in OPERATORS_COMMANDS]
                         + ["/kick bob", "/ban bob", "/ban 127.0.0.1", "/unban 127.0.0.1",
                            "/motd x", "/announce x", "/shutdown now", "/op", "/op secret"])
def test_operators_commands_refused_to_people(chatd, command):
    _, alice, bob = room(chatd, "alice", "bob")
    alice.say(command)
    alice.expect(r"!!! .*")
    alice.say("aloud")
    bob.expect(said("alice", "aloud"))


def test_slashes_and_spaces(chatd):
    _, alice, bob = room(chatd, "alice", "bob")
    alice.say("//help", "///", " //who", " /nobody", "/me  x", "not /a command")
    bob.expect(said("alice", "/help"), said("alice", "//"), said("alice", " /who"),
               r"\* alice  ?x --" + STAMP, said("alice", "not /a command"))


@pytest.mark.parametrize("nicks, limit", [(31, True), (32, True), (33, False)])
def test_nick_length_border(chatd, nicks, limit):
    _, alice = room(chatd, "alice")
    alice.say("/nick " + "n" * nicks)
    alice.expect(event("alice is now " + "n" * nicks) if limit else r"!!! .*")


def test_private_lines_to_one_who_does_not_read(chatd):
    """At most 64 KiB wait for it; then the sender is told, and nobody is held up."""
    server, alice, bob = room(chatd, "alice", "bob")
    asleep = server.connect(receive=4096)
    asleep.say("/nick asleep")
    alice.until(r"\*\*\* asleep joined .*")
    told = None
    for n in range(20_000):
        alice.say(f"/msg asleep {n} " + "x" * 1000)
        line = alice.line()
        if line.startswith("!!! "):
            told = line
            break
        assert re.fullmatch(sent("asleep", f"{n} " + "x" * 1000), line)
    assert told == "!!! asleep is not reading: not sent"
    alice.say("aloud")
    bob.until(said("alice", "aloud"))
    got = [line for line in asleep.until(said("alice", "aloud")) if line.startswith("[alice ->")]
    assert [int(line.split()[3]) for line in got] == list(range(n))
    alice.say("/msg asleep again")
    alice.until(sent("asleep", "again"))
    asleep.expect(received("alice", "again"))


def test_commands_wait_for_one_who_does_not_read_the_answers(chatd):
    server, alice = room(chatd, "alice")
    lazy = server.connect(receive=4096)
    lazy.sock.setblocking(False)
    asked = 0
    try:
        while asked < 50_000_000:
            asked += lazy.sock.send(b"/help\n" * 10_000)
    except BlockingIOError:
        pass
    assert asked < 50_000_000
    alice.say("the room goes on")
    alice.until(said("alice", "the room goes on"))
    assert server.rss() < 64 << 20
    lazy.close()


@pytest.mark.parametrize("behind", ["x\n", "x" * 100000], ids=["later", "at once"])
def test_what_comes_behind_quit_costs_nothing(chatd, behind):
    """It is not heard, but who sends it gets all that it is owed, and no reset."""
    server = chatd("--rate", 0)
    quitter = server.connect(receive=4096)
    quitter.say(*["/help"] * 20, "/quit")
    server.wait_log("client #1 exit")
    quitter.send(behind)
    lines = quitter.eof()
    assert sum(line.startswith("=== /quit ") for line in lines) == 20


def lower(text):
    """ASCII letters alone."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def test_search_finds_what_is_there(chatd):
    """Beside a search by hand, in lines full of near matches, also in names and stamps."""
    chance = random.Random(1)
    server = chatd("--rate", 0)
    people = [server.join(nick) for nick in ("ab", "bab", "aabb")]
    said_lines = []
    for _ in range(400):
        n = chance.randrange(3)
        text = "".join(chance.choice("abAB -:") for _ in range(chance.randrange(1, 90))) + "x"
        action = chance.random() < 0.2
        people[n].say("/me " + text if action else text)
        # An action's text begins after the blanks.
        said_lines.append((("ab", "bab", "aabb")[n], text.lstrip(" ") if action else text))
        people[n].until(r".*" + re.escape(text) + " --" + STAMP)
    for _ in range(150):
        needle = "".join(chance.choice("abAB -:") for _ in range(chance.randrange(1, 5))) + \
            chance.choice(["", "", "x"])
        needle = needle.strip() or "b"
        who = chance.choice(["", "", "ab", "BAB"])
        if not who and ": " in needle:
            continue
        people[0].say(f"/search {who}: {needle}" if who else f"/search {needle}")
        want = sum(lower(needle) in lower(text) for name, text in said_lines
                   if not who or name == lower(who))
        people[0].until(rf"=== {want} found")
