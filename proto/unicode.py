#!/usr/bin/env python3
"""Writes what is known of Unicode: proto/unicode_tables.c, script_tables.c, confusable_tables.c.

    python3 proto/unicode.py [FOLDER]

FOLDER holds the Unicode Character Database, as Debian's package unicode-data installs it to
/usr/share/unicode. The confusables of UTS #39 are not in that package: they stand beside this
program in confusables.txt, and must be of the same version of Unicode.
"""
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode")
LAST = 0x10FFFF

# The scripts that are written together have a name of their own (UTS #39, 5.1).
TOGETHER = {"Hani": ["Hanb", "Jpan", "Kore"], "Hira": ["Jpan"], "Kana": ["Jpan"],
            "Hang": ["Kore"], "Bopo": ["Hanb"]}
COMMON = ("Zyyy", "Zinh")

# Letters in another style read as the plain ones, though confusables.txt has not all of them.
STYLES = ("<wide>", "<narrow>", "<font>", "<small>", "<circle>", "<super>", "<sub>")


def rows(path):
    """([code point...], [field...]) of each line of a file of the database."""
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        fields = [field.strip() for field in line.split("#")[0].split(";")]
        if len(fields) > 1:
            first, _, last = fields[0].partition("..")
            yield range(int(first, 16), int(last or first, 16) + 1), fields[1:]


def code_points(text):
    return tuple(int(part, 16) for part in text.split())


def version():
    found = {re.search(r"\d+\.\d+\.\d+", path.read_text(encoding="utf-8"))[0]
             for path in (FOLDER / "Scripts.txt", FOLDER / "CaseFolding.txt",
                          HERE / "confusables.txt")}
    if len(found) != 1:
        sys.exit(f"these are of several versions of Unicode: {', '.join(sorted(found))}")
    return found.pop()


class Characters:
    """UnicodeData.txt: decompositions, combining classes and marks."""

    def __init__(self):
        self.canonical, self.style, self.classes, self.marks = {}, {}, {}, set()
        for (code, *_), fields in rows(FOLDER / "UnicodeData.txt"):
            style, _, mapping = fields[4].rpartition("> ")
            if style + ">" in STYLES:
                self.style[code] = code_points(mapping)
            elif mapping and not style:
                self.canonical[code] = code_points(mapping)
            if fields[2] != "0":
                self.classes[code] = int(fields[2])
            if fields[1].startswith("M"):
                self.marks.add(code)

    def decompose(self, codes):
        """Canonically, without reordering: that is done when all are together."""
        for code in codes:
            if code in self.canonical:
                yield from self.decompose(self.canonical[code])
            else:
                yield code


def starts(values, default=0):
    """(code, value) wherever the value of the code points begins to be another."""
    before = default
    for code in range(LAST + 2):
        value = values.get(code, default)
        if value != before:
            yield code, value
        before = value


def table(declaration, numbers, write=str):
    """The lines of a C table, as many numbers a line as fit."""
    text, line = f"{declaration} = {{\n", "\t"
    for number in map(write, numbers):
        if len(line) + len(number) + 8 > 100:
            text += line.rstrip() + "\n"
            line = "\t"
        line += number + ", "
    return text + line.rstrip() + "\n};\n"


def count(name, of):
    text = f"const size_t {name} = sizeof({of}) / sizeof({of}[0]);\n"
    return text if len(text) <= 100 else text.replace(" = ", " =\n\t")


def write(name, header, parts):
    (HERE / name).write_text(
        f"/*\n * Written by proto/unicode.py from Unicode {version()}: do not edit.\n */\n"
        f'#include "proto/{header}"\n\n' + "\n".join(parts), encoding="utf-8")


def fold_tables():
    """Simple foldings in runs of the same distance, and those to several code points."""
    simple, full = {}, {}
    for (code, *_), (status, mapping) in (
            (codes, fields[:2]) for codes, fields in rows(FOLDER / "CaseFolding.txt")):
        if status == "C":
            simple[code] = code_points(mapping)[0]
        elif status == "F":
            full[code] = code_points(mapping)
    runs = []
    for code, to in sorted(simple.items()):
        if runs and to - code == runs[-1]["delta"]:
            run = runs[-1]
            stride = code - run["last"]
            if stride <= 2 and run["stride"] in (0, stride):
                run.update(last=code, stride=stride)
                continue
        runs.append({"first": code, "last": code, "stride": 0, "delta": to - code})
    return [
        "const struct unicode_fold_run unicode_fold_runs[] = {\n" + "".join(
            f"\t{{ 0x{r['first']:04x}, 0x{r['last']:04x}, {r['stride'] or 1}, {r['delta']} }},\n"
            for r in runs) + "};\n",
        count("unicode_fold_run_count", "unicode_fold_runs"),
        "const struct unicode_fold_full unicode_fold_fulls[] = {\n" + "".join(
            f"\t{{ 0x{code:04x}, {{ {', '.join(f'0x{to:04x}' for to in full[code])} }} }},\n"
            for code in sorted(full)) + "};\n",
        count("unicode_fold_full_count", "unicode_fold_fulls"),
    ]


