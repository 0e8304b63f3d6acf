"""Corrections by hand: what a pen struck out is no value, and what stands beside it is a person's to compare."""

from __future__ import annotations

import re
from dataclasses import replace

from ocr.page import Box, Line, Page
from ocr.struck import struck_words
from templates.grammar_words import priorities_in
from templates.reasons import is_prose
from templates.sheet import same_row

_NEAR = 0.25  # of the page's width: a correction stands behind what it corrects, or begins the next line's column
# Words to choose from are struck out to leave the answer standing: those that read the choice look for the strokes themselves.
_CHOICE = re.compile(r"[A-Za-z]\W*/\W*[A-Za-z]|\b(?:delete|yes|no|male|female)\b", re.I)


def without_struck(page: Page) -> tuple[Page, tuple[Box, ...]]:
    """The page without the words that a pen struck out of labels' values, and where they stood."""
    struck = struck_words(page)
    if not struck:
        return page, ()
    lines: list[Line] = []
    gone: list[Box] = []
    for line in page.lines:
        own = [w.box for w in line.words if w.box in struck]
        if not own or is_prose(line.text) or _CHOICE.search(line.text) or priorities_in(line.text):
            lines.append(line)
            continue
        gone += own
        left = tuple(w for w in line.words if w.box not in own)
        if left:
            box = left[0].box
            for word in left[1:]:
                box = box.union(word.box)
            lines.append(replace(line, text=" ".join(w.text for w in left), box=box, words=left))
    return replace(page, lines=tuple(lines)), tuple(gone)


def corrected(box: Box, struck: tuple[Box, ...]) -> bool:
    """Whether something is struck out close beside a value."""
    return any(same_row(s, box) and max(s.left - box.right, box.left - s.right) < _NEAR for s in struck)
