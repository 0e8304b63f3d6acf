"""Taking decisions back, as long as nothing has left for e-RS: a confirmation, an ending, the last change of a value.

Nothing is erased: the step back is an event of its own, and every value stays in its history. What the ending had set going is
put right as the office would expect: questions it had settled are open again, the other one of a duplicate gets its own clock
back, an incident is marked, and a letter to the practice is stopped or, where it may be gone, followed by a call.
"""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, col, select

from gateway.confirm import void_return
from gateway.endings import DUPLICATE, NOT_FOR_US, ON_PAS, RETURNED, WITHDRAWALS, clock_why
from gateway.errors import Refused, WrongInput
from gateway.events import record
from gateway.field_values import check_field, words_for
from gateway.incidents import take_back_incidents
from gateway.letter_facts import london_time
from gateway.readiness import WEIGHED
from gateway.referrals import (
    IDENTIFIERS,
    OPEN_TO_CHANGE,
    NewValue,
    Weighed,
    check_changeable,
    choose,
    has_open_create,
    raise_problem,
    readings,
    replace_reading,
    weigh,
)
from gateway.settings import Settings
from gateway.states import move
from gateway.tables import Event, PageUse, Problem, Reading, Referral

REOPENED, TOLD_RETURNED, OTHER_SENT = "reopened", "told_returned", "other_sent"
_TAKEN_BACK = frozenset({*WITHDRAWALS, ON_PAS})  # not `typed in e-RS`: that is in e-RS


def undoable(session: Session, referral: Referral) -> str | None:
    """What can be taken back now, in words for a button; None where nothing can."""
    if referral.ubrn or has_open_create(session, referral):
        return None
    if referral.state == "READY":
        return "Look at it again"
    if referral.state in ("WITHDRAWN", "CLOSED") and referral.ended_as in _TAKEN_BACK:
        return f"Take back “{referral.ended_as}”" if _keeps_its_pages(session, referral) else None
    if referral.confirmed_by and referral.state == "IN_REVIEW":
        return "Take back the confirmation"
    return None


def _keeps_its_pages(session: Session, referral: Referral) -> bool:
    """One whose pages were joined to another has nothing left to work on."""
    if referral.origin != "document":
        return True
    return session.exec(select(PageUse.page_id).where(PageUse.referral_id == referral.id)).first() is not None


def undo(
    session: Session, referral: Referral, by: str, now: dt.datetime, *, settings: Settings, why: str = ""
) -> Weighed:
    """Take the last decision back: the referral waits for a person again, and a confirmation of its identifiers falls.

    An ending is taken back with its reason, `why`, because others may have acted on it.
    """
    if undoable(session, referral) is None:
        raise Refused("undo", _why_not(session, referral), "What is in e-RS is corrected in e-RS.")
    ended, why = referral.ended_as, " ".join(why.split())[:500]
    if ended and not why:
        raise WrongInput("why", f"Say why “{ended}” is taken back.", "A few words will do, as: pressed by mistake.")
    referral.confirmed_by = referral.confirmed_at = None
    if referral.state != "IN_REVIEW":
        says = f"{by} took it back to look at it again: confirm it when it is right."
        if ended:
            _reopen(session, referral, ended, why, by, now)
            says = f"{by} took back “{ended}” ({why}): look at it again, and confirm it when it is right."
        else:
            move(session, referral, "IN_REVIEW", by, now, undone="ready")
        # about an identifier, so that confirming them again settles it
        raise_problem(session, referral, REOPENED, says, now, field="patient.nhs_number", by=by)
    else:
        referral.version += 1
    session.add(referral)
    record(session, "referral.undone", referral.code, by, now, {"what": ended or "confirmation"})
    return weigh(session, referral, now, settings=settings, by=by)


def _why_not(session: Session, referral: Referral) -> str:
    if referral.ubrn:
        return f"{referral.code} is in e-RS: nothing is taken back here."
    if has_open_create(session, referral):
        return f"{referral.code} may be in e-RS: nothing is taken back before somebody has looked there."
    if referral.ended_as and not _keeps_its_pages(session, referral):
        return f"The pages of {referral.code} are with another referral now: split them off there."
    return f"Nothing of {referral.code} can be taken back now."


def _reopen(session: Session, referral: Referral, ended: str, why: str, by: str, now: dt.datetime) -> None:
    _ask_again(session, referral, by, now)
    if ended == DUPLICATE:
        _clock_back(session, referral, by, now)
    if ended == NOT_FOR_US:
        take_back_incidents(session, referral, why, by, now)
    if ended in (RETURNED, NOT_FOR_US):
        _tell_the_practice(session, referral, by, now)
    referral.ended_as = referral.ended_why = None
    referral.duplicate_of = None
    choose(session, referral, REOPENED, ended, why, by, now)
    move(session, referral, "IN_REVIEW", by, now, undone=ended)


def _ask_again(session: Session, referral: Referral, by: str, now: dt.datetime) -> None:
    """The ending settled what was open, though nobody had answered it: it is open again. Weighing asks its own questions."""
    ended = session.exec(
        select(Event)
        .where(Event.subject == referral.code, Event.action == "referral.ended")
        .order_by(col(Event.seq).desc())
    ).first()
    if ended is None:
        return
    query = select(Problem).where(
        Problem.referral_id == referral.id, Problem.settled_at == ended.at, Problem.settled_by == ended.author
    )
    for problem in session.exec(query.order_by(col(Problem.id))):
        if not problem.code.startswith(WEIGHED):
            problem.settled_at = problem.settled_by = None
            session.add(problem)
            record(session, "problem.raised", referral.code, by, now, {"code": problem.code, "field": problem.field})


def _clock_back(session: Session, referral: Referral, by: str, now: dt.datetime) -> None:
    """The other one had taken this one's earlier arrival over as its clock start: it gets its own back, or a person is told."""
    other = session.get(Referral, referral.duplicate_of) if referral.duplicate_of is not None else None
    if other is None or other.pathway_start_why != clock_why(referral):
        return
    if other.state in OPEN_TO_CHANGE and not other.ubrn and not has_open_create(session, other):
        decided = readings(session, other).get("choice.clock")
        start = dt.datetime.fromisoformat(decided.value or "") if decided else other.arrived_at
        other.pathway_start, other.pathway_start_why = start, decided.how if decided else "received"
        other.version += 1
        session.add(other)
        record(session, "referral.clock_set", other.code, by, now, {"same_as_arrival": start == other.arrived_at})
        return
    says = (
        f"{other.code} was sent with this one's arrival as its clock start: correct the clock of {other.code} in e-RS."
    )
    raise_problem(session, referral, OTHER_SENT, says, now, by=by)


def _tell_the_practice(session: Session, referral: Referral, by: str, now: dt.datetime) -> None:
    """A practice that was told "returned" acts on it: unless the letter surely never left, somebody rings before it is sent."""
    letters = void_return(session, referral, by, now)
    if not letters:
        return
    last = letters[-1]
    when = f"was sent on {london_time(last.sent_at)}" if last.sent_at else "was written and may have been sent"
    says = (
        f"Letter {last.code}, which says that it is returned, {when}: "
        "ring the practice that we enter it after all, so that nobody sends it twice."
    )
    raise_problem(session, referral, TOLD_RETURNED, says, now, by=by)


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
