"""What pages say of their number: the fax machine's count, the page's own, and what a cover sheet announces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.page import Line, Page
from templates.grammar import plain
from templates.letter_parts import is_fax_header

_FAX_COUNT = re.compile(
    r"\b(?:P|PAGE|PG|p)\.?\s*[0O]*([0-9]{1,3})\s*(?:/|of|OF|I|\|)\s*[0O]*([0-9]{1,3})\b|"
    r"(?<![\d/])0*(\d{1,2})\s*/\s*0*(\d{1,2})(?![\d/])"
)
# A worn footer reads as "Page t ot 2" or "Page 1 ol 2": the shapes that readers make of 1 and of "of" are let in.
_PAGE_COUNT = re.compile(
    r"\b(?:page|pg|paqe|sheet|p)\b[\W_]{0,3}(?:no\.?\s*)?([0-9tlIi|]{1,2})\s*(?:[o0aQ][f1tlIirj|]|/|"
    r"out of)\s*([0-9]{1,2})\b|"
    r"^\W*(\d{1,2})\s+of\s+(\d{1,2})\W*$|\bpage\s+(\d{1,2})\W*$|^\W*(\d{1,2})\s*/\s*(\d{1,2})\W*$",
    re.I,
)
# "Choot 1 uf 3", "1d2", "1of2": alone at the paper's edge, where nothing else counts so.
_WORN_COUNT = re.compile(r"^\W*(?:[A-Za-z]{4,5}\s+)?([1-9lI|])(?:\s*[a-z]|\s*[o0uca][a-z1]|[1lI|])\s*([1-9])\W*$", re.I)
_AT_LINES_END = re.compile(r"\bpage\s+\d{1,2}\s+of\s+\d{1,2}\W*$", re.I)  # plain enough to be one wherever it stands
_COVER_COUNT = re.compile(
    r"(?:pages?|sheets?)\b[^0-9]{0,45}?(?:incl|including|inc|follow|total|cover|sent|transmitted|"
    r"this)?[^0-9]{0,25}?[:=\s.(]\s*(\d{1,2})\b|"
    r"\b(\d{1,2})\s+pages?\s+(?:including|in total|incl|total|(?:to )?follow)|"
    r"\btotal\s+(?:number\s+)?(?:of\s+)?pages\W+(\d{1,2})\b",
    re.I,
)


_FOOT = 0.965


def counts_of(page: Page) -> tuple[tuple[int, int] | None, tuple[int, int | None] | None]:
    """The page's number and total by the fax header, and by its own print (total None where only a number stands)."""
    fax: tuple[int, int] | None = None
    own: tuple[int, int | None] | None = None
    for line in page.lines:
        text = plain(line.text)
        if page.turned == 180 and line.box.top > _FOOT:
            continue  # the fax machine's own line, on its head beneath a sheet that lay on its own
        if is_fax_header(line) or line.box.bottom < 0.035:
            for m in _FAX_COUNT.finditer(text):
                a, b = int(m[1] or m[3]), int(m[2] or m[4])
                if 1 <= a <= b <= 200 and (m[1] or fax is None):
                    fax = (a, b)
            continue
        if line.box.top > 0.85 or line.box.bottom < 0.15 or len(text) < 18 or _AT_LINES_END.search(text):
            m2 = _PAGE_COUNT.search(text)
            if m2:
                if m2[6] and 0.06 < line.box.top < 0.9:
                    continue  # "6/9" is an eye's acuity; only at the page's edge is it a count
                number = re.sub(r"[^0-9]", "1", m2[1] or m2[3] or m2[5] or m2[6])
                total = m2[2] or m2[4] or m2[7]
                if 1 <= int(number) <= int(total or number) <= 60:
                    own = (int(number), int(total) if total else None)
            elif own is None and (line.box.top > 0.92 or line.box.bottom < 0.08) and (worn := _WORN_COUNT.match(text)):
                number, total = re.sub(r"\D", "1", worn[1]), worn[2]
                if int(number) <= int(total) > 1:
                    own = (int(number), int(total))
    return fax, own


@dataclass(frozen=True)
class Announced:
    """What a cover sheet says of how many pages were sent: their number, whether it counts itself, and whether a number stands there
    that could not be read.
    """

    total: int | None = None
    includes: bool = True
    unread: bool = False


_COUNTS = re.compile(
    r"\b(?:total|no\.?|nos\.?|number|how\s+many)\W+(?:number\s+)?(?:of\s+)?(?:pages?|sheets?)\b|"
    r"\b(?:pages?|sheets?)\s+(?:sent|in\s+all|in\s+total|transmitted|to\s+follow|following|\(?with\b|\(?incl?\b|\(?including\b)|"
    r"^\W*(?:pages?|sheets?)\W*$",
    re.I,
)
_LABEL = 8  # words of a label at most: "if the number of pages is wrong, telephone ..." is none
_WORDS = "one two three four five six seven eight nine ten eleven twelve".split()


def announced_pages(page: Page) -> Announced:
    """How many pages a cover sheet announces."""
    ordered = sorted(page.lines, key=lambda x: (round(x.box.top, 2), x.box.left))
    lines = [plain(x.text) for x in ordered]
    asked = False
    for i, text in enumerate(lines):
        if not re.search(r"pages?\b|sheets?\b", text, re.I):
            continue
        joined = (
            text
            if re.search(r"\d", text)
            else f"{text} {lines[i + 1]}"
            if i + 1 < len(lines) and re.fullmatch(r"\W*\d{1,2}\b.{0,20}", lines[i + 1])
            else text
        )
        excludes = re.search(r"follow|exclud|excl\b|not includ|plus cover|after this", joined, re.I)
        m = _COVER_COUNT.search(joined)
        if m and 1 <= (total := int(m[1] or m[2] or m[3])) <= 99:
            return Announced(total, excludes is None)
        if _COUNTS.search(text) and len(text.split()) <= _LABEL and not re.search(r"\d|\.$", text):
            beside = _number_beside(ordered[i], page.lines)
            if beside is not None:
                return Announced(beside, excludes is None)
            asked = True
    return Announced(unread=asked)


def _number_beside(label: Line, lines: Sequence[Line]) -> int | None:
    """The number, in figures or as a word, behind a label or in the column beside it, whose line may be the label's second."""
    behind = re.search(r"[:)]\s*(\w+)\W*$", plain(label.text))
    texts = [behind[1]] if behind else []
    for line in sorted(lines, key=lambda x: x.box.left):
        apart = line.box.centre[1] - label.box.centre[1]
        if line.box.left >= label.box.right - 0.01 and -0.7 * label.box.height < apart < 1.8 * label.box.height:
            texts.append(plain(line.text))
    for text in texts:
        m = re.fullmatch(r"\W*(\d{1,2}|[A-Za-z]{3,6})\W*(?:pages?|sheets?)?\W*", text)
        if m and (m[1].isdigit() or m[1].lower() in _WORDS):
            total = int(m[1]) if m[1].isdigit() else _WORDS.index(m[1].lower()) + 1
            return total if total else None
    return None
