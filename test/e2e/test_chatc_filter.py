"""chatc when it is not on a terminal: a filter, its exit statuses, and its ways to a server."""

import os
import pty
import re
import resource
import signal
import socket
import subprocess

import pytest
from peer import check_memory, peer  # noqa: F401
from wire import CHATC, DEADLINE, said


def chatc(*args, said=b"", **options):
    """Runs chatc to its end."""
    if isinstance(said, str):
        said = said.encode()
    return subprocess.run([CHATC, *map(str, args)], input=said, capture_output=True,
                          timeout=DEADLINE, check=False, **options)


def start(*args, **options):
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
               **options}
    return subprocess.Popen([CHATC, *map(str, args)], **options)


def finish(process):
    """Ends its input and waits; returns its status and what it said on standard error."""
    if process.stdin.closed:
        process.stdin = None
    if process.stdout and process.stdout.closed:
        process.stdout = None
    _, errors = process.communicate(timeout=DEADLINE)
    return process.returncode, errors


def test_each_line_is_said(chatd):
    server = chatd()
    alice = server.join("alice")
    done = chatc("127.0.0.1", server.port, said="hi\n  spaces  \n//etc\n")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0].startswith("=== chatd: you are #2")
    assert [line for line in lines if line.startswith("[#2]")] == [
        line for line in alice.settle() if line.startswith("[#2]")]
    assert re.fullmatch(said("#2", "  spaces  "), lines[-2])
    assert re.fullmatch(said("#2", "/etc"), lines[-1])


def test_the_last_line_needs_no_end(chatd):
    server = chatd()
    done = chatc("127.0.0.1", server.port, said="one\ntwo")
    assert re.fullmatch(said("#1", "two"), done.stdout.decode().splitlines()[-1])


def test_nothing_to_say(chatd):
    done = chatc("127.0.0.1", chatd().port)
    assert done.returncode == 0 and done.stdout.startswith(b"=== ")


def test_many_lines_arrive_whole(chatd):
    server = chatd("--rate", 0)
    lines = "".join(f"{number}\n" for number in range(100000))
    done = chatc("-n", "counter", "127.0.0.1", server.port, said=lines)
    heard = re.findall(r"^\[counter\]: (\d+) --", done.stdout.decode(), re.MULTILINE)
    assert done.returncode == 0
    assert heard == [str(number) for number in range(100000)]


def test_the_rate_of_the_server_loses_nothing(chatd):
    server = chatd("--rate", 50, "--burst", 1)
    done = chatc("127.0.0.1", server.port, said="".join(f"{n}\n" for n in range(100)))
    assert len(re.findall(rb"^\[#1\]: \d+ --", done.stdout, re.MULTILINE)) == 100


def test_what_comes_is_printed_as_it_came(peer):
    process = start("127.0.0.1", peer.port)
    bare = peer.accept()
    noise = bytes(range(256)) + b"\x1b[2J\r\n\xff\xfe no end"
    bare.send(noise)
    process.stdin.close()
    bare.gone()
    bare.close()
    assert process.stdout.read() == noise
    assert finish(process) == (0, b"")


def test_a_line_is_printed_at_once(peer):
    process = start("127.0.0.1", peer.port)
    bare = peer.accept()
    bare.say("hello")
    assert process.stdout.readline() == b"hello\n"
    process.stdin.write(b"hi\n")
    process.stdin.flush()
    assert bare.line() == "hi"
    bare.close()
    assert process.wait(DEADLINE) == 1  # while its input is still open
    finish(process)


def test_after_its_input_it_waits_for_what_is_owed(peer):
    process = start("127.0.0.1", peer.port)
    bare = peer.accept()
    process.stdin.write(b"question\n")
    process.stdin.close()
    assert bare.eof() == ["question"]
    bare.say(*["answer"] * 50000)
    bare.close()
    assert process.stdout.read() == b"answer\n" * 50000
    assert finish(process) == (0, b"")


def test_it_reads_no_faster_than_the_server_takes(peer):
    process = start("127.0.0.1", peer.port)
    bare = peer.accept()
    os.set_blocking(process.stdin.fileno(), False)
    total, chunk = 0, b"x" * 63 + b"\n"
    try:
        while total < 64 << 20:
            os.write(process.stdin.fileno(), chunk * 64)
            total += 4096
    except BlockingIOError:
        pass
    # The pipe is full for good: neither side takes more than its buffers hold.
    assert total < 64 << 20
    check_memory(process.pid, 16)
    os.set_blocking(process.stdin.fileno(), True)
    process.stdin.close()
    assert len(bare.eof()) * len(chunk) >= total
    bare.close()
    assert finish(process) == (0, b"")


