"""Papers that were sent to us by mistake: each becomes an incident for the information-governance lead, with an export.

The referral itself ends as `not for us`, and that ending opens the incident (gateway.endings), by whichever way it comes. Nothing
of the patient stands in the export but the reference under which it is found.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlmodel import Session, col, select

from gateway.csv_export import to_csv
from gateway.events import record
from gateway.tables import Referral
from gateway.tables_desk import Incident

COLUMNS = (
    "incident",
    "referral",
    "arrived_at",
    "organisation",
    "returned_how",
    "noted_by",
    "noted_at",
    "taken_back_by",
    "taken_back_at",
    "taken_back_why",
)


def take_back_incidents(session: Session, referral: Referral, why: str, by: str, now: dt.datetime) -> None:
    """It was ours after all: its incidents stay for the lead, marked with who took them back and why."""
    query = select(Incident).where(Incident.referral_id == referral.id, col(Incident.taken_back_at).is_(None))
    for incident in session.exec(query):
        incident.taken_back_by, incident.taken_back_at, incident.taken_back_why = by, now, why
        session.add(incident)
        record(session, "incident.taken_back", referral.code, by, now, {"incident": incident.name})


def incidents(session: Session) -> list[dict[str, Any]]:
    """All incidents, the newest first."""
    query = select(Incident, Referral).join(Referral, col(Referral.id) == Incident.referral_id)
    return [
        {
            "incident": incident.name,
            "referral": referral.code,
            "arrived_at": referral.arrived_at,
            "organisation": incident.organisation,
            "returned_how": incident.returned_how,
            "noted_by": incident.opened_by,
            "noted_at": incident.opened_at,
            "taken_back_by": incident.taken_back_by,
            "taken_back_at": incident.taken_back_at,
            "taken_back_why": incident.taken_back_why,
        }
        for incident, referral in session.exec(query.order_by(col(Incident.id).desc()))
    ]


def export_incidents(session: Session, by: str, now: dt.datetime) -> str:
    """The incidents as CSV for the information-governance lead; the export is an event."""
    rows = incidents(session)
    record(session, "export.made", "incidents", by, now, {"rows": len(rows)})
    return to_csv(COLUMNS, rows)
