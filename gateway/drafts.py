"""Drafts: what a person has typed for a referral and not saved yet; kept in the store, so that nothing ends it by accident.

Never in the browser: on a shared machine the next person would find it there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlmodel import Session, col, delete, select

from gateway.tables import Referral
from gateway.tables_desk import Draft, Person
from templates.reading import FIELDS

MOST = 25_000  # characters of one field: the longest value there is, and some


def keep_draft(session: Session, person: Person, referral: Referral, typed: Mapping[str, str], now: dt.datetime) -> int:
    """Keep what stands in the fields now, in place of what was kept before; how many fields. Nothing typed ends the draft."""
    kept = {field: text[:MOST] for field, text in typed.items() if field in FIELDS}
    row = session.get(Draft, (person.id, referral.id))
    if not kept:
        if row is not None:
            session.delete(row)
        return 0
    row = row or Draft(person_id=person.id or 0, referral_id=referral.id or 0, at=now)
    row.typed, row.at = kept, now
    session.add(row)
    return len(kept)


def draft_of(session: Session, person: Person, referral: Referral) -> Draft | None:
    """What this person has typed and not saved."""
    return session.get(Draft, (person.id, referral.id))


def drop_draft(session: Session, person: Person, referral: Referral) -> None:
    """It was saved, or the person threw it away."""
    session.exec(delete(Draft).where(col(Draft.person_id) == person.id, col(Draft.referral_id) == referral.id))


def drafts_of(session: Session, person: Person) -> list[str]:
    """The referrals for which this person has typed something and not saved it."""
    query = select(Referral.code).join(Draft, col(Draft.referral_id) == Referral.id)
    return list(session.exec(query.where(Draft.person_id == person.id).order_by(col(Draft.at))))
