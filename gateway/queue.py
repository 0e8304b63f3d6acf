"""The queue of referrals: one set of filters for every verb, lists and single views, and verbs over many referrals at once.

A referral that a verb does not fit is told and passed over; the others go on (P7).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from gateway.errors import NotFound, Refused, WrongInput
from gateway.events import ACTIONS, record
from gateway.referrals import MACHINE, find_referral, open_problems, rank_of, settle, weigh
from gateway.review import london_day
from gateway.settings import Settings
from gateway.states import REFERRAL_MOVES, STATE_WORDS, move
from gateway.store import Store
from gateway.tables import Attempt, Event, Letter, Outage, Reading, Referral

_LISTED = ("referral.priority", "referral.specialty", "referrer.practice_code", "referrer.practice_name")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Filter:
    """Which referrals are meant: all given conditions hold together; codes alone name single ones. Empty: everything."""

    codes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    outage: str | None = None  # its code, or `none` for what arrived outside one
    practice: str | None = None
    priority: str | None = None  # ROUTINE, URGENT, TWO_WEEK_WAIT or `unknown`
    older_than: dt.timedelta | None = None
    held: bool | None = None

    @property
    def narrows(self) -> bool:
        """Whether anything was asked for at all."""
        return self != Filter()


@dataclass(frozen=True)
class Done:
    """What a verb did, or would do, to one referral; `refused` says why not."""

    code: str
    says: str
    refused: bool = False


def parse_age(text: str) -> dt.timedelta:
    """An age as 90m, 2h, 3d or 1w; WrongInput otherwise."""
    m = re.fullmatch(r"\s*(\d{1,5})\s*([mhdw])\s*", text.lower())
    if m is None:
        raise WrongInput("older-than", "That is not an age.", "Write it as 90m, 2h, 3d or 1w.")
    return dt.timedelta(**{_UNITS[m[2]]: int(m[1])})


def select_referrals(session: Session, wanted: Filter, now: dt.datetime, limit: int | None = None) -> list[Referral]:
    """The referrals of a filter in the order of every list: suspected cancer, urgent, routine, each the oldest first (P6)."""
    query = select(Referral).where(*_conditions(session, wanted, now))
    query = query.order_by(col(Referral.rank), col(Referral.arrived_at), col(Referral.id))
    return list(session.exec(query if limit is None else query.limit(limit)))


def _conditions(session: Session, wanted: Filter, now: dt.datetime) -> list[Any]:
    conditions: list[Any] = []
    if wanted.codes:
        conditions.append(col(Referral.id).in_([find_referral(session, code).id for code in wanted.codes]))
    if wanted.states:
        conditions.append(col(Referral.state).in_([_state(state) for state in wanted.states]))
    if wanted.outage is not None:
        conditions.append(_of_outage(session, wanted.outage))
    if wanted.practice:
        conditions.append(_among("referrer.practice_code", wanted.practice.upper()))
    if wanted.priority:
        conditions.append(_of_priority(wanted.priority))
    if wanted.older_than is not None:
        conditions.append(col(Referral.arrived_at) < now - wanted.older_than)
    if wanted.held is not None:
        conditions.append(col(Referral.hold_why).is_not(None) if wanted.held else col(Referral.hold_why).is_(None))
    return conditions


def _state(text: str) -> str:
    state = text.upper().replace("-", "_")
    if state not in REFERRAL_MOVES:
        raise WrongInput("state", f"There is no state '{text[:20]}'.", f"It is one of: {', '.join(REFERRAL_MOVES)}.")
    return state


def _of_outage(session: Session, code: str) -> Any:
    if code.lower() == "none":
        return col(Referral.outage_id).is_(None)
    outage = session.exec(select(Outage).where(Outage.code == code.upper())).first()
    if outage is None:
        raise NotFound(
            "outage", f"There is no outage {code.upper()[:12]}.", "See `gateway outage status`, or write `none`."
        )
    return col(Referral.outage_id) == outage.id


def _priority_is(*conditions: Any) -> Any:
    """Whether a referral's priority in force is so, asked of each one in its turn: most of a queue has the same priority."""
    spelled: sa.ColumnClause[str] = sa.literal_column("'referral.priority'")  # as the index has it
    query = sa.select(sa.literal(1)).where(
        col(Reading.referral_id) == col(Referral.id),
        col(Reading.field) == spelled,
        col(Reading.current).is_(True),
        *conditions,
    )
    return sa.exists(query)


