"""Starting, stopping, reloading: what an operator meets who knows nothing but the manual."""

import os
import re
import resource
import signal
import socket
import subprocess

import pytest

from wire import CHATD, WRAPPER, event, run_chatd, said, until


def have_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


BOTH = ["127.0.0.1", "::1"] if have_ipv6() else ["127.0.0.1"]


def hear_each_other(server, clients):
    for n, client in enumerate(clients):
        client.say(f"I am {n}")
        for other in clients:
            other.until(said(f"#{n + 1}", f"I am {n}"))


def test_loopback_of_both_families(chatd):
    server = chatd(listen="0")
    hosts = [address.rsplit(":", 1)[0].strip("[]") for address in server.addresses()]
    assert hosts == BOTH
    hear_each_other(server, [server.connect(address) for address in server.addresses()])
    # Nobody comes in by another address of this machine.
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.2", server.port)) != 0


def test_the_default_is_port_8000_of_the_loopback_addresses():
    text = run_chatd("--help").stdout
    assert "(8000)" in text
    # The port may be taken on the machine that runs this; then the error names it.
    process = subprocess.Popen([*WRAPPER, CHATD], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Server ready!" in line or line.startswith("chatd: "):
            break
    process.terminate()
    process.communicate()
    assert any("127.0.0.1:8000" in line for line in lines), lines


def test_all_addresses(chatd):
    server = chatd(listen="*:0")
    clients = [server.connect(f"127.0.0.{n}:{server.port}") for n in (1, 2)]
    if len(BOTH) == 2:
        clients.append(server.connect(f"[::1]:{server.port}"))
    hear_each_other(server, clients)


def test_several_listeners_are_one_room(chatd, tmp_path):
    path = f"{tmp_path}/socket"
    server = chatd(listen=["127.0.0.1:0", "127.0.0.2:0", f"unix:{path}", "localhost:0"])
    assert len(server.addresses()) >= 4
    hear_each_other(server, [server.connect(address) for address in server.addresses()])


def test_unix_socket_goes_with_the_server(chatd, tmp_path):
    path = tmp_path / "socket"
    server = chatd(listen=f"unix:{path}")
    assert not path.stat().st_mode & 0o007  # others have no business with it
    server.join("alice").say("/who")
    server.wait_log(r"client \(#1\) connect from unix, ")
    assert server.stop() == 0
    assert not path.exists()


def test_unix_socket_that_a_crash_left_is_replaced(chatd, tmp_path):
    path = tmp_path / "socket"
    server = chatd(listen=f"unix:{path}")
    server.kill()
    assert path.exists()
    chatd(listen=f"unix:{path}").join("alice")


def assert_one_line(done, status, *parts):
    assert done.returncode == status, done
    assert re.fullmatch(r"chatd: [^\n]+\n", done.stderr), done.stderr
    for part in parts:
        assert str(part) in done.stderr


def test_an_address_that_is_taken(chatd, tmp_path):
    server = chatd(listen=["127.0.0.1:0", f"unix:{tmp_path}/socket"])
    assert_one_line(run_chatd("-l", f"127.0.0.1:{server.port}"), 1, "--listen", server.port)
    assert_one_line(run_chatd("-l", f"unix:{tmp_path}/socket"), 1, "--listen", "socket")
    server.connect(f"unix:{tmp_path}/socket").settle()


def test_a_file_in_the_way_of_a_socket_is_left_alone(tmp_path):
    path = tmp_path / "precious"
    path.write_text("data", encoding="utf-8")
    assert_one_line(run_chatd("-l", f"unix:{path}"), 1, path)
    assert path.read_text(encoding="utf-8") == "data"


USAGE = {
    "unknown option": ["--nonsense"], "unknown letter": ["-x"], "argument": ["8000"],
    "no value": ["--rate"], "not a number": ["--rate", "fast"], "negative": ["--rate", "-1"],
    "too large": ["--rate", "99999999999999999999"], "no clients": ["-m", "0"],
    "message too small": ["-b", "1"], "bad size": ["--feed", "1X"], "feed too small": ["--feed", "1"],
    "port too large": ["-l", "65536"], "no port": ["-l", "localhost:"], "empty": ["-l", ""],
    "bare IPv6": ["-l", "::1:8000"], "open bracket": ["-l", "[::1:8000"],
    "unix without a path": ["-l", "unix:"], "unix path too long": ["-l", "unix:/" + "x" * 200],
    "unknown suffix": ["-l", "8000,nonsense"], "sync": ["--sync", "sometimes"],
    "empty value": ["--rate="],
    "flag with a value": ["--quiet=maybe"], "number with blanks": ["--rate", " 5"],
    "hexadecimal": ["--rate", "0x10"],
}


@pytest.mark.parametrize("name", USAGE)
def test_usage_errors(name):
    arguments = USAGE[name]
    done = run_chatd(*arguments)
    assert_one_line(done, 2)
    # It names the option, or the word that is none.
    names = {"-m": "max-clients", "-b": "max-message", "-l": "listen"}
    word = arguments[0].split("=")[0]
    assert names.get(word, word) in done.stderr or "--feed" in done.stderr
    assert done.stdout == ""


def test_an_operator_password_that_nobody_can_give(tmp_path):
    path = tmp_path / "operator"
    path.write_text(" sesame\n", encoding="ascii")
    assert_one_line(run_chatd("-l", "127.0.0.1:0", "--operator-file", path), 1,
                    f"--operator-file: {path}: the password begins with a blank")


@pytest.mark.parametrize("option", ["--motd", "--password-file", "--operator-file", "--config",
                                    "--history"])
def test_files_that_cannot_be_read(option, tmp_path):
    for path in (tmp_path / "folder" / "missing", tmp_path):
        assert_one_line(run_chatd("-l", "127.0.0.1:0", option, path), 1, option, path)


def test_a_password_file_must_have_a_password(tmp_path):
    path = tmp_path / "empty"
    path.write_text("\nsecond line\n", encoding="utf-8")
    assert_one_line(run_chatd("-l", "127.0.0.1:0", "--password-file", path), 1, path)


def test_unknown_user():
    assert_one_line(run_chatd("-l", "127.0.0.1:0", "--user", "no-such-user"), 1, "no-such-user")


def test_unknown_host():
    assert_one_line(run_chatd("-l", "no-such-host.invalid:0"), 1, "no-such-host.invalid")


@pytest.mark.parametrize("text, line", [
    ("rate = fast\n", 1), ("# fine\n\nnonsense = 1\n", 3), ("rate\n", 1), ("rate = 5\nconfig = x\n", 2),
    ("name = \"unfinished\n", 1),
])
def test_errors_in_the_configuration(tmp_path, text, line):
    path = tmp_path / "chatd.conf"
    path.write_text(text, encoding="utf-8")
    assert_one_line(run_chatd("--config", path), 2, f"{path}:{line}")


def test_configuration(chatd, tmp_path):
    path = tmp_path / "chatd.conf"
    path.write_text(f"""# a room
name = Tea room
max-clients = 7
listen = unix:{tmp_path}/socket   # and no other
rate = 1
quiet = yes
""", encoding="utf-8")
    server = chatd("--config", path, "-m", 8, listen=None)
    text = "\n".join(server.connect().settle())
    assert "Tea room" in text and "8" in text


def test_version_and_help():
    done = run_chatd("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"chatd \d+\.\d+\.\d+ \(Unicode \d+\.\d+\.\d+\)\n", done.stdout)
    text = run_chatd("--help").stdout
    for option in ("listen", "max-clients", "max-message", "rate", "burst", "max-per-host", "feed",
                   "replay", "idle-timeout", "announce-max", "name", "motd", "password-file",
                   "operator-file", "history", "sync", "user", "config", "quiet", "help", "version"):
        assert f"--{option}" in text
    assert run_chatd("-h").stdout == text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_output_that_cannot_be_written():
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([*WRAPPER, CHATD, "--help"], stdout=full, stderr=subprocess.PIPE,
                              check=False)
    assert done.returncode == 1 and done.stderr.startswith(b"chatd: ")


def test_descriptors_that_cannot_be_had():
    done = subprocess.run(
        [*WRAPPER, CHATD, "-l", "127.0.0.1:0", "-m", "1000"], capture_output=True, text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200)))
    assert_one_line(done, 1, "200")
    assert re.search(r"\b1[0-9]{3}\b", done.stderr)  # how many it needs for 1000 clients


