"""Opens PNG, JPEG and other single pictures with Pillow, and turns any picture into grey on white."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ocr.sheet import CannotOpen, Limits, Raster, raw_page

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

_BAD_ROW = re.compile(rb"Bad code|Uncompressed data|Premature E|Line length|Bad 1D|Bad 2D")  # as libtiff words it
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")


def rasterise(data: bytes, media_type: str, limits: Limits) -> Raster:
    """A picture file as one page; CannotOpen (damaged, too_large) when it cannot be shown."""
    image, damaged = _open(data, limits)
    dots = image.info.get("dpi", (0, 0))
    dpi = round(float(dots[0])) if isinstance(dots, tuple) and dots and dots[0] else 0
    usual = 100 <= dpi <= 1300 and 4 < max(image.size) / dpi < 20  # cameras write 72 or 300 whatever the picture
    page = raw_page(1, grey(image), dpi if usual else 0, ("damaged",) if damaged else ())
    return Raster((page,), 1, media_type, page.hazards)


def check(data: bytes, limits: Limits) -> None:
    """Raises CannotOpen when a picture's header cannot be read or announces too many pixels."""
    from PIL import Image

    try:
        with _no_bomb_warning(), _pillow_open(io.BytesIO(data)) as image:
            across, down = image.size
            jpeg = image.format in ("JPEG", "MPO")
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        raise _damaged() from None
    if (
        across * down > limits.max_pixels * (16 if jpeg else 1) or max(across, down) > 65_500
    ):  # a JPEG can be decoded small
        raise _too_large()


def _open(data: bytes, limits: Limits) -> tuple[Image, bool]:
    from PIL import Image, ImageOps

    check(data, limits)
    try:
        image, damaged = decode(io.BytesIO(data), limits.max_pixels)
        return ImageOps.exif_transpose(image), damaged
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, MemoryError):
        raise _damaged() from None


def _pillow_open(file: io.BytesIO) -> Image:
    """Opens with the few decoders that are needed: each more is a surface for attacks."""
    from PIL import BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin
    from PIL import Image as Pillow

    for plugin in (BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin):
        assert plugin  # importing one registers it
    return Pillow.open(file, formats=_FORMATS)


def _too_large() -> CannotOpen:
    return CannotOpen(
        "too_large", "This picture has too many pixels to be read: scan it again in black and white at 200 dpi."
    )


def _damaged() -> CannotOpen:
    return CannotOpen("damaged", "This picture is damaged and cannot be shown: ask the sender to send it again.")


def _no_bomb_warning() -> warnings.catch_warnings:
    """Pillow warns on the error stream from 89 million pixels on; the limit here is our own."""
    return warnings.catch_warnings(action="ignore")


def decode(file: io.BytesIO, max_pixels: int = 0) -> tuple[Image, bool]:
    """A loaded Pillow picture, and whether it broke off before its end (what came before is kept); OSError when nothing came."""
    from PIL import ImageFile

    def load() -> Image:
        file.seek(0)
        image = _pillow_open(file)
        if max_pixels and image.format in ("JPEG", "MPO"):
            zoom = (max_pixels / max(1, image.size[0] * image.size[1])) ** 0.5
            image.draft(
                None, (max(1, int(image.size[0] * min(1.0, zoom))), max(1, int(image.size[1] * min(1.0, zoom))))
            )
        image.load()
        return image

    with _no_bomb_warning():
        try:
            return load(), False
        except (OSError, SyntaxError):
            before = ImageFile.LOAD_TRUNCATED_IMAGES
            ImageFile.LOAD_TRUNCATED_IMAGES = True
            try:
                return load(), True
            finally:
                ImageFile.LOAD_TRUNCATED_IMAGES = before


@contextmanager
def counting_bad_rows() -> Iterator[list[int]]:
    """Catches what libtiff writes on the error stream and leaves the number of damaged scan lines in the list it gives.

    A fax without error correction loses rows: letters change and still look clean, so that the count is evidence. The error
    stream is redirected for the whole process; files are opened in a child process of their own.
    """
    rows = [0]
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield rows
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            rows[0] = len(
                re.findall(
                    rb"(?:Bad code|Uncompressed data|Premature E|Line length|Bad 1D|Bad 2D)", caught.read(4_000_000)
                )
            )


def grey(image: Image) -> np.ndarray:
    """A Pillow picture as grey uint8 on white paper (height x width), whatever its mode."""
    import numpy as np
    from PIL import Image as Pillow

    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        values = np.asarray(image, dtype=np.float32)
        top = float(values.max()) or 1.0
        return (
            (values * (255.0 / (top if top <= 255 else 65535.0 if top <= 65535 else top))).clip(0, 255).astype(np.uint8)
        )
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        coloured = image.convert("RGBA")
        paper = Pillow.new("RGBA", coloured.size, "white")
        image = Pillow.alpha_composite(paper, coloured)
    return np.array(image.convert("L"))
