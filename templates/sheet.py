"""The cells of one page and the questions that binding asks of them: what stands beside, beneath, above or further down."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.page import Box, Page
from templates.glyphs import aspect_of
from templates.grammar_address import ends_address
from templates.grammar_codes import find_postcodes
from templates.labels import Cell
from templates.reasons import Row, following, is_guidance, is_list, is_prose, is_story_word, rows_of


def same_row(a: Box, b: Box) -> bool:
    """Whether two boxes stand on one line of print."""
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    return shared > 0.5 * min(a.height, b.height)


class Sheet:
    """The cells of one page with the questions that binding asks of them."""

    def __init__(self, page: Page, cells: Sequence[Cell]) -> None:
        self.page = page
        self.cells = list(cells)
        self.aspect = aspect_of(page)

    def after(self, i: int) -> list[int]:
        """Values in the label's own line up to the next label."""
        found = []
        for j in range(i + 1, len(self.cells)):
            cell = self.cells[j]
            if cell.line != self.cells[i].line or cell.kind == "label":
                break
            found.append(j)
        return found

    def right(self, i: int) -> list[int]:
        """Values on the same row to the right of the label, up to the next label; wide empty space ends them."""
        label = self.cells[i]
        row = [
            j for j, c in enumerate(self.cells) if j != i and same_row(c.box, label.box) and c.box.left > label.box.left
        ]
        row.sort(key=lambda j: self.cells[j].box.left)
        found: list[int] = []
        edge = label.box.right
        for j in row:
            cell = self.cells[j]
            if cell.kind == "label":
                break
            if cell.box.right < edge:
                continue
            if cell.box.left - edge > (0.07 if found else 0.42):
                break
            found.append(j)
            edge = cell.box.right
        return found

    def below(self, i: int) -> list[int]:
        """Values of the first row beneath the label that stand under it, up to where the next label of its row
        begins.
        """
        label = self.cells[i]
        height = label.box.height
        limit = min(
            (
                c.box.left
                for c in self.cells
                if c.kind == "label" and same_row(c.box, label.box) and c.box.left > label.box.right
            ),
            default=1.0,
        )
        under = [
            (j, c)
            for j, c in enumerate(self.cells)
            if c.box.top > label.box.top + 0.5 * height
            and c.box.top - label.box.bottom < 2.4 * max(height, min(c.box.height, 2 * height))
            and c.box.right > label.box.left - 0.01
            and c.box.left < limit - 0.005
            and c.box.left > label.box.left - 0.04
            and c.line != label.line
        ]
        if not under:
            return []
        first = min(under, key=lambda jc: jc[1].box.top + 0.15 * abs(jc[1].box.left - label.box.left))[1]
        row = sorted((jc for jc in under if same_row(jc[1].box, first.box)), key=lambda jc: jc[1].box.left)
        found: list[int] = []
        for j, cell in row:
            if cell.kind == "label" or (found and cell.box.left - self.cells[found[-1]].box.right > 0.07):
                break
            found.append(j)
        # What stands after a colon on its own line is that label's, and so is what has a label close by in its row.
        return [j for j in found if not self._owned(j) and not self._labelled(j)]

    def above(self, i: int) -> list[int]:
        """The value that stands just over a caption."""
        label = self.cells[i]
        over = [
            (j, c)
            for j, c in enumerate(self.cells)
            if c.kind == "value"
            and 0 < label.box.top - c.box.top < 2.6 * max(label.box.height, c.box.height)
            and abs(c.box.left - label.box.left) < 0.03
        ]
        return [max(over, key=lambda jc: jc[1].box.top)[0]] if over else []

    def _labelled(self, j: int) -> bool:
        """Whether a label stands left of a cell in its row, nothing between, and nearer than half a column."""
        cell = self.cells[j]
        row = [c for c in self.cells if same_row(c.box, cell.box) and c.box.right <= cell.box.left + 0.005]
        left = max(row, key=lambda c: c.box.right, default=None)
        return left is not None and left.kind == "label" and cell.box.left - left.box.right < 0.12

    def _owned(self, j: int) -> bool:
        cell = self.cells[j]
        before = self.cells[j - 1] if j else None
        return before is not None and before.line == cell.line and before.kind == "label" and before.colon

    def further(self, first: list[int], label: Cell, most: int, numbers: bool = False) -> list[int]:
        """The lines that go on beneath the first row of a value: same left edge, close together, no label beside or between; with
        `numbers` also those of telephones and codes, which end an address but not a sender's block.
        """
        found = list(first)
        left = self.cells[first[0]].box.left
        last = self.cells[first[0]].box
        pitch = 0.0
        last_text = ""
        while len(found) < most:
            rows = [
                (j, c)
                for j, c in enumerate(self.cells)
                if j not in found
                and c.box.top > last.top + 0.5 * last.height
                and c.box.top - last.bottom < 1.5 * max(last.height, 0.006)
                and abs(c.box.left - left) < 0.03
            ]
            if not rows:
                break
            nearest = min(rows, key=lambda jc: jc[1].box.top)[1]
            row = sorted((jc for jc in rows if same_row(jc[1].box, nearest.box)), key=lambda jc: jc[1].box.left)
            beside = [c for c in self.cells if c.kind == "label" and same_row(c.box, nearest.box)]
            if any(c.start == 0 and c.box.left < left + 0.02 and c.box.right > label.box.left - 0.05 for c in beside):
                break
            if left - label.box.left > 0.05 and any(
                abs(c.box.left - label.box.left) < 0.015 and same_row(c.box, nearest.box) for c in self.cells
            ):
                # Something stands in the column of the labels: a label that is not known.
                break
            if not numbers and (ends_address(nearest.text) or (len(found) > 1 and find_postcodes(last_text))):
                break
            step = nearest.box.top - last.top
            if pitch and step > 1.45 * pitch:
                # A wider gap than between the lines before: the next cell of the form.
                break
            taken = [j for j, c in row if c.kind == "value" and not self._owned(j)]
            if not taken or (row[0][1].kind == "label" and row[0][0] not in taken):
                break
            found += taken[:1]
            last_text = self.cells[taken[0]].text
            pitch = pitch or step
            last = self.cells[taken[0]].box
        return found

    def prose(self, first: int, label: Cell) -> list[tuple[str, Box]]:
        """The rows of clinical text that begin with a cell, each with its box; guidance to the writer left out."""
        cell = self.cells[first]
        rows = rows_of(self.page, self.cells)
        start = next((n for n, r in enumerate(rows) if any(x is self.page.lines[cell.line] for x in r.lines)), None)
        if start is None:
            return []
        found: list[tuple[str, Box]] = []
        if cell.line == label.line or same_row(cell.box, label.box):
            # The text begins beside its label: that row's own value first.
            beside = [
                c for c in self.cells if c.kind == "value" and same_row(c.box, cell.box) and c.box.left >= cell.box.left
            ]
            if not is_guidance(cell.text):
                found = [(c.text, c.box) for c in sorted(beside, key=lambda c: c.box.left)]
            left = min(cell.box.left, label.box.left if cell.line == label.line else cell.box.left)
            more = _until_next_head(following(rows, start + 1, left), rows, label, left)
            if found and more and more[0].box.top - cell.box.bottom > 2.0 * cell.box.height:
                more = []
        else:
            more = following(rows, start, min(cell.box.left, label.box.left))
        return found + [(r.text, r.box) for r in more]


def _until_next_head(taken: list[Row], rows: Sequence[Row], label: Cell, left: float) -> list[Row]:
    """The rows of a text beside its label, up to the next words in the labels' column: a heading that may not be known."""
    if left - label.box.left < 0.05:
        return taken
    for n, row in enumerate(taken):
        whole = next((r for r in rows if row.lines[0] in r.lines), row)
        beside = [x for x in whole.lines if x.box.right < left and abs(x.box.left - label.box.left) < 0.02]
        if beside and not is_story_word(beside[0].text) and (not is_prose(row.text) or is_list([row.text])):
            return taken[:n]
    return taken
