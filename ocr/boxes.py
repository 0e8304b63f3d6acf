"""Finds printed squares for ticks and judges whether they hold one; where the ink cannot tell, a person looks (P6).

The printed square is found from its straight sides, so that a tick that runs over its edge does not shift it. Its inside is
compared with the page's other boxes: no mark up to 0.04 above the usual ink of an empty box, a mark from 0.14 on. The
bands are those of domain/reading.md; this code has not been counted against the truth of thousands of boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocr.clean import threshold
from ocr.lines import GROWN_TOGETHER
from ocr.page import Box, Line, TickBox

_SMALLEST, _LARGEST = 0.085, 0.34  # inches: sides of tick boxes on paper forms
_EMPTY, _TICKED = 0.04, 0.14
_THIN, _STROKE = 0.07, 0.04  # of ink at least in a thin tick, and in each of its strokes
_USUAL_INK_AT_MOST = 0.08  # with more ink a box is not one of the page's empty ones
_FEW_KNOWN, _MOST_KNOWN = 60, 400  # boxes on a page: with more it is a pattern and no form
_SIDES_BESIDE = 0.72  # share of each side that must show where a box of its size stands in the row
_SIDE_SEEN = 0.68  # share of an upright side that one single column must show: curves do not
_SLACK = 5  # pixels by which the ends of two sides may differ
_TICK_OVER = 0.7  # of a side: how far a tick's long stroke may carry one of them on to the right
_BOTH = 2
_BAR_EDGE = 0.03  # inches of unbroken dark above or beneath a bar's white letters
_PAPER = 0.3  # of ink at most, in the strip around a box
_FAINT_SHADE = 28  # grey values that a pencil mark is darker than the paper around it


@dataclass(frozen=True)
class _Square:
    left: int
    top: int
    right: int
    bottom: int

    @property
    def side(self) -> float:
        return ((self.right - self.left) + (self.bottom - self.top)) / 2


def find_ticks(picture: np.ndarray, dpi: int, lines: Sequence[Line] = ()) -> tuple[TickBox, ...]:
    """The tick boxes of an upright level page picture (grey uint8), top to bottom; `ticked` is None where ink cannot tell.

    `lines` are what was read there: squares inside words are letters.
    """
    ink = (picture < threshold(picture)).astype(np.uint8)
    apart = _without_bars(ink, dpi)
    squares = _squares(ink, apart, dpi)
    squares += _beside_known(apart, squares)
    squares = _without_letters(squares, lines, (picture.shape[1], picture.shape[0]))
    if not squares:
        return ()
    inks = [_inside_ink(ink, s) for s in squares]
    usual = float(np.median([x for x in inks if x < _USUAL_INK_AT_MOST] or [_USUAL_INK_AT_MOST]))
    height, width = picture.shape
    found = []
    for square, share in zip(squares, inks, strict=True):
        box = Box(square.left / width, square.top / height, square.right / width, square.bottom / height)
        found.append(TickBox(box, _judge(picture, ink, square, share - usual), round(share, 3)))
    return tuple(found)


def _without_bars(ink: np.ndarray, dpi: int) -> np.ndarray:
    """The ink without the edges of the dark bars that forms print their headings on: boxes stand close under them."""
    thick, wide = max(4, round(_BAR_EDGE * dpi)), round(4 * _LARGEST * dpi)
    solid = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((thick, wide), np.uint8))
    return ink & (1 - cv2.dilate(solid, np.ones((3, 3), np.uint8)))


def _without_letters(squares: list[_Square], lines: Sequence[Line], page: tuple[int, int]) -> list[_Square]:
    """Drops squares that are letters. A box at a word's end may have been read into it: it stays if others have its size."""
    words = [
        w
        for line in lines
        for w in line.words
        if (w.text == "a" or sum(map(str.isalnum, w.text)) > 1)
        and not set(w.text) & set("□☐☑☒■[]")
        and w.confidence > 0.8
    ]
    free: list[_Square] = []
    doubtful: list[_Square] = []
    between: list[_Square] = []
    for square in squares:
        across, down = (square.left + square.right) / 2 / page[0], (square.top + square.bottom) / 2 / page[1]
        holder = next((w for w in words if w.box.left < across < w.box.right and w.box.top < down < w.box.bottom), None)
        if holder is None:
            free.append(square)
        elif min(across - holder.box.left, holder.box.right - across) * page[0] < 0.7 * square.side:
            doubtful.append(square)
        elif GROWN_TOGETHER.search(holder.text):
            between.append(square)
    sizes = [s.side for s in free]
    kept = [s for s in doubtful if sum(abs(s.side - size) < 0.12 * size for size in sizes) >= 2]
    kept += [s for s in between if any(_is_beside(s, other) for other in free)]
    return sorted(free + kept, key=lambda s: (s.top, s.left))


