"""The sum that proves that no page was lost (P2).

pages received = pages in referrals + pages set aside + pages waiting. Each of the four is counted by its own query: received was
written down when each file was opened, the others are counted from the pages themselves. Beside the sum stand the counts of every
kind of row against the events that told of their making, so that a removed or doubled row shows even where pages still add up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from gateway.events import verify_chain
from gateway.tables import Attempt, Blob, Delivery, Document, Event, Letter, Outage, Page, PageUse, Referral

ENDED_REFERRALS = ("CLOSED", "WITHDRAWN")


@dataclass(frozen=True)
class OpenItem:
    """Something that has no ending yet."""

    reference: str
    kind: str  # delivery, document, referral
    state: str
    since: dt.datetime


@dataclass(frozen=True)
class Balance:
    """The sum, what is open, and what does not agree (`faults`, one sentence each)."""

    pages_received: int
    pages_in_referrals: int
    pages_set_aside: int
    pages_waiting: int
    deliveries: dict[str, int]
    documents: dict[str, int]
    referrals: dict[str, int]
    open_items: list[OpenItem]
    open_count: int  # of all open items, where only the oldest of them are listed
    faults: list[str] = field(default_factory=list)

    @property
    def difference(self) -> int:
        """Pages that have no place (above zero), or more than one (below)."""
        return self.pages_received - self.pages_in_referrals - self.pages_set_aside - self.pages_waiting

    @property
    def in_order(self) -> bool:
        """Whether the sum is right and every count agrees."""
        return self.difference == 0 and not self.faults

    def as_json(self, now: dt.datetime) -> dict[str, Any]:
        """The object that `gateway balance --json` prints."""
        oldest = min((item.since for item in self.open_items), default=None)
        return {
            "pages_received": self.pages_received,
            "pages_in_referrals": self.pages_in_referrals,
            "pages_set_aside": self.pages_set_aside,
            "pages_waiting": self.pages_waiting,
            "difference": self.difference,
            "open": self.open_count,
            "oldest_open_hours": round((now - oldest).total_seconds() / 3600, 1) if oldest else None,
            "deliveries": self.deliveries,
            "documents": self.documents,
            "referrals": self.referrals,
            "faults": self.faults,
        }


def balance(
    session: Session,
    outage: Outage | None = None,
    *,
    chain_faults: Sequence[str] | None = None,
    most: int | None = None,
) -> Balance:
    """Count everything, or only what arrived in one outage (then the checks that need the whole store are left out).

    `chain_faults`: what a proof of the event log that was made already found; otherwise the whole log is walked.
    `most`: how many open items are listed, for a page that shows no more; all are counted.
    """
    stamp = outage.id if outage else None
    faults: list[str] = []
    if not outage:
        walked = verify_chain(session).faults if chain_faults is None else chain_faults
        faults = [*_kinds(session), *(f"event log: {fault}" for fault in walked)]
    items = open_items(session, outage, most)
    return Balance(
        pages_received=_received(session, stamp),
        pages_in_referrals=_in_referrals(session, stamp),
        pages_set_aside=_aside(session, stamp),
        pages_waiting=_waiting(session, stamp),
        deliveries=_by(session, Delivery.outcome, stamp),
        documents=_documents_by_state(session, stamp),
        referrals=_by(session, Referral.state, stamp),
        open_items=items,
        open_count=len(items) if most is None else _count_open(session, stamp),
        faults=[*faults, *_per_delivery(session, stamp)],
    )


def _one(session: Session, query: Any) -> int:
    return int(session.exec(query).one() or 0)


def _received(session: Session, stamp: int | None) -> int:
    return _one(session, _stamped(select(func.sum(Delivery.pages_received)), stamp))


def _in_referrals(session: Session, stamp: int | None) -> int:
    """Distinct pages that a referral row really holds."""
    query = (
        select(func.count(sa.distinct(col(Page.id))))
        .join(PageUse, col(PageUse.page_id) == Page.id)
        .join(Referral, col(Referral.id) == PageUse.referral_id)
        .join(Document, col(Document.id) == Page.document_id)
        .join(Delivery, col(Delivery.id) == Document.delivery_id)
    )
    return _one(session, _stamped(query, stamp))


def _aside(session: Session, stamp: int | None) -> int:
    query = (
        select(func.count(col(Page.id)))
        .join(Document, col(Document.id) == Page.document_id)
        .join(Delivery, col(Delivery.id) == Document.delivery_id)
        .where(col(Page.aside_why).is_not(None))
    )
    return _one(session, _stamped(query, stamp))


def _waiting(session: Session, stamp: int | None) -> int:
    """Pages of documents not yet sorted, but for those that a person has already given a place."""
    used = select(PageUse.page_id)
    query = (
        select(func.count(col(Page.id)))
        .join(Document, col(Document.id) == Page.document_id)
        .join(Delivery, col(Delivery.id) == Document.delivery_id)
        .where(Document.state != "SORTED", col(Page.aside_why).is_(None), col(Page.id).not_in(used))
    )
    return _one(session, _stamped(query, stamp))


def _stamped(query: Any, stamp: int | None) -> Any:
    return query if stamp is None else query.where(Delivery.outage_id == stamp)


def _by(session: Session, column: Any, stamp: int | None) -> dict[str, int]:
    query = select(column, func.count()).group_by(column)
    if stamp is not None:
        query = query.where(column.class_.outage_id == stamp)
    return {str(name): int(count) for name, count in session.exec(query)}


def _documents_by_state(session: Session, stamp: int | None) -> dict[str, int]:
    query: Any = select(Document.state, func.count()).group_by(Document.state)
    if stamp is not None:
        query = query.join(Delivery, col(Delivery.id) == Document.delivery_id).where(Delivery.outage_id == stamp)
    return {str(name): int(count) for name, count in session.exec(query)}


def _per_delivery(session: Session, stamp: int | None) -> list[str]:
    """Each delivery must have as many documents, and each document as many pages, as were counted when it was opened."""
    documents = (
        select(
            col(Document.delivery_id).label("delivery"),
            func.count().label("documents"),
            func.sum(Document.pages_received).label("pages"),
        )
        .group_by(col(Document.delivery_id))
        .subquery()
    )
    query: Any = (
        sa.select(
            col(Delivery.code),
            col(Delivery.documents_found),
            documents.c.documents,
            col(Delivery.pages_received),
            documents.c.pages,
        )
        .join(documents, documents.c.delivery == Delivery.id, isouter=True)
        .where(
            sa.or_(
                col(Delivery.documents_found) != func.coalesce(documents.c.documents, 0),
                col(Delivery.pages_received) != func.coalesce(documents.c.pages, 0),
            )
        )
    )
    faults = [
        f"{code}: {found} documents with {pages} pages were counted at opening, {now or 0} with {have or 0} are there"
        for code, found, now, pages, have in session.exec(_stamped(query, stamp))
    ]
    counted = (
        select(col(Page.document_id).label("document"), func.count().label("pages"))
        .group_by(col(Page.document_id))
        .subquery()
    )
    page_query = (
        select(Delivery.code, Document.id, Document.pages_received, counted.c.pages)
        .join(Document, col(Document.delivery_id) == Delivery.id)
        .join(counted, counted.c.document == Document.id, isouter=True)
        .where(Document.pages_received != func.coalesce(counted.c.pages, 0))
    )
    faults += [
        f"{code}: document {number} was opened with {pages} pages, {have or 0} are there"
        for code, number, pages, have in session.exec(_stamped(page_query, stamp))
    ]
    return faults


def _kinds(session: Session) -> list[str]:
    """Rows of each kind against the events of their making."""
    faults = []
    for table, action, words in (
        (Delivery, "delivery.received", "deliveries"),
        (Document, "document.made", "documents"),
        (Referral, "referral.made", "referrals"),
        (Attempt, "attempt.opened", "attempts"),
        (Letter, "letter.made", "letters"),
    ):
        rows = _one(session, select(func.count()).select_from(table))
        told = _one(session, select(func.count()).select_from(Event).where(Event.action == action))
        if rows != told:
            faults.append(f"{rows} {words} are there, and the event log tells of {told}")
    lost = _one(
        session,
        select(func.count(col(Delivery.id))).where(
            Delivery.outcome != "rejected", col(Delivery.sha256).not_in(select(Blob.sha256))
        ),
    )
    if lost:
        faults.append(f"the original bytes of {lost} deliveries are missing")
    orphans = _one(
        session, select(func.count()).select_from(PageUse).where(col(PageUse.page_id).not_in(select(Page.id)))
    )
    if orphans:
        faults.append(f"{orphans} pages of referrals are missing")
    empty = _one(
        session,
        select(func.count(col(Referral.id))).where(
            Referral.origin == "document",
            Referral.state != "WITHDRAWN",
            col(Referral.id).not_in(select(PageUse.referral_id)),
        ),
    )
    if empty:
        faults.append(f"{empty} referrals made from pages have no page")
    return faults


def open_items(session: Session, outage: Outage | None = None, most: int | None = None) -> list[OpenItem]:
    """Everything without an ending: unopened deliveries, those without a document that nobody has dealt with, documents not
    sorted, referrals neither closed nor withdrawn. The oldest first; with `most` only so many."""
    items = []
    for kind, query, since in _open(outage.id if outage else None):
        for *reference, state, at in session.exec(query.order_by(since).limit(most)):
            items.append(OpenItem("/".join(map(str, reference)), kind, state, at))
    return sorted(items, key=lambda item: item.since)[:most]


def _open(stamp: int | None) -> tuple[tuple[str, Any, Any], ...]:
    """Kind, query and age of each kind of open item; columns instead of rows, because there may be ten thousand."""
    unopened = sa.and_(col(Delivery.outcome) == "no_document", col(Delivery.settled_by).is_(None))
    deliveries = select(Delivery.code, Delivery.outcome, Delivery.received_at)
    deliveries = deliveries.where(sa.or_(col(Delivery.outcome) == "waiting", unopened))
    documents = select(Delivery.code, Document.position, Document.state, Delivery.received_at)
    documents = documents.join(Document, col(Document.delivery_id) == Delivery.id).where(Document.state != "SORTED")
    referrals = select(Referral.code, Referral.state, Referral.arrived_at)
    referrals = referrals.where(col(Referral.state).not_in(ENDED_REFERRALS))
    if stamp is not None:
        referrals = referrals.where(Referral.outage_id == stamp)
    return (
        ("delivery", _stamped(deliveries, stamp), col(Delivery.received_at)),
        ("document", _stamped(documents, stamp), col(Delivery.received_at)),
        ("referral", referrals, col(Referral.arrived_at)),
    )


def _count_open(session: Session, stamp: int | None) -> int:
    counted = (select(func.count()).select_from(query.subquery()) for _kind, query, _since in _open(stamp))
    return sum(_one(session, query) for query in counted)
