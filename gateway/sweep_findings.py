"""What the looks for doubles in e-RS found and could not see, read back from the event log for reports.

A pair is one of our referrals and a UBRN that e-RS held for the same patient and specialty; what a person made of it is told
with it. What could not be looked at is part of the answer: nothing in e-RS searches by patient (ers.md section 9).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.tables import Event, Problem, Referral

CODE = "already_in_ers"
NEVER_LOOKED = "Nothing was compared with e-RS: there was no release."


@dataclass(frozen=True)
class Pair:
    """One of our referrals beside what e-RS held; `verdict` is what a person made of it, in words."""

    referral: str
    ubrn: str
    found_in: str
    verdict: str


def pairs(session: Session, referrals: Collection[Referral]) -> list[Pair]:
    """The pairs of these referrals, in the order of the log."""
    by_code = {referral.code: referral for referral in referrals}
    query = select(Event).where(Event.action == "referral.linked").order_by(col(Event.seq))
    found: dict[tuple[str, str], Pair] = {}
    for line in session.exec(query):
        referral = by_code.get(line.subject)
        if referral is not None and "ubrn" in line.data:
            ubrn = str(line.data["ubrn"])
            verdict = _verdict(session, referral)
            found[line.subject, ubrn] = Pair(line.subject, ubrn, str(line.data.get("list") or "a worklist"), verdict)
    return list(found.values())


def _verdict(session: Session, referral: Referral) -> str:
    query = select(Problem).where(Problem.referral_id == referral.id, Problem.code == CODE)
    asked = session.exec(query.order_by(col(Problem.id).desc())).first()
    if asked is not None and asked.settled_at is None:
        return "nobody has decided yet"
    by = f" (decided by {asked.settled_by})" if asked is not None and asked.settled_by else ""
    if referral.state in ("WITHDRAWN", "CLOSED") and not referral.ubrn:
        return f"not sent: {referral.ended_as}{by}"
    return f"judged to be different{by}"


def unchecked(session: Session, since: dt.datetime, until: dt.datetime | None = None) -> list[str]:
    """What releases begun in this time could not look at, each sentence once; where there was none, that is said."""
    query = select(Event).where(Event.action == "release.opened", Event.at >= since)
    if until is not None:
        query = query.where(Event.at <= until)
    releases = [line.subject for line in session.exec(query)]
    if not releases:
        return [NEVER_LOOKED]
    ends = select(Event).where(
        col(Event.subject).in_(releases), col(Event.action).in_(("release.ended", "release.paused"))
    )
    said = [
        str(one) for line in session.exec(ends.order_by(col(Event.seq))) for one in line.data.get("not_checked", ())
    ]
    return list(dict.fromkeys(said))
