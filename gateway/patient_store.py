"""The patient index in the database: the trust's own extract, imported in batches, with its age, asked by number or by name.

An agreement of NHS number, date of birth and surname with this index is what lets a machine act on a patient (P3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from gateway.patients import PatientRecord, near_family, same_family
from gateway.tables_reference import Import, Patient
from templates.grammar_names import name_key

_MOST_ROWS = 500  # births of one day in an index of some millions stay well below


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
    patient = session.exec(select(Patient).where(Patient.nhs_number == number)).first()
    if patient is None:
        known = session.exec(select(Patient.id).limit(1)).first()
        return Agreement("no index" if known is None else "unknown")
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


class DbPatientIndex:
    """The imported extract as gateway.patients asks it: by number, and people who may be meant."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def by_number(self, nhs_number: str) -> PatientRecord | None:
        """The person of that number, or None."""
        row = (
            self._session.exec(select(Patient).where(Patient.nhs_number == nhs_number)).first() if nhs_number else None
        )
        return _record(row) if row else None

    def knows_name(self, word: str) -> bool:
        """Whether anybody in the index has this word in their name: tells a name from a misread one, as CsvPatientIndex does."""
        if not (key := name_key(word)):
            return False
        if self._session.exec(select(Patient.id).where(Patient.family_key == key).limit(1)).first() is not None:
            return True
        inside = [_words(column).contains(f" {word.lower()} ", autoescape=True) for column in _NAMES]
        return self._session.exec(select(Patient.id).where(sa.or_(*inside)).limit(1)).first() is not None

    def candidates(self, family_name: str, birth_date: str, postcode: str, given: str) -> Sequence[PatientRecord]:
        """People who share the birth date, or live at the postcode under a like family name; the likest first, at most 50."""
        found: dict[int | None, PatientRecord] = {}
        if birth_date:
            query = select(Patient).where(Patient.birth_date == dt.date.fromisoformat(birth_date))
            found.update((row.id, _record(row)) for row in self._session.exec(query.limit(_MOST_ROWS)))
        if postcode:
            query = select(Patient).where(Patient.postcode == postcode.upper())
            for row in self._session.exec(query.limit(_MOST_ROWS)):
                record = _record(row)
                if not family_name or same_family(record, family_name) or near_family(record, family_name):
                    found[row.id] = record
        wanted = name_key(family_name) + name_key(given)
        return sorted(
            found.values(), key=lambda r: -fuzz.ratio(wanted, name_key(r.family_name) + name_key(r.given_names))
        )[:50]


_NAMES = (col(Patient.given_names), col(Patient.family_name))


def _words(column: Mapped[str]) -> ColumnElement[str]:
    """A name's words in small letters with a space around each, in the database."""
    text: ColumnElement[str] = sa.func.lower(column)
    for mark in "-'.’":
        text = sa.func.replace(text, mark, " ")
    return sa.literal(" ") + text + sa.literal(" ")


def _record(row: Patient) -> PatientRecord:
    return PatientRecord(
        nhs_number=row.nhs_number,
        family_name=row.family_name,
        given_names=row.given_names,
        birth_date=row.birth_date.isoformat(),
        gender=row.gender,
        postcode=row.postcode,
        hospital_number=row.hospital_number or "",
        previous_family_name=row.previous_family_name or "",
        sensitive=row.sensitive,
        deceased=row.deceased,
    )


def near_misses(session: Session, number: str, birth_date: str, family_name: str) -> list[PatientRecord]:
    """People of the index with this number, or this birth date and a like surname: shown beside the page, never taken."""
    index = DbPatientIndex(session)
    found = [known] if (known := index.by_number(number)) else []
    for record in index.candidates(family_name, birth_date, "", ""):
        if record not in found and (
            not family_name or same_family(record, family_name) or near_family(record, family_name)
        ):
            found.append(record)
    return found[:8]
