"""The history file: nothing lost at a crash, nobody held up by a disk."""

import os
import random
import re
import resource
import signal
import socket
import threading
import time

import pytest

from wire import CHATD, STAMP, event, run_chatd, said, until

RECORD = r"@(\d+) (\d+) (.*)"


def records(path):
    """(ID, EPOCH, line) of each record; every line is a record or a header."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == "", "the file ends within a line"
    assert re.fullmatch(r"=== chatd history 1, next @\d+", lines[0])
    found = [re.fullmatch(RECORD, line) for line in lines if not line.startswith("=== ")]
    assert all(found)
    return [(int(match[1]), int(match[2]), match[3]) for match in found]


def texts(path):
    return [line for _, _, line in records(path)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history"


def test_every_line_of_the_feed_and_no_other(chatd, path):
    server = chatd("--history", path)
    alice, bob = server.join("alice"), server.join("bob")
    alice.say("hello", "/me waves", "/msg bob secret", "/nick anna", "  tab\there \x1b[2Jsafe")
    alice.until(said("anna", "  tab    here safe"))
    bob.say("/quit bye")
    alice.until(event("bob left (bye)"))
    assert server.stop() == 0
    got = texts(path)
    patterns = [event("alice joined (1 online)"), event("bob joined (2 online)"),
                said("alice", "hello"), r"\* alice waves --" + STAMP,
                event("alice is now anna"), said("anna", "  tab    here safe"),
                event("bob left (bye)"), event("server shutting down")]
    assert len(got) >= len(patterns)
    for line, pattern in zip(got, patterns):
        assert re.fullmatch(pattern, line), f"{line!r} is not {pattern!r}"
    assert [number for number, _, _ in records(path)] == list(range(1, len(got) + 1))
    assert path.stat().st_mode & 0o7777 == 0o600
    assert b"\x1b" not in path.read_bytes()


def resumed(client, number):
    """The tagged lines that /resume repeats: (ID, EPOCH, line) of each."""
    client.say(f"/resume {number}")
    found = (re.fullmatch(RECORD, line) for line in client.settle())
    return [(int(match[1]), int(match[2]), match[3]) for match in found if match]


def test_epoch_tells_the_two_hours_apart(chatd, path):
    """The stamp of a line can mean two moments in autumn; the EPOCH before it means one."""
    stamp = "--Sun Oct 30 02:30:00 2022"
    path.write_text("=== chatd history 1, next @1\n"
                    f"@1 1667089800 [#1]: in summer time {stamp}\n"
                    f"@2 1667093400 [#1]: in winter time {stamp}\n")
    server = chatd("--history", path, env={"TZ": "Europe/Berlin"})
    alice = server.join("alice")
    assert [epoch for _, epoch, _ in resumed(alice, 0)][:2] == [1667089800, 1667093400]


def test_epoch_is_the_time(chatd, path):
    begin = int(time.time())
    server = chatd("--history", path)
    server.join("alice")
    server.stop()
    assert all(begin <= epoch <= time.time() for _, epoch, _ in records(path))


def test_replayed_after_a_restart(chatd, path):
    server = chatd("--history", path)
    alice = server.join("alice")
    for n in range(20):
        alice.say(f"line {n}")
    alice.until(said("alice", "line 19"))
    server.stop()
    server = chatd("--history", path)
    bob = server.connect()
    bob.line()
    bob.expect(*[said("alice", f"line {n}") for n in range(10, 20)])
    bob.say("/replay 12")
    bob.until(said("alice", "line 8"))


def test_ids_go_on(chatd, path):
    server = chatd("--history", path)
    alice = server.join("alice")
    alice.say("/resume")
    last = int(re.search(r"=== resume (\d+)", alice.until(r"=== resume .*")[-1])[1])
    server.stop()
    server = chatd("--history", path)
    assert resumed(server.connect(), last)[0][0] == last + 1
    server.stop()
    numbers = [number for number, _, _ in records(path)]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("sync", ["none", "interval", "always"])
def test_on_disk_before_anyone_sees_it(chatd, path, sync):
    server = chatd("--history", path, "--sync", sync, "--rate", 0)
    alice = server.join("alice")
    for n in range(50):
        alice.say(f"line {n}")
        alice.expect(said("alice", f"line {n}"))
        assert f"[alice]: line {n} --" in path.read_text()


def test_torn_end(chatd, path):
    server = chatd("--history", path)
    server.join("alice")
    server.stop()
    whole = path.read_bytes()
    path.write_bytes(whole + b"@9 16662")
    server = chatd("--history", path)
    server.wait_log(r"cut off a torn line of 8 bytes")
    assert path.read_bytes() == whole


def test_damage_in_the_middle(chatd, path):
    server = chatd("--history", path)
    alice = server.join("alice")
    alice.say("one", "two", "three")
    alice.until(said("alice", "three"))
    server.stop()
    lines = path.read_bytes().split(b"\n")
    lines[3] = b"\0\0\0"
    path.write_bytes(b"\n".join(lines))
    server = chatd("--history", path)
    server.wait_log(r"skipped 1 line that cannot be read, first at byte \d+")
    bob = server.connect()
    bob.line()
    bob.expect(said("alice", "one"), said("alice", "three"))
    numbers = [number for number, _, _ in resumed(bob, 0)]
    assert 3 not in numbers and 4 in numbers


@pytest.mark.parametrize("text", ["hello\n", "hello", "\n", "#!/bin/sh\n", "\0" * 100,
                                  "=== chatd history 2, next @1\n"])
def test_foreign_file_is_refused_and_untouched(path, text):
    path.write_text(text)
    for extra in [[], ["--check"]]:
        result = run_chatd("-l", "127.0.0.1:0", "--history", path, *extra)
        assert result.returncode == 1
        assert re.fullmatch(rf"chatd: --history: {re.escape(str(path))} .*\n", result.stderr)
        assert path.read_text() == text


def test_two_servers_never_share_a_file(chatd, path):
    chatd("--history", path)
    result = run_chatd("-l", "127.0.0.1:0", "--history", path)
    assert result.returncode == 1 and "in use by another chatd" in result.stderr


def test_rotation(chatd, path):
    server = chatd("--history", path)
    alice = server.join("alice")
    alice.say("before")
    alice.until(said("alice", "before"))
    old = path.with_name("history.1")
    path.rename(old)
    server.send_signal(signal.SIGHUP)
    server.wait_log("configuration read")
    alice.say("behind")
    alice.until(said("alice", "behind"))
    assert any(re.fullmatch(said("alice", "before"), line) for line in texts(old))
    assert [line for line in texts(path) if "alice" in line] == [texts(path)[0]]
    assert records(path)[0][0] == records(old)[-1][0] + 1


def test_moved_where_the_sandbox_does_not_let_it(chatd, path, tmp_path_factory):
    server = chatd("--history", path)
    confined = "Landlock" in server.wait_log("sandbox: .*")[0]
    path.unlink()
    path.symlink_to(tmp_path_factory.mktemp("elsewhere") / "history")
    server.send_signal(signal.SIGHUP)
    server.wait_log(r"cannot be opened \(another folder needs a restart\): Permission denied; "
                    "the old file goes on" if confined else "configuration read")
    alice = server.join("alice")
    alice.say("hello")
    alice.expect(said("alice", "hello"))


def full_disk(limit):
    """A preexec_fn: files cannot grow beyond so many bytes."""
    def run():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    return run


def test_full_disk(chatd, path, tmp_path):
    secret = tmp_path / "operator"
    secret.write_text("sesame\n")
    secret.chmod(0o600)
    server = chatd("--history", path, "--operator-file", secret, "--rate", 0,
                   preexec_fn=full_disk(1000))
    alice, root = server.join("alice"), server.join("root")
    root.say("/op sesame")
    root.settle()
    for n in range(30):
        alice.say(f"line {n}")
        alice.until(said("alice", f"line {n}"))  # the room goes on
    root.until(r"=== .*history.*cannot be written.*|=== .*history.*can't be written.*")
    server.wait_log(r"history .*written: File too large")
    assert len(path.read_bytes()) <= 1000 and path.read_bytes().endswith(b"\n")
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    root.until(r"=== .*history.*again.*")
    alice.say("end")
    alice.until(said("alice", "end"))
    server.stop()
    said_lines = [line for line in texts(path) if line.startswith("[alice]: line")]
    assert len(said_lines) == 30
    numbers = [number for number, _, _ in records(path)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_stop_with_a_full_disk(chatd, path):
    """What it could not write until then is written if it can be by now, and told if it can't."""
    for limit, complaint in ((1000, False), (1000, True)):
        path.unlink(missing_ok=True)
        server = chatd("--history", path, "--rate", 0, preexec_fn=full_disk(limit))
        alice = server.join("alice")
        for n in range(30):
            alice.say(f"line {n}")
            alice.until(said("alice", f"line {n}"))
        server.wait_log(r"history .*written: File too large")
        if not complaint:
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE,
                             (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        server.stop()
        lines = [line for line in texts(path) if line.startswith("[alice]: line")]
        lacks = 30 - len(lines) + 1  # and that it was shutting down
        if complaint:
            server.wait_log(f"^the last {lacks} lines are not in the history$")
        else:
            assert lacks == 1 and "server shutting down" in texts(path)[-1]


def test_full_device(chatd):
    server = chatd("--history", "/dev/full")
    server.wait_log("No space left on device")
    alice = server.join("alice")
    alice.say("hello")
    alice.expect(said("alice", "hello"))


class Witness:
    """A client that keeps what it received, in a thread, until the server dies."""

    def __init__(self, port, nick, speaks):
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.sendall(f"/nick {nick}\n/resume\n".encode())
        self.received = b""
        self.threads = [threading.Thread(target=self.read)]
        if speaks:
            self.threads.append(threading.Thread(target=self.speak))
        for thread in self.threads:
            thread.start()

    def read(self):
        try:
            while data := self.sock.recv(65536):
                self.received += data
        except OSError:
            pass

    def speak(self):
        count = 0
        try:
            while True:
                self.sock.sendall(b"".join(b"line %d\n" % (count + n) for n in range(10)))
                count += 10
                time.sleep(0.001)
        except OSError:
            pass

    def lines(self):
        for thread in self.threads:
            thread.join()
        self.sock.close()
        return re.findall(rb"^(@\d+ \d+ .*)\n", self.received, re.M)


def test_killed_at_any_moment(chatd, path):
    """What anybody has received is in the file, and IDs go on without a gap or a repetition."""
    times = int(os.environ.get("CHAT_TEST_KILLS", "40"))
    dice = random.Random(1)
    total = 0
    for n in range(times):
        server = chatd("--history", path, "--sync", "always", "--rate", 0)
        witnesses = [Witness(server.port, f"w{n}", n < 3) for n in range(6)]
        time.sleep(dice.uniform(0.01, 0.15))
        server.kill()
        seen = {line for witness in witnesses for line in witness.lines()}
        kept = set(path.read_bytes().split(b"\n"))
        assert seen <= kept, f"kill {n}: {list(seen - kept)[:3]}"
        total += len(seen)
    server = chatd("--history", path)
    server.stop()
    numbers = [number for number, _, _ in records(path)]
    assert numbers == list(range(1, len(numbers) + 1))
    print(f"{times} kills, {total} lines seen, {len(numbers)} lines kept")


def test_ten_gigabytes(chatd, path):
    """Start-up reads only what the feed can hold. The file is sparse: it has a hole before it."""
    line = "@{0} 1666207445 [#1]: line {0} --Wed Oct 19 21:24:05 2022\n"
    with open(path, "wb") as file:
        file.write(b"=== chatd history 1, next @1\n")
        file.seek(10 << 30)
        file.write("".join(map(line.format, range(10**8, 10**8 + 100000))).encode())
    begin = time.monotonic()
    server = chatd("--history", path, "--replay", 3)
    print(f"started with {path.stat().st_size >> 30} GB in "
          f"{(time.monotonic() - begin) * 1000:.0f} ms")
    client = server.connect()
    client.line()
    client.expect(*[said("#1", f"line {10**8 + 99997 + n}") for n in range(3)])


def disk_process(server):
    """The process that waits for the disk."""
    with open(f"/proc/{server.pid}/task/{server.pid}/children", encoding="ascii") as file:
        children = file.read().split()
    assert len(children) == 1
    return int(children[0])


def test_nothing_is_seen_before_it_is_on_disk(chatd, path):
    """And nobody else waits for the disk."""
    server = chatd("--history", path, "--sync", "always")
    alice, bob, carol = server.join("alice"), server.join("bob"), server.join("carol")
    alice.until(event("carol joined (3 online)"))
    bob.until(event("carol joined (3 online)"))
    child = disk_process(server)
    os.kill(child, signal.SIGSTOP)
    alice.say("hello", "/msg bob psst", "/settle", "/quit bye")
    until(lambda: b"bye" in path.read_bytes(), "the lines in the file")
    assert not any("hello" in line for line in carol.settle())
    carol.say("/resume")
    number = int(re.search(r"=== resume (\d+)", carol.until(r"=== resume .*")[-1])[1])
    newcomer = server.connect()
    newcomer.until("=== .*you are #.*")
    assert not any("hello" in line for line in newcomer.settle())
    os.kill(child, signal.SIGCONT)
    alice.expect(said("alice", "hello"), r"\[you -> bob\]: psst --.*", "!!! .*")
    bob.until(said("alice", "hello"))
    bob.expect(r"\[alice -> you\]: psst --.*", event("alice left (bye)"))
    first = carol.line()
    assert re.fullmatch(rf"@{number + 1} \d+ " + said("alice", "hello"), first)
    alice.eof()
    newcomer.until(event("alice left (bye)"))


def test_the_process_for_the_disk_is_killed(chatd, path):
    server = chatd("--history", path, "--sync", "always")
    alice = server.join("alice")
    child = disk_process(server)
    os.kill(child, signal.SIGSTOP)
    alice.say("hello")
    until(lambda: b"hello" in path.read_bytes(), "the line in the file")
    os.kill(child, signal.SIGKILL)
    alice.expect(said("alice", "hello"))
    server.wait_log("the process that waits for the disk has ended: the server does so itself")
    alice.say("still here")
    alice.expect(said("alice", "still here"))


def test_an_upgrade_while_the_disk_is_busy(chatd, path):
    server = chatd("--history", path, "--sync", "always")
    alice, bob = server.join("alice"), server.join("bob")
    alice.until(event("bob joined (2 online)"))
    child = disk_process(server)
    os.kill(child, signal.SIGSTOP)
    alice.say("hello")
    until(lambda: b"hello" in path.read_bytes(), "the line in the file")
    server.send_signal(signal.SIGUSR2)
    os.kill(child, signal.SIGCONT)
    server.wait_log("upgraded to chatd")
    bob.until(said("alice", "hello"))
    until(lambda: disk_process(server) != child, "another process")
    os.kill(disk_process(server), signal.SIGSTOP)
    alice.say("again")
    until(lambda: b"again" in path.read_bytes(), "the line in the file")
    assert not any("again" in line for line in bob.settle())
    os.kill(disk_process(server), signal.SIGCONT)
    bob.until(said("alice", "again"))


def test_the_process_ends_with_the_server(chatd, path):
    server = chatd("--history", path)
    server.join("alice")
    child = disk_process(server)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2):
        os.kill(child, number)  # as to the whole group
    assert disk_process(server) == child
    server.kill()
    until(lambda: not os.path.exists(f"/proc/{child}") or
          open(f"/proc/{child}/stat", encoding="ascii").read().split()[2] == "Z", "its end")


