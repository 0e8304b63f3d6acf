"""The work screen's pages: showing one referral, carrying out its buttons, keeping drafts, comparing two side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlmodel import Session

from gateway.claims import claim
from gateway.deciding import services_listed
from gateway.desk_decisions import DECISIONS, NOTICES, Act, FieldErrors, decide, fields_of
from gateway.desk_list import Filters, next_code
from gateway.desk_words import cure
from gateway.desk_work import changes_since, read_typed, work_view
from gateway.drafts import keep_draft
from gateway.errors import GatewayError, NotFound
from gateway.people import WRITES
from gateway.referrals import OPEN_TO_CHANGE, find_referral
from gateway.sensitive import check_may_open
from gateway.tables import Referral
from gateway.web_desk import Desk, Form, Posted, TheDesk, Who, page, status_of
from gateway.web_sessions import Ended, SignedIn

router = APIRouter()
_ZOOMS = ("fit", "wide", "large")


@router.get("/referrals/{code}")
def work(code: str, request: Request, desk: TheDesk, who: Who, told: str = "", about: str = "") -> Response:
    """One referral beside its pictures; opening it claims it for whoever may work on it."""
    with desk.store.write() as session:
        referral = find_referral(session, code)
        check_may_open(session, referral, who.person)
        if who.person.role in WRITES and referral.state in OPEN_TO_CHANGE:
            claim(session, referral, who.person.name, desk.clock(), desk.settings.web.claim_minutes)
        shown = _shown(session, desk, who, referral, dict(request.query_params))
    notice = f"{about or referral.code}: {NOTICES[told]}" if told in NOTICES and _is_code(about) else ""
    return page(desk, "work.html", who, notice=notice, error=None, changes=(), **shown)


def _is_code(text: str) -> bool:
    return not text or (text[:2] == "R-" and text[2:].isalnum() and len(text) < 16)


def _shown(
    session: Session, desk: Desk, who: SignedIn, referral: Referral, query: dict[str, str], **more: Any
) -> dict[str, Any]:
    filters = Filters.of(query)
    zoom = query.get("zoom", "fit")
    turn = query.get("turn", "0")
    return {
        "view": work_view(session, referral, who.person, desk.clock(), desk.settings, **more),
        "services": services_listed(session),
        "now": desk.clock(),
        "filters": filters,
        "back": filters.query(page=filters.page),
        "zoom": zoom if zoom in _ZOOMS else "fit",
        "turn": turn if turn in ("90", "180", "270") else "0",
    }


@router.post("/referrals/{code}/draft")
def draft(code: str, desk: TheDesk, form: Form) -> Response:
    """Keep what is being typed; called by the page itself while somebody types."""
    with desk.store.write() as session:
        referral = find_referral(session, code)
        check_may_open(session, referral, form.who.person)
        now = desk.clock()
        typed = read_typed(session, referral, _values(form), now)
        kept = keep_draft(session, form.who.person, referral, typed.changed, now)
        claim(session, referral, form.by, now, desk.settings.web.claim_minutes)
    return JSONResponse({"kept": kept, "errors": typed.errors})


def _values(form: Posted) -> dict[str, str]:
    return fields_of({name: value for name, value in form.fields.items() if isinstance(value, str)})


@router.post("/referrals/{code}/{what}")
def act(code: str, what: str, desk: TheDesk, form: Form) -> Response:
    """One button. What is refused is told on the same page, with everything typed still there."""
    if what not in DECISIONS:
        raise NotFound("decision", "There is no such decision.", "Go back and use the buttons.")
    query = dict(parse_qsl(form.text("from")))
    filters = Filters.of(query)
    try:
        with desk.store.write() as session:
            referral = find_referral(session, code)
            check_may_open(session, referral, form.who.person)
            deed = Act(
                session,
                referral,
                form.who.person,
                desk.clock(),
                desk.settings,
                form.text,
                form.numbers,
                _values(form),
            )
            done = decide(what, deed, form.number("version"))
            following = next_code(session, filters, form.who.person, desk.clock(), referral.code) if done.next else None
    except GatewayError as error:
        if error.later or error.code in ("sensitive", "role"):
            raise
        return _again(code, what, desk, form, query, error)
    told = f"told={done.notice}&about={referral.code}"
    back = filters.query(page=filters.page)
    if not done.next:
        return RedirectResponse(f"/referrals/{referral.code}?{_joined(back, told)}", 303)
    return RedirectResponse(
        f"/referrals/{following}?{_joined(back, told)}" if following else f"/?{_joined(back, told)}", 303
    )


def _joined(*parts: str) -> str:
    return "&".join(part for part in parts if part)


def _again(code: str, what: str, desk: Desk, form: Posted, query: dict[str, str], error: GatewayError) -> Response:
    """The page once more with what was refused, why, and all that was typed; kept as a draft too."""
    given = _values(form)
    answers = {k: v for k, v in form.fields.items() if isinstance(v, str) and k not in given and k != "csrf"}
    answers["pressed"] = what
    with desk.store.write() as session:
        referral = find_referral(session, code)
        now = desk.clock()
        typed = read_typed(session, referral, given, now).changed
        if given:
            keep_draft(session, form.who.person, referral, typed, now)
        errors = error.errors if isinstance(error, FieldErrors) else {}
        changes = changes_since(session, referral, form.number("seen") or 0) if error.code == "stale" else []
        shown = _shown(session, desk, form.who, referral, query, typed=typed, errors=errors, answers=answers)
    told = {"says": error.says, "do": cure(error), "code": error.code}
    return page(desk, "work.html", form.who, status_of(error), notice="", error=told, changes=changes, **shown)


def keep_after_end(desk: Desk, ended: Ended, code: str, typed: dict[str, str]) -> bool:
    """The session ended while somebody typed on the work screen of a referral: keep it as that person's draft."""
    values = fields_of(typed)
    if not values or ended.person.role not in WRITES:
        return False
    try:
        with desk.store.write() as session:
            referral = find_referral(session, code)
            changed = read_typed(session, referral, values, desk.clock()).changed
            return keep_draft(session, ended.person, referral, changed, desk.clock()) > 0
    except GatewayError:
        return False


@router.get("/compare/{code}/{other}")
def compare(code: str, other: str, desk: TheDesk, who: Who, back: str = Query("", alias="from")) -> Response:
    """Two referrals side by side, for suspected duplicates."""
    sides = []
    with desk.store.write() as session:
        for asked in (code, other):
            referral = find_referral(session, asked)
            check_may_open(session, referral, who.person)
            sides.append(work_view(session, referral, who.person, desk.clock(), desk.settings))
    filters = Filters.of(dict(parse_qsl(back)))
    return page(desk, "compare.html", who, sides=sides, back=filters.query(page=filters.page), now=desk.clock())
