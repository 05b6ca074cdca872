"""Several chatd as one, on one nats-server: what people see of each other, and of its faults."""

import re

import pytest

from nats import Nats
from wire import run_chatd, until

LOBBY = "CHATD_chatd_lobby"


@pytest.fixture
def server(tmp_path):
    """Starts nats-servers."""
    servers = []

    def start(**options):
        servers.append(Nats(tmp_path, f"n{len(servers)}", **options).start())
        return servers[-1]

    yield start
    for each in servers:
        each.finish()


@pytest.fixture
def node(chatd):
    """Starts the node of a name."""
    def start(name, nats, *args):
        return chatd("--share", nats.url, "--node", name, "--share-replicas", "1", *args)
    return start


def tagged(chat, nick):
    """A client with tags; all before it is read."""
    client = chat.join(nick)
    client.say("/resume")
    client.until(r"=== resume \d+ \w+")
    return client


def test_lines_are_the_same_at_all_nodes(server, node):
    nats = server()
    a, b = node("a", nats), node("b", nats)
    alice = tagged(a, "alice")
    bob = tagged(b, "bob")
    alice.say("one", "two", "/me waves")
    bob.say("three")
    mine = [line for line in alice.until(r"@\d+ \d+ \* alice waves --.*") if "bob" not in line]
    assert [re.search(r"one|two|waves", line)[0] for line in mine] == ["one", "two", "waves"]
    until_three = r"@\d+ \d+ \[bob\]: three --.*"
    bob.say("end")
    theirs = bob.until(r"@\d+ \d+ \[bob\]: end --.*")
    again = alice.until(r"@\d+ \d+ \[bob\]: end --.*")
    assert theirs[-1] == again[-1]
    assert [line for line in theirs if line in mine] == mine
    assert any(re.fullmatch(until_three, line) for line in theirs)


def test_going_to_another_room(server, node):
    nats = server()
    a, b = node("a", nats, "--room", "tea"), node("b", nats, "--room", "tea")
    alice, bob = tagged(a, "alice"), tagged(b, "bob")
    alice.until(r".* bob joined .*")
    alice.say("/join tea", "in tea")
    alice.until(r"@\d+ \d+ \[alice\]: in tea --.*")
    bob.expect(r"@\d+ \d+ \*\*\* alice left \(1 online\) --.*")
    bob.say("after")
    bob.expect(r"@\d+ \d+ \[bob\]: after --.*")

    def rooms():
        bob.say("/rooms", "/ping .")
        return [line.split(",")[0] for line in bob.until("=== pong .")[:-1]]
    until(lambda: rooms() == ["=== 2 rooms:", "=== lobby (you): 1 online", "=== tea: 1 online"],
          "alice in tea")


def test_a_node_fills_itself_with_all_rooms(server, node, tmp_path):
    nats = server()

    def start(name):
        return node(name, nats, "--history", tmp_path / name, "--room",
                    f"tea history={tmp_path}/{name}-tea")
    alice = tagged(start("a"), "alice")
    for text in ["one", "two", "three"]:
        alice.say("/join tea", text, "/join lobby", text)
        alice.until(r"=== room lobby: .*")
        alice.until(rf"@\d+ \d+ \[alice\]: {text} --.*")
    start("b")
    for room in ["", "-tea"]:
        until(lambda room=room: (tmp_path / f"a{room}").read_bytes() ==
              (tmp_path / f"b{room}").read_bytes(), "the same history")


def test_a_newcomer_to_an_empty_node_gets_the_replay(server, node):
    nats = server()
    alice = tagged(node("a", nats, "--rate", 0), "alice")
    alice.say(*(f"line {i}" for i in range(500)))
    alice.until(r".* line 499 --.*")
    b = node("b", nats)
    bob = b.connect()
    bob.say("/ping .")
    lines = bob.until("=== pong .")
    assert [re.search(r"line \d+|chatd|pong", line)[0] for line in lines] == [
        "chatd", *(f"line {i}" for i in range(490, 500)), "pong"]
    assert not any("line 1" in line for line in b.log)