@pytest.mark.parametrize("way", ["removed", "moved", "edited", "cut"])
def test_the_file_is_not_there_any_more(chatd, path, way):
    server = chatd("--history", path)
    alice = server.join("alice")
    alice.say("one", "two")
    alice.until(said("alice", "two"))
    if way == "removed":
        path.unlink()
    elif way == "moved":
        path.rename(path.with_name("elsewhere"))
    elif way == "edited":
        fresh = path.with_name("fresh")
        fresh.write_text(path.read_text().replace("one", "1"))
        fresh.rename(path)
    else:
        os.truncate(path, 0)
    alice.say("three")
    server.wait_log("is not the file any more that was written")
    assert server.stop() == 0
    got = [line for line in texts(path) if line.startswith("[alice]")]
    assert [line.split(" --")[0] for line in got] == [
        "[alice]: 1" if way == "edited" else "[alice]: one", "[alice]: two", "[alice]: three"]


def test_a_rotated_history_is_read_too(chatd, path):
    server = chatd("--history", path)
    alice = server.join("alice")
    alice.say("before")
    alice.until(said("alice", "before"))
    path.rename(path.with_name("history.1"))
    server.send_signal(signal.SIGHUP)
    server.wait_log("configuration read")
    server.stop()
    server = chatd("--history", path)
    bob = server.connect()
    bob.until(said("alice", "before"))
    assert not any("skipped" in line for line in server.log)


