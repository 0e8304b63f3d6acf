"""Labels that a narrow cell of a form breaks over two lines: `Practice` over `telephone`, `Address (inc` over `postcode)`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ocr.page import Box, Page
from templates.grammar import squash
from templates.labels import Cell, Lexicon
from templates.wording import concept_of

_WORDS = 3  # that a half of a label has at most
_WIDE = 0.42  # of the page: so far a value may stand from its label


def whole_cells(page: Page, cells: Sequence[Cell], lexicon: Lexicon) -> list[Cell]:
    """The cells with the halves of labels put together, in the order of the first halves."""
    return _whole_labels(_without_bracket_ends(page, cells), lexicon)


def _without_bracket_ends(page: Page, cells: Sequence[Cell]) -> list[Cell]:
    """The cells without the second line of a label that breaks inside its brackets: `postcode):` under `Address (inc`."""
    opened = [c for c in cells if c.kind == "label" and re.search(r"\([^()]*$", page.lines[c.line].text)]

    def closes(cell: Cell) -> bool:
        return any(_under(c.box, cell.box) for c in opened)

    ends = {c.line for c in cells if c.start == 0 and closes(c) and re.match(r"[^()]*\)", page.lines[c.line].text)}
    return [c for c in cells if not (c.line in ends and c.start == 0)]


def _under(first: Box, second: Box) -> bool:
    """Whether a box is the next line of one column of print."""
    return abs(second.left - first.left) < 0.012 and 0 < second.top - first.top < 2.0 * first.height


def _whole_labels(cells: list[Cell], lexicon: Lexicon) -> list[Cell]:
    """The cells with each label's second line joined to its first, where both together are a label beside one value."""
    in_line = Counter(c.line for c in cells)
    alone = [c for c in cells if in_line[c.line] == 1 and len(c.text.split()) <= _WORDS]
    joined: dict[int, Cell] = {}
    gone: set[int] = set()
    for first in alone:
        for second in alone:
            if (
                second.kind == "label"
                or not _under(first.box, second.box)
                or id(first) in gone
                or not _one_value_beside(first, second, cells)
            ):
                continue
            tokens = re.findall(r"[a-z0-9]+", f"{first.text} {second.text}".lower())
            name = lexicon.names.get(squash("".join(tokens))) or (concept_of(tokens) or ("", ""))[0]
            if name and not name.startswith("section:"):
                whole = replace(
                    first, kind="label", text=f"{first.text} {second.text}", names=name, heads="", score=98.0
                )
                joined[id(first)] = replace(whole, box=first.box.union(second.box), alone=True)
                gone.add(id(second))
    return [joined.get(id(c), c) for c in cells if id(c) not in gone]


def _one_value_beside(first: Cell, second: Cell, cells: Sequence[Cell]) -> bool:
    """Whether a value stands right of two lines, beside the first or between both, and none beside the second alone."""

    def beside(cell: Cell, box: Box) -> bool:
        shared = min(cell.box.bottom, box.bottom) - max(cell.box.top, box.top)
        return 0 < cell.box.left - box.right < _WIDE and shared > 0.4 * min(cell.box.height, box.height)

    values = [c for c in cells if c.kind == "value" and beside(c, first.box)]
    return bool(values) and all(beside(c, first.box) for c in cells if beside(c, second.box))
