"""What chatd says about its options: one line on standard error, and a status that fits."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from wire import CHATD, DEADLINE, WRAPPER, run_chatd, said

WRONG = [
    (["8000"], 'unexpected argument "8000" (see chatd --help)'),
    (["--bogus"], "there is no option --bogus (see chatd --help)"),
    (["-x"], "there is no option -x (see chatd --help)"),
    (["-m"], "--max-clients needs an argument: N"),
    (["-m", "0"], '--max-clients must be a number from 1 to 65536, not "0"'),
    (["-m", "ten"], '--max-clients must be a number from 1 to 65536, not "ten"'),
    (["-b", "7"], '--max-message must be a size from 8 to 64K, not "7"'),
    (["--rate=-1"], '--rate must be a number from 0 to 1000000, not "-1"'),
    (["--feed", "1K"], '--feed must be a size from 4K to 1024M, not "1K"'),
    (["--sync", "often"], '--sync must be none, interval or always, not "often"'),
    (["--name", "a\nb"], "--name must be plain UTF-8 text"),
    (["--share", "127.0.0.1:4222", "--node", "a"],
     '--share must be nats://HOST:PORT[,HOST:PORT]..., not "127.0.0.1:4222"'),
    (["--share", "nats://127.0.0.1:4222"], "--share needs --node, the name of this server"),
    (["--node", "a"], "--node goes with --share"),
    (["--node", "A"], """--node must be of a-z, 0-9 and '-', not "A\""""),
    (["--share-name", "a.b"], """--share-name must be of a-z, 0-9 and '-', not "a.b\""""),
    (["--node", "a" * 33], "--node must have at most 32 bytes, not 33"),
    (["--share-replicas", "6"], '--share-replicas must be a number from 1 to 5, not "6"'),
    (["--share-name", "a"], "--share-name goes with --share"),
    (["--share-replicas", "3"], "--share-replicas goes with --share"),
    (["--share-password-file", "/nowhere/x"], "--share-password-file goes with --share"),
    (["--history", "x", "--store", "x"], "--store: x is the file of a history, too"),
    (["--room", "tea history=x", "--store", "x"], "--store: x is the file of a history, too"),
    (["-l", "8000,opretor"], '--listen: there is no word "opretor" for an address (proxy, operator, '
     "telnet, web, readonly, metrics, forwarded=, room=)"),
    (["-l", "::1:8000"], "--listen: an IPv6 address needs brackets, as in [::1]:8000"),
    (["-l", "host:99999"], '--listen: "host:99999" does not end in a port, which is a number from 0 to 65535'),
    (["-l", "unix:" + "x" * 200],
     "--listen: the path of a unix socket has at most 107 bytes, not 200"),
]

ABSENT = [
    (["--config", "/nowhere/x"], "--config: cannot read /nowhere/x: No such file or directory"),
    (["--motd", "/nowhere/x"], "--motd: cannot read /nowhere/x: No such file or directory"),
    (["--password-file", "/"], "--password-file: cannot read /: Is a directory"),
    (["--operator-file", "/dev/null"],
     "--operator-file: the first line of /dev/null is empty"),
    (["--user", "nobody-of-that-name"], "--user: there is no user nobody-of-that-name"),
    (["-l", "192.0.2.1:0"],
     "--listen: cannot listen on 192.0.2.1:0: Cannot assign requested address"),
    (["-l", "unix:/nowhere/x"],
     "--listen: cannot listen on unix:/nowhere/x: No such file or directory"),
]


def refused(*args, status):
    """Runs chatd, which must end with this status; returns its one line of standard error."""
    result = run_chatd(*args)
    assert result.returncode == status, result
    line, end, rest = result.stderr.partition("\n")
    assert end and not rest, result.stderr
    assert line.startswith("chatd: "), line
    return line.removeprefix("chatd: ")


@pytest.mark.parametrize("args, text", WRONG)
def test_usage_errors(args, text):
    result = run_chatd(*args)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"chatd: {text}\n")


@pytest.mark.parametrize("args, text", ABSENT)
def test_what_cannot_be_had(args, text):
    assert refused("-l", "127.0.0.1:0", *args, status=1) == text


def test_the_feed_holds_the_longest_lines_however_small(chatd):
    server = chatd("--feed", "4K", "-b", "64K")
    alice, bob = server.join("alice"), server.join("bob")
    bob.say("x" * 65536)
    alice.until(said("bob", "x" * 65536))


def test_help():
    for option in "-h", "--help":
        result = run_chatd(option)
        assert result.returncode == 0 and not result.stderr
        lines = result.stdout.splitlines()
        assert max(map(len, lines)) <= 80
        for name in ("listen max-clients max-message rate burst max-per-host max-per-host-local feed replay "
                     "idle-timeout announce-max name motd password-file operator-file history "
                     "sync user config check quiet help version").split():
            assert any(f"--{name} " in line for line in lines), name


def test_version():
    for option in "-V", "--version":
        result = run_chatd(option)
        assert result.returncode == 0 and not result.stderr
        assert re.fullmatch(r"chatd \d+\.\d+\.\d+ \(Unicode \d+\.\d+\.\d+\)\n", result.stdout)


@pytest.mark.parametrize("option", ["--help", "--version", "--check"])
def test_an_answer_that_cannot_be_written(option):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([*WRAPPER, CHATD, option], stdout=full, stderr=subprocess.PIPE,
                                timeout=DEADLINE, check=False)
    assert result.returncode == 1
    assert result.stderr == (b"chatd: cannot write to standard output: "
                             b"No space left on device\n")


