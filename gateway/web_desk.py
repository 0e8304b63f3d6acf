"""The desk that all pages share: store, settings, clock and templates; who asks; and how a page is drawn.

Endpoints are plain functions on worker threads. What needs a form takes `Posted`, which has checked session, role and CSRF
token before the endpoint runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Protocol
from urllib.parse import urlsplit

import jinja2
from fastapi import Depends, Request
from fastapi import Path as InPath
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse

import templates
from gateway.desk_ers_session import ErsSessions
from gateway.desk_words import FILTERS, whole_number
from gateway.errors import GatewayError, Refused
from gateway.oidc import Oidc
from gateway.people import ADMINISTRATOR, LEADS, WRITES
from gateway.settings import Settings
from gateway.store import Store
from gateway.web_sessions import COOKIE, AddressThrottle, Ended, SignedIn, recognise, touch
from inbox.delivery import Delivery

PAGES = Path(templates.__file__).parent / "web"
STATIC = PAGES / "static"


class Intake(Protocol):
    """Where a handed-in file goes (gateway.intake.Intake)."""

    def accept(self, delivery: Delivery) -> str:
        """Keep it for good and return its reference."""
        ...


class NeedsSignIn(Exception):
    """Nobody is signed in. `kept`: what was being typed was kept as a draft."""

    def __init__(self, kept: bool = False) -> None:
        super().__init__("sign in")
        self.kept = kept


class NeedsPassword(Exception):
    """Signed in with a one-time password, which must be changed first."""


class FormTooOld(Refused):
    """The CSRF token is not this session's: the page is from before the last sign-in."""

    def __init__(self) -> None:
        super().__init__("csrf", "This page is from before you signed in last, so nothing was done.", "Open it again.")


@dataclass
class Desk:
    """What every page needs. `intake` and `jobs` are None where the desk only looks."""

    store: Store
    settings: Settings
    intake: Intake | None
    jobs: Any
    clock: Callable[[], dt.datetime]
    environment: jinja2.Environment
    throttle: AddressThrottle = field(default_factory=AddressThrottle)
    ers_sessions: ErsSessions = field(init=False)
    oidc: Oidc = field(init=False)
    banner: Callable[[SignedIn], dict[str, Any]] | None = None
    kept_drafts: Callable[[Ended, str, dict[str, str]], bool] | None = None

    def __post_init__(self) -> None:
        self.oidc = Oidc(self.settings.desk)
        # nobody's session at e-RS outlives the shift in which it was begun
        self.ers_sessions = ErsSessions(dt.timedelta(hours=self.settings.web.shift_hours))

    @property
    def https(self) -> bool:
        """Whether people reach the desk over TLS: its own, or that of whatever stands before it."""
        web = self.settings.web
        return web.certificate is not None or (web.address or "").lower().startswith("https://")


def make_environment() -> jinja2.Environment:
    """The page templates: every value is escaped, and a missing one is a defect instead of an empty place."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    return environment


def own_address(desk: Desk, request: Request, path: str) -> str:
    """The whole address of one of our pages, as the sign-in service has it registered."""
    base = desk.settings.web.address or str(request.base_url)
    return base.rstrip("/") + path


def desk_of(request: Request) -> Desk:
    """The desk of this application."""
    desk: Desk = request.app.state.desk
    return desk


def _session(request: Request) -> SignedIn | Ended | None:
    desk = desk_of(request)
    return recognise(desk.store, request.cookies.get(COOKIE), desk.settings.web, desk.clock())


def signed_in(request: Request) -> SignedIn:
    """Who asks, for pages that only show; NeedsSignIn otherwise."""
    who = _session(request)
    if not isinstance(who, SignedIn):
        raise NeedsSignIn
    if who.person.must_change and request.url.path not in ("/password", "/sign-out"):
        raise NeedsPassword
    # a page that refreshes itself must not keep a session open for ever
    if who.session_id is not None and request.headers.get("X-Live") is None:
        desk = desk_of(request)
        touch(desk.store, who.session_id, desk.clock())
    return who


Number = Annotated[int, InPath(ge=1, lt=1 << 31)]
"""A row's number in an address, of those that a database holds."""

Who = Annotated[SignedIn, Depends(signed_in)]
TheDesk = Annotated[Desk, Depends(desk_of)]


