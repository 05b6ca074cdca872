"""The ways of chatc to a server: TLS with its checks, several addresses, saved servers."""

import getpass
import os
import socket
import subprocess
from pathlib import Path

import pytest
from peer import peer  # noqa: F401
from screen import chatc as terminal  # noqa: F401
from wire import CHATC, DEADLINE, said, until


RECIPES = Path(__file__).resolve().parents[2] / "docs" / "system"


def chatc(*args, said="", env=None):
    """Runs chatc to its end."""
    return subprocess.run([CHATC, *map(str, args)], input=said, capture_output=True, text=True,
                          timeout=DEADLINE, check=False, env={**os.environ, **(env or {})})


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Authority:
    """Signs certificates, each with its key in one file."""

    def __init__(self, openssl, folder):
        self.openssl, self.folder = openssl, folder
        self.file = folder / "authority.pem"
        self._run("req", "-x509", *self._key("authority"), "-days", "2", "-subj", "/CN=Authority",
                  "-out", self.file)

    def _run(self, *args):
        subprocess.run([self.openssl, *map(str, args)], check=True, capture_output=True)

    def _key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", self.folder / f"{name}.key")

    def sign(self, name, alternatives):
        path = self.folder / f"{name}.pem"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternatives}\n")
        self._run("req", *self._key(name), "-subj", f"/CN={name}", "-out", request)
        self._run("x509", "-req", "-in", request, "-CA", self.file,
                  "-CAkey", self.folder / "authority.key", "-CAcreateserial", "-days", "2",
                  "-extfile", extensions, "-out", path)
        path.write_text(path.read_text() + (self.folder / f"{name}.key").read_text())
        return path


@pytest.fixture
def authority(tool, tmp_path):
    return Authority(tool("openssl"), tmp_path)


