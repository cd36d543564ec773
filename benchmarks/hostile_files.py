"""Hostile picture files for benchmarks/hostile.py: from a seed, and by what the formats are made of.

A third are sound pictures of rare kinds, whose digit must be found; the others are damaged, lying, or bombs.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Given(NamedTuple):
    """A file that somebody brings."""

    kind: str
    content: bytes
    sound: bool  # whether its digit must be found


def encoded(picture: Image.Image, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


# Sound pictures of rare kinds -------------------------------------------------------------------------------


def _turned(ink: Image.Image, dice: random.Random) -> bytes:
    """Lying on its side or in a mirror, with the note that says so."""
    ways = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # orientation -> the transposition that undoes it
    orientation = dice.choice(list(ways))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return encoded(ink.transpose(Image.Transpose(ways[orientation])), "JPEG", exif=exif, quality=95)


def _clear(ink: Image.Image, dice: random.Random) -> bytes:
    picture = Image.new("RGBA", ink.size, (dice.randrange(40), 0, 0, 0))
    picture.putalpha(ink.point(lambda level: 255 - level))
    return encoded(picture, dice.choice(["PNG", "TIFF"]))


def _late(ink: Image.Image, dice: random.Random) -> bytes:
    blank = Image.new("L", ink.size, 255)
    return encoded(blank, "GIF", save_all=True, append_images=[ink] * 2, duration=20)


def _wide(ink: Image.Image, dice: random.Random) -> bytes:
    levels = np.asarray(ink)
    if dice.random() < 0.5:
        return encoded(Image.fromarray(levels.astype(np.uint16) * 257), dice.choice(["PNG", "TIFF"]))
    return encoded(Image.fromarray((levels / np.float32(255)).astype(np.float32)), "TIFF")


SOUND: dict[str, Callable[[Image.Image, random.Random], bytes]] = {
    "grey": lambda ink, dice: encoded(ink, dice.choice(["PNG", "BMP", "TIFF", "GIF", "WEBP"])),
    "light on dark": lambda ink, dice: encoded(ink.point(lambda level: 255 - level)),
    "JPEG": lambda ink, dice: encoded(ink, "JPEG", quality=dice.randint(80, 95), progressive=dice.random() < 0.5),
    "CMYK": lambda ink, dice: encoded(ink.convert("CMYK"), "JPEG", quality=95),
    "palette": lambda ink, dice: encoded(ink.convert("RGB").quantize(dice.randint(8, 256))),
    "WebP": lambda ink, dice: encoded(ink.convert("RGB"), "WEBP", lossless=dice.random() < 0.5, quality=90),
    "16 bits and floats": _wide,
    "transparent": _clear,
    "turned by EXIF": _turned,
    "blank first frame": _late,
    "compressed TIFF": lambda ink, dice: encoded(ink, "TIFF", compression=dice.choice(["tiff_lzw", "packbits"])),
}


# Damage ------------------------------------------------------------------------------------------------------


def chunk(kind: bytes, content: bytes, sum_right: bool = True) -> bytes:
    """A chunk of a PNG."""
    crc = zlib.crc32(kind + content) ^ (0 if sum_right else 1)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def _chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], len(SIGNATURE)
    while at + 12 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        found.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def _png(ink: Image.Image, dice: random.Random) -> bytes:
    """A PNG with chunks that lie, are missing, or stand twice; their checksums are right for the most part."""
    parts = _chunks(encoded(ink.convert(dice.choice(["L", "RGB", "RGBA", "P", "1"]))))
    for _ in range(dice.randint(1, 3)):
        which = dice.randrange(len(parts))
        kind, content = parts[which]
        what = dice.randrange(6)
        if what == 0 and kind == b"IHDR":
            sizes = [dice.choice([0, 1, 27, 4000, 2**20, 2**31 - 1, 2**32 - 1]) for _ in range(2)]
            content = struct.pack(">II", *sizes) + bytes(dice.choice([0, 1, 2, 3, 4, 6, 8, 16, 99]) for _ in range(5))
        elif what == 1:
            content = content[: dice.randint(0, len(content))]
        elif what == 2:
            content = _flipped(content, dice)
        elif what == 3:
            parts.insert(which, (kind, content))
        elif what == 4 and len(parts) > 1:
            del parts[which]
            continue
        else:
            extra = dice.choice(
                [b"tRNS", b"PLTE", b"iCCP", b"zTXt", b"gAMA", b"acTL", b"fcTL", b"eXIf", b"\0\xff\0\xff"]
            )
            parts.insert(min(1, len(parts)), (extra, dice.randbytes(dice.choice([0, 1, 3, 26, 2000]))))
        parts[min(which, len(parts) - 1)] = (kind, content)
    return SIGNATURE + b"".join(chunk(*part, dice.random() < 0.9) for part in parts)


def _flipped(content: bytes, dice: random.Random, most: int = 20) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.randint(1, most) if changed else 0):
        changed[dice.randrange(len(changed))] = dice.choice([0, 1, 127, 128, 255, dice.randrange(256)])
    return bytes(changed)


def _any(ink: Image.Image, dice: random.Random) -> bytes:
    format = dice.choice(["PNG", "GIF", "JPEG", "TIFF", "BMP", "WEBP"])
    mode = (
        "RGB" if format in ("JPEG", "WEBP") else dice.choice(["L", "RGB", "P"] if format != "TIFF" else ["L", "1", "F"])
    )
    return encoded(ink.convert(mode), format)


def _truncated(ink: Image.Image, dice: random.Random) -> bytes:
    content = _any(ink, dice)
    return content[: dice.randint(0, len(content) - 1)]


def _head(ink: Image.Image, dice: random.Random) -> bytes:
    """Bytes of the header changed: sizes, depths, counts, offsets."""
    content = _any(ink, dice)
    return _flipped(content[:64], dice, 6) + content[64:]


def _spliced(ink: Image.Image, dice: random.Random) -> bytes:
    one, other = _any(ink, dice), _any(ink, dice)
    return one[: dice.randint(8, len(one))] + other[dice.randrange(len(other)) :]


def _tiff(ink: Image.Image, dice: random.Random) -> bytes:
    """A TIFF whose directory lies: numbers, offsets, a circle of directories."""
    numbers = (
        254,
        256,
        257,
        258,
        259,
        262,
        273,
        277,
        278,
        279,
        282,
        284,
        317,
        320,
        322,
        323,
        330,
        338,
        339,
        34665,
        700,
    )
    values = (0, 1, 2, 8, 28, 5, 7, 8, 65535, 2**31, 2**32 - 1, 50000, 34712)
    entries = sorted(dice.sample(numbers, dice.randint(5, len(numbers))))
    body = b""
    for number in entries:
        count = dice.choice([0, 1, 1, 1, 2, 65535, 2**32 - 1])
        body += struct.pack("<HHII", number, dice.choice([1, 2, 3, 4, 5, 12, 99]), count, dice.choice(values))
    return (
        b"II*\0"
        + struct.pack("<IH", 8, len(entries))
        + body
        + struct.pack("<I", dice.choice([0, 8, 2**31]))
        + bytes(99)
    )


def _bomb(ink: Image.Image, dice: random.Random) -> bytes:
    """Little to send, and much to decode."""
    what = dice.randrange(6)
    side = dice.choice([5000, 12_000, 20_000, 50_000])
    if what == 0:  # 1 bit a pixel
        rows = zlib.compress(bytes(min(side, 9000) * (1 + side // 8)))
        return SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)) + chunk(b"IDAT", rows)
    if what == 1:  # a text of 60 MB
        parts = _chunks(encoded(ink))
        parts.insert(1, (dice.choice([b"zTXt", b"iTXt", b"iCCP"]), b"a\0\0" + zlib.compress(bytes(60_000_000))))
        return SIGNATURE + b"".join(chunk(*part) for part in parts)
    if what == 2:  # a screen far larger than its only frame
        content = bytearray(encoded(ink, "GIF"))
        content[6:10] = struct.pack("<HH", *(dice.choice([65535, 20_000, 4000]) for _ in range(2)))
        return bytes(content)
    if what == 3:
        frames = [
            ink.resize((60, 60)).point(lambda level, n=n: (level + n) % 256) for n in range(dice.choice([50, 400]))
        ]
        return encoded(Image.new("L", (60, 60), 255), "GIF", save_all=True, append_images=frames)
    if what == 4:
        content = bytearray(encoded(ink.convert("RGB"), "JPEG"))
        at = content.find(b"\xff\xc0")
        content[at + 5 : at + 9] = struct.pack(">HH", *(dice.choice([65500, 30_000, 9000]) for _ in range(2)))
        return bytes(content)
    return encoded(Image.new("RGB", (dice.choice([3000, 4000]),) * 2, (9, 9, 9)), dice.choice(["PNG", "WEBP", "JPEG"]))


OTHERS = (
    b"",
    b"\0" * 5000,
    b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    b"<!doctype html><script>alert(1)</script>",
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj",
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) run",
    b"8BPS\0\1" + bytes(40),
    b"PK\3\4" + bytes(60),
    b"\x1f\x8b\x08" + bytes(60),
    b"\0\0\0\x1cftypheic" + bytes(80),
    b"\0\0\0\x1cftypavif" + bytes(80),
    b"\0\0\1\0\1\0\x10\x10" + bytes(60),
    b"P6 99999999 99999999 255\n",
    b"\x0a\5\1\x08" + bytes(128),
    b"RIFF\xff\xff\xff\xffWEBPVP8X\n\0\0\0" + b"\xff" * 40,
    b"GIF89a" + b"\xff" * 500,
    b"\xff\xd8\xff\xe1\xff\xff" + b"Exif\0\0" + b"\xff" * 600,
    b"BM" + b"\xff" * 60,
    "数字".encode("utf-16"),
)


def _other(ink: Image.Image, dice: random.Random) -> bytes:
    return dice.choice(OTHERS) + (encoded(ink) if dice.random() < 0.2 else b"")


HOSTILE: dict[str, Callable[[Image.Image, random.Random], bytes]] = {
    "PNG that lies": _png,
    "flipped": lambda ink, dice: _flipped(_any(ink, dice), dice, 60),
    "truncated": _truncated,
    "header": _head,
    "spliced": _spliced,
    "TIFF that lies": _tiff,
    "bomb": _bomb,
    "another kind of file": _other,
}


def picture(ink: Image.Image, seed: int) -> Given:
    """The file of a seed; `ink` is a digit, black on white, mode "L"."""
    dice = random.Random(seed)
    sound = dice.random() < 1 / 3
    kinds = SOUND if sound else HOSTILE
    kind = dice.choice(list(kinds))
    return Given(kind, kinds[kind](ink, dice), sound)
