"""The pages around e-RS: release (preview, start, watch, stop), unsure ones with their steps, and the outage with its balance."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlmodel import Session, col, select

from gateway.balance import balance
from gateway.chain_proof import prove_newer, prove_whole
from gateway.desk_release import DeskRelease
from gateway.desk_status import alarms, forecast
from gateway.desk_words import cure
from gateway.errors import GatewayError, NotFound
from gateway.events import record
from gateway.field_values import parse_instant
from gateway.outage import current_outage, move_start, open_outage
from gateway.outage_report import sign_outage
from gateway.people import LEADS, WRITES
from gateway.referrals import open_problems, readings
from gateway.release_report import ask_stop, release_status, resolve_unsure, would_send
from gateway.sensitive import sensitive_among
from gateway.tables import Attempt, Outage, Referral
from gateway.web_desk import AnyForm, Desk, Form, LeaderForm, Posted, TheDesk, Who, page, status_of
from gateway.web_ers_sign_in import session_given, session_shown
from gateway.web_sessions import SignedIn

router = APIRouter()
PREVIEW = 200
MOST_OPEN = 500  # open items on the outage page; with more, nobody closes an outage by ticking each


def _release_of(request: Request) -> DeskRelease:
    running: DeskRelease = request.app.state.release
    return running


@router.get("/release")
def release_page(request: Request, desk: TheDesk, who: Who) -> Response:
    """What would be sent, the running release, and how the last one ended."""
    return _release(request, desk, who, None)


def _release(
    request: Request, desk: Desk, who: SignedIn, error: GatewayError | None, typed: Posted | None = None
) -> Response:
    running, now = _release_of(request), desk.clock()
    with desk.store.write() as session:
        status = release_status(session, now)
        rows = _without_sensitive(session, who, would_send(session, None, now, PREVIEW))
        if rows:
            shown = {"referrals": [row["referral"] for row in rows]}
            record(session, "list.viewed", "release", who.person.name, now, shown)
    told = {"says": error.says, "do": cure(error)} if error else None
    trouble = running.trouble if not running.running else None
    return page(
        desk,
        "release.html",
        who,
        status_of(error) if error else 200,
        progress=status,
        here=running.running,
        ended=running.result if not running.running else None,
        trouble=None if error else trouble,
        preview=rows,
        ers=desk.settings.ers,
        leads=who.person.role in LEADS,
        error=told,
        **session_shown(desk, who, typed),
    )


def _without_sensitive(session: Session, who: SignedIn, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if who.person.sees_sensitive:
        return rows
    found = session.exec(select(Referral).where(col(Referral.code).in_([r["referral"] for r in rows]))).all()
    closed = sensitive_among(session, found)
    codes = {r.code for r in found if r.id in closed}
    hidden = {"nhs_number": None, "service": None, "specialty": None, "clinic_type": None, "restricted": True}
    return [{**row, **hidden} if row["referral"] in codes else row for row in rows]


@router.get("/release/live")
def release_live(request: Request, desk: TheDesk, who: Who) -> Response:
    """How the release stands, in numbers only."""
    # Whether it runs is asked first: one that ends in between is shown as ended with its end, never as gone half-way.
    here = _release_of(request).running
    with desk.store.read() as session:
        status = release_status(session, desk.clock())
    numbers = {k: v for k, v in status.items() if isinstance(v, int | float | str) or v is None}
    return JSONResponse({**numbers, "here": here})


@router.post("/release/start")
def start(request: Request, desk: TheDesk, form: LeaderForm) -> Response:
    """Open a release in this person's name."""
    try:
        _release_of(request).start(desk, form.by, session_given(desk, form))
    except GatewayError as error:
        return _release(request, desk, form.who, error, form)
    return RedirectResponse("/release", 303)


@router.post("/release/stop")
def stop(request: Request, desk: TheDesk, form: Form) -> Response:
    """Ask it to stop after the referrals that are on their way; anybody who works here may."""
    try:
        with desk.store.write() as session:
            ask_stop(session, form.by, desk.clock())
    except GatewayError as error:
        return _release(request, desk, form.who, error)
    return RedirectResponse("/release", 303)


@router.get("/unsure")
def unsure_page(desk: TheDesk, who: Who) -> Response:
    """Each create whose answer was lost, with what was sent and the steps to resolve it."""
    return _unsure(desk, who, None, "", {})


