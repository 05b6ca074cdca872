"""Three chatd on a cluster of three nats-servers, each line on all of them: servers that die."""

import re

import pytest

from nats import cluster
from wire import until


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """Three nats-servers that have found each other."""
    found = cluster(tmp_path_factory.mktemp("nats"))
    try:
        for server in found:
            server.launch()
        until(lambda: all(server.answers() for server in found), "nats-servers")
        until(lambda: "error" not in found[0].ask("INFO", patient=False), "a leader")
        yield found
    finally:
        for server in found:
            server.finish()


@pytest.fixture
def servers(machines):
    """The same; all of them run again after a test."""
    yield machines
    for server in machines:
        server.go_on()
        if server.process.poll() is not None:
            server.start()


@pytest.fixture
def nodes(chatd, servers, request, tmp_path):
    """a, b and c; each goes to its own nats-server first. What they share is this test's own."""
    started = []
    password = tmp_path / "password"
    password.write_text("chatd:change me\n", encoding="utf-8")
    password.chmod(0o600)
    share = request.node.name.replace("_", "-")[:32]
    for i, name in enumerate("abc"):
        order = servers[i:] + servers[:i]
        urls = ",".join(server.url.removeprefix("nats://") for server in order)
        started.append(chatd("--share", "nats://" + urls, "--node", name, "--share-name", share,
                             "--share-password-file", password))
        started[-1].stream = f"CHATD_{share}_lobby"
    for each in started:
        each.wait_log("share: connected to ")
    return started


def tagged(chat, nick):
    client = chat.join(nick)
    client.say("/resume")
    client.token = client.until(r"=== resume \d+ \w+")[-1].split()[-1]
    return client


def leader(servers, stream):
    """The nats-server that leads a stream."""
    name = servers[0].ask(f"STREAM.INFO.{stream}")["cluster"]["leader"]
    return next(server for server in servers if server.name == name)


def said(client, count):
    """The lines up to the count-th message: as they are, with number and time."""
    lines = []
    for _ in range(count):
        lines += client.until(r"@\d+ \d+ \[\w+\]: .*")
    return [line for line in lines if line.startswith("@")]


def texts(lines, who):
    found = (re.fullmatch(rf"@\d+ \d+ \[{who}\]: (.*) --.*", line) for line in lines)
    return [match[1] for match in found if match]


def talk(clients, word, count):
    """Each says count lines; all hear the same, each line once, everybody's in their order."""
    for client in clients:
        client.say(*(f"{word} {i}" for i in range(count)))
    heard = [said(client, count * len(clients)) for client in clients]
    for lines in heard:
        for client in clients:
            assert texts(lines, client.who) == [f"{word} {i}" for i in range(count)]
    # From the first on that all of them have heard.
    first = max(int(lines[0][1:].split()[0]) for lines in heard)
    same = [[line for line in lines if int(line[1:].split()[0]) >= first] for lines in heard]
    assert same[0] == same[1] == same[2]


def test_the_leader_dies_and_comes_back(servers, nodes):
    clients = [tagged(node, f"p{i}") for i, node in enumerate(nodes)]
    talk(clients, "calm", 5)
    dead = leader(servers, nodes[0].stream)
    dead.kill()
    talk(clients, "storm", 5)
    dead.start()
    talk(clients, "after", 5)


def test_the_leader_is_paused(servers, nodes):
    clients = [tagged(node, f"p{i}") for i, node in enumerate(nodes)]
    paused = leader(servers, nodes[0].stream)
    paused.pause()
    talk(clients, "storm", 5)
    paused.go_on()
    talk(clients, "after", 5)


def test_all_die_and_come_back(servers, nodes):
    clients = [tagged(node, f"p{i}") for i, node in enumerate(nodes)]
    talk(clients, "calm", 5)
    for server in servers:
        server.kill()
    for i, client in enumerate(clients):
        client.say(f"dark {i}")
    for server in servers:
        server.launch()
    for lines in [said(client, 3) for client in clients]:
        for i, client in enumerate(clients):
            assert texts(lines, client.who) == [f"dark {i}"]
    talk(clients, "after", 5)


def test_a_node_dies_and_its_people_go_on_at_another(servers, nodes):
    clients = [tagged(node, f"p{i}") for i, node in enumerate(nodes)]
    talk(clients, "calm", 3)
    clients[0].say("last words")
    lines = [said(client, 1) for client in clients]
    last = int(lines[0][-1][1:].split()[0])
    nodes[0].kill()
    clients[1].say("in between")
    said(clients[1], 1)
    again = nodes[2].connect()
    again.who = "p0"
    again.say(f"/resume {last} {clients[0].token}")
    again.until(r"=== resume \d+ \w+")
    assert texts(said(again, 1), "p1") == ["in between"]
    again.say("here again")
    for client in (again, clients[1], clients[2]):
        heard = client.until(r"@\d+ \d+ \[p0\]: here again --.*")
        assert not any("left" in line or "joined" in line for line in heard)
