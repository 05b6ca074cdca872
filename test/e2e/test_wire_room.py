"""The room: who gets in, what a newcomer is told, who is announced, what the log says."""

import re

import pytest

from wire import STAMP, action, event, said, until


def greeting(client):
    """What a client was told before it said anything; it is announced by asking."""
    return [line for line in client.settle() if line.startswith("=== ")]


def test_greeting(chatd):
    server = chatd("--name", "The Lab", "-m", 7)
    first = server.connect()
    text = "\n".join(greeting(first))
    for part in ["The Lab", "#1", "1", "7", "/help"]:
        assert part in text
    second = server.connect()
    text = "\n".join(greeting(second))
    assert "#2" in text and re.search(r"\b2\b.*\b7\b", text)


def test_greeting_comes_unasked(chatd):
    client = chatd().connect()
    assert client.line().startswith("=== ")


def test_motd_is_shown(chatd, tmp_path):
    motd = tmp_path / "motd"
    motd.write_text("Be kind.\nWednesdays are quiet.\n", encoding="utf-8")
    lines = greeting(chatd("--motd", motd).connect())
    assert "=== Be kind." in lines
    assert "=== Wednesdays are quiet." in lines


@pytest.mark.parametrize("replay", [None, 0, 1, 3, 10, 11])
def test_replay(chatd, replay):
    server = chatd("--rate", 0, *([] if replay is None else ["--replay", replay]))
    speaker = server.join("speaker")
    lines = []
    for n in range(11):
        speaker.say(f"/me does {n}" if n == 7 else f"message {n}")
        lines.append(speaker.line())
        server.join(f"passer{n}").close()
        speaker.until(rf"\*\*\* passer{n} left .*")
    newcomer = server.connect()
    newcomer.until(r"=== .*/help.*")
    # Its own joining is not part of the replay, but of the feed from its connection on.
    got = [line for line in newcomer.settle() if line[:4] not in ("=== ", "*** ")]
    assert got == lines[len(lines) - (10 if replay is None else replay):]


def test_replay_then_feed_without_a_gap(chatd):
    """However a connection falls into a stream of messages, it sees a run of it, once."""
    server = chatd("--rate", 0, "--replay", 5)
    speaker = server.join("speaker")
    newcomers = []
    for n in range(200):
        speaker.say(f"{n}")
        if n % 20 == 10:
            newcomers.append(server.connect())
    speaker.until(said("speaker", "199"))
    for newcomer in newcomers:
        got = [int(line.split()[1]) for line in newcomer.until(said("speaker", "199"))
               if line.startswith("[speaker]")]
        assert got == list(range(got[0], 200))


def test_announced_with_the_first_line(chatd):
    server = chatd()
    watcher = server.join("watcher")
    newcomer = server.connect()
    newcomer.say("hello")
    watcher.expect(event("#2 joined (2 online)"), said("#2", "hello"))


def test_announced_after_two_seconds(chatd):
    server = chatd()
    watcher = server.join("watcher")
    server.connect()
    watcher.expect(event("#2 joined (2 online)"))


def test_announced_under_its_nick(chatd):
    server = chatd()
    watcher = server.join("watcher")
    server.connect().say("/nick alice", "hello")
    watcher.expect(event("alice joined (2 online)"), said("alice", "hello"))


def test_nobody_hears_of_one_who_leaves_at_once(chatd):
    server = chatd()
    watcher = server.join("watcher")
    for n in range(20):
        passer = server.connect()
        if n % 2:
            passer.reset()
        else:
            passer.close()
    server.wait_log(r"client #\d+ exit", count=20)
    newcomer = server.connect()
    newcomer.say("hello")
    watcher.expect(event("#2 joined (2 online)"), said("#2", "hello"))


