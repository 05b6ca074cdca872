"""Compares what the tables of Unicode say with the files that they are made from.

Usage: compare_unicode.py PROGRAM PROTO [FOLDER]: PROGRAM is unicodes.c, PROTO the folder of the
tables, and FOLDER that of the Unicode Character Database, as Debian's package unicode-data has it.
Says TAP. What is read here is read by other code than that which wrote the tables.
"""
import bz2
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LATE = {"Hani": {"Hanb", "Jpan", "Kore"}, "Hira": {"Jpan"}, "Kana": {"Jpan"}, "Hang": {"Kore"},
        "Bopo": {"Hanb"}}
EMPTY = (0x2800, 0x1D159)  # a pattern without dots, a note without a head
# Their marks look like others, so that what is left after decomposition does not compose to them.
APART = {0x146, 0x45D, 0x623, 0x626, 0x1E43, 0x1F7D, 0x1FF6, 0xFB2F, 0xFB30, 0xFB39, 0xFB49}
PARTNERS = "aжλ一あ가ㄅאع"


class Database:
    def __init__(self, folder):
        self.folder = Path(folder)

    def lines(self, name):
        for line in (self.folder / name).read_text(encoding="utf-8").splitlines():
            if line.split("#")[0].strip():
                yield [field.strip() for field in line.split("#")[0].split(";")]

    def values(self, name):
        for fields in self.lines(name):
            first, _, last = fields[0].partition("..")
            for code in range(int(first, 16), int(last or first, 16) + 1):
                yield code, fields[1]


    def codes(self):
        """Those that have a line of their own, and those beside them."""
        lines = {int(fields[0], 16) for fields in self.lines("UnicodeData.txt")}
        near = {code + by for code in lines for by in (-1, 0, 1)} | {0x10FFFF}
        return sorted(code for code in near if code >= 0 and not 0xD800 <= code < 0xE000)