def _judge(picture: np.ndarray, ink: np.ndarray, square: _Square, more: float) -> bool | None:
    if _is_circled(ink, square):
        return None
    if more >= _TICKED or (more > _THIN and _goes_across(ink, square)):
        return None if _is_struck(ink, square) else True
    if more > _EMPTY or _is_faint(picture, square):
        return None
    return False


def _squares(ink: np.ndarray, apart: np.ndarray, dpi: int) -> list[_Square]:
    """Squares with two level sides of one length above each other, upright sides between them, and printed corners; `apart` is the
    ink without the bars of headings.
    """
    shortest, longest = max(9, round(_SMALLEST * dpi)), round(_LARGEST * dpi)
    runs = _level_runs(ink, shortest, longest)
    starts: dict[int, list[tuple[int, int, int]]] = {}
    for run in runs:
        starts.setdefault(run[0] // _SLACK, []).append(run)
    found: list[_Square] = []
    doubtful: list[_Square] = []
    for left, right, top in runs:
        near = (run for bucket in (-1, 0, 1) for run in starts.get(left // _SLACK + bucket, ()))
        for other_left, other_right, bottom in near:
            plain = abs(right - other_right) <= _SLACK
            wide = (max if plain else min)(right, other_right) - min(left, other_left)
            if (
                not 0.75 * wide <= bottom - top <= 1.3 * wide
                or abs(right - other_right) > max(_SLACK, _TICK_OVER * wide)
                or abs(left - other_left) > _SLACK
            ):
                continue
            # A tick that crosses a side makes its run longer, never shorter: the inner ends are the corners.
            square = _Square(max(left, other_left), top, min(right, other_right), bottom)
            if _has_sides(ink, square) and not any(_same_place(square, known) for known in found):
                free = _free_ends(apart, square)
                if free:
                    (found if plain and free == _BOTH else doubtful).append(square)
    # Letters have one longer stroke, or lines close to them, too: such a square is a box only in a row with boxes of its size.
    sure = tuple(found)
    for square in sorted(doubtful, key=lambda s: -s.side):
        if any(_is_beside(square, known) for known in sure) and not any(_same_place(square, known) for known in found):
            found.append(square)
    return sorted(found, key=lambda s: (s.top, s.left))


def _is_beside(square: _Square, other: _Square) -> bool:
    return abs(square.top - other.top) < 0.3 * other.side and abs(square.side - other.side) < 0.15 * other.side


def _beside_known(ink: np.ndarray, known: Sequence[_Square]) -> list[_Square]:
    """Boxes in the rows and columns of known ones and of their size, whose marks ran over sides, corners or the paper beside them."""
    if len(known) > _MOST_KNOWN:
        return []
    found: list[_Square] = []
    for line, picture, turn in ((_lines_of(known), ink, False), (_lines_of([_turned(s) for s in known]), ink.T, True)):
        for one in line:
            for _, place in sorted(_like(picture, one), key=lambda s: -s[0]):
                square = _turned(place) if turn else place
                taken = any(_same_place(square, other) for other in (*known, *found))
                if not taken and _is_apart(ink, square) and _has_corners(ink, square) and not _is_cell(ink, square):
                    found.append(square)
    return found


def _lines_of(squares: Sequence[_Square]) -> list[_Square]:
    """The boxes to look from: all of a few, one of each row and size of many."""
    if len(squares) <= _FEW_KNOWN:
        return list(squares)
    found: list[_Square] = []
    for square in squares:
        if not any(abs(square.top - o.top) <= 2 and abs(square.side - o.side) <= 2 for o in found):
            found.append(square)
    return found


def _turned(square: _Square) -> _Square:
    """The square on the page with rows and columns exchanged."""
    return _Square(square.top, square.left, square.bottom, square.right)


def _like(ink: np.ndarray, row: _Square) -> list[tuple[float, _Square]]:
    """Every place in the row of a box where four sides of its size show, with the share that shows of the worst of them."""
    high, wide = row.bottom - row.top, row.right - row.left
    slack = max(2, high // 5)
    top = row.top - slack
    view = ink[max(0, top) : row.bottom + slack + 2].astype(np.float32)
    if top < 0 or view.shape[0] < high + 2 * slack + 2 or wide >= view.shape[1]:
        return []
    along = np.cumsum(np.pad(view, ((0, 0), (1, 0))), axis=1)
    level = (along[:, wide:] - along[:, :-wide]) / wide  # by row and left edge
    found = []
    for down in range(1, 2 * slack + 1):
        upper, lower = (level[y - 1 : y + 2].max(axis=0) for y in (down, down + high))
        upright = view[down : down + high].mean(axis=0)
        upright = np.maximum.reduce([upright, np.roll(upright, 1), np.roll(upright, -1)])
        worst = np.minimum.reduce([upper, lower, upright[: len(upper)], upright[wide - 1 :][: len(upper)]])
        for x in np.flatnonzero(worst >= _SIDES_BESIDE).tolist():
            found.append((float(worst[x]), _Square(x, top + down, x + wide, top + down + high)))
    return found


def _is_apart(ink: np.ndarray, square: _Square) -> bool:
    """Whether paper lies around a box, where a mark may run out of it on all sides but the left."""
    near, far = max(2, round(square.side * 0.1)), max(5, round(square.side * 0.24))
    top, bottom, left, right = square.top, square.bottom, square.left, square.right
    before = ink[top:bottom, max(0, left - far) : max(0, left - near)]
    others = (
        ink[top:bottom, right + near : right + far],
        ink[max(0, top - far) : max(0, top - near), left:right],
        ink[bottom + near : bottom + far, left:right],
    )
    shares = [float(part.mean()) if part.size else 0.0 for part in others]
    return (before.size == 0 or before.mean() < _PAPER) and max(shares) < 2 * _PAPER and sum(shares) < 3 * _PAPER


def _is_cell(ink: np.ndarray, square: _Square) -> bool:
    """Whether both level sides run on beyond the square: a cell of a comb or a table."""
    reach = max(3, round(square.side / 3))
    left, right = max(0, square.left - reach), square.right + reach

    def runs_on(edge: int) -> bool:
        rows = ink[max(0, edge - 1) : edge + 2]
        beside = (rows[:, left : square.left], rows[:, square.right : right])
        return any(part.size > 0 and bool((part.mean(axis=1) > 0.9).any()) for part in beside)

    return runs_on(square.top) and runs_on(square.bottom)


def _level_runs(ink: np.ndarray, shortest: int, longest: int) -> list[tuple[int, int, int]]:
    """Level strokes as (left, right, row), top to bottom; small breaks bridged, ruled lines left out."""
    bridged = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    straight = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, shortest), np.uint8))
    _, _, stats, centres = cv2.connectedComponentsWithStats(straight, connectivity=8)
    runs = []
    for (x, y, w, h, _area), (_, middle) in zip(stats[1:], centres[1:], strict=True):
        if shortest <= w <= longest:
            if h <= 0.45 * w:
                runs.append((int(x), int(x + w), round(float(middle))))
            else:  # a box that was filled in is one block: its first and last rows are its sides
                runs += [(int(x), int(x + w), int(y) + 1), (int(x), int(x + w), int(y + h) - 2)]
    return sorted(runs, key=lambda run: run[2])


def _same_place(square: _Square, other: _Square) -> bool:
    return abs(square.left - other.left) + abs(square.top - other.top) < 0.8 * other.side


def _has_sides(ink: np.ndarray, square: _Square) -> bool:
    """Whether both upright sides are drawn and straight, and the corners square."""
    band = max(2, round(square.side * 0.09))
    rows = slice(square.top, square.bottom)
    for column in (square.left + 1, square.right - 2):
        strip = ink[rows, max(0, column - band) : column + band + 1]
        if not strip.size or strip.any(axis=1).mean() < 0.85 or strip.mean(axis=0).max() < _SIDE_SEEN:
            return False
    return _has_corners(ink, square)


def _has_corners(ink: np.ndarray, square: _Square) -> bool:
    """Whether ink stands in all four corners, which letters have round."""
    reach = max(1, round(square.side * 0.07))
    corners = [
        ink[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1].any()
        for y in (square.top, square.bottom)
        for x in (square.left, square.right - 1)
    ]
    return all(corners)


def _free_ends(ink: np.ndarray, square: _Square) -> int:
    """At how many of its ends, above and below, paper follows; 0 where none is left or right of it.

    Inside a round letter the curves go on beyond its level strokes, to the sides.
    """
    near, far = max(2, round(square.side * 0.1)), max(5, round(square.side * 0.24))
    top, bottom, left, right = square.top, square.bottom, square.left, square.right
    sides = (ink[top:bottom, max(0, left - far) : max(0, left - near)], ink[top:bottom, right + near : right + far])
    ends = (ink[max(0, top - far) : max(0, top - near), left:right], ink[bottom + near : bottom + far, left:right])
    if not all(part.size == 0 or part.mean() < _PAPER for part in sides):
        return 0
    return sum(part.size == 0 or part.mean() < _PAPER for part in ends)


def _inside_ink(ink: np.ndarray, square: _Square) -> float:
    """The share of ink inside the square, well clear of its sides."""
    inset = max(3, round(square.side * 0.2))
    inside = ink[square.top + inset : square.bottom - inset, square.left + inset : square.right - inset]
    return float(inside.mean()) if inside.size else 0.0


def _goes_across(ink: np.ndarray, square: _Square) -> bool:
    """Whether strokes run through the inside and out of it on three sides, as a thin tick's do and specks do not."""
    inset = max(3, round(square.side * 0.2))
    inside = ink[square.top + inset : square.bottom - inset, square.left + inset : square.right - inset]
    if not inside.size:
        return False
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(inside), connectivity=8)
    strokes = np.isin(labels, [i for i, s in enumerate(stats) if i and s[cv2.CC_STAT_AREA] >= _STROKE * inside.size])
    rims = (strokes[0], strokes[-1], strokes[:, 0], strokes[:, -1])
    return sum(bool(rim.any()) for rim in rims) >= 3


