"""How a referral ends without being pushed: withdrawn, typed into e-RS by hand, kept on the PAS; and the hold, which ends nothing.

An ending always names its author and either another referral, a proof (UBRN, hospital number) or a reason (P2).
"""

from __future__ import annotations

import datetime as dt
import re

from sqlmodel import Session, col, select

from gateway.errors import Refused, WrongInput
from gateway.events import record
from gateway.field_values import parse_ubrn
from gateway.referrals import has_open_create, open_problems, settle
from gateway.states import STATE_WORDS, move
from gateway.tables import Referral
from gateway.tables_desk import Incident

DUPLICATE, RETURNED, NOT_FOR_US, NOT_A_REFERRAL = "duplicate", "returned", "not for us", "not a referral"
WITHDRAWALS = (DUPLICATE, RETURNED, NOT_FOR_US, NOT_A_REFERRAL)
UNKNOWN = "not known"  # from whom it came, where nobody could tell
TYPED, ON_PAS = "typed in e-RS", "kept on PAS"
CANCELLED = "cancelled in e-RS"  # created by mistake, and cancelled by a person (A036)


def withdraw(
    session: Session,
    referral: Referral,
    ended_as: str,
    why: str,
    by: str,
    now: dt.datetime,
    *,
    other: Referral | None = None,
    looked: bool = False,
    organisation: str = "",
) -> Incident | None:
    """End a referral that is not to be sent: `duplicate` of another, `returned` to the practice, `not for us`, `not a referral`.

    Its pages stay with it and count as kept. `looked`: the person looked in e-RS and it is not there; needed where a create was
    sent whose answer was lost (P4). What was not for us came to us by mistake: its incident is opened and returned, with
    `organisation`, from whom it came, as far as that is known, and with `why` as the way in which it was returned or passed on.
    """
    if ended_as not in WITHDRAWALS:
        raise WrongInput("ending", f"There is no ending '{ended_as}'.", f"It is one of: {', '.join(WITHDRAWALS)}.")
    if ended_as == DUPLICATE:
        _check_other(referral, other)
    elif not why.strip():
        raise WrongInput("reason", "An ending needs its reason.", "Say with --why.")
    _check_not_in_ers(session, referral, looked)
    _leave_draft(session, referral, by, now)
    referral.ended_as, referral.ended_why = ended_as, why.strip() or None
    if other is not None:
        referral.duplicate_of = other.id
        # the earliest arrival stays the clock start: the one that is kept takes it over (referral-office section 5)
        _keep_earliest_clock(session, other, referral, by, now)
    _end(session, referral, "WITHDRAWN", {"as": ended_as, "other": other.code if other else None}, by, now)
    if ended_as != NOT_FOR_US:
        return None
    return _open_incident(session, referral, organisation.strip(), why.strip(), by, now)


def _open_incident(
    session: Session, referral: Referral, organisation: str, returned_how: str, by: str, now: dt.datetime
) -> Incident:
    """Note for the information-governance lead what was sent to us by mistake, in the transaction of its ending."""
    incident = Incident(
        referral_id=referral.id or 0,
        organisation=organisation[:200] or UNKNOWN,
        returned_how=returned_how[:500],
        opened_by=by,
        opened_at=now,
    )
    session.add(incident)
    session.flush()
    record(session, "incident.opened", referral.code, by, now, {"incident": incident.name})
    return incident


def _check_other(referral: Referral, other: Referral | None) -> None:
    if other is None:
        raise WrongInput("duplicate", "A duplicate names the other referral.", "Say which with --duplicate-of R-....")
    if other.id == referral.id:
        raise WrongInput("duplicate", f"{referral.code} cannot be a duplicate of itself.", "Name the other one.")
    if other.state == "WITHDRAWN":
        raise Refused("duplicate", f"{other.code} is withdrawn itself.", "Name the one that is kept.")


