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
from dataclasses import dataclass

from ocr.page import Box, Page
from templates.blocks import patient_block, recipient_block, referrer_block
from templates.form import Form, Layout, Place
from templates.grammar import squash
from templates.grammar_codes import find_postcodes
from templates.grammar_fields import STRICT, parse_field
from templates.grammar_words import ends_address
from templates.labels import Cell, Lexicon, aspect_of, cells_of
from templates.reasons import following, is_guidance, rows_of

_LOOSE_FIELDS = {
    ("patient", "name"): "patient.name",
    ("patient", "address"): "patient.address",
    ("patient", "postcode"): "patient.postcode",
    ("patient", "phone"): "patient.phone",
    ("referrer", "name"): "referrer.name",
    ("referrer", "phone"): "referrer.phone",
    ("referrer", "code"): "referrer.practice_code",
}
_ADDRESS_LINES = 6
_REACH = 0.1  # of the page's height: how far down another person's label keeps what follows from the patient


@dataclass(frozen=True)
class Found:
    """Text that stands where a field's value is expected. `way` is after, right, below, box, heading, tick or prose."""

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


def same_row(a: Box, b: Box) -> bool:
    """Whether two boxes stand on one line of print."""
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    return shared > 0.5 * min(a.height, b.height)


class Sheet:
    """The cells of one page with the questions that binding asks of them."""

    def __init__(self, page: Page, cells: Sequence[Cell]) -> None:
        self.page = page
        self.cells = list(cells)
        self.aspect = aspect_of(page)

    def after(self, i: int) -> list[int]:
        """Values in the label's own line up to the next label."""
        found = []
        for j in range(i + 1, len(self.cells)):
            cell = self.cells[j]
            if cell.line != self.cells[i].line or cell.kind == "label":
                break
            found.append(j)
        return found

    def right(self, i: int) -> list[int]:
        """Values on the same row to the right of the label, up to the next label; wide empty space ends them."""
        label = self.cells[i]
        row = [
            j for j, c in enumerate(self.cells) if j != i and same_row(c.box, label.box) and c.box.left > label.box.left
        ]
        row.sort(key=lambda j: self.cells[j].box.left)
        found: list[int] = []
        edge = label.box.right
        for j in row:
            cell = self.cells[j]
            if cell.kind == "label":
                break
            if cell.box.right < edge:
                continue
            if cell.box.left - edge > (0.07 if found else 0.42):
                break
            found.append(j)
            edge = cell.box.right
        return found

    def below(self, i: int) -> list[int]:
        """Values of the first row beneath the label that stand under it, up to where the next label of its row
        begins.
        """
        label = self.cells[i]
        height = label.box.height
        limit = min(
            (
                c.box.left
                for c in self.cells
                if c.kind == "label" and same_row(c.box, label.box) and c.box.left > label.box.right
            ),
            default=1.0,
        )
        under = [
            (j, c)
            for j, c in enumerate(self.cells)
            if c.box.top > label.box.top + 0.5 * height
            and c.box.top - label.box.bottom < 2.4 * max(height, min(c.box.height, 2 * height))
            and c.box.right > label.box.left - 0.01
            and c.box.left < limit - 0.005
            and c.box.left > label.box.left - 0.04
            and c.line != label.line
        ]
        if not under:
            return []
        first = min(under, key=lambda jc: jc[1].box.top + 0.15 * abs(jc[1].box.left - label.box.left))[1]
        row = sorted((jc for jc in under if same_row(jc[1].box, first.box)), key=lambda jc: jc[1].box.left)
        found: list[int] = []
        for j, cell in row:
            if cell.kind == "label" or (found and cell.box.left - self.cells[found[-1]].box.right > 0.07):
                break
            found.append(j)
        # What stands after a colon on its own line is that label's.
        return [j for j in found if not self._owned(j)]

    def above(self, i: int) -> list[int]:
        """The value that stands just over a caption."""
        label = self.cells[i]
        over = [
            (j, c)
            for j, c in enumerate(self.cells)
            if c.kind == "value"
            and 0 < label.box.top - c.box.top < 2.6 * max(label.box.height, c.box.height)
            and abs(c.box.left - label.box.left) < 0.03
        ]
        return [max(over, key=lambda jc: jc[1].box.top)[0]] if over else []

    def _owned(self, j: int) -> bool:
        cell = self.cells[j]
        before = self.cells[j - 1] if j else None
        return before is not None and before.line == cell.line and before.kind == "label" and before.colon

    def further(self, first: list[int], label: Cell, most: int) -> list[int]:
        """The lines that go on beneath the first row of a value: same left edge, close together, no label beside or between."""
        found = list(first)
        left = self.cells[first[0]].box.left
        last = self.cells[first[0]].box
        pitch = 0.0
        last_text = ""
        while len(found) < most:
            rows = [
                (j, c)
                for j, c in enumerate(self.cells)
                if j not in found
                and c.box.top > last.top + 0.5 * last.height
                and c.box.top - last.bottom < 1.5 * max(last.height, 0.006)
                and abs(c.box.left - left) < 0.03
            ]
            if not rows:
                break
            nearest = min(rows, key=lambda jc: jc[1].box.top)[1]
            row = sorted((jc for jc in rows if same_row(jc[1].box, nearest.box)), key=lambda jc: jc[1].box.left)
            beside = [c for c in self.cells if c.kind == "label" and same_row(c.box, nearest.box)]
            if any(c.start == 0 and c.box.left < left + 0.02 and c.box.right > label.box.left - 0.05 for c in beside):
                break
            if left - label.box.left > 0.05 and any(
                abs(c.box.left - label.box.left) < 0.015 and same_row(c.box, nearest.box) for c in self.cells
            ):
                # Something stands in the column of the labels: a label that is not known.
                break
            if ends_address(nearest.text) or (len(found) > 1 and find_postcodes(last_text)):
                break
            step = nearest.box.top - last.top
            if pitch and step > 1.45 * pitch:
                # A wider gap than between the lines before: the next cell of the form.
                break
            taken = [j for j, c in row if c.kind == "value" and not self._owned(j)]
            if not taken or (row[0][1].kind == "label" and row[0][0] not in taken):
                break
            found += taken[:1]
            last_text = self.cells[taken[0]].text
            pitch = pitch or step
            last = self.cells[taken[0]].box
        return found

    def prose(self, first: int, label: Cell) -> list[tuple[str, Box]]:
        """The rows of clinical text that begin with a cell, each with its box; guidance to the writer left out."""
        cell = self.cells[first]
        rows = rows_of(self.page, self.cells)
        start = next((n for n, r in enumerate(rows) if any(x is self.page.lines[cell.line] for x in r.lines)), None)
        if start is None:
            return []
        found: list[tuple[str, Box]] = []
        if cell.line == label.line or same_row(cell.box, label.box):
            # The text begins beside its label: that row's own value first.
            beside = [
                c for c in self.cells if c.kind == "value" and same_row(c.box, cell.box) and c.box.left >= cell.box.left
            ]
            if not is_guidance(cell.text):
                found = [(c.text, c.box) for c in sorted(beside, key=lambda c: c.box.left)]
            left = min(cell.box.left, label.box.left if cell.line == label.line else cell.box.left)
            more = following(rows, start + 1, left)
            if found and more and more[0].box.top - cell.box.bottom > 2.0 * cell.box.height:
                more = []
        else:
            more = following(rows, start, min(cell.box.left, label.box.left))
        return found + [(r.text, r.box) for r in more]


