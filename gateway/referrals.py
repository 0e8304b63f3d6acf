"""The referral as rows: made from pages or typing, its values with their history, its rank, and whether it is ready.

Every change is one call inside a writing transaction and leaves its event; old values stay as rows that are no longer current.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.duplicates import find_duplicates
from gateway.errors import NotFound, Refused
from gateway.events import record
from gateway.field_values import check_field, parse_value, words_for
from gateway.readiness import WEIGHED, Obstacle, obstacles
from gateway.settings import Settings
from gateway.states import STATE_WORDS, move
from gateway.store import new_code
from gateway.tables import Attempt, PageUse, Problem, Reading, Referral
from templates.reading import FIELDS

MACHINE = "machine"
RANKS = {"TWO_WEEK_WAIT": 0, "URGENT": 1, "ROUTINE": 2}
IDENTIFIERS = ("patient.nhs_number", "patient.birth_date", "patient.family_name")
OPEN_TO_CHANGE = frozenset({"DRAFT", "IN_REVIEW", "READY"})


@dataclass(frozen=True)
class NewValue:
    """A value in the contract's form. `accepted`: a machine may act on it without a person (gateway.checks decides)."""

    value: str | bool
    accepted: bool
    confidence: float
    how: str
    page_id: int | None = None
    box: Sequence[float] | None = None


@dataclass(frozen=True)
class Weighed:
    """What weighing found: the state it left the referral in, and what stands against READY, each in a clerk's words."""

    state: str
    against: tuple[str, ...]


def rank_of(priority: str | None) -> int:
    """0 suspected cancer, 1 urgent, 2 routine. A priority that is missing or unknown counts as the highest (P6)."""
    return RANKS.get(priority or "", 0)


def find_referral(session: Session, code: str) -> Referral:
    """The referral with this code, in any case of letters and with or without `R-`; NotFound otherwise."""
    asked = code.strip().upper()
    asked = asked if asked.startswith("R-") else f"R-{asked}"
    referral = session.exec(select(Referral).where(Referral.code == asked)).first()
    if referral is None:
        raise NotFound("referral", f"There is no referral {asked}.", "See `gateway queue list`.")
    return referral


def make_referral(
    session: Session,
    *,
    fields: dict[str, NewValue],
    pages: Sequence[int],
    arrived_at: dt.datetime,
    outage_id: int | None,
    origin: str,
    form: str | None,
    by: str,
    now: dt.datetime,
) -> Referral:
    """Write a DRAFT referral with its pages (row ids, in reading order) and values; `weigh` then decides where it goes.

    The clock start is the arrival (P5) until a person gives another.
    """
    priority = fields["referral.priority"].value if "referral.priority" in fields else None
    referral = Referral(
        code=new_code(session, "R"),
        state="DRAFT",
        rank=_rank_for(priority, fields),
        origin=origin,
        form=form,
        arrived_at=arrived_at,
        pathway_start=arrived_at,
        pathway_start_why="received",
        outage_id=outage_id,
        created_at=now,
    )
    session.add(referral)
    session.flush()
    assert referral.id is not None
    for position, page_id in enumerate(pages, 1):
        session.add(PageUse(page_id=page_id, referral_id=referral.id, position=position))
    for field, new in fields.items():
        if field not in FIELDS:
            raise ValueError(f"unknown field {field}")
        _add_reading(session, referral, field, new, by, now)
    record(session, "referral.made", referral.code, by, now, {"origin": origin, "form": form, "pages": list(pages)})
    return referral


def _rank_for(priority: str | bool | None, fields: dict[str, NewValue]) -> int:
    """Urgent or routine only where a machine may act on it or a person said so; a doubtful one counts as the highest (P6)."""
    return rank_of(str(priority)) if priority and fields["referral.priority"].accepted else 0


def _add_reading(session: Session, referral: Referral, field: str, new: NewValue, by: str, now: dt.datetime) -> None:
    value = ("true" if new.value else "false") if isinstance(new.value, bool) else new.value
    assert referral.id is not None
    session.add(
        Reading(
            referral_id=referral.id,
            field=field,
            value=value or None,
            accepted=new.accepted,
            confidence=new.confidence,
            page_id=new.page_id,
            box=list(new.box) if new.box is not None else None,
            how=new.how,
            by=by,
            at=now,
        )
    )
    session.flush()


