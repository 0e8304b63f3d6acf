"""Which referral is next, decided at each pick: suspected cancer, urgent, routine, each the oldest first;
half-sent ones stand in the same order.

An urgent fax that becomes READY while the release runs is the next one picked (P6). Held referrals and those whose time has not
come are passed over (P7).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from gateway.release_journal import Journal
from gateway.states import move
from gateway.tables import Reading, Referral


def _mine(practice: str | None) -> list[sa.ColumnElement[bool]]:
    """With a practice's own role only that practice's referrals (ers.md section 1, configuration 2)."""
    if practice is None:
        return []
    return [
        sa.exists(
            sa.select(sa.literal(1)).where(
                col(Reading.referral_id) == col(Referral.id),
                col(Reading.field) == "referrer.practice_code",
                col(Reading.current).is_(True),
                sa.func.upper(col(Reading.value)) == practice.upper(),
            )
        )
    ]


def _due(now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.or_(col(Referral.next_try_at).is_(None), col(Referral.next_try_at) <= now)


def pick(
    session: Session, journal: Journal, now: dt.datetime, practice: str | None, busy: Collection[int]
) -> Referral | None:
    """Take the next referral and make it SENDING, in this transaction; None when there is none now. `busy` are under way here."""
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
    if best is None:
        return None
    if best.state != "SENDING":
        move(session, best, "SENDING", "gateway", now)
        best.next_try_at = None
        session.add(best)
    journal.decide(session, best, now)
    return best


def list_waiting(session: Session, practice: str | None, now: dt.datetime) -> list[Referral]:
    """What a release would send now, in its order."""
    return list(
        session.exec(
            select(Referral)
            .where(Referral.state == "READY", col(Referral.hold_why).is_(None), _due(now), *_mine(practice))
            .order_by(col(Referral.rank), col(Referral.arrived_at), col(Referral.id))
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
    """What a release leaves behind: READY or half sent, and not held."""
    left = sa.or_(
        col(Referral.state).in_(("READY", "SENDING")),
        sa.and_(col(Referral.state) == "REFUSED", col(Referral.ubrn).is_not(None)),
    )
    query = select(func.count()).select_from(Referral).where(left, col(Referral.hold_why).is_(None), *_mine(practice))
    return int(session.exec(query).one())