def test_the_nick_comes_first(chatd):
    done = chatc("--nick", "bob", "127.0.0.1", chatd().port, said="hi\n")
    assert re.search(r"^\*\*\* bob joined \(1 online\)", done.stdout.decode(), re.MULTILINE)
    assert re.fullmatch(said("bob", "hi"), done.stdout.decode().splitlines()[-1])


def test_a_server_that_is_no_chatd_is_told_no_nick(peer):
    process = start("-n", "bob", "127.0.0.1", peer.port)
    bare = peer.accept()
    bare.say("Welcome to something else")
    process.stdin.write(b"hi\n")
    process.stdin.close()
    assert bare.eof() == ["hi"]
    bare.close()
    assert process.stdout.read() == b"Welcome to something else\n"
    assert finish(process) == (0, b"")


def test_a_server_that_does_not_greet_is_not_waited_for(peer):
    process = start("-n", "bob", "127.0.0.1", peer.port)
    bare = peer.accept()
    process.stdin.write(b"hi\n")
    process.stdin.close()
    assert bare.eof() == ["hi"]
    bare.close()
    assert finish(process)[0] == 0


def test_the_password_is_answered(chatd, tmp_path):
    (tmp_path / "secret").write_text("sesame\nsecond line\n")
    server = chatd("--password-file", tmp_path / "secret")
    done = chatc("-n", "bob", "--password-file", tmp_path / "secret", "127.0.0.1", server.port,
                 said="hi\n")
    assert re.fullmatch(said("bob", "hi"), done.stdout.decode().splitlines()[-1])
    assert done.returncode == 0 and b"sesame" not in done.stdout + done.stderr
    (tmp_path / "wrong").write_text("open\n")
    done = chatc("-n", "bob", "--password-file", tmp_path / "wrong", "127.0.0.1", server.port,
                 said="hi\n")
    assert done.returncode == 1 and b"hi" not in done.stdout
    assert done.stderr.decode().splitlines() == [
        "!!! wrong password", f"chatc: {tmp_path / 'wrong'}: the password was refused"]


@pytest.mark.parametrize("nick", [[], ["-n", "bob"]])
def test_the_input_is_never_a_password(chatd, tmp_path, nick):
    (tmp_path / "secret").write_text("sesame\n")
    server = chatd("--password-file", tmp_path / "secret")
    done = chatc(*nick, "127.0.0.1", server.port, said="sesame\nhi\n")
    assert done.returncode == 1
    assert done.stdout == b"=== password:\n"
    assert done.stderr == (f"chatc: 127.0.0.1 port {server.port}: a password is asked for: "
                           "give it with --password-file\n".encode())


def test_a_late_question_for_the_password_is_not_answered_with_the_input(peer):
    process = start("127.0.0.1", peer.port)
    bare = peer.accept()
    process.stdin.write(b"secret\n")
    process.stdin.flush()
    bare.send("=== pass")
    bare.say("word:")
    assert bare.eof() == []
    assert finish(process)[0] == 1


def test_a_nick_that_is_not_to_be_had(chatd):
    server = chatd()
    alice = server.join("alice")
    done = chatc("-n", "alice", "127.0.0.1", server.port, said="hi\n")
    assert done.returncode == 1
    assert re.fullmatch(rb"!!! .*alice.*\n", done.stderr)
    assert not [line for line in alice.settle() if "]: hi --" in line]


@pytest.mark.parametrize("line, refusal", [
    ("x" * 1025, b"!!! message too long (1025 bytes, at most 1024): not sent\n"),
    ("/usr/bin/x", b"!!! unknown command /usr/bin/x, /help lists them all\n"),
])
def test_a_refusal_is_told_by_the_status(chatd, line, refusal):
    server = chatd()
    alice = server.join("alice")
    done = chatc("127.0.0.1", server.port, said=f"{line}\nhi\n")
    assert (done.returncode, done.stderr) == (1, refusal)
    assert refusal in done.stdout
    alice.until(said("#2", "hi"))  # and the others are said


