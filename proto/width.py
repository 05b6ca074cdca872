#!/usr/bin/env python3
"""Writes proto/width_ranges.c: how wide each code point is, and how it joins others.

    python3 proto/width.py > proto/width_ranges.c
    python3 proto/width.py doubt > proto/width_doubt.c

The second says which of these widths all terminals agree on, and which may be 2 where the first
says 1. Widths and most classes come from the general category and the East Asian width that Python's
unicodedata knows; run it with the newest Python there is. What unicodedata does not know (the few
properties below, which hardly ever grow) is listed here, from the files of Unicode 15.1 that are
named beside each list.
"""
import sys
import unicodedata

# emoji-data.txt, Extended_Pictographic
PICTOGRAPHS = """
    A9 AE 203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 2388 23CF 23E9-23F3 23F8-23FA 24C2
    25AA-25AB 25B6 25C0 25FB-25FE 2600-2605 2607-2612 2614-2685 2690-2705 2708-2712 2714 2716 271D
    2721 2728 2733-2734 2744 2747 274C 274E 2753-2755 2757 2763-2767 2795-2797 27A1 27B0 27BF
    2934-2935 2B05-2B07 2B1B-2B1C 2B50 2B55 3030 303D 3297 3299 1F000-1F0FF 1F10D-1F10F 1F12F
    1F16C-1F171 1F17E-1F17F 1F18E 1F191-1F19A 1F1AD-1F1E5 1F201-1F20F 1F21A 1F22F 1F232-1F23A
    1F23C-1F23F 1F249-1F3FA 1F400-1F53D 1F546-1F64F 1F680-1F6FF 1F774-1F77F 1F7D5-1F7FF
    1F80C-1F80F 1F848-1F84F 1F85A-1F85F 1F888-1F88F 1F8AE-1F8FF 1F90C-1F93A 1F93C-1F945
    1F947-1FAFF 1FC00-1FFFD
"""

# PropList.txt, Other_Grapheme_Extend that are not Mn or Me; emoji-data.txt, Emoji_Modifier
EXTENDERS = """
    9BE 9D7 B3E B57 BBE BD7 CC2 CD5-CD6 D3E D57 DCF DDF 1B35 200C 302E-302F FF9E-FF9F 1133E 11357
    114B0 114BD 115AF 11930 1D165 1D16E-1D172 1F3FB-1F3FF E0020-E007F
"""

# GraphemeBreakProperty.txt, Prepend
PREPENDED = """
    600-605 6DD 70F 890-891 8E2 D4E 110BD 110CD 111C2-111C3 1193F 11941 11A3A 11A84-11A89 11D46
    11F02
"""

# GraphemeBreakProperty.txt, SpacingMark: what is not Mc but is one, and Mc that is none
SPACING = "E33 EB3"
NOT_SPACING = """
    102B-102C 1038 1062-1064 1067-106D 1083 1087-108C 108F 109A-109C 1A61 1A63-1A64 AA7B AA7D
    11720-11721
"""

# DerivedCoreProperties.txt, Indic_Conjunct_Break=Linker and =Consonant
LINKERS = "94D 9CD ACD B4D C4D D4D"
CONSONANTS = """
    915-939 958-95F 978-97F 995-9A8 9AA-9B0 9B2 9B6-9B9 9DC-9DD 9DF 9F0-9F1 A95-AA8 AAA-AB0 AB2-AB3
    AB5-AB9 AF9 B15-B28 B2A-B30 B32-B33 B35-B39 B5C-B5D B5F B71 C15-C28 C2A-C39 C58-C5A D15-D3A
"""

# DerivedCoreProperties.txt, Default_Ignorable_Code_Point that are not assigned
IGNORED = "2065 FFF0-FFF8 E0000 E0002-E001F E0080-E00FF E01F0-E0FFF"


# Blocks to which Unicode goes on adding wide characters
GROWING = """
    2E80-303E 3041-33FF A960-A97F 16FE0-18DFF 1AFF0-1B2FF 1F000-1FAFF
"""

# EastAsianWidth.txt of Unicode 16: W, which was N before; wcwidth() of glibc has 4DC0-4DFF as 2
WIDENED = "2630-2637 268A-268F 4DC0-4DFF 1D300-1D356 1D360-1D376"

# Letters that terminals join to fewer columns, or that some of them do not show
UNSURE = """
    600-8FF 900-DFF E33 EB3 F00-109F 1100-11FF 1780-17FF 180B-180E 302A-302F 3164 A8E0-A8FF
    A960-A97F D7B0-D7FB FB50-FDFF FE00-FE0F FE70-FEFF FFA0
"""


def parse(text):
    """The code points of "A9 2194-2199 …"."""
    codes = set()
    for part in text.split():
        first, _, last = part.partition("-")
        codes.update(range(int(first, 16), int(last or first, 16) + 1))
    return codes


