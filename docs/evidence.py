#!/usr/bin/env python3
"""Runs what takes too long for every test run, and writes the tables of docs/evidence.md.

    python3 docs/evidence.py                      # everything: about half an hour
    python3 docs/evidence.py sim rooms --steps 10000000
    python3 docs/evidence.py fuzz --seconds 600

Parts: size (of the stripped programs), lines (of programs and tests), sim (the simulator with
sanitizers), rooms (the one of people who go from room to room), broken (the simulator on a core that
is broken on purpose, test/sim/broken.py), fuzz (each fuzzer), soak (a busy server for some minutes),
search (/search in a full feed), client (what chatc draws, its start beside that of 1.0.0, its memory,
resizing), coverage (lines run by the unit tests, the corpora and the simulator). Each builds what it
needs in a folder of its own and replaces its table in docs/evidence.md, with the date and the commit;
the tables of earlier runs below are left alone. It needs git, meson, gcc and clang, and ends with
status 1 if anything has failed.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "test/sim"))
from broken import CHANGES, CORE  # noqa: E402

PAGE = TOP / "docs" / "evidence.md"
SANITIZED = ["--buildtype=debugoptimized", "-Db_lto=false", "-Db_lundef=false",
             "-Db_sanitize=address,undefined"]
BEFORE = "209bcd84496c9667b79e38e74a4e88092b421653"  # 1.0.0
TABLES = r"tables|width_ranges|width_doubt"
COVERED = ["proto", "server/core", "client/core"]


def run(*command, **options):
    """The standard output of a command that must succeed."""
    result = subprocess.run([str(word) for word in command], check=False, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: status {result.returncode}\n{result.stdout}")
    return result.stdout


def build(folder, compiler, *options, targets=()):
    run("meson", "setup", folder, TOP, *options, env={**os.environ, "CC": compiler})
    run("ninja", "-C", folder, *targets)
    return folder


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def size(work, _):
    yield row("program", "built with", "bytes, stripped")
    yield "| --- | --- | ---: |"
    for name, options in [("the default, -O2", []), ("-Dsmall=true", ["-Dsmall=true"])]:
        folder = build(work / f"size{len(options)}", "gcc", *options,
                       targets=["server/chatd", "client/chatc"])
        for program in ["server/chatd", "client/chatc"]:
            stripped = work / "stripped"
            run("strip", "-o", stripped, folder / program)
            yield row(Path(program).name, name, f"{stripped.stat().st_size:,}")


def count_lines(top, *folders):
    """Lines of what people write: not of generated tables, corpora and the data of Unicode."""
    names = run("git", "-C", top, "ls-files", *folders).split()
    return sum(len((top / name).read_bytes().splitlines()) for name in names
               if re.search(r"\.(c|h|js|css|html|py)$", name) and not re.search(TABLES, name))


def lines(work, _):
    before = work / "lines"
    run("git", "clone", "-q", TOP, before)
    run("git", "-C", before, "checkout", "-q", BEFORE)
    yield row("lines of", "1.0.0", "now")
    yield "| --- | ---: | ---: |"
    for what, folders in [("both programs", ["proto", "server", "client"]), ("tests", ["test"])]:
        yield row(what, f"{count_lines(before, *folders):,}", f"{count_lines(TOP, *folders):,}")


def simulate(work, arguments, program, steps):
    """Runs a simulator for so many seeds of so many steps; what it has counted as a table."""
    program = f"test/sim/{program}"
    folder = build(work / "sanitized", "clang", *SANITIZED, targets=[program])
    batch, total = 250, {}
    begin = time.monotonic()
    for seed in range(1, arguments.steps // steps + 1, batch):
        runs = min(batch, arguments.steps // steps + 1 - seed)
        text = run(folder / program, "--seed", seed, "--runs", runs, "--steps", steps)
        total["steps"] = total.get("steps", 0) + runs * steps
        for count, what in re.findall(r"(\d+) (lines said|received|missed|moves)", text):
            total[what] = total.get(what, 0) + int(count)
    yield row("simulated, with address and undefined sanitizers", "count")
    yield "| --- | ---: |"
    for what, count in total.items():
        yield row(what, f"{count:,}")
    yield row("findings", 0)
    yield row("minutes", f"{(time.monotonic() - begin) / 60:.1f}")


def sim(work, arguments):
    return simulate(work, arguments, "sim", 2000)


def rooms(work, arguments):
    return simulate(work, arguments, "sim_rooms", 5000)


def find_broken(folder):
    """The seed and the step in which the simulator fails; it is an error that it does not."""
    run("ninja", "-C", folder, "test/sim/sim")
    for seed in range(1, 1001, 50):
        done = subprocess.run([folder / "test/sim/sim", "--seed", str(seed), "--runs", "50",
                               "--steps", "2000"], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if found := re.search(r"(?:in|at the) (?:step )?(\S+), to see it: sim --seed (\d+)",
                              done.stdout):
            return found[2], found[1]
        assert done.returncode == 0, done.stdout
    return sys.exit("the simulator finds nothing")


def broken(work, _):
    copy = work / "broken"
    run("git", "clone", "-q", TOP, copy)
    folder = copy / "build"
    run("meson", "setup", folder, copy, "-Db_lto=false", "-Doptimization=1")
    yield row("broken", "found by seed", "in step")
    yield "| --- | ---: | ---: |"
    for what, name, before, after in CHANGES:
        file = copy / CORE / name
        text = file.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{name} has changed: {what}"
        file.write_text(text.replace(before, after), encoding="utf-8")
        print(f"    {what}", flush=True)
        yield row(what, *find_broken(folder))
        file.write_text(text, encoding="utf-8")


def fuzz(work, arguments):
    folder = build(work / "fuzz", "clang", "-Dfuzzing=true", *SANITIZED)
    yield row("target", "seconds", "inputs tried", "findings")
    yield "| --- | ---: | ---: | ---: |"
    for target in sorted((folder / "test/fuzz").glob("fuzz_*")):
        if not target.is_file() or not os.access(target, os.X_OK):
            continue
        name = target.name.removeprefix("fuzz_")
        corpus = work / "corpus" / name
        corpus.mkdir(parents=True)
        text = run(target, f"-max_total_time={arguments.seconds}", "-timeout=10",
                   "-print_final_stats=1", corpus, TOP / "test/fuzz/corpus" / name, cwd=corpus)
        tried = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
        yield row(name, arguments.seconds, f"{int(tried[1]):,}", 0)


def soak(work, arguments):
    folder = build(work / "plain", "gcc", targets=["server/chatd"])
    yield row("counted", "")
    yield "| --- | ---: |"
    yield from run(sys.executable, TOP / "test/bench/soak.py", "--chatd", folder / "server/chatd",
                   "--minutes", arguments.minutes).strip().splitlines()


def search(work, _):
    folder = build(work / "search", "gcc", targets=["server/chatd"])
    yield row("a feed of 64 MiB", "")
    yield "| --- | ---: |"
    yield from run(sys.executable, TOP / "test/bench/search.py", "--chatd",
                   folder / "server/chatd").strip().splitlines()


def build_before(work):
    """The chatc of 1.0.0."""
    before = work / "before"
    run("git", "clone", "-q", TOP, before)
    run("git", "-C", before, "checkout", "-q", BEFORE)
    run("meson", "setup", before / "build", before)
    run("ninja", "-C", before / "build", "client/chatc")
    return before / "build/client/chatc"


def resize(chatd, chatc, terminal, times):
    """Runs the test that resizes a terminal, that often; how many lines of it are wrong then."""
    has_pytest = next(python for python in [sys.executable, "/usr/bin/python3"] if subprocess.run(
        [python, "-c", "import pytest"], check=False, capture_output=True).returncode == 0)
    result = subprocess.run(
        [has_pytest, "-m", "pytest", "-q", TOP / "test/e2e/test_chatc_terminals.py",
         "-k", f"test_resizing_in_{terminal}"], check=False, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "CHATD": chatd, "CHATC": chatc, "CHAT_RESIZES": str(times)})
    wrong = re.search(r"^E +assert not \[([^]]*)\]", result.stdout, re.MULTILINE)
    if result.returncode != 0 and not wrong:
        sys.exit(f"resizing in {terminal}:\n{result.stdout}")
    return len(wrong[1].split(",")) if wrong else 0


def client(work, arguments):
    folder = build(work / "client", "gcc", targets=["server/chatd", "client/chatc"])
    chatd, chatc = folder / "server/chatd", folder / "client/chatc"
    before = arguments.before or build_before(work)
    yield row("chatc, on a terminal of 80 columns", "")
    yield "| --- | ---: |"
    yield from run(sys.executable, TOP / "test/bench/chatc_cost.py", "--chatd", chatd,
                   "--chatc", chatc, "--before", before).strip().splitlines()
    for terminal in ["vte", "tmux"]:
        yield row(f"lines cut, missing or twice in {terminal} (--resizes {arguments.resizes})",
                  resize(chatd, chatc, terminal, arguments.resizes))


def coverage(work, _):
    folder = build(work / "covered", "gcc", "-Db_coverage=true", "-Db_lto=false")
    run("meson", "test", "-C", folder, "--suite", "unit", "--suite", "fuzz", "--suite", "sim")
    lines = {}
    for data in sorted(folder.rglob("*.gcda")):
        text = run("gcov", "--json-format", "--stdout", data, cwd=folder)
        for document in filter(None, text.splitlines()):
            for file in json.loads(document)["files"]:
                path = os.path.relpath(folder / file["file"], TOP)
                for line in file["lines"]:
                    key = (path, line["line_number"])
                    lines[key] = lines.get(key, False) or line["count"] > 0
    yield row("folder", "lines", "run", "")
    yield "| --- | ---: | ---: | ---: |"
    for top in COVERED:
        found = [ran for (path, _), ran in lines.items() if path.startswith(top + "/")]
        yield row(f"`{top}`", len(found), sum(found), f"{sum(found) / len(found):.1%}")


PARTS = {"size": size, "lines": lines, "sim": sim, "rooms": rooms, "broken": broken, "fuzz": fuzz,
         "soak": soak, "search": search, "client": client, "coverage": coverage}


def replace(name, lines):
    """Puts a table where the page has the last one of that name."""
    text = PAGE.read_text(encoding="utf-8")
    commit = run("git", "-C", TOP, "rev-parse", "--short", "HEAD").strip()
    when = datetime.date.today().isoformat()
    block = "\n".join([f"<!-- begin {name} -->", f"At {commit}, {when}, {os.cpu_count()} cores.",
                       "", *lines, f"<!-- end {name} -->"])
    text, count = re.subn(rf"<!-- begin {name} -->.*?<!-- end {name} -->", lambda _: block, text,
                          flags=re.DOTALL)
    assert count == 1, f"{PAGE} has no place for {name}"
    PAGE.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--steps", type=int, default=1000000, help="of the simulator")
    parser.add_argument("--seconds", type=int, default=20, help="for each fuzzer")
    parser.add_argument("--minutes", type=float, default=5, help="of the soak test")
    parser.add_argument("--before", metavar="CHATC",
                        help="of 1.0.0, to compare the start with; else it is built")
    parser.add_argument("--resizes", type=int, default=1000, help="of a window of each terminal")
    arguments = parser.parse_args()
    for name in arguments.parts:
        if name not in PARTS:
            parser.error(f"no part is called {name}: {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.parts or PARTS:
            print(f"{name} ...", flush=True)
            replace(name, list(PARTS[name](Path(folder), arguments)))


if __name__ == "__main__":
    main()
