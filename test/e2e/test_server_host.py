"""What a host lacks, refuses or changes under a running server."""

import os
import re
import shlex
import signal
import struct
import subprocess

import pytest

from wire import CHATD, STAMP, event, run_chatd, said, until


@pytest.fixture
def refusing(tool, tmp_path):
    """A chatd for which some system calls always fail, by strace's words for it."""
    def make(*injections):
        script = tmp_path / "refused"
        words = [tool("strace"), "-f", "-D", "-qq", "-o", "/dev/null"]
        for injection in injections:
            words += ["-e", "inject=" + injection]
        script.write_text(f"#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec {shlex.join(words)} "
                          f'{shlex.quote(CHATD)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
        return str(script)
    return make


def converses(server):
    """Two people who hear each other, one of whom comes back with a token."""
    alice, bob = server.join("alice"), server.join("bob")
    alice.until(event("bob joined (2 online)"))
    alice.say("/resume")
    number, token = re.fullmatch(r"=== resume (\d+) (\S+)",
                                 alice.until(r"=== resume .*")[-1]).groups()
    alice.say("hello")
    bob.until(said("alice", "hello"))
    alice.reset()
    again = server.connect()
    again.say(f"/resume {number} {token}", "back")
    again.until(r"@\d+ \d+ " + said("alice", "back"))
    return bob


@pytest.mark.parametrize("call, error", [
    ("getrandom", "ENOSYS"), ("getrandom", "EPERM"),
    ("accept4", "ENOSYS"),
    ("memfd_create", "ENOSYS"), ("memfd_create", "EPERM"),
    ("prctl", "EPERM"), ("prctl", "ENOSYS"),
    ("landlock_create_ruleset", "ENOSYS"), ("landlock_create_ruleset", "EOPNOTSUPP"),
    ("landlock_create_ruleset", "EPERM"),
    ("landlock_add_rule", "EPERM"), ("landlock_restrict_self", "EPERM"),
    ("ioctl", "ENOTTY"), ("epoll_create1", "ENOSYS"), ("ppoll", "ENOSYS"), ("ppoll", "EPERM"),
])
def test_a_call_that_is_always_refused(chatd, refusing, call, error):
    server = chatd(program=refusing(f"{call}:error={error}"))
    bob = converses(server)
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgraded to chatd|upgrade failed, this program goes on")
    bob.say("still here")
    bob.until(said("bob", "still here"))


def test_a_family_that_is_lacking(chatd, refusing):
    server = chatd(program=refusing("socket:error=EAFNOSUPPORT:when=1"),
                   listen=["[::1]:0", "127.0.0.1:0"])
    server.wait_log(r"^warning: --listen: cannot listen on \[::1\]:0: "
                    "Address family not supported by protocol$")
    assert len(server.addresses()) == 1
    server.join("alice")


def test_a_family_without_an_address(chatd, refusing):
    """As with net.ipv6.conf.all.disable_ipv6: the address fails, and the family's own, too."""
    server = chatd(program=refusing("bind:error=EADDRNOTAVAIL:when=1..2"),
                   listen=["[::1]:0", "127.0.0.1:0"])
    server.wait_log(r"^warning: --listen: cannot listen on \[::1\]:0: "
                    "Cannot assign requested address$")
    server.join("alice")


def test_half_of_what_is_meant_is_lacking(chatd, refusing):
    """A port alone means both families."""
    server = chatd(program=refusing("socket:error=EAFNOSUPPORT:when=2"), listen="0")
    server.wait_log(r"^warning: --listen: cannot listen on \[::1\]:\d+: "
                    "Address family not supported by protocol$")
    assert len(server.addresses()) == 1
    server.join("alice")


def test_an_upgrade_without_files_in_memory(chatd, refusing):
    """On a kernel that is too old for them, and for Landlock, the snapshot goes over /tmp."""
    server = chatd(program=refusing("memfd_create:error=ENOSYS",
                                    "landlock_create_ruleset:error=ENOSYS"))
    alice = server.join("alice")
    server.send_signal(signal.SIGUSR2)
    server.wait_log("upgraded to chatd")
    alice.say("still here")
    alice.expect(said("alice", "still here"))


def test_an_address_that_is_lacking():
    """192.0.2.0/24 is for documentation (RFC 5737): no host has an address of it."""
    for extra in [], ["--check"]:
        result = run_chatd("-l", "127.0.0.1:0", "-l", "192.0.2.55:8000", *extra)
        assert result.returncode == 1
        assert result.stderr == ("chatd: --listen: cannot listen on 192.0.2.55:8000: "
                                 "Cannot assign requested address\n")


def zone(path, hours):
    """A time zone file (RFC 8536) with one offset from UTC, put there as a whole."""
    body = (b"TZif2" + bytes(15) + struct.pack(">6L", 0, 0, 0, 0, 1, 4) +
            struct.pack(">lBB", hours * 3600, 0, 0) + b"ABC\0")
    fresh = path.with_name("fresh")
    fresh.write_bytes(body + body + b"\nABC%d\n" % -hours)
    fresh.rename(path)


def hour(line):
    return int(re.search(STAMP, line)[0][11:13])


def test_a_changed_time_zone(chatd, tmp_path):
    path = tmp_path / "zone"
    zone(path, 1)
    server = chatd(env={"TZ": f":{path}"})
    alice = server.join("alice")
    alice.say("one")
    before = hour(alice.until(said("alice", "one"))[-1])
    zone(path, 9)
    server.send_signal(signal.SIGHUP)
    server.wait_log("configuration read")
    alice.say("two")
    after = hour(alice.until(said("alice", "two"))[-1])
    assert (after - before) % 24 in (8, 9)  # an hour may end meanwhile


def test_a_log_that_is_cut(tmp_path):
    """As logrotate's copytruncate does with a file that standard output was sent to."""
    path = tmp_path / "log"
    with open(path, "wb") as file:
        process = subprocess.Popen([CHATD, "-l", "127.0.0.1:0"], stdout=file,
                                   stdin=subprocess.DEVNULL)
    until(lambda: b"Server ready" in path.read_bytes(), "a start")
    os.truncate(path, 0)
    process.terminate()
    assert process.wait() == 0
    assert path.read_bytes().startswith(b"Server stopped.")


@pytest.mark.parametrize("text", [
    b"\xef\xbb\xbfrate = 5\n", b"\xef\xbb\xbf# comment\nrate = 5\n", b"max_clients = 7\n",
    b"Listen = 127.0.0.1:0\n", b"QUIET = TRUE\nquiet = off\nquiet=1\nquiet = On\n",
])
def test_a_configuration_as_people_write_it(tmp_path, text):
    config = tmp_path / "conf"
    config.write_bytes(text)
    assert run_chatd("--check", "--config", config).stderr == ""


@pytest.mark.parametrize("option", ["--password-file", "--operator-file"])
@pytest.mark.parametrize("blank", [" ", "\t", " \r", "\u00a0", "\u3000"])
def test_a_password_with_a_blank_at_its_end(tmp_path, option, blank):
    path = tmp_path / "password"
    path.write_text(f"sesame{blank}\n", encoding="utf-8", newline="")
    path.chmod(0o600)
    result = run_chatd("-l", "127.0.0.1:0", option, path)
    assert result.returncode == 1
    assert result.stderr == (f"chatd: {option}: the password in {path} ends with a blank, "
                             "which nobody would type\n")


def test_a_password_with_a_byte_order_mark(chatd, tmp_path):
    path = tmp_path / "password"
    path.write_bytes(b"\xef\xbb\xbfsesame\n")
    path.chmod(0o600)
    client = chatd("--password-file", path).connect()
    client.until("=== password:")
    client.say("sesame", "hello")
    client.until(said("#1", "hello"))
