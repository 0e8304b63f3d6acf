"""Telephone calls about a referral: who rang whom and when, what came of it, and when to try again.

A referral that needs a call is never returned for what is missing, least of all for cancer (referral-office section 3): it is
kept back by a hold until somebody has answered.
"""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, col, func, select

from gateway.endings import hold, unhold
from gateway.errors import WrongInput
from gateway.events import record
from gateway.tables import Referral
from gateway.tables_desk import CallNote

NEEDS_A_CALL = "needs a call"


def note_call(
    session: Session,
    referral: Referral,
    *,
    whom: str,
    result: str,
    next_try_at: dt.datetime | None,
    answered: bool,
    by: str,
    now: dt.datetime,
    rang_at: dt.datetime | None = None,
) -> CallNote:
    """Note one call, made now or at `rang_at`. Until `answered` the referral is held with the reason `needs a call`; then that hold ends.

    An empty `result` is allowed only for a call still to be made, which then needs the time of the next try.
    """
    if not whom.strip():
        raise WrongInput("whom", "Say whom you rang, or who is to be rung.", "As: Castle Hill Surgery, Dr Cawood.")
    if not result.strip() and (answered or next_try_at is None):
        raise WrongInput("result", "Say what came of the call, or when it is to be tried next.", "A few words will do.")
    if next_try_at is not None and next_try_at < now - dt.timedelta(minutes=5):
        raise WrongInput("next", "The next try lies in the past.", "Give a time to come, or leave it empty.")
    if rang_at is not None and rang_at > now:
        raise WrongInput("at", "The call lies in the future.", "Give when it was, or leave it empty for now.")
    note = CallNote(
        referral_id=referral.id or 0,
        by=by,
        at=rang_at or now,
        whom=whom.strip()[:200],
        result=result.strip()[:2000],
        next_try_at=None if answered else next_try_at,
        settled_at=now if answered else None,
    )
    session.add(note)
    record(session, "referral.call_noted", referral.code, by, now, {"answered": answered})
    if answered:
        for earlier in calls_about(session, referral):
            earlier.settled_at = earlier.settled_at or now
            session.add(earlier)
        if referral.hold_why == NEEDS_A_CALL:
            unhold(session, referral, by, now)
    elif referral.hold_why is None and referral.state in {"DRAFT", "IN_REVIEW", "READY", "REFUSED"}:
        hold(session, referral, NEEDS_A_CALL, by, now)
    return note


def calls_about(session: Session, referral: Referral) -> list[CallNote]:
    """All calls about it, oldest first."""
    return list(session.exec(select(CallNote).where(CallNote.referral_id == referral.id).order_by(col(CallNote.id))))


def calls_due(session: Session, now: dt.datetime) -> list[tuple[CallNote, Referral]]:
    """The newest note of each referral whose next try is due, the most urgent first."""
    newest = select(CallNote.referral_id, func.max(CallNote.id)).group_by(col(CallNote.referral_id)).subquery()
    query = (
        select(CallNote, Referral)
        .join(newest, col(CallNote.id) == newest.c[1])
        .join(Referral, col(Referral.id) == CallNote.referral_id)
        .where(col(CallNote.settled_at).is_(None), col(CallNote.next_try_at) <= now)
        .order_by(col(Referral.rank), col(CallNote.next_try_at))
    )
    return list(session.exec(query).all())