def test_descriptors_are_raised(chatd):
    def soft_limit():
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    server = chatd("-m", 200, preexec_fn=soft_limit)
    clients = [server.connect() for _ in range(200)]
    clients[0].say("hello")
    clients[199].until(said("#1", "hello"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_that_stop(chatd, number):
    server = chatd()
    client = server.join("alice")
    assert server.stop(number) == 0
    assert re.fullmatch(event("server shutting down"), client.eof()[0])


@pytest.mark.parametrize("number", [signal.SIGPIPE, signal.SIGURG, signal.SIGWINCH, signal.SIGCHLD,
                                    signal.SIGCONT, signal.SIGALRM, signal.SIGQUIT, signal.SIGUSR1,
                                    signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO,
                                    signal.SIGTRAP, signal.SIGXCPU, signal.SIGXFSZ, signal.SIGPWR,
                                    signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU,
                                    *range(32, signal.SIGRTMIN + 2), signal.SIGRTMAX])
def test_signals_that_mean_nothing(chatd, number):
    server = chatd()
    client = server.join("alice")
    for _ in range(10):
        server.send_signal(number)
        client.say("still here")
        client.expect(said("alice", "still here"))


def test_everything_said_before_the_stop_is_delivered(chatd):
    server = chatd("--rate", 0)
    speaker, reader = server.join("speaker"), server.join("reader")
    speaker.say(*(f"line {n}" for n in range(1000)))
    speaker.until(said("speaker", "line 999"))
    server.send_signal(signal.SIGTERM)
    reader.expect(*(said("speaker", f"line {n}") for n in range(1000)),
                  event("server shutting down"))
    assert server.wait() == 0


def reload(server):
    count = sum("configuration read" in line or "nothing changed" in line for line in server.log)
    server.send_signal(signal.SIGHUP)
    return server.wait_log("configuration read|nothing changed", count + 1)[0]


def test_reload(chatd, tmp_path):
    path, motd = tmp_path / "chatd.conf", tmp_path / "motd"
    motd.write_text("Old news.\n", encoding="utf-8")
    path.write_text(f"name = Before\nmax-message = 100\nmotd = {motd}\n", encoding="utf-8")
    server = chatd("--config", path)
    alice = server.join("alice")
    motd.write_text("New news.\n", encoding="utf-8")
    path.write_text(f"name = After\nmax-message = 200\nmotd = {motd}\nmax-clients = 9\n"
                    "max-per-host-local = 1\n", encoding="utf-8")
    assert reload(server) == "configuration read"
    server.wait_log("max-clients.*restart")
    alice.say("x" * 200)
    alice.expect(said("alice", "x" * 200))
    alice.say("x" * 201)
    alice.expect(r"!!! message too long \(201 bytes, at most 200\): not sent")
    server.connect().expect(r"!!! too many connections from your address")
    other = "\n".join(server.connect(source="127.0.0.2").settle())
    assert "After" in other and "New news." in other


@pytest.mark.parametrize("broken", ["rate = fast\n", "nonsense\n", "motd = /no/such/file\n",
                                    "rate = 1\nlisten = x\n"])
def test_reload_of_a_broken_file_changes_nothing(chatd, tmp_path, broken):
    path = tmp_path / "chatd.conf"
    path.write_text("name = Before\n", encoding="utf-8")
    server = chatd("--config", path)
    alice = server.join("alice")
    path.write_text("name = After\n" + broken, encoding="utf-8")
    assert reload(server) == "nothing changed"
    server.wait_log("nothing changed: .*" + ("/no/such/file" if "motd" in broken else str(path)))
    assert "Before" in "\n".join(server.connect().settle())
    path.unlink()
    assert reload(server) == "nothing changed"
    alice.say("still here")
    alice.until(said("alice", "still here"))


def test_reload_of_passwords(chatd, tmp_path):
    path = tmp_path / "password"
    path.write_text("first\n", encoding="utf-8")
    server = chatd("--password-file", path)
    path.write_text("second\n", encoding="utf-8")
    assert reload(server) == "configuration read"
    client = server.connect()
    client.expect(r"=== password:")
    client.say("second", "hello")
    client.until(said("#1", "hello"))


def test_many_signals_at_once(chatd):
    server = chatd()
    client = server.join("alice")
    for _ in range(100):
        server.send_signal(signal.SIGHUP)
    client.say("still here")
    client.expect(said("alice", "still here"))
    assert server.stop() == 0


def test_check(tmp_path):
    done = run_chatd("--check", "-l", "127.0.0.1:0", "--history", tmp_path / "history")
    assert done.returncode == 0 and done.stderr == ""
    assert os.listdir(tmp_path) == []
    assert_one_line(run_chatd("--check", "--rate", "x"), 2, "--rate")
    assert_one_line(run_chatd("--check", "--motd", tmp_path / "none"), 1, "--motd")
    missing = tmp_path / "none" / "file"
    assert_one_line(run_chatd("--check", "--history", missing), 1, "--history", missing)
    assert_one_line(run_chatd("--check", "-l", f"unix:{missing}"), 1, "--listen", missing)


def test_check_beside_a_running_one(chatd, tmp_path):
    history = tmp_path / "history"
    server = chatd("--history", history)
    done = run_chatd("--check", "-l", f"127.0.0.1:{server.port}", "--history", history)
    assert done.returncode == 0, done.stderr


def test_closed_standard_files(chatd):
    """Started with nothing open, no client's socket may become its log."""
    process = subprocess.Popen(
        ["sh", "-c", 'exec "$0" -l 127.0.0.1:0 <&- >&- 2>&-', CHATD])
    until(lambda: os.readlink(f"/proc/{process.pid}/exe") == os.path.realpath(CHATD), "the exec")
    until(lambda: len(os.listdir(f"/proc/{process.pid}/fd")) > 3, "its sockets")
    for number in range(3):
        assert os.readlink(f"/proc/{process.pid}/fd/{number}") == "/dev/null"
    process.terminate()
    assert process.wait() == 0
