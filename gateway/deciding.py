"""What a person decides about one referral: its values, the confirmation of its identifiers, service, clinician, clock, questions.

Each decision is one call inside a writing transaction, names its author, leaves its event, and weighs the referral again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from gateway.errors import NotFound, Refused, WrongInput
from gateway.events import record
from gateway.field_values import words_for
from gateway.patient_store import agreement
from gateway.readiness import OLDEST, WEIGHED, take_service
from gateway.referrals import (
    IDENTIFIERS,
    NewValue,
    Weighed,
    check_changeable,
    check_version,
    choose,
    open_problems,
    readings,
    replace_reading,
    set_value,
    settle,
    weigh,
)
from gateway.settings import Settings
from gateway.tables import Problem, Referral
from gateway.tables_reference import Clinician, Service
from templates.grammar_codes import nhs_valid
from templates.reading import FIELDS


def set_values(
    session: Session,
    referral: Referral,
    given: Mapping[str, str | bool | None],
    by: str,
    now: dt.datetime,
    *,
    settings: Settings,
    version: int | None = None,
) -> Weighed:
    """Give several fields their values at once, all or none; an empty one takes the value away."""
    check_version(referral, version)
    for field, value in given.items():
        set_value(session, referral, field, value, by, now)
    return weigh(session, referral, now, settings=settings, by=by)


def approve(
    session: Session,
    referral: Referral,
    by: str,
    now: dt.datetime,
    *,
    settings: Settings,
    despite: str = "",
    version: int | None = None,
) -> Weighed:
    """The named person compared the values with the picture: P3's second way. What else is missing comes back as sentences.

    Doubtful values become confirmed ones and questions about single values are settled. Where the patient index knows the number
    as somebody else (birth date *and* surname differ), a reason is needed as well: `despite`.
    """
    check_version(referral, version)
    check_changeable(session, referral, "approval")
    rows = readings(session, referral)
    lacking = [words_for(f) for f in IDENTIFIERS if f not in rows]
    if lacking:
        raise Refused(
            "identifiers",
            f"{referral.code} cannot be approved: the {' and the '.join(lacking)} is missing.",
            f"Set it with `gateway review set {referral.code} FIELD=VALUE`, or ring the practice.",
        )
    number, birth, family = (rows[f].value or "" for f in IDENTIFIERS)
    if not nhs_valid(number):
        raise Refused(
            "identifiers",
            f"{referral.code} cannot be approved: the check digit of the NHS number is wrong.",
            "Compare it with the picture, digit by digit, and set it; or trace the patient.",
        )
    known = agreement(session, number, birth, family)
    if len(known.differs) > 1 and not despite.strip():
        raise Refused(
            "other_patient",
            f"The patient index knows this NHS number with another birth date and another surname ({referral.code}).",
            "Find out who the patient is. If the picture is right all the same, approve with --despite REASON.",
        )
    confirmed = _confirm(session, referral, by, now)
    referral.confirmed_by, referral.confirmed_at = by, now
    referral.version += 1
    session.add(referral)
    if despite.strip():
        choose(session, referral, "identity", "as printed", despite.strip(), by, now)
    data = {"fields": confirmed, "index": known.found, "despite": bool(despite.strip())}
    record(session, "referral.confirmed", referral.code, by, now, data)
    settle(session, referral, [p for p in open_problems(session, referral) if _answered(p, rows)], by, now)
    return weigh(session, referral, now, settings=settings, by=by)


def _answered(problem: Problem, rows: Mapping[str, object]) -> bool:
    """Whether comparing the values with the picture answers it. An objection to sharing needs more than that."""
    if problem.code.startswith(WEIGHED) or problem.field == "referral.sharing_dissent":
        return False
    return problem.field in rows or problem.code in ("split", "joined")


def _confirm(session: Session, referral: Referral, by: str, now: dt.datetime) -> list[str]:
    """Put a row by this person in force for each value that no machine may act on; which fields that were."""
    doubtful = [(f, row) for f, row in readings(session, referral).items() if f in FIELDS and not row.accepted]
    for field, row in doubtful:
        how = f"compared with the picture by {by}; {row.how}"
        new = NewValue(row.value or "", True, 1.0, how, row.page_id, row.box)
        replace_reading(session, referral, field, new, by, now)
    return [*IDENTIFIERS, *(f for f, _row in doubtful if f not in IDENTIFIERS)]


def choose_service(
    session: Session,
    referral: Referral,
    service_id: str,
    by: str,
    now: dt.datetime,
    *,
    settings: Settings,
    version: int | None = None,
) -> Weighed:
    """A person chooses the service from the site's list; it stays until a person chooses another."""
    check_version(referral, version)
    check_changeable(session, referral, "service")
    service = session.get(Service, service_id)
    if service is None:
        raise NotFound(
            "service",
            f"The site's list has no service {service_id}.",
            "See `gateway review services`, or import a newer list.",
        )
    take_service(referral, service)
    choose(session, referral, "service", service_id, "chosen", by, now)
    return _decided(session, referral, "referral.service_chosen", {"service": service_id}, by, now, settings)