def test_a_room_that_is_made_is_there_on_all_nodes(server, node):
    nats = server()
    a, b = node("a", nats, "--max-rooms", 2), node("b", nats, "--max-rooms", 2)
    alice, bob = tagged(a, "alice"), b.join("bob")
    alice.say("/join den", "hello")
    alice.until(r"@\d+ \d+ \[alice\]: hello --.*")

    def rooms():
        bob.say("/rooms", "/ping .")
        return [line.split(",")[0] for line in bob.until("=== pong .") if "online" in line]
    until(lambda: rooms() == ["=== lobby (you): 1 online", "=== den: 1 online"], "a room")
    bob.say("/join den")
    bob.until("=== room den: 2 online")
    bob.expect(r"\[alice\]: hello --.*", r"\*\*\* bob joined \(2 online\) --.*")
    bob.say("/join more")
    bob.expect(r"!!! no more rooms \(2 of 2\)")


def test_a_line_outlives_a_server_that_is_killed(server, node):
    nats = server()
    a, b = node("a", nats), node("b", nats)
    alice, bob = tagged(a, "alice"), tagged(b, "bob")
    alice.until(r".* bob joined .*")
    nats.kill()
    a.wait_log(r"share: lost nats://127\.0\.0\.1:\d+")
    alice.say("still here")
    alice.expect(r"=== not said yet: the other servers can't be reached")
    nats.start()
    bob.expect(r"@\d+ \d+ \[alice\]: still here --.*")
    bob.say("me too")
    bob.expect(r"@\d+ \d+ \[bob\]: me too --.*")
    lines = alice.until(r"@\d+ \d+ \[bob\]: me too --.*")
    assert sum("still here" in line for line in lines) == 1
    assert any(re.fullmatch(r"=== back after \d+ s", line) for line in lines)


def test_a_server_that_is_paused(server, node):
    nats = server()
    a, b = node("a", nats), node("b", nats)
    alice, bob = tagged(a, "alice"), tagged(b, "bob")
    alice.until(r".* bob joined .*")
    nats.pause()
    alice.say("into the pause")
    a.wait_log("share: lost .*: no answer")
    b.wait_log("share: lost .*: no answer")
    nats.go_on()
    bob.expect(r"@\d+ \d+ \[alice\]: into the pause --.*")
    bob.say("once")
    bob.expect(r"@\d+ \d+ \[bob\]: once --.*")
    lines = alice.until(r"@\d+ \d+ \[bob\]: once --.*")
    assert sum("into the pause" in line for line in lines) == 1


def test_lines_under_way_while_a_program_takes_over(server, node):
    nats = server()
    a, b = node("a", nats), node("b", nats)
    alice, bob = tagged(a, "alice"), tagged(b, "bob")
    alice.until(r".* bob joined .*")
    nats.pause()
    alice.say("held")
    alice.expect(r"=== not said yet: the other servers can't be reached")
    a.send_signal(12)  # USR2
    a.wait_log("upgraded to chatd")
    nats.go_on()
    bob.expect(r"@\d+ \d+ \[alice\]: held --.*")
    bob.say("once")
    bob.expect(r"@\d+ \d+ \[bob\]: once --.*")
    lines = alice.until(r"@\d+ \d+ \[bob\]: once --.*")
    assert sum("held" in line for line in lines) == 1


def test_a_stream_that_is_deleted(server, node):
    nats = server()
    a, b = node("a", nats), node("b", nats)
    alice, bob = tagged(a, "alice"), tagged(b, "bob")
    alice.say("before")
    last = int(re.match(r"@(\d+) ", bob.until(r"@\d+ \d+ \[alice\]: before --.*")[-1])[1])
    assert nats.ask(f"STREAM.DELETE.{LOBBY}")["success"]
    until(lambda: LOBBY in nats.streams(), "a stream that is made again")
    alice.say("after")
    line = bob.until(r"@\d+ \d+ \[alice\]: after --.*")[-1]
    assert int(re.match(r"@(\d+) ", line)[1]) > last
    assert alice.until(r"@\d+ \d+ \[alice\]: after --.*")[-1] == line


def test_figures(server, node, tmp_path):
    nats = server()
    a, b = node("a", nats, "-l", f"unix:{tmp_path}/m,metrics"), node("b", nats)
    alice, bob = tagged(a, "alice"), tagged(b, "bob")
    bob.say("hello")
    alice.until(r"@\d+ \d+ \[bob\]: hello --.*")

    def stats():
        alice.say("/stats", "/ping .")
        return [line for line in alice.until("=== pong .") if "share:" in line]
    until(lambda: stats() == ["=== share: node a, 2 nodes, up, 0 in flight, behind by 0, "
                              "0 reconnects"], "two nodes")
    metrics = a.connect(f"unix:{tmp_path}/m")
    metrics.send("GET /metrics HTTP/1.0\r\n\r\n")
    lines = [line for line in metrics.eof() if line.startswith("chatd_share_")]
    assert lines == ["chatd_share_up 1", "chatd_share_nodes 2", "chatd_share_in_flight 0",
                     "chatd_share_behind_lines 0", "chatd_share_reconnects_total 0",
                     "chatd_share_disagrees_since_id 0"]


