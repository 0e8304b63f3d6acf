"""The one list of the desk: filters, order, paging and counts, in a few queries however many referrals there are.

Suspected cancer first, then urgent, then the oldest (P6). Documents that no machine can read and messages without one stand in
the same list, because they wait for a person too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from gateway.claims import holder
from gateway.desk_words import GROUPS, arrived_words, state_words, whole_number
from gateway.sensitive import sensitive_among
from gateway.tables import Delivery, Document, Outage, Page, PageUse, Problem, Reading, Referral
from gateway.tables_desk import Person
from gateway.tables_reference import Service

ROWS = 50
URGENCIES = {"cancer": 0, "urgent": 1, "routine": 2}
_FIELDS = (
    "patient.nhs_number",
    "patient.family_name",
    "patient.given_names",
    "patient.birth_date",
    "referrer.practice_name",
    "referrer.practice_code",
    "referral.specialty",
)


@dataclass(frozen=True)
class Filters:
    """What is shown, as it stands in the address: never a patient's value (P8). Empty texts mean: any."""

    show: str = "waiting"
    urgency: str = ""
    practice: str = ""
    specialty: str = ""
    who: str = ""  # mine, free
    outage: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """From an address; what makes no sense is left out."""
        show, urgency, who = query.get("show", "waiting"), query.get("urgency", ""), query.get("who", "")
        page = whole_number(query.get("page", "1")) or 1
        return cls(
            show=show if show in GROUPS else "waiting",
            urgency=urgency if urgency in URGENCIES else "",
            practice=_code(query.get("practice", "")),
            specialty=_code(query.get("specialty", "")),
            who=who if who in ("mine", "free") else "",
            outage=_code(query.get("outage", "")),
            page=min(page, 100_000),
        )

    def query(self, **changes: Any) -> str:
        """The address's query for these filters with some changed; the first page unless a page is named."""
        other = replace(self, **{"page": 1, **changes})
        pairs = {key: value for key, value in vars(other).items() if value and (key, value) not in _PLAIN}
        return urlencode(pairs)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab was chosen."""
        return bool(self.urgency or self.practice or self.specialty or self.who or self.outage)


_PLAIN = {("show", "waiting"), ("page", 1)}


def _code(text: str) -> str:
    """A code in an address: letters, digits, underscore, minus and nothing else."""
    text = text.strip().upper()[:40]
    return text if all(c.isalnum() or c in "_-" for c in text) else ""


@dataclass(frozen=True)
class Row:
    """One line of the list. `name` and `number` are empty where the reader may not see them (`restricted`)."""

    code: str
    kind: str  # referral, document, delivery
    rank: int
    name: str
    birth: str
    number: str
    practice: str
    specialty: str
    arrived: str
    state: str
    holder: str
    why: str
    more: int  # further reasons
    hold: str
    restricted: bool


@dataclass(frozen=True)
class Listed:
    """One page of the list: rows, how many there are in all, the pages, and the counts of every tab."""

    rows: tuple[Row, ...]
    total: int
    pages: int
    counts: dict[str, int]


def listed(session: Session, wanted: Filters, person: Person, now: dt.datetime) -> Listed:
    """One page of the list for this person."""
    both = _ordered(session, wanted, person, now)
    total = session.exec(sa.select(func.count()).select_from(both)).one()[0]  # type: ignore[call-overload]
    pages = max(1, -(-total // ROWS))
    shown = min(wanted.page, pages)
    order = sa.select(both.c.kind, both.c.id).order_by(both.c.rank, both.c.arrived_at, both.c.kind, both.c.id)
    found = session.exec(order.limit(ROWS).offset((shown - 1) * ROWS)).all()  # type: ignore[call-overload]
    return Listed(_rows(session, found, person, now), total, pages, counts(session))


def next_code(session: Session, wanted: Filters, person: Person, now: dt.datetime, after: str) -> str | None:
    """The first referral of the list that nobody else works on, but this one; None when the list is done."""
    both = _ordered(session, replace(wanted, who=wanted.who or "free"), person, now)
    query = (
        select(Referral.code)
        .join(both, sa.and_(both.c.id == Referral.id, both.c.kind == "referral"))
        .where(Referral.code != after)
        .order_by(both.c.rank, both.c.arrived_at, both.c.id)
    )
    return session.exec(query.limit(1)).first()


def _ordered(session: Session, wanted: Filters, person: Person, now: dt.datetime) -> sa.Subquery:
    parts = [_referrals(session, wanted, person, now)]
    others = wanted.show in ("waiting", "all") and wanted.urgency in ("", "cancer")
    if others and not (wanted.practice or wanted.specialty or wanted.who == "mine"):
        parts += _papers(session, wanted)
    return sa.union_all(*parts).subquery()


def _kind(kind: str, identity: Any, rank: Any, arrived: Any) -> Any:
    return sa.select(
        sa.literal(kind).label("kind"), identity.label("id"), rank.label("rank"), arrived.label("arrived_at")
    )


def _referrals(session: Session, wanted: Filters, person: Person, now: dt.datetime) -> Any:
    query = _kind("referral", col(Referral.id), col(Referral.rank), col(Referral.arrived_at))
    states = GROUPS[wanted.show][1]
    if states:
        query = query.where(col(Referral.state).in_(states))
    if wanted.urgency:
        query = query.where(col(Referral.rank) == URGENCIES[wanted.urgency])
    if wanted.specialty:
        query = query.where(col(Referral.specialty_code) == wanted.specialty)
    if wanted.outage:
        query = query.where(col(Referral.outage_id) == _outage_id(session, wanted.outage))
    if wanted.practice:
        # as a set, which the index of this field gives at once; asked row by row it takes five times as long
        said = sa.select(col(Reading.referral_id)).where(
            col(Reading.field) == "referrer.practice_code",
            col(Reading.value) == wanted.practice,
            col(Reading.current).is_(True),
        )
        query = query.where(col(Referral.id).in_(said))
    held = sa.and_(col(Referral.claimed_by).is_not(None), col(Referral.claimed_until) > now)
    if wanted.who == "mine":
        query = query.where(held, col(Referral.claimed_by) == person.name)
    elif wanted.who == "free":
        query = query.where(sa.or_(sa.not_(held), col(Referral.claimed_by) == person.name))
    return query


def _papers(session: Session, wanted: Filters) -> list[Any]:
    """Documents no machine can read, and messages without a document; nobody knows their urgency, so the highest (P6)."""
    documents = _kind("document", col(Document.id), sa.literal(0), col(Delivery.arrived_at)).join(
        Delivery, col(Delivery.id) == col(Document.delivery_id)
    )
    documents = documents.where(col(Document.state) == "STUCK")
    messages = _kind("delivery", col(Delivery.id), sa.literal(0), col(Delivery.arrived_at)).where(
        col(Delivery.outcome) == "no_document", col(Delivery.settled_by).is_(None)
    )
    if wanted.outage:
        outage = _outage_id(session, wanted.outage)
        return [q.where(col(Delivery.outage_id) == outage) for q in (documents, messages)]
    return [documents, messages]


def _outage_id(session: Session, code: str) -> int:
    return session.exec(select(Outage.id).where(Outage.code == code)).first() or 0


def counts(session: Session) -> dict[str, int]:
    """How many stand under each tab; `all` is their sum."""
    states = dict(session.exec(select(Referral.state, func.count()).group_by(col(Referral.state))).all())
    found = {name: sum(states.get(state, 0) for state in of) for name, (_words, of) in GROUPS.items()}
    found["waiting"] += _count(session, select(func.count(col(Document.id))).where(Document.state == "STUCK"))
    found["waiting"] += _count(
        session,
        select(func.count(col(Delivery.id))).where(
            Delivery.outcome == "no_document", col(Delivery.settled_by).is_(None)
        ),
    )
    found["all"] = sum(count for name, count in found.items() if name != "all")
    return found


def _count(session: Session, query: Any) -> int:
    return int(session.exec(query).one() or 0)


def page_counts(session: Session) -> dict[str, int]:
    """Pages arrived, in referrals, set aside and not yet sorted, each by its own query (P2); `gateway balance` proves more."""
    used = sa.exists(sa.select(sa.literal(1)).where(col(PageUse.page_id) == col(Page.id)))
    waiting = (
        select(func.count(col(Page.id)))
        .join(Document, col(Document.id) == Page.document_id)
        # the states by name, because an index finds those and not "anything but sorted"
        .where(col(Document.state).in_(("RECEIVED", "READ", "STUCK")), col(Page.aside_why).is_(None), sa.not_(used))
    )
    return {
        "arrived": _count(session, select(func.sum(Delivery.pages_received))),
        "in_referrals": _count(session, select(func.count(sa.distinct(col(PageUse.page_id))))),
        "aside": _count(session, select(func.count(col(Page.id))).where(col(Page.aside_why).is_not(None))),
        "waiting": _count(session, waiting),
        "unopened": _count(session, select(func.count(col(Delivery.id))).where(Delivery.outcome == "waiting")),
    }


def _rows(session: Session, found: Any, person: Person, now: dt.datetime) -> tuple[Row, ...]:
    ids: dict[str, list[int]] = {"referral": [], "document": [], "delivery": []}
    for kind, number in found:
        ids[kind].append(number)
    made: dict[tuple[str, int], Row] = {}
    made.update(_referral_rows(session, ids["referral"], person, now))
    made.update(_document_rows(session, ids["document"], now))
    made.update(_delivery_rows(session, ids["delivery"], now))
    return tuple(made[(kind, number)] for kind, number in found if (kind, number) in made)


def _referral_rows(session: Session, ids: list[int], person: Person, now: dt.datetime) -> dict[tuple[str, int], Row]:
    if not ids:
        return {}
    referrals = list(session.exec(select(Referral).where(col(Referral.id).in_(ids))))
    said: dict[int, dict[str, str]] = {}
    values = select(Reading.referral_id, Reading.field, Reading.value).where(
        col(Reading.referral_id).in_(ids), col(Reading.field).in_(_FIELDS), col(Reading.current).is_(True)
    )
    for number, field, value in session.exec(values):
        if value:
            said.setdefault(number, {})[field] = value
    why: dict[int, list[str]] = {}
    problems = (
        select(Problem.referral_id, Problem.says)
        .where(col(Problem.referral_id).in_(ids), col(Problem.settled_at).is_(None))
        .order_by(col(Problem.id))
    )
    for about, says in session.exec(problems):
        why.setdefault(about or 0, []).append(says)
    services = {s.service_id: s.name for s in session.exec(select(Service))}
    closed = set() if person.sees_sensitive else sensitive_among(session, referrals)
    return {
        ("referral", r.id or 0): _referral_row(
            r, said.get(r.id or 0, {}), why.get(r.id or 0, []), services, r.id in closed, now
        )
        for r in referrals
    }


def _referral_row(
    referral: Referral, said: dict[str, str], why: list[str], services: dict[str, str], closed: bool, now: dt.datetime
) -> Row:
    name = ", ".join(filter(None, (said.get("patient.family_name", ""), said.get("patient.given_names", ""))))
    state = state_words(referral.state)
    if referral.ended_as:
        state = referral.ended_as[0].upper() + referral.ended_as[1:]
    return Row(
        code=referral.code,
        kind="referral",
        rank=referral.rank,
        name="" if closed else name,
        birth="" if closed else said.get("patient.birth_date", ""),
        number="" if closed else said.get("patient.nhs_number", ""),
        practice=said.get("referrer.practice_name") or said.get("referrer.practice_code", ""),
        specialty="" if closed else services.get(referral.service_id or "", said.get("referral.specialty", "")),
        arrived=arrived_words(referral.arrived_at, now, referral.rank),
        state=state,
        holder=holder(referral, now) or "",
        why=why[0] if why else "",
        more=max(0, len(why) - 1),
        hold=referral.hold_why or "",
        restricted=closed,
    )


def _paper_row(code: str, kind: str, arrived: dt.datetime, why: str, now: dt.datetime) -> Row:
    state = "Cannot be read by the machine" if kind == "document" else "Message without a document"
    words = arrived_words(arrived, now, 0).split(" of ")[0]
    return Row(code, kind, 0, "", "", "", "", "", words, state, "", why, 0, "", False)


def _document_rows(session: Session, ids: list[int], now: dt.datetime) -> dict[tuple[str, int], Row]:
    query = select(Document, Delivery).join(Delivery, col(Delivery.id) == col(Document.delivery_id))
    rows = session.exec(query.where(col(Document.id).in_(ids))).all() if ids else []
    return {
        ("document", document.id or 0): _paper_row(
            f"{delivery.code}/{document.position}",
            "document",
            delivery.arrived_at,
            document.says or "Look at it and type what it says.",
            now,
        )
        for document, delivery in rows
    }


def _delivery_rows(session: Session, ids: list[int], now: dt.datetime) -> dict[tuple[str, int], Row]:
    rows = session.exec(select(Delivery).where(col(Delivery.id).in_(ids))).all() if ids else []
    return {
        ("delivery", d.id or 0): _paper_row(
            d.code, "delivery", d.arrived_at, d.says or "Look whether it asks for something.", now
        )
        for d in rows
    }