@pytest.fixture
def terminator(tool, tmp_path):
    """terminator(certificate, port) runs stunnel before a chatd; returns where it listens."""
    processes = []

    def start(certificate, inside):
        port = free_port()
        config = tmp_path / f"{port}.conf"
        config.write_text(f"foreground = yes\npid =\n[chat]\naccept = 127.0.0.1:{port}\n"
                          f"connect = 127.0.0.1:{inside}\ncert = {certificate}\n")
        process = subprocess.Popen([tool("stunnel4"), config], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        processes.append(process)

        def listens():
            assert process.poll() is None, "stunnel has ended"
            with socket.socket() as sock:
                return sock.connect_ex(("127.0.0.1", port)) == 0
        until(listens, "stunnel")
        return port
    yield start
    for process in processes:
        process.terminate()
        process.wait()


def test_tls(chatd, authority, terminator):
    server = chatd()
    alice = server.join("alice")
    port = terminator(authority.sign("good", "DNS:localhost,IP:127.0.0.1"), server.port)
    trust = {"SSL_CERT_FILE": str(authority.file)}
    for number, place in enumerate((f"tls:localhost:{port}", f"tls:127.0.0.1:{port}")):
        # Lines that openssl takes for commands of its own at a terminal, too.
        done = chatc("-n", f"bob{number}", place, said="Q\nR\nhi\n", env=trust)
        assert (done.returncode, done.stderr) == (0, "")
        heard = alice.until(said(f"bob{number}", "hi"))
        assert [line[:9] for line in heard if line.startswith("[bob")][:2] == [
            f"[bob{number}]: Q", f"[bob{number}]: R"]
    # Nobody vouches for that authority.
    done = chatc(f"tls:localhost:{port}", said="to a stranger\n")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith(
        f"connect fail: localhost port {port}: its certificate is refused: ")
    alice.say("/me listens")
    assert not [line for line in alice.until(r"\* alice listens .*") if "stranger" in line]


def test_tls_with_the_certificate_of_another(chatd, authority, terminator):
    server = chatd()
    alice = server.join("alice")
    port = terminator(authority.sign("other", "DNS:other.example.org,IP:127.0.0.2"), server.port)
    for place in (f"tls:localhost:{port}", f"tls:127.0.0.1:{port}"):
        done = chatc(place, said="to a stranger\n", env={"SSL_CERT_FILE": str(authority.file)})
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.startswith("connect fail: ") and done.stderr.count("\n") == 1
        assert ": its certificate is refused: " in done.stderr and "mismatch" in done.stderr
    assert not [line for line in alice.settle() if "stranger" in line]


def test_why_tls_comes_to_nothing(chatd, tool, terminal):
    tool("openssl")
    server = chatd()
    for place, name, why in (
            ("tls:no-such-host.invalid", "no-such-host.invalid port 6697", ""),
            ("tls:127.0.0.1:1", "127.0.0.1 port 1", "Connection refused"),
            (f"tls:127.0.0.1:{server.port}", f"127.0.0.1 port {server.port}",
             "it does not speak TLS: ")):
        done = chatc(place, said="hi\n")
        assert done.returncode == 1 and done.stderr.count("\n") == 1
        assert done.stderr.startswith(f"connect fail: {name}: {why}")
        assert "error" not in done.stderr and "status" not in done.stderr
    screen = terminal("tls:127.0.0.1:1")
    assert screen.wait_exit() == 1
    assert [row for row in screen.rows() if row] == [
        "connect fail: 127.0.0.1 port 1: Connection refused"]


def test_the_arguments_of_ssh(chatd, tmp_path, tool):
    """Whatever ssh does: it is asked for the right thing, and is the way to the server."""
    server = chatd(listen=["127.0.0.1:0", f"unix:{tmp_path}/chat"])
    alice = server.join("alice")
    (tmp_path / "ssh").write_text(
        f'#!/bin/sh\necho "$@" >{tmp_path}/arguments\n'
        f'exec {CHATC} --relay unix:{tmp_path}/chat\n')
    (tmp_path / "ssh").chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    for place, arguments in (
            ("ssh:host", "-T -e none -- host"),
            ("ssh:bob@host", "-T -e none -l bob -- host"),
            ("ssh:bob@[::1]:2222", "-T -e none -l bob -p 2222 -- ::1")):
        done = chatc("-n", "bob", place, said="hi\n", env=env)
        assert (done.returncode, done.stderr) == (0, "")
        assert (tmp_path / "arguments").read_text() == (
            f"{arguments} test -w /run/chatd/chat && exec chatc --relay unix:/run/chatd/chat; "
            "exec chatc --relay\n")
        alice.until(said("bob", "hi"))
        alice.until(r"\*\*\* bob left .*")


def test_bytes_are_relayed_as_they_come(peer):
    with subprocess.Popen([CHATC, "--relay", "127.0.0.1", str(peer.port)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        bare = peer.accept()
        noise = bytes(range(256)) + b"=== password:\n!!! x\n/quit\n\xff"
        bare.send(noise)
        process.stdin.write(noise)
        process.stdin.close()
        bare.until_bytes(noise)
        bare.close()
        assert process.stdout.read() == noise
        assert process.wait(DEADLINE) == 0


def test_several_hosts(chatd):
    server = chatd()
    alice = server.join("alice")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        done = chatc(f"127.0.0.1:{taken.getsockname()[1]},no-such-host.invalid,"
                     f"127.0.0.1:{server.port}", said="hi\n")
    assert (done.returncode, done.stderr) == (0, "")
    alice.until(said("#2", "hi"))


def test_an_address_that_swallows_packets(chatd):
    """The next one is not kept waiting for it."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        # Those that fill its queue: what comes after them gets no answer.
        queued = []
        for _ in range(8):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
            queued.append(sock)
        server = chatd()
        alice = server.join("alice")
        done = chatc(f"127.0.0.1:{full.getsockname()[1]},127.0.0.1:{server.port}", said="hi\n")
        assert (done.returncode, done.stderr) == (0, "")
        alice.until(said("#2", "hi"))
        for sock in queued:
            sock.close()


@pytest.fixture
def saved(tmp_path):
    """saved(text) writes the configuration; returns the environment that has it."""
    def write(text):
        (tmp_path / "chatc").mkdir(exist_ok=True)
        (tmp_path / "chatc" / "config").write_text(text)
        return {"XDG_CONFIG_HOME": str(tmp_path)}
    return write


def test_saved_servers(chatd, saved):
    server = chatd()
    alice = server.join("alice")
    env = saved(f'\ufeff# mine\nnick = carol\n\n[home]\nhost = 127.0.0.1:{server.port}\n'
                f'nick = "bob" # here\n[away]\nhost = 127.0.0.1:1\ncolor = never\n'
                f'[127.0.0.1]\nnick = dave\n')
    for args, nick in ((["home"], "bob"), (["-n", "eve", "home"], "eve"),
                       (["127.0.0.1", server.port], "carol"),
                       ([f"127.0.0.1:{server.port}"], "carol")):
        done = chatc(*args, said="hi\n", env=env)
        assert (done.returncode, done.stderr) == (0, "")
        alice.until(said(nick, "hi"))
        alice.until(rf"\*\*\* {nick} left .*")
    done = chatc("away", env=env)
    assert done.stderr == "connect fail: 127.0.0.1 port 1: Connection refused\n"
    env = saved(f"host = 127.0.0.1:{server.port}\n")
    assert chatc(said="hello\n", env=env).returncode == 0
    alice.until(said("#2", "hello"))


@pytest.mark.parametrize("text, message", [
    ("nick\n", "line 1: a line reads \"option = value\" or \"[NAME]\""),
    ("\nnik = bob\n", "line 2: nik 'bob': is not known"),
    ("nick = a b\n", "line 1: nick 'a b': a nick has no blanks and no control characters"),
    ("[home\n", "line 1: a section reads \"[NAME]\""),
    ("plain = maybe\n", "line 1: plain 'maybe': must be yes or no"),
    ("say = x\n", "line 1: say 'x': is not known"),
    ("[x]\nnick = \"a\n", "line 2: the closing quote is missing"),
])
def test_a_configuration_that_is_wrong(saved, tmp_path, text, message):
    done = chatc("nowhere.invalid", env=saved(text))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"chatc: {tmp_path}/chatc/config, {message}\n"


def test_a_configuration_that_can_not_be_read(tmp_path):
    (tmp_path / "chatc" / "config").mkdir(parents=True)
    done = chatc("nowhere.invalid", env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr == f"chatc: {tmp_path}/chatc/config: Is a directory\n"


@pytest.fixture
def door(tool, chatd, tmp_path):
    """A real sshd with the recipe of docs/; door(nick) is the way of one whose key has that nick."""
    server = chatd()
    keygen, user, port = tool("ssh-keygen"), getpass.getuser(), free_port()
    people, script, config = tmp_path / "people", tmp_path / "door", tmp_path / "sshd_config"
    script.write_text((RECIPES / "ssh-door").read_text()
                      .replace("/etc/chatd.people", str(people))
                      .replace("room=localhost", f"room=127.0.0.1:{server.port}")
                      .replace("exec chatc", f"exec {CHATC}"))
    script.chmod(0o755)
    recipe = (RECIPES / "sshd-chat.conf").read_text()
    for old, new in (("/etc/chatd.people", str(people)), ("Match User chat", f"Match User {user}"),
                     ("/usr/lib/chatd/ssh-door", str(script))):
        assert old in recipe
        recipe = recipe.replace(old, new)

    def make_key(name):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    make_key("host")
    config.write_text(f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\n"
                      f"PidFile none\nStrictModes no\nUsePAM no\n{recipe}")
    if user == "root":
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    sshd = subprocess.Popen([tool("sshd"), "-D", "-e", "-f", config], stderr=subprocess.PIPE)

    def listens():
        assert sshd.poll() is None, sshd.stderr.read()
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", port)) == 0
    until(listens, "sshd")

    def way(nick):
        make_key(nick)
        with people.open("a") as file:
            file.write(f"restrict,pty {' '.join((tmp_path / f'{nick}.pub').read_text().split()[:2])}"
                       f" {nick}\n")
        return ["ssh", "-F", "none", "-i", tmp_path / nick, "-p", str(port), "-l", user,
                "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path}/known",
                "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR", "127.0.0.1"]
    yield server, way
    sshd.terminate()
    sshd.wait()
    sshd.stderr.close()


def test_the_door_for_everybody_with_ssh(door, terminal):
    server, way = door
    alice = server.join("alice")
    bob, carol = way("bob"), way("carol")
    done = subprocess.run([*bob, "cat", "/etc/passwd"], input="/nick eve\nhi\n", text=True,
                          capture_output=True, timeout=DEADLINE, check=False)
    assert "pinned" in done.stderr and "root:" not in done.stdout
    heard = alice.until(r"\*\*\* bob left .*")
    assert [line for line in heard if line.startswith("[bob]: hi --")]
    assert not [line for line in heard if "eve" in line]
    screen = terminal(program=[*map(str, carol[:1]), "-tt", *map(str, carol[1:])])
    screen.wait_text("*** carol joined (2 online)")
    screen.type("/nick eve\r")
    screen.wait_text("the nick is pinned")
    screen.type("hello\r")
    alice.until(said("carol", "hello"))
    screen.type("/quit\r")
    assert screen.wait_exit() == 0


def test_a_listener_that_speaks_telnet(chatd, tmp_path, terminal):
    """Telnet is answered and not shown; the nick is had, and the password is not shown."""
    (tmp_path / "secret").write_text("sesame\n")
    server = chatd("--password-file", tmp_path / "secret", listen="127.0.0.1:0,telnet")
    done = chatc("-n", "bob", "--password-file", tmp_path / "secret", "127.0.0.1", server.port,
                 said="hi\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\ufffd" not in done.stdout and "\0" not in done.stdout
    assert [line[:9] for line in done.stdout.splitlines()[-1:]] == ["[bob]: hi"]
    screen = terminal("-n", "bob", "127.0.0.1", server.port)
    screen.wait_typed("password:")
    screen.type("sesame\r")
    screen.wait_text("*** bob joined (1 online)")
    screen.type("hello\r")
    screen.wait_text(">[bob]: hello")
    assert not any("\ufffd" in row or "sesame" in row for row in screen.all_rows())


WEB = "this is a web server: open it in a browser"


def test_a_web_server_is_no_place_to_talk(chatd, terminal):
    server = chatd(listen="127.0.0.1:0,web")
    for args in (["--say", "hi"], ["-n", "bob"]):
        done = chatc(*args, "127.0.0.1", server.port, said="hi\n")
        assert (done.returncode, done.stderr) == (1, f"chatc: 127.0.0.1 port {server.port}: {WEB}\n")
        assert ("HTTP/1.1 400" in done.stdout) == (args[0] == "-n")
    screen = terminal("127.0.0.1", server.port)
    screen.wait_text("Now you can start chatting!")
    screen.type("hi\r")
    assert screen.wait_exit() == 1
    assert WEB in screen.rows() and "loss connect!" in screen.rows()


@pytest.mark.parametrize("greeting, what", [
    (b"SSH-2.0-OpenSSH_9.2\r\n", "this is an ssh server: go to the chatd of that machine with ssh:HOST"),
    (b"220 mail.example.org ESMTP\r\n", "this is a server of mail or files"),
])
def test_nothing_is_said_to_a_server_of_another_protocol(peer, greeting, what):
    with subprocess.Popen([CHATC, "--say", "hi", "127.0.0.1", str(peer.port)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        bare = peer.accept()
        bare.send(greeting)
        assert bare.eof() == []
        assert process.communicate(timeout=DEADLINE) == (
            "", f"chatc: 127.0.0.1 port {peer.port}: {what}\n")
        assert process.returncode == 1


def test_what_nobody_may_have_heard_was_not_said(peer):
    """One that closes without a word, as a TLS server does."""
    with subprocess.Popen([CHATC, "--say", "hi", "127.0.0.1", str(peer.port)],
                          stderr=subprocess.PIPE, text=True) as process:
        bare = peer.accept()
        assert bare.eof() == ["hi"]
        bare.close()
        assert process.communicate(timeout=DEADLINE)[1] == (
            f"chatc: 127.0.0.1 port {peer.port}: it has said nothing: "
            "perhaps nobody has heard that\n")
        assert process.returncode == 1
