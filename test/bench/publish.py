#!/usr/bin/env python3
"""Runs the benchmarks and puts what they print into docs/benchmarks.md, each in its own place there.

    python3 test/bench/publish.py --build BUILD [--before OTHER/chatd] [--rounds 3] [PART...]

Parts: main (every scenario with every program that is installed, and the plots), growth (with the
clients, the lines under way and the length), idle, storm, rooms, instructions, profile. All of them
take about an hour, on a machine on which nothing else runs; what is not named is left as it is.
"""

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import aims
import plot
import report
import scenarios

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
PAGE = TOP / "docs" / "benchmarks.md"
PLOTS = str(TOP / "docs" / "bench-")


def run(name, *arguments):
    """What a script of this folder prints."""
    result = subprocess.run([sys.executable, HERE / name, *map(str, arguments)], check=False,
                            text=True, stdout=subprocess.PIPE)
    if result.returncode not in (0, 1):
        sys.exit(f"{name}: status {result.returncode}")
    return result.stdout.rstrip()


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return f"Linux {platform.release()}, {os.cpu_count()} x {model[1] if model else 'unknown'}"


def replace(name, body):
    """Puts a text where the page has the last one of that name."""
    commit = subprocess.run(["git", "-C", TOP, "rev-parse", "--short", "HEAD"], check=True,
                            text=True, stdout=subprocess.PIPE).stdout.strip()
    head = f"At {commit}, {datetime.date.today().isoformat()}, {machine()}."
    block = f"<!-- begin {name} -->\n{head}\n\n{body}\n<!-- end {name} -->"
    text, count = re.subn(rf"<!-- begin {name} -->.*?<!-- end {name} -->", lambda _: block,
                          PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert count == 1, f"{PAGE} has no place for {name}"
    PAGE.write_text(text, encoding="utf-8")


def bench(options, *arguments):
    """Measures, and returns the record of it."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "runs.json")
        before = ["--before", options.before] if options.before else []
        run("bench.py", *options.tools, *before, "--rounds", options.rounds, "--json", path,
            *arguments)
        with open(path, encoding="utf-8") as file:
            return json.load(file)


PEOPLE = [(10, 10, "light-100"), (100, 60, "light-100"), (1000, 60, "light-1000"),
          (5000, 600, "light-1000")]


def for_operators(record):
    """What a room costs, reckoned from what a delivery costs where each line stands alone."""
    rows = [["people in a room", "each says a line every", "lines a second", "of one processor"]]
    for people, seconds, scenario in PEOPLE:
        cost = report.median(record, scenario, "chatd", "us_per_delivery")
        if cost is None:
            return ""
        every = f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"
        lines = people / seconds
        rows.append([f"{people:,}", every, f"{lines:.3g}", f"{lines * people * cost / 1e4:.2g} %"])
    text = report.layout(rows)
    rss, each = (report.median(record, "idle", "chatd", key)
                 for key in ("rss", "bytes_per_client"))
    if rss:
        text += (f"\n\n10,000 who idle take {report.mebibytes(rss)[:-2]} MiB, of which "
                 f"{each:.0f} bytes are for each; the system takes some kilobytes more for a "
                 "connection.")
    return text


def main_part(options):
    record = bench(options, "--scenario", "main", "--svg", PLOTS)
    catalogue = scenarios.all_scenarios()
    replace("operators", for_operators(record))
    replace("aims", aims.table(record))
    replace("beside", report.summary(record, catalogue))
    measured = {one["scenario"] for one in record["runs"]}
    replace("figures", "\n\n".join(
        f"### {scenario.name}: {scenario.title}\n\n{report.table(record, scenario)}"
        for scenario in catalogue.values() if scenario.name in measured))


def growth_part(options):
    record = bench(options, "--scenario", "clients", "--scenario", "window", "--scenario", "length",
                   "--svg", PLOTS, "--no-syscalls")
    names = ["chatd", "floor-turn", "floor-line", "redis"]
    rows = [["us for a delivery", *names, "chatd x turn"]]
    for scenario in scenarios.growth_scenarios():
        cells = [report.number(report.median(record, scenario.name, name, "us_per_delivery"))
                 for name in names]
        ratio = report.ratio(record, scenario.name, "chatd", "floor-turn", "us_per_delivery")
        rows.append([scenario.name, *cells, report.times(ratio)])
    replace("growth", report.layout(rows))


def other_part(name, script, *arguments):
    def part(options):
        text = run(script, *(argument(options) if callable(argument) else argument
                             for argument in arguments))
        replace(name, text if text.startswith("|") else f"```\n{text}\n```")
    return part


def chatd(options):
    return options.tools[1]


def load(options):
    return options.tools[3]


def floor(options):
    return options.tools[5]


def before(options):
    return options.before or chatd(options)


PARTS = {
    "main": main_part,
    "growth": growth_part,
    "idle": other_part("idle", "quiet.py", "--chatd", chatd),
    "storm": other_part("storm", "storm.py", "--chatd", chatd),
    "rooms": other_part("rooms", "rooms.py", "--chatd", chatd, "--load", load, "--floor", floor),
    "instructions": other_part("instructions", "instructions.py", "--chatd", chatd, "--load", load,
                               "--before", before),
    "profile": other_part("profile", "profile.py", "--chatd", chatd, "--load", load, "--floor",
                          floor, "n10-s10", "n1000-s1"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="the folder that it was built in")
    parser.add_argument("--before", metavar="CHATD", help="another build to compare with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("part", nargs="*", metavar="PART", help=", ".join(PARTS))
    options = parser.parse_args()
    build = Path(options.build).resolve()
    options.tools = ["--chatd", str(build / "server/chatd"), "--load", str(build / "test/bench/load"),
                     "--floor", str(build / "test/bench/floor")]
    for name in options.part:
        if name not in PARTS:
            parser.error(f"no part is called {name}: {', '.join(PARTS)}")
    for name in options.part or PARTS:
        print(f"{name} ...", flush=True)
        PARTS[name](options)


if __name__ == "__main__":
    main()
