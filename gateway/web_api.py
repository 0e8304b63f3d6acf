"""The JSON API under /api: the same calls as the desk and the command line, for other programs.

A caller is a signed-in browser (cookie, and the CSRF token in `X-CSRF` for changes) or a program with the token of a person, which
`gateway people token` makes. Nothing is answered to anybody else.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from gateway import deciding, endings
from gateway.balance import balance
from gateway.calls import note_call
from gateway.claims import check_claim, claim, give_back
from gateway.desk_work import check_seen, identifier_pages
from gateway.errors import GatewayError, Refused, WrongInput
from gateway.events import record
from gateway.field_values import parse_instant
from gateway.inbox_views import deliveries, delivery_view
from gateway.outage import current_outage, find_outage
from gateway.page_order import reorder_pages
from gateway.people import WRITES, person_of_token
from gateway.queue import Filter, parse_age, queue_rows, queue_view, select_referrals
from gateway.referrals import Weighed, check_version, find_referral
from gateway.release_report import release_status
from gateway.review import open_view, pages_of
from gateway.review_views import as_object
from gateway.sensitive import check_may_open
from gateway.tables import Referral
from gateway.tables_desk import Person
from gateway.undoing import undo
from gateway.web_desk import Desk, Number, TheDesk, desk_of
from gateway.web_list import take_in
from gateway.web_pictures import picture_of
from gateway.web_security import SAFE
from gateway.web_sessions import COOKIE, SignedIn, recognise

router = APIRouter(prefix="/api", tags=["gateway"])
MOST_ROWS = 1000


class Unauthorised(GatewayError):
    """Neither session nor token."""

    def __init__(self) -> None:
        super().__init__("unauthorised", "Sign in, or send a token.", "`gateway people token NAME` makes one.")


def caller(request: Request) -> Person:
    """Who calls; Unauthorised without a session or token."""
    desk = desk_of(request)
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        with desk.store.read() as session:
            person = person_of_token(session, token.strip())
        if person is None:
            raise Unauthorised
        return person
    who = recognise(desk.store, request.cookies.get(COOKIE), desk.settings.web, desk.clock())
    if not isinstance(who, SignedIn) or who.person.must_change:
        raise Unauthorised
    if request.method not in SAFE and request.headers.get("X-CSRF") != who.csrf:
        raise Refused("csrf", "The header X-CSRF does not hold this session's token.", "Use a token instead.")
    return who.person


def writer(person: Annotated[Person, Depends(caller)]) -> Person:
    """Who calls, for changes: everybody but auditors."""
    if person.role not in WRITES:
        raise Refused("role", f"The role {person.role} does not allow this.", "Use another person's token.")
    return person


Caller = Annotated[Person, Depends(caller)]
Writer = Annotated[Person, Depends(writer)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Values(_Body):
    """Values in the contract's form; an empty text takes one away. `version`: what was looked at, to notice others' changes."""

    fields: dict[str, str | bool]
    version: int | None = None


class Approval(_Body):
    """The caller's person compared the identifiers with the picture."""

    despite: str = ""
    version: int | None = None


class Choice(_Body):
    """Service, clinician or clock start; each optional. `why` is needed for the clock."""

    service: str | None = None
    clinician: str | None = None
    clock: str | None = None
    why: str = ""
    version: int | None = None


class Ending(_Body):
    """How a referral ends without being sent."""

    ended_as: str = Field(
        alias="as", description="duplicate, returned, not for us, not a referral, kept on PAS, typed in e-RS"
    )
    why: str = Field(default="", description="the reason; for `not for us` how it was returned or passed on")
    other: str | None = None
    organisation: str = Field(
        default="", description="for `not for us`, which opens an incident: from whom it came, if known"
    )
    hospital_number: str | None = None
    ubrn: str | None = None


class Undo(_Body):
    """Taking the last decision back; an ending needs its reason."""

    why: str = ""
    version: int | None = None


class Call(_Body):
    """A telephone call: whom, what came of it, when it was and when to try again; instants as 2026-11-20T08:42:00Z."""

    whom: str
    result: str = ""
    at: str | None = None
    next_try: str | None = None
    answered: bool = False


class Order(_Body):
    """All page numbers in the right order."""

    pages: list[int]
    version: int | None = None


class Why(_Body):
    """A reason."""

    why: str