@dataclass(frozen=True)
class Posted:
    """A form that a person sent: checked session, role and CSRF token, and its fields."""

    who: SignedIn
    fields: FormData

    def text(self, name: str) -> str:
        """One field, without spaces around; empty where it is not there."""
        value = self.fields.get(name)
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """All values of a field that may stand several times."""
        return [value for value in self.fields.getlist(name) if isinstance(value, str)]

    def numbers(self, name: str) -> list[int]:
        """The same, as numbers; what is none is left out."""
        return [number for value in self.texts(name) if (number := whole_number(value)) is not None]

    def number(self, name: str) -> int | None:
        """One number, or None."""
        return whole_number(self.text(name))

    def files(self, name: str) -> list[UploadFile]:
        """Uploaded files that were really chosen."""
        return [value for value in self.fields.getlist(name) if isinstance(value, UploadFile) and value.filename]

    @property
    def by(self) -> str:
        """The author of what is done."""
        return self.who.person.name


async def posted_by_anyone(request: Request) -> Posted:
    """A form of anybody who is signed in: own password, sign-out, own preferences."""
    who = await run_in_threadpool(_session, request)
    fields = await request.form(max_files=20, max_fields=200, max_part_size=200_000)
    if isinstance(who, Ended):
        raise NeedsSignIn(kept=await run_in_threadpool(_keep_typed, request, who, fields))
    if who is None:
        raise NeedsSignIn
    given = request.headers.get("X-CSRF") or fields.get("csrf")
    if given != who.csrf:
        raise FormTooOld
    if who.session_id is not None:
        desk = desk_of(request)
        await run_in_threadpool(touch, desk.store, who.session_id, desk.clock())
    return Posted(who, fields)


def _keep_typed(request: Request, who: Ended, fields: FormData) -> bool:
    """The session ended while somebody typed: keep the values for that person, if the form really was that person's."""
    desk = desk_of(request)
    code = request.path_params.get("code")
    if desk.kept_drafts is None or not code or fields.get("csrf") != who.csrf or who.person.disabled_at is not None:
        return False
    typed = {name: value for name, value in fields.items() if isinstance(value, str)}
    return desk.kept_drafts(who, code, typed)


def _may(posted: Posted, roles: frozenset[str], what: str) -> Posted:
    if posted.who.person.must_change:
        raise NeedsPassword
    if posted.who.person.role not in roles:
        raise Refused("role", f"Your role ({posted.who.person.role}) does not allow this.", what)
    return posted


async def posted(posted: Annotated[Posted, Depends(posted_by_anyone)]) -> Posted:
    """A form of somebody who may change things: everybody but auditors."""
    return _may(posted, WRITES, "Ask a referral clerk to do it.")


async def posted_by_leader(posted: Annotated[Posted, Depends(posted_by_anyone)]) -> Posted:
    """A form of a team leader or administrator: releases, outages."""
    return _may(posted, LEADS, "Ask a team leader to do it.")


async def posted_by_administrator(posted: Annotated[Posted, Depends(posted_by_anyone)]) -> Posted:
    """A form of an administrator: people."""
    return _may(posted, frozenset({ADMINISTRATOR}), "Ask an administrator to do it.")


AnyForm = Annotated[Posted, Depends(posted_by_anyone)]
Form = Annotated[Posted, Depends(posted)]
LeaderForm = Annotated[Posted, Depends(posted_by_leader)]
AdministratorForm = Annotated[Posted, Depends(posted_by_administrator)]


def page(desk: Desk, name: str, who: SignedIn | None, status: int = 200, **shown: Any) -> HTMLResponse:
    """Draw a page; signed-in people get the banner on it."""
    banner = desk.banner(who) if who is not None and desk.banner is not None else None
    text = desk.environment.get_template(name).render(who=who, banner=banner, office=desk.settings.office, **shown)
    return HTMLResponse(text, status)


STATUS = {"NotFound": 404, "WrongInput": 422, "TurnedAway": 401, "Refused": 409, "FormTooOld": 403, "Later": 503}


def status_of(error: GatewayError) -> int:
    """The HTTP status of an error: one map for pages and JSON."""
    if error.code == "role" and isinstance(error, Refused):
        return 403
    return next((STATUS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in STATUS), 500)


def local_path(given: str | None) -> str:
    """A path of our own to go to after signing in; anything else is the list."""
    if not given or not given.startswith("/") or given.startswith(("//", "/\\")) or "\\" in given:
        return "/"
    parts = urlsplit(given)
    return given if not parts.scheme and not parts.netloc and given.isprintable() else "/"
