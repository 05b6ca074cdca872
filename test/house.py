"""The rules of the house that a script can check.

Usage: house.py TOP
"""

import re
import sys
from pathlib import Path

from tap import report

FOLDERS = ["proto", "server", "client"]
COLUMNS = 100  # tabs are eight wide
LINES = 40     # of a function, between its braces
PARAMETERS = 5


def sources(top):
    return [file for folder in FOLDERS for file in sorted((top / folder).rglob("*"))
            if file.suffix in (".c", ".h", ".js")]


def without_text(text):
    """C with blanks in place of comments, strings and characters."""
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                  lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.DOTALL)


def functions(text):
    """Each function of a file in C: name, parameters as text, lines between its braces."""
    lines = without_text(text).splitlines()
    for number, line in enumerate(lines):
        if line != "{":
            continue
        first = number
        while first > 0 and lines[first - 1].strip() and lines[first - 1][-1] not in ";}":
            first -= 1
        if head := re.search(r"(\w+)\((.*)\)$", " ".join(lines[first:number])):
            yield head[1], head[2], lines.index("}", number) - number - 1


def count_parameters(text):
    """The commas that are not within parentheses, and one; "..." aside."""
    while text != (text := re.sub(r"\([^()]*\)", "", text)):
        pass
    return text.removesuffix("...").rstrip(", ").count(",") + 1


def check_functions(top):
    for file in sources(top):
        if file.suffix == ".js":
            continue
        for name, parameters, lines in functions(file.read_text(encoding="utf-8")):
            if lines > LINES:
                yield f"{name}() in {file.relative_to(top)} has {lines} lines"
            if count_parameters(parameters) > PARAMETERS:
                yield f"{name}() in {file.relative_to(top)} has too many parameters"


def check_columns(top):
    for file in sources(top):
        if file.suffix == ".js":
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if len(line.expandtabs(8)) > COLUMNS:
                yield f"{file.relative_to(top)}:{number} is longer than {COLUMNS} columns"


def check_heads(top):
    """A file begins with what it does."""
    for file in sources(top):
        if not re.match(r"/\*\n \* \S|// \S", file.read_text(encoding="utf-8")):
            yield f"{file.relative_to(top)} does not begin by saying what it does"


def check_tests(top):
    """The functions of unit tests are called test_ and what holds."""
    for file in sorted((top / "test/unit").glob("*.c")):
        text = file.read_text(encoding="utf-8")
        table = re.search(r"struct unit_test \w+\[\] = \{(.*?)\n\};", text, re.DOTALL)
        for name in re.findall(r'",\s*(\w+) \}', table[1] if table else ""):
            if not name.startswith("test_"):
                yield f"{name}() of {file.relative_to(top)} does not begin with test_"


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
    return report([
        ("each file is in the map", check_map(top)),
        ("each file begins with what it does", check_heads(top)),
        ("include guards are paths", check_guards(top)),
        ("tests are called tests", check_tests(top)),
        (f"functions have at most {LINES} lines and {PARAMETERS} parameters", check_functions(top)),
        (f"lines have at most {COLUMNS} columns", check_columns(top)),
        ("the README installs what the tests need", check_packages(top)),
    ])


if __name__ == "__main__":
    sys.exit(main())