def test_numbers_are_not_used_again_after_a_full_disk(chatd, path):
    server = chatd("--history", path, preexec_fn=full_disk(300))
    alice = server.join("alice")
    alice.say("/resume")
    for n in range(20):
        alice.say(f"line {n}")
    told = int(alice.until(r"@\d+ \d+ " + said("alice", "line 19"))[-1].split()[0][1:])
    server.wait_log("cannot be written|can't be written")
    server.stop()
    server = chatd("--history", path)
    bob = server.connect()
    bob.say("/resume")
    last = int(re.search(r"=== resume (\d+)", bob.until(r"=== resume .*")[-1])[1])
    assert last > told
    server.kill()


@pytest.mark.parametrize("error", ["ENOLCK", "ENOSYS", "EOPNOTSUPP", "EPERM"])
def test_a_file_system_without_locks(chatd, path, tool, tmp_path, error):
    script = tmp_path / "no-locks"
    script.write_text(f"#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec {tool('strace')} -D -qq "
                      f'-o /dev/null -e inject=flock:error={error} {CHATD} "$@"\n')
    script.chmod(0o755)
    server = chatd("--history", path, program=str(script))
    server.wait_log(r"^warning: history .* cannot be locked")
    alice = server.join("alice")
    alice.say("hello")
    alice.expect(said("alice", "hello"))
    assert any("hello" in line for line in texts(path))
