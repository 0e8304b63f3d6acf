"""Values by geometry: which text belongs to which label (same line, right of it, beneath it, inside its box), and
whose it is.

A label is never a value and a value never crosses the next label. A page shows by its strict fields (dates, numbers)
whether values
stand beside or beneath their labels; free text follows that. Sections and the last person named decide whose
telephone it is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocr.page import Box, Page
from templates.blocks import patient_block, recipient_block, referrer_block
from templates.broken_cells import whole_cells
from templates.form import Form, Layout, Place
from templates.grammar import plain, squash
from templates.grammar_codes import find_postcodes
from templates.grammar_fields import STRICT, parse_field
from templates.labels import Cell, Lexicon, cells_of
from templates.sheet import Sheet, same_row
from templates.specialties import is_specialty
from templates.whose import field_of
from templates.zones import cells_in_boxes

_ADDRESS_LINES = 6


@dataclass(frozen=True)
class Found:
    """Text that stands where a field's value is expected. `way` is one of those that templates.read puts into words."""

    field: str
    lines: tuple[str, ...]
    page: int
    box: Box
    way: str
    label: str = ""
    score: float = 100.0
    boxes: tuple[Box, ...] = ()

    @property
    def text(self) -> str:
        """The lines as one."""
        return " ".join(self.lines)


@dataclass(frozen=True)
class Bound:
    """What the labels of one page gave: its cells, the values bound to fields, and how the page is laid out."""

    cells: tuple[Cell, ...]
    found: tuple[Found, ...]
    layout: Layout | None


def _order(names: str, form: Form, layout: Layout | None) -> Sequence[Place]:
    rule = form.fields.get(names)
    if rule and rule.place:
        return rule.place
    if layout == "label-below":
        return ("after", "above")
    return ("after", "below", "right") if layout == "label-above" else ("after", "right", "below")


def layout_of(sheet: Sheet, today: dt.date) -> Layout | None:
    """Whether strict values stand beside (label-left) or beneath (label-above) their labels on this page; None where
    nothing tells.
    """
    beside = beneath = over = 0
    for i, cell in enumerate(sheet.cells):
        name = {
            "loose:phone": "patient.phone",
            "loose:postcode": "patient.postcode",
            "loose:date": "referral.date",
        }.get(cell.names, cell.names)
        if cell.kind != "label" or name not in STRICT:
            continue
        texts = {
            way: [sheet.cells[j].text for j in getattr(sheet, way)(i)] for way in ("after", "right", "below", "above")
        }
        fits = {way: parse_field(name, [" ".join(t)], today) is not None for way, t in texts.items()}
        if fits["after"] or fits["right"]:
            beside += not fits["below"] or fits["after"]
        elif fits["below"]:
            beneath += 1
        elif fits["above"]:
            over += 1
    if beside == beneath == over == 0:
        return None
    if over >= 3 and over > beside + beneath:
        return "label-below"
    return "label-left" if beside >= beneath else "label-above"


def bind_page(page: Page, form: Form, lexicon: Lexicon, today: dt.date) -> Bound:
    """All values that labels of the page name, in reading order."""
    sheet = Sheet(page, whole_cells(page, cells_of(page, lexicon), lexicon))
    layout = layout_of(sheet, today)
    found: list[Found] = []
    taken: set[int] = set()
    for strict in (True, False):
        for i, cell in enumerate(sheet.cells):
            if cell.kind != "label":
                continue
            field = field_of(sheet, i)
            if field is None or (field in STRICT) != strict:
                continue
            if (hit := _bind_one(sheet, i, field, _order(field, form, layout), taken, today)) is not None:
                found.append(hit[0])
                taken |= set(hit[1])
    for i, cell in enumerate(sheet.cells):
        if cell.kind == "label" and (cell.names in _BLOCKS or (cell.heads in ("patient", "referrer") and cell.alone)):
            found += _bind_block(sheet, i, taken, today)
    found += _boxed(page, form, sheet.cells)
    return Bound(tuple(sheet.cells), tuple(_joined_lines(found)), layout)


