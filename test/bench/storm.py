#!/usr/bin/env python3
"""A storm: thousands of tagged clients lose their connections at once and come back with /resume.

Each is owed what was said meanwhile. Beside it stands what as many plain connections cost, in the
same run: processor time of the server for one, and its memory before and after. Then they do it once
more while somebody else talks, whose lines are timed until they come back; they wait for the client's
processor as well, which plays all the others.
"""

import argparse
import multiprocessing
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


def talk(port, stop, times):
    """A process of its own: says a line every 20 ms, and sends how long each took to come back."""
    client, taken = quiet.connect(port), []
    quiet.receive(client, 1)
    while not stop.is_set():
        begin, got = time.monotonic(), b""
        client.sendall(b"does anybody hear this?\n")
        while b"does anybody hear this?" not in got:
            got += client.recv(65536)
        taken.append(time.monotonic() - begin)
        time.sleep(0.02)
    client.close()
    times.put(taken)


def timed_beside(port, what):
    """What it returns, and the times that somebody else's lines took meanwhile, sorted."""
    stop, times = multiprocessing.Event(), multiprocessing.Queue()
    talker = multiprocessing.Process(target=talk, args=(port, stop, times))
    talker.start()
    time.sleep(0.5)
    result = what()
    stop.set()
    taken = sorted(times.get())
    talker.join()
    return result, taken


def come_back(port, together, last_seen, until):
    """All at once with /resume, each after the ID that it has seen last and with its token."""
    def is_there(got):
        return got.endswith(b"\n") and f"\n@{until} ".encode() in got

    return come(port, len(last_seen), together,
                lambda i: b"/resume %d %s\n" % last_seen[i], is_there)


def ids_of(got):
    return [int(number) for number in re.findall(rb"^@(\d+) ", got, re.MULTILINE)]


def are_whole(clients, last_seen):
    """Whether each got every line after the last that it had seen, once."""
    return all((ids := ids_of(got)) == list(range(seen + 1, seen + 1 + len(ids)))
               for (_, got), (seen, _) in zip(clients, last_seen))


def say(speaker, after, lines):
    """Says so many lines, of which the first has the ID after that; returns the last one's."""
    for _ in range(lines):
        speaker.sendall(b"a line that everybody was not there to see\n")
        quiet.receive(speaker, 1)
    return after + lines


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
        seen = [(int(number), token) for number, token in
                (re.search(rb"=== resume (\d+) ([0-9a-f]{32})", got).groups()
                 for _, got in tagged)]
        time.sleep(3)
        before = quiet.resident_bytes(pid)
        _, cpu, _ = measured(pid, lambda: (close(tagged), time.sleep(1)))
        print(f"cut:             {cpu / count * 1e6:6.1f} us of CPU each")
        last = say(speaker, seen[0][0], options.lines)
        back, cpu, wall = measured(pid, lambda: come_back(port, options.together, seen, last))
        print(f"back:            {cpu / count * 1e6:6.1f} us of CPU each, {wall:.2f} s in all, "
              f"{options.lines} lines owed to each")
        whole = are_whole(back, seen)
        close(back)
        time.sleep(1)
        seen = [(last, token) for _, token in seen]
        last = say(speaker, last, options.lines)
        back, taken = timed_beside(port, lambda: come_back(port, options.together, seen, last))
        print(f"another's lines: p50 {taken[len(taken) // 2] * 1e3:.1f} ms, "
              f"p99 {taken[len(taken) * 99 // 100] * 1e3:.1f} ms of {len(taken)}")
        print("every line to each, once" if whole and are_whole(back, seen)
              else "LINES ARE MISSING OR TWICE")
        time.sleep(2)
        print(f"memory: {before / 2**20:.2f} MiB before, "
              f"{quiet.resident_bytes(pid) / 2**20:.2f} MiB after")
        close(back)


if __name__ == "__main__":
    main()
