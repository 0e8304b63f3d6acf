"""Resends: the same paper once more, known by its bytes or by its pictures; linked with the proof, never dropped, undoable.

The earliest arrival stays the clock start, whichever of the two was opened first (referral-office section 5). Message-IDs prove
nothing: machines reuse them for different patients and invent new ones for the same fax.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlmodel import Session, col, select

from gateway.errors import Refused
from gateway.events import record
from gateway.jobs import Match, OpenedDelivery
from gateway.kept_pages import read_page_of
from gateway.queues import READING, AddsJobs
from gateway.referrals import has_open_create
from gateway.states import move
from gateway.tables import Delivery, Document, Page, PageUse, Reading, Referral
from ocr.page import Box, TickBox
from ocr.page import Page as ReadPage

MACHINE = "machine"
WINDOW = dt.timedelta(days=42)  # referral-office section 5
_NEAR = 0.35  # of the fingerprints; sheets sent twice had 0.54 or more, strangers of other designs 0.50 at most
_MOST = 4  # earlier papers that are compared sheet by sheet
_ENOUGH_LETTERS = 60  # a paper with fewer (a blank sheet, a bare cover) proves nothing
# the boxes of a page that was read before they were kept: they agree with nothing
_UNKNOWN = (TickBox(Box(0.0, 0.0, 1.0, 1.0), None, 0.0),)
# what must not differ where both papers say it: one that asks for more, or for somebody else, is no resend
_DECISIVE = (
    "patient.nhs_number",
    "patient.family_name",
    "patient.birth_date",
    "referral.priority",
    "referral.date",
    "referral.specialty",
    "referral.ubrn",
)


@dataclass(frozen=True)
class Resend:
    """An earlier paper that this one repeats: all of it and proven (`same`), in part (`part`), or by its looks (`alike`)."""

    kind: Literal["same", "part", "alike"]
    document_id: int
    matches: tuple[Match, ...]


# -- the same bytes -----------------------------------------------------------------------------------------------------------


def same_bytes(session: Session, delivery: Delivery, opened: OpenedDelivery) -> Delivery | None:
    """The first delivery whose papers were these same bytes, none more and none less; of a mail without papers, the same mail.

    Compared are the papers, not the mail around them: a resend has new headers.
    """
    if delivery.judged_different:
        return None
    wanted = {file.paper for document in opened.documents for file in document.files}
    if not wanted:
        query = select(Delivery).where(
            Delivery.sha256 == delivery.sha256,
            col(Delivery.id) != delivery.id,
            Delivery.outcome == "no_document",
            col(Delivery.duplicate_of).is_(None),
        )
        return session.exec(query.order_by(col(Delivery.id))).first()
    first = opened.documents[0].files[0].paper
    candidates = session.exec(
        select(Delivery)
        .join(Document, col(Document.delivery_id) == Delivery.id)
        .where(Document.first_sha256 == first, col(Delivery.id) != delivery.id, col(Delivery.duplicate_of).is_(None))
        .order_by(col(Delivery.id))
    )
    for earlier in candidates:
        rows = session.exec(select(Document).where(Document.delivery_id == earlier.id))
        if {file.get("drawn_from") or file["sha256"] for row in rows for file in row.files} == wanted:
            return earlier
    return None


# -- the same pictures --------------------------------------------------------------------------------------------------------


def near_papers(session: Session, document: Document, marks: Mapping[int, str]) -> list[int]:
    """Earlier papers whose pages look like these (`marks`: fingerprint by page number), the likeliest first; row numbers."""
    from ocr.likeness import nearness  # draws in the picture libraries, for which no command should wait

    own = session.get(Delivery, document.delivery_id)
    if own is None or own.judged_different:
        return []
    rows = session.exec(
        select(Page.document_id, Page.fingerprint)
        .join(Document, col(Document.id) == Page.document_id)
        .join(Delivery, col(Delivery.id) == Document.delivery_id)
        .where(
            col(Page.fingerprint).is_not(None),
            col(Document.delivery_id) != document.delivery_id,
            Document.state == "SORTED",
            col(Delivery.duplicate_of).is_(None),
            col(Delivery.received_at).between(own.received_at - WINDOW, own.received_at + WINDOW),
        )
    )
    nearest: dict[int, dict[int, float]] = {}
    for document_id, fingerprint in rows:
        for number, mark in marks.items():
            near = nearness(mark, fingerprint or "")
            if near >= _NEAR:
                known = nearest.setdefault(document_id, {})
                known[number] = max(near, known.get(number, 0.0))
    return sorted(nearest, key=lambda d: (-sum(nearest[d].values()), d))[:_MOST]


def resend_of(document_id: int, matches: Sequence[Match]) -> Resend | None:
    """What comparing with one earlier paper says."""
    kind = _kind(matches)
    return Resend(kind, document_id, tuple(matches)) if kind else None


def likeliest(found: Iterable[Resend | None]) -> Resend | None:
    """The strongest of several: proven before in part before alike, and of those the earliest."""
    order = ("same", "part", "alike")
    return min((r for r in found if r), key=lambda r: (order.index(r.kind), r.document_id), default=None)


def _kind(matches: Sequence[Match]) -> Literal["same", "part", "alike"] | None:
    speaking = [m for m in matches if m.letters >= _ENOUGH_LETTERS]
    same = [m for m in speaking if m.verdict == "same"]
    if not speaking:
        return None
    if len(same) == len(speaking):
        return "same"
    if same:
        return "part"
    return "alike" if all(m.verdict == "alike" for m in speaking) else None


def read_pages(session: Session, document_id: int, picture: Callable[[Session, str], bytes]) -> list[ReadPage]:
    """The stored pages of a paper as they were read. One whose boxes were not kept is proven the same by nothing."""
    rows = session.exec(select(Page).where(Page.document_id == document_id).order_by(col(Page.number)))
    return [
        page if row.ticks is not None else replace(page, ticks=_UNKNOWN)
        for row in rows
        if row.picture_sha256 and not row.failure
        for page in [read_page_of(row, picture(session, row.picture_sha256))]
    ]


def says_otherwise(session: Session, document_id: int, values: Mapping[str, str]) -> list[str]:
    """Decisive fields in which this reading differs from all that was ever read on the earlier paper."""
    query = (
        select(Reading.field, Reading.value)
        .join(PageUse, col(PageUse.referral_id) == Reading.referral_id)
        .join(Page, col(Page.id) == PageUse.page_id)
        .where(Page.document_id == document_id, col(Reading.value).is_not(None))
    )
    known: dict[str, set[str]] = {}
    for field, value in session.exec(query):
        known.setdefault(field, set()).add(_plain(value or ""))
    return [
        field
        for field in _DECISIVE
        if (field in values or (field == "referral.priority" and field in known))
        and (field in known or field == "referral.priority")
        and _plain(values.get(field, "")) not in known.get(field, {""})
    ]


def _plain(value: str) -> str:
    return "".join(c for c in value.casefold() if c.isalnum())


# -- what follows -------------------------------------------------------------------------------------------------------------


def link(session: Session, delivery: Delivery, earlier: Delivery, why: str, now: dt.datetime, *, proven: bool) -> None:
    """Point at the earlier delivery: as its duplicate when proven, else as a possible one that a person decides about."""
    delivery.duplicate_of, delivery.duplicate_why = earlier.id, why
    if proven:
        delivery.outcome = "duplicate"
        _keep_earliest_clock(session, delivery, earlier, now)
    elif "possible_duplicate" not in delivery.flags:
        delivery.flags = sorted([*delivery.flags, "possible_duplicate"])
    session.add(delivery)
    record(session, "delivery.linked", delivery.code, MACHINE, now, {"to": earlier.code, "proven": proven})


def earliest_arrival(session: Session, delivery: Delivery) -> dt.datetime:
    """When this paper first arrived, here or as a proven duplicate."""
    query = select(Delivery.arrived_at).where(Delivery.duplicate_of == delivery.id, Delivery.outcome == "duplicate")
    return min([delivery.arrived_at, *session.exec(query)])


def referrals_of(session: Session, delivery: Delivery, document_id: int | None = None) -> list[Referral]:
    """The referrals that hold pages of this delivery, or of one document of it."""
    query = (
        select(Referral)
        .join(PageUse, col(PageUse.referral_id) == Referral.id)
        .join(Page, col(Page.id) == PageUse.page_id)
        .join(Document, col(Document.id) == Page.document_id)
        .where(Document.delivery_id == delivery.id)
    )
    if document_id is not None:
        query = query.where(Document.id == document_id)
    return list(session.exec(query.distinct().order_by(col(Referral.id))))


def _keep_earliest_clock(session: Session, delivery: Delivery, earlier: Delivery, now: dt.datetime) -> None:
    """The one opened second may have arrived first: its instant then becomes the clock start of what was made of the other."""
    for referral in referrals_of(session, earlier):
        start = referral.pathway_start or referral.arrived_at
        open_yet = referral.state in {"DRAFT", "IN_REVIEW", "READY"} and not has_open_create(session, referral)
        if delivery.arrived_at < start and open_yet:
            referral.pathway_start = delivery.arrived_at
            referral.pathway_start_why = f"{delivery.code}, the same paper, arrived first"
            referral.version += 1
            session.add(referral)
            record(session, "referral.clock_set", referral.code, MACHINE, now, {"from": delivery.code})


def take_back(session: Session, jobs: AddsJobs, delivery: Delivery, by: str, now: dt.datetime) -> int:
    """A person says that it is no duplicate: its pages come back and are read and sorted as any others. How many documents."""
    if delivery.duplicate_of is None:
        raise Refused("duplicate", f"{delivery.code} is not held for a duplicate.", "See `gateway inbox show`.")
    was = session.get(Delivery, delivery.duplicate_of)
    documents = session.exec(select(Document).where(Document.delivery_id == delivery.id)).all()
    count = sum([_back(session, jobs, document, by, now) for document in documents])
    delivery.outcome = "documents" if documents else "no_document"
    delivery.duplicate_of = delivery.duplicate_why = None
    delivery.flags = [flag for flag in delivery.flags if flag != "possible_duplicate"]
    delivery.judged_different = True
    session.add(delivery)
    record(session, "delivery.different", delivery.code, by, now, {"from": was.code if was else None})
    return count


def _back(session: Session, jobs: AddsJobs, document: Document, by: str, now: dt.datetime) -> bool:
    """Send a document that lies aside whole as a duplicate to the reader again; one that has become a referral stays."""
    pages = session.exec(select(Page).where(Page.document_id == document.id)).all()
    if document.state != "SORTED" or any(page.aside_by != MACHINE for page in pages):
        return False
    for page in pages:
        page.aside_why = page.aside_by = page.aside_at = None
        session.add(page)
        record(session, "page.back", f"page {page.id}", by, now)
    document.tries = 0
    move(session, document, "RECEIVED", by, now)
    jobs.add(session, READING, document.id or 0)
    return True
