"""The web listener behind real front ends, set up by the files in docs/system: TLS outside, HTTP/2
where they have it, a person's own address inside."""

import asyncio
import concurrent.futures
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from web import Talker, browsers, visit  # noqa: F401, the fixtures
from wire import DEADLINE, said, until

RECIPES = Path(__file__).resolve().parents[2] / "docs" / "system"
NAME = "chat.example.org"
PERSON = "127.0.0.5"  # where people come from; the front ends come from 127.0.0.1

# After 30 s of silence chatd pings, and 20 s later it ends a WebSocket: a front end has to wait longer.
SILENCE = 50


def substitute(recipe, *pairs):
    """A file of docs/system, with some of its text replaced."""
    text = (RECIPES / recipe).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, f"{recipe} has no {old}"
        text = text.replace(old, new)
    return text


class FrontEnd:
    """One that runs, at self.port; to_chatd is the port of chatd's web listener."""

    timeouts = ()  # patterns of those in its file, and how many seconds the unit has
    ends_tunnels = False  # when it is reloaded

    def __init__(self, folder, to_chatd, certificate):
        self.folder = folder
        self.to_chatd = to_chatd
        self.certificate = certificate
        self.process = None
        with socket.create_server(("127.0.0.1", 0)) as sock:
            self.port = sock.getsockname()[1]
        self.start()

    def run(self, *command, env=None):
        self.process = subprocess.Popen(
            list(map(str, command)), env={**os.environ, **(env or {})}, stdout=subprocess.DEVNULL,
            stderr=(self.folder / "errors").open("wb"))
        until(self.listens, f"{command[0]} to listen")

    def listens(self):
        errors = (self.folder / "errors").read_text(encoding="utf-8", errors="replace")
        assert self.process.poll() is None, f"the front end has ended: {errors}"
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0

    def until_said(self, what, times=1):
        """Waits until it has written so, as often as that."""
        until(lambda: (self.folder / "errors").read_text(errors="replace").count(what) >= times,
              f"{what!r} in the front end's log")

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.folder / name

    def finish(self):
        self.process.terminate()
        try:
            self.process.wait(DEADLINE)
        finally:
            self.process.kill()


class Nginx(FrontEnd):
    program, package = "nginx", "nginx-light"
    recipe = "nginx.conf"
    timeouts = [(r"proxy_(?:read|send)_timeout (\d+)m;", 60)]

    def start(self):
        site = self.write("site", substitute(
            self.recipe, ("listen 443", f"listen 127.0.0.1:{self.port}"),
            ("127.0.0.1:8080", f"127.0.0.1:{self.to_chatd}"),
            ("/etc/ssl/chat/fullchain.pem", str(self.certificate)),
            ("/etc/ssl/chat/privkey.pem", str(self.certificate))))
        paths = "".join(f"{name}_temp_path {self.folder}/{name};\n" for name in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = self.write("nginx.conf", f"""
            daemon off; pid {self.folder}/pid; error_log stderr notice;
            events {{}}
            http {{ access_log off; {paths} include {site}; }}""")
        self.run(self.program, "-e", "stderr", "-p", self.folder, "-c", config)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)
        self.until_said("gracefully shutting down")


class Caddy(FrontEnd):
    program, package = "caddy", "caddy"
    recipe = "Caddyfile"
    ends_tunnels = True

    def config(self, more=""):
        text = substitute(
            self.recipe, ("127.0.0.1:8080", f"127.0.0.1:{self.to_chatd}"),
            (NAME + " {", f"https://{NAME}:{self.port} {{\ntls {self.certificate} {self.certificate}\n"
                          f"bind 127.0.0.1\n{more}"))
        return self.write("Caddyfile", f"{{\nadmin unix/{self.folder}/admin\nauto_https off\n}}\n{text}")

    def start(self):
        self.run(self.program, "run", "--config", self.config(), "--adapter", "caddyfile",
                 env={"HOME": str(self.folder)})

    def reload(self):
        subprocess.run(
            [self.program, "reload", "--address", f"unix/{self.folder}/admin", "--adapter", "caddyfile",
             "--config", self.config("header X-Reloaded yes\n")],
            check=True, capture_output=True, env={**os.environ, "HOME": str(self.folder)})


