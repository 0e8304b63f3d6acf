"""Possible duplicates: other referrals of the same patient for the same specialty, with the reason why they look alike.

Only links and says why: a person decides, and nothing is ever merged by machine (referral-office section 5).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlmodel import Session, col, select

from gateway.tables import Reading, Referral
from templates.grammar import squash
from templates.grammar_names import name_key

SIX_WEEKS = dt.timedelta(days=42)


@dataclass(frozen=True)
class Likeness:
    """Another referral that may be the same ask, why, and whether it is probable or only possible."""

    other: Referral
    why: str
    probable: bool


def find_duplicates(session: Session, referral: Referral) -> list[Likeness]:
    """Referrals that arrived within six weeks of this one and may be the same; the earliest arrival first."""
    mine = _values(session, referral)
    found = []
    for other in _others(session, referral, mine):
        if abs(other.arrived_at - referral.arrived_at) > SIX_WEEKS or other.state == "WITHDRAWN":
            continue
        likeness = _compare(referral, mine, other, _values(session, other))
        if likeness:
            found.append(likeness)
    return sorted(found, key=lambda like: (like.other.arrived_at, like.other.id or 0))


def _values(session: Session, referral: Referral) -> dict[str, str]:
    rows = session.exec(select(Reading).where(Reading.referral_id == referral.id, col(Reading.current)))
    return {row.field: row.value for row in rows if row.value}


def _others(session: Session, referral: Referral, mine: dict[str, str]) -> list[Referral]:
    ids: set[int] = set()
    for field in ("patient.nhs_number", "patient.birth_date"):
        if value := mine.get(field):
            # the field stands literally in the query, because only then the index of that one field can be used
            query = select(Reading.referral_id).where(
                sa.text(f"field = '{field}'"), Reading.value == value, col(Reading.current)
            )
            ids.update(session.exec(query.limit(200)))
    ids.discard(referral.id or 0)
    return list(session.exec(select(Referral).where(col(Referral.id).in_(ids)))) if ids else []


def _compare(one: Referral, mine: dict[str, str], other: Referral, theirs: dict[str, str]) -> Likeness | None:
    if not _same_ask(one, mine, other, theirs):
        return None
    numbers = mine.get("patient.nhs_number"), theirs.get("patient.nhs_number")
    if numbers[0] and numbers[0] == numbers[1]:
        if mine.get("referral.date") and mine.get("referral.date") == theirs.get("referral.date"):
            return Likeness(other, "same NHS number, specialty and date of the letter", probable=True)
        return Likeness(other, "same NHS number and specialty within six weeks", probable=False)
    if numbers[0] and numbers[1]:
        return None  # twins, or father and son with one name: two numbers are two patients
    if _same_person(mine, theirs):
        return Likeness(other, "same name, date of birth and postcode, and a number is missing", probable=False)
    return None


def _same_person(mine: dict[str, str], theirs: dict[str, str]) -> bool:
    same_name = all(
        name_key(mine.get(field, "")) == name_key(theirs.get(field, "")) != ""
        for field in ("patient.family_name", "patient.given_names")
    )
    return same_name and all(
        mine.get(field, "") == theirs.get(field, "") != "" for field in ("patient.birth_date", "patient.postcode")
    )


def _same_ask(one: Referral, mine: dict[str, str], other: Referral, theirs: dict[str, str]) -> bool:
    """The same specialty; one that is not known may be the same."""
    if one.specialty_code and other.specialty_code:
        return one.specialty_code == other.specialty_code
    said = squash(mine.get("referral.specialty", "")), squash(theirs.get("referral.specialty", ""))
    return not all(said) or fuzz.ratio(*said) >= 85
