"""Reads raw pages into upright pages with lines, tick boxes and quality; re-reads single values with the other reader."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

import cv2
import numpy as np

from ocr import clean
from ocr.boxes import find_ticks
from ocr.combs import Comb, find_combs, gather, is_empty, read_comb
from ocr.finding import Piece
from ocr.lines import parted_at_boxes
from ocr.orientation import turn_needed
from ocr.page import Box, Line, Page, Quality, RawPage
from ocr.quality import judge
from ocr.readers import PpOcr, ReaderMissing, Tesseract
from ocr.second_look import by_pp_ocr, by_tesseract

_UNREADABLE = "This page could not be drawn; open the original to see it."
_DITHERED = 0.3  # of the ink gone with the specks: 0.75 to 0.92 on dithered pages, 0.04 at most on others (60 pages)
_LAYER_SAMPLE = 5  # lines of a text layer that are read from the picture too
_LAYER_AGREES = 0.75  # likeness of the two from which on the layer is believed


class PageReader:
    """Reads pages one at a time; keep one for each worker (loading takes some 0.3 s).

    `scratch` is a private folder for the short-lived files that Tesseract needs. Raises ReaderMissing without PP-OCR's weights;
    without Tesseract it works, and second looks give None.
    """

    def __init__(self, *, scratch: Path, threads: int = 1) -> None:
        cv2.setNumThreads(threads)
        self._reader = PpOcr(threads)
        self._tesseract: Tesseract | None
        try:
            self._tesseract = Tesseract(scratch=scratch)
        except ReaderMissing:
            self._tesseract = None

    @property
    def has_second_reader(self) -> bool:
        """Whether Tesseract is installed; without it nothing can be accepted on two readers' word."""
        return self._tesseract is not None

    def read(self, raw: RawPage) -> Page:
        """The page upright, level, read and judged; a page that cannot be read comes back with its `failure` (P7)."""
        picture = cv2.imdecode(np.frombuffer(raw.picture, np.uint8), cv2.IMREAD_GRAYSCALE) if raw.picture else None
        if raw.failure or picture is None:
            return Page(
                raw.number, b"", 0, 0, (), quality=Quality(0.0, ("unreadable",)), failure=raw.failure or _UNREADABLE
            )
        hazards = list(raw.hazards)
        if self._tesseract is None:
            hazards.append("no_second_reader")
        if raw.text_layer:
            page = self._read_digital(raw, picture, hazards)
            if page is not None:
                return page
            hazards.append("text_layer_differs")
        return self._read_scan(raw, picture, hazards)

    def _read_scan(self, raw: RawPage, picture: np.ndarray, hazards: list[str]) -> Page:
        """A scanned page: found on a cleaned picture, read from the untouched one (cleaning ate thin strokes: 2 % of the values)."""
        cleaned = clean.despeckle(clean.drop_dark_edges(picture))
        if clean.is_blank(cleaned):
            return _page(raw, cleaned, (), Quality(0.0, ("blank", *hazards)))
        skew = clean.skew_of(cleaned)
        level = clean.straighten(cleaned, skew)
        # Under a dithered grey the letters cannot be read before the dots are gone; elsewhere few dots are gone.
        dithered = clean.share_removed(picture, cleaned) > _DITHERED
        untouched = level if dithered else clean.straighten(picture, skew)
        pieces = self._reader.find(level)
        turned = turn_needed(self._reader, level, pieces)
        if turned:
            level = clean.turn_upright(level, turned)
            untouched = level if dithered else clean.turn_upright(untouched, turned)
            pieces = self._reader.find(level)
        lines = self._read_pieces(untouched, pieces, find_combs(level, raw.dpi))
        return _page(raw, level, lines, judge(level, raw.dpi, lines, hazards), turned, skew)

    def _read_pieces(self, picture: np.ndarray, pieces: Sequence[Piece], combs: Sequence[Comb]) -> tuple[Line, ...]:
        """The lines of an upright picture; combs are read cell by cell instead of as pieces."""
        done: list[Comb] = []
        read: list[Line] = []
        for comb in combs:
            if is_empty(picture, comb):
                done.append(comb)
            elif line := read_comb(self._reader, picture, comb):
                done.append(comb)
                read.append(line)
        kept = [p for p in pieces if not any(_mostly_inside(p, comb.box) for comb in done)]
        lines = self._reader.read(picture, kept) + read
        return tuple(sorted(lines, key=lambda line: line.box.centre[1])) if read else tuple(lines)

    def _read_digital(self, raw: RawPage, picture: np.ndarray, hazards: list[str]) -> Page | None:
        """A born-digital page: its text layer and what is drawn beside it (form fields, pictures); None when they disagree."""
        pieces = self._reader.find(picture)
        size = (picture.shape[1], picture.shape[0])
        beside: list[tuple[Piece, str]] = []
        over: list[tuple[Piece, str]] = []
        for piece in pieces:
            words = _words_under(piece, raw.text_layer, size)
            (over if words else beside).append((piece, words))
        step = max(1, len(over) // _LAYER_SAMPLE)
        sample = over[step // 2 :: step][:_LAYER_SAMPLE]
        seen = self._reader.read(picture, [piece for piece, _ in sample])
        said, read = "".join(words for _, words in sample), "".join(line.text.replace(" ", "") for line in seen)
        if SequenceMatcher(None, said.casefold(), read.casefold(), autojunk=False).ratio() < _LAYER_AGREES:
            return None
        layer, unsaid = list(raw.text_layer), []
        for comb in find_combs(picture, raw.dpi):
            layer, line = gather(layer, comb, size)
            if line:
                layer.append(line)
            else:
                unsaid.append(comb)
        extra = self._read_pieces(picture, [piece for piece, _ in beside], unsaid)
        lines = tuple(sorted((*layer, *extra), key=lambda line: line.box.centre[1]))
        return _page(raw, picture, lines, judge(picture, raw.dpi, lines, hazards))

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

    def second_look_pp(self, page: Page, boxes: Sequence[Box], kind: str = "text") -> list[Line | None]:
        """What PP-OCR reads in a tight crop of each box, ruled lines removed: the same reader again, no second witness.

        `kind` as in `second_look`: digits are read as digits only, so that a handwritten 9 is no g.
        """
        return by_pp_ocr(self._reader, page, boxes, kind) if page.picture else [None] * len(boxes)


def _mostly_inside(piece: Piece, box: tuple[int, int, int, int]) -> bool:
    """Whether the middle half of a piece's height lies in a comb's rows, and half its length between the comb's ends."""
    left, top, right, bottom = piece.upright_box
    across = min(right, box[2]) - max(left, box[0])
    return box[1] < piece.down < box[3] and across > 0.5 * (right - left) and bottom - top < 2.2 * (box[3] - box[1])


def _words_under(piece: Piece, lines: Sequence[Line], page: tuple[int, int]) -> str:
    """The text layer's letters whose words stand on a piece."""
    left, top, right, bottom = piece.upright_box
    words = (w for line in lines for w in line.words)
    inside = []
    for word in words:
        across, down = word.box.centre[0] * page[0], word.box.centre[1] * page[1]
        if left < across < right and top < down < bottom:
            inside.append(word)
    return "".join(w.text for w in sorted(inside, key=lambda w: w.box.left))


def _page(
    raw: RawPage, picture: np.ndarray, lines: tuple[Line, ...], quality: Quality, turned: int = 0, skew: float = 0.0
) -> Page:
    """A page with its upright picture as PNG and its tick boxes."""
    height, width = picture.shape
    ticks = find_ticks(picture, raw.dpi, lines) if lines else ()
    lines = parted_at_boxes(lines, ticks)
    return Page(raw.number, _png(picture), width, height, lines, ticks, quality, turned, round(skew, 2))


def _png(picture: np.ndarray) -> bytes:
    """A grey PNG in four bits' worth of greys: half the size, and no reader sees the difference."""
    return cv2.imencode(".png", picture & 0xF0 | picture >> 4, [cv2.IMWRITE_PNG_COMPRESSION, 4])[1].tobytes()