@pytest.mark.parametrize("line", [
    "GET / HTTP/1.1", "SSH-2.0-x", "EHLO x", "*1", "OPTIONS / RTSP/1.0",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2",
])
def test_what_looks_like_a_protocol_is_said(chatd, line):
    server = chatd()
    alice = server.join("alice")
    done = chatc("127.0.0.1", server.port, said=f"{line}\n")
    assert (done.returncode, done.stderr) == (0, b"")
    alice.until(said("#2", line))
    assert b"ping" not in done.stdout and b"pong" not in done.stdout


def test_say(chatd):
    server = chatd()
    alice = server.join("alice")
    done = chatc("-n", "bob", "--say", "disk is full", "127.0.0.1", server.port, said="not this")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    alice.until(said("bob", "disk is full"))
    done = chatc("--say", "/who", "127.0.0.1", server.port)
    assert done.returncode == 0
    assert done.stdout.startswith(b"=== 2 online:\n=== alice since ")
    done = chatc("--say", "/nosuch", "127.0.0.1", server.port)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"!!! unknown command /nosuch, /help lists them all\n"
    done = chatc("-n", "alice", "--say", "hi", "127.0.0.1", server.port)
    assert done.returncode == 1 and b"alice" in done.stderr
    assert not [line for line in alice.settle() if "]: hi --" in line or "not this" in line]