def _section(sheet: Sheet, i: int) -> tuple[float, str]:
    """The heading that a label stands under: its place down the page and what it heads; (-1, '') under none.

    Headings side by side head columns; a heading further right than the label heads another column.
    """
    label = sheet.cells[i]
    headings = [
        c
        for j, c in enumerate(sheet.cells)
        if j != i and c.kind == "label" and c.heads and c.alone and not sheet.after(j)
    ]
    section: tuple[float, str] = (-1.0, "")
    for cell in headings:
        if cell.box.top > label.box.top - 0.002 or cell.box.left > label.box.left + 0.02:
            continue
        beside = [h for h in headings if h is not cell and same_row(h.box, cell.box) and h.box.left > cell.box.left]
        if any(h.box.left <= label.box.left + 0.02 for h in beside):
            continue
        if cell.box.top > section[0]:
            section = (cell.box.top, cell.heads)
    return section


def _named_before(sheet: Sheet, i: int) -> list[tuple[float, float, str]]:
    """The labels before this one that say whose their values are: (down, across, who); those of its own row have its
    own height.
    """
    label = sheet.cells[i]
    named: list[tuple[float, float, str]] = []
    for j, cell in enumerate(sheet.cells):
        who = _owner(cell) if j != i and cell.kind == "label" else None
        if who is None:
            continue
        if same_row(cell.box, label.box):
            if cell.box.left < label.box.left:
                named.append((label.box.top, cell.box.left, who))
        elif who == "other" and label.box.top - cell.box.top > _REACH:
            # A secretary or next of kin named far above says nothing about what stands here.
            continue
        elif cell.box.top < label.box.top - 0.002:
            named.append((cell.box.top, cell.box.left, who))
    return named