def ask(program, questions):
    """The answer to each question, which is an operation and code points."""
    text = "".join(f"{name} {' '.join(f'{code:X}' for code in codes)}\n"
                   for name, codes in questions)
    done = subprocess.run([program], input=text, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def codes_of(text):
    return [int(part, 16) for part in text.split()]


def compare(program, expected):
    """What is wrong among pairs of a question and its answer, and how many there were."""
    expected = list(expected)
    answers = ask(program, [question for question, _ in expected])
    assert len(answers) == len(expected)
    wrong = [f"{name} {' '.join(f'{code:04X}' for code in codes)} is {answer!r}, not {want!r}"
             for ((name, codes), want), answer in zip(expected, answers) if answer != want]
    return wrong, len(expected)


def normalization(data):
    seen, part = set(), None
    for line in bz2.open(data.folder / "NormalizationTest.txt.bz2", "rt", encoding="utf-8"):
        fields = line.split("#")[0].split(";")
        part = line[:6] if line.startswith("@Part") else part
        if len(fields) < 6:
            continue
        forms = fields[:5]
        if part == "@Part1":
            seen.add(codes_of(forms[0])[0])
        for at, form in enumerate(forms):
            yield ("nfc", codes_of(form)), forms[1] if at < 3 else forms[3]
            yield ("nfd", codes_of(form)), forms[2] if at < 3 else forms[4]
    for code in data.codes():
        if code not in seen:
            yield ("nfc", [code]), f"{code:04X}"
            yield ("nfd", [code]), f"{code:04X}"


def folding(data):
    folds = {codes_of(code)[0]: to for code, status, to, *_ in data.lines("CaseFolding.txt")
             if status in "CF"}
    for code in data.codes():
        yield ("fold", [code]), folds.get(code, f"{code:04X}")


def marks(data):
    found = {int(fields[0], 16) for fields in data.lines("UnicodeData.txt") if fields[2][0] == "M"}
    for code in data.codes():
        yield ("mark", [code]), str(int(code in found))


def invisible(data):
    """All that is ignored or blank is known; of what is assigned, nothing else but controls."""
    hidden = {code for code, name in data.values("DerivedCoreProperties.txt")
              if name == "Default_Ignorable_Code_Point"}
    hidden |= {code for code, name in data.values("PropList.txt") if name == "White_Space"}
    for code in hidden:
        yield ("invisible", [code]), "1"
    for fields in data.lines("UnicodeData.txt"):
        code, kind = int(fields[0], 16), fields[2]
        if kind[0] in "LNPSM" and code not in hidden and code not in EMPTY:
            yield ("invisible", [code]), "0"


def scripts(data):
    long_names = {fields[2]: fields[1] for fields in data.lines("PropertyValueAliases.txt")
                  if fields[0] == "sc"}
    of = {code: {long_names[name]} for code, name in data.values("Scripts.txt")}
    of |= {code: set(names.split()) for code, names in data.values("ScriptExtensions.txt")}
    for code, names in of.items():
        of[code] = names.union(*(LATE.get(name, set()) for name in names))

    def is_one(text):
        sets = [of[code] for code in text if not of[code] & {"Zyyy", "Zinh"}]
        others = [names for names in sets if "Latn" not in names]
        return not sets or bool(set.intersection(*sets)) or not others or bool(
            set.intersection(*others) & {"Jpan", "Hanb", "Kore"})

    for code in of.keys() & data.codes():
        yield ("script", [code]), "1"
        for partner in map(ord, PARTNERS):
            yield ("script", [code, partner]), str(int(is_one([code, partner])))
            text = [ord("a"), code, partner]
            yield ("script", text), str(int(is_one(text)))


def confusables(program, path):
    """Each looks like what it is said to look like."""
    pairs = [(codes_of(left), codes_of(right)) for left, right in (
        line.split(";") for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#"))]
    looks = ask(program, [("skeleton", right) for _, right in pairs])
    for (left, _), look in zip(pairs, looks):
        if left[0] not in APART:
            yield ("skeleton", left), look


def names(path):
    """Of two names that are said to look the same, and all that begins or ends so, one is taken."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or codes_of(line.split(";")[0])[0] in APART:
            continue
        left, right = map(codes_of, line.split(";"))
        for before, after in (([], []), (left, right), ([0x62, 0x62], []), ([], [0x31])):
            yield ("refused", [*before, *left, *after, 0, *before, *right, *after]), "1"


def written(proto, folder):
    """The files that differ from those that their program writes."""
    with tempfile.TemporaryDirectory() as copy:
        for name in ("unicode.py", "confusables.txt"):
            shutil.copy(proto / name, copy)
        subprocess.run([sys.executable, Path(copy) / "unicode.py", folder], check=True)
        tables = list(Path(copy).glob("*.c"))
        return [table.name for table in tables
                if table.read_bytes() != (proto / table.name).read_bytes()], len(tables)


def main(program, proto, folder="/usr/share/unicode"):
    proto, data = Path(proto), Database(folder)
    ours = re.search(r"Unicode (\d+\.\d+\.\d+)", (proto / "unicode_tables.c").read_text())[1]
    try:
        head = (data.folder / "Scripts.txt").read_text(encoding="utf-8").split("\n", 1)[0]
    except FileNotFoundError:
        print("1..0 # SKIP no Unicode Character Database (package unicode-data)")
        return 0
    if ours not in head:
        print(f"1..0 # SKIP the tables are of Unicode {ours}, the database is: {head}")
        return 0
    checks = [("normalization", lambda: compare(program, normalization(data))),
              ("folding", lambda: compare(program, folding(data))),
              ("marks", lambda: compare(program, marks(data))),
              ("invisible characters", lambda: compare(program, invisible(data))),
              ("scripts", lambda: compare(program, scripts(data))),
              ("confusables", lambda: compare(
                  program, confusables(program, proto / "confusables.txt"))),
              ("names that look the same", lambda: compare(
                  program, names(proto / "confusables.txt"))),
              ("the tables as they are written", lambda: written(proto, folder))]
    failed = False
    print(f"1..{len(checks)}")
    for number, (name, check) in enumerate(checks, 1):
        wrong, count = check()
        failed |= bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}, {count} compared", flush=True)
        for line in wrong[:20]:
            print(f"# {line}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