def test_an_operator_asks_through_the_socket(chatd, tmp_path):
    server = chatd(listen=[f"unix:{tmp_path}/operator,operator"])
    done = chatc(f"unix:{tmp_path}/operator", said="/who\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert re.search(rb"^=== 1 online:$", done.stdout, re.MULTILINE)
    assert server.is_running()


def test_a_room_is_joined_before_anything_is_said(peer):
    process = start("-n", "bob", f"127.0.0.1:{peer.port}/tea")
    bare = peer.accept()
    process.stdin.write(b"hi\n")
    process.stdin.close()
    bare.say("=== peer: you are #3, 2 of 256 online, /help for help")
    assert bare.line() == "/join tea"
    bare.say("=== room tea: 1 online")
    assert bare.until("/ping chatc") == ["/nick bob", "/ping chatc"]
    bare.say("*** bob joined (1 online) --Wed Oct 19 21:24:05 2022", "=== pong chatc")
    assert bare.eof() == ["hi"]
    bare.close()
    assert process.stdout.read().decode().splitlines()[1:] == [
        "=== room tea: 1 online", "*** bob joined (1 online) --Wed Oct 19 21:24:05 2022"]
    assert finish(process) == (0, b"")


def test_a_room_that_is_not_there(peer):
    process = start("-r", "tea", "127.0.0.1", peer.port)
    bare = peer.accept()
    process.stdin.write(b"hi\n")
    process.stdin.close()
    bare.say("=== peer: you are #3, 2 of 256 online, /help for help")
    bare.until("/join tea")
    bare.say("!!! no such room")
    assert bare.eof() == []
    assert finish(process) == (1, b"!!! no such room\n")


def test_a_nick_that_is_pinned(chatd):
    server = chatd()
    alice = server.join("alice")
    lines = ["/nick eve", "\u200b/nick eve", "x\b/nick eve", "//nick", "one\r/nick eve", "/nosuch", "hi"]
    done = chatc("-n", "bob", "--pinned", "127.0.0.1", server.port, said="\n".join(lines))
    assert done.returncode == 1
    assert b"!!! the nick is pinned: not sent\n" in done.stderr
    heard = alice.until(r"\*\*\* bob left .*")
    assert not [line for line in heard if line.startswith("*** ") and "eve" in line]
    assert [line for line in heard if line.startswith("[bob]: hi --")]
    assert [line for line in heard if line.startswith("[bob]: /nick --")]


def test_the_server_is_lost(chatd):
    server = chatd()
    process = start("127.0.0.1", server.port)
    server.wait_log("client .#1. connect")
    server.kill()
    assert process.wait(DEADLINE) == 1  # while its input is still open
    assert finish(process) == (1, b"loss connect!\n")


def test_a_reset_is_a_loss_even_at_the_end(peer):
    process = start("127.0.0.1", peer.port)
    bare = peer.accept()
    process.stdin.close()
    assert bare.eof() == []
    bare.reset()
    assert finish(process) == (1, b"loss connect!\n")


def test_what_the_server_says_last_is_printed(chatd):
    server = chatd("-m", 1)
    first = server.join("alice")
    process = start("127.0.0.1", server.port)
    assert process.stdout.read() == (
        b"!!! server full (1 of 1 clients), try again later\n")
    told = b"!!! server full (1 of 1 clients), try again later\nloss connect!\n"
    assert finish(process) == (1, told)
    # Its input ended in order, but nobody has heard it.
    done = chatc("127.0.0.1", server.port, said="hi\n")
    assert (done.returncode, done.stderr) == (1, told)
    first.close()


@pytest.mark.parametrize("quit", [b"/quit enough", b"/Quit\tenough"])
def test_quit_is_no_loss(chatd, quit):
    process = start("127.0.0.1", chatd().port)
    process.stdin.write(b"hi\n" + quit + b"\n")
    process.stdin.flush()
    # Its input is still open: it ends because the server closes.
    output = process.stdout.read().decode().splitlines()
    assert process.wait(DEADLINE) == 0
    assert re.fullmatch(said("#1", "hi"), output[-1]) or "left (enough)" in output[-1]
    assert finish(process) == (0, b"")


def test_nobody_reads_the_output_any_more(chatd):
    server = chatd("--rate", 0)
    alice = server.join("alice")
    process = start("-n", "bob", "127.0.0.1", server.port)
    process.stdin.write(b"".join(b"%d\n" % number for number in range(5000)))
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    # Its input is still open, but pauses.
    assert process.wait(DEADLINE) == 0
    heard = [re.match(r"\[bob\]: (\d+) ", line) for line in alice.until(r"\*\*\* bob left .*")]
    assert [int(match[1]) for match in heard if match] == list(range(5000))
    assert finish(process) == (0, b"")


def test_the_output_can_not_be_written(chatd):
    with open("/dev/full", "wb") as full:
        process = start("127.0.0.1", chatd().port, stdout=full)
        assert finish(process) == (1, b"chatc: standard output: No space left on device\n")


def test_standard_descriptors_may_be_closed(chatd):
    server = chatd()
    alice = server.join("alice")
    script = f'exec {CHATC} 127.0.0.1 {server.port} "$@"'
    for closed in ("<&-", ">&-", "<&- >&-"):
        done = subprocess.run(["sh", "-c", f"{script} {closed}"], input=b"hi\n",
                              timeout=DEADLINE, stderr=subprocess.PIPE, check=False,
                              stdout=subprocess.DEVNULL)
        assert (done.returncode, done.stderr) == (0, b"")
    assert sum(line.endswith("hi") or "]: hi --" in line for line in alice.settle()) == 1


def test_on_a_terminal_nothing_can_hurt_it(peer):
    master, slave = pty.openpty()
    process = start("127.0.0.1", peer.port, stdout=slave)
    os.close(slave)
    bare = peer.accept()
    bare.send(b"a\x1b[2Jb\x9b\x07\r\n\xff\n")
    process.stdin.close()
    bare.gone()
    bare.close()
    assert process.wait(DEADLINE) == 0
    assert os.read(master, 4096) == "ab\ufffd\r\n\ufffd\r\n".encode()
    os.close(master)
    finish(process)


def test_on_a_terminal_a_line_that_is_too_long_is_told_of(peer):
    master, slave = pty.openpty()
    process = start("127.0.0.1", peer.port, stdout=slave)
    os.close(slave)
    bare = peer.accept()
    bare.send(b"first\n" + b"x" * 300000 + b"\n" + b"y" * 400000)
    process.stdin.close()
    bare.gone()
    bare.close()
    assert process.wait(DEADLINE) == 0
    shown = b""
    while shown.count(b"\n") < 3:
        shown += os.read(master, 4096)
    assert shown == (
        b"first\r\na line of 300000 bytes came, too long to show\r\n"
        b"a line of 400000 bytes came, too long to show\r\n")
    os.close(master)
    finish(process)


def test_no_server():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        port = taken.getsockname()[1]
        done = chatc("127.0.0.1", port, said="hi\n")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"connect fail: 127.0.0.1 port {port}: Connection refused\n"
    done = chatc("no-such-host.invalid")
    assert done.returncode == 1
    assert re.fullmatch(rb"connect fail: no-such-host\.invalid port 8000: .+\n", done.stderr)


def test_every_address_of_a_name_is_tried(chatd):
    *_, (family, _, _, _, address) = socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)
    last = f"[{address[0]}]" if family == socket.AF_INET6 else address[0]
    server = chatd(listen=f"{last}:0")
    assert chatc("localhost", server.port, said="hi\n").returncode == 0


