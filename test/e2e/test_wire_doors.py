"""The room's password, operators, and bans."""

import re

import pytest

from wire import STAMP, event, said

IAC, DO, WONT, WILL, ECHO, SGA = 255, 253, 252, 251, 1, 3


@pytest.fixture
def password(tmp_path):
    path = tmp_path / "password"
    path.write_text("open sesame\nnot this line\n", encoding="utf-8")
    return path


@pytest.fixture
def operator_file(tmp_path):
    path = tmp_path / "operators"
    path.write_text("let me rule\n", encoding="utf-8")
    return path


def admit(server, nick):
    client = server.connect()
    client.expect(r"=== password:")
    client.say("open sesame", "/nick " + nick)
    client.until(rf"\*\*\* {nick} joined .*")
    return client


def test_password(chatd, password):
    server = chatd("--password-file", password, "--name", "The Lab")
    alice = admit(server, "alice")
    alice.say("hello")
    alice.expect(said("alice", "hello"))
    bob = server.connect()
    bob.expect(r"=== password:")
    bob.say("open sesame")
    lines = bob.until(said("alice", "hello"))
    assert "The Lab" in lines[0] and lines[0].startswith("=== ")
    bob.say("thanks")
    alice.until(said("#2", "thanks"))


def test_nothing_is_seen_before_the_password(chatd, password):
    server = chatd("--password-file", password, "--name", "The Lab", "--rate", 0)
    alice = admit(server, "alice")
    outside = server.connect()
    outside.expect(r"=== password:")
    for n in range(20):
        alice.say(f"secret {n}")
    alice.until(said("alice", "secret 19"))
    alice.say("/who")
    assert "#2" not in "\n".join(alice.settle())
    alice.say("/msg #2 psst")
    alice.expect(r"!!! .*")
    outside.say("/who")
    first = outside.line()
    assert first.startswith("!!! ") and "alice" not in first
    outside.half_close()
    rest = outside.eof()
    assert not any("secret" in line or "alice" in line or "Lab" in line for line in rest)
    assert not any("joined" in line or "left" in line for line in alice.settle())


def test_three_wrong_passwords(chatd, password):
    server = chatd("--password-file", password, "--rate", 0)
    alice = admit(server, "alice")
    guesser = server.connect()
    guesser.expect(r"=== password:")
    for guess in ["open", "open sesam", "not this line"]:
        guesser.say(guess)
        guesser.until(r"!!! .*")
    guesser.say("open sesame")
    assert not any("welcome" in line.lower() or "#2" in line for line in guesser.eof())
    alice.say("hello")
    alice.expect(said("alice", "hello"))
    assert not any(guess in line for guess in ("not this", "open sesame") for line in server.log)


def test_wrong_then_right(chatd, password):
    server = chatd("--password-file", password, "--rate", 0)
    alice = admit(server, "alice")
    client = server.connect()
    client.expect(r"=== password:")
    client.say("wrong", "open sesame", "/nick bob", "hello")
    # While it waits for its answer the room goes on.
    alice.say("meanwhile")
    alice.until(said("alice", "meanwhile"))
    lines = client.until(said("bob", "hello"))
    assert lines[0].startswith("!!! ")
    alice.until(said("bob", "hello"))


@pytest.mark.parametrize("line", [b"open sesame\n", b"open sesame\r\n", b"open sesamf\x7fe\n"])
def test_password_however_typed(chatd, password, line):
    client = chatd("--password-file", password).connect()
    client.expect(r"=== password:")
    client.send(line + b"hello\n")
    client.until(said("#1", "hello") + "\r?")


def test_password_is_not_echoed_to_telnet(chatd, password):
    client = chatd("--password-file", password).connect()
    client.expect(r"=== password:")
    client.send(bytes([IAC, DO, SGA]))
    client.until_bytes(bytes([IAC, WILL, ECHO]))
    client.send(bytes([IAC, DO, ECHO]))
    client.send(b"open sesame\r\nhello\r\n")
    lines = client.until(said("#1", "hello") + "\r")
    raw = "\n".join(lines).encode("utf-8", "surrogateescape")
    assert raw.count(bytes([IAC, WONT, ECHO])) == 1
    assert b"sesame" not in raw


@pytest.fixture
def guarded(chatd, operator_file, tmp_path):
    """A room with an operator who came by a unix socket, whom no ban of an address meets."""
    path = tmp_path / "operator"
    server = chatd("--rate", 0, "--operator-file", operator_file,
                   listen=["127.0.0.1:0", f"unix:{path},operator"])
    boss = server.connect(f"unix:{path}")
    boss.say("/nick boss")
    boss.until(event("boss joined (1 online)"))
    return server, boss


def test_op(chatd, operator_file):
    server = chatd("--operator-file", operator_file)
    alice = server.join("alice")
    alice.say("/op wrong")
    alice.expect(r"!!! .*")
    alice.say("/bans")
    alice.expect(r"!!! .*")
    alice.say("/op let me rule")
    alice.expect(r"=== .*")
    alice.say("/bans")
    alice.expect(r"=== .*")
    alice.say("/who")
    assert "127.0.0.1" in "\n".join(alice.settle())
    assert not any("let me rule" in line for line in server.log)


