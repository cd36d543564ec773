"""Downloads: archives with a table, and animations. Each is returned as bytes; nothing is written to disk."""

import csv
import functools
import importlib.util
import io
import re
import zipfile
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from gan_demo.errors import UserError
from gan_demo.pictures import encoding

MAX_STEM = 120
FPS = 25
GIF_SCALE, MP4_SCALE = 8, 16  # pixels of the file to one of the digit
STAMP = (1980, 1, 1, 0, 0, 0)  # equal pictures make equal archives


def file_name(stem: str, ending: str) -> str:
    """A name that a file may have everywhere: that of `folder_name`, and an ending."""
    return f"{folder_name(stem)}.{ending}"


def folder_name(stem: str) -> str:
    """A name that a folder may have everywhere: Windows knows characters and names that it does not take.

    At most 120 characters stay of `stem`, in which each sign that is refused becomes a hyphen.
    """
    plain = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "-", stem)[:MAX_STEM].strip(". ") or "file"
    device = re.fullmatch(r"con|prn|aux|nul|(com|lpt)[0-9¹²³]", plain.partition(".")[0].rstrip(), re.IGNORECASE)
    return f"{'_' if device else ''}{plain}"


def archive(
    pixels: Iterable[np.ndarray], names: Sequence[str], columns: Sequence[str], rows: Iterable[Sequence], noun: str
) -> bytes:
    """Make a ZIP of PNG files, (28, 28) uint8 each, and a table of them: `columns`, and a row for each picture.

    The table is called after what the pictures show: "digits.csv", where `noun` is "digits".
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(columns)
    writer.writerows(rows)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(zipfile.ZipInfo(f"{noun}.csv", STAMP), table.getvalue(), zipfile.ZIP_DEFLATED)
        for name, picture in zip(names, pixels, strict=True):
            # A PNG is as small as it gets.
            file.writestr(zipfile.ZipInfo(name, STAMP), encoding.png_bytes(Image.fromarray(picture)))
    return buffer.getvalue()


def there_and_back(pixels: np.ndarray) -> np.ndarray:
    """Append the way back, so that frames loop without a jump: (n, 28, 28) -> (2n - 2, 28, 28)."""
    return np.concatenate([pixels, pixels[-2:0:-1]])


def gif(pixels: np.ndarray, milliseconds: int) -> bytes:
    """Make a GIF of (n, 28, 28) uint8 that loops for ever, `milliseconds` a frame (browsers keep 20 and more)."""
    first, *rest = (encoding.grid(picture[None], 1, scale=GIF_SCALE) for picture in pixels)
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=rest, duration=milliseconds, loop=0)
    return buffer.getvalue()


@functools.cache
def has_encoder() -> bool:
    """Say whether PyAV is installed, which is not required, and knows H.264."""
    if importlib.util.find_spec("av") is None:
        return False
    import av

    return "libx264" in av.codecs_available


def mp4(pixels: np.ndarray) -> bytes:
    """Make an H.264 film of (n, 28, 28) uint8, FPS frames a second; raises UserError where nothing can encode it."""
    if not has_encoder():
        raise UserError("an MP4 needs one more package: pip install av")
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=FPS, options={"crf": "18"})
        stream.width = stream.height = pixels.shape[1] * MP4_SCALE
        stream.pix_fmt = "yuv420p"  # the one that every player knows
        for picture in pixels:
            frame = av.VideoFrame.from_ndarray(picture.repeat(MP4_SCALE, 0).repeat(MP4_SCALE, 1), format="gray")
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return buffer.getvalue()
