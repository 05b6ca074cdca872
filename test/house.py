"""The rules of the house that a script can check.

Usage: house.py TOP
"""

import re
import sys
from pathlib import Path

FOLDERS = ["proto", "server", "client"]


def sources(top):
    return [file for folder in FOLDERS for file in sorted((top / folder).rglob("*"))
            if file.suffix in (".c", ".h", ".js")]


def check_map(top):
    """docs/design.md has each file once, in its folder, and none that is gone."""
    there = {str(file.relative_to(top).with_suffix("")) for file in sources(top)}
    mapped, folder = [], None
    for line in (top / "docs/design.md").read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"### `([a-z/]+)/`: ", line):
            folder = heading[1]
        elif folder and (row := re.match(r"\| `(\w+)` \| \S", line)):
            mapped.append(f"{folder}/{row[1]}")
    for path in sorted(there - set(mapped)):
        yield f"{path} is not in the map of docs/design.md"
    for path in sorted(set(mapped) - there):
        yield f"the map of docs/design.md has {path}, which does not exist"
    for path in sorted({path for path in mapped if mapped.count(path) > 1}):
        yield f"the map of docs/design.md has {path} more than once"


def check_guards(top):
    """The include guard of a header is its path, so no two can be the same."""
    for file in sources(top):
        if file.suffix != ".h":
            continue
        path = str(file.relative_to(top))
        guard = re.sub(r"\W", "_", path).upper()
        text = file.read_text(encoding="utf-8")
        if f"#ifndef {guard}\n#define {guard}\n" not in text:
            yield f"{path} is not guarded by {guard}"


def check_packages(top):
    """What a test needs is what the README's command installs."""
    text = (top / "test/e2e/meson.build").read_text(encoding="utf-8")
    table = re.search(r"e2e_packages = \{(.*?)\}", text, re.DOTALL)[1]
    commands = [line for line in (top / "README.md").read_text(encoding="utf-8").splitlines()
                if "apt-get install" in line]
    for package in sorted(set(re.findall(r": '([^']+)'", table))):
        if package not in re.findall(r"[\w.+-]+", commands[1]):
            yield f"the README's second command does not install {package}"


def main():
    top = Path(sys.argv[1])
    checks = [
        ("each file is in the map", check_map(top)),
        ("include guards are paths", check_guards(top)),
        ("the README installs what the tests need", check_packages(top)),
    ]
    print(f"1..{len(checks)}")
    failed = False
    for number, (name, problems) in enumerate(checks, 1):
        problems = list(problems)
        print(f"{'not ' if problems else ''}ok {number} - {name}")
        for problem in problems:
            print(f"# {problem}")
        failed |= bool(problems)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
