"""The parts of a letter by their own marks: fax strip, salutation, subject line and sign-off, and the order in which a page is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.page import Line, Page
from templates.grammar import plain
from templates.reasons import SIGN_OFF

DEAR = re.compile(
    r"^\W*(?:dear\b[\s:]*(.*)|(?:doctor|colleagues?|sirs?)\s*,\W*|to\s+whom\s+it\s+may\s+concern\W*)$", re.I
)
RE_LINE = re.compile(
    r"^\W*(?:(?i:re|ref|regarding)\s*[:;.\-](?!\s*[a-z])|(?i:patient)\s*:|(?i:re)\s+(?=(?:Mr|Mrs|Miss|Ms|Mx|Master|Dr|"
    r"Prof|MR|MRS|MISS|MS)\b|[A-Z][A-Z'\-]+,\s|(?:[A-Z][\w'’\-]+\s+){2,4}\W*\d))"
)
TITLED = re.compile(r"^\W*(?:dr|mr|mrs|ms|miss|prof|professor|mx|sister)\b\.?\s+[A-Z]", re.I)
_FAX_HEADER = re.compile(r"\b\d{1,2}[:.]\d{2}\b|\bfax\b|\bP\.?\s?\d|\bpage\b|\bto\b|\bfrom\b|/\d", re.I)


@dataclass(frozen=True)
class Letter:
    """Where the parts of a letter are, as indices into the page's lines in reading order; None where a part is not
    there.
    """

    dear: int | None
    sign_off: int | None
    re: int | None


def reading_order(page: Page) -> list[Line]:
    """The page's lines from top to bottom, those of one row from left to right, fax header lines left out."""
    lines = sorted((x for x in page.lines if not is_fax_header(x)), key=lambda x: x.box.top)
    rows: list[list[Line]] = []
    for line in lines:
        if rows and line.box.top + 0.5 * line.box.height < rows[-1][0].box.bottom:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [x for row in rows for x in sorted(row, key=lambda r: r.box.left)]


def is_fax_header(line: Line) -> bool:
    """Whether a line is the strip that a fax machine prints at the very top: time, numbers, page count."""
    return line.box.bottom < 0.03 or (line.box.bottom < 0.045 and len(_FAX_HEADER.findall(line.text)) >= 2)


def letter_of(lines: Sequence[Line]) -> Letter:
    """The salutation, the sign-off after it, and the Re: line near the salutation."""
    dear = next((i for i, x in enumerate(lines) if DEAR.match(x.text)), None)
    start = dear if dear is not None else 0
    sign = next(
        (i for i in range(start, len(lines)) if _signs_off(lines[i].text)),
        None,
    )
    near = range(max(0, start - 12), min(len(lines), start + 8)) if dear is not None else range(min(len(lines), 25))
    subject = next((i for i in near if RE_LINE.match(lines[i].text)), None)
    return Letter(dear, sign, subject)


def _signs_off(text: str) -> bool:
    """Whether a line is the closing of a letter and nothing else ("With many thanks and best wishes")."""
    words = text.split()
    return SIGN_OFF.match(text) is not None and (
        len(words) <= 4 or (len(words) <= 7 and re.search(r"(?:wishes|regards|thanks)\W*$", text, re.I) is not None)
    )


_STRIPS_OWN = frozenset({"PAGE", "PAGES", "PG", "P", "TO", "FAX", "FROM", "TEL", "DATE", "TIME", "NO"})


def in_strip(name: str, lines: Sequence[Line]) -> bool:
    """Whether the fax machine's own strip names this practice, as far as the strip's few letters go: another print of it."""
    words = plain(name).upper().split()
    for line in filter(is_fax_header, lines):
        strip = plain(line.text).upper().split()
        for i in range(len(strip)):
            here = strip[i : i + len(words)]
            whole = here[:-1] == words[: len(here)][:-1] and words[len(here) - 1].startswith(here[-1])
            after = strip[i + len(here)] if i + len(here) < len(strip) else ""
            if after.isalpha() and after not in _STRIPS_OWN:
                continue  # the strip's name goes on: "TANNERY BRIDGE HEALTH CE" is no print of "Tannery Bridge"
            if whole and sum(map(len, here)) >= 10 and (len(here) == len(words) or i + len(here) == len(strip)):
                return True
    return False