_ADDRESS_LINE = re.compile(r"\bline\W*([1-4])\b", re.I)


def _joined_lines(found: Sequence[Found]) -> list[Found]:
    """The values with an address of several labels (`Address line 1`, `Address line 2`) as one."""
    parts = [f for f in found if f.field == "patient.address" and _ADDRESS_LINE.search(f.label)]
    if len(parts) < 2:
        return list(found)
    first, *more = sorted(parts, key=lambda f: _ADDRESS_LINE.findall(f.label))
    box = first.box
    for part in more:
        box = box.union(part.box)
    lines = tuple(x for f in (first, *more) for x in f.lines)
    boxes = tuple(b for f in (first, *more) for b in (f.boxes or (f.box,)))
    whole = replace(first, lines=lines, box=box, boxes=boxes)
    return [whole if f is first else f for f in found if f not in more]


def _bind_one(
    sheet: Sheet, i: int, field: str, order: Sequence[Place], taken: set[int], today: dt.date
) -> tuple[Found, list[int]] | None:
    label = sheet.cells[i]
    for way in order:
        if way == "box":
            continue
        ids = [j for j in getattr(sheet, way)(i) if j not in taken or field in STRICT]
        if way == "right" and _claimed_above(sheet, i, ids, order):
            continue
        if not ids:
            continue
        if field == "referral.reason" and way != "above":
            told = sheet.prose(ids[0], label)
            if told and parse_field(field, [x for x, _ in told], today) is not None:
                return _as_found(sheet, field, told, way, label), ids
            continue
        if field == "patient.address" and way != "above":
            ids = _wrapped(sheet, ids[0], label) or sheet.further(ids[:1], label, _ADDRESS_LINES)
        if field == "referrer.practice_name" and way != "above":
            ids = [*ids, *_kind_beneath(sheet, ids[-1])]
        if field == "referral.specialty" and is_specialty(sheet.cells[ids[0]].text):
            ids = ids[:1]  # what follows in the row answers another question
        for use in (ids, ids[:1]) if field in STRICT and field != "patient.gender" else (ids,):
            cells = [sheet.cells[j] for j in use]
            lines, boxes = _rows_of(cells), [c.box for c in cells]
            box = boxes[0]
            for other in boxes[1:]:
                box = box.union(other)
            if field == "patient.address" and len(lines) > 1 and _INWARD.fullmatch(lines[-1]):
                # A postcode that two lines share is read as one.
                lines, boxes = [*lines[:-2], f"{lines[-2]} {lines[-1]}"], [*boxes[:-2], boxes[-2].union(boxes[-1])]
            if parse_field(field, lines, today) is not None:
                return Found(
                    field,
                    tuple(lines),
                    sheet.page.number,
                    box,
                    way,
                    label.text,
                    label.score,
                    tuple(boxes),
                ), use
        numbers = any(c.isdigit() for j in ids for c in sheet.cells[j].text)
        if field in STRICT and field != "patient.gender" and way == "after" and numbers:
            # The label's own line holds something else than its value: what stands elsewhere is not this label's.
            return None
    return None


_KINDS = frozenset(
    "practice surgery medicalpractice medicalcentre medicalcenter healthcentre healthcenter grouppractice familypractice centre "
    "carecentre primarycarecentre doctorssurgery dentalpractice clinic group partnership".split()
)


def _kind_beneath(sheet: Sheet, i: int) -> list[int]:
    """The word that a narrow cell pushes to its next line: `Practice` beneath "Holly Bank Group", which reads as a label by itself."""
    cell = sheet.cells[i]
    if squash(cell.text).endswith(("practice", "surgery", "centre", "center")):
        return []
    return [
        j
        for j, c in enumerate(sheet.cells)
        if squash(c.text) in _KINDS
        and not c.colon
        and abs(c.box.left - cell.box.left) < 0.012
        and 0 < c.box.top - cell.box.top < 2.2 * cell.box.height
        and not sheet.after(j)
    ][:1]


