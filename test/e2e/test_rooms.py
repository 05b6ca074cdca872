"""Several rooms in one server: options, a history each, HUP, upgrades."""

import shutil
import signal

import pytest

from wire import CHATD, event, run_chatd, said, until


def go(client, room, online=1):
    client.say(f"/join {room}")
    client.until(rf"=== room {room}: {online} online")


def write_config(path, *lines):
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


@pytest.mark.parametrize("room, error", [
    ("", "the name of a room must not be empty"),
    ("a/b", "the name of a room must not contain /"),
    ("all", "the name of a room must not be"),
    ("tea secret", 'a room has no "secret"'),
    ("tea hidden=yes", "hidden takes no value"),
    ("tea feed", "feed needs a value"),
    ("tea feed=1", "feed must be a size from 4K to 1024M"),
    ("tea replay=-1", "replay must be a number from 0 to 1000000"),
    ("tea slow=86401", "slow must be a number from 0 to 86400"),
    ("tea topic=shut", "topic must be open"),
    ("tea history=", "history must not be empty"),
    ("Lobby", "Lobby is there twice, or looks like another room"),
])
def test_a_room_that_makes_no_sense(room, error):
    done = run_chatd("-l", "127.0.0.1:0", "--room", room)
    assert done.returncode == 2
    assert error in done.stderr and done.stderr.startswith("chatd: --room: ")


def test_more_that_makes_no_sense(tmp_path):
    for args, error in [
            (["--room", "tea", "--room", "#TEA"], "TEA is there twice"),
            (["--lobby", "tea", "--room", "tea"], "tea is there twice"),
            (["--room", "tea", "-l", "0,room=coffee"], "--listen: there is no room coffee"),
            (["-l", "0,room=a/b"], "--listen: the name of a room must not contain /"),
            (["--history", "x", "--room", "tea history=x"], "two rooms have the history x"),
            (["--max-rooms", "4097"], "--max-rooms must be a number from 0 to 4096"),
    ]:
        done = run_chatd("-l", "127.0.0.1:0", *args, cwd=tmp_path)
        assert done.returncode == 2 and error in done.stderr, done.stderr
    done = run_chatd("-l", "127.0.0.1:0", "--room", "tea password-file=nowhere", cwd=tmp_path)
    assert done.returncode == 1 and "tea" in done.stderr and "nowhere" in done.stderr


def test_check_tells_how_much_memory():
    assert run_chatd("-l", "127.0.0.1:0", "--check").stdout == "configuration OK\n"
    done = run_chatd("-l", "127.0.0.1:0", "--check", "--feed", "64K", "--room", "tea feed=1M",
                     "--max-rooms", "10")
    rooms, ok = done.stdout.splitlines()
    assert ok == "configuration OK"
    assert rooms.startswith("rooms: 2, at most 10, with up to ") and rooms.endswith(" KiB of memory")
    # Nine of 64K and one of 1M, and what goes with them.
    assert 9 * 64 + 1024 < int(rooms.split()[8]) < 2 * (9 * 64 + 1024)


def test_listeners_lead_to_rooms(chatd, tmp_path):
    password = tmp_path / "password"
    password.write_text("sesame\n", encoding="utf-8")
    socket = tmp_path / "socket"
    server = chatd("--room", f"tea password-file={password} hidden", "--room", "milk",
                   "-l", f"unix:{socket},room=Tea", "-l", "127.0.0.1:0,telnet,room=milk")
    lobby, milk = server.addresses()[0], server.addresses()[-1]
    alice = server.connect(lobby)
    alice.expect(r"=== chatd: you are #1, 1 of 256 online, room lobby, /help for help")
    bob = server.connect(f"unix:{socket}")
    bob.expect("=== password:")
    bob.say("sesame")
    bob.until(r"=== chatd: you are #2, 2 of 256 online, room tea, /help for help")
    carol = server.connect(milk)
    carol.until(r".*=== chatd: you are #3, 3 of 256 online, room milk, /help for help\r")
    alice.say("/rooms")
    alice.expect("=== 2 rooms:", r"=== lobby \(you\): 1 online, up to 0",
                 "=== milk: 0 online, up to 0")


