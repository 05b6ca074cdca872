"""Packs the page into the program: one file with its style and script inside, gzipped.

Usage: pack.py OUT.c OUT.html PAGE.html STYLE.css SCRIPT.js...

The scripts are joined in the order given. Comments and the blanks that only people need stay here;
no name is changed. The hashes are those of Content Security Policy (CSP level 3,
https://www.w3.org/TR/CSP3/), of exactly the bytes between the tags. The same input gives the same
output.
"""

import base64
import hashlib
import re
import sys
import zlib
from pathlib import Path

# A regular expression of a script, and where one may stand: where no operand has ended.
REGEX = r"/(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\\\n\[])+/[a-z]*"
LITERAL = re.compile(
    r'"(?:\\.|[^"\\\n])*"'
    rf"|(?:(?<=[(,=:!&|?\[{{;])|(?<=[(,=:!&|?\[{{;][ \n])|(?<=return )){REGEX}"
    r"|`")

GZIP = 31  # zlib's word for a window of 32 KiB in the gzip format; it then sets no time


def read(path):
    return Path(path).read_text(encoding="utf-8")


def literals_of(text):
    """Cuts a script into (piece, whether it is a literal). A template is a literal up to its end,
    with all that it holds."""
    at = 0
    while match := LITERAL.search(text, at):
        end = end_of_template(text, match.end()) if match[0] == "`" else match.end()
        yield text[at:match.start()], False
        yield text[match.start():end], True
        at = end
    yield text[at:], False


def end_of_template(text, at):
    """at is after the backquote that begins it."""
    while text[at] != "`":
        if text[at] == "\\":
            at += 2
        elif text.startswith("${", at):
            at = end_of_hole(text, at + 2)
        else:
            at += 1
    return at + 1


def end_of_hole(text, at):
    """at is after the ${ that begins it. No string in it holds a brace."""
    depth = 1
    while depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at = end_of_template(text, at + 1) if text[at] == "`" else at + 1
    return at


def squeeze(code):
    code = re.sub(r"([{,;(\[])\n", r"\1", code)
    code = re.sub(r"\n([}\])])", r"\1", code)
    code = re.sub(r" ?([=<>!&|?:;,(){}\[\]*%^/+-]+) ?", r"\1", code)
    return re.sub(r"[;,]}", "}", code)


def strip_script(text):
    """Drops comments, indentation, and blanks beside what needs none. Ends of lines stay wherever
    they may end a statement."""
    lines = (re.sub(r"(^|\s)// .*", "", line).strip() for line in text.splitlines())
    text = "".join(line + "\n" for line in lines if line)
    return "".join(piece if is_literal else squeeze(piece)
                   for piece, is_literal in literals_of(text))


def strip_style(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};,]) ?|(?<=:) ", r"\1", text).replace(";}", "}").strip()


def hash_of(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def policy_of(script, style):
    """All of the policy but the sources of its last directive."""
    return "; ".join([
        "default-src 'none'",
        f"script-src 'sha256-{hash_of(script)}'",
        f"style-src 'sha256-{hash_of(style)}'",
        "connect-src 'self' ws: wss:",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors",
    ])


def strip_page(text):
    """Drops ends of lines between tags, and quotes that HTML can do without."""
    return re.sub(r'="([\w-]+)"', r"=\1", text.replace(">\n<", "><"))


def join(page, style, script):
    for tag, text in (("style", style), ("script", script)):
        assert page.count(f"<{tag}></{tag}>") == 1, f"the page needs one empty <{tag}>"
        assert f"</{tag}" not in text, f"{tag}: would end its own tag"
        page = page.replace(f"<{tag}></{tag}>", f"<{tag}>{text}</{tag}>")
    return page


def compress(data):
    """As small as zlib can: where it cuts its blocks depends on the memory that it may use."""
    def with_memory(level):
        packer = zlib.compressobj(9, zlib.DEFLATED, GZIP, level)
        return packer.compress(data) + packer.flush()
    return min(map(with_memory, range(1, zlib.DEF_MEM_LEVEL + 2)), key=len)


def array_of(name, data):
    rows = [", ".join(map(str, data[at:at + 20])) for at in range(0, len(data), 20)]
    rows = "".join(f"\t{row},\n" for row in rows)
    return f"static const unsigned char {name}[] = {{\n{rows}}};\n"


def source_of(page, policy):
    packed = compress(page)
    return "\n".join([
        "/* Made by server/web/pack.py. */",
        '#include "server/web/page.h"\n',
        array_of("packed", packed),
        "const struct web_page web_page = {",
        f"\t.gzip = packed,\n\t.gzip_len = sizeof(packed),\n\t.len = {len(page)},",
        f'\t.policy = "{policy}",\n}};\n',
    ])


def main():
    source, out, page, style, *scripts = sys.argv[1:]
    script = '"use strict";\n' + "".join(strip_script(read(each)) for each in scripts)
    style = strip_style(read(style))
    whole = join(strip_page(read(page)), style, script).encode()
    Path(source).write_text(source_of(whole, policy_of(script, style)), encoding="utf-8")
    Path(out).write_bytes(whole)


if __name__ == "__main__":
    main()