def readings(session: Session, referral: Referral) -> dict[str, Reading]:
    """The rows in force by field, `choice.*` included (what a person chose, see `choose`)."""
    rows = session.exec(
        select(Reading).where(Reading.referral_id == referral.id, col(Reading.current)).order_by(col(Reading.id))
    )
    return {row.field: row for row in rows if row.value is not None}


def values(session: Session, referral: Referral) -> dict[str, str | bool]:
    """The values in force by field, in the contract's form."""
    return plain_values(readings(session, referral))


def plain_values(rows: dict[str, Reading]) -> dict[str, str | bool]:
    """The same from rows that were fetched already."""
    return {
        field: row.value == "true" if field == "referral.sharing_dissent" else row.value
        for field, row in rows.items()
        if field in FIELDS and row.value is not None
    }


def check_version(referral: Referral, expected: int | None) -> None:
    """Refused when somebody changed the referral after the asker looked at it."""
    if expected is not None and referral.version != expected:
        raise Refused("stale", f"{referral.code} was changed by somebody else meanwhile.", "Look at it again first.")


def check_changeable(session: Session, referral: Referral, what: str) -> None:
    """Refused once the referral may be in e-RS: with a UBRN or on its way, what was sent must not drift from the row (P4)."""
    if referral.state not in OPEN_TO_CHANGE:
        raise Refused(
            "state",
            f"{referral.code} is {referral.state} ({STATE_WORDS.get(referral.state, '?')}); its {what} cannot be changed now.",
            "Ask the person who runs the release, or correct it in e-RS itself.",
        )
    if referral.ubrn:
        raise Refused("frozen", f"{referral.code} is in e-RS already; its {what} is frozen.", "Correct it in e-RS.")
    if has_open_create(session, referral):
        raise Refused(
            "unsure",
            f"{referral.code} may be in e-RS already: a create was sent and its answer was lost.",
            "Look for it in e-RS first; what stands there is corrected there.",
        )


def has_open_create(session: Session, referral: Referral) -> bool:
    """Whether a create (A011) was begun whose outcome nobody knows: such a referral may be in e-RS (P4)."""
    return (
        session.exec(
            select(Attempt.id).where(
                Attempt.referral_id == referral.id,
                Attempt.step == "A011",
                col(Attempt.closed_at).is_(None),
            )
        ).first()
        is not None
    )


def set_value(
    session: Session, referral: Referral, field: str, value: str | bool | None, by: str, now: dt.datetime
) -> None:
    """A person gives a field its value; None or an empty text takes a wrong one away. WrongInput in a sentence where it cannot be.

    The old row stays as history. Questions about this field are settled by it, and a confirmation of the identifiers falls when one
    of them changes. Call `weigh` afterwards.
    """
    field = check_field(field)
    check_changeable(session, referral, words_for(field))
    text = None if value is None or value == "" else parse_value(field, value, now)
    _retire(session, referral, field)
    _add_reading(session, referral, field, NewValue(text or "", True, 1.0, f"typed by {by}"), by, now)
    if field == "referral.priority":
        referral.rank = rank_of(text)
    if field in IDENTIFIERS and referral.confirmed_by:
        referral.confirmed_by = referral.confirmed_at = None
    referral.version += 1
    session.add(referral)
    record(session, "referral.value_set", referral.code, by, now, {"field": field, "removed": text is None})
    settle(session, referral, open_problems(session, referral, field=field), by, now)


def choose(session: Session, referral: Referral, what: str, value: str, why: str, by: str, now: dt.datetime) -> None:
    """Keep a person's choice (`service`, `clinician`, `clock`, `dissent`, `different`...) as a row of its own, with its history."""
    _retire(session, referral, f"choice.{what}")
    _add_reading(session, referral, f"choice.{what}", NewValue(value, True, 1.0, why), by, now)


def replace_reading(session: Session, referral: Referral, field: str, new: NewValue, by: str, now: dt.datetime) -> None:
    """Put another row in force for a field, the old one kept as history; the caller writes the event."""
    _retire(session, referral, field)
    _add_reading(session, referral, field, new, by, now)


def _retire(session: Session, referral: Referral, field: str) -> None:
    rows = session.exec(
        select(Reading).where(Reading.referral_id == referral.id, Reading.field == field, col(Reading.current))
    )
    for row in rows:
        row.current = False
        session.add(row)