def test_each_has_its_own_history(chatd, tmp_path):
    lobby, tea = tmp_path / "lobby.log", tmp_path / "tea.log"
    args = ["--history", str(lobby), "--room", f"tea history={tea}"]
    server = chatd(*args)
    alice = server.join("alice")
    alice.say("in the lobby")
    alice.until(said("alice", "in the lobby"))
    go(alice, "tea")
    alice.say("in the tea room")
    alice.until(said("alice", "in the tea room"))
    server.stop()
    assert lobby.read_text().splitlines()[0].endswith(", room lobby")
    assert tea.read_text().splitlines()[0].endswith(", room tea")
    assert "in the lobby" in lobby.read_text() and "tea room" not in lobby.read_text()
    assert "in the tea room" in tea.read_text() and "in the lobby" not in tea.read_text()

    server = chatd(*args)
    alice = server.join("alice")
    alice.say("/replay")
    alice.until(said("alice", "in the lobby"))
    alice.say("/join tea 1")
    alice.until(said("alice", "in the tea room"))
    server.stop()

    for wrong in (["--history", str(tea)], ["--room", f"tea history={lobby}"],
                  ["--room", f"milk history={tea}"]):
        before = tea.read_bytes(), lobby.read_bytes()
        for check in ([], ["--check"]):
            done = run_chatd("-l", "127.0.0.1:0", *wrong, *check)
            assert done.returncode == 1
            assert "is the history of another room: left as it is" in done.stderr
        assert before == (tea.read_bytes(), lobby.read_bytes())


def test_a_history_from_before_there_were_rooms(chatd, tmp_path):
    history = tmp_path / "history"
    server = chatd("--history", str(history))
    alice = server.join("alice")
    alice.say("alone")
    alice.until(said("alice", "alone"))
    server.stop()
    assert "room" not in history.read_text().splitlines()[0]
    server = chatd("--history", str(history), "--lobby", "hall", "--room", "tea")
    alice = server.join("alice")
    alice.say("/replay")
    alice.until(said("alice", "alone"))
    assert run_chatd("-l", "127.0.0.1:0", "--room", f"tea history={history}").returncode == 1


def test_reload(chatd, tmp_path):
    config, password = tmp_path / "chatd.conf", tmp_path / "password"
    history, other = tmp_path / "milk.log", tmp_path / "milk2.log"
    password.write_text("sesame\n", encoding="utf-8")
    write_config(config, "room = tea feed=64K", "room = cocoa")
    # The sandbox lets it write where a history is at the start.
    server = chatd("--config", str(config), "--history", str(tmp_path / "lobby.log"))
    alice, bob = server.join("alice"), server.join("bob")
    go(bob, "cocoa")

    # One more, one with a password now, one that is gone but for those in it.
    write_config(config, f"room = tea password-file={password} topic=open",
                 f"room = milk history={history}")
    server.send_signal(signal.SIGHUP)
    server.wait_log("^configuration read$")
    server.wait_log("room cocoa is gone from the settings, and in use: that needs a restart")
    go(alice, "milk")
    alice.say("white")
    alice.until(said("alice", "white"))
    until(lambda: "white" in history.read_text())
    alice.say("/join tea")
    alice.until("=== password:")
    alice.say("sesame")
    alice.until("=== room tea: 1 online")
    alice.say("/topic Five o'clock")
    alice.until(event("alice set the topic: Five o'clock"))
    bob.say("still here")
    bob.until(said("bob", "still here"))

    # What is wrong changes nothing; a history may have another place.
    write_config(config, "room = tea feed=x")
    server.send_signal(signal.SIGHUP)
    server.wait_log("nothing changed: .*feed must be a size")
    write_config(config, f"room = milk history={other}", "room = tea")
    server.send_signal(signal.SIGHUP)
    server.wait_log("^configuration read$", 2)
    go(alice, "milk")
    alice.say("black")
    alice.until(said("alice", "black"))
    until(lambda: other.exists() and "black" in other.read_text())
    assert "black" not in history.read_text()

    # Nobody is in it any more.
    go(bob, "milk", 2)
    server.send_signal(signal.SIGHUP)
    server.wait_log("^configuration read$", 3)
    bob.say("/join cocoa")
    bob.until("!!! no such room")


