"""The lost create: looking for it in e-RS, adopting it, or asking a person; nothing here ever creates anything (ers.md section 8).

The arrival instant to the millisecond is the fingerprint by which our own referral is known. "Could not look" is never taken for
"not there", and only a person says `send again`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from gateway.ers_views import ListEntry, ReferralView, instant
from gateway.events import record
from gateway.referrals import open_problems, raise_problem, settle
from gateway.release_journal import CREATE, open_creates
from gateway.release_line import Line
from gateway.release_steps import GATEWAY
from gateway.states import move
from gateway.tables import Attempt, Event, Referral
from gateway.target import End, milliseconds

BEFORE = dt.timedelta(minutes=5)
AFTER = dt.timedelta(minutes=15)
NEXT_DAY = dt.timedelta(days=1)
LISTS = ("LETTERS_OUTSTANDING", "AWAITING_BOOKING")


@dataclass(frozen=True)
class Match:
    """What the candidates in e-RS turned out to be, by UBRN."""

    exact: tuple[ReferralView, ...] = ()
    no_clock: tuple[ReferralView, ...] = ()  # equal in all that is shown, but e-RS does not show the clock start
    near: tuple[ReferralView, ...] = ()  # equal but for clock start or service: probably the practice's own entry
    looked: bool = True
    others: tuple[str, ...] = field(default=())


def fetch_lists(line: Line) -> list[ListEntry] | None:
    """Both referrer's worklists (A008); None when either could not be had whole."""
    entries: list[ListEntry] = []
    for kind in LISTS:
        outcome = line.ask(lambda correlation, k=kind: line.client.worklist(k, correlation))  # type: ignore[misc]
        if not outcome.done:
            return None
        entries.extend(outcome.body)
    return entries


def look_for_all(line: Line, referral_ids: Iterable[int]) -> dict[int, End]:
    """Look for several UNSURE referrals with one fetch of the worklists."""
    ids = list(referral_ids)
    if not ids:
        return {}
    entries = fetch_lists(line)
    return {referral_id: look_for(line, referral_id, entries) for referral_id in ids}


def look_for(line: Line, referral_id: int, entries: list[ListEntry] | None) -> End:
    """One look for one UNSURE referral: SENT: adopted, it goes on; UNSURE: looked and not found; LATER: could not look."""
    with line.store.read() as session:
        referral = session.get_one(Referral, referral_id)
        unknown = open_creates(session, referral_id)
        answered = _answered_late(session, referral_id)
    if referral.state != "UNSURE":
        return End.BACK
    if answered is not None:  # the answer came after all, to a process that had lost its turn
        _adopt(
            line, referral_id, answered.answer["ubrn"], str(answered.answer.get("version", "")), "its own late answer"
        )
        return End.SENT
    if any(attempt.organisation != line.organisation for attempt in unknown):
        _postpone(line, referral_id, unknown, looked=False)
        return End.LATER  # worklists are the organisation's: only the same one can look
    match = find(line, referral_id, unknown, entries)
    if not match.looked:
        _postpone(line, referral_id, unknown, looked=False)
        return End.LATER
    if len(match.exact) == 1 and not match.no_clock:
        view = match.exact[0]
        _adopt(
            line, referral_id, view.ubrn, view.version, "patient, priority, service and clock start to the millisecond"
        )
        return End.SENT
    _ask_or_wait(line, referral_id, unknown, match)
    return End.UNSURE


def _answered_late(session: Session, referral_id: int) -> Attempt | None:
    rows = session.exec(
        select(Attempt)
        .where(Attempt.referral_id == referral_id, Attempt.step == CREATE, Attempt.outcome == "done")
        .order_by(col(Attempt.id).desc())
    )
    return next((attempt for attempt in rows if attempt.answer.get("ubrn")), None)


def find(line: Line, referral_id: int, unknown: list[Attempt], entries: list[ListEntry] | None) -> Match:
    """Compare what the worklists hold with what was sent; each candidate is read (A005)."""
    if entries is None:
        return Match(looked=False)
    with line.store.read() as session:
        owned = set(session.exec(select(Referral.ubrn).where(col(Referral.ubrn).is_not(None))))
        owned |= cancelled_here(session, referral_id)
    exact: list[ReferralView] = []
    no_clock: list[ReferralView] = []
    near: list[ReferralView] = []
    seen: set[str] = set()
    others: set[str] = set()
    for entry in entries:
        if entry.ubrn in owned or entry.ubrn in seen:
            continue
        attempt = next((a for a in unknown if _candidate(entry, a)), None)
        if attempt is None:
            if any(entry.nhs_number == a.asked.get("nhs") for a in unknown):
                others.add(entry.ubrn)
            continue
        seen.add(entry.ubrn)
        ubrn = entry.ubrn
        outcome = line.step(
            referral_id,
            "A005",
            {"ubrn": ubrn, "why": "candidate"},
            lambda c, u=ubrn: line.client.referral(u, c),  # type: ignore[misc]
        )
        if not outcome.done:
            return Match(looked=False)
        kind = compare(attempt, outcome.body)
        {"exact": exact, "no clock": no_clock, "near": near}.get(kind, []).append(outcome.body)
    return Match(tuple(exact), tuple(no_clock), tuple(near), True, tuple(sorted(others)))