def _is_struck(ink: np.ndarray, square: _Square) -> bool:
    """Whether a stroke runs through the box and out on both sides at half height: a tick that was taken back, or a deletion."""
    reach = round(square.side * 0.6)
    top, bottom = square.top + round(square.side * 0.2), square.bottom - round(square.side * 0.2)
    left = ink[top:bottom, max(0, square.left - reach) : max(0, square.left - 2)]
    right = ink[top:bottom, square.right + 2 : square.right + reach]
    return all(part.shape[1] >= reach - 4 and part.any(axis=0).mean() > 0.9 for part in (left, right))


def _is_circled(ink: np.ndarray, square: _Square) -> bool:
    """Whether a ring is drawn around the box: one piece of thin ink that surrounds it without being a ruled frame."""
    reach = round(square.side * 3)
    top, left = max(0, square.top - reach), max(0, square.left - reach)
    part = ink[top : square.bottom + reach, left : square.right + reach]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        wider = x + left < square.left - 3 and x + left + w > square.right + 3
        around = wider and y + top < square.top - 3 and y + top + h > square.bottom + 3
        inside_view = x > 0 and y > 0 and x + w < part.shape[1] and y + h < part.shape[0]
        if around and inside_view and area < 0.25 * w * h:
            corners = labels[y : y + h, x : x + w] == i
            q_h, q_w = max(2, h // 8), max(2, w // 8)
            empty = [
                not c.any()
                for c in (corners[:q_h, :q_w], corners[:q_h, -q_w:], corners[-q_h:, :q_w], corners[-q_h:, -q_w:])
            ]
            if sum(empty) >= 3:  # a ring leaves the corners of its frame free, a ruled frame does not
                return True
    return False


def _is_faint(picture: np.ndarray, square: _Square) -> bool:
    """Whether a grey scan shows a mark too pale to count as ink."""
    inset = max(3, round(square.side * 0.2))
    inside = picture[square.top + inset : square.bottom - inset, square.left + inset : square.right - inset]
    if not inside.size:
        return False
    paper = float(np.percentile(inside, 90))
    return float((inside < paper - _FAINT_SHADE).mean()) > _TICKED
