#!/usr/bin/env python3
"""Says where the server's time goes: runs one scenario with Linux perf beside it, and shares what
a delivery costs among the parts of the work.

Kernel time is told apart by the system call and by what of it is on the way; our own by the
functions, which are grouped by the names of their modules. Needs perf, and to be root.
"""

import argparse
import collections
import json
import os
import subprocess
import tempfile

import programs
import scenarios

WARM = 4 # seconds for everybody to join, which is not what is looked at

# What a function somewhere on the call chain says, the first that fits. Loopback hands a packet to
# its receiver within the sender's send().
KERNEL = [
    ("send: wake the receiver", ("sock_def_readable",)),
    ("send: the receiver's TCP", ("net_rx_action",)),
    ("send: copy the bytes", ("skb_do_copy_data_nocache", "_copy_from_iter", "copyin")),
    ("send: the sender's TCP", ("__x64_sys_sendto", "__x64_sys_sendmsg")),
    ("poll", ("__x64_sys_poll", "__x64_sys_ppoll")),
    ("recv", ("__x64_sys_recvfrom",)),
    ("accept, options, close", ("__x64_sys_accept4", "__x64_sys_accept", "__x64_sys_setsockopt",
                                "__x64_sys_getsockopt", "__x64_sys_close", "task_work_run")),
]
OTHER_KERNEL = "into the kernel and back, interrupts"

# How a function of chatd begins: its module.
OURS = [
    ("safe text", ("text_", "clean_run", "ascii_run", "is_ascii")),
    ("formatting, feed", ("message_", "stamp_", "room_", "feed_", "append", "clear", "log_")),
    ("framing, commands", ("line_", "take", "act_on", "say", "input_", "is_listened", "stranger_",
                           "telnet_", "end_line", "is_empty", "presence_", "flow_", "command_")),
    ("what each is owed", ("stream_", "plan_", "send_place", "chat_owed", "chat_sent", "set_point",
                           "dialect_", "render", "fill", "reply_")),
]
OTHER_OURS = "the loop, everything else"
LIBRARY = "C library"


def part_of(frames):
    """frames: [(symbol, object)] of one sample, the innermost first."""
    symbol, where = frames[0]
    names = {name for name, _ in frames}
    if "kernel" in where or where.startswith("["):
        for part, marks in KERNEL:
            if names.intersection(marks):
                return part
        return OTHER_KERNEL
    if "libc" in where:
        return LIBRARY
    for part, beginnings in OURS:
        if symbol.startswith(beginnings):
            return part
    return OTHER_OURS


def samples(text):
    """What `perf script -F ip,sym,dso` prints: a paragraph a sample, a frame a line."""
    frames = []
    for line in text.splitlines() + [""]:
        words = line.split()
        if words:
            symbol = words[1].split("+")[0] if len(words) > 1 else "?"
            frames.append((symbol, words[-1].strip("()")))
        elif frames:
            yield frames
            frames = []


def profile(options, program, scenario, seconds):
    """({part: share}, what load printed)"""
    load = {**scenario.load, **program.load, "warm": WARM, "seconds": seconds}
    with tempfile.TemporaryDirectory(prefix="profile-") as directory, \
            programs.running(program, load["clients"], cpu=0) as (pid, port):
        data = os.path.join(directory, "data")
        argv = ["perf", "record", "-q", "-F", "5000", "-g", "-D", str(WARM * 1000), "-p", str(pid),
                "-o", data, "--", "taskset", "-c", "1", options.load, f"peer={program.adapter}",
                f"pid={pid}", f"port={port}"]
        argv += [f"{name}={value}" for name, value in load.items()]
        result = json.loads(subprocess.run(argv, stdout=subprocess.PIPE, text=True,
                                           stderr=subprocess.DEVNULL, check=True).stdout)
        text = subprocess.run(["perf", "script", "-i", data, "-F", "ip,sym,dso"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=True).stdout
    parts = collections.Counter(part_of(frames) for frames in samples(text))
    total = sum(parts.values())
    return {part: count / total for part, count in parts.items()}, result


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chatd", default="chatd")
    parser.add_argument("--load", default="load")
    parser.add_argument("--floor", default="floor")
    parser.add_argument("--program", action="append", metavar="NAME")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("scenario", nargs="+")
    options = parser.parse_args()
    options.load = os.path.abspath(options.load)
    known = programs.all_programs(os.path.abspath(options.chatd), os.path.abspath(options.floor))
    programs.raise_descriptors()
    order = [part for part, _ in KERNEL] + [OTHER_KERNEL, LIBRARY]
    order += [part for part, _ in OURS] + [OTHER_OURS]
    columns = []
    for name in options.scenario:
        for program in options.program or ["chatd", "floor-turn"]:
            shares, result = profile(options, known[program],
                                     scenarios.all_scenarios()[name], options.seconds)
            columns.append((f"{name} {program}", shares, result["us_per_delivery"]))
    print("| ns of CPU for a delivery | " + " | ".join(name for name, _, _ in columns) + " |")
    print("| --- |" + " ---: |" * len(columns))
    for part in order:
        cells = [f"{1000 * cost * shares.get(part, 0):.0f} ({shares.get(part, 0):.1%})"
                 for _, shares, cost in columns]
        print(f"| {part} | " + " | ".join(cells) + " |")
    print("| all | " + " | ".join(f"{1000 * cost:.0f}" for _, _, cost in columns) + " |")


if __name__ == "__main__":
    main()
