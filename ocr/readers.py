"""The two readers: PP-OCRv6 reads whole pages, Tesseract is the independent second opinion and reads crops.

Both stay on this machine and on the threads they are given (P9). Neither one's confidence is evidence by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr.finding import Piece, cut_out, find_text
from ocr.lines import lines_of
from ocr.page import Line
from ocr.recognising import Glyph, recognise
from ocr.tesseract import GLYPHS, Tesseract
from ocr.weights import DETECTOR, ReaderMissing, find, latin_recogniser, open_session

__all__ = ["PpOcr", "ReaderMissing", "Tesseract"]

NAME = "PP-OCRv6"
_ACCENTED = 0.25  # odds of a letter with an accent against a plain one


class PpOcr:
    """PP-OCRv6 small: finds text on a small picture of the page and reads each piece at full resolution.

    Raises ReaderMissing when the weights are not installed. Not for use by two threads at once.
    """

    def __init__(self, threads: int = 1) -> None:
        self._detector = open_session(str(find(DETECTOR)), threads)
        weights, self._alphabet = latin_recogniser()
        self._recogniser = open_session(weights, threads)

    def find(self, picture: np.ndarray) -> list[Piece]:
        """Where text stands on a grey picture (uint8, height x width)."""
        return find_text(self._detector, picture)

    def glyphs(self, crops: Sequence[np.ndarray], kind: str = "text") -> list[tuple[Glyph, ...]]:
        """What each level crop says, glyph by glyph; `kind` (digits, date, code) leaves out what such a value cannot hold."""
        return recognise(self._recogniser, self._alphabet, crops, self._odds(kind))

    def _odds(self, kind: str) -> np.ndarray:
        """The weight of each glyph: damaged letters of a fax resemble accented ones, which forms hardly ever print."""
        allowed = GLYPHS.get(kind)
        if allowed is not None:
            return np.array([float(i == 0 or g in allowed) for i, g in enumerate(self._alphabet)], np.float32)
        return np.array([1.0 if g.isascii() or not g.isalpha() else _ACCENTED for g in self._alphabet], np.float32)

    def read(self, picture: np.ndarray, pieces: Sequence[Piece]) -> list[Line]:
        """The lines that the pieces of an upright picture hold, in reading order; pieces without a glyph give none."""
        crops = [cut_out(picture, piece) for piece in pieces]
        size = (picture.shape[1], picture.shape[0])
        lines: list[Line] = []
        for piece, crop, glyphs in zip(pieces, crops, self.glyphs(crops), strict=True):
            if any(g.text != " " for g in glyphs):
                lines += lines_of(piece, glyphs, crop, size, NAME)
        return lines
