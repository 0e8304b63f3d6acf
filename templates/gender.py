"""A patient's gender where the form prints the words to choose from: by the ticked box, or by a pen's mark on one word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.page import Box, Page
from ocr.pen import pen_marks
from templates.candidates import Candidate, PageValues, first_reader, quality_of
from templates.confidence import Evidence, confidence_of
from templates.glyphs import aspect_of, glyphs_of
from templates.reading import Reading
from templates.sheet import same_row

_WORD = re.compile(r"(?<![A-Za-z])((?i:male|female)|[MF])(?![A-Za-z])")
# The two words alone in a cell ask by themselves.
_ASKS = re.compile(r"\b(?:sex|gender)\b|^\W*male\s*/\s*female\W*$", re.I)
_SAYS = {"male": "male", "m": "male", "female": "female", "f": "female"}


def chosen_gender(pages: Sequence[PageValues]) -> Reading | None:
    """The gender that a tick or a pen chose; None where neither is plain."""
    return _from_boxes(pages) or _from_pen(pages)


def offers_genders(pages: Sequence[PageValues], gender: Candidate | None) -> bool:
    """Whether the pages print genders to choose from, beside boxes or in one row: then the first of them is no answer."""
    if any({"male", "female"} & {o.value for o in p.options if o.field == "patient.gender"} for p in pages):
        return True
    if gender is None:
        return False
    found = gender.found
    row = " ".join(
        line.text
        for p in pages
        if p.facts.page.number == found.page
        for line in p.facts.page.lines
        if same_row(line.box, found.box)
    )
    words = {w.lower() for w in re.findall(r"[A-Za-z]+", row)}
    if {"male", "female"} <= words or ({"m", "f"} <= words and not found.label) or _among_others(row, words):
        return True
    return any(
        found.box.overlap(box) > 0
        for p in pages
        if p.facts.page.number == found.page
        for w in _pairs(p.facts.page)
        for _, box in w
    )


def _among_others(row: str, words: set[str]) -> bool:
    """Whether a letter stands before "Other": one of the answers of a form, of which a ring may have hidden the next from the reader."""
    return (
        bool({"m", "f", "male", "female"} & words)
        and re.search(r"\bother\W*$|\bother\s+(?:gender|sex)\b", row, re.I) is not None
    )


def _from_boxes(pages: Sequence[PageValues]) -> Reading | None:
    options = [o for p in pages for o in p.options if o.field == "patient.gender"]
    ticked = [o for o in options if o.ticked]
    # A box "Other" belongs to the gender only beside boxes for male and female.
    if len({o.value for o in ticked}) != 1 or not {"male", "female"} <= {o.value for o in options}:
        return None
    doubts = ("a box beside it is unclear",) if any(o.ticked is None for o in options) else ()
    o = ticked[0]
    return _reading(pages, o.page, o.value, o.words, o.box, ("read from the ticked box", "tick box"), doubts)


def _from_pen(pages: Sequence[PageValues]) -> Reading | None:
    """The one of two words in a row that is ringed or left standing, beside its label; boxes have their own say.

    A letter alone is only ringed: its own bars look like a stroke.
    """
    for p in pages:
        page = p.facts.page
        for words in _pairs(page):
            if any(t.box.overlap(box) > 0 or same_row(t.box, box) for t in page.ticks for _, box in words):
                continue
            marks = pen_marks(page, [box for _, box in words])
            told = [w for w, mark in zip(words, marks, strict=True) if mark == "ringed"]
            if not told and marks.count("struck") == 1 and all(len(word) > 1 for word, _ in words):
                told = [w for w, mark in zip(words, marks, strict=True) if mark is None]
            if len(told) == 1:
                word, box = told[0]
                how = ("read from the pen's mark on the two words", "pen")
                return _reading(pages, page.number, _SAYS[word.lower()], word, box, how, ())
    return None


def _pairs(page: Page) -> list[list[tuple[str, Box]]]:
    """The words male and female, or their first letters, of each row behind a label for them, once each."""
    labels = [x for x in page.lines if _ASKS.search(x.text) and len(x.text.split()) <= 6]
    found = []
    for label in labels:
        beside = [x for x in page.lines if same_row(x.box, label.box)]
        beneath = [x for x in page.lines if _is_beneath(x.box, label.box)]
        for lines in (beside, beneath):
            words: list[tuple[str, Box]] = []
            for line in lines:
                glyphs = glyphs_of(line, aspect_of(page))
                words += [(m[1], glyphs.box(m.start(1), m.end(1))) for m in _WORD.finditer(glyphs.text)]
            words = [(word, box) for word, box in words if box.left >= label.box.left - _IN]
            if sorted(_SAYS[word.lower()] for word, _ in words) == ["female", "male"]:
                found.append(words)
                break
    return found


_IN = 0.02  # of the page's width: words to choose from stand a little in from their label


def _is_beneath(box: Box, label: Box) -> bool:
    """Whether a box stands right under a label, in its column."""
    return 0 < box.top - label.bottom < 1.5 * label.height and label.left - _IN <= box.left < label.right + 5 * _IN


def _reading(
    pages: Sequence[PageValues],
    page: int,
    value: str,
    text: str,
    box: Box,
    how: tuple[str, str],
    doubts: tuple[str, ...],
) -> Reading:
    evidence = Evidence("patient.gender", True, doubts=len(doubts), quality=quality_of(pages, page))
    readers = (first_reader(pages, page),)
    field = "patient.gender"
    return Reading(field, value, text, page, box, confidence_of(evidence), how[0], readers, 1, (how[1],), doubts)
