"""The layers hold: a file includes only files below it, and what is pure touches nothing.

Usage: layers.py TOP COMPILER...

Pure are proto and the two cores: bytes and the time come in as arguments. So they include no
header of I/O, they call only functions over memory, and they keep nothing of their own between
calls (no writable data). Calls and data are read from their objects, compiled here without
optimisation, so that every call stands under the name it was written by.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tap import report

# Each layer and those that it may include; the innermost folder that holds a file is its layer.
# A main.c that lies beside its layers stands above them.
CORE = ["server/core/base", "server/core/nats", "server/core/feed", "server/core/wire",
        "server/core/client", "server/core/room", "server/core/share", "server/core/command",
        "server/core"]
LAYERS = {
    "proto": ["proto"],
    **{layer: ["proto", *CORE[:i + 1]] for i, layer in enumerate(CORE)},
    "server/web": ["server/web"],
    "server/shell": ["proto", *CORE, "server/web", "server/shell"],
    "server": ["proto", *CORE, "server/web", "server/shell", "server"],
    "client/core": ["proto", "client/core"],
    "client/shell": ["proto", "client/core", "client/shell"],
    "client": ["proto", "client/core", "client/shell", "client"],
}
PURE = ["proto", *CORE, "client/core"]

# The bytes of a transport are known to its folder, and to those that put it together (invariant 7
# of docs/design.md): header, or a folder of headers, and the beginnings of those who may include it.
TRANSPORTS = {
    "proto/telnet.h": ("proto/", "server/core/wire/", "client/core/inbound"),
    "server/core/wire/websocket.h": ("server/core/wire/", "server/core/room/delivery_"),
    "server/core/nats/": ("server/core/nats/", "server/shell/cluster.", "server/shell/nats."),
}
# Feeds are written by these alone (invariant 1): room_apply(), the history and a snapshot.
FEED_WRITERS = {"server/core/feed/feed.c", "server/core/room/room.c",
                "server/core/feed/history_format.c", "server/core/snapshot_room.c"}

# What a pure file may include, and call, of the C library: memory, and text in memory.
HEADERS = {"assert.h", "inttypes.h", "limits.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h",
           "stdint.h", "stdlib.h", "string.h", "sys/uio.h"}
CALLS = {"malloc", "calloc", "realloc", "free", "memcpy", "memmove", "memset", "memcmp", "memchr",
         "memrchr", "strlen", "strcmp", "strncmp", "strchr", "strcspn", "qsort", "bsearch", "abort",
         "__assert_fail", "__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_"}

# A file that includes one of these may call only these functions of it.
EXTRA = {
    "stdio.h": {"snprintf", "vsnprintf"},
    "time.h": {"localtime_r", "mktime"},
    "arpa/inet.h": {"inet_ntop", "inet_pton"},
}
# And only these files may.
EXTRA_FILES = {"time.h": {"proto/stamp.c"}, "arpa/inet.h": {"server/core/base/address.c"}}


def layer_of(path):
    return max((layer for layer in LAYERS if path.startswith(layer + "/")), key=len)


def includes_of(file):
    """The files of ours, and the headers of the system, that a file includes."""
    text = file.read_text(encoding="utf-8")
    return (re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.MULTILINE),
            re.findall(r"^\s*#\s*include\s+<([^>]+)>", text, re.MULTILINE))


def check_layers(ours):
    for path, (files, _) in ours.items():
        for included in files:
            if included not in ours:
                yield f"{path} includes {included}, which is not named from the top"
            elif layer_of(included) not in LAYERS[layer_of(path)]:
                yield f"{path} includes {included}, which does not lie below it"


def cycles(uses):
    done = set()

    def visit(one, trail):
        if one in trail:
            yield " -> ".join([*trail[trail.index(one):], one])
        elif one not in done:
            for other in sorted(uses.get(one, ())):
                yield from visit(other, [*trail, one])
            done.add(one)

    for one in uses:
        yield from visit(one, [])


def check_files(ours):
    return cycles({path: files for path, (files, _) in ours.items()})


def check_modules(ours):
    """A module is a .c and its .h; what either includes, the module uses."""
    uses = {}
    for path, (files, _) in ours.items():
        module = path.rsplit(".", 1)[0]
        if layer_of(path) not in ["proto", *CORE]:
            others = {included.rsplit(".", 1)[0] for included in files} - {module}
            uses.setdefault(module, set()).update(others)
    return cycles(uses)


def check_headers(ours):
    for path, (_, headers) in ours.items():
        if layer_of(path) not in PURE:
            continue
        for header in headers:
            if header not in HEADERS and header not in EXTRA:
                yield f"{path} includes <{header}>"
            elif path not in EXTRA_FILES.get(header, {path}):
                yield f"{path} includes <{header}>, which only one file needs"


def check_transports(ours):
    for path, (files, _) in ours.items():
        for included in files:
            for transport, users in TRANSPORTS.items():
                if included.startswith(transport) and not path.startswith(users):
                    yield f"{path} includes {included}"


def check_feeds(top, ours):
    for path in ours:
        text = (top / path).read_text(encoding="utf-8")
        if path.endswith(".c") and path not in FEED_WRITERS and "feed_append(" in text:
            yield f"{path} writes a feed"


def symbols_of(top, path, compiler, folder):
    """(kind, name) of each symbol of a file's object, in nm's letters."""
    target = Path(folder) / (path.replace("/", "-") + ".o")
    subprocess.run([*compiler, "-std=c11", "-O0", "-fno-builtin", "-fno-pic", "-fno-lto", "-w",
                    "-D_POSIX_C_SOURCE=200809L", '-DCHAT_VERSION=""', "-I", top, "-c",
                    top / path, "-o", target], check=True)
    listing = subprocess.run(["nm", target], check=True, capture_output=True, text=True).stdout
    return [tuple(line.split()[-2:]) for line in listing.splitlines()]


def check_symbols(top, ours, compiler):
    with tempfile.TemporaryDirectory() as folder:
        symbols = {path: symbols_of(top, path, compiler, folder) for path in ours
                   if layer_of(path) in PURE and path.endswith(".c")}
    defined = {name for found in symbols.values() for kind, name in found if kind in "TR"}
    for path, found in symbols.items():
        extra = set().union(*(EXTRA.get(header, set()) for header in ours[path][1]))
        for kind, name in found:
            if kind == "U" and name not in defined | CALLS | extra:
                yield f"{path} calls {name}()"
            if kind in "bBdDC":
                yield f"{path} keeps the variable {name}"


def main():
    top, compiler = Path(sys.argv[1]), sys.argv[2:]
    ours = {str(file.relative_to(top)): includes_of(file) for folder in ("proto", "server", "client")
            for file in sorted((top / folder).rglob("*")) if file.suffix in (".c", ".h")}
    return report([
        ("a file includes only files below it", check_layers(ours)),
        ("no file includes itself by way of others", check_files(ours)),
        ("no module of the shells and the client uses itself by way of others",
         check_modules(ours)),
        ("transports are known to their folders", check_transports(ours)),
        ("feeds are written by those who may", check_feeds(top, ours)),
        ("what is pure includes no header of I/O", check_headers(ours)),
        ("what is pure calls and keeps nothing but memory", check_symbols(top, ours, compiler)),
    ])


if __name__ == "__main__":
    sys.exit(main())
