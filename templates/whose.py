"""Whose value a label names: the patient's, the referrer's or another person's, by its section, its row and the print above it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from templates.grammar import squash
from templates.grammar_fields import parse_field
from templates.labels import Cell
from templates.sheet import Sheet, same_row
from templates.specialties import HOSPITAL

_LOOSE_FIELDS = {
    ("patient", "name"): "patient.name",
    ("patient", "address"): "patient.address",
    ("patient", "postcode"): "patient.postcode",
    ("patient", "phone"): "patient.phone",
    ("referrer", "name"): "referrer.name",
    ("referrer", "phone"): "referrer.phone",
    ("referrer", "code"): "referrer.practice_code",
}
_UNDER = 0.15  # of the page's height: the rows beneath a heading that show whether its column begins where it does
_FAR, _ROWS = 0.2, 0.05  # of the page's height
_REACH = 0.1  # of the page's height: how far down another person's label keeps what follows from the patient


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
    edges = {id(h): _edge(sheet, h, headings) for h in headings}
    for cell in headings:
        if cell.box.top > label.box.top - 0.002 or edges[id(cell)] > label.box.left + 0.02:
            continue
        beside = [h for h in headings if h is not cell and same_row(h.box, cell.box) and h.box.left > cell.box.left]
        if any(edges[id(h)] <= label.box.left + 0.02 for h in beside):
            continue
        if cell.box.top > section[0]:
            section = (cell.box.top, cell.heads)
    return section


def _edge(sheet: Sheet, heading: Cell, headings: Sequence[Cell]) -> float:
    """Where the column of a heading begins: at its left, or, where headings stand in the middle of their columns, midway between two."""
    before = [h for h in headings if same_row(h.box, heading.box) and h.box.right < heading.box.left]
    under = (c for c in sheet.cells if 0 < c.box.top - heading.box.top < _UNDER)
    if not before or any(abs(c.box.left - heading.box.left) < 0.02 for c in under):
        return heading.box.left
    return (max(h.box.centre[0] for h in before) + heading.box.centre[0]) / 2


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
    above = label.box.top - max(near)[0] if near else 0.0
    if row and (above > _FAR or (above > _ROWS and max(row, key=lambda n: n[1])[2] == "referrer")):
        near = row  # what the column said last stands far above, in another table; its own row says whose it is
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


_OF_PRACTICE = re.compile(r"\b(?:practice|surgery|referr\w+)\b", re.I)


def field_of(sheet: Sheet, i: int) -> str | None:
    """The field that a label names here, or None for decoys and labels of nobody."""
    names = sheet.cells[i].names
    if names in ("decoy", "") or names.startswith("section:"):
        return None
    column = _others_column(sheet, i)
    if column and names in _PERSONAL:
        return "referrer.phone" if (column, names) == ("referrer", "patient.phone") else None
    if names == "patient.phone" and _beneath_kin(sheet, i):
        return None
    who = column or _context(sheet, i)
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
            and not (names == "referrer.phone" and _OF_PRACTICE.search(sheet.cells[i].text))
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
    if loose == "name":
        who = _whose_name(sheet, i) or who
    if loose == "phone" and _has_fax(sheet, i):
        who = "referrer"
    if loose == "phone" and _of_hospital(sheet, i):
        return None
    if not who and loose == "phone" and sheet.cells[i].box.top < 0.25:
        who = "referrer"
    if loose == "date":
        return "referral.date" if who != "other" else None
    if not who and loose in ("name", "address", "postcode"):
        who = "patient"
    return _LOOSE_FIELDS.get((who, loose))


def _whose_name(sheet: Sheet, i: int) -> str:
    """Whose a bare `Name` is by what stands round it: the first label under a heading of who refers, in the heading's own column
    ("Sight tester"), or the head of a patient's particulars; empty where neither tells.
    """
    box = sheet.cells[i].box
    above = (c for c in sheet.cells if c.kind == "label" and 0 < box.top - c.box.top < 0.05)
    near = [c for c in above if c.heads == "referrer"]
    if any(abs(c.box.left - box.left) < 0.02 for c in near) or (near and _section(sheet, i)[1] == "referrer"):
        return "referrer"
    return "patient" if _heads_identity(sheet, i) else ""


_PERSONAL = frozenset(
    {"patient.family_name", "patient.given_names", "patient.phone", "patient.birth_date", "patient.gender"}
)


def _others_column(sheet: Sheet, i: int) -> str:
    """What heads the column of a label that stands in the patient's column too: `Surname` of the patient and of a parent, side by side."""
    label = sheet.cells[i]
    heads = _section(sheet, i)[1]
    if heads not in ("referrer", "other") or re.search(r"\bpatient|\bpt\b", label.text, re.I):
        return ""
    what = label.names.rpartition(":")[2].rpartition(".")[2]
    twins = (j for j, c in enumerate(sheet.cells) if j != i and c.kind == "label" and re.search(rf"\b{what}$", c.names))
    return heads if any(_section(sheet, j)[1] == "patient" for j in twins) else ""


