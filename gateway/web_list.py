"""The list's pages: the list itself, its live state, what arrived, papers that are no referral yet, and handing a file in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlmodel import Session, col, select

from gateway import rearranging
from gateway.calls import calls_due
from gateway.desk_decisions import NOTICES
from gateway.desk_list import ROWS, Filters, listed, page_counts
from gateway.desk_words import GROUPS, cure
from gateway.drafts import drafts_of
from gateway.errors import GatewayError, Later, NotFound, WrongInput
from gateway.events import record
from gateway.field_values import FIELD_WORDS
from gateway.inbox_views import deliveries, delivery_view
from gateway.people import WRITES
from gateway.referrals import find_referral
from gateway.tables import Document, Outage, Page, PageUse, Referral
from gateway.web_desk import Desk, Form, Posted, TheDesk, Who, page, status_of
from gateway.web_sessions import SignedIn
from inbox.delivery import Delivery as Arrived
from inbox.delivery import TryLater
from templates.reading import FIELDS

router = APIRouter()
_TOLD = {"password": "Your password was changed.", "dealt": "Dealt with.", "kept": "Kept; it is being opened and read."}


@router.get("/")
def the_list(request: Request, desk: TheDesk, who: Who, told: str = "", about: str = "") -> Response:
    """The list; whose identifiers it shows is an event."""
    wanted, now = Filters.of(request.query_params), desk.clock()
    with desk.store.read() as session:
        found = listed(session, wanted, who.person, now)
        pages = page_counts(session)
        outages = list(session.exec(select(Outage.code).order_by(col(Outage.id).desc()).limit(20)))
        specialties = sorted(filter(None, session.exec(select(Referral.specialty_code).distinct())))
        drafts, due = drafts_of(session, who.person), [r.code for _note, r in calls_due(session, now)]
    codes = [row.code for row in found.rows if row.number or row.name]
    if codes:
        with desk.store.write() as session:
            record(session, "list.viewed", "list", who.person.name, now, {"referrals": codes})
    plain = about[:2] in ("R-", "D-") and about[2:].replace("/", "").isalnum() and len(about) < 16
    notice = f"{about}: {NOTICES[told]}" if told in NOTICES and plain else _TOLD.get(told, "")
    return page(
        desk,
        "list.html",
        who,
        notice=notice,
        filters=wanted,
        found=found,
        first=(min(wanted.page, found.pages) - 1) * ROWS + 1,
        groups=GROUPS,
        page_counts=pages,
        outages=outages,
        specialties=specialties,
        drafts=drafts,
        due=due,
    )


@router.get("/find")
def find(desk: TheDesk, who: Who, code: str = "") -> Response:
    """Open something by its code: R-... or D-.... Never by name: addresses hold no patient's values (P8)."""
    asked = code.strip().upper().replace(" ", "")[:20]
    if asked.startswith("D-"):
        return RedirectResponse(f"/arrivals/{asked}" if asked.replace("-", "").replace("/", "").isalnum() else "/", 303)
    with desk.store.read() as session:
        return RedirectResponse(f"/referrals/{find_referral(session, asked).code}", 303)


@router.get("/list/live")
def live(request: Request, desk: TheDesk, who: Who) -> Response:
    """State and holder of the shown rows and the counts, without any value; the page asks again and again."""
    wanted, now = Filters.of(request.query_params), desk.clock()
    with desk.store.read() as session:
        found = listed(session, wanted, who.person, now)
    rows = [{"code": row.code, "state": row.state, "holder": row.holder, "hold": bool(row.hold)} for row in found.rows]
    return JSONResponse({"rows": rows, "total": found.total, "counts": found.counts})


@router.get("/arrivals")
def arrivals(desk: TheDesk, who: Who, outcome: str = "") -> Response:
    """The newest deliveries, and what became of them."""
    chosen = outcome if outcome in ("waiting", "documents", "no_document", "duplicate", "rejected") else None
    with desk.store.read() as session:
        rows = deliveries(session, outcome=chosen, limit=200)[::-1]
    return page(desk, "arrivals.html", who, rows=rows, outcome=chosen or "", now=desk.clock())


@router.get("/arrivals/{code}")
@router.get("/arrivals/{code}/{position}")
def arrival(code: str, desk: TheDesk, who: Who, position: int = 0) -> Response:
    """One delivery with its documents and pages."""
    return _arrival(desk, who, code, None, {})


def _arrival(desk: Desk, who: SignedIn, code: str, error: GatewayError | None, typed: dict[str, str]) -> Response:
    with desk.store.write() as session:
        view = delivery_view(session, code)
        papers = _papers(session, view["delivery"])
        record(session, "values.viewed", view["delivery"], who.person.name, desk.clock())
    told = {"says": error.says, "do": cure(error)} if error else None
    stuck = any(paper["document"].state == "STUCK" for paper in papers)
    loose = view["outcome"] == "no_document" and not view.get("settled_by")
    return page(
        desk,
        "arrival.html",
        who,
        status_of(error) if error else 200,
        view=view,
        papers=papers,
        stuck=stuck,
        waits=stuck or loose,
        fields=[(name, FIELD_WORDS[name]) for name in FIELDS],
        typed=typed,
        error=told,
        writes=who.person.role in WRITES,
    )


