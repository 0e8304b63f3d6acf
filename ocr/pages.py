"""Reads raw pages into upright pages with lines, tick boxes and quality; re-reads single values with the other reader."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ocr import clean
from ocr.boxes import find_ticks
from ocr.orientation import turn_needed
from ocr.page import Page, Quality, RawPage
from ocr.quality import judge
from ocr.readers import PpOcr

_UNREADABLE = "This page could not be drawn; open the original to see it."


class PageReader:
    """Reads pages one at a time; keep one for each worker (loading takes half a second).

    `scratch` is a private folder for the short-lived files that Tesseract needs. Raises ReaderMissing without PP-OCR's weights.
    """

    def __init__(self, *, scratch: Path, threads: int = 1) -> None:
        self._scratch = scratch
        cv2.setNumThreads(threads)
        self._reader = PpOcr(threads)

    def read(self, raw: RawPage) -> Page:
        """The page upright, level, read and judged; a page that cannot be read comes back with its `failure` (P7)."""
        picture = cv2.imdecode(np.frombuffer(raw.picture, np.uint8), cv2.IMREAD_GRAYSCALE) if raw.picture else None
        if raw.failure or picture is None:
            return Page(
                raw.number, b"", 0, 0, (), quality=Quality(0.0, ("unreadable",)), failure=raw.failure or _UNREADABLE
            )
        picture = clean.despeckle(clean.drop_dark_edges(picture))
        if clean.is_blank(picture):
            return _page(raw, picture, quality=Quality(0.0, ("blank",)))
        skew = clean.skew_of(picture)
        level = clean.straighten(picture, skew)
        pieces = self._reader.find(level)
        turned = turn_needed(self._reader, level, pieces)
        if turned:
            level = clean.turn_upright(level, turned)
            pieces = self._reader.find(level)
        lines = tuple(self._reader.read(level, pieces))
        ticks = find_ticks(level, lines)
        return _page(
            raw, level, lines=lines, ticks=ticks, quality=judge(level, raw.dpi, lines), turned=turned, skew=skew
        )


def _page(raw: RawPage, picture: np.ndarray, **rest: object) -> Page:
    """A page with its upright picture as PNG."""
    height, width = picture.shape
    fields: dict = {"lines": (), **rest}
    return Page(raw.number, _png(picture), width, height, **fields)


def _png(picture: np.ndarray) -> bytes:
    """A grey PNG in four bits' worth of greys: half the size, and no reader sees the difference."""
    return cv2.imencode(".png", picture & 0xF0 | picture >> 4, [cv2.IMWRITE_PNG_COMPRESSION, 4])[1].tobytes()