def cancelled_here(session: Session, referral_id: int) -> set[str]:
    """The UBRNs that a person cancelled for this referral as created by mistake (A036): none of them is taken for the lost one."""
    code = session.get_one(Referral, referral_id).code
    lines = session.exec(select(Event.data).where(Event.subject == code, Event.action == "referral.cancelled"))
    return {str(data.get("ubrn")) for data in lines}


def _candidate(entry: ListEntry, attempt: Attempt) -> bool:
    """Same patient, same priority, created while the create was under way."""
    if entry.nhs_number != attempt.asked.get("nhs"):
        return False
    if entry.priority not in (None, attempt.asked.get("priority")):  # A005 compares it once more
        return False
    gave_up = instant(attempt.answer.get("gave_up_at")) or attempt.opened_at + AFTER
    return entry.created is None or attempt.opened_at - BEFORE <= entry.created <= gave_up + AFTER


def compare(attempt: Attempt, view: ReferralView) -> str:
    """`exact`, `no clock`, `near` or `other`: how a referral in e-RS agrees with what a create sent."""
    asked = attempt.asked
    same = (
        view.nhs_number == asked.get("nhs")
        and view.priority == asked.get("priority")
        and view.specialty == asked.get("specialty")
        and view.clinic_type == asked.get("clinic_type")
    )
    if not same:
        return "other"
    services = list(view.services) == list(asked.get("services", []))
    if view.pathway_start is None:
        return "no clock" if services else "near"
    clock = milliseconds(view.pathway_start) == asked.get("pathway_start")
    return "exact" if services and clock else "near"


def _adopt(line: Line, referral_id: int, ubrn: str, version: str, how: str) -> None:
    now = line.clock()
    with line.store.write() as session:
        referral = session.get_one(Referral, referral_id)
        adopt(session, referral, ubrn, version, how, GATEWAY, now)
    line.gate.create_answered(True)


def adopt(session: Session, referral: Referral, ubrn: str, version: str, how: str, by: str, now: dt.datetime) -> None:
    """The lost create is known: the referral goes on with its UBRN, and how it was matched is recorded."""
    assert referral.id is not None
    for attempt in open_creates(session, referral.id)[-1:]:
        attempt.outcome, attempt.closed_at = "done", now
        attempt.answer = {**attempt.answer, "ubrn": ubrn, "version": version, "matched_by": how}
        session.add(attempt)
        data = {"step": CREATE, "number": attempt.number, "outcome": "done", "matched_by": how}
        record(session, "attempt.closed", referral.code, by, now, data)
    asked = [p for p in open_problems(session, referral) if p.code.startswith("unsure_")]
    settle(session, referral, asked, by, now)
    referral.ubrn, referral.ers_version, referral.next_try_at = ubrn, version or None, None
    if referral.state == "UNSURE":
        move(session, referral, "SENDING", by, now, ubrn=ubrn, matched_by=how)
    session.add(referral)


def _ask_or_wait(line: Line, referral_id: int, unknown: list[Attempt], match: Match) -> None:
    """Not one exact match: ask a person where there is something to show, else look again, and in the end say NOT FOUND."""
    code, says = _question(match)
    if code is None:
        if _postpone(line, referral_id, unknown, looked=True):
            return
        code, says = (
            "unsure_not_found",
            "The create was sent, its answer was lost, and e-RS does not show the referral. Look in e-RS yourself; "
            "then say `send again`, or give the UBRN that you found.",
        )
        if match.others:
            says += f" Other referrals of this patient there: {', '.join(match.others)}."
    now = line.clock()
    with line.store.write() as session:
        referral = session.get_one(Referral, referral_id)
        raise_problem(session, referral, code, says, now, by=GATEWAY)
        referral.next_try_at = None
        session.add(referral)