def test_leaving(chatd):
    server = chatd()
    watcher = server.join("watcher")
    alice = server.join("alice")
    bob = server.join("bob")
    carol = server.join("carol")
    watcher.until(event("carol joined (4 online)"))
    alice.close()
    watcher.expect(event("alice left (3 online)"))
    bob.say("/quit")
    watcher.expect(event("bob left (2 online)"))
    bob.eof()
    carol.say("/quit so long")
    watcher.expect(event("carol left (so long)"))
    carol.eof()


def test_announce_max(chatd):
    server = chatd("--announce-max", 2)
    first = server.join("first")
    server.join("second")
    first.expect(event("second joined (2 online)"))
    third, fourth = server.connect(), server.connect()
    third.say("/nick third", "hello")
    first.expect(said("third", "hello"))
    fourth.say("/nick fourth", "hello")
    first.expect(said("fourth", "hello"))
    fourth.say("/quit")
    fourth.eof()
    third.say("still here")
    first.expect(said("third", "still here"))


STRANGERS = {
    "http": b"GET / HTTP/1.1\r\nHost: chat.example.org\r\n\r\n",
    "http 1.0": b"POST /cgi-bin/x HTTP/1.0\r\nContent-Length: 3\r\n\r\na=b",
    "http options": b"OPTIONS * HTTP/1.1\r\n\r\n",
    "tls": bytes.fromhex("16030100a1010000 9d0303") + bytes(range(32)) + b"\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "rtsp": b"OPTIONS / RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    "sip": b"OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm;branch=foo\r\n\r\n",
    "smtp": b"EHLO example.org\r\n",
    "redis": b"*1\r\n$4\r\nPING\r\n",
    "proxy 1": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nhello\r\n",
    "proxy 2": b"\r\n\r\n\0\r\nQUIT\n \0\0\0",
    "nul": b"\0",
    "control": b"hello\x01there\n",
    "control late": b"hello there\x02",
    "nmap": b"\x80\x9e\x01\x03\x01\x00u\x00\x00\x00 ",
}


@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize("size", [1, 1000])
def test_strangers_are_shown_out(chatd, name, size):
    server = chatd()
    watcher = server.join("watcher")
    stranger = server.connect()
    data = STRANGERS[name]
    try:
        for start in range(0, len(data), size):
            stranger.send(data[start:start + size])
    except (BrokenPipeError, ConnectionResetError):
        pass
    stranger.gone()
    server.wait_log(r"client #2 exit")
    newcomer = server.connect()
    newcomer.say("hello")
    watcher.expect(event("#2 joined (2 online)"), said("#2", "hello"))


@pytest.mark.parametrize("opening", [
    b"CAP LS 302\r\nNICK alice\r\nUSER alice 0 * :Alice\r\n",
    b"NICK alice\r\nUSER alice 0 * :Alice\r\n",
    b"USER alice 0 * :Alice\n",
])
def test_irc_clients_are_told(chatd, opening):
    server = chatd()
    watcher = server.join("watcher")
    irc = server.connect()
    irc.send(opening)
    irc.until(r"=== .*/help.*")
    lines = irc.eof()
    assert len(lines) == 1 and re.fullmatch(r"!!! .*\bIRC\b.*/nick NAME\r?", lines[0])
    server.wait_log(r"client #2 exit")
    watcher.say("nobody came")
    watcher.expect(said("watcher", "nobody came"))