def _json(value: Any, status: int = 200) -> Response:
    encoded = jsonable_encoder(
        value, custom_encoder={dt.datetime: lambda i: i.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")}
    )
    return JSONResponse(encoded, status)


@router.get("/referrals")
def list_referrals(
    desk: TheDesk,
    person: Caller,
    state: Annotated[list[str], Query()] = [],  # noqa: B006  (FastAPI reads it, nobody changes it)
    practice: str | None = None,
    priority: str | None = None,
    older_than: str | None = None,
    outage: str | None = None,
    held: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
) -> Response:
    """Referrals in the order of every list, without values of patients; the filters of `gateway queue list`."""
    wanted = Filter(
        states=tuple(state),
        outage=outage,
        practice=practice,
        priority=priority,
        older_than=parse_age(older_than) if older_than else None,
        held=held,
    )
    now = desk.clock()
    with desk.store.read() as session:
        rows = queue_rows(session, select_referrals(session, wanted, now, limit), now)
    return _json(rows)


@router.get("/referrals/{code}")
def one_referral(code: str, desk: TheDesk, person: Caller) -> Response:
    """One referral with its values, questions and near misses, and what happened to it. Who looked is an event."""
    with desk.store.write() as session:
        referral = find_referral(session, code)
        check_may_open(session, referral, person)
        view = as_object(open_view(session, referral, person.name, desk.clock()))
        happened = queue_view(session, referral, desk.clock())
    return _json({**happened, **view})


def _change(desk: Desk, person: Person, code: str, change: Any) -> Response:
    with desk.store.write() as session:
        referral = find_referral(session, code)
        check_may_open(session, referral, person)
        check_claim(referral, person.name, desk.clock())
        weighed = change(session, referral)
        against = weighed.against if isinstance(weighed, Weighed) else ()
        shown = {"referral": referral.code, "state": referral.state, "version": referral.version, "against": against}
    return _json(shown)


@router.post("/referrals/{code}/values")
def set_values(code: str, given: Values, desk: TheDesk, person: Writer) -> Response:
    """Set values, all or none."""
    fields: dict[str, str | bool | None] = {
        name: None if value == "" else value for name, value in given.fields.items()
    }
    by = (person.name, desk.clock())
    return _change(
        desk,
        person,
        code,
        lambda s, r: deciding.set_values(s, r, fields, *by, settings=desk.settings, version=given.version),
    )


@router.post("/referrals/{code}/approve")
def approve(code: str, given: Approval, desk: TheDesk, person: Writer) -> Response:
    """Confirm that this person compared the identifiers with the picture; refused (409) before it was shown or fetched (P3)."""

    def change(session: Session, referral: Referral) -> Weighed:
        by = (person.name, desk.clock())
        check_version(referral, given.version)
        check_seen(session, referral, *by)
        return deciding.approve(session, referral, *by, settings=desk.settings, despite=given.despite)

    return _change(desk, person, code, change)


@router.get("/referrals/{code}/pages")
def list_pages(code: str, desk: TheDesk, person: Caller) -> Response:
    """The pages in reading order; `identifiers` tells which must be fetched before this person can approve."""
    with desk.store.read() as session:
        referral = find_referral(session, code)
        check_may_open(session, referral, person)
        pages = pages_of(session, referral)
        wanted = identifier_pages(session, referral, pages)
        rows = [
            {"page": n, "id": p.id, "identifiers": p.id in wanted, "drawn": p.picture_sha256 is not None}
            for n, p in enumerate(pages, 1)
        ]
    return _json(rows)


@router.get("/referrals/{code}/pages/{page_id}.png", response_class=Response)
def page_picture(code: str, page_id: Number, desk: TheDesk, person: Caller) -> Response:
    """The picture of one page, to be shown to the person who compares it. Who fetched it is an event."""
    return picture_of(desk, person, code, page_id)


@router.post("/referrals/{code}/choose")
def choose(code: str, given: Choice, desk: TheDesk, person: Writer) -> Response:
    """Choose service, clinician or clock start."""
    if not (given.service or given.clinician or given.clock):
        raise WrongInput("choice", "Nothing was chosen.", "Give service, clinician or clock.")

    def change(session: Session, referral: Referral) -> Weighed | None:
        by, weighed = (person.name, desk.clock()), None
        deciding.check_version(referral, given.version)
        if given.service:
            weighed = deciding.choose_service(session, referral, given.service, *by, settings=desk.settings)
        if given.clinician:
            weighed = deciding.choose_clinician(session, referral, given.clinician, *by, settings=desk.settings)
        if given.clock:
            start = parse_instant(given.clock)
            weighed = deciding.set_clock(session, referral, start, given.why, *by, settings=desk.settings)
        return weighed

    return _change(desk, person, code, change)


@router.post("/referrals/{code}/end")
def end(code: str, given: Ending, desk: TheDesk, person: Writer) -> Response:
    """End it without sending."""

    def change(session: Session, referral: Referral) -> None:
        by = (person.name, desk.clock())
        if given.ended_as == endings.ON_PAS:
            endings.close_on_pas(session, referral, given.hospital_number or "", *by)
        elif given.ended_as == endings.TYPED:
            endings.close_typed(session, referral, given.ubrn or "", *by)
        else:
            other, organisation = find_referral(session, given.other) if given.other else None, given.organisation
            endings.withdraw(session, referral, given.ended_as, given.why, *by, other=other, organisation=organisation)

    return _change(desk, person, code, change)


@router.post("/referrals/{code}/undo")
def take_back(code: str, given: Undo, desk: TheDesk, person: Writer) -> Response:
    """Take the last decision back, as long as nothing is in e-RS."""

    def change(session: Session, referral: Referral) -> Weighed:
        check_version(referral, given.version)
        return undo(session, referral, person.name, desk.clock(), settings=desk.settings, why=given.why)

    return _change(desk, person, code, change)


@router.post("/referrals/{code}/claim")
def claim_it(code: str, desk: TheDesk, person: Writer) -> Response:
    """Take it to work on it, or stay on it longer; refused while somebody else has it."""
    minutes = desk.settings.web.claim_minutes
    return _change(desk, person, code, lambda s, r: claim(s, r, person.name, desk.clock(), minutes))


@router.post("/referrals/{code}/give-back")
def give_it_back(code: str, desk: TheDesk, person: Writer) -> Response:
    """Let others have it."""
    return _change(desk, person, code, lambda s, r: give_back(s, r, person.name, desk.clock()))


@router.post("/referrals/{code}/call")
def call(code: str, given: Call, desk: TheDesk, person: Writer) -> Response:
    """Note a telephone call; until it is answered, the referral is held."""

    def change(session: Session, referral: Referral) -> None:
        note_call(
            session,
            referral,
            whom=given.whom,
            result=given.result,
            rang_at=parse_instant(given.at) if given.at else None,
            next_try_at=parse_instant(given.next_try) if given.next_try else None,
            answered=given.answered,
            by=person.name,
            now=desk.clock(),
        )

    return _change(desk, person, code, change)


@router.post("/referrals/{code}/order")
def order(code: str, given: Order, desk: TheDesk, person: Writer) -> Response:
    """Put its pages into the right order."""

    def change(session: Session, referral: Referral) -> None:
        check_version(referral, given.version)
        reorder_pages(session, referral, given.pages, person.name, desk.clock())

    return _change(desk, person, code, change)


@router.post("/referrals/{code}/hold")
def hold(code: str, given: Why, desk: TheDesk, person: Writer) -> Response:
    """Keep it back from every release."""
    return _change(desk, person, code, lambda s, r: endings.hold(s, r, given.why, person.name, desk.clock()))


@router.post("/referrals/{code}/unhold")
def unhold(code: str, desk: TheDesk, person: Writer) -> Response:
    """Let it go again."""
    return _change(desk, person, code, lambda s, r: endings.unhold(s, r, person.name, desk.clock()))


@router.get("/deliveries")
def list_deliveries(
    desk: TheDesk,
    person: Caller,
    outcome: str | None = None,
    flag: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
) -> Response:
    """The newest deliveries, oldest of them first, as `gateway inbox list --json` gives them."""
    with desk.store.read() as session:
        rows = deliveries(session, outcome=outcome, flag=flag, limit=limit)
    return _json([{k: v for k, v in row.items() if k != "papers"} for row in rows])


@router.get("/deliveries/{code}")
def one_delivery(code: str, desk: TheDesk, person: Caller) -> Response:
    """One delivery with the referrals made of it."""
    with desk.store.write() as session:
        view = delivery_view(session, code)
        record(session, "values.viewed", view["delivery"], person.name, desk.clock())
    return _json(view)


@router.post("/deliveries", status_code=201)
def hand_in(
    desk: TheDesk,
    person: Writer,
    file: Annotated[UploadFile, File(description="PDF, TIFF, picture or mail")],
    arrived_at: Annotated[str | None, Query(description="when the paper arrived, if not now")] = None,
) -> Response:
    """Hand a file in. The answer comes after the commit: 201 means kept (P1)."""
    given = parse_instant(arrived_at) if arrived_at else None
    code = take_in(desk, file.file.read(), file.filename or "", person.name, given)
    return _json({"delivery": code}, 201)


@router.get("/balance")
def the_balance(desk: TheDesk, person: Caller, outage: str | None = None) -> Response:
    """The sum that proves that no page was lost, as `gateway balance --json` gives it."""
    with desk.store.read() as session:
        found = balance(session, find_outage(session, outage) if outage else None)
    return _json(found.as_json(desk.clock()))


@router.get("/outage")
def the_outage(desk: TheDesk, person: Caller) -> Response:
    """The open outage, or null."""
    with desk.store.read() as session:
        found = current_outage(session)
    return _json(found.model_dump() if found else None)


@router.get("/release")
def the_release(desk: TheDesk, person: Caller) -> Response:
    """How the last release stands, as `gateway release status --json` gives it."""
    with desk.store.read() as session:
        status = release_status(session, desk.clock())
    return _json(status)


@router.get("/openapi.json")
def openapi(request: Request, person: Caller) -> Response:
    """This API, described."""
    return JSONResponse(request.app.openapi())
