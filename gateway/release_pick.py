"""Which referral is next, decided at each pick: suspected cancer, urgent, routine, each the oldest first;
half-sent ones stand in the same order.

An urgent fax that becomes READY while the release runs is the next one picked (P6). Held referrals and those whose time has not
come are passed over (P7).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from gateway.release_journal import Journal
from gateway.states import move
from gateway.tables import Reading, Referral


def _mine(practice: str | None) -> list[sa.ColumnElement[bool]]:
    """With a practice's own role only that practice's referrals (ers.md section 1, configuration 2)."""
    if practice is None:
        return []
    field: sa.ColumnClause[str] = sa.literal_column("'referrer.practice_code'")  # as the index spells it
    theirs = sa.select(col(Reading.referral_id)).where(
        col(Reading.field) == field, col(Reading.value) == practice.upper(), col(Reading.current).is_(True)
    )
    return [col(Referral.id).in_(theirs)]


def _due(now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.or_(col(Referral.next_try_at).is_(None), col(Referral.next_try_at) <= now)


def pick(
    session: Session, journal: Journal, now: dt.datetime, practice: str | None, busy: Collection[int]
) -> Referral | None:
    """Take the next referral and make it SENDING, in this transaction; None when there is none now. `busy` are under way here."""
    best = next_referral(session, now, practice, busy)
    if best is None:
        return None
    if best.state != "SENDING":
        move(session, best, "SENDING", "gateway", now)
        best.next_try_at = None
        session.add(best)
    journal.decide(session, best, now)
    return best


def next_referral(session: Session, now: dt.datetime, practice: str | None, busy: Collection[int]) -> Referral | None:
    """The first in the order among what is READY and what is half sent."""
    best: Referral | None = None
    for state, more in (
        ("SENDING", []),
        ("REFUSED", [col(Referral.ubrn).is_not(None), col(Referral.hold_why).is_(None), _due(now)]),
        ("READY", [col(Referral.hold_why).is_(None), _due(now)]),
    ):
        query = (
            select(Referral)
            .where(Referral.state == state, col(Referral.id).not_in(busy), *more, *_mine(practice))
            .order_by(col(Referral.rank), col(Referral.arrived_at), col(Referral.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        first = session.exec(query).first()
        if first is not None and (best is None or (first.rank, first.arrived_at) < (best.rank, best.arrived_at)):
            best = first
    return best


def list_waiting(session: Session, practice: str | None, now: dt.datetime, most: int | None = None) -> list[Referral]:
    """What a release would send now, in its order; the first `most` of it."""
    return list(
        session.exec(
            select(Referral)
            .where(Referral.state == "READY", col(Referral.hold_why).is_(None), _due(now), *_mine(practice))
            .order_by(col(Referral.rank), col(Referral.arrived_at), col(Referral.id))
            .limit(most)
        )
    )


def due_ids(session: Session, state: str, practice: str | None, now: dt.datetime, busy: Collection[int]) -> list[int]:
    """UNSURE or SENT referrals whose time to be looked at has come (one without a time waits for a person)."""
    return [
        int(i)
        for i in session.exec(
            select(Referral.id)
            .where(
                Referral.state == state,
                col(Referral.next_try_at) <= now,
                col(Referral.id).not_in(busy),
                *_mine(practice),
            )
            .order_by(col(Referral.rank), col(Referral.arrived_at))
        )
        if i is not None
    ]


def next_time(
    session: Session, states: Collection[str], practice: str | None, spent: Collection[int]
) -> dt.datetime | None:
    """When the next referral in these states becomes due; None when none of them has a time. `spent` ones do not count."""
    rows = session.exec(
        select(func.min(Referral.next_try_at)).where(
            col(Referral.state).in_(states),
            col(Referral.hold_why).is_(None),
            col(Referral.id).not_in(spent),
            *_mine(practice),
        )
    ).first()
    return rows


def counts(session: Session, practice: str | None) -> dict[str, int]:
    """Referrals by state."""
    rows = session.exec(select(Referral.state, func.count()).where(*_mine(practice)).group_by(col(Referral.state)))
    return {state: number for state, number in rows}


def count_left(session: Session, practice: str | None) -> int:
    """What a release leaves behind: READY or half sent, and not held. Each part is counted from an index (100,000 may wait)."""
    waiting = col(Referral.state).in_(("READY", "SENDING"))
    half = (Referral.state == "REFUSED", col(Referral.ubrn).is_not(None), col(Referral.hold_why).is_(None))
    return (
        _count(session, practice, waiting)
        - _count(session, practice, waiting, col(Referral.hold_why).is_not(None))
        + _count(session, practice, *half)
    )


def count_in(session: Session, state: str) -> int:
    """Referrals in one state."""
    return _count(session, None, Referral.state == state)


def _count(session: Session, practice: str | None, *conditions: Any) -> int:
    return int(session.exec(select(func.count()).select_from(Referral).where(*conditions, *_mine(practice))).one())