JAMO = {
    "L": parse("1100-115F A960-A97C"),
    "V": parse("1160-11A7 D7B0-D7C6"),
    "T": parse("11A8-11FF D7CB-D7FB"),
    "SYLLABLE": parse("AC00-D7A3"),
}
LISTED = {
    "CONTROL": parse(IGNORED),
    "PREPEND": parse(PREPENDED),
    "LINKER": parse(LINKERS),
    "EXTEND": parse(EXTENDERS),
    "CONSONANT": parse(CONSONANTS),
    "PICTOGRAPH": parse(PICTOGRAPHS),
    "REGIONAL": parse("1F1E6-1F1FF"),
    "ZWJ": {0x200D},
} | JAMO
NOT_MARKS = parse(NOT_SPACING)
MORE_MARKS = parse(SPACING)
UNSHOWN = parse(IGNORED)

# The concatenation marks of Arabic, Syriac and Kaithi are Cf but show; a soft hyphen, too.
SHOWN_FORMATS = parse("AD 600-605 6DD 70F 890-891 8E2 110BD 110CD")


def width(code):
    """Columns on a terminal; the rules of glibc and xterm.

    0 for marks (Mn, Me), controls and formats (Cc, Cf, Zl, Zp, Cs, and those to come) that show
    nothing, and the vowels and finals of Hangul, which join the consonant before them; 2 for what
    is wide in East Asia (W, F); 1 for all else, also where the width is ambiguous (A).
    """
    category = unicodedata.category(chr(code))
    if code in SHOWN_FORMATS:
        return 1
    if category in ("Mn", "Me", "Cf", "Cc", "Zl", "Zp", "Cs") or code in UNSHOWN:
        return 0
    if code in JAMO["V"] or code in JAMO["T"]:
        return 0
    return 2 if unicodedata.east_asian_width(chr(code)) in "WF" else 1


def kind(code):
    """Its enum cluster_break, without the CB_."""
    for name, codes in LISTED.items():
        if code in codes:
            return name
    category = unicodedata.category(chr(code))
    if category in ("Mn", "Me"):
        return "EXTEND"
    if (category == "Mc" and code not in NOT_MARKS) or code in MORE_MARKS:
        return "SPACING"
    if category in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return "CONTROL"
    return "OTHER"


def ranges():
    """(first, last, kind, width) of all that is not OTHER and one column wide."""
    start, what = 0, None
    for code in range(0x110001):
        now = (kind(code), width(code)) if code < 0x110000 else None
        if now != what:
            if what not in (None, ("OTHER", 1)):
                yield start, code - 1, *what
            start, what = code, now


def is_sure(code):
    """Whether every terminal gives it the width of width(), alone or as a mark on a letter.

    They differ in what is younger than they are and in what has changed: so it has to be as old as
    Unicode 3.2, and as wide as it was then.
    """
    char, old = chr(code), unicodedata.ucd_3_2_0
    if code in UNSURE_CODES or code in WIDENED_CODES or old.category(char)[0] == "C":
        return False
    if old.category(char) in ("Mc", "Zl", "Zp") or unicodedata.category(char)[0] == "C":
        return False
    return (old.east_asian_width(char) in "WF") == (unicodedata.east_asian_width(char) in "WF")


def may_be_wide(code):
    """Whether a terminal may give 2 columns to it, though width() says 1."""
    grows = code in GROWING_CODES and unicodedata.category(chr(code)) == "Cn"
    return code in WIDENED_CODES or (grows and width(code) == 1)


UNSURE_CODES = parse(UNSURE)
WIDENED_CODES = parse(WIDENED)
GROWING_CODES = parse(GROWING)


def runs(test):
    """(first, last) of the code points that pass a test."""
    start = None
    for code in range(0x110001):
        holds = code < 0x110000 and test(code)
        if holds and start is None:
            start = code
        elif not holds and start is not None:
            yield start, code - 1
            start = None


def print_doubt():
    """Writes proto/width_doubt.c."""
    print("""\
/*
 * Written by proto/width.py: do not edit.
 */
#include "proto/width.h"
""")
    for name, test in (("sure", is_sure), ("may_be_wide", may_be_wide)):
        print(f"const struct code_range width_{name}[] = {{")
        for first, last in runs(test):
            print(f"\t{{ 0x{first:04x}, 0x{last:04x} }},")
        print(f"""\
}};

const size_t width_{name}_count = sizeof(width_{name}) / sizeof(width_{name}[0]);""")
        if name == "sure":
            print()


def main():
    if sys.argv[1:] == ["doubt"]:
        print_doubt()
        return
    print(f"""\
/*
 * Written by proto/width.py from Unicode {unicodedata.unidata_version}: do not edit.
 */
#include "proto/width.h"

const struct width_range width_ranges[] = {{""")
    for first, last, name, columns in ranges():
        print(f"\t{{ 0x{first:04x}, 0x{last:04x}, CB_{name}, {columns} }},")
    print("""\
};

const size_t width_range_count = sizeof(width_ranges) / sizeof(width_ranges[0]);""")


if __name__ == "__main__":
    sys.exit(main())
