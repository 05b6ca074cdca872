"""USR2 from the release before to this program, under load.

CHATD_BEFORE is the path of the older chatd; .ci/run builds it from the history. Without it there is
nothing to test here, so this file is not among the tests of `meson test`.
"""

import os
import re
import shutil
import signal
from pathlib import Path

import pytest

from test_upgrade import FAILED, RESUME, Load, replace, upgrade
from wire import CHATD, STAMP, said, until

BEFORE = os.environ.get("CHATD_BEFORE", "")
IDLE = 200

pytestmark = pytest.mark.skipif(not BEFORE, reason="needs CHATD_BEFORE, the path of an older chatd")


@pytest.fixture
def before(tmp_path):
    """A copy of the older program, which can be replaced."""
    path = tmp_path / "chatd"
    shutil.copy(BEFORE, path)
    return path


@pytest.fixture
def server(chatd, before, tmp_path):
    """The older program with an operator's password, a history, and a listener for proxies."""
    secret = tmp_path / "operator"
    secret.write_text("sesame\n")
    secret.chmod(0o600)
    return chatd("--rate", 0, "--max-clients", IDLE + 100, "--announce-max", 40, "--feed", "4M",
                 "--operator-file", secret, "--history", tmp_path / "history",
                 listen=["127.0.0.1:0", "127.0.0.1:0,proxy"], program=before)


def proxied(server, header):
    """A connection to the listener for proxies that has sent so much of its header."""
    client = server.connect(server.addresses()[1])
    client.send(header)
    return client


def resume(client):
    """Asks for a token: the ID of the last line, and the token."""
    client.say("/resume")
    number, token = re.fullmatch(RESUME, client.until(RESUME)[-1]).groups()
    return int(number), token


def numbers_of(who, lines):
    found = (re.search(rf"\[{who}\]: number (\d+) --", line) for line in lines)
    return [int(match[1]) for match in found if match]


def test_nothing_is_lost(server, before, tmp_path):
    alice, bob, carol = server.join("alice"), server.join("bob"), server.join("carol")
    telnet, half, absent = server.join("telnet"), server.join("half"), server.join("absent")
    nameless = server.connect()
    nameless.line()
    idle = [server.connect() for _ in range(IDLE)]
    for one in idle:
        one.line()
    header = "PROXY TCP4 192.0.2.7 192.0.2.1 5 8000\r\n"
    front = proxied(server, header[:20])

    alice.say("/op sesame", "/ban 192.0.2.66 60")
    alice.settle()
    bob.say("/ignore carol")
    bob.settle()
    carol.say("/msg alice psst")
    carol.settle()
    telnet.send("crlf\r\n")
    telnet.until(said("telnet", "crlf") + "\r")
    seen, tag = resume(half)
    last, token = resume(absent)
    absent.reset()
    server.wait_log(r"\(absent\) exit")
    half.send("half of i")
    load = Load(server, senders=2, readers=5)
    until(lambda: load.sent > 20, "some load")

    clients = [alice, bob, carol, telnet, half, nameless]
    replace(before)
    upgrade(server)
    then = load.sent
    until(lambda: load.sent > then + 20, "some load after the upgrade")
    assert server.is_running() and server.pid == server.process.pid

    half.say("t")
    half.until(rf"@\d+ \d+ " + said("half", "half of it"))
    telnet.send("still\r\n")
    telnet.until(said("telnet", "still") + "\r")
    carol.say("bob does not hear this")
    alice.until(said("carol", "bob does not hear this"))
    bob.say("hello")
    assert not any("does not hear" in line for line in bob.until(said("bob", "hello")))
    alice.say("/r yes?")
    carol.until(r"\[alice -> you\]: yes\? --" + STAMP)
    alice.say("/bans")
    assert any("192.0.2.66" in line for line in alice.settle())
    front.send(header[20:] + "/nick front\n")
    front.until(r"\*\*\* front joined .*")
    nameless.say("/who")
    people = "\n".join(nameless.settle())
    for name in ["alice", "bob", "carol", "telnet", "half", "front", "sender0", "reader4"]:
        assert name in people
    for one in idle:
        one.settle()

    back = server.connect()
    back.say(f"/resume {last} {token}")
    back.until(r".*" + RESUME)
    load.stop()
    load.check()
    back.say("/who")
    lines = back.settle()
    for sender in ["sender0", "sender1"]:
        assert numbers_of(sender, lines) == list(range(load.sent))
    assert not any("missed" in line for line in lines)
    history = Path(tmp_path / "history").read_text(encoding="utf-8").splitlines()
    assert numbers_of("sender1", history) == list(range(load.sent))
    assert seen <= last and tag != token
    for client in clients:
        client.say("/quit")
        client.eof()


def test_and_on_from_there(server, before):
    alice = server.join("alice")
    replace(before)
    upgrade(server)
    replace(before)
    upgrade(server, 2)
    alice.say("hello")
    alice.until(said("alice", "hello"))


def test_not_back_again(chatd, before):
    """The older program does not know the snapshot of the newer one, and is not taken."""
    shutil.copy(CHATD, before)
    server = chatd(program=before)
    alice = server.join("alice")
    replace(before, source=BEFORE)
    server.send_signal(signal.SIGUSR2)
    server.wait_log(FAILED)
    alice.say("hello")
    alice.until(said("alice", "hello"))
