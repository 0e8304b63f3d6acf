"""What a page probably says where no label, block or letter part gave it: offered with a doubt, never for a machine to act on.

A careful person finds the date, the address beneath the name and the paragraph of prose on any layout; so does this, and says so.
"""

from __future__ import annotations

import datetime as dt
import re

from ocr.page import Box, Line, Page
from templates.bind import Bound, Found
from templates.blocks import patient_block
from templates.grammar import plain, squash
from templates.grammar_codes import find_postcodes
from templates.grammar_dates import find_dates
from templates.letter_parts import reading_order
from templates.letterhead import sender_in
from templates.reasons import longest_run
from templates.sheet import Sheet
from templates.specialties import specialties_in

DOUBT = "it was found by its place and shape, without a label"
_RECENT = dt.timedelta(days=120)


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


SURGERY = re.compile(
    r"[A-Z][\w'&.\- ]{2,40}\b(?:Surgery|Practice|(?:Medical|Health)\s+(?:Centre|Center|Group)|Medical\s+Partnership|Opticians|Optometrists|"
    r"SURGERY|PRACTICE|(?:MEDICAL|HEALTH)\s+CENTRE)"
)
# "Ringwood Medical Centre (J82039)"
_CODE_BEHIND = re.compile(r"\W*\b[A-HJ-NPWY]\d{5}\b\W*$")


def likely_practice(page: Page, bound: Bound) -> list[Found]:
    """The one surgery that the page names where no label says what it is; nothing where there are two. A sender's stamp says it best."""
    stamps = [x for x in page.lines if sender_in(x) and _is_stamp(x, page)]
    if len(stamps) == 1:
        return [Found("referrer.practice_name", (sender_in(stamps[0]),), page.number, stamps[0].box, "heading")]
    hits: dict[str, Found] = {}
    for cell in bound.cells:
        text = _CODE_BEHIND.sub("", plain(cell.text)).strip(" ,.;")
        if cell.kind == "value" and SURGERY.fullmatch(text) and not specialties_in(text, needs_context=False):
            hits.setdefault(squash(text), Found("referrer.practice_name", (text,), page.number, cell.box, "title"))
    return list(hits.values()) if len(hits) == 1 else []


def _is_stamp(line: Line, page: Page) -> bool:
    """Whether a name begins a block of its own with its postcode or telephone: nothing close above it, its address close beneath."""
    column = [x for x in page.lines if abs(x.box.left - line.box.left) < 0.015 and x is not line]
    if any(-0.5 < (line.box.top - x.box.bottom) / line.box.height < 0.5 for x in column):
        return False
    bottom, beneath = line.box.bottom, []
    for x in sorted((x for x in column if x.box.top > line.box.top), key=lambda x: x.box.top)[:5]:
        if x.box.top - bottom > 1.5 * line.box.height:
            break
        beneath.append(plain(x.text))
        bottom = x.box.bottom
    return len(beneath) >= 2 and any(find_postcodes(text) for text in beneath)


def beneath_name(page: Page, bound: Bound, name: Found, today: dt.date) -> list[Found]:
    """Address, postcode and more from the unlabelled lines under the patient's name."""
    sheet = Sheet(page, bound.cells)
    start = next((i for i, c in enumerate(sheet.cells) if c.kind == "value" and c.box.overlap(name.box) > 0.5), None)
    if start is None:
        return []
    ids = sheet.further([start], sheet.cells[start], 7)
    lines = [(sheet.cells[j].text, sheet.cells[j].box) for j in ids]
    if len(lines) < 2:
        lines = _ending_with(page, name)
    pieces = [
        p for p in patient_block(lines, today) if p.field in ("patient.address", "patient.postcode", "patient.phone")
    ]
    return [Found(p.field, (p.text,), page.number, p.box, "title") for p in pieces]


def _ending_with(page: Page, name: Found) -> list[tuple[str, Box]]:
    """The lines beneath a name that end where it ends, as the block of a patient at a letter's right edge."""
    found: list[tuple[str, Box]] = []
    last = next((x.box for x in page.lines if x.box.overlap(name.box) > 0.5), name.box)
    for x in sorted((x for x in page.lines if x.box.top > last.top), key=lambda x: x.box.top):
        if x.box.top - last.bottom > 1.5 * last.height or len(found) >= 7:
            break
        if abs(x.box.right - last.right) < 0.012:
            found.append((x.text, x.box))
            last = x.box
    return found


def longest_prose(page: Page, bound: Bound) -> list[Found]:
    """The longest run of prose on the page, small print left out."""
    rows = longest_run(page, bound.cells, reading_order(page))
    if not rows:
        return []
    box = rows[0].box
    for r in rows[1:]:
        box = box.union(r.box)
    texts, boxes = tuple(r.text for r in rows), tuple(r.box for r in rows)
    return [Found("referral.reason", texts, page.number, box, "title", boxes=boxes)]
