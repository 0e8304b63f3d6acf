"""Values beside labels whose words nobody knew: told by their kind, and by whose values stand around them.

"Rings on (07700) 900800" under the patient's address is the patient's telephone, whatever its label is called. Each such value carries
a doubt, for its label did not say it; a label that names somebody else (next of kin, fax) makes it nobody's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocr.page import Box, Page
from templates.bind import Bound, Found
from templates.entities import owner, part_of
from templates.fallback import SURGERY
from templates.grammar import plain
from templates.grammar_address import is_home
from templates.grammar_codes import find_phones, find_postcodes, parse_ods
from templates.grammar_dates import find_dates
from templates.grammar_names import parse_clinician
from templates.labels import Cell
from templates.sheet import same_row
from templates.specialties import is_specialty

_OTHERS = re.compile(
    r"\b(?:kin|nok|carer|parent|mother|father|spouse|partner|guardian|emergency|else|other|relative|friend|school|fax|facsimile|bleep|pager|"
    r"e-?mail|hospital|previous|former|old|interpreter|employer|pharmacy|warden)\b",
    re.I,
)
_REFERRERS = re.compile(
    r"\b(?:surgery|practice|gp|doctor|dr|dept|department|referrer|referring|clinician|practitioner|direct|bypass|back|you|your|office|"
    r"secretary|optometrist|dentist|midwife|nurse|therapist)\b",
    re.I,
)
_PATIENTS = re.compile(r"\b(?:patient|pt|home|mobile|them|their|they|client|child|daytime|evening|person)\b", re.I)
_PASSED = re.compile(
    r"\b(?:seen|attended|admitted|clinic|received|birth|born|onset|taken|collected|discharge\w*)\b", re.I
)
_ASKED_OF = re.compile(r"\b(?:clinic|service|team|dep(?:artmen)?t|special\w+|refer\w*|attend|seen|tumour)\b", re.I)
_FROM = re.compile(
    r"\b(?:of|and|in)$|\b(?:from|sender|sending|our|your|own|current|ward|admitting|previous|under|source)\b", re.I
)
_DOCTOR = re.compile(r"(?:Dr|Prof(?:essor)?|Doctor)\b\.?\s+[A-Z][\w'.\- ]{2,40}$")
_LABEL_WORDS = 8
_TELEPHONES = {"patient": "patient.phone", "referrer": "referrer.phone"}


@dataclass(frozen=True)
class _Beside:
    """A value with the unknown words before it (empty where nothing stands there)."""

    words: str
    text: str
    box: Box


def beside_unknown(page: Page, bound: Bound, have: Sequence[Found], today: dt.date) -> list[Found]:
    """What the kind and the place of values say that no known label names; of each field the first, and none that is known."""
    known = {f.field for f in have if f.field != "referral.specialty" or f.label}
    found: list[Found] = []
    for item in _values(bound.cells):
        field = _field_of(item, have, today)
        if field is None or field in known:
            continue
        made = _made(field, item, page)
        if made.label or all(f.field != field for f in have):  # a heading that names a specialty yields only to a label
            known.add(field)
            found.append(made)
    return found


def _made(field: str, item: _Beside, page: Page) -> Found:
    """The value as found: a specialty is labelled by words that ask for one ("To attend the clinic for"), the others are not.

    A department's own name ("Department of") asks for nothing.
    """
    asks = field == "referral.specialty" and _ASKED_OF.search(item.words) and not _FROM.search(item.words)
    if asks:
        return Found(field, (item.text,), page.number, item.box, "beside", item.words)
    return Found(field, (item.text,), page.number, item.box, "title")


def _values(cells: Sequence[Cell]) -> Iterator[_Beside]:
    for i, cell in enumerate(cells):
        if cell.kind != "value" or owner(cells, i) is not None:
            continue
        text = plain(cell.text)
        if len(text) > 90 or len(text) != len(cell.text):
            continue
        cut = re.match(r"([^:?]{3,60})[:?]\s+(?=\S)", text)
        if cut is None and not is_home(text) and not is_specialty(text) and (tail := _tail_of(text)) is not None:
            yield _Beside(text[:tail].strip(), text[tail:], part_of(cell, tail, len(text)))
        elif cut is not None:
            yield _Beside(cut[1], text[cut.end() :], part_of(cell, cut.end(), len(text)))
        else:
            yield _Beside(_left_of(cells, cell), text, cell.box)


def _tail_of(text: str) -> int | None:
    """Where a value begins behind unknown words in one piece of print: a telephone, a street, a doctor or a specialty at its end."""
    for at in (m.end() for m in re.finditer(r"\S+\s+", text)):
        head, tail = text[:at], text[at:]
        if len(head.split()) > _LABEL_WORDS or re.search(r"\d", head):
            return None
        phones = find_phones(tail)
        if (phones and phones[0].start <= 1 and phones[0].end >= len(tail) - 1) or is_specialty(tail):
            return at
        if is_home(tail) or _DOCTOR.match(tail):
            return at
    return None


def _left_of(cells: Sequence[Cell], cell: Cell) -> str:
    """The words left of a value in its row, where they may be its label: few, and without a number."""
    row = [
        c
        for c in cells
        if c is not cell and same_row(c.box, cell.box) and c.box.right <= cell.box.left + 0.005 and c.kind == "value"
    ]
    left = max(row, key=lambda c: c.box.right, default=None)
    if left is None or cell.box.left - left.box.right > 0.42:
        return ""
    text = plain(left.text)
    return text if len(text.split()) <= _LABEL_WORDS and not re.search(r"\d{3}", text) else ""


def _field_of(item: _Beside, have: Sequence[Found], today: dt.date) -> str | None:
    """The field that a value is, by its kind and its neighbours; None where it may be anybody's."""
    text, words = item.text, item.words
    if _OTHERS.search(words):
        return None
    phones = find_phones(text)
    if phones and phones[0].start <= 2 and phones[0].end >= len(text) - 2:
        return _TELEPHONES.get(_whose(item, have))
    if not words:
        return None  # without a label of any kind only a number says what it is
    if is_home(text) and not SURGERY.search(text) and _whose(item, have) == "patient":
        return "patient.address"
    codes = find_postcodes(text)
    if codes and codes[0].start == 0 and codes[0].end == len(text):
        return "patient.postcode" if _whose(item, have) == "patient" else None
    if re.fullmatch(r"(?:fe)?male|[MF]", text, re.I) and _whose(item, have) == "patient":
        return "patient.gender"
    if is_specialty(text):
        return "referral.specialty"
    if _DOCTOR.match(text) and parse_clinician(text) is not None:
        return (
            "referrer.name"
            if _REFERRERS.search(words) and not re.search(r"usual|registered|regular|own", words, re.I)
            else None
        )
    if SURGERY.fullmatch(text):
        return "referrer.practice_name"
    if (
        (code := parse_ods(text)) is not None
        and code.checks
        and code.repairs == 0
        and code.end - code.start == len(text)
    ):
        return "referrer.practice_code"
    dates = find_dates(text, "letter", today)
    if len(dates) == 1 and dates[0].start == 0 and dates[0].end == len(text) and not _PASSED.search(words):
        when = dt.date.fromisoformat(dates[0].value)
        return "referral.date" if today - dt.timedelta(days=120) <= when <= today else None
    return None


def _whose(item: _Beside, have: Sequence[Found]) -> str:
    """Patient or referrer: what the words say, else the nearest value whose label is known; empty where that is neither."""
    if _PATIENTS.search(item.words):
        return "patient"
    if _REFERRERS.search(item.words):
        return "referrer"

    def far(f: Found) -> float:
        down = item.box.centre[1] - f.box.centre[1]
        across = max(0.0, f.box.left - item.box.right, item.box.left - f.box.right)
        return (down if down >= 0 else -1.5 * down) + 0.5 * across  # of two as near, the one above it

    sure = [f for f in have if f.label and f.field.partition(".")[0] in ("patient", "referrer")]
    nearest = min(sure, key=far, default=None)
    return nearest.field.partition(".")[0] if nearest is not None and far(nearest) < 0.12 else ""
