"""Has what zlib packs unpacked, whole and damaged.

Usage: check_inflate.py PROGRAM, which is inflate.c. Says TAP.
"""

import random
import struct
import subprocess
import sys
import zlib

RAW = -15  # zlib's word for a deflate stream with nothing around it


def pack(data, level, strategy, window=15):
    packer = zlib.compressobj(level, zlib.DEFLATED, -window, 8, strategy)
    return packer.compress(data) + packer.flush()


def texts():
    dice = random.Random(1951)
    yield b""
    yield b"a"
    yield b"a" * 258
    yield b"a" * 259
    yield b"\n".join(b"line %d of the conversation" % i for i in range(3000))
    yield dice.randbytes(20000)
    yield bytes(dice.choice(b"abcd") for _ in range(15000))
    far = dice.randbytes(32768)
    yield far + far  # the longest distance
    yield b"".join(dice.choice([b"ab", b"abc" * 90, dice.randbytes(3)]) for _ in range(5000))


def whole():
    for data in texts():
        for level in (0, 1, 6, 9):
            yield data, pack(data, level, zlib.Z_DEFAULT_STRATEGY)
        for strategy in (zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED):
            yield data, pack(data, 9, strategy)
        yield data, pack(data, 9, 0, 9)


def damaged():
    """Streams that zlib may or may not take, and how much is asked for."""
    dice = random.Random(1952)
    data = b"".join(dice.choice([b"tea", b"pot " * 40, dice.randbytes(2)]) for _ in range(200))
    for packed in (pack(data, 9, 0), pack(data, 9, zlib.Z_FIXED), pack(data, 0, 0)):
        for at in range(len(packed)):
            yield len(data), packed[:at]
        for _ in range(700):
            wrong = bytearray(packed)
            for _ in range(dice.choice([1, 1, 2, 9])):
                near = dice.choice([80, len(wrong)])  # the codes stand at the beginning
                wrong[dice.randrange(near)] ^= 1 << dice.randrange(8)
            yield len(data), bytes(wrong)
        yield len(data) - 1, packed
        yield len(data) + 1, packed
    for _ in range(6000):
        yield dice.choice([0, 1, 1000]), dice.randbytes(dice.randrange(60))


def zlib_says(packed, length):
    """What a stream unpacks to, or None where it is broken or of another length."""
    unpacker = zlib.decompressobj(RAW)
    try:
        data = unpacker.decompress(packed)
    except zlib.error:
        return None
    return data if unpacker.eof and len(data) == length else None


def run(program, cases):
    """What the program makes of (length, packed): the bytes, or None."""
    request = b"".join(struct.pack("<II", length, len(packed)) + packed for length, packed in cases)
    answer = subprocess.run([program], input=request, stdout=subprocess.PIPE, check=True).stdout
    at = 0
    for length, _ in cases:
        is_right = answer[at]
        yield answer[at + 1:at + 1 + length] if is_right else None
        at += 1 + (length if is_right else 0)
    assert at == len(answer)


def main():
    program = sys.argv[1]
    good = list(whole())
    right = list(run(program, [(len(data), packed) for data, packed in good]))
    bad = list(damaged())
    pairs = [(zlib_says(packed, length), ours)
             for (length, packed), ours in zip(bad, run(program, bad))]
    results = [
        (f"{len(good)} streams as zlib unpacks them", right == [data for data, _ in good]),
        ("what zlib takes of the damaged ones is taken, and the same",
         all(theirs == ours for theirs, ours in pairs if theirs is not None)),
        (f"{len(bad)} damaged streams: hardly one is taken that zlib refuses",
         sum(theirs is None and ours is not None for theirs, ours in pairs) < len(bad) / 100),
    ]
    print(f"1..{len(results)}")
    for number, (name, is_right) in enumerate(results, 1):
        print(f"{'' if is_right else 'not '}ok {number} - {name}")
    return not all(is_right for _, is_right in results)


if __name__ == "__main__":
    sys.exit(main())