def test_a_stream_that_is_full(server, node):
    nats = server()
    a = node("a", nats)
    alice = tagged(a, "alice")
    config = nats.ask(f"STREAM.INFO.{LOBBY}")["config"]
    config.update(discard="new", max_msgs=nats.ask(f"STREAM.INFO.{LOBBY}")["state"]["messages"])
    assert "error" not in nats.ask(f"STREAM.UPDATE.{LOBBY}", config)
    alice.say("too much")
    alice.expect(r"!!! not said: the log is full")
    config.update(max_msgs=-1)
    assert "error" not in nats.ask(f"STREAM.UPDATE.{LOBBY}", config)
    alice.say("room again")
    alice.expect(r"@\d+ \d+ \[alice\]: room again --.*")


def refusal(nats, *args):
    """The one line with which chatd ends."""
    result = run_chatd("-l", "127.0.0.1:0", "--share", nats.url, "--node", "a", *args)
    assert result.returncode == 1, result
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix(f"chatd: --share: {nats.url}: ").rstrip("\n")


@pytest.mark.parametrize("check", [[], ["--check"]])
def test_servers_that_cannot_be_used(server, tmp_path, check):
    plain = server(jetstream=False)
    assert refusal(plain, "--share-replicas", 1, *check) == "this nats-server has no JetStream"
    guarded = server(extra='authorization { user: chatd, password: "se:same" }')
    assert refusal(guarded, "--share-replicas", 1, *check) == "wrong user, password or token"
    wrong, right = tmp_path / "wrong", tmp_path / "right"
    wrong.write_text("chatd:other\n", encoding="utf-8")
    right.write_text("chatd:se:same\n", encoding="utf-8")
    wrong.chmod(0o600)
    right.chmod(0o600)
    assert refusal(guarded, "--share-replicas", 1, "--share-password-file", wrong,
                   *check) == "wrong user, password or token"
    result = run_chatd("--check", "-l", "127.0.0.1:0", "--share", guarded.url, "--node", "a",
                       "--share-replicas", 1, "--share-password-file", right)
    assert result.returncode == 0, result


def test_a_server_that_is_too_old_for_replicas(server):
    nats = server()
    version = re.search(rb'"version":"([^"]*)"', nats.first_words())[1].decode()
    if tuple(map(int, version.split(".")[:3])) >= (2, 12, 3):
        pytest.skip("needs a nats-server before 2.12.3")
    assert refusal(nats, "--share-replicas", 3) == (
        f"nats-server {version} is too old for more than one replica: 2.12.3 or newer is needed")


def test_a_check_changes_nothing(server):
    nats = server()
    result = run_chatd("--check", "-l", "127.0.0.1:0", "--share", nats.url, "--node", "a",
                       "--share-replicas", 1)
    assert (result.returncode, result.stderr) == (0, "")
    assert nats.streams() == []


def test_a_stream_of_another_version(server):
    nats = server()
    nats.ask(f"STREAM.CREATE.{LOBBY}", {
        "name": LOBBY, "subjects": ["chatd.chatd.room.lobby"], "storage": "file",
        "description": "chatd shared log, version 2"})
    assert refusal(nats, "--share-replicas", 1) == f"stream {LOBBY} is of another version of --share"


def test_two_nodes_of_one_name(server, node):
    nats = server()
    node("a", nats)
    result = run_chatd("-l", "127.0.0.1:0", "--share", nats.url, "--node", "a",
                       "--share-replicas", 1)
    assert result.returncode == 1
    assert result.stderr == "chatd: --node a: another node has this name\n"
    assert "Server ready!" not in result.stdout


def test_nobody_there_at_the_start(server, node):
    nats = server()
    nats.kill()
    a = node("a", nats)
    a.wait_log(r"share: not reached so far \(Connection refused\): lines wait until it is")
    nats.start()
    a.wait_log("share: connected to nats://")
    alice = tagged(a, "alice")
    alice.say("hello")
    alice.expect(r"@\d+ \d+ \[alice\]: hello --.*")