def test_a_unix_socket(chatd, tmp_path):
    server = chatd(listen=f"unix:{tmp_path}/chat")
    done = chatc(f"unix:{tmp_path}/chat", said="hi\n")
    assert done.returncode == 0 and server.is_running()
    assert re.fullmatch(said("#1", "hi"), done.stdout.decode().splitlines()[-1])
    done = chatc(f"unix:{tmp_path}/none")
    assert (done.returncode, done.stderr) == (
        1, f"connect fail: unix:{tmp_path}/none: No such file or directory\n".encode())
    done = chatc("unix:/" + "x" * 200)
    assert (done.returncode, done.stderr) == (
        1, b"connect fail: unix:/" + b"x" * 200 + b": the path of the socket is too long\n")


def test_a_command_in_place_of_a_socket(chatd, tool):
    server = chatd()
    done = chatc("--command", f"echo 100%% >&2; {tool('nc.openbsd')} -N %h %p", "127.0.0.1",
                 server.port, said="hi\n")
    assert (done.returncode, done.stderr) == (0, b"100%\n")
    assert re.fullmatch(said("#1", "hi"), done.stdout.decode().splitlines()[-1])
    assert chatc("--command", "echo %h %p; cat").stdout == b"localhost 8000\n"
    for place, meant in (("host:8001", b"host 8001"), ("[::1]:8001", b"::1 8001"),
                         ("[::1]", b"::1 8000"), ("::1", b"::1 8000"), ("fe80::1%eth0", b"fe80::1%eth0 8000")):
        assert chatc("--command", "echo %h %p; cat", place).stdout == meant + b"\n"
    done = chatc("--command", "exit 3", said="hi\n")
    assert (done.returncode, done.stderr) == (
        1, b"connect fail: the command ended with status 3\n")
    done = chatc("--command", "kill -9 $$", said="hi\n")
    assert (done.returncode, done.stderr) == (
        1, b"connect fail: the command was ended by signal 9\n")
    # Even if it has taken all there was to say.
    done = chatc("--command", "cat >/dev/null; exit 255", said="hi\n")
    assert (done.returncode, done.stderr) == (
        1, b"connect fail: the command ended with status 255\n")


def test_the_log_is_appended_to(chatd, peer, tmp_path):
    log = tmp_path / "log"
    log.write_text("before\n")
    process = start("--log", log, "127.0.0.1", peer.port)
    bare = peer.accept()
    bare.send(b"a\x1b[2Jb\n\xff no end")
    process.stdin.close()
    bare.gone()
    bare.close()
    assert finish(process)[0] == 0
    assert log.read_text() == "before\nab\n\ufffd no end\n"
    assert chatc("--log", tmp_path / "new", "127.0.0.1", chatd().port).returncode == 0
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    done = chatc("--log", tmp_path / "none" / "log", "127.0.0.1", chatd().port)
    assert done.returncode == 1
    assert done.stderr == (
        f"chatc: --log {tmp_path}/none/log: No such file or directory\n".encode())