def test_a_history_that_a_room_gets_later(chatd, tmp_path):
    config, old, new = (tmp_path / name for name in ("chatd.conf", "old", "new"))
    start = f"history = {tmp_path / 'lobby'}"  # the sandbox lets it write there
    write_config(config, start, f"room = tea history={old}")
    server = chatd("--config", str(config))
    alice = server.join("alice")
    go(alice, "tea")
    for n in range(5):
        alice.say(f"old {n}")
    alice.until(said("alice", "old 4"))
    server.stop()

    # What has been said stays, whatever the file of another time has.
    write_config(config, start, "room = tea")
    server = chatd("--config", str(config))
    alice = server.join("alice")
    go(alice, "tea")
    alice.say("one")
    alice.until(said("alice", "one"))
    before = old.read_text()
    write_config(config, start, f"room = tea history={old}")
    server.send_signal(signal.SIGHUP)
    server.wait_log(f"room tea: history: {old} is another history, with higher numbers; "
                    "it has no history")
    write_config(config, start, f"room = tea history={new}")
    server.send_signal(signal.SIGHUP)
    server.wait_log("^configuration read$", 2)
    alice.say("two")
    alice.expect(said("alice", "two"))
    until(lambda: "[alice]: two" in new.read_text())
    assert "[alice]: one" in new.read_text()
    assert old.read_text() == before


def test_upgrade(chatd, tmp_path):
    program = tmp_path / "chatd"
    shutil.copy(CHATD, program)
    password = tmp_path / "password"
    password.write_text("sesame\n", encoding="utf-8")
    tea, lobby = tmp_path / "tea.log", tmp_path / "lobby.log"
    server = chatd("--room", f"tea history={tea} password-file={password} topic=open",
                   "--history", str(lobby), "--max-rooms", "3", "-l", "127.0.0.1:0,room=tea",
                   program=program)
    alice, bob, carol = (server.join(name) for name in ("alice", "bob", "carol"))
    go(carol, "den")
    alice.say("/join tea")
    alice.until("=== password:")
    bob.say("/join tea")
    bob.until("=== password:")
    bob.say("sesame")
    bob.until("=== room tea: 1 online")
    bob.say("/topic Kept", "/invite", "said before")
    word = bob.until(r"=== invitation tea/\S+, 60 minutes, 1 uses")[-1].split()[2].rstrip(",")
    bob.until(said("bob", "said before"))

    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgraded to chatd")
    alice.say("sesame")
    alice.until("=== room tea: 2 online")
    alice.until("=== topic: Kept")
    alice.until(said("bob", "said before"))
    bob.until(event("alice joined (2 online)"))
    carol.say("alone")
    carol.until(said("carol", "alone"))
    dave = server.join("dave")
    dave.say(f"/join {word}")
    dave.until("=== room tea: 3 online")
    dave.say("said after")
    bob.until(said("dave", "said after"))
    until(lambda: "said after" in tea.read_text())
    erin = server.connect(server.addresses()[-1])
    erin.expect("=== password:")
    dave.say("/join fourth")
    dave.until(r"!!! no more rooms \(3 of 3\)")


def test_synced_before_it_is_seen(chatd, tmp_path):
    server = chatd("--sync", "always", "--room", f"tea history={tmp_path / 'tea'}",
                   "--room", f"milk history={tmp_path / 'milk'}", "--rate", "0")
    clients = [server.join(name) for name in ("alice", "bob")]
    for client, room in zip(clients, ("tea", "milk")):
        go(client, room)
    for n in range(20):
        for client in clients:
            client.say(f"line {n}")
    for client, room in zip(clients, ("tea", "milk")):
        client.until(said(client.who, "line 19"))
        assert "line 19" in (tmp_path / room).read_text()
