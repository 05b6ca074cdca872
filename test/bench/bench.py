#!/usr/bin/env python3
"""Measures chatd beside bare floors and beside whatever peers are installed.

Programs take turns (A B C C B A ...), and what is compared was measured within the same round:
on a machine that is shared with others only such ratios mean something. Prints tables, and writes
every single run to a JSON file, from which tables and plots can be made again (--from).
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time

import aims
import programs
import report
import scenarios


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chatd", default="chatd", help="the server to measure")
    parser.add_argument("--before", metavar="CHATD",
                        help="another build to compare with, shown as chatd-before")
    parser.add_argument("--load", default="load", help="the load generator")
    parser.add_argument("--floor", default="floor", help="the floors")
    parser.add_argument("--scenario", action="append", metavar="NAME",
                        help="only this one, or this group (main, clients, window, length); "
                        "may be given several times")
    parser.add_argument("--program", action="append", metavar="NAME",
                        help="only this one; may be given several times")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true",
                        help="a few scenarios, programs and rounds: under two minutes")
    parser.add_argument("--no-pin", action="store_true",
                        help="let the system choose the processors of server and load")
    parser.add_argument("--no-syscalls", action="store_true",
                        help="do not count system calls (in one more short run of each)")
    parser.add_argument("--json", metavar="FILE", help="write all runs there")
    parser.add_argument("--svg", metavar="PREFIX", help="write plots to PREFIX*.svg")
    parser.add_argument("--from", dest="recorded", metavar="FILE",
                        help="measure nothing: show what was written with --json")
    parser.add_argument("--list", action="store_true", help="list scenarios and programs")
    return parser.parse_args()


def where(name):
    """A program given by its path is started from another directory."""
    return os.path.abspath(name) if os.sep in name else name


def machine(pinned):
    def first(path):
        try:
            with open(path, encoding="utf-8") as file:
                return file.readline().strip()
        except OSError:
            return "unknown"

    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {
        "kernel": platform.release(),
        "processors": f"{os.cpu_count()} x {model}",
        "congestion_control": first("/proc/sys/net/ipv4/tcp_congestion_control"),
        "pinned": pinned,
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
    }


def run_load(options, program, scenario, pin, **more):
    """One run of one program. Returns what load printed, or why there is nothing."""
    load = {**scenario.load, **program.load, **more}
    pin_load = (lambda: os.sched_setaffinity(0, {1})) if pin else None
    try:
        with programs.running(program, load["clients"], cpu=0 if pin else None) as (pid, port):
            argv = [options.load, f"peer={program.adapter}", f"pid={pid}", f"port={port}"]
            argv += [f"{name}={value}" for name, value in load.items()]
            done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, timeout=180, preexec_fn=pin_load, check=False)
            if done.returncode != 0:
                return {"failed": done.stderr.strip() or f"status {done.returncode}"}
            return json.loads(done.stdout)
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        return {"failed": str(error)}


def measure(options, chosen, known, rounds, pin, more):
    runs = []

    def record(scenario, program, number, **extra):
        result = run_load(options, program, scenario, pin, **{**more, **extra})
        runs.append({"scenario": scenario.name, "program": program.name, "round": number,
                     **result})

    for scenario in chosen:
        names = [n for name in scenario.programs
                 for n in ([name, "chatd-before"] if name == "chatd" else [name])]
        taking_part = [known[n] for n in names if n in known and scenario.suits(known[n])]
        print(f"{scenario.name}: {', '.join(p.name for p in taking_part)}", file=sys.stderr)
        for number in range(1, rounds + 1):
            # There and back: which one goes first is worth some percent to it.
            for program in taking_part[::1 if number % 2 else -1]:
                record(scenario, program, number)
        if not options.no_syscalls and scenario.load["senders"] > 0:
            for program in taking_part:
                record(scenario, program, 0, syscalls=1)
    return runs


def main():
    options = arguments()
    known = programs.all_programs(where(options.chatd), where(options.floor))
    if options.before:
        known["chatd-before"] = programs.Program(
            "chatd-before", "chatd", programs.chatd_command(where(options.before)),
            binary=where(options.before))
    catalogue = scenarios.all_scenarios()
    if options.list:
        for scenario in catalogue.values():
            print(f"{scenario.name:14} {scenario.group:8} {scenario.title}")
        print("programs:", " ".join(known))
        return 0

    if options.recorded:
        with open(options.recorded, encoding="utf-8") as file:
            record = json.load(file)
    else:
        wanted = options.scenario or (scenarios.QUICK if options.quick else ["main"])
        unknown = [name for name in wanted
                   if name not in catalogue and
                   name not in {s.group for s in catalogue.values()}]
        if unknown:
            sys.exit(f"bench: no such scenario: {' '.join(unknown)} (see --list)")
        chosen = [s for s in catalogue.values() if s.name in wanted or s.group in wanted]
        names = options.program or (scenarios.QUICK_PROGRAMS if options.quick else list(known))
        names = names + ["chatd-before"]
        known = {n: p for n, p in known.items() if n in names and p.available()}
        if not known:
            sys.exit("bench: none of these programs is here")
        programs.raise_descriptors()
        pin = not options.no_pin and (os.cpu_count() or 1) > 1
        more = {"seconds": 0.5} if options.quick else {}
        rounds = 2 if options.quick else options.rounds
        runs = measure(options, chosen, known, rounds, pin, more)
        record = {"machine": machine(pin), "runs": runs}

    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(record, file, indent=1)
            file.write("\n")
    print(report.text(record, catalogue, aims.table(record)))
    if options.svg:
        import plot
        plot.write_all(record, catalogue, options.svg)
    return 1 if report.faults(record, "chatd") else 0


if __name__ == "__main__":
    sys.exit(main())