def _has_fax(sheet: Sheet, i: int) -> bool:
    """Whether the next label of the same column is a fax's or a practice code's, above or beneath: an office's telephone."""
    label = sheet.cells[i]
    return any(
        c.kind == "label"
        and ("fax" in squash(c.text) or c.names == "referrer.practice_code")
        and abs(c.box.left - label.box.left) < 0.015
        and 0 < abs(c.box.top - label.box.top) < 2.0 * max(c.box.height, label.box.height)
        for c in sheet.cells
    )


def _beneath_kin(sheet: Sheet, i: int) -> bool:
    """Whether a next of kin is named in the row above a telephone, and the patient has one of his own over that row."""
    label = sheet.cells[i]
    kin = [
        c.box.top
        for c in sheet.cells
        if c.names == "decoy"
        and squash(c.text) in _OTHERS - _OFFICES
        and 0 < label.box.top - c.box.top < 2.6 * label.box.height
        and c.box.left <= label.box.left
    ]
    phones = (c for c in sheet.cells if c.kind == "label" and c.names in ("patient.phone", "loose:phone"))
    return bool(kin) and any(c.box.top < kin[0] - 0.002 and abs(c.box.left - label.box.left) < 0.3 for c in phones)


def _of_hospital(sheet: Sheet, i: int) -> bool:
    """Whether a telephone stands in the head of the page right behind the name of a hospital or its clinic."""
    label = sheet.cells[i]
    before, left = "", label.box.left
    row = [c for c in sheet.cells if same_row(c.box, label.box) and c.box.left < left]
    for cell in sorted(row, key=lambda c: -c.box.left):
        if left - cell.box.right > 0.05:
            break
        before, left = f"{cell.text} {before}", cell.box.left
    return label.box.top < 0.2 and HOSPITAL.search(before) is not None and not _SENDER.search(before)


def _heads_identity(sheet: Sheet, i: int) -> bool:
    """Whether the label right beneath this one, in its column, asks for a birth date or an NHS number: a patient's name stands over it."""
    label = sheet.cells[i]
    return any(
        c.names in ("patient.birth_date", "patient.nhs_number")
        and abs(c.box.left - label.box.left) < 0.015
        and 0 < c.box.top - label.box.top < 2.2 * max(c.box.height, label.box.height)
        for c in sheet.cells
    )


def _others_person(sheet: Sheet, i: int) -> bool:
    """Whether a person who is not the patient (next of kin, registered GP) is named beside or just above this label, or heads it."""
    label = sheet.cells[i]
    if _section(sheet, i)[1] == "other":
        return True
    return any(
        c.kind == "label"
        and c.names == "decoy"
        and squash(c.text) in _OTHERS - _OFFICES
        and ((same_row(c.box, label.box) and c.box.left < label.box.left) or 0 < label.box.top - c.box.top < 0.08)
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
        and not re.search(r"refer|name|request", label.text, re.I)
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
