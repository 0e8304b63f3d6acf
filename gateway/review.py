"""What waits for a person, and everything needed to decide it: values with their places, questions, near misses, pictures.

Looking at one referral writes who looked (P10); lists hold no values of patients and need no line.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont
from sqlmodel import Session, col, select

from gateway.duplicates import find_duplicates
from gateway.errors import Refused
from gateway.events import record
from gateway.field_values import FIELD_WORDS, words_for
from gateway.patient_store import near_misses
from gateway.patients import same_family
from gateway.referrals import open_problems, readings
from gateway.states import STATE_WORDS
from gateway.store import get_blob
from gateway.tables import Delivery, Document, Page, PageUse, Problem, Reading, Referral
from gateway.tables_reference import Service
from templates.reading import FIELDS

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class WaitingItem:
    """One thing that waits for a person: a referral, a document no machine can read, or a delivery without a document."""

    reference: str
    kind: str  # referral, document, delivery
    rank: int
    arrived_at: dt.datetime
    day: int
    needs: tuple[str, ...]
    hold: str | None = None


@dataclass(frozen=True)
class ShownValue:
    """A value as the reviewer sees it. `page` counts within the referral, from 1; None where it was typed."""

    field: str
    value: str
    accepted: bool
    confidence: float
    page: int | None
    box: list[float] | None
    how: str
    by: str


@dataclass(frozen=True)
class ReviewView:
    """One referral with all that a decision needs. `near` are patients of the index, `alike` possible duplicates with why."""

    referral: Referral
    day: int
    pages: int
    values: tuple[ShownValue, ...]
    missing: tuple[str, ...]
    questions: tuple[Problem, ...]
    near: tuple[dict[str, Any], ...]
    alike: tuple[tuple[str, str], ...]
    service: Service | None
    state_words: str = field(default="")


def london_day(arrived_at: dt.datetime, now: dt.datetime) -> int:
    """Days since the day of arrival, in London; the day of arrival is day 0 (referral-office section 4)."""
    return (now.astimezone(LONDON).date() - arrived_at.astimezone(LONDON).date()).days


def waiting_list(session: Session, now: dt.datetime) -> list[WaitingItem]:
    """Everything that needs a person: suspected cancer, urgent, then oldest. What nobody could read counts as most urgent (P6)."""
    return sorted(
        [*_referrals(session, now), *_documents(session, now), *_deliveries(session, now)],
        key=lambda item: (item.rank, item.arrived_at, item.reference),
    )


def _referrals(session: Session, now: dt.datetime) -> list[WaitingItem]:
    rows = session.exec(select(Referral).where(col(Referral.state).in_(("DRAFT", "IN_REVIEW")))).all()
    query = (
        select(Problem)
        .join(Referral, col(Referral.id) == Problem.referral_id)
        .where(col(Referral.state).in_(("DRAFT", "IN_REVIEW")), col(Problem.settled_at).is_(None))
        .order_by(col(Problem.id))
    )
    needs: dict[int, list[str]] = {}
    for problem in session.exec(query):
        needs.setdefault(problem.referral_id or 0, []).append(problem.says)
    return [
        WaitingItem(
            r.code,
            "referral",
            r.rank,
            r.arrived_at,
            london_day(r.arrived_at, now),
            tuple(needs.get(r.id or 0, ())),
            r.hold_why,
        )
        for r in rows
    ]


def _documents(session: Session, now: dt.datetime) -> list[WaitingItem]:
    stuck = session.exec(
        select(Document, Delivery)
        .join(Delivery, col(Delivery.id) == Document.delivery_id)
        .where(Document.state == "STUCK")
    )
    return [
        WaitingItem(
            f"{delivery.code}/{document.position}",
            "document",
            0,
            delivery.arrived_at,
            london_day(delivery.arrived_at, now),
            (document.says or "No machine can read this document: look at it and type what it says.",),
        )
        for document, delivery in stuck
    ]


def _deliveries(session: Session, now: dt.datetime) -> list[WaitingItem]:
    query = select(Delivery).where(Delivery.outcome == "no_document", col(Delivery.settled_by).is_(None))
    return [
        WaitingItem(
            d.code,
            "delivery",
            0,
            d.arrived_at,
            london_day(d.arrived_at, now),
            (d.says or "A message without a document: look whether it asks for something.",),
        )
        for d in session.exec(query)
    ]


def pages_of(session: Session, referral: Referral) -> list[Page]:
    """The pages of a referral in reading order."""
    query = select(Page).join(PageUse, col(PageUse.page_id) == Page.id).where(PageUse.referral_id == referral.id)
    return list(session.exec(query.order_by(col(PageUse.position), col(Page.id))))


def open_view(session: Session, referral: Referral, by: str, now: dt.datetime) -> ReviewView:
    """Everything about one referral, for the eyes of `by`; writes that they were opened. Needs a writing transaction."""
    record(session, "values.viewed", referral.code, by, now)
    pages = pages_of(session, referral)
    places = {page.id: number for number, page in enumerate(pages, 1)}
    rows = readings(session, referral)
    number, birth, family = (_text(rows, f"patient.{f}") for f in ("nhs_number", "birth_date", "family_name"))
    return ReviewView(
        referral=referral,
        day=london_day(referral.arrived_at, now),
        pages=len(pages),
        values=tuple(_shown(rows[f], places) for f in FIELDS if f in rows),
        missing=tuple(FIELD_WORDS[f] for f in FIELDS if f not in rows),
        questions=tuple(open_problems(session, referral)),
        near=tuple(_near(session, number, birth, family)),
        alike=tuple((d.other.code, d.why) for d in find_duplicates(session, referral)),
        service=session.get(Service, referral.service_id) if referral.service_id else None,
        state_words=STATE_WORDS.get(referral.state, referral.state),
    )


def _text(rows: dict[str, Reading], field_name: str) -> str:
    row = rows.get(field_name)
    return row.value or "" if row else ""


def _shown(row: Reading, places: dict[int | None, int]) -> ShownValue:
    page = places.get(row.page_id) if row.page_id is not None else None
    return ShownValue(row.field, row.value or "", row.accepted, row.confidence, page, row.box, row.how, row.by)


def _near(session: Session, number: str, birth: str, family: str) -> list[dict[str, Any]]:
    found = []
    for patient in near_misses(session, number, birth, family):
        same = [
            words
            for words, agrees in (
                ("NHS number", patient.nhs_number == number),
                ("date of birth", patient.birth_date == birth),
                ("family name", same_family(patient, family)),
            )
            if agrees
        ]
        found.append(
            {
                "nhs_number": patient.nhs_number,
                "family_name": patient.family_name,
                "given_names": patient.given_names,
                "birth_date": patient.birth_date,
                # where a record is sensitive, the place is not shown (referral-office section 6)
                "postcode": "(sensitive)" if patient.sensitive else patient.postcode,
                "agrees_on": same,
            }
        )
    return found


@dataclass(frozen=True)
class Drawing:
    """A page with what is to be drawn on it: its stored picture, or the words that stand for it, and the values with a box."""

    picture: bytes | None = field(repr=False)
    says: str
    values: tuple[Reading, ...] = field(repr=False)


def open_pages(session: Session, referral: Referral, by: str, now: dt.datetime) -> list[Drawing]:
    """The pages with the boxes of the values, for `draw`, which needs no database; writes that they were opened."""
    pages = pages_of(session, referral)
    if not pages:
        raise Refused(
            "picture", f"{referral.code} has no page: it was typed in.", "See its values with `gateway review show`."
        )
    rows = [row for name, row in readings(session, referral).items() if name in FIELDS and row.box]
    record(session, "picture.viewed", referral.code, by, now, {"pages": len(pages)})
    return [
        Drawing(
            get_blob(session, page.picture_sha256) if page.picture_sha256 else None,
            page.failure or "This page could not be drawn; open the original.",
            tuple(row for row in rows if row.page_id == page.id),
        )
        for page in pages
    ]


def draw(page: Drawing) -> bytes:
    """The page as PNG with the boxes drawn and named."""
    if page.picture is None:
        picture = Image.new("RGB", (1240, 1754), "white")
        ImageDraw.Draw(picture).text((80, 80), page.says, fill="black", font=ImageFont.load_default(28))
        return _png(picture)
    picture = Image.open(io.BytesIO(page.picture)).convert("RGB")
    width, height = picture.size
    draw = ImageDraw.Draw(picture)
    size = max(12, width // 75)
    font = ImageFont.load_default(size)
    for row in page.values:
        left, top, right, bottom = row.box or [0.0, 0.0, 0.0, 0.0]
        corners = (left * width - 4, top * height - 4, right * width + 4, bottom * height + 4)
        colour = (0, 110, 60) if row.accepted else (190, 40, 0)
        draw.rectangle(corners, outline=colour, width=max(2, width // 500))
        # the mark says by itself what the colour says: not everybody tells colours apart
        label = words_for(row.field) + ("" if row.accepted else " ?")
        x, y = corners[2] + 6, corners[1]
        if x + draw.textlength(label, font=font) > width:
            x, y = corners[0], corners[1] - size - 4
        box = draw.textbbox((x, y), label, font=font)
        draw.rectangle((box[0] - 2, box[1] - 1, box[2] + 2, box[3] + 1), fill="white")
        draw.text((x, y), label, fill=colour, font=font)
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
