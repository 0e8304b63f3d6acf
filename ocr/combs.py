"""Finds comb boxes (one cell a letter) and reads them: the cells' insides are set side by side as one line without the teeth.

Read whole, the teeth come out as ones and bars ("9|9|1"); and a detector parts a comb into several pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from ocr.clean import ink_of
from ocr.page import Box, Line, Word
from ocr.readers import PpOcr
from ocr.recognising import Glyph

READER = "PP-OCRv6 comb"
_SHORTEST, _TALLEST = 0.14, 0.55  # inches: teeth of combs on paper forms
_FEWEST_CELLS = 5
_BRIDGE = 0.063  # inches
_FADED = 0.45  # share of a tooth's rows that must still hold ink
_REACH = 0.65  # share of its height that it still spans; digits in their cells span half
_WHOLE = 0.6  # the same for the middle one of a comb's teeth
_BESIDE = 0.12  # share of ink close beside the teeth, where a letter in its cell has none
_READ_WELL = 0.8  # below it the place is read as other text is: it may be no comb
_JOINED = 0.55  # share of the foot line that must be there
_GAP = 4  # rows of paper between it and most of the teeth
_AIR = 0.16  # share of a cell's width left out on each side, where the tooth is


@dataclass(frozen=True)
class Comb:
    """A row of equal cells, in pixels: left and right of each, top and bottom of all; groups of cells may stand apart."""

    cells: tuple[tuple[int, int], ...]
    top: int
    bottom: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return self.cells[0][0], self.top, self.cells[-1][1], self.bottom


def find_combs(picture: np.ndarray, dpi: int) -> list[Comb]:
    """The combs of an upright level picture (grey uint8): five cells or more of one width, between teeth of one height."""
    ink = ink_of(picture)
    shortest, tallest = round(_SHORTEST * dpi), round(_TALLEST * dpi)
    combs: list[Comb] = []
    # Photocopies leave dashes of thin teeth; but a wide bridge makes teeth of letters too, so whole teeth come first.
    for bridge in (5, round(_BRIDGE * dpi)):
        bridged = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((bridge, 1), np.uint8))
        upright = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((shortest, 1), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(upright, connectivity=8)
        strokes = [
            (int(x + w / 2), int(y), int(y + h))
            for x, y, w, h, _ in stats[1:]
            if h <= tallest * 1.2 and w <= max(6, h // 4)
        ]
        for comb in (c for row in _rows(strokes) for c in _equal_runs(row, ink)):
            if not any(_overlap(comb, other) for other in combs) and _is_comb(ink, comb):
                combs.append(comb)
    return combs


def _overlap(one: Comb, other: Comb) -> bool:
    """Whether two combs share a place: strokes with ends a little off may give the same one twice."""
    a, b = one.box, other.box
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


def _rows(strokes: Sequence[tuple[int, int, int]]) -> list[list[tuple[int, int, int]]]:
    """Strokes with one top and one bottom, left to right."""
    rows: list[list[tuple[int, int, int]]] = []
    for stroke in sorted(strokes, key=lambda s: (s[1], s[0])):
        slack = max(4, (stroke[2] - stroke[1]) // 6)
        for row in rows[-40:]:
            if abs(row[0][1] - stroke[1]) <= slack and abs(row[0][2] - stroke[2]) <= slack:
                row.append(stroke)
                break
        else:
            rows.append([stroke])
    return [sorted(row) for row in rows if len(row) > _FEWEST_CELLS]


def _equal_runs(row: Sequence[tuple[int, int, int]], ink: np.ndarray) -> list[Comb]:
    """Groups of cells of one width; a letter's own upright stroke between two teeth is skipped.

    Dates and NHS numbers are printed as groups (2-2-4, 3-3-4): small groups of like cells that follow closely are one comb.
    """
    xs = [stroke[0] for stroke in row]
    top, bottom = (int(np.median([stroke[i] for stroke in row])) for i in (1, 2))
    inset = max(3, (bottom - top) // 9)
    groups = _groups(xs, bottom - top, ink[max(0, top + inset) : bottom - inset])
    combs: list[list[tuple[int, int]]] = []
    for group in groups:
        wide = group[0][1] - group[0][0]
        before = combs[-1][-1] if combs else None
        if (
            before
            and abs((before[1] - before[0]) - wide) <= max(2, 0.12 * wide)
            and 0 <= group[0][0] - before[1] <= 1.2 * wide
        ):
            combs[-1] += group
        else:
            combs.append(list(group))
    return [Comb(tuple(cells), top, bottom) for cells in combs if len(cells) >= _FEWEST_CELLS]


def _groups(xs: Sequence[int], height: int, band: np.ndarray) -> list[list[tuple[int, int]]]:
    """Unbroken runs of two or more cells, left to right; `band` is the ink between head and foot of the row.

    Where one cell's width further on no whole tooth stands, what is left of one will do (`_trace`): photocopies fade the outer
    teeth, and with them went the first and the last letter of a name.
    """
    groups: list[list[tuple[int, int]]] = []
    end = -1
    for i, start in enumerate(xs):
        for second in xs[i + 1 : i + 4]:
            gap = second - start
            if start <= end or not 0.45 * height <= gap <= 1.8 * height:
                continue
            slack = max(2.0, 0.12 * gap)
            teeth = [start, second]
            while (following := _near(xs, teeth[-1] + gap, slack)) is not None:
                teeth.append(following)
            if len(teeth) < 3:
                continue
            while not _begins(xs, teeth[-1], gap, slack) and (
                (following := _tooth(xs, band, teeth[-1] + gap, slack)) is not None
            ):
                teeth.append(following)
            while not _begins(xs, teeth[0], -gap, slack) and (
                (before := _tooth(xs, band, teeth[0] - gap, slack)) is not None and before > end
            ):
                teeth.insert(0, before)
            groups.append(list(pairwise(teeth)))
            end = teeth[-1]
    return groups


def _begins(xs: Sequence[int], last: int, gap: int, slack: float) -> bool:
    """Whether the next group of cells begins less than a cell's width after a tooth: there is no cell of this group then."""
    return any(_near(xs, x + gap, slack) is not None for x in xs if 0.15 < (x - last) / gap < 0.85)