class Haproxy(FrontEnd):
    program, package = "haproxy", "haproxy"
    recipe = "haproxy-web.cfg"
    timeouts = [(r"timeout (?:client|server|tunnel) (\d+)m", 60)]

    def text(self):
        return substitute(self.recipe)

    def start(self):
        config = self.write("haproxy.cfg", self.text())
        self.run(self.program, "-W", "-db", "-f", config, env={
            "CHAT_TLS": f"127.0.0.1:{self.port}", "CHAT_INSIDE": f"127.0.0.1:{self.to_chatd}",
            "CHAT_CERTIFICATE": str(self.certificate)})

    def reload(self):
        self.until_said("Loading success")
        self.process.send_signal(signal.SIGUSR2)
        self.until_said("Loading success", 2)


class HaproxyProxy(Haproxy):
    """The PROXY protocol in place of X-Forwarded-For."""

    def text(self):
        return substitute(self.recipe, ('"${CHAT_INSIDE}"', '"${CHAT_INSIDE}" send-proxy-v2'),
                          ("option forwardfor", ""))


class Apache(FrontEnd):
    program, package = "apache2", "apache2-bin"
    recipe = "apache.conf"
    timeouts = [(r"ProxyTimeout (\d+)", 1)]

    def start(self):
        site = self.write("site", substitute(
            self.recipe, ("*:443", f"127.0.0.1:{self.port}"),
            ("127.0.0.1:8080", f"127.0.0.1:{self.to_chatd}"),
            ("/etc/ssl/chat/fullchain.pem", str(self.certificate)),
            ("/etc/ssl/chat/privkey.pem", str(self.certificate))))
        modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                          for name in ("mpm_event", "authz_core", "ssl", "proxy", "proxy_http"))
        config = self.write("apache.conf", f"""
            ServerRoot {self.folder}
            PidFile {self.folder}/pid
            ErrorLog {self.folder}/errors
            {modules}
            Listen 127.0.0.1:{self.port}
            Include {site}""".replace("\n            ", "\n"))
        self.run(self.program, "-DFOREGROUND", "-f", config)

    def reload(self):
        self.until_said("resuming normal operations")
        self.process.send_signal(signal.SIGUSR1)
        self.until_said("resuming normal operations", 2)


KINDS = {"nginx": Nginx, "caddy": Caddy, "haproxy": Haproxy, "haproxy-proxy": HaproxyProxy,
         "apache": Apache}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for the name and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl (Debian package openssl)")
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
                    "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "key", "-out", folder / "pem"],
                   check=True, capture_output=True)
    with open(folder / "pem", "a", encoding="ascii") as file:
        file.write((folder / "key").read_text())
    return folder / "pem"


@pytest.fixture
def behind(chatd, certificate, tmp_path):
    """behind(kind): a chatd behind such a front end, which is its `front`."""
    fronts = []

    def start(kind):
        if shutil.which(KINDS[kind].program) is None:
            pytest.skip(f"needs {kind} (Debian package {KINDS[kind].package})")
        word = "proxy" if kind == "haproxy-proxy" else "forwarded=127.0.0.1"
        folder = tmp_path / kind
        folder.mkdir()
        (folder / "operator").write_text("sesame\n")
        server = chatd("-l", f"127.0.0.1:0,web,{word}", "--web-host", NAME,
                       "--operator-file", folder / "operator")
        port = int(server.addresses()[1].rsplit(":", 1)[1])
        server.front = KINDS[kind](folder, port, certificate)
        fronts.append(server.front)
        return server

    yield start
    for front in fronts:
        front.finish()


def trust_anybody():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def talk(server, *lines, **headers):
    """A WebSocket from PERSON, on which these lines are said, up to the answer of /resume."""
    port = server.front.port
    talker = Talker(f"wss://{NAME}:{port}/chat/ws", host="127.0.0.1", server_hostname=NAME,
                    ssl=trust_anybody(), local_addr=(PERSON, 0),
                    origin=f"https://{NAME}:{port}", extra_headers=headers)
    talker.say("\n".join(lines))
    talker.ticket = talker.until(r"=== resume (\d+ \w+)")[1]
    return talker


