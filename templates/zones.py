"""Places of values on a form: how the example lies on this page by the print that both share, and what stands in each box.

A fax shifts and shrinks a page and a scanner cuts its edge, so a box at fixed fractions of the page would soon read the row above. The
form's marks (print that every copy has) are found among the page's lines, the move from example to page is fitted to those that
agree with each other, and every box moves with it. Where too few agree, nothing is read from boxes: rather ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from rapidfuzz import fuzz

from ocr.page import Box, Line, Page
from templates.form import FEWEST_MARKS, Form, Mark
from templates.grammar import squash
from templates.labels import Cell

_ALIKE = 84  # of the letters: small print loses one in eight
_SHORTEST = 3  # letters; shorter print stands everywhere
_ASIDE, _OFF = 0.02, 0.012  # how far a mark that agrees may lie from its place, in widths and heights of the page
_SMALLEST, _LARGEST = 0.82, 1.22  # a fax machine fits A4 to letter paper and back, and no more
_APART = 0.12  # of the page's height: marks nearer than that say nothing about the scale
_MOST_HITS = 4  # places of one mark that are tried
_ENOUGH = 0.9  # of the marks that are there: no better move is looked for
_NEAR = 3  # marks whose own shift corrects a box beside them
_EDGE = 0.004  # a box drawn tightly still holds its print


@dataclass(frozen=True)
class _Spot:
    """A mark and one place on the page where it may be: left edge and middle height on the example (x, y) and there (u, v)."""

    mark: int
    x: float
    y: float
    u: float
    v: float


@dataclass(frozen=True)
class Fit:
    """How the example lies on a page: across and down each a factor and a shift; `agree` are the marks behind it."""

    across: tuple[float, float]
    down: tuple[float, float]
    agree: tuple[_Spot, ...]

    def place(self, box: Box) -> Box:
        """Where a box of the example lies on the page."""
        middle = (box.top + box.bottom) / 2
        near = sorted(self.agree, key=lambda s: (abs(s.y - middle), abs(s.x - box.left)))[:_NEAR]
        # a receiver that dropped rows moves all that is below them: the marks beside the box know
        down = median([s.v - _at(self.down, s.y) for s in near]) if near else 0.0
        left, right = (_within(_at(self.across, x)) for x in (box.left, box.right))
        top, bottom = (_within(_at(self.down, y) + down) for y in (box.top, box.bottom))
        return Box(left, top, max(left, right), max(top, bottom))


def _at(line: tuple[float, float], x: float) -> float:
    return line[0] * x + line[1]


def _within(x: float) -> float:
    return min(1.0, max(0.0, x))


_UNMOVED = Fit((1.0, 0.0), (1.0, 0.0), ())


def fit_of(lines: Sequence[Line], marks: Sequence[Mark]) -> Fit | None:
    """The move that most marks agree on; None where fewer than half of them, or fewer than three, do."""
    spots = _spots(lines, marks)
    seen = len({spot.mark for spot in spots})
    best: tuple[_Spot, ...] = ()
    move: tuple[tuple[float, float], tuple[float, float]] = ((1.0, 0.0), (1.0, 0.0))
    for one, other in combinations(spots, 2):
        if one.mark == other.mark or abs(one.y - other.y) < _APART:
            continue
        scale = (other.v - one.v) / (other.y - one.y)
        if not _SMALLEST <= scale <= _LARGEST:
            continue
        wide = (other.u - one.u) / (other.x - one.x) if abs(one.x - other.x) > 2 * _APART else scale
        if not _SMALLEST <= wide <= _LARGEST:
            continue
        across = (wide, (one.u + other.u - wide * (one.x + other.x)) / 2)
        down = (scale, (one.v + other.v - scale * (one.y + other.y)) / 2)
        agree = _agreeing(spots, across, down)
        if len(agree) > len(best):
            best, move = agree, (across, down)
            if len(best) >= _ENOUGH * seen:
                break
    if len(best) < max(FEWEST_MARKS, (len(marks) + 1) // 2):
        return None
    across, down = _line([(s.x, s.u) for s in best], move[0]), _line([(s.y, s.v) for s in best], move[1])
    return Fit(across, down, _agreeing(spots, across, down) or best)


def _agreeing(spots: Sequence[_Spot], across: tuple[float, float], down: tuple[float, float]) -> tuple[_Spot, ...]:
    """Of each mark the nearest place that lies where the move puts it."""
    found: dict[int, tuple[float, _Spot]] = {}
    for spot in spots:
        aside, off = abs(spot.u - _at(across, spot.x)), abs(spot.v - _at(down, spot.y))
        if aside < _ASIDE and off < _OFF and (spot.mark not in found or aside + off < found[spot.mark][0]):
            found[spot.mark] = (aside + off, spot)
    return tuple(spot for _, spot in found.values())


def _line(pairs: Sequence[tuple[float, float]], otherwise: tuple[float, float]) -> tuple[float, float]:
    """Least squares through the pairs; the first guess where they lie too close together to tell a scale."""
    mx, mu = (sum(p[i] for p in pairs) / len(pairs) for i in (0, 1))
    spread = sum((x - mx) ** 2 for x, _ in pairs)
    if spread < len(pairs) * 0.01:
        return otherwise[0], mu - otherwise[0] * mx
    factor = sum((x - mx) * (u - mu) for x, u in pairs) / spread
    return (factor, mu - factor * mx) if _SMALLEST <= factor <= _LARGEST else otherwise


def _spots(lines: Sequence[Line], marks: Sequence[Mark]) -> list[_Spot]:
    squashed = [(squash(line.text), line) for line in lines]
    spots = []
    for number, mark in enumerate(marks):
        key = squash(mark.text)
        if len(key) < _SHORTEST:
            continue
        hits = [(share, line.box) for text, line in squashed if (share := _begins(text, key)) is not None]
        if len(hits) <= _MOST_HITS:  # print that stands everywhere tells no place
            for share, box in hits:
                left = box.left + share * box.width
                spots.append(
                    _Spot(
                        number,
                        mark.box.left,
                        sum((mark.box.top, mark.box.bottom)) / 2,
                        left,
                        sum((box.top, box.bottom)) / 2,
                    )
                )
    return spots


def _begins(text: str, key: str) -> float | None:
    """At which share of the line's letters the mark begins; None where the line does not hold it."""
    if (at := text.find(key)) >= 0:
        return at / len(text)
    near = len(key) >= 6 and abs(len(text) - len(key)) <= 2 and fuzz.ratio(text, key) >= _ALIKE
    return 0.0 if near else None


