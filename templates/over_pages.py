"""A story that goes on on the next page: its rows there, beneath what both pages bear at their heads."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from ocr.page import Box, Page
from templates.bind import Found
from templates.candidates import PageValues
from templates.grammar import plain
from templates.grammar_codes import find_nhs_numbers
from templates.letter_parts import RE_LINE
from templates.page_counts import counts_of
from templates.reasons import Row, ends, following, is_prose, rows_of

_HEAD = 0.35  # of the page: what a story goes on with stands near the top of its next page
_GOES_OVER = re.compile(r"\bcontinue[sd]?\b|\boverleaf\b|^\W*p\.?\s?t\.?\s?o\b", re.I)
_HEAD_EDGE, _FOOT_EDGE = 0.08, 0.85
_MOST = 3  # pages that one story fills


def text_on_next_pages(text: Found, page: PageValues, later: Sequence[PageValues]) -> tuple[list[str], bool]:
    """The lines by which a text that is the last print of its page goes on on the pages behind it, and whether the pages' own
    numbers say that they follow each other.
    """
    lines: list[str] = []
    sure = True
    here, box = page, text.boxes[-1] if text.boxes else text.box
    for then in later[: _MOST - 1]:
        if not _is_last(here, box, then):
            break
        rows = _beneath_head(then, here)
        run = following(rows, 0, rows[0].box.left) if rows and rows[0].box.top < _HEAD else []
        if not run or not is_prose(run[0].text) or ends(run[0]):
            break
        lines += [x.text for row in run for x in row.lines]
        sure = sure and _follows(here.facts.page, then.facts.page)
        here, box = then, run[-1].box
    if not lines and any(_GOES_OVER.search(r.text) for r in _under(page, text)):
        return [], False
    return lines, sure


def _under(page: PageValues, text: Found) -> list[Row]:
    """The row right beneath a text, where forms print "continued overleaf"."""
    box = text.boxes[-1] if text.boxes else text.box
    rows = (r for r in rows_of(page.facts.page, page.bound.cells) if r.box.top > box.bottom - 0.3 * r.box.height)
    return [r for r in rows if r.box.top - box.bottom < 3 * r.box.height][:1]


def _is_last(here: PageValues, box: Box, then: PageValues) -> bool:
    """Whether nothing but the sheet's own foot stands beneath a box."""
    below = [r for r in rows_of(here.facts.page, here.bound.cells) if r.box.top > box.bottom - 0.3 * r.box.height]
    return all(_of_sheet(r, then.facts.page) for r in below)


def _beneath_head(then: PageValues, here: PageValues) -> list[Row]:
    """The rows of a page without those that it shares with the page before: letterhead, patient's strip, number of the page."""
    rows = rows_of(then.facts.page, then.bound.cells)
    while rows and (_of_sheet(rows[0], here.facts.page) or _names_patient(rows[0])):
        rows = rows[1:]
    return rows


def _names_patient(row: Row) -> bool:
    """Whether a row says again whose paper this is: "Miriam Stone, 999 474 2051", "Re: Mrs Stone", "DOB 03/05/1950"."""
    if is_prose(row.text):
        return False
    said = any(c.names.startswith("patient.") for c in row.labels) or find_nhs_numbers(plain(row.text))
    return bool(said) or RE_LINE.match(plain(row.text)) is not None


def _of_sheet(row: Row, other: Page) -> bool:
    """Whether a row belongs to the sheet and not to its text: at the very edge, a count of pages, or printed on the other page too."""
    text = plain(row.text)
    if row.box.bottom < 0.035 or row.box.top > 0.965 or len(text) < 4 or _GOES_OVER.search(text):
        return True
    alone = Page(other.number, b"", other.width, other.height, row.lines, (), other.quality)
    if any(counts_of(alone)) and (len(text) < 25 or not _HEAD_EDGE < row.box.top < _FOOT_EDGE):
        return True
    return any(fuzz.ratio(text, plain(x.text)) >= 85 for x in other.lines)


def _follows(one: Page, two: Page) -> bool:
    """Whether two pages say of themselves, or the fax machine of them, that one comes right after the other."""
    first, second = counts_of(one), counts_of(two)
    return any(a is not None and b is not None and b[0] == a[0] + 1 for a, b in zip(first, second, strict=True))
