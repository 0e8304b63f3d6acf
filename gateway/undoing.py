"""Taking decisions back, as long as nothing has left for e-RS: a confirmation, an ending, the last change of a value.

Nothing is erased: the step back is an event of its own, and every value stays in its history.
"""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, col, select

from gateway.endings import TYPED
from gateway.errors import Refused
from gateway.events import record
from gateway.field_values import check_field, words_for
from gateway.referrals import (
    IDENTIFIERS,
    NewValue,
    Weighed,
    check_changeable,
    has_open_create,
    raise_problem,
    replace_reading,
    weigh,
)
from gateway.settings import Settings
from gateway.states import REFERRAL_MOVES, move
from gateway.tables import PageUse, Reading, Referral

REOPENED = "reopened"


def undoable(session: Session, referral: Referral) -> str | None:
    """What can be taken back now, in words for a button; None where nothing can."""
    if referral.ubrn or has_open_create(session, referral):
        return None
    if referral.state == "READY":
        return "Look at it again"
    if referral.state in ("WITHDRAWN", "CLOSED") and referral.ended_as and referral.ended_as != TYPED:
        allowed = "IN_REVIEW" in REFERRAL_MOVES[referral.state]
        return f"Take back “{referral.ended_as}”" if allowed and _keeps_its_pages(session, referral) else None
    if referral.confirmed_by and referral.state == "IN_REVIEW":
        return "Take back the confirmation"
    return None


def _keeps_its_pages(session: Session, referral: Referral) -> bool:
    """One whose pages were joined to another has nothing left to work on."""
    if referral.origin != "document":
        return True
    return session.exec(select(PageUse.page_id).where(PageUse.referral_id == referral.id)).first() is not None


def undo(session: Session, referral: Referral, by: str, now: dt.datetime, *, settings: Settings) -> Weighed:
    """Take the last decision back: the referral waits for a person again, and a confirmation of its identifiers falls."""
    what = undoable(session, referral)
    if what is None:
        raise Refused(
            "undo", f"Nothing of {referral.code} can be taken back now.", "What is in e-RS is corrected in e-RS."
        )
    ended = referral.ended_as
    referral.confirmed_by = referral.confirmed_at = None
    if referral.state != "IN_REVIEW":
        referral.ended_as = referral.ended_why = None
        referral.duplicate_of = None
        move(session, referral, "IN_REVIEW", by, now, undone=ended or "ready")
        # about an identifier, so that confirming them again settles it
        says = f"{by} took it back to look at it again: confirm it when it is right."
        raise_problem(session, referral, REOPENED, says, now, field="patient.nhs_number", by=by)
    else:
        referral.version += 1
    session.add(referral)
    record(session, "referral.undone", referral.code, by, now, {"what": ended or "confirmation"})
    return weigh(session, referral, now, settings=settings, by=by)


def earlier_value(session: Session, referral: Referral, field: str) -> Reading | None:
    """The value that a field had before the present one; None where it never had another."""
    rows = session.exec(
        select(Reading)
        .where(Reading.referral_id == referral.id, Reading.field == field)
        .order_by(col(Reading.id).desc())
        .limit(20)
    ).all()
    if not rows:
        return None
    return next((row for row in rows if not row.current and row.value != rows[0].value), None)


def undo_value(
    session: Session, referral: Referral, field: str, by: str, now: dt.datetime, *, settings: Settings
) -> Weighed:
    """Put the value back that a field had before, with its place on the page and with the doubt it had."""
    field = check_field(field)
    check_changeable(session, referral, words_for(field))
    earlier = earlier_value(session, referral, field)
    if earlier is None:
        raise Refused("undo", f"The {words_for(field)} never had another value.", "Type what is right.")
    back = NewValue(
        earlier.value or "", earlier.accepted, earlier.confidence, earlier.how, earlier.page_id, earlier.box
    )
    replace_reading(session, referral, field, back, by, now)
    if field in IDENTIFIERS:
        referral.confirmed_by = referral.confirmed_at = None
    referral.version += 1
    session.add(referral)
    record(session, "referral.value_set", referral.code, by, now, {"field": field, "undone": True})
    return weigh(session, referral, now, settings=settings, by=by)