@pytest.mark.parametrize("one, other, what", [
    ("127.0.0.1:65001", "127.0.0.1:65001", "127.0.0.1:65001"),
    ("127.0.0.1:65001", "*:65001", "0.0.0.0:65001"),
    ("*:65001", "127.0.0.1:65001", "127.0.0.1:65001"),
    ("unix:{}/socket", "unix:{}/socket", "unix:{}/socket"),
    ("127.0.0.1:65001", "127.0.0.1:65002", None), ("127.0.0.1:0", "127.0.0.1:0", None),
])
def test_check_of_the_same_address_twice(tmp_path, one, other, what):
    result = run_chatd("--check", "-l", one.format(tmp_path), "-l", other.format(tmp_path))
    assert result.returncode == (1 if what else 0)
    if what:
        assert result.stderr == (f"chatd: --listen: cannot listen on {what.format(tmp_path)}: "
                                 "Address already in use\n")


@pytest.mark.parametrize("text, fault", [
    ("bob one\nalice\n", ":2: a line has a name, a token and perhaps a room"),
    ("# bots\n\nbob one\n[x] two\n", ":4: the name could not be a nick"),
    ("bob one\nalice two\nB0b three\n", ":3: another line has this name, or one that looks like it"),
    ("bob one\nalice one\n", ":2: another line has this token"),
    ("bob one nowhere\n", ": there is no room nowhere"),
    ("#bob one\r\nbob one #Tea\r\nalice two lobby\n", None),
])
def test_a_file_of_bots(tmp_path, text, fault):
    bots = tmp_path / "bots"
    bots.write_text(text, encoding="utf-8")
    args = "-l", "127.0.0.1:0", "--room", "tea", "--bot-file", bots, "--check"
    if fault is None:
        assert run_chatd(*args).returncode == 0
    else:
        assert refused(*args, status=1) == f"--bot-file: {bots}{fault}"
    if "nowhere" in text:  # people may make it
        assert run_chatd(*args, "--max-rooms", 5).returncode == 0


def test_check(tmp_path):
    assert run_chatd("--check", "-l", "127.0.0.1:0").returncode == 0
    config = tmp_path / "conf"
    config.write_text("rate = 5\n", encoding="utf-8")
    result = run_chatd("--check", "--config", config, "-l", "127.0.0.1:0")
    assert result.returncode == 0 and result.stdout == "configuration OK\n"
    config.write_text("rate = 5\nrates = 5\n", encoding="utf-8")
    assert refused("--check", "--config", config, status=2) == \
        f'{config}:2: there is no option "rates"'
    assert "/nowhere" in refused("--check", "--motd", "/nowhere", status=1)


@pytest.mark.parametrize("text, fault", [
    ("rate", ':1: a line reads "option = value"'),
    ("\n# fine\nrate = many", ':3: rate must be a number from 0 to 1000000, not "many"'),
    ("quiet = perhaps", ':1: quiet must be yes or no, not "perhaps"'),
    ("help = yes", ":1: help is for the command line only"),
    ('name = "Tea', ":1: the closing quote is missing"),
])
def test_errors_of_a_configuration_file(tmp_path, text, fault):
    config = tmp_path / "conf"
    config.write_text(text, encoding="utf-8")
    assert refused("--config", config, status=2) == f"{config}{fault}"


def test_a_binary_configuration_file():
    refused("--config", os.path.realpath(CHATD), status=1)


def test_a_configuration_file(chatd, tmp_path):
    config = tmp_path / "conf"
    config.write_text("# of the tea room\nlisten = 127.0.0.1:0\nname = Tea room\n"
                      "max-clients = 2\nmax-message = 64 # short\nquiet = yes\n", encoding="utf-8")
    server = chatd("--config", config, "--max-clients", 3, listen=[])
    client = server.connect()
    client.expect(r"=== Tea room: you are #1, 1 of 3 online.*")
    client.say("x" * 65)
    client.until(r"!!! message too long \(65 bytes, at most 64\): not sent")


def test_the_command_line_counts_more(chatd, tmp_path):
    config = tmp_path / "conf"
    config.write_text(f"listen = unix:{tmp_path}/a\nlisten = unix:{tmp_path}/b\n",
                      encoding="utf-8")
    assert len(chatd("--config", config, listen=[]).addresses()) == 2
    server = chatd("--config", config, listen=f"unix:{tmp_path}/c")
    assert server.addresses() == [f"unix:{tmp_path}/c"]


def test_a_motd_through_a_pipe(chatd):
    reader, writer = os.pipe()
    os.write(writer, b"Welcome\tto tea\n\x1b[2Jsit down\n")
    os.close(writer)
    server = chatd("--motd", f"/dev/fd/{reader}", pass_fds=[reader])
    os.close(reader)
    client = server.connect()
    client.expect(r"=== .*you are #1.*", r"=== Welcome    to tea", r"=== sit down")


def test_a_password_everybody_can_read(chatd, tmp_path):
    password = tmp_path / "password"
    password.write_text("sesame\n", encoding="utf-8")
    password.chmod(0o644)
    server = chatd("--password-file", password)
    server.wait_log("^warning: everybody on this machine can read ")


def test_the_configuration_that_is_installed_names_every_option(tmp_path):
    """Each as it is or behind a '#', with a value that is taken."""
    text = (Path(__file__).parents[2] / "docs/system/chatd.conf").read_text(encoding="utf-8")
    found = dict(re.findall(r"^#?([a-z-]+) = (.*)$", text, re.M))
    named = set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)", run_chatd("--help").stdout, re.M))
    assert set(found) == named - {"config", "check", "help", "version"}
    config = tmp_path / "conf"
    for option, value in found.items():
        if value.startswith("/") or option == "user" or "share" in option or option == "node":
            continue  # a file, a user or a nats-server that is not here
        config.write_text(f"{option} = {value}\n", encoding="utf-8")
        assert run_chatd("--check", "--config", config, "-l", "127.0.0.1:0").stderr == ""
