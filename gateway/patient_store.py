"""The patient index in the database: the trust's own extract, imported in batches, with its age, asked by number or by name.

An agreement of NHS number, date of birth and surname with this index is what lets a machine act on a patient (P3).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session, col, select

from gateway.tables import Import, Patient
from templates.grammar_names import name_key


@dataclass(frozen=True)
class Agreement:
    """What the index says of a patient: `agrees`, `differs` (with the fields), `unknown` (no such number) or `no index`."""

    found: Literal["agrees", "differs", "unknown", "no index"]
    differs: tuple[str, ...] = ()
    deceased: bool = False
    sensitive: bool = False


@dataclass(frozen=True)
class IndexAge:
    """How old the patient index is. `alarm` is a sentence where it is missing or older than it may be, else None."""

    at: dt.datetime | None
    rows: int
    days: int | None
    alarm: str | None


def agreement(session: Session, number: str, birth_date: str, family_name: str) -> Agreement:
    """Compare the three identifiers with the index; a previous surname counts as the surname."""
    patients = session.exec(select(Patient).where(Patient.nhs_number == number)).all()
    if not patients:
        known = session.exec(select(Patient.id).limit(1)).first()
        return Agreement("no index" if known is None else "unknown")
    if len(patients) > 1:
        return Agreement("differs", ("patient.nhs_number",))
    patient = patients[0]
    differs = []
    if patient.birth_date.isoformat() != birth_date:
        differs.append("patient.birth_date")
    surnames = {name_key(patient.family_name), name_key(patient.previous_family_name or "")} - {""}
    if name_key(family_name) not in surnames:
        differs.append("patient.family_name")
    return Agreement("differs" if differs else "agrees", tuple(differs), patient.deceased, patient.sensitive)


def index_age(session: Session, now: dt.datetime, most_days: int) -> IndexAge:
    """The age of the index in whole days, and the alarm where it is older than `most_days` or was never imported."""
    row = session.get(Import, "patients")
    if row is None:
        return IndexAge(
            None,
            0,
            None,
            "There is no patient index: every referral waits for a person. Run `gateway patients import`.",
        )
    at = row.as_of or row.at
    days = max(0, (now - at).days)
    alarm = None
    if days > most_days:
        alarm = f"The patient index is {days} days old (at most {most_days} are wanted). Import a fresh extract."
    return IndexAge(at, row.rows, days, alarm)


def near_misses(session: Session, number: str, birth_date: str, family_name: str) -> list[Patient]:
    """Patients of the index who share the number, or the birth date and a like surname: shown beside the page, never chosen."""
    found: dict[int, Patient] = {}
    if number:
        for row in session.exec(select(Patient).where(Patient.nhs_number == number).limit(5)):
            found[row.id or 0] = row
    key = name_key(family_name)
    if birth_date:
        query = select(Patient).where(Patient.birth_date == dt.date.fromisoformat(birth_date))
        for row in session.exec(query.order_by(col(Patient.family_key)).limit(200)):
            if not key or _alike(key, row):
                found[row.id or 0] = row
    return list(found.values())[:8]


def _alike(key: str, row: Patient) -> bool:
    from rapidfuzz import fuzz

    previous = name_key(row.previous_family_name or "")
    return fuzz.ratio(key, row.family_key) >= 70 or (bool(previous) and fuzz.ratio(key, previous) >= 70)
