"""What leaves the desk on paper or as a file: the downtime pack, the queue as CSV, the incidents, letters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from gateway.csv_export import to_csv
from gateway.desk_list import Filters, Row, listed
from gateway.desk_words import GROUPS, urgency_words
from gateway.errors import NotFound
from gateway.events import record
from gateway.incidents import export_incidents, incidents
from gateway.sensitive import check_may_open
from gateway.store import get_blob
from gateway.tables import Letter, Referral
from gateway.tables_desk import Person
from gateway.web_desk import Desk, TheDesk, Who, page

router = APIRouter()
BLANK_LINES = 18
MOST = 2000
COLUMNS = (
    "referral",
    "urgency",
    "name",
    "born",
    "nhs_number",
    "practice",
    "specialty",
    "arrived",
    "state",
    "with",
    "why",
)


def _all_rows(session: Session, desk: Desk, person: Person, wanted: Filters) -> list[Row]:
    rows: list[Row] = []
    number = 1
    while len(rows) < MOST:
        found = listed(session, replace(wanted, page=number), person, desk.clock())
        rows += found.rows
        if number >= found.pages:
            break
        number += 1
    return rows


@router.get("/print")
def print_page(desk: TheDesk, who: Who) -> Response:
    """What can be printed and exported."""
    return page(desk, "print.html", who)


@router.get("/print/pack")
def pack(request: Request, desk: TheDesk, who: Who) -> Response:
    """The queue as a list for paper, and blank log sheets: what the office works with when the rest does not work."""
    wanted = Filters.of(request.query_params)
    with desk.store.write() as session:
        rows = _all_rows(session, desk, who.person, wanted)
        codes = [row.code for row in rows if row.kind == "referral"]
        record(session, "export.made", "downtime pack", who.person.name, desk.clock(), {"referrals": codes})
    return page(
        desk, "pack.html", who, rows=rows, group=GROUPS[wanted.show][0], now=desk.clock(), blanks=range(BLANK_LINES)
    )


@router.get("/export/list.csv")
def export_list(request: Request, desk: TheDesk, who: Who) -> Response:
    """The list as CSV, with the filters of the page it was asked on."""
    wanted = Filters.of(request.query_params)
    with desk.store.write() as session:
        rows = _all_rows(session, desk, who.person, wanted)
        data = {"rows": len(rows), "show": wanted.show}
        record(session, "export.made", "list", who.person.name, desk.clock(), data)
    return _csv("list.csv", to_csv(COLUMNS, map(_as_cells, rows)))


def _as_cells(row: Row) -> dict[str, Any]:
    return {
        "referral": row.code,
        "urgency": urgency_words(row.rank) if row.kind == "referral" else "not known",
        "name": "(restricted)" if row.restricted else row.name,
        "born": row.birth,
        "nhs_number": row.number,
        "practice": row.practice,
        "specialty": row.specialty,
        "arrived": row.arrived,
        "state": row.state,
        "with": row.holder,
        "why": row.why,
    }


@router.get("/incidents")
def incidents_page(desk: TheDesk, who: Who) -> Response:
    """What was sent to us by mistake."""
    with desk.store.read() as session:
        rows = incidents(session)
    return page(desk, "incidents.html", who, rows=rows)


@router.get("/export/incidents.csv")
def incidents_csv(desk: TheDesk, who: Who) -> Response:
    """The same as CSV for the information-governance lead."""
    with desk.store.write() as session:
        text = export_incidents(session, who.person.name, desk.clock())
    return _csv("incidents.csv", text)


@router.get("/letters")
def letters_page(desk: TheDesk, who: Who) -> Response:
    """The letters to practices, the newest first."""
    with desk.store.read() as session:
        query = select(Letter, Referral.code).join(Referral, col(Referral.id) == Letter.referral_id, isouter=True)
        rows = list(session.exec(query.order_by(col(Letter.id).desc()).limit(200)))
    return page(desk, "letters.html", who, rows=rows)


@router.get("/letters/{code}.pdf")
def letter(code: str, desk: TheDesk, who: Who) -> Response:
    """One letter, as a download for printing."""
    with desk.store.write() as session:
        row = session.exec(select(Letter).where(Letter.code == code.upper())).first()
        if row is None:
            raise NotFound("letter", "There is no such letter.", "Look for it under Letters.")
        referral = session.get(Referral, row.referral_id) if row.referral_id else None
        if referral is not None:
            check_may_open(session, referral, who.person)
        content = get_blob(session, row.pdf_sha256)
        record(session, "original.viewed", row.code, who.person.name, desk.clock())
    headers = {"Content-Disposition": f'attachment; filename="{row.code}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _csv(name: str, text: str) -> Response:
    # the mark at the beginning makes spreadsheets read it as UTF-8
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(("﻿" + text).encode(), media_type="text/csv; charset=utf-8", headers=headers)
