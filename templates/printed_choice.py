"""Urgencies printed side by side for a pen to choose from: which words are such a choice, and which one was ringed or left standing.

None of the printed words says by itself which is meant. A ring round one alone says it, and so do strokes through all the others where
the form asks for that; whatever is less plain is a doubt, and a person decides (P6).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.page import Box, Line, Page
from ocr.pen import marked_cell, pen_marks
from templates.glyphs import aspect_of, glyphs_of
from templates.grammar import plain
from templates.grammar_words import priorities_in, priority_places
from templates.letter_parts import is_fax_header
from templates.sheet import same_row
from templates.specialties import is_specialty

QUESTION = re.compile(r"^\W*(?:how|is\s+(?:it|this)|what)\b|\?\W*$", re.I)  # "How urgent is it?" is a label
_MARK = r"\b(?:circle|encircle|ring|underline|highlight)\b"
_STRIKE = r"\b(?:delete|strike|cross\s+out|score\s+out)\b"
_CELL = 0.08  # of the page's width: what stands further off is another cell of the form
_SHORT = 12  # words: a line with more is prose


@dataclass(frozen=True)
class Marked:
    """The word of a choice that the pen chose: its priority, where it stands, its text, and how that was seen."""

    value: str
    box: Box
    text: str
    how: str


@dataclass(frozen=True)
class PrintedChoice:
    """The choice of urgencies that a page prints without boxes: its lines, whether a pen is asked for, and what it chose."""

    lines: tuple[Box, ...]
    asked: bool
    marked: Marked | None

    @property
    def open(self) -> bool:
        """Whether there is a choice of which nobody can tell by machine what was chosen."""
        return self.marked is None and (self.asked or bool(self.lines))


def printed_choice(page: Page, boxed: bool) -> PrintedChoice:
    """The page's printed choice of urgencies; empty where it has none. Where the words have boxes (`boxed`) ticks say which is meant."""
    named = _named(page)
    lines = _side_by_side(named)
    asked = _asked(page, named, f"{_MARK}|{_STRIKE}|urgen\\w*\\s*\\*\\s*$|priorit\\w*\\s*\\*\\s*$")
    marked = None
    if lines and not boxed:
        marked = _in_cells(page, named) or _marked(page, lines, _asked(page, named, f"{_STRIKE}|\\*\\s*$"))
    return PrintedChoice(tuple(x.box for x in lines), asked, marked)


def choice_lines(page: Page) -> list[Line]:
    """The lines of a choice that routine is part of: they say what a form may be used for, and not what it is."""
    lines = _side_by_side(_named(page))
    return lines if any("ROUTINE" in priorities_in(plain(x.text)) for x in lines) else []


_TOLD = re.compile(rf"\((?=[^()]*(?:{_STRIKE}|{_MARK}|\bmust\b))[^()]*\)?", re.I)


def _offered(text: str) -> str:
    """The text of a choice with blanks for what the form tells its writer of urgencies: "(strike out one. Suspected cancer must ...)"."""
    return _TOLD.sub(lambda m: " " * len(m[0]) if priorities_in(m[0]) else m[0], text)


def _named(page: Page) -> list[tuple[Line, set[str]]]:
    """The short lines that name an urgency, with those that they name; a label that asks for one names none."""
    return [
        (line, names)
        for line in page.lines
        if len(_offered(line.text).split()) <= _SHORT
        and not is_fax_header(line)
        and (names := priorities_in(plain(_offered(line.text))))
        and not (len(names) == 1 and QUESTION.search(line.text))
    ]


def _side_by_side(named: Sequence[tuple[Line, set[str]]]) -> list[Line]:
    """The lines that together offer a choice: one that names routine and another, or several beside or beneath each other."""
    found = [line for line, names in named if "ROUTINE" in names and len(names) > 1]
    for i, (line, names) in enumerate(named):
        for other, others in named[i + 1 :]:
            a, b = line.box, other.box
            close = abs(b.centre[1] - a.centre[1]) < 2.2 * max(a.height, b.height) and b.overlap(a) == 0
            if names != others and (same_row(a, b) or (close and abs(b.left - a.left) < 0.05)):
                found += [x for x in (line, other) if x not in found]
    return found