def test_a_log_that_has_grown_too_large(tmp_path):
    """It is told of, and what is heard is printed all the same."""
    log = tmp_path / "log"
    done = chatc("--log", log, "--command", "printf %0200d 0; cat >/dev/null", preexec_fn=lambda:
                 resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
    assert done.stderr == f"chatc: --log {log}: File too large\n".encode()
    assert done.stdout.rstrip(b"\n") == b"0" * 200
    assert log.read_text() == "0" * 100


@pytest.mark.parametrize("number", ["PIPE", "XFSZ"])
def test_a_command_ignores_no_signal(number):
    assert b"alive" not in chatc("--command", f"kill -{number} $$; echo alive").stdout


@pytest.mark.parametrize("args, message", [
    (["-x"], "option -x: is not known (see chatc --help)"),
    (["--x"], "option --x: is not known (see chatc --help)"),
    (["-n"], "option -n: needs a value (see chatc --help)"),
    (["--plain=1"], "option --plain=1: takes no value"),
    (["-n", ""], "--nick '': a nick can't be empty"),
    (["-n", "a b"], "--nick 'a b': a nick has no blanks and no control characters"),
    (["-n", "#1"], "--nick '#1': a nick does not begin with '#', numbers do"),
    (["-n", "x" * 33], f"--nick '{'x' * 33}': a nick has at most 32 bytes"),
    (["--color", "blue"], "--color 'blue': must be auto, always or never"),
    (["--bell", "loud"], "--bell 'loud': must be mentions, all or off"),
    (["--command", ""], "--command '': there is no command"),
    ([""], "host '': there is no name"),
    (["unix:"], "unix: '': there is no path"),
    (["unix:/x", "8000"], "argument '8000': a unix socket has no port"),
    (["localhost", "0"], "port '0': must be a number from 1 to 65535"),
    (["localhost", "65536"], "port '65536': must be a number from 1 to 65535"),
    (["localhost", "http"], "port 'http': must be a number from 1 to 65535"),
    (["localhost", "1", "2"], "too many arguments: '2'"),
    (["--p"], "option --p: is ambiguous (--password-file, --plain, --pinned)"),
    (["--co=x"], "option --co=x: is ambiguous (--command, --color)"),
    (["localhost:http"], "port 'http': must be a number from 1 to 65535"),
    (["localhost:"], "port '': must be a number from 1 to 65535"),
    (["[::1]:0"], "port '0': must be a number from 1 to 65535"),
    ([":8000"], "host '': there is no name"),
    (["localhost:1", "2"], "port '2': it is given twice"),
    (["--command", "nc %h %p", "x;touch pwned;y"],
     "host 'x;touch pwned;y': such a name is not handed to a command"),
    (["--command", "nc %h %p", "--", "-oProxyCommand=x"],
     "host '-oProxyCommand=x': such a name is not handed to a command"),
    (["--command", "nc %h %p", "$(x)"],
     "host '$(x)': such a name is not handed to a command"),
    (["--command", "nc -U %h", "unix:/a b"],
     "unix: '/a b': such a name is not handed to a command"),
    (["tls:a b"], "host 'a b': such a name is not handed to a command"),
    (["ssh:-oProxyCommand=x"], "host '-oProxyCommand=x': such a name is not handed to a command"),
    (["ssh:-x@host"], "user '-x': such a name is not handed to a command"),
    (["ssh:@host"], "user '': such a name is not handed to a command"),
    (["--command", "x", "tls:host"], "--command 'x': tls: and ssh: have a command of their own"),
    (["--command", "x", "one,two"], "--command 'x': goes with one host"),
    (["localhost/"], "room '': there is no name"),
    (["-r", "a b"], "--room 'a b': a room has no blanks and no control characters"),
    (["--say", " "], "--say ' ': there is nothing to say"),
    (["--joins", "x"], "--joins 'x': must be show, fold or hide"),
    (["a,,b"], "host '': there is no name"),
])
def test_usage(args, message):
    done = chatc(*args)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"chatc: {message}\n"


def test_files_that_can_not_be_read(tmp_path):
    done = chatc("--password-file", tmp_path / "none")
    assert done.returncode == 1
    assert done.stderr == (
        f"chatc: --password-file {tmp_path}/none: No such file or directory\n".encode())
    done = chatc("--password-file", tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"chatc: --password-file {tmp_path}: Is a directory\n".encode()
    for text in ("", "\n", "\r\nsesame\n"):
        (tmp_path / "empty").write_text(text)
        done = chatc("--password-file", tmp_path / "empty")
        assert done.returncode == 1
        assert done.stderr == (
            f"chatc: --password-file {tmp_path}/empty: there is no password in it\n".encode())


def test_help_and_version():
    done = chatc("--help")
    assert (done.returncode, done.stderr) == (0, b"")
    for option in ("--nick", "--password-file", "--command", "--no-reconnect", "--color",
                   "--plain", "--bell", "--log", "--help", "--version", "--room", "--say",
                   "--relay", "--pinned", "--notify", "--highlight", "--time", "--joins",
                   "--no-status"):
        assert option in done.stdout.decode()
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert re.fullmatch(rb"chatc \d+\.\d+\.\d+ \(Unicode [\d.]+\)\n", chatc("-V").stdout)
    for option in ("--help", "-V"):
        with open("/dev/full", "wb") as full:
            process = start(option, stdout=full)
            assert finish(process) == (1, b"chatc: standard output: No space left on device\n")


def test_an_interrupt_ends_it(peer):
    process = start("127.0.0.1", peer.port)
    peer.accept().close()
    process.wait(DEADLINE)
    finish(process)
    process = start("127.0.0.1", peer.port)
    bare = peer.accept()
    bare.say("here")
    assert process.stdout.readline() == b"here\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(DEADLINE) == -signal.SIGINT
    bare.close()
    finish(process)