def _question(match: Match) -> tuple[str | None, str]:
    if len(match.exact) + len(match.no_clock) > 1:
        found = ", ".join(view.ubrn for view in (*match.exact, *match.no_clock))
        return (
            "unsure_several",
            f"Several referrals in e-RS could be this one: {found}. Say which, and cancel what is double.",
        )
    if match.no_clock:
        return (
            "unsure_no_clock",
            f"{match.no_clock[0].ubrn} in e-RS agrees in everything that it shows, but it shows no clock start. Is it this one?",
        )
    if match.near:
        found = ", ".join(view.ubrn for view in match.near)
        return (
            "unsure_near",
            f"{found} in e-RS is the same patient and specialty with another clock start or service: "
            "probably the practice's own entry. Is it the same referral?",
        )
    return None, ""


def _postpone(line: Line, referral_id: int, unknown: list[Attempt], *, looked: bool) -> bool:
    """Set the time of the next look; False when all looks of the schedule are done. A look that failed does not count."""
    now, again = line.clock(), line.settings.ers.look_again_minutes
    with line.store.write() as session:
        referral = session.get_one(Referral, referral_id)
        done, first = 0, now
        for row in unknown[-1:]:
            attempt = session.get_one(Attempt, row.id)
            first = instant(attempt.answer.get("first_look")) or now
            done = int(attempt.answer.get("looks", 0)) + (1 if looked else 0)
            attempt.answer = {
                **attempt.answer,
                "looks": done,
                "first_look": first.isoformat(),
                "last_look": now.isoformat(),
            }
            session.add(attempt)
        if done > len(again):
            return False
        minutes = again[max(0, done - 1)]
        due = first + dt.timedelta(minutes=minutes * line.scale)
        # after a time in which nobody could look, the next one is not yesterday
        referral.next_try_at = due if due > now else now + dt.timedelta(minutes=again[0] * line.scale)
        session.add(referral)
        return True


def found_after_all(line: Line, referral_id: int) -> bool:
    """Just before a person's `send again` is carried out: one more look, so that what has appeared meanwhile is adopted instead."""
    with line.store.read() as session:
        unknown = [a for a in open_creates(session, referral_id) if a.organisation == line.organisation]
    if not unknown:
        return False
    match = find(line, referral_id, unknown, fetch_lists(line))
    if len(match.exact) != 1 or match.no_clock:
        return False
    _adopt(line, referral_id, match.exact[0].ubrn, match.exact[0].version, "a look before it was sent again")
    return True


def look_back(line: Line) -> int:
    """Creates that a person decided to send again, or to close, stay open: they are looked for after the new one and the next day.

    Returns how many turned out to exist after all; each is an alarm, because the patient then has two.
    """
    now = line.clock()
    with line.store.read() as session:
        rows = [
            (attempt, referral)
            for attempt, referral in session.exec(
                select(Attempt, Referral)
                .join(Referral, col(Referral.id) == col(Attempt.referral_id))
                .where(
                    Attempt.step == CREATE,
                    col(Attempt.closed_at).is_(None),
                    Attempt.organisation == line.organisation,
                    col(Referral.state).in_(("SENT", "CLOSED")),
                )
            )
            if (instant(attempt.answer.get("look_back_at")) or now) <= now
        ]
    if not rows:
        return 0
    entries, found = fetch_lists(line), 0
    for attempt, referral in rows:
        match = find(line, attempt.referral_id, [attempt], entries)
        if not match.looked:
            continue
        there = (*match.exact, *match.no_clock)
        found += bool(there)
        with line.store.write() as session:
            _note_look_back(session, session.get_one(Attempt, attempt.id), referral.code, there, now)
    return found


def _note_look_back(
    session: Session, attempt: Attempt, code: str, there: tuple[ReferralView, ...], now: dt.datetime
) -> None:
    if there:
        referral = session.get_one(Referral, attempt.referral_id)
        ubrns = ", ".join(view.ubrn for view in there)
        says = (
            f"The earlier create is in e-RS after all: {ubrns}, beside {referral.ubrn or 'no other'}. "
            "Cancel one of them as raised in error."
        )
        raise_problem(session, referral, "second_in_ers", says, now, by=GATEWAY)
        record(session, "ers.alarm", code, GATEWAY, now, {"code": "second_in_ers"})
        attempt.answer = {**attempt.answer, "ubrn": there[0].ubrn}
        attempt.outcome, attempt.closed_at = "done", now
    elif "look_back_at" in attempt.answer:
        attempt.outcome, attempt.closed_at = "not_sent", now
        attempt.says = "Looked for once more on the next day: it is not in e-RS."
    else:
        attempt.answer = {**attempt.answer, "look_back_at": (now + NEXT_DAY).isoformat()}
    session.add(attempt)