def _among(field: str, value: str) -> Any:
    """The referrals of which a field says this, found by the index of that field's values rather than one by one."""
    spelled: sa.ColumnClause[str] = sa.literal_column(f"'{field}'")  # as the index has it
    found = sa.select(col(Reading.referral_id)).where(
        col(Reading.field) == spelled, col(Reading.value) == value, col(Reading.current).is_(True)
    )
    return col(Referral.id).in_(found)


def _of_priority(text: str) -> Any:
    code = text.upper().replace("-", "_").replace(" ", "_")
    if code == "UNKNOWN":
        # such a referral ranks first until a person has looked (P6): the others need not be asked
        return sa.and_(col(Referral.rank) == rank_of(None), sa.not_(_priority_is(col(Reading.value) > "")))
    if code not in ("ROUTINE", "URGENT", "TWO_WEEK_WAIT"):
        raise WrongInput(
            "priority", f"There is no priority '{text[:20]}'.", "Write ROUTINE, URGENT, TWO_WEEK_WAIT or unknown."
        )
    # an uncertain one may rank higher than it says, never lower (P6)
    return sa.and_(col(Referral.rank) <= rank_of(code), _priority_is(col(Reading.value) == code))


def queue_rows(session: Session, referrals: Sequence[Referral], now: dt.datetime) -> list[dict[str, Any]]:
    """One object for each referral, without values of the patient."""
    said = _listed_values(session, [r.id or 0 for r in referrals])
    outages = {o.id: o.code for o in session.exec(select(Outage))}
    return [_row(r, said.get(r.id or 0, {}), outages.get(r.outage_id), now) for r in referrals]


