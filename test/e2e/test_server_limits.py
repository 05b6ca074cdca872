"""Descriptors: what -m needs, and what happens when they run out all the same."""

import os
import re
import resource
import subprocess
import time

from wire import CHATD, DEADLINE, event, said, until


def pause(seconds):
    """Time in which nothing ought to happen."""
    time.sleep(seconds)


def test_server_full(chatd):
    """The line arrives whole, also at one who has already sent much."""
    server = chatd("-m", 2)
    alice, bob = server.join("alice"), server.join("bob")
    for _ in range(200):
        late = server.connect()
        late.send(b"x" * 5000 + b"\n")
        late.expect(r"!!! server full \(2 of 2 clients\), try again later")
        assert late.eof() == []
        late.close()
    bob.close()
    server.connect().expect("=== .*you are #2.*")


def test_server_full_for_hundreds_at_once(chatd):
    """All are told, though none of them reads or ends until the last has come; the room goes on."""
    server = chatd("-m", 2)
    alice, bob = server.join("alice"), server.join("bob")
    late = [server.connect() for _ in range(500)]
    for client in late:
        client.expect(r"!!! server full \(2 of 2 clients\), try again later")
        client.eof()
    alice.say("still here")
    bob.until(said("alice", "still here"))
    bob.say("/quit")
    bob.eof()
    server.join("carol").say("in")
    alice.until(said("carol", "in"))


def test_a_place_is_free_as_soon_as_its_client_has_left(chatd):
    server = chatd("-m", 1)
    for n in range(300):
        client = server.connect()
        client.expect("=== .*you are #1, 1 of 1.*")
        (client.close if n % 2 else client.reset)()


def test_the_limit_is_raised(chatd):
    def lower():
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    server = chatd("-m", 300, preexec_fn=lower)
    clients = [server.connect() for _ in range(300)]
    for client in clients:
        client.expect("=== .*")


def test_a_limit_that_cannot_be_raised_names_both_numbers():
    def lower_for_good():
        resource.setrlimit(resource.RLIMIT_NOFILE, (1000, 1000))
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
    # By its descriptor: nobody else may look into the folders above it.
    program = os.open(CHATD, os.O_RDONLY)
    result = subprocess.run([f"/proc/self/fd/{program}", "-m", "5000", "-l", "127.0.0.1:0"],
                            capture_output=True, text=True, timeout=DEADLINE, check=False,
                            pass_fds=[program], preexec_fn=lower_for_good)
    os.close(program)
    assert result.returncode == 1
    match = re.fullmatch(r"chatd: --max-clients 5000 needs (\d+) open files, but only 1000 are "
                         r"allowed \(ulimit -n\)\n", result.stderr)
    assert match and int(match[1]) > 5000


def lower(server, number):
    """Allows a running server so many descriptors from now on."""
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE,
                     (number, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def test_descriptors_run_out(chatd):
    """Those who are in go on, those at the door wait, and nobody spins."""
    server = chatd("-m", 100)
    alice, bob = server.join("alice"), server.join("bob")
    lower(server, server.descriptors() + 2)
    late = [server.connect() for _ in range(6)]
    server.wait_log("^accept: Too many open files: newcomers have to wait$")
    for client in late[:2]:
        client.expect("=== .*")

    before = server.cpu()
    alice.say("still here")
    bob.until(said("alice", "still here"))
    pause(2)
    assert server.cpu() - before < 0.5

    for client in late[:4]:
        client.close()
    for client in late[4:]:
        client.until("=== .*you are #.*")
    bob.say("/quit")
    alice.until(re.escape("*** bob left (") + ".*")
    assert sum(line.startswith("accept: ") for line in server.log) <= 3


def test_fewer_descriptors_than_are_open(chatd):
    """poll() itself then refuses to take them all at once."""
    server = chatd("-m", 100)
    clients = [server.connect() for _ in range(20)]
    for client in clients:
        client.expect("=== .*")
    lower(server, 7)
    clients[0].say("still here")
    for client in clients:
        client.until(said("#1", "still here"))
    before = server.cpu()
    pause(2)
    assert server.cpu() - before < 1
    lower(server, 500)
    server.join("late")


def test_clients_that_come_and_go_leave_nothing(chatd, tmp_path):
    server = chatd("-l", f"unix:{tmp_path}/sock")
    used = server.descriptors()
    for n in range(300):
        client = server.connect(server.addresses()[n % 2])
        client.send(b"x" * (n % 3))
        (client.close, client.reset, client.half_close)[n % 3]()
    server.wait_log(" exit, ", 300)
    until(lambda: server.descriptors() == used, "all descriptors to be closed")


def test_the_end_of_a_connection_tells_what_counts(chatd):
    """What has no LF counts after a FIN, and not after a reset; whole lines always do."""
    server = chatd()
    alice = server.join("alice")
    for end in "half_close", "reset":
        client = server.connect()
        client.expect("=== .*")
        client.send(f"whole {end}\nrest {end}")
        getattr(client, end)()
        lines = alice.until(event("#2 left (1 online)"))
        assert any(f"]: whole {end} --" in line for line in lines), end
        assert any(f"]: rest {end} --" in line for line in lines) == (end != "reset"), end
