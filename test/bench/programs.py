"""The programs that can be measured: how each is started, and which adapter of `load` speaks to it.

Each is set up to do as little beside handing lines on as its options allow: no logging, no
storage, no limit that the load would meet.
"""

import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time


class Program:
    """A name for the tables, the adapter, and a function (port, clients, directory) -> argv."""

    def __init__(self, name, adapter, command, most=10**9, longest=10**9, binary=None, **load):
        self.name = name
        self.adapter = adapter
        self.command = command
        self.most = most          # clients
        self.longest = longest    # bytes of a message
        self.binary = binary or name
        self.load = load          # what `load` must heed with it

    def available(self):
        return shutil.which(self.binary, path=search_path()) is not None


def search_path():
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def chatd_command(binary):
    # --rate 0: the load is far beyond any person's. --announce-max 0, --replay 0: whoever joins
    # gets nothing but the greeting, so that each line counted is one that was said in the run.
    # -q: a log of what is said would be written by none of the others either.
    def command(port, clients, _directory):
        return [binary, "-q", "--rate", "0", "--announce-max", "0", "--replay", "0",
                "-m", str(clients + 8), "-l", f"127.0.0.1:{port}"]
    return command


def chatd_web_command(binary):
    plain = chatd_command(binary)

    def command(port, clients, directory):
        return [word + ",web" if word.startswith("127.") else word
                for word in plain(port, clients, directory)]
    return command


NODE_SERVER = """
const { WebSocketServer, WebSocket } = require("ws");
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]) });
server.on("connection", (socket) => {
    socket.send("=== hello\\n");
    socket.on("message", (data) => {
        for (const other of server.clients)
            if (other.readyState === WebSocket.OPEN)
                other.send(data, { binary: false });
    });
});
"""


def node_command(port, _clients, directory):
    return ["env", "NODE_PATH=/usr/share/nodejs", "node",
            write(directory, "server.js", NODE_SERVER), str(port)]


def nats_web_command(port, _clients, directory):
    config = write(directory, "nats.conf",
                   f'listen: "127.0.0.1:-1"\nmax_connections: 20000\nmax_pending: 1GB\n'
                   f'websocket {{ listen: "127.0.0.1:{port}", no_tls: true }}\n')
    return ["nats-server", "-c", config, "-l", os.devnull]


def floor_command(binary, mode):
    return lambda port, _clients, _directory: [binary, mode, str(port)]


def redis_command(port, clients, directory):
    return ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", directory,
            "--save", "", "--appendonly", "no", "--maxclients", str(clients + 100),
            "--tcp-backlog", "4096", "--loglevel", "warning",
            "--client-output-buffer-limit", "pubsub 0 0 0"]


def nats_command(port, _clients, directory):
    config = write(directory, "nats.conf",
                   f'listen: "127.0.0.1:{port}"\nmax_connections: 20000\nmax_pending: 1GB\n')
    return ["nats-server", "-c", config, "-l", os.devnull]


def mosquitto_command(port, _clients, directory):
    config = write(directory, "mosquitto.conf", f"""\
listener {port} 127.0.0.1
allow_anonymous true
user root
persistence false
log_type none
set_tcp_nodelay true
max_queued_messages 0
max_inflight_messages 0
""")
    return ["mosquitto", "-c", config]


def ngircd_command(port, _clients, directory):
    config = write(directory, "ngircd.conf", f"""\
[Global]
Name = bench.example
Info = bench
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = bench
ServerUID = root
ServerGID = root
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
MaxNickLength = 16
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
""")
    return ["ngircd", "-n", "-f", config]


def inspircd_command(port, _clients, directory):
    config = write(directory, "inspircd.conf", f"""\
<server name="bench.example" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@bench.example">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect allow="*" timeout="60" pingfreq="1h" softsendq="64M" hardsendq="256M" recvq="1M"
 threshold="1000000" commandrate="1000000" fakelag="no" localmax="20000" globalmax="20000"
 maxconnwarn="no" resolvehostnames="no" limit="20000">
<performance softlimit="20000" somaxconn="4096" quietbursts="yes" netbuffersize="65534">
<pid file="{directory}/inspircd.pid">
<log method="file" type="none" level="default" target="{directory}/log">
<path configdir="{directory}" datadir="{directory}" logdir="{directory}">
""")
    return ["inspircd", f"--config={config}", "--nofork", "--nolog", "--runasroot"]


def ncat_command(port, clients, _directory):
    return ["ncat", "-l", "--chat", "-m", str(clients + 8), "127.0.0.1", str(port)]


def all_programs(chatd, floor):
    """Every program that we know, by name. chatd and floor are paths."""
    known = [
        Program("chatd", "chatd", chatd_command(chatd), binary=chatd),
        Program("chatd-crlf", "chatd-crlf", chatd_command(chatd), binary=chatd),
        Program("chatd-tagged", "chatd-tagged", chatd_command(chatd), binary=chatd),
        # No more at once than may be without a request yet.
        Program("chatd-web", "chatd-web", chatd_web_command(chatd), binary=chatd, together=32),
        Program("node-ws", "websocket", node_command, binary="node"),
        Program("nats-web", "nats-web", nats_web_command, binary="nats-server"),
        Program("chatd-all-read", "chatd", chatd_command(chatd), binary=chatd, stalled=0),
        Program("redis", "redis", redis_command, binary="redis-server"),
        Program("nats", "nats", nats_command, binary="nats-server"),
        Program("mosquitto", "mqtt", mosquitto_command),
        Program("ngircd", "irc", ngircd_command, most=1000, longest=400),
        Program("inspircd", "irc", inspircd_command, most=1000, longest=400),
        # Its listen backlog is 10: of more who come at once some are stranded.
        Program("ncat", "ncat", ncat_command, most=100, together=4),
    ]
    for mode in ("line", "batch", "turn", "gather"):
        known.append(Program(f"floor-{mode}", "floor", floor_command(floor, mode), binary=floor))
    return {program.name: program for program in known}


def raise_descriptors():
    """Lets us and what we start have as many descriptors as the system allows."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_listening(process, port, patience=30):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with status {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} does not listen on port {port}")


@contextlib.contextmanager
def running(program, clients, cpu=None, end=signal.SIGKILL):
    """Runs a program for as long as the block lasts, then ends it; yields (process id, port)."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        argv = program.command(port, clients, directory)
        path = shutil.which(argv[0], path=search_path())
        pin = (lambda: os.sched_setaffinity(0, {cpu})) if cpu is not None else None
        with subprocess.Popen([path] + argv[1:], cwd=directory, preexec_fn=pin,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            try:
                wait_until_listening(process, port)
                time.sleep(0.1)
                yield process.pid, port
            finally:
                process.send_signal(end)
