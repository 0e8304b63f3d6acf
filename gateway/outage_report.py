"""The closing report of an outage: the sum, what became of every referral, what e-RS held already, what was left open.

Head and count of the event log stand on it. The PDF is kept in the store with the record; the CSV lists the referrals without
values of the patient (P8, P10).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from gateway.balance import balance
from gateway.csv_export import to_csv
from gateway.errors import Later, Refused
from gateway.events import record, verify_chain
from gateway.letter_facts import grouped_ubrn
from gateway.outage import close_outage
from gateway.settings import Settings
from gateway.states import STATE_WORDS
from gateway.store import Store, is_rehearsal, keep_blob, new_code
from gateway.sweep_findings import pairs, unchecked
from gateway.tables import Letter, Outage, Referral
from templates.letter import write_letter

LONDON = ZoneInfo("Europe/London")
KIND = "closing"
COLUMNS = (
    "referral",
    "state",
    "ended_as",
    "ubrn",
    "arrived_at",
    "clock_start",
    "sent_at",
    "service",
    "hold",
    "already_in_ers",
)


@dataclass(frozen=True)
class ClosingReport:
    """The two files of a report."""

    pdf: bytes = field(repr=False)
    csv: str = field(repr=False)


def closing_report(session: Session, outage: Outage, settings: Settings) -> ClosingReport:
    """Write the report of a closed outage from what the store holds now. Refused for one that is open."""
    if outage.closed_at is None:
        raise Refused("outage_open", f"The outage {outage.code} is still open.", "Close it: `gateway outage close`.")
    mine = select(Referral).where(Referral.outage_id == outage.id)
    rows = list(session.exec(mine.order_by(col(Referral.rank), col(Referral.arrived_at), col(Referral.id))))
    endings = Counter(row.ended_as or STATE_WORDS.get(row.state, row.state) for row in rows)
    doubles = pairs(session, rows)
    found, chain = balance(session, outage), verify_chain(session)
    facts = {
        "reference": outage.code,
        "began": _time(outage.started_at),
        "back": _time(outage.back_at) if outage.back_at else "not seen by the probe",
        "by": outage.closed_by or "",
        "closed": _time(outage.closed_at),
        "why": outage.why,
        "pages_received": found.pages_received,
        "pages_in_referrals": found.pages_in_referrals,
        "pages_set_aside": found.pages_set_aside,
        "pages_waiting": found.pages_waiting,
        "difference": found.difference,
        "endings": [{"name": name, "count": count} for name, count in sorted(endings.items())],
        "pairs": [
            {"pair": f"{pair.referral} and {grouped_ubrn(pair.ubrn)}", "verdict": pair.verdict} for pair in doubles
        ],
        "unchecked": [{"says": says} for says in unchecked(session, outage.started_at, outage.closed_at)],
        "left_open": ", ".join(outage.open_items_named),
        "faults": "; ".join([*found.faults, *chain.faults]),
        "lines": chain.count,
        "head": chain.head,
    }
    pdf = write_letter(KIND, facts, head=settings.office.name, rehearsal=is_rehearsal(session))
    twice: dict[str, list[str]] = {}
    for pair in doubles:
        twice.setdefault(pair.referral, []).append(f"{pair.ubrn}: {pair.verdict}")
    return ClosingReport(pdf, to_csv(COLUMNS, [_row(row, twice.get(row.code, [])) for row in rows]))


def sign_outage(
    store: Store, settings: Settings, code: str | None, *, by: str, now: dt.datetime, named: Sequence[str] = ()
) -> tuple[Outage, ClosingReport]:
    """Close an outage in this person's name and keep its report; Refused as `close_outage` says.

    A report that cannot be kept leaves the outage closed: Later says so.
    """
    with store.write() as session:
        outage = close_outage(session, code, by=by, now=now, balance=_sum, named=named)
    try:
        return outage, _keep(store, outage, settings, now)
    except Later as error:
        raise Later(
            "report",
            f"The outage {outage.code} is closed and signed, but its report is not kept: {error.says}",
            f"Write it as files when that is over: `gateway outage report {outage.code}`.",
        ) from error


def _sum(session: Session, outage: Outage) -> tuple[int, list[str]]:
    found = balance(session, outage)
    return found.difference, [item.reference for item in found.open_items]


def _keep(store: Store, outage: Outage, settings: Settings, now: dt.datetime) -> ClosingReport:
    """Write the report and keep its PDF beside the record; it is never sent to anybody by itself.

    The sums, the proof of the whole log and the drawing take seconds where much happened: they hold up nobody's writing (P1).
    """
    with store.read() as session:
        report = closing_report(session, outage, settings)
    with store.write() as session:
        letter = Letter(
            code=new_code(session, "L"),
            kind=KIND,
            pdf_sha256=keep_blob(session, report.pdf, "application/pdf"),
            made_at=now,
            state="KEPT",
            why=f"closing report of {outage.code}",
        )
        session.add(letter)
        record(session, "letter.made", letter.code, outage.closed_by or "", now, {"kind": KIND, "outage": outage.code})
    return report


def _row(row: Referral, already: list[str]) -> dict[str, object]:
    return {
        "referral": row.code,
        "state": row.state,
        "ended_as": row.ended_as,
        "ubrn": row.ubrn,
        "arrived_at": row.arrived_at,
        "clock_start": row.pathway_start or row.arrived_at,
        "sent_at": row.sent_at,
        "service": row.service_id,
        "hold": "yes" if row.hold_why else "",
        "already_in_ers": "; ".join(already),
    }


def _time(at: dt.datetime) -> str:
    return f"{at.astimezone(LONDON):%-d %b %Y %H:%M}"