def cells_in_boxes(page: Page, form: Form, cells: Sequence[Cell]) -> list[tuple[str, list[Cell]]]:
    """What stands in the box of each field that has one: its cells in reading order, without labels and without the form's own print."""
    boxed = [(field, rule.box) for field, rule in form.fields.items() if rule.box is not None]
    fit = (fit_of(page.lines, form.marks) if form.marks else _UNMOVED) if boxed else None
    if fit is None:
        return []
    print_there = [(squash(m.text), fit.place(m.box)) for m in form.marks]
    found = []
    for field, drawn in boxed:
        place = fit.place(drawn)
        inside = [piece for cell in cells if (piece := _inside(cell, place, print_there)) is not None]
        if inside:
            found.append((field, _in_order(inside)))
    return found


def _inside(cell: Cell, place: Box, print_there: Sequence[tuple[str, Box]]) -> Cell | None:
    """The part of the cell that lies in the place."""
    _, middle = cell.box.centre
    if cell.kind == "label" or not place.top - _EDGE <= middle <= place.bottom + _EDGE:
        return None
    if any(_same_print(cell, text, box) for text, box in print_there):
        return None
    shared = min(cell.box.right, place.right) - max(cell.box.left, place.left)
    if shared >= 0.85 * cell.box.width:
        return cell
    return _cut(cell, place) if shared > 0 else None


def _same_print(cell: Cell, text: str, box: Box) -> bool:
    key = squash(cell.text)
    across, down = cell.box.centre
    near = abs(down - box.centre[1]) < 2 * _OFF and box.left - _ASIDE < across < box.right + _ASIDE
    return near and (key == text or fuzz.ratio(key, text) >= _ALIKE)


def _cut(cell: Cell, place: Box) -> Cell | None:
    """The words of the cell whose middles lie in the place, its letters spread evenly over its box."""
    step = cell.box.width / max(1, len(cell.text))
    words, at = [], 0
    for word in cell.text.split(" "):
        middle = cell.box.left + (at + len(word) / 2) * step
        if word and place.left - _EDGE <= middle <= place.right + _EDGE:
            words.append((at, at + len(word)))
        at += len(word) + 1
    if not words:
        return None
    start, end = words[0][0], words[-1][1]
    box = Box(cell.box.left + start * step, cell.box.top, cell.box.left + end * step, cell.box.bottom)
    return Cell("value", cell.text[start:end], box, cell.line, cell.start + start, cell.start + end)


def _in_order(cells: Sequence[Cell]) -> list[Cell]:
    """From top to bottom, and in a row from left to right."""
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda c: c.box.centre[1]):
        first = rows[-1][0] if rows else None
        if first is not None and cell.box.centre[1] - first.box.centre[1] < 0.5 * min(
            first.box.height, cell.box.height
        ):
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [cell for row in rows for cell in sorted(row, key=lambda c: c.box.left)]
