"""Where chatd listens: every form of an address, both families, unix sockets, and what is in the
way of that."""

import os
import pwd
import socket
import stat
import subprocess

import pytest

from wire import CHATD, run_chatd


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False


def ports(server):
    return {address.rsplit(":", 1)[0]: int(address.rsplit(":", 1)[1])
            for address in server.addresses()}


def answers(server, address=None):
    server.connect(address).expect("=== .*you are #.*")


@pytest.mark.parametrize("form, hosts", [
    ("0", ["127.0.0.1", "[::1]"]),
    ("*:0", ["0.0.0.0", "[::]"]),
    ("127.0.0.1:0", ["127.0.0.1"]),
    ("[::1]:0", ["[::1]"]),
])
def test_addresses(chatd, form, hosts):
    if not has_ipv6():
        hosts = [host for host in hosts if ":" not in host]
        if not hosts:
            pytest.skip("needs IPv6")
    server = chatd(listen=form)
    assert list(ports(server)) == hosts
    assert len(set(ports(server).values())) == 1, "both families have the same port"
    port = server.port
    if "127.0.0.1" in hosts or "0.0.0.0" in hosts:
        answers(server, f"127.0.0.1:{port}")
    if "[::1]" in hosts or "[::]" in hosts:
        answers(server, f"[::1]:{port}")


def test_a_name(chatd):
    server = chatd(listen="localhost:0")
    for address in server.addresses():
        answers(server, address)


def test_the_log_of_a_start(chatd):
    server = chatd(listen=["127.0.0.1:0", "127.0.0.1:0"])
    first, second = server.addresses()
    assert server.log[:7] == [
        "create socket: success!", f"bind to {first}: success!", "listen: success!",
        "create socket: success!", f"bind to {second}: success!", "listen: success!",
        "Server ready! Waiting for client request...",
    ]


def test_a_port_in_use(chatd):
    server = chatd()
    address = server.addresses()[0]
    result = run_chatd("-l", address)
    assert result.returncode == 1
    assert result.stderr == f"chatd: --listen: cannot listen on {address}: Address already in use\n"
    answers(server, address)


def test_a_restart_at_once(chatd):
    """TIME_WAIT of the old connections is in nobody's way."""
    server = chatd()
    address = server.addresses()[0]
    client = server.connect()
    client.expect("=== .*")
    server.stop()
    client.eof()
    answers(chatd(listen=address), address)


def test_many_at_once_are_one_room(chatd, tmp_path):
    server = chatd(listen=["127.0.0.1:0", f"unix:{tmp_path}/sock"])
    alice = server.join("alice", address=server.addresses()[0])
    bob = server.join("bob", address=server.addresses()[1])
    bob.say("hello over there")
    alice.until(r"\[bob\]: hello over there --.*")
    server.wait_log(r"connect from unix, number of current clients: 2\.")


def test_a_unix_socket(chatd, tmp_path):
    path = tmp_path / "sock"
    server = chatd(listen=f"unix:{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    result = run_chatd("-l", f"unix:{path}")
    assert result.returncode == 1 and "Address already in use" in result.stderr
    answers(server, f"unix:{path}")
    server.stop()
    assert not path.exists()


def test_a_unix_socket_left_behind(chatd, tmp_path):
    path = tmp_path / "sock"
    chatd(listen=f"unix:{path}").kill()
    assert path.exists()
    answers(chatd(listen=f"unix:{path}"), f"unix:{path}")


def test_a_file_is_never_removed_for_a_unix_socket(chatd, tmp_path):
    path = tmp_path / "precious"
    path.write_text("data", encoding="utf-8")
    assert run_chatd("-l", f"unix:{path}").returncode == 1
    assert path.read_text(encoding="utf-8") == "data"


def test_the_socket_of_a_successor_is_left_alone(chatd, tmp_path):
    path = tmp_path / "sock"
    server = chatd(listen=f"unix:{path}")
    path.unlink()
    successor = chatd(listen=f"unix:{path}")
    server.stop()
    answers(successor, f"unix:{path}")


def test_another_user(chatd):
    if os.geteuid() != 0:
        assert "only root" in run_chatd("--user", "nobody", "-l", "127.0.0.1:0").stderr
        return
    server = chatd("--user", "nobody")
    with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
    assert "0" not in fields["Uid"].split() and "0" not in fields["Gid"].split()
    assert "0" not in fields["Groups"].split()
    assert int(fields["CapEff"], 16) == int(fields["CapPrm"], 16) == 0
    answers(server, server.addresses()[0])


def test_the_user_that_it_is_already(chatd):
    """As under a service manager that has made it another user: nothing is to be done."""
    if os.geteuid() != 0:
        answers(chatd("--user", pwd.getpwuid(os.geteuid()).pw_name))
        return
    # Through its descriptor, since another user may not get to where the program lies.
    with open(CHATD, "rb") as file:
        program = f"/proc/self/fd/{file.fileno()}"
        nobody = {"user": "nobody", "group": "nogroup", "extra_groups": [],
                  "pass_fds": [file.fileno()]}
        answers(chatd("--user", "nobody", program=program, **nobody))
        other = subprocess.run([program, "--check", "-l", "127.0.0.1:0", "--user", "daemon"],
                               capture_output=True, text=True, check=False, **nobody)
    assert other.returncode == 1
    assert other.stderr == "chatd: --user: only root can become daemon\n"
