"""Which referrals are sensitive, so that only those allowed open their pages and values (referral-office section 6).

A referral is sensitive where the patient index marks the patient, or where its specialty or service is of a kind that should not be
seen by everybody in an office. The words are looked for in the specialty, never in the clinical text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlmodel import Session, col, select

from gateway.errors import Refused
from gateway.tables import Reading, Referral
from gateway.tables_desk import Person
from gateway.tables_reference import Patient, Service

_KINDS = re.compile(
    r"\b(hiv|gum|genito-?urinary med\w*|sexual health|gender (identity|dysphoria)|terminations?|abortion"
    r"|mental health|psychiatr\w*|psycholog\w*|safeguarding|prison|witness protection)\b",
    re.IGNORECASE,
)


def is_sensitive_kind(words: str) -> bool:
    """Whether a specialty or service in words is of a sensitive kind."""
    return bool(_KINDS.search(words.replace("_", " ")))


def sensitive_among(session: Session, referrals: Sequence[Referral]) -> set[int]:
    """The row ids of those that are sensitive, with two queries for up to a page of them."""
    ids = [r.id for r in referrals if r.id is not None]
    if not ids:
        return set()
    said = select(Reading.referral_id, Reading.value).where(
        col(Reading.referral_id).in_(ids), Reading.field == "referral.specialty", col(Reading.current).is_(True)
    )
    found = {number for number, value in session.exec(said) if value and is_sensitive_kind(value)}
    marked = (
        select(Reading.referral_id)
        .join(Patient, col(Patient.nhs_number) == col(Reading.value))
        .where(
            col(Reading.referral_id).in_(ids),
            Reading.field == "patient.nhs_number",
            col(Reading.current).is_(True),
            col(Patient.sensitive).is_(True),
        )
    )
    found.update(session.exec(marked))
    names = {s.service_id: s.name for s in session.exec(select(Service))}
    for referral in referrals:
        words = (
            f"{referral.specialty_code or ''} {referral.clinic_type or ''} {names.get(referral.service_id or '', '')}"
        )
        if referral.id is not None and is_sensitive_kind(words):
            found.add(referral.id)
    return found


def check_may_open(session: Session, referral: Referral, person: Person) -> None:
    """Refused where a sensitive referral is asked for by somebody who may not open such ones."""
    if not person.sees_sensitive and sensitive_among(session, [referral]):
        raise Refused(
            "sensitive",
            f"{referral.code} is marked sensitive and opens only to those who are allowed.",
            "Ask your team leader to take it.",
        )
