"""Typewriters' pages: every letter and every space as wide as any other, so that one space looks like the gap between two cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from ocr.page import Line, Page, Word
from templates.sheet import same_row

_ALIKE = 0.06  # the share by which letters' widths differ at most from the page's usual one
_MOST = 0.75  # of the page's longer words: so many have letters of one width where a typewriter wrote it
_BEARING = 0.25  # of a letter: the paper at the two ends of a word
_SPACE = 1.9  # letters' widths: a space, with the paper at the edges of two letters


def joined_words(page: Page) -> Page:
    """A typewriter's page with the words of a row joined to one line where no more than a space stands between them."""
    step = _step([w for x in page.lines for w in x.words if len(w.text) >= 4])
    if step is None:
        return page
    lines: list[Line] = []
    for line in sorted(page.lines, key=lambda x: x.box.left):
        at = next((i for i, x in enumerate(lines) if _one_space(x, line, step)), None)
        if at is None:
            lines.append(line)
        else:
            before = lines[at]
            text, words = f"{before.text} {line.text}", (*before.words, *line.words)
            lines[at] = replace(before, text=text, box=before.box.union(line.box), words=words)
    return replace(page, lines=tuple(sorted(lines, key=lambda x: (x.box.top, x.box.left))))


def _step(words: Sequence[Word]) -> float | None:
    """The width of the page's letters, where most words have letters of one width; None in other print."""
    steps = [w.box.width / (len(w.text) - _BEARING) for w in words]
    if len(steps) < 12:
        return None
    usual = median(steps)
    return usual if sum(abs(s - usual) <= _ALIKE * usual for s in steps) >= _MOST * len(steps) else None


def _one_space(line: Line, behind: Line, step: float) -> bool:
    """Whether a line stands one space behind another in its row."""
    return same_row(line.box, behind.box) and 0 < behind.box.left - line.box.right < _SPACE * step
