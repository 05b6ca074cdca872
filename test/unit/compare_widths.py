"""Compares the width of every code point with what Python's unicodedata says.

Usage: compare_widths.py PROGRAM TABLE: PROGRAM prints the widths, TABLE is what they were made
from, proto/width_ranges.c. Says TAP.

The rules: 0 for marks, for controls and formats that show nothing, and for the vowels and finals
of Hangul; 2 for what is wide or full-width in East Asia; 1 for all else. A Python older than the
table speaks for the code points that it knows, if it is not so old that some have changed since;
one that is newer can't be compared.
"""
import re
import subprocess
import sys
import unicodedata

# Formats that show: the soft hyphen, as terminals have it, and signs that enclose numbers.
SHOWN = {0xAD, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x600, 0x606)}


def width(code):
    category = unicodedata.category(chr(code))
    if 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FB:
        return 0
    if category in ("Mn", "Me", "Cc", "Cf", "Cs", "Zl", "Zp") and code not in SHOWN:
        return 0
    return 2 if unicodedata.east_asian_width(chr(code)) in ("W", "F") else 1


def version(text):
    return tuple(int(part) for part in text.split("."))


def main(program, table):
    ours = re.search(r"Unicode (\d+\.\d+\.\d+)", open(table, encoding="utf-8").read())[1]
    theirs = unicodedata.unidata_version
    print("1..1")
    if not version("14.0.0") <= version(theirs) <= version(ours):
        print(f"ok 1 # SKIP the table is of Unicode {ours}, Python's of {theirs}")
        return 0
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    compared, wrong = 0, 0
    for line in lines.splitlines():
        first, last, got = map(int, line.split())
        for code in range(first, last + 1):
            if unicodedata.category(chr(code)) == "Cn":
                continue
            compared += 1
            if width(code) != got:
                wrong += 1
                print(f"# U+{code:04X} takes {got} columns, not {width(code)}")
    ok = wrong == 0 and compared > 270000
    print(f"{'ok' if ok else 'not ok'} 1 - {compared} code points as in Unicode {theirs}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
