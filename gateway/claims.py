"""Claims: who works on a referral now, so that two people never work on one; a claim ends by itself after some minutes.

A claim does not change the referral itself, so its version stays: what somebody else looks at does not become stale by it.
"""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, select

from gateway.errors import Refused
from gateway.events import record
from gateway.tables import Referral


def holder(referral: Referral, now: dt.datetime) -> str | None:
    """Who works on it now; None when it is free."""
    if referral.claimed_by and referral.claimed_until and referral.claimed_until > now:
        return referral.claimed_by
    return None


def claim(
    session: Session, referral: Referral, by: str, now: dt.datetime, minutes: float, *, take_over: bool = False
) -> bool:
    """Take a referral to work on it, or stay on it longer; False when somebody else has it.

    `take_over` takes it from the other, which the event names.
    """
    other = holder(referral, now)
    if other is not None and other != by and not take_over:
        return False
    until = now + dt.timedelta(minutes=minutes)
    if other == by:
        if referral.claimed_until and until - referral.claimed_until >= dt.timedelta(minutes=1):
            referral.claimed_until = until
            session.add(referral)
        return True
    referral.claimed_by, referral.claimed_until = by, until
    session.add(referral)
    record(session, "referral.claimed", referral.code, by, now, {"from": other} if other else None)
    return True


def check_claim(referral: Referral, by: str, now: dt.datetime) -> None:
    """Refused when somebody else works on it now."""
    other = holder(referral, now)
    if other is not None and other != by:
        raise Refused("claimed", f"{other} works on {referral.code} now.", "Ask them, or wait until they give it back.")


def give_back(session: Session, referral: Referral, by: str, now: dt.datetime) -> None:
    """Let others have it; nothing happens where it is not yours."""
    if referral.claimed_by != by:
        return
    referral.claimed_by = referral.claimed_until = None
    session.add(referral)
    record(session, "referral.unclaimed", referral.code, by, now)


def give_back_all(session: Session, by: str, now: dt.datetime) -> int:
    """Give back everything that somebody has, as at the end of a shift; how many."""
    held = session.exec(select(Referral).where(Referral.claimed_by == by)).all()
    for referral in held:
        give_back(session, referral, by, now)
    return len(held)