def get(server, path, *options):
    """What curl has from it: head and body."""
    url = f"https://{NAME}:{server.front.port}{path}"
    return subprocess.run(
        ["curl", "-sSki", "--interface", PERSON, "--connect-to", f"::127.0.0.1:{server.front.port}",
         *options, url], check=True, capture_output=True, timeout=DEADLINE).stdout


@pytest.mark.parametrize("kind", KINDS)
def test_behind_a_front_end(behind, tool, kind):
    tool("curl")
    server = behind(kind)
    # The page, under a path of its own; over HTTP/2 where it can be had.
    head, page = get(server, "/chat/", "--http2").split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200" if kind == "apache" else b"HTTP/2 200")
    assert page.lower().startswith(b"<!doctype html>") and b"</html>" in page
    assert re.search(rb"(?i)content-security-policy: default-src 'none'; script-src ", head)
    packed = get(server, "/chat/", "-H", "Accept-Encoding: gzip").split(b"\r\n\r\n", 1)[1]
    assert packed[:2] == b"\x1f\x8b" and len(packed) < len(page) / 2

    # A person's own address, whatever they say it is.
    alice = talk(server, "/nick alice", "/resume",
                 **{"X-Forwarded-For": "192.0.2.66", "Forwarded": "for=192.0.2.66"})
    operator = server.join("carol")
    operator.say("/op sesame", "/who")
    line = operator.until(r"=== alice .*")[-1]
    assert PERSON in line and "192.0.2.66" not in line

    # What is said, both ways; a long line is one message.
    alice.say("hello")
    operator.until(said("alice", "hello"))
    operator.say("x" * 1000)
    alice.until(r"@\d+ \d+ " + said("carol", "x" * 1000))

    # A close code.
    operator.say("/kick alice")
    assert alice.closed() == 4001
    alice.finish()


@pytest.mark.parametrize("kind", KINDS)
def test_a_reload_of_the_front_end(behind, kind):
    server = behind(kind)
    alice = talk(server, "/nick alice", "/resume")
    bob = server.join("bob")
    server.front.reload()
    if server.front.ends_tunnels:
        # Its good-bye, in place of a frame of the browser's, is a connection lost: one comes back.
        assert alice.closed() == 1001
        server.wait_log(r"client #1 .*exit")
        bob.say("meanwhile")
        alice.finish()
        alice = talk(server, f"/resume {alice.ticket}")
    else:
        bob.say("meanwhile")
    alice.until(r"@\d+ \d+ " + said("bob", "meanwhile"))
    alice.say("here")
    bob.until(said("alice", "here"))
    alice.finish()


@pytest.mark.parametrize("kind", KINDS)
def test_silence(kind):
    """What the files say is longer than chatd lets a WebSocket be silent."""
    text = (RECIPES / KINDS[kind].recipe).read_text(encoding="utf-8")
    for pattern, unit in KINDS[kind].timeouts:
        found = re.findall(pattern, text)
        assert found and all(int(number) * unit > SILENCE for number in found)


def test_70_seconds_of_silence(behind):
    """Longer than any front end waits by itself; behind all of them at the same time."""
    servers = [behind(kind) for kind in KINDS]
    alices = [talk(server, "/nick alice", "/resume") for server in servers]
    with concurrent.futures.ThreadPoolExecutor(len(alices)) as pool:
        # What pings come are answered by the library meanwhile.
        list(pool.map(lambda alice: alice.loop.run_until_complete(asyncio.sleep(70)), alices))
    for server, alice in zip(servers, alices):
        bob = server.join("bob")
        bob.say("still there?")
        alice.until(r"@\d+ \d+ " + said("bob", "still there?"))
        alice.say("yes")
        bob.until(said("alice", "yes"))
        alice.finish()


def test_the_page_over_http_2(behind, visit):
    """A browser reaches the page and its WebSocket over one connection (RFC 8441)."""
    server = behind("haproxy")
    page = visit(f"https://localhost:{server.front.port}/chat/").join("alice")
    assert page.js("return performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    bob = server.join("bob")
    page.say("hello")
    bob.until(said("alice", "hello"))
    bob.say("hi")
    page.until_line("hi")
