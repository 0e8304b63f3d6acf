"""Opens TIFF files, which is what fax machines send: T.4 and T.6, many pages, pixels that are not square.

The directory of pages is walked here, with a bound, because counting must be cheap and a chain of directories can be a loop.
Pixels are decoded by Pillow (libtiff). Facts: domain/inbound-mail.md section 3.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ocr.page import RawPage
from ocr.photo import counting_bad_rows, decode, grey
from ocr.sheet import Budget, CannotOpen, Limits, Raster, failed, raw_page, too_many

MEDIA_TYPE = "image/tiff"
_WIDTH, _LENGTH, _COMPRESSION, _SUBFILE = 256, 257, 259, 254
_X_RESOLUTION, _Y_RESOLUTION, _UNIT = 282, 283, 296
_FAX_CODINGS = (2, 3, 4)
_FAX_WIDTHS = (1216, 1728, 2048, 2432)
_WALK_LIMIT = 20_000  # directories; more is not a document
_WIDEST = 20_000


@dataclass(frozen=True)
class Directory:
    """One page of a TIFF: where its directory lies, where the value of its length stands, and the tags that matter."""

    offset: int
    length_at: int
    length_size: int
    tags: dict[int, float]

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.tags.get(_WIDTH, 0))

    @property
    def length(self) -> int:
        """Rows."""
        return int(self.tags.get(_LENGTH, 0))

    @property
    def is_preview(self) -> bool:
        """Whether this is a small copy of another page (NewSubfileType bit 0)."""
        return bool(int(self.tags.get(_SUBFILE, 0)) & 1)

    @property
    def dpi(self) -> tuple[float, float]:
        """Dots an inch across and down; what a fax machine left out or made up is put right from the width (T.4 sizes)."""
        unit = {3: 2.54, 2: 1.0}.get(int(self.tags.get(_UNIT, 2)), 0.0)
        across, down = self.tags.get(_X_RESOLUTION, 0.0) * unit, self.tags.get(_Y_RESOLUTION, 0.0) * unit
        if 40 <= across <= 1300 and 40 <= down <= 1300 and 0.2 < across / down < 5:
            return across, down
        if self.width in _FAX_WIDTHS and int(self.tags.get(_COMPRESSION, 0)) in _FAX_CODINGS:
            per_inch = 204.0 if self.width != 2432 else 300.0
            return per_inch, per_inch / 2 if self.length < 0.9 * self.width else per_inch
        return 0.0, 0.0


def count(data: bytes) -> int:
    """How many pages a TIFF has; CannotOpen (damaged) when it has none that can be found."""
    return len(_pages(data))


def rasterise(data: bytes, limits: Limits) -> Raster:
    """Every page of a TIFF as a picture with square pixels."""
    directories = _pages(data)
    if len(directories) > limits.max_pages:
        raise too_many(len(directories), limits.max_pages)
    budget, file = Budget(), io.BytesIO(data)
    pages = [budget.take(_draw(file, d, number, limits)) for number, d in enumerate(directories, 1)]
    if all(p.failure for p in pages):
        raise CannotOpen(
            "damaged",
            "This fax picture is damaged and has no page that can be shown: ask the sender to send it again.",
        )
    hazards = dict.fromkeys(h for p in pages for h in p.hazards)
    return Raster(tuple(pages), len(pages), MEDIA_TYPE, tuple(hazards))


def _draw(file: io.BytesIO, page: Directory, number: int, limits: Limits) -> RawPage:
    if not 0 < page.width <= _WIDEST or page.length <= 0:
        return failed(number, f"Page {number} gives an impossible size: ask the sender to send it again.")
    rows = min(page.length, max(1, limits.max_pixels // page.width))
    across, down = page.dpi
    hazards: tuple[str, ...] = ()
    if rows < page.length:  # a stuck feeder sends 30 m: its beginning is kept visible, the original holds the rest
        hazards = ("long",)
    try:
        _put_first(file, page, rows)
        with counting_bad_rows() as bad_rows:
            image, damaged = decode(file)
            picture = grey(image)
    except (OSError, ValueError, SyntaxError, struct.error, MemoryError, KeyError, TypeError, RuntimeError):
        return failed(number, f"Page {number} is damaged and cannot be shown: ask the sender to send it again.")
    return raw_page(
        number, *_squared(picture, across, down), hazards + (("damaged",) if damaged or bad_rows[0] else ())
    )


def _squared(picture: np.ndarray, across: float, down: float) -> tuple[np.ndarray, int]:
    """The picture with square pixels, and its resolution; a difference of 5 % (204 x 196) is left alone, it costs sharpness."""
    import cv2

    height, width = picture.shape
    if across and down and abs(across / down - 1) > 0.05:
        size = (
            (width, round(height * across / down))
            if across >= down or height * across / down > 400
            else (width, height)
        )
        shrinks = size[1] < height
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.ascontiguousarray(picture), round(across)


def _put_first(file: io.BytesIO, page: Directory, rows: int) -> None:
    """Makes this page's directory the file's first, and cuts its length to the rows that will be decoded."""
    with file.getbuffer() as data:
        order = "<" if bytes(data[:2]) == b"II" else ">"
        big = struct.unpack_from(order + "H", data, 2)[0] == 43
        struct.pack_into(order + ("Q" if big else "I"), data, 8 if big else 4, page.offset)
        if rows < page.length:
            struct.pack_into(order + {2: "H", 4: "I", 8: "Q"}[page.length_size], data, page.length_at, rows)


def _pages(data: bytes) -> list[Directory]:
    try:
        found = [d for d in _walk(data) if not d.is_preview]
    except (struct.error, OverflowError):
        found = []
    if not found:
        raise CannotOpen(
            "damaged", "This fax picture is damaged and has no page that can be shown: ask the sender to send it again."
        )
    return found


def _walk(data: bytes) -> Iterator[Directory]:
    """The directories in order; a chain that breaks off, loops or never ends stops there and keeps what came before."""
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    offset = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
    seen: set[int] = set()
    while offset and offset not in seen and len(seen) < _WALK_LIMIT:
        seen.add(offset)
        try:
            directory, offset = _directory(data, offset, order, big)
        except struct.error:
            return
        yield directory


def _directory(data: bytes, offset: int, order: str, big: bool) -> tuple[Directory, int]:
    entries, start, size = (
        (*struct.unpack_from(order + "Q", data, offset), offset + 8, 20)
        if big
        else (*struct.unpack_from(order + "H", data, offset), offset + 2, 12)
    )
    if entries > 4096:
        raise struct.error("too many tags")
    tags: dict[int, float] = {}
    length_at = length_size = 0
    for at in range(start, start + entries * size, size):
        tag, kind = struct.unpack_from(order + "HH", data, at)
        value_at = at + (12 if big else 8)
        if tag in (_X_RESOLUTION, _Y_RESOLUTION) and kind == 5:
            where = value_at if big else struct.unpack_from(order + "I", data, value_at)[0]
            if where + 8 <= len(data):
                top, bottom = struct.unpack_from(order + "II", data, where)
                tags[tag] = top / bottom if bottom else 0.0
        elif kind in (3, 4, 16) and tag in (_WIDTH, _LENGTH, _COMPRESSION, _SUBFILE, _UNIT):
            width = {3: 2, 4: 4, 16: 8}[kind]
            tags[tag] = struct.unpack_from(order + {2: "H", 4: "I", 8: "Q"}[width], data, value_at)[0]
            if tag == _LENGTH:
                length_at, length_size = value_at, width
    following = struct.unpack_from(order + ("Q" if big else "I"), data, start + entries * size)
    return Directory(offset, length_at, length_size, tags), following[0]