_INWARD = re.compile(r"\d[A-Z]{2}\W*")
_OUTWARD = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?$")


def _wrapped(sheet: Sheet, i: int, label: Cell) -> list[int]:
    """An address that goes on at its label's own edge: its town and postcode ("Bootle L39 6GQ"), or the postcode's second half."""
    first = sheet.cells[i]
    if first.line != label.line or find_postcodes(first.text):
        return []
    for j, c in enumerate(sheet.cells):
        under = abs(c.box.left - label.box.left) < 0.012 and 0 < c.box.top - first.box.top < 2.2 * first.box.height
        if c.kind == "value" and under:
            alone = find_postcodes(c.text) and len(c.text.strip()) <= 9
            half = _OUTWARD.search(plain(first.text)) and _INWARD.fullmatch(c.text)
            whole = plain(first.text).endswith(",") and len(c.text) < 40 and find_postcodes(c.text)
            return [i, j] if half or whole or alone else []
    return []


def _as_found(sheet: Sheet, field: str, told: Sequence[tuple[str, Box]], way: str, label: Cell) -> Found:
    box = told[0][1]
    for _, other in told[1:]:
        box = box.union(other)
    texts, boxes = tuple(x for x, _ in told), tuple(b for _, b in told)
    return Found(field, texts, sheet.page.number, box, way, label.text, label.score, boxes)


_BLOCKS = ("loose:patient_block", "loose:referrer_block", "loose:recipient_block")


def _bind_block(sheet: Sheet, i: int, taken: set[int], today: dt.date) -> list[Found]:
    """The fields of an unlabelled block of lines after, right of or beneath its label or heading."""
    label = sheet.cells[i]
    for way in ("after", "right", "below"):
        ids = [j for j in getattr(sheet, way)(i) if j not in taken]
        if not ids:
            continue
        kind = label.names if label.names in _BLOCKS else f"loose:{label.heads}_block"
        ids = [j for j in sheet.further(ids[:1], label, 8, kind == "loose:referrer_block") if j not in taken]
        lines = [(sheet.cells[j].text, sheet.cells[j].box) for j in ids]
        if kind == "loose:patient_block":
            pieces = patient_block(lines, today)
        else:
            pieces = referrer_block(lines) if kind == "loose:referrer_block" else recipient_block(lines)
        if pieces:
            page = sheet.page.number
            return [Found(p.field, (p.text,), page, p.box, way, label.text, 80.0, (p.box,)) for p in pieces]
    return []


def _claimed_above(sheet: Sheet, i: int, ids: Sequence[int], order: Sequence[Place]) -> bool:
    """Whether, on a page with labels above, what stands to the right has its own label above it."""
    if order[1:2] != ("below",) or not ids:
        return False
    first = sheet.cells[ids[0]]
    return any(
        c.kind == "label"
        and k != i
        and 0 < first.box.top - c.box.top < 3 * c.box.height
        and abs(c.box.left - first.box.left) < 0.04
        for k, c in enumerate(sheet.cells)
    )


def _rows_of(cells: Sequence[Cell]) -> list[str]:
    """The cells' texts, those of one row of print joined."""
    rows: list[list[Cell]] = []
    for cell in cells:
        if rows and same_row(rows[-1][-1].box, cell.box):
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [" ".join(c.text + (":" if c.kind == "label" and c.colon else "") for c in row) for row in rows]


def _boxed(page: Page, form: Form, cells: Sequence[Cell]) -> list[Found]:
    """Values that the form expects inside a box of its own."""
    found = []
    for field, inside in cells_in_boxes(page, form, cells):
        box = inside[0].box
        for cell in inside[1:]:
            box = box.union(cell.box)
        texts = tuple(_rows_of(inside))
        found.append(Found(field, texts, page.number, box, "box", boxes=tuple(c.box for c in inside)))
    return found
