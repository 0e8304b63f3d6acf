"""Is it in e-RS already? The worklists that may be seen are fetched once for the whole queue, and a likely double goes to a person.

Nothing in e-RS searches by patient, so this can never be complete; what could not be seen is said in sentences (ers.md section 9).
The section wants a look when e-RS returns and another just before sending. Two fetches a day for each service are one look at
both lists of the hospital, so it is spent on the later one: it also sees what practices entered since e-RS returned.
"""

from __future__ import annotations

import datetime as dt
import json

from sqlmodel import Session, col, select

from gateway.ers_bodies import PROVIDER_LISTS, REFERRER_LISTS
from gateway.ers_views import ListEntry
from gateway.events import record
from gateway.referrals import raise_problem, values
from gateway.release_journal import open_creates
from gateway.release_line import Line
from gateway.release_steps import GATEWAY
from gateway.states import move
from gateway.store import get_fact, set_fact
from gateway.tables import Problem, Referral

WEEKS = 8  # how old an entry of the same specialty may be to count as perhaps the same
A_DAY = 2  # fetches for each service, of whichever of its lists (A008, application-restricted)
NEVER_SEEN = "Referrals that others made in e-RS and have not booked or sent yet cannot be seen by anybody but them."


def sweep(line: Line, practice: str | None) -> list[str]:
    """Look for doubles of the READY referrals; those found go to review. Returns what could not be checked."""
    with line.store.read() as session:
        ready = session.exec(select(Referral).where(Referral.state == "READY", col(Referral.ubrn).is_(None))).all()
        services = sorted({referral.service_id for referral in ready if referral.service_id})
    if not ready:
        return []
    entries, missed = _referrer_lists(line)
    seen, more = _provider_lists(line, services)
    entries += seen
    missed += [*more, NEVER_SEEN]
    _match(line, [int(r.id) for r in ready if r.id is not None], entries)
    return missed


def _referrer_lists(line: Line) -> tuple[list[ListEntry], list[str]]:
    if not line.role.startswith("REFERRING_"):
        return [], [f"The referrer's lists cannot be seen as {line.role}."]
    entries: list[ListEntry] = []
    missed: list[str] = []
    for kind in REFERRER_LISTS:
        outcome = line.ask(lambda correlation, k=kind: line.client.worklist(k, correlation))  # type: ignore[misc]
        if outcome.done:
            entries.extend(outcome.body)
        else:
            missed.append(f"The list {kind} of {line.organisation} could not be fetched: {outcome.says}")
    return entries, missed


def _provider_lists(line: Line, services: list[str]) -> tuple[list[ListEntry], list[str]]:
    """What the hospital has received, by the application's own session: at most twice a day for each service."""
    if line.application is None:
        return [], [
            "The hospital's own lists (sent for triage, booked, deferred) were not checked: no application session is set up. "
            "A practice that entered a referral again would not be seen."
        ]
    client, entries, missed = line.application, [], []
    for service in services:
        for kind in PROVIDER_LISTS:
            if not _may_fetch(line, service):
                missed.append(f"The list {kind} of service {service} was not fetched: e-RS allows two fetches a day.")
                continue
            outcome = line.ask(
                lambda correlation, k=kind, s=service: client.worklist(k, correlation, s),  # type: ignore[misc]
                client=client,
            )
            if outcome.done:
                entries.extend(outcome.body)
            else:
                missed.append(f"The list {kind} of service {service} could not be fetched: {outcome.says}")
    return entries, missed


def _may_fetch(line: Line, service: str) -> bool:
    """Count a fetch before it is made; False when the day's two are used."""
    today = line.clock().date().isoformat()
    with line.store.write() as session:
        kept = json.loads(get_fact(session, "ers.sweeps") or "{}")
        used = kept.get(today, {})
        if used.get(service, 0) >= A_DAY:
            return False
        used[service] = used.get(service, 0) + 1
        set_fact(session, "ers.sweeps", json.dumps({today: used}))
        return True


def _match(line: Line, referral_ids: list[int], entries: list[ListEntry]) -> None:
    by_patient: dict[str, list[ListEntry]] = {}
    for entry in entries:
        if entry.nhs_number:
            by_patient.setdefault(entry.nhs_number, []).append(entry)
    for referral_id in referral_ids:
        with line.store.read() as session:
            referral = session.get_one(Referral, referral_id)
            number = str(values(session, referral).get("patient.nhs_number", ""))
        if number in by_patient:
            with line.store.write() as session:
                _ask(session, session.get_one(Referral, referral_id), by_patient[number], line.clock())


def _ask(session: Session, referral: Referral, entries: list[ListEntry], now: dt.datetime) -> None:
    owned = set(session.exec(select(Referral.ubrn).where(col(Referral.ubrn).is_not(None))))
    known = session.exec(
        select(Problem.says).where(Problem.referral_id == referral.id, Problem.code == "already_in_ers")
    ).all()
    found = [
        entry
        for entry in entries
        # what a person has called different is not asked twice
        if entry.ubrn not in owned and _alike(entry, referral, now) and not any(entry.ubrn in says for says in known)
    ]
    if not found or referral.state != "READY" or open_creates(session, referral.id or 0):
        return  # what may be its own lost create is looked for with its fingerprint instead
    first = found[0]
    when = first.created or first.pathway_start
    says = (
        f"e-RS holds {first.ubrn} for the same patient and specialty"
        f"{f', begun {when:%-d %b %Y %H:%M} UTC' if when else ''}. Is it the same referral? "
        "The same: withdraw this one. Different: approve it again."
    )
    if others := sorted({entry.ubrn for entry in found} - {first.ubrn}):
        says += f" The same holds for: {', '.join(others)}."
    if first.pathway_start and first.pathway_start > (referral.pathway_start or referral.arrived_at):
        says += " If it is the same, its clock in e-RS starts later than the fax arrived: tell the office."
    raise_problem(session, referral, "already_in_ers", says, now, by=GATEWAY)
    move(session, referral, "IN_REVIEW", GATEWAY, now, code="already_in_ers")
    session.add(referral)
    for ubrn, list_name in {entry.ubrn: entry.list_name for entry in found}.items():
        record(session, "referral.linked", referral.code, GATEWAY, now, {"ubrn": ubrn, "list": list_name})


def _alike(entry: ListEntry, referral: Referral, now: dt.datetime) -> bool:
    specialty = entry.specialty or (entry.context or "").partition("/")[0]
    if specialty != (referral.specialty_code or ""):
        return False
    when = entry.created or entry.pathway_start
    return when is None or now - when <= dt.timedelta(weeks=WEEKS)