def _tooth(xs: Sequence[int], band: np.ndarray, wanted: int, slack: float) -> int | None:
    near = _near(xs, wanted, slack)
    return near if near is not None else _trace(band, wanted)


def _trace(band: np.ndarray, wanted: int) -> int | None:
    """Where a faded tooth stands within two pixels of a place, if any does."""
    if not 3 <= wanted < band.shape[1] - 3:
        return None
    shares = [_left_of_tooth(band, x) for x in range(wanted - 2, wanted + 3)]
    best = int(np.argmax(shares))
    return wanted - 2 + best if shares[best] >= _FADED else None


def _left_of_tooth(band: np.ndarray, x: int) -> float:
    """The share of rows with ink near a column; 0 where it reaches over too little of the height, as a letter's stem does."""
    rows = np.flatnonzero(band[:, max(0, x - 1) : x + 2].any(axis=1))
    if not len(rows) or rows[-1] - rows[0] < _REACH * len(band):
        return 0.0
    return len(rows) / len(band)


def _near(places: Sequence[int], wanted: float, slack: float) -> int | None:
    near = min(places, key=lambda place: abs(place - wanted))
    return near if abs(near - wanted) <= slack else None


def _is_comb(ink: np.ndarray, comb: Comb) -> bool:
    """Whether a level line runs along the foot of the cells and the teeth are strokes: in a row of tall letters they are not."""
    reach = max(3, (comb.bottom - comb.top) // 8)
    feet = [ink[max(0, comb.bottom - reach) : comb.bottom + reach, left:right] for left, right in comb.cells]
    if np.mean([_along(foot) for foot in feet]) < _JOINED:
        return False
    band = ink[comb.top + reach : comb.bottom - reach]
    teeth = sorted({x for cell in comb.cells for x in cell})
    along = np.hstack(feet).mean(axis=1)
    line = max(0, comb.bottom - reach) + int(np.flatnonzero(along >= along.max() / 2)[0])
    if np.median([_paper_above(ink, x, line) for x in teeth]) > _GAP:
        return False  # underlined capitals, or digits that stand above a line
    near = [max(_left_of_tooth(band, x + by) for by in (-1, 0, 1)) for x in teeth]
    air = max(4, (comb.cells[0][1] - comb.cells[0][0]) // 9)
    beside = [float(band[:, max(0, x + by) : max(0, x + by) + 2].mean()) for x in teeth[1:-1] for by in (-air - 1, air)]
    return float(np.median(near)) > _WHOLE and float(np.mean(beside)) < _BESIDE


def _paper_above(ink: np.ndarray, x: int, line: int) -> int:
    """How many rows of paper lie between the foot line and the ink above it at a column."""
    rows = np.flatnonzero(ink[:line, max(0, x - 1) : x + 2].any(axis=1))
    return line - 1 - int(rows[-1]) if len(rows) else line


def _along(foot: np.ndarray) -> float:
    """The share of columns with ink in the three neighbouring rows where it is largest."""
    if foot.shape[0] < 3:
        return 0.0
    return float(max((foot[i : i + 3].any(axis=0).mean() for i in range(foot.shape[0] - 2)), default=0.0))


def without_teeth(picture: np.ndarray, comb: Comb) -> tuple[np.ndarray, list[int]]:
    """The insides of a comb's cells side by side as one line, and where each cell begins in it."""
    cells, starts, at = [], [], 0
    inset = max(3, (comb.bottom - comb.top) // 9)
    for left, right in comb.cells:
        air = max(3, round((right - left) * _AIR))
        cell = picture[max(0, comb.top + inset) : comb.bottom - inset, max(0, left + air) : right - air]
        cells.append(cell)
        starts.append(at)
        at += cell.shape[1]
    return np.hstack(cells), starts


def is_empty(picture: np.ndarray, comb: Comb) -> bool:
    """Whether nobody wrote into any cell."""
    line, starts = without_teeth(picture, comb)
    return not any(cell.size and ink_of(cell).sum() > 0.02 * cell.size for cell in np.split(line, starts[1:], axis=1))


def read_comb(reader: PpOcr, picture: np.ndarray, comb: Comb) -> Line | None:
    """What stands in a comb, one word for each run of filled cells; None when little can be read so."""
    line, starts = without_teeth(picture, comb)
    margin = max(4, line.shape[0] // 6)
    padded = cv2.copyMakeBorder(line, 2, 2, margin, margin, cv2.BORDER_CONSTANT, value=255)
    glyphs = _as_digits(reader, padded, [g for g in reader.glyphs([padded])[0] if g.text != " "])
    size = (picture.shape[1], picture.shape[0])
    by_cell: dict[int, list[tuple[str, float]]] = {}
    for glyph in glyphs:
        place = glyph.at * padded.shape[1] - margin
        cell_number = max(0, int(np.searchsorted(starts, place, side="right")) - 1)
        by_cell.setdefault(cell_number, []).append((glyph.text, glyph.confidence))
    read = _line(comb, by_cell, size)
    return read if read and read.confidence > _READ_WELL else None


_ALL_DIGITS = (8, 10, 11, 12)  # marks of a date, an NHS number, a telephone number, a UBRN


def _as_digits(reader: PpOcr, line: np.ndarray, glyphs: list[Glyph]) -> list[Glyph]:
    """The glyphs of a comb that holds a number, read as digits only: alone in its cell a handwritten nought looks like a C.

    A code of a letter and digits keeps its letter.
    """
    digits = sum(g.text.isdigit() for g in glyphs)
    if not glyphs or digits == len(glyphs) or digits <= 0.5 * len(glyphs):
        return glyphs
    again = [g for g in reader.glyphs([line], "digits")[0] if g.text.isdigit()]
    if len(again) != len(glyphs):
        return again if len(again) in _ALL_DIGITS else glyphs
    keep = len(glyphs) not in _ALL_DIGITS
    return [
        free if free.text.isdigit() or (keep and i == 0) else forced
        for i, (free, forced) in enumerate(zip(glyphs, again, strict=True))
    ]


def gather(lines: Sequence[Line], comb: Comb, page: tuple[int, int]) -> tuple[list[Line], Line | None]:
    """Words of a text layer that stand in a comb, letter by letter, as one line; and the lines that stand elsewhere."""
    left, top, right, bottom = comb.box
    elsewhere: list[Line] = []
    by_cell: dict[int, list[tuple[str, float]]] = {}
    for line in lines:
        across, down = line.box.centre[0] * page[0], line.box.centre[1] * page[1]
        if not (left < across < right and top < down < bottom):
            elsewhere.append(line)
            continue
        for word in line.words:
            middle = word.box.centre[0] * page[0]
            cell = next((i for i, (start, end) in enumerate(comb.cells) if start <= middle <= end), None)
            if cell is not None:
                by_cell.setdefault(cell, []).append((word.text, 1.0))
    return elsewhere, _line(comb, by_cell, page)


def _line(comb: Comb, by_cell: dict[int, list[tuple[str, float]]], page: tuple[int, int]) -> Line | None:
    runs: list[list[int]] = []
    for cell in sorted(by_cell):
        if runs and runs[-1][-1] == cell - 1 and comb.cells[cell][0] == comb.cells[cell - 1][1]:
            runs[-1].append(cell)
        else:
            runs.append([cell])
    words = []
    for run in runs:
        marks = [mark for cell in run for mark in by_cell[cell]]
        left, right = comb.cells[run[0]][0] / page[0], comb.cells[run[-1]][1] / page[0]
        box = Box(left, comb.top / page[1], min(1.0, right), min(1.0, comb.bottom / page[1]))
        words.append(
            Word("".join(text for text, _ in marks), box, round(sum(sure for _, sure in marks) / len(marks), 4))
        )
    if not words:
        return None
    whole = words[0].box
    for word in words[1:]:
        whole = whole.union(word.box)
    sure = sum(w.confidence * len(w.text) for w in words) / sum(len(w.text) for w in words)
    return Line(" ".join(w.text for w in words), whole, tuple(words), round(sure, 4), READER)
