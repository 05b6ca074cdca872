#!/usr/bin/env python3
"""A storm: thousands of tagged clients lose their connections at once and come back with /resume.

Each is owed what was said meanwhile. Beside it stands what as many plain connections cost, in the
same run: processor time of the server for one, and its memory before and after.
"""

import argparse
import os
import re
import time

import programs
import quiet


def come(port, count, together, request=None, until=None):
    """Connects so many, some at a time, and hears each out; returns them."""
    clients = []
    while len(clients) < count:
        some = [quiet.connect(port) for _ in range(min(together, count - len(clients)))]
        for i, client in enumerate(some):
            if request:
                client.sendall(request(len(clients) + i))
        for client in some:
            got = b""
            while not (until(got) if until else b"\n" in got):
                got += client.recv(65536)
            clients.append((client, got))
    return clients


def measured(pid, what):
    begin, start = quiet.processor_seconds(pid), time.monotonic()
    result = what()
    return result, quiet.processor_seconds(pid) - begin, time.monotonic() - start


def close(clients):
    for client, _ in clients:
        client.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chatd", default="chatd")
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--together", type=int, default=250)
    options = parser.parse_args()
    programs.raise_descriptors()
    program = programs.all_programs(os.path.abspath(options.chatd), "floor")["chatd"]
    count = options.clients
    with programs.running(program, count + 8, cpu=0) as (pid, port):
        os.sched_setaffinity(0, {1})
        speaker = quiet.connect(port)
        speaker.sendall(b"hello\n")
        quiet.receive(speaker, 2)
        plain, cpu, wall = measured(pid, lambda: come(port, count, options.together))
        print(f"plain connects:  {cpu / count * 1e6:6.1f} us of CPU each, {wall:.2f} s in all")
        time.sleep(3)
        close(plain)
        time.sleep(1)
        tagged = come(port, count, options.together, lambda _: b"/resume\n",
                      lambda got: b"=== resume " in got and got.endswith(b"\n"))
        tokens = [re.search(rb"=== resume (\d+) ([0-9a-f]{32})", got) for _, got in tagged]
        time.sleep(3)
        before = quiet.resident_bytes(pid)
        _, cpu, _ = measured(pid, lambda: (close(tagged), time.sleep(1)))
        print(f"cut:             {cpu / count * 1e6:6.1f} us of CPU each")
        for _ in range(options.lines):
            speaker.sendall(b"a line that everybody was not there to see\n")
            quiet.receive(speaker, 1)
        last = b"@%d " % (int(tokens[0].group(1)) + options.lines)
        back, cpu, wall = measured(pid, lambda: come(
            port, count, options.together,
            lambda i: b"/resume %s %s\n" % tokens[i].groups(),
            lambda got: last in got and got.endswith(b"\n")))
        print(f"back:            {cpu / count * 1e6:6.1f} us of CPU each, {wall:.2f} s in all, "
              f"{options.lines} lines owed to each")
        whole = all(got.count(b"\n@") == options.lines for _, got in back)
        print("every line to each, once" if whole else "LINES ARE MISSING OR TWICE")
        time.sleep(2)
        print(f"memory: {before / 2**20:.2f} MiB before, "
              f"{quiet.resident_bytes(pid) / 2**20:.2f} MiB after")
        close(back)


if __name__ == "__main__":
    main()