def choose_clinician(
    session: Session,
    referral: Referral,
    sds_id: str,
    by: str,
    now: dt.datetime,
    *,
    settings: Settings,
    version: int | None = None,
) -> Weighed:
    """A person says whose SDS user id is sent as the referring clinician; it must be in the site's list where there is one."""
    check_version(referral, version)
    check_changeable(session, referral, "referring clinician")
    if len(sds_id) != 12 or not sds_id.isdigit():
        raise WrongInput("clinician", "An SDS user id has twelve digits.", "Write it as 555000000104.")
    listed = session.exec(select(Clinician.id).where(Clinician.sds_id == sds_id)).first()
    if listed is None and session.exec(select(Clinician.id).limit(1)).first() is not None:
        raise NotFound("clinician", f"The site's list has no clinician {sds_id}.", "Import a newer list of clinicians.")
    choose(session, referral, "clinician", sds_id, "chosen", by, now)
    return _decided(session, referral, "problem.settled", {"code": "ready.clinician"}, by, now, settings)


def set_clock(
    session: Session,
    referral: Referral,
    start: dt.datetime,
    why: str,
    by: str,
    now: dt.datetime,
    *,
    settings: Settings,
    version: int | None = None,
) -> Weighed:
    """Decide the clock start: the arrival, or an original start that was given, always with its reason (P5).

    The arrival itself is kept beside it and never changed. A start in the future or more than 365 days ago is refused here already.
    """
    check_version(referral, version)
    check_changeable(session, referral, "clock start")
    if not why.strip():
        raise WrongInput(
            "clock", "A clock start needs its reason.", "Say why with --why, as 'original clock start given'."
        )
    check_clock(start, now)
    referral.pathway_start, referral.pathway_start_why = start, why.strip()
    choose(session, referral, "clock", start.astimezone(dt.UTC).isoformat(), why.strip(), by, now)
    data = {"same_as_arrival": start == referral.arrived_at}
    return _decided(session, referral, "referral.clock_set", data, by, now, settings)


def check_clock(start: dt.datetime, now: dt.datetime) -> None:
    """WrongInput where e-RS would refuse a clock start: in the future, or more than 365 days ago (A011)."""
    if start > now:
        raise WrongInput("clock", "The clock start lies in the future.", "Give an instant that has passed.")
    if now - start > OLDEST:
        raise WrongInput(
            "clock", "The clock start is more than 365 days ago.", "e-RS refuses that: enter it there by hand."
        )


_DECISIONS = {
    "dissent": ("ready.dissent", "the referrer was asked about the patient's objection"),
    "different": ("ready.duplicate", "it is not the same as the other one"),
    "ubrn": ("ready.in_ers", "the printed UBRN was looked for in e-RS"),
    "deceased": ("ready.deceased", "the death in the index was looked into"),
}


def decide(
    session: Session,
    referral: Referral,
    what: str,
    why: str,
    by: str,
    now: dt.datetime,
    *,
    settings: Settings,
    version: int | None = None,
) -> Weighed:
    """A person takes one of the stops away, with a reason: `dissent`, `different`, `ubrn`, `deceased`."""
    check_version(referral, version)
    check_changeable(session, referral, "questions")
    if what not in _DECISIONS:
        raise WrongInput("decision", f"There is no decision '{what}'.", f"It is one of: {', '.join(_DECISIONS)}.")
    if not why.strip():
        raise WrongInput("reason", "This decision needs its reason.", f"Say with --why, as: {_DECISIONS[what][1]}.")
    choose(session, referral, what, "true", why.strip(), by, now)
    return _decided(session, referral, "problem.settled", {"code": _DECISIONS[what][0]}, by, now, settings)


def settle_question(
    session: Session,
    referral: Referral,
    code: str,
    why: str,
    by: str,
    now: dt.datetime,
    *,
    settings: Settings,
    version: int | None = None,
) -> Weighed:
    """A person answers a question that reading raised (a missing page, a doubtful order): it no longer stands against READY.

    Questions that weighing asks have their own answers, and come back until these are given.
    """
    check_version(referral, version)
    check_changeable(session, referral, "questions")
    waiting = [p for p in open_problems(session, referral) if p.code == code]
    if not waiting:
        raise NotFound(
            "question", f"{referral.code} has no open question '{code}'.", f"See `gateway review show {referral.code}`."
        )
    if code.startswith(WEIGHED):
        raise Refused(
            "question", f"The question '{code}' needs its own answer: {waiting[0].says}", "See `gateway review --help`."
        )
    if not why.strip():
        raise WrongInput("reason", "An answer needs its reason.", "Say with --why what was found.")
    choose(session, referral, f"answer.{code}", "true", why.strip(), by, now)
    settle(session, referral, waiting, by, now)
    return weigh(session, referral, now, settings=settings, by=by)


def _decided(
    session: Session,
    referral: Referral,
    action: str,
    data: dict[str, Any],
    by: str,
    now: dt.datetime,
    settings: Settings,
) -> Weighed:
    referral.version += 1
    session.add(referral)
    record(session, action, referral.code, by, now, data)
    return weigh(session, referral, now, settings=settings, by=by)


def services_listed(session: Session) -> list[Service]:
    """The site's services, for a person to choose from."""
    return list(session.exec(select(Service).order_by(col(Service.name))))
