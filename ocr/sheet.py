"""What comes out of opening a file: its pages as pictures, or one sentence on why a person must open it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr.page import RawPage

if TYPE_CHECKING:
    import numpy as np

USUAL_DPI = 204
LARGEST_DPI = 300  # more costs time and memory and reads no better
_A4_LONG_SIDE = 11.7  # inches
_ALL_PICTURES = 400_000_000  # bytes of PNG for one file: a bound for the process that holds them all


class CannotOpen(Exception):
    """A file that cannot be turned into pages.

    `code` is one of empty, encrypted, damaged, unsupported_type, too_large, too_many_pages; `says` tells a person what to do.
    """

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


@dataclass(frozen=True)
class Raster:
    """A file as pictures: one RawPage for each of its `page_count` pages, its media type, and what is doubtful about the file."""

    pages: tuple[RawPage, ...]
    page_count: int
    media_type: str
    hazards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """How much one file may ask for: pages, pixels of one page, and the resolution at which drawn pages are drawn."""

    max_pages: int = 200
    max_pixels: int = 40_000_000
    dpi: int = USUAL_DPI


def too_many(pages: int, limit: int) -> CannotOpen:
    """The refusal of a file with more pages than are read by machine."""
    return CannotOpen(
        "too_many_pages",
        f"This file has {pages:,} pages, more than the {limit:,} that are read by machine: "
        "open it, and hand in the pages that belong to the referral.",
    )


def raw_page(number: int, picture: np.ndarray, dpi: int, hazards: tuple[str, ...] = ()) -> RawPage:
    """A raw page from a grey picture with square pixels (uint8); more than 300 dpi is scaled down."""
    import cv2

    height, width = picture.shape
    if dpi <= 0:  # a photograph or a scan that does not say: taken for A4
        dpi = max(50, round(max(height, width) / _A4_LONG_SIDE))
    if dpi > LARGEST_DPI:
        zoom = LARGEST_DPI / dpi
        size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
        picture, dpi = cv2.resize(picture, size, interpolation=cv2.INTER_AREA), LARGEST_DPI
    return RawPage(number, png(picture), dpi, hazards=hazards)


def png(picture: np.ndarray) -> bytes:
    """A grey picture as PNG, with one bit a pixel when it is black and white."""
    import cv2

    if ((picture == 0) | (picture == 255)).all():
        return cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_BILEVEL, 1])[1].tobytes()
    return cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes()


def failed(number: int, says: str) -> RawPage:
    """A page that could not be drawn; the others go on (P7)."""
    return RawPage(number, b"", 0, failure=says)


class Budget:
    """Counts the bytes of a file's pictures, so that a file of many large pages cannot fill the memory."""

    def __init__(self) -> None:
        self._left = _ALL_PICTURES

    def take(self, page: RawPage) -> RawPage:
        """The page itself, or its failure once the pages before it have used everything up."""
        self._left -= len(page.picture)
        if self._left < 0:
            return failed(
                page.number,
                "This file is too large to be read to its end: open it, and scan it again in black and white at 200 dpi.",
            )
        return page
