"""The page that is in the program: its sizes, and that a browser will run it.

Usage: check_page.py PROGRAM, which writes one part of the page (page.c).
"""

import base64
import gzip
import hashlib
import re
import subprocess
import sys


def part(name):
    return subprocess.run([sys.argv[1], name], stdout=subprocess.PIPE, check=True).stdout


def hash_in(page, tag):
    """That of the only element of this name, as Content Security Policy has it."""
    (text,) = re.findall(rb"<%s>(.*?)</%s>" % (tag, tag), page, re.DOTALL)
    return base64.b64encode(hashlib.sha256(text).digest()).decode()


def checks():
    packed, policy = part("gzip"), part("policy").decode()
    page = gzip.decompress(packed)
    yield f"at most 64 KiB ({len(page)} bytes)", len(page) <= 64 * 1024
    yield f"at most 20 KiB compressed ({len(packed)} bytes)", len(packed) <= 20 * 1024
    yield "no time stands in it, nor a name", packed[:10] == b"\x1f\x8b\x08\0\0\0\0\0\x02\x03"
    yield "it is UTF-8", page.decode().encode() == page
    yield "the policy allows its script and style, and nothing from elsewhere", policy == (
        f"default-src 'none'; script-src 'sha256-{hash_in(page, b'script')}'; "
        f"style-src 'sha256-{hash_in(page, b'style')}'; connect-src 'self' ws: wss:; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors")
    outside = rb"""<(script|style|link|img|iframe)[^>]*\s(src|href)=(?!["']?data:)|\son\w+=|\sstyle="""
    yield "nothing is loaded, no attribute holds script or style", not re.search(
        outside, re.sub(rb"<script>.*?</script>", b"", page, flags=re.DOTALL))


def main():
    results = list(checks())
    print(f"1..{len(results)}")
    for number, (name, is_right) in enumerate(results, 1):
        print(f"{'' if is_right else 'not '}ok {number} - {name}")
    return not all(is_right for _, is_right in results)


if __name__ == "__main__":
    sys.exit(main())