def _context(sheet: Sheet, i: int) -> str:
    """Whose value an unowned label names: patient, referrer, other... by its row, its section and the last person
    named before it.
    """
    label = sheet.cells[i]
    top, heads = _section(sheet, i)
    since = [n for n in _named_before(sheet, i) if n[0] >= top - 0.002]
    row = [n for n in since if n[0] == label.box.top]
    if row and max(row, key=lambda n: n[1])[2] == "other":
        return "other"
    near = [n for n in since if abs(n[1] - label.box.left) < 0.12] or row
    pick = max(near or since, key=lambda n: (n[0], n[1]), default=None)
    if pick is None:
        return heads
    if heads in ("patient", "referrer") and pick not in near:
        return heads
    return pick[2]


def _owner(cell: Cell) -> str | None:
    """Who a label's value belongs to, where it says so by itself."""
    if cell.names.startswith("patient."):
        return "patient"
    if cell.names.startswith("referrer."):
        return "referrer"
    if cell.names == "decoy":
        return "other" if cell.heads == "other" or squash(cell.text) in _OTHERS else None
    return None


_OTHERS = frozenset(
    "nok nextofkin emergencycontact carer maincarer registeredgp usualgp owngp gpaddress hospital trust "
    "relationship to from partner wife husband "
    "mother father guardian parent socialworker healthvisitor pharmacy contactname contactperson provider "
    "receivinghospital practicemanager "
    "districtnurse interpreter school employer secretary copyto cc".split()
)


def _field_of(sheet: Sheet, i: int) -> str | None:
    """The field that a label names here, or None for decoys and labels of nobody."""
    names = sheet.cells[i].names
    if names in ("decoy", "") or names.startswith("section:"):
        return None
    who = _context(sheet, i)
    if names == "referrer.name" and _is_role(sheet, i):
        return None
    if not names.startswith("loose:"):
        if (
            who == "other"
            and _others_person(sheet, i)
            and names
            in (
                "patient.family_name",
                "patient.given_names",
                "patient.phone",
                "patient.birth_date",
                "patient.gender",
                "referrer.phone",
            )
        ):
            return None
        return names
    loose = names.removeprefix("loose:")
    if loose.endswith("_block"):
        return None
    if loose == "clinician":
        # A bare "Doctor" or "Clinician" is the one who writes; who is asked for is named as such.
        if "onsultant" in sheet.cells[i].text:
            return None if _section(sheet, i)[1] == "other" else "referral.named_clinician"
        return None if _section(sheet, i)[1] == "other" or who == "other" else "referrer.name"
    if loose in ("phone", "postcode", "address"):
        who = _whose_block(sheet, i) or who
    if not who and loose == "phone" and sheet.cells[i].box.top < 0.25:
        who = "referrer"
    if loose == "date":
        return "referral.date" if who != "other" else None
    if not who and loose in ("name", "address", "postcode"):
        who = "patient"
    return _LOOSE_FIELDS.get((who, loose))


def _others_person(sheet: Sheet, i: int) -> bool:
    """Whether a person who is not the patient (next of kin, registered GP) is named beside or just above this label, or heads it."""
    label = sheet.cells[i]
    if _section(sheet, i)[1] == "other":
        return True
    return any(
        c.kind == "label"
        and c.names == "decoy"
        and squash(c.text) in _OTHERS - _OFFICES
        and (same_row(c.box, label.box) and c.box.left < label.box.left or 0 < label.box.top - c.box.top < 0.08)
        for c in sheet.cells
    )


_OFFICES = frozenset(
    "to from hospital trust provider receivinghospital pharmacy secretary copyto cc practicemanager school employer".split()
)