def test_a_proxy_header_on_a_plain_listener_is_warned_of(chatd):
    server = chatd("--quiet")
    server.connect().send(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nhello\r\n")
    server.wait_log(r".*PROXY header.*")


@pytest.mark.parametrize("line, text", [
    (b"GET out of here", "GET out of here"),
    (b"SSH is fine", "SSH is fine"),
    (b"\x1b[Aup", "up"),
    (b"\thello", "    hello"),
    (b"hellp\bo", "hello"),
    (b"hellp\x7fo", "hello"),
    (b"hello\r", "hello"),
    (bytes([255, 251, 24]) + b"hello", "hello"),
    (b"POST the letter, HTTP", "POST the letter, HTTP"),
])
def test_what_only_looks_strange(chatd, line, text):
    server = chatd()
    watcher = server.join("watcher")
    server.connect().send(line + b"\n")
    watcher.expect(event("#2 joined (2 online)"), said("#2", text))


def test_a_control_byte_in_a_later_line_is_dropped(chatd):
    server = chatd()
    watcher = server.join("watcher")
    server.connect().send(b"hello\nthere\x01\x00\n")
    watcher.expect(event("#2 joined (2 online)"), said("#2", "hello"), said("#2", "there"))


def slot_of(client):
    return re.search(r"#(\d+)", "\n".join(greeting(client)))[1]


def test_lowest_free_slot_and_nobody_moves(chatd):
    server = chatd()
    clients = [server.connect() for _ in range(5)]
    assert [slot_of(client) for client in clients] == ["1", "2", "3", "4", "5"]
    for n in (3, 1):
        clients[n].close()
    server.wait_log(r"client #\d exit", count=2)
    assert slot_of(server.connect()) == "2"
    assert slot_of(server.connect()) == "4"
    assert slot_of(server.connect()) == "6"
    clients[4].say("where am I")
    clients[0].until(said("#5", "where am I"))


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_server_full(chatd, limit):
    server = chatd("-m", limit)
    inside = [server.join(f"client{n}") for n in range(limit)]
    refused = server.connect()
    refused.expect(f"!!! server full \\({limit} of {limit} clients\\), try again later")
    assert refused.eof() == []
    inside[0].say("the room goes on")
    for client in inside:
        client.until(said("client0", "the room goes on"))
    inside[0].close()
    server.wait_log(r"client #1 .*exit")
    server.join("next")


def test_many_are_refused_at_once(chatd):
    server = chatd("-m", 1)
    inside = server.join("inside")
    for refused in [server.connect() for _ in range(200)]:
        refused.gone()
    inside.say("the room goes on")
    inside.expect(said("inside", "the room goes on"))


def test_refusal_arrives_whatever_the_newcomer_sent(chatd):
    """Closing with unread input would reset the connection and take the line with it."""
    server = chatd("-m", 1)
    server.join("inside")
    for _ in range(20):
        refused = server.connect()
        refused.send(b"hello\n" * 100)
        refused.expect(r"!!! server full \(1 of 1 clients\), try again later")
        assert refused.eof() == []


@pytest.mark.parametrize("limit", [1, 3])
def test_max_per_host(chatd, limit):
    server = chatd("--max-per-host", 0 if limit > 1 else 9, "--max-per-host-local", limit)
    inside = [server.join(f"client{n}") for n in range(limit)]
    refused = server.connect()
    refused.expect(r"!!! too many connections from your address")
    assert refused.eof() == []
    server.join("elsewhere", source="127.0.0.2")
    inside[0].close()
    server.wait_log(r"client #1 .*exit")
    server.join("next")


def test_idle_timeout(chatd):
    server = chatd("--idle-timeout", 1)
    client = server.join("sleeper")
    client.expect(r"!!! .*")
    client.eof()


def test_idle_timeout_is_seen_with_a_reason(chatd):
    server = chatd("--idle-timeout", 2, "--rate", 0)
    watcher = server.join("watcher")
    server.join("sleeper")
    lines = []

    def gone():
        watcher.say("awake")
        lines.extend(watcher.until(said("watcher", "awake")))
        return [line for line in lines if line.startswith("*** sleeper left")]

    assert re.fullmatch(r"\*\*\* sleeper left \(.*[a-z].*\) --" + STAMP,
                        until(gone, "the sleeper to leave")[0])
    assert not re.search(r"\(\d+ online\)", gone()[0])


def test_orderly_stop(chatd):
    server = chatd()
    clients = [server.join(f"client{n}") for n in range(5)]
    assert server.stop() == 0
    for client in clients:
        assert any(re.fullmatch(event("server shutting down"), line) for line in client.eof())


def test_log(chatd):
    server = chatd()
    server.wait_log("Server ready! Waiting for client request...")
    assert server.log[:4] == [
        "create socket: success!",
        f"bind to 127.0.0.1:{server.port}: success!",
        "listen: success!",
        "Server ready! Waiting for client request...",
    ]
    client = server.connect()
    port = client.sock.getsockname()[1]
    server.wait_log(rf"^client \(#1\) connect from 127\.0\.0\.1:{port}, "
                    rf"number of current clients: 1\. TIME: {STAMP}$")
    client.say("hello")
    server.wait_log(f"^client #1: hello --{STAMP}$")
    client.say("/nick alice", "hello again")
    server.wait_log(rf"^client #1 \(alice\): hello again --{STAMP}$")
    client.close()
    server.wait_log(rf"^client #1 (\(alice\) )?exit, number of current clients: 0\. TIME: {STAMP}$")


def test_quiet_log(chatd):
    server = chatd("-q")
    client = server.join("alice")
    client.say("a secret", "/me hides")
    client.expect(said("alice", "a secret"), action("alice", "hides"))
    client.close()
    server.wait_log(r"^client #1 .*exit")
    assert not any("secret" in line or "hides" in line for line in server.log)


def test_a_log_that_nobody_drains_holds_nobody_up(chatd):
    server = chatd("--rate", 0, drain=False)
    client = server.join("talker")
    for n in range(100):
        client.say(*(f"{n} " + "x" * 1000 for _ in range(10)))
        client.expect(*(said("talker", f"{n} " + "x" * 1000) for _ in range(10)))
    assert server.is_running()
    server.resume_log()
    client.say("the end")
    server.wait_log(r"client #1 \(talker\): the end")
    assert any("dropped" in line for line in server.log), server.log[-3:]


# The three transcripts of the lab report that the program began as.

def test_transcript_two_people(chatd):
    server = chatd()
    first = server.connect()
    second = server.connect()
    first.say("hello")
    second.until(said("#1", "hello"))
    second.say("hi, who is there?")
    first.until(said("#2", "hi, who is there?"))
    first.say("me")
    second.until(said("#1", "me"))
    second.close()
    first.until(event("#2 left (1 online)"))
    first.close()
    server.wait_log(r"client #2 exit, number of current clients: 1\.")
    server.wait_log(r"client #1 exit, number of current clients: 0\.")


def test_transcript_the_freed_slot(chatd):
    server = chatd()
    first, second, third = (server.connect() for _ in range(3))
    for n, client in enumerate((first, second, third), 1):
        client.say(f"I am {n}")
        for other in (first, second, third):
            other.until(said(f"#{n}", f"I am {n}"))
    second.close()
    for other in (first, third):
        other.until(event("#2 left (2 online)"))
    third.say("still here?")
    first.expect(said("#3", "still here?"))
    newcomer = server.connect()
    newcomer.say("I am new")
    for other in (first, newcomer):
        other.until(said("#2", "I am new"))
    third.until(said("#2", "I am new"))
    server.wait_log(r"client #2 exit, number of current clients: 2\.")
    server.wait_log(r"client \(#2\) connect from .*, number of current clients: 3\.")


def test_transcript_one_too_many(chatd):
    server = chatd("-m", 3)
    inside = [server.connect() for _ in range(3)]
    for n, client in enumerate(inside, 1):
        client.say(f"I am {n}")
        client.until(said(f"#{n}", f"I am {n}"))
    refused = server.connect()
    refused.expect(r"!!! server full \(3 of 3 clients\), try again later")
    assert refused.eof() == []
    inside[2].say("the room goes on")
    for client in inside:
        client.until(said("#3", "the room goes on"))
    assert not any(" left (" in line for line in inside[0].settle())
