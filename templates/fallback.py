"""What a page probably says where no label, block or letter part gave it: offered with a doubt, never for a machine to act on.

A careful person finds the date, the address beneath the name and the paragraph of prose on any layout; so does this, and says so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from ocr.page import Line, Page
from templates.bind import Bound, Found, Sheet
from templates.blocks import patient_block
from templates.grammar import plain
from templates.grammar_dates import find_dates
from templates.prose import reading_order

DOUBT = "it was found by its place and shape, without a label"
_RECENT = dt.timedelta(days=120)
_SMALL_PRINT = re.compile(
    r"confidential|in error|intended recipient|data protection|please fax|unsubscribe|registered in england", re.I
)


def likely_date(page: Page, bound: Bound, today: dt.date) -> list[Found]:
    """The one recent date of the page that no label claims; nothing where there are two different ones."""
    found: dict[str, Found] = {}
    for i, cell in enumerate(bound.cells):
        before = bound.cells[i - 1] if i else None
        if cell.kind != "value" or (before is not None and before.line == cell.line and before.names == "decoy"):
            continue
        text = plain(cell.text)
        for p in find_dates(text, "letter", today):
            when = dt.date.fromisoformat(p.value)
            if today - _RECENT <= when <= today and len(text) <= 60:
                found.setdefault(
                    p.value, Found("referral.date", (text[p.start : p.end],), page.number, cell.box, "title")
                )
    return list(found.values()) if len(found) == 1 else []


def beneath_name(page: Page, bound: Bound, name: Found, today: dt.date) -> list[Found]:
    """Address, postcode and more from the unlabelled lines under the patient's name."""
    sheet = Sheet(page, bound.cells)
    start = next((i for i, c in enumerate(sheet.cells) if c.kind == "value" and c.box.overlap(name.box) > 0.5), None)
    if start is None:
        return []
    ids = sheet.further([start], sheet.cells[start], 7, wide=False)
    lines = [(sheet.cells[j].text, sheet.cells[j].box) for j in ids]
    pieces = [
        p for p in patient_block(lines, today) if p.field in ("patient.address", "patient.postcode", "patient.phone")
    ]
    return [Found(p.field, (p.text,), page.number, p.box, "title") for p in pieces]


def longest_prose(page: Page) -> list[Found]:
    """The longest run of prose lines on the page, small print left out."""
    runs: list[list[Line]] = []
    for line in reading_order(page):
        last = runs[-1][-1] if runs else None
        close = (
            last is not None
            and line.box.top - last.box.bottom < 1.6 * line.box.height
            and abs(line.box.left - last.box.left) < 0.03
        )
        if close and not _SMALL_PRINT.search(line.text):
            runs[-1].append(line)
        else:
            runs.append([line])
    prose = [
        r
        for r in runs
        if sum(len(x.text) > 55 for x in r) >= 1
        and sum(len(x.text) for x in r) >= 80
        and not _SMALL_PRINT.search(r[0].text)
    ]
    if not prose:
        return []
    best = max(prose, key=_length)
    first = next(i for i, x in enumerate(best) if len(x.text) > 40)
    best = best[first:]
    box = best[0].box
    for x in best[1:]:
        box = box.union(x.box)
    return [
        Found(
            "referral.reason", tuple(x.text for x in best), page.number, box, "title", boxes=tuple(x.box for x in best)
        )
    ]


def _length(lines: Sequence[Line]) -> int:
    return sum(len(x.text) for x in lines)