def _keep_earliest_clock(session: Session, kept: Referral, ended: Referral, by: str, now: dt.datetime) -> None:
    start = kept.pathway_start or kept.arrived_at
    earlier = ended.pathway_start or ended.arrived_at
    if earlier < start and kept.state in {"DRAFT", "IN_REVIEW", "READY"} and not has_open_create(session, kept):
        kept.pathway_start = earlier
        kept.pathway_start_why = clock_why(ended)
        kept.version += 1
        session.add(kept)
        record(session, "referral.clock_set", kept.code, by, now, {"from": ended.code})


def clock_why(ended: Referral) -> str:
    """Why the one that is kept has the clock start of its duplicate."""
    return f"{ended.code}, the same referral, arrived first"


def _check_not_in_ers(session: Session, referral: Referral, looked: bool) -> None:
    if referral.ubrn:
        raise Refused(
            "in_ers",
            f"{referral.code} is in e-RS already.",
            f"If it was created by mistake: `gateway queue cancel {referral.code}`.",
        )
    if has_open_create(session, referral) and not looked:
        raise Refused(
            "unsure",
            f"{referral.code} may be in e-RS: a create was sent and its answer was lost.",
            "Look there first; if it is not there, say so with --looked.",
        )


def close_typed(session: Session, referral: Referral, ubrn: str, by: str, now: dt.datetime) -> None:
    """A person entered it in e-RS by hand: the UBRN is the proof, and must not be another referral's."""
    number = parse_ubrn(ubrn)
    taken = session.exec(select(Referral.code).where(Referral.ubrn == number, col(Referral.id) != referral.id)).first()
    if taken:
        raise Refused("ubrn", f"{taken} has this UBRN already.", "Compare the number with e-RS and type it again.")
    if referral.ubrn and referral.ubrn != number:
        raise Refused("ubrn", f"{referral.code} has another UBRN already.", "Compare the two in e-RS.")
    _leave_draft(session, referral, by, now)
    referral.ubrn, referral.ended_as, referral.sent_at = number, TYPED, now
    _end(session, referral, "CLOSED", {"as": TYPED}, by, now)


def close_on_pas(session: Session, referral: Referral, hospital_number: str, by: str, now: dt.datetime) -> None:
    """It is kept on the hospital's own system and never enters e-RS: the hospital number is the proof."""
    number = hospital_number.strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 /\-]{1,19}", number):
        raise WrongInput("hospital_number", "That is not a hospital number.", "Write letters and digits only.")
    _check_not_in_ers(session, referral, looked=False)
    _leave_draft(session, referral, by, now)
    referral.ended_as, referral.ended_why = ON_PAS, f"hospital number {number}"
    _end(session, referral, "CLOSED", {"as": ON_PAS}, by, now)


def _leave_draft(session: Session, referral: Referral, by: str, now: dt.datetime) -> None:
    if referral.state == "DRAFT":
        move(session, referral, "IN_REVIEW", by, now)


def _end(session: Session, referral: Referral, to: str, data: dict[str, object], by: str, now: dt.datetime) -> None:
    settle(session, referral, open_problems(session, referral), by, now)
    move(session, referral, to, by, now)
    record(session, "referral.ended", referral.code, by, now, data)


def hold(session: Session, referral: Referral, why: str, by: str, now: dt.datetime) -> None:
    """Keep a referral back from every release until it is taken off hold; its state stays."""
    if not why.strip():
        raise WrongInput("reason", "A hold needs its reason.", "Say with --why.")
    if referral.state not in {"DRAFT", "IN_REVIEW", "READY", "REFUSED"}:
        raise Refused(
            "state",
            f"{referral.code} is {referral.state} ({STATE_WORDS.get(referral.state, '?')}); a hold comes too late.",
            "Stop the release instead: `gateway release stop`.",
        )
    referral.hold_why, referral.hold_by = why.strip(), by
    referral.version += 1
    session.add(referral)
    record(session, "referral.held", referral.code, by, now)


def unhold(session: Session, referral: Referral, by: str, now: dt.datetime) -> None:
    """Let a referral go again."""
    if referral.hold_why is None:
        raise Refused("state", f"{referral.code} is not on hold.", "See `gateway queue list --held`.")
    referral.hold_why = referral.hold_by = None
    referral.version += 1
    session.add(referral)
    record(session, "referral.unheld", referral.code, by, now)