def _is_role(sheet: Sheet, i: int) -> bool:
    """Whether "GP" or "Optometrist" stands beneath a name as that person's role, not before one as a label."""
    label = sheet.cells[i]
    return (
        label.alone
        and not label.colon
        and not sheet.right(i)
        and any(
            c.kind == "value"
            and 0 < label.box.top - c.box.top < 2.2 * label.box.height
            and abs(c.box.left - label.box.left) < 0.02
            and parse_field("referrer.name", [c.text], dt.date.min) is not None
            and not any(x.isdigit() for x in c.text)
            for c in sheet.cells
        )
    )


def _whose_block(sheet: Sheet, i: int) -> str:
    """Whose block of unlabelled lines a label ends: a surgery's or doctor's print close above it in its column, or nobody's."""
    at = label = sheet.cells[i]
    for _ in range(5):
        above = [
            c
            for c in sheet.cells
            if c.start == 0 and c.line != at.line
            and 0 < at.box.top - c.box.top < 2.0 * max(c.box.height, at.box.height)
            and abs(c.box.left - label.box.left) < 0.015
        ]  # fmt: skip
        if not above or (at := max(above, key=lambda c: c.box.top)).kind == "label":
            return ""
        if _SENDER.search(at.text):
            return "referrer"
        if _PATIENT.match(at.text):
            return "patient"
    return ""


_SENDER = re.compile(
    r"^\s*Dr\b|\b(?:surgery|practice|medical|health centre|opticians?|optometrists?|dental|partners)\b", re.I
)
_PATIENT = re.compile(r"\s*(?:Mrs?|Miss|Ms|Mx|Master)\b\.?\s+[A-Z]")


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
    sheet = Sheet(page, cells_of(page, lexicon))
    layout = layout_of(sheet, today)
    found: list[Found] = []
    taken: set[int] = set()
    for strict in (True, False):
        for i, cell in enumerate(sheet.cells):
            if cell.kind != "label":
                continue
            field = _field_of(sheet, i)
            if field is None or (field in STRICT) != strict:
                continue
            if (hit := _bind_one(sheet, i, field, _order(field, form, layout), taken, today)) is not None:
                found.append(hit[0])
                taken |= set(hit[1])
    for i, cell in enumerate(sheet.cells):
        if cell.kind == "label" and (cell.names in _BLOCKS or (cell.heads in ("patient", "referrer") and cell.alone)):
            found += _bind_block(sheet, i, taken, today)
    found += _boxed(page, form)
    return Bound(tuple(sheet.cells), tuple(found), layout)


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
            ids = sheet.further(ids[:1], label, _ADDRESS_LINES)
        for use in (ids, ids[:1]) if field in STRICT and field != "patient.gender" else (ids,):
            cells = [sheet.cells[j] for j in use]
            lines = _rows_of(cells)
            if parse_field(field, lines, today) is not None:
                box = cells[0].box
                for c in cells[1:]:
                    box = box.union(c.box)
                return Found(
                    field,
                    tuple(lines),
                    sheet.page.number,
                    box,
                    way,
                    label.text,
                    label.score,
                    tuple(c.box for c in cells),
                ), use
        other = any(c.isdigit() for j in ids for c in sheet.cells[j].text)
        if field in STRICT and field != "patient.gender" and way == "after" and other:
            # The label's own line holds something else than its value: what stands elsewhere is not this label's.
            return None
    return None


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
        ids = [j for j in sheet.further(ids[:1], label, 8) if j not in taken]
        lines = [(sheet.cells[j].text, sheet.cells[j].box) for j in ids]
        kind = label.names if label.names in _BLOCKS else f"loose:{label.heads}_block"
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


def _boxed(page: Page, form: Form) -> list[Found]:
    """Values that the form expects inside a fixed box."""
    found = []
    for field, rule in form.fields.items():
        if rule.box is None:
            continue
        inside = [
            line for line in page.lines if line.box.overlap(rule.box) > 0.5 and line.box.height * line.box.width > 0
        ]
        if inside:
            box = inside[0].box
            for line in inside[1:]:
                box = box.union(line.box)
            found.append(
                Found(
                    field,
                    tuple(line.text for line in inside),
                    page.number,
                    box,
                    "box",
                    "",
                    100.0,
                    tuple(x.box for x in inside),
                )
            )
    return found
