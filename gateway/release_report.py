"""What people ask of a release: how it stands, that it stop, and what they decide about a create whose answer was lost."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from gateway.errors import NotFound, Refused, WrongInput
from gateway.events import record
from gateway.field_values import parse_ubrn
from gateway.referrals import find_referral, open_problems, settle
from gateway.release_journal import CREATE, SEND_AGAIN, open_creates
from gateway.release_pick import count_left, counts, list_waiting
from gateway.release_unsure import adopt
from gateway.states import move
from gateway.store import Store, get_fact
from gateway.sweep_findings import CODE, pairs
from gateway.tables import Attempt, Event, PageUse, Problem, Reading, Referral, Release, ReleaseItem
from gateway.tables_reference import Service

RECENT = dt.timedelta(minutes=10)
DECISIONS = ("adopt", "send-again", "close")

_AT_ONCE = 500  # referrals of which values are asked for together; a database takes only so many numbers


def last_release(session: Session) -> Release | None:
    """The newest release."""
    return session.exec(select(Release).order_by(col(Release.id).desc()).limit(1)).first()


def release_status(session: Session, now: dt.datetime) -> dict[str, Any]:
    """Who, since when, the pace, sent, waiting, what needs a person, the forecast end; `release` is None before the first."""
    release = last_release(session)
    if release is None:
        return {"release": None, "state": "NONE", **_queue(session)}
    sent = _of(session, release, ("SENT", "CLOSED"))
    waiting = count_left(session, None)
    recent = _sent_since(session, release, max(release.opened_at, now - RECENT))
    minutes = max(1.0, (min(now, release.ended_at or now) - max(release.opened_at, now - RECENT)).total_seconds()) / 60
    calls = session.exec(
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.release_id == release.id, col(Attempt.closed_at) >= now - dt.timedelta(minutes=1))
    ).one()
    going = release.state == "DRAINING"
    end = now + dt.timedelta(minutes=waiting * minutes / recent) if going and recent and waiting else None
    unchecked = json.loads(get_fact(session, "release.unchecked") or "{}")
    return {
        "release": release.code,
        "state": release.state,
        "reason": _reason(session, release),
        "says": release.says,
        "operator": release.operator,
        "organisation": release.organisation,
        "role": release.role,
        "since": release.opened_at,
        "seen_at": release.seen_at,
        "ended_at": release.ended_at,
        "stop_asked_by": release.stop_asked_by,
        "calls_last_minute": calls,
        "sent_per_minute": round(recent / minutes, 1),
        "sent": sent,
        "forecast_end": end,
        "not_checked": unchecked.get("says", []) if unchecked.get("release") == release.code else [],
        "already_in_ers": _in_question(session),
        **(queue := _queue(session)),
        # what it refused without a UBRN went back to review at once, with the reason as its question
        "refused": queue["refused"] + _of(session, release, ("IN_REVIEW",)),
    }


# why a release paused, by the word that its event holds, as a clerk says it
PAUSES = {
    "sign_in": "sign in",
    "role": "role or organisation not allowed",
    "away": "e-RS is away",
    "stop": "interrupted",
    "alarm": "ALARM, look before anything else",
    "answers": "answers are lost",
    "lost": "taken over by another release",
    "store": "trouble with the database",
    "defect": "a fault of the gateway",
}


def _reason(session: Session, release: Release) -> str | None:
    """Why it is paused, in a few words; None while it is not."""
    if release.state != "PAUSED":
        return None
    query = select(Event).where(Event.subject == release.code, Event.action == "release.paused")
    paused = session.exec(query.order_by(col(Event.seq).desc()).limit(1)).first()
    return PAUSES.get(str(paused.data.get("reason")), "interrupted") if paused else "interrupted"


def _in_question(session: Session) -> list[str]:
    """Referrals beside what e-RS held for the same patient and specialty, while a person has not decided."""
    open_now = select(Problem.referral_id).where(Problem.code == CODE, col(Problem.settled_at).is_(None))
    rows = session.exec(select(Referral).where(col(Referral.id).in_(open_now))).all()
    return [f"{pair.referral} and {pair.ubrn} ({pair.found_in})" for pair in pairs(session, rows)] if rows else []


def _queue(session: Session) -> dict[str, int]:
    states = counts(session, None)
    held = session.exec(
        select(func.count()).select_from(Referral).where(Referral.state == "READY", col(Referral.hold_why).is_not(None))
    ).one()
    return {
        "waiting": count_left(session, None),
        "sending": states.get("SENDING", 0),
        "unsure": states.get("UNSURE", 0),
        "refused": states.get("REFUSED", 0),
        "in_review": states.get("IN_REVIEW", 0),
        "held": held,
        "letters_being_scanned": states.get("SENT", 0),
    }


def _of(session: Session, release: Release, states: tuple[str, ...]) -> int:
    return session.exec(
        select(func.count(func.distinct(ReleaseItem.referral_id)))
        .join(Referral, col(Referral.id) == ReleaseItem.referral_id)
        .where(ReleaseItem.release_id == release.id, col(Referral.state).in_(states))
    ).one()


def _sent_since(session: Session, release: Release, since: dt.datetime) -> int:
    return session.exec(
        select(func.count(func.distinct(ReleaseItem.referral_id)))
        .join(Referral, col(Referral.id) == ReleaseItem.referral_id)
        .where(ReleaseItem.release_id == release.id, col(Referral.sent_at) >= since)
    ).one()


def would_send(
    session: Session, practice: str | None, now: dt.datetime, most: int | None = None
) -> list[dict[str, Any]]:
    """What a release would send, in its order, with what e-RS would hold (a patient's values: never log them); pages, not files.

    The files themselves are made when they are sent: drawing them takes a tenth of a second for each referral.
    """
    waiting = list_waiting(session, practice, now, most)
    parts = (waiting[start : start + _AT_ONCE] for start in range(0, len(waiting), _AT_ONCE))
    return [row for some in parts for row in _planned(session, some)]


def _planned(session: Session, waiting: Sequence[Referral]) -> list[dict[str, Any]]:
    ids = [referral.id for referral in waiting]
    said: dict[int, dict[str, str]] = {}
    fields = ("referral.priority", "patient.nhs_number")
    found = select(Reading.referral_id, Reading.field, Reading.value).where(
        col(Reading.referral_id).in_(ids), col(Reading.field).in_(fields), col(Reading.current).is_(True)
    )
    for number, field, value in session.exec(found):
        said.setdefault(number, {})[field] = value or ""
    used = select(PageUse.referral_id, func.count()).where(col(PageUse.referral_id).in_(ids))
    pages = dict(session.exec(used.group_by(col(PageUse.referral_id))).all())
    names = {service.service_id: service.name for service in session.exec(select(Service))}
    return [
        {
            "referral": referral.code,
            "clock": referral.pathway_start or referral.arrived_at,
            "priority": said.get(referral.id or 0, {}).get("referral.priority"),
            "nhs_number": said.get(referral.id or 0, {}).get("patient.nhs_number"),
            "service": f"{referral.service_id} {names.get(referral.service_id or '', '')}".strip(),
            "specialty": referral.specialty_code,
            "clinic_type": referral.clinic_type,
            "clinician": referral.referring_clinician,
            "pages": pages.get(referral.id or 0, 0),
        }
        for referral in waiting
    ]


def ask_stop(session: Session, by: str, now: dt.datetime) -> Release:
    """Ask the running release to stop after the referrals that are on their way; one that is paused ends at once."""
    release = last_release(session)
    if release is None or release.state not in ("DRAINING", "PAUSED"):
        raise NotFound("release", "No release is running.", "See `gateway release status`.")
    release.stop_asked_by = by
    record(session, "release.stop_asked", release.code, by, now)
    if release.state == "PAUSED":
        release.state, release.ended_at = "STOPPED", now
        record(session, "release.ended", release.code, by, now, {"paused": True})
    session.add(release)
    return release


def resolve_unsure(
    store: Store,
    code: str,
    *,
    decision: str,
    ubrn: str | None = None,
    by: str,
    why: str,
    now: dt.datetime,
) -> Referral:
    """A person's word on an UNSURE referral: `adopt` (it is this UBRN), `send-again` (one more create), or `close`.

    After `adopt` the next release reads it back before anything else. After `send-again` and `close` the lost create stays open
    and is looked for again (P4). `why` is needed for all but `adopt`. Refused in any other state.
    """
    if decision not in DECISIONS:
        raise WrongInput("decision", f"There is no decision '{decision}'.", f"Choose one of: {', '.join(DECISIONS)}.")
    if not by.strip():
        raise WrongInput("by", "A decision needs a name.", "Give --by with your name.")
    if decision != "adopt" and not why.strip():
        raise WrongInput("why", "A decision needs its reason.", "Say with --why what you saw in e-RS.")
    with store.write() as session:
        referral = find_referral(session, code)
        if referral.state != "UNSURE":
            raise Refused("state", f"{referral.code} is {referral.state}, not UNSURE.", "There is nothing to resolve.")
        if decision == "adopt":
            _adopt(session, referral, ubrn, by, now)
        elif decision == "send-again":
            _send_again(session, referral, by, why, now)
        else:
            _close(session, referral, ubrn, by, why, now)
        settle(
            session, referral, [p for p in open_problems(session, referral) if p.code.startswith("unsure_")], by, now
        )
        return referral


def _adopt(session: Session, referral: Referral, ubrn: str | None, by: str, now: dt.datetime) -> None:
    found = _checked(session, referral, ubrn)
    adopt(session, referral, found, "", f"{by} found it in e-RS", by, now)


def _checked(session: Session, referral: Referral, ubrn: str | None) -> str:
    if not ubrn:
        raise WrongInput("ubrn", "The UBRN is missing.", "Give --ubrn with its twelve digits.")
    found = parse_ubrn(ubrn)
    other = session.exec(select(Referral.code).where(Referral.ubrn == found, Referral.id != referral.id)).first()
    if other is not None:
        raise Refused("ubrn", f"That UBRN belongs to {other} already.", "Look at both in e-RS.")
    return found


def _send_again(session: Session, referral: Referral, by: str, why: str, now: dt.datetime) -> None:
    assert referral.id is not None
    newest = max((a.opened_at for a in open_creates(session, referral.id)), default=now)
    session.add(ReleaseItem(release_id=None, referral_id=referral.id, decision=SEND_AGAIN, by=by, at=max(now, newest)))
    referral.next_try_at = None
    move(session, referral, "READY", by, now, why="send again")
    record(session, "release.send_again", referral.code, by, now, {"step": CREATE, "reason_given": bool(why.strip())})
    session.add(referral)


def _close(session: Session, referral: Referral, ubrn: str | None, by: str, why: str, now: dt.datetime) -> None:
    if ubrn:
        referral.ubrn = _checked(session, referral, ubrn)
    referral.ended_as = "typed in e-RS" if referral.ubrn else "kept on PAS"
    referral.ended_why, referral.next_try_at = why.strip(), None
    move(session, referral, "CLOSED", by, now, ended_as=referral.ended_as)
    record(session, "referral.ended", referral.code, by, now, {"as": referral.ended_as})
    session.add(referral)