def test_operator_by_listener(guarded):
    server, boss = guarded
    server.join("alice")
    boss.until(event("alice joined (2 online)"))
    boss.say("/who")
    assert "127.0.0.1" in "\n".join(boss.settle())
    boss.say("/help")
    assert any(re.match(r"=== +/kick\b", line) for line in boss.settle())


def test_kick(guarded):
    server, boss = guarded
    alice, bob = server.join("alice"), server.join("bob")
    boss.until(event("bob joined (3 online)"))
    boss.say("/kick alice enough now")
    boss.until(event("alice left (enough now)"))
    alice.eof()
    boss.say("/kick bob")
    boss.until(r"\*\*\* bob left \(.*\) --" + STAMP)
    bob.eof()
    server.join("alice")


def test_kick_by_slot(guarded):
    server, boss = guarded
    nameless = server.connect()
    nameless.say("hello")
    boss.until(said("#2", "hello"))
    boss.say("/kick #2 hush")
    boss.until(event("#2 left (hush)"))
    nameless.eof()


def test_ban_of_a_person(guarded):
    server, boss = guarded
    alice = server.join("alice", source="127.0.0.2")
    bob = server.join("bob")
    boss.until(event("bob joined (3 online)"))
    boss.say("/ban alice")
    boss.until(r"\*\*\* alice left \(.*\) --" + STAMP)
    alice.eof()
    refused = server.connect(source="127.0.0.2")
    refused.expect(r"!!! .*")
    assert refused.eof() == []
    bob.say("hello")
    bob.until(said("bob", "hello"))
    boss.say("/bans")
    assert any("127.0.0.2" in line for line in boss.settle() if line.startswith("=== "))
    boss.say("/unban 127.0.0.2")
    boss.expect(r"=== .*")
    server.join("alice", source="127.0.0.2")


@pytest.mark.parametrize("prefix, inside, outside", [
    ("127.0.0.8/30", ["127.0.0.8", "127.0.0.11"], ["127.0.0.7", "127.0.0.12"]),
    ("127.0.0.9", ["127.0.0.9"], ["127.0.0.8", "127.0.0.10"]),
    ("127.0.0.9/32", ["127.0.0.9"], ["127.0.0.8"]),
    ("127.1.0.0/16", ["127.1.255.255"], ["127.0.0.1", "127.2.0.0"]),
])
def test_ban_of_addresses(guarded, prefix, inside, outside):
    server, boss = guarded
    caught = server.join("caught", source=inside[0])
    free = server.join("free", source=outside[0])
    boss.until(event("free joined (3 online)"))
    boss.say("/ban " + prefix)
    caught.until(r"!!! .*")
    caught.eof()
    for address in inside:
        refused = server.connect(source=address)
        refused.expect(r"!!! .*")
        assert refused.eof() == []
    for n, address in enumerate(outside):
        server.join(f"other{n}", source=address)
    free.say("hello")
    free.until(said("free", "hello"))
    boss.say("/unban " + prefix)
    boss.until(r"=== .*unban.*|=== .*")
    server.join("again", source=inside[0])


def test_ban_of_everyone_spares_the_unix_socket(guarded):
    server, boss = guarded
    alice = server.join("alice")
    boss.say("/ban 0.0.0.0/0")
    alice.gone()
    boss.until(r"\*\*\* alice left .*")
    boss.say("hello")
    boss.until(said("boss", "hello"))


def test_ban_with_an_end(guarded):
    server, boss = guarded
    boss.say("/ban 127.0.0.2 5")
    boss.expect(r"=== .*")
    boss.say("/bans")
    lines = [line for line in boss.settle() if "127.0.0.2" in line]
    assert len(lines) == 1 and re.search(r"\b[45]\b|minute|until", lines[0])


@pytest.mark.parametrize("command", [
    "/kick", "/kick nobody", "/kick #99", "/ban", "/ban nobody", "/ban 127.0.0.1/33",
    "/ban 127.0.0.1/-1", "/ban 127.0.0.1 -5", "/ban ::1/129", "/ban 300.1.1.1",
    "/unban", "/unban 192.0.2.1", "/unban nonsense", "/announce", "/op",
    "/bans x",
])
def test_operators_errors(guarded, command):
    server, boss = guarded
    alice = server.join("alice")
    boss.until(event("alice joined (2 online)"))
    boss.say(command)
    boss.expect(r"!!! .*")
    alice.say("still here")
    boss.expect(said("alice", "still here"))


def test_motd(guarded):
    server, boss = guarded
    boss.say("/motd Be kind.")
    boss.expect(r"=== .*")
    assert any("Be kind." in line for line in server.connect().settle())


def test_announce(guarded):
    server, boss = guarded
    alice = server.join("alice")
    boss.say("/announce tea is ready")
    alice.expect(r"\*\*\* .*tea is ready --" + STAMP)


def test_shutdown(guarded):
    server, boss = guarded
    alice = server.join("alice")
    boss.say("/shutdown")
    lines = alice.eof()
    assert any(re.fullmatch(event("server shutting down"), line) for line in lines), lines
    assert server.wait() == 0


def test_shutdown_with_a_text(guarded):
    server, boss = guarded
    alice = server.join("alice")
    boss.say("/shutdown back at six")
    assert any("back at six" in line for line in alice.eof())
    assert server.wait() == 0
