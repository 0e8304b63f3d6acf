"""What the page of an example offers to its teacher: words to recognise the form by, print that every copy has, and its printed lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.form_drafts import MOST_MARKS, MOST_WORDS, Drawn, is_private, private_words
from gateway.kept_pages import read_page_of
from gateway.tables import Document, Page, PageUse, Reading
from ocr.page import Box, Line
from templates.form import Forms
from templates.grammar import squash
from templates.labels import cells_of, lexicon_of
from templates.letter_parts import is_fax_header

_LOOK_BACK = 200  # pages in which the same print is looked for
_AGAIN = 2  # other patients whose papers must hold it
_MOST_LINES = 120
_SURE = 16  # marks that are ticked by themselves


@dataclass(frozen=True)
class Offered:
    """One piece of print: its text, where it stands, and why it is taken for the form's own (`label`, `again`) or not (empty)."""

    text: str
    box: tuple[float, float, float, float]
    why: str = ""


@dataclass(frozen=True)
class Offers:
    """`words`: title candidates, the likeliest first; `marks`: print in reading order; `lines`: all printed lines with their boxes."""

    words: tuple[str, ...]
    marks: tuple[Offered, ...]
    lines: tuple[Offered, ...]


def offers_of(session: Session, page: Page, forms: Forms) -> Offers:
    """What this page offers. Print that holds a value of its patient is never offered as the form's own."""
    read = read_page_of(page)
    private = private_words(session, page)
    own = [line for line in read.lines if not is_fax_header(line)]
    cells = cells_of(read, lexicon_of(forms.generic, forms.generic), tuple(own))
    again = _again(session, page)
    pieces = []
    for cell in cells:
        key = squash(cell.text)
        if len(key) < 3 or is_private(cell.text, private):
            continue
        why = "label" if cell.kind == "label" else "again" if again[key] >= _AGAIN else ""
        pieces.append(Offered(cell.text.strip(), _four(cell.box), why))
    once = Counter(squash(piece.text) for piece in pieces)
    marks = [piece for piece in pieces if once[squash(piece.text)] == 1]
    lines = [Offered(line.text, _four(line.box)) for line in read.lines[:_MOST_LINES]]
    return Offers(_titles(own, pieces, private), _spread(marks), tuple(lines))


def first_choice(offers: Offers) -> Drawn:
    """What is ticked before anybody chose: the print that is the form's own by its kind, and the likeliest title."""
    sure = [mark for mark in offers.marks if mark.why or mark.text in offers.words[:1]][:_SURE]
    return Drawn(words=offers.words[:1], marks=tuple((mark.text, mark.box) for mark in sure))


def _titles(lines: Sequence[Line], pieces: Sequence[Offered], private: frozenset[str]) -> tuple[str, ...]:
    """Short lines near the top, the largest print first, then other print that is no label."""
    labels = {squash(piece.text) for piece in pieces if piece.why == "label"}
    fit = [
        line
        for line in lines
        if 2 <= len(line.text.split()) <= 10
        and len(squash(line.text)) >= 8
        and squash(line.text) not in labels
        and not line.text.rstrip().endswith(":")
        and not is_private(line.text, private)
    ]
    fit.sort(key=lambda line: (line.box.top > 0.3, -round(line.box.height, 3), line.box.top))
    return tuple(dict.fromkeys(line.text.strip() for line in fit))[:MOST_WORDS]


def _again(session: Session, page: Page) -> Counter[str]:
    """On the papers of how many other patients each line stood of late: a patient's own papers repeat the patient's own words."""
    query = (
        select(Page.id, Page.document_id, Page.lines)
        .join(Document, col(Document.id) == Page.document_id)
        .where(Page.document_id != page.document_id, Document.state == "SORTED")
    )
    others = list(session.exec(query.order_by(col(Page.id).desc()).limit(_LOOK_BACK)))
    whose = _patients(session, [page.id or 0, *(number or 0 for number, _, _ in others)])
    held: dict[str, set[str]] = {}
    for number, document, lines in others:
        patient = whose.get(number or 0) or f"paper {document}"
        if patient != whose.get(page.id or 0):
            held.setdefault(patient, set()).update(squash(str(line.get("text", ""))) for line in lines)
    return Counter(text for texts in held.values() for text in texts)


def _patients(session: Session, pages: Sequence[int]) -> dict[int, str]:
    """By page the NHS number that is in force for it."""
    query = (
        select(PageUse.page_id, Reading.value)
        .join(Reading, col(Reading.referral_id) == PageUse.referral_id)
        .where(col(PageUse.page_id).in_(pages), Reading.field == "patient.nhs_number", col(Reading.current).is_(True))
    )
    return {number: value for number, value in session.exec(query) if value}


def _spread(pieces: Sequence[Offered]) -> tuple[Offered, ...]:
    """So many as can be shown: the sure ones first, then in reading order."""
    chosen = sorted(pieces, key=lambda piece: (not piece.why, piece.box[1]))[:MOST_MARKS]
    return tuple(sorted(chosen, key=lambda piece: (round(piece.box[1], 2), piece.box[0])))


def _four(box: Box) -> tuple[float, float, float, float]:
    left, top, right, bottom = box.as_list()
    return left, top, right, bottom