def _asked(page: Page, named: Sequence[tuple[Line, set[str]]], how: str) -> bool:
    """Whether the page asks, beside an urgency, for a mark by pen."""
    asking = [x for x in page.lines if re.search(how, x.text, re.I) and len(x.text.split()) <= _SHORT]
    return any(
        re.search(r"urgen|priorit|routine", line.text, re.I)
        or any(abs(x.box.centre[1] - line.box.centre[1]) < 3 * line.box.height for x, _ in named)
        for line in asking
    )


def _in_cells(page: Page, named: Sequence[tuple[Line, set[str]]]) -> Marked | None:
    """The word over the one marked cell of a table whose heads are the urgencies; None where the page has no such table."""
    for first, _ in named:
        heads = sorted((x for x in named if same_row(x[0].box, first.box)), key=lambda x: x[0].box.left)
        values = [next(iter(names)) for _, names in heads]
        if (
            len(heads) < 2
            or len(set(values)) < len(values)
            or any(len(x.text.split()) > 3 or len(n) > 1 for x, n in heads)
        ):
            continue
        own = [x for x, _ in heads]
        print_ = [x.box for x in page.lines if x not in own and sum(c.isalnum() for c in x.text) > 1]
        at = marked_cell(page, [x.box for x in own], print_)
        if at is not None:
            return Marked(values[at], own[at].box, own[at].text, "the word over the one cell with a mark")
    return None


def _marked(page: Page, lines: Sequence[Line], by_stroke: bool) -> Marked | None:
    """The one word that is ringed, or that strokes have left; None where that is not plain."""
    words: list[tuple[str, Box, str]] = []
    for line in lines:
        glyphs = glyphs_of(line, aspect_of(page))
        offered = _offered(glyphs.text)
        words += [(value, glyphs.box(a, b), glyphs.text[a:b]) for value, a, b in priority_places(offered)]
    values = [value for value, _, _ in words]
    if len(set(values)) < 2:
        return None
    marks = pen_marks(page, [box for _, box, _ in words])
    ringed = [w for w, mark in zip(words, marks, strict=True) if mark == "ringed"]
    left = [w for w, mark in zip(words, marks, strict=True) if mark is None]
    if len(ringed) == 1:
        return Marked(*ringed[0], "the word that is ringed")
    if len(set(values)) < len(values):
        return None
    # One of two words of a line, parted by a stroke of print, and the pen went through the other: no instruction need say so.
    between = len(lines) == 1 and re.search(r"[A-Za-z)]\s*/\s*-?[A-Za-z\d(]", lines[0].text) is not None
    if (by_stroke or between) and not ringed and len(left) == 1 and not _unread_beside(page, lines):
        return Marked(*left[0], "the one word that is not struck out")
    return None


def chosen_department(page: Page) -> list[tuple[str, Box]]:
    """The one department that a pen ringed, or left standing, of several in a line parted by strokes of print; empty where that is not plain."""
    for line in page.lines:
        glyphs = glyphs_of(line, aspect_of(page))
        parts = [(m[0].strip(), glyphs.box(*m.span())) for m in re.finditer(r"[^/\s][^/]*[^/\s]", glyphs.text)]
        if len(parts) < 2 or not all(is_specialty(text) for text, _ in parts):
            continue
        marks = pen_marks(page, [box for _, box in parts])
        ringed = [p for p, mark in zip(parts, marks, strict=True) if mark == "ringed"]
        left = [p for p, mark in zip(parts, marks, strict=True) if mark is None]
        if len(ringed) == 1 or (not ringed and len(left) == 1):
            return ringed or left
    return []


def _unread_beside(page: Page, lines: Sequence[Line]) -> bool:
    """Whether something else stands in the row of a choice, which may be another of its words, misread; a date or a number is none."""
    first, last = min(x.box.left for x in lines), max(x.box.right for x in lines)
    return any(
        x not in lines
        and first < x.box.left < last + _CELL
        and sum(c.isdigit() for c in x.text) < 4
        and not re.search(_STRIKE, x.text, re.I)
        and any(same_row(x.box, line.box) for line in lines)
        for x in page.lines
    )
