"""What pages say of their number: the fax machine's count, the page's own, and what a cover sheet announces."""

from __future__ import annotations

import re

from ocr.page import Page
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


def counts_of(page: Page) -> tuple[tuple[int, int] | None, tuple[int, int | None] | None]:
    """The page's number and total by the fax header, and by its own print (total None where only a number stands)."""
    fax: tuple[int, int] | None = None
    own: tuple[int, int | None] | None = None
    for line in page.lines:
        text = plain(line.text)
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


def cover_total(page: Page) -> tuple[int | None, bool]:
    """How many pages a cover sheet announces, and whether it counts itself."""
    lines = [plain(x.text) for x in sorted(page.lines, key=lambda x: (round(x.box.top, 2), x.box.left))]
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
        m = _COVER_COUNT.search(joined)
        if m and 1 <= (total := int(m[1] or m[2] or m[3])) <= 99:
            excludes = re.search(r"follow|exclud|excl\b|not includ|plus cover|after this", joined, re.I)
            return total, excludes is None
    return None, True