def _unsure(desk: Desk, who: SignedIn, error: GatewayError | None, about: str, typed: dict[str, str]) -> Response:
    with desk.store.write() as session:
        query = select(Referral).where(Referral.state == "UNSURE")
        rows = list(session.exec(query.order_by(col(Referral.rank), col(Referral.arrived_at))))
        closed = set() if who.person.sees_sensitive else sensitive_among(session, rows)
        shown = [_unsure_row(session, referral, referral.id in closed) for referral in rows]
        if rows:
            codes = [r.code for r in rows]
            record(session, "list.viewed", "unsure", who.person.name, desk.clock(), {"referrals": codes})
    told = {"says": error.says, "do": cure(error)} if error else None
    return page(
        desk,
        "unsure.html",
        who,
        status_of(error) if error else 200,
        rows=shown,
        error=told,
        about=about,
        typed=typed,
        writes=who.person.role in WRITES,
        leads=who.person.role in LEADS,
    )


def _unsure_row(session: Session, referral: Referral, closed: bool) -> dict[str, Any]:
    attempt = session.exec(
        select(Attempt)
        .where(Attempt.referral_id == referral.id, Attempt.step == "A011")
        .order_by(col(Attempt.id).desc())
    ).first()
    said = {} if closed else {name: row.value or "" for name, row in readings(session, referral).items()}
    return {
        "referral": referral,
        "said": said,
        "closed": closed,
        "attempt": attempt,
        "looks": int(attempt.answer.get("looks", 0)) if attempt else 0,
        "questions": [p for p in open_problems(session, referral) if p.code.startswith("unsure_")],
    }


@router.post("/unsure/{code}")
def resolve(code: str, desk: TheDesk, form: Form) -> Response:
    """A person's word on one of them."""
    try:
        resolve_unsure(
            desk.store,
            code,
            decision=form.text("decision"),
            ubrn=form.text("ubrn") or None,
            by=form.by,
            why=form.text("why"),
            now=desk.clock(),
        )
    except GatewayError as error:
        if error.later or isinstance(error, NotFound):
            raise
        typed = {name: form.text(name) for name in ("decision", "ubrn", "why")}
        return _unsure(desk, form.who, error, code.upper(), typed)
    return RedirectResponse("/unsure", 303)


@router.get("/outage")
def outage_page(desk: TheDesk, who: Who) -> Response:
    """The balance, the forecast, the alarms, what is open, and the closing."""
    return _outage(desk, who, None, {})


def _outage(desk: Desk, who: SignedIn, error: GatewayError | None, typed: dict[str, Any]) -> Response:
    now = desk.clock()
    proof = prove_newer(desk.store, now)
    with desk.store.read() as session:
        outage = current_outage(session)
        shown = {
            "outage": outage,
            "sum": balance(session, outage, chain_faults=proof.faults, most=MOST_OPEN),
            "forecast": forecast(session, now),
            "alarms": alarms(session, desk.settings, now),
            "earlier": list(session.exec(select(Outage).order_by(col(Outage.id).desc()).limit(20))),
        }
    told = {"says": error.says, "do": cure(error)} if error else None
    return page(
        desk,
        "outage.html",
        who,
        status_of(error) if error else 200,
        error=told,
        typed=typed,
        now=now,
        leads=who.person.role in LEADS,
        proof=proof,
        most=MOST_OPEN,
        **shown,
    )


@router.post("/outage/prove")
def prove(desk: TheDesk, form: AnyForm) -> Response:
    """Walk the whole event log now."""
    prove_whole(desk.store, desk.clock())
    return RedirectResponse("/outage", 303)


@router.post("/outage/{what}")
def change_outage(what: str, desk: TheDesk, form: LeaderForm) -> Response:
    """Open, move or close the outage, in this person's name."""
    try:
        _change(desk, form, what)
    except GatewayError as error:
        if error.later:
            raise
        typed = {"why": form.text("why"), "start": form.text("start"), "named": form.texts("named")}
        return _outage(desk, form.who, error, typed)
    return RedirectResponse("/outage", 303)


def _change(desk: Desk, form: LeaderForm, what: str) -> None:
    now, by, start = desk.clock(), form.by, form.text("start")
    if what == "open":
        why = form.text("why") or "opened at the desk"
        with desk.store.write() as session:
            open_outage(session, by=by, why=why, now=now, started_at=parse_instant(start) if start else None)
    elif what == "move":
        with desk.store.write() as session:
            move_start(session, None, parse_instant(start), by=by, now=now)
    elif what == "close":
        sign_outage(desk.store, desk.settings, None, by=by, now=now, named=form.texts("named"))
    else:
        raise NotFound("decision", "There is no such decision.", "Go back and use the buttons.")