def _papers(session: Session, code: str) -> list[dict[str, Any]]:
    delivery, _position = rearranging.find_delivery(session, code)
    papers = []
    query = select(Document).where(Document.delivery_id == delivery.id).order_by(col(Document.position))
    for document in session.exec(query):
        pages = list(session.exec(select(Page).where(Page.document_id == document.id).order_by(col(Page.number))))
        uses = (
            select(PageUse.page_id, Referral.code).join(Referral).where(col(PageUse.page_id).in_([p.id for p in pages]))
        )
        places: dict[int, list[str]] = {}
        for page_id, referral in session.exec(uses):
            places.setdefault(page_id, []).append(referral)
        papers.append({"document": document, "pages": [(p, places.get(p.id or 0, [])) for p in pages]})
    return papers


@router.post("/arrivals/{code}/{what}")
def deal(code: str, what: str, desk: TheDesk, form: Form) -> Response:
    """Set a paper aside, type what it says, read it again, or take a page back into a referral."""
    reference = f"{code}/{form.text('position')}" if form.text("position") else code
    given = {name: form.text(name) for name in FIELDS if form.text(name)}
    try:
        if what == "read-again":
            return _read_again(desk, form, code)
        with desk.store.write() as session:
            if what == "aside":
                rearranging.aside_delivery(session, reference, form.text("why"), form.by, desk.clock())
            elif what == "type":
                made, _weighed = rearranging.type_from(
                    session, reference, given, form.by, desk.clock(), settings=desk.settings
                )
                return RedirectResponse(f"/referrals/{made.code}", 303)
            elif what == "back":
                referral = find_referral(session, form.text("referral"))
                row = rearranging.find_page(session, reference, form.number("number") or 0)
                rearranging.page_back(session, row, form.by, desk.clock(), referral, settings=desk.settings)
                return RedirectResponse(f"/referrals/{referral.code}", 303)
            else:
                raise NotFound("decision", "There is no such decision.", "Go back and use the buttons.")
    except GatewayError as error:
        if error.later or isinstance(error, NotFound):
            raise
        return _arrival(desk, form.who, code, error, given)
    return RedirectResponse(f"/?told=dealt&about={code}", 303)


def _read_again(desk: Desk, form: Posted, code: str) -> Response:
    from gateway.inbox_views import reread_delivery

    if desk.jobs is None:
        raise Later("jobs", "This desk only shows: nothing can be read again from here.", "Use `gateway inbox reread`.")
    reread_delivery(desk.store, desk.jobs, code, form.by, desk.clock())
    return RedirectResponse(f"/arrivals/{code}", 303)


@router.get("/hand-in")
def hand_in_page(desk: TheDesk, who: Who) -> Response:
    """The form for a scan or a file."""
    return page(desk, "hand_in.html", who, error=None, max_mb=desk.settings.smtp.max_mb)


@router.post("/hand-in")
def hand_in(desk: TheDesk, form: Form) -> Response:
    """Keep a file as a delivery; the answer comes after its commit (P1)."""
    try:
        files = form.files("file")
        if not files:
            raise WrongInput("file", "No file was chosen.", "Choose a PDF, TIFF, picture or mail.")
        codes = [take_in(desk, file.file.read(), file.filename or "", form.by) for file in files]
    except GatewayError as error:
        told = {"says": error.says, "do": error.do}
        return page(desk, "hand_in.html", form.who, status_of(error), error=told, max_mb=desk.settings.smtp.max_mb)
    return RedirectResponse(f"/arrivals/{codes[0]}" if len(codes) == 1 else "/arrivals", 303)


def take_in(desk: Desk, content: bytes, name: str, by: str, arrived_at: dt.datetime | None = None) -> str:
    """Hand one file to the intake; its reference, after the commit."""
    if desk.intake is None:
        raise Later("intake", "This desk only shows: nothing can be handed in here.", "Use `gateway inbox add`.")
    if not content:
        raise WrongInput("file", "The file is empty.", "Choose another.")
    now = desk.clock()
    if arrived_at is not None and arrived_at > now:
        raise WrongInput("arrived_at", "The arrival lies in the future.", "Give when the paper really arrived.")
    delivery = Arrived(
        route="upload",
        data=content,
        received_at=now,
        arrived_at=arrived_at or now,
        arrival_source="as given by the person who handed it in" if arrived_at else "when it was handed in",
        name=name[:200],
        sender=by,
    )
    try:
        return desk.intake.accept(delivery)
    except TryLater as trouble:
        raise Later("store", trouble.says, "Nothing was kept of this file; hand it in again.") from None