def write_unicode(characters):
    excluded = {code for codes, fields in rows(FOLDER / "DerivedNormalizationProps.txt")
                if fields[0] == "Full_Composition_Exclusion" for code in codes}
    canonical = [(code, *(mapping + (0,))[:2])
                 for code, mapping in sorted(characters.canonical.items())]
    composed = sorted((first, second, at) for at, (code, first, second) in enumerate(canonical)
                      if code not in excluded)
    marks = [code for code, _ in starts(dict.fromkeys(characters.marks, 1))]
    write("unicode_tables.c", "unicode_tables.h", [
        f'const char unicode_version[] = "{version()}";\n',
        table("const uint64_t unicode_canonical[]",
              [code << 42 | first << 21 | second for code, first, second in canonical],
              "0x{:014x}".format),
        count("unicode_canonical_count", "unicode_canonical"),
        table("const uint16_t unicode_composed[]", [at for _, _, at in composed]),
        count("unicode_composed_count", "unicode_composed"),
        table("const uint32_t unicode_class_starts[]",
              [code << 8 | value for code, value in starts(characters.classes)], "0x{:06x}".format),
        count("unicode_class_start_count", "unicode_class_starts"),
        table("const uint32_t unicode_mark_edges[]", marks, "0x{:04x}".format),
        count("unicode_mark_edge_count", "unicode_mark_edges"),
        *fold_tables(),
    ])


def write_scripts():
    short = {fields[1]: fields[0] for fields in (
        [field.strip() for field in line.split(";")][1:] for line in
        (FOLDER / "PropertyValueAliases.txt").read_text(encoding="utf-8").splitlines()
        if line.startswith("sc ;"))}
    of = {code: (short[fields[0]],) for codes, fields in rows(FOLDER / "Scripts.txt")
          for code in codes}
    for codes, fields in rows(FOLDER / "ScriptExtensions.txt"):
        of.update((code, tuple(fields[0].split())) for code in codes)
    # A picture that is still to come goes with every script, as those that are there do.
    for codes, fields in rows(FOLDER / "emoji/emoji-data.txt"):
        if fields[0] == "Extended_Pictographic":
            of.update((code, COMMON[:1]) for code in codes if code not in of)
    for code, names in of.items():
        of[code] = tuple(sorted({*names, *(more for name in names
                                           for more in TOGETHER.get(name, []))}))
    names = sorted({name for found in of.values() for name in found} - set(COMMON))
    sets = [("Zzzz",), *sorted(set(of.values()) - {COMMON[:1], COMMON[1:]}), COMMON]
    number = {found: at for at, found in enumerate(sets)}
    number |= {(name,): len(sets) - 1 for name in COMMON}
    bit = {name: at for at, name in enumerate(["Latn", "Hanb", "Jpan", "Kore", "Zzzz"] + [
        name for name in names if name not in ("Latn", "Hanb", "Jpan", "Kore")])}

    def name(found):
        return f" /* {' '.join(found)} */" if len(found) < 6 else ""

    def words(found):
        bits = 2 ** 192 - 1 if found == COMMON else sum(1 << bit[name] for name in found)
        return ", ".join(f"0x{bits >> shift & 2 ** 64 - 1:x}" for shift in (0, 64, 128))

    write("script_tables.c", "script_tables.h", [
        "const struct script_set script_sets[] = {\n" + "".join(
            f"\t{{ {{ {words(found)} }} }},{name(found)}\n" for found in sets) + "};\n",
        table("const uint32_t script_starts[]",
              [code << 10 | value for code, value in
               starts({code: number[found] for code, found in of.items()})], "0x{:06x}".format),
        count("script_start_count", "script_starts"),
    ])


def confusables(characters):
    """What each code point looks like, where that is another."""
    given = {codes[0]: code_points(fields[0]) for codes, fields in rows(HERE / "confusables.txt")}
    given = characters.style | given

    def look(code):
        for part in characters.decompose(given.get(code, (code,))):
            if part in given and part != code:
                yield from look(part)
            else:
                yield part

    return {code: tuple(look(code)) for code in sorted(given)}


def write_confusables(characters):
    looks = confusables(characters)
    pool = b""
    for text in sorted({"".join(map(chr, look)).encode() + b"\0" for look in looks.values()},
                       key=lambda text: (-len(text), text)):
        if text not in pool:
            pool += text
    blocks = {}
    for at, code in enumerate(looks):
        blocks.setdefault(code >> 8, at)
    blocks[LAST + 1 >> 8] = len(looks)
    write("confusable_tables.c", "confusable_tables.h", [
        "const struct confusable_block confusable_blocks[] = {\n" + "".join(
            f"\t{{ 0x{block:02x}, {at} }},\n" for block, at in blocks.items()) + "};\n",
        count("confusable_block_count", "confusable_blocks"),
        table("const uint8_t confusable_codes[]", [code & 0xFF for code in looks]),
        table("const uint16_t confusable_looks[]",
              [pool.index("".join(map(chr, look)).encode() + b"\0") for look in looks.values()]),
        table("const char confusable_text[]",
              [byte - 256 if byte > 127 else byte for byte in pool]),
    ])


def main():
    characters = Characters()
    write_unicode(characters)
    write_scripts()
    write_confusables(characters)


if __name__ == "__main__":
    sys.exit(main())