def _listed_values(session: Session, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for start in range(0, len(ids), 500):
        query = select(Reading).where(
            col(Reading.referral_id).in_(ids[start : start + 500]),
            col(Reading.field).in_(_LISTED),
            col(Reading.current).is_(True),
        )
        for row in session.exec(query):
            if row.value:
                found.setdefault(row.referral_id, {})[row.field] = row.value
    return found


def _row(referral: Referral, said: dict[str, str], outage: str | None, now: dt.datetime) -> dict[str, Any]:
    return {
        "referral": referral.code,
        "state": referral.state,
        "says": STATE_WORDS.get(referral.state, ""),
        "priority": said.get("referral.priority", "unknown"),
        "rank": referral.rank,
        "practice": said.get("referrer.practice_code") or said.get("referrer.practice_name"),
        "specialty": said.get("referral.specialty"),
        "service": referral.service_id,
        "origin": referral.origin,
        "arrived_at": referral.arrived_at,
        "pathway_start": referral.pathway_start,
        "day": london_day(referral.arrived_at, now),
        "outage": outage,
        "hold": referral.hold_why,
        "next_try_at": referral.next_try_at,
        "ubrn": referral.ubrn,
        "ended_as": referral.ended_as,
        "version": referral.version,
    }


def queue_view(session: Session, referral: Referral, now: dt.datetime) -> dict[str, Any]:
    """All that happened to one referral: its questions, attempts, letters and lines of the log; no values of the patient."""
    row = queue_rows(session, [referral], now)[0]
    attempts = session.exec(select(Attempt).where(Attempt.referral_id == referral.id).order_by(col(Attempt.id)))
    letters = session.exec(select(Letter).where(Letter.referral_id == referral.id).order_by(col(Letter.id)))
    lines = session.exec(select(Event).where(Event.subject == referral.code).order_by(col(Event.seq)))
    return {
        **row,
        "confirmed_by": referral.confirmed_by,
        "referring_clinician": referral.referring_clinician,
        "pathway_start_why": referral.pathway_start_why,
        "ended_why": referral.ended_why,
        "questions": [p.says for p in open_problems(session, referral)],
        "attempts": [
            {
                "step": a.step,
                "number": a.number,
                "at": a.opened_at,
                "outcome": a.outcome,
                "code": a.code,
                "says": a.says,
            }
            for a in attempts
        ],
        "letters": [{"letter": x.code, "kind": x.kind, "state": x.state, "why": x.why} for x in letters],
        "history": [{"at": e.at, "by": e.author, "what": ACTIONS.get(e.action, e.action)} for e in lines],
    }


Verb = Callable[[Session, Referral], str]


def for_each(store: Store, wanted: Filter, now: dt.datetime, verb: Verb, *, dry_run: bool = False) -> list[Done]:
    """Do one thing to every referral of the filter in one transaction; a dry run does it too and takes it all back.

    So a dry run says exactly what would happen, refusals included. A wrong argument is wrong for all of them and ends it.
    """
    if not wanted.narrows:
        raise WrongInput("filter", "No referral was named.", "Give codes, or a filter such as --state READY.")
    done: list[Done] = []
    with taken_back(store, dry_run) as session:
        for referral in select_referrals(session, wanted, now):
            done.append(_one(session, referral, verb))
    return done


@contextlib.contextmanager
def taken_back(store: Store, dry_run: bool) -> Iterator[Session]:
    """A writing transaction; with a dry run all that was done in it is taken back at its end."""
    try:
        with store.write() as session:
            yield session
            if dry_run:
                raise _TakeBack
    except _TakeBack:
        pass


class _TakeBack(Exception):
    """Ends a dry run, so that its transaction is rolled back."""


def _one(session: Session, referral: Referral, verb: Verb) -> Done:
    code = referral.code
    try:
        with session.begin_nested():
            return Done(code, verb(session, referral))
    except Refused as refused:
        session.expire_all()
        return Done(code, f"{refused.says} {refused.do}".strip(), refused=True)


def retry(session: Session, referral: Referral, by: str, now: dt.datetime, *, settings: Settings) -> str:
    """Let a referral be tried again: what e-RS refused goes back to review or on, what waits for its time waits no longer.

    Never a second create: an UNSURE one is only looked for again (P4).
    """
    if referral.state in {"READY", "SENT", "UNSURE"}:
        referral.next_try_at = None if referral.state == "READY" else now
        session.add(referral)
        return {"READY": "is next in its turn", "SENT": "will be looked at", "UNSURE": "will be looked for again"}[
            referral.state
        ]
    refusals = _refusals(session, referral)
    if referral.state == "REFUSED" or (referral.state == "IN_REVIEW" and refusals):
        settle(session, referral, [p for p in open_problems(session, referral) if p.code in refusals], by, now)
        if referral.state == "REFUSED" and referral.ubrn:
            referral.next_try_at = None
            if referral.hold_by is not None:
                referral.hold_why = referral.hold_by = None
                record(session, "referral.unheld", referral.code, by, now)
            session.add(referral)
            return "goes on at the step that was refused"
        if referral.state == "REFUSED":
            move(session, referral, "IN_REVIEW", by, now)
        weighed = weigh(session, referral, now, settings=settings, by=by)
        return "is READY again" if weighed.state == "READY" else f"waits for a person: {weighed.against[0]}"
    raise Refused(
        "state",
        f"{referral.code} is {referral.state} ({STATE_WORDS.get(referral.state, '?')}); there is nothing to try again.",
        "See `gateway queue show`.",
    )


def _refusals(session: Session, referral: Referral) -> set[str]:
    """The codes with which e-RS refused this referral, as the log has them."""
    query = select(Event).where(Event.subject == referral.code, Event.action == "referral.moved")
    return {
        str(e.data.get("code")) for e in session.exec(query) if e.data.get("to") == "REFUSED" and e.author != MACHINE
    }
