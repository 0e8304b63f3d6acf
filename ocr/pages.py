"""Reads raw pages into upright pages with lines, tick boxes and quality; re-reads single values with the other reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ocr import clean
from ocr.boxes import find_ticks
from ocr.orientation import turn_needed
from ocr.page import Box, Line, Page, Quality, RawPage
from ocr.quality import judge
from ocr.readers import PpOcr, ReaderMissing, Tesseract
from ocr.second_look import by_pp_ocr, by_tesseract

_UNREADABLE = "This page could not be drawn; open the original to see it."


class PageReader:
    """Reads pages one at a time; keep one for each worker (loading takes half a second).

    `scratch` is a private folder for the short-lived files that Tesseract needs. Raises ReaderMissing without PP-OCR's weights.
    """

    def __init__(self, *, scratch: Path, threads: int = 1) -> None:
        cv2.setNumThreads(threads)
        self._reader = PpOcr(threads)
        self._tesseract: Tesseract | None
        try:
            self._tesseract = Tesseract(scratch=scratch)
        except ReaderMissing:
            self._tesseract = None

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
        ticks = find_ticks(level, raw.dpi, lines)
        return _page(
            raw, level, lines=lines, ticks=ticks, quality=judge(level, raw.dpi, lines), turned=turned, skew=skew
        )

    @property
    def has_second_reader(self) -> bool:
        """Whether Tesseract is installed; without it nothing can be accepted on two readers' word."""
        return self._tesseract is not None

    def second_look(self, page: Page, boxes: Sequence[Box], kind: str) -> list[Line | None]:
        """What the independent reader (Tesseract) reads in each box of a read page, one process for all of them.

        `kind` is digits, date, code, name or text. None where it reads nothing, fails, or is not installed.
        """
        if self._tesseract is None or not page.picture or not boxes:
            return [None] * len(boxes)
        try:
            return by_tesseract(self._tesseract, page, boxes, kind)
        except ReaderMissing:
            self._tesseract = None
            return [None] * len(boxes)
        except RuntimeError:  # it took too long or broke on one crop: no second opinion, a person decides
            return [None] * len(boxes)

    def second_look_pp(self, page: Page, boxes: Sequence[Box]) -> list[Line | None]:
        """What PP-OCR reads in a tight crop of each box, ruled lines removed: the same reader again, no second witness."""
        return by_pp_ocr(self._reader, page, boxes) if page.picture else [None] * len(boxes)


def _page(raw: RawPage, picture: np.ndarray, **rest: object) -> Page:
    """A page with its upright picture as PNG."""
    height, width = picture.shape
    fields: dict = {"lines": (), **rest}
    return Page(raw.number, _png(picture), width, height, **fields)


def _png(picture: np.ndarray) -> bytes:
    """A grey PNG in four bits' worth of greys: half the size, and no reader sees the difference."""
    return cv2.imencode(".png", picture & 0xF0 | picture >> 4, [cv2.IMWRITE_PNG_COMPRESSION, 4])[1].tobytes()
