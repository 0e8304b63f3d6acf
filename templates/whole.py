"""Values that stand on the paper in pieces: a name over two lines, both halves behind one label, a part of what a label says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.page import Page
from templates.bind import Found
from templates.grammar import plain
from templates.grammar_fields import uncomb
from templates.grammar_names import parse_name
from templates.sheet import same_row

_KIND = re.compile(r"\W*(?:surgery|practice|partnership|(?:(?:medical|health)\s+)?cent(?:re|er))\W*", re.I)
_IN_LINE = 0.02  # of the page's width: lines of one cell begin so close


def whole_values(found: Sequence[Found], page: Page) -> list[Found]:
    """The values with their lines above and beneath, where only a piece was bound."""
    return [_both_halves(_whole_name(_whole_practice(f, page), page)) for f in found]


def _both_halves(found: Found) -> Found:
    """A family name's label whose value holds both halves ("SMITH, John"): a whole name."""
    if found.field == "patient.family_name" and "," in found.text:
        name = parse_name(uncomb(found.text))
        return replace(found, field="patient.name") if name and name.given else found
    return found


def _whole_practice(found: Found, page: Page) -> Found:
    """A practice of which only the kind was found ("CENTRE"): with the beginning of its name in the line above it."""
    if found.field != "referrer.practice_name" or not _KIND.fullmatch(found.text):
        return found
    for line in page.lines:
        near = 0 < found.box.top - line.box.top < 1.8 * found.box.height
        in_line = abs(line.box.left - found.box.left) < _IN_LINE
        if near and in_line and re.fullmatch(r"[A-Z][\w'’&. -]{2,40}", plain(line.text)):
            return replace(found, lines=(line.text, *found.lines), box=line.box.union(found.box))
    return found


def _whole_name(found: Found, page: Page) -> Found:
    """A patient's name of which the first line was found ("Ms Imogen Claire"): with the word that stands alone beneath it in its cell."""
    if found.field != "patient.name" or found.way != "right":
        return found
    for line in page.lines:
        near = 0 < line.box.top - found.box.top < 1.6 * found.box.height
        in_line = abs(line.box.left - found.box.left) < _IN_LINE
        alone = not any(same_row(x.box, line.box) and x.box.right < line.box.left for x in page.lines)
        if near and in_line and alone and re.fullmatch(r"[A-Z][\w'’\-]+(?:\s[A-Z][\w'’\-]+)?", plain(line.text)):
            return replace(found, lines=(" ".join((*found.lines, line.text)),), box=found.box.union(line.box))
    return found
