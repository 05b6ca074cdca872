"""nats-servers as child processes, and a client of theirs that asks the API of JetStream."""

import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from wire import DEADLINE, until

CONFIG = """
server_name: {name}
listen: {host}:{port}
{jetstream}
{extra}
"""


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@functools.cache
def newest():
    """The path of a nats-server that keeps several replicas alike, or the test is skipped."""
    folder = Path(tempfile.gettempdir()) / f"chatd-nats-server-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    assert folder.stat().st_uid == os.getuid()
    result = subprocess.run([Path(__file__).parent / "newest_nats.sh", folder],
                            capture_output=True, text=True, timeout=4 * DEADLINE, check=False)
    if result.returncode != 0:
        pytest.skip(f"no nats-server from the Debian mirror: {result.stderr.strip()}")
    return result.stdout.strip()


class Nats:
    """One nats-server; its port and its store stay the same when it is started again."""

    def __init__(self, folder, name="n", program=None, jetstream=True, extra="",
                 host="127.0.0.1", **popen):
        self.folder = Path(folder) / name
        self.folder.mkdir()
        self.name = name
        self.host = host
        self.popen = popen
        self.port = free_port()
        self.program = program or shutil.which("nats-server", path=os.defpath + ":/usr/sbin")
        if self.program is None:
            pytest.skip("needs nats-server (Debian package nats-server)")
        store = f'jetstream {{ store_dir: "{self.folder}/store" }}' if jetstream else ""
        self.config = self.folder / "conf"
        self.config.write_text(CONFIG.format(name=name, host=host, port=self.port, jetstream=store,
                                             extra=extra), encoding="utf-8")
        self.process = None
        self.credentials = {}

    @property
    def url(self):
        return f"nats://{self.host}:{self.port}"

    def launch(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([self.program, "-c", self.config], stdout=log,
                                            stderr=log, **self.popen)

    def start(self):
        self.launch()
        until(self.answers, "a nats-server that answers")
        return self

    def first_words(self):
        with socket.create_connection((self.host, self.port), DEADLINE) as sock:
            return sock.makefile("rb").readline()

    def answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text(encoding="utf-8")
        try:
            return self.first_words().startswith(b"INFO")
        except OSError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def pause(self):
        """Until it has stopped, all threads of it: on a busy machine that takes a moment."""
        self.process.send_signal(signal.SIGSTOP)
        threads = Path(f"/proc/{self.process.pid}/task")
        until(lambda: all((thread / "stat").read_text().rpartition(")")[2].split()[0] == "T"
                          for thread in threads.iterdir()), "a server that has stopped")

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def finish(self):
        if self.process is not None:
            self.go_on()
            self.kill()

    def ask(self, subject, payload=None, patient=True):
        """What the API of JetStream answers; not patient: an error where it says nothing."""
        body = b"" if payload is None else json.dumps(payload).encode()
        with socket.create_connection((self.host, self.port), DEADLINE) as sock:
            sock.settimeout(DEADLINE if patient else 0.5)
            file = sock.makefile("rb")
            file.readline()
            hello = json.dumps({"verbose": False, **self.credentials}).encode()
            sock.sendall(b"CONNECT %s\r\nSUB answer 1\r\nPUB $JS.API.%s answer %d\r\n%s\r\n"
                         % (hello, subject.encode(), len(body), body))
            try:
                while not (line := file.readline()).startswith(b"MSG"):
                    assert line, "the nats-server has ended the connection"
                return json.loads(file.read(int(line.split()[-1])))
            except TimeoutError:
                assert not patient, f"no answer to {subject}"
                return {"error": "no answer"}

    def streams(self):
        return self.ask("STREAM.NAMES").get("streams") or []


def cluster(folder, hosts=("127.0.0.1",) * 3, enter=None):
    """
    Servers, not started yet, that make a cluster, by the configuration that docs/system has. enter(i):
    what the i-th calls before it runs.
    """
    program = newest()
    text = (Path(__file__).parents[2] / "docs/system/share/nats-server.conf").read_text(
        encoding="utf-8")
    servers = [Nats(folder, f"n{i}", program=program, host=host,
                    preexec_fn=enter(i) if enter else None) for i, host in enumerate(hosts)]
    routes = [free_port() for _ in servers]
    for server, route in zip(servers, routes):
        own = text
        for old, new in [("server_name: a", f"server_name: {server.name}"),
                         ("10.0.0.1:4222", f"{server.host}:{server.port}"),
                         ("127.0.0.1:8222", f"127.0.0.1:{free_port()}"),
                         ("/var/lib/nats", str(server.folder / "store")),
                         ("listen: 10.0.0.1:6222", f"listen: {server.host}:{route}"),
                         *((f"10.0.0.{i + 1}:6222", f"{other.host}:{port}")
                           for i, (other, port) in enumerate(zip(servers, routes)))]:
            assert old in own
            own = own.replace(old, new)
        server.config.write_text(own, encoding="utf-8")
        server.credentials = {"user": "chatd", "pass": "change me"}
    return servers