def open_problems(session: Session, referral: Referral, *, field: str | None = None) -> list[Problem]:
    """What still needs a person, oldest first."""
    query = select(Problem).where(Problem.referral_id == referral.id, col(Problem.settled_at).is_(None))
    if field is not None:
        query = query.where(Problem.field == field)
    return list(session.exec(query.order_by(col(Problem.id))))


def raise_problem(
    session: Session,
    referral: Referral,
    code: str,
    says: str,
    now: dt.datetime,
    *,
    field: str | None = None,
    page_id: int | None = None,
    by: str = MACHINE,
) -> Problem:
    """Note why a person is needed, once: the same open question is not asked twice."""
    for known in open_problems(session, referral):
        if known.code == code and known.field == field and known.page_id == page_id:
            if known.says != says:
                known.says = says
                session.add(known)
            return known
    problem = Problem(referral_id=referral.id, code=code, says=says, field=field, page_id=page_id, raised_at=now)
    session.add(problem)
    record(session, "problem.raised", referral.code, by, now, {"code": code, "field": field})
    return problem


def settle(session: Session, referral: Referral, problems: Iterable[Problem], by: str, now: dt.datetime) -> None:
    """Mark questions as answered, each with its event."""
    for problem in problems:
        problem.settled_at, problem.settled_by = now, by
        session.add(problem)
        record(session, "problem.settled", referral.code, by, now, {"code": problem.code, "field": problem.field})


def weigh(session: Session, referral: Referral, now: dt.datetime, *, settings: Settings, by: str = MACHINE) -> Weighed:
    """Find what stands against READY, open and settle the questions it makes itself, and move the referral where it belongs.

    Questions that others raised (a missing page, two patients) stay until a person settles them. Only DRAFT, IN_REVIEW and READY
    are moved; anything later belongs to the release. Also fills in what follows without doubt: rank, service, clinician's id.
    """
    if referral.state not in OPEN_TO_CHANGE:
        return Weighed(referral.state, ())
    rows = readings(session, referral)
    priority = rows.get("referral.priority")
    referral.rank = rank_of(priority.value) if priority and priority.accepted else 0
    _link_duplicate(session, referral, rows, by, now)
    found = obstacles(session, referral, rows, now, settings=settings)
    _follow(session, referral, found, by, now)
    waiting = open_problems(session, referral)
    target = "IN_REVIEW" if waiting else "READY"
    if target != referral.state:
        if target == "READY":
            referral.by_machine = by == MACHINE and all(row.by == MACHINE for row in rows.values())
        move(session, referral, target, by, now, questions=[p.code for p in waiting])
    return Weighed(referral.state, tuple(p.says for p in waiting))


def _link_duplicate(session: Session, referral: Referral, rows: dict[str, Reading], by: str, now: dt.datetime) -> None:
    """Point at the earliest referral that may be the same one; the later of two asks, and only until a person has said."""
    if referral.possible_duplicate_of is not None or "choice.different" in rows:
        return
    key = (referral.arrived_at, referral.id or 0)
    earlier = [d for d in find_duplicates(session, referral) if (d.other.arrived_at, d.other.id or 0) < key]
    if earlier:
        referral.possible_duplicate_of = earlier[0].other.id
        session.add(referral)
        record(session, "referral.linked", referral.code, by, now, {"to": earlier[0].other.code, "why": earlier[0].why})


def _follow(session: Session, referral: Referral, found: list[Obstacle], by: str, now: dt.datetime) -> None:
    """Make the open questions of weighing the same as what was found now."""
    wanted = {(o.code, o.field) for o in found}
    waiting = open_problems(session, referral)
    settle(
        session,
        referral,
        [p for p in waiting if p.code.startswith(WEIGHED) and (p.code, p.field) not in wanted],
        by,
        now,
    )
    asked = {p.field for p in waiting if p.field and not p.code.startswith(WEIGHED)}
    for obstacle in found:
        # what the checks put in better words is not asked a second time
        if obstacle.code in ("ready.missing", "ready.doubtful", "ready.number") and obstacle.field in asked:
            continue
        raise_problem(session, referral, obstacle.code, obstacle.says, now, field=obstacle.field, by=by)
