"""The code tables of e-RS (A004): fetched while it is up, kept for the outage, shown with their age, checked before sending.

They change: every service gets new specialties and clinic types during 2026. A code is matched exactly, and one whose time has
passed is not offered. What was never fetched cannot refuse anything; that is said instead (ers.md section 4).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, select

from gateway.ers_views import Concept
from gateway.events import record
from gateway.store import Store
from gateway.tables_reference import CodeValue, Import
from gateway.target import Outcome

KINDS = ("SPECIALTY", "CLINIC-TYPE", "PRIORITY")
LONDON = ZoneInfo("Europe/London")
FRESH = dt.timedelta(hours=12)  # older tables are fetched anew before a release


@dataclass(frozen=True)
class Wrong:
    """A code that may not be sent: a stable code for programs and the sentence for a clerk."""

    code: str
    says: str


def import_name(kind: str) -> str:
    """The name under which a table's age is kept."""
    return f"codes {kind}"


def refresh(
    store: Store, fetch: Callable[[str], Outcome], now: dt.datetime, by: str, *, only_old: bool = False
) -> list[str]:
    """Fetch the tables and keep them; returns a sentence for each that could not be had (the old one stays).

    `fetch` is A004 for one kind. With `only_old`, tables younger than twelve hours are left.
    """
    missed: list[str] = []
    for kind in KINDS:
        with store.read() as session:
            known = session.get(Import, import_name(kind))
        if only_old and known is not None and now - known.at < FRESH:
            continue
        outcome = fetch(kind)
        if not outcome.done:
            age = f"the table of {known.at.astimezone(LONDON):%-d %b %Y %H:%M} is used" if known else "there is none"
            missed.append(f"The {kind.lower().replace('-', ' ')} codes could not be fetched: {age}.")
            continue
        system, concepts = outcome.body
        with store.write() as session:
            keep(session, kind, system, concepts, by, now)
    return missed


def keep(session: Session, kind: str, system: str, concepts: tuple[Concept, ...], by: str, now: dt.datetime) -> None:
    """Put a table in the place of the old one and note its age. An empty answer is no table: the old one stays."""
    if not concepts:
        return
    session.exec(delete(CodeValue).where(col(CodeValue.kind) == kind))
    for concept in concepts:
        session.add(
            CodeValue(
                kind=kind,
                code=concept.code,
                display=concept.display,
                system=system,
                effective_from=concept.effective_from,
                effective_to=concept.effective_to,
                properties=concept.properties,
            )
        )
    content = json.dumps([[c.code, c.display, str(c.effective_to), c.properties] for c in concepts], sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    row = session.get(Import, import_name(kind)) or Import(kind=import_name(kind), at=now, by=by, rows=0, sha256="")
    changed = row.sha256 != digest
    row.at, row.by, row.rows, row.sha256, row.as_of = now, by, len(concepts), digest, now
    session.add(row)
    if changed:
        record(session, "import.done", import_name(kind), by, now, {"rows": len(concepts)})


def ages(session: Session, now: dt.datetime) -> dict[str, dt.timedelta | None]:
    """How old each table is; None for one that was never fetched."""
    rows = {kind: session.get(Import, import_name(kind)) for kind in KINDS}
    return {kind: now - row.at if row else None for kind, row in rows.items()}


def specialty_system(session: Session, base: str, given: str | None = None) -> str:
    """The coding system of specialties: the table's own address, the one value that changes between environments."""
    if given:
        return f"{given.rstrip('/')}/STU3/CodeSystem/SPECIALTY"
    known = session.exec(select(CodeValue.system).where(CodeValue.kind == "SPECIALTY")).first()
    return known or f"{base.rstrip('/')}/STU3/CodeSystem/SPECIALTY"


def wrong_codes(
    session: Session, specialty: str | None, clinic_type: str | None, priority: str | None, now: dt.datetime
) -> list[Wrong]:
    """What is wrong with a referral's codes today, by the tables that are kept."""
    today = now.astimezone(LONDON).date()
    wrong = [
        *_one(session, "SPECIALTY", "specialty", specialty, today),
        *_one(session, "CLINIC-TYPE", "clinic type", clinic_type, today),
        *_one(session, "PRIORITY", "priority", priority, today),
    ]
    if wrong or not clinic_type:
        return wrong
    clinic = session.get(CodeValue, ("CLINIC-TYPE", clinic_type))
    belongs = clinic.properties.get("specialty") if clinic else None
    if belongs and specialty and belongs != specialty:
        wrong.append(
            Wrong(
                "clinic_of_other_specialty",
                f"The clinic type {clinic_type} does not belong to {specialty}. Choose again.",
            )
        )
    return wrong


def _one(session: Session, kind: str, words: str, code: str | None, today: dt.date) -> list[Wrong]:
    if not code:
        return [Wrong(f"no_{words.replace(' ', '_')}", f"There is no {words}. Choose the service.")]
    row = session.get(CodeValue, (kind, code))
    if row is None:
        if session.exec(select(CodeValue.code).where(CodeValue.kind == kind)).first() is None:
            return []  # never fetched: e-RS itself will judge
        return [Wrong("unknown_code", f"e-RS does not know the {words} {code} (any more). Choose the service again.")]
    if row.effective_to is not None and row.effective_to <= today:
        return [
            Wrong(
                "ended_code",
                f"The {words} {code} ended on {row.effective_to:%-d %b %Y}. Choose the service again.",
            )
        ]
    if row.effective_from is not None and row.effective_from > today:
        return [Wrong("future_code", f"The {words} {code} begins on {row.effective_from:%-d %b %Y}. Choose another.")]
    return []
